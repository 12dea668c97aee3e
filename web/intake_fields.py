"""Parts of the form of receipt as values: parcels, authorisation, origin of papers, fee, what the guard asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _

from engine.domain.dossier import HandedInItem
from engine.domain.errors import BadInput
from engine.domain.intake_desk import Choice, DeskFacts
from engine.domain.parcels import GuardAnswer, ParcelName, plain_number
from engine.domain.views import ProcedureLine
from web.i18n import said

Form = Mapping[str, str]
Errors = dict[str, str]

PARCEL_ROWS = 4
PARCEL_PARTS = ("commune", "sheet", "number")
OBTAINED = ("scanned", "database")
LONGEST_AUTHORISATION = 200
GUARD_SEEN, GUARD_REASON, GUARD_DOCUMENT = "guard_seen", "guard_reason", "guard_document"
_BETWEEN = "|"


def asks_parcels(procedure: ProcedureLine, desk: DeskFacts) -> bool:
    """Whether the form asks for a parcel: the procedure is of a sector that is about land."""
    return procedure.sector in desk.parcel_sectors


def parcel_name(number: int, part: str) -> str:
    """The name of a field of a parcel."""
    return f"parcel-{number}-{part}"


def read_parcels(form: Form, errors: Errors) -> tuple[ParcelName, ...]:
    """The parcels that were typed; a row that was begun must be whole."""
    found = []
    for number in range(1, PARCEL_ROWS + 1):
        typed = {part: form.get(parcel_name(number, part), "").strip() for part in PARCEL_PARTS}
        if not typed["sheet"] and not typed["number"] and (number > 1 or not typed["commune"]):
            continue
        if fault := dict(_parcel_faults(number, typed)):
            errors.update(fault)
        else:
            found.append(ParcelName(typed["commune"], typed["sheet"], typed["number"]))
    return tuple(found)


def told_parcels(parcels: Sequence[ParcelName]) -> str:
    """What a dossier about parcels asks for, where the clerk has written nothing else; it is printed on the receipt."""
    return "\n".join(
        _("Thửa đất số %(number)s, tờ bản đồ số %(sheet)s, %(commune)s", **dict(zip(PARCEL_PARTS, parcel, strict=True)))
        for parcel in ((each.commune, each.sheet, each.number) for each in parcels)
    )


def _parcel_faults(number: int, typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not typed["commune"]:
        yield parcel_name(number, "commune"), _("Hãy chọn xã, phường có thửa đất (tên mới hoặc tên cũ).")
    for part, what in (("sheet", _("số tờ bản đồ")), ("number", _("số thửa"))):
        try:
            plain_number(typed[part], what)
        except BadInput as error:
            message = said(error) if typed[part] else _("Hãy nhập %(what)s.", what=what)
            yield parcel_name(number, part), message


def read_authorisation(form: Form, kinds: Sequence[Choice], errors: Errors, *, today: date) -> str:
    """The authorisation in words: kind, number and date; empty where nobody hands in for another."""
    if not form.get("submitter_full_name"):
        return ""
    kind = next((each.name for each in kinds if each.id == form.get("submitter_kind")), "")
    words = [word for word in (kind, form.get("submitter_authorisation", "")) if word]
    typed = form.get("submitter_on", "")
    try:
        on = date.fromisoformat(typed) if typed else None
    except ValueError:
        errors["submitter_on"] = _("Hãy nhập ngày của giấy, ví dụ 27/02/2026.")
        return ""
    if on is not None and on > today:
        errors["submitter_on"] = _("Ngày của giấy ủy quyền không thể ở sau hôm nay.")
    told = ", ".join((" ".join(words), *([f"ngày {on:%d/%m/%Y}"] if on else [])))
    if len(told) > LONGEST_AUTHORISATION:
        errors["submitter_authorisation"] = _("Số, nơi cấp giấy ủy quyền quá dài để in trên Giấy tiếp nhận.")
    return told


def with_origin(item: HandedInItem, form: Form) -> HandedInItem:
    """A paper with how it was obtained and what was noted about it; what the office looks up itself is there."""
    obtained = form.get(f"item-{item.id}-obtained", "")
    obtained = obtained if obtained in OBTAINED else ""
    is_present = item.is_present or obtained == "database"
    return replace(
        item,
        obtained=obtained if is_present else "",
        is_present=is_present,
        note=form.get(f"item-{item.id}-note", "")[:300],
    )


def read_details(form: Form, procedure: ProcedureLine, desk: DeskFacts, errors: Errors) -> dict[str, str]:
    """What is kept with the dossier besides: how the fee is paid, why it need not be, where the result goes."""
    found = {}
    if procedure.fees and form.get("payment"):
        chosen = next((each.name for each in desk.payments if each.id == form["payment"]), None)
        if chosen is None:
            errors["payment"] = _("Hãy chọn cách nộp trong danh sách.")
        else:
            found["payment"] = chosen
    if form.get("exemption"):
        found |= _exemption(form, procedure, desk, errors)
    if form.get("result_channel") == "postal":
        address = form.get("result_address", "") or form.get("address", "")
        if not address:
            errors["result_address"] = _("Trả kết quả qua bưu chính cần địa chỉ nhận.")
        found["result_address"] = address
    return found


def _exemption(form: Form, procedure: ProcedureLine, desk: DeskFacts, errors: Errors) -> dict[str, str]:
    known = next((each for each in desk.exemptions_of(procedure.fees) if each.id == form["exemption"]), None)
    if known is None:
        errors["exemption"] = _("Hãy chọn lý do miễn, giảm trong danh sách.")
        return {}
    paper = form.get("exemption_document", "")
    if not paper:
        errors["exemption_document"] = _("Hãy ghi giấy tờ chứng minh được miễn: số, ngày, nơi cấp.")
    return {"exemption": f"{known.name}: {known.fee} ({known.basis})", "exemption_document": paper}


def read_guard(form: Form) -> GuardAnswer:
    """What the clerk decided about what the guard found."""
    seen = tuple(key for key in form.get(GUARD_SEEN, "").split(_BETWEEN) if key)
    return GuardAnswer(seen, form.get(GUARD_REASON, ""), form.get(GUARD_DOCUMENT, ""))


def seen_keys(keys: Sequence[str]) -> str:
    """The findings that a page shows, as one hidden field holds them."""
    return _BETWEEN.join(keys)
