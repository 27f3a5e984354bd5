"""Features that MERBench and MMSA have left become caches; what cannot be trusted is named."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from affecthub.training.features.found import find_caches, level_of, modality_of, width_of
from affecthub.training.features.importing.corpus import import_features
from affecthub.training.features.importing.trees import known_modality, split_name

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def ids(few_clips):
    """The clips of the demo corpus."""
    from affecthub.datasets_scripts import load_dataset

    parts = load_dataset("demo", data_dir=few_clips)
    return [clip for part in parts.values() for clip in part["id"]]


@pytest.fixture
def tree(tmp_path, ids):
    """A folder of features as MERBench names them, with a vector or some steps for each clip."""

    def write(name, width=4, *, steps=None, root=tmp_path / "features", **other):
        folder = root / name
        folder.mkdir(parents=True)
        arrays = {}
        for number, clip in enumerate(ids):
            shape = (width,) if steps is None else (steps + number % 3, width)
            arrays[clip] = RNG.normal(size=shape).astype(np.float32)
        for clip, values in (arrays | other).items():
            if values is not None:
                np.save(folder / f"{clip}.npy", values)
        return folder, arrays

    return write


@pytest.fixture
def taken(few_clips, tmp_path):
    """Import something of the demo corpus."""

    def take(source, **options):
        options = {"dtype": "fp32", "progress": False} | options
        return import_features(source, "demo", few_clips, tmp_path / "caches", **options)

    return take


def test_every_folder_becomes_a_cache_with_its_modality_and_level(tree, taken, tmp_path, ids):
    sound, sounds = tree("chinese-hubert-large-FRA", 6, steps=2)
    _, words = tree("bert-base-chinese-4-UTT", 4)
    _, looks = tree("eva02_base_patch14_224-UTT", 3)
    made = taken(sound.parent)
    caches = find_caches(tmp_path / "caches")
    known = [(modality_of(each), level_of(each), width_of(each)) for each in caches.values()]
    assert dict(zip(caches, known, strict=True)) == {
        "bert-base-chinese-4-UTT": ("text", "utterance", 4),
        "chinese-hubert-large-FRA": ("audio", "frame", 6),
        "eva02_base_patch14_224-UTT": ("vision", "utterance", 3),
    }
    for one in made:
        assert (one.absent, one.strange, one.zeros, one.summary.n_clips) == ([], [], [], len(ids))
    for name, arrays in zip(sorted(caches), (words, sounds, looks), strict=True):
        cache = caches[name]
        for clip, values in arrays.items():
            ((_, found),) = cache.features(clip).items()
            assert np.array_equal(found, values)
    about = caches["chinese-hubert-large-FRA"].about
    assert (about["maker"], about["encoder"]) == ("encoder", "chinese-hubert-large")
    assert (about["style"], about["level"]) == ("imported", "frame")


def test_clips_on_one_side_alone_are_named(tree, taken, ids):
    folder, _ = tree(
        "wavlm-base-UTT",
        **{ids[0]: None, ids[2]: np.zeros(4, np.float32), "stranger": np.ones(4, np.float32)},
    )
    (one,) = taken(folder)
    assert (one.absent, one.strange, one.zeros) == ([ids[0]], ["stranger"], [ids[2]])
    assert one.summary.lacking == {"audio_features": 2}
    (cache,) = find_caches(one.summary.folder).values()
    assert cache.features(ids[0]) == cache.features(ids[2]) == {}


def test_a_frame_that_was_squeezed_is_one_step(tree, taken, ids):
    folder, _ = tree("wavlm-base-FRA", steps=2, **{ids[1]: np.ones(4)})
    (one,) = taken(folder)
    (cache,) = find_caches(one.summary.folder).values()
    assert cache.features(ids[1])["audio_features"].tolist() == [[1.0] * 4]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([1, np.nan, 0, 0]), "1 NaN or infinite: {}"),
        (np.array([1, -np.inf, 0, 0]), "1 NaN or infinite: {}"),
        (np.ones(5), "1 width 5, others 4: {}"),
        (np.ones((3, 4)), "1 several vectors, expected one: {}"),
        (np.ones((1, 1, 4)), "1 3 dimensions, expected 1 or 2: {}"),
        (np.empty(0), "1 empty: {}"),
        (np.array(["a"]), "1 <U1 in place of numbers: {}"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_name(tree, taken, ids, values, message):
    folder, _ = tree("wavlm-base-UTT", **{ids[3]: values})
    with pytest.raises(ValueError, match=message.format(ids[3])):
        taken(folder)


def test_files_that_are_no_arrays_are_refused_and_nothing_in_them_is_run(
    tree, taken, ids, tmp_path
):
    class Run:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    folder, _ = tree("wavlm-base-UTT")
    np.save(folder / f"{ids[0]}.npy", np.array([Run()]), allow_pickle=True)
    (folder / f"{ids[1]}.npy").write_bytes(b"")
    with pytest.raises(ValueError, match=f"unreadable.*{ids[0]}.*unreadable.*{ids[1]}"):
        taken(folder)
    assert not (tmp_path / "ran").exists()


def test_other_corpora_and_unknown_names_are_refused(tree, taken, tmp_path, ids):
    folder, _ = tree("mine-UTT")
    with pytest.raises(ValueError, match="is not known from their names: got mine-UTT"):
        taken(folder.parent)
    (one,) = taken(folder, modality="vision")
    assert (one.encoder, one.modality) == ("mine", "vision")
    with pytest.raises(ValueError, match="unknown modality: got 'video', expected one of audio"):
        taken(folder, modality="video")
    other = tmp_path / "other" / "wavlm-base-UTT"
    other.mkdir(parents=True)
    np.save(other / "elsewhere.npy", np.ones(4))
    with pytest.raises(
        ValueError, match=f"features of no clip of demo: got elsewhere, expected ids as {min(ids)}"
    ):
        taken(other)
    (tmp_path / "bare").mkdir()
    with pytest.raises(ValueError, match="holds no features: expected npy files"):
        taken(tmp_path / "bare")
    with pytest.raises(FileNotFoundError, match="features not found"):
        taken(tmp_path / "none")


def test_the_same_again_goes_on_and_other_features_are_refused(tree, taken, ids):
    folder, arrays = tree("wavlm-base-UTT")
    (one,) = taken(folder)
    before = {path.name: path.stat().st_mtime_ns for path in one.summary.folder.glob("*.arrow")}
    (again,) = taken(folder)
    after = {path.name: path.stat().st_mtime_ns for path in one.summary.folder.glob("*.arrow")}
    assert before == after and again.summary.n_clips == len(ids)
    np.save(folder / f"{ids[0]}.npy", arrays[ids[0]] + 1)
    with pytest.raises(ValueError, match="is another feature cache: key.audio_features.content is"):
        taken(folder)


def test_names_of_folders():
    assert split_name("Baichuan-7B-UTT") == ("Baichuan-7B", "utterance")
    assert known_modality("Baichuan-7B-UTTERANCE") == "text"
    assert split_name("senet50face_UTT") == ("senet50face", "utterance")
    for name, modality in (
        ("senet50face_UTT", "vision"),
        ("eGeMAPS-FRA", "audio"),
        ("chinese-hubert-base-FRA", "audio"),
        ("chinese-macbert-large-4-UTT", "text"),
        ("Baichuan-13B-Base-UTT", "text"),
        ("vit-bert-UTT", None),  # of two kinds
        ("mine-UTT", None),
    ):
        assert known_modality(name) == modality, name


def mmsa(ids, *, aligned=False):
    """A pickle of MMSA in its form: padded, with lengths where steps are not aligned."""
    splits, clips = {}, {}
    for number, name in enumerate(("train", "valid", "test")):
        some = ids[number::3]
        part = {
            "id": [clip.replace("_", "$_$", 1) for clip in some],
            "raw_text": ["so"] * len(some),
        }
        for modality, width in (("audio", 3), ("vision", 2), ("text", 4)):
            lengths = RNG.integers(1, 5, len(some))
            values = RNG.normal(size=(len(some), 6, width)).astype(np.float32)
            for row, length in enumerate(lengths):
                values[row, length:] = 0
                clips[modality, some[row]] = values[row, :length]
            part[modality] = values
            if not aligned and modality != "text":
                part[f"{modality}_lengths"] = lengths.tolist()
        part["text_bert"] = np.zeros((len(some), 3, 6))
        for row, clip in enumerate(some):
            part["text_bert"][row, 1, : len(clips["text", clip])] = 1
        part["regression_labels"] = np.zeros(len(some))
        splits[name] = part
    return splits, clips


@pytest.mark.parametrize(("protocol", "aligned"), [(2, False), (4, True), (5, False)])
def test_pickles_of_mmsa(taken, tmp_path, ids, aligned, protocol):
    content, clips = mmsa(ids, aligned=aligned)
    path = tmp_path / "unaligned_50.pkl"
    path.write_bytes(pickle.dumps(content, protocol))
    made = taken(path)
    assert [(one.modality, one.level, one.width) for one in made] == [
        ("audio", "frame", 3),
        ("text", "frame", 4),
        ("vision", "frame", 2),
    ]
    caches = find_caches(tmp_path / "caches")
    for (modality, clip), values in clips.items():
        found = caches[f"unaligned_50-{modality}"].features(clip)
        assert np.array_equal(found[f"{modality}_features"], values)


def test_infinite_sound_is_refused_unless_zero_is_asked_for(taken, tmp_path, ids):
    content, clips = mmsa(ids)
    content["train"]["audio"][0, 0, 1] = -np.inf
    path = tmp_path / "mosi.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=f"1 NaN or infinite: {ids[0]}"):
        taken(path)
    taken(path, infinite_to_zero=True)
    cache = find_caches(tmp_path / "caches")["mosi-audio"]
    assert cache.features(ids[0])["audio_features"][0, 1] == 0


class Call:
    """Pickles as a call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_that_ask_for_more_than_data_are_refused(taken, tmp_path, ids):
    content, _ = mmsa(ids)
    content["train"]["note"] = Call(tmp_path / "ran")
    path = tmp_path / "bad.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r"bad.pkl: the pickle asks for (io|_io|builtins).open"):
        taken(path)
    assert not (tmp_path / "ran").exists()
    path.write_bytes(b"no pickle")
    with pytest.raises(ValueError, match="got no readable pickle"):
        taken(path)
    path.write_bytes(pickle.dumps({"labels": [1]}))
    with pytest.raises(
        ValueError, match="is no pickle of MMSA: got labels, expected a dict of train"
    ):
        taken(path)
    content, _ = mmsa(ids)
    content["test"]["vision"] = content["test"]["vision"][1:]
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r"`vision` has the shape \(3, 6, 2\), expected \(4 clips"):
        taken(path)
