"""A metric and what it needs of this package as one flat folder of modules."""

import ast
import re

from affecthub.entries import entries
from affecthub.hub_cards.metrics.closure import PACKAGE, Import, Needs, closure, source_of
from affecthub.metrics.texts import text_of

TEXTS = "affecthub.metrics.texts"
CORPORA = "affecthub.entries"
_HEAD = '"""{about}"""\n\n'


def bundle(name: str) -> dict[str, str]:
    """The modules of a metric: the main one, and those that it imports from beside it.

    Args:
        name: A metric.

    Returns:
        File name to content; ``<name>.py`` is the main one and imports every other.

    Raises:
        ValueError: A module needs what cannot be carried; says which, why and what to do.

    Example:
        >>> files = bundle("turning_points")
        >>> [file for file in files if not file.startswith("affecthub_")]
        ['turning_points.py']
    """
    main = f"affecthub.metrics.{name}.{name}"
    carried = carried_modules(name)
    names = sorted({text for needed in carried.values() for text in needed.texts})
    written: dict[str, str] = {}
    for module, needed in carried.items():
        if module == TEXTS:
            written[f"{flat(TEXTS)}.py"] = _texts_module(names)
        elif module == CORPORA:
            written[f"{flat(CORPORA)}.py"] = _corpora_module()
        elif module != main:
            written[f"{flat(module)}.py"] = rewritten(source_of(module), needed)
    written |= {f"{flat_text(text)}.py": _text_module(text) for text in names}
    beside = sorted(file.removesuffix(".py") for file in written)
    own = {flat(target) for each in carried[main].imports for target in each.targets}
    main_source = rewritten(source_of(main), carried[main])
    listed = _listed([module for module in beside if module not in own])
    written[f"{name}.py"] = _after_imports(main_source, listed)
    return dict(sorted(written.items()))


def carried_modules(name: str) -> dict[str, Needs]:
    """The modules that a metric's bundle carries, and what each needs.

    Raises:
        ValueError: As `bundle`.
    """
    return closure(f"affecthub.metrics.{name}.{name}", frozenset({TEXTS, CORPORA}))


def page_modules(module: str) -> dict[str, str]:
    """A module of the page and those that it needs, for a script that lies beside them.

    Raises:
        ValueError: As `bundle`.
    """
    carried = closure(module)
    return {
        f"{flat(each)}.py": rewritten(source_of(each), needed, dot="")
        for each, needed in carried.items()
    }


def flat(module: str) -> str:
    """The name of a module of this package where all stand in one folder.

    Example:
        >>> flat("affecthub.metrics.wheels.clips"), flat("affecthub.labels")
        ('affecthub_wheels_clips', 'affecthub_labels')
    """
    inner = module.removeprefix(f"{PACKAGE}.").removeprefix("metrics.")
    return f"{PACKAGE}_{inner.replace('.', '_')}"


def flat_text(name: str) -> str:
    """The name of the module that holds a text.

    Example:
        >>> flat_text("answers/prompts/labels.txt")
        'affecthub_text_answers_prompts_labels_txt'
    """
    return f"{PACKAGE}_text_{re.sub('[^a-z0-9]', '_', name.lower())}"


def rewritten(source: str, needed: Needs, dot: str = ".") -> str:
    """A module's source, its imports of this package turned to the files beside it.

    Args:
        source: Its text.
        needed: What stands in it.
        dot: In front of a name: nothing for files that a script imports.

    Example:
        >>> from affecthub.hub_cards.metrics.closure import needs
        >>> text = "from affecthub.cache import cache_root"
        >>> rewritten(text, needs("m", text))
        'from .affecthub_cache import cache_root'
    """
    lines = source.split("\n")
    for each in needed.imports:
        first = each.node.lineno - 1
        if each.targets == (each.module,):
            head = rf"from\s+{re.escape(each.module)}\s+import"
            line = re.sub(head, f"from {dot}{flat(each.module)} import", lines[first], count=1)
            lines[first] = line
        else:
            last = each.node.end_lineno or each.node.lineno
            lines[first] = " " * each.node.col_offset + _modules(each, dot)
            # Lines stay where they are, so that a traceback's numbers are those of both sources.
            lines[first + 1 : last] = [""] * (last - first - 1)
    return "\n".join(lines)


