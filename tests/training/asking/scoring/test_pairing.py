"""Two journals about other clips, other splits and with other scores; and what a pair says."""

import pytest

from affecthub.labels import BASIC7
from affecthub.training.asking.scoring.clips import choose_split, fit
from affecthub.training.asking.scoring.journals import read_journal
from affecthub.training.asking.scoring.pairing import adjust, compare
from affecthub.training.asking.scoring.report import JournalReport
from affecthub.training.asking.scoring.scored import Scoring, score_journal
from affecthub.training.bench.benchmark import Scoring as Tools

QUICK = Tools(n_resamples=99)


@pytest.fixture
def splits(make_split):
    rows = [{"emotion": i % 2, "open_vocabulary": [BASIC7[i % 2]]} for i in range(20)]
    test = make_split(rows)
    other = make_split([{"id": f"t{i}", "emotion": 0} for i in range(5)], split="train")
    return {"train": other, "test": test}


def right(places):
    return {f"c{i}": BASIC7[i % 2] for i in places}


def wrong(places):
    return {f"c{i}": BASIC7[(i + 1) % 2] for i in places}


def scored(splits, path, **how):
    return score_journal(read_journal(path), splits, Scoring(tools=QUICK, **how))


def test_a_pair_is_of_the_clips_of_both(splits, write_journal):
    first = write_journal(right(range(15)), prompt="one_of@1", name="a.jsonl")
    answers = right(range(3, 6)) | wrong(range(6, 18))
    second = write_journal(answers, prompt="one_of@1", name="b.jsonl")
    one, two = scored(splits, first), scored(splits, second)
    # Alone, clips without a line are wrong: 15 of 20, and 3 of 20.
    accuracy = [each.result["scores"]["emotion_classification"]["scores"] for each in (one, two)]
    assert [a["accuracy"]["value"] for a in accuracy] == [0.75, 0.15]
    found = compare(one, two, ("a", "b"))
    assert (found["n_first"], found["n_second"], found["n_both"]) == (15, 15, 12)
    assert found["only_first"] == ["c0", "c1", "c2"] and found["only_second"] == [
        "c15",
        "c16",
        "c17",
    ]
    entry = found["metrics"]["emotion_classification"]
    # On the twelve of both: all right, and three.
    assert (entry["scores"]["accuracy"]["first"], entry["scores"]["accuracy"]["second"]) == (
        1,
        0.25,
    )
    assert entry["mcnemar"] == {"n_first_alone": 9, "n_second_alone": 0, "p": 2 / 2**9}
    adjust([found])
    assert entry["scores"]["accuracy"]["p_holm"] == entry["scores"]["accuracy"]["p"] < 0.05


def test_only_what_was_asked_may_be_scored(splits, write_journal):
    path = write_journal(right(range(10)) | wrong(range(10, 12)), prompt="one_of@1")
    found = scored(splits, path, asked_only=True).result
    assert found["n_clips"] == 12 and found["coverage"] == 12 / 20
    accuracy = found["scores"]["emotion_classification"]["scores"]["accuracy"]
    assert accuracy["value"] == pytest.approx(10 / 12)
    assert found["unanswered"] == [f"c{i}" for i in range(12, 20)]


def test_journals_without_a_clip_or_a_score_in_common(splits, write_journal):
    one = scored(splits, write_journal(right(range(5)), prompt="one_of@1", name="a.jsonl"))
    two = scored(splits, write_journal(right(range(5, 9)), prompt="one_of@1", name="b.jsonl"))
    with pytest.raises(ValueError, match="share no clip: got 5 of .* and 4 of"):
        compare(one, two, ("a", "b"))
    lists = write_journal(right(range(5)), name="c.jsonl")
    labels = scored(splits, lists, form="labels", metric="set_f")
    with pytest.raises(ValueError, match=r"got emotion_classification \(emotion\) of"):
        compare(one, labels, ("a", "c"))
    train = write_journal({"t0": "anger"}, prompt="one_of@1", name="d.jsonl")
    with pytest.raises(ValueError, match="different clips: got split 'test' of .* and 'train' of"):
        compare(one, scored(splits, train), ("a", "d"))


def test_the_split_is_found_and_another_is_told(splits, write_journal):
    journal = read_journal(write_journal(right(range(3))))
    assert choose_split(splits, journal, None) == "test"
    with pytest.raises(ValueError, match="another split .*got clips of test 3, expected train.*"):
        choose_split(splits, journal, "train")
    with pytest.raises(ValueError, match="unknown split of emos, protocol official: got 'tset'"):
        choose_split(splits, journal, "tset")
    mixed = read_journal(write_journal(right(range(2)) | {"t1": "anger", "x": "joy"}))
    with pytest.raises(ValueError, match="several splits .*train 1, test 2.*--protocol"):
        choose_split(splits, mixed, None)
    found = fit(mixed, splits, "test")
    assert found.unknown == ["t1", "x"] and found.elsewhere == {"train": 1}
    strange = read_journal(write_journal({"zz1": "joy"}))
    with pytest.raises(ValueError, match="about another corpus: got clips such as zz1.*--corpus"):
        choose_split(splits, strange, None)


def test_ids_with_folders_and_endings_are_known(splits, write_journal):
    named = {f"videos/{clip}.mp4": answer for clip, answer in right(range(20)).items()}
    found = scored(splits, write_journal(named, prompt="one_of@1")).result
    assert found["n_answered"] == 20 and "without folders" in found["matched_by"]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"column": "emotion"}, "--reference-column` emotion alone does not say what is scored"),
        ({"metric": "set_f"}, "unknown metric of answers of the form one_of: got 'set_f'"),
        (
            {"metric": "emotion_classification", "column": "emotoin"},
            "unknown column of emos, split test: got 'emotoin'.*Did you mean 'emotion'",
        ),
        (
            {"metric": "emotion_classification", "column": "open_vocabulary"},
            "no column of single labels",
        ),
    ],
)
def test_what_cannot_be_scored_is_told(splits, write_journal, how, message):
    path = write_journal(right(range(3)), prompt="one_of@1")
    with pytest.raises(ValueError, match=message):
        scored(splits, path, **how)


def test_a_corpus_without_references_names_its_columns(splits, write_journal):
    path = write_journal({"c0": "0.5"})
    with pytest.raises(ValueError, match=r"no reference for answers of the form score: tried sent"):
        scored(splits, path, form="score")


@pytest.mark.parametrize("n_groups", [0, 1, 4])
def test_a_report_says_what_its_intervals_are_of(make_split, write_journal, n_groups):
    groups = [f"g{i % n_groups}" if n_groups else None for i in range(20)]
    split = make_split([{"emotion": i % 2, "group_id": g} for i, g in enumerate(groups)])
    journal = write_journal(right(range(15)) | wrong(range(15, 20)), prompt="one_of@1")
    report = JournalReport([scored({"test": split}, journal).result], [], ["a"])
    (said,) = [note for note in report.notes() if "interval" in note]
    assert {0: "clips one by one", 1: "one group", 4: "the 4 groups"}[n_groups] in said
    accuracy = report.sections()[0].rows[0]
    assert any("75.00 [" in str(cell) for cell in accuracy) == (n_groups != 1)
