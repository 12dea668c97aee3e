"""Units that are merged or split: say which, look, carry out in the background, see every dossier, take back."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.reorganisation import BadReorganisation, Look, Plan, Take
from web import reauth
from web.context import actor, engine, now
from web.errors import status_of

blueprint = Blueprint("reorganisation", __name__)
STATE_NAMES = {
    "running": lazy_gettext("Đang thực hiện"),
    "done": lazy_gettext("Đã xong"),
    "reverting": lazy_gettext("Đang hoàn tác"),
    "reverted": lazy_gettext("Đã hoàn tác"),
}
RESULT_NAMES = {
    "can": lazy_gettext("Sẽ chuyển"),
    "moved": lazy_gettext("Đã chuyển"),
    "failed": lazy_gettext("Hỏng, làm lại được"),
    "cannot": lazy_gettext("Không hoàn tác được"),
    "reverted": lazy_gettext("Đã trở về"),
}
_FIELDS = ("document", "on", "units_text", "numbering_text")
Answer = str | tuple[str, int] | Response


@blueprint.get("/admin/reorganisation")
def table() -> str:
    """Every order, and a form for one."""
    return _table()


@blueprint.post("/admin/reorganisation")
def look() -> Answer:
    """What an order would do, or (when it was looked at) order it."""
    is_order = "carry_out" in request.form
    if is_order:
        reauth.require()
    try:
        plan = _plan()
        if is_order:
            number = engine().reorganisation.order(actor(), plan, at=now())
            return redirect(url_for("reorganisation.one", number=number), 303)
        return _table(found=engine().reorganisation.look(actor(), plan))
    except (BadInput, NotFound, NotAllowedNow) as error:
        return _table(error.message), status_of(error)


@blueprint.get("/admin/reorganisation/<int:number>")
def one(number: int) -> str:
    """One order: how far it is, what became of each dossier."""
    order = engine().reorganisation.see(actor(), number)
    return render_template("audit/reorganised.html", order=order, lines=order.lines, message="", **_words())


@blueprint.post("/admin/reorganisation/<int:number>/resume")
def resume(number: int) -> Answer:
    """Try what failed again."""
    engine().reorganisation.resume(actor(), number)
    return redirect(url_for("reorganisation.one", number=number), 303)


@blueprint.post("/admin/reorganisation/<int:number>/revert")
def revert(number: int) -> Answer:
    """Take an order back, or say of each dossier why not."""
    reauth.require()
    try:
        lines = engine().reorganisation.revert(actor(), number, at=now())
    except NotAllowedNow as error:
        flash(error.message, "problem")
        return redirect(url_for("reorganisation.one", number=number), 303)
    if not lines:
        flash(_("Đang hoàn tác đợt sắp xếp; tải lại trang này để xem tiến độ."))
        return redirect(url_for("reorganisation.one", number=number), 303)
    order = engine().reorganisation.see(actor(), number)
    message = _("Không hoàn tác, vì các hồ sơ sau không trở về được.")
    return render_template("audit/reorganised.html", order=order, lines=lines, message=message, **_words()), 409


def _table(message: str = "", found: Look | None = None) -> str:
    return render_template(
        "audit/reorganisation.html",
        orders=engine().reorganisation.orders(actor()),
        units=[unit for unit in engine().office.units if unit.is_active],
        typed={name: request.form.get(name, "") for name in _FIELDS},
        found=found,
        message=message,
        **_words(),
    )


def _words() -> dict[str, object]:
    return {"states": STATE_NAMES, "results": RESULT_NAMES}


def _plan() -> Plan:
    form = request.form
    try:
        on = date.fromisoformat(form.get("on", ""))
    except ValueError:
        raise BadReorganisation(detail=_("Hãy chọn ngày có hiệu lực")) from None
    takes = tuple(_take(line) for line in form.get("units_text", "").splitlines() if line.strip())
    numbering = dict(_pair(line) for line in form.get("numbering_text", "").splitlines() if line.strip())
    return Plan(form.get("document", "").strip()[:500], on, takes, numbering)


def _take(line: str) -> Take:
    """``HB-MC > TN-MC``, or with a part only: ``HB-MC > TN-MC: procedures 1.012783, people lan``."""
    sides, _colon, rest = line.partition(":")
    ends, _arrow, successor = (each.strip() for each in sides.partition(">"))
    if not ends or not successor:
        raise BadReorganisation(detail=_("Dòng “%(line)s” cần dạng MÃ CŨ > MÃ MỚI", line=line.strip()[:80]))
    named: dict[str, list[str]] = {"procedures": [], "people": []}
    current = ""
    for word in rest.replace(",", " ").split():
        if word in named:
            current = word
        elif current:
            named[current].append(word)
    if rest.strip() and not any(named.values()):
        raise BadReorganisation(
            detail=_("Dòng “%(line)s”: sau dấu hai chấm ghi procedures … hoặc people …", line=line[:80])
        )
    return Take(ends, successor, tuple(named["procedures"]), tuple(named["people"]))


def _pair(line: str) -> tuple[str, str]:
    form, _arrow, code = (each.strip() for each in line.partition(">"))
    if not form or not code:
        raise BadReorganisation(detail=_("Dòng “%(line)s” cần dạng MẪU > MÃ ĐƠN VỊ CŨ", line=line.strip()[:80]))
    return form, code
