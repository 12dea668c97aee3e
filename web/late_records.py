"""Late records: saying in the form of a step that it was done before, and the supervisor's table that decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.late_records import DONE_AT, EVIDENCE, LATE_REASON, NOTE, DoneEarlier, LateState
from web.context import actor, engine, now, page_asked
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("late_records", __name__)

# The field that names the evidence in the form of a step; the supervisor's form calls it EVIDENCE.
LATE_EVIDENCE = "late_evidence"


def said_earlier(form: Mapping[str, str], zone: ZoneInfo) -> DoneEarlier | None:
    """What the form of a step says of having been done before; None where nothing is said. Raises `FormRefused`."""
    typed = {name: form.get(name, "").strip() for name in (DONE_AT, LATE_REASON, LATE_EVIDENCE)}
    if not any(typed.values()):
        return None
    try:
        done_at = datetime.fromisoformat(typed[DONE_AT])
    except ValueError:
        raise FormRefused({DONE_AT: _("Hãy ghi đủ ngày, giờ đã làm xong.")}) from None
    if done_at.tzinfo is None:
        done_at = done_at.replace(tzinfo=zone)
    return DoneEarlier(done_at, typed[LATE_REASON], typed[LATE_EVIDENCE])


@blueprint.get("/oversight/late-records")
def table() -> str:
    """What waits for the supervisor's word, oldest first, or what was decided, newest first."""
    return _page(pending=request.args.get("view", "") != "decided")


@blueprint.post("/oversight/late-records/<int:record_id>/<word>")
def decide(record_id: int, word: str) -> str | tuple[str, int] | AnyResponse:
    """Approve with evidence, or refuse with a reason."""
    state = LateState.APPROVED if word == "approve" else LateState.REFUSED
    try:
        code = engine().late_records.decide(
            actor(),
            record_id,
            state,
            at=now(),
            evidence=request.form.get(EVIDENCE, ""),
            note=request.form.get(NOTE, ""),
        )
    except (BadInput, NotAllowedNow) as error:
        return _page(pending=True, record_id=record_id, error=error), status_of(error)
    is_approved = state is LateState.APPROVED
    flash(_("Đã duyệt ghi nhận muộn của hồ sơ %(code)s.", code=code) if is_approved else _("Đã ghi: không duyệt."))
    return redirect(url_for("late_records.table"), 303)


def _page(*, pending: bool, record_id: int = 0, error: BadInput | NotAllowedNow | None = None) -> str:
    page = page_asked()
    lines, total = engine().late_records.page(actor(), pending=pending, page=page)
    faults = field_messages(error) if error else {}
    return render_template(
        "supervisor/late_records.html",
        lines=lines,
        total=total,
        pending=pending,
        page=page,
        refused_id=record_id,
        typed=request.form,
        faults=faults,
        problem=said(error) if error else "",
    )
