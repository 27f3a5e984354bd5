"""Rows after loading: joined, named, decoded, batched; and the arguments that load them."""

import pickle

import datasets
import numpy as np
import pytest
from corpus_trees import demo, iemocap, meld

import affecthub
from affecthub.media import load_frames, load_waveform


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("rows")
    return {"demo": demo.make(root / "demo"), "meld": meld.make(root / "meld")}


@pytest.fixture(scope="module")
def loaded(folders, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return {
        name: affecthub.load_dataset(name, data_dir=folder, cache_dir=cache)
        for name, folder in folders.items()
    }


def named(rows, column="emotion"):
    feature = rows.features[column]
    return [None if v is None else feature.int2str(v) for v in rows[column][:]]


def test_joined_labels_keep_their_names(loaded):
    a, b = loaded["demo"]["train"], loaded["meld"]["train"]
    both = affecthub.join([a, b])
    assert tuple(both.column_names) == affecthub.LEADING_COLUMNS
    assert both["id"][:] == [*a["id"], *b["id"]]
    assert named(both) == [*named(a), *named(b)]
    basic = [named(rows, "emotion_basic7") for rows in (both, a, b)]
    assert basic[0] == basic[1] + basic[2]
    # The two sets hold the same seven words in two orders: integers alone would mix them.
    assert a.features["emotion"].names != b.features["emotion"].names
    assert sorted(both.features["emotion"].names) == sorted(b.features["emotion"].names)
    assert both[0]["audio"] == a[0]["audio"]


def test_join_by_split_and_as_streams(loaded, folders):
    both = affecthub.join([loaded["demo"], loaded["meld"]])
    assert isinstance(both, datasets.DatasetDict)
    n = {split: loaded["demo"][split].num_rows + loaded["meld"][split].num_rows for split in both}
    assert {split: rows.num_rows for split, rows in both.items()} == n
    streams = [
        affecthub.load_dataset(name, data_dir=folder, split="test", streaming=True)
        for name, folder in folders.items()
    ]
    stream = affecthub.join(streams)
    assert [row["emotion"] for row in stream] == both["test"]["emotion"][:]
    assert stream.features["emotion"] == both["test"].features["emotion"]


def test_scales_that_differ_are_brought_to_one(caplog):
    features = datasets.Features(
        {"corpus": datasets.Value("string"), "sentiment": datasets.Value("float32")}
    )
    rows = {
        name: datasets.Dataset.from_dict(
            {"corpus": [name] * 2, "sentiment": [score, None]}, features
        )
        for name, score in (("cmu_mosi", -3.0), ("cmu_mosei", 1.5), ("ch_sims", 0.5))
    }
    columns = ["corpus", "sentiment"]
    same = affecthub.join([rows["cmu_mosi"], rows["cmu_mosei"]], columns=columns)
    assert same["sentiment"][:] == [-3.0, None, 1.5, None] and not caplog.records
    differ = affecthub.join(list(rows.values()), columns=columns)
    assert differ["sentiment"][:] == [-1.0, None, 0.5, None, 0.5, None]
    assert "brought to -1..1" in caplog.text


def test_what_cannot_be_joined_is_said(loaded):
    with pytest.raises(ValueError, match="got DatasetDict, Dataset, expected"):
        affecthub.join([loaded["demo"], loaded["meld"]["train"]])
    with pytest.raises(ValueError, match="got nothing"):
        affecthub.join([])
    with pytest.raises(ValueError, match="rows without season"):
        affecthub.join([loaded["meld"]["test"], loaded["demo"]["test"]], columns=["id", "season"])
    odd = loaded["demo"]["test"].cast_column("text", datasets.Value("large_string"))
    with pytest.raises(ValueError, match="column `text` has two types"):
        affecthub.join([odd, loaded["demo"]["test"]])


def test_names_beside_integers(loaded):
    rows = affecthub.with_label_names(loaded["meld"])
    side = rows["test"]
    assert side["emotion_name"][:] == named(side) and side["emotion_basic7_name"][0]
    assert side.to_pandas()["emotion_name"][0] == side["emotion_name"][0]
    stream = affecthub.with_label_names(loaded["meld"]["test"].to_iterable_dataset())
    assert [row["emotion_name"] for row in stream] == side["emotion_name"][:]
    assert stream.features["emotion_name"] == datasets.Value("string")
    with pytest.raises(ValueError, match="`emotion_name` is there already"):
        affecthub.with_label_names(side)


def test_sound_and_frames_of_a_row(loaded):
    row = loaded["demo"]["test"][0]
    sound = affecthub.read_audio(row, 8000)
    np.testing.assert_array_equal(sound, load_waveform(row["audio"], 8000))
    frames = affecthub.read_frames(row, 3, size=32)
    assert frames.shape == (3, 32, 32, 3) and frames.dtype == np.uint8
    assert affecthub.read_audio({**row, "audio": None}) is None
    assert affecthub.read_frames({**row, "video": None}) is None
    with pytest.raises(KeyError, match="a row without `audio`"):
        affecthub.read_audio(row["audio"])


def test_a_turn_of_a_longer_film_is_only_its_part(load, tmp_path):
    rows = load("iemocap", "four", data_dir=iemocap.make(tmp_path / "i"), split="train")
    row = next(row for row in rows if row["video"])
    span = {"start_s": row["video_start_s"], "end_s": row["video_end_s"], "crop": row["video_crop"]}
    np.testing.assert_array_equal(
        affecthub.read_frames(row, 2), load_frames(row["video"], 2, **span)
    )
    # Sound that lies in the film is cut as the film is.
    in_film = {**row, "audio": row["video"]}
    from affecthub.datasets_scripts.rows.decoding import sound_cut

    assert sound_cut(row) == {}
    assert sound_cut(in_film) == {"start_s": span["start_s"], "end_s": span["end_s"]}


def test_decoded_as_rows_are_asked_for(loaded):
    plain = loaded["demo"]["test"]
    rows = plain.with_transform(pickle.loads(pickle.dumps(affecthub.decode(n_frames=2, size=16))))
    row, whole = rows[0], plain[0]
    assert row["audio"]["sampling_rate"] == 16000
    np.testing.assert_array_equal(row["audio"]["array"], affecthub.read_audio(whole))
    assert row["video"].shape == (2, 16, 16, 3) and row["text"] == whole["text"]
    kept = plain.with_transform(affecthub.decode(columns=["audio"]))[0]
    assert kept["video"] == whole["video"]
    with pytest.raises(ValueError, match="got 'text'"):
        affecthub.decode(columns=["text"])


def test_batches_take_nulls(loaded):
    torch = pytest.importorskip("torch")
    rows = loaded["meld"]["train"]
    loader = torch.utils.data.DataLoader(rows, batch_size=3, collate_fn=affecthub.collate)
    batch = next(iter(loader))
    assert batch["id"] == rows["id"][:3] and batch["emotion"].tolist() == rows["emotion"][:3]
    made = affecthub.collate(
        [{"i": 1, "f": None, "a": np.zeros(2)}, {"i": None, "f": 0.5, "a": np.ones(2)}]
    )
    assert made["i"].tolist() == [1, -100] and made["a"].shape == (2, 2)
    assert made["f"].isnan().tolist() == [True, False] and made["f"].dtype == torch.float32
    ragged = affecthub.collate([{"a": np.zeros(2), "n": None}, {"a": np.zeros(3), "n": None}])
    assert isinstance(ragged["a"], list) and ragged["n"] == [None, None]
    with pytest.raises(ValueError, match="empty batch"):
        affecthub.collate([])


def test_arguments_of_datasets(folders, tmp_path):
    how = {"data_dir": folders["meld"], "cache_dir": tmp_path, "split": "test"}
    rows = affecthub.load_dataset(path="meld", name="default", **how)
    assert affecthub.load_dataset("meld", config="default", **how)["id"][:] == rows["id"][:]
    # In memory: nothing of the table is mapped from a file.
    assert rows.cache_files
    kept = affecthub.load_dataset("meld", keep_in_memory=True, **how)
    assert kept["id"][:] == rows["id"][:] and not kept.cache_files
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.arrow")}
    affecthub.load_dataset("meld", download_mode="reuse_dataset_if_exists", **how)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.arrow")} == before
    affecthub.load_dataset("meld", download_mode="force_redownload", **how)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.arrow")} != before
    affecthub.load_dataset("meld", trust_remote_code=False, token=None, **how)
    with pytest.raises(TypeError, match="`revision` makes no sense here: got 'main'"):
        affecthub.load_dataset("meld", revision="main", **how)
    with pytest.raises(TypeError, match="point `data_dir`"):
        affecthub.load_dataset("meld", data_files="a.csv", **how)
    with pytest.raises(ValueError, match="`name` and `config` are one"):
        affecthub.load_dataset("iemocap", "four", config="full", data_dir=".")


@pytest.mark.parametrize(
    ("path", "split", "meant"),
    [("MELD", None, "meld"), ("CMU-MOSEI", None, "cmu_mosei"), ("SIMS", None, "ch_sims")]
    + [("meld", split, "validation") for split in ("dev", "val", "valid[:2]")],
)
def test_names_that_others_use_are_suggested(folders, path, split, meant):
    with pytest.raises(ValueError, match=rf"Did you mean '{meant}'"):
        affecthub.load_dataset(path, data_dir=folders["meld"], split=split)
