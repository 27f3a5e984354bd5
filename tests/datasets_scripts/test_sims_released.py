"""The released label files of CMU-MOSI, CH-SIMS and CH-SIMS v2: counts, zeros, splits, overlap."""

import numpy as np
import pytest

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.protocols.rules import shared_groups

V2_CSV = "emos/datasets/data-final/datasets/ch-simsv2s"
FOLDERS = {
    "cmu_mosi": ("cmu_mosi", "merbench_labels/cmumosi"),
    "ch_sims": ("ch_sims", "merbench_labels/sims"),
    "ch_sims_v2": ("ch_sims_v2", V2_CSV),
    "ch_sims_v2 npz": ("ch_sims_v2", "merbench_labels/simsv2"),
}
# Split -> clips and exact zeros; the sentiment metrics leave zeros out.
COUNTS = {
    "cmu_mosi": {"train": (1284, 53), "validation": (229, 13), "test": (686, 30)},
    "ch_sims": {"train": (1368, 207), "validation": (456, 69), "test": (457, 69)},
    "ch_sims_v2": {"train": (2722, 318), "validation": (647, 92), "test": (1034, 123)},
}
SCORED_IN_TEST = {"cmu_mosi": 656, "ch_sims": 388, "ch_sims_v2": 911}


@pytest.fixture(scope="module")
def corpora(reference_data, tmp_path_factory):
    import affecthub

    def load(name, folder):
        cache = tmp_path_factory.mktemp("cache")
        return affecthub.load_dataset(name, data_dir=reference_data / folder, cache_dir=cache)

    return {case: load(*where) for case, where in FOLDERS.items()}


@pytest.mark.parametrize("case", FOLDERS)
def test_counts(corpora, case):
    name = FOLDERS[case][0]
    for split, (n_rows, n_zeros) in COUNTS[name].items():
        scores = np.array(corpora[case][split]["sentiment"], dtype=np.float64)  # no nulls
        assert len(scores) == n_rows and (scores == 0).sum() == n_zeros
        limit = 3 if name == "cmu_mosi" else 1
        assert np.abs(scores).max() == limit
    assert (scores != 0).sum() == SCORED_IN_TEST[name]  # the last split is the test split


@pytest.mark.parametrize("case", FOLDERS)
def test_verify_agrees_with_every_figure(reference_data, case):
    name, folder = FOLDERS[case]
    report = verify(name, reference_data / folder)
    assert report.problems == []
    # 1 for all rows, 9 by split; overlap with the first version; annotations in the csv.
    assert len(report.checks) == 10 + (name == "ch_sims_v2") + (case == "ch_sims_v2")
    assert all(check.ok for check in report.checks), report.checks


def test_mosi_is_video_disjoint_and_in_capitals(corpora):
    corpus = corpora["cmu_mosi"]
    assert shared_groups(corpus) == {}
    assert [len(set(split["video_id"])) for split in corpus.values()] == [52, 10, 31]
    rows = [row for split in corpus.values() for row in split]
    assert all(row["text"] == row["text"].upper() for row in rows)
    assert sum("_" in row["video_id"] for row in rows) == 420
    assert all(row["id"] == f"{row['video_id']}_{row['clip_id']}" for row in rows)


def test_every_test_video_of_sims_is_in_training(corpora):
    corpus = corpora["ch_sims"]
    videos = {name: set(split["video_id"]) for name, split in corpus.items()}
    assert [len(v) for v in videos.values()] == [60, 59, 59]
    assert videos["test"] <= videos["train"] and videos["validation"] <= videos["train"]
    assert None not in corpus["test"]["text"][:] and None not in corpus["test"]["text_en"][:]


def test_sims_v2_videos(corpora):
    corpus = corpora["ch_sims_v2"]
    videos = {name: set(split["video_id"]) for name, split in corpus.items()}
    everything = set.union(*videos.values())
    assert len(everything) == 145
    assert sum(sum(video in side for side in videos.values()) > 1 for video in everything) == 129
    assert sum(video in videos["train"] for video in corpus["test"]["video_id"]) == 844


def test_the_csv_and_the_npz_of_sims_v2_agree(corpora):
    for split in corpora["ch_sims_v2"]:
        one, two = (corpora[case][split] for case in ("ch_sims_v2", "ch_sims_v2 npz"))
        for column in ("id", "video_id", "clip_id", "sentiment", "in_ch_sims"):
            assert one[column][:] == two[column][:], column
    marked = {
        "00008_0",
        "00011_0",
        "00011_1",
        "00012_0",
        "00020_1",
        "00001_0",
        "00002_0",
        "00026_0",
    }
    clips = [clip for split in corpora["ch_sims_v2 npz"].values() for clip in split["clip_id"]]
    assert {clip for clip in clips if "_" in clip} == marked


def test_sims_v2_contains_sims(corpora):
    for split in ("train", "validation", "test"):
        old, new = corpora["ch_sims"][split], corpora["ch_sims_v2"][split]
        old_scores = dict(zip(old["id"], old["sentiment"], strict=True))
        new_rows = zip(new["id"], new["sentiment"], new["in_ch_sims"], strict=True)
        assert old_scores == {clip: score for clip, score, is_old in new_rows if is_old}
    assert sum(sum(split["in_ch_sims"]) for split in corpora["ch_sims_v2"].values()) == 2281


def test_modality_scores_of_sims_v2(corpora):
    rows = [row for split in corpora["ch_sims_v2"].values() for row in split]
    for column in ("sentiment_text", "sentiment_audio", "sentiment_video"):
        scores = np.array([row[column] for row in rows], dtype=np.float64)
        assert np.abs(scores).max() == 1
    words = [row["annotation"] for row in rows]
    assert [words.count(w) for w in ("Negative", "Neutral", "Positive")] == [2123, 533, 1747]
    # The one score that is no multiple of a fifth, kept as released.
    odd = [
        row["id"] for row in rows if abs(row["sentiment"] * 5 - round(row["sentiment"] * 5)) > 0.01
    ]
    assert odd == ["test11_00006"]


def test_speaker_independent_is_video_disjoint_in_and_across_both_versions(reference_data, load):
    sides = {}
    for name in ("ch_sims", "ch_sims_v2"):
        folder = reference_data / FOLDERS[name][1]
        corpus = load(name, data_dir=folder, protocol="speaker_independent")
        assert sum(corpus.num_rows.values()) == sum(n for n, _ in COUNTS[name].values())
        assert shared_groups(corpus, "video_id") == {}
        sides[name] = {v: side for side, split in corpus.items() for v in split["video_id"]}
        for side, share in {"train": 0.7, "validation": 0.1, "test": 0.2}.items():
            assert abs(corpus[side].num_rows / sum(corpus.num_rows.values()) - share) < 0.015
    # Training on the second version and testing on the first leaks nothing either.
    assert sides["ch_sims"].items() <= sides["ch_sims_v2"].items()
