"""One Space for each metric: what ``evaluate.load`` takes, a page to try it on, and its card."""

import json
import posixpath
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from affecthub.folders import finished_folder, require_empty
from affecthub.hub_cards.cards import split_card
from affecthub.hub_cards.metrics.bundle import bundle, carried_modules, flat, page_modules
from affecthub.hub_cards.staged import Staged
from affecthub.metrics import require_known
from affecthub.metrics.texts import text_of

REPOSITORY = "https://github.com/affecthub/affecthub"
VIEW = "affecthub.metrics.modules.view"
# What a metric's Space installs, by import name; as the extra `metrics` has it.
REQUIREMENTS: Mapping[str, str] = {
    "ahocorasick_rs": "ahocorasick-rs>=1.0",
    "datasets": "datasets>=5.0,<6",
    "evaluate": "evaluate>=0.4.6",
    "httpx": "httpx>=0.27",
    "numpy": "numpy>=2.0",
    "openpyxl": "openpyxl>=3.1",
    "platformdirs": "platformdirs>=4",
}
# What of the card's head stands above the page.
_SHOWN = ("title", "description")
_ALWAYS = ("datasets", "evaluate", "numpy")
_LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)\s]+)(\))")

_APP = '''"""A page to try {name} in the browser: the metric in the file beside this one."""

from pathlib import Path

import evaluate
from {view} import CSS, view

HERE = Path(__file__).resolve().parent
METRIC = type(evaluate.load(str(HERE / "{name}.py")))
CARD = (HERE / "README.md").read_text(encoding="utf-8").split("---\\n", 2)[2].strip()

if __name__ == "__main__":
    view(METRIC, {title}, {about}, CARD).launch(css=CSS)
'''


def stage_metric(name: str, out: str | PathLike[str]) -> Staged:
    """Write the Space of a metric, from which ``evaluate.load("owner/name")`` works anywhere.

    The folder is made from the metric's source alone, so that the same version gives the same
    bytes.

    Args:
        name: One of `affecthub.list_metrics`.
        out: Folder to write; must be empty or absent.

    Raises:
        ValueError: The metric is unknown, ``out`` holds something, or a module needs what cannot
            be carried; nothing is written then.
        OSError: The folder cannot be written to.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     staged = stage_metric("turning_points", folder + "/space")
        ...     (staged.repo_type, (staged.folder / "app.py").is_file())
        ('space', True)
    """
    require_known(name)
    folder = Path(out)
    require_empty(folder, "out")
    files = space_files(name)
    with finished_folder(folder) as scratch:
        for file, content in files.items():
            (scratch / file).write_text(content, encoding="utf-8", newline="\n")
    return Staged(
        folder=folder,
        repo_type="space",
        message=f"The metric {name}, by affecthub",
        space_sdk="gradio",
        notes=(f'evaluate.load("<owner>/{name}") needs the repository to bear the name {name}.',),
    )


def space_files(name: str) -> dict[str, str]:
    """Every file of a metric's Space, by its name.

    Args:
        name: One of `affecthub.list_metrics`.

    Raises:
        ValueError: A module needs what cannot be carried.
    """
    card = absolute_links(text_of(f"{name}/README.md"), f"metrics/{name}")
    header, _ = split_card(card)
    title, about = (json.dumps(str(header.get(key, "")), ensure_ascii=False) for key in _SHOWN)
    return {
        **bundle(name),
        **page_modules(VIEW),
        "app.py": _APP.format(name=name, view=flat(VIEW), title=title, about=about),
        "README.md": card,
        "requirements.txt": "".join(f"{line}\n" for line in requirements(name)),
    }


def requirements(name: str) -> list[str]:
    """What a metric's Space installs: what its modules ask for, without further extras.

    Scores that need more (models, Java) say so where they are asked for.

    Example:
        >>> requirements("turning_points")
        ['datasets>=5.0,<6', 'evaluate>=0.4.6', 'numpy>=2.0']
    """
    needed = carried_modules(name).values()
    asked = {
        library
        for each in needed
        for library, extra in each.libraries.items()
        if extra == "metrics" and library in REQUIREMENTS
    }
    return [REQUIREMENTS[library] for library in sorted(asked | set(_ALWAYS))]


def absolute_links(text: str, folder: str) -> str:
    """A card's links into this repository turned to addresses.

    Args:
        text: Markdown.
        folder: Where it stands in the repository.

    Example:
        >>> absolute_links("[b](../../benchmarks/README.md), [top](#top)", "metrics/set_f")
        '[b](https://github.com/affecthub/affecthub/blob/main/benchmarks/README.md), [top](#top)'
    """

    def turned(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        return f"{found[1]}{REPOSITORY}/blob/main/{path}{found[3]}"

    return _LINK.sub(turned, text)
