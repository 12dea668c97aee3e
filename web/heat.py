"""Heat on the diagram of a procedure: the page, and the same as Excel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.domain.months import month_before, month_of, read_month
from engine.domain.step_heat import ENOUGH, StepHeat
from engine.domain.step_lateness import Grid, Lateness
from engine.services.step_heat import SEASONS, HeatPage, Wording, picture
from engine.tables.excel import Cell, Column, Sheet, workbook_of
from web.board import excel
from web.context import actor, engine, now, zone
from web.forecast import days, share
from web.i18n import told

blueprint = Blueprint("heat", __name__, url_prefix="/giam-sat")
_MINUTE = timedelta(minutes=1)
MONTHS = 3  # unless others are asked for


@blueprint.get("/nhiet")
def page() -> str:
    """The steps of a procedure on its diagram: how many now, how long, how late."""
    found = _found()
    return render_template(
        "forecast/heat.html",
        found=found,
        # ours: every word in it is escaped where it is drawn
        picture=Markup(picture(found, _wording(found.day))),  # noqa: S704
        versions={ref: (version, since) for ref, version, since in found.versions},
        period=_period(found),
        at=now(),
        enough=ENOUGH,
        years=SEASONS // 12,
        share=share,
        days=days,
        quarter=_quarter,
        bounds=_bounds,
    )


@blueprint.get("/nhiet.xlsx")
def table() -> Response:
    """The same figures as Excel: steps, units, quarters, items."""
    found = _found()
    notes = (found.procedure_name, _period(found))
    counts = (_("Đang ở"), _("Quá hạn bước"), _("Đã làm"), _("Trung vị (ngày)"), _("Phân vị 90 (ngày)"))
    late = (_("Có hạn bước"), _("Trễ hạn bước"))
    shares = (_("Tỷ lệ trễ"), _("Làm lại"), _("Chờ nhận việc"), _("Phần thời gian"))
    steps = (
        Column(_("Bước"), 44),
        *(Column(name, 12) for name in (*counts, *late)),
        *(Column(name, 12, is_percent=True) for name in shares),
        Column(_("Đáng xem"), 60),
    )
    names, rate = (_("Có nộp"), _("Hồ sơ đã xong")), Column(_("Tỷ lệ"), 12, is_percent=True)
    items = (Column(_("Thành phần"), 60), *map(Column, names), rate)
    handed_in: list[list[Cell]] = [
        [each.name, each.handed_in, each.files, round(each.share, 4)] for each in found.items
    ]
    sheets = [
        Sheet(_("Từng bước"), steps, [_row(each, found.day) for each in found.steps], notes, _("Nhiệt trên sơ đồ")),
        _grid_sheet(_("Theo đơn vị"), found.by_unit, notes),
        _grid_sheet(_("Theo quý"), found.by_quarter, notes[:1]),
        Sheet(_("Thành phần hồ sơ"), items, handed_in, notes, _("Thành phần hồ sơ được nộp bao nhiêu")),
    ]
    return excel(workbook_of(sheets), "nhiet-tren-so-do")


def _found() -> HeatPage:
    this = month_of(now().astimezone(zone()).date())
    asked = {"from": month_before(this, MONTHS - 1), "to": this}
    first, last = sorted(read_month(request.args.get(name) or month) for name, month in asked.items())
    return engine().step_heat.look(
        actor(),
        procedure=request.args.get("procedure", ""),
        version=request.args.get("version", ""),
        unit_code=request.args.get("unit", ""),
        months=(first, last),
        at=now(),
    )


def _period(found: HeatPage) -> str:
    first, last = (f"{month[5:]}/{month[:4]}" for month in found.months)
    return _("Từ tháng %(first)s đến tháng %(last)s", first=first, last=last)


def _quarter(name: str) -> str:
    year, number = name.split("-")
    return _("Quý %(number)s/%(year)s", number=number, year=year)


def _wording(day: timedelta) -> Wording:
    return Wording(
        title=_("Sơ đồ quy trình"),
        here=lambda now: _("%(count)s đang ở đây", count=now),
        line=lambda behind: _line(behind, day),
    )


def _line(behind: Sequence[StepHeat], day: timedelta) -> str:
    """What stands under a step of the drawing: how long it took, how often late, how often done again."""
    first = behind[0]
    if len(behind) > 1:
        return _("%(count)s bước, xem bảng", count=len(behind))
    parts = list[str]()
    if first.median is not None and first.ninetieth is not None:
        half, most = days(first.median, day), days(first.ninetieth, day)
        parts.append(_("%(half)s / %(most)s ngày", half=half, most=most))
    if first.late_share is not None:
        parts.append(_("trễ %(share)s", share=share(first.late_share)))
    if first.repeated:
        parts.append(_("làm lại %(share)s", share=share(first.repeated_share)))
    return " · ".join(parts) or _("chưa làm xong lần nào")


def _bounds(cell: Lateness) -> str:
    low, high = cell.bounds
    return f"{share(low)}–{share(high)}"


def _row(each: StepHeat, day: timedelta) -> list[Cell]:
    median, ninetieth = (
        None if minutes is None else round(minutes * _MINUTE / day, 2) for minutes in (each.median, each.ninetieth)
    )
    shares = (each.late_share, each.repeated_share, each.waited_share, each.weight)
    return [
        *(each.name, each.now, each.late_now, each.done, median, ninetieth, each.limited, each.late),
        *(None if part is None else round(part, 4) for part in shares),
        "; ".join(told(remark.label) for remark in each.remarks),
    ]


def _grid_sheet(name: str, found: Grid, notes: tuple[str, ...]) -> Sheet:
    """A row for each step and unit or quarter, so that it can be filtered and put together anew."""
    heads = (_("Bước"), name, _("Có hạn bước"), _("Trễ hạn bước"))
    shares = (_("Tỷ lệ trễ"), _("Cận dưới 95%"), _("Cận trên 95%"))
    columns = (*(Column(head, 30) for head in heads), *(Column(head, 14, is_percent=True) for head in shares))
    rows: list[list[Cell]] = [
        [step, head, cell.limited, cell.late, *(round(part, 4) for part in (cell.share, *cell.bounds))]
        for step, cells in found.rows
        for head, cell in zip(found.heads, cells, strict=True)
        if cell is not None
    ]
    return Sheet(name, columns, rows, notes, _("Trễ hạn bước"))
