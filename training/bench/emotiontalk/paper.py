"""The cells of the EmotionTalk paper's tables, as printed.

Source: EmotionTalk (arXiv 2505.23018), Tables 3, 4, 5, 12, 13 and 14.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from affecthub.errors import unknown_name
from affecthub.settings import read_yaml
from affecthub.training.captioning.table import SCORES, paper_table_5

PAPER = "EmotionTalk (arXiv 2505.23018)"
# The three encoders whose features Table 4 fuses.
FUSED = {"audio": "Hubert-Large", "text": "Baichuan-7B", "vision": "CLIP-Large"}
# What makes a tie of columns: Table 3's label sources and label sets, and those of the others.
COLUMNS = {
    "own_four": "own label, four",
    "multimodal_four": "multimodal label, four",
    "own_seven": "own label, seven",
    "multimodal_seven": "multimodal label, seven",
    "continuous": "sign of the score",
    "mean": "mean of the columns",
    "test": "test",
}


class PaperRow(NamedTuple):
    """A row of a table.

    Attributes:
        group: What a part of the table has in common: a modality, a level, a target.
        name: An encoder, an algorithm of ours by its name here, or a decoder.
        cells: Column to metric to figure, as printed.
    """

    group: str
    name: str
    cells: dict[str, dict[str, float]]


class PaperTable(NamedTuple):
    """A table.

    Attributes:
        number: In the paper.
        title: What it compares.
        metrics: Of every cell.
        columns: Keys of `COLUMNS`.
        rows: In the paper's order within each group.
    """

    number: int
    title: str
    metrics: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[PaperRow, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, each once."""
        return tuple(dict.fromkeys(row.group for row in self.rows))

    def row(self, group: str, name: str) -> PaperRow | None:
        """A row by its group and name; None where the paper has none."""
        found = (row for row in self.rows if (row.group, row.name) == (group, name))
        return next(found, None)


@cache
def paper_tables() -> dict[int, PaperTable]:
    """All tables, by their number in the paper."""
    said = read_yaml(files(__package__).joinpath("paper.yaml").read_text("utf-8"))["tables"]
    tables = {number: _table(number, each) for number, each in said.items()}
    return dict(sorted({**tables, 5: _captions()}.items()))


def paper_table(number: int) -> PaperTable:
    """A table by its number in the paper.

    Raises:
        ValueError: It is none of those that can be run here.

    Example:
        >>> row = paper_table(4).row("utterance", "lmf")
        >>> row.cells["multimodal_four"]
        {'acc': 82.38, 'waf': 82.34}
    """
    tables = paper_tables()
    if number not in tables:
        raise unknown_name("table of the EmotionTalk paper", number, map(str, tables))
    return tables[number]


def _table(number: int, said: dict[str, Any]) -> PaperTable:
    metrics, columns = tuple(said["metrics"]), tuple(said["columns"])
    rows = tuple(
        PaperRow(
            group,
            name,
            {
                column: dict(zip(metrics, figures, strict=True))
                for column, figures in zip(columns, cells, strict=True)
            },
        )
        for group, named in said["rows"].items()
        for name, cells in named.items()
    )
    return PaperTable(number, said["title"], metrics, columns, rows)


def _captions() -> PaperTable:
    """Table 5, whose cells stand where captioners are run; fractions, not per cent."""
    rows = tuple(
        PaperRow(said["target"], said["decoder"], {"test": {name: said[name] for name in SCORES}})
        for said in paper_table_5()
    )
    return PaperTable(5, "Captions of speaking style", SCORES, ("test",), rows)


def fits_one_run(share: float, n_clips: int) -> bool:
    """Whether a printed accuracy can be that of one run: a number of right clips over all clips.

    Args:
        share: In per cent, with two digits.
        n_clips: Clips that were scored.

    Example:
        >>> fits_one_run(57.83, 1404), fits_one_run(82.42, 1560)
        (True, False)
    """
    right = round(share * n_clips / 100)
    return any(f"{100 * k / n_clips:.2f}" == f"{share:.2f}" for k in (right - 1, right, right + 1))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    Example:
        >>> listed(["a", "b", "c"]), listed(["a"])
        ('a, b and c', 'a')
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
