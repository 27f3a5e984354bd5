"""The feature cache: what frozen encoders make of a corpus, computed once and kept on a disk."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.training.features.corpus import fill_corpus as fill_corpus
    from affecthub.training.features.encoders.corpus import fill_encoder as fill_encoder
    from affecthub.training.features.filling import fill as fill
    from affecthub.training.features.found import find_caches as find_caches
    from affecthub.training.features.importing.corpus import import_features as import_features
    from affecthub.training.features.store import FeatureCache as FeatureCache

__all__ = [
    "FeatureCache",
    "fill",
    "fill_corpus",
    "fill_encoder",
    "find_caches",
    "import_features",
]

_HOMES = {
    "FeatureCache": "store",
    "fill": "filling",
    "fill_corpus": "corpus",
    "fill_encoder": "encoders.corpus",
    "find_caches": "found",
    "import_features": "importing.corpus",
}


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
