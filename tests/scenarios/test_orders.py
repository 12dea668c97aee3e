from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from engine.domain.board import Choice
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.orders import Details, LineState, OrderKind, OrderRefused, OrderState, OrderView
from engine.domain.people import Membership, Role
from engine.effects import order_run
from engine.effects.orders import carry_out
from engine.services.exports import Exports
from tests.builders import PASSWORD, Office, local, overdue_dossiers

OPEN = Choice()
REASON = "Đơn vị quá tải"


def order(office: Office, kind: OrderKind, *codes: str, by: str = "giam", **details: Any) -> int:
    return office.engine.orders.draft(office.person(by), kind, OPEN, Details(**details), codes, at=office.now)


def carried_out(office: Office, number: int, *, by: str = "giam") -> OrderView:
    office.engine.orders.confirm(office.person(by), number, REASON, at=office.now)
    office.engine.orders.run(office.now)
    return office.engine.orders.look(office.person(by), number)


def at_registry(office: Office) -> str:
    """A dossier whose open step is an officer's of the land registry."""
    code = office.receive()
    while office.open_tasks(code)[0].role != "officer":
        office.do(code)
    return code


def holders(office: Office, *codes: str) -> list[int | None]:
    return [office.open_tasks(code)[0].claimed_by_id for code in codes]


def notices(office: Office, username: str) -> list[str]:
    found = office.engine.worklist.notices(office.person(username), at=office.now)
    return [each.text for each in found if "giám sát" in each.text]


@pytest.fixture
def nga(office: Office) -> str:
    """Somebody who supervises a ward, and not the land registry of the department."""
    unit = office.engine.office.units.by_code("AP").id
    office.engine.access.open_account("nga", "Bùi Thị Nga", PASSWORD, [Membership(unit, Role.SUPERVISOR)])
    return "nga"


def test_files_are_given_to_somebody_else_and_given_back(office: Office) -> None:
    free, held, at_desk = at_registry(office), at_registry(office), office.receive()
    minh, thao, giam = (office.person(name) for name in ("minh", "thao", "giam"))
    office.engine.processing.claim(minh, held, office.open_tasks(held)[0].id, at=office.now)
    number = order(office, OrderKind.REASSIGN, free, held, at_desk, person_id=thao.id)
    drafted = office.engine.orders.look(giam, number)
    assert (drafted.state, drafted.counts) == (OrderState.DRAFT, {"ready": 2, "cannot": 1})
    assert [line.code for line in drafted.lines] == [at_desk, free, held], "what cannot be done stands first"
    assert "không giữ vai trò" in drafted.lines[0].words
    office.engine.orders.run(office.now)
    assert holders(office, free, held) == [None, minh.id], "nothing is done before there is a reason"
    with pytest.raises(OrderRefused):
        office.engine.orders.confirm(giam, number, "  ", at=office.now)
    done = carried_out(office, number)
    assert (done.state, done.counts, done.reason) == (OrderState.FINISHED, {"done": 2, "cannot": 1}, REASON)
    assert holders(office, free, held) == [thao.id, thao.id]
    (event,) = office.events(held, "step_reassigned")
    assert (event["by"], event["was"], event["now"]) == ("giam", minh.full_name, thao.full_name)
    with pytest.raises(NotAllowedNow):
        office.engine.orders.confirm(giam, number, REASON, at=office.now)

    office.do(free, by="thao")  # one of the two has moved on since: that one stays
    back = office.engine.orders.revert(giam, number, "Giao nhầm", at=office.now)
    office.engine.orders.run(office.now)
    reverted = office.engine.orders.look(giam, back)
    assert {line.code: line.state for line in reverted.lines} == {free: LineState.FAILED, held: LineState.DONE}
    assert holders(office, held) == [minh.id]
    with pytest.raises(NotAllowedNow):
        office.engine.orders.revert(giam, number, "Lần nữa", at=office.now)


