"""What each utterance is described by: its text without a network, or an encoder's features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import datasets
import numpy as np
from numpy.typing import NDArray

from affecthub.errors import unknown_name
from affecthub.training.conversations.dialogues import Dialogue, named
from affecthub.training.features.found import feature_column, find_caches, modality_of
from affecthub.training.features.store import FeatureCache
from affecthub.training.text_features import svd_features, texts_of

Floats = NDArray[np.float32]
LACKING = ("zeros", "error")


@dataclass
class UtteranceFeatures:
    """A vector for every utterance of a corpus.

    Args:
        width: Numbers of a vector.
        vectors: Clip to its vector, float32 ``(width,)``.
        name: What made them.
        modality: ``"text"``, ``"audio"``, ``"vision"``, or several joined by ``+``.
        notes: What a reader of the scores must know of them.
    """

    width: int
    vectors: dict[str, Floats]
    name: str
    modality: str
    notes: list[str] = field(default_factory=list)

    def __call__(self, clip: str) -> Floats:
        """A clip's vector; zeros where it has none."""
        vector = self.vectors.get(clip)
        return np.zeros(self.width, np.float32) if vector is None else vector

    def normalised(self, train: Iterable[str]) -> "UtteranceFeatures":
        """The same with mean 0 and deviation 1 over training clips; constant numbers become 0.

        Args:
            train: Clips that are counted.
        """
        known = np.stack([self.vectors[clip] for clip in train if clip in self.vectors])
        middle, spread = known.mean(0, dtype=np.float64), known.std(0, dtype=np.float64)
        scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)
        vectors = {
            clip: ((vector - middle) * scale).astype(np.float32)
            for clip, vector in self.vectors.items()
        }
        return UtteranceFeatures(self.width, vectors, self.name, self.modality, self.notes)


def text_features(
    splits: Mapping[str, datasets.Dataset],
    *,
    width: int = 256,
    units: str = "characters",
    tags: str = "removed",
) -> UtteranceFeatures:
    """TF-IDF of the transcripts by SVD, fitted on the training split.

    Args:
        splits: With a split ``train``.
        width: Numbers of an utterance.
        units: ``"characters"`` or ``"words"``.
        tags: What becomes of a transcript's markup, see `texts_of`.

    Raises:
        ValueError: There are no transcripts, or too few for so many numbers.
        ImportError: A package of the extra `bench` is missing.
    """
    ids = [clip for rows in splits.values() for clip in rows["id"]]
    texts = [text for rows in splits.values() if len(rows) for text in texts_of(rows, tags)]
    made = svd_features(texts, texts_of(splits["train"], tags), width=width, units=units)
    empty = [clip for clip, text in zip(ids, texts, strict=True) if not text.strip()]
    notes = []
    if empty:
        notes.append(f"{len(empty)} of {len(ids)} clips have no text: {named(empty)}.")
    what = f"{units}, TF-IDF, SVD-{width}" + ("" if tags == "removed" else f", tags {tags}")
    return UtteranceFeatures(width, dict(zip(ids, made, strict=True)), what, "text", notes)


def cached_features(
    folder: str | Path,
    dialogues: Sequence[Dialogue],
    *,
    corpus: str,
    encoders: Sequence[str] = (),
    lacking: str = "zeros",
) -> UtteranceFeatures:
    """Features out of caches that ``affecthub features`` has filled, several one after the other.

    Features of frames are averaged over time.

    Args:
        folder: A cache, or a folder of caches.
        dialogues: Whose utterances are described.
        corpus: Its name.
        encoders: Names of caches; none takes the only one.
        lacking: An utterance that an encoder has nothing of gets ``"zeros"`` for it, or is an
            ``"error"``.

    Returns:
        The vectors; `notes` count and name utterances without features and features without an
        utterance.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: There is no such cache, or several and none is named; it is of another corpus;
            no utterance has features, or one has none and may not; or features are no finite
            numbers.
    """
    if lacking not in LACKING:
        raise unknown_name("`lacking`", lacking, LACKING)
    clips = [clip for dialogue in dialogues for clip in dialogue.clips]
    parts, notes = [], []
    for name, cache in _chosen(folder, encoders, corpus).items():
        vectors = _vectors(cache, name, clips)
        notes += _differences(cache, name, clips, vectors, lacking)
        parts.append((name, cache, vectors))
    widths = [len(next(iter(vectors.values()))) for _, _, vectors in parts]
    joined = {
        clip: np.concatenate(
            [
                vectors.get(clip, np.zeros(width, np.float32))
                for (_, _, vectors), width in zip(parts, widths, strict=True)
            ]
        )
        for clip in clips
        if any(clip in vectors for _, _, vectors in parts)
    }
    modalities = dict.fromkeys(modality_of(cache) for _, cache, _ in parts)
    names = " + ".join(name for name, _, _ in parts)
    return UtteranceFeatures(sum(widths), joined, names, "+".join(modalities), notes)


def _chosen(folder: str | Path, encoders: Sequence[str], corpus: str) -> dict[str, FeatureCache]:
    """The caches that are read, by name."""
    found = find_caches(folder)
    for name in encoders:
        if name not in found:
            raise unknown_name(f"cache of {folder}", name, found)
    if not encoders and len(found) != 1:
        raise ValueError(
            f"which features are read is not clear: got {', '.join(found) or 'no cache'} in "
            f"{folder}, expected one. Name those to join in `encoders`."
        )
    chosen = {name: found[name] for name in (encoders or found)}
    for cache in chosen.values():
        if cache.corpus != corpus:
            raise ValueError(
                f"{cache.folder} is the feature cache of another corpus: got features of "
                f"{cache.corpus!r}, expected {corpus!r}."
            )
    return chosen


def _vectors(cache: FeatureCache, name: str, clips: Sequence[str]) -> dict[str, Floats]:
    """The features of clips that have any."""
    column = feature_column(cache)
    vectors: dict[str, Floats] = {}
    for clip in clips:
        there = cache.features(clip)
        values = None if there is None else there.get(column)
        if values is None or not len(values):
            continue
        if not np.isfinite(values).all():
            raise ValueError(
                f"features {name} of clip {clip!r} are no finite numbers: got "
                f"{int((~np.isfinite(values)).sum())} of {values.size} NaN or infinite, expected "
                "none. Fill the cache anew for this clip."
            )
        vectors[clip] = values if values.ndim == 1 else values.mean(0, dtype=np.float32)
    if not vectors:
        raise ValueError(
            f"features {name} are of other clips: got none for {len(clips)} utterances, "
            f"{named(clips)}, but {len(cache)} others. Fill the cache for this corpus, protocol "
            "and configuration."
        )
    return vectors


def _differences(
    cache: FeatureCache,
    name: str,
    clips: Sequence[str],
    vectors: Mapping[str, Floats],
    lacking: str,
) -> list[str]:
    """Utterances without features, and features without an utterance, in words."""
    without = [clip for clip in clips if clip not in vectors]
    notes = []
    if without:
        told = f"features {name} lack {len(without)} of {len(clips)} utterances: {named(without)}"
        if lacking == "error":
            raise ValueError(
                f"{told}. Expected all of them: {cache.reason(without[0])} Or set lacking=zeros."
            )
        notes.append(f"{told}. They are given zeros.")
    if len(cache) > len(vectors):
        known = {*clips}
        others = [clip for clip in cache.dataset()["id"] if clip not in known]
        if others:
            notes.append(
                f"features {name} hold {len(others)} clips of no dialogue: {named(others)}."
            )
    return notes
