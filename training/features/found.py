"""Which feature caches lie in a folder, of which modality each is, and at which level."""

from pathlib import Path
from typing import cast

from affecthub.errors import unknown_name
from affecthub.training.features.index import ABOUT
from affecthub.training.features.names import LEVELS, MODALITIES, Level, Modality, column_of
from affecthub.training.features.store import FeatureCache

# Columns of AffectGPT's towers that tell of the same modality.
_OF_TOWERS = {"face_features": "vision"}


def find_caches(folder: str | Path) -> dict[str, FeatureCache]:
    """All feature caches that a folder is or holds.

    Args:
        folder: A cache itself, or a folder of caches; deeper than one level nothing is looked for.

    Returns:
        Name of the cache's own folder to the cache, sorted by name; empty where there is none.
        Folders that were begun and not finished are no caches yet and are refused.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A cache in it is not finished, or of another version.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"folder of features not found: {folder}. Fill one: affecthub features CORPUS "
            f"--encoder NAME --data-dir D --out {folder}/NAME"
        )
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    there = [path for path in (folder, *inner) if (path / ABOUT).is_file()]
    return {path.resolve().name: FeatureCache.open(path) for path in there}


def cache_named(folder: str | Path, name: str) -> FeatureCache:
    """One cache out of a folder of them.

    Args:
        folder: As for `find_caches`.
        name: Of the cache's own folder.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: There is no such cache in it; close names are told.
    """
    found = find_caches(folder)
    if name not in found:
        raise unknown_name(f"feature cache of {folder}", name, sorted(found))
    return found[name]


def feature_column(cache: FeatureCache) -> str:
    """The name of the one column of features that a cache has.

    Raises:
        ValueError: It has several, as caches of AffectGPT's towers do.
    """
    names = [column.name for column in cache.columns]
    if len(names) != 1:
        raise ValueError(
            f"{cache.folder} holds features of several kinds: got {', '.join(names) or 'none'}, "
            "expected one column. Fill a cache by one encoder: affecthub features "
            f"{cache.corpus} --encoder NAME"
        )
    return names[0]


def modality_of(cache: FeatureCache) -> Modality:
    """What a cache's features tell of.

    Raises:
        ValueError: Its columns are several, or of no modality that is known.
    """
    name = feature_column(cache)
    for modality in MODALITIES:
        if column_of(modality) == name or _OF_TOWERS.get(name) == modality:
            return modality
    expected = ", ".join(column_of(modality) for modality in MODALITIES)
    raise ValueError(f"{cache.folder}: got the column {name!r}, expected one of {expected}.")


def level_of(cache: FeatureCache) -> Level:
    """Whether a clip's features are one vector, or a vector for each step.

    Raises:
        ValueError: As `feature_column`.
    """
    feature_column(cache)
    (column,) = cache.columns
    stated = cache.about.get("level")
    if stated in LEVELS:
        return cast(Level, stated)
    return "utterance" if len(column.shape) == 1 else "frame"


def width_of(cache: FeatureCache) -> int:
    """Numbers in one vector of a cache.

    Raises:
        ValueError: As `feature_column`.
    """
    feature_column(cache)
    width = cache.columns[0].shape[-1]
    assert width is not None, "only the first size may be open"
    return width
