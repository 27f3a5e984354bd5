"""An ablation as a table, the paper's figures beside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affecthub.screen import Screen, Section
from affecthub.training.bench.cells import percent
from affecthub.training.bench.rendering import write_all


class AblationReport(Screen):
    """An ablation as tables.

    Args:
        found: What `affecthub.training.bench.ablation.run_ablation` gave.
    """

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found

    @property
    def title(self) -> str:
        """What was changed."""
        return f"Ablation: {self.found['title'].lower()}"

    @property
    def lead(self) -> str:
        """On what it was scored."""
        return f"Scored on {self.found['on']}."

    def heading(self) -> str:
        """Title and lead."""
        return f"{self.title}\n{self.lead}"

    def sections(self) -> list[Section]:
        """The values and their scores, values that the paper alone has, and where it stands."""
        rows = self.found["rows"]
        names = list(dict.fromkeys(name for row in rows for name in row["scores"]))
        cells = [
            [
                str(row["value"]),
                *(percent(row["scores"].get(name)) for name in names),
                row["n"],
                "" if row["paper"] is None else f"{row['paper']:.2f}",
            ]
            for row in rows
        ]
        here = {str(row["value"]) for row in rows}
        cells += [
            [value, *[""] * len(names), "", f"{mean:.2f}"]
            for value, mean in self.found["paper"].items()
            if value not in here
        ]
        columns = [self.found["kind"], *names, "clips", "paper"]
        facts = [["figures of the paper", self.found["source"]], ["scored on", self.found["on"]]]
        return [
            Section("Scores by value", columns, cells),
            Section("How it was made", ["", ""], facts),
        ]

    def notes(self) -> list[str]:
        """What a reader must know."""
        paper = (
            f"Per cent, higher is better. The paper's figures are means over the nine sets of "
            f"MER-UniBench: {self.found['source']}."
        )
        return [paper, *([self.found["said"]] if self.found["said"] else [])]

    def write(self, folder: str | Path) -> dict[str, Path]:
        """Write ``ablation-<kind>`` as json, md, tex and html; suffix to file."""
        stem = f"ablation-{self.found['kind']}"
        return write_all(
            Path(folder), stem, self.found, self.title, self.lead, self.sections(), self.notes()
        )
