"""What the leaderboard makes of result files, of what models claim, and of the floor."""

import json

import pytest

from affecthub.hub_cards.spaces.leaderboard import eval_results
from affecthub.hub_cards.spaces.leaderboard.entries import modalities_of
from affecthub.hub_cards.spaces.leaderboard.eval_results import read_hub
from affecthub.hub_cards.spaces.leaderboard.floors import collect, floors_for, known_floors
from affecthub.hub_cards.spaces.leaderboard.launching import gather
from affecthub.hub_cards.spaces.leaderboard.reading import OWN_RESULTS, read_result, read_results
from affecthub.hub_cards.spaces.leaderboard.staging import write_space
from affecthub.hub_cards.spaces.leaderboard.stated import stated_entries
from affecthub.unibench import BENCHMARK_REPO

FILE = ".eval_results/mer_unibench.yaml"
CLAIM = f"""
- dataset: {{id: {BENCHMARK_REPO}, task_id: meld}}
  value: 56.5
  notes: hit rate in per cent; protocol fixed; lexicon mer2025 1; 95 % interval 54.00 to 58.50; \
2,610 clips
- dataset: {{id: {BENCHMARK_REPO}, task_id: ov_merd}}
  value: 60
  notes: set-F in per cent; protocol fixed; lexicon mer2025 1; no interval; 532 clips
- dataset: {{id: someone/else, task_id: default}}
  value: 0.1
"""


def test_a_result_becomes_a_line_in_per_cent(tmp_path, write_result):
    about = "modalities: avt\nmodel: https://example.com/m\nanswers: https://example.com/a\n"
    file = write_result(tmp_path, "mine", 0.5, about)
    entry = read_result(file)
    assert (entry.system, entry.kind, entry.protocol) == ("mine", "scored", "fixed")
    assert entry.lexicon == "mer2025 1"
    assert entry.modalities == ("audio", "video", "text")
    assert entry.answers == "https://example.com/a"
    meld = entry.scores["meld"]
    assert (meld.value, meld.low, meld.high) == pytest.approx((52, 50, 54))
    assert (meld.n_clips, meld.beside) == (2610, pytest.approx(26))
    assert entry.mean.value == pytest.approx(54)
    assert entry.is_whole
    assert "A note." in entry.notes


@pytest.mark.parametrize(
    "broken, what",
    [
        ("{", "no JSON"),
        ("[]", "no result of MER-UniBench: got 'list'"),
        ('{"benchmark": "GLUE"}', "got 'GLUE'"),
        ('{"benchmark": "MER-UniBench", "sets": {}}', "None of the nine sets"),
        ('{"benchmark": "MER-UniBench", "sets": []}', "`sets` is no mapping"),
        ('{"benchmark": "MER-UniBench", "sets": {"mnist": {}}}', "mnist is none of the nine"),
        (
            '{"benchmark": "MER-UniBench", "floors": {"majority": 1}, "sets": {"meld": '
            '{"n_clips": 9, "primary": "hit_rate", "scores": {"hit_rate": {"value": 1}}}}}',
            "not shaped like a result",
        ),
        ('{"benchmark": "MER-UniBench", "sets": {"meld": {}}}', "meld has no scores"),
    ],
)
def test_a_broken_file_is_a_line_of_what_is_wrong(tmp_path, write_result, broken, what):
    write_result(tmp_path, "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bench.json").write_text(broken)
    entries, problems = read_results([tmp_path])
    assert [entry.system for entry in entries] == ["good"]
    assert problems[0].where == "bad/bench.json"
    assert what in problems[0].what


@pytest.mark.parametrize(
    "change, what",
    [
        ({"value": 55.0}, "no share: got 55.0"),
        ({"value": "0.5"}, "no number: got '0.5'"),
        ({"value": True}, "no number"),
        ({"value": 0.9}, "does not hold its score"),
    ],
)
def test_a_score_that_can_not_be_is_refused(tmp_path, write_result, change, what):
    file = write_result(tmp_path, "mine")
    result = json.loads(file.read_text())
    result["sets"]["meld"]["scores"]["hit_rate"] |= change
    file.write_text(json.dumps(result))
    assert what in read_results([file])[1][0].what


