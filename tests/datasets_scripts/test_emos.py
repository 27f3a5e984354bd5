"""EmoS from a generated release: joins, repairs, media of several folders, and broken files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from corpus_trees import emos

from affecthub.datasets_scripts import load_dataset, verify
from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.emos.builder import EmosBuilder
from affecthub.datasets_scripts.emos.films import primary_emotion, secondary_label
from affecthub.datasets_scripts.emos.goemotions import colliding
from affecthub.datasets_scripts.emos.label_sets import SPELLINGS, parse_sets
from affecthub.entries import entries
from affecthub.labels import GOEMOTIONS_WITH_UNSURE

LABELS = emos.FINAL / "Chinese/goemotion/front2500_training_data.xlsx"
ZH_LAST = emos.SIMS / "Last-2500/analysis_outputs_after2500/basic7/annotated_with_ds.xlsx"
EN_FIRST = emos.MELD / (
    "Annotations-3000/analysis_outputs/goemotion/goemotion_soft_labels_first3000.xlsx"
)
EN_LAST = emos.MELD / (
    "Annotations-last-2000/analysis_outputs/basic7/annotated_with_ds_last2000.xlsx"
)
FILM = emos.STREAMING / "Heat/Heat.emotion.json"
TIMES = emos.STREAMING / "Heat/sentence_level_timestamps.json"


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """The release as cloned: no media, no other folders. Tests leave it as it is."""
    return emos.write_release(tmp_path_factory.mktemp("emos") / "EmoS")


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> dict[str, Path]:
    return emos.roots(tmp_path_factory.mktemp("others"))


@pytest.fixture
def broken(tmp_path) -> Path:
    """A release of one's own, to break."""
    return emos.write_release(tmp_path / "EmoS")


def rows_of(corpus: Any) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for split in corpus.values() for row in split}


def table(root: Path, config: str, **roots: Path) -> pa.Table:
    """Finished rows without a cache."""
    builder: CorpusBuilder = EmosBuilder(config_name=config, data_dir=str(root), roots=roots)
    return pa.concat_tables(builder.tables(builder.rows()))


def edit_book(path: Path, change: Callable[[Any], None]) -> None:
    """Change the one sheet of a workbook."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    change(book.active)
    book.save(path)


def set_cell(path: Path, column: str, row: int, value: Any) -> None:
    """Set a cell by its column's name; row 2 is the first of data."""

    def change(sheet: Any) -> None:
        names = [cell.value for cell in sheet[1]]
        sheet.cell(row, names.index(column) + 1).value = value

    edit_book(path, change)


# Rows.


def test_static_rows(clone, load):
    rows = rows_of(load("emos", data_dir=clone))
    assert len(rows) == 20
    zh, en = rows["aqgy4_0009/00001_0"], rows["train/dia0_utt1"]
    assert (zh["language"], zh["group_id"], zh["source_id"]) == ("zh", *["aqgy4_0009"] * 2)
    assert (zh["confidence_kind"], zh["batch"], zh["speaker_id"]) == (
        "ds_posterior",
        "zh_last",
        None,
    )
    # Label by label as written: clip 6 of the tree is the second of five turns.
    assert zh["votes"] == [
        {"annotator": "a4", "label": "anger"},
        {"annotator": "a5", "label": "anger"},
        {"annotator": "a6", "label": "disgust"},
    ]
    assert (zh["unique_labels"], zh["original_label"], zh["reason"]) == (2, None, None)
    assert zh["sentiment"] == pytest.approx(0.2) and zh["sentiment_audio"] == pytest.approx(-0.4)
    clip = emos.english_clips()[1]
    assert (en["speaker_id"], en["group_id"]) == (clip["Speaker"], clip["Speaker"])
    assert (en["dialogue_id"], en["turn_index"]) == ("dia0", 1)
    assert en["source_id"] == f"s{clip['Season']:02d}e{clip['Episode']:02d}"
    assert (en["start_s"], en["end_s"], en["duration_s"]) == (972.0, 973.5, 1.5)
    assert (en["confidence_kind"], en["votes"], en["unique_labels"]) == ("mass_share", None, None)
    # Sets {anger}, {annoyance, disapproval}, {anger}: all mass on anger; MELD said neutral.
    assert (en["emotion"], en["original_label"], en["changed"]) == (0, 4, True)
    assert (en["confidence"], en["reason"], en["tier"]) == (1.0, "high_goemotion", "high")
    assert rows["train/dia102_utt0"]["votes"][0]["annotator"] == "a10"


