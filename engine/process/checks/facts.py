"""Faults of posted facts that an attentive reader finds with a pencil: sums, dates, missing counts, dead references.

Each rule is one that a published decision broke, or would break when typed in as printed (Cao Bằng, decision 1949 of
18/11/2025: an online fee without its discount, and a limit that its own note contradicts).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.domain.limits import LimitUnit
from engine.domain.posted import StatutoryLimit
from engine.domain.procedure import Procedure, ProcedureCase
from engine.domain.process import Problem
from engine.process.checks.notes import cut_in, discount_in
from engine.process.lists import Lists
from engine.process.problems import Place, comma, plain, report
from letters.data import Item, LaterAppointment, ReceiptSlip, list_rules, text_rules
from letters.text import clean

_WHOLE = Decimal(100)
# Working days in a week beside calendar days: how limits of different units are compared.
_WORKING, _WEEK = Decimal(5), Decimal(7)


def check_facts(procedure: Procedure, lists: Lists) -> Iterator[Problem]:
    """Check the facts of a procedure for themselves, and against the lists of the installation."""
    yield from _check_fees(procedure)
    yield from _check_limits(procedure)
    yield from _check_dates(procedure)
    yield from _check_items(procedure)
    yield from _check_receipt(procedure)
    yield from _check_code(procedure, lists)
    yield from _check_basis(procedure, lists)


def _check_fees(procedure: Procedure) -> Iterator[Problem]:
    for number, fee in enumerate(procedure.fees, start=1):
        place = Place(f"fees.{number}", fee.name)
        if fee.direct is None or fee.online is None:
            continue
        percent = Decimal(fee.online_discount) if fee.online_discount is not None else discount_in(fee.note)
        expected = None if percent is None else fee.direct * (_WHOLE - percent) / _WHOLE
        facts: dict[str, object] = {"direct": _money(fee.direct), "online": _money(fee.online)}
        if percent is not None and expected is not None and expected != fee.online:
            facts |= {"percent": comma(percent), "percent_en": plain(percent), "expected": _money(expected)}
            yield report("fee_contradicts_discount", place, line=None, **facts)
        elif fee.online > fee.direct:
            yield report("online_fee_above_direct", place, line=None, **facts)


def _check_limits(procedure: Procedure) -> Iterator[Problem]:
    for number, case in enumerate(procedure.cases, start=1):
        place = Place(f"cases.{number}", case.name)
        units = {phase.limit.unit for phase in case.phases if phase.limit.unit.has_amount}
        if len(units) > 1:
            named = ", ".join(sorted(unit.label for unit in units))
            yield report("limit_units_differ", place, units=named, units_en=", ".join(sorted(units)))
            continue
        total = _total(case)
        if total is None:
            continue
        unit = next(iter(units))
        yield from _check_statutory(place, total, unit, case.statutory)
        yield from _check_note(place, total, case)


def _total(case: ProcedureCase) -> Decimal | None:
    """The whole posted limit of a case, where every phase has a number."""
    if not all(phase.limit.unit.has_amount for phase in case.phases):
        return None
    return sum((phase.limit.amount for phase in case.phases), Decimal(0))


def _check_statutory(
    place: Place, total: Decimal, unit: LimitUnit, statutory: StatutoryLimit | None
) -> Iterator[Problem]:
    if statutory is None or not statutory.limit.unit.has_amount:
        return
    law = statutory.limit
    if _days(total, unit) > _days(law.amount, law.unit):
        yield report(
            "limit_above_statutory",
            place,
            limit=f"{comma(total)} {unit.label}",
            limit_en=f"{plain(total)} {unit}",
            law=f"{comma(law.amount)} {law.unit.label}",
            law_en=f"{plain(law.amount)} {law.unit}",
            basis=statutory.basis,
        )
    elif law.unit is not unit:
        yield report(
            "limit_unit_not_statutory", place, unit=unit.label, unit_en=unit, law=law.unit.label, law_en=law.unit
        )


def _days(amount: Decimal, unit: LimitUnit) -> Decimal:
    """Calendar days that a limit takes at least; hours of work by eight a day."""
    if unit is LimitUnit.WORKING_HOURS:
        amount /= 8
    return amount if unit is LimitUnit.CALENDAR_DAYS else amount * _WEEK / _WORKING


def _check_note(place: Place, total: Decimal, case: ProcedureCase) -> Iterator[Problem]:
    cut = cut_in(case.note)
    if cut is None:
        return
    facts: dict[str, object] = {"note": case.note, "limit": comma(total), "limit_en": plain(total)}
    if cut.after != total:
        facts |= {"after": comma(cut.after), "after_en": plain(cut.after)}
        yield report("note_contradicts_limit", place, line=None, **facts)
    law = case.statutory
    if law is not None and law.limit.unit.has_amount and law.limit.amount != cut.before:
        amount = law.limit.amount
        yield report("note_contradicts_statutory", place, note=case.note, law=comma(amount), law_en=plain(amount))
    if cut.percent is not None and not cut.is_right:
        share = cut.share.quantize(Decimal("0.1"))
        yield report("cut_does_not_add_up", place, note=case.note, share=comma(share), share_en=plain(share))


def _check_dates(procedure: Procedure) -> Iterator[Problem]:
    issued = procedure.decision.issued_on if procedure.decision else None
    if issued is not None and procedure.effective_from is not None and issued > procedure.effective_from:
        place = Place("decision.issued_on")
        yield report(
            "decided_after_effect", place, issued=f"{issued:%d/%m/%Y}", starts=f"{procedure.effective_from:%d/%m/%Y}"
        )


def _check_items(procedure: Procedure) -> Iterator[Problem]:
    for number, item in enumerate(procedure.items, start=1):
        place = Place(f"items.{number}", item.name)
        if not item.form:
            yield report("item_without_form", place)
        if item.originals + item.copies == 0:
            yield report("item_without_count", place)


def _check_receipt(procedure: Procedure) -> Iterator[Problem]:
    """Find what form 01 cannot print: whoever hands it in is turned away at the counter, for the form refuses it all.

    The bounds are the form's own. Of papers all are counted: a dossier may have every one of them.
    """
    most = list_rules(ReceiptSlip)["items"].most
    if len(procedure.items) > most:
        yield report("too_many_items", Place("items"), count=len(procedure.items), most=most)
    for place, longest in _printed(procedure):
        length = len(clean(place.name))
        if length > longest:
            yield report("name_too_long", Place(place.id, f"{place.name[:40]}…"), length=length, longest=longest)


def _printed(procedure: Procedure) -> Iterator[tuple[Place, int]]:
    """The names that stand on form 01, with the length that each may have."""
    yield Place("name", procedure.name), text_rules(ReceiptSlip)["procedure_name"].limit
    for number, item in enumerate(procedure.items, start=1):
        yield Place(f"items.{number}", item.name), text_rules(Item)["name"].limit
    for number, case in enumerate(procedure.cases, start=1):
        for position, phase in enumerate(case.phases[1:], start=2):
            yield Place(f"cases.{number}.phases.{position}", phase.label), text_rules(LaterAppointment)["name"].limit


def _check_code(procedure: Procedure, lists: Lists) -> Iterator[Problem]:
    place = Place("code", procedure.name)
    entry = lists.code(procedure.code)
    if not lists.is_well_formed(procedure.code):
        yield report("code_malformed", place, found=procedure.code, shape=lists.code_shape)
    elif entry is not None and entry.is_abolished:
        yield report("code_abolished", place, found=procedure.code, note=entry.note)
    elif entry is None and lists.codes:
        yield report("code_unknown", place, found=procedure.code)


def _check_basis(procedure: Procedure, lists: Lists) -> Iterator[Problem]:
    starts = procedure.effective_from
    for number, basis in enumerate(procedure.legal_basis, start=1):
        for act in lists.acts_in(basis):
            if starts is not None and act.is_over(starts):
                yield report(
                    "basis_repealed",
                    Place(f"legal_basis.{number}"),
                    act=act.number,
                    ended=f"{act.ends_on:%d/%m/%Y}",
                    starts=f"{starts:%d/%m/%Y}",
                    other=act.replaced_by or "–",
                )


def _money(amount: Decimal | int) -> str:
    return f"{amount:,.0f}".replace(",", ".")
