"""Work on dossiers: the page of one dossier with its one next act. The lists are in `web.worklist`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.beside import Verdict
from engine.domain.errors import Conflict, MotCuaError, NotAllowedNow, Refused
from engine.domain.people import WORKING_ROLES
from engine.domain.views import DossierView, EventView, StepView
from web import reauth
from web.apologies import words_of
from web.auth import safe_path
from web.context import actor, engine, now, zone
from web.diagram import drawn_steps
from web.documents import letter_answer
from web.errors import field_messages, status_of
from web.forms import ANSWER, read_answers
from web.i18n import said
from web.late_records import said_earlier
from web.work_list_place import after_step

blueprint = Blueprint("officer", __name__)

# In the session: the dossier whose last step the person may take back, and until when.
UNDO = "undo"
VERDICTS = {
    Verdict.AGREE.value: lazy_gettext("Thống nhất"),
    Verdict.CONDITION.value: lazy_gettext("Thống nhất, có điều kiện"),
    Verdict.DISAGREE.value: lazy_gettext("Không thống nhất"),
    Verdict.NOTED.value: lazy_gettext("Chỉ cung cấp thông tin"),
}


@blueprint.get("/work/<code>")
def dossier(code: str) -> str:
    """The page of one dossier."""
    return dossier_page(engine().dossiers.view(actor(), code, at=now()))


@blueprint.get("/work/<code>/diagram.bpmn")
def diagram(code: str) -> Response:
    """The drawing of the process, for the viewer in the browser."""
    view = engine().dossiers.view(actor(), code, at=now())
    return Response(engine().catalogue.diagram(view.definition_ref), mimetype="application/xml")


@blueprint.get("/letters/<int:letter_id>.pdf")
def letter(letter_id: int) -> Response:
    """A letter of a dossier that the person may read."""
    return letter_answer(engine().correspondence.pdf(actor(), letter_id))


@blueprint.post("/work/<code>/tasks/<int:task_id>/claim")
def claim(code: str, task_id: int) -> AnyResponse:
    """Take a step on oneself."""
    with _told():
        engine().processing.claim(actor(), code, task_id, at=now())
    return redirect(_back(url_for("officer.dossier", code=code)), 303)


@blueprint.post("/work/<code>/tasks/<int:task_id>/release")
def release(code: str, task_id: int) -> AnyResponse:
    """Give a step back to the unit."""
    with _told():
        engine().processing.release(actor(), code, task_id, at=now())
    return redirect(_back(url_for("officer.dossier", code=code)), 303)


@blueprint.post("/work/<code>/tasks/<int:task_id>/complete")
def complete(code: str, task_id: int) -> str | tuple[str, int] | AnyResponse:
    """Finish a step with the answers of its form."""
    version, remark = request.form.get("version", type=int), request.form.get("remark", "")
    if engine().signing_table.is_signature(actor(), code, task_id):
        reauth.require()
    try:
        finished = engine().processing.complete(
            actor(),
            code,
            task_id,
            version or 0,
            read_answers(request.form),
            remark=remark,
            at=now(),
            earlier=said_earlier(request.form, zone()),
        )
    except MotCuaError as error:
        return refused(code, error)
    flash(_("Đã xong bước. Hồ sơ kết thúc.") if finished.is_finished else _next_words(finished.next_steps))
    if finished.undo_until is not None:
        session[UNDO] = [code, finished.undo_until.timestamp()]
    return redirect(safe_path(request.form.get("next", "")) or after_step(task_id), 303)


@blueprint.post("/work/<code>/undo")
def undo(code: str) -> AnyResponse:
    """Take back the step that the person has just completed."""
    session.pop(UNDO, None)
    with _told():
        step = engine().processing.undo(actor(), code, at=now())
        flash(_("Đã hoàn tác. Bước “%(step)s” mở lại như trước.", step=step))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/<code>/withdraw")
def withdraw(code: str) -> str | tuple[str, int] | AnyResponse:
    """The applicant takes the dossier back: form 05."""
    reason = request.form.get("reason", "").strip()
    try:
        engine().delivery.withdraw(actor(), code, request.form.get("version", 0, type=int), reason, at=now())
    except MotCuaError as error:
        return refused(code, error)
    flash(_("Đã ghi nhận yêu cầu rút hồ sơ. Thông báo dừng giải quyết (Mẫu 05) nằm trong mục Văn bản."))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/<code>/extension")
def ask_extension(code: str) -> str | tuple[str, int] | AnyResponse:
    """Ask the leader for more time before the date is missed: a draft of the apology."""
    try:
        engine().apologies.ask(actor(), code, words_of(request.form), at=now())
    except MotCuaError as error:
        return refused(code, error)
    flash(_("Đã trình đề nghị gia hạn; dự thảo văn bản xin lỗi đang chờ lãnh đạo ký."))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/notices/read")
def read_notices() -> AnyResponse:
    """Put every notice away."""
    engine().worklist.read_notices(actor(), at=now())
    return redirect(_back(url_for("officer.worklist")), 303)


@blueprint.post("/work/notices/<int:notice_id>/read")
def read_notice(notice_id: int) -> AnyResponse:
    """Put a notice away."""
    engine().worklist.read_notice(actor(), notice_id, at=now())
    return redirect(_back(url_for("officer.worklist")), 303)


def dossier_page(
    view: DossierView,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    problem: str = "",
) -> str:
    """The page of a dossier, with what was typed and what is wrong with it."""
    xml = engine().catalogue.diagram(view.definition_ref)
    return render_template(
        "officer/dossier.html",
        dossier=view,
        line=view.line,
        mine=_act_first(view.steps),
        others=tuple(step for step in view.steps if not step.may_act),
        drawn=drawn_steps(xml, active=view.active_step_ids, done=view.done_step_ids),
        typed=typed or {},
        faults=faults or {},
        typed_step=request.view_args.get("task_id") if typed and request.view_args else None,
        # The form of a step names its fields with a prefix, so that they cannot collide with ours.
        faults_named={_place(name, view): message for name, message in (faults or {}).items()},
        problem=problem,
        beside=engine().beside.look(actor(), view.line.code, at=now()),
        meanwhile=_meanwhile(view),
        verdicts=VERDICTS,
        fees=engine().fees.account(actor(), view.line.code),
        acts_only=request.args.get("log") == "people",
        can_work=actor().has_role(*WORKING_ROLES),
        aftercare=engine().aftercare.offer(actor(), view.line.code) if view.resolved_at else None,
        offer=engine().apologies.offer(actor(), view.line.code, at=now()) if view.outcome is None else None,
    )


def _meanwhile(view: DossierView) -> tuple[EventView, ...]:
    """What happened since the page was opened from which a form was sent: its person has not seen that yet."""
    seen = request.form.get("seen", type=int)
    return () if seen is None else tuple(event for event in view.events if event.seq > seen)


def offered_undo() -> tuple[str, int] | None:
    """The dossier whose last step may still be taken back by who asks, and for how many seconds more."""
    code, until = session.get(UNDO, ("", 0.0))
    left = int(until - now().timestamp() + 0.999)
    return (str(code), left) if code and left > 0 else None


def show_undo(app: Flask) -> None:
    """Let pages offer to take back what was just done."""
    app.jinja_env.globals.update(offered_undo=offered_undo)


def _place(name: str, view: DossierView) -> str:
    asked = {asked.id for step in view.steps for asked in step.fields}
    return f"{ANSWER}{name}" if name in asked else name


def _act_first(steps: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """Steps that the person may do, their own first: the first is the one primary action of the page."""
    may = [step for step in steps if step.may_act]
    return tuple(sorted(may, key=lambda step: (step.claimed_by_id != actor().id, step.task_id)))


def refused(code: str, error: MotCuaError) -> tuple[str, int]:
    """The page as it is now, with the refusal on top and everything that was typed still in it."""
    view = engine().dossiers.view(actor(), code, at=now())
    faults = field_messages(error)
    return dossier_page(view, typed=request.form, faults=faults, problem=said(error)), status_of(error)


@contextmanager
def _told() -> Iterator[None]:
    """Tell on the next page why something was not done; a list that is read again shows who was faster."""
    try:
        yield
    except (Conflict, Refused, NotAllowedNow) as error:
        flash(said(error), "problem")


def _back(default: str) -> str:
    return safe_path(request.form.get("next", "")) or default


def _next_words(names: tuple[str, ...]) -> str:
    return _("Đã xong bước. Việc tiếp theo: %(steps)s.", steps=", ".join(names)) if names else _("Đã xong bước.")
