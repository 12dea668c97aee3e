"""Units end, and others take over their people, their numbers and what belongs to a unit; and all of it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.reorganisation import ANY_FORM, NotReorganisedNow
from engine.persistence.repositories.reorganisations import BELONGINGS, MEMBERSHIP, Reorganisations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from engine.domain.reorganisation import Plan
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction

UNIT, SERIES, DELEGATION = "unit", "number_series", "delegations.unit_id"


def end_units(tx: Transaction, office: Office, number: int, plan: Plan, at: datetime) -> None:
    """End the units of an order: no dossier is received there from now on; people go over, numbers go on."""
    rows, units = Reorganisations(tx.connection), office.units
    for code in plan.ends:
        old = units.by_code(code)
        heirs = dict.fromkeys(units.by_code(take.successor).id for take in plan.takes if take.ends == code)
        tx.installation.change_unit(old.id, is_active=False, succeeded_by=",".join(map(str, heirs)))
        rows.keep(number, UNIT, old.id, at=at, was={"is_active": True}, now={"heirs": list(heirs)}, result="moved")
    _hand_on_people(tx, office, number, plan, at)
    for place, (old_scope, new_scope, last) in enumerate(_going_on(tx, office, plan), start=1):
        rows.set_series(new_scope, last)
        rows.keep(
            number,
            SERIES,
            place,
            at=at,
            was={"scope": new_scope, "from": old_scope},
            now={"last": last},
            result="moved",
        )


def _hand_on_people(tx: Transaction, office: Office, number: int, plan: Plan, at: datetime) -> None:
    rows, units = Reorganisations(tx.connection), office.units
    codes = {units.by_code(code).id: code for code in plan.ends}
    for row in rows.memberships(codes.keys()):
        heir = units.by_code(plan.successor(codes[row.unit_id], username=row.username)).id
        was = {"person_id": row.person_id, "unit_id": row.unit_id, "role": row.role}
        held = rows.holds(row.person_id, heir, row.role)
        if held:
            rows.drop_membership(row.id)
        else:
            rows.give(MEMBERSHIP, row.id, heir, was=row.unit_id)
        rows.keep(number, MEMBERSHIP, row.id, at=at, was=was, now={"unit_id": heir, "held": held}, result="moved")
    for row in rows.delegations(codes.keys()):  # with whom they stand in for, at once
        heir = units.by_code(plan.successor(codes[row.unit_id], username=row.username)).id
        rows.give(DELEGATION, row.id, heir, was=row.unit_id)
        facts = {"was": {"unit_id": row.unit_id}, "now": {"unit_id": heir}, "result": "moved"}
        rows.keep(number, DELEGATION, row.id, at=at, **facts)


def hand_on_belongings(tx: Transaction, office: Office, number: int, plan: Plan, at: datetime) -> None:
    """Give what still belongs to the ended units to those who take over; what is of a dossier that failed waits."""
    rows, units = Reorganisations(tx.connection), office.units
    ended, failed = {units.by_code(code).id: code for code in plan.ends}, rows.failed(number)
    for each in BELONGINGS:
        found = rows.belongings(each, ended.keys())
        procedures = rows.procedures({dossier_id for *_, dossier_id in found if dossier_id is not None})
        for row_id, unit_id, dossier_id in found:
            if dossier_id in failed:
                continue
            procedure = procedures[dossier_id] if dossier_id is not None else ""
            heir = units.by_code(plan.successor(ended[unit_id], procedure=procedure)).id
            rows.give(each.subject, row_id, heir, was=unit_id)
            facts = {"was": {"unit_id": unit_id}, "now": {"unit_id": heir}, "result": "moved"}
            rows.keep(number, each.subject, row_id, at=at, **facts)


def put_belongings_back(tx: Transaction, kept: Iterable[Any], at: datetime) -> None:
    """Give people and belongings back to the units they came from, where they are still where they were taken."""
    rows = Reorganisations(tx.connection)
    for row in kept:
        if row.subject in {UNIT, SERIES}:
            continue
        if row.subject == MEMBERSHIP and row.now["held"]:
            rows.add_membership(**row.was)
        else:
            rows.give(row.subject, row.ref_id, row.was["unit_id"], was=row.now["unit_id"])
        rows.mark_reverted(row.id, at)


def begin_again(tx: Transaction, kept: Iterable[Any], *, only_check: bool = False) -> None:
    """Let ended units work again and series be as before; raises `NotReorganisedNow` if a number was given since."""
    rows = Reorganisations(tx.connection)
    for row in kept:
        if row.subject == SERIES:
            scope, last = row.was["scope"], row.now["last"]
            if rows.series(scope).get(scope) != last:
                raise NotReorganisedNow(detail=f"Đơn vị mới đã cấp số tiếp theo trong dãy “{scope}”")
            if not only_check:
                rows.set_series(scope, None)
        elif row.subject == UNIT and not only_check:
            tx.installation.change_unit(row.ref_id, is_active=True, succeeded_by="")


def _going_on(tx: Transaction, office: Office, plan: Plan) -> Iterator[tuple[str, str, int]]:
    """Series of ended units that go on at their successors: name of the old, of the new, and the last number.

    A series in which the successor has given a number itself is left alone: it would leave a gap or give one twice.
    """
    return ((old, new, last) for old, new, last, own in _asked_to_go_on(tx, office, plan) if own is None)


def _asked_to_go_on(tx: Transaction, office: Office, plan: Plan) -> Iterator[tuple[str, str, int, int | None]]:
    """Series that an order says are to go on: of the old unit, of the new one, last number, and the new one's own."""
    rows = Reorganisations(tx.connection)
    year = plan.effective_on.year
    for form, code in plan.numbering.items():
        heir = office.units.by_code(plan.successor(code)).code
        own = rows.series(f"letter:{heir}:")
        for scope, last in sorted(rows.series(f"letter:{code}:").items()):
            _, _, of_form, of_year = scope.split(":")
            new = f"letter:{heir}:{of_form}:{of_year}"
            by_name = of_form not in plan.numbering and form == ANY_FORM
            if int(of_year) == year and (form == of_form or by_name):
                yield scope, new, last, own.get(new)


def numbers_of(tx: Transaction, office: Office, plan: Plan) -> Iterator[str]:
    """What becomes of numbers, in sentences."""
    for old, new, last, own in _asked_to_go_on(tx, office, plan):
        if own is None:
            yield f"Dãy {new} đánh tiếp sau số {last} của {old}"
        else:
            yield f"Dãy {new} KHÔNG đánh tiếp {old}: nơi tiếp nhận đã tự cấp đến số {own}"
    yield "Các dãy số khác: đơn vị mới bắt đầu dãy của mình; dãy của đơn vị cũ dừng ở số đã cấp, không cấp thêm"
