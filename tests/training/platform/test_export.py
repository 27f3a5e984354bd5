"""What comes out: votes that aggregation reads, a corpus that `folder` loads, the whole history."""

import json

import numpy as np
import pytest
import yaml
from annotating import LABELS, TASK, vote_of, work_through

import affecthub
from affecthub.annotation.aggregation import mean_vote, weighted_vote
from affecthub.training.platform.clips import open_project, project_of, require_same_clips
from affecthub.training.platform.export import export, read_votes
from affecthub.training.platform.store import Store


@pytest.fixture
def done(begin):
    """Two annotators through everything; they disagree on c2's film, which Rex decides."""
    platform = begin(TASK | {"review": {"negotiation_rounds": 0, "aggregate": "sum"}})
    film_2 = lambda p: (p["item"], p["modality"]) == (2, "film")  # noqa: E731
    work_through(platform.sign_in("ann"), lambda p: {"sure": 0.9})
    work_through(
        platform.sign_in("bob"),
        lambda p: {"label": "anger", "sentiment": -2, "sure": 0.3} if film_2(p) else {"sure": 0.3},
    )
    rex = platform.sign_in("rex")
    answer = {"emotion": {"label": "surprise", "confidence": 0.9}, "sentiment": -1}
    decision = {"item": 2, "modality": "film", "version": 1, "action": "decide", "answer": answer}
    assert rex.post("/api/decisions", json=decision).status_code == 201
    return platform


def test_the_export_is_a_corpus_that_folder_loads(done, clips, tmp_path):
    written = export(done.store, done.project, tmp_path / "out", clips=clips)
    assert (written.n_clips, written.n_labelled, written.n_votes) == (5, 5, 38)
    assert written.n_decisions == 1 and written.lacking == ()
    loaded = affecthub.load_dataset("folder", data_dir=tmp_path / "out", cache_dir=tmp_path / "c")
    assert {split: rows["id"] for split, rows in loaded.items()} == {
        "train": ["c0", "c1", "c2"],
        "test": ["c3", "c4"],
    }
    emotion = loaded["train"].features["emotion"]
    assert emotion.names == LABELS
    assert [emotion.int2str(i) for i in loaded["train"]["emotion"]] == ["joy", "joy", "surprise"]
    assert loaded["train"]["sentiment"] == [1, 1, -1], "mean of both, and the decision"
    assert loaded["train"]["status_film"] == ["agreed", "agreed", "decided"]
    assert loaded["train"]["emotion_score"][:2] == [pytest.approx(1.2)] * 2
    assert loaded["train"]["text"][0] == "sentence 0, 第0句"
    assert [row["audio"] is not None and row["video"] is not None for row in loaded["test"]] == [
        True,
        True,
    ]
    sound, source = (affecthub.read_audio(r) for r in (loaded["train"][0], clips.row(0)))
    assert len(sound) == pytest.approx(len(source), abs=1600)


def test_the_votes_are_those_that_aggregation_reads(done, tmp_path):
    out = export(done.store, done.project, tmp_path / "out").folder
    ids, votes, sure = read_votes(out, "film", "emotion", LABELS)
    assert ids == ["c0", "c1", "c2", "c3", "c4"]
    assert votes.tolist() == [[1, 1], [1, 1], [1, 0], [1, 1], [1, 1]]
    assert sure.tolist() == [[0.9, 0.3]] * 5
    elected, scores = weighted_vote(votes, sure, len(LABELS), rule="sum")
    assert elected.tolist() == [1] * 5 and scores[2].tolist() == [0.3, 0.9, 0, 0]
    _, scores, _ = read_votes(out, "film", "sentiment")
    assert mean_vote(scores).tolist() == [1, 1, -0.5, 1, 1]
    _, texts, _ = read_votes(out, "text", "emotion", LABELS)
    assert texts[4].tolist() == [-1, -1], "the clip without text"
    with pytest.raises(ValueError, match="unknown votes"):
        read_votes(out, "text", "sentiment")


