"""A reviewer's work: what annotators could not agree on, their votes, and the last word."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, case, func, insert, select

from affecthub.errors import unknown_name
from affecthub.training.platform.clips import Project
from affecthub.training.platform.people import Person
from affecthub.training.platform.questions import MODALITIES
from affecthub.training.platform.refusals import ChangedError, NotYoursError, WrongError
from affecthub.training.platform.standing import (
    DECIDED,
    NEGOTIATING,
    STATUSES,
    restate,
    standing_of,
    standings_of,
)
from affecthub.training.platform.store import Store, lock_item
from affecthub.training.platform.tables import (
    assignments,
    decisions,
    items,
    people,
    standings,
    votes,
)
from affecthub.training.platform.voting import check_answer
from affecthub.training.platform.working import piece_of

MAX_LISTED = 200
# In place of a letter: whoever was closed and finished the clip no more.
_GONE = "–"
_MODALITY = case({name: i for i, name in enumerate(MODALITIES)}, value=standings.c.modality)


@dataclass(frozen=True)
class Decision:
    """What a reviewer decides, as the page sends it.

    Attributes:
        item: Number of the clip.
        modality: Which.
        version: Of the standing that the reviewer looked at.
        action: ``"decide"``: ``answer`` is final. ``"negotiate"``: the annotators go through
            another round.
        answer: As of a vote; None with ``"negotiate"``.
        confirmed: As of a vote.
        note: Why.
    """

    item: int
    modality: str
    version: int
    action: Literal["decide", "negotiate"]
    answer: Mapping[str, Any] | None = None
    confirmed: Sequence[str] = field(default_factory=tuple)
    note: str = ""


def review_queue(store: Store, status: str) -> dict[str, Any]:
    """Clips of one status, and how many there are of each.

    Args:
        store: The database.
        status: One of ``standing.STATUSES``.

    Returns:
        ``counts`` by status, and the first ``MAX_LISTED`` ``items`` with ``item``, ``clip``,
        ``modality``, ``round`` and ``why``.

    Raises:
        ValueError: The status is unknown.
    """
    if status not in STATUSES:
        raise unknown_name("status", status, STATUSES)
    with store.reading() as connection:
        counts = dict.fromkeys(STATUSES, 0)
        for name, n in connection.execute(
            select(standings.c.status, func.count()).group_by(standings.c.status)
        ):
            counts[name] = n
        rows = connection.execute(
            select(standings, items.c.clip)
            .join(items, items.c.n == standings.c.item)
            .where(standings.c.status == status)
            .order_by(standings.c.item, _MODALITY)
            .limit(MAX_LISTED)
        )
        listed = [
            {
                "item": row.item,
                "clip": row.clip,
                "modality": row.modality,
                "round": row.round,
                "why": row.why,
            }
            for row in rows
        ]
    return {"counts": counts, "items": listed}


def review_sheet(
    store: Store, project: Project, reviewer: Person, item: int, modality: str
) -> dict[str, Any]:
    """All that is known of a clip in a modality.

    Returns:
        What an annotator is shown of it, and ``clip``; ``status``, ``why``, ``version`` and
        ``round``; ``votes``, every one ever given, by letter in place of name; ``decisions`` with
        the reviewers' names; ``others``, the status of the clip's other modalities.

    Raises:
        NotYoursError: Its annotators are not all done, or there is no such clip.
    """
    with store.reading() as connection:
        standing = standing_of(connection, item, modality)
        if standing is None:
            raise NotYoursError("not_ready")
        row = connection.execute(select(items).where(items.c.n == item)).one()
        return {
            **piece_of(connection, project, reviewer, row, modality),
            "clip": row.clip,
            **_state(connection, standing),
            "others": {each.modality: each.status for each in standings_of(connection, item)},
        }


def keep_decision(store: Store, project: Project, reviewer: Person, decision: Decision) -> int:
    """Keep a decision; an earlier one stays in the history.

    Args:
        store: The database.
        project: What is asked.
        reviewer: Who decides.
        decision: What.

    Returns:
        The new version of the clip's standing.

    Raises:
        NotYoursError: Its annotators are not all done, or there is no such clip.
        ChangedError: Somebody decided or answered since the reviewer looked; ``present`` says what.
        WrongError: The answer has faults, or breaks rules that are not confirmed.
    """
    with store.writing() as connection:
        try:
            lock_item(connection, decision.item)
        except LookupError:
            raise NotYoursError("not_ready") from None
        standing = standing_of(connection, decision.item, decision.modality)
        if standing is None:
            raise NotYoursError("not_ready")
        if standing.version != decision.version:
            raise ChangedError("decided_elsewhere", present=_state(connection, standing))
        answer = None
        if decision.action == "decide":
            if decision.answer is None:
                raise WrongError("faults", faults={"answer": "got none, expected a final one"})
            answer = check_answer(
                project.task,
                decision.modality,
                decision.answer,
                decision.confirmed,
                captions=False,
            )
            version = restate(connection, standing, DECIDED, standing.round)
        else:
            version = restate(connection, standing, NEGOTIATING, standing.round + 1)
        row = {
            "item": decision.item,
            "modality": decision.modality,
            "version": version,
            "reviewer": reviewer.n,
            "action": decision.action,
            "answer": answer,
            "confirmed": sorted(set(decision.confirmed)),
            "note": decision.note.strip(),
            "given_s": time.time(),
        }
        connection.execute(insert(decisions).values(row))
    return version


def _state(connection: Connection, standing: Any) -> dict[str, Any]:
    """How a clip stands in a modality, with all votes and decisions."""
    slots = connection.execute(
        select(assignments.c.person, assignments.c.slot).where(assignments.c.item == standing.item)
    )
    letter = {row.person: _letter(row.slot) for row in slots}
    given = connection.execute(
        select(votes)
        .where(votes.c.item == standing.item, votes.c.modality == standing.modality)
        .order_by(votes.c.n)
    )
    decided = connection.execute(
        select(decisions, people.c.name)
        .join(people, people.c.n == decisions.c.reviewer)
        .where(decisions.c.item == standing.item, decisions.c.modality == standing.modality)
        .order_by(decisions.c.n)
    )
    return {
        "status": standing.status,
        "round": standing.round,
        "version": standing.version,
        "why": standing.why,
        "votes": [
            {
                "who": letter.get(row.person, _GONE),
                "round": row.round,
                "version": row.version,
                "answer": row.answer,
                "confirmed": row.confirmed,
                "note": row.note,
                "given_s": row.given_s,
            }
            for row in given
        ],
        "decisions": [
            {
                "who": row.name,
                "action": row.action,
                "answer": row.answer,
                "note": row.note,
                "given_s": row.given_s,
            }
            for row in decided
        ],
    }


def _letter(slot: int) -> str:
    """A, B, ... Z, A1, ... for a slot."""
    return chr(ord("A") + slot % 26) + (str(slot // 26) if slot >= 26 else "")
