"""Where a model comes from: data, what they share with test sets, and the licence that follows."""

import re
from typing import Any

from affecthub.entries import Entry, entries
from affecthub.hub_cards.models.known import Known
from affecthub.unibench import SETS

# Licences of models that AffectGPT is put together from, as their cards on the Hub state them in
# 2026; a model that is not named here has to be looked up by whoever passes a tuned one on.
BASE_LICENCES = {
    "Qwen/Qwen2.5-0.5B-Instruct": "apache-2.0",
    "Qwen/Qwen2.5-1.5B-Instruct": "apache-2.0",
    "Qwen/Qwen2.5-7B-Instruct": "apache-2.0",
    "Qwen/Qwen2.5-14B-Instruct": "apache-2.0",
    "facebook/hubert-large-ll60k": "apache-2.0",
}
# Licences of corpora that ask nothing of a model trained on them but, at most, to be named.
_FREE = {"apache-2.0", "mit", "cc0-1.0", "cc-by-4.0"}
_ON_THE_HUB = re.compile(r"huggingface\.co/datasets/([\w.-]+/[\w.-]*\w)")


def corpora_of(known: Known) -> list[dict[str, Any]]:
    """The corpora a model was trained on: name, protocol, config and split of each."""
    recipe = known.grpo or known.recipe
    if not recipe:
        return []
    first = {key: recipe.get(key) for key in ("corpus", "config", "protocol", "train_split")}
    return [first, *(dict(each) for each in recipe.get("more_corpora") or [])]


def known_entry(name: str) -> Entry | None:
    """What a corpus says of itself; None of one that is not known here."""
    return entries().get(name)


def licence_of(known: Known, *, from_random: bool = False) -> str | None:
    """The licence that follows from the weights and the corpora a model was made from.

    Args:
        known: The model's records.
        from_random: Whether it is of a kind that is trained from random weights.

    Returns:
        An identifier of the Hub; None where a base or a corpus is not known to be free, so that a
        person has to say what the model may be passed on under.
    """
    named = [] if from_random else [BASE_LICENCES.get(name) for name in known.base_names]
    scratch = from_random or known.recipe.get("scratch")
    corpora = [known_entry(each["corpus"]) for each in corpora_of(known)]
    if not (named or scratch) or not corpora or None in named:
        return None
    terms = [entry.licence.lower() if entry and entry.may_redistribute else "" for entry in corpora]
    if not set(terms) <= _FREE:
        return None
    # Of a licence without conditions and one with some, the whole has those.
    return "apache-2.0" if "apache-2.0" in {*named, *terms} else (named or ["apache-2.0"])[0]


def datasets_of(known: Known) -> list[str]:
    """Repositories of the Hub that its training data come from, where the corpora name them."""
    found = [known_entry(each["corpus"]) for each in corpora_of(known)]
    ids = [name for entry in found if entry for name in _ON_THE_HUB.findall(entry.how_to_get)]
    return list(dict.fromkeys(ids))


def languages_of(known: Known) -> list[str]:
    """Languages of the corpora it was trained on, by their first part: ``zh``, ``en``."""
    found = [known_entry(each["corpus"]) for each in corpora_of(known)]
    tags = [tag.partition("-")[0] for entry in found if entry for tag in entry.languages]
    return list(dict.fromkeys(tags))


def contamination(known: Known) -> list[tuple[str, str, str]]:
    """What the training corpora have in common with other corpora, the test sets above all.

    Returns:
        ``(corpus trained on, corpus it shares clips with, which clips)``: those that test sets of
        MER-UniBench are made of come first and are marked, and so is a corpus that is one itself.
    """
    tests = {each.name for each in SETS}
    rows = []
    for each in corpora_of(known):
        name, entry = each["corpus"], known_entry(each["corpus"])
        if name in tests:
            split = each.get("train_split") or "train"
            told = f"it is one of the nine sets itself; trained on its split `{split}`"
            if split != "train":
                told += ", which the benchmark tests on"
            rows.append((name, f"{name} (MER-UniBench)", told))
        shared = dict(entry.shares) if entry else {}
        for other in entries().values():
            if name in other.shares:
                shared.setdefault(other.name, f"as {other.name} says: {other.shares[name]}")
        for other_name in sorted(shared, key=lambda other: other not in tests):
            mark = " (MER-UniBench)" if other_name in tests else ""
            rows.append((name, f"{other_name}{mark}", shared[other_name]))
    return rows
