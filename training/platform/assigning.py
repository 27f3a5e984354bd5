"""Which clips a person labels: whole dialogues, in an order of one's own, n people to a clip."""

import hashlib

from sqlalchemy import Connection, case, func, insert, select

from affecthub.training.platform.clips import Project
from affecthub.training.platform.people import Person
from affecthub.training.platform.tables import assignments, items, projects

# Clips without a dialogue are handed out in small heaps.
_AT_ONCE = 5


def assign_more(connection: Connection, project: Project, person: Person) -> int:
    """Give a person the next dialogues that still need annotators.

    The order is drawn from the project's seed and the person's name, so that everybody has another
    one and keeps it. Of two who come at the same moment one waits for the other.

    Args:
        connection: Of a transaction that writes.
        project: Which.
        person: An annotator.

    Returns:
        How many clips were given; 0 where no clip needs this person any more.
    """
    connection.execute(select(projects.c.n).with_for_update())
    n_given, place = 0, _last_place(connection, person) + 1
    for unit, n_taken in _open_units(connection, project, person):
        n_given += _take(connection, unit, n_taken, place, person)
        place += 1
        if n_given >= _AT_ONCE:
            break
    return n_given


def _open_units(connection: Connection, project: Project, person: Person) -> list[tuple[str, int]]:
    """Dialogues with free slots that are not this person's, in the person's order."""
    first = (
        select(items.c.unit, func.min(items.c.n).label("n"))
        .where(items.c.n_modalities > 0)
        .group_by(items.c.unit)
        .subquery()
    )
    mine = func.sum(case((assignments.c.person == person.n, 1), else_=0))
    n_taken = func.count(assignments.c.item)
    found = connection.execute(
        select(first.c.unit, n_taken, mine)
        .select_from(first.outerjoin(assignments, assignments.c.item == first.c.n))
        .group_by(first.c.unit)
        .having(n_taken < project.task.annotators_per_clip)
        .having(mine == 0)
    ).all()
    return sorted(
        ((unit, int(taken)) for unit, taken, _ in found),
        key=lambda each: _rank(project.seed, person.name, each[0]),
    )


def _take(connection: Connection, unit: str, slot: int, place: int, person: Person) -> int:
    """Assign all clips of a dialogue that can be shown."""
    rows = connection.execute(
        select(items.c.n, items.c.n_modalities)
        .where(items.c.unit == unit, items.c.n_modalities > 0)
        .order_by(items.c.n)
    ).all()
    taken = [
        {
            "item": row.n,
            "slot": slot,
            "person": person.n,
            "unit_place": place,
            "place": row.n,
            "n_left": row.n_modalities,
        }
        for row in rows
    ]
    connection.execute(insert(assignments), taken)
    return len(taken)


def _last_place(connection: Connection, person: Person) -> int:
    last = connection.execute(
        select(func.max(assignments.c.unit_place)).where(assignments.c.person == person.n)
    ).scalar()
    return -1 if last is None else int(last)


def _rank(seed: int, name: str, unit: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{name}\n{unit}".encode()).digest()
