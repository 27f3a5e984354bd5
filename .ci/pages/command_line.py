"""Every command and every option, from the program itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main


def page(_: Path) -> str:
    """The reference of the command line."""
    lines = ["# Command line", ""]
    lines += ["Every command takes `-h`; most take `--json`, for programs.", ""]
    for name, command in commands():
        lines += [f"## {name}", "", _text(command.help), "", "```", usage(name, command), "```", ""]
        lines += _table("argument", [each for each in command.params if is_argument(each)])
        lines += _table("option", [each for each in command.params if not is_argument(each)])
    return "\n".join(lines) + "\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Name as it is typed, and the command; groups are walked into."""
    from affecthub.cli.main import app

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if not inner:
            if not command.hidden:
                yield name, command
            return
        for word in sorted(inner):
            yield from walk(f"{name} {word}", inner[word])

    yield from walk("affecthub", typer.main.get_command(app))


def option_names(command: Any) -> set[str]:
    """Every spelling of every option of a command."""
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {
        "-h",
        "--help",
    }


def usage(name: str, command: Any) -> str:
    """The line to type."""
    words = [name]
    for each in command.params:
        if is_argument(each):
            word = each.name.upper() + ("..." if each.nargs == -1 else "")
            words.append(word if each.required else f"[{word}]")
        elif each.required:
            words += [each.opts[0], each.metavar or each.name.upper()]
    return " ".join([*words, "[OPTIONS]"])


def is_argument(parameter: Any) -> bool:
    """Whether a parameter is told by its place."""
    return "Argument" in type(parameter).__name__


def _table(what: str, parameters: list[Any]) -> list[str]:
    shown = [each for each in parameters if not each.hidden]
    if not shown:
        return []
    lines = [f"| {what} | default | meaning |", "|---|---|---|"]
    for each in shown:
        names = ", ".join(f"`{name}`" for name in (*each.opts, *each.secondary_opts))
        if is_argument(each):
            names = f"`{each.name.upper()}`"
        elif not each.is_flag:
            names += f" `{each.metavar}`" if each.metavar else ""
        lines.append(f"| {names} | {_default(each)} | {_text(each.help)} |")
    return [*lines, ""]


def _default(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    value = parameter.default
    if value is None or value in ([], (), "") or callable(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`"


def _text(text: str | None) -> str:
    return " ".join((text or "").replace("|", "\\|").replace("<", "&lt;").split())
