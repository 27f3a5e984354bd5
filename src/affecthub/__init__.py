"""Hugging Face datasets, metrics and models for multimodal emotion recognition.

Importing this package is cheap: torch, datasets and transformers are imported by the function that
needs them. ``affecthub.load_dataset``, ``affecthub.load_metric`` and the AffectGPT classes are
resolved on first use. The Auto classes of transformers load a saved AffectGPT from then on.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from affecthub.auto_classes import announce

__version__ = "0.7.0"

if TYPE_CHECKING:
    from affecthub.datasets_scripts import leakage as leakage
    from affecthub.datasets_scripts import list_datasets as list_datasets
    from affecthub.datasets_scripts import load_dataset as load_dataset
    from affecthub.datasets_scripts import make_demo as make_demo
    from affecthub.datasets_scripts import open_corpus as open_corpus
    from affecthub.datasets_scripts import register as register
    from affecthub.datasets_scripts import verify as verify
    from affecthub.datasets_scripts.corpus import Corpus as Corpus
    from affecthub.datasets_scripts.row import LEADING_COLUMNS as LEADING_COLUMNS
    from affecthub.datasets_scripts.rows.collating import collate as collate
    from affecthub.datasets_scripts.rows.decoding import decode as decode
    from affecthub.datasets_scripts.rows.decoding import read_audio as read_audio
    from affecthub.datasets_scripts.rows.decoding import read_frames as read_frames
    from affecthub.datasets_scripts.rows.joining import join as join
    from affecthub.datasets_scripts.rows.label_names import with_label_names as with_label_names
    from affecthub.entries import register_corpus as register_corpus
    from affecthub.hub_cards import export as export
    from affecthub.metrics import list_metrics as list_metrics
    from affecthub.metrics import load_metric as load_metric
    from affecthub.modeling.affectgpt import AffectGPTConfig as AffectGPTConfig
    from affecthub.modeling.affectgpt import (
        AffectGPTForConditionalGeneration as AffectGPTForConditionalGeneration,
    )
    from affecthub.modeling.affectgpt import AffectGPTModel as AffectGPTModel
    from affecthub.modeling.affectgpt import AffectGPTProcessor as AffectGPTProcessor

_PUBLIC = {
    "Corpus": "affecthub.datasets_scripts.corpus",
    "LEADING_COLUMNS": "affecthub.datasets_scripts.row",
    "join": "affecthub.datasets_scripts.rows.joining",
    "with_label_names": "affecthub.datasets_scripts.rows.label_names",
    "read_audio": "affecthub.datasets_scripts.rows.decoding",
    "read_frames": "affecthub.datasets_scripts.rows.decoding",
    "decode": "affecthub.datasets_scripts.rows.decoding",
    "collate": "affecthub.datasets_scripts.rows.collating",
    "open_corpus": "affecthub.datasets_scripts",
    "load_dataset": "affecthub.datasets_scripts",
    "make_demo": "affecthub.datasets_scripts",
    "list_datasets": "affecthub.datasets_scripts",
    "verify": "affecthub.datasets_scripts",
    "export": "affecthub.hub_cards",
    "leakage": "affecthub.datasets_scripts",
    "register": "affecthub.datasets_scripts",
    "register_corpus": "affecthub.entries",
    "load_metric": "affecthub.metrics",
    "list_metrics": "affecthub.metrics",
    "AffectGPTConfig": "affecthub.modeling.affectgpt",
    "AffectGPTModel": "affecthub.modeling.affectgpt",
    "AffectGPTForConditionalGeneration": "affecthub.modeling.affectgpt",
    "AffectGPTProcessor": "affecthub.modeling.affectgpt",
}

__all__ = ["__version__", "plots", *_PUBLIC]

announce()


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use, so that the import itself stays light."""
    if name == "plots":
        return import_module("affecthub.plots")
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'affecthub' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Names that ``dir(affecthub)`` and tab completion show."""
    return sorted(__all__)
