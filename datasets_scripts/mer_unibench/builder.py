"""MER-UniBench as a view: each test set is read by its own corpus' builder and joined here."""

import logging
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import List, Value

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.mer_unibench.sets import SETS, TestSet
from affecthub.datasets_scripts.reading.faces import FACE
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.references import FILE_REF, require_media, set_column
from affecthub.datasets_scripts.row import LEADING_COLUMNS, basic7_of
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.entries import Entry, entry_of

log = logging.getLogger(__name__)


class MerUniBenchBuilder(CorpusBuilder):
    """One split per test set, rows as their own corpora give them, with the task beside them.

    Source: AffectGPT paper, section 4 and Table 11.
    """

    CORPUS = "mer_unibench"
    MODALITIES = ("audio", "video", "face")
    CODE = (*CorpusBuilder.CODE, *(item.name for item in SETS))
    LAYOUTS = (
        Layout(
            "processed",
            "the folders of the download: mer2023-dataset-process, meld-process, ...",
            lambda tree: not _folders(tree).isdisjoint(item.folder for item in SETS),
        ),
        Layout(
            "corpora",
            "a folder for each corpus under its name here or in MERBench: mer2023, mer2023-dataset,"
            " meld, cmu_mosi, cmumosi, sims, simsv2, ...",
            lambda tree: any(item.folder_in(_folders(tree)) for item in SETS),
        ),
        Layout("elsewhere", "any folder, with the corpora given by `roots`", lambda tree: True),
    )

    def __init__(self, *args: Any, opened: "MerUniBenchBuilder | None" = None, **kwargs: Any):
        """As ``CorpusBuilder``; warns of sets that are not there, whose splits will be empty."""
        super().__init__(*args, opened=opened, **kwargs)
        if opened is None and len(absent := self._absent()) < len(SETS):
            for problem in absent:
                log.warning("%s in %s: %s", self.CORPUS, self.config.data_dir, problem)

    def extra_features(self) -> dict[str, Any]:
        """The columns that only this corpus has."""
        return {
            "set": Value("string"),
            "source_id": Value("string"),
            "task": Value("string"),
            "candidates": List(Value("string")),
            "subtitle": Value("string"),
            "face": FACE,
            "video_start_s": Value("float64"),
            "video_end_s": Value("float64"),
            "video_crop": List(Value("float32"), length=4),
        }

    def rows(self) -> pa.Table:
        """Read each set that is there; what is missing becomes a problem, not an error.

        Raises:
            ValueError: No set is there, or one of them is broken.
            FileNotFoundError: As ``CorpusBuilder``.
        """
        assert self.tree is not None, "builders sent to workers have no tree"
        if not self._read:
            folders = {item.name: self._folder(item) for item in SETS}
            if not any(folders.values()):
                accepted = ", ".join(f"{item.folder} or {item.name}" for item in SETS)
                raise ValueError(
                    f"{self.tree.root} is no mer_unibench folder: got none of the test sets, "
                    f"expected some of the folders {accepted}. Give others by `roots`."
                )
            self.problems = [*self.tree.troubles(), *self._absent()]
            parts = [self._set(item, folders) for item in SETS if folders[item.name]]
            self._read["rows"] = pa.concat_tables(parts, promote_options="permissive")
            self._read["problems"] = tuple(self.problems)
        self.problems = list(self._read["problems"])
        if self.config.on_missing_media == "error":
            require_media(self._read["rows"], f"{self.CORPUS} in {self.tree.root}")
        return self._read["rows"]

    def _absent(self) -> list[str]:
        """What is to be said of the sets that are not there."""
        return [
            f"{item.name}: not there, so that its split is empty; looked for the root {item.name} "
            f"and for a folder {item.looked_for}"
            for item in SETS
            if self._folder(item) is None
        ]

    def source_of(self, row: dict[str, Any]) -> Entry:
        """The corpus that the row's set is a part of."""
        return entry_of(row["set"])

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the size of each set with the paper's."""
        counts = {c["values"]: c["counts"] for c in pc.value_counts(rows["set"]).to_pylist()}
        return [
            Check.compare(f"{s.name} clips", s.benchmark.n_clips, counts.get(s.name, 0))
            for s in SETS
        ]

    def _folder(self, item: TestSet) -> str | None:
        """The folder of a set: a root, else inside the data folder."""
        assert self.tree is not None
        if item.name in self.roots:
            return str(self.roots[item.name].root)
        there = item.folder_in(_folders(self.tree))
        return str(self.tree.root / there) if there else None

    def _set(self, item: TestSet, folders: dict[str, str | None]) -> pa.Table:
        """Read the rows of one set, media as references, in the columns of this view."""
        entry = entry_of(item.name)
        roots = {name: folders[name] for name in entry.roots if folders.get(name)}
        builder = entry.builder_class()(
            config_name=item.config,
            data_dir=folders[item.name],
            protocol=item.protocol,
            cache_dir=self._cache_dir_root,
            roots=roots,
        )
        rows = builder.rows()
        assert self.tree is not None and builder.tree is not None
        self.tree.read_as[item.name] = f"the folder {folders[item.name]}"
        for path, how in builder.tree.read_as.items():
            self.tree.read_as[f"{item.name}: {path}"] = how
        self.problems += [f"{item.name}: {problem}" for problem in builder.problems]
        sides = builder.rule_of(item.protocol).assign(rows)
        rows = builder.read_clips(rows.filter(pc.equal(sides, item.split)))
        # Here, because what one set lacks would become null beside another that brings it.
        if "emotion_basic7" not in rows.column_names and "emotion" in rows.column_names:
            rows = rows.append_column("emotion_basic7", basic7_of(rows["emotion"]))
        constants = {
            "corpus": self.CORPUS,
            "set": item.name,
            "task": item.task,
            "split_official": item.name,
        }
        rows = set_column(rows, "source_id", rows["id"])
        rows = set_column(rows, "id", pc.binary_join_element_wise(item.name, rows["id"], "/"))
        rows = set_column(rows, "subtitle", _subtitle(rows, item.name))
        for name, value in constants.items():
            rows = set_column(rows, name, pa.repeat(value, rows.num_rows))
        if "face" not in rows.column_names:
            rows = rows.append_column("face", pa.nulls(rows.num_rows, FILE_REF))
        candidates = pa.array([item.candidates] * rows.num_rows, pa.list_(pa.string()))
        rows = set_column(rows, "candidates", candidates)
        kept = {*LEADING_COLUMNS, *self.extra_features()} & set(rows.column_names)
        return rows.select([name for name in rows.column_names if name in kept])


def _subtitle(rows: pa.Table, name: str) -> pa.ChunkedArray:
    """The transcript of the official prompts: English, but for MER2024 Chinese."""
    nothing = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    text, english = (
        rows[column] if column in rows.column_names else nothing for column in ("text", "text_en")
    )
    return text if name == "mer2024" else pc.coalesce(english, text)


def _folders(tree: Tree) -> set[str]:
    """The folders directly under the root that hold files."""
    return {file.path.partition("/")[0] for file in tree.files if "/" in file.path}
