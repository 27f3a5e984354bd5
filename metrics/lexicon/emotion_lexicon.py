"""An emotion lexicon: surface forms to names, names to wheel words, wheel words to sectors.

The built-in lexicon and the released tables take the same form and the same code path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import nan
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.composition import Composition
from affecthub.metrics.parsing import Style, normalise

Ring = Literal["inner", "middle"]
MappingRule = Literal["official", "composed"]

RINGS: tuple[Ring, ...] = ("inner", "middle")
MAPPINGS: tuple[MappingRule, ...] = ("official", "composed")


@dataclass(frozen=True, eq=False)
class Wheel:
    """One emotion wheel: for every word that stands on it, its sector of the inner and middle ring.

    Attributes:
        name: Name of the wheel, unique in its lexicon.
        source: Where the wheel comes from.
        inner: Word to sector of the innermost ring (the core emotions).
        middle: Word to sector of the middle ring.
        neutral: The core emotion that holds neutral; None where the wheel has no place for it.
    """

    name: str
    source: str
    inner: Mapping[str, str]
    middle: Mapping[str, str]
    neutral: str | None = None

    @classmethod
    def from_sectors(
        cls,
        name: str,
        source: str,
        sectors: Mapping[str, Mapping[str, list[str]]],
        neutral: str | None = None,
    ) -> "Wheel":
        """Build a wheel from ``{inner: {middle: [outer words]}}``.

        A word that stands in two places belongs to the later one. A core emotion has no place of
        its own in the middle ring: it takes the alphabetically first middle sector of its own.
        """
        inner: dict[str, str] = {}
        middle: dict[str, str] = {}
        for core, groups in sectors.items():
            inner[core], middle[core] = core, min(groups)
            for group, words in groups.items():
                for word in (group, *words):
                    inner[word], middle[word] = core, group
        return cls(name, source, inner, middle, neutral)

    def ring(self, ring: Ring) -> Mapping[str, str]:
        """The word to sector table of a ring; a ValueError where the ring is unknown."""
        if ring not in RINGS:
            raise unknown_name("ring", ring, RINGS)
        return self.inner if ring == "inner" else self.middle


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What the wheel metrics know about words.

    A label is looked up as a form; its names' wheel words are pooled and sorted by code point; on
    each wheel the first that stands there decides the sector. In the released tables a word often
    has several candidates, so the choice is alphabetical rather than semantic; in the built-in
    lexicon all candidates share one sector by construction.

    Differs: the AffectGPT paper composes the three levels (eq. 8); the published scoring code,
    followed here by default, pools all candidates.

    Attributes:
        name: Name of the lexicon.
        version: Its version; for released tables the start of the hash of their content.
        wheels: The wheels, five in every lexicon known so far.
        names: Form to names, sorted.
        wheel_words: Name to wheel words, sorted.
        style: How label texts are read; see `affecthub.metrics.parsing.parse_labels`.
        no_overlap: F of a wheel on which precision and recall are both 0 (0 or NaN).
        no_clips: Scores of a wheel on which no clip could be scored (0 or NaN).
        composition: How labels that are no forms compose of forms ("not happy"), or None.
    """

    name: str
    version: str
    wheels: tuple[Wheel, ...]
    names: Mapping[str, tuple[str, ...]]
    wheel_words: Mapping[str, tuple[str, ...]]
    style: Style = "any"
    no_overlap: float = 0.0
    no_clips: float = nan
    composition: Composition | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Lexicon":
        """Build a lexicon from its JSON form.

        Args:
            document: ``{"name", "version", "wheels": [{"name", "source", "sectors"}], "words":
                {name: {"forms", "wheel_words"}}}``, optionally "style" and "zero_division"
                ("nan" or 0: what both degenerate cases give). The built-in one has "concepts" and
                "composition" in place of "words". Other keys are not looked at.

        Raises:
            ValueError: A key is missing or of the wrong kind.
        """
        names: dict[str, tuple[str, ...]] = {}
        wheel_words: dict[str, tuple[str, ...]] = {}
        negated: dict[str, str] = {}
        try:
            for name, forms, targets, negation in _words(document):
                wheel_words[name] = targets
                if negation:
                    negated[name] = negation
                for form in forms:
                    others = names.get(form, ())
                    names[form] = tuple(sorted({*others, name})) if others else (name,)
            composition = document.get("composition")
            lexicon = cls(
                name=document["name"],
                version=document["version"],
                wheels=tuple(
                    Wheel.from_sectors(
                        wheel["name"], wheel["source"], wheel["sectors"], wheel.get("neutral")
                    )
                    for wheel in document["wheels"]
                ),
                names=names,
                wheel_words=wheel_words,
                style=document.get("style", "any"),
                no_overlap=float(document.get("zero_division", 0.0)),
                no_clips=float(document.get("zero_division", nan)),
                composition=composition and Composition.from_document(composition, negated),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"lexicon is not in the expected form: got {type(error).__name__} {error}, "
                'expected {"name", "version", "wheels": [{"name", "source", "sectors"}], '
                '"words": {name: {"forms", "wheel_words"}}}.'
            ) from error
        return lexicon

    @property
    def identity(self) -> dict[str, str]:
        """Name and version, as every score carries them."""
        return {"name": self.name, "version": self.version}

    def owners(self, label: str) -> tuple[str, ...]:
        """The names that a label is a form of, sorted; none where it is unknown.

        Where the lexicon says how labels compose, one that is no form is taken apart, and an
        underscore or a hyphen is as good as a space.
        """
        form = normalise(label, self.style)
        owners = self.names.get(form)
        if owners is not None or self.composition is None:
            return owners or ()
        if "_" in form or "-" in form:
            form = " ".join(form.replace("_", " ").replace("-", " ").split())
            if form in self.names:
                return self.names[form]
        name = self.composition.resolve(form, self.names)
        return (name,) if name else ()

    def base_form(self, label: str) -> str | None:
        """The label's base word (level 1 of the paper), None where it is unknown.

        Source: AffectGPT paper, section 4, level 1; of several the first by code point.
        """
        owners = self.owners(label)
        return owners[0] if owners else None

    def synonym(self, label: str) -> str | None:
        """The word that unifies the label's synonyms (level 2), None where it is unknown.

        Source: AffectGPT paper, section 4, level 2; of several the first by code point.
        """
        targets = self._synonyms(self.owners(label)[:1])
        return targets[0] if targets else None

    def sectors(
        self, label: str, ring: Ring = "inner", mapping: MappingRule = "official"
    ) -> tuple[str | None, ...]:
        """The label's sector on every wheel (level 3), None where it has no place.

        Args:
            label: One label, any case.
            ring: ``"inner"`` (level1 of the published code) or ``"middle"`` (its level2).
            mapping: ``"official"``: of all wheel words the label may stand for, the first that
                stands on the wheel. ``"composed"``: the sector of `synonym` alone.

        Raises:
            ValueError: The ring or the mapping is unknown.

        Source: AffectGPT paper, section 4, level 3 and eq. 8; see the class for what differs.
        """
        if mapping not in MAPPINGS:
            raise unknown_name("mapping", mapping, MAPPINGS)
        return self.sectors_of(self.candidates(self.owners(label), mapping), ring)

    def candidates(self, owners: tuple[str, ...], mapping: MappingRule) -> tuple[str, ...]:
        """The wheel words that a label with these names may stand for, first choice first."""
        if mapping == "composed":
            return self._synonyms(owners[:1])[:1]
        return self._synonyms(owners)

    def sectors_of(self, candidates: tuple[str, ...], ring: Ring) -> tuple[str | None, ...]:
        """On every wheel the sector of the first candidate that stands there, None without."""
        rings = [wheel.ring(ring) for wheel in self.wheels]
        return tuple(
            next((places[word] for word in candidates if word in places), None) for places in rings
        )

    def _synonyms(self, owners: tuple[str, ...]) -> tuple[str, ...]:
        """The wheel words that the names stand for, sorted."""
        if len(owners) == 1:
            return self.wheel_words[owners[0]]
        return tuple(sorted({word for owner in owners for word in self.wheel_words[owner]}))


def _words(
    document: Mapping[str, Any],
) -> Iterator[tuple[str, list[str], tuple[str, ...], str | None]]:
    """Yield every word's name, forms, wheel words, and the name its negation amounts to."""
    if "concepts" not in document:
        for name, word in document["words"].items():
            yield name, word["forms"], tuple(sorted(set(word["wheel_words"]))), None
        return
    for concept in document["concepts"].values():
        targets = tuple(sorted(set(concept["wheel_words"])))
        for line in chain.from_iterable(concept["words"].values()):
            forms = line.split("|")
            yield forms[0], forms, targets, concept.get("negated")
