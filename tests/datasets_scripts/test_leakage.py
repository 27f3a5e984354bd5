"""What two sets of clips share, in generated rows and in the released files of real corpora."""

from itertools import count

import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset, DatasetDict

import affecthub
from affecthub import Corpus
from affecthub.datasets_scripts.protocols.leaks import clip_sources, leakage

SENTENCE = "I left the keys on the table."


def shared(report) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """What was found, short enough to compare."""
    return {(e.a, e.b, e.kind): (e.n_shared, e.clips_a, e.clips_b) for e in report.found}


def unknown(report) -> set[str]:
    return {leak.kind for leak in report.leaks if leak.n_shared is None}


def test_groups_speakers_and_clips_of_one_corpus():
    splits = {
        "train": {"id": ["1", "2", "3"], "speaker_id": ["a", "b", None], "group_id": ["x"] * 3},
        "validation": {"id": ["4"], "speaker_id": ["c"], "group_id": ["y"]},
        "test": {"id": ["5", "2"], "speaker_id": ["b", None], "group_id": ["y", "x"]},
    }
    report = leakage(splits)
    assert shared(report) == {
        ("train", "test", "groups"): (1, 3, 1),
        ("train", "test", "speakers"): (1, 1, 1),
        ("train", "test", "clips"): (1, 1, 1),
        ("validation", "test", "groups"): (1, 1, 1),
    }
    assert unknown(report) == {"transcripts"}
    assert report.clips == {"train": 3, "validation": 1, "test": 2}
    (clips,) = [leak for leak in report.found if leak.kind == "clips"]
    assert clips.examples == ("2",)
    titles = [title for title, _, _ in report.sections()]
    assert titles == ["Shared", "Not known from these files"]
    assert report.to_dict()["leaks"][0]["kind"] == "groups"


def test_tables_datasets_and_dicts_are_read_alike():
    columns = {"id": ["1", "2"], "speaker_id": ["a", "b"], "emotion": [0, 1]}
    other = {"id": ["3"], "speaker_id": ["b"], "emotion": [1]}
    forms = (lambda rows: rows, pa.table, Dataset.from_dict)
    expected = {("a", "b", "speakers"): (1, 1, 1)}
    for form in forms:
        assert shared(affecthub.leakage(form(columns), form(other))) == expected
    # A selection of rows holds those rows, not the table beneath.
    assert shared(leakage(Dataset.from_dict(columns).select([0]), other)) == {}
    corpus = DatasetDict({"train": Dataset.from_dict(columns), "test": Dataset.from_dict(other)})
    assert shared(leakage(corpus)) == {("train", "test", "speakers"): (1, 1, 1)}
    # Two corpora with splits of the same names.
    assert set(shared(leakage(corpus, corpus))) >= {("a/train", "b/test", "speakers")}


def test_names_of_different_corpora_are_different_people():
    demo = {"id": ["1"], "corpus": ["demo"], "speaker_id": ["01"], "group_id": ["01"]}
    talk = {"id": ["1"], "corpus": ["emotiontalk"], "speaker_id": ["01"], "group_id": ["01"]}
    assert shared(leakage(demo, talk)) == {}
    assert len(shared(leakage(demo, demo))) == 3


def test_a_clip_is_known_under_every_name_that_corpora_give_it():
    names = {
        "train_dia0_utt3": ["meld", "meld/train_dia0_utt3", "emos/train/dia0_utt3"],
        "video_0001_0002": ["ch_sims", "video_0001/0002", "ch_sims_v2/video_0001_0002"],
        "aqgy4_0005_00008_0": ["ch_sims", "aqgy4_0005/00008_0", "aqgy4_0005_00008_0"],
        "samplenew3_00000007": ["mer", "ov_merd/samplenew3_00000007", "samplenew3_00000007"],
        "Ses05F_impro01_F000": ["iemocap", "iemocap/Ses05F_impro01_F000"],
    }
    for name, (source, *forms) in names.items():
        found, clips = clip_sources(pa.array(forms), pa.array(["mer_unibench"] * len(forms)))
        assert set(found.to_pylist()) == {source} and set(clips.to_pylist()) == {name}
    # MELD counts its dialogues anew in each split; a longer number is another clip.
    ids = ["train_dia0_utt3", "test_dia0_utt3", "dia0_utt3", "sample_000000071", ""]
    found, clips = clip_sources(pa.array(ids), pa.array(["x"] * 5))
    assert found.to_pylist() == ["meld", "meld", "x", "x", "x"]
    assert len(set(clips.to_pylist())) == 5


NUMBERS = count()


def spoken(*rows, columns=("text", "start_s", "end_s")):
    """Clips that nothing else has in common with any others."""
    table = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    return {"id": [f"clip{next(NUMBERS)}" for _ in rows], **table}


def test_transcripts_need_the_same_words_and_times():
    train = spoken(
        (SENTENCE, 10.0, 12.0), ("Yes.", 20.0, 21.0), ("我把钥匙放在桌子上了。", 1.0, 3.0)
    )
    test = spoken(
        ("i left the keys on the table", 10.2, 11.8),  # other case and marks, 0.2 s off
        (SENTENCE, 11.0, 13.0),  # said again, a second later
        ("Yes.", 20.0, 21.0),  # too short to say anything
        ("我把钥匙放在桌子上了", 1.0, 3.0),
        (None, 10.0, 12.0),
    )
    report = leakage(train, test)
    assert shared(report) == {("a", "b", "transcripts"): (2, 2, 2)}
    assert report.found[0].examples == (SENTENCE, "我把钥匙放在桌子上了。")


