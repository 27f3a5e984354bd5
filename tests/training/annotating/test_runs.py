import csv
import json
from pathlib import Path

import pytest
import yaml

from affecthub.datasets_scripts import load_dataset, make_demo
from affecthub.training.annotating.clips import corpus_rows
from affecthub.training.annotating.result import label_figures, write_result
from affecthub.training.annotating.run_file import load_run, run_names
from affecthub.training.annotating.running import run_steps
from affecthub.training.annotating.speaking import Speaking
from affecthub.training.asking.asks import Reply
from affecthub.training.asking.prompts.registry import load_prompt

LABELS = [load_prompt(name).text[:25] for name in ("extract_labels", "extract_labels_zh")]


class Model:
    """Answers by what it is asked and by the clip; knows how often it was asked."""

    takes = frozenset({"audio", "video"})
    batch_size = 4

    def __init__(self, model, **settings):
        self.name, self.asked, self.closed = model, [], False

    def answer(self, asks):
        self.asked += [ask.clip_id for ask in asks]
        return [self.reply(ask) for ask in asks]

    def reply(self, ask):
        if self.name == "broken":
            return Reply(error="the server said no")
        if any(ask.question.startswith(asked) for asked in LABELS):
            return Reply('["angry", "worried"]')
        kinds = "+".join(sorted(ask.kinds)) or "words"
        return Reply(f"{self.name} {kinds} of {ask.clip_id}: an angry frown.")

    def close(self):
        self.closed = True


class Models:
    def __init__(self):
        self.made = {}

    def __call__(self, model, **settings):
        return self.made.setdefault(model, Model(model, **settings))

    @property
    def n_asked(self):
        return sum(len(each.asked) for each in self.made.values())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_demo(tmp_path_factory.mktemp("demo") / "c", n_clips=6, n_speakers=2)


@pytest.fixture
def rows(corpus):
    return corpus_rows("demo", corpus)


def fill(folder, **after):
    """Somebody looks at every row of all tables that wait."""
    for table in sorted(Path(folder).glob("*.csv")):
        with table.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
        for line in lines:
            line["checker"] = line["checker"] or f"person {table.stem[-1]}"
            line["after"] = after.get(line["id"], line["after"])
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)


def test_runs_that_come_along_are_whole():
    assert run_names() == ["emer", "emer_strategies", "mer_caption"]
    for name in run_names():
        run = load_run(name)
        assert run.steps and run.result and all(not each for each in run.backends.values())


def test_emer_waits_for_people_twice_and_goes_on(rows, tmp_path):
    run = load_run("emer").with_models({"sees": "eye", "says": "mouth"})
    models = Models()
    first = run_steps(run, rows, tmp_path, make_backend=models)
    assert {name: sum(t.values()) for name, t in first.waiting.items()} == {
        "visual_clue": 6,
        "acoustic_clue": 6,
    }
    assert first.texts.of_step["labels"] == {}
    assert len(first.texts.of_step["labels_text"]) == 6
    asked = models.n_asked
    clip = rows[0]["id"]
    fill(tmp_path / "people", **{clip: "A calm face."})
    second = run_steps(run, rows, tmp_path, make_backend=models)
    assert set(second.waiting) == {"visual_clue", "acoustic_clue"}  # the second round
    fill(tmp_path / "people")
    third = run_steps(run, rows, tmp_path, make_backend=models)
    assert set(third.waiting) == {"labels"}
    fill(tmp_path / "people")
    last = run_steps(run, rows, tmp_path, make_backend=models)
    assert not last.waiting and models.n_asked > asked
    told = write_result(last, tmp_path)
    annotated = [json.loads(t) for t in (tmp_path / "annotated/annotations.jsonl").open()]
    assert [each["id"] for each in annotated] == [row["id"] for row in rows]
    one = annotated[0]
    assert one["visual_clue"] == "A calm face." and one["description"].startswith("A calm face.")
    assert one["steps"]["visual"].startswith("eye video of")
    before, after = one["rounds"]["visual_clue"]
    assert before["before"].startswith("eye") and before["after"] == after["before"]
    assert (before["checker"], after["checker"]) == ("person 1", "person 2")
    assert one["open_vocabulary"] == ["angry", "worried"]
    assert told["labels"]["open_vocabulary"]["per_clip"] == 2
    assert told["compared"]["Multi"]["set_overlap"] == 1.0
    assert "| Multi | 100.00 |" in (tmp_path / "report.md").read_text()
    again = models.n_asked
    run_steps(run, rows, tmp_path, make_backend=models)
    assert models.n_asked == again and all(each.closed for each in models.made.values())


