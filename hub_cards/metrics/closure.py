"""What a module needs of this package, read from its source: other modules, texts, libraries.

``evaluate`` copies the files that a metric's main file imports from beside it, and nothing else. So
everything must be known from the source: a module found by a name made at runtime, or a file read
from beside one, is refused here, before anything is written.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "affecthub"
# The function that reads a text of the metrics' room; its argument is written out.
READS_TEXT = "affecthub.metrics.texts.text_of"
# Imports packages of others by the name that a caller wrote out, and nothing of ours.
IMPORTS_LIBRARIES = "affecthub.errors"
# What whoever calls `evaluate.load` has: evaluate itself and what it is installed with.
_ALWAYS_THERE = frozenset({"datasets", "evaluate", "numpy", "pyarrow"})
# Modules that find others, or files, by a name made at runtime.
_FINDERS = frozenset({"importlib", "pkgutil", "runpy"})


@dataclass(frozen=True)
class Import:
    """One ``from module import name`` of this package.

    Attributes:
        node: Where it stands.
        module: The module that holds the names, or the package of the module that is imported.
        targets: Modules that must be there.
    """

    node: ast.ImportFrom
    module: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Needs:
    """What one module needs.

    Attributes:
        imports: Its imports from this package.
        texts: Texts that it reads, by path below ``metrics``.
        libraries: Packages of others that it asks for, and what of ours would install them.
    """

    imports: tuple[Import, ...]
    texts: tuple[str, ...]
    libraries: Mapping[str, str]


def closure(module: str, replaced: frozenset[str] = frozenset()) -> dict[str, Needs]:
    """A module and everything of this package that it needs, by name, in alphabetical order.

    Args:
        module: Its name.
        replaced: Modules that something else stands in for, so that what they need is not asked;
            they are part of the result where something needs them.

    Raises:
        ValueError: A module needs what cannot be carried.
    """
    found: dict[str, Needs] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = Needs((), (), {}) if name in replaced else needs(name, source_of(name))
        waiting += [target for each in found[name].imports for target in each.targets]
    return dict(sorted(found.items()))


@cache
def source_file(module: str) -> Path | None:
    """The file of a module of this package; None where there is no such module."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def source_of(module: str) -> str:
    """The source of a module of this package.

    Raises:
        ValueError: There is no such module.
    """
    file = source_file(module)
    if file is None:
        raise ValueError(f"carry {module}: got no file of that name, expected a module")
    return file.read_text(encoding="utf-8")


def needs(module: str, source: str) -> Needs:
    """What a module needs.

    Args:
        module: Its name, for errors.
        source: Its text.

    Raises:
        ValueError: It needs what cannot be carried.

    Example:
        >>> needs("m", "from affecthub.cache import cache_root").imports[0].targets
        ('affecthub.cache',)
    """
    tree = ast.parse(source)
    imports: list[Import] = []
    libraries: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            imports.append(_own(module, node))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            _refuse_others(module, node)
    at_the_top = {name for node in tree.body for name in _libraries_of(node)}
    for name in sorted(at_the_top - _ALWAYS_THERE):
        raise _cannot(
            module,
            f"import {name} at its top",
            "evaluate would ask everybody to install it. Import it where it is used, by "
            "affecthub.errors.require",
        )
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if _called(call) == "require" and len(call.args) > 1:
            package, extra = _text(call.args[0]), _text(call.args[1])
            if package and extra:
                libraries[package.partition(".")[0]] = extra
    _refuse_files(module, tree)
    return Needs(tuple(imports), tuple(_texts(module, tree)), libraries)


def _own(module: str, node: ast.ImportFrom) -> Import:
    """An import of this package, as names of one module or as modules of one package."""
    package = str(node.module)
    inner = [f"{package}.{alias.name}" for alias in node.names]
    are_modules = [source_file(name) is not None for name in inner]
    if all(are_modules):
        return Import(node, package, tuple(inner))
    if any(are_modules) or package == PACKAGE:
        raise _cannot(
            module,
            f"from {package} import {', '.join(alias.name for alias in node.names)}",
            "names and modules must not be mixed, and the front door not used. Import from the "
            "module that holds the name",
        )
    return Import(node, package, (package,))


def _refuse_others(module: str, node: ast.ImportFrom | ast.Import) -> None:
    """Raise where an import cannot be followed or finds modules and files by itself."""
    if isinstance(node, ast.ImportFrom) and node.level:
        raise _cannot(module, "import relatively", "write the module's full name")
    names = [str(node.module)] if isinstance(node, ast.ImportFrom) else _names(node)
    for name in names:
        top = name.split(".")[0]
        if top == PACKAGE:
            raise _cannot(module, f"import {name}", f"write `from {name} import ...`")
        if top in _FINDERS and module != IMPORTS_LIBRARIES:
            raise _cannot(
                module,
                f"use {name}",
                "what it finds at runtime is not known from the source. Import modules by an "
                "import statement and read texts by affecthub.metrics.texts.text_of",
            )


def _refuse_files(module: str, tree: ast.Module) -> None:
    """Raise where a module looks for files beside itself, or imports by a call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("__file__", "__import__", "__path__"):
            raise _cannot(
                module,
                f"use {node.id}",
                "files beside it are not carried. Read texts by affecthub.metrics.texts.text_of",
            )


def _texts(module: str, tree: ast.Module) -> Iterator[str]:
    """The texts that a module reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == READS_TEXT.rpartition(".")[2]:
            name = _text(node.args[0]) if node.args else None
            if name is None:
                raise _cannot(
                    module, "call text_of with a name made at runtime", "write the name out"
                )
            yield name


def _names(node: ast.Import) -> list[str]:
    return [alias.name for alias in node.names]


def _libraries_of(node: ast.stmt) -> set[str]:
    """The packages of others that a statement at the top of a module imports."""
    if isinstance(node, ast.ImportFrom):
        names = [str(node.module)]
    else:
        names = _names(node) if isinstance(node, ast.Import) else []
    tops = {name.split(".")[0] for name in names}
    return tops - set(sys.stdlib_module_names) - {PACKAGE}


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else None  # type: ignore[attr-defined]


def _cannot(module: str, got: str, why: str) -> ValueError:
    return ValueError(
        f"carry {module} to the Hub: got a module that would {got}, expected one whose needs can "
        f"be read from its source: {why}."
    )
