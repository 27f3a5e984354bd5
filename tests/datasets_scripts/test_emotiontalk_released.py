"""EmotionTalk's released label files: counts, protocols and the paper's own figures."""

import re

import pytest

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.emotiontalk.paper import TABLE_8, TOTALS


@pytest.fixture(scope="module")
def report(reference_data):
    return verify("emotiontalk", reference_data / "emotiontalk").to_dict()


@pytest.fixture(scope="module")
def corpus(reference_data, tmp_path_factory):
    import affecthub

    cache = tmp_path_factory.mktemp("cache")
    return affecthub.load_dataset(
        "emotiontalk", data_dir=reference_data / "emotiontalk", cache_dir=cache
    )


def test_counts(report):
    assert report["rows"] == 19250
    assert report["splits"] == {"train": 15413, "validation": 1908, "test": 1929}
    assert report["dialogues"] == 742 and report["speakers"] == 19
    assert report["shared_speakers"] == ["02", "13"]
    assert report["shared_groups"] == {"official": {"validation/test": ["01+02+13+15"]}}
    assert report["problems"] == [] and report["ok"]


def test_table_8(report):
    cells = [check for check in report["checks"] if check["name"].startswith("Table 8")]
    assert len(cells) == 24 and all(check["ok"] for check in cells)
    # The table adds up: rows to the printed totals, all to the corpus.
    assert {split: sum(row.values()) for split, row in TABLE_8.items()} == TOTALS
    assert sum(TOTALS.values()) == 19250
    assert report["label_counts"]["test"]["neutral"] == 801


def test_agreement(report):
    # Of 19,250: 4711 all, 4784, 1827, 820 pairs, 1723, 2441, 776 single, 2168 none.
    assert report["agreement"] == {
        "all": 24.47,
        "audio_video": 24.85,
        "audio_text": 9.49,
        "video_text": 4.26,
        "audio_only": 8.95,
        "video_only": 12.68,
        "text_only": 4.03,
        "none": 11.26,
        "audio_any": 67.77,
        "video_any": 66.26,
        "text_any": 42.25,
    }
    checks = {check["name"]: check for check in report["checks"]}
    assert all(check["ok"] for name, check in checks.items() if name.startswith("section 3.3.2"))
    assert checks["dialogues"]["expected"] == 744 and not checks["dialogues"]["ok"]


def test_rows(corpus):
    row = corpus["train"][0]
    assert row["id"] == "G00009_42_14_024"
    assert row["text"] == re.sub(r"\[.*?\]", "", row["text_raw"])
    assert {name: split.num_rows for name, split in corpus.items()} == TOTALS
    sentiments = [value for split in corpus.values() for value in split["sentiment"]]
    # 78.4 % of the clips are below zero, 11.5 % at it.
    assert sum(value < 0 for value in sentiments) == 15088
    assert sum(value == 0 for value in sentiments) == 2208


def test_transcripts_lose_markup_only(corpus):
    raw = [text for split in corpus.values() for text in split["text_raw"]]
    clean = [text for split in corpus.values() for text in split["text"]]
    assert sum(map(len, raw)) == 636887
    # Deleting all from "[" to "]" leaves 463,988 characters. Of these 341 are white space and 23
    # are debris of malformed tags ("/over]", "over]", "]"); 10 characters of speech that stood
    # inside malformed tags are gone. We keep those 10, and 38 spaces between words:
    # 463,988 - 341 - 23 + 10 + 38 = 463,672.
    naive = [re.sub(r"\[[^\]]*\]", "", text) for text in raw]
    assert sum(map(len, naive)) == 463988
    assert sum(len(re.sub(r"\s", "", text)) for text in naive) == 463988 - 341
    assert sum(len(re.sub(r"\s", "", text)) for text in clean) == 463988 - 341 - 23 + 10
    assert sum(map(len, clean)) == 463672
    assert not any("[" in text or "]" in text or "/over" in text for text in clean)
    assert all(clean)


@pytest.mark.slow
def test_both_protocols_and_both_configurations(reference_data, load):
    root = reference_data / "emotiontalk"
    independent = load("emotiontalk", data_dir=root, protocol="speaker_independent")
    assert independent.num_rows == {"train": 15413, "validation": 2701, "test": 1136}
    actors = {name: set(split["speaker_id"]) for name, split in independent.items()}
    assert len(actors["train"]) == 13
    assert actors["validation"] == {"01", "02", "13", "15"} and actors["test"] == {"20", "21"}
    four = load("emotiontalk", "four", data_dir=root)
    assert four.num_rows == {"train": 12232, "validation": 1555, "test": 1509}


def test_the_released_four_class_files_are_our_four_classes(reference_data, load):
    from affecthub.npz import read_npz

    four = load("emotiontalk", "four", data_dir=reference_data / "emotiontalk", split="test")
    released = read_npz(reference_data / "emotiontalk" / "mm_label4.npz")["test_corpus"]
    assert {clip: entry["emo"] for clip, entry in released.items()} == dict(
        zip(four["id"], four["emotion"], strict=True)
    )


def test_the_released_npz_split_is_the_official_protocol(reference_data, corpus):
    from affecthub.npz import read_npz

    released = read_npz(reference_data / "emotiontalk" / "mm_label.npz")
    for ours, theirs in (("train", "train"), ("validation", "val"), ("test", "test")):
        assert list(corpus[ours]["id"]) == list(released[f"{theirs}_corpus"])