def test_what_was_made_loads_as_a_folder_of_ones_own(rows, tmp_path):
    run = load_run("emer_strategies").with_models({"sees": "m", "says": "m"})
    state = run_steps(run, rows, tmp_path, make_backend=Models())
    told = write_result(state, tmp_path)
    assert set(told["compared"]) == {"S0", "S1", "S2"}
    loaded = load_dataset("folder", data_dir=tmp_path / "annotated")
    (split,) = loaded.values()
    assert split["id"] == [row["id"] for row in rows]
    assert split[0]["description"].startswith("m words of")
    assert split[0]["open_vocabulary"] == ["angry", "worried"]


def test_mer_caption_sifts_and_keeps_what_it_drops(rows, tmp_path):
    ids = [row["id"] for row in rows]
    scores = dict.fromkeys(ids, Speaking(0.9)) | {
        ids[0]: Speaking(0.1),
        ids[1]: Speaking(None, "-"),
    }
    for name, votes in (("one", ["anger", "anger", "joy"]), ("two", ["anger", "fear", "joy"])):
        lines = [{"id": i, "label": votes[n % 3]} for n, i in enumerate(ids)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    content = yaml.safe_load(
        (Path(load_run.__code__.co_filename).parent / "runs/mer_caption.yaml").read_text()
    )
    content["steps"]["agreed"] = {
        "filter": "crowd",
        "of": "open_vocabulary",
        "votes": {n: str(tmp_path / f"{n}.jsonl") for n in ("one", "two")},
        "unknown": "keep",
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    run = load_run(tmp_path / "mine.yaml").with_models({"hears": "h", "sees": "s", "says": "m"})
    asked = []

    def speaker(row):
        asked.append(row["id"])
        return scores[row["id"]]

    models, told = Models(), []
    state = run_steps(
        run, rows, tmp_path / "o", make_backend=models, speaker=speaker, tell=told.append
    )
    assert state.dropped == {
        ids[0]: ("speaking", "another one speaks: score 0.10 under 0.50"),
        ids[2]: ("agreed", "the crowd says joy, the description angry"),
        ids[5]: ("agreed", "the crowd says joy, the description angry"),
    }
    assert (
        ids[0] not in models.made["h"].asked
        and told[0] == "speaking: 1 dropped, 5 kept, 1 not judged"
    )
    report = write_result(state, tmp_path / "o")
    assert report["filters"]["agreed"]["kept"] == 3
    assert report["filters"]["agreed"]["facts"]["classifiers"][0][1] == pytest.approx(3 / 5)
    dropped = [json.loads(t) for t in (tmp_path / "o/dropped.jsonl").open()]
    assert {each["id"]: each["filter"] for each in dropped}[ids[2]] == "agreed"
    assert (
        dropped[-1]["description"]
        and "Agreement of the classifiers" in (tmp_path / "o/report.md").read_text()
    )
    run_steps(run, rows, tmp_path / "o", make_backend=models, speaker=speaker)
    assert len(asked) == 6  # scores are kept


def test_an_error_leaves_a_clip_out_of_what_follows(rows, tmp_path):
    run = load_run("emer_strategies").with_models({"sees": "broken", "says": "m"})
    with pytest.warns(UserWarning, match="could not be asked"):
        state = run_steps(run, rows, tmp_path, make_backend=Models())
    assert state.texts.of_step["s2"] == {}
    assert set(state.lacking["s0"].values()) == {"the server said no"}
    assert set(state.lacking["s2"].values()) == {"nothing from s0"}
    assert write_result(state, tmp_path)["steps"]["s0"]["lacking"] == {"the server said no": 6}


def test_another_model_is_refused_and_asked_when_that_is_said(rows, tmp_path):
    run = load_run("emer_strategies")
    one = run.with_models({"sees": "a", "says": "m"})
    run_steps(one, rows, tmp_path, make_backend=Models())
    other = run.with_models({"sees": "b", "says": "m"})
    with pytest.raises(ValueError, match="s0.jsonl holds 6 answers of another model"):
        run_steps(other, rows, tmp_path, make_backend=Models())
    with pytest.warns(UserWarning, match="have changed"):  # what follows reads other texts
        state = run_steps(other, rows, tmp_path, make_backend=Models(), again=["s0", "s1"])
    assert state.texts.of_step["s0"][rows[0]["id"]].startswith("b ")


GOOD = {
    "backends": {"m": "script:x"},
    "steps": {"a": {"ask": "emer_s0_av", "by": "m"}, "b": {"join": ["a"]}},
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"steps": {}}, "`steps`: got none"),
        ({"stesp": 1}, "field of a run.*'stesp'"),
        ({"steps": {"a": {"ask": "nope", "by": "m"}}}, "step 'a'"),
        ({"steps": {"a": {"ask": "emer_s0_av", "by": "x"}}}, "backend.*'x'"),
        ({"steps": {"a": {"join": ["b"]}, "b": {"join": ["text"]}}}, "does not come before it"),
        ({"steps": {"a": {"join": ["a"]}}}, "does not come before it"),
        ({"steps": {"a": {"ask": "emer_s2", "by": "m"}}}, "has {clue}: name a step by `with`"),
        ({"steps": {"a": {"ask": "emer_s0_av", "by": "m", "with": {"z": "t"}}}}, "placeholder"),
        ({"steps": {"a": {"filter": "size", "of": "b"}}}, "filter.*'size'"),
        ({"steps": {"a": {"filter": "length"}}}, "needs `of`"),
        ({"steps": {"a": {"filter": "crowd", "of": "b"}}}, "needs `votes`"),
        ({"steps": {"a": {"filter": "length", "of": "text", "threshold": 1}}}, "field of filter"),
        ({"steps": {"a": {"filter": "speaker", "deviations": 2}}}, "field of filter `speaker`"),
        ({"steps": {"a": {"filter": "speaker", "threshold": "high"}}}, "`threshold`: got 'high'"),
        ({"steps": {"a": {"filter": "speaker", "scores": "no.jsonl"}}}, "no.jsonl does not exist"),
        (
            {"steps": {"a": {"filter": "crowd", "of": "text", "votes": {"x": "no.jsonl"}}}},
            "no.jsonl does not exist",
        ),
        ({"steps": {"a": {"ask": "emer_s0_av", "by": "m", "media": "xy"}}}, "'xy'"),
        (
            {"steps": {"a": {"ask": "emer_s0_av", "by": "m", "frames": "few"}}},
            "`frames`: got 'few'",
        ),
        ({"steps": {"a": {"person": "text", "rounds": 0}}}, "`rounds`: got 0"),
        ({"steps": {"a b": {"join": ["text"]}}}, "is no name"),
        ({"steps": {"a": {"ask": "x", "join": ["y"]}}}, "expected one of ask"),
        ({"result": {"x": "zz"}}, "expected a step's name"),
        ({"compare": {"x": "a"}}, "belong together"),
        ({"backends": {"m": {"modle": 1}}}, "field of backend.*'modle'"),
    ],
)
def test_run_files_that_do_not_fit(tmp_path, change, told):
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(GOOD | change, sort_keys=False))
    with pytest.raises(ValueError, match=told):
        load_run(path)


