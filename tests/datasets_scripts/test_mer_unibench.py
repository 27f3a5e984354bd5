"""MER-UniBench: nine test sets as one view, from processed folders and from the corpora."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from corpus_trees import iemocap, media, meld, mer2023, mer2024
from corpus_trees.mer_unibench import SETS, make

import affecthub
from affecthub.datasets_scripts.mer_unibench.sets import SETS as TEST_SETS
from affecthub.labels import label_set
from affecthub.media import load_frames, load_waveform


def write_processed(root: Path) -> Path:
    """The two processed folders that no other test writes: of MELD and of IEMOCAP."""
    folder = root / "meld-process"
    clips = {
        "train": ["train_dia0_utt0"],
        "val": ["val_dia3_utt1"],
        "test": ["test_dia0_utt0", "test_dia0_utt2"],
    }
    arrays = {
        f"{side}_corpus": {clip: {"emo": i, "val": -10} for i, clip in enumerate(names)}
        for side, names in clips.items()
    }
    media.put(folder / "label.npz", b"")
    np.savez_compressed(folder / "label.npz", **arrays)
    lines = ["name,chinese,english"] + [f'{c},好,"Well, {c}."' for n in clips.values() for c in n]
    text = "\n".join(lines)
    media.put(folder / "transcription-engchi-polish.csv", text.encode("utf-8-sig"))
    for i, clip in enumerate(clip for names in clips.values() for clip in names):
        media.put(folder / "subvideo" / f"{clip}.mp4", media.clip_video(i))
        media.put(folder / "subaudio" / f"{clip}.wav", media.clip_wav(i))

    folder = root / "iemocap-process"
    turns = ["Ses01F_impro01_F000", "Ses05M_script03_2_F011", "Ses05F_impro01_M003"]
    corpus = {turn: {"emo": i, "val": -10} for i, turn in enumerate(turns)}
    media.put(folder / "label_4way.npz", b"")
    np.savez_compressed(folder / "label_4way.npz", whole_corpus=corpus)
    for i, turn in enumerate(turns):
        media.put(folder / "subvideo-tgt" / f"{turn}.avi", media.clip_video(i, "avi", sound=False))
        media.put(folder / "subaudio" / f"{turn}.wav", media.clip_wav(i))
    return root


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make(tmp_path_factory.mktemp("unibench"))


def test_sizes_are_those_of_the_paper():
    assert {item.name: item.benchmark.n_clips for item in TEST_SETS} == dict(
        zip(SETS, (411, 1169, 1241, 2610, 686, 4659, 457, 1034, 532), strict=True)
    )


def test_nine_sets_from_the_corpora(whole, load):
    sets = load("mer_unibench", data_dir=whole)
    assert list(sets) == list(SETS)
    for item in TEST_SETS:
        rows = sets[item.name]
        assert len(rows) > 0, item.name
        assert set(rows["task"]) == {item.task} and set(rows["set"]) == {item.name}
        assert set(map(tuple, rows["candidates"])) == {item.candidates}
        assert all(rows["id"][i] == f"{item.name}/{rows['source_id'][i]}" for i in range(len(rows)))
        own = load(
            item.name,
            item.config,
            data_dir=whole / item.name,
            protocol=item.protocol,
            split=item.split,
        )
        assert rows["source_id"][:] == own["id"][:]
        assert rows["sentiment"][:] == own["sentiment"][:]
        assert rows["open_vocabulary"][:] == own["open_vocabulary"][:]
        if item.task == "basic":
            words = label_set("mer_unibench")
            labels = [words[i] for i in rows["emotion"]]
            assert labels == [own.features["emotion"].names[i] for i in own["emotion"]]
            assert set(labels) <= set(item.candidates)


def test_subtitles_are_those_the_official_evaluation_gives(tmp_path, load):
    for corpus, module in (("mer2023", mer2023), ("mer2024", mer2024)):
        root = module.make(tmp_path / corpus)
        for path in root.rglob("*transcription*"):
            path.unlink()
        ids = load("mer_unibench", data_dir=tmp_path, split=corpus)["source_id"][:]
        lines = ["name,chinese,english", *(f"{clip},好的,All right" for clip in ids)]
        media.put(root / "transcription-engchi-polish.csv", "\n".join(lines).encode())
    sets = load("mer_unibench", data_dir=tmp_path)
    assert set(sets["mer2023"]["subtitle"]) == {"All right"}
    assert set(sets["mer2024"]["subtitle"]) == {"好的"} == set(sets["mer2023"]["text"])


def test_clips_cut_from_a_shared_film_keep_their_part(whole, load):
    row = load("mer_unibench", data_dir=whole, split="iemocap")[0]
    assert row["video_start_s"] == row["start_s"] and len(row["video_crop"]) == 4


def test_processed_folders(tmp_path, load):
    root = write_processed(tmp_path / "dataset")
    sets = load("mer_unibench", data_dir=root)
    assert sets["meld"]["source_id"][:] == ["test_dia0_utt0", "test_dia0_utt2"]
    names = sets["meld"].features["emotion"].names
    assert [names[i] for i in sets["meld"]["emotion"]] == ["anger", "joy"]
    assert sets["meld"]["text"][0] == "Well, test_dia0_utt0."
    assert sets["iemocap"]["source_id"][:] == ["Ses05M_script03_2_F011", "Ses05F_impro01_M003"]
    assert [names[i] for i in sets["iemocap"]["emotion"]] == ["sad", "neutral"]
    row = sets["iemocap"][0]
    assert row["speaker_id"] == "Ses05F" and row["video_start_s"] is None
    assert load_frames(row["video"], 2).shape == (2, 112, 112, 3)
    assert load_waveform(row["audio"]).size
    assert len(sets["ch_sims"]) == 0
    report = affecthub.verify("mer_unibench", root)
    assert len([p for p in report.problems if "not there" in p]) == 7
    assert {c.name: c.found for c in report.checks}["meld clips"] == 2


def write_transcripts(folder: Path, *lines: str) -> None:
    text = "\n".join(("name,chinese,english", *lines)) + "\n"
    media.put(folder / "transcription-engchi-polish.csv", text.encode())


def test_transcripts_that_name_a_turn_twice(tmp_path, load, caplog):
    """As in the real csv: noise turns stand twice, and a few turns have no label."""
    folder = write_processed(tmp_path / "dataset") / "iemocap-process"
    noise = "Ses05M_impro03_FXX0,,Awe."
    labelled = ("Ses01F_impro01_F000,,One.", "Ses05M_script03_2_F011,,Two.")
    write_transcripts(folder, noise, *labelled, noise, labelled[1])
    rows = load("iemocap", data_dir=folder, split="train")
    assert rows["text"][:] == ["One.", "Two.", None]
    report = affecthub.verify("iemocap", folder)
    assert report.problems == [] and not caplog.records

    # What an id without a label says twice does not matter; what a clip says twice does.
    other = noise.replace("Awe", "Oh")
    write_transcripts(folder, noise, other, ",,nobody", *labelled, labelled[1].replace("Two", "2"))
    assert load("iemocap", data_dir=folder, split="train")["text"][:] == ["One.", "Two.", None]
    name = "transcription-engchi-polish.csv"
    problems = [
        f"{name}: 1 rows name no clip, first line 4; they are left out",
        f"{name}: 1 clips stand several times with different contents, first "
        "'Ses05M_script03_2_F011' (lines 5, 6); the first row of each is used",
    ]
    assert affecthub.verify("iemocap", folder).problems == problems
    assert all(problem in caplog.text for problem in problems)


NAMES = {
    "mer2023": ("mer2023-dataset-process", "mer2023-dataset", "MER2023", "mer2023_dataset"),
    "iemocap": ("iemocap-process", "iemocap", "IEMOCAP_full_release", "IEMOCAP"),
    "meld": ("meld-process", "MELD", "MELD.Raw", "meld-dataset"),
    "cmu_mosi": ("cmumosi-process", "cmumosi", "CMU-MOSI", "MOSI"),
    "cmu_mosei": ("cmumosei-process", "cmumosei", "CMU_MOSEI"),
    "ch_sims": ("sims-process", "sims", "CH-SIMS", "SIMS"),
    "ch_sims_v2": ("simsv2-process", "simsv2", "ch-simsv2s", "SIMS_v2"),
    "ov_merd": ("ovmerdplus-process", "ovmerdplus", "OV-MERD+", "ov-merd"),
    "mer2024": ("mer2024-dataset-process", "mer2024-dataset", "mer2024"),
}


def test_names_of_folders():
    folders = [name for names in NAMES.values() for name in names]
    for item in TEST_SETS:
        for name in (item.name, *NAMES[item.name]):
            assert item.folder_in([name]) == name, name
            assert [i.name for i in TEST_SETS if i.folder_in([name])] == [item.name], name
        # Of several the download's own goes first, then our name.
        assert item.folder_in(folders) == item.folder == NAMES[item.name][0]
        assert item.folder_in([*NAMES[item.name][1:], item.name]) == item.name
        assert item.folder_in(["", "clips", "mer2026", "process", "emos", "cmumosis"]) is None


def test_folders_of_merbench_and_sets_that_are_not_there(reference_data, load, caplog):
    """MERBench's own folders, as they lie in a clone of its repository."""
    folder = reference_data / "merbench_labels"
    sets = load("mer_unibench", data_dir=folder)
    sizes = {name: len(rows) for name, rows in sets.items() if len(rows)}
    assert sizes == {
        "mer2023": 411,
        "meld": 2610,
        "cmu_mosi": 686,
        "ch_sims": 457,
        "ch_sims_v2": 1034,
    }
    for name in ("mer2024", "iemocap", "cmu_mosei", "ov_merd"):
        (line,) = [r.message for r in caplog.records if f": {name}: not there" in r.message]
        assert "its split is empty" in line and NAMES[name][0] in line and f"root {name}" in line
    caplog.clear()
    load("mer_unibench", data_dir=folder)  # out of the cache, and yet not silent
    assert "ov_merd: not there" in caplog.text
    report = affecthub.verify("mer_unibench", folder)
    assert not report.ok and len(report.problems) == 4
    assert report.read_as["ch_sims_v2"] == f"the folder {folder / 'simsv2'}"
    # Sentiment sets have no emotion label: a column that the others lack.
    (clips,) = [section for section in report.sections() if section.title == "Clips"]
    at, all_at = clips.columns.index("(none)"), clips.columns.index("all")
    none = {row[0]: (row[at], row[all_at]) for row in clips.rows}
    assert none["ch_sims"] == ("457", "457") and none["meld"] == ("0", "2610")
    assert "ch_sims_v2" in str(report)


