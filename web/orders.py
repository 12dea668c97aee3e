"""Orders over many dossiers: choose, say what and why, watch, see what became of each, take back."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from engine.domain.board import Choice
from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.orders import Details, LineState, OrderKind, OrderRefused, OrderView
from engine.tables.excel import Column, workbook
from web.board import FIGURES, ORDER_NAMES, address, excel
from web.context import actor, engine, now, page_asked, zone
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("orders", __name__)

LINE_LOOKS = {
    LineState.READY: (lazy_gettext("Chờ làm"), "waiting", "hourglass"),
    LineState.CANNOT: (lazy_gettext("Không làm được"), "late", "cross"),
    LineState.DONE: (lazy_gettext("Đã làm"), "good", "check"),
    LineState.FAILED: (lazy_gettext("Hỏng, làm lại được"), "late", "alert"),
}
STATE_NAMES = {
    "draft": lazy_gettext("Chưa thực hiện"),
    "confirmed": lazy_gettext("Chờ thực hiện"),
    "running": lazy_gettext("Đang thực hiện"),
    "finished": lazy_gettext("Đã xong"),
}
KIND_NAMES = {**ORDER_NAMES, OrderKind.EXPORT.value: lazy_gettext("Lập tệp Excel")}
_ENDS_POLLING = 286
Answer = str | tuple[str, int] | Response


@blueprint.get("/oversight/orders")
def orders() -> str:
    """The latest orders."""
    return render_template("supervisor/orders.html", orders=engine().orders.latest(actor()), **_words())


@blueprint.post("/oversight/orders/new")
def new() -> Answer:
    """What is to be done to the chosen dossiers; nothing is written yet."""
    return _new_page()


@blueprint.post("/oversight/orders")
def draft() -> Answer:
    """Draft the order and show what it would do."""
    try:
        number = engine().orders.draft(actor(), _kind(), Choice.read(request.form), _details(), _codes(), at=now())
    except (BadInput, NotAllowedNow) as error:
        return _new_page(said(error))
    return redirect(url_for("orders.order", number=number), 303)


@blueprint.get("/oversight/orders/<int:number>")
def order(number: int) -> str:
    """One order: what it will do, how far it is, what became of each dossier."""
    return _page(engine().orders.look(actor(), number, page_asked()))


@blueprint.get("/oversight/orders/<int:number>/progress")
def progress(number: int) -> Response:
    """How far an order is, for a page that keeps itself up to date; at the end the page loads its results."""
    found = engine().orders.look(actor(), number)
    page = render_template("supervisor/order_progress.html", order=found, **_words())
    answer = Response(page, status=200 if found.is_going_on else _ENDS_POLLING)
    if not found.is_going_on:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/oversight/orders/<int:number>/confirm")
def confirm(number: int) -> Answer:
    """Give the reason and let the order be carried out."""
    try:
        engine().orders.confirm(actor(), number, request.form.get("reason", ""), at=now())
    except (BadInput, NotAllowedNow) as error:
        return _page(engine().orders.look(actor(), number), said(error)), status_of(error)
    return redirect(url_for("orders.order", number=number), 303)


@blueprint.post("/oversight/orders/<int:number>/retry")
def retry(number: int) -> Answer:
    """Try failed lines again."""
    count = engine().orders.retry(actor(), number)
    flash(ngettext("Làm lại %(num)s hồ sơ.", "Làm lại %(num)s hồ sơ.", count))
    return redirect(url_for("orders.order", number=number), 303)


@blueprint.post("/oversight/orders/<int:number>/revert")
def revert(number: int) -> Answer:
    """Take back what the order did."""
    try:
        back = engine().orders.revert(actor(), number, request.form.get("reason", ""), at=now())
    except (BadInput, NotAllowedNow) as error:
        return _page(engine().orders.look(actor(), number), said(error)), status_of(error)
    return redirect(url_for("orders.order", number=back), 303)


@blueprint.get("/oversight/orders/<int:number>.xlsx")
def table(number: int) -> Response:
    """What became of each dossier; of an export, the file that it made."""
    found = engine().orders.look(actor(), number)
    if found.kind is OrderKind.EXPORT:
        return excel(engine().exports.file(actor(), number)[1], "ho-so")
    heads = [Column(_("Mã hồ sơ"), 26), Column(_("Thủ tục"), 48), Column(_("Đơn vị giải quyết"), 32)]
    heads += [Column(_("Kết quả"), 18), Column(_("Chi tiết"), 60), Column(_("Lúc"), 18)]
    rows = (
        (line.code, line.procedure_name, line.unit_name, str(LINE_LOOKS[line.state][0]), line.words, line.at)
        for line in engine().orders.every_line(actor(), number)
    )
    title = f"{_('Lệnh số')} {number}: {KIND_NAMES[found.kind.value]}"
    notes = (f"{_('Lý do')}: {found.reason}", f"{_('Người lập')}: {found.made_by_name}")
    return excel(workbook(title, heads, rows, notes=notes, zone=zone()), f"lenh-{number}")


def _new_page(problem: str = "") -> str | tuple[str, int]:
    choice, codes = Choice.read(request.form), _codes()
    how_many = len(codes) if codes else engine().boards.total(actor(), choice, at=now())
    if not codes and "all" not in request.form:
        problem = problem or _("Hãy chọn ít nhất một hồ sơ, hoặc chọn tất cả hồ sơ khớp bộ lọc.")
    page = render_template(
        "supervisor/order_new.html",
        kind=_kind().value,
        choice=choice,
        codes=codes,
        how_many=how_many if codes or "all" in request.form else 0,
        officers=engine().orders.officers(actor()) if _kind() is OrderKind.REASSIGN else (),
        typed=request.form,
        problem=problem,
        **_words(),
    )
    return (page, 422) if problem else page


def _page(found: OrderView, problem: str = "") -> str:
    mine = found.made_by == actor().username
    return render_template("supervisor/order.html", order=found, is_mine=mine, problem=problem, **_words())


def _words() -> dict[str, object]:
    return {"kinds": KIND_NAMES, "states": STATE_NAMES, "looks": LINE_LOOKS, "figures": FIGURES, "address": address}


def _codes() -> list[str]:
    """The chosen dossiers; none where all that fit are meant."""
    return [] if "all" in request.form else request.form.getlist("codes")


def _kind() -> OrderKind:
    word = request.form.get("order", "")
    return OrderKind(word) if word in ORDER_NAMES else OrderKind.REMIND


def _details() -> Details:
    if not _codes() and "all" not in request.form:
        raise OrderRefused(detail=_("Hãy chọn ít nhất một hồ sơ"))
    typed, person = request.form, request.form.get("person", "")
    if _kind() is OrderKind.REASSIGN and not person:
        raise OrderRefused(detail=_("Hãy chọn người được giao, hoặc chọn trả về việc chung"))
    try:
        on = date.fromisoformat(typed["new_due_on"]) if typed.get("new_due_on") else None
    except ValueError:
        raise OrderRefused(detail=_("Ngày hẹn mới chưa đúng")) from None
    return Details(
        person_id=_person(person),
        step_id=typed.get("step", "") if typed.get("step") != "-" else "",
        note=typed.get("note", ""),
        new_due_on=on,
    )


def _person(typed: str) -> int | None:
    """The number of an account; None for the unit."""
    return (int(typed) or None) if typed.isdecimal() and len(typed) < 10 else None  # noqa: PLR2004 - ten digits are none