def test_a_reminder_reaches_whoever_holds_the_step_and_can_be_withdrawn(office: Office) -> None:
    code = at_registry(office)
    number = order(office, OrderKind.REMIND, code, note="Xin báo lại trước 16 giờ")
    assert carried_out(office, number).counts == {"done": 1}
    assert notices(office, "minh") == ["Người giám sát nhắc việc: Xin báo lại trước 16 giờ"]
    assert notices(office, "lan") == []
    office.engine.orders.revert(office.person("giam"), number, "Nhắc nhầm", at=office.now)
    office.engine.orders.run(office.now)
    assert notices(office, "minh") == []
    assert [event["kind"] for event in office.events(code)][-2:] == ["reminded", "order_reverted"]


def test_a_leader_is_told_and_a_note_is_kept(office: Office) -> None:
    code = at_registry(office)
    carried_out(office, order(office, OrderKind.ESCALATE, code, note="Đề nghị tăng người"))
    carried_out(office, order(office, OrderKind.NOTE, code, note="Đã gọi điện cho tổ trưởng"))
    assert notices(office, "thanh") == ["Người giám sát báo cáo lãnh đạo về hồ sơ: Đề nghị tăng người"]
    (note,) = office.events(code, "supervisor_note")
    assert (note["remark"], note["reason"]) == ("Đã gọi điện cho tổ trưởng", REASON)


def test_more_time_is_proposed_as_a_draft_that_the_leader_decides_on(office: Office) -> None:
    code = at_registry(office)
    (late,) = overdue_dossiers(office, 1)
    number = order(office, OrderKind.EXTEND, code, late, note="Chờ trích lục bản đồ địa chính")
    done = carried_out(office, number)
    assert {line.code: line.state for line in done.lines} == {late: LineState.CANNOT, code: LineState.DONE}
    assert office.dossier(code).has_draft
    draft = office.engine.apologies.view(office.person("thanh"), code, at=office.now)
    assert draft.preview.reason == "Chờ trích lục bản đồ địa chính"
    again = order(office, OrderKind.EXTEND, code, note="Lần nữa")
    assert office.engine.orders.look(office.person("giam"), again).counts == {"cannot": 1}
    office.engine.orders.revert(office.person("giam"), number, "Đã có trích lục", at=office.now)
    office.engine.orders.run(office.now)
    assert not office.dossier(code).has_draft