@pytest.mark.parametrize("start", [0.0, 0.249, 0.25, 0.499, 0.5, 7.75])
@pytest.mark.parametrize("off", [-0.25, -0.1, 0.0, 0.1, 0.25])
def test_no_edge_parts_times_that_are_close(start, off):
    one, other = spoken((SENTENCE, start + 1, 9.0)), spoken((SENTENCE, start + 1 + off, 9.0))
    assert len(leakage(one, other).found) == 1
    far = spoken((SENTENCE, start + 1.6, 9.0))
    assert leakage(one, far).found == []


def test_durations_stand_in_for_times_that_a_set_lacks():
    one = spoken((SENTENCE, 10.0, 12.0))
    same = spoken((SENTENCE, 2.1), columns=("text", "duration_s"))
    longer = spoken((SENTENCE, 4.0), columns=("text", "duration_s"))
    assert shared(leakage(one, same)) == {("a", "b", "transcripts"): (1, 1, 1)}
    assert shared(leakage(one, longer)) == {}
    untimed = spoken((SENTENCE,), columns=("text",))
    assert "transcripts" in unknown(leakage(one, untimed))
    broken = spoken((SENTENCE, np.nan, np.inf))
    assert "transcripts" in unknown(leakage(one, broken))


def test_empty_sets_and_wrong_input():
    empty = {"id": [], "text": [], "start_s": [], "end_s": [], "speaker_id": [], "group_id": []}
    assert leakage(spoken((SENTENCE, 1.0, 2.0)), empty).found == []
    assert shared(leakage({"train": pa.table({"id": pa.array([], pa.string())})}, empty)) == {}
    with pytest.raises(ValueError, match="expected a second set"):
        leakage({"id": ["1"]})
    with pytest.raises(ValueError, match="set 'b': got dict without a column `id`"):
        leakage({"id": ["1"]}, {"text": ["x"]})
    with pytest.raises(ValueError, match="set 'a': got list"):
        leakage(["1"], {"id": ["1"]})


def test_a_large_corpus_takes_seconds():
    n = 130_000
    start = np.arange(n, dtype=float)
    large = pa.table(
        {
            "id": [f"clip{i}" for i in range(n)],
            "text": [f"a sentence that was said {i % 1000}" for i in range(n)],
            "start_s": start,
            "end_s": start + 2,
        }
    )
    report = leakage(large, large.slice(n - 10_000))
    assert shared(report)["a", "b", "clips"] == (10_000, 10_000, 10_000)
    assert shared(report)["a", "b", "transcripts"] == (1000, 10_000, 10_000)


def test_emotiontalk_validation_and_test_share_two_actors(reference_data):
    report = leakage(Corpus("emotiontalk", reference_data / "emotiontalk").sides())
    speakers = [leak for leak in report.found if leak.kind == "speakers"]
    assert [(leak.a, leak.b, leak.examples) for leak in speakers] == [
        ("validation", "test", ("02", "13"))
    ]


def test_sims_test_videos_are_in_train_and_v1_is_in_v2(reference_data):
    root = reference_data / "merbench_labels"
    first, second = (
        Corpus("ch_sims", root / "sims").sides(),
        Corpus("ch_sims_v2", root / "simsv2").sides(),
    )
    found = shared(leakage(first))
    # All 59 videos of the test split, with all its clips.
    assert found["train", "test", "groups"] == (59, 1350, 457)
    assert ("train", "test", "clips") not in found
    assert shared(leakage(second))["train", "test", "groups"][2] == 844
    found = shared(leakage(first, second))
    # Every clip of the first version, on the same side.
    sizes = {name: rows.num_rows for name, rows in first.items()}
    clips = {pair[:2]: n for pair, n in found.items() if pair[2] == "clips"}
    assert clips == {(f"a/{name}", f"b/{name}"): (n, n, n) for name, n in sizes.items()}


def test_emos_english_is_in_meld_train_and_touches_its_test_split(reference_data):
    emos = Corpus("emos", reference_data / "emos", "static_en").annotations()
    meld = Corpus("meld", reference_data / "meld").sides()
    found = shared(leakage({"emos": emos}, meld))
    assert found["emos", "train", "clips"] == (5000, 5000, 5000)
    assert ("emos", "test", "clips") not in found
    # Three utterances of one scene stand in MELD's training and test splits.
    assert found["emos", "test", "transcripts"] == (3, 3, 3)
    assert shared(leakage(meld))["train", "test", "transcripts"] == (3, 3, 3)


def test_emer_and_ov_merd_are_in_mer2023_train(reference_data):
    mer = Corpus("mer2023", reference_data / "merbench_labels" / "mer2023-dataset").sides()
    emer = Corpus("emer", reference_data / "emer", "v2").annotations()
    assert shared(leakage({"emer": emer}, mer)) == {("emer", "train", "clips"): (332, 332, 332)}
    from affecthub.datasets_scripts.families.mer_clips import OV_MERD

    ov_merd = {"id": list(OV_MERD), "corpus": ["ov_merd"] * len(OV_MERD)}
    assert shared(leakage({"ov_merd": ov_merd}, mer)) == {
        ("ov_merd", "train", "clips"): (332, 332, 332)
    }
