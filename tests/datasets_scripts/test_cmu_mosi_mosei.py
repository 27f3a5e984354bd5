"""CMU-MOSI and CMU-MOSEI from every layout people have, and one clear error for each mistake."""

import csv

import numpy as np
import pytest
from corpus_trees import ch_sims, ch_sims_v2, cmu_mosei, cmu_mosi, sentiment
from corpus_trees.media import put

from affecthub.datasets_scripts import verify
from affecthub.media import load_waveform


def all_rows(corpus):
    return {row["id"]: row for split in corpus.values() for row in split}


def mosi_cmu(root):
    """CMU's tree, with the label file of MMSA beside it."""
    sentiment.write_label_csv(root / "label.csv", cmu_mosi.CLIPS)
    return cmu_mosi.write_cmu(root)


MOSI = {"mmsa": cmu_mosi.make, "npz": cmu_mosi.write_npz, "cmu": mosi_cmu}


@pytest.mark.parametrize("layout", MOSI)
def test_every_layout_gives_the_same_rows(tmp_path, load, layout):
    corpus = load("cmu_mosi", data_dir=MOSI[layout](tmp_path / "mosi"))
    assert corpus.num_rows == {"train": 6, "validation": 4, "test": 4}
    rows = all_rows(corpus)
    assert list(rows) == [clip.id for clip in cmu_mosi.CLIPS]  # as they stand in the label file
    for clip in cmu_mosi.CLIPS:
        row = rows[clip.id]
        assert (row["video_id"], row["clip_id"]) == (clip.video, clip.clip)
        assert row["group_id"] == clip.video and row["speaker_id"] is None
        assert row["sentiment"] == pytest.approx(float(clip.label))
        assert row["text"] == clip.text and row["text_en"] is None
        assert row["language"] == "en" and row["emotion"] is None
        assert row["media_issue"] is None
        assert row["annotation"] == (None if layout == "npz" else clip.annotation)


def test_ids_are_text_that_is_split_at_the_last_underscore(tmp_path, load):
    rows = all_rows(load("cmu_mosi", data_dir=cmu_mosi.write_npz(tmp_path / "mosi")))
    assert rows["_dI--eQ6qVU_12"]["video_id"] == "_dI--eQ6qVU"
    assert rows["atnd_PF-Lbs_1"]["clip_id"] == "1"
    assert rows["08412_12"]["video_id"] == "08412"  # no number: the zero stays


def test_sound_is_that_of_the_segment(tmp_path, load):
    # CMU's tree has a wav per segment; MMSA's form has the sound in the film.
    rows = load("cmu_mosi", data_dir=mosi_cmu(tmp_path / "cmu"), split="train")
    assert rows[0]["audio"]["path"].endswith("Audio/WAV_16000/Segmented/03bSnISJMiM_1.wav")
    assert rows[0]["video"]["path"].endswith("Video/Segmented/03bSnISJMiM_1.mp4")
    rows = load("cmu_mosi", data_dir=cmu_mosi.make(tmp_path / "mmsa"), split="train")
    assert rows[0]["audio"]["path"] == rows[0]["video"]["path"]
    assert load_waveform(rows[0]["audio"]).size


def test_whole_videos_belong_to_no_clip(tmp_path, load):
    root = mosi_cmu(tmp_path / "mosi")
    # The whole video `abc_1` is not clip 1 of `abc`, and a segment that is gone stays gone.
    (root / "Raw/Video/Segmented/03bSnISJMiM_1.mp4").unlink()
    put(root / "Raw/Video/Full/03bSnISJMiM_1.mp4", b"whole")
    row = all_rows(load("cmu_mosi", data_dir=root))["03bSnISJMiM_1"]
    assert row["video"] is None and row["media_issue"] == "video file missing"
    assert verify("cmu_mosi", root).media["video"] == {"found": 13, "missing": 1, "broken": 0}


