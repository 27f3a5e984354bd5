"""Answers from files: journals, other sets', empty, unknown and missing ones; the baselines."""

import json

import pytest

from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.training.bench.answers import ByLexicon, read_answers
from affecthub.training.bench.baselines import BASELINES, baseline_run
from affecthub.training.bench.benchmark import Scoring, evaluate, from_answers, from_baseline
from affecthub.training.bench.references import chosen_sets, read_sets

NO_INTERVALS = Scoring(n_resamples=0)


def test_right_answers_score_all_nine_sets(nine, right_answers):
    found = from_answers(right_answers, nine, NO_INTERVALS).result
    assert found["missing"] == [] and not found["partial"]
    assert found["mean"]["value"] == found["mean_f1"]["value"] == 1
    assert found["tasks"] == {"basic": 1.0, "sentiment": 1.0, "fine_grained": 1.0}
    assert found["extractor"] == "lexicon"
    assert "labels: taken out by the lexicon" in "; ".join(found["published"]["because"])


def test_csv_and_json_answers_are_read_like_journals(nine, right_answers, references, tmp_path):
    lines = [json.loads(line) for line in (right_answers / "meld.jsonl").read_text().splitlines()]
    rows = [f'{line["id"]},"{line["prediction"]}"' for line in lines]
    (tmp_path / "meld.csv").write_text("\n".join(["name,openset", *rows]))
    said = {line["id"].partition("/")[2]: [line["prediction"]] for line in lines}
    (tmp_path / "iemocap-answers.txt").write_text("not an answer file")
    found = from_answers(tmp_path, nine, NO_INTERVALS).result
    assert found["mean"]["value"] == 1 and list(found["sets"]) == ["meld"]
    (tmp_path / "meld.csv").unlink()
    (tmp_path / "meld.json").write_text(json.dumps(said))
    assert from_answers(tmp_path, nine, NO_INTERVALS).result["mean"]["value"] == 1


def test_what_is_missing_is_named(nine, right_answers, tmp_path):
    found = from_answers(right_answers, nine, NO_INTERVALS, sets=["meld", "mosi"]).result
    assert list(found["sets"]) == ["meld", "cmu_mosi"] and found["partial"]
    assert "over 2 of nine sets (not at hand: mer2023" in found["notes"][0]
    for name in ("meld", "iemocap"):
        (tmp_path / f"{name}.jsonl").write_bytes((right_answers / f"{name}.jsonl").read_bytes())
    notes = from_answers(tmp_path, nine, NO_INTERVALS).result["notes"]
    assert "not answered: mer2023, mer2024, cmu_mosi" in notes[0]
    assert "meld 4 of 2,610" in notes[1]


def test_clips_without_an_answer_and_answers_without_a_clip(
    nine, references, write_journal, tmp_path
):
    ids = references["meld"].rows["id"]
    write_journal(tmp_path / "meld.jsonl", {ids[0]: "", ids[1]: "joy", "meld/other": "joy"})
    with pytest.warns(UserWarning, match="3 of 4 clips of meld have no answer.*; 1 answers are to"):
        found = from_answers(tmp_path, nine, NO_INTERVALS).result
    entry = found["sets"]["meld"]
    assert (entry["n_clips"], entry["n_unanswered"], entry["n_unknown"]) == (4, 3, 1)
    assert any(note.startswith("Clips without an answer: meld 3") for note in found["notes"])


def test_answers_to_another_set_are_known_as_such(nine, right_answers, write_journal, tmp_path):
    (tmp_path / "meld.jsonl").write_bytes((right_answers / "iemocap.jsonl").read_bytes())
    with pytest.raises(ValueError, match="of another set: got clips of iemocap, expected those of"):
        from_answers(tmp_path, nine, NO_INTERVALS)
    write_journal(tmp_path / "meld.jsonl", {"nobody": "joy"})
    with pytest.raises(ValueError, match=r"meld.jsonl does not answer meld: .*share no clip"):
        from_answers(tmp_path, nine, NO_INTERVALS)
    (tmp_path / "meld.jsonl").write_text("")
    with pytest.raises(ValueError, match="meld.jsonl is empty"):
        from_answers(tmp_path, nine, NO_INTERVALS)
    (tmp_path / "meld.json").write_text('["joy"]')
    (tmp_path / "meld.jsonl").unlink()
    with pytest.raises(
        ValueError, match="no clip ids and 1 answers: expected one for each of the 4"
    ):
        from_answers(tmp_path, nine, NO_INTERVALS)


