"""A folder as it will stand on the Hub, and what its repository must be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RepoType = Literal["dataset", "model", "space"]
Gated = Literal["auto", "manual", False]


@dataclass(frozen=True)
class Staged:
    """What a push sends: every file below ``folder``, and nothing else.

    Attributes:
        folder: The exact content of the repository, its card ``README.md`` among it.
        repo_type: What kind of repository holds it; a metric is a ``"space"``.
        message: Title of the commit.
        space_sdk: That of a Space, such as ``"gradio"``.
        gated: Whether people ask before they see the files: ``"auto"`` lets them in at once,
            ``"manual"`` waits for you.
        notes: What whoever pushes should know, a sentence each.
    """

    folder: Path
    repo_type: RepoType
    message: str
    space_sdk: str | None = None
    gated: Gated = False
    notes: tuple[str, ...] = ()
