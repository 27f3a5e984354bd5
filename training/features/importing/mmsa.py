"""MMSA's pickles: sound, pictures and words of all clips in one file, padded to one length.

Source: https://github.com/thuiar/MMSA. A dict of ``train``, ``valid`` and ``test``, each a dict of
``id`` (``VIDEO$_$CLIP``), ``audio``, ``vision`` and ``text`` ``(clips, steps, dim)``, and, where
the steps are not aligned, ``audio_lengths`` and ``vision_lengths``; ``text_bert`` ``(clips, 3,
tokens)`` has a mask of the tokens.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.npz import read_pickle
from affecthub.training.features.importing.arrays import Foreign, Read
from affecthub.training.features.names import MODALITIES, Modality

_SPLITS = ("train", "valid", "test")


def find_pickle(path: Path, *, infinite_to_zero: bool = False) -> list[Foreign]:
    """The kinds of features in a pickle of MMSA.

    Args:
        path: The file.
        infinite_to_zero: Put zero for infinite numbers, as MMSA's own loader does for sound.

    Raises:
        ValueError: It is no such pickle, or asks for anything but arrays, dicts, lists and
            strings; nothing of it is run.
    """
    content = read_pickle(path)
    if not isinstance(content, dict) or not any(name in content for name in _SPLITS):
        keys = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise ValueError(
            f"{path} is no pickle of MMSA: got {keys}, expected a dict of {', '.join(_SPLITS)}."
        )
    parts = [content[name] for name in _SPLITS if content.get(name)]
    found = []
    for modality in MODALITIES:
        clips: dict[str, Read] = {}
        for part in parts:
            for clip, values in _clips(part, modality, path):
                if clip in clips:
                    raise ValueError(f"{path} has the clip {clip!r} twice: expected each once.")
                clips[clip] = partial(_finite, values, infinite_to_zero)
        if clips:
            name = f"{path.stem}-{modality}"
            found.append(Foreign(name, name, modality, "frame", clips, path.name))
    return found


def _clips(
    part: Mapping[str, Any], modality: Modality, path: Path
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the clips of a split with the steps that are theirs."""
    values = part.get(modality)
    if values is None:
        return
    ids = [str(each) for each in np.asarray(part.get("id", ())).reshape(-1).tolist()]
    values = np.asarray(values)
    if values.ndim != 3 or len(values) != len(ids):
        raise ValueError(
            f"{path}: `{modality}` has the shape {values.shape}, expected ({len(ids)} clips, "
            "steps, dim)"
        )
    lengths = _lengths(part, modality, len(ids))
    for number, clip in enumerate(ids):
        steps = values[number]
        kept = steps[: lengths[number]] if lengths is not None else _without_padding(steps)
        # Their id of the video and of the clip in it, as ours joins them.
        yield clip.replace("$_$", "_"), kept


def _lengths(part: Mapping[str, Any], modality: Modality, n_clips: int) -> list[int] | None:
    """Steps of each clip, as the file says; None where it does not."""
    said = part.get(f"{modality}_lengths")
    if modality == "text" and said is None and part.get("text_bert") is not None:
        said = np.asarray(part["text_bert"])[:, 1].sum(axis=-1)
    if said is None or len(said) != n_clips:
        return None
    return [max(1, int(each)) for each in np.asarray(said).reshape(-1)]


def _without_padding(steps: np.ndarray) -> np.ndarray:
    """A clip without the steps of zeros before and after it; all zeros are one step."""
    said = np.flatnonzero(steps.any(axis=1))
    return steps[said[0] : said[-1] + 1] if len(said) else steps[:1]


def _finite(values: np.ndarray, infinite_to_zero: bool) -> np.ndarray:
    if infinite_to_zero and np.isinf(values).any():
        return np.where(np.isinf(values), 0, values)
    return values
