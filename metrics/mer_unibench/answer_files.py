"""The files of the nine sets: answers and references by set, as people keep them and as released.

A folder holds a label file per set, or a folder per set. That may be the output of the released
inference and evaluation scripts, one npz per checkpoint and step, or the labels of MERBench.
"""

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from affecthub.metrics.answers.files import Labels, align_labels, read_labels
from affecthub.npz import read_npz
from affecthub.unibench import INTEGER_LABELS, SETS, BenchmarkSet, set_called

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl")

# What the released scripts write of a checkpoint: descriptions, then the labels in them, then the
# sentiment that the labels amount to.
_STEPS = ("", "-openset", "-openset-sentiment")
# Lies beside a journal and tells of its runs; it holds no answers.
_OF_RUNS = ".runs.jsonl"
_whole_numbers = re.compile(r"(?<![\d.])\d+(?![\d.])").findall
_step_of = re.compile(r"(.*?)((?:-openset)?(?:-sentiment)?)").fullmatch


class AnswerFile(NamedTuple):
    """A file of one set's answers.

    Attributes:
        path: Of the file.
        checkpoint: Name of the checkpoint that gave them; None where only one run is there.
        step: What is in an npz of the released scripts, one of ``""`` (descriptions),
            ``"-openset"`` and ``"-openset-sentiment"``; None for other files.
    """

    path: Path
    checkpoint: str | None = None
    step: str | None = None


def answer_files(
    folder: str | PathLike[str], *, descriptions: bool = False
) -> dict[str, list[AnswerFile]]:
    """The answers of each set in a folder, one file per checkpoint; other files are left alone.

    Args:
        folder: Holds a label file or a folder per set, named by the set (see
            `affecthub.unibench.set_called`).
        descriptions: Take what a model said, before labels were taken out of it.

    Returns:
        Set to its files, in the order of their names. Of what the released scripts wrote for a
        set, the last step that it needs. Several label files in a set's folder are those of
        several checkpoints, called as they are.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A set has two files.
    """
    found: dict[str, list[AnswerFile]] = {}
    for name, path in _by_set(folder).items():
        if path.is_file():
            found[name] = [AnswerFile(path)]
            continue
        steps = _checkpoints(path)
        wanted: tuple[str, ...] = _STEPS[:1] if descriptions else _STEPS
        if next(s for s in SETS if s.name == name).primary != "sentiment":
            wanted = wanted[:2]
        last = next((step for step in reversed(wanted) if step in steps), None)
        if last is not None:
            found[name] = [
                AnswerFile(file, checkpoint, last)
                for checkpoint, file in sorted(steps[last].items())
            ]
        else:
            files = [
                file
                for file in sorted(path.iterdir())
                if file.suffix.lower() in SUFFIXES and not file.name.endswith(_OF_RUNS)
            ]
            if files:
                found[name] = [
                    AnswerFile(file, file.stem if len(files) > 1 else None) for file in files
                ]
    return found


def reference_files(folder: str | PathLike[str]) -> dict[str, Path]:
    """The references of each set in a folder: a label file, or the npz of labels of MERBench.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A set has two files, or a folder of several.
    """
    found = {}
    for name, path in _by_set(folder).items():
        if path.is_dir():
            labels = sorted(path.glob("label*.npz"))
            single = labels[0] if len(labels) == 1 else _single(path)
            if single is None:
                continue
            path = single
        found[name] = path
    return found


