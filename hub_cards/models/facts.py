"""What a model's card says in its sections; what is not known is said to be so."""

from pathlib import Path
from typing import Any

from affecthub.hub_cards.cards.rendering import filled_template
from affecthub.hub_cards.models.families import family_of
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.naming import base_in_words, shown_name
from affecthub.hub_cards.models.origins import contamination, corpora_of, known_entry
from affecthub.hub_cards.models.recipe_rows import cost_rows, recipe_rows
from affecthub.hub_cards.models.scores import (
    Score,
    bench_scores,
    percent,
    run_scores,
    whole_mean,
)
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS
from affecthub.metrics.modules.citing import citations

_FLOORS = {"majority": "majority", "constant": "best constant"}


def facts(known: Known, place: str, licence: str | None) -> dict[str, Any]:
    """What the template of a model's card names.

    Args:
        known: The model's records.
        place: Hub id or folder that it is loaded from.
        licence: Of the weights, None where it is not known.
    """
    scores = [*bench_scores(known), *run_scores(known)]
    mean = whole_mean(known)
    family = family_of(known)
    return {
        "title": family.title(known),
        "what": family.what(known),
        "sections": family.sections(known),
        "notes": _notes(known, licence),
        "data_lead": _data_lead(known),
        "corpora": [_corpus_row(each, known) for each in corpora_of(known)],
        "shared": contamination(known),
        "pretrained": _pretrained(known),
        "recipe": recipe_rows(known),
        "cost": cost_rows(known),
        "scores": [_score_row(each) for each in [*scores, *([mean] if mean else [])]],
        "score_notes": _score_notes(known, scores),
        "intended_use": INTENDED_USE,
        "legal_limits": LEGAL_LIMITS,
        "limits": family.limits,
        "usage": _usage(known, place),
        "citation": citations(*dict.fromkeys(family.citations(known))).strip(),
    }


def _usage(known: Known, place: str) -> str:
    """How the model is loaded, by its kind's template."""
    bases = known.base_names
    return filled_template(
        family_of(known).usage,
        place=place,
        config=known.config,
        is_adapter=known.is_adapter,
        bases=bool(known.bases),
        base=shown_name(bases[0]) if bases else "",
    )


def _notes(known: Known, licence: str | None) -> list[str]:
    notes = [str(note) for note in known.record.get("notes") or ()]
    if known.step is not None:
        notes.append(f"A checkpoint of step {known.step:,}, saved while training went on.")
    if licence is None:
        notes.append(
            "The licence of these weights is not stated: the terms of the base and of the corpora "
            "decide what you may do with them."
        )
    return notes


def _data_lead(known: Known) -> str:
    if corpora_of(known):
        return "The clips that the weights were tuned on."
    if known.conversion:
        return (
            "Not recorded in the released checkpoint: see the page it was downloaded from. The "
            "paper's models were trained on MER-Caption+, which holds 576 of the 1,169 clips of "
            "MER2024's test set in MER-UniBench."
        )
    return "Not known: the folder holds no recipe."


def _corpus_row(each: dict[str, Any], known: Known) -> tuple[str, ...]:
    name, entry = each["corpus"], known_entry(each["corpus"])
    counted = [row for row in known.record.get("corpora") or () if row.get("corpus") == name]
    numbers = counted[0] if counted else known.record
    n, there = numbers.get("n_train"), numbers.get("n_there")
    used = "not recorded" if n is None else f"{n:,}" + (f" of {there:,}" if there else "")
    config = f" ({each['config']})" if each.get("config") else ""
    protocol = Path(str(each.get("protocol") or "default")).name
    terms = entry.terms if entry else "not known here"
    return (f"`{name}`{config}", str(each.get("train_split") or "train"), protocol, used, terms)


def _pretrained(known: Known) -> str:
    if family_of(known).from_random or not known.base_names:
        return ""
    return (
        f"What {base_in_words(known)} had seen before is not known here. It may hold clips, "
        "subtitles or descriptions of any test set."
    )


def _score_row(score: Score) -> tuple[str, ...]:
    ends = "none" if score.low is None else f"{percent(score.low)} to {percent(score.high or 0)}"
    floor = ", ".join(f"{_FLOORS.get(name, name)} {percent(v)}" for name, v in score.floor.items())
    return (
        score.test,
        score.name,
        percent(score.value),
        ends,
        f"{score.n_clips:,}",
        score.protocol or "not recorded",
        score.lexicon or "none",
        floor or "not computed",
    )


def _score_notes(known: Known, scores: list[Score]) -> list[str]:
    notes = []
    if known.bench:
        notes.append(
            "Rows of protocol `fixed` are of one checkpoint, chosen without the test sets; under "
            "any other the epochs were chosen on them."
        )
        because = (known.bench.get("published") or {}).get("because") or ()
        if because:
            notes.append(f"Not comparable with published rows: {'; '.join(because)}.")
    if any(score.low is not None for score in scores):
        notes.append(
            "Intervals are over clips (Wilson's of an accuracy, a bootstrap's of the others), not "
            "over speakers, seeds or epochs."
        )
    if any(score.low is None for score in scores):
        notes.append("Where there is no interval, none was computed.")
    if known.scores and not known.bench:
        notes.append("One run of one seed: another seed gives other numbers.")
    return notes
