from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from engine.domain.board import Choice
from engine.domain.errors import MotCuaError, NotFound, Refused
from engine.domain.letter_views import RegisterQuestion
from engine.persistence.base import table_of
from engine.persistence.models import Letter, OutboxEntry
from tests.support.read_office import ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


@pytest.fixture
def late(office: ReadOffice) -> str:
    code = office.receive(at=on(3, 2))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    return code


def letter_id(office: ReadOffice, code: str, form: str = "apology") -> int:
    with office.engine.uow.read() as tx:
        return tx.letters.of(tx.dossiers.find(code).id, form)[0].id


def test_a_letter_waits_until_it_is_rendered(office: ReadOffice, late: str) -> None:
    key, lan = letter_id(office, late), office.actor("lan")
    waiting = office.engine.correspondence.pdf(lan, key)
    assert (waiting.content, waiting.waiting) == (None, True)
    office.engine.outbox.run(on(3, 5, 17, 2))
    ready = office.engine.correspondence.pdf(lan, key)
    assert ready.content is not None
    assert ready.content.startswith(b"%PDF")
    assert (ready.waiting, len(ready.sha256)) == (False, 64)


def test_a_letter_that_was_given_up_is_not_waited_for(office: ReadOffice, late: str) -> None:
    key = letter_id(office, late)
    with office.engine.uow.write() as tx:
        entries = table_of(OutboxEntry)
        tx.connection.execute(update(entries).where(entries.c.letter_id == key).values(given_up_at=on(3, 6)))
    answer = office.engine.correspondence.pdf(office.actor("lan"), key)
    assert (answer.content, answer.waiting) == (None, False)


@pytest.mark.parametrize("stranger", ["hoa", "khoa", "nga", "admin"])
def test_a_letter_of_other_units_is_answered_like_one_that_does_not_exist(
    office: ReadOffice, late: str, stranger: str
) -> None:
    def answer(key: int) -> tuple[type[MotCuaError], str]:
        with pytest.raises(MotCuaError) as raised:
            office.engine.correspondence.pdf(office.actor(stranger), key)
        return type(raised.value), raised.value.message

    assert answer(letter_id(office, late)) == answer(987654)
    assert answer(987654)[0] is NotFound


def test_the_register_lists_the_newest_first_by_form_and_page(office: ReadOffice, late: str) -> None:
    for number in range(4):
        office.receive(f"Người {number}", at=on(3, 6, 9, number))
    giam = office.actor("giam")
    everything = office.engine.correspondence.register(giam)
    assert everything.total == 6
    instants = [row.letter.issued_at for row in everything.letters]
    assert instants == sorted(instants, reverse=True)
    apologies = office.engine.correspondence.register(giam, RegisterQuestion(form="apology"))
    assert [(row.dossier_code, row.letter.form, row.letter.status) for row in apologies.letters] == [
        (late, "apology", "issued")
    ]
    assert apologies.letters[0].unit_name == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    second = office.engine.correspondence.register(giam, page=2, page_size=4)
    assert (len(second.letters), second.total, second.page, second.page_size) == (2, 6, 2, 4)
    assert office.engine.correspondence.register(giam, RegisterQuestion(form="' OR 1=1")).total == 0


def test_a_long_register_is_not_counted_to_its_end_but_can_be_turned_page_by_page(
    office: ReadOffice, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.services.correspondence.MOST_COUNTED", 3)
    for number in range(4):
        office.receive(f"Người {number}", at=on(3, 6, 9, number))
    register, giam = office.engine.correspondence.register, office.actor("giam")
    assert register(giam).total == 4, "six letters, counted to one more than three"
    assert len(register(giam, page=2, page_size=4).letters) == 2, "the pages go on beyond what was counted"
    assert register(giam, RegisterQuestion(form="apology")).total == 1
    assert register(giam, RegisterQuestion(search=late)).total == 2, "its receipt and its apology"
    assert register(giam).years == (2026,)
    table = office.engine.correspondence.table(giam, RegisterQuestion())
    assert len(table.splitlines()) == 7, "a file holds them all"


def test_people_see_the_letters_that_their_units_issued(office: ReadOffice, late: str) -> None:
    office.receive(by="hoa", at=on(3, 6))
    register = office.engine.correspondence.register
    assert {row.letter.form for row in register(office.actor("lan")).letters} == {"receipt"}
    assert [row.letter.form for row in register(office.actor("thanh")).letters] == ["apology"]
    assert register(office.actor("nga")).total == 1
    assert register(office.actor("giam")).total == 3
    for username in ("minh", "admin"):
        with pytest.raises(Refused):
            register(office.actor(username))


def test_a_letter_says_how_far_it_has_come(office: ReadOffice, late: str) -> None:
    def status() -> str:
        rows = office.engine.correspondence.register(office.actor("giam"), RegisterQuestion(form="apology")).letters
        return rows[0].letter.status

    def change(**values: object) -> None:
        letters = table_of(Letter)
        with office.engine.uow.write() as tx:
            tx.connection.execute(update(letters).where(letters.c.form == "apology").values(**values))

    assert status() == "issued"
    for state in ("broken", "rendered", "signed", "sent", "returned", "failed", "delivered"):
        change(state=state)
        assert status() == state
    change(state="cancelled", cancelled_at=on(3, 7), cancel_reason="sai")
    assert status() == "cancelled"


def test_a_cancelled_letter_is_told_as_such_and_leaves_the_public_page(office: ReadOffice, late: str) -> None:
    office.engine.outbox.run(on(3, 5, 17, 2))
    letters = table_of(Letter)
    with office.engine.uow.write() as tx:
        token = tx.letters.of(tx.dossiers.find(late).id, "apology")[0].token
        tx.connection.execute(
            update(letters)
            .where(letters.c.token == token)
            .values(state="cancelled", cancelled_at=on(3, 6), cancel_reason="sai")
        )
    assert office.engine.lookup.verify(token).is_cancelled
    with pytest.raises(NotFound):
        office.engine.lookup.pdf(token)
    found = office.engine.lookup.find(late, "6789", at=on(3, 6))
    assert [letter.title for letter in found.letters] == ["Giấy tiếp nhận hồ sơ và hẹn trả kết quả"]
    assert office.engine.boards.look(office.actor("giam"), Choice(), at=on(3, 6)).counts["without_letter"] == 1


def test_a_longer_register_costs_no_more_statements(office: ReadOffice) -> None:
    def cost() -> int:
        with office.counting() as statements:
            office.engine.correspondence.register(giam)
        return len(statements)

    giam = office.actor("giam")
    office.receive()
    few = cost()
    for _ in range(8):
        office.receive()
    assert cost() == few == 4