def test_a_killed_worker_has_done_each_line_once_or_not_at_all(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [at_registry(office) for _ in range(3)]
    number = order(office, OrderKind.REMIND, *codes, note="Khẩn")
    office.engine.orders.confirm(office.person("giam"), number, REASON, at=office.now)

    def dies_in_the_second(*given: Any, **named: Any) -> Any:
        undo = carry_out(*given, **named)
        if given[0].dossier.code == codes[1]:
            raise KeyboardInterrupt  # the process ends between the act and its commit
        return undo

    monkeypatch.setattr(order_run, "carry_out", dies_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        office.engine.orders.run(office.now)
    monkeypatch.undo()
    assert [len(office.events(code, "reminded")) for code in codes] == [1, 0, 0]
    assert office.engine.orders.run(office.now) == 0, "the dead worker's lease still holds"
    office.clock.move_to(local("2026-03-02 09:05"))
    assert office.engine.orders.run(office.now) == 2
    assert [len(office.events(code, "reminded")) for code in codes] == [1, 1, 1]
    assert office.engine.orders.look(office.person("giam"), number).counts == {"done": 3}


def test_a_failed_line_stops_no_other_and_is_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [at_registry(office) for _ in range(2)]
    number = order(office, OrderKind.REMIND, *codes, note="Khẩn")

    def breaks_at_the_first(*given: Any, **named: Any) -> Any:
        if given[0].dossier.code == codes[0]:
            message = "the disk is full"
            raise OSError(message)
        return carry_out(*given, **named)

    monkeypatch.setattr(order_run, "carry_out", breaks_at_the_first)
    assert carried_out(office, number).counts == {"failed": 1, "done": 1}
    monkeypatch.undo()
    assert office.engine.orders.retry(office.person("giam"), number) == 1
    office.engine.orders.run(office.now)
    assert office.engine.orders.look(office.person("giam"), number).counts == {"done": 2}
    assert [len(office.events(code, "reminded")) for code in codes] == [1, 1]


def test_two_supervisors_about_the_same_file_are_told(office: Office) -> None:
    unit = office.engine.office.units.by_code("BS").id
    office.engine.access.open_account("phuc", "Lê Phúc", PASSWORD, [Membership(unit, Role.SUPERVISOR)])
    code = at_registry(office)
    first = order(office, OrderKind.REMIND, code, note="Một")
    drafted_beside = order(office, OrderKind.REMIND, code, by="phuc", note="Hai")
    office.engine.orders.confirm(office.person("giam"), first, REASON, at=office.now)
    told = order(office, OrderKind.REMIND, code, by="phuc", note="Ba")
    (line,) = office.engine.orders.look(office.person("phuc"), told).lines
    assert line.words == f"Lệnh số {first} của {office.person('giam').full_name} đang xử lý hồ sơ này"
    office.clock.move_to(local("2026-03-02 09:01"))
    office.engine.orders.run(office.now)
    beside = carried_out(office, drafted_beside, by="phuc")
    assert [line.state for line in beside.lines] == [LineState.CANNOT], "it was drafted before the other was done"
    assert notices(office, "minh") == ["Người giám sát nhắc việc: Một"]


def test_a_supervisor_of_other_units_can_neither_order_nor_look(office: Office, nga: str) -> None:
    code = at_registry(office)
    number = order(office, OrderKind.REMIND, code, note="Khẩn")
    carried_out(office, number)
    with pytest.raises(OrderRefused):
        order(office, OrderKind.REMIND, code, by=nga, note="Khẩn")
    with pytest.raises(NotFound):
        office.engine.orders.look(office.person(nga), number)
    assert office.engine.orders.latest(office.person(nga)) == ()
    for username in ("minh", "thanh", "admin"):
        with pytest.raises(Refused):
            order(office, OrderKind.REMIND, code, by=username, note="Khẩn")
        with pytest.raises(Refused):
            office.engine.orders.look(office.person(username), number)


def test_a_long_list_is_made_into_excel_in_the_background(office: Office) -> None:
    codes = [office.receive() for _ in range(3)]
    exports = Exports(office.engine.uow, office.engine.office, at_once=2)
    giam = office.person("giam")
    number = exports.make(giam, OPEN, "Hồ sơ đang mở", at=office.now)
    assert isinstance(number, int)
    with pytest.raises(NotFound):
        exports.file(giam, number)
    assert exports.run(office.now) == 1
    assert list(rows_of(exports.file(giam, number)[1])) == sorted(codes)
    at_once = Exports(office.engine.uow, office.engine.office).make(giam, OPEN, "Hồ sơ", at=office.now)
    assert isinstance(at_once, bytes)
    with pytest.raises(NotFound):
        exports.file(office.person("thanh"), number)
    nobody = replace(giam, username="minh")  # who oversees nothing any more when the file is made
    number = exports.make(nobody, OPEN, "Hồ sơ đang mở", at=office.now)
    assert isinstance(number, int)
    assert exports.run(office.now) == 0
    with pytest.raises(NotFound, match="không còn quyền"):
        exports.file(nobody, number)
    with office.engine.uow.read() as tx:
        assert tx.orders.waiting(exports=True) == []


def rows_of(content: bytes) -> Iterator[str]:
    sheet = load_workbook(BytesIO(content), read_only=True).active
    assert sheet is not None
    for row in sheet.iter_rows(values_only=True):
        if row[0] and str(row[0]).startswith("000."):
            yield str(row[0])
