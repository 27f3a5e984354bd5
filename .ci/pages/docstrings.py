"""What the reference reads of docstrings: ``Example:`` as the section of examples that it is."""

import re
from typing import Any

import griffe


class Examples(griffe.Extension):
    """Google's style writes ``Example:``; griffe knows ``Examples:`` alone."""

    def on_instance(self, *, node: Any, obj: griffe.Object, agent: Any, **kwargs: Any) -> None:
        """Rename the section of everything that is read."""
        if obj.docstring:
            obj.docstring.value = re.sub(
                r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE
            )
