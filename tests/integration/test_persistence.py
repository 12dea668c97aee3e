"""What the rest of the house relies on: rows are saved whole, instants keep their zone, numbers have no gap."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from engine.domain.errors import Conflict, NotFound
from engine.domain.status import DossierStatus as Status
from engine.persistence.base import open_database, table_of
from engine.persistence.models import Dossier
from engine.persistence.records import DossierRecord
from engine.persistence.repositories.dossiers import MUTABLE
from engine.persistence.unit_of_work import DatabaseAway, UnitOfWork
from tests.builders import MONDAY, Office, a_dossier, local


class Interrupted(Exception):
    """Something went wrong in the middle of a transaction."""


# --- a dossier's row --------------------------------------------------------------------------------------------------


def test_a_saved_dossier_is_what_the_next_reader_finds(office: Office):
    code = a_dossier(office)
    changes = {
        "status": int(Status.RESOLVED),
        "due_at": None,
        "first_due_at": local("2026-03-05 17:00"),
        "attention_at": local("2026-03-04 08:00"),
        "is_paused": True,
        "overdue_count": 3,
        "resolved_at": MONDAY,
    }
    with office.engine.uow.write() as tx:
        before = tx.dossiers.lock(code)
        saved = tx.dossiers.save(before, **changes)
    assert saved == office.dossier(code)
    assert saved.version == before.version + 1
    assert {name: getattr(saved, name) for name in changes} == changes | {"status": Status.RESOLVED}
    same = {field.name for field in fields(DossierRecord)} - {*changes, "version"}
    assert all(getattr(saved, name) == getattr(before, name) for name in same)


@pytest.mark.parametrize("column", ["code", "received_at", "applicant_name", "definition_ref", "no_such_column"])
def test_what_a_dossier_was_received_as_is_never_saved_anew(office: Office, column):
    code = a_dossier(office)
    with pytest.raises(TypeError, match=column), office.engine.uow.write() as tx:
        tx.dossiers.save(tx.dossiers.lock(code), **{column: "x"})


def test_a_row_that_moved_since_it_was_read_is_a_conflict(office: Office):
    code = a_dossier(office)
    stale = office.dossier(code)
    office.do(code)
    with pytest.raises(Conflict), office.engine.uow.write() as tx:
        tx.dossiers.save(stale, overdue_count=99)
    assert office.dossier(code).overdue_count == 0


def test_every_column_that_changes_is_one_the_record_shows():
    """A column that could be saved but not read back would be lost between two acts of one transaction."""
    assert set(MUTABLE) <= {field.name for field in fields(DossierRecord)}
    assert set(MUTABLE) <= set(table_of(Dossier).c.keys())


def test_an_unknown_dossier_is_not_found(office: Office):
    with pytest.raises(NotFound):
        office.dossier("000.01.00.H99-260302-9999")


# --- transactions -----------------------------------------------------------------------------------------------------


def test_whatever_goes_wrong_takes_everything_back(office: Office):
    code = a_dossier(office)
    before = office.dossier(code)

    def interrupted() -> None:
        with office.engine.uow.write() as tx:
            tx.dossiers.next_number("letter:X:apology:2026")
            tx.dossiers.save(tx.dossiers.lock(code), overdue_count=7)
            tx.history.notify(before.id, unit_id=before.unit_id, role="leader", message="overdue", at=MONDAY)
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    assert office.dossier(code) == before
    assert office.count("notices") == 0
    assert office.count("number_series", "scope = 'letter:X:apology:2026'") == 0


def test_reading_takes_no_lock_and_changes_nothing(office: Office):
    code = a_dossier(office)
    with office.engine.uow.write() as writer:
        writer.dossiers.save(writer.dossiers.lock(code), overdue_count=7)
        assert office.dossier(code).overdue_count == 0
    assert office.dossier(code).overdue_count == 7
    with office.engine.uow.read() as tx:
        tx.connection.execute(text("UPDATE dossiers SET overdue_count = 8"))
    assert office.dossier(code).overdue_count == 7


def test_a_number_series_has_neither_gap_nor_repeat_when_many_count(office: Office):
    taken: list[int] = []

    def take(*, back: bool) -> None:
        with office.engine.uow.write() as tx:
            number = tx.dossiers.next_number("letter:X:apology:2026")
            if back:
                raise Interrupted
        taken.append(number)

    def count(worker: int) -> None:
        for turn in range(20):
            with suppress(Interrupted):
                take(back=(worker + turn) % 3 == 0)

    workers = [threading.Thread(target=count, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == list(range(1, len(taken) + 1))
    assert 50 < len(taken) < 60


# --- values -----------------------------------------------------------------------------------------------------------


def test_an_instant_comes_back_as_the_same_instant_in_utc(office: Office):
    code = a_dossier(office)
    at = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=MONDAY.tzinfo)
    with office.engine.uow.write() as tx:
        tx.dossiers.save(tx.dossiers.lock(code), resolved_at=at)
    found = office.dossier(code).resolved_at
    assert found == at
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(office: Office):
    code = a_dossier(office)
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(StatementError), office.engine.uow.write() as tx:
        tx.dossiers.save(tx.dossiers.lock(code), resolved_at=naive)


def test_an_error_of_the_database_tells_nobody_whose_dossier_it_was(office: Office):
    code = a_dossier(office)
    who = office.dossier(code).applicant
    with pytest.raises(IntegrityError) as caught, office.engine.uow.write() as tx:
        tx.connection.execute(
            text("UPDATE dossiers SET applicant_name = :name, status = NULL WHERE code = :code"),
            {"name": who.full_name, "code": code},
        )
    assert who.full_name not in str(caught.value).partition("DETAIL")[0]


def test_a_fact_is_recorded_once(office: Office):
    dossier = office.dossier(a_dossier(office))
    due_at = local("2026-03-05 17:00")
    with office.engine.uow.write() as tx:
        assert tx.history.record_fact(dossier.id, due_at, "overdue", MONDAY)
        assert not tx.history.record_fact(dossier.id, due_at, "overdue", MONDAY)
        assert tx.history.record_fact(dossier.id, due_at, "due_soon", MONDAY)
    with office.engine.uow.write() as tx:
        assert not tx.history.record_fact(dossier.id, due_at, "overdue", MONDAY)
        assert tx.history.record_fact(dossier.id, due_at + timedelta(days=1), "overdue", MONDAY, 2)
    assert office.count("overdue_facts") == 3


def test_a_document_is_kept_once(office: Office):
    (letter,) = office.letters(office.receive())
    with office.engine.uow.write() as tx:
        assert tx.letters.keep_document(letter.id, b"%PDF one", sha256="1" * 64, at=MONDAY)
        assert not tx.letters.keep_document(letter.id, b"%PDF two", sha256="2" * 64, at=MONDAY)
    with office.engine.uow.read() as tx:
        assert tx.letters.document(letter.id) == b"%PDF one"
        assert tx.letters.find(letter.id).sha256 == "1" * 64


# --- the database itself ----------------------------------------------------------------------------------------------


def test_a_database_that_is_away_says_so_in_words_of_the_house():
    uow = UnitOfWork(open_database("postgresql://nobody:nothing@127.0.0.1:1/away"))
    with pytest.raises(DatabaseAway, match="Không kết nối được"), uow.read() as tx:
        tx.people.count()
    with pytest.raises(DatabaseAway), uow.write() as tx:
        tx.people.count()


def test_sqlite_writes_ahead_and_keeps_its_foreign_keys(tmp_path):
    uow = UnitOfWork(open_database(f"sqlite:///{tmp_path}/new/office.db"))
    with uow.read() as tx:
        pragmas = {name: tx.connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
    uow.close()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def test_a_letter_of_no_dossier_cannot_be_written(office: Office):
    (letter,) = office.letters(office.receive())
    with pytest.raises(SQLAlchemyError), office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE letters SET dossier_id = 999 WHERE id = :id"), {"id": letter.id})


def test_the_heartbeat_keeps_only_its_last_word(office: Office):
    with office.engine.uow.write() as tx:
        tx.installation.beat("sweep", MONDAY, {"overdue": 1})
        tx.installation.beat("sweep", MONDAY + timedelta(minutes=1), {"overdue": 0})
    with office.engine.uow.read() as tx:
        assert tx.installation.heartbeat("sweep") == (MONDAY.astimezone(UTC) + timedelta(minutes=1), {"overdue": 0})
        assert tx.installation.heartbeat("outbox") is None
