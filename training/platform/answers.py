"""Whether an answer is one: every question answered, each in its own form."""

from collections.abc import Mapping
from typing import Any

from affecthub.training.platform.questions import Question
from affecthub.training.platform.task import Task

# A score may miss its grid by the rounding of a slider.
_ROUNDING = 1e-6


def faults_of(
    task: Task, modality: str, answer: Mapping[str, Any], *, captions: bool = True
) -> dict[str, str]:
    """What is wrong with an answer.

    Args:
        task: What was asked.
        modality: In which.
        answer: Question to answer: of a choice ``{"label", "confidence"}``, without the latter
            where none is asked for; of a scale a number; of a caption a text.
        captions: Whether a required caption must be there.

    Returns:
        Question to what was expected; empty where nothing is wrong. A name that is no question of
        this modality is a fault.

    Example:
        >>> from affecthub.training.platform.task import load_task
        >>> task = load_task("basic", ("joy", "fear"))
        >>> faults_of(task, "text", {"emotion": {"label": "joy", "confidence": 0.6}})
        {'emotion': 'confidence: got 0.6, expected one of 0.1, 0.3, 0.5, 0.7, 0.9'}
    """
    asked = {question.name: question for question in task.asked_in(modality)}
    faults = {
        name: f"got an answer, expected none: not asked in {modality}"
        for name in answer
        if name not in asked
    }
    for name, question in asked.items():
        value = answer.get(name)
        if value is None:
            if question.required and (captions or question.kind != "caption"):
                faults[name] = "got no answer, expected one"
        elif fault := _CHECKS[question.kind](question, value):
            faults[name] = fault
    return faults


def tidy(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as it is kept: without those that were not given, captions without outer blanks."""
    return {
        name: value.strip() if isinstance(value, str) else value
        for name, value in answer.items()
        if value is not None
    }


def _choice(question: Question, value: Any) -> str:
    if not isinstance(value, Mapping) or not set(value) <= {"label", "confidence"}:
        return f"got {value!r}, expected label and confidence"
    if value.get("label") not in question.labels:
        return f"label: got {value.get('label')!r}, expected one of {', '.join(question.labels)}"
    stated = value.get("confidence")
    if not question.confidence:
        return "" if stated is None else f"confidence: got {stated!r}, expected none"
    if isinstance(stated, bool) or stated not in question.confidence:
        steps = ", ".join(map(str, question.confidence))
        return f"confidence: got {stated!r}, expected one of {steps}"
    return ""


def _scale(question: Question, value: Any) -> str:
    expected = f"{question.least:g} to {question.most:g} in steps of {question.step:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"got {value!r}, expected {expected}"
    # First, as this is false of NaN, and of integers that no float holds.
    if not question.least - _ROUNDING <= value <= question.most + _ROUNDING:
        return f"got {value!r}, expected {expected}"
    n_steps = (value - question.least) / question.step
    if abs(n_steps - round(n_steps)) > _ROUNDING / question.step:
        return f"got {value!r}, expected {expected}"
    return ""


def _caption(question: Question, value: Any) -> str:
    n_chars = len(value.strip()) if isinstance(value, str) else -1
    if not question.min_chars <= n_chars <= question.max_chars:
        got = f"{n_chars} characters" if n_chars >= 0 else repr(value)
        return f"got {got}, expected {question.min_chars} to {question.max_chars}"
    # A page that cuts a text at its greatest length may cut an emoji in two.
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "got half of a character, which no file can hold, expected whole ones"
    return ""


_CHECKS = {"choice": _choice, "scale": _scale, "caption": _caption}
