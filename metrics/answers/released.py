"""Answers as AffectGPT's scripts write them: npz files with pickles, which are not trusted."""

from pathlib import Path
from typing import Any

from affecthub.metrics.plain_values import plain
from affecthub.npz import read_npz


def read_released(path: Path) -> dict[str, Any]:
    """The answers in an npz of AffectGPT's scripts, by clip.

    Args:
        path: Written by inference (``name2reason``: descriptions) or by a step of the evaluation
            (``filenames`` and ``fileitems``: labels or a sentiment, as text).

    Raises:
        ValueError: The file is broken, asks for more than data, or holds other arrays.
    """
    arrays = read_npz(path)
    if isinstance(arrays.get("name2reason"), dict):
        return {str(clip): answer for clip, answer in arrays["name2reason"].items()}
    clips, items = (arrays.get(name) for name in ("filenames", "fileitems"))
    if clips is None or items is None or len(clips) != len(items):
        raise ValueError(
            f"{path} holds no answers: got arrays {', '.join(arrays) or 'none'}, expected "
            "name2reason, or filenames and fileitems of one length."
        )
    answers = dict(zip(map(str, plain(clips)), plain(items), strict=True))
    if len(answers) < len(clips):
        raise ValueError(f"{path}: got a clip twice, expected each once.")
    return answers
