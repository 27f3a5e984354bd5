"""Label npz: what they hold comes out; what would run is refused, and did not run."""

import builtins
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from affecthub import npz
from affecthub.npz import read_npz


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def write_pickle(path: Path, value: object, name: str = "train_corpus", protocol: int = 4) -> Path:
    """An npz with one zero-dimensional object array, as numpy.savez would write it."""
    array = np.empty((), dtype=object)
    array[()] = value
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|O", "fortran_order": False, "shape": ()}
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.npy", header.getvalue() + pickle.dumps(array, protocol))
    return path


def test_plain_values_and_arrays_survive(tmp_path):
    value = {
        "clip": {"emo": 3, "val": -0.4, "words": ["a", "b"], "pair": (1, None, True)},
        "array": np.arange(6, dtype=">f4").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "texts": np.array(["高兴", "sad"]),
        "ragged": np.array(["a", [1, 2]], dtype=object),
        "scalar": np.float64(1.5),
        "bytes": b"\x00\xff",
    }
    np.savez(tmp_path / "x.npz", corpus=value, plain=np.arange(3))
    got = read_npz(tmp_path / "x.npz")
    assert got["plain"].tolist() == [0, 1, 2]
    got = got["corpus"]
    assert got["clip"] == value["clip"]
    assert got["scalar"] == 1.5 and type(got["scalar"]) is float
    assert got["bytes"] == b"\x00\xff"
    for name in ("array", "fortran", "texts", "ragged"):
        assert got[name].tolist() == value[name].tolist()
    assert got["array"].dtype == ">f4"


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_every_pickle_protocol(tmp_path, protocol):
    path = write_pickle(tmp_path / "x.npz", {"clip": {"emo": 1, "b": b"\xe9"}}, protocol=protocol)
    assert read_npz(path)["train_corpus"] == {"clip": {"emo": 1, "b": b"\xe9"}}


def test_names_of_both_numpy_versions(tmp_path):
    path = write_pickle(tmp_path / "x.npz", {"a": np.arange(2)}, protocol=0)
    data = path.read_bytes()
    old = pickle.dumps(np.arange(2), 0).replace(b"numpy._core", b"numpy.core")
    assert b"numpy.core.multiarray" in old
    assert npz._plain(npz._Unpickler(io.BytesIO(old), "x").load(), {}).tolist() == [0, 1]
    assert read_npz(path, data)["train_corpus"]["a"].tolist() == [0, 1]


@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: {"a": {"b": [1, v]}}], ids=["bare", "nested"]
)
@pytest.mark.parametrize(
    ("function", "name"),
    [(os.system, "system"), (builtins.eval, "eval"), (builtins.exec, "exec"), (os.mkdir, "mkdir")],
)
def test_a_pickle_that_would_run_is_refused_and_does_not(tmp_path, function, name, wrap):
    sentinel = tmp_path / "ran"
    argument = {
        "system": f"touch {sentinel}",
        "eval": f"open({str(sentinel)!r}, 'w')",
        "exec": f"open({str(sentinel)!r}, 'w')",
        "mkdir": str(sentinel),
    }[name]
    path = write_pickle(tmp_path / "bad.npz", wrap(Call(function, argument)))
    with pytest.raises(ValueError, match=rf"bad\.npz.*asks for \w+\.{name}"):
        read_npz(path)
    assert not sentinel.exists()
    # The same file does run under NumPy's own reader: the sentinel would have been seen.
    with np.load(path, allow_pickle=True) as arrays:
        arrays["train_corpus"]
    assert sentinel.exists()


@pytest.mark.parametrize("name", ["load", "memmap", "fromfile", "lib.npyio.DataSource"])
def test_other_numpy_names_are_refused(tmp_path, name):
    data = b"cnumpy\n" + name.encode() + b"\n(Vx\ntR."
    with pytest.raises(ValueError, match="asks for numpy"):
        npz._Unpickler(io.BytesIO(data), "x").load()


def test_numpy_own_constructors_are_not_called(tmp_path):
    # dtype state with a false item size crashes NumPy's own unpickling of it.
    dtype = np.dtype("f8").__reduce__()
    bad = Call(np.dtype, *dtype[1])
    bad.call = (*bad.call, (3, "<", None, ("a",), {"a": (np.dtype("f8"), 10**9)}, 1, 1, 0))
    path = write_pickle(tmp_path / "x.npz", bad)
    with pytest.raises(ValueError, match="expected a plain one"):
        read_npz(path)


def test_a_plain_npy_pickle_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    np.save(tmp_path / "x.npy", np.array({"a": Call(os.system, "true")}, dtype=object))
    path.write_bytes((tmp_path / "x.npy").read_bytes())
    with pytest.raises(ValueError, match="got no readable npz"):
        read_npz(path)


def test_extension_codes_and_persistent_ids_are_refused():
    for data in (b"\x82\x01.", b"Pfile\n."):
        with pytest.raises((ValueError, pickle.UnpicklingError)):
            npz._Unpickler(io.BytesIO(data), "x").load()


def test_a_member_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    np.savez(tmp_path / "x.npz", a=np.arange(10))
    monkeypatch.setattr(npz, "MAX_MEMBER_BYTES", 100)
    with pytest.raises(ValueError, match=r"got 208 bytes, expected at most 100"):
        read_npz(tmp_path / "x.npz")


def test_shared_references_cost_one_visit(tmp_path):
    value: list = []
    for _ in range(60):
        value = [value, value]  # 2 ** 60 leaves if each were visited
    got = read_npz(write_pickle(tmp_path / "x.npz", value))["train_corpus"]
    assert got[0] is got[1]


def test_self_reference_is_refused(tmp_path):
    value: dict = {}
    value["self"] = value
    with pytest.raises(ValueError, match="RecursionError"):
        read_npz(write_pickle(tmp_path / "x.npz", value))


@pytest.mark.parametrize("cut", [0, 10, 100])
def test_cut_files_are_named(tmp_path, cut):
    np.savez(tmp_path / "x.npz", a=np.arange(10))
    data = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "x.npz").write_bytes(data[:cut])
    with pytest.raises(ValueError, match=r"x\.npz: got no readable npz"):
        read_npz(tmp_path / "x.npz")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_npz(tmp_path / "x.npz")


def test_released_files_read_as_numpy_reads_them(reference_data):
    paths = sorted(
        [*reference_data.glob("emotiontalk/*.npz"), *reference_data.glob("merbench_labels/*/*.npz")]
    )
    assert len(paths) >= 13
    for path in paths:
        got = read_npz(path)
        with np.load(path, allow_pickle=True) as arrays:
            for name in arrays.files:
                assert got[name] == arrays[name].item(), (path, name)