def test_harmonised_labels_do_not_depend_on_the_sets_beside(tmp_path, load):
    """IEMOCAP brings its own `emotion_basic7`, which once made that of all others null."""
    root = write_processed(tmp_path / "both")
    together = load("mer_unibench", data_dir=root)
    alone = load("mer_unibench", data_dir=tmp_path, roots={"meld": root / "meld-process"})
    assert together["meld"]["emotion_basic7"][:] == alone["meld"]["emotion_basic7"][:]
    names = together["meld"].features["emotion_basic7"].names
    assert [names[i] for i in together["meld"]["emotion_basic7"]] == ["anger", "joy"]
    names = together["iemocap"].features["emotion_basic7"].names
    assert [names[i] for i in together["iemocap"]["emotion_basic7"]] == ["sadness", "neutral"]


def test_processed_iemocap_says_what_it_cannot_give(tmp_path, load):
    root = write_processed(tmp_path / "dataset")
    with pytest.raises(ValueError, match="four classes only"):
        load("iemocap", "full", data_dir=root / "iemocap-process")
    rows = load("iemocap", data_dir=root / "iemocap-process", protocol="mer_unibench")
    # Happiness and excitement are one class there.
    assert load("iemocap", data_dir=root / "iemocap-process")["train"]["emotion_basic7"][0] is None
    assert (len(rows["train"]), len(rows["test"])) == (1, 2)


