"""The schema through time: up, down and up again, the models as they are written down, a newer database left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Column, Engine, inspect, text

from engine.persistence import migrations
from engine.persistence.base import open_database
from engine.persistence.migrations import DatabaseNotMigrated, DatabaseTooNew
from engine.persistence.models import Base
from engine.persistence.repositories.versions import Versions
from engine.process.sources import pack
from tests.builders import MONDAY, a_dossier, an_office, prepare_office


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def tables(database: Engine) -> set[str]:
    return set(inspect(database).get_table_names())


def shape(database: Engine) -> dict[str, object]:
    """Columns, keys and indexes of every table, as the database tells them."""
    inspector = inspect(database)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
            sorted(str(key["name"]) for key in inspector.get_unique_constraints(table)),
            sorted(str(key["name"]) for key in inspector.get_foreign_keys(table)),
        )
        for table in sorted(tables(database))
    }


def test_up_down_and_up_again_is_the_same_schema(database: Engine):
    assert migrations.upgrade(database) == (None, migrations.head())
    first = shape(database)
    assert len(first) > 10
    migrations.downgrade(database, "base")
    assert tables(database) <= {"alembic_version"}
    assert migrations.upgrade(database) == (None, migrations.head())
    assert shape(database) == first


def test_an_upgraded_database_is_left_as_it_is(database: Engine):
    migrations.upgrade(database)
    before = shape(database)
    assert migrations.upgrade(database) == (migrations.head(), migrations.head())
    assert shape(database) == before


def json_default_differs(*told: object) -> bool | None:
    """PostgreSQL cannot compare two values of JSON; their texts do. None: compared in the usual way."""
    _context, _found_column, column, found, _default, wanted = told
    if not isinstance(column, Column) or not isinstance(column.type, JSON):
        return None
    return str(found or "").removesuffix("::json") != str(wanted or "")


def test_the_migrations_make_exactly_what_the_models_say(database: Engine):
    migrations.upgrade(database)
    with database.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": json_default_differs}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_partial_indexes_are_partial(database: Engine):
    """The sweep reads only what is newly due: an index over all dossiers would grow with the archive."""
    migrations.upgrade(database)
    catalogue = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }
    with database.connect() as connection:
        found = {name: sql for name, sql in connection.execute(text(catalogue[database.dialect.name]))}  # noqa: C416
    partial = {name for name, sql in found.items() if " WHERE " in sql.upper()}
    assert {"ix_dossiers_attention", "ix_dossiers_open_due", "ix_tasks_open", "ix_outbox_waiting"} <= partial


def test_a_database_of_a_newer_program_is_refused_and_untouched(database: Engine):
    migrations.upgrade(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_of_the_future'"))
    before = shape(database)
    for act in (migrations.check, migrations.upgrade):
        with pytest.raises(DatabaseTooNew, match="9999_of_the_future"):
            act(database)
    assert (shape(database), migrations.current(database)) == (before, "9999_of_the_future")


def test_an_empty_database_says_what_to_do(database: Engine):
    with pytest.raises(DatabaseNotMigrated, match="motcua migrate"):
        migrations.check(database)
    assert tables(database) == set()


def test_dossiers_survive_a_second_start_of_the_program(database_url: str):
    prepare_office(database_url)
    with an_office(database_url) as office:
        code = a_dossier(office)
        before = office.dossier(code)
    with an_office(database_url) as office:
        assert office.engine.migrate(MONDAY)[:2] == (migrations.head(), migrations.head())
        assert office.dossier(code) == before
        assert office.engine.audit.verify().ok


def test_what_ended_before_learns_the_month_in_which_it_came(database_url: str, database: Engine):
    """Before step 0027 an outcome did not know it, and reports look there for what was open at a past moment."""
    prepare_office(database_url)
    with an_office(database_url) as office:
        office.engine.delivery.withdraw(office.person("lan"), a_dossier(office), None, "Đổi ý", at=office.now)
    migrations.downgrade(database, "0026")
    migrations.upgrade(database)
    with database.connect() as connection:
        found = connection.scalars(text("SELECT received_month FROM outcomes")).all()
    assert found == [f"{MONDAY:%Y-%m}"]


def test_going_back_forgets_only_the_words_about_reports(database_url: str, database: Engine):
    """Before step 0028 a notice was about a dossier, and nobody was told of what is overdue."""
    prepare_office(database_url)
    with an_office(database_url) as office, office.engine.uow.write() as tx:
        desk = office.person("lan").memberships[0].unit_id
        told = {"unit_id": desk, "report": "monthly", "period_code": "2026-03", "due_on": MONDAY.date()}
        is_new = [tx.report_book.remind(**told, kind=kind, at=MONDAY) for kind in ("soon", "late", "late")]
        assert is_new == [True, True, False]
        tx.history.notify(None, unit_id=desk, role="clerk", message="report_late", at=MONDAY)
    migrations.downgrade(database, "0027")
    migrations.upgrade(database)
    with database.connect() as connection:
        kinds = connection.scalars(text("SELECT kind FROM report_reminders")).all()
        words = connection.scalar(text("SELECT count(*) FROM notices"))
    assert (kinds, words) == (["soon"], 0)


def test_versions_of_before_get_their_days_from_their_own_sources(database: Engine):
    """Before step 0002 the folder decided what holds: of two that begin on one day the later is kept in force."""
    alembic_up_to(database, "0001")
    facts = "process: permit\nlevels: [province]\neffective_from: 2026-01-01\neffective_to: null\n"
    with database.begin() as connection:
        for ref, at in (("a" * 64, "2026-01-02"), ("b" * 64, "2026-02-02")):
            connection.execute(
                text(
                    "INSERT INTO procedure_versions (ref, code, version, name, sector, sources, published_at)"
                    " VALUES (:ref, '9.1', '1', 'n', 's', :sources, :at)"
                ),
                {"ref": ref, "sources": pack({"permit.yaml": facts.encode()}), "at": f"{at} 00:00:00"},
            )
    migrations.upgrade(database)
    with database.connect() as connection:
        index = Versions(connection).index()
    assert [(each.ref[0], each.status, each.levels, each.effective_from) for each in index] == [
        ("a", "superseded", ("province",), date(2026, 1, 1)),
        ("b", "published", ("province",), date(2026, 1, 1)),
    ]
    assert index[0].process == "permit"


def alembic_up_to(database: Engine, revision: str) -> None:
    migrations.upgrade(database)
    migrations.downgrade(database, revision)
