"""Fusions trained on features: a table of tensors, one run or many side by side, a search."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.training.fusion.fitting import Fitted as Fitted
    from affecthub.training.fusion.fitting import config_for as config_for
    from affecthub.training.fusion.fitting import fit as fit
    from affecthub.training.fusion.job import Job as Job
    from affecthub.training.fusion.loading import load_table as load_table
    from affecthub.training.fusion.many import fit_many as fit_many
    from affecthub.training.fusion.searching import Searched as Searched
    from affecthub.training.fusion.searching import search as search
    from affecthub.training.fusion.settings import Settings as Settings
    from affecthub.training.fusion.table import FeatureTable as FeatureTable
    from affecthub.training.fusion.table import table_of as table_of

_HOMES = {
    "FeatureTable": "table",
    "Fitted": "fitting",
    "Job": "job",
    "Searched": "searching",
    "Settings": "settings",
    "config_for": "fitting",
    "fit": "fitting",
    "fit_many": "many",
    "load_table": "loading",
    "search": "searching",
    "table_of": "table",
}

__all__ = [*_HOMES]  # noqa: PLE0604 - the names stand above


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
