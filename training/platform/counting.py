"""How far the work has come, and how far annotators agree, at this moment."""

import math
import time
from collections import defaultdict
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from affecthub.annotation.agreement import fleiss_kappa, krippendorff_alpha
from affecthub.annotation.votes import encode_votes
from affecthub.training.platform.clips import Project
from affecthub.training.platform.questions import Question
from affecthub.training.platform.standing import STATUSES
from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import assignments, items, people, standings, votes

DAY_S = 86_400
# Agreement is counted anew at most so often, and for a tenth of the time at most.
FRESH_S, SHARE = 5.0, 10.0


def progress_of(store: Store, project: Project) -> dict[str, Any]:
    """How far the work has come.

    Returns:
        ``clips``: ``all``; ``shown``, those that can be shown in any modality; ``begun``, with an
        annotator; ``answered``, by all their annotators. ``lacking``: modality to the clips that
        cannot be shown in it. ``standings``: status to clips and modalities of it. ``people``: of
        each annotator ``name``, ``assigned``, ``done``, ``answers`` and ``today``, the answers of
        the last 24 hours.
    """
    needed = project.task.annotators_per_clip
    with store.reading() as connection:
        shown = connection.execute(select(items.c.modalities)).scalars().all()
        slots = (
            select(
                assignments.c.item,
                func.count().filter(assignments.c.n_left == 0).label("n_done"),
            )
            .group_by(assignments.c.item)
            .subquery()
        )
        begun, answered = connection.execute(
            select(func.count(), func.count().filter(slots.c.n_done >= needed)).select_from(slots)
        ).one()
        found = connection.execute(
            select(standings.c.status, func.count()).group_by(standings.c.status)
        )
        counts = dict.fromkeys(STATUSES, 0) | {name: n for name, n in found}
        return {
            "clips": {
                "all": len(shown),
                "shown": sum(bool(each) for each in shown),
                "begun": begun,
                "answered": answered,
            },
            "needed": needed,
            "lacking": {
                modality: sum(modality not in each for each in shown)
                for modality in project.task.modalities
            },
            "standings": counts,
            "people": _people(connection),
        }


def agreement_of(store: Store, project: Project) -> list[dict[str, Any]]:
    """How far annotators agree, before and after they saw each other's answers.

    Returns:
        For each modality and question that is no caption ``modality``, ``question``, ``measure``,
        ``alone`` and ``last``: Fleiss' kappa of labels and Krippendorff's alpha of scores
        (interval), of the answers made alone and of the last ones; also ``alpha``, of the last, for
        both; ``clips`` with two answers or more. None where nothing can be compared.

    Source: EmotionTalk, equation 3; see ``affecthub.annotation.agreement``.
    """
    with store.reading() as connection:
        rows = connection.execute(
            select(
                votes.c.person, votes.c.item, votes.c.modality, votes.c.round, votes.c.answer
            ).order_by(votes.c.round, votes.c.version)
        ).all()
    alone: dict[str, dict[int, dict[int, Any]]] = defaultdict(lambda: defaultdict(dict))
    last: dict[str, dict[int, dict[int, Any]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        last[row.modality][row.item][row.person] = row.answer
        if row.round == 0:
            alone[row.modality][row.item][row.person] = row.answer
    found = []
    for modality in project.task.modalities:
        for question in project.task.asked_in(modality):
            if question.kind == "caption":
                continue
            before, alpha_before, _ = _agreement(question, alone[modality])
            after, alpha, n_clips = _agreement(question, last[modality])
            is_choice = question.kind == "choice"
            found.append(
                {
                    "modality": modality,
                    "question": question.name,
                    "measure": "fleiss_kappa" if is_choice else "krippendorff_alpha",
                    "alone": before if is_choice else alpha_before,
                    "last": after if is_choice else alpha,
                    "alpha": alpha,
                    "clips": n_clips,
                }
            )
    return found


class Agreement:
    """`agreement_of`, counted anew every ``FRESH_S`` seconds, or less often where it takes long."""

    def __init__(self, store: Store, project: Project) -> None:
        self._store, self._project = store, project
        self._again_s = -math.inf
        self._found: list[dict[str, Any]] = []

    def now(self) -> list[dict[str, Any]]:
        """The figures."""
        began = time.monotonic()
        if began > self._again_s:
            self._found = agreement_of(self._store, self._project)
            ended = time.monotonic()
            self._again_s = ended + max(FRESH_S, SHARE * (ended - began))
        return self._found


def _agreement(
    question: Question, given: dict[int, dict[int, Any]]
) -> tuple[float | None, float | None, int]:
    """Kappa (of labels), alpha, and the clips that they are of."""
    persons = sorted({person for answers in given.values() for person in answers})
    table = []
    for answers in given.values():
        row = [(answers.get(person) or {}).get(question.name) for person in persons]
        if sum(value is not None for value in row) > 1:
            table.append(row)
    if not table:
        return None, None, 0
    if question.kind == "scale":
        values = np.array([[math.nan if v is None else v for v in row] for row in table], float)
        return None, _plain(krippendorff_alpha(values, "interval")), len(table)
    labels = [[None if v is None else v["label"] for v in row] for row in table]
    numbers = encode_votes(labels, question.labels)
    alpha = krippendorff_alpha(np.where(numbers < 0, math.nan, numbers))
    return _plain(fleiss_kappa(numbers, len(question.labels))), _plain(alpha), len(table)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def _people(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(people.c.n, people.c.name).where(people.c.role == "annotator").order_by(people.c.n)
    ).all()
    mine = {
        row[0]: row[1:]
        for row in connection.execute(
            select(
                assignments.c.person,
                func.count(),
                func.count().filter(assignments.c.n_left == 0),
            ).group_by(assignments.c.person)
        )
    }
    recent = func.count().filter(votes.c.given_s >= time.time() - DAY_S)
    given = {
        row[0]: row[1:]
        for row in connection.execute(
            select(votes.c.person, func.count(), recent).group_by(votes.c.person)
        )
    }
    return [
        {
            "name": row.name,
            "assigned": mine.get(row.n, (0, 0))[0],
            "done": mine.get(row.n, (0, 0))[1],
            "answers": given.get(row.n, (0, 0))[0],
            "today": given.get(row.n, (0, 0))[1],
        }
        for row in rows
    ]
