"""The card of a model, from what its folder knows."""

from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.hub_cards.cards import render
from affecthub.hub_cards.models.facts import facts
from affecthub.hub_cards.models.families import family_of
from affecthub.hub_cards.models.known import Known, read_known
from affecthub.hub_cards.models.origins import datasets_of, languages_of, licence_of
from affecthub.hub_cards.models.results import model_index
from affecthub.hub_cards.models.scores import bench_scores, run_scores

# Written into ours, so that a card of someone's own is never replaced.
MARK = "<!-- Made by affecthub from the files beside the weights. -->"
# Ours of earlier versions, and the form that PEFT leaves to be filled in.
_OURS = ("<!-- Made by affecthub ", "# Model Card for Model ID")


def write_model_card(folder: str | PathLike[str]) -> Path | None:
    """Write ``README.md`` beside a model, adapters or a checkpoint, unless somebody wrote one.

    Args:
        folder: Holds ``config.json`` or ``adapter_config.json``, and what the run left.

    Returns:
        The card; None where another one stands.

    Raises:
        ValueError: A file of the folder is broken.
    """
    path = Path(folder) / "README.md"
    if path.is_file() and not is_ours(path.read_text("utf-8")):
        return None
    path.write_text(model_card(read_known(folder)), encoding="utf-8")
    return path


def model_card(known: Known, *, name: str | None = None, licence: str | None = None) -> str:
    """The card as Markdown with the Hub's head.

    Args:
        known: The model's records.
        name: How the card calls it, and where it is loaded from; None takes the folder's name.
        licence: Of the weights; None takes what follows from the base and the corpora, and where
            that is not known the head has none.
    """
    name = name or known.folder.name or "model"
    told = facts(known, name, licence or _licence_of(known))
    return render("model", card_head(known, name, licence), mark=MARK, **told)


def card_head(known: Known, name: str, licence: str | None = None) -> dict[str, Any]:
    """The head of the card, in the Hub's keys; what is not known is None or empty."""
    family = family_of(known)
    ids = [] if family.from_random else known.base_ids
    scores = [*bench_scores(known), *run_scores(known)]
    return {
        "library_name": "peft" if known.is_adapter else "transformers",
        "pipeline_tag": family.pipeline_tag,
        "license": licence or _licence_of(known),
        "base_model": ids[0] if len(ids) == 1 else ids,
        "base_model_relation": ("adapter" if known.is_adapter else "finetune") if ids else None,
        "datasets": datasets_of(known),
        "language": languages_of(known),
        "metrics": list(dict.fromkeys(score.key for score in scores)),
        "tags": ["emotion-recognition", "multimodal", *family.tags, "affecthub"],
        "model-index": model_index(known, name),
    }


def _licence_of(known: Known) -> str | None:
    return licence_of(known, from_random=family_of(known).from_random)


def is_ours(text: str) -> bool:
    """Whether a card may be written anew: ours, or an empty one.

    Example:
        >>> is_ours("# Mine"), is_ours(f"{MARK} and more"), is_ours("  ")
        (False, True, True)
    """
    return not text.strip() or any(mark in text for mark in _OURS)
