"""Look inside a built wheel: every room's code and data are there, nothing else is.

Its README is that of PyPI: no link in it is relative.
"""

import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ["datasets_scripts", "metrics", "modeling", "training", "hub_cards"]
DATA_SUFFIXES = set(
    ".py .json .jsonl .tsv .yaml .md .html .css .js .svg .jinja .txt .bib .sbatch".split()
)


def expected_members() -> set[str]:
    """Files of the checkout that belong in the wheel."""
    ground = ROOT / "src/affecthub"
    real = {f"affecthub/{path.name}" for path in ground.glob("*.*")}
    floors = [path for path in ground.iterdir() if path.is_dir() and not path.is_symlink()]
    for folder in (*floors, *(ROOT / room for room in ROOMS)):
        above = ground if folder in floors else ROOT
        for path in folder.rglob("*"):
            if path.suffix in DATA_SUFFIXES and "__pycache__" not in path.parts:
                real.add(f"affecthub/{path.relative_to(above).as_posix()}")
    return real


def relative_links(wheel: Path) -> list[str]:
    """Links of the README in a wheel's METADATA that lead nowhere on PyPI."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode("utf-8")
    _, _, readme = metadata.partition("\n\n")
    if not readme.startswith("# "):
        sys.exit(f"{wheel.name}: no README in its METADATA")
    return re.findall(r"\]\((?!https?://|#|mailto:)[^)]*\)", readme)


def main(folder: str) -> None:
    """Compare the one wheel in a folder with the checkout."""
    (wheel,) = Path(folder).glob("*.whl")
    (sdist,) = Path(folder).glob("*.tar.gz")
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = expected_members()
    missing = sorted(expected - names)
    extra = sorted(n for n in names - expected if ".dist-info/" not in n)
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB; {sdist.name}")
    if missing or extra:
        sys.exit(f"wheel differs from the checkout: missing {missing}, unexpected {extra}")
    if found := relative_links(wheel):
        sys.exit(f"relative links in the README on PyPI: {', '.join(found)}")


if __name__ == "__main__":
    main(sys.argv[1])
