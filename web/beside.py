"""What people do beside a dossier: notes in their unit, opinions, links, reminders, seeing who else is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from engine.domain.errors import MotCuaError
from web.attachments import too_large
from web.context import actor, engine, now
from web.officer import refused

blueprint = Blueprint("beside", __name__)
blueprint.register_error_handler(RequestEntityTooLarge, too_large)

Answer = Response | tuple[str, int]


def _done(code: str, act: Callable[[], object], told: str, place: str) -> Answer:
    """Do it and lead back to its place on the page; what was refused is told there, with all that was typed."""
    try:
        act()
    except MotCuaError as error:
        return refused(code, error)
    flash(told)
    return redirect(url_for("officer.dossier", code=code) + f"#{place}", 303)


@blueprint.post("/work/<code>/notes")
def note(code: str) -> Answer:
    """Leave a note."""
    unit_id, text = request.form.get("note_unit", type=int), request.form.get("note", "")
    return _done(
        code,
        lambda: engine().beside.note(actor(), code, text, at=now(), unit_id=unit_id),
        _("Đã lưu ghi chú."),
        "notes",
    )


@blueprint.post("/work/<code>/notes/<int:note_id>")
def edit_note(code: str, note_id: int) -> Answer:
    """Mend a note."""
    text = request.form.get("note_edit", "")
    return _done(
        code, lambda: engine().beside.edit_note(actor(), code, note_id, text, at=now()), _("Đã sửa ghi chú."), "notes"
    )


@blueprint.post("/work/<code>/notes/<int:note_id>/remove")
def remove_note(code: str, note_id: int) -> Answer:
    """Take the words of a note away."""
    return _done(
        code, lambda: engine().beside.remove_note(actor(), code, note_id, at=now()), _("Đã gỡ ghi chú."), "notes"
    )


@blueprint.post("/work/<code>/links")
def link(code: str) -> Answer:
    """Link another dossier."""
    other, reason = request.form.get("other", ""), request.form.get("link_reason", "")
    return _done(
        code,
        lambda: engine().beside.link(actor(), code, other, reason, at=now()),
        _("Đã gắn hồ sơ liên quan."),
        "related",
    )


@blueprint.post("/work/<code>/links/<int:link_id>/remove")
def unlink(code: str, link_id: int) -> Answer:
    """Take a link away."""
    return _done(
        code, lambda: engine().beside.unlink(actor(), code, link_id, at=now()), _("Đã gỡ liên kết."), "related"
    )


@blueprint.post("/work/<code>/follow-up")
def follow_up(code: str) -> Answer:
    """Be reminded on a day, or no more."""
    written, words = request.form.get("follow_up_on", "").strip(), request.form.get("follow_up_words", "")
    told = _("Sẽ nhắc bạn trong Danh sách việc.") if written else _("Đã bỏ lời nhắc.")
    return _done(
        code, lambda: engine().beside.follow_up(actor(), code, _day(written), words, at=now()), told, "follow-up"
    )


@blueprint.post("/work/<code>/here")
def here(code: str) -> str:
    """Say that one has the page open; answers who else has."""
    return render_template("officer/watchers.html", watchers=engine().beside.here(actor(), code, at=now()))


@blueprint.post("/work/<code>/opinions")
def ask(code: str) -> Answer:
    """Ask another unit."""
    form = request.form
    unit, question, days = form.get("opinion_unit", ""), form.get("question", ""), form.get("opinion_days", type=int)
    return _done(
        code,
        lambda: engine().opinions.ask(actor(), code, unit, question, days, at=now()),
        _("Đã gửi câu hỏi. Thời hạn của hồ sơ vẫn tính."),
        "opinions",
    )


@blueprint.post("/work/<code>/opinions/<int:opinion_id>/answer")
def answer(code: str, opinion_id: int) -> Answer:
    """Answer for one's unit."""
    verdict, text = request.form.get("verdict", ""), request.form.get("opinion_answer", "")
    files = [(file.filename, file.stream) for file in request.files.getlist("opinion_files") if file.filename]
    return _done(
        code,
        lambda: engine().opinions.answer(actor(), code, opinion_id, verdict, text, files, at=now()),
        _("Đã trả lời ý kiến."),
        "opinions",
    )


@blueprint.post("/work/<code>/opinions/<int:opinion_id>/chase")
def chase(code: str, opinion_id: int) -> Answer:
    """Remind the unit that was asked."""
    return _done(
        code, lambda: engine().opinions.chase(actor(), code, opinion_id, at=now()), _("Đã nhắc đơn vị."), "opinions"
    )


@blueprint.post("/work/<code>/opinions/<int:opinion_id>/cancel")
def cancel(code: str, opinion_id: int) -> Answer:
    """Ask no more."""
    reason = request.form.get("cancel_reason", "")
    return _done(
        code,
        lambda: engine().opinions.cancel(actor(), code, opinion_id, reason, at=now()),
        _("Đã thôi hỏi ý kiến."),
        "opinions",
    )


@blueprint.get("/work/opinions")
def opinions() -> str:
    """What one's units are asked, and what they have asked."""
    asked, asking = engine().opinions.waiting(actor(), at=now())
    return render_template("officer/opinions.html", asked=asked, asking=asking)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return date.min  # refused by the engine as a day that is over