@pytest.mark.parametrize(
    "about, what",
    [
        ("modalities: [smell]", "unknown one: got 'smell'"),
        ("modalitys: [audio]", "unknown fields: got modalitys"),
        ("answers: javascript:alert(1)", "`answers` in about.yaml is no address"),
        ("- audio", "no mapping"),
        ("a: [", "no YAML"),
    ],
)
def test_what_is_said_about_a_result_is_checked(tmp_path, write_result, about, what):
    file = write_result(tmp_path, "mine", about=about)
    assert what in read_results([file])[1][0].what


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path):
    (tmp_path / "bench.json").write_bytes(b"\xff\xfe\x00")
    _, problems = read_results([tmp_path, tmp_path / "none"])
    assert ["UTF-8" in problems[0].what, "no such file" in problems[1].what] == [True, True]


def test_claims_of_a_model_are_read_from_its_folder(tmp_path):
    file = tmp_path / "model" / ".eval_results" / "mer_unibench.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CLAIM)
    (entry,), problems = read_results([tmp_path])
    assert not problems
    assert (entry.system, entry.kind) == ("model", "claimed")
    assert (entry.protocol, entry.lexicon) == ("fixed", "mer2025 1")
    meld = entry.scores["meld"]
    assert (meld.value, meld.low, meld.high, meld.n_clips) == (56.5, 54, 58.5, 2610)
    assert entry.scores["ov_merd"].low is None
    assert entry.mean.value == pytest.approx(58.25)
    assert not entry.is_whole


@pytest.mark.parametrize(
    "text, what",
    [
        ("a: 1", "no list"),
        ("- dataset: {id: x}\n  value: 1", "lacks a field: got no 'task_id'"),
        (f"- dataset: {{id: {BENCHMARK_REPO}, task_id: meld}}\n  value: high", "no number"),
        (f"- dataset: {{id: {BENCHMARK_REPO}, task_id: meld}}\n  value: 101", "no per cent"),
        (f"- dataset: {{id: {BENCHMARK_REPO}, task_id: mnist}}\n  value: 1", "mnist is none"),
    ],
)
def test_a_broken_claim_is_told(tmp_path, text, what):
    file = tmp_path / ".eval_results" / "r.yaml"
    file.parent.mkdir()
    file.write_text(text)
    assert what in read_results([file])[1][0].what


@pytest.mark.slow
def test_claims_are_asked_of_the_hub(hub, hub_client, monkeypatch):
    from huggingface_hub import HfApi

    benchmark = "org/mer-unibench"
    monkeypatch.setattr(eval_results, "BENCHMARK_REPO", benchmark)
    nobody, writer = HfApi(hub.url, token=False), HfApi(hub.url, token=hub.tokens["write"])
    entries, problems = read_hub(nobody)
    assert entries == []
    assert problems[0].where == benchmark
    assert "(HTTP 4" in problems[0].what

    def put(kind, repo, path, text):
        writer.create_repo(repo, repo_type=kind)
        writer.upload_file(
            repo_id=repo, repo_type=kind, path_in_repo=path, path_or_fileobj=text.encode()
        )

    put("dataset", benchmark, "eval.yaml", "tasks: [{id: meld}]")
    put("model", "org/heard", FILE, CLAIM.replace(BENCHMARK_REPO, benchmark))
    (entry,), problems = read_hub(nobody)
    assert problems == []
    assert (entry.system, entry.model) == ("org/heard", f"{hub.url}/org/heard")
    assert entry.scores["meld"].value == 56.5


class _Api:
    """Answers as the Hub's client does, of three models, one of which claims nonsense."""

    endpoint = "https://hub.test"

    def get_dataset_leaderboard(self, repo_id, **_):
        assert repo_id == BENCHMARK_REPO
        return [type("Row", (), {"model_id": f"org/{name}"}) for name in ("a", "bad", "gone", "a")]

    def model_info(self, model, **_):
        from huggingface_hub import EvalResultEntry

        if model == "org/gone":
            raise ConnectionError("token=hf_secret")
        value = 50 if model == "org/a" else "much"
        result = EvalResultEntry(BENCHMARK_REPO, "meld", value, notes="modalities audio, text")
        return type("Info", (), {"eval_results": [result]})


