"""Seeing lateness come: the morning list, as a page and as Excel."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date
from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.calendar import WEEKDAY_NAMES
from engine.domain.forecast import Basis
from engine.domain.step_plan import in_days
from engine.services.forecasts import MOST_ROWS, PAGE_SIZE, ForecastLine
from engine.tables.excel import Cell, Column, workbook
from web.board import excel
from web.context import actor, engine, now, page_asked, zone
from web.i18n import ENGLISH, is_english, told

blueprint = Blueprint("forecast", __name__, url_prefix="/giam-sat")
_MINUTE = timedelta(minutes=1)
HIGH, MIDDLE = 0.6, 0.3


@blueprint.get("/du-bao")
def morning() -> str:
    """Open files by what is left less what is usual, and how good the forecast has been."""
    scope = request.args.get("unit", "")
    found = engine().forecasts.morning(actor(), scope, page_asked(), short_only=_short_only(), at=now())
    return render_template(
        "forecast/morning.html",
        found=found,
        short_only=_short_only(),
        size=PAGE_SIZE,
        bounds=(HIGH, MIDDLE),
        level=_level,
        word=_word,
        headline=_headline,
        reason=_reason,
        basis=_basis,
        share=share,
        decimals=decimals,
    )


@blueprint.get("/du-bao.xlsx")
def table() -> Response:
    """The same list as Excel."""
    lines = engine().forecasts.table(actor(), request.args.get("unit", ""), short_only=_short_only())
    notes = [_("Việc thiếu thời gian nhất đứng trước: thời gian còn lại trừ thời gian thường cần đến khi xong.")]
    if lines:
        notes.append(_("Tính lúc %(at)s.", at=f"{lines[0].told_at.astimezone(zone()):%H:%M %d/%m/%Y}"))
    if len(lines) == MOST_ROWS:
        notes.append(_("Chỉ gồm %(count)s việc đầu tiên; hãy chọn một đơn vị để có trọn danh sách.", count=MOST_ROWS))
    columns = (
        *(Column(_("Khả năng trễ"), 12, is_percent=True), Column(_("Cận dưới 95%"), 12, is_percent=True)),
        *(Column(_("Cận trên 95%"), 12, is_percent=True), Column(_("Mã hồ sơ"), 28), Column(_("Người nộp"), 30)),
        *(Column(_("Thủ tục"), 50), Column(_("Bước"), 40), Column(_("Đơn vị"), 28), Column(_("Hẹn trả"), 18)),
        *(Column(_("Còn lại (ngày)"), 12), Column(_("Thường cần (ngày)"), 12), Column(_("Dư (ngày)"), 12)),
        Column(_("Căn cứ"), 44),
    )
    return excel(workbook(_("Dự báo trễ hẹn"), columns, map(_row, lines), notes=notes, zone=zone()), "du-bao")


def _row(line: ForecastLine) -> list[Cell]:
    left, usual, spare = (
        round(minutes * _MINUTE / line.day, 1)
        for minutes in (line.left_minutes, line.usual_minutes, line.spare_minutes)
    )
    chances = (round(part, 4) for part in (line.chance, line.low, line.high))
    what = (line.code, line.applicant_name, line.procedure_name, line.step_name, line.unit_name, line.due_at)
    return [*chances, *what, left, usual, spare, _basis(line)]


def _short_only() -> bool:
    return request.args.get("which") == "short"


def decimals(value: float | None, places: int = 1) -> str:
    """``0,235`` with so many places, as the readers of the page write it; a dash for nothing."""
    if value is None:
        return "–"
    text = f"{value:.{places}f}"
    return text if is_english() else text.replace(".", ",")


def days(minutes: int, day: timedelta) -> str:
    """Minutes as office days of length `day`, as the readers of the page write it."""
    text = str(told(in_days(minutes, day)))
    return text.replace(",", ".") if is_english() else text


def share(value: float | None) -> str:
    """``38%``; a dash for nothing."""
    return "–" if value is None else f"{value:.0%}"


def _level(line: ForecastLine) -> str:
    return "late" if line.chance >= HIGH else "soon" if line.chance >= MIDDLE else "good"


def _word(line: ForecastLine) -> str:
    words = {"late": _("cao"), "soon": _("vừa"), "good": _("thấp")}
    return words[_level(line)]


def _headline(line: ForecastLine) -> str:
    if line.left_minutes < 0:
        return _("Đã quá hạn")
    if line.spare_minutes >= 0:
        return _("Thường kịp, dư %(days)s ngày làm việc", days=days(line.spare_minutes, line.day))
    left, day = days(line.left_minutes, line.day), _day(line.due_at.astimezone(zone()))
    return _("Làm như thường lệ thì trễ sau %(left)s ngày làm việc (%(day)s)", left=left, day=day)


def _day(local: datetime) -> str:
    if is_english():
        return format_date(local, "EEEE d MMM", locale=ENGLISH)
    return f"{WEEKDAY_NAMES[local.weekday()]} {local:%d/%m}"


def _reason(line: ForecastLine) -> str:
    usual = days(line.usual_minutes, line.day)
    if line.left_minutes < 0:
        return _("Từ bước này hồ sơ cùng loại thường còn cần %(usual)s ngày làm việc nữa.", usual=usual)
    return _(
        "Còn %(left)s ngày làm việc; từ chỗ này hồ sơ cùng loại thường cần %(usual)s ngày.",
        left=days(line.left_minutes, line.day),
        usual=usual,
    )


def _basis(line: ForecastLine) -> str:
    whose = {
        Basis.UNIT_STEP: _("cùng bước, cùng đơn vị"),
        Basis.STEP: _("cùng bước, mọi đơn vị"),
        Basis.PROCEDURE: _("cùng thủ tục, mọi bước"),
        Basis.ALL: _("mọi thủ tục"),
    }
    return _("Căn cứ: %(count)s lượt %(whose)s, 12 tháng", count=line.count, whose=whose[line.basis])