def test_files_that_are_no_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a run file"):
        load_run(tmp_path / "no.yaml")
    with pytest.raises(ValueError, match="emer"):
        load_run("emre")
    (tmp_path / "x.yaml").write_text("- 1")
    with pytest.raises(ValueError, match="expected an object with `steps`"):
        load_run(tmp_path / "x.yaml")
    (tmp_path / "x.yaml").write_text("a: [")
    with pytest.raises(ValueError, match="no YAML"):
        load_run(tmp_path / "x.yaml")


def test_a_backend_without_a_model_and_a_column_that_is_not_there(rows, tmp_path):
    with pytest.raises(ValueError, match="backend 'sees' of run 'emer_strategies' has no model"):
        run_steps(load_run("emer_strategies"), rows, tmp_path, make_backend=Models())
    with pytest.raises(ValueError, match="backend of emer"):
        load_run("emer").with_models({"seas": "x"})
    content = GOOD | {"steps": {"a": {"join": ["colour"]}}}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match="'colour' is neither an earlier step nor a column"):
        run_steps(load_run(tmp_path / "r.yaml"), rows, tmp_path, make_backend=Models())


@pytest.mark.parametrize(
    "late", [{"steps": {"b": {"filter": "length", "of": "colour"}}}, {"against": "colour"}]
)
def test_what_is_missing_at_the_end_is_told_before_anything_is_asked(rows, tmp_path, late):
    content = GOOD | {"compare": {"A": "a"}, "against": "text"} | late
    content["steps"] = GOOD["steps"] | late.get("steps", {})
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    models = Models()
    with pytest.raises(ValueError, match="'colour' is neither"):
        run_steps(load_run(tmp_path / "r.yaml"), rows, tmp_path, make_backend=models)
    assert models.n_asked == 0


