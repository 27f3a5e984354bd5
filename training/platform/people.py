"""Who may come in: names, roles, tokens that are shown once, and sessions of the page."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from affecthub.errors import unknown_name
from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import assignments, people, sessions

ROLES = ("annotator", "reviewer")
SESSION_S = 12 * 3600
_PREFIX = "aht"
_NOBODY = "0" * 64


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        n: Number in the database.
        name: As given.
        role: ``"annotator"`` or ``"reviewer"``.
    """

    n: int
    name: str
    role: str


def make_tokens(
    store: Store, names: Sequence[str], role: str, *, renew: bool = False
) -> dict[str, str]:
    """Make people, or give them new tokens.

    Args:
        store: Of the project.
        names: Of people.
        role: One of ``ROLES``.
        renew: Give those that are there already a new token, which ends the old one and their
            sessions; their role stays.

    Returns:
        Name to token. Nobody can read a token again: of it only a hash is kept.

    Raises:
        ValueError: A name is empty, longer than 100 characters, given twice or there already, or
            the role is unknown. Nobody is made then.
    """
    if role not in ROLES:
        raise unknown_name("role", role, ROLES)
    names = [name.strip() for name in names]
    if not all(0 < len(name) <= 100 and name.isprintable() for name in names):
        raise ValueError(f"names: got {names}, expected printable ones of 1 to 100 characters")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"names: got {names}, expected different ones")
    made: dict[str, str] = {}
    with store.writing() as connection:
        for name in names:
            public, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
            made[name] = f"{_PREFIX}_{public}_{secret}"
            keys = {"public": public, "secret_sha256": _sha256(secret), "is_open": True}
            old = connection.execute(select(people.c.n).where(people.c.name == name)).scalar()
            if old is None:
                row = {"name": name, "role": role, "made_s": time.time(), **keys}
                connection.execute(insert(people).values(row))
            elif renew:
                connection.execute(update(people).where(people.c.n == old).values(keys))
                connection.execute(delete(sessions).where(sessions.c.person == old))
            else:
                raise ValueError(
                    f"{name!r} is there already: got it again, expected a new name. "
                    "`--renew` gives the same person a new token and ends the old one."
                )
    return made


def close_person(store: Store, name: str) -> int:
    """Let somebody in no more; what they answered stays, and others get what they did not finish.

    Returns:
        How many clips they had not answered in all modalities, which need another annotator now.

    Raises:
        ValueError: Nobody has this name.
    """
    with store.writing() as connection:
        known = connection.execute(select(people.c.name, people.c.n)).all()
        number = dict((row.name, row.n) for row in known).get(name)
        if number is None:
            raise unknown_name("person", name, [row.name for row in known])
        connection.execute(update(people).where(people.c.n == number).values(is_open=False))
        connection.execute(delete(sessions).where(sessions.c.person == number))
        unfinished = (assignments.c.person == number) & (assignments.c.n_left > 0)
        return int(connection.execute(delete(assignments).where(unfinished)).rowcount)


def person_of_token(connection: Connection, token: str) -> Person | None:
    """Whose token it is, None for nobody's; hashes are compared in constant time."""
    prefix, _, rest = token.partition("_")
    public, _, secret = rest.partition("_")
    row = connection.execute(select(people).where(people.c.public == public[:32])).first()
    kept = row.secret_sha256 if row is not None else _NOBODY
    same = hmac.compare_digest(_sha256(secret), kept)
    if row is None or not same or prefix != _PREFIX or not row.is_open:
        return None
    return Person(row.n, row.name, row.role)


def begin_session(connection: Connection, person: Person) -> str:
    """A secret for the page's cookie, good for ``SESSION_S`` seconds; old sessions are cleared."""
    secret, now = secrets.token_urlsafe(32), time.time()
    connection.execute(delete(sessions).where(sessions.c.until_s < now))
    row = {"sha256": _sha256(secret), "person": person.n, "until_s": now + SESSION_S}
    connection.execute(insert(sessions).values(row))
    return secret


def person_of_session(connection: Connection, secret: str) -> Person | None:
    """Whose session it is, None where it has ended or never was."""
    row = connection.execute(
        select(people, sessions.c.sha256)
        .join(sessions, sessions.c.person == people.c.n)
        .where(sessions.c.sha256 == _sha256(secret), sessions.c.until_s >= time.time())
    ).first()
    if row is None or not row.is_open or not hmac.compare_digest(_sha256(secret), row.sha256):
        return None
    return Person(row.n, row.name, row.role)


def end_session(connection: Connection, secret: str) -> None:
    """Sign out; a session that is not there is no error."""
    connection.execute(delete(sessions).where(sessions.c.sha256 == _sha256(secret)))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
