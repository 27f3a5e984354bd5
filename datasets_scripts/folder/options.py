"""What a user says of a folder: arguments, or the same by name in a short YAML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from affecthub.datasets_scripts.builder import CorpusConfig
from affecthub.datasets_scripts.folder.columns import ROLES
from affecthub.errors import unknown_name

FILE_NAME = "affecthub.yaml"


@dataclass
class FolderConfig(CorpusConfig):
    """The options of ``load_dataset("folder", ...)``, which the YAML has under the same names.

    Attributes:
        table: The table's path in the folder, or several, one below the other. None takes the
            plain one.
        columns: Role to the column that plays it, or to None where no column does. Roles that are
            not named are told from the names and values of columns.
        labels: The labels of ``emotion``, in the order of its integers. None takes those found,
            sorted.
        language: BCP-47 tag of all clips, where no column says it.
        encoding: Of the table. None takes UTF-8, UTF-16, or GBK where that is certain.
        split_seed: Of the speaker-independent split.
        split_fractions: Its splits and their shares of the clips. None takes 0.7, 0.1 and 0.2 for
            train, validation and test, or with two speakers 0.7 and 0.3 for train and test.
        settings: The YAML, in place of the folder's own ``affecthub.yaml``.
    """

    table: str | list[str] | None = None
    columns: dict[str, str | None] | None = None
    labels: list[str] | None = None
    language: str | None = None
    encoding: str | None = None
    split_seed: int = 0
    split_fractions: dict[str, float] | None = None
    settings: str | None = None


OPTIONS = tuple(name for name in FolderConfig.__annotations__ if name != "settings")


def told(data_dir: str | PathLike[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put together what the YAML and the arguments say; arguments win, column by column.

    Args:
        data_dir: The folder, whose ``affecthub.yaml`` is read where it has one.
        given: Arguments by name; ``settings`` is the path of another YAML.

    Returns:
        Those options of ``FolderConfig`` that either names.

    Raises:
        FileNotFoundError: ``settings`` does not exist.
        ValueError: The YAML is unreadable, or an option is unknown or of another type.
    """
    settings = given.get("settings")
    path = Path(settings or Path(data_dir) / FILE_NAME).expanduser()
    written: dict[str, Any] = {}
    if settings is not None or path.is_file():
        written = _read(path)
    given = {name: given[name] for name in OPTIONS if given.get(name) is not None}
    where = {**dict.fromkeys(written, str(path)), **dict.fromkeys(given, "arguments")}
    columns = {**(written.get("columns") or {}), **(given.get("columns") or {})}
    options = {**written, **given, **({"columns": columns} if columns else {})}
    return {
        name: _checked(name, value, where[name])
        for name, value in options.items()
        if value is not None
    }


def _read(path: Path) -> dict[str, Any]:
    """The options that a YAML holds."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"`settings`: got {str(path)!r}, nothing there; expected a YAML file"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise ValueError(f"{path}: got no readable YAML ({error})") from error
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise ValueError(
            f"{path}: got {type(content).__name__}, expected options by name: {', '.join(OPTIONS)}"
        )
    for name in content:
        if name not in OPTIONS:
            raise unknown_name(f"option in {path}", name, OPTIONS)
    if not isinstance(content.get("columns") or {}, Mapping):
        raise ValueError(f"{path}, `columns`: got {content['columns']!r}, expected role: column")
    return content


def _checked(name: str, value: Any, where: str) -> Any:
    """An option as its type in ``FolderConfig``; YAML reads a label such as 0 as a number."""
    wrong = ValueError(f"{where}, `{name}`: got {value!r}, expected {_EXPECTED[name]}")
    if name == "columns":
        for role, column in _items(value, wrong):
            if role not in ROLES:
                raise unknown_name(f"role in `columns` ({where})", role, ROLES)
            if isinstance(column, bool) or not isinstance(column, str | int | None):
                raise wrong
        return {role: column if column is None else str(column) for role, column in value.items()}
    if name == "split_fractions":
        if not all(isinstance(share, int | float) for _, share in _items(value, wrong)):
            raise wrong
        return {str(split): float(share) for split, share in value.items()}
    if name == "split_seed":
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong
        return value
    if name == "labels" or (name == "table" and not isinstance(value, str | PathLike)):
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise wrong
        items = [str(item) for item in value if isinstance(item, str | int | PathLike)]
        plain = not any(isinstance(item, bool) for item in value)  # YAML's yes and no
        if len(items) != len(list(value)) or len(set(items)) < len(items) or not plain:
            raise wrong
        return items
    if not isinstance(value, str | PathLike):
        raise wrong
    return str(value)


def _items(value: Any, wrong: ValueError) -> Iterable[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        raise wrong
    return value.items()


_EXPECTED = {
    "table": "a path in the folder, or a list of them",
    "columns": "role: column, as in {file: clip_name, label: emo}; quote 'no', 'yes', 'on', 'off'",
    "labels": "a list of different labels; quote 'no', 'yes', 'on', 'off'",
    "language": "a tag such as en or zh, as text",
    "encoding": "a name such as utf-8 or gbk",
    "split_seed": "a whole number",
    "split_fractions": "split: share, as in {train: 0.8, test: 0.2}",
}
