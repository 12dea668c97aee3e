"""Completing a step: what a form refuses, what nobody may do any more, and how little of the database it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from engine.bootstrap import Engine
from engine.domain.answers import FormRefused
from engine.domain.errors import Conflict, NotAllowedNow, NotFound
from engine.domain.status import DossierStatus as Status
from engine.persistence.unit_of_work import DatabaseAway
from tests.builders import LICENCE, Office, a_dossier, an_office, local, overdue_dossiers, prepare_office

# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ({}, {"appraisal", "financial_obligation"}),
        ({"appraisal": "qualified"}, {"financial_obligation"}),
        ({"appraisal": "brilliant", "financial_obligation": "none"}, {"appraisal"}),
        ({"appraisal": "qualified", "financial_obligation": " "}, {"financial_obligation"}),
        ({"appraisal": "qualified", "financial_obligation": "none", "opinion": "x" * 4001}, {"opinion"}),
    ],
)
def test_a_form_names_each_field_that_is_not_right_and_nothing_moves(office: Office, answers, faults):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    before = office.dossier(code)
    with pytest.raises(FormRefused) as caught:
        office.engine.processing.complete(office.person("minh"), code, task.id, None, answers, at=office.now)
    assert set(caught.value.fields) == faults
    assert all(
        message.endswith(("chưa được nhập", "lựa chọn này", "ký tự")) for message in caught.value.fields.values()
    )
    assert office.dossier(code) == before


@pytest.mark.parametrize(
    ("paid_on", "amount"), [("2026-02-30", "1000"), ("mùng một Tết", "1000"), ("2026-03-10", "một triệu")]
)
def test_a_date_and_a_number_are_what_they_say(office: Office, paid_on, amount):
    code = a_dossier(office)
    office.do(code, financial_obligation="owed")
    office.do(code)
    with pytest.raises(FormRefused):
        office.do(code, proof_number="0012345", paid_on=paid_on, paid_amount=amount)
    assert office.dossier(code).status is Status.PAYMENT_REQUESTED


def test_answers_stand_in_the_history_as_they_were_given(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    answers = {"appraisal": "qualified", "financial_obligation": "none", "opinion": "Đủ điều kiện", "no_field": "x"}
    office.engine.processing.complete(
        office.person("minh"), code, task.id, None, answers, at=office.now, remark="  Đã gọi điện  "
    )
    done = office.events(code, "step_completed")[-1]
    assert done["answers"] == {name: answers[name] for name in ("appraisal", "financial_obligation", "opinion")}
    assert (done["by"], done["remark"], done["step_id"]) == ("minh", "Đã gọi điện", "appraise_dossier")


# --- what is over -----------------------------------------------------------------------------------------------------


def test_a_step_of_another_dossier_is_not_found(office: Office):
    mine, other = a_dossier(office), a_dossier(office)
    (task,) = office.open_tasks(other)
    with pytest.raises(NotFound):
        office.engine.processing.complete(office.person("minh"), mine, task.id, None, {}, at=office.now)


def test_a_step_that_is_done_is_a_conflict(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    office.do(code)
    with pytest.raises(Conflict):
        office.engine.processing.complete(office.person("minh"), code, task.id, None, {}, at=office.now)


def test_nothing_more_happens_to_a_dossier_that_has_ended(office: Office):
    code = a_dossier(office, at=Status.DELIVERED)
    before = office.dossier(code)
    with pytest.raises(NotAllowedNow):
        office.engine.delivery.withdraw(office.person("lan"), code, None, "Tôi xin rút", at=office.now)
    assert office.dossier(code) == before


def test_a_result_is_not_withdrawn_but_fetched(office: Office):
    code = a_dossier(office, at=Status.RESOLVED)
    with pytest.raises(NotAllowedNow):
        office.engine.delivery.withdraw(office.person("lan"), code, None, "Tôi xin rút", at=office.now)
    office.do(code)
    assert office.dossier(code).status is Status.DELIVERED


# --- how much of the database an act touches --------------------------------------------------------------------------


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What an engine says to its database meanwhile."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(engine._database, "before_cursor_execute", listen)
    yield said
    event.remove(engine._database, "before_cursor_execute", listen)


def appraisal(office: Office, code: str) -> Callable[[], object]:
    (task,) = office.open_tasks(code)
    actor, version = office.person("minh"), office.dossier(code).version
    answers = {"appraisal": "qualified", "financial_obligation": "none"}
    return lambda: office.engine.processing.complete(actor, code, task.id, version, answers, at=office.now)


def test_a_step_takes_few_statements_however_long_its_history(office: Office):
    young, old = a_dossier(office), a_dossier(office)
    minh, (task,) = office.person("minh"), office.open_tasks(old)
    for _ in range(10):
        office.engine.processing.claim(minh, old, task.id, at=office.now)
        office.engine.processing.release(minh, old, task.id, at=office.now)
    counts = []
    for code in (young, old):
        act = appraisal(office, code)
        with statements(office.engine) as said:
            act()
        counts.append(len(said))
    # Three more than before acts could be taken back: the state before, the step's row as it was, and its note.
    assert counts[0] == counts[1] <= 15


def test_a_sweep_that_finds_nothing_asks_once_and_notes_that_it_was_there(office: Office):
    for _ in range(20):
        office.receive()
    with statements(office.engine) as said:
        office.sweep()
    assert [statement.split()[0] for statement in said] == ["SELECT", "INSERT"]


def test_the_work_of_a_sweep_grows_with_what_is_due_and_with_nothing_else(office: Office):
    for _ in range(20):
        office.receive(LICENCE)
    counts = []
    for due in (1, 5):
        overdue_dossiers(office, due)
        with statements(office.engine) as said:
            assert office.sweep()[1] == due
        counts.append(len(said))
    per_dossier = (counts[1] - counts[0]) / 4
    # One more than before the work lists: the new date is copied to the open steps, by which they are sorted.
    assert per_dossier == int(per_dossier) <= 26


# --- a database that goes away in the middle --------------------------------------------------------------------------


def test_an_act_whose_connection_is_cut_leaves_nothing_and_the_next_one_works(fresh_postgres_database):
    url = fresh_postgres_database()
    prepare_office(url)
    with an_office(url) as office, an_office(url) as administrator:
        code = a_dossier(office)
        before = office.dossier(code)

        def cut_off() -> None:
            with office.engine.uow.write() as tx:
                tx.dossiers.save(tx.dossiers.lock(code), overdue_count=9)
                mine = tx.connection.scalar(text("SELECT pg_backend_pid()"))
                administrator.rows("SELECT pg_terminate_backend(:pid)", pid=mine)
                tx.dossiers.next_number("letter:X:apology:2026")

        with pytest.raises(DatabaseAway):
            cut_off()
        assert office.dossier(code) == before
        office.do(code)
        assert office.dossier(code).version == before.version + 1


def test_a_sweep_goes_on_after_the_database_was_restarted(fresh_postgres_database):
    url = fresh_postgres_database()
    prepare_office(url)
    with an_office(url, clock=local("2026-03-02 09:00")) as office, an_office(url) as administrator:
        overdue_dossiers(office, 3)
        administrator.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert office.sweep() == (0, 3, 3)
