"""Clips whose modalities disagree: which ones they are, and the scores of either part.

A corpus that was labelled once for each modality and once as a whole says where what is heard, seen
and read do not amount to the same.

Source: CA-MER ("Benchmarking and Bridging Emotion Conflicts for Multimodal Emotion Reasoning",
2025), whose subsets are those where one modality alone, or all of them, reflect the emotion.
Differs: CA-MER was collected for it; here existing labels make the subsets, and text is a third
modality.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name

# Corpus -> its columns of one modality's label each, beside the label of the whole.
MODALITY_LABELS = {
    "ch_sims": ("sentiment", ("text", "audio", "video")),
    "ch_sims_v2": ("sentiment", ("text", "audio", "video")),
    "emotiontalk": ("emotion", ("text", "audio", "video")),
}
CONSISTENT, CONFLICT = "consistent", "conflict"


def parts_of(
    whole: Sequence[Any], modalities: Mapping[str, Sequence[Any]]
) -> list[tuple[str, ...]]:
    """Which parts each clip belongs to.

    Args:
        whole: The label of the whole clip; a number counts by its sign.
        modalities: Modality to its labels, aligned with `whole`.

    Returns:
        Per clip ``("consistent",)`` where all modalities have one label, ``("conflict",)`` where
        they do not, with ``"<modality>-aligned"`` beside it where the whole has that modality's
        label and no other one's. Empty where a label is missing.

    Example:
        >>> parts_of([1.0, -0.4], {"text": [0.2, 0.6], "audio": [0.8, -1.0]})
        [('consistent',), ('conflict', 'audio-aligned')]
    """
    found: list[tuple[str, ...]] = []
    for i, label in enumerate(whole):
        labels = {name: _kind(values[i]) for name, values in modalities.items()}
        if label is None or None in labels.values():
            found.append(())
        elif len(set(labels.values())) == 1:
            found.append((CONSISTENT,))
        else:
            same = [name for name, own in labels.items() if own == _kind(label)]
            found.append((CONFLICT, *(f"{name}-aligned" for name in same[:1] if len(same) == 1)))
    return found


def corpus_parts(rows: Any, corpus: str) -> dict[str, tuple[str, ...]]:
    """The parts of a corpus' clips, by id.

    Args:
        rows: Rows of the corpus.
        corpus: A key of `MODALITY_LABELS`.

    Raises:
        ValueError: The corpus has no label for each modality.
    """
    if corpus not in MODALITY_LABELS:
        raise unknown_name("corpus with a label for each modality", corpus, MODALITY_LABELS)
    column, names = MODALITY_LABELS[corpus]
    parts = parts_of(rows[column][:], {name: rows[f"{column}_{name}"][:] for name in names})
    return dict(zip(rows["id"], parts, strict=True))


def set_parts(data_root: str | Path, name: str) -> dict[str, tuple[str, ...]]:
    """The parts of a set of MER-UniBench, by clip id of its corpus.

    Args:
        data_root: As `affecthub.training.bench.references.read_sets` takes it.
        name: A set; those of `MODALITY_LABELS` have parts.

    Returns:
        Nothing where the set's folder has no label for each modality.
    """
    if name not in MODALITY_LABELS:
        return {}
    from affecthub.datasets_scripts import load_dataset
    from affecthub.datasets_scripts.mer_unibench.sets import SETS

    item = next(item for item in SETS if item.name == name)
    folders = [path.name for path in Path(data_root).iterdir() if path.is_dir()]
    folder = item.folder_in(folders)
    if folder is None:
        return {}
    rows = load_dataset(
        name, item.config, data_dir=Path(data_root) / folder, protocol=item.protocol,
        split=item.split,
    )  # fmt: skip
    parts = corpus_parts(rows, name)
    return parts if any(parts.values()) else {}


def by_part(parts: Mapping[str, tuple[str, ...]], ids: Sequence[str]) -> dict[str, list[int]]:
    """The places of each part's clips: all, consistent, conflict, and who the whole follows.

    Example:
        >>> by_part({"a": ("consistent",), "b": ("conflict", "text-aligned")}, ["a", "b", "c"])
        {'consistent': [0], 'conflict': [1], 'text-aligned': [1]}
    """
    found: dict[str, list[int]] = {CONSISTENT: [], CONFLICT: []}
    for place, clip in enumerate(ids):
        for part in parts.get(clip, ()):
            found.setdefault(part, []).append(place)
    first = [CONSISTENT, CONFLICT]
    return {name: found[name] for name in [*first, *sorted(set(found) - set(first))]}


def _kind(label: Any) -> Any:
    """A label as it counts: a number by its sign."""
    if isinstance(label, float):
        return None if label != label else (label > 0) - (label < 0)
    return label
