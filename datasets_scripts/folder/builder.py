"""A folder of media with a table, or with class folders, as rows."""

import logging
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Value
from datasets.features.features import generate_from_arrow_type

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.folder.contents import Contents
from affecthub.datasets_scripts.folder.open_folder import open_folder
from affecthub.datasets_scripts.folder.options import FILE_NAME, FolderConfig, told
from affecthub.datasets_scripts.folder.sheet import all_tables
from affecthub.datasets_scripts.folder.speaker_split import split_by_speaker
from affecthub.datasets_scripts.folder.table_rows import SPAN
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree

log = logging.getLogger(__name__)


class FolderBuilder(CorpusBuilder):
    """Rows of any folder. What it holds is read when it is opened, so that labels are known."""

    CORPUS = "folder"
    LAYOUTS = (
        Layout(
            "table",
            f"media and a csv, tsv, json, jsonl or xlsx; {FILE_NAME} may say what its columns are",
            lambda tree: bool(all_tables(tree)),
        ),
        Layout(
            "class folders",
            "media without a table; the folder that a file lies in is its label",
            Tree.has_media,
        ),
    )
    BUILDER_CONFIG_CLASS = FolderConfig

    def __init__(self, *args: Any, data_dir: str | None = None, **kwargs: Any) -> None:
        """Open a folder.

        Args:
            *args: As ``CorpusBuilder``.
            data_dir: The folder.
            **kwargs: As ``CorpusBuilder``, and the options of ``FolderConfig``.

        Raises:
            FileNotFoundError: The folder, the YAML or a table does not exist.
            ValueError: An option is wrong, or the folder cannot be understood.
        """
        if data_dir is not None:
            # As arguments, so that what the YAML says is a part of the cache key.
            kwargs |= told(data_dir, kwargs)
        super().__init__(*args, data_dir=data_dir, **kwargs)

    @cached_property
    def contents(self) -> Contents:
        """The folder's rows and how they were understood, read once."""
        assert self.tree is not None, "builders sent to workers have no tree"
        contents = open_folder(self.tree, self.config)
        self.MODALITIES = contents.kinds
        self.SOUND_IN_VIDEO = "video" in contents.kinds
        return contents

    def emotions(self) -> tuple[str, ...]:
        """The labels that were told, else those found, sorted."""
        return self.contents.labels

    def extra_features(self) -> dict[str, Any]:
        """The table's further columns, and where clips share films their times in them."""
        spans = [name for name in SPAN if name in self.contents.rows.column_names]
        return {
            **{
                name: generate_from_arrow_type(kind) for name, kind in self.contents.further.items()
            },
            **dict.fromkeys(spans, Value("float64")),
        }

    def protocols(self) -> tuple[str, ...]:
        """``speaker_independent`` only where two speakers or more are known."""
        both = super().protocols()
        return both if len(self._speakers()) > 1 else both[:1]

    def read_as(self) -> dict[str, str]:
        """Which table and columns were taken for what, and the labels and splits found."""
        splits = self.contents.splits
        official = "one, train: no column says it" if splits is None else ", ".join(splits)
        return {**self.contents.read_as, "splits": official}

    def rule_of(self, protocol: str) -> SplitRule:
        """The table's own splits, or a speaker-independent one made now, always the same.

        Raises:
            ValueError: No split can be made; says which column to name.
        """
        if protocol == "speaker_independent":
            return self._speaker_rule
        if protocol != "official":
            return self.rule(protocol)
        if self.contents.splits is None:
            return SplitRule("official", "corpus", {"train": (self.CORPUS,)})
        return SplitRule(
            "official", "split_official", {name: (name,) for name in self.contents.splits}
        )

    @cached_property
    def _speaker_rule(self) -> SplitRule:
        return split_by_speaker(self.contents.rows, self._speakers(), self.config)

    def read_annotations(self, tree: Tree) -> pa.Table:
        """The rows; what was guessed is logged."""
        self.problems += self.contents.problems
        if self.contents.guessed:
            how = ". ".join(f"{what}: {how}" for what, how in self.read_as().items())
            log.warning(
                "%s was read so: %s. Arguments or %s say it otherwise.", tree.root, how, FILE_NAME
            )
        return self.contents.rows

    def media_key(self, file: File, root: str) -> str | None:
        """The path: rows say which file they mean by it."""
        return file.path

    def _speakers(self) -> list[str]:
        """The speakers, sorted."""
        rows = self.contents.rows
        if "speaker_id" not in rows.column_names:
            return []
        return sorted(pc.drop_null(pc.unique(rows["speaker_id"])).to_pylist())

    def __getstate__(self) -> dict[str, Any]:
        """Leave the rows behind: workers get theirs."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in self._READ_ONCE}

    _READ_ONCE = ("contents", "_speaker_rule")