def test_configurations_of_one_language_are_parts_of_the_whole(clone):
    whole, zh, en = (table(clone, name) for name in ("static", "static_zh", "static_en"))
    assert whole.slice(0, 10).equals(zh) and whole.slice(10).equals(en)
    assert whole["id"].to_pylist() == table(clone, "goemotions")["id"].to_pylist()


def test_ids_are_those_of_the_index_not_the_numbers_of_the_tables(clone):
    clips = [f"{video}/{clip}" for video, clip, _ in emos.chinese_clips()]
    assert table(clone, "static_zh")["id"].to_pylist() == clips
    assert clips[-4:] == [f"aqgy4_0009/{c}" for c in ("00001_0", "00002", "00010", "00026_0")]


def test_released_text_is_kept_beside_the_text_of_meld(clone, others):
    alone, with_meld = table(clone, "static_en"), table(clone, "static_en", meld=others["meld"])
    assert alone["text"] == alone["text_raw"] == with_meld["text_raw"]
    assert alone["text"][1].as_py() == "I?m sentence 1, isn?t it"
    assert with_meld["text"][1].as_py() == "I’m sentence 1, isn’t it"
    assert alone["text_damaged"].to_pylist() == [i % 2 == 1 for i in range(10)]


def test_meld_without_its_csv_is_a_problem(clone, tmp_path):
    (tmp_path / "meld").mkdir()
    report = verify("emos", clone, "static_en", roots={"meld": tmp_path / "meld"})
    assert [p for p in report.problems if "no train_sent_emo.csv" in p] and report.rows == 10


def test_a_clip_that_meld_lacks_keeps_its_text(clone, others, tmp_path):
    lines = (others["meld"] / "train_sent_emo.csv").read_text(encoding="utf-8").splitlines()
    short = tmp_path / "meld/train_sent_emo.csv"
    short.parent.mkdir()
    short.write_text("\n".join(lines[:-2]) + "\n", encoding="utf-8")  # clips 0 and 1 come last
    builder = EmosBuilder(
        config_name="static_en", data_dir=str(clone), roots={"meld": short.parent}
    )
    rows = builder.rows()
    assert rows["text"][1].as_py() == "I?m sentence 1, isn?t it"
    assert any("2 of 10 clips are not in" in problem for problem in builder.problems)


def test_voices_of_several_are_in_no_group_and_one_actor_is_one_group(broken):
    set_cell(broken / EN_FIRST, "Speaker", 2, "Monica and Ross")
    set_cell(broken / EN_FIRST, "Speaker", 3, "Ursula")
    rows = table(broken, "static_en")
    assert rows["group_id"].to_pylist()[:2] == [None, "Phoebe"]
    assert rows["speaker_id"].to_pylist()[:2] == ["Monica and Ross", "Ursula"]


# GoEmotions.


def test_the_colliding_row_is_repaired_and_flagged(clone):
    rows = {row["id"]: row for row in table(clone, "goemotions").to_pylist()}
    bad = rows["aqgy4_0009/00001_0"]
    anger, sadness = (GOEMOTIONS_WITH_UNSURE.index(label) for label in ("anger", "sadness"))
    # Two of three chose anger. Released is the row of 00010: sadness from one of three.
    assert bad["flags"] == ["id_collision"]
    assert bad["probs"][anger] == pytest.approx(2 / 3) and bad["probs"][sadness] == 0
    assert bad["released_probs"] == rows["aqgy4_0009/00010"]["probs"] != bad["probs"]
    assert bad["labels_any"] == ["anger", "annoyance", "disapproval"]
    assert bad["labels_majority"] == ["anger"] and bad["union_size"] == 3
    assert [row["id"] for row in rows.values() if row["flags"]] == [bad["id"]]


def test_annotators_of_the_first_english_batch_stand_in_the_order_of_its_table(clone):
    # Workbooks sort xx, yy, zz; the table has columns go_zhao, go_yi, go_xu.
    sets = table(clone, "goemotions").to_pylist()[10]["sets"]
    assert [item["annotator"] for item in sets] == ["a7", "a8", "a9"]
    assert [item["raw"] for item in sets] == list(emos.SETS[0])
    assert sets[0]["labels"] == ["joy", "love"]


