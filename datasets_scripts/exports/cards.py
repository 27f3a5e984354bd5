"""The card of an export: one for a folder on a disk and for the same folder on the Hub."""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Audio, ClassLabel, Features, Value, Video

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.card import PARTS, names_in, read_card
from affecthub.datasets_scripts.exports import card_facts
from affecthub.datasets_scripts.exports.card_head import head
from affecthub.datasets_scripts.exports.packing import Packer
from affecthub.datasets_scripts.exports.written import Written
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import AUDIO_SUFFIXES, VIDEO_SUFFIXES
from affecthub.entries import Entry
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS
from affecthub.templates import filled

# Columns that are not a corpus' own but a form's.
_OF_FORMS = {
    "__key__": "the sample's name in its tar",
    "__url__": "the tar",
    "json": "every column but the media; labels by name",
    "messages": "a user's and an assistant's turn; `<video>` and `<audio>` are the places of media",
    "videos": "files of films, in the order of their places",
    "audios": "files of sound, in the order of their places",
}

_MEMBERS = {"sound": AUDIO_SUFFIXES, "film": VIDEO_SUFFIXES, "cropped faces": {".npy"}}


def card(
    builder: CorpusBuilder, packer: Packer, rules: Sequence[SplitRule], written: Written
) -> str:
    """Write the card of an export.

    Args:
        builder: The corpus.
        packer: What brought its rows into the export.
        rules: The protocols that are offered, the default first.
        written: What the format wrote.

    Returns:
        Markdown with a YAML head: the text of ``README.md``. It has no empty section.
    """
    entry, own, facts = builder.entry(), read_card(builder.entry()), packer.facts()
    if written.clips is not None:
        facts = facts.filter(pc.is_in(facts["id"], pa.array(written.clips, pa.string())))
    sides = _sides(builder.rows(), facts, rules)
    shared = [card_facts.shared_by_sides(name, parts) for name, parts in sides.items()]
    first = sides[rules[0].protocol]
    answers = card_facts.answers(facts)
    return filled(
        files("affecthub.datasets_scripts.exports"),
        "card",
        head=head(
            entry,
            written,
            own.head,
            answers=answers,
            embed=packer.embed,
            free=packer.free(entry),
        ),
        entry=entry,
        version=version("affecthub"),
        config=builder.config.name,
        protocol=rules[0].protocol,
        about=own.about,
        parts=dict.fromkeys(PARTS, "") | own.parts,
        usage=written.usage,
        people=card_facts.people(facts, entry.groups),
        columns=_columns(written.features, own.columns),
        labels=card_facts.label_tables(first, packer.features),
        counts=[(protocol, split, str(n)) for protocol, split, n in written.counts],
        shared=[each for each in shared if each is not None],
        flagged=card_facts.flagged(first),
        notes=written.notes,
        terms=_terms(entry, packer),
        intended_use=INTENDED_USE,
        legal_limits=LEGAL_LIMITS,
    )


def _sides(
    rows: pa.Table, facts: pa.Table, rules: Sequence[SplitRule]
) -> dict[str, card_facts.Sides]:
    """Protocol to the facts of each side: rules decide by columns of the annotation rows."""
    ids = rows["id"].to_pylist()
    found = {}
    for rule in rules:
        assigned = dict(zip(ids, rule.assign(rows).to_pylist(), strict=True))
        found[rule.protocol] = card_facts.sides_of(facts, assigned, rule.splits)
    return found


def _terms(entry: Entry, packer: Packer) -> str:
    """Whether this copy may be passed on, and why."""
    why = f": {entry.not_passed_on}" if entry.not_passed_on else ""
    if entry.may_redistribute:
        return "You may pass this copy on under its licence."
    if packer.free(entry):
        left = ", ".join(f"`{name}`" for name in packer.without)
        left = f" Columns that may not be passed on are left out: {left}." if left else ""
        return (
            f"You may pass on these annotations without media: {entry.labels_alone}. The corpus "
            f"with its media may not be passed on{why}.{left}"
        )
    accept = f" Whoever has it has accepted {entry.accept}." if entry.accept else ""
    return f"The terms do not let you pass this copy on{why}. Keep it private.{accept}"


def _columns(features: Features, told: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Column, type and meaning, in the order of the columns; the corpus' own words go first."""
    meanings = {}
    for cell, meaning in told:
        for name in names_in(cell):
            meanings[name] = meaning
    meanings = {**_OF_FORMS, **meanings}
    for name in ("audio", "video", "face"):
        if features.get(name) == Value("string"):
            meanings[name] = "where it lies in the corpus: a path relative to its folder"
    every = {**features, **features.get("json", {})}  # the columns of a tar stand in its json
    return [
        (
            f"`{name}`",
            "json" if name == "json" else _type(kind),
            _cell(meanings.get(name) or _by_suffix(name)),
        )
        for name, kind in every.items()
    ]


def _by_suffix(name: str) -> str:
    """What a member of a tar is, by its suffix; else a column that only its folder explains."""
    for what, suffixes in _MEMBERS.items():
        if f".{name}" in suffixes:
            return f"the clip's {what}, as the bytes of the file"
    return "the corpus' own"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _type(feature: Any) -> str:
    """A type in a word or two."""
    if isinstance(feature, ClassLabel):
        return "label: " + ", ".join(feature.names) if feature.names else "label"
    if isinstance(feature, dict):
        return "{" + ", ".join(f"{name}: {_type(part)}" for name, part in feature.items()) + "}"
    if hasattr(feature, "feature"):
        return f"list of {_type(feature.feature)}"
    if isinstance(feature, Audio | Video):
        return f"encoded {type(feature).__name__.lower()}"
    return str(feature.dtype)
