"""Units end, and others take over their people, their numbers and what belongs to a unit; and all of it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.reorganisation import ANY_FORM, NotReorganisedNow
from engine.persistence.repositories.reorganisations import BELONGINGS, Reorganisations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from engine.domain.reorganisation import Plan
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction

UNIT, MEMBERSHIP, SERIES = "unit", "memberships.unit_id", "number_series"


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


def hand_on_belongings(tx: Transaction, office: Office, number: int, plan: Plan, at: datetime) -> None:
    """Give what still belongs to the ended units to those who take over the rest."""
    rows, units = Reorganisations(tx.connection), office.units
    heirs = {units.by_code(code).id: units.by_code(plan.successor(code)).id for code in plan.ends}
    for each in BELONGINGS:
        for row_id, unit_id, _ in rows.belongings(each, heirs.keys()):
            rows.give(each.subject, row_id, heirs[unit_id], was=unit_id)
            facts = {"was": {"unit_id": unit_id}, "now": {"unit_id": heirs[unit_id]}, "result": "moved"}
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
    rows = Reorganisations(tx.connection)
    year = plan.effective_on.year
    for form, code in plan.numbering.items():
        heir = office.units.by_code(plan.successor(code)).code
        own = rows.series(f"letter:{heir}:")
        for scope, last in sorted(rows.series(f"letter:{code}:").items()):
            _, _, of_form, of_year = scope.split(":")
            new = f"letter:{heir}:{of_form}:{of_year}"
            by_name = of_form not in plan.numbering and form == ANY_FORM
            if int(of_year) == year and (form == of_form or by_name) and new not in own:
                yield scope, new, last


def numbers_of(tx: Transaction, office: Office, plan: Plan) -> Iterator[str]:
    """What becomes of numbers, in sentences."""
    going = list(_going_on(tx, office, plan))
    for old, new, last in going:
        yield f"Dãy {new} đánh tiếp sau số {last} của {old}"
    yield "Các dãy số khác: đơn vị mới bắt đầu dãy của mình; dãy của đơn vị cũ dừng ở số đã cấp, không cấp thêm"
