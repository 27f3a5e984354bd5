"""The test sets as they lie in a folder: ids, gold labels and subtitles, one entry per clip.

A set is read by its corpus' builder from its folder, or from a label file that is named after it.
Without the extra ``data``, which the builders need, a folder with one file of labels is read too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import require_extras, unknown_name
from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.mer_unibench.answer_files import (
    SUFFIXES,
    read_references,
    reference_files,
)
from affecthub.metrics.sentiment.polarity import read_reference
from affecthub.unibench import SETS, BenchmarkSet, set_called

# Beside the labels of MERBench and of the benchmark's download.
TRANSCRIPTS = "transcription-engchi-polish.csv"
BY_NAME = {test_set.name: test_set for test_set in SETS}


@dataclass
class References:
    """The clips of one set that are scored.

    Attributes:
        test_set: Which one.
        ids: The clips.
        labels: The basic label, the sentiment or the label list of each.
        subtitles: What is said in each, where the folder tells; the words the official prompt has.
        n_unlabelled: Clips of the set without a gold label, which are left out.
        rows: The same clips as rows of the corpus ``mer_unibench``; None from a label file.
    """

    test_set: BenchmarkSet
    ids: list[str]
    labels: list[Any]
    subtitles: list[str | None]
    n_unlabelled: int = 0
    rows: Any = field(default=None, repr=False)

    def first(self, limit: int | None) -> "References":
        """The first clips alone; all of them where `limit` is None."""
        if limit is None or limit >= len(self.ids):
            return self
        return self.only(range(limit))

    def only(self, places: Iterable[int]) -> "References":
        """Some of the clips, in their order."""
        kept = list(places)
        return References(
            self.test_set,
            [self.ids[i] for i in kept],
            [self.labels[i] for i in kept],
            [self.subtitles[i] for i in kept],
            self.n_unlabelled,
            None if self.rows is None else self.rows.select(kept),
        )


def chosen_sets(names: Sequence[str] | None) -> tuple[BenchmarkSet, ...]:
    """The sets that were asked for, in the benchmark's order; all nine for None.

    Args:
        names: Sets, under our names or those of the releases, such as ``"cmumosi"``.

    Raises:
        ValueError: A name is no set; close matches are listed.

    Example:
        >>> [test_set.name for test_set in chosen_sets(["ov_merd", "CMU-MOSI"])]
        ['cmu_mosi', 'ov_merd']
    """
    if not names:
        return SETS
    wanted = set()
    for name in names:
        known = name if name in BY_NAME else set_called(name)
        if known is None:
            raise unknown_name("set of MER-UniBench", name, BY_NAME)
        wanted.add(known)
    return tuple(test_set for test_set in SETS if test_set.name in wanted)


def read_sets(
    data_root: str | PathLike[str], sets: Sequence[BenchmarkSet] = SETS, *, limit: int | None = None
) -> dict[str, References]:
    """The sets that a folder holds, of those asked for.

    Args:
        data_root: As the corpus ``mer_unibench`` takes it: a folder for each set under the name of
            the benchmark's download, of MERBench or of the corpus; or a label file for each set.
        sets: Those wanted.
        limit: Only the first clips of each.

    Returns:
        Set to its clips; sets that are not there are not in it.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: None of the sets is there, or one is broken.
        ImportError: The sets lie in folders that only their builders read, and these are not
            installed.
    """
    root = Path(data_root)
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing there"
        raise FileNotFoundError(f"`data_root`: got {root} ({found}), expected a folder.")
    there = _by_set(root)
    wanted = {name: path for name, path in there.items() if name in {s.name for s in sets}}
    files = {name: path for name, path in wanted.items() if path.is_file()}
    read = {name: _from_file(path, BY_NAME[name]) for name, path in files.items()}
    if len(files) < len(wanted):
        read |= _from_corpus(root, set(wanted) - set(files))
    read = {s.name: read[s.name].first(limit) for s in sets if s.name in read}
    if not any(references.ids for references in read.values()):
        raise ValueError(
            f"{root} holds none of the sets: got {', '.join(_names(root)) or 'an empty folder'}, "
            f"expected folders or label files called {', '.join(s.name for s in sets)}, or as the "
            "releases call them (mer2023-dataset-process, cmumosi, simsv2, ...)."
        )
    return {name: references for name, references in read.items() if references.ids}


def _by_set(root: Path) -> dict[str, Path]:
    """The folder of each set, or its label file where it has no folder."""
    there: dict[str, Path] = {}
    for path in sorted(root.iterdir(), key=lambda path: (path.is_file(), path.name)):
        is_labels = path.is_file() and path.suffix.lower() in SUFFIXES
        name = set_called(path.stem if is_labels else path.name)
        if name is not None and (is_labels or path.is_dir()):
            there.setdefault(name, path)
    return there


def _from_file(path: Path, test_set: BenchmarkSet) -> References:
    labels = read_references(path, test_set)
    by_id = labels if isinstance(labels, dict) else dict(zip(_numbers(labels), labels, strict=True))
    known = {clip: label for clip, label in by_id.items() if label not in (None, "", [])}
    if test_set.primary == "sentiment":
        known = {clip: _number(label, path, clip) for clip, label in known.items()}
    return References(
        test_set,
        list(known),
        list(known.values()),
        [None] * len(known),
        len(by_id) - len(known),
    )


def _number(label: Any, path: Path, clip: str) -> float:
    value = read_reference(label)[0] if isinstance(label, str) else float(label)
    if value != value:
        raise ValueError(
            f"{path}, clip {clip}: got {label!r}, expected a number or one of positive, negative, "
            "neutral."
        )
    return value


def _from_corpus(root: Path, names: set[str]) -> dict[str, References]:
    """Sets as the corpus' builders read them; without the extra ``data`` the labels of MERBench."""
    try:
        require_extras("data", purpose="read test sets in any layout")
    except ImportError as error:
        return _from_label_files(root, names, error)
    from affecthub.datasets_scripts import load_dataset

    splits = load_dataset("mer_unibench", data_dir=root)
    return {
        test_set.name: _of_rows(splits[test_set.name], test_set)
        for test_set in SETS
        if test_set.name in names and len(splits[test_set.name])
    }


