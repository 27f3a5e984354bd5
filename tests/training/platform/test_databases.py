"""Every statement can be written for PostgreSQL; benchmarks/annotating.py runs them on one."""

import pytest
from annotating import work_through
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import metadata


def test_every_table_can_be_made_in_postgresql():
    for table in metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert text.strip().startswith(f"CREATE TABLE {table.name}")


def test_every_statement_can_be_written_for_postgresql(begin):
    platform = begin()
    seen = []

    @event.listens_for(platform.store.engine, "before_execute")
    def note(_, statement, *__):
        seen.append(statement)

    work_through(platform.sign_in("ann"))
    work_through(platform.sign_in("bob"))
    rex = platform.sign_in("rex")
    for path in ("/api/review", "/api/review/0/film", "/api/progress", "/api/agreement"):
        assert rex.get(path).status_code == 200
    written = {str(each.compile(dialect=postgresql.dialect())) for each in seen}
    assert len(written) > 25
    assert any("FOR UPDATE" in text for text in written), "a clip is held while it is changed"


def test_sqlite_keeps_what_it_says_it_keeps(begin):
    platform = begin()
    with platform.store.reading() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    # synchronous 2 is FULL.
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_a_write_that_fails_leaves_nothing(begin):
    platform = begin()
    with pytest.raises(RuntimeError), platform.store.writing() as connection:
        connection.exec_driver_sql("UPDATE people SET name = 'x' WHERE name = 'ann'")
        raise RuntimeError
    assert platform.sign_in("ann").get("/api/me").json()["name"] == "ann"


def test_a_password_is_not_shown():
    with pytest.raises((OSError, ImportError)) as found:
        Store("postgresql://user:secret@127.0.0.1:1/none")
    assert "secret" not in str(found.value)