def test_files_beside_a_run_file_are_found_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "votes.jsonl").write_text('{"id": "a", "label": "joy"}\n')
    step = {"filter": "crowd", "of": "text", "votes": {"one": "votes.jsonl"}}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump({"steps": {"agreed": step}}))
    monkeypatch.chdir("/")
    (read,) = load_run(tmp_path / "r.yaml").steps
    assert read.options["votes"] == {"one": str(tmp_path / "votes.jsonl")}


def test_a_model_that_has_nothing_to_answer_is_not_loaded(rows, tmp_path):
    content = {"a": {"person": "text"}, "b": {"ask": "extract_labels", "by": "m"}}
    content["b"]["with"] = {"text": "a"}
    (tmp_path / "r.yaml").write_text(
        yaml.safe_dump({"backends": {"m": "x"}, "steps": content}, sort_keys=False)
    )
    models = Models()
    state = run_steps(load_run(tmp_path / "r.yaml"), rows, tmp_path / "o", make_backend=models)
    assert models.made == {} and state.waiting["a"]


def test_how_many_labels_there_are():
    assert label_figures({"none": []}) == {}
    assert label_figures({"x": [["Angry", "angry"], ["sad"]]})["x"]["n_labels"] == 2


def test_a_filter_waits_for_people_and_drops_nobody_meanwhile(rows, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "steps:\n  seen: {person: text}\n  joined: {join: [seen]}\n"
        "  usual: {filter: length, of: joined}\nresult: {description: joined}\n"
    )
    said = []
    state = run_steps(load_run(file), rows, tmp_path, make_backend=Models(), tell=said.append)
    assert len(state.left) == len(rows) and not state.dropped and not state.sifted
    assert said[-1] == "usual: waits for seen, nothing dropped"
    fill(tmp_path / "people")
    state = run_steps(load_run(file), rows, tmp_path, make_backend=Models())
    assert set(state.sifted) == {"usual"} and len(state.left) + len(state.dropped) == len(rows)
