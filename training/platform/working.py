"""What a person is shown next, and what may be seen at all."""

import hashlib
import time
from typing import Any

from sqlalchemy import Connection, func, insert, select

from affecthub.training.platform.assigning import assign_more
from affecthub.training.platform.clips import Project
from affecthub.training.platform.people import Person
from affecthub.training.platform.refusals import NotYoursError
from affecthub.training.platform.standing import NEGOTIATING, answers_of
from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import (
    assignments,
    items,
    openings,
    people,
    standings,
    votes,
)


def next_piece(store: Store, project: Project, person: Person) -> dict[str, Any]:
    """What an annotator does next: goes on with a clip, negotiates, or begins another.

    Args:
        store: The database.
        project: Which.
        person: An annotator.

    Returns:
        See `piece_of`; ``{"kind": "done", ...}`` where nothing is left to do.
    """
    # What was shown and assigned can be shown and assigned again; answers wait for the disk.
    with store.writing(to_disk=False) as connection:
        # Of one person's two pages one waits for the other.
        connection.execute(select(people.c.n).where(people.c.n == person.n).with_for_update())
        found = _begun(connection, project, person)
        if found is None and (standing := _negotiation(connection, person)) is not None:
            return _negotiated(connection, project, person, standing)
        found = found or _new(connection, project, person)
        if found is None and assign_more(connection, project, person):
            found = _new(connection, project, person)
        if found is None:
            return {"kind": "done", "place": place_of(connection, person)}
        return _shown(connection, project, person, *found)


def piece_again(
    store: Store, project: Project, person: Person, item: int, modality: str
) -> dict[str, Any]:
    """A piece that a person has opened before, to look at it or to change the answer.

    Raises:
        NotYoursError: It was not opened by this person.
    """
    with store.writing(to_disk=False) as connection:
        if not _is_opened(connection, person, item, modality):
            raise NotYoursError("not_yours")
        return _shown(connection, project, person, _item(connection, item), modality)


def last_answered(store: Store, person: Person) -> tuple[int, str] | None:
    """The clip and modality that a person answered last, None before the first."""
    with store.reading() as connection:
        row = connection.execute(
            select(votes.c.item, votes.c.modality)
            .where(votes.c.person == person.n, votes.c.round == 0)
            .order_by(votes.c.n.desc())
            .limit(1)
        ).first()
    return None if row is None else (row.item, row.modality)


def may_see(connection: Connection, person: Person, item: int, modality: str) -> bool:
    """Whether a person may be shown a clip in a modality.

    A reviewer sees all, an annotator what was opened: the turns before a clip are the annotator's
    own too, and have been opened in their turn.
    """
    return person.role == "reviewer" or _is_opened(connection, person, item, modality)


def place_of(connection: Connection, person: Person) -> dict[str, int]:
    """How many clips a person has, and how many of them are answered in all modalities."""
    row = connection.execute(
        select(
            func.count(),
            func.count().filter(assignments.c.n_left == 0),
        ).where(assignments.c.person == person.n)
    ).one()
    return {"assigned": int(row[0]), "done": int(row[1])}


def _shown(
    connection: Connection, project: Project, person: Person, item: Any, modality: str
) -> dict[str, Any]:
    """A piece to label by oneself, noted as opened."""
    if not _is_opened(connection, person, item.n, modality):
        row = {"person": person.n, "item": item.n, "modality": modality, "opened_s": time.time()}
        connection.execute(insert(openings).values(row))
    given = connection.execute(
        select(votes)
        .where(
            votes.c.person == person.n,
            votes.c.item == item.n,
            votes.c.modality == modality,
            votes.c.round == 0,
        )
        .order_by(votes.c.version.desc())
    ).first()
    piece = piece_of(connection, project, person, item, modality)
    piece |= {"kind": "label", "round": 0, "others": []}
    piece["version"] = 0 if given is None else given.version
    piece["answer"] = None if given is None else given.answer
    piece["confirmed"] = [] if given is None else given.confirmed
    return piece


def _negotiated(
    connection: Connection, project: Project, person: Person, standing: Any
) -> dict[str, Any]:
    """A piece on which annotators disagree, with what the others said before this round."""
    item = _item(connection, standing.item)
    rows = connection.execute(
        select(votes)
        .where(
            votes.c.item == item.n,
            votes.c.modality == standing.modality,
            votes.c.round < standing.round,
        )
        .order_by(votes.c.round, votes.c.version)
    )
    before = {row.person: row for row in rows}
    mine = before.pop(person.n)
    captions = {question.name for question in project.task.questions if question.kind == "caption"}
    others = [
        {
            "answer": {k: v for k, v in row.answer.items() if k not in captions},
            "note": row.note,
        }
        for row in sorted(before.values(), key=lambda row: _shuffled(item.n, row.person))
    ]
    present = answers_of(connection, item.n, standing.modality)[person.n]
    piece = piece_of(connection, project, person, item, standing.modality)
    return piece | {
        "kind": "negotiate",
        "round": standing.round,
        "version": present.version if present.round == standing.round else 0,
        "answer": mine.answer,
        "confirmed": mine.confirmed,
        "others": others,
        "why": standing.why,
    }