def test_misspelt_labels_are_read_as_meant(broken):
    path = broken / emos.SIMS / "First-2500/a1.xlsx"
    set_cell(path, "goemotion", 2, "jou;lovedesire")
    row = table(broken, "goemotions").to_pylist()[0]
    assert row["sets"][0] == {
        "annotator": "a1",
        "labels": ["desire", "joy", "love"],
        "raw": "jou;lovedesire",
    }
    assert row["flags"] == ["spelling"]  # the tree's released row knows nothing of desire
    annotation = table(broken, "annotations").to_pylist()[6]  # after six rows of Basic-7 labels
    assert annotation["id"].endswith("/0001/a1/goemotions") and annotation["corrected"]


def test_words_that_are_no_label_are_reported(broken):
    set_cell(broken / emos.SIMS / "First-2500/a1.xlsx", "goemotion", 2, "joy;hungry")
    report = verify("emos", broken, "goemotions")
    assert any("annotator a1: no labels: 'hungry'" in problem for problem in report.problems)
    assert any("probabilities of 1 clips" in problem for problem in report.problems)


def test_parse_sets():
    cells = pa.chunked_array([["joy; Joy ;joy", "", None, "realization      re", "Nuetral;;x"]])
    meant, spelt, unknown = parse_sets(cells)
    names = [[GOEMOTIONS_WITH_UNSURE[k] for k in row.nonzero()[0]] for row in meant]
    assert names == [["joy"], [], [], ["realization"], ["neutral"]]
    assert spelt.sum(axis=1).tolist() == [1, 0, 0, 0, 0] and unknown == ["x"]
    labels = {label for meant in SPELLINGS.values() for label in meant.split(";")}
    assert labels <= set(GOEMOTIONS_WITH_UNSURE)
    assert parse_sets(pa.chunked_array([[]], pa.string()))[0].shape == (0, 29)


def test_colliding_ids():
    videos = pa.chunked_array([["v", "v", "v", "w"]])
    clips = pa.chunked_array([["00001_0", "00010", "00011", "00010"]])
    assert colliding(videos, clips).tolist() == [True, True, False, False]


# Annotations.


def test_annotations_are_rows_of_one_label_each(clone):
    rows = table(clone, "annotations").to_pylist()
    # 10 Chinese clips x 3 annotators x 2 taxonomies, 10 English x 3 x 1.
    assert len(rows) == 90 and len({row["id"] for row in rows}) == 90
    basic = [row for row in rows if row["taxonomy"] == "basic7"]
    assert len(basic) == 30 and all(row["labels"] is None for row in basic)
    first = basic[0]
    assert (first["annotator"], first["raw"], first["emotion"]) == ("a1", "Joy", 3)
    assert {row["annotator"] for row in rows} == {f"a{i}" for i in range(1, 13)}


# Streaming.


def test_clips_utterances_and_segments(clone, load):
    clips = rows_of(load("emos", "streaming_clips", data_dir=clone))
    assert list(clips) == ["Black Ice", "Heat"]
    ice = clips["Black Ice"]
    assert (ice["language"], ice["film"], ice["emotion"]) == ("zh", "某片", 0)
    assert (ice["emotion_raw"], ice["n_turning_points"], ice["n_boundaries"]) == (
        "Anger/愤怒",
        1,
        2,
    )
    assert (ice["start_s"], ice["end_s"], ice["duration_s"]) == (100.0, 106.5, 6.5)
    assert ice["text"] == "One, two." and ice["description"] == "Someone speaks."
    assert [u["turning_point"] for u in ice["utterances"]] == [None, False, True]
    utterances = rows_of(load("emos", "streaming_utterances", data_dir=clone))
    second = utterances["Heat/utterance002"]
    assert second["secondary"] == ["grief"] and second["secondary_raw"][0] == "grief 😢"
    assert second["open_vocabulary"] == ["grief", "determination"]
    assert (second["start_s"], second["end_s"], second["text"]) == (2.0, 4.0, "Part 1.")
    assert utterances["Black Ice/utterance002"]["text"] == "第1段。"
    assert utterances["Heat/utterance001"]["speaker_guess"] == "He"
    segments = rows_of(load("emos", "streaming_segments", data_dir=clone))
    assert segments["Heat/segment002"]["end_s"] == 6.0
    assert segments["Heat/segment002"]["emotion"] is None and len(segments) == 4


def test_labels_of_the_monologues():
    assert [primary_emotion(x) for x in ("Joy", "Neutral/自然", " Fear ")] == [
        "joy",
        "neutral",
        "fear",
    ]
    assert [secondary_label(x) for x in ("realization 💡", "pride", "💡")] == [
        "realization",
        "pride",
        "",
    ]


