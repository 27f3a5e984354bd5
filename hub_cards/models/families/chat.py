"""Adapters of published chat models: what a clip is answered, as JSON."""

from typing import Any

from affecthub.hub_cards.models.families.family import Family, Section
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.naming import base_in_words
from affecthub.hub_cards.models.origins import corpora_of

_LIMITS = (
    "It was taught short answers about short clips, and answers other questions as little or as "
    "well as the model below. A stated confidence is learnt from how annotators agreed, or not "
    "learnt at all: it is no probability of being right. Who speaks, in which language and in what "
    "culture decides how an emotion is shown; speakers unlike those of its corpus are read worse. "
    "An emotion that is acted is not one that is felt."
)


def _title(known: Known) -> str:
    names = [each["corpus"] for each in corpora_of(known)]
    below = base_in_words(known).strip("`")
    return f"Adapters of {below}" + (f" fine-tuned on {' and '.join(names)}" if names else "")


def _what(known: Known) -> str:
    given = known.recipe.get("modalities") or []
    words = {"audio": "sound", "video": "frames", "text": "transcript"}
    shown = ", ".join(words.get(name, name) for name in given) or "media"
    n = known.record.get("n_trained")
    size = f" It has {n:,} parameters." if n else ""
    return (
        f"Low-rank adapters on the language model of {base_in_words(known)}, whose towers stay as "
        f"they were. Given a clip ({shown}) and a question it answers with a JSON object.{size}"
    )


def _sections(known: Known) -> list[Section]:
    sections: list[Section] = []
    if known.recipe.get("answer"):
        sections.append(("What it is asked and answers", _asked(known)))
    scores = known.scores.get("scores") or {}
    if scores.get("statuses"):
        sections.append(("How answers could be read", _read(scores)))
    return sections


def _asked(known: Known) -> str:
    recipe = known.recipe
    rows = "\n".join(f"| `{key}` | `{column}` |" for key, column in recipe["answer"].items())
    prompt = known.record.get("prompt") or recipe.get("prompt")
    place = "between the frames" if recipe.get("sound") == "in_video" else "in a place of its own"
    return (
        f"Prompt `{prompt}` of affecthub; sound stands {place}. Only the answer and the token that "
        f"ends it were learnt.\n\n| key of the answer | column of the corpus |\n|---|---|\n{rows}"
    )


def _read(scores: dict[str, Any]) -> str:
    rows = "\n".join(f"| {name} | {n:,} |" for name, n in scores["statuses"].items())
    told = f"{scores['n_unread']:,} of {scores['n']:,} answers name no label and count as wrong."
    return f"| read as | answers |\n|---|---|\n{rows}\n\n{told}"


CHAT = Family(
    title=_title,
    what=_what,
    citations=lambda known: ["guo2026emos"],  # whose appendix B the schedule is
    usage="usage_chat",
    limits=_LIMITS,
    auto_classes=(),
    pipeline_tag="any-to-any",
    tags=("chat-model",),
    trained="fine-tuning of a chat model",
    sections=_sections,
    has_processor=True,
)
