"""The demo as a Space: a few lines that serve the page, a model or its name, clips to try."""

import json
import tempfile
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.hub_cards.cards import render
from affecthub.hub_cards.models.known import is_hub_id
from affecthub.hub_cards.spaces.demo.clip import Limits
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS

SDK_VERSION = "6.31.0"
# Of the versions that ZeroGPU runs, the newest stated in its documentation of August 2026.
PYTHON_VERSION, TORCH = "3.12.12", "torch==2.11.0"
# Three clips of a speaker of the demo corpus' test split.
_SPEAKER, _EMOTIONS, _SEED = "S03", ("anger", "surprise", "joy"), 0

_APP = '''"""A page to try {name} on; everything it does is affecthub's."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

if find_spec("spaces"):
    import_module("spaces")  # before torch: ZeroGPU stands in for CUDA until a GPU is lent

from affecthub.hub_cards.spaces.demo import serve

HERE = Path(__file__).parent

serve({model}{examples})
'''


def write_space(
    out: Path,
    *,
    model: str | PathLike[str] | None = None,
    examples: bool = True,
    hardware: str | None = None,
    title: str = "Emotions of a clip",
) -> tuple[str, ...]:
    """Write the files of the Space to an empty folder.

    Args:
        out: The folder.
        model: Hub id of an AffectGPT, or a folder, which is copied into the Space without what a
            page has no use for. ``AFFECTHUB_MODEL`` of the Space's settings takes its place.
        examples: Whether three clips of the synthetic demo corpus are there to try.
        hardware: What the Space should run on, such as ``"zero-a10g"``; None for a small model's
            two cores.
        title: Of the page's card.

    Returns:
        What whoever pushes should know.

    Raises:
        ValueError: There is no model, or it is none.
        FileNotFoundError: The folder is not there.
    """
    if model is None:
        raise ValueError(
            "`model` is missing: got none, expected a Hub id such as 'owner/name', or a folder. "
            "`affecthub demo` trains a small one, demo/model."
        )
    name, is_folder = _name_of(model)
    notes: list[str] = []
    if is_folder:
        from affecthub.hub_cards.models import stage_model

        notes += stage_model(model, out / "model").notes
        n_bytes = sum(path.stat().st_size for path in (out / "model").rglob("*") if path.is_file())
        notes.append(f"The Space carries a copy of {name}, {n_bytes / 1e6:.1f} MB.")
    if examples:
        _write_examples(out / "examples")
    app = _APP.format(
        name=name,
        model='HERE / "model"' if is_folder else repr(name),
        examples=', examples=HERE / "examples"' if examples else "",
    )
    _write(out / "app.py", app)
    _write(out / "requirements.txt", "\n".join(_requirements()) + "\n")
    _write(out / "README.md", _card(name, is_folder, examples, hardware, title))
    if hardware is None and not is_folder:
        notes.append(
            "The Space asks for no GPU: name `hardware` if the model is too large for two cores."
        )
    return tuple(notes)


def _name_of(model: str | PathLike[str]) -> tuple[str, bool]:
    folder = Path(model)
    if folder.is_dir():
        return folder.resolve().name, True
    if not isinstance(model, str) or not is_hub_id(model):
        raise FileNotFoundError(
            f"`model`: got {str(model)!r}, which is no folder here, expected one, or a Hub id such "
            "as 'owner/name'."
        )
    return model, False


def _requirements() -> list[str]:
    return [TORCH, f"affecthub[app,face,model]>={version('affecthub')}"]


def _card(name: str, is_folder: bool, has_examples: bool, hardware: str | None, title: str) -> str:
    head: dict[str, Any] = {
        "title": title,
        "emoji": "🎭",
        "colorFrom": "indigo",
        "colorTo": "blue",
        "sdk": "gradio",
        "sdk_version": SDK_VERSION,
        "python_version": PYTHON_VERSION,
        "app_file": "app.py",
        "suggested_hardware": hardware,
        "short_description": "Drop a clip, see which emotions a model finds",
        "license": "apache-2.0",
        "models": None if is_folder else [name],
        "preload_from_hub": None if is_folder else [name],
        "tags": ["emotion-recognition", "multimodal", "affectgpt"],
        "pinned": False,
    }
    limits = Limits()
    return render(
        "space_demo",
        head,
        title=title,
        model="a copy in the folder `model`" if is_folder else f"[{name}](https://hf.co/{name})",
        seconds=f"{limits.seconds:g}",
        megabytes=f"{limits.megabytes:g}",
        has_examples=has_examples,
        intended_use=INTENDED_USE,
        legal_limits=LEGAL_LIMITS,
    )


def _write_examples(folder: Path) -> None:
    """Draw three clips of the demo corpus, with the list of them."""
    from affecthub.datasets_scripts.demo.generate import CAST_SIZE, plan_clips, render_clip

    folder.mkdir()
    clips = [clip for clip in plan_clips(480, CAST_SIZE, _SEED) if clip.speaker_id == _SPEAKER]
    chosen = [next(clip for clip in clips if clip.emotion == emotion) for emotion in _EMOTIONS]
    with tempfile.TemporaryDirectory() as scratch:
        for kind in ("audio", "video"):
            (Path(scratch) / kind / _SPEAKER).mkdir(parents=True)
        for clip in chosen:
            render_clip(clip, _SEED, Path(scratch))
            (folder / f"{clip.id}.mp4").write_bytes((Path(scratch) / clip.video).read_bytes())
    rows = [{"file": f"{clip.id}.mp4", "text": clip.text} for clip in chosen]
    _write(folder / "examples.json", json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