def test_text_from_the_transcripts_where_the_labels_have_none(tmp_path, load):
    root = cmu_mosi.write_cmu(tmp_path / "mosi")
    sentiment.write_npz(root / "label.npz", cmu_mosi.CLIPS)
    put(
        root / "Raw/Transcript/Segmented/08412.annotprocessed", b"1_DELIM_THE \xff END\nnothing\n\n"
    )
    rows = all_rows(load("cmu_mosi", data_dir=root))
    assert rows["03bSnISJMiM_12"]["text"] == "SENTENCE 12 OF 0, ANYHOW"
    assert rows["08412_1"]["text"] == "THE \ufffd END" and rows["08412_12"]["text"] is None
    problems = verify("cmu_mosi", root).problems
    assert problems == [
        "1 lines of transcripts cannot be read, first in 08412.annotprocessed: got 'nothing'"
    ]


@pytest.mark.parametrize("name", ["cmu_mosi", "cmu_mosei"])
def test_a_tree_without_labels_says_what_is_missing(tmp_path, load, name):
    tree = {"cmu_mosi": cmu_mosi, "cmu_mosei": cmu_mosei}[name]
    with pytest.raises(ValueError, match="without labels, expected label.csv or label.npz"):
        load(name, data_dir=tree.write_cmu(tmp_path / "cmu"))


def test_files_that_disagree_are_reported(tmp_path, load):
    root = cmu_mosi.make(tmp_path / "mosi")
    first, *rest = cmu_mosi.CLIPS
    other = [first._replace(label="3.0", mode="test"), *rest[:-1]]
    sentiment.write_npz(root / "label.npz", other)
    assert verify("cmu_mosi", root).problems == [
        "label.csv has 14 clips, label.npz has 13, 0 of them others; the clips of both are used",
        "label.npz contradicts `split_official` of 1 clips, first 03bSnISJMiM_1; "
        "the file before it is used",
        "label.npz contradicts `sentiment` of 1 clips, first 03bSnISJMiM_1; "
        "the file before it is used",
    ]
    row = all_rows(load("cmu_mosi", data_dir=root))["03bSnISJMiM_1"]
    assert (
        row["sentiment"] == pytest.approx(float(first.label)) and row["split_official"] == "train"
    )


def test_rounding_is_no_disagreement(tmp_path):
    root = cmu_mosei.make(tmp_path / "mosei")
    exact = [
        clip._replace(label=repr(round(3 * float(clip.label)) / 3)) for clip in cmu_mosei.CLIPS
    ]
    assert exact != cmu_mosei.CLIPS
    sentiment.write_npz(root / "label.npz", exact)
    assert verify("cmu_mosei", root).problems == []


def test_scores_out_of_range_and_empty_ones_are_null_and_reported(tmp_path, load):
    changed = list(cmu_mosi.CLIPS)
    changed[0] = changed[0]._replace(label="30")
    root = tmp_path / "mosi"
    path = sentiment.write_label_csv(root / "label.csv", changed)
    path.write_text(
        path.read_text().replace(f'{changed[1].text}",{changed[1].label}', f'{changed[1].text}",')
    )
    rows = all_rows(load("cmu_mosi", data_dir=root))
    assert len(rows) == 14
    assert rows[changed[0].id]["sentiment"] is None and rows[changed[1].id]["sentiment"] is None
    assert verify("cmu_mosi", root).problems == [
        "`sentiment` of 1 clips is out of range, first 03bSnISJMiM_1: got 30, expected -3 to 3; "
        "it is null",
        "2 clips have no score, first 03bSnISJMiM_1",
    ]


def test_the_label_file_of_a_larger_corpus_is_noticed(tmp_path):
    clips = [cmu_mosi.CLIPS[0]._replace(clip=str(i)) for i in range(2200)]
    sentiment.write_label_csv(tmp_path / "label.csv", clips)
    assert verify("cmu_mosi", tmp_path).problems == [
        "label.csv has 2200 clips, cmu_mosi has 2199; it may belong to another corpus"
    ]


def change(old, new):
    def write(root):
        path = sentiment.write_label_csv(root / "label.csv", cmu_mosi.CLIPS)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return write


def test_a_clip_that_is_repeated(tmp_path, load):
    change("iM,12,", "iM,1,")(tmp_path)  # two rows of different text and score
    train = load("cmu_mosi", data_dir=tmp_path, split="train")
    assert train["id"][:].count("03bSnISJMiM_1") == 1
    assert train[0]["text"] == cmu_mosi.CLIPS[0].text
    (problem,) = verify("cmu_mosi", tmp_path).problems
    assert problem.startswith("label.csv: 1 clips stand several times with different contents")
    assert "'03bSnISJMiM_1' (lines 2, 3)" in problem
    path = sentiment.write_label_csv(tmp_path / "label.csv", [*cmu_mosi.CLIPS, cmu_mosi.CLIPS[3]])
    assert verify("cmu_mosi", tmp_path).problems == [] and path.exists()


