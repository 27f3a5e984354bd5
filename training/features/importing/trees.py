"""Trees of npy files: a folder for each kind of features, a file for each clip."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from affecthub.training.features.encoders.table import ENCODERS, published
from affecthub.training.features.importing.arrays import Foreign
from affecthub.training.features.names import Level, Modality

_LEVELS: dict[str, Level] = {"utt": "utterance", "fra": "frame"}
_SUFFIX = re.compile(r"[-_](utt|fra)(erance|me)?$", re.IGNORECASE)
# MERBench puts the layers that were summed behind the name of a text encoder.
_LAYERS = re.compile(r"(-\d+)?$")
# How words in the names of other encoders begin that features are left of.
_FAMILIES: dict[Modality, tuple[str, ...]] = {
    "audio": (
        *("hubert", "wav2vec", "wavlm", "whisper", "vggish", "egemaps", "emotion2vec", "panns"),
        *("opensmile", "mfcc", "covarep"),
    ),
    "text": (
        *("albert", "bert", "deberta", "electra", "ernie", "glove", "lert", "mpnet", "macbert"),
        *("pert", "roberta", "xlnet", "baichuan", "bloom", "chatglm", "falcon", "glm", "llama"),
        *("moss", "qwen", "stablelm", "vicuna"),
    ),
    "vision": (
        *("dino", "emonet", "eva", "ferplus", "imagenet", "manet", "msceleb", "openface"),
        *("resnet", "senet", "videomae", "vit"),
    ),
}


def find_trees(folder: Path, modality: Modality | None) -> list[Foreign]:
    """The kinds of features in a folder.

    Args:
        folder: One that holds npy files, or folders that do.
        modality: Of those whose names are not known.

    Returns:
        One for each folder of npy files, by name; empty where there are none.

    Raises:
        ValueError: The modality of some is not known.
    """
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    found = [(path, sorted(path.glob("*.npy"))) for path in (folder, *inner)]
    trees = [(path, files) for path, files in found if files]
    unknown = [
        path.name for path, _ in trees if modality is None and known_modality(path.name) is None
    ]
    if unknown:
        raise ValueError(
            f"{folder}: what features tell of is not known from their names: got "
            f"{', '.join(unknown)}. Expected names of encoders as `affecthub features list` gives "
            "them, or `--modality`."
        )
    return [_tree(path, files, modality) for path, files in trees]


def split_name(name: str) -> tuple[str, Level | None]:
    """The encoder and the level in the name of a folder of features.

    Example:
        >>> split_name("chinese-hubert-large-FRA"), split_name("mine")
        (('chinese-hubert-large', 'frame'), ('mine', None))
    """
    match = _SUFFIX.search(name)
    if match is None:
        return name, None
    return name[: match.start()], _LEVELS[match[1].lower()]


def known_modality(name: str) -> Modality | None:
    """What the features of a folder tell of, by its encoder; None where that is unknown.

    Example:
        >>> known_modality("bert-base-chinese-4-UTT"), known_modality("eva02_base_patch14_224-FRA")
        ('text', 'vision')
        >>> known_modality("senet50face_UTT"), known_modality("mine")
        ('vision', None)
    """
    encoder, _ = split_name(name)
    names = [encoder, _LAYERS.sub("", encoder)]
    # MERBench cuts the names of timm's models at their dot.
    names += [row.name for row in ENCODERS if row.name.partition(".")[0] == encoder.lower()]
    rows = [row for row in map(published, names) if row is not None]
    if rows:
        return rows[0].modality
    words = re.split(r"[-_.\s]", encoder.lower())
    told = [
        modality
        for modality, families in _FAMILIES.items()
        if any(word.startswith(families) for word in words)
    ]
    return told[0] if len(told) == 1 else None


def _tree(folder: Path, files: Sequence[Path], modality: Modality | None) -> Foreign:
    encoder, level = split_name(folder.resolve().name)
    told = known_modality(folder.resolve().name) or modality
    assert told is not None, "refused before"
    return Foreign(
        folder.resolve().name,
        encoder,
        told,
        level or _level_of(files),
        {path.stem: partial(read_npy, path) for path in files},
        folder.name,
    )


def read_npy(path: Path) -> np.ndarray:
    """Read an array of numbers; nothing in it is run.

    Raises:
        ValueError: It is none, is cut, or holds objects.
        OSError: It is not there.
    """
    try:
        found = np.load(path, allow_pickle=False)
    except EOFError as error:
        raise ValueError("an empty file") from error
    if not isinstance(found, np.ndarray):
        raise ValueError("an npz in place of an npy")
    return found


def _level_of(files: Sequence[Path]) -> Level:
    """What the first array that can be read looks like."""
    for path in files:
        try:
            return "utterance" if read_npy(path).ndim == 1 else "frame"
        except (ValueError, OSError):
            continue
    return "frame"
