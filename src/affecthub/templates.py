"""Templates of Markdown that lie in a package, filled."""

import re
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from affecthub.errors import unknown_name

_END = ".md.jinja"


def filled(folder: Traversable, name: str, **facts: Any) -> str:
    """Fill a template.

    Args:
        folder: Where it lies, as ``importlib.resources.files`` finds it.
        name: Its file without ``.md.jinja``.
        **facts: What it names; one that it names and that is not given is an error.

    Returns:
        Markdown with one empty line between blocks at most, and one line's end at the last.

    Raises:
        ValueError: There is no such template; close ones are listed.
        jinja2.UndefinedError: A fact is missing.
    """
    known = [each.name.removesuffix(_END) for each in folder.iterdir() if each.name.endswith(_END)]
    if name not in known:
        raise unknown_name("card template", name, known)
    template = _compiled(folder.joinpath(name + _END).read_text(encoding="utf-8"))
    return re.sub(r"\n{3,}", "\n\n", template.render(**facts)).strip() + "\n"


@cache
def _compiled(text: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown, not a page
    )
    return environment.from_string(text)