def read_references(path: Path, test_set: BenchmarkSet) -> Labels:
    """The references of a set, by clip where the file has ids.

    Args:
        path: A label file (see `answers.files.read_labels`), or MERBench's npz of labels: of its
            arrays the one with as many clips as the set has.
        test_set: Whose they are.

    Raises:
        ValueError: The file is broken, or the npz has no such array or other entries.
    """
    if path.suffix.lower() != ".npz":
        return read_labels(path)
    arrays = read_npz(path)
    fits = [
        array
        for array in arrays.values()
        if isinstance(array, Mapping) and len(array) == test_set.n_clips
    ]
    if len(fits) != 1:
        sizes = ", ".join(
            f"{name} of {len(array)}" for name, array in arrays.items() if hasattr(array, "__len__")
        )
        raise ValueError(
            f"{path} has no labels of {test_set.name}: got arrays {sizes or 'none'}, expected one "
            f"of its {test_set.n_clips} clips."
        )
    field = "val" if test_set.primary == "sentiment" else "emo"
    names = INTEGER_LABELS.get(test_set.name, ())
    labels: dict[str, Any] = {}
    for clip, entry in fits[0].items():
        label = entry.get(field) if isinstance(entry, Mapping) else None
        if field == "emo" and isinstance(label, int):
            label = names[label] if 0 <= label < len(names) else None
        if label is None:
            raise ValueError(
                f"{path}, clip {clip}: got {entry!r}, expected a label under {field!r}."
            )
        labels[str(clip)] = label
    return labels


def chosen_files(files: list[AnswerFile], checkpoint: str | int) -> list[AnswerFile]:
    """The files of the checkpoint asked for; all of them for ``"best"``.

    Raises:
        ValueError: No checkpoint, or several, have the number or the part of a name.

    Example:
        >>> files = [AnswerFile(Path(f"c_{e:06d}.npz"), f"c_{e:06d}", "") for e in (30, 40)]
        >>> [file.checkpoint for file in chosen_files(files, 40)]
        ['c_000040']
    """
    if checkpoint == "best" or len(files) == 1:
        return files
    if checkpoint == "last":
        return files[-1:]
    names = [file.checkpoint or "" for file in files]
    if isinstance(checkpoint, int):
        is_it = [checkpoint in map(int, _whole_numbers(name)) for name in names]
    else:
        is_it = [checkpoint in name for name in names]
    if sum(is_it) != 1:
        raise ValueError(
            f"`checkpoint` names {sum(is_it)} checkpoints in {files[0].path.parent}: got "
            f"{checkpoint!r}, expected 'best', 'last', or the number or a part of the name of one "
            f"of {', '.join(names)}."
        )
    return [files[is_it.index(True)]]


def aligned_labels(path: Path, references: Labels, where: Path) -> tuple[list[Any], list[Any]]:
    """The answers in a file and the references of the same clips.

    Raises:
        ValueError: The file is broken, or the two do not fit together; both are named.
    """
    try:
        return align_labels(read_labels(path), references)
    except ValueError as error:
        raise ValueError(f"{path} does not fit {where}: {error}") from error


def _by_set(folder: str | PathLike[str]) -> dict[str, Path]:
    """The file or folder of each set."""
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"folder not found: got {root}, expected an existing folder.")
    found: dict[str, Path] = {}
    for path in sorted(root.iterdir()):
        is_labels = path.suffix.lower() in (*SUFFIXES, ".npz")
        name = set_called(path.stem if is_labels else path.name)
        if name is None or not (is_labels or path.is_dir()):
            continue
        if name in found:
            raise ValueError(
                f"{root} has two files for {name}: got {found[name].name} and {path.name}, "
                "expected one. Remove the other."
            )
        found[name] = path
    return found


def _checkpoints(folder: Path) -> dict[str, dict[str, Path]]:
    """The npz files of the released scripts by step and checkpoint."""
    steps: dict[str, dict[str, Path]] = {}
    for path in folder.glob("*.npz"):
        match = _step_of(path.stem)
        assert match is not None, "every name has a step, the empty one at least"
        steps.setdefault(match[2], {})[match[1]] = path
    return steps


def _single(folder: Path) -> Path | None:
    """The only label file of a folder, None where there is none."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    if len(files) > 1:
        raise ValueError(
            f"{folder} has several label files: got {', '.join(path.name for path in files)}, "
            "expected one."
        )
    return files[0] if files else None
