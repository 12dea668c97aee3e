"""For the administrator who designs procedures: upload, check, complete, look, try out, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import BadInput, Conflict, NotAllowedNow
from engine.services.designing import DesignView, DraftNotTaken
from web import design_forms as forms
from web import reauth
from web.context import actor, engine, now, zone
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("designer", __name__, url_prefix="/admin/designs")

# The parts of the work on a draft, in the order in which people go through them.
PARTS = {
    "check": lazy_gettext("Kiểm tra"),
    "facts": lazy_gettext("Thông tin thủ tục"),
    "work": lazy_gettext("Vai trò và bước"),
    "compare": lazy_gettext("So với bản đang áp dụng"),
    "trial": lazy_gettext("Chạy thử"),
    "stories": lazy_gettext("Câu chuyện"),
    "publish": lazy_gettext("Công bố"),
}
LACKS = {
    "intake": lazy_gettext("tiếp nhận ở quầy (Mẫu 01, 02, 03)"),
    "delivery": lazy_gettext("trả kết quả, từ chối bằng văn bản"),
    "due_soon": lazy_gettext("nhắc khi sắp đến hạn"),
    "overdue": lazy_gettext("xin lỗi khi quá hạn (Mẫu 04)"),
    "withdrawal": lazy_gettext("dừng khi người nộp rút hồ sơ (Mẫu 05)"),
}
KINDS = {
    "uploaded": lazy_gettext("Tải lên"),
    "copied": lazy_gettext("Chép từ phiên bản đã công bố"),
    "replaced": lazy_gettext("Thay tệp"),
    "filled_in": lazy_gettext("Sửa bằng biểu mẫu"),
    "stories": lazy_gettext("Chạy các câu chuyện"),
    "asked": lazy_gettext("Trình công bố"),
    "taken_back": lazy_gettext("Rút lại để sửa"),
    "published": lazy_gettext("Công bố"),
}
STATES = {
    "open": lazy_gettext("Đang soạn"),
    "waiting": lazy_gettext("Chờ người thứ hai"),
    "published": lazy_gettext("Đã công bố"),
}
SUBJECTS = {
    "facts": lazy_gettext("Thông tin chung"),
    "limits": lazy_gettext("Thời hạn theo trường hợp"),
    "steps": lazy_gettext("Bước: ai làm, bao lâu"),
    "items": lazy_gettext("Thành phần hồ sơ"),
    "fees": lazy_gettext("Phí, lệ phí"),
}
Answer = str | tuple[str, int] | AnyResponse


@blueprint.get("")
def drafts() -> str:
    """Every draft, and the form that begins one."""
    return _list()


@blueprint.post("")
def upload() -> Answer:
    """Begin a draft with uploaded files."""
    try:
        number = engine().designing.upload(actor(), _uploads(), at=now())
    except DraftNotTaken as refused:
        return _list(refused), status_of(refused)
    return redirect(url_for("designer.draft", design_id=number, part="check"), 303)


@blueprint.post("/copy")
def copy() -> Answer:
    """Begin a draft with a published version."""
    number = engine().designing.copy(actor(), request.form.get("ref", ""), at=now())
    return redirect(url_for("designer.draft", design_id=number, part="check"), 303)


@blueprint.get("/<int:design_id>/<part>")
def draft(design_id: int, part: str) -> Answer:
    """One part of the work on a draft."""
    if part not in PARTS:
        abort(404)
    return _page(design_id, part)


@blueprint.get("/<int:design_id>/diagram.bpmn")
def diagram(design_id: int) -> Response:
    """The drawing of a draft, for the viewer in the browser."""
    return Response(engine().designing.diagram(actor(), design_id), mimetype="application/xml")


@blueprint.get("/<int:design_id>/draft.zip")
def download(design_id: int) -> Response:
    """The files of a draft."""
    name, content = engine().designing.download(actor(), design_id)
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/<int:design_id>/files")
def replace(design_id: int) -> Answer:
    """Put newer files over those of a draft."""
    return _act(
        design_id,
        "check",
        lambda: engine().designing.replace(actor(), design_id, _version(), _uploads(), at=now()),
        _("Đã thay tệp và kiểm tra lại."),
    )


@blueprint.post("/<int:design_id>/facts")
def save_facts(design_id: int) -> Answer:
    """Write the posted facts."""
    return _fill_in(design_id, "facts", lambda: forms.read_facts(request.form))


@blueprint.post("/<int:design_id>/work")
def save_work(design_id: int) -> Answer:
    """Write who works in the lanes and what steps take."""
    look = engine().designing.view(actor(), design_id).look
    return _fill_in(design_id, "work", lambda: forms.read_work(request.form, look.lanes, look.steps))


@blueprint.post("/<int:design_id>/standard")
def add_standard(design_id: int) -> Answer:
    """Draw the parts that every procedure has."""
    return _fill_in(design_id, "check", lambda: {"standard": True})


@blueprint.post("/<int:design_id>/trial")
def begin_trial(design_id: int) -> Answer:
    """Begin a walk by hand."""
    setup = forms.read_setup(request.form)
    return _walk(design_id, {**setup, "acts": []}, [setup["received"], setup["agreed"] or setup["received"]])


@blueprint.post("/<int:design_id>/trial/act")
def act_trial(design_id: int) -> Answer:
    """Let something happen in a walk by hand."""
    trial, act = _trial(design_id), forms.read_act(request.form)
    return _walk(design_id, {**trial, "acts": [*trial["acts"], act]}, [act["at"]])


@blueprint.post("/<int:design_id>/trial/back")
def undo_trial(design_id: int) -> Answer:
    """Take back the last act of a walk by hand."""
    trial = _trial(design_id)
    return _walk(design_id, {**trial, "acts": trial["acts"][:-1]}, [])


@blueprint.post("/<int:design_id>/stories")
def tell_stories(design_id: int) -> Answer:
    """Live through the stories of a draft."""

    def tell() -> None:
        view = engine().designing.view(actor(), design_id)
        told = engine().rehearsing.tell(actor(), view.record.stem, view.files)
        engine().designing.keep_told(actor(), design_id, _version(), told, at=now())

    return _act(design_id, "stories", tell, _("Đã chạy các câu chuyện."))


@blueprint.post("/<int:design_id>/ask")
def ask(design_id: int) -> Answer:
    """Lay a draft before a second person."""
    return _act(
        design_id,
        "publish",
        lambda: engine().designing.ask(actor(), design_id, _version(), at=now()),
        _("Đã trình; người quản trị khác xác nhận thì công bố."),
    )


@blueprint.post("/<int:design_id>/take-back")
def take_back(design_id: int) -> Answer:
    """Go on designing."""
    return _act(
        design_id,
        "publish",
        lambda: engine().designing.take_back(actor(), design_id, _version(), at=now()),
        _("Đã rút lại để sửa."),
    )


@blueprint.post("/<int:design_id>/publish")
def publish(design_id: int) -> Answer:
    """Publish a draft."""
    reauth.require()

    def carry_out() -> None:
        for warning in engine().designing.publish(actor(), design_id, _version(), at=now()):
            flash(warning, "problem")

    return _act(design_id, "publish", carry_out, _("Đã công bố phiên bản."))


@blueprint.post("/<int:design_id>/delete")
def delete(design_id: int) -> Answer:
    """Put a draft away."""
    engine().designing.delete(actor(), design_id, _version(), at=now())
    flash(_("Đã xóa bản nháp."))
    return redirect(url_for("designer.drafts"), 303)


# --- pages and acts ---------------------------------------------------------------------------------------------------


def _list(refused: DraftNotTaken | None = None) -> str:
    found = engine().designing.drafts(actor())
    versions = [line for line in engine().publication.overview(at=now()) if line.state == "in_force"]
    return render_template("admin/designs.html", drafts=found, versions=versions, refused=refused, states=STATES)


def _page(design_id: int, part: str, problem: str = "", typed: Mapping[str, str] | None = None) -> str:
    view = engine().designing.view(actor(), design_id)
    return render_template(
        f"admin/design/{part}.html",
        design=view,
        record=view.record,
        look=view.look,
        part=part,
        parts=PARTS,
        problem=problem,
        typed=typed or {},
        marked=request.args.get("mark", ""),
        lacks=LACKS,
        kinds=KINDS,
        states=STATES,
        subjects=SUBJECTS,
        forms=forms,
        unit_options=[(kind, kind) for kind in dict.fromkeys(("one_stop", *view.unit_kinds))],
        facts=forms.Blank.of(view.look.facts),
        blank=forms.Blank(),
        usual_case=forms.usual_case(),
        phases=_phases(view),
        start=now().astimezone(zone()).replace(tzinfo=None, second=0, microsecond=0).isoformat(timespec="minutes"),
        moment=datetime.fromisoformat,
        question_options=lambda question: [(each["value"], each["label"]) for each in question["options"] or ()],
    )


def _phases(view: DesignView) -> list[str]:
    """The names of all phases that the facts know."""
    cases = view.look.facts.get("cases") or []
    return list(
        dict.fromkeys(
            str(phase.get("name"))
            for case in cases
            if isinstance(case, dict)
            for phase in case.get("phases") or []
            if isinstance(phase, dict) and phase.get("name")
        )
    )


def _act(design_id: int, part: str, act: Callable[[], object], done: str) -> Answer:
    try:
        act()
    except (BadInput, NotAllowedNow, Conflict) as error:
        return _page(design_id, part, said(error), request.form), status_of(error)
    flash(done)
    return redirect(url_for("designer.draft", design_id=design_id, part=part), 303)


def _fill_in(design_id: int, part: str, change: Callable[[], Mapping[str, Any]]) -> Answer:
    return _act(
        design_id,
        part,
        lambda: engine().designing.fill_in(actor(), design_id, _version(), change(), at=now()),
        _("Đã ghi và kiểm tra lại."),
    )


def _trial(design_id: int) -> dict[str, Any]:
    trial = dict(engine().designing.view(actor(), design_id).record.trial)
    trial.pop("state", None)
    return {"received": "", "acts": [], **trial}


def _walk(design_id: int, trial: dict[str, Any], moments: list[str]) -> Answer:
    """Do all acts of a walk again; the last one is kept only if nothing refused it."""
    fault = next(filter(None, map(forms.moment_fault, [*moments, trial["received"]])), "")
    if fault:
        return _page(design_id, "trial", fault, request.form), 422
    try:
        view = engine().designing.view(actor(), design_id)
        found = engine().rehearsing.play(actor(), view.record.stem, view.files, trial)
        if found["refusal"]:
            return _page(design_id, "trial", found["refusal"]["message"], request.form), 422
        kept = {**trial, "state": found["state"]}
        engine().designing.keep_trial(actor(), design_id, _version(), kept, at=now())
    except (BadInput, NotAllowedNow, Conflict) as error:
        return _page(design_id, "trial", said(error), request.form), status_of(error)
    return redirect(url_for("designer.draft", design_id=design_id, part="trial", _anchor="now"), 303)


def _version() -> int:
    return request.form.get("draft_version", 0, type=int)


def _uploads() -> dict[str, bytes]:
    """The uploaded files as they came: bytes that nobody here looks into."""
    return {file.filename: file.stream.read() for file in request.files.getlist("files") if file.filename}
