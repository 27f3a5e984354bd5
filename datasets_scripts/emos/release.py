"""Where the release keeps what: its files by purpose, its batches, and how their cells are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import read_csv, read_xlsx, require_columns
from affecthub.labels import BASIC7

SIMS = "datasets/ch-simsv2s"
MELD = "datasets/newdataset-MELD"
META = f"{SIMS}/meta.csv"


@dataclass(frozen=True)
class Batch:
    """Clips that three annotators labelled, and the files that say how.

    Attributes:
        name: Value of the column ``batch``.
        annotators: Pseudonyms, as the paper's Table 4 numbers them.
        labels: Path of the table of Basic-7 labels.
        soft_labels: Path of the table of GoEmotions probabilities.
        workbooks: Pattern of the three annotators' own files, which are named after people.
    """

    name: str
    annotators: tuple[str, str, str]
    labels: str
    soft_labels: str
    workbooks: str


ZH_FIRST = Batch(
    "zh_first",
    ("a1", "a2", "a3"),
    f"{SIMS}/First-2500/analysis_outputs/basic7/annotated_with_ds.xlsx",
    "Chinese/goemotion/front2500_training_data.xlsx",
    rf"{SIMS}/First-2500/a\d\.xlsx",
)
ZH_LAST = Batch(
    "zh_last",
    ("a4", "a5", "a6"),
    f"{SIMS}/Last-2500/analysis_outputs_after2500/basic7/annotated_with_ds.xlsx",
    "Chinese/goemotion/after2500_training_data.xlsx",
    rf"{SIMS}/Last-2500/(?!combined|~)[^/]+\.xlsx",
)
EN_FIRST = Batch(
    "en_first",
    ("a7", "a8", "a9"),
    f"{MELD}/Annotations-3000/analysis_outputs/goemotion/goemotion_soft_labels_first3000.xlsx",
    f"{MELD}/Annotations-3000/analysis_outputs/goemotion/goemotion_soft_labels_first3000.xlsx",
    rf"{MELD}/Annotations-3000/annotator_[^/]+\.xlsx",
)
EN_LAST = Batch(
    "en_last",
    ("a10", "a11", "a12"),
    f"{MELD}/Annotations-last-2000/analysis_outputs/basic7/annotated_with_ds_last2000.xlsx",
    f"{MELD}/Annotations-last-2000/analysis_outputs/basic7/annotated_with_ds_last2000.xlsx",
    rf"{MELD}/Annotations-last-2000/a\d\d\.xlsx",
)
CHINESE, ENGLISH = (ZH_FIRST, ZH_LAST), (EN_FIRST, EN_LAST)


@dataclass(frozen=True)
class Sheet:
    """A table and the file it comes from.

    Attributes:
        table: Cells; text unless numbers were asked for, empty ones null (csv: empty strings).
        where: The file, for errors.
        start: Row of the file, from 0, at which the table begins.
    """

    table: pa.Table
    where: str
    start: int = 0

    def part(self, start: int, n: int) -> "Sheet":
        """Some rows of the sheet.

        Raises:
            ValueError: It has fewer.
        """
        if self.table.num_rows < start + n:
            raise ValueError(
                f"{self.where}: got {self.table.num_rows} rows, expected {start + n} or more. "
                "Use the file as released."
            )
        return Sheet(self.table.slice(start, n), self.where, self.start + start)

    def fail(self, row: int, got: object, expected: str) -> ValueError:
        """Build the error for a row (from 0) that cannot be used."""
        return ValueError(
            f"{self.where}, row {self.start + row + 2}: got {got}, expected {expected}. "
            "Use the file as released."
        )

    def filled(self, name: str) -> pa.ChunkedArray:
        """A column in which every cell must hold something.

        Raises:
            ValueError: A cell is empty; names the file and the row.
        """
        column = self.table[name]
        if column.null_count:
            raise self.fail(pc.index(pc.is_null(column), True).as_py(), f"no `{name}`", "a value")
        return column

    def basic7(self, name: str) -> pa.ChunkedArray:
        """A column of Basic-7 labels in lower case.

        Raises:
            ValueError: A cell is empty or holds another word; names the file and the row.
        """
        return self._one_of(name, BASIC7)

    def flag(self, name: str) -> pa.ChunkedArray:
        """A column of true and false.

        Raises:
            ValueError: A cell is empty or holds something else; names the file and the row.
        """
        return pc.equal(self._one_of(name, ("false", "true")), "true")

    def share(self, name: str) -> pa.ChunkedArray:
        """A column of numbers from 0 to 1.

        Raises:
            ValueError: A cell is empty or holds something else; names the file and the row.
        """
        values = self.filled(name)
        # A posterior may exceed 1 by the last bit.
        inside = pc.and_(pc.greater_equal(values, 0), pc.less_equal(values, 1 + 1e-9))
        return self._require(inside, values, name, "a number from 0 to 1")

    def count(self, name: str) -> pa.ChunkedArray:
        """A column of numbers of labels, 1 to 3, as int32.

        Raises:
            ValueError: A cell is empty or holds something else; names the file and the row.
        """
        values = self.filled(name)
        known = pc.is_in(values, value_set=pa.array([1.0, 2.0, 3.0]))
        return self._require(known, values, name, "1, 2 or 3").cast(pa.int32())

    def digits(self, name: str) -> pa.ChunkedArray:
        """A column of whole numbers as text.

        Raises:
            ValueError: A cell is empty or holds something else; names the file and the row.
        """
        values = self.filled(name)
        whole = pc.match_substring_regex(values, r"^\d{1,6}$")
        return self._require(whole, values, name, "a whole number")

    def _one_of(self, name: str, known: Sequence[str]) -> pa.ChunkedArray:
        values = pc.utf8_lower(pc.utf8_trim_whitespace(self.filled(name)))
        inside = pc.is_in(values, value_set=pa.array(known))
        return self._require(inside, values, name, f"one of {', '.join(known)}")

    def _require(
        self, usable: pa.ChunkedArray, values: pa.ChunkedArray, name: str, expected: str
    ) -> pa.ChunkedArray:
        """The values, or raise for the first that is not usable."""
        if not pc.all(usable).as_py():
            row = pc.index(usable, False).as_py()
            raise self.fail(row, f"{self.table[name][row].as_py()!r} as `{name}`", expected)
        return values


class Release:
    """The annotation files of a clone, found wherever in the data folder they lie."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._books: dict[tuple[str, tuple[str, ...]], pa.Table] = {}

    def file(self, path: str) -> File:
        """The file whose path ends so.

        Raises:
            FileNotFoundError: There is none.
        """
        found = self.tree.find(rf"(^|/){re.escape(path)}$")
        if not found:
            raise self._missing(path)
        return min(found, key=lambda file: (len(file.path), file.path))

    def csv(self, path: str, columns: Sequence[str]) -> Sheet:
        """Read a csv of the release.

        Raises:
            FileNotFoundError: It is not there.
            ValueError: It is unreadable or lacks a column.
        """
        file = self.file(path)
        return Sheet(read_csv(self.tree, file, columns), self.tree.locate(file))

    def workbook(self, path: str, columns: Sequence[str], numbers: Sequence[str] = ()) -> Sheet:
        """Read a workbook of the release.

        Raises:
            FileNotFoundError: It is not there.
            ValueError: It is unreadable or lacks a column.
        """
        return self._book(self.file(path), columns, numbers)

    def annotators(self, batch: Batch, columns: Sequence[str]) -> list[Sheet]:
        """Read the workbooks of a batch's three annotators, in the order of their pseudonyms.

        Raises:
            FileNotFoundError: There are not three.
            ValueError: One is unreadable or lacks a column.
        """
        return [self._book(file, columns) for file in self._annotator_files(batch)]

    def first_annotator(self, batch: Batch, columns: Sequence[str]) -> Sheet:
        """Read one of them, for the columns of the source corpus that all three repeat.

        Raises:
            FileNotFoundError: There are not three.
            ValueError: It is unreadable or lacks a column.
        """
        return self._book(self._annotator_files(batch)[0], columns)

    def _annotator_files(self, batch: Batch) -> list[File]:
        found = self.tree.find(rf"(^|/){batch.workbooks}$")
        if len(found) != len(batch.annotators):
            raise self._missing(f"three workbooks {batch.workbooks} ({len(found)} there)")
        if batch is EN_FIRST:
            found.sort(key=lambda file: self._position(file, batch))
        return found

    def _position(self, file: File, batch: Batch) -> int:
        """Which annotator of the batch's own table a workbook belongs to, by the initial.

        The table has columns ``go_<name>``; the workbooks are called ``annotator_<initials>_...``.
        """
        names = self.workbook(batch.labels, ()).table.column_names
        initials = [name[3] for name in names if re.fullmatch("go_[a-z]+", name)]
        initial = file.stem.removeprefix("annotator_")[:1]
        if initial not in initials:
            raise ValueError(
                f"{self.tree.locate(file)}: got an annotator without a column in {batch.labels}, "
                f"expected initials {initials}. Use the files as released."
            )
        return initials.index(initial)

    def _book(self, file: File, columns: Sequence[str], numbers: Sequence[str] = ()) -> Sheet:
        """Read a workbook once, however many parts of the corpus it serves."""
        key = (file.path, tuple(numbers))
        if key not in self._books:
            self._books[key] = read_xlsx(self.tree, file, (), numbers)
        table, where = self._books[key], self.tree.locate(file)
        require_columns(table, [*columns, *numbers], where)
        return Sheet(table, where)

    def _missing(self, what: str) -> FileNotFoundError:
        return FileNotFoundError(
            f"{self.tree.root}: got no {what}, expected the file in this configuration. "
            "Get a whole clone of github.com/NLP2CT/EmoS."
        )


def require_equal(ours: pa.ChunkedArray, sheet: Sheet, name: str) -> None:
    """Raise where a sheet that is joined by position has another value in a row.

    Args:
        ours: The values expected, row by row.
        sheet: The sheet to be joined.
        name: Its column to compare.

    Raises:
        ValueError: The lengths differ, or a value does; names the file and the row.
    """
    theirs = sheet.table[name]
    if len(theirs) != len(ours):
        raise ValueError(
            f"{sheet.where}: got {len(theirs)} rows, expected {len(ours)} as in the other tables "
            "of the release: they are joined row by row. Use the files as released."
        )
    # One annotator's program dropped a blank at the end of a text.
    trimmed = (pc.utf8_trim_whitespace(column) for column in (ours, theirs))
    same = pc.fill_null(pc.equal(*trimmed), False)
    if not pc.all(same).as_py():
        row = pc.index(same, False).as_py()
        got = f"`{name}` {theirs[row].as_py()!r}"
        raise sheet.fail(row, got, f"{ours[row].as_py()!r} as in the other tables of the release")