def _modules(each: Import, dot: str) -> str:
    """An import of modules from a package."""
    parts = [
        f"{flat(target)} as {alias.asname or alias.name}"
        for target, alias in zip(each.targets, each.node.names, strict=True)
    ]
    return f"from {dot} import {', '.join(parts)}" if dot else f"import {', '.join(parts)}"


def _listed(modules: list[str]) -> str:
    """Imports of modules that are there for the loader's sake."""
    short = {module: module.removeprefix(f"{PACKAGE}_") for module in modules}
    lines = [f"from .{module} import __name__ as _{short[module]}" for module in modules]
    why = (
        "# evaluate copies the files that this one imports, and looks no further: so it imports\n"
        "# every file that those need. No comment may stand behind such a line.\n"
    )
    return why + "\n".join(lines) + "\n"


def _after_imports(source: str, listed: str) -> str:
    """A source with further imports behind the last one of its head."""
    head = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Import | ast.ImportFrom) and node.col_offset == 0
    ]
    lines = source.split("\n")
    at = max(int(node.end_lineno or node.lineno) for node in head)
    return "\n".join([*lines[:at], "", *listed.split("\n"), *lines[at:]])


def _text_module(name: str) -> str:
    """A text as the one constant of a module, line by line as it stands in its file."""
    about = f"The text {name} of affecthub."
    return _HEAD.format(about=about) + f"TEXT = {literal(text_of(name))}\n"


def literal(text: str) -> str:
    r"""A text as a Python literal over several lines, so that people can read and compare it.

    Example:
        >>> literal("joy\nfear").splitlines()[1]
        'joy'
    """
    inner = text.replace("\\", "\\\\").replace("\r", "\\r")
    # Three marks, and one at the end, would close the literal too early.
    inner = re.sub(r'"(?="|\Z)', r'\\"', inner)
    return f'"""\\\n{inner}"""'


def _texts_module(names: list[str]) -> str:
    """What reads the texts, from modules in place of files."""
    about = "Texts, each of which is a module here: evaluate copies no other files."
    imports = "\n".join(
        f"from .{flat_text(name)} import TEXT as {flat_text(name).removeprefix('affecthub_text_')}"
        for name in names
    )
    table = "".join(
        f'    "{name}": {flat_text(name).removeprefix("affecthub_text_")},\n' for name in names
    )
    return (
        f"{_HEAD.format(about=about)}{imports}\n\n_TEXTS = {{\n{table}}}\n\n\n"
        "def text_of(name: str) -> str:\n"
        '    """The content of a text."""\n'
        "    return _TEXTS[name]\n"
    )


def _corpora_module() -> str:
    """The corpora's names and labels, which affecthub reads from their folders."""
    own = {
        name: entry
        for name, entry in entries().items()
        if str(getattr(entry.builder, "__module__", entry.builder)).startswith(f"{PACKAGE}.")
    }
    table = "".join(f'    "{name}": {entry.labels!r},\n' for name, entry in own.items())
    return _CORPORA.replace("@TABLE@", table)


_CORPORA = '''"""The corpora that affecthub knows, and their label sets."""

from collections.abc import Mapping
from dataclasses import dataclass

from .affecthub_errors import unknown_name


@dataclass(frozen=True)
class Entry:
    """What a metric asks of a corpus."""

    name: str
    labels: tuple[str, ...]


def entries() -> Mapping[str, Entry]:
    """Every corpus by its name."""
    return _ENTRIES


def entry_of(name: str) -> Entry:
    """One corpus; a ValueError with close matches where there is none."""
    if name not in _ENTRIES:
        raise unknown_name("corpus", name, _ENTRIES)
    return _ENTRIES[name]


_LABELS = {
@TABLE@}
_ENTRIES = {name: Entry(name, labels) for name, labels in _LABELS.items()}
'''