def test_a_file_without_a_fence_is_read_too(broken):
    text = (broken / FILM).read_text(encoding="utf-8")
    (broken / FILM).write_text(text.split("\n", 1)[1].rsplit("```", 1)[0], encoding="utf-8")
    assert table(broken, "streaming_utterances").num_rows == 6


# Media.


@pytest.mark.parametrize("config", entries()["emos"].configs)
def test_media_of_other_folders(clone, others, config):
    rows = table(clone, config, **others)
    assert rows["media_issue"].null_count == rows.num_rows
    assert rows["audio"].to_pylist() == rows["video"].to_pylist()  # sound is in the video


def test_only_the_training_split_of_meld_is_taken(clone, others):
    rows = table(clone, "static_en", meld=others["meld"]).to_pylist()
    assert all("/train/train_splits/" in row["video"]["path"] for row in rows)
    assert rows[0]["id"] == "train/dia0_utt0"


@pytest.mark.parametrize(
    ("folder", "prefix", "found"),
    [
        ("train_splits", "", True),
        ("MELD.Raw/train/train_splits", "", True),
        ("subvideo", "train_", True),
        ("subvideo", "val_", False),
        ("dev_splits_complete", "", False),
        ("output_repeated_splits_test", "", False),
        ("test", "final_videos_test", False),
    ],
)
def test_forms_of_meld(clone, tmp_path, folder, prefix, found):
    emos.write_meld_media(tmp_path / "media" / folder, prefix)
    rows = table(clone, "static_en", meld=tmp_path / "media")
    assert (rows["video"].null_count == 0) is found


def test_a_root_may_be_the_split_or_the_films_themselves(clone, tmp_path):
    split = emos.write_meld_media(tmp_path / "train_splits")
    assert table(clone, "static_en", meld=split)["video"].null_count == 0
    raw = emos.write_sims_media(tmp_path / "Raw")
    assert table(clone, "static_zh", ch_sims_v2=raw)["video"].null_count == 0


def test_missing_media_are_null_and_say_so(clone, others, tmp_path):
    raw = emos.write_sims_media(tmp_path / "Raw")
    (raw / "aqgy4_0009/00010.mp4").unlink()
    rows = {row["id"]: row for row in table(clone, "static", ch_sims_v2=raw).to_pylist()}
    assert rows["aqgy4_0009/00010"]["video"] is None
    assert "video file missing" in rows["aqgy4_0009/00010"]["media_issue"]
    assert rows["aqgy4_0009/00026_0"]["video"]["path"].endswith("000260.mp4")
    with pytest.raises(FileNotFoundError, match="clips lack media"):
        load_dataset("emos", data_dir=clone, on_missing_media="error", cache_dir=tmp_path / "c")


# Protocols.


def test_films_are_for_testing_only(clone, load):
    for protocol in ("speaker_independent", "source_independent", "sims_official"):
        rows = load("emos", "streaming_clips", data_dir=clone, protocol=protocol)
        assert rows.num_rows == {"train": 0, "validation": 0, "test": 2}


def test_sims_official_is_the_side_in_the_source_corpus(clone, load):
    rows = load("emos", data_dir=clone, protocol="sims_official")
    modes = [mode for _, _, mode in emos.chinese_clips()]
    assert rows.num_rows == {
        "train": 10 + modes.count("train"),
        "validation": modes.count("valid"),
        "test": modes.count("test"),
    }
    assert set(rows["train"]["language"]) == {"zh", "en"}


# The paper.


def test_rules_give_the_labels_of_the_tree(clone):
    checks = {check.name: check for check in verify("emos", clone).checks}
    replayed = {name: check for name, check in checks.items() if name.startswith("replay")}
    assert len(replayed) == 23
    assert [name for name, check in replayed.items() if not check.ok] == [
        "replay, zh_last, soft labels: rows"
    ]
    assert checks["Table 6, turning points"].found == 2
    assert checks["Table 6, turning points"].note == "pairs of consecutive utterances: 4"


def test_a_changed_label_is_a_mismatch(broken):
    set_cell(broken / ZH_LAST, "ds_label", 2, "Fear")
    set_cell(broken / EN_FIRST, "basic_correction_reason", 3, "override_low_conf")
    checks = {check.name: check for check in verify("emos", broken).checks}
    assert checks["replay, zh_last, Dawid-Skene labels: rows"].found == 3
    assert checks["replay, en_first, reasons: rows"].found == 5


