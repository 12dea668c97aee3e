"""Forms 06 and 07, the monthly report of lateness and feedback, and the lateness of a sector against its ceiling."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.domain.months import month_of
from engine.domain.progress_report import (
    DEFINITIONS,
    SOURCES,
    Key,
    Sums,
    count,
    grouped,
    progress_drawings,
    progress_table,
    sum_checks,
)
from engine.domain.report import Definition
from engine.domain.report_model import Col, Drawing, Kind, Line, Table, percent, share
from engine.persistence.queries.ended import FeedbackCount, ended_sums, feedback_counts
from engine.persistence.queries.moved_dossiers import first_homes, taken_over
from engine.persistence.queries.report_sums import StandingReader, received_sums
from engine.services.reporting.asked import OTHER_SECTOR, Parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_FOR_EVER = date(9999, 12, 31)
_BY = ("unit_id", "procedure_code")
LAND = "land"


def counted(asked: Asked, tx: Transaction) -> dict[Key, dict[str, int]]:
    """Every figure of forms 06 and 07 by unit and procedure."""
    first, last, frame = asked.period.first, asked.period.last, asked.frame
    connection, units = tx.connection, asked.unit_ids

    def ours(rows: list[Any]) -> list[Any]:
        return [row for row in rows if asked.is_counted(row)]

    sums = Sums(
        received=ours(received_sums(connection, first, last, units, *_BY, "channel")),
        received_since=ours(received_sums(connection, first, _FOR_EVER, units, *_BY)),
        ended=ours(ended_sums(connection, first, last, units, *_BY)),
        ended_since=ours(ended_sums(connection, first, _FOR_EVER, units, *_BY, counters=("finished", "refused"))),
    )
    internal = asked.calendar.internal_procedures
    homes = first_homes(taken_over(connection, last))
    reader = StandingReader(connection, frame, units, homes)
    standing = [each for each in reader.sums() if each.procedure_code not in internal]
    held = [each for each in reader.waiting() if each.procedure_code not in internal]
    gone = [each for each in reader.gone() if each.procedure_code not in internal]
    found = count(frame, sums, standing, held, gone)
    return found if units is None else {key: line for key, line in found.items() if key[0] in units}


def by_sector(asked: Asked, tx: Transaction) -> Parts:
    """Form 06: one row a sector."""
    sectors = asked.sectors()
    rows = grouped(counted(asked, tx), lambda key: sectors.get(key[1], OTHER_SECTOR))
    return _parts("sectors", "Theo lĩnh vực", "Lĩnh vực", rows)


def by_unit(asked: Asked, tx: Transaction) -> Parts:
    """Form 07: one row a unit, and one a procedure below."""
    counts = counted(asked, tx)
    names = tx.results.procedure_names({code for _unit, code in counts})
    rows = grouped(counts, lambda key: asked.unit_name(key[0]))
    parts = _parts("units", "Theo đơn vị", "Đơn vị", rows)
    procedures = grouped(counts, lambda key: (key[1], names.get(key[1], key[1])))
    table = progress_table("procedures", "Theo thủ tục", "Thủ tục", procedures)
    return replace(parts, tables=(*parts.tables, table))


def _parts(key: str, title: str, head: str, rows: list[dict[str, Any]]) -> Parts:
    return Parts(
        tables=(progress_table(key, title, head, rows),),
        definitions=DEFINITIONS,
        drawings=progress_drawings(title.lower(), head, rows),
        checks=sum_checks(rows),
        sources=SOURCES,
    )


# --- the monthly report ---

_MONTHLY = (
    Definition("resolved", "Hồ sơ đã giải quyết xong trong kỳ và có ngày hẹn để so (trước hạn + đúng hạn + quá hạn)."),
    Definition("late", "Trong số đó, xong sau thời điểm hẹn ban đầu."),
    Definition("late_share", "Tỷ lệ giải quyết hồ sơ quá hạn.", "hồ sơ đã giải quyết có ngày hẹn"),
    Definition("open_late", "Hồ sơ đến cuối kỳ chưa xong và đã qua thời điểm hẹn ban đầu."),
    Definition(
        "ended_late",
        "Hồ sơ kết thúc trong kỳ từng lỡ hẹn hoặc đã có văn bản báo trước là sẽ lỡ hẹn (kể cả từ chối giải quyết, dừng,"
        " rút).",
    ),
    Definition("apologised", "Trong số đó, đã có văn bản xin lỗi, dù trước, trong hay sau ngày hẹn."),
    Definition("coverage", "Độ phủ văn bản xin lỗi.", "hồ sơ kết thúc trong kỳ từng lỡ hẹn hoặc đã báo trước"),
    Definition(
        "feedback", "Phản ánh, kiến nghị về đơn vị trả lời xong trong kỳ, cộng phản ánh còn quá hạn khi hết kỳ."
    ),
    Definition("feedback_late", "Trong số đó, trả lời quá hạn hoặc quá hạn mà khi hết kỳ chưa trả lời."),
    Definition(
        "feedback_late_share", "Tỷ lệ phản ánh, kiến nghị xử lý chậm.", "phản ánh đã trả lời trong kỳ + còn quá hạn"
    ),
    Definition("feedback_open", "Phản ánh đang xử lý khi hết kỳ (kỳ chưa hết: lúc lập báo cáo), kể cả quá hạn."),
)
_MONTHLY_COLUMNS = (
    Col("unit", "Đơn vị", Kind.TEXT),
    Col("resolved", "Đã giải quyết có hạn", group="Hồ sơ"),
    Col("late", "Quá hạn", group="Hồ sơ"),
    Col("late_share", "Tỷ lệ quá hạn", Kind.SHARE, group="Hồ sơ"),
    Col("open_late", "Đang quá hạn", group="Hồ sơ"),
    Col("ended_late", "Từng lỡ hẹn", group="Xin lỗi"),
    Col("apologised", "Có văn bản", group="Xin lỗi"),
    Col("coverage", "Độ phủ", Kind.SHARE, group="Xin lỗi"),
    Col("feedback", "Phải trả lời", group="Phản ánh, kiến nghị"),
    Col("feedback_late", "Chậm", group="Phản ánh, kiến nghị"),
    Col("feedback_late_share", "Tỷ lệ chậm", Kind.SHARE, group="Phản ánh, kiến nghị"),
    Col("feedback_open", "Đang xử lý", group="Phản ánh, kiến nghị"),
)
_APOLOGIES = ("apology_before", "apology_same_day", "apology_after")


def monthly(asked: Asked, tx: Transaction) -> Parts:
    """Lateness, apologies and feedback of each unit."""
    first, last, connection = asked.period.first, asked.period.last, tx.connection
    lines: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_ADDED, 0))
    for (unit_id, _code), figures in counted(asked, tx).items():
        line = lines[unit_id]
        line["resolved"] += figures["early"] + figures["on_time"] + figures["late"]
        line["late"] += figures["late"]
        line["open_late"] += figures["open_late"]
    for row in ended_sums(connection, first, last, asked.unit_ids, *_BY):
        if asked.is_counted(row):
            written = sum(row[name] for name in _APOLOGIES)
            lines[row["unit_id"]]["apologised"] += written
            lines[row["unit_id"]]["ended_late"] += written + row["apology_never"]
    for unit_id, found in _feedback(asked, tx).items():
        _add_feedback(lines[unit_id], found)
    rows, totals = asked.of_units(lines, _ADDED, _shares)
    table = Table("units", "Theo đơn vị", _MONTHLY_COLUMNS, rows, totals)
    drawing = Drawing(
        "bars",
        "Tỷ lệ quá hạn theo đơn vị (%)",
        "Đơn vị",
        tuple(str(row["unit"]) for row in rows),
        (Line("Tỷ lệ quá hạn", "late", tuple(percent(row["late_share"]) for row in rows)),),
        unit="%",
    )
    source = "Công văn 2542/UBND-SNV ngày 05/8/2021 của UBND thành phố Hà Nội: báo cáo hằng tháng."
    return Parts((table,), _MONTHLY, (drawing,) if rows else (), sources=(source,))


def _feedback(asked: Asked, tx: Transaction) -> dict[int, FeedbackCount]:
    first, last, zone = asked.period.first, asked.period.last, asked.office.settings.zone
    return feedback_counts(tx.connection, first, last, asked.unit_ids, asked.at, zone)


_ADDED = ("resolved", "late", "open_late", "ended_late", "apologised", "feedback", "feedback_late", "feedback_open")


def _add_feedback(line: dict[str, int], found: FeedbackCount) -> None:
    line["feedback"] += found.ended + found.prolonged
    line["feedback_late"] += found.ended - found.on_time + found.prolonged
    line["feedback_open"] += found.open


def _shares(_unit_id: int | None, line: Mapping[str, int]) -> dict[str, float | None]:
    return {
        "late_share": share(line["late"], line["resolved"]),
        "coverage": share(line["apologised"], line["ended_late"]),
        "feedback_late_share": share(line["feedback_late"], line["feedback"]),
    }


# --- a sector against its ceiling ---

_AGAINST = (
    Definition(
        "answered", "Hồ sơ của lĩnh vực kết thúc trong kỳ và có ngày hẹn để so (trước hạn + đúng hạn + quá hạn)."
    ),
    Definition("late", "Trong số đó, xong sau thời điểm hẹn ban đầu."),
    Definition("late_share", "Tỷ lệ trễ hạn.", "hồ sơ kết thúc trong kỳ có ngày hẹn"),
    Definition("keeps", "Tỷ lệ trễ hạn dưới ngưỡng."),
)
_MONTHS_SHOWN = 12


def land_lateness(asked: Asked, tx: Transaction) -> Parts:
    """How late the sector of land was, by unit in the period and by month before, held against the ceiling."""
    codes = {code for code, (sector, _name) in asked.sectors().items() if sector == LAND}
    ceiling = next((each for each in asked.calendar.ceilings if each.sector == LAND), None)
    limit = ceiling.share if ceiling else None
    period = asked.period
    since = date(period.last.year - 1, period.last.month, 1)
    units: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0])
    months: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0])
    connection = tx.connection
    for into, first, by in ((units, period.first, "unit_id"), (months, since, "month")):
        for row in ended_sums(connection, first, period.last, asked.unit_ids, by, "procedure_code"):
            if row["procedure_code"] in codes:
                into[row[by]][0] += row["early"] + row["on_time"] + row["late"]
                into[row[by]][1] += row["late"]
    named = sorted((asked.unit_name(key), found) for key, found in units.items() if found[0])
    rows = [{"code": code, "unit": name, **_against(found, limit)} for (code, name), found in named]
    whole = [sum(found[0] for _name, found in named), sum(found[1] for _name, found in named)]
    shown = sorted(key for key in months if key <= month_of(period.last))[-_MONTHS_SHOWN:]
    by_month = [{"month": key, **_against(months[key], limit)} for key in shown]
    figures = (Col("answered", "Có ngày hẹn"), Col("late", "Trễ hạn"), Col("late_share", "Tỷ lệ trễ hạn", Kind.SHARE))
    columns = (*figures, Col("keeps", "Dưới ngưỡng", Kind.FLAG))
    unit, month = Col("unit", "Đơn vị", Kind.TEXT), Col("month", "Tháng", Kind.TEXT)
    tables = (
        Table("units", "Theo đơn vị trong kỳ", (unit, *columns), tuple(rows), _against(whole, limit)),
        Table("months", "Theo tháng kết thúc (tháng dương lịch)", (month, *columns), tuple(by_month)),
    )
    goal = percent(limit)
    shares = tuple(percent(row["late_share"]) for row in by_month)
    line = Line("Tỷ lệ trễ hạn", "late", shares)
    drawing = Drawing(
        "lines", "Tỷ lệ trễ hạn lĩnh vực đất đai theo tháng (%)", "Tháng", tuple(shown), (line,), goal, "%"
    )
    said = f"Ngưỡng: dưới {goal:g} % ({ceiling.source})." if ceiling and goal is not None else "Chưa đặt ngưỡng."
    return Parts(tables, _AGAINST, (drawing,) if by_month else (), sources=(said,))


def _against(found: list[int], limit: float | None) -> dict[str, Any]:
    part = share(found[1], found[0])
    keeps = None if part is None or limit is None else part < limit
    return {"answered": found[0], "late": found[1], "late_share": part, "keeps": keeps}