def test_the_history_is_whole_and_without_names(done, tmp_path):
    out = export(done.store, done.project, tmp_path / "out").folder
    lines = [json.loads(line) for line in (out / "history/votes.jsonl").open(encoding="utf-8")]
    assert [line["n"] for line in lines] == sorted(line["n"] for line in lines)
    assert len(lines) == 38 and {line["who"] for line in lines} == {"a001", "a002"}
    (decision,) = map(json.loads, (out / "history/decisions.jsonl").open(encoding="utf-8"))
    assert (decision["clip"], decision["modality"], decision["who"]) == ("c2", "film", "a004")
    everything = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file())
    for name in ("ann", "bob", "rex"):
        assert f'"{name}"' not in everything and f"_{name}" not in everything
    named = export(done.store, done.project, tmp_path / "named", with_names=True).folder
    assert '"who": "ann"' in (named / "history/votes.jsonl").read_text(encoding="utf-8")


def test_an_unfinished_project_is_exported_as_far_as_it_is(begin, tmp_path):
    platform = begin()
    none = export(platform.store, platform.project, tmp_path / "none")
    assert (none.n_labelled, none.n_votes) == (0, 0)
    ann = platform.sign_in("ann")
    ann.post("/api/votes", json=vote_of(ann.post("/api/work/next", json={}).json(), "joy"))
    some = export(platform.store, platform.project, tmp_path / "some")
    assert (some.n_labelled, some.n_votes) == (1, 1)
    rows = affecthub.load_dataset("folder", data_dir=tmp_path / "some", cache_dir=tmp_path / "c")
    statuses = {s for split in rows.values() for s in split["status_text"]}
    assert statuses == {"open"}
    settings = yaml.safe_load((tmp_path / "some/affecthub.yaml").read_text(encoding="utf-8"))
    assert settings["labels"] == LABELS
    with pytest.raises(ValueError, match="not empty"):
        export(platform.store, platform.project, tmp_path / "some")


def test_a_database_is_for_one_corpus_and_task(begin, clips, tmp_path):
    platform = begin()
    words = TASK | {"title": "Other words", "review": {"least_share": 1.0}}
    again = open_project(platform.store, clips, words, LABELS, "a task")
    assert again.task.title["en"] == "Other words"
    assert project_of(platform.store).task.review.least_share == 1.0
    other = TASK | {"annotators_per_clip": 3}
    with pytest.raises(ValueError, match="another `--db`"):
        open_project(platform.store, clips, other, LABELS, "a task")
    with pytest.raises(ValueError, match="other questions"):
        open_project(platform.store, clips, TASK, [*LABELS, "calm"], "a task")
    fewer = type(clips)(clips.corpus, limit=3)
    with pytest.raises(ValueError, match="other clips"):
        require_same_clips(platform.store, fewer)
    with pytest.raises(ValueError, match="no project"):
        project_of(Store(f"sqlite:///{tmp_path / 'empty.db'}"))


@pytest.mark.parametrize("url", ["", "x.db", "sqlite://", "sqlite:///:memory:", "mysql://a/b"])
def test_what_is_no_database_is_named(url):
    with pytest.raises(ValueError, match="`--db`"):
        Store(url)
    with pytest.raises(OSError, match="`--db`"):
        Store("sqlite:////no/such/folder/x.db")


def test_scores_of_a_choice_without_confidence(begin, tmp_path):
    questions = [TASK["questions"][0] | {"confidence": []}]
    platform = begin(TASK | {"questions": questions})
    ann = platform.sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    vote = vote_of(piece) | {"answer": {"emotion": {"label": "joy"}}}
    assert ann.post("/api/votes", json=vote).status_code == 201
    out = export(platform.store, platform.project, tmp_path / "out").folder
    _, votes, sure = read_votes(out, piece["modality"], "emotion", LABELS)
    assert (votes == 1).sum() == 1 and np.isnan(sure).all()
