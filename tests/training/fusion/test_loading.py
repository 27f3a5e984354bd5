"""Caches and labels as a table: what is read, what is counted, what is refused."""

import numpy as np
import pytest
import torch

from affecthub.training.features import FeatureCache
from affecthub.training.fusion import load_table
from affecthub.training.fusion.labels import IGNORED, read_labels


def test_a_table_holds_what_the_caches_hold(caches, demo, rows):
    table = load_table("demo", demo, caches)
    cache = FeatureCache.open(caches / "text")
    for place in (0, 20, 41):
        want = cache.features(table.ids[place])["text_features"]
        np.testing.assert_array_equal(table.blocks["text"].values[place].float(), want)
    assert table.dims == {"audio": 6, "text": 9, "vision": 5}
    assert table.blocks["text"].values.dtype == torch.float16
    assert {name: len(index) for name, index in table.splits.items()} == {
        "train": 14,
        "validation": 14,
        "test": 14,
    }
    of_id = dict(zip(rows["id"], rows["emotion"], strict=True))
    assert table.labels.classes.tolist() == [of_id[clip_id] for clip_id in table.ids]
    assert table.notes == () and table.facts["features"]["text"] == "made up text"


def test_steps_are_read_without_padding(fill_with, demo, rows, tmp_path):
    fill_with(tmp_path, "audio", steps=True, dtype="float32")
    table = load_table("demo", demo, tmp_path)
    wanted = [emotion + 2 for emotion in table.labels.classes.tolist()]
    assert table.level == "frame" and table.lengths.tolist() == wanted
    assert len(table.blocks["audio"].values) == sum(wanted)
    flat = load_table("demo", demo, tmp_path, level="utterance")
    assert flat.level == "utterance"
    np.testing.assert_allclose(
        flat.blocks["audio"].values[0], table.batch(torch.tensor([0]))["audio"][0, 0], rtol=1e-5
    )


def test_what_lacks_features_is_counted_and_named(fill_with, demo, rows, tmp_path):
    fill_with(tmp_path, "audio")
    fill_with(tmp_path, "text", clips=range(1, 42))
    table = load_table("demo", demo, tmp_path)
    assert table.notes == (f"1 clips have no text: {rows['id'][0]}",)
    batch = table.batch(torch.tensor([0, 1]))
    assert batch["text_mask"].tolist() == [False, True] and "audio_mask" not in batch
    with pytest.raises(ValueError, match=rf"1 clips have no text: {rows['id'][0]}.*refuse"):
        load_table("demo", demo, tmp_path, missing="refuse")
    alone = load_table("demo", demo, tmp_path, modalities=["text"])
    assert "1 labelled clips have no features" in alone.notes[0]
    assert 0 not in torch.cat(list(alone.splits.values())).tolist()


def test_features_of_clips_without_a_row_are_counted(fill_with, demo, rows, tmp_path):
    from affecthub.datasets_scripts.demo.generate import generate_demo

    fewer = generate_demo(tmp_path / "fewer", n_clips=21, n_speakers=3, seed=1)
    fill_with(tmp_path / "caches", "audio")
    table = load_table("demo", fewer, tmp_path / "caches")
    note = next(note for note in table.notes if "not among the labels" in note)
    n_more = len({*rows["id"]} - {*table.ids})
    assert note.startswith(f"{n_more} clips with audio features") and note.endswith(", ...")


def test_features_of_another_corpus_are_refused(fill_with, demo, tmp_path):
    fill_with(tmp_path, "audio", corpus="meld")
    with pytest.raises(ValueError, match="another corpus: got 'meld', expected 'demo'"):
        load_table("demo", demo, tmp_path)


def test_no_clip_in_common_is_told(fill_with, demo, rows, tmp_path, monkeypatch):
    fill_with(tmp_path, "audio", clips=[0])
    with pytest.raises(ValueError, match="nothing to train on|no clip in common"):
        other = rows.filter(lambda row: row["speaker_id"] != rows[0]["speaker_id"])
        import datasets

        from affecthub.training.fusion import loading

        parts = datasets.DatasetDict({"train": other})
        monkeypatch.setattr(loading, "load_dataset", lambda *a, **k: parts)
        load_table("demo", demo, tmp_path)


def test_two_caches_of_one_modality_are_one_too_many(fill_with, caches, demo, tmp_path):
    fill_with(tmp_path, "text")
    several = {"a": FeatureCache.open(caches / "text"), "b": FeatureCache.open(tmp_path / "text")}
    with pytest.raises(ValueError, match="two caches of text: got a and b, expected one"):
        load_table("demo", demo, several)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "mas"}, "did you mean 'mask'|Did you mean 'mask'"),
        ({"modalities": ["video"]}, "modality"),
        ({"level": "frame"}, "one vector per clip"),
        ({"label": "emotoin"}, "emotion"),
        ({"label": "own"}, "expected one modality"),
        ({"label": "sentiment"}, "without a score"),
        ({"classes": "five"}, "four"),
        ({"classes": ["joy"]}, "two or more"),
        ({"classes": ["joy", "glad"]}, "unknown label"),
        ({"align": "words"}, "align"),
    ],
)
def test_mistakes_are_told(caches, demo, options, message):
    with pytest.raises(ValueError, match=message):
        load_table("demo", demo, caches, **options)


def test_four_classes_leave_the_others_out(caches, demo):
    table = load_table("demo", demo, caches, classes="four")
    assert set(table.labels.names) == {"anger", "joy", "neutral", "sadness"}
    assert int((table.labels.classes == IGNORED).sum()) == 18
    assert sum(map(len, table.splits.values())) == 24


@pytest.fixture(scope="module")
def emotiontalk(reference_data):
    import datasets

    from affecthub.datasets_scripts import load_dataset

    parts = load_dataset("emotiontalk", data_dir=reference_data / "emotiontalk")
    return parts, datasets.concatenate_datasets([*parts.values()])


@pytest.mark.parametrize(
    ("label", "classes", "modalities", "n_test"),
    [
        ("multimodal", "seven", (), 1929),
        ("own", "seven", ("text",), 1929),
        ("own", "four", ("text",), 1488),
        ("audio", "four", (), 1560),
    ],
)
def test_labels_of_emotiontalk(emotiontalk, label, classes, modalities, n_test):
    parts, _ = emotiontalk
    labels = read_labels(parts["test"], label, classes, modalities)
    assert int(labels.known.sum()) == n_test
    assert labels.names[:4] == ("neutral", "happy", "sad", "angry")
    assert len(labels.names) == (4 if classes == "four" else 7)


def test_sentiment_of_emotiontalk(emotiontalk):
    parts, _ = emotiontalk
    labels = read_labels(parts["test"], "sentiment")
    assert labels.names == () and int(labels.known.sum()) == 1929
    assert int((labels.scores != 0).sum()) == 1653  # those that ACC is counted over
