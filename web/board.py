"""The live board and the lists behind its figures; their Excel files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.charts import Bar, Chart, Series, bars, columns, lines
from engine.domain.board import AGES, KINDS, LETTERS, PIVOTS, SORTS, Choice, LiveBoard, MonthCount
from engine.domain.orders import OrderKind
from engine.domain.people import WORKING_ROLES
from engine.tables.excel import MEDIA_TYPE, Cell, Column, workbook
from web.context import actor, engine, now, page_asked, zone
from web.presenters import Text

blueprint = Blueprint("supervisor", __name__)

FIGURES: Mapping[str, tuple[Text, str, str]] = {
    "open": (lazy_gettext("Hồ sơ đang mở"), "neutral", "inbox"),
    "overdue": (lazy_gettext("Quá hạn"), "late", "alert"),
    "second_lateness": (lazy_gettext("Quá hạn lần hai"), "late", "alert"),
    "without_letter": (lazy_gettext("Quá hạn chưa có thư xin lỗi"), "late", "letter"),
    "due_today": (lazy_gettext("Đến hạn hôm nay"), "soon", "clock"),
    "due_soon": (lazy_gettext("Sắp đến hạn"), "soon", "hourglass"),
    "drafts": (lazy_gettext("Thư xin lỗi chờ ký"), "soon", "stamp"),
    "paused": (lazy_gettext("Tạm dừng tính"), "waiting", "pause"),
    "no_date": (lazy_gettext("Chưa có ngày hẹn"), "neutral", "dash"),
    "results": (lazy_gettext("Chờ người dân nhận kết quả"), "good", "check"),
}
PIVOT_NAMES: Mapping[str, tuple[Text, Text]] = {
    "unit": (lazy_gettext("Đơn vị giải quyết"), lazy_gettext("Theo đơn vị")),
    "procedure": (lazy_gettext("Thủ tục"), lazy_gettext("Theo thủ tục")),
    "step": (lazy_gettext("Bước đang mở"), lazy_gettext("Theo bước")),
    "officer": (lazy_gettext("Người giữ"), lazy_gettext("Theo người giữ")),
}
AGE_NAMES: Mapping[str, Text] = {
    "late_20": lazy_gettext("Quá hạn trên 20 ngày"),
    "late_11": lazy_gettext("Quá hạn 11–20 ngày"),
    "late_6": lazy_gettext("Quá hạn 6–10 ngày"),
    "late_1": lazy_gettext("Quá hạn 1–5 ngày"),
    "today": lazy_gettext("Hạn trong hôm nay"),
    "in_1": lazy_gettext("Còn 1–2 ngày"),
    "in_3": lazy_gettext("Còn 3–5 ngày"),
    "in_6": lazy_gettext("Còn 6–10 ngày"),
    "in_11": lazy_gettext("Còn trên 10 ngày"),
}
LETTER_NAMES: Mapping[str, Text] = {
    "none": lazy_gettext("Chưa có thư xin lỗi"),
    "draft": lazy_gettext("Thư đang chờ ký"),
    "issued": lazy_gettext("Đã có thư xin lỗi"),
}
SORT_NAMES: Mapping[str, Text] = {
    "urgency": lazy_gettext("Gấp nhất trước"),
    "received": lazy_gettext("Nhận lâu nhất trước"),
    "unit": lazy_gettext("Theo đơn vị"),
    "procedure": lazy_gettext("Theo thủ tục"),
}
ORDER_NAMES: Mapping[str, Text] = {
    OrderKind.REMIND.value: lazy_gettext("Nhắc người đang giữ việc"),
    OrderKind.REASSIGN.value: lazy_gettext("Giao cho người khác"),
    OrderKind.EXTEND.value: lazy_gettext("Đề nghị gia hạn"),
    OrderKind.ESCALATE.value: lazy_gettext("Báo lãnh đạo đơn vị"),
    OrderKind.NOTE.value: lazy_gettext("Ghi ý kiến vào hồ sơ"),
}
PAGE_SIZE = 50
REFRESH_SECONDS = 30
# A page that nobody touches must not keep a session awake for ever.
MOST_REFRESHES = 60
_ENDS_POLLING = 286  # htmx asks no more after this


@blueprint.get("/oversight")
def board() -> str:
    """Figures, the same broken down, how late and how it went; and which reports are due to be sent."""
    choice, at = _choice(), now()
    found = engine().boards.look(actor(), choice, _by(), at=at)
    return render_template(
        "supervisor/board.html",
        **_figures(found, is_paused="paused" in request.args),
        ages=_ages(engine().boards.ages(actor(), choice, at=at), choice),
        trend=_trend(engine().boards.trend(actor(), choice, at=at)),
        reminders=engine().reporting.reminders(actor(), at=at),
        # whoever has a work list finds them there
        notices=() if actor().has_role(*WORKING_ROLES) else engine().worklist.notices(actor(), at=at),
    )


@blueprint.get("/oversight/live")
def live() -> tuple[str, int]:
    """The figures alone, for a page that keeps itself up to date; it stops after a while."""
    found = engine().boards.look(actor(), _choice(), _by(), at=now())
    is_over = _round() >= MOST_REFRESHES
    page = render_template("supervisor/live.html", **_figures(found, is_paused=is_over, is_over=is_over))
    return page, _ENDS_POLLING if is_over else 200


@blueprint.get("/oversight/board.xlsx")
def board_table() -> Response:
    """The break-down as an Excel table."""
    found = engine().boards.look(actor(), _choice(), _by(), at=now())
    name, title = PIVOT_NAMES[found.by]
    heads = [Column(str(name), 48), Column(_("Chi tiết"), 30), *(Column(str(FIGURES[kind][0]), 14) for kind in KINDS)]
    rows: list[list[Cell]] = [[row.label, row.detail, *(row.counts[kind] for kind in KINDS)] for row in found.rows]
    said = _("Số liệu lúc %(at)s", at=f"{found.as_of.astimezone(zone()):%H:%M:%S %d/%m/%Y}")
    return excel(workbook(f"{_('Giám sát')}: {title}", heads, rows, notes=(said,)), "bang-giam-sat")


@blueprint.get("/oversight/queue/<kind>")
def queue(kind: str) -> str:
    """The dossiers behind one figure, narrowed as the address says, to be chosen and acted on."""
    if kind not in FIGURES:
        abort(404)
    choice, at = _choice(kind), now()
    found, total = engine().boards.page(actor(), choice, page_asked(), PAGE_SIZE, at=at)
    return render_template(
        "supervisor/queue.html",
        address=address,
        lines=found,
        total=total,
        choice=choice,
        page=page_asked(),
        page_size=PAGE_SIZE,
        as_of=at,
        filters=engine().boards.filters(actor(), choice, at=at),
        names={"figures": FIGURES, "ages": AGE_NAMES, "letters": LETTER_NAMES, "sorts": SORT_NAMES},
        orders=ORDER_NAMES,
        sorts=SORTS,
        letters=LETTERS,
    )


@blueprint.post("/oversight/export")
def export() -> Response:
    """A list as an Excel file: at once, or in the background where it is long."""
    choice = Choice.read(request.form)
    made = engine().exports.make(actor(), choice, str(FIGURES[choice.kind][0]), at=now())
    if isinstance(made, int):
        return redirect(url_for("orders.order", number=made), 303)
    return excel(made, "ho-so")


def excel(content: bytes, name: str) -> Response:
    """An Excel file to be kept."""
    answer = Response(content, mimetype=MEDIA_TYPE)
    at = now().astimezone(zone())
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{at:%Y%m%d-%H%M}.xlsx"'
    return answer


def address(choice: Choice) -> str:
    """Where the list behind a figure is."""
    narrowed: dict[str, Any] = {name: value for name, value in choice.parameters.items() if name != "kind"}
    return url_for("supervisor.queue", kind=choice.kind, **narrowed)


def _choice(kind: str = "open") -> Choice:
    return Choice.read({**request.args.to_dict(), "kind": kind})


def _by() -> str:
    by = request.args.get("by", "")
    return by if by in PIVOTS else PIVOTS[0]


def _round() -> int:
    """How often the page has looked by itself."""
    return request.args.get("round", 0, type=int)


def _figures(found: LiveBoard, *, is_paused: bool, is_over: bool = False) -> dict[str, object]:
    return {
        "board": found,
        "figures": FIGURES,
        "kinds": KINDS,
        "pivots": PIVOT_NAMES,
        "is_paused": is_paused,
        "is_over": is_over,
        "round": _round(),
        "refresh_seconds": REFRESH_SECONDS,
        "address": address,
        "here": {"by": found.by, **found.choice.but(kind="open").parameters},
    }


def _ages(counts: Mapping[str, int], choice: Choice) -> Chart:
    def bar(age: str, *, is_late: bool) -> Bar:
        tone = "late" if is_late else "soon" if age == "today" else "brand"
        href = address(choice.but(age=age)) if counts[age] else ""
        return Bar(str(AGE_NAMES[age]), counts[age], href, tone)

    return bars(
        _("Hồ sơ theo ngày hẹn (ngày làm việc)"),
        [bar(band.id, is_late=band.is_late) for band in AGES],
        heads=(_("Ngày hẹn"), _("Hồ sơ")),
    )


def _trend(found: tuple[MonthCount, ...]) -> tuple[Chart, Chart]:
    months = [each.month for each in found]
    kept = Series(_("Trước và đúng hạn"), "good", tuple(each.kept for each in found))
    late = Series(_("Quá hạn"), "late", tuple(each.late for each in found))
    shares = tuple(None if each.late_share is None else round(each.late_share * 100, 1) for each in found)
    share = Series(_("Tỷ lệ quá hạn (%)"), "late", shares)
    return (
        columns(_("Hồ sơ kết thúc trong 12 tháng"), months, [kept, late], head=_("Tháng")),
        lines(_("Tỷ lệ quá hạn trong 12 tháng (%)"), months, [share], head=_("Tháng")),
    )
