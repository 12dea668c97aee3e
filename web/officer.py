"""Work on dossiers: the lists of what is to be done, and the page of one dossier with its one next act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import Conflict, MotCuaError, NotAllowedNow, Refused
from engine.domain.people import ROLE_LABELS, WORKING_ROLES
from engine.domain.views import DossierView, StepView, WorkItem
from web.apologies import words_of
from web.auth import home_of_actor, safe_path
from web.context import actor, engine, now, zone
from web.diagram import drawn_steps
from web.documents import letter_answer
from web.errors import field_messages, status_of
from web.forms import ANSWER, read_answers
from web.late_records import said_earlier

blueprint = Blueprint("officer", __name__)

VIEWS = {
    "mine": lazy_gettext("Việc của tôi"),
    "unit": lazy_gettext("Cả đơn vị"),
    "unassigned": lazy_gettext("Chưa ai nhận"),
    "supplement": lazy_gettext("Chờ bổ sung"),
    "payment": lazy_gettext("Chờ nộp tiền"),
    "results": lazy_gettext("Chờ trả kết quả"),
    "done": lazy_gettext("Đã xong"),
}
PAGE_SIZE = 50


@blueprint.route("/work", methods=["GET", "POST"])
def worklist() -> str:
    """One view of the work. What is searched for (names, numbers) comes in the body, never in the address."""
    view = request.values.get("view", "")
    view = view if view in VIEWS else "mine"
    search, page = request.form.get("q", "").strip(), request.values.get("page", 1, type=int)
    found = engine().worklist.page(
        actor(), view=view, search=search, page=max(page or 1, 1), page_size=PAGE_SIZE, at=now()
    )
    return render_template(
        "officer/worklist.html",
        views=VIEWS,
        view=view,
        search=search,
        work=found,
        notices=engine().worklist.notices(actor(), at=now()),
        put_back=engine().letter_table.put_back_to(actor()),
        my_roles={membership.role.value for membership in actor().memberships},
        role_labels=ROLE_LABELS,
    )


@blueprint.post("/work/open")
def open_by_code() -> AnyResponse:
    """Open the dossier whose code was typed or scanned."""
    return redirect(url_for("officer.dossier", code=request.form.get("code", "").strip()), 303)


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
        return _refused(code, error)
    flash(_("Đã xong bước. Hồ sơ kết thúc.") if finished.is_finished else _next_words(finished.next_steps))
    return redirect(_back(home_of_actor()), 303)


@blueprint.post("/work/<code>/withdraw")
def withdraw(code: str) -> str | tuple[str, int] | AnyResponse:
    """The applicant takes the dossier back: form 05."""
    reason = request.form.get("reason", "").strip()
    try:
        engine().delivery.withdraw(actor(), code, request.form.get("version", 0, type=int), reason, at=now())
    except MotCuaError as error:
        return _refused(code, error)
    flash(_("Đã ghi nhận yêu cầu rút hồ sơ. Thông báo dừng giải quyết (Mẫu 05) nằm trong mục Văn bản."))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/<code>/extension")
def ask_extension(code: str) -> str | tuple[str, int] | AnyResponse:
    """Ask the leader for more time before the date is missed: a draft of the apology."""
    try:
        engine().apologies.ask(actor(), code, words_of(request.form), at=now())
    except MotCuaError as error:
        return _refused(code, error)
    flash(_("Đã trình đề nghị gia hạn; dự thảo văn bản xin lỗi đang chờ lãnh đạo ký."))
    return redirect(url_for("officer.dossier", code=code), 303)


@blueprint.post("/work/notices/read")
def read_notices() -> AnyResponse:
    """Put every notice away."""
    for notice in engine().worklist.notices(actor(), at=now()):
        engine().worklist.read_notice(actor(), notice.id, at=now())
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
    template: str = "officer/dossier.html",
    waiting: tuple[WorkItem, ...] = (),
) -> str:
    """The page of a dossier, with what was typed and what is wrong with it."""
    xml = engine().catalogue.diagram(view.definition_ref)
    return render_template(
        template,
        dossier=view,
        line=view.line,
        mine=_act_first(view.steps),
        others=tuple(step for step in view.steps if not step.may_act),
        drawn=drawn_steps(xml, active=view.active_step_ids, done=view.done_step_ids),
        typed=typed or {},
        faults=faults or {},
        # The form of a step names its fields with a prefix, so that they cannot collide with ours.
        faults_named={_place(name, view): message for name, message in (faults or {}).items()},
        problem=problem,
        waiting=waiting,
        can_work=actor().has_role(*WORKING_ROLES),
        aftercare=engine().aftercare.offer(actor(), view.line.code) if view.resolved_at else None,
        offer=engine().apologies.offer(actor(), view.line.code, at=now()) if view.outcome is None else None,
    )


def _place(name: str, view: DossierView) -> str:
    asked = {asked.id for step in view.steps for asked in step.fields}
    return f"{ANSWER}{name}" if name in asked else name


def _act_first(steps: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """Steps that the person may do, their own first: the first is the one primary action of the page."""
    may = [step for step in steps if step.may_act]
    return tuple(sorted(may, key=lambda step: (step.claimed_by_id != actor().id, step.task_id)))


def _refused(code: str, error: MotCuaError) -> tuple[str, int]:
    """The page as it is now, with the refusal on top and everything that was typed still in it."""
    view = engine().dossiers.view(actor(), code, at=now())
    faults = field_messages(error)
    return dossier_page(view, typed=request.form, faults=faults, problem=error.message), status_of(error)


@contextmanager
def _told() -> Iterator[None]:
    """Tell on the next page why something was not done; a list that is read again shows who was faster."""
    try:
        yield
    except (Conflict, Refused, NotAllowedNow) as error:
        flash(error.message, "problem")


def _back(default: str) -> str:
    return safe_path(request.form.get("next", "")) or default


def _next_words(names: tuple[str, ...]) -> str:
    return _("Đã xong bước. Việc tiếp theo: %(steps)s.", steps=", ".join(names)) if names else _("Đã xong bước.")
