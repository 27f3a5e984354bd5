"""Which clips a person labels: whole dialogues, in an order of one's own, n people to a clip."""

import hashlib

from sqlalchemy import Connection, case, func, insert, select

from affecthub.training.platform.clips import Project
from affecthub.training.platform.people import Person
from affecthub.training.platform.tables import assignments, items, projects, votes

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
    for unit in _open_units(connection, project, person):
        n_given += _take(connection, project, unit, place, person)
        place += 1
        if n_given >= _AT_ONCE:
            break
    return n_given


def _open_units(connection: Connection, project: Project, person: Person) -> list[str]:
    """Dialogues with clips that need annotators and are not this person's, in the own order."""
    mine = func.sum(case((assignments.c.person == person.n, 1), else_=0))
    found = connection.execute(
        select(items.c.unit)
        .select_from(items.outerjoin(assignments, assignments.c.item == items.c.n))
        .where(items.c.n_modalities > 0)
        .group_by(items.c.n, items.c.unit)
        .having(func.count(assignments.c.item) < project.task.annotators_per_clip)
        .having(mine == 0)
        .distinct()
    ).scalars()
    return sorted(found, key=lambda unit: _rank(project.seed, person.name, unit))


def _take(connection: Connection, project: Project, unit: str, place: int, person: Person) -> int:
    """Assign the clips of a dialogue that can be shown and need this person.

    Somebody who was closed and came back has answered some of a clip already.
    """
    rows = connection.execute(
        select(items.c.n, items.c.n_modalities)
        .where(items.c.unit == unit, items.c.n_modalities > 0)
        .order_by(items.c.n)
    ).all()
    slots: dict[int, dict[int, int]] = {row.n: {} for row in rows}
    for item, slot, who in connection.execute(
        select(assignments.c.item, assignments.c.slot, assignments.c.person)
        .join(items, items.c.n == assignments.c.item)
        .where(items.c.unit == unit)
    ):
        slots[item][slot] = who
    given = connection.execute(
        select(votes.c.item, func.count(votes.c.modality.distinct()))
        .join(items, items.c.n == votes.c.item)
        .where(items.c.unit == unit, votes.c.person == person.n, votes.c.round == 0)
        .group_by(votes.c.item)
    )
    n_given = {item: n for item, n in given}
    taken = []
    for row in rows:
        free = set(range(project.task.annotators_per_clip)) - slots[row.n].keys()
        if free and person.n not in slots[row.n].values():
            taken.append(
                {
                    "item": row.n,
                    "slot": min(free),
                    "person": person.n,
                    "unit_place": place,
                    "place": row.n,
                    "n_left": row.n_modalities - n_given.get(row.n, 0),
                }
            )
    connection.execute(insert(assignments), taken)
    return len(taken)


def _last_place(connection: Connection, person: Person) -> int:
    last = connection.execute(
        select(func.max(assignments.c.unit_place)).where(assignments.c.person == person.n)
    ).scalar()
    return -1 if last is None else int(last)


def _rank(seed: int, name: str, unit: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{name}\n{unit}".encode()).digest()
