"""Where procedures hang, whether lists on walls were checked, how often more was done: as units record it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.domain.permissions import ONE_STOP
from engine.domain.posted_figures import CODE, Per, PostedFigure
from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Kind, Table
from engine.services.reporting.asked import Parts
from engine.services.reporting.flat import NoWholeMonth

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_Months = dict[str, tuple[Decimal, str]]
_DEFINITIONS = (
    Definition("measure", "Số ghi theo tháng dương lịch, kèm căn cứ; ghi lại thì số sau thay số trước."),
    Definition(
        "value",
        "Tỷ lệ: số của tháng mới nhất đã ghi trong kỳ (%). Việc hằng tháng: số tháng của kỳ đã làm đủ."
        " Việc trong năm: tổng từ tháng 01 đến hết kỳ.",
    ),
    Definition("wanted", "Tỷ lệ phải đạt (%), số tháng của kỳ, hoặc số lần trong năm."),
    Definition("reached", "Không thấp hơn mức phải đạt."),
    Definition("missing", "Bộ phận Một cửa đang hoạt động chưa ghi số nào trong kỳ."),
)
_COLUMNS = (
    Col("unit", "Đơn vị", Kind.TEXT),
    Col("measure", "Nội dung", Kind.TEXT),
    Col("value", "Đã đạt", Kind.NUMBER),
    Col("wanted", "Phải đạt", Kind.NUMBER),
    Col("reached", "Đạt", Kind.FLAG),
    Col("last", "Tháng ghi mới nhất", Kind.TEXT),
    Col("evidence", "Căn cứ", Kind.TEXT),
)


def postings(asked: Asked, tx: Transaction) -> Parts:
    """What units recorded about posting in the period, beside what is asked of them."""
    months = asked.period.months
    if not months:
        raise NoWholeMonth(period=asked.period.label)
    units = asked.unit_ids if asked.unit_ids is not None else frozenset(unit.id for unit in asked.office.units)
    entered: defaultdict[tuple[int, str], _Months] = defaultdict(dict)
    since = min(months[0], f"{months[-1][:4]}-01")
    for entry in tx.surveys.latest_entries(units, since, months[-1]):
        if entry.code.startswith(CODE):
            entered[entry.unit_id, entry.code.removeprefix(CODE)][entry.month] = (entry.value, entry.evidence)
    told = {unit_id for (unit_id, _code), found in entered.items() if any(month >= months[0] for month in found)}
    rows = [
        {"code": code, "unit": name, **_row(figure, entered.get((unit_id, figure.code), {}), months)}
        for (code, name), unit_id in sorted((asked.unit_name(each), each) for each in told)
        for figure in asked.calendar.posted
    ]
    desks = [asked.office.units.get(each) for each in units]
    silent = sorted(
        (unit.code, unit.name) for unit in desks if unit.kind == ONE_STOP and unit.is_active and unit.id not in told
    )
    tables = (
        Table("units", "Theo đơn vị", _COLUMNS, tuple(rows)),
        Table(
            "missing",
            "Bộ phận Một cửa chưa ghi",
            (Col("unit", "Đơn vị", Kind.TEXT),),
            tuple({"code": code, "unit": name} for code, name in silent),
        ),
    )
    check = Check("Số dòng bằng số đơn vị đã ghi nhân số nội dung", len(rows), len(told) * len(asked.calendar.posted))
    sources = tuple(dict.fromkeys(figure.source for figure in asked.calendar.posted))
    note = f"Tính các tháng từ {months[0][5:]}/{months[0][:4]} đến {months[-1][5:]}/{months[-1][:4]}."
    return Parts(tables, _DEFINITIONS, checks=(check,), sources=sources, notes=(note,))


def _row(figure: PostedFigure, found: _Months, months: tuple[str, ...]) -> dict[str, Any]:
    """A figure of a unit: what was recorded, what is asked, whether it is reached; nothing where nothing was."""
    within = {month: entry for month, entry in found.items() if month >= months[0]}
    last = max(within, default="")
    value: float | None = None
    wanted = float(figure.goal)
    if figure.per is Per.SHARE:
        value = float(within[last][0]) if last else None
    elif figure.per is Per.MONTH:
        value, wanted = float(sum(entry[0] >= figure.goal for entry in within.values())), float(len(months))
    else:
        value = float(sum(entry[0] for month, entry in found.items() if month[:4] == months[-1][:4]))
    reached = None if value is None else value >= wanted
    evidence = within[last][1] if last else ""
    return {
        "measure": figure.name,
        "value": value,
        "wanted": wanted,
        "reached": reached,
        "last": last,
        "evidence": evidence,
    }
