"""Label and feature files that are or hold pickles, read without trusting the pickles.

A pickle is a program. This reader lets it name seven NumPy constructors and answers each with a
stand-in of ours that only keeps data; anything else it names is refused before it is imported.
Arrays are then built from the kept data, so not even NumPy's own unpickling runs on foreign input.
"""

import io
import pickle
import zipfile
from math import prod
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy

# The released label files are under 200 kB; a member that claims more than this is not one.
MAX_MEMBER_BYTES = 256 * 2**20


def read_npz(path: str | PathLike[str], data: bytes | None = None) -> dict[str, Any]:
    """Read every array of an ``.npz``, pickled or not.

    Args:
        path: The file.
        data: Its content, where it does not lie on the disk (a member of a tar); ``path`` then only
            names it in errors.

    Returns:
        Name to NumPy array; a zero-dimensional object array gives the object in it, made of dict,
        list, tuple, str, bytes, int, float, bool, None and NumPy arrays.

    Raises:
        ValueError: No zip of arrays, a member over 256 MB, or a pickle that asks for anything
            else: the error gives the file and the name asked for, and nothing of it has run.
        FileNotFoundError: There is no such file.
    """
    with _open(path, data) as archive:
        return {
            member.filename.removesuffix(".npy"): _read_member(archive, member, Path(path))
            for member in archive.infolist()
        }


def read_pickle(path: str | PathLike[str]) -> Any:
    """Read a pickle of plain data.

    Args:
        path: The file; of MMSA's features, for one.

    Returns:
        What it holds: dict, list, tuple, str, bytes, int, float, bool, None and NumPy arrays.

    Raises:
        ValueError: No pickle, or one that asks for anything else: the error gives the file and the
            name asked for, and nothing of it has run.
        FileNotFoundError: There is no such file.
    """
    with open(path, "rb") as file:
        try:
            return _plain(_Unpickler(file, str(path)).load(), {})
        except _RefusedError:
            raise
        except Exception as error:  # a hostile pickle can fail in any way it likes
            raise ValueError(
                f"{path}: got no readable pickle ({type(error).__name__}: {error}), expected one "
                "of dicts, lists, strings and arrays"
            ) from error


def _open(path: str | PathLike[str], data: bytes | None) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path if data is None else io.BytesIO(data))
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged zip fails in many ways, `zipfile` names one
        raise ValueError(
            f"{path}: got no readable npz ({error}), expected a zip of NumPy arrays"
        ) from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Any:
    where = f"{path}, array {member.filename!r}"
    if member.file_size > MAX_MEMBER_BYTES:
        raise ValueError(
            f"{where}: got {member.file_size} bytes, expected at most {MAX_MEMBER_BYTES}"
        )
    try:
        with archive.open(member) as stream:
            # One byte more than declared: a zip may lie about the size of a member.
            data = stream.read(member.file_size + 1)
    except Exception as error:  # as many ways again
        raise ValueError(
            f"{where}: got no readable npz ({error}), expected a zip of NumPy arrays"
        ) from error
    if len(data) > member.file_size:
        raise ValueError(f"{where}: got more bytes than the zip declares ({member.file_size})")
    file = io.BytesIO(data)
    try:
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        dtype = header(file)[2]
        if not dtype.hasobject:
            file.seek(0)
            return npy.read_array(file, allow_pickle=False)
        array = _plain(_Unpickler(file, where).load(), {})
    except _RefusedError:
        raise
    except Exception as error:  # a hostile pickle can fail in any way it likes
        raise ValueError(
            f"{where}: got no readable array ({type(error).__name__}: {error}), "
            "expected one written by numpy.savez"
        ) from error
    return array.item() if isinstance(array, np.ndarray) and array.ndim == 0 else array


class _RefusedError(ValueError):
    """A pickle asked for something that a label file has no use for."""


