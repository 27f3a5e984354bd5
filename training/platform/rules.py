"""Logical checks: which answers of one person contradict each other.

The page checks the same rules as one types (``page/rules.js``); the server decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.labels import polarity
from affecthub.training.platform.questions import Question, read_words

# What a number is compared by, and what a caption is searched for.
COMPARISONS = ("below", "above", "at_least", "at_most")
THEN = ("confirm", "refuse")


@dataclass(frozen=True)
class Rule:
    """Answers that do not go together.

    Attributes:
        name: What it is called.
        when: Question, or ``question.confidence``, to a condition: a list of labels, of which the
            answer is one; numbers by ``COMPARISONS``; ``{"mentions": [words]}`` of a caption. The
            rule is broken where all of them hold; one whose question is unanswered does not.
        then: ``"confirm"``: the annotator must say that it is meant; ``"refuse"``: it is not kept.
        say: Language to what the annotator reads.
    """

    name: str
    when: Mapping[str, Any]
    then: Literal["confirm", "refuse"]
    say: Mapping[str, str]

    def is_broken(self, answer: Mapping[str, Any]) -> bool:
        """Whether an answer meets all conditions."""
        return all(_holds(condition, _value(answer, key)) for key, condition in self.when.items())


def broken(rules: Sequence[Rule], answer: Mapping[str, Any]) -> list[Rule]:
    """The rules that an answer breaks, in their order.

    Args:
        rules: Of the task.
        answer: Question to answer, as the page sends it; see ``answers.faults_of``.

    Example:
        >>> rule = Rule("glad", {"emotion": ["joy"], "sentiment": {"below": 0}}, "confirm", {})
        >>> answer = {"emotion": {"label": "joy", "confidence": 0.9}, "sentiment": -0.2}
        >>> [each.name for each in broken([rule], answer)], broken([rule], {"sentiment": -0.2})
        (['glad'], [])
    """
    return [rule for rule in rules if rule.is_broken(answer)]


def read_rules(content: Any, questions: Sequence[Question], where: str) -> tuple[Rule, ...]:
    """Read the rules of a task file.

    Args:
        content: A list as YAML gave it, or ``"signs"`` for those of `sign_rules`.
        questions: Of the task.
        where: The file, for errors.

    Raises:
        ValueError: A rule is not understood, or could never be broken.
    """
    if content == "signs":
        return sign_rules(questions)
    if not isinstance(content, list):
        raise ValueError(f"{where}, `rules`: got {content!r}, expected a list of rules, or signs")
    rules = tuple(_read(each, questions, f"{where}, rule {i}") for i, each in enumerate(content, 1))
    names = [rule.name for rule in rules]
    if len(set(names)) < len(names):
        raise ValueError(f"{where}, `rules`: got names {names}, expected a different one each")
    return rules


def sign_rules(questions: Sequence[Question]) -> tuple[Rule, ...]:
    """Rules from what labels mean: a glad word on the bad side of a scale, and so on.

    A positive label below the middle of a scale called "sentiment" or "valence", a negative one
    above it and a neutral one half-way to an end are to be confirmed; a neutral label at an end is
    refused. Labels without a sign, such as surprise, are in no rule.

    Differs: EmotionTalk speaks of checks against conflicting labels and names none of them. Its
        release has 2,001 of 3,592 happy clips with a negative score, so that most are no more than
        questions here.
    """
    rules: list[Rule] = []
    for choice in (question for question in questions if question.kind == "choice"):
        by_sign: dict[int | None, list[str]] = {}
        for label in choice.labels:
            by_sign.setdefault(polarity(label), []).append(label)
        for scale in questions:
            if scale.name not in ("sentiment", "valence") or scale.kind != "scale":
                continue
            middle, half = (scale.least + scale.most) / 2, (scale.most - scale.least) / 2
            ends = {"at_least": scale.most}, {"at_most": scale.least}
            strong = (
                {"at_least": middle + half / 2, "below": scale.most},
                {"at_most": middle - half / 2, "above": scale.least},
            )
            cases = [
                ("positive", 1, {"below": middle}, "confirm"),
                ("negative", -1, {"above": middle}, "confirm"),
                *(("neutral", 0, side, "refuse") for side in ends),
                *(("neutral", 0, side, "confirm") for side in strong),
            ]
            for i, (word, sign, side, then) in enumerate(cases):
                if labels := by_sign.get(sign):
                    when = {choice.name: labels, scale.name: side}
                    name = f"{choice.name}_{word}_{scale.name}_{i}"
                    rules.append(Rule(name, when, then, _SAY[word]))  # type: ignore[arg-type]
    return tuple(rules)


_SAY = {
    "positive": {
        "en": "The label is a pleasant one, and the score says unpleasant.",
        "zh": "标签是积极的,而分数是消极的。",
    },
    "negative": {
        "en": "The label is an unpleasant one, and the score says pleasant.",
        "zh": "标签是消极的,而分数是积极的。",
    },
    "neutral": {
        "en": "The label is neutral, and the score is a strong one.",
        "zh": "标签是中性的,而分数很强烈。",
    },
}


def _read(content: Any, questions: Sequence[Question], where: str) -> Rule:
    if not isinstance(content, Mapping):
        raise ValueError(f"{where}: got {content!r}, expected name, when, then and say")
    for key in content:
        if key not in ("name", "when", "then", "say"):
            raise unknown_name(f"field in {where}", key, ("name", "when", "then", "say"))
    name, when, then = content.get("name"), content.get("when"), content.get("then", "confirm")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{where}, `name`: got {name!r}, expected a text")
    if then not in THEN:
        raise unknown_name(f"`then` in {where}", then, THEN)
    if not isinstance(when, Mapping) or not when:
        raise ValueError(f"{where}, `when`: got {when!r}, expected question: condition")
    known = {question.name: question for question in questions}
    shared = set.intersection(*(set(_question(key, known, where).modalities) for key in when))
    if not shared:
        raise ValueError(f"{where}, `when`: got {list(when)}, expected questions asked together")
    for key, condition in when.items():
        _check(condition, key, _question(key, known, where), where)
    return Rule(name, dict(when), then, read_words(content.get("say", name), f"{where}, `say`"))


def _question(key: Any, known: Mapping[str, Question], where: str) -> Question:
    name = str(key).removesuffix(".confidence")
    if name not in known:
        raise unknown_name(f"question in {where}", key, known)
    return known[name]


def _check(condition: Any, key: str, question: Question, where: str) -> None:
    """Refuse a condition that does not fit its question."""
    where = f"{where}, `when`, {key}"
    if question.kind == "choice" and not key.endswith(".confidence"):
        if not isinstance(condition, list) or not condition:
            raise ValueError(f"{where}: got {condition!r}, expected a list of labels")
        for label in condition:
            if label not in question.labels:
                raise unknown_name(f"label in {where}", label, question.labels)
        return
    expected = ("mentions",) if question.kind == "caption" else COMPARISONS
    if not isinstance(condition, Mapping) or not condition:
        raise ValueError(f"{where}: got {condition!r}, expected {', '.join(expected)}")
    for name, value in condition.items():
        if name not in expected:
            raise unknown_name(f"comparison in {where}", name, expected)
        if name == "mentions":
            if not isinstance(value, list) or not all(isinstance(w, str) and w for w in value):
                raise ValueError(f"{where}, mentions: got {value!r}, expected a list of words")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{where}, {name}: got {value!r}, expected a number")


def _value(answer: Mapping[str, Any], key: str) -> Any:
    """The label, number or text that a key of a condition stands for."""
    name, dot, _ = key.partition(".")
    value = answer.get(name)
    if isinstance(value, Mapping):
        return value.get("confidence" if dot else "label")
    return None if dot else value


def _holds(condition: Any, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(condition, list):
        return value in condition
    if "mentions" in condition:
        return any(word.lower() in str(value).lower() for word in condition["mentions"])
    return all(_compare(name, value, limit) for name, limit in condition.items())


def _compare(name: str, value: float, limit: float) -> bool:
    if name == "below":
        return value < limit
    if name == "above":
        return value > limit
    return value >= limit if name == "at_least" else value <= limit
