"""An annotator's answer kept: in its turn, checked, once, and over nobody's head."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from affecthub.training.platform.answers import faults_of, tidy
from affecthub.training.platform.clips import Project
from affecthub.training.platform.people import Person
from affecthub.training.platform.refusals import ChangedError, NotYoursError, WrongError
from affecthub.training.platform.rules import broken
from affecthub.training.platform.standing import NEGOTIATING, settle, standings_of
from affecthub.training.platform.store import Store, lock_item
from affecthub.training.platform.tables import assignments, openings, votes
from affecthub.training.platform.task import Task


@dataclass(frozen=True)
class Vote:
    """An answer as the page sends it.

    Attributes:
        item: Number of the clip.
        modality: In which it was shown.
        round: 0 for an answer made alone, else of the negotiation.
        version: How many answers of this person the page knew in this round; 0 for the first.
        key: A text of the page's own, the same when it sends the same answer again.
        answer: Question to answer, see ``answers.faults_of``.
        confirmed: Names of the rules that the person says to break on purpose.
        note: Words for the others in a negotiation.
        seconds: How long it took, as the page measured it; None where it did not.
    """

    item: int
    modality: str
    round: int
    version: int
    key: str
    answer: Mapping[str, Any]
    confirmed: Sequence[str] = field(default_factory=tuple)
    note: str = ""
    seconds: float | None = None


def keep_vote(store: Store, project: Project, person: Person, vote: Vote) -> int:
    """Keep an answer.

    Args:
        store: The database.
        project: What is asked.
        person: Who answers.
        vote: The answer.

    Returns:
        Its version, from 1 on. An answer that is sent again under the same key is kept once.

    Raises:
        NotYoursError: The clip is not this person's, or has not this modality.
        ChangedError: It is not the modality's turn, a later one was opened, the round is over, or
            another answer was kept meanwhile (``present``).
        WrongError: The answer has faults, or breaks rules that are not confirmed.
    """
    with store.writing() as connection:
        try:
            item = lock_item(connection, vote.item)
        except LookupError:
            raise NotYoursError("not_yours") from None
        if (kept := _kept(connection, person, vote)) is not None:
            return kept
        mine = connection.execute(
            select(assignments).where(
                assignments.c.item == vote.item, assignments.c.person == person.n
            )
        ).first()
        if mine is None or vote.modality not in item.modalities:
            raise NotYoursError("not_yours")
        _require_turn(connection, item, mine, person, vote)
        present = _present(connection, person, vote)
        version = 0 if present is None else present.version
        if version != vote.version:
            answer = None if present is None else present.answer
            raise ChangedError("answered_elsewhere", version=version, present=answer)
        answer = check_answer(project.task, vote.modality, vote.answer, vote.confirmed)
        row = {
            "person": person.n,
            "item": vote.item,
            "modality": vote.modality,
            "round": vote.round,
            "version": version + 1,
            "answer": answer,
            "confirmed": sorted(set(vote.confirmed)),
            "note": vote.note.strip(),
            "key": vote.key,
            "seconds": vote.seconds,
            "given_s": time.time(),
        }
        connection.execute(insert(votes).values(row))
        if vote.round == 0 and version == 0:
            connection.execute(
                update(assignments)
                .where(assignments.c.item == vote.item, assignments.c.person == person.n)
                .values(n_left=assignments.c.n_left - 1)
            )
        settle(connection, project, item, vote.modality)
    return version + 1


def check_answer(
    task: Task,
    modality: str,
    answer: Mapping[str, Any],
    confirmed: Sequence[str],
    *,
    captions: bool = True,
) -> dict[str, Any]:
    """An answer as it is kept; see ``answers.faults_of``.

    Raises:
        WrongError: It has faults, breaks a rule that refuses, or one that is not in ``confirmed``.
    """
    if faults := faults_of(task, modality, answer, captions=captions):
        raise WrongError("faults", faults=faults)
    kept = tidy(answer)
    found = [
        rule.name
        for rule in broken(task.rules, kept)
        if rule.then == "refuse" or rule.name not in confirmed
    ]
    if found:
        raise WrongError("rules", rules=found)
    return kept


def _kept(connection: Connection, person: Person, vote: Vote) -> int | None:
    """The version of the same answer sent before, None where it is new."""
    row = connection.execute(
        select(votes).where(votes.c.person == person.n, votes.c.key == vote.key)
    ).first()
    if row is None:
        return None
    if (row.item, row.modality, row.round) != (vote.item, vote.modality, vote.round):
        raise ChangedError("key_of_another", version=row.version, present=row.answer)
    if row.answer != tidy(vote.answer):
        raise ChangedError("key_of_another", version=row.version, present=row.answer)
    return int(row.version)


def _present(connection: Connection, person: Person, vote: Vote) -> Any:
    return connection.execute(
        select(votes)
        .where(
            votes.c.person == person.n,
            votes.c.item == vote.item,
            votes.c.modality == vote.modality,
            votes.c.round == vote.round,
        )
        .order_by(votes.c.version.desc())
        .limit(1)
    ).first()


def _require_turn(connection: Connection, item: Any, mine: Any, person: Person, vote: Vote) -> None:
    """Refuse an answer that comes too early or too late."""
    standing = {row.modality: row for row in standings_of(connection, item.n)}
    if vote.round > 0:
        row = standing.get(vote.modality)
        if row is None or row.status != NEGOTIATING or row.round != vote.round:
            raise ChangedError("round_is_over")
        return
    if vote.round < 0 or any(row.round > 0 or row.status == "decided" for row in standing.values()):
        raise ChangedError("round_is_over")
    at = item.modalities.index(vote.modality)
    opened = set(
        connection.execute(
            select(openings.c.modality).where(
                openings.c.person == person.n, openings.c.item == item.n
            )
        ).scalars()
    )
    if at > item.n_modalities - mine.n_left or vote.modality not in opened:
        raise ChangedError("not_its_turn")
    if opened & set(item.modalities[at + 1 :]):
        raise ChangedError("later_one_opened")
