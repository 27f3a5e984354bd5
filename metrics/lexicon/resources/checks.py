"""What the tables must keep so that every word has one meaning and one place on every wheel."""

from affecthub.metrics.lexicon.resources.tables import Meaning, Place
from affecthub.metrics.parsing import normalise


def check_concepts(owners: dict[str, str], concepts: dict[str, Meaning]) -> None:
    """Check that every word has a known concept, and every negation amounts to a known word."""
    for word, concept in owners.items():
        if concept not in concepts:
            raise ValueError(
                f"words: {word!r} has the concept {concept!r}, which concepts.tsv does not list. "
                "Correct the word or add the concept."
            )
    for name, row in concepts.items():
        if row.negated and row.negated not in owners:
            raise ValueError(
                f"concepts.tsv: the negation of {name} is {row.negated!r}, expected a word of "
                "words_en.tsv. Choose one, or leave the column empty."
            )


def check_wheels(wheels: dict[str, dict[str, Place]], owners: dict[str, str]) -> None:
    """Check that every wheel word stands in the sector of its own meaning."""
    for name, places in wheels.items():
        for concept, (inner, middle, word) in places.items():
            if owners.get(word) != concept:
                raise ValueError(
                    f"wheels.tsv: {name} has {word!r} for {concept!r}, but in words_en.tsv it "
                    f"means {owners.get(word)!r}. Choose a word of the concept."
                )
            core, group = (places.get(owners.get(sector, "")) for sector in (inner, middle))
            if core is None or core.inner != inner:
                raise ValueError(
                    f"wheels.tsv: on {name} the meaning of {inner!r} lies outside sector "
                    f"{inner!r}, expected it inside. Rename the sector."
                )
            if group is None or (group.inner, group.middle) != (inner, middle):
                raise ValueError(
                    f"wheels.tsv: on {name} the meaning of {middle!r} lies outside sector "
                    f"{middle!r}, expected it inside. Rename the sector."
                )


def check_forms(forms: dict[str, list[str]]) -> None:
    """Check that every form belongs to one word and is spelled as labels are looked up."""
    owner: dict[str, str] = {}
    for word, spellings in forms.items():
        for form in spellings:
            if owner.setdefault(form, word) != word:
                raise ValueError(
                    f"words: {form!r} is a form of {owner[form]!r} and of {word!r}, expected one "
                    "owner. Drop an ending or give the form a row of its own."
                )
            if form != normalise(form, "any"):
                raise ValueError(
                    f"words: {word!r} has the form {form!r}, which no label is looked up as, "
                    f"expected {normalise(form, 'any')!r}. Correct the row."
                )
