"""The database: SQLite or PostgreSQL by URL, one transaction for every write."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from affecthub.errors import require
from affecthub.training.platform.tables import items, metadata

# How long a writer waits for another program, such as one that makes tokens, in milliseconds.
_BUSY_MS = 30_000


class Store:
    """An open database.

    A write that has returned is on the disk: SQLite runs with a write-ahead log and
    ``synchronous=FULL``, PostgreSQL as it is set up; see `writing` for what need not wait for that.
    In SQLite writers wait for each other.

    Args:
        url: ``sqlite:///file.db`` or ``postgresql://user@host/name``; tables are made where there
            are none.
        new: Whether a file of SQLite may be made.

    Raises:
        ValueError: It is no such URL, or a database in memory, which would keep nothing.
        FileNotFoundError: The file is not there, and may not be made.
        ImportError: PostgreSQL's driver is not installed.
        OSError: The database cannot be opened.
    """

    def __init__(self, url: str, *, new: bool = True) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and not new and not Path(str(self.url.database)).exists():
            raise FileNotFoundError(
                f"`--db` {self}: got no such file, expected a database that `affecthub annotate "
                "serve` has begun. Check the path."
            )
        self.engine = create_engine(self.url, pool_size=10, max_overflow=40)
        self._one_writer = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            _set_up_sqlite(self.engine)
        try:
            metadata.create_all(self.engine)
        except OperationalError as error:
            raise OSError(f"`--db` {self}: got no database ({error.orig})") from error

    def __str__(self) -> str:
        """Its URL without the password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the database as it stands at its first query."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, to_disk: bool = True) -> Iterator[Connection]:
        """A connection whose work is kept as a whole at the end, or, after an error, not at all.

        Args:
            to_disk: Wait at the end until the disk has it. Otherwise the end of this program loses
                nothing, and a power cut may lose the last of such work, as a whole.
        """
        with self._one_writer, self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            if self.is_sqlite:  # not to be changed within a transaction
                level = "FULL" if to_disk else "NORMAL"
                connection.connection.cursor().execute(f"PRAGMA synchronous={level}")
            with connection.begin():
                if not self.is_sqlite and not to_disk:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def lock_item(connection: Connection, item: int) -> Any:
    """A clip's row, which nobody else's transaction may pass until this one ends.

    SQLite has one writer at a time, so that its transaction alone does it.

    Raises:
        LookupError: There is no such clip.
    """
    row = connection.execute(select(items).where(items.c.n == item).with_for_update()).first()
    if row is None:
        raise LookupError(f"clip {item}: got a number that no clip has")
    return row


def _checked(url: str) -> URL:
    expected = "sqlite:///FILE.db or postgresql://USER@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(f"`--db`: got no URL of a database, expected {expected}") from None
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        require("psycopg", "annotate-postgresql", "keep annotations in PostgreSQL")
    elif kind != "sqlite":
        raise ValueError(f"`--db`: got a database of {kind}, expected {expected}")
    elif parsed.database in (None, "", ":memory:"):
        raise ValueError("`--db`: got a database in memory, expected a file: sqlite:///FILE.db")
    return parsed


def _set_up_sqlite(engine: Engine) -> None:
    """Let transactions begin when we say so, and reach the disk before they end."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # else the driver begins transactions by itself, late
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