def test_processed_meld_is_the_released_one(reference_data):
    """Labels of the processed npz equal those of the csv, clip by clip."""
    builder = import_module("affecthub.datasets_scripts.meld.builder").MeldBuilder
    processed = builder(data_dir=reference_data / "merbench_labels" / "meld").rows()
    released = builder(data_dir=reference_data / "meld").rows()
    pairs = [
        dict(zip(rows["id"].to_pylist(), rows["emotion"].to_pylist(), strict=True))
        for rows in (processed, released)
    ]
    assert pairs[0] == pairs[1] and len(pairs[0]) == 13708


def test_roots_go_before_the_folder(whole, tmp_path, load):
    other = meld.make(tmp_path / "elsewhere")
    extra = iemocap.make(tmp_path / "more")
    empty = tmp_path / "empty"
    empty.mkdir()
    sets = load("mer_unibench", data_dir=empty, roots={"meld": other, "iemocap": extra})
    assert len(sets["meld"]) and len(sets["iemocap"]) and not len(sets["mer2023"])
    assert str(other) in sets["meld"][0]["video"]["path"]
    with pytest.raises(ValueError, match="none of the test sets"):
        load("mer_unibench", data_dir=empty)
    with pytest.raises(ValueError, match="unknown root of mer_unibench: got 'sims'"):
        load("mer_unibench", data_dir=empty, roots={"sims": other})
