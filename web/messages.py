"""Messages on their way: what waits, what is stuck, what has to be posted, handed over or told by telephone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError
from web.auth import safe_path
from web.context import actor, engine, now, page_asked
from web.documents import letter_answer
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("messages", __name__)

VIEWS = {
    "stuck": lazy_gettext("Cần xử lý"),
    "late": lazy_gettext("Chờ quá lâu"),
    "machine": lazy_gettext("Chờ máy gửi"),
    "call": lazy_gettext("Cần gọi điện"),
    "hand_over": lazy_gettext("Giao trực tiếp"),
    "post": lazy_gettext("Bưu chính"),
    "sent": lazy_gettext("Đã gửi"),
}
PAGE_SIZE = 50


@blueprint.get("/messages")
def table() -> str:
    """One list of messages, the number of each list beside its name."""
    return _table(request.args.get("view", ""))


def _table(view: str, problem: str = "", refused_id: int = 0) -> str:
    view = view if view in VIEWS else "stuck"
    page = page_asked()
    found = engine().messages.page(actor(), view, page, PAGE_SIZE, at=now())
    batches = engine().post.batches(actor(), at=now()) if view == "post" else ()
    return render_template(
        "messages/table.html",
        found=found,
        view=view,
        views=VIEWS,
        batches=batches,
        problem=problem,
        refused_id=refused_id,
        typed=request.form,
    )


@blueprint.post("/messages/<int:message_id>/<act>")
def handle(message_id: int, act: str) -> str | tuple[str, int] | AnyResponse:
    """Send again, stop, choose another channel, or note what was done by hand."""
    form, at, who = request.form, now(), actor()
    reason = form.get("reason", "")
    messages = engine().messages
    acts = {
        "retry": lambda: messages.retry(who, message_id, reason, at=at),
        "cancel": lambda: messages.cancel(who, message_id, reason, at=at),
        "other": lambda: messages.use_other(who, message_id, form.get("channel", ""), reason, at=at),
        "called": lambda: messages.called(who, message_id, reason, reached=True, at=at),
        "not-reached": lambda: messages.called(who, message_id, reason, reached=False, at=at),
        "handed-over": lambda: messages.handed_over(who, message_id, form.get("receiver", ""), reason, at=at),
        "arrived": lambda: messages.arrived(who, message_id, form.get("receiver", ""), at=at),
        "returned": lambda: messages.returned(who, message_id, reason, at=at),
    }
    if act not in acts:
        return _not_found()
    return _done(acts[act], _("Đã ghi nhận."), message_id)


def _not_found() -> tuple[str, int]:
    return _table(request.form.get("view", ""), _("Không có việc này.")), 404


def _done(act: Callable[[], object], told: str, message_id: int = 0) -> str | tuple[str, int] | AnyResponse:
    """Do it and go back to the list; what was refused is told there, with what was typed."""
    view = request.form.get("view", "")
    try:
        act()
    except MotCuaError as error:
        if status_of(error) in {403, 404}:
            raise
        return _table(view, said(error), message_id), status_of(error)
    flash(told)
    return redirect(safe_path(request.form.get("next", "")) or url_for("messages.table", view=view), 303)


@blueprint.post("/messages/scan")
def scan() -> str | tuple[str, int]:
    """Find the letter whose bar code was scanned off an envelope or a list."""
    line = engine().post.scanned(actor(), request.form.get("digits", ""), at=now())
    return render_template("messages/one.html", line=line, typed=request.form)


@blueprint.post("/messages/batches")
def make_batch() -> str | tuple[str, int] | AnyResponse:
    """Put what waits for the post into a bag."""
    try:
        batch_id = engine().post.make_batch(actor(), at=now())
    except MotCuaError as error:
        return _table("post", said(error)), status_of(error)
    return redirect(url_for("messages.batch", batch_id=batch_id), 303)


@blueprint.get("/messages/batches/<int:batch_id>")
def batch(batch_id: int) -> str:
    """A bag and its letters; the numbers of the post office are typed here."""
    return render_template("messages/batch.html", found=engine().post.batch(actor(), batch_id, at=now()), problem="")


@blueprint.get("/messages/batches/<int:batch_id>.pdf")
def batch_pdf(batch_id: int) -> Response:
    """The list that goes with a bag, on paper."""
    return letter_answer(engine().post.as_pdf(actor(), batch_id, at=now()))


@blueprint.get("/messages/batches/<int:batch_id>.csv")
def batch_csv(batch_id: int) -> Response:
    """The list of a bag as a table."""
    filename, text = engine().post.as_csv(actor(), batch_id, at=now())
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


@blueprint.post("/messages/batches/<int:batch_id>/posted")
def posted(batch_id: int) -> str | tuple[str, int] | AnyResponse:
    """The post office took the bag."""
    typed = (
        (name.removeprefix("number-"), value) for name, value in request.form.items() if name.startswith("number-")
    )
    numbers = {int(name): value for name, value in typed if name.isdecimal()}
    try:
        count = engine().post.posted(actor(), batch_id, numbers, at=now())
    except MotCuaError as error:
        if status_of(error) in {403, 404}:
            raise
        found = engine().post.batch(actor(), batch_id, at=now())
        return render_template("messages/batch.html", found=found, problem=said(error)), status_of(error)
    flash(_("Đã ghi %(count)s thư giao bưu điện.", count=count))
    return redirect(url_for("messages.batch", batch_id=batch_id), 303)


@blueprint.get("/admin/messages")
def trials() -> str:
    """The drawer for trials: what would have been sent."""
    page = page_asked()
    lines, total = engine().messages.trials(actor(), page, PAGE_SIZE, at=now())
    is_trial = engine().settings.channels.mode == "trial"
    return render_template(
        "messages/trials.html", lines=lines, total=total, page=page, page_size=PAGE_SIZE, is_trial=is_trial
    )