def _from_label_files(root: Path, names: set[str], missing: ImportError) -> dict[str, References]:
    """Sets whose folders hold one file of labels, by the metrics alone."""
    files = {name: path for name, path in reference_files(root).items() if name in names}
    if not files:
        raise missing
    read = {name: _from_file(path, BY_NAME[name]) for name, path in files.items()}
    for name, references in read.items():
        texts = _transcripts(files[name].with_name(TRANSCRIPTS), name)
        references.subtitles = [texts.get(clip) for clip in references.ids]
    return read


def _transcripts(path: Path, name: str) -> dict[str, str]:
    """What is said in each clip, in the language of the official prompts."""
    if not path.is_file():
        return {}
    column = "chinese" if name == "mer2024" else "english"
    found = read_labels(path, column)
    return dict(found) if isinstance(found, dict) else {}


def _of_rows(rows: Any, test_set: BenchmarkSet) -> References:
    labels = _labels(rows, test_set)
    kept = [i for i, label in enumerate(labels) if label not in (None, [])]
    if len(kept) < len(labels):
        rows = rows.select(kept)
    return References(
        test_set,
        list(rows["source_id"]),
        [labels[i] for i in kept],
        list(rows["subtitle"]),
        len(labels) - len(kept),
        rows,
    )


def _labels(rows: Any, test_set: BenchmarkSet) -> list[Any]:
    if test_set.primary == "sentiment":
        return list(rows["sentiment"])
    if test_set.primary == "set_f":
        return [None if words is None else list(words) for words in rows["open_vocabulary"]]
    names = rows.features["emotion"].names
    return [None if place is None else names[place] for place in rows["emotion"]]


def _numbers(labels: Sequence[Any]) -> list[str]:
    """Ids of clips that have none, by their place."""
    return [str(number) for number in range(len(labels))]


def _names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())[:8]
