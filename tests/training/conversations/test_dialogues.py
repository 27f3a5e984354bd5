"""Dialogues out of rows, and batches out of dialogues."""

import doctest

import pytest
import torch
from corpus_trees.whole import Whole

from affecthub.training.conversations import collating, dialogues
from affecthub.training.conversations.collating import DialogueSet, collate_dialogues
from affecthub.training.conversations.dialogues import first_appearance, named, read_dialogues


def test_the_order_is_that_of_the_turns_and_speakers_are_numbered_by_first_appearance(rows):
    given = rows(
        ("a", 7, "Ann", "joy"), ("b", 0, "Cem", "anger"), ("a", 2, "Bob", "neutral"),
        ("a", 9, "Bob", "anger"), ("a", 8, "Ann", "neutral"),
    )  # fmt: skip
    (a, b), found = read_dialogues(given)
    assert a.id == "a" and a.clips == ("u2", "u0", "u4", "u3")
    assert a.speakers.tolist() == [0, 1, 1, 0] and a.labels.tolist() == [0, 1, 0, 2]
    assert b.clips == ("u1",) and found.n_single == 1
    assert found.notes("test", "context") == [
        "test: 1 dialogues have one utterance: there is no history to go by."
    ]


@pytest.mark.parametrize(
    ("outside", "clips", "labels"),
    [("context", ("u0", "u1", "u2"), [1, -100, 0]), ("drop", ("u0", "u2"), [1, 0])],
)
def test_other_labels_are_context_or_dropped_and_counted(rows, outside, clips, labels):
    given = rows(
        ("a", 0, "Ann", "anger"), ("a", 1, "Bob", "surprise"), ("a", 2, "Ann", "joy"),
        ("b", 0, "Ann", "surprise"), (None, None, "Ann", "joy"), ("a", 3, "Bob", None),
    )  # fmt: skip
    made, found = read_dialogues(given, emotions=("joy", "anger"), outside=outside)
    assert made[0].clips[: len(clips)] == clips
    assert made[0].labels.tolist()[: len(labels)] == labels
    assert found.alone == ["u4"] and found.n_outside == 2 and found.n_unlabelled == 1
    assert found.dropped == ([] if outside == "context" else ["b"])
    told = " ".join(found.notes("train", outside))
    assert "1 of 6 clips belong to no dialogue and are left out: u4." in told
    assert ("not scored" in told) is (outside == "context")


def test_a_speaker_who_is_not_known_is_one(rows):
    (talk,), found = read_dialogues(
        rows(("a", 0, None, "joy"), ("a", 1, "B", "joy"), ("a", 2, None, "joy"))
    )
    assert talk.speakers.tolist() == [0, 1, 0] and found.n_no_speaker == 2


def test_twenty_speakers(rows):
    given = rows(*(("a", i, f"person {i}", "joy") for i in range(20)))
    (talk,), _ = read_dialogues(given)
    assert talk.speakers.tolist() == list(range(20))


def test_no_rows_have_no_dialogues(rows):
    assert read_dialogues(rows())[0] == []


@pytest.mark.parametrize(
    ("utterances", "options", "message"),
    [
        ([(None, None, "A", "joy")], {}, "there are no dialogues: got 1 clips without"),
        (
            [("a", 0, "A", "joy"), ("a", None, "B", "joy")], {},
            "order of utterances is not known: got 1 without `turn_index`, u1, expected",
        ),
        (
            [("a", 3, "A", "joy"), ("a", 3, "B", "joy")], {},
            "'u0' and 'u1' at `turn_index` 3",
        ),
        ([("a", 0, "A", "joy")], {"label": "text"}, "expected a ClassLabel column, one of emotion"),
        ([("a", 0, "A", "joy")], {"emotions": ("joyy", "anger")}, "Did you mean 'joy'"),
        ([("a", 0, "A", "joy")], {"emotions": ("joy",)}, "expected two or more, each once"),
        ([("a", 0, "A", "joy")], {"outside": "dropped"}, "Did you mean 'drop'"),
        ([("a", 0, "A", "joy")], {"apart": "room"}, "the clips lack `room`"),
    ],
)  # fmt: skip
def test_what_is_no_dialogue_is_refused(rows, utterances, options, message):
    with pytest.raises(ValueError, match=message):
        read_dialogues(rows(*utterances), **options)