def test_folders_without_answers_or_sets(nine, tmp_path):
    with pytest.raises(ValueError, match="holds none to the sets at hand: got answers to no set"):
        from_answers(tmp_path, nine, NO_INTERVALS)
    with pytest.raises(ValueError, match="holds none of the sets: got an empty folder"):
        read_sets(tmp_path)
    with pytest.raises(FileNotFoundError, match="`data_root`: got .*gone"):
        read_sets(tmp_path / "gone")
    with pytest.raises(ValueError, match="unknown set of MER-UniBench.*Did you mean 'meld'"):
        chosen_sets(["mled"])


def test_checkpoints_as_files_of_a_set(nine, references, write_journal, tmp_path):
    for name in ("meld", "iemocap"):
        ids, labels = references[name].rows["id"], references[name].labels
        write_journal(tmp_path / name / "e1.jsonl", dict(zip(ids, labels, strict=True)))
        write_journal(tmp_path / name / "e2.jsonl", dict.fromkeys(ids, "zzz"))
    last = from_answers(tmp_path, nine, NO_INTERVALS).result
    assert set(last["checkpoints"].values()) == {"e2"} and last["mean"]["value"] == 0
    best = Scoring(n_resamples=0, protocol="official-best-epoch")
    found = from_answers(tmp_path, nine, best).result
    assert found["mean"]["value"] == 1 and found["epochs"]["mean"]["best_single"] == 1
    (tmp_path / "meld" / "e2.jsonl").rename(tmp_path / "meld" / "e3.jsonl")
    (tmp_path / "meld" / "e1.jsonl").rename(tmp_path / "meld" / "e0.jsonl")
    with pytest.raises(
        ValueError, match="no checkpoint answered every set: got iemocap by e1, e2; meld"
    ):
        read_answers(tmp_path, references, ByLexicon(), checkpoint="last")


def test_label_files_are_references_too(write_journal, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ch_sims.csv").write_text("id,label\na,0.4\nb,-1.0\nc,\n")
    write_journal(tmp_path / "answers" / "ch_sims.jsonl", {"a": "positive", "b": "He is happy."})
    found = from_answers(tmp_path / "answers", tmp_path / "data", NO_INTERVALS).result
    assert found["sets"]["ch_sims"]["scores"]["acc"]["value"] == 0.5
    assert "Clips without a gold label, left out: ch_sims 1." in found["notes"]
    (tmp_path / "data" / "ch_sims.csv").write_text("id,label\na,much\n")
    with pytest.raises(ValueError, match=r"ch_sims.csv, clip a: got 'much', expected a number"):
        read_sets(tmp_path / "data")


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_answers(references, name):
    run = baseline_run(name, references, load_lexicon())
    found = evaluate(run, NO_INTERVALS, name=name, references=references).result
    assert 0 <= found["mean"]["value"] < 1
    again = baseline_run(name, references, load_lexicon())
    assert all(run[each][""].labels == again[each][""].labels for each in run)


def test_a_baseline_on_a_few_clips(nine):
    found = from_baseline("random", nine, NO_INTERVALS, limit=2).result
    assert found["system"] == "random" and found["notes"][0].startswith("random: every clip gets")
    assert all(entry["n_clips"] <= 2 for entry in found["sets"].values())


def test_baselines_by_hand(references):
    lexicon = load_lexicon()
    chosen = {name: references[name] for name in ("meld", "cmu_mosi", "ov_merd")}
    majority, constant, read = (
        baseline_run(name, chosen, lexicon)
        for name in ("majority", "constant", "lexicon-on-subtitle")
    )
    labels = chosen["meld"].labels
    scored = [label for label in labels if label != "neutral"]
    assert majority["meld"][""].labels[0] == [max(scored, key=scored.count)]
    assert set(constant["meld"][""].labels[0]) == set(labels)
    assert set(majority["cmu_mosi"][""].labels) <= {"positive", "negative"}
    for done in (read["meld"][""], read["ov_merd"][""]):
        assert done.answers == chosen[done.test_set.name].subtitles
    with pytest.raises(ValueError, match="unknown baseline.*Did you mean 'majority'"):
        baseline_run("majorty", chosen, lexicon)
    silent = {name: wanted.only(range(2)) for name, wanted in chosen.items()}
    for wanted in silent.values():
        wanted.subtitles = [None, None]
    with pytest.raises(ValueError, match="lexicon-on-subtitle has nothing to read"):
        baseline_run("lexicon-on-subtitle", silent, lexicon)
