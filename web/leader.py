"""The signing table: what waits for a decision, most urgent first, one summary at a time, or several on one page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError, NotFound
from engine.domain.sign_in import ConfirmNeeded
from engine.domain.views import DossierView, EventView
from engine.services.signing_table import MOST_TOGETHER
from web import reauth
from web.context import actor, engine, now
from web.errors import field_messages, status_of
from web.forms import ANSWER, read_answers
from web.i18n import said
from web.officer import UNDO

blueprint = Blueprint("leader", __name__)

_STEP_DONE = "step_completed"


@blueprint.get("/approve")
def queue() -> str:
    """The queue with the first dossier open beside it."""
    waiting = engine().signing_table.waiting(actor(), at=now())
    if not waiting.items:
        return render_template("leader/empty.html", letters=_letters())
    return _table(waiting.items[0].dossier.code)


@blueprint.get("/approve/<code>")
def dossier(code: str) -> str:
    """The queue with this dossier open beside it."""
    return _table(code)


@blueprint.post("/approve/<code>/decide")
def decide(code: str) -> str | tuple[str, int] | AnyResponse:
    """Sign or give back, and go on to the next."""
    form = request.form
    try:
        if not engine().office.returns.is_return(read_answers(form)):
            reauth.require()
        finished = engine().processing.complete(
            actor(),
            code,
            form.get("task", 0, type=int),
            form.get("version", 0, type=int),
            read_answers(form),
            remark=form.get("remark", ""),
            at=now(),
        )
    except ConfirmNeeded:
        raise
    except MotCuaError as error:
        return _table(code, typed=form, error=error), status_of(error)
    if finished.undo_until is not None:
        session[UNDO] = [code, finished.undo_until.timestamp()]
    steps = ", ".join(finished.next_steps)
    told = _("Hồ sơ %(code)s đã chuyển: %(steps)s.", code=code, steps=steps)
    flash(told if steps else _("Hồ sơ %(code)s đã kết thúc.", code=code))
    return redirect(_next(form.get("following", "")), 303)


@blueprint.post("/approve/preview")
def preview() -> str | AnyResponse:
    """The summaries of the dossiers that were chosen, to be read and confirmed once."""
    codes = list(dict.fromkeys(request.form.getlist("code")))[:MOST_TOGETHER]
    views = [view for view in (_find(code) for code in codes) if view is not None]
    if not views:
        flash(_("Chưa chọn hồ sơ nào. Đánh dấu hồ sơ trong danh sách rồi bấm Xem trước."), "problem")
        return redirect(url_for("leader.queue"), 303)
    return render_template("leader/preview.html", summaries=[_summary(view) for view in views], most=MOST_TOGETHER)


@blueprint.post("/approve/together")
def sign_together() -> str:
    """Sign what was confirmed, each by itself; what was refused stays, and says why."""
    reauth.require()
    chosen = [_read_choice(text) for text in request.form.getlist("signed")]
    results = engine().signing_table.sign_many(actor(), [each for each in chosen if each is not None], at=now())
    return render_template("leader/signed.html", results=results)


def _table(code: str, *, typed: Mapping[str, str] | None = None, error: MotCuaError | None = None) -> str:
    waiting = engine().signing_table.waiting(actor(), at=now())
    view = engine().dossiers.view(actor(), code, at=now())
    codes = [item.dossier.code for item in waiting.items]
    place = codes.index(view.line.code) if view.line.code in codes else -1
    faults = field_messages(error) if error else {}
    named = {f"{ANSWER}{name}" if name in _asked(view) else name: message for name, message in faults.items()}
    return render_template(
        "leader/approve.html",
        **_summary(view),
        waiting=waiting,
        letters_waiting=_letters(),
        following=codes[place + 1] if 0 <= place < len(codes) - 1 else "",
        before=codes[place - 1] if place > 0 else "",
        typed=typed or {},
        faults=faults,
        faults_named=named,
        problem=said(error) if error and not faults else "",
        most=MOST_TOGETHER,
    )


def _summary(view: DossierView) -> dict[str, object]:
    """A file on one page: what is proposed and by whom, by what law, which papers, how the clock stands."""
    step = next((step for step in view.steps if step.may_act and step.role == "leader"), None)
    proposal = [event for event in view.events if event.kind == _STEP_DONE]
    return {
        "dossier": view,
        "line": view.line,
        "step": step,
        "decision": engine().signing_table.decision(step) if step else None,
        "grounds": engine().signing_table.grounds(view),
        "proposal": proposal[-1] if proposal else None,
        "opinions": _remarks(view.events),
    }


def _remarks(events: tuple[EventView, ...]) -> tuple[EventView, ...]:
    return tuple(event for event in reversed(events) if event.remark)[:3]


def _asked(view: DossierView) -> set[str]:
    return {field.id for step in view.steps for field in step.fields}


def _find(code: str) -> DossierView | None:
    try:
        return engine().dossiers.view(actor(), code, at=now())
    except NotFound:
        return None


def _letters() -> int:
    return len(engine().letter_table.table(actor(), at=now()))


def _read_choice(text: str) -> tuple[str, int, int] | None:
    code, _bar, rest = text.partition("|")
    task, _bar, version = rest.partition("|")
    return (code, int(task), int(version)) if task.isdecimal() and version.isdecimal() else None


def _next(code: str) -> str:
    waiting = {item.dossier.code for item in engine().signing_table.waiting(actor(), at=now()).items}
    return url_for("leader.dossier", code=code) if code in waiting else url_for("leader.queue")