def test_many_names_are_cut():
    assert named(list("abcdefg")) == "a, b, c, d, e and 2 more" and named(["a"]) == "a"


def test_batches_are_padded_at_the_end_and_the_padding_is_scored_nowhere(rows):
    given = rows(("a", 0, "A", "joy"), ("a", 1, "B", "anger"), ("b", 0, "B", "neutral"))
    made, _ = read_dialogues(given)
    numbers = {"u0": 1.0, "u1": 2.0, "u2": 3.0}
    data = DialogueSet(made, lambda clip: torch.full((2,), numbers[clip]).numpy())
    batch = collate_dialogues([data[i] for i in range(len(data))])
    assert batch["features"].tolist() == [[[1, 1], [2, 2]], [[3, 3], [0, 0]]]
    assert batch["mask"].tolist() == [[True, True], [True, False]]
    assert batch["speakers"].tolist() == [[0, 1], [0, 0]]
    assert batch["labels"].tolist() == [[1, 2], [0, -100]]
    ahead = collate_dialogues([data[i] for i in range(len(data))], "forecast")
    assert ahead["labels"].tolist() == [[2, -100], [-100, -100]]
    assert {name: each.dtype for name, each in batch.items()} == {
        "features": torch.float32,
        "speakers": torch.long,
        "mask": torch.bool,
        "labels": torch.long,
    }


def test_labels_are_left_out_where_a_dialogue_has_none():
    one = {"features": [[1.0]], "speakers": ["A"]}
    assert "labels" not in collate_dialogues([one, {**one, "labels": [0]}])


@pytest.mark.parametrize(
    ("dialogues_given", "message"),
    [
        ([], "got no dialogues"),
        ([{"features": [], "speakers": []}], "with one utterance or more"),
        ([{"features": [[1.0]], "speakers": ["A", "B"]}], "got 2 for 1 utterances"),
        (
            [
                {"features": [[1.0]], "speakers": ["A"]},
                {"features": [[1.0, 2.0]], "speakers": ["A"]},
            ],
            "features differ in width: got 1, 2",
        ),
    ],
)
def test_what_makes_no_batch_is_refused(dialogues_given, message):
    with pytest.raises(ValueError, match=message):
        collate_dialogues(dialogues_given)
    with pytest.raises(ValueError, match="unknown task"):
        collate_dialogues([{"features": [[1.0]], "speakers": ["A"]}], "predict")


@pytest.mark.parametrize("module", [dialogues, collating])
def test_examples_in_docstrings_run(module):
    assert doctest.testmod(module).failed == 0
    assert first_appearance([]).tolist() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("emotiontalk", None),
        ("meld", None),
        ("iemocap", None),
        ("m3ed", None),
        ("emos", "streaming_utterances"),
    ],
)
def test_every_corpus_of_conversations_gives_dialogues(name, config, tmp_path):
    corpus = Whole.make(name, tmp_path).load(config, check_media=False)
    made = [talk for split in corpus.values() for talk in read_dialogues(split)[0]]
    places = {
        row["id"]: (row["dialogue_id"], row["turn_index"])
        for split in corpus.values()
        for row in split.select_columns(["id", "dialogue_id", "turn_index"])
    }
    assert any(len(talk) > 1 for talk in made)
    for talk in made:
        here = [places[clip] for clip in talk.clips]
        assert here == sorted(here) and {dialogue for dialogue, _ in here} == {talk.id}
        assert talk.speakers[0] == 0