class _Unpickler(pickle.Unpickler):
    """Unpickler that can name nothing but the stand-ins below."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        super().__init__(file, encoding="latin1")
        self.where = where

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in for a permitted name; refuse every other without importing it."""
        if (module, name) in _STAND_INS:
            return _STAND_INS[module, name]
        raise _RefusedError(
            f"{self.where}: the pickle asks for {module}.{name}: expected only dict, str, int, "
            "float and NumPy arrays. Do not trust this file; get it again from its source."
        )


class _Dtype:
    """What a pickle says of a dtype: a code such as ``f8``, and the byte order set afterwards."""

    def __init__(self, code: str, *_: object) -> None:
        self.dtype = np.dtype(str(code))  # a string code cannot carry code of another kind
        if self.dtype.hasobject and self.dtype != np.dtype(object):
            raise ValueError(f"dtype {code!r} holds objects, expected a plain one")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order; fields and sub-arrays are not part of label files."""
        if any(part is not None for part in state[2:5]):
            raise ValueError("a dtype with fields, expected a plain one")
        self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """What a pickle says of an array; ``build`` makes the array from it."""

    def __init__(self, *_: object) -> None:
        self.state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Keep ``(version, shape, dtype, is_fortran, data)``."""
        self.state = state

    def build(self, done: dict[int, Any]) -> np.ndarray:
        """Build the array out of the kept data; ``done`` as in ``_plain``."""
        _, shape, dtype, is_fortran, data = self.state
        order: Literal["F", "C"] = "F" if is_fortran else "C"
        if isinstance(data, bytes):
            return np.frombuffer(data, dtype.dtype).reshape(shape, order=order).copy()
        if len(data) != prod(shape):
            raise ValueError(f"got {len(data)} objects for shape {shape}")
        flat = np.empty(len(data), dtype=object)
        for i, value in enumerate(data):
            flat[i] = _plain(value, done)
        return flat.reshape(shape, order=order)


def _scalar(dtype: _Dtype, data: bytes) -> Any:
    """A NumPy scalar as the Python number or string it stands for."""
    return np.frombuffer(data, dtype.dtype, count=1)[0].item()


def _from_buffer(
    data: Any, dtype: Any, shape: tuple[int, ...], order: str, axes: Any = None
) -> _Array:
    """What protocol 5 says of an array: its bytes are kept until it is built."""
    if axes is not None:
        raise ValueError(f"an array whose axes are reordered, got {axes!r}, expected none")
    array = _Array()
    array.state = (1, shape, dtype, order == "F", bytes(data))
    return array


def _encode(text: str, encoding: str) -> bytes:
    """The bytes that Python 2 pickles spell as latin-1 text; no other codec is run."""
    if encoding != "latin1":
        raise ValueError(f"codec {encoding!r}, expected 'latin1'")
    return text.encode("latin1")


def _plain(value: Any, done: dict[int, Any]) -> Any:
    """Replace stand-ins by the arrays they stand for, at any depth.

    ``done`` keeps what has been replaced by its id: a pickle may hold one list a million times
    over in a few bytes, and it must not cost a million visits.
    """
    if value is None or isinstance(value, str | bytes | int | float):
        return value
    if id(value) not in done:
        if isinstance(value, _Array):
            done[id(value)] = value.build(done)
        elif isinstance(value, dict):
            done[id(value)] = {_plain(k, done): _plain(v, done) for k, v in value.items()}
        elif isinstance(value, list | tuple):
            done[id(value)] = type(value)(_plain(item, done) for item in value)
        else:
            raise ValueError(f"got {type(value).__name__}, expected dict, str, number or array")
    return done[id(value)]


# `numpy.core` became `numpy._core` in NumPy 2; files carry the name of their writer's version.
_STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
    **{
        (f"numpy.{core}.multiarray", name): stand_in
        for core in ("core", "_core")
        for name, stand_in in (("_reconstruct", _Array), ("scalar", _scalar))
    },
}
