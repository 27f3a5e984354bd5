"""A page to try an AffectGPT on, as a Space or on any machine."""

import os
from os import PathLike
from typing import Any

__all__ = ["serve"]


def serve(
    model: str | PathLike[str] | None = None,
    *,
    examples: str | PathLike[str] | None = None,
    port: int | None = None,
    **limits: Any,
) -> None:
    """Serve the page until it is stopped.

    Args:
        model: Folder or Hub id of a saved AffectGPT; the environment variable ``AFFECTHUB_MODEL``,
            where it is set, takes its place.
        examples: Folder of clips to try, which its ``examples.json`` lists.
        port: Where to listen; None is gradio's choice.
        **limits: ``seconds``, ``megabytes`` and ``letters`` that a clip may have.

    Raises:
        ValueError: No model is named.
        OSError: It cannot be loaded.
        ImportError: gradio, or what the model needs, is not installed.
    """
    name = os.environ.get("AFFECTHUB_MODEL") or (os.fspath(model) if model is not None else "")
    if not name:
        raise ValueError(
            "no model is named: expected `--model` or AFFECTHUB_MODEL, a folder or Hub id of an "
            "AffectGPT. `affecthub demo` trains a small one."
        )
    from affecthub.errors import require_extras

    require_extras("app", "model", purpose="serve the demo")
    from affecthub.hub_cards.spaces.demo.asking import Asker
    from affecthub.hub_cards.spaces.demo.clip import Limits
    from affecthub.hub_cards.spaces.demo.examples import read_examples
    from affecthub.hub_cards.spaces.demo.page import build, launching

    clips, taken = read_examples(examples), Limits(**limits)
    page = build(Asker.load(name), _shown_name(name), limits=taken, examples=clips)
    page.launch(server_port=port, **launching(clips, taken))


def _shown_name(name: str) -> str:
    """A Hub id as it is, a folder by its own name: paths of a machine are nobody's business."""
    return os.path.basename(os.path.abspath(name)) if os.path.isdir(name) else name
