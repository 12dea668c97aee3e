"""What one line of an order does to its dossier, in a transaction that is open, and how that is taken back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotAllowedNow
from engine.domain.orders import OrderKind, OrderRefused
from engine.domain.people import Role
from engine.effects.apologies import lay_draft, settle
from engine.effects.journey import Journey
from engine.effects.lateness import notice_lateness
from engine.persistence.repositories.drafts import PUT_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.domain.orders import Details, Officer, Plan

# What a notice of an order is called: the number of the order follows, so that it can be withdrawn.
REMINDER, ESCALATION = "reminder:", "escalation:"
Undo = dict[str, Any]


def carry_out(
    journey: Journey,
    kind: OrderKind,
    found: Plan,
    details: Details,
    officer: Officer | None,
    *,
    order: int,
    reason: str,
) -> Undo:
    """Do to a dossier what its plan says; answers what is needed to take it back.

    Raises what the law does not allow (`SecondReappointment`, `NotAllowedNow`) and `OrderRefused`.
    """
    facts = {"order": order, "reason": reason}
    if kind is OrderKind.REASSIGN:
        return _reassign(journey, found, officer, facts)
    if kind is OrderKind.REMIND:
        for unit_id, role in sorted({(task.unit_id, task.role) for task in found.tasks}):
            _leave(journey, unit_id, role, f"{REMINDER}{order}", details.note or reason)
        journey.note("reminded", **facts, remark=details.note)
        return {}
    if kind is OrderKind.ESCALATE:
        return _escalate(journey, details, facts)
    if kind is OrderKind.EXTEND:
        return _extend(journey, details, facts)
    journey.note("supervisor_note", **facts, remark=details.note)
    return {}


def take_back(journey: Journey, kind: OrderKind, undo: Mapping[str, Any], *, was: int, order: int, reason: str) -> str:
    """Take back what the order number `was` did to a dossier; answers a sentence. Raises `NotAllowedNow` if it cannot.

    A word that somebody has read was read; the history keeps both.
    """
    words = _TAKES_BACK[kind](journey, undo, was)
    journey.note("order_reverted", order=order, reverts=was, kind_of_order=kind.value, reason=reason)
    return words


def _leave(journey: Journey, unit_id: int, role: str, message: str, note: str) -> None:
    journey.tx.history.notify(journey.dossier.id, unit_id=unit_id, role=role, message=message, at=journey.at, note=note)


def _reassign(journey: Journey, found: Plan, officer: Officer | None, facts: Mapping[str, Any]) -> Undo:
    undo: Undo = {"steps": []}
    for task in found.tasks:
        journey.tx.tasks.give(task.id, officer.id if officer else None)
        undo["steps"].append([task.id, task.holder_id, officer.id if officer else None])
        journey.note(
            "step_reassigned",
            **facts,
            step_id=task.step_id,
            name=task.name,
            was=task.holder,
            now=officer.name if officer else "",
        )
    return undo


def _give_back(journey: Journey, undo: Mapping[str, Any], _was: int) -> str:
    held = {task.id: task for task in journey.tx.tasks.open_of(journey.dossier.id)}
    steps = [each for each in undo["steps"] if each[0] in held and held[each[0]].claimed_by_id == each[2]]
    if not steps:
        raise NotAllowedNow(detail="bước đã xong hoặc đã được giao cho người khác")
    for task_id, before, _ in steps:
        journey.tx.tasks.give(task_id, before)
    return "Đã trả bước về người giữ trước đó"


def _escalate(journey: Journey, details: Details, facts: Mapping[str, Any]) -> Undo:
    units = journey.office.units
    above = list(reversed(units.above(journey.deciding_unit.id)))
    led = journey.tx.people.units_led(above)
    unit_id = next((each for each in above if each in led), None)
    if unit_id is None:
        raise OrderRefused(detail="đơn vị giải quyết và các đơn vị cấp trên chưa có lãnh đạo nào có tài khoản")
    _leave(journey, unit_id, Role.LEADER.value, f"{ESCALATION}{facts['order']}", details.note or str(facts["reason"]))
    journey.note("escalated_by_order", **facts, unit=units.get(unit_id).name, remark=details.note)
    return {}


def _withdraw(prefix: str) -> Callable[[Journey, Mapping[str, Any], int], str]:
    def withdraw(journey: Journey, _undo: Mapping[str, Any], was: int) -> str:
        history = journey.tx.history
        history.withdraw_notices(journey.dossier.id, f"{prefix}{was}", at=journey.at, by=journey.by.username)
        return "Đã rút thông báo; ai đã đọc thì vẫn đã đọc"

    return withdraw


def _extend(journey: Journey, details: Details, facts: Mapping[str, Any]) -> Undo:
    notice_lateness(journey)
    due_at = journey.clock.view.due_at
    if due_at is None or journey.at > due_at:
        raise NotAllowedNow(detail="hồ sơ đã quá hạn; chỉ đề nghị gia hạn được trước ngày hẹn")
    new_due_at = _new_date(journey, details.new_due_on, due_at)
    lay_draft(journey, due_at, reason=details.note or str(facts["reason"]), new_due_at=new_due_at)
    draft = journey.tx.drafts.waiting(journey.dossier.id)
    assert draft is not None, "it was laid a line above"
    return {"draft": draft.id}


def _new_date(journey: Journey, on: date | None, due_at: datetime) -> datetime | None:
    if on is None:
        return None
    calendar = journey.clock.calendar
    if off := calendar.why_off(on):
        raise OrderRefused(detail=f"ngày {on:%d/%m/%Y} không phải ngày làm việc ({off.reason})")
    chosen = calendar.closing(on)
    if chosen <= due_at:
        raise OrderRefused(detail=f"ngày hẹn mới {on:%d/%m/%Y} phải sau ngày hẹn cũ {calendar.local(due_at):%d/%m/%Y}")
    return chosen


def _withdraw_draft(journey: Journey, undo: Mapping[str, Any], _was: int) -> str:
    draft = journey.tx.drafts.waiting(journey.dossier.id)
    if draft is None or draft.id != undo["draft"]:
        raise NotAllowedNow(detail="lãnh đạo đã quyết định dự thảo này")
    if journey.at > draft.missed_at:
        raise NotAllowedNow(detail="hồ sơ đã quá hạn, văn bản xin lỗi phải được ban hành")
    notice_lateness(journey)
    settle(journey, draft, PUT_BACK, note="thu hồi theo lệnh của người giám sát")
    journey.note("apology_put_back", due_at=draft.missed_at.isoformat(), remark="thu hồi theo lệnh của người giám sát")
    return "Đã rút dự thảo khỏi bàn của lãnh đạo"


def _strike_note(_journey: Journey, _undo: Mapping[str, Any], _was: int) -> str:
    return "Đã ghi rằng ý kiến được rút lại; lịch sử giữ cả hai"


_TAKES_BACK: Mapping[OrderKind, Callable[[Journey, Mapping[str, Any], int], str]] = {
    OrderKind.REASSIGN: _give_back,
    OrderKind.REMIND: _withdraw(REMINDER),
    OrderKind.ESCALATE: _withdraw(ESCALATION),
    OrderKind.EXTEND: _withdraw_draft,
    OrderKind.NOTE: _strike_note,
}
