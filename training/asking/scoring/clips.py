"""The clips of a split beside the answers of a journal: which fit, which are missing, which not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import datasets

from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.metrics.answers.joining import join_labels
from affecthub.training.asking.scoring.journals import Asked

_MEDIA = ("audio", "video", "face")


@dataclass(frozen=True, eq=False)
class Clips:
    """The clips of a split.

    Attributes:
        corpus: Its name.
        config: Its configuration.
        protocol: Which splits.
        split: Which of them.
        rows: The clips.
    """

    corpus: str
    config: str
    protocol: str
    split: str
    rows: datasets.Dataset

    @cached_property
    def ids(self) -> list[str]:
        """The clips' names."""
        return list(self.rows["id"])

    @cached_property
    def groups(self) -> list[str | None]:
        """What is drawn whole: the corpus' groups, else each clip by itself."""
        return list(self.rows["group_id"])

    @property
    def labels(self) -> tuple[str, ...]:
        """The corpus' own label set; empty where it has none."""
        return self.label_set("emotion")

    def label_set(self, column: str) -> tuple[str, ...]:
        """The labels of a column; empty where it is no closed set, or not there."""
        feature = self.rows.features.get(column)
        return tuple(feature.names) if isinstance(feature, datasets.ClassLabel) else ()

    def column(self, name: str) -> list[Any]:
        """A column's values, labels by name; empty where no clip has one."""
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def _read(self, name: str) -> list[Any]:
        if name not in self.rows.column_names or name in _MEDIA:
            return []
        values, names = list(self.rows[name]), self.label_set(name)
        if names:
            values = [None if value is None else names[value] for value in values]
        return values if any(is_there(value) for value in values) else []

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """Columns that were read."""
        return {}

    def require(self, name: str) -> list[Any]:
        """The values of a column that was asked for.

        Raises:
            ValueError: There is no such column, or no value in it.
        """
        values = self.column(name)
        if not values:
            there = [each for each in self.rows.column_names if self.column(each)]
            raise unknown_name(f"column of {self.corpus}, split {self.split}", name, there)
        return values

    def only(self, places: Sequence[int]) -> "Clips":
        """Some of the clips."""
        rows = self.rows.select(list(places))
        return Clips(self.corpus, self.config, self.protocol, self.split, rows)


def is_there(value: Any) -> bool:
    """Whether a value is a reference: a text, a number, a list with something in it."""
    return value is not None and value != "" and value != []


def open_splits(
    corpus: str,
    data_dir: str | Path,
    config: str | None = None,
    protocol: str | None = None,
    roots: Mapping[str, str | Path] | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Clips]:
    """All splits of a corpus that have clips.

    Args:
        corpus: Its name.
        data_dir: Its folder.
        config: Its configuration; None takes its default.
        protocol: None takes the corpus' first.
        roots: Its other folders by name.
        options: Options of the corpus' own.

    Raises:
        ValueError: A name is unknown, or the folder holds none of its clips.
        FileNotFoundError: There is no such folder.
    """
    from affecthub.datasets_scripts import load_dataset

    config, protocol = entry_of(corpus).choose(config, protocol)
    splits = load_dataset(
        corpus, config, data_dir=data_dir, protocol=protocol, roots=roots, **(options or {})
    )
    found = {
        str(name): Clips(corpus, config, protocol, str(name), rows)
        for name, rows in splits.items()
        if len(rows)
    }
    if not found:
        raise ValueError(f"{data_dir} holds no clip of {corpus}: expected some. Check --data-dir.")
    return found


@dataclass(frozen=True)
class Fit:
    """How a journal's lines fit a split.

    Attributes:
        lines: Clip id of the split to the id of the journal's line.
        unanswered: Clips of the split without a line.
        unknown: Lines about clips that the split does not have.
        elsewhere: Of these, how many are of another split, by its name.
        how: What of the ids was compared; "" where they are equal as they stand.
    """

    lines: dict[str, str]
    unanswered: list[str]
    unknown: list[str]
    elsewhere: dict[str, int]
    how: str


def choose_split(splits: Mapping[str, Clips], journal: Asked, split: str | None) -> str:
    """The split that a journal's clips are of.

    Args:
        splits: See `open_splits`.
        journal: Whose clips they are.
        split: The one that is meant; None finds it.

    Raises:
        ValueError: There is no such split, its clips are others, the journal's lie in several, or
            the corpus has none of them.
    """
    any_split = next(iter(splits.values()))
    where = f"{any_split.corpus}, protocol {any_split.protocol}"
    n_of = {name: n for name, clips in splits.items() if (n := len(_shared(journal, clips)[0]))}
    if split is not None and split not in splits:
        raise unknown_name(f"split of {where}", split, splits)
    said = ", ".join(f"{name} {n}" for name, n in n_of.items())
    if not n_of:
        raise ValueError(
            f"{journal.path} is about another corpus: got clips such as "
            f"{_few(list(journal.lines))}, expected those of {where}, such as "
            f"{_few(any_split.ids)}. Check --corpus and --config."
        )
    if split is not None:
        if split not in n_of:
            raise ValueError(
                f"{journal.path} is about another split of {where}: got clips of {said}, expected "
                f"{split}. Give --split {next(iter(n_of))}, or another --protocol."
            )
        return split
    if len(n_of) > 1:
        raise ValueError(
            f"{journal.path} has clips of several splits of {where}: {said}. Give the --protocol "
            "it was asked by, or the --split that is to be scored."
        )
    return next(iter(n_of))


def fit(journal: Asked, splits: Mapping[str, Clips], split: str) -> Fit:
    """Bring a journal's lines and a split's clips together.

    Args:
        journal: With a line about some clip of the split.
        splits: See `open_splits`.
        split: Which of them.
    """
    lines, how = _shared(journal, splits[split])
    used = set(lines.values())
    unknown = [clip for clip in journal.lines if clip not in used]
    elsewhere: dict[str, int] = {}
    for name, clips in splits.items():
        n = len(set(unknown) & set(clips.ids)) if name != split and unknown else 0
        if n:
            elsewhere[name] = n
    unanswered = [clip for clip in splits[split].ids if clip not in lines]
    return Fit(lines, unanswered, unknown, elsewhere, how)


def _shared(journal: Asked, clips: Clips) -> tuple[dict[str, str], str]:
    """Clip of the split to line of the journal, and how their names were compared."""
    there = {clip: clip for clip in clips.ids if clip in journal.lines}
    if len(there) in (len(journal.lines), len(clips.ids)):
        return there, ""
    try:
        joined = join_labels({clip: clip for clip in journal.lines}, dict.fromkeys(clips.ids))
    except ValueError:
        return {}, ""
    return dict(zip(joined.ids, joined.predictions, strict=True)), joined.how


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[:2])
