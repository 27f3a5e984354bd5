"""M3ED: main and further emotions, votes, people by series and name, times from frames."""

import pytest
from corpus_trees import m3ed

from affecthub import Corpus
from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.m3ed import paper
from affecthub.datasets_scripts.m3ed.annotation import labels_of, seconds
from affecthub.datasets_scripts.m3ed.builder import M3edBuilder


def rows_of(root):
    return {row["id"]: row for row in Corpus("m3ed", root).annotations().to_pylist()}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return rows_of(m3ed.write_annotation(tmp_path_factory.mktemp("m3ed")))


def changed(root, change):
    """A tree of which one utterance is other."""
    content = m3ed.annotation()
    change(content["woju"]["woju_1"], content)
    return m3ed.write_annotation(root, content)


def test_every_utterance_is_a_row_in_order(rows):
    assert tuple(rows) == m3ed.IDS
    row = rows["anjia_2_2"]
    assert (row["emotion"], row["emotion_basic7"]) == ("happy", "joy")
    assert row["labels_all"] == ["happy", "surprise"]
    assert row["votes"] == [
        {"annotator": "1", "emotions": ["happy"]},
        {"annotator": "2", "emotions": ["happy", "surprise"]},
        {"annotator": "3", "emotions": ["surprise", "happy"]},
    ]
    assert row["text"] == "anjia第2句，好。" and row["language"] == "zh"
    assert (row["dialogue_id"], row["turn_index"]) == ("anjia_2", 1)


def test_times_count_frames(rows):
    # 00:00:02:01 to 00:00:03:02, 25 frames a second.
    row = rows["anjia_1_2"]
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (2.04, 3.08, 1.04)
    assert seconds("01:00:00:24") == 3600.96 and seconds("1.5") is None and seconds(None) is None


def test_people_are_told_apart_by_series_and_name(rows):
    row = rows["anjia_1_1"]
    assert (row["speaker_id"], row["speaker_name"]) == ("anjia/林大为", "林大为")
    assert rows["anjia_2_1"]["speaker_id"] == row["speaker_id"]
    assert row["group_id"] == row["series"] == "anjia"
    assert (rows["shaonianpai_1_3"]["speaker_age"], rows["shaonianpai_1_3"]["speaker_sex"]) == (
        "young",
        "female",
    )
    # Nobody knows who this is: a person of that dialogue alone.
    row = rows["humamaoba_1_3"]
    assert (row["speaker_id"], row["speaker_name"], row["speaker_age"]) == (
        "humamaoba_1/B",
        None,
        None,
    )


def test_speech_is_named_by_speaker_and_utterance(tmp_path, load):
    root = m3ed.make(tmp_path / "m3ed")
    row = load("m3ed", data_dir=root, split="train")[2]
    assert row["id"] == "anjia_1_3"
    assert row["audio"]["path"].endswith("modality_speech/B_anjia_1_3.wav")
    assert row["video"] is None and row["media_issue"] is None
    assert list(verify("m3ed", root).media) == ["audio", "issues", "examples"]


def test_the_released_split_is_by_series(rows):
    split = {row["series"]: row["split_official"] for row in rows.values()}
    assert split == {
        "anjia": "train",
        "shaonianpai": "train",
        "humamaoba": "validation",
        "woju": "test",
    }
    official = M3edBuilder.rule("official")
    sizes = {name: len(series) for name, series in official.splits.items()}
    assert sizes == {"train": 38, "validation": 7, "test": 11}
    assert M3edBuilder.rule("speaker_independent").splits == official.splits


def test_figures_add_up_to_the_abstract():
    totals = [sum(column) for column in zip(*paper.SIZES.values(), strict=True)]
    assert totals == [56, 990, 9082, 24449]


def test_checks_count_turns(tmp_path):
    checks = {check.name: check for check in verify("m3ed", m3ed.make(tmp_path)).checks}
    # Three dialogues in train, in each A speaks twice, then B.
    assert checks["train, turns"].found == 6 and checks["train, dialogues"].found == 3
    assert checks["test, utterances"].expected == 4201


def test_cells_of_labels():
    assert labels_of(" Happy， Surprise,") == ["happy", "surprise"]
    assert labels_of("") is None and labels_of(None) is None


def no_main(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["EmoAnnotation"]["final_main_emo"] = ""


def no_time(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["StartTime"] = "soon"


def other_series(dialogue, content):
    content["newseries"] = {"newseries_1": dialogue}
    del content["woju"]


def other_label(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["EmoAnnotation"]["final_mul_emo"] = "Neutral,Pride"


def test_an_utterance_without_a_label_stays(tmp_path):
    row = rows_of(changed(tmp_path, no_main))["woju_1_1"]
    assert row["emotion"] is None and row["labels_all"] == ["neutral"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            no_time,
            "annotation.json: the times of 1 utterances cannot be read, first woju_1_1; "
            "they are null",
        ),
        (other_series, "annotation.json: series newseries are in no split of the release"),
        (other_label, "annotation.json: labels pride of final_mul_emo are of no class"),
    ],
)
def test_what_is_odd_is_reported(tmp_path, change, problem):
    corpus = Corpus("m3ed", changed(tmp_path, change))
    assert len(corpus.annotations()) == len(m3ed.IDS)
    assert corpus.problems == [problem]


def two_main(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["EmoAnnotation"]["final_main_emo"] = "Happy,Sad"


def unknown_main(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["EmoAnnotation"]["final_main_emo"] = "Pride"


def no_dialogue(dialogue, content):
    del dialogue["Dialog"]


def number_as_text(dialogue, content):
    dialogue["Dialog"]["woju_1_1"]["Text"] = 7


def a_list(dialogue, content):
    content["woju"] = []


def twice(dialogue, content):
    content["woju"]["woju_2"] = dialogue


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (two_main, r"clip woju_1_1: got \['happy', 'sad'\] as final_main_emo, expected one"),
        (unknown_main, "unknown label in column `emotion` of clip woju_1_1: got 'pride'"),
        (no_dialogue, r"annotation\.json, woju_1: got \['SpeakerInfo'\], expected `Dialog`"),
        (number_as_text, "clip woju_1_1: got int as `Text`, expected text"),
        (a_list, "series 'woju': got list, expected an object"),
        (twice, "clip 'woju_1_1' stands 2 times"),
    ],
)
def test_one_clear_message_for_each_mistake(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        rows_of(changed(tmp_path, change))


def test_a_file_that_is_no_annotation(tmp_path):
    (tmp_path / "annotation.json").write_text("{")
    with pytest.raises(ValueError, match=r"annotation\.json: got no readable JSON"):
        rows_of(tmp_path)
    (tmp_path / "annotation.json").write_text("{}")
    with pytest.raises(ValueError, match="got no utterance, expected some"):
        rows_of(tmp_path)
