"""What annotators are asked about a clip: a choice of labels, a scale, a caption."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.labels import SIGN_WORDS, emotion_of, polarity

# In the order in which they are asked about, so that none is coloured by a richer one.
MODALITIES = ("text", "sound", "silent", "film")
KINDS = ("choice", "scale", "caption")
# Of EmotionTalk: how sure an annotator says to be.
CONFIDENCE = (0.1, 0.3, 0.5, 0.7, 0.9)
MAX_CHARS = 2000
_FIELDS: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"labels", "confidence"}),
    "scale": frozenset({"least", "most", "step"}),
    "caption": frozenset({"min_chars", "max_chars"}),
}
_COMMON = frozenset({"name", "kind", "in", "required", "say", "hint"})


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        name: Key of its answer, letters, digits and underscores.
        kind: ``"choice"``, ``"scale"`` or ``"caption"``.
        modalities: Those of ``MODALITIES`` in which it is asked, in their order.
        required: Whether an answer without it is refused.
        say: Language ("en", "zh") to its words on the page; the name stands in for what is not
            there.
        hint: Language to a sentence below it.
        labels: Choice: the labels.
        confidence: Choice: the steps that may be stated with a label, rising; empty asks for none.
        least, most, step: Scale: its range and grid.
        min_chars, max_chars: Caption: its length in characters, blanks at its ends not counted.
    """

    name: str
    kind: Literal["choice", "scale", "caption"]
    modalities: tuple[str, ...] = MODALITIES
    required: bool = True
    say: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    confidence: tuple[float, ...] = ()
    least: float = -1.0
    most: float = 1.0
    step: float = 0.1
    min_chars: int = 1
    max_chars: int = MAX_CHARS

    def label_words(self) -> dict[str, dict[str, str]]:
        """Language to label to how the page spells it; Chinese where the label is a known one."""
        return {"zh": {label: word for label in self.labels if (word := chinese_of(label))}}


def read_question(content: Any, labels: tuple[str, ...], where: str) -> Question:
    """Read a question of a task file.

    Args:
        content: As YAML gave it.
        labels: What ``labels: corpus`` stands for.
        where: The file and place, for errors.

    Raises:
        ValueError: A field is unknown, missing or of another form.
    """
    if not isinstance(content, Mapping):
        raise _wrong(where, content, "a question: name, kind and what belongs to the kind")
    name, kind = content.get("name"), content.get("kind")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise _wrong(f"{where}, `name`", name, "ASCII letters, digits and underscores")
    where = f"{where} ({name})"
    if kind not in KINDS:
        raise unknown_name(f"kind of question in {where}", kind, KINDS)
    for key in content:
        if key not in _COMMON | _FIELDS[kind]:
            raise unknown_name(f"field of a {kind} in {where}", key, _COMMON | _FIELDS[kind])
    given: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "modalities": read_modalities(content.get("in", MODALITIES), f"{where}, `in`"),
        "required": content.get("required", True),
        "say": read_words(content.get("say", {}), f"{where}, `say`"),
        "hint": read_words(content.get("hint", {}), f"{where}, `hint`"),
    }
    if not isinstance(given["required"], bool):
        raise _wrong(f"{where}, `required`", given["required"], "true or false")
    if kind == "choice":
        given |= _choice(content, labels, where)
    elif kind == "scale":
        given |= _scale(content, where)
    else:
        given |= _caption(content, where)
    return Question(**given)


def read_modalities(content: Any, where: str) -> tuple[str, ...]:
    """Some of ``MODALITIES``, always in their order.

    Raises:
        ValueError: It is no list of them, or empty.
    """
    if not isinstance(content, list | tuple) or not content:
        raise _wrong(where, content, f"a list of {', '.join(MODALITIES)}")
    for name in content:
        if name not in MODALITIES:
            raise unknown_name(f"modality in {where}", name, MODALITIES)
    return tuple(name for name in MODALITIES if name in content)


def read_words(content: Any, where: str) -> dict[str, str]:
    """Words by language; a bare text stands for every language.

    Raises:
        ValueError: It is neither, or a language is not one of the page's.
    """
    if isinstance(content, str):
        return {"en": content, "zh": content}
    if not isinstance(content, Mapping) or not all(isinstance(v, str) for v in content.values()):
        raise _wrong(where, content, "a text, or {en: ..., zh: ...}")
    for language in content:
        if language not in ("en", "zh"):
            raise unknown_name(f"language in {where}", language, ("en", "zh"))
    return dict(content)


def chinese_of(label: str) -> str | None:
    """How Chinese spells a label, None where the label is not known.

    Example:
        >>> chinese_of("happy"), chinese_of("sleepy")
        ('高兴', None)
    """
    emotion = emotion_of(label)
    if emotion is not None:
        return next((word for word in emotion.words if not word.isascii()), None)
    sign = polarity(label)
    words = (word for word, own in SIGN_WORDS.items() if own == sign and not word.isascii())
    return next(words, None)


def _choice(content: Mapping[str, Any], labels: tuple[str, ...], where: str) -> dict[str, Any]:
    own = content.get("labels", "corpus")
    if own == "corpus":
        own = list(labels)
        if not own:
            raise _wrong(
                f"{where}, `labels`", "corpus", "a list of labels, as the corpus has no label set"
            )
    plain = isinstance(own, list) and all(isinstance(label, str) and label for label in own)
    if not plain or len(own) < 2 or len(set(own)) < len(own):
        raise _wrong(f"{where}, `labels`", own, "two different labels or more (quote no and yes)")
    steps = content.get("confidence", list(CONFIDENCE))
    if not isinstance(steps, list) or not all(_is_number(step) for step in steps):
        raise _wrong(f"{where}, `confidence`", steps, "a list of numbers, [] for none")
    if sorted(set(steps)) != steps or any(not 0 <= step <= 1 for step in steps):
        raise _wrong(f"{where}, `confidence`", steps, "rising numbers from 0 to 1")
    return {"labels": tuple(own), "confidence": tuple(float(step) for step in steps)}


def _scale(content: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {name: content.get(name, default) for name, default in _SCALE.items()}
    if not all(_is_number(value) for value in found.values()):
        raise _wrong(where, found, "numbers for least, most and step")
    least, most, step = (float(found[name]) for name in _SCALE)
    n_steps = (most - least) / step if step > 0 else 0.0
    if n_steps < 1 or abs(n_steps - round(n_steps)) > 1e-9:
        raise _wrong(where, found, "least < most, a whole number of steps apart")
    return {"least": least, "most": most, "step": step}


def _caption(content: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {"min_chars": content.get("min_chars", 1), "max_chars": content.get("max_chars", 500)}
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in found.values())
    if not whole or not 1 <= found["min_chars"] <= found["max_chars"] <= MAX_CHARS:
        raise _wrong(where, found, f"1 <= min_chars <= max_chars <= {MAX_CHARS}")
    return found


_SCALE = {"least": -1.0, "most": 1.0, "step": 0.1}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(where: str, got: object, expected: str) -> ValueError:
    return ValueError(f"{where}: got {got!r}, expected {expected}")
