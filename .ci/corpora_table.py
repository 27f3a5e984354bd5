"""The README's table of corpora, written from what each of them says of itself: ``make readme``."""

from pathlib import Path

from affecthub.entries import entries

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- corpora -->\n", "<!-- /corpora -->\n"


def table() -> str:
    """One line for each corpus."""
    lines = ["| corpus | clips | what loading it gets right |", "|---|---:|---|"]
    for name, entry in entries().items():
        clips = f"{entry.n_rows:,}" if entry.n_rows else ""
        lines.append(
            f"| [`{name}`](datasets_scripts/{name}/README.md) | {clips} | {entry.gets_right} |"
        )
    return "\n".join(lines) + "\n"


def current(readme: str) -> str:
    """The README with the table as it should be."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    README.write_text(current(README.read_text(encoding="utf-8")), encoding="utf-8")
