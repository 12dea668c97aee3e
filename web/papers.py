"""Papers of one dossier that are printed or issued on demand: routing slip, receipt on a roll, cover, apology."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError
from engine.services.aftercare import CORRECTION, ERROR, RESULT, RESULTS, RETURNED, Correction
from web.context import actor, engine, now
from web.documents import paper_answer
from web.errors import field_messages, status_of
from web.i18n import said
from web.officer import dossier_page

blueprint = Blueprint("papers", __name__)


@blueprint.get("/work/<code>/routing-slip.pdf")
def routing_slip(code: str) -> Response:
    """Form 06 as the log of the dossier stands."""
    return paper_answer(engine().prints.routing_slip(actor(), code, at=now()))


@blueprint.get("/work/<code>/receipt-80mm.pdf")
def roll_receipt(code: str) -> Response:
    """The receipt for a thermal printer."""
    return paper_answer(engine().prints.roll_receipt(actor(), code))


@blueprint.post("/work/<code>/result-cover")
def cover_result(code: str) -> tuple[str, int] | AnyResponse:
    """Issue the cover of a result."""
    try:
        number = engine().aftercare.cover_result(
            actor(), code, request.form.get(RESULTS, ""), request.form.get(RETURNED, ""), at=now()
        )
    except MotCuaError as error:
        return _refused(code, error)
    flash(_("Đã lập phiếu trả kết quả số %(number)s; phiếu nằm trong mục Văn bản.", number=number))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/<code>/error-apology")
def apologise_for_error(code: str) -> tuple[str, int] | AnyResponse:
    """Write down that a result was corrected, and apologise."""
    words = Correction(*(request.form.get(name, "") for name in (ERROR, CORRECTION, RESULT)))
    try:
        number = engine().aftercare.apologise_for_error(actor(), code, words, at=now())
    except MotCuaError as error:
        return _refused(code, error)
    flash(_("Đã ban hành thư xin lỗi số %(number)s.", number=number))
    return redirect(url_for("officer.dossier", code=code), 303)


def _refused(code: str, error: MotCuaError) -> tuple[str, int]:
    """The page as it is now, with the refusal on top and what was typed still in it."""
    view = engine().dossiers.view(actor(), code, at=now())
    page = dossier_page(view, typed=request.form, faults=field_messages(error), problem=said(error))
    return page, status_of(error)
