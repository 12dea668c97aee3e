"""Absence: for some days a colleague does the work, both names stand on the record, and it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.domain.accounts import BadDelegation
from engine.domain.errors import NotFound, Refused
from engine.domain.people import Actor, Membership, Role
from engine.services.delegations import Absence
from tests.builders import PASSWORD, REISSUE, Office

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def at_work(office: Office, username: str) -> Actor:
    """Somebody as they sit at their browser now, with what they hold for others today."""
    token = office.engine.access.sign_in(username, PASSWORD, at=office.now).token
    return office.engine.access.resume(token, at=office.now)


def leave(office: Office, **changes: object) -> Absence:
    registry = office.engine.office.units.by_code("BS-CNAP").id
    absence = Absence(
        absent="thanh",
        delegate="minh",
        place=Membership(registry, Role.LEADER),
        starts_on=MONDAY,
        ends_on=FRIDAY,
        document="Giấy ủy quyền số 12/GUQ-CNAP",
        authority="KT. GIÁM ĐỐC",
        title="PHÓ GIÁM ĐỐC",
    )
    return replace(absence, **changes)  # type: ignore[arg-type] # the fields of an absence


def brought_to_the_leader(office: Office) -> str:
    code = office.receive(REISSUE)
    while office.open_tasks(code)[0].role != Role.LEADER:
        office.do(code)
    return code


def test_the_delegate_does_the_work_and_both_names_stand_on_the_record(office: Office):
    code = brought_to_the_leader(office)
    (task,) = office.open_tasks(code)
    thanh = office.person("thanh")
    office.engine.processing.claim(thanh, code, task.id, at=office.now)
    with pytest.raises(Refused):
        office.engine.processing.claim(at_work(office, "minh"), code, task.id, at=office.now)
    found, told = office.engine.delegations.add(thanh, leave(office), at=office.now)
    assert told == ""
    minh = at_work(office, "minh")
    assert minh.holds(Role.LEADER, found.unit_id)
    assert [item.dossier.code for item in office.engine.worklist.page(minh, "mine", at=office.now).items] == [code]
    assert [item.dossier.code for item in office.engine.signing_table.waiting(minh, at=office.now).items] == [code]
    version, answers = office.dossier(code).version, office._answers(code, task.step_id)
    office.engine.processing.complete(minh, code, task.id, version, answers, at=office.now)
    (done,) = [event for event in office.events(code, "step_completed") if event["step_id"] == task.step_id]
    assert (done["by"], done["acting_for"]) == ("minh", {"username": "thanh", "name": "Võ Văn Thành"})
    view = office.engine.dossiers.view(office.person("lan"), code, at=office.now)
    names = {event.by_name for event in view.events}
    assert "Phạm Quang Minh (thay Võ Văn Thành)" in names
    # what he did as himself carries his own name alone
    own = [event for event in office.events(code) if event["by"] == "minh" and event["kind"] == "step_completed"]
    assert any("acting_for" not in event for event in own)


def test_it_ends_by_itself_and_may_be_ended_before(office: Office):
    service = office.engine.delegations
    found, _ = service.add(office.person("thanh"), leave(office), at=office.now)
    assert at_work(office, "minh").holds(Role.LEADER, found.unit_id)
    with pytest.raises(NotFound):
        service.revoke(office.person("hoa"), found.id, at=office.now)
    with pytest.raises(NotFound):
        service.revoke(office.person("minh"), found.id, at=office.now)
    service.revoke(office.person("admin"), found.id, at=office.now)
    assert not at_work(office, "minh").holds(Role.LEADER, found.unit_id)
    service.add(office.person("thanh"), leave(office), at=office.now)
    office.clock.advance(timedelta(days=4))
    assert at_work(office, "minh").holds(Role.LEADER, found.unit_id), "the last day is included"
    office.clock.advance(timedelta(days=1))
    assert not at_work(office, "minh").holds(Role.LEADER, found.unit_id)


def test_whoever_is_not_here_any_more_lends_nothing(office: Office):
    found, _ = office.engine.delegations.add(office.person("thanh"), leave(office), at=office.now)
    office.engine.accounts.close(office.person("admin"), office.person("thanh").id or 0, at=office.now)
    assert not at_work(office, "minh").holds(Role.LEADER, found.unit_id)


def test_nobody_lends_what_they_do_not_hold_to_whom_they_may_not(office: Office):
    thanh, minh, desk = office.person("thanh"), office.person("minh"), office.engine.office.units.by_code("BS-TTPVHCC")
    add = office.engine.delegations.add
    wrong = {
        "không giữ vai trò": leave(office, place=Membership(desk.id, Role.CLERK)),
        "chính mình": leave(office, delegate="thanh"),
        "không làm việc ở đơn vị này": leave(office, delegate="hoa"),
        "số, ngày của văn bản": leave(office, document=" "),
        "trước ngày bắt đầu": leave(office, ends_on=date(2026, 3, 1)),
        "đã qua": leave(office, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 3)),
        "không có tài khoản": leave(office, delegate="ai-do"),
    }
    for said, absence in wrong.items():
        with pytest.raises((BadDelegation, Refused), match=said):
            add(office.person("admin"), absence, at=office.now)
    with pytest.raises(Refused):  # neither theirs, nor of a unit that they lead
        add(minh, leave(office), at=office.now)
    add(thanh, leave(office), at=office.now)
    with pytest.raises(BadDelegation, match="đã ủy quyền"):
        add(thanh, leave(office, delegate="thao", starts_on=FRIDAY), at=office.now)
    with pytest.raises(BadDelegation, match="không giữ vai trò"):  # no chains: what is lent is not lent on
        add(at_work(office, "minh"), leave(office, absent="minh", delegate="thao"), at=office.now)
    registry = office.engine.office.units.by_code("BS-CNAP").id
    away = leave(office, absent="thao", delegate="minh", place=Membership(registry, Role.OFFICER))
    add(thanh, away, at=office.now)
    with pytest.raises(BadDelegation, match="cũng vắng mặt"):
        add(minh, replace(away, absent="minh", delegate="thao"), at=office.now)


def test_who_receives_and_approves_the_same_dossier_is_told_and_it_is_written_down(office: Office):
    service, admin = office.engine.delegations, office.person("admin")
    desk = office.engine.office.units.by_code("BS-TTPVHCC")
    leader = office.engine.access.open_account("anh", "Phan Ánh", PASSWORD, [Membership(desk.id, Role.LEADER)])
    absence = leave(office, absent="anh", delegate="lan", place=leader.memberships[0])
    _, told = service.add(admin, absence, at=office.now)
    assert "Trần Thị Ngọc Lan cũng tiếp nhận hồ sơ" in told