def test_a_model_whose_claims_are_broken_leaves_the_others():
    entries, problems = read_hub(_Api())
    assert [(e.system, e.model) for e in entries] == [("org/a", "https://hub.test/org/a")]
    assert entries[0].modalities == ("audio", "text")
    assert [problem.where for problem in problems] == ["org/bad", "org/gone"]
    assert "no number: got 'much'" in problems[0].what
    assert "secret" not in problems[1].what


def test_without_a_network_the_page_stands(tmp_path, write_result):
    write_result(tmp_path, "mine")

    class Offline:
        endpoint = "https://hub.test"

        def get_dataset_leaderboard(self, *_, **__):
            raise ConnectionError("no route")

    entries, problems = gather([tmp_path], hub=True, api=Offline())
    assert len(entries) == 1 + len(stated_entries())
    assert problems[0].what == "The Hub was not read (ConnectionError)."


def test_floors_are_those_known_and_those_that_results_tell(tmp_path, write_result):
    entry = read_result(write_result(tmp_path, "mine"))
    floors = floors_for("mer2025 1", [entry])
    assert floors["majority"]["meld"].value == pytest.approx(33.58, abs=0.005)
    assert floors["constant"]["meld"].value == 100
    assert floors["majority"]["iemocap"].value == pytest.approx(30)
    assert "iemocap" not in floors_for("mer2026", [entry])["majority"]
    assert set(known_floors()) == {"affecthub", "mer2025", "mer2026"}


def test_the_file_of_floors_is_made_from_results(tmp_path, write_result):
    made = collect([write_result(tmp_path, "majority")])
    assert made["floors"]["mer2025"]["majority"]["iemocap"]["value"] == 30
    assert made["floors"]["mer2025"]["constant"]["ov_merd"] == {"value": 47.03, "n_clips": 332}


def test_what_a_paper_states_is_marked_so():
    rows = stated_entries()
    assert len(rows) == 19
    assert {row.kind for row in rows} == {"stated"}
    assert rows[-1].scores["mer2023"].value == 78.54
    assert rows[-1].group != read_group()


def read_group():
    return ("scored", "mer2025 1", "fixed")


@pytest.mark.parametrize(
    "said, found",
    [("avt", ("audio", "video", "text")), (["text", "face"], ("video", "text")), ([], ())],
)
def test_modalities_are_told_apart(said, found):
    assert modalities_of(said) == found


def test_the_space_is_a_folder_that_runs_by_itself(tmp_path, write_result):
    file = write_result(tmp_path, "mine", about="modalities: avt", made_by={"answers": "/home/x"})
    write_space(tmp_path / "space", [file.parent])
    written = {
        str(path.relative_to(tmp_path / "space"))
        for path in (tmp_path / "space").rglob("*")
        if path.is_file()
    }
    here = {"README.md", "app.py", "requirements.txt"}
    names = ("mine", "affectgpt-released-best", "affectgpt-released-fixed")
    beside = {f"results/{name}/{file}" for name in names for file in ("bench.json", "about.yaml")}
    assert written == here | beside
    entries, problems = read_results([tmp_path / "space" / "results"])
    assert (entries[-1].system, problems) == ("mine", [])
    assert "/home/x" not in (tmp_path / "space" / "results" / "mine" / "bench.json").read_text()


def test_the_space_starts_with_answers_that_were_scored():
    best, fixed = read_results([OWN_RESULTS])[0]
    assert round(best.scores["mer2023"].value, 2) == 78.54
    assert best.mean.value > fixed.mean.value
    assert (best.protocol, fixed.protocol) == ("official-best-epoch", "fixed")


def test_a_broken_result_is_not_staged(tmp_path, write_result):
    write_result(tmp_path / "in", "mine")
    (tmp_path / "in" / "bad").mkdir()
    (tmp_path / "in" / "bad" / "bench.json").write_text("{")
    with pytest.raises(ValueError, match="no JSON"):
        write_space(tmp_path / "space", [tmp_path / "in"])
    with pytest.raises(FileNotFoundError, match="No result at"):
        write_space(tmp_path / "space", [tmp_path / "none"])
    assert not (tmp_path / "space").exists()