def piece_of(
    connection: Connection, project: Project, person: Person, item: Any, modality: str
) -> dict[str, Any]:
    """What is shown of a clip in a modality.

    Returns:
        ``item``, ``modality`` and where it stands among the clip's (``modalities``), ``speaker``;
        ``text`` or ``media``, an address of this server; ``context``, the turns before, the same
        of each, neither of both where it may not be seen yet; ``place``, see `place_of`.
    """
    n_before = project.task.context_turns
    before = connection.execute(
        select(items)
        .where(items.c.unit == item.unit, items.c.n < item.n, items.c.n >= item.n - n_before)
        .order_by(items.c.n)
    ).all()
    context = []
    for turn in before:
        shown = {"item": turn.n, "speaker": turn.speaker}
        if modality in turn.modalities and may_see(connection, person, turn.n, modality):
            shown |= _content(turn, modality)
        context.append(shown)
    return {
        "item": item.n,
        "modality": modality,
        "modalities": item.modalities,
        "speaker": item.speaker,
        "language": item.language,
        "context": context,
        "place": place_of(connection, person),
        **_content(item, modality),
    }


def _content(item: Any, modality: str) -> dict[str, Any]:
    if modality == "text":
        return {"text": item.text}
    return {"media": f"/media/{item.n}/{modality}"}


def _begun(connection: Connection, project: Project, person: Person) -> tuple[Any, str] | None:
    """What a person is in the middle of: a clip, or under ``by_modality`` a dialogue."""
    found = _in_turn(connection, project, person)
    if not found:
        return None
    item, n_left = found[0]
    if project.task.order == "by_clip":
        begun = n_left < item.n_modalities
    else:
        begun = any(n < each.n_modalities for each, n in found) or _was_begun(
            connection, person, item.unit
        )
    return (item, _modality(item, n_left)) if begun else None


def _new(connection: Connection, project: Project, person: Person) -> tuple[Any, str] | None:
    """The clip and modality that come first of those assigned and not answered."""
    found = _in_turn(connection, project, person)
    return (found[0][0], _modality(*found[0])) if found else None


def _in_turn(connection: Connection, project: Project, person: Person) -> list[tuple[Any, int]]:
    """Clips of the first dialogue that is not finished, in their turn, and what is left of each."""
    unfinished = (assignments.c.person == person.n) & (assignments.c.n_left > 0)
    first = select(func.min(assignments.c.unit_place)).where(unfinished).scalar_subquery()
    rows = connection.execute(
        select(items, assignments.c.n_left)
        .join(assignments, assignments.c.item == items.c.n)
        .where(unfinished, assignments.c.unit_place == first)
        .order_by(assignments.c.place)
    ).all()
    found = [(row, row.n_left) for row in rows]
    if project.task.order == "by_modality":
        asked = project.task.modalities
        found.sort(key=lambda each: (asked.index(_modality(*each)), each[0].n))
    return found


def _was_begun(connection: Connection, person: Person, unit: str) -> bool:
    row = connection.execute(
        select(assignments.c.item)
        .join(items, items.c.n == assignments.c.item)
        .where(assignments.c.person == person.n, items.c.unit == unit, assignments.c.n_left == 0)
        .limit(1)
    ).first()
    return row is not None


def _modality(item: Any, n_left: int) -> str:
    modality: str = item.modalities[item.n_modalities - n_left]
    return modality


def _negotiation(connection: Connection, person: Person) -> Any:
    """The oldest round that waits for this person."""
    answered = (
        select(votes.c.n)
        .where(
            votes.c.person == person.n,
            votes.c.item == standings.c.item,
            votes.c.modality == standings.c.modality,
            votes.c.round == standings.c.round,
        )
        .exists()
    )
    return connection.execute(
        select(standings)
        .join(assignments, assignments.c.item == standings.c.item)
        .where(assignments.c.person == person.n, standings.c.status == NEGOTIATING, ~answered)
        .order_by(standings.c.item, standings.c.modality)
        .limit(1)
    ).first()


def _item(connection: Connection, n: int) -> Any:
    return connection.execute(select(items).where(items.c.n == n)).one()


def _is_opened(connection: Connection, person: Person, item: int, modality: str) -> bool:
    row = connection.execute(
        select(openings.c.item).where(
            openings.c.person == person.n,
            openings.c.item == item,
            openings.c.modality == modality,
        )
    ).first()
    return row is not None


def _shuffled(item: int, person: int) -> str:
    """An order of annotators that is another one for every clip, so that nobody is known by it."""
    return hashlib.sha256(f"{item}/{person}".encode()).hexdigest()