def test_a_part_that_is_not_there_is_said(clone, tmp_path):
    root = emos.write_english(emos.write_chinese(tmp_path / "EmoS"))
    report = verify("emos", root)
    check = next(check for check in report.checks if check.name == "streaming")
    assert not check.ok and "sentence_level_timestamps.json" in check.note
    assert not any(fault.startswith("streaming:") for fault in report.faults)


# Broken files.


NEEDED = {
    "static_zh": (emos.SIMS / "meta.csv", ZH_LAST),
    "static_en": (EN_FIRST, EN_LAST, emos.MELD / "Annotations-last-2000/a11.xlsx"),
    "goemotions": (LABELS, emos.SIMS / "First-2500/a2.xlsx"),
    "annotations": (emos.MELD / "Annotations-3000/annotator_yy_train_sent_emo.xlsx",),
    "streaming_clips": (FILM, TIMES),
}


@pytest.mark.parametrize(
    ("config", "path"), [(config, path) for config, paths in NEEDED.items() for path in paths]
)
def test_a_missing_file_is_named(broken, config, path):
    (broken / path).unlink()
    with pytest.raises(FileNotFoundError) as error:
        table(broken, config)
    folder = path.parent.name if path.name.startswith("a") and path != ZH_LAST else path.name
    assert folder in str(error.value)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (config, path)
        for config, paths in NEEDED.items()
        for path in paths
        if path.suffix == ".xlsx" and path.name != "a11.xlsx"
    ],
)
@pytest.mark.parametrize("damage", ["truncated", "empty", "text"])
def test_a_workbook_that_is_none_is_named(broken, config, path, damage):
    data = (broken / path).read_bytes()
    content = {"truncated": data[: len(data) // 2], "empty": b"", "text": b"video_id,clip_id\n"}
    (broken / path).write_bytes(content[damage])
    with pytest.raises(ValueError, match=path.name):
        table(broken, config)


@pytest.mark.parametrize(
    ("config", "path", "column"),
    [
        ("static_zh", ZH_LAST, "ds_confidence"),
        ("static_zh", ZH_LAST, "text"),
        ("static_en", EN_FIRST, "Speaker"),
        ("static_en", EN_LAST, "basic_vote_a11"),
        ("goemotions", LABELS, "goemotion_prob_joy"),
        ("goemotions", emos.SIMS / "First-2500/a2.xlsx", "goemotion"),
        ("annotations", emos.SIMS / "First-2500/a2.xlsx", "basic-7-class"),
    ],
)
def test_a_missing_column_is_named(broken, config, path, column):
    set_cell(broken / path, column, 1, f"no {column}")
    with pytest.raises(ValueError, match=f"(?s){path.name}.*column"):
        table(broken, config)


@pytest.mark.parametrize(
    ("config", "path", "column", "value", "message"),
    [
        ("static_zh", ZH_LAST, "ds_label", "Unsure", "row 3: got 'Unsure' as `ds_label`"),
        ("static_zh", ZH_LAST, "ds_label", None, "row 3: got no `ds_label`"),
        ("static_zh", ZH_LAST, "ds_confidence", 1.5, "row 3: got 1.5 as `ds_confidence`"),
        ("static_zh", ZH_LAST, "ds_confidence", "high", "row 3: got no `ds_confidence`"),
        ("static_zh", ZH_LAST, "b", "Bored", "row 3: got 'Bored' as `b`"),
        ("static_zh", ZH_LAST, "video_id", "video_9999", "row 3: got `video_id` 'video_9999'"),
        ("static_zh", ZH_LAST, "unique_labels", 1.5, "row 3: got 1.5 as `unique_labels`"),
        ("static_en", EN_LAST, "Utterance_ID", 7, "`Utterance_ID`"),
        ("static_en", EN_LAST, "basic_changed", "perhaps", "'perhaps' as `basic_changed`"),
        ("static_en", EN_FIRST, "Speaker", None, "row 3: got no `Speaker`"),
        ("goemotions", LABELS, "goemotion_prob_joy", None, "no `goemotion_prob_joy`"),
        ("goemotions", LABELS, "text", "other words", "row 3: got `text` 'other words'"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(broken, config, path, column, value, message):
    set_cell(broken / path, column, 3, value)
    with pytest.raises(ValueError, match=message):
        table(broken, config)


def test_missing_rows_are_no_shift(broken):
    edit_book(broken / ZH_LAST, lambda sheet: sheet.delete_rows(3))
    with pytest.raises(ValueError, match=r"meta\.csv: got 10 rows, expected 9"):
        table(broken, "static_zh")
    edit_book(broken / EN_FIRST, lambda sheet: sheet.delete_rows(3))
    with pytest.raises(ValueError, match="got 10 rows, expected 9"):
        table(broken, "static_en")


@pytest.mark.parametrize("row", [2, 9])
def test_a_workbook_that_lost_a_row_is_named(broken, row):
    path = broken / emos.SIMS / "First-2500/a2.xlsx"
    edit_book(path, lambda sheet: sheet.delete_rows(row))
    if row == 2:  # every later row is another clip's
        with pytest.raises(ValueError, match=r"a2\.xlsx, row \d: got `video_id`"):
            table(broken, "goemotions")
    else:  # rows of the other batch, which are another file's to tell
        assert table(broken, "goemotions").num_rows == 20


def test_rows_are_counted_from_the_top_of_the_file(broken):
    path = broken / emos.SIMS / "Last-2500/cai.xlsx"
    set_cell(path, "basic-7-class", 9, "Bored")  # clip 7 of all, the second of its batch
    with pytest.raises(ValueError, match=r"cai\.xlsx, row 9: got 'Bored'"):
        table(broken, "annotations")


def test_times_that_are_none_are_null_and_reported(broken):
    set_cell(broken / emos.MELD / "Annotations-last-2000/a10.xlsx", "EndTime", 3, "soon")
    report = verify("emos", broken, "static_en")
    assert any("1 cells of `EndTime` are no times" in problem for problem in report.problems)
    row = table(broken, "static_en").to_pylist()[1]
    assert row["start_s"] == 972.0 and row["end_s"] is None and row["duration_s"] is None


def _annotation(broken: Path) -> dict[str, Any]:
    return json.loads(
        (broken / FILM).read_text(encoding="utf-8").split("\n", 1)[1].rsplit("```")[0]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["utterances"][1].update(timestamp_range="soon"), "utterance 2.*'soon'"),
        (lambda c: c["utterances"][1].update(emotion_primary="Boredom"), "utterance 2.*'Boredom'"),
        (lambda c: c["utterances"][1].update(emotion_secondary=[3]), "emotion_secondary"),
        (lambda c: c["utterances"][1].update(speaker_guess=3), "speaker_guess 3"),
        (lambda c: c["utterances"][1].update(intensity=True), "intensity True"),
        (lambda c: c["utterances"][1].pop("evidence"), "evidence None"),
        (lambda c: c["utterances"].append("words"), "utterance 4: got str"),
        (lambda c: c["utterances"].clear(), "no utterances"),
        (lambda c: c["overall_emotion_trend"].pop("dominant"), "dominant None"),
        (lambda c: c.pop("summary"), "summary None"),
    ],
)
def test_an_annotation_that_cannot_be_used_is_named(broken, change, message):
    content = _annotation(broken)
    change(content)
    (broken / FILM).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"Heat\.emotion\.json.*{message}"):
        table(broken, "streaming_utterances")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (FILM, b"```json\n{"),
        (FILM, b""),
        (FILM, b"[]"),
        (FILM, b"\xff\xfe"),
        (FILM, b"[" * 100_000),
        (TIMES, b'{"lang": "fr"}'),
        (TIMES, b"{} {}"),
    ],
)
def test_json_that_is_none_is_named(broken, path, data):
    (broken / path).write_bytes(data)
    with pytest.raises(ValueError, match=path.name.replace(".", r"\.")):
        table(broken, "streaming_clips")


def test_times_of_a_film_that_cannot_be_used_are_named(broken):
    content = json.loads((broken / TIMES).read_text(encoding="utf-8"))
    content["segments"][1]["end"] = float("nan")
    (broken / TIMES).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="segment 2: got end nan"):
        table(broken, "streaming_segments")


def test_segments_of_one_number_are_refused(broken):
    content = json.loads((broken / TIMES).read_text(encoding="utf-8"))
    content["segments"][1]["index"] = 1
    (broken / TIMES).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="'Heat/segment001' stands 2 times"):
        table(broken, "streaming_segments")


def test_a_folder_of_another_corpus_is_refused(tmp_path):
    emos.write_meld_csv(tmp_path / "MELD")
    with pytest.raises(ValueError, match="no emos folder.*looks like meld"):
        EmosBuilder(data_dir=str(tmp_path / "MELD"))


def test_no_annotator_is_named_in_the_rows(clone):
    for config in ("static", "goemotions", "annotations"):
        text = str(table(clone, config).drop_columns(["audio", "video"]).to_pylist())
        assert not any(name in text for name in ("zhao", "bei", "dong", "annotator_"))
