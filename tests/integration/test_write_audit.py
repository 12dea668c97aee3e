"""The history of a dossier is a chain of hashes: whoever changes, adds or removes a line of it is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from engine.persistence.repositories.history import event_hash
from engine.services.audit import Verified
from tests.builders import Office, a_dossier, an_office, prepare_office

Forgery = Callable[[Office, int], None]


@pytest.fixture
def forged_office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    """An office whose books are not in order at the end."""
    with an_office(database_copy(prepare_office)) as office:
        yield office


def write(office: Office, statement: str, **parameters: object) -> None:
    """Write past the services, as somebody with the password of the database could."""
    with office.engine.uow.write() as tx:
        tx.connection.execute(text(statement), parameters)


def change_what_was_said(office: Office, dossier: int) -> None:
    write(office, "UPDATE audit_events SET data = '{}' WHERE dossier_id = :d AND seq = 2", d=dossier)


def change_who_did_it(office: Office, dossier: int) -> None:
    write(office, "UPDATE audit_events SET \"by\" = 'thao' WHERE dossier_id = :d AND seq = 2", d=dossier)


def change_when(office: Office, dossier: int) -> None:
    with office.engine.uow.write() as tx:
        row = tx.history.events(dossier)[1]
        moved = row["at"].replace(hour=0)
        value = moved.replace(tzinfo=None) if tx.connection.dialect.name == "sqlite" else moved
        tx.connection.execute(
            text("UPDATE audit_events SET at = :at WHERE id = :id"), {"at": value.isoformat(" "), "id": row["id"]}
        )


def remove_a_line(office: Office, dossier: int) -> None:
    write(office, "DELETE FROM audit_events WHERE dossier_id = :d AND seq = 2", d=dossier)


def remove_a_line_and_count_the_rest_anew(office: Office, dossier: int) -> None:
    remove_a_line(office, dossier)
    for seq in range(3, office.count("audit_events", "dossier_id = :d", d=dossier) + 2):
        write(
            office, "UPDATE audit_events SET seq = :n WHERE dossier_id = :d AND seq = :s", n=seq - 1, d=dossier, s=seq
        )


def hash_a_changed_line_anew(office: Office, dossier: int) -> None:
    """The line fits its own hash then, but the next one does not follow it."""
    with office.engine.uow.write() as tx:
        first, row = tx.history.events(dossier)[:2]
        facts = {name: row[name] for name in ("seq", "kind", "at", "recorded_at")}
        forged = event_hash(first["hash"], **facts, by="thao", data=row["data"])
        tx.connection.execute(
            text("UPDATE audit_events SET \"by\" = 'thao', hash = :hash WHERE id = :id"),
            {"hash": forged, "id": row["id"]},
        )


@pytest.mark.parametrize(
    ("forge", "place"),
    [
        (change_what_was_said, 2),
        (change_who_did_it, 2),
        (change_when, 2),
        (remove_a_line, 2),
        (remove_a_line_and_count_the_rest_anew, 2),
        (hash_a_changed_line_anew, 3),
    ],
)
def test_a_forged_line_is_found_and_named(forged_office: Office, forge: Forgery, place: int):
    a_dossier(forged_office)
    code = a_dossier(forged_office)
    assert forged_office.engine.audit.verify().ok
    forge(forged_office, forged_office.dossier(code).id)
    verified = forged_office.engine.audit.verify()
    assert (verified.ok, verified.first_broken) == (False, f"{code}#{place}")


def test_the_end_of_a_history_cannot_be_cut_off(forged_office: Office):
    code = a_dossier(forged_office)
    dossier = forged_office.dossier(code)
    write(
        forged_office,
        "DELETE FROM audit_events WHERE dossier_id = :d AND seq = :s",
        d=dossier.id,
        s=dossier.event_count,
    )
    assert forged_office.engine.audit.verify().first_broken == f"{code}#{dossier.event_count}"


def test_a_history_cannot_be_removed_whole(forged_office: Office):
    code = a_dossier(forged_office)
    a_dossier(forged_office)
    write(forged_office, "DELETE FROM audit_events WHERE dossier_id = :d", d=forged_office.dossier(code).id)
    verified = forged_office.engine.audit.verify()
    assert not verified.ok
    assert verified.first_broken is not None
    assert code in verified.first_broken


def test_an_empty_office_has_nothing_to_hide(office: Office):
    assert office.engine.audit.verify() == Verified(ok=True, events=0, first_broken=None)


def test_every_event_is_counted(office: Office):
    codes = [a_dossier(office), a_dossier(office)]
    verified = office.engine.audit.verify()
    assert verified.events == sum(office.dossier(code).event_count for code in codes) > 6
