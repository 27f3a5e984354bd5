"""Where a clip stands: agreed, negotiated, under review or decided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from affecthub.training.platform.clips import Project
from affecthub.training.platform.questions import MODALITIES
from affecthub.training.platform.tables import assignments, standings, votes
from affecthub.training.platform.task import Task

AGREED, NEGOTIATING, REVIEW, DECIDED = STATUSES = ("agreed", "negotiating", "review", "decided")
# Shares and means are compared with thresholds that floats cannot all write.
_ROUNDING = 1e-9


def why_disputed(task: Task, modality: str, answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name what keeps annotators from agreeing on a clip in a modality.

    Args:
        task: With the thresholds.
        modality: Which.
        answers: Of its annotators.

    Returns:
        ``question:reason`` for each: ``labels_differ`` where too few chose the leading label,
        ``low_confidence`` where these were too unsure, ``signs_differ`` where scores lie on both
        sides of the middle of a scale. Captions are never disputed. Empty where they agree.

    Source: EmotionTalk, section 3.2: "low confidence or inconsistent annotations" of labels, and
        "conflicting emotion polarity" of scores.

    Example:
        >>> from affecthub.training.platform.task import load_task
        >>> task = load_task("basic", ("joy", "fear"))
        >>> votes = [{"emotion": {"label": label, "confidence": 0.9}} for label in ("joy", "fear")]
        >>> why_disputed(task, "text", votes), why_disputed(task, "text", votes[:1])
        (['emotion:labels_differ'], [])
    """
    reasons = []
    for question in task.asked_in(modality):
        given = [answer[question.name] for answer in answers if question.name in answer]
        if not given or question.kind == "caption":
            continue
        if question.kind == "scale":
            middle = (question.least + question.most) / 2
            if min(given) < middle - _ROUNDING and max(given) > middle + _ROUNDING:
                reasons.append(f"{question.name}:signs_differ")
            continue
        label, n = Counter(each["label"] for each in given).most_common(1)[0]
        if n / len(given) < task.review.least_share - _ROUNDING:
            reasons.append(f"{question.name}:labels_differ")
        elif question.confidence:
            sure = [each["confidence"] for each in given if each["label"] == label]
            if sum(sure) / len(sure) < task.review.min_confidence - _ROUNDING:
                reasons.append(f"{question.name}:low_confidence")
    return reasons


def settle(connection: Connection, project: Project, item: Any, touched: str | None) -> None:
    """Bring a clip's standings up to date after an answer.

    Nothing stands before all its annotators have answered in all its modalities: only then may
    they see each other's answers.

    Args:
        connection: Of a transaction that holds the clip, see ``store.lock_item``.
        project: Which.
        item: The clip's row.
        touched: The modality whose answers changed.
    """
    needed = project.task.annotators_per_clip
    left = (
        connection.execute(select(assignments.c.n_left).where(assignments.c.item == item.n))
        .scalars()
        .all()
    )
    if len(left) < needed or any(left):
        return
    present = {row.modality: row for row in standings_of(connection, item.n)}
    for modality in item.modalities:
        row = present.get(modality)
        if row is not None and (row.status == DECIDED or modality != touched):
            continue
        found = answers_of(connection, item.n, modality)
        current = 0 if row is None else row.round
        complete = all(each.round >= current for each in found.values())
        why = why_disputed(project.task, modality, [each.answer for each in found.values()])
        status, number = (NEGOTIATING if row is None else row.status), current
        if complete and not why:
            status = AGREED
        elif complete and current < project.task.review.negotiation_rounds:
            status, number = NEGOTIATING, current + 1
        elif complete:
            status = REVIEW
        _write(connection, item.n, modality, row, status=status, round=number, why=why)


def answers_of(connection: Connection, item: int, modality: str) -> dict[int, Any]:
    """The present vote of each annotator of a clip: that of the highest round and version.

    Whoever was closed before having answered all of the clip is none of its annotators.
    """
    its = (assignments.c.item == votes.c.item) & (assignments.c.person == votes.c.person)
    rows = connection.execute(
        select(votes)
        .join(assignments, its)
        .where(votes.c.item == item, votes.c.modality == modality)
        .order_by(votes.c.round, votes.c.version)
    )
    return {row.person: row for row in rows}


def standings_of(connection: Connection, item: int) -> list[Any]:
    """The standings of a clip, one a modality in their order; none before all have answered."""
    rows = connection.execute(select(standings).where(standings.c.item == item))
    return sorted(rows, key=lambda row: MODALITIES.index(row.modality))


def standing_of(connection: Connection, item: int, modality: str) -> Any:
    """One of these, or None."""
    return connection.execute(
        select(standings).where(standings.c.item == item, standings.c.modality == modality)
    ).first()


def restate(connection: Connection, row: Any, status: str, number: int) -> int:
    """Change a standing by a reviewer's hand, and return its new version."""
    _write(connection, row.item, row.modality, row, status=status, round=number, why=row.why)
    return int(row.version) + 1


def _write(connection: Connection, item: int, modality: str, row: Any, **values: Any) -> None:
    """Begin or change a standing; each change is a new version, for those who look at it."""
    if row is None:
        start = {"item": item, "modality": modality, "version": 1, **values}
        connection.execute(insert(standings).values(start))
        return
    connection.execute(
        update(standings)
        .where(standings.c.item == item, standings.c.modality == modality)
        .values(version=row.version + 1, **values)
    )