def test_a_label_csv_as_spreadsheets_of_half_of_europe_save_it(tmp_path, load):
    path = sentiment.write_label_csv(tmp_path / "label.csv", cmu_mosei.CLIPS)
    expected = load("cmu_mosei", data_dir=tmp_path, split="train")["sentiment"][:]
    with open(path, newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    rows[1:] = [[*row[:3], row[3].replace(".", ","), *row[4:]] for row in rows[1:]]
    with open(path, "w", newline="", encoding="utf-16") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    assert load("cmu_mosei", data_dir=tmp_path, split="train")["sentiment"][:] == expected
    report = verify("cmu_mosei", tmp_path)
    assert report.problems == []
    how = "text of utf-16, semicolons between columns, decimal commas in label"
    assert report.read_as == {"label.csv": how}


@pytest.mark.parametrize(
    ("written", "split"),
    [("TRAIN", "train"), ("Training", "train"), ("dev", "validation"), (" Valid ", "validation")]
    + [("validation", "validation"), ("VAL", "validation"), ("Test", "test")],
)
def test_spellings_of_a_split(tmp_path, load, written, split):
    change(",train", f",{written}")(tmp_path)
    assert load("cmu_mosi", data_dir=tmp_path, split=split)["id"][0] == "03bSnISJMiM_1"


def bad_npz(**arrays):
    return lambda root: np.savez(root / "label.npz", **arrays)


BAD = {
    "missing column": (
        change(",mode", ",split"),
        r"label\.csv: missing column: got none called 'mode'",
    ),
    "column twice": (change("label_T", "label"), r"label\.csv: got column 'label' 2 times"),
    "unknown split": (change(",train", ",trian"), r"label\.csv, line 2: got 'trian' as `mode`"),
    "no number": (change(",2.4,", ",good,"), r"label\.csv, line 2: got 'good' as `label`"),
    "clip no number": (change("iM,12,", "iM,x2,"), r"label\.csv, line 3: got clip_id 'x2'"),
    "video empty": (change("03bSnISJMiM,1,", ",1,"), r"label\.csv, line 2: got video_id ''"),
    "two label files": (
        lambda root: [
            sentiment.write_label_csv(root / name / "label.csv", cmu_mosi.CLIPS)
            for name in ("MOSEI", "MOSI")
        ],
        r"got 2 label files \(MOSEI/label\.csv, MOSI/label\.csv\), expected one",
    ),
    "npz of other names": (bad_npz(train={"a_1": {"val": 1}}), r"label\.npz: got array 'train'"),
    "npz of lists": (bad_npz(train_corpus=["a"]), r"label\.npz: got array 'train_corpus' \(ndarr"),
    "npz without val": (
        bad_npz(test_corpus={"a_1": {"emo": 0}}),
        r"label\.npz: clip without an id",
    ),
    "npz of text": (bad_npz(test_corpus={"a_1": {"val": "high"}}), r"label\.npz: clip without"),
    "npz huge": (bad_npz(test_corpus={"a_1": {"val": 10**400}}), r"label\.npz: clip without"),
    "npz id": (bad_npz(test_corpus={"a": {"val": 1}}), r"label\.npz: got clip 'a', expected an id"),
    "npz id of bytes": (bad_npz(test_corpus={1: {"val": 1}}), r"label\.npz: clip without an id"),
    "npz twice": (
        bad_npz(train_corpus={"a_1": {"val": 1}}, test_corpus={"a_1": {"val": 1}}),
        r"label\.npz: clip 'a_1' stands 2 times",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_label_files(tmp_path, load, case):
    write, message = BAD[case]
    write(tmp_path)
    with pytest.raises(ValueError, match=message):
        load("cmu_mosi", data_dir=tmp_path)


OTHERS = {
    "SIMS as MOSI": ("cmu_mosi", ch_sims, "6 of 6 source videos are of ch_sims, 0 of cmu_mosi"),
    "SIMS as MOSEI": ("cmu_mosei", ch_sims, "6 of 6 source videos are of ch_sims"),
    "v2 as MOSEI": ("cmu_mosei", ch_sims_v2, "source videos are of ch_sims_v2, 0 of cmu_mosei"),
    "MOSI as MOSEI": ("cmu_mosei", cmu_mosi, "5 of 7 source videos are of cmu_mosi"),
}


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.parametrize("form", ["csv", "npz"])
def test_a_corpus_of_the_family_under_anothers_name(tmp_path, load, case, form):
    name, tree, message = OTHERS[case]
    clips = [clip for clip in tree.CLIPS if clip.clip.isdigit()]
    write = {"csv": sentiment.write_label_csv, "npz": sentiment.write_npz}[form]
    write(tmp_path / f"label.{form}", clips)
    with pytest.raises(ValueError, match=f"got clips of another corpus than {name}: .*{message}"):
        load(name, data_dir=tmp_path)
    few = [clips[0]]  # whatever its size
    write(tmp_path / f"label.{form}", few)
    with pytest.raises(ValueError, match="got clips of another corpus"):
        load(name, data_dir=tmp_path)


def test_videos_that_are_none_of_a_closed_corpus_are_reported(tmp_path):
    sentiment.write_label_csv(tmp_path / "label.csv", cmu_mosei.CLIPS)
    (problem,) = verify("cmu_mosi", tmp_path).problems
    assert problem.startswith("6 of 6 source videos are none of cmu_mosi's, first ")


def test_another_language_is_reported(tmp_path):
    chinese = [clip._replace(text="他说得很好。") for clip in cmu_mosei.CLIPS]
    sentiment.write_label_csv(tmp_path / "label.csv", chinese)
    (problem,) = verify("cmu_mosei", tmp_path).problems
    assert problem.startswith(
        "12 of 12 transcripts hold Chinese characters, while the corpus is in"
    )
    english = [clip._replace(text="He says it well.") for clip in ch_sims.CLIPS]
    sentiment.write_label_csv(tmp_path / "label.csv", english)
    (problem,) = verify("ch_sims", tmp_path).problems
    assert "transcripts hold none of Chinese" in problem


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("cmu_mosei", "cmumosi", "93 of 93 source videos are of cmu_mosi, 0 of cmu_mosei"),
        ("ch_sims_v2", "sims", "all 2281 clips are of ch_sims, and no others"),
        ("cmu_mosi", "sims", "60 of 60 source videos are of ch_sims"),
        ("cmu_mosei", "simsv2", "145 of 152 source videos are of ch_sims_v2"),
        ("cmu_mosi", "meld", "label.npz: got clip"),
        ("ch_sims", "simsv2", "expected an id such as"),
        ("ch_sims", "cmumosi", "expected an id such as"),
    ],
)
def test_released_folders_under_anothers_name(reference_data, name, folder, message):
    with pytest.raises(ValueError, match=message):
        verify(name, reference_data / "merbench_labels" / folder)


def test_a_part_of_the_second_version_may_be_the_first(tmp_path):
    sentiment.write_label_csv(tmp_path / "label.csv", ch_sims.CLIPS)
    (problem,) = verify("ch_sims_v2", tmp_path).problems
    assert "6 source videos are also of ch_sims, which is a part of ch_sims_v2" in problem
    assert verify("ch_sims", tmp_path).problems == []


def test_a_folder_of_another_corpus_is_named(tmp_path, load):
    put(tmp_path / "aqgy4_0009" / "00026_0.mp4", b"x")
    with pytest.raises(ValueError, match="no cmu_mosi folder.*This looks like ch_sims_v2"):
        load("cmu_mosi", data_dir=tmp_path)


# CMU-MOSEI's own.


def mosei_cmu(root):
    sentiment.write_label_csv(root / "label.csv", cmu_mosei.CLIPS)
    return cmu_mosei.write_ratings(cmu_mosei.write_cmu(root))


def test_mosei_in_the_mmsa_form(tmp_path, load):
    corpus = load("cmu_mosei", data_dir=cmu_mosei.make(tmp_path / "mosei"))
    assert corpus.num_rows == {"train": 6, "validation": 2, "test": 4}
    row = corpus["train"][2]
    assert (row["id"], row["video_id"], row["clip_id"]) == ("208322_0", "208322", "0")
    assert row["start_s"] is None and row["intensity_happy"] is None


def test_mosei_times_and_intensities(tmp_path, load):
    corpus = load("cmu_mosei", data_dir=mosei_cmu(tmp_path / "mosei"))
    rows = all_rows(corpus)
    assert set(rows) == {clip.id for clip in cmu_mosei.CLIPS}  # not those of the transcripts
    for i, clip in enumerate(cmu_mosei.CLIPS):
        row = rows[clip.id]
        start, end = cmu_mosei.times(i)
        assert (row["start_s"], row["end_s"], row["duration_s"]) == (start, end, end - start)
        assert row["text"] == clip.text and row["media_issue"] is None
        assert row["audio"]["path"].endswith(f"Videos/Segmented/Combined/{clip.id}.mp4")
        # Ratings are (i % 4, 0, 0), and clip 0 has a fourth one, 3, in the second batch.
        mean = 3 / 4 if i == 0 else (i % 4) / 3
        for name in ("happy", "sad", "anger", "surprise", "disgust", "fear"):
            assert row[f"intensity_{name}"] == pytest.approx(mean)


def test_mosei_each_emotion_is_its_own_answer(tmp_path, load):
    root = cmu_mosei.make(tmp_path / "mosei")
    clip = cmu_mosei.CLIPS[0]
    header = ["Input.VIDEO_ID", "Input.CLIP", *(f"Answer.{name}" for name in cmu_mosei.ANSWERS)]
    rows = [
        [clip.video, clip.clip, 0, 0.5, 1, "", 2, 4],
        [clip.video, clip.clip, 0, 1, 1, "", 3, 4],
    ]
    sentiment.write_csv(root / "Labels" / "batch.csv", header, rows)
    row = load("cmu_mosei", data_dir=root, split="train")[0]
    names = ("happy", "sad", "anger", "surprise", "disgust", "fear")
    # An empty cell is no rating; 4 is more than the scale has.
    expected = [0, 0.75, 1, None, 2.5, None]
    assert [row[f"intensity_{name}"] for name in names] == expected
    assert verify("cmu_mosei", root).problems == [
        f"`intensity_fear` of 1 clips is out of range, first {clip.id}: got 4, expected 0 to 3; "
        "it is null"
    ]


def test_mosei_intensities_of_a_label_csv(tmp_path, load):
    path = sentiment.write_label_csv(tmp_path / "label.csv", cmu_mosei.CLIPS)
    first, *lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{first},happy,sad", *(f"{line},0.3333,2" for line in lines)]))
    row = load("cmu_mosei", data_dir=tmp_path, split="test")[0]
    assert row["intensity_happy"] == pytest.approx(0.3333) and row["intensity_sad"] == 2
    assert row["intensity_fear"] is None


def test_mosei_ratings_that_are_no_numbers(tmp_path, load):
    root = mosei_cmu(tmp_path / "mosei")
    path = root / "Raw/Labels/mturk_extra_v2.csv"
    path.write_text(path.read_text().replace(",3,3,", ",3,much,", 1))
    with pytest.raises(ValueError, match=r"mturk_extra_v2\.csv, line 2: got 'much' as `Answer\."):
        load("cmu_mosei", data_dir=root)


@pytest.mark.parametrize("name", ["cmu_mosi", "cmu_mosei"])
def test_official_cuts_no_video(tmp_path, name):
    tree = {"cmu_mosi": cmu_mosi, "cmu_mosei": cmu_mosei}[name]
    report = verify(name, tree.make(tmp_path / "corpus"))
    assert report.problems == [] and report.shared_groups == {}
    checks = {check.name: check for check in report.checks}
    assert checks["annotations unlike the sign of the score"].ok
    assert checks["rows"].found == len(tree.CLIPS) and not checks["rows"].ok
    assert not report.ok  # as a corpus of 14 clips


def test_an_annotation_unlike_the_score_is_counted(tmp_path):
    change(",Negative,", ",Positive,")(tmp_path)
    checks = {check.name: check for check in verify("cmu_mosi", tmp_path).checks}
    assert checks["annotations unlike the sign of the score"].found == 1
