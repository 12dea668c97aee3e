"""The leader's table of letters: every form that waits to be let out, one by one with a key, or many after reading."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import BadInput, MotCuaError, NotAllowedNow
from engine.domain.letter_views import WaitingLetter
from engine.services.letter_table import REASON
from web import apologies, reauth
from web.context import actor, engine, now
from web.errors import field_messages, status_of
from web.forms import typed_in
from web.i18n import said

blueprint = Blueprint("letter_table", __name__)

APOLOGY = "apology"


@blueprint.get("/approve/letters")
def table() -> str:
    """The table with the most urgent letter open beside it."""
    waiting = engine().letter_table.table(actor(), at=now())
    if not waiting:
        return render_template("leader/no_letters.html")
    return _open(waiting, waiting[0])


@blueprint.get("/approve/letters/<int:draft_id>")
def draft(draft_id: int) -> str | AnyResponse:
    """The table with this letter open beside it."""
    waiting = engine().letter_table.table(actor(), at=now())
    found = next((line for line in waiting if line.id == draft_id), None)
    if found is None:
        view = engine().letter_table.view(actor(), draft_id, at=now())
        flash(_("Dự thảo này không còn chờ duyệt: %(state)s.", state=view.state.label.lower()), "problem")
        return redirect(url_for("letter_table.table"))
    return _open(waiting, found)


@blueprint.get("/approve/letters/<int:draft_id>/preview.pdf")
def preview(draft_id: int) -> Response:
    """The letter as it will be printed, without a number."""
    answer = Response(engine().letter_table.preview(actor(), draft_id, at=now()), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="du-thao.pdf")
    return answer


@blueprint.post("/approve/letters/<int:draft_id>/approve")
def approve(draft_id: int) -> AnyResponse:
    """Let the letter out, and go on to the next."""
    reauth.require()
    try:
        number = engine().letter_table.approve(actor(), draft_id, request.form.get("seen", ""), at=now())
    except (NotAllowedNow, BadInput) as error:
        flash(said(error), "problem")
    else:
        flash(_("Đã ban hành văn bản số %(number)s.", number=number))
    return redirect(url_for("letter_table.table"), 303)


@blueprint.post("/approve/letters/<int:draft_id>/put-back")
def put_back(draft_id: int) -> AnyResponse | tuple[str, int]:
    """Give the letter back to who wrote it."""
    try:
        engine().letter_table.put_back(actor(), draft_id, request.form.get(REASON, ""), at=now())
    except BadInput as error:
        waiting = engine().letter_table.table(actor(), at=now())
        line = next((line for line in waiting if line.id == draft_id), None)
        if line is not None:
            return _open(waiting, line, error), status_of(error)
        flash(said(error), "problem")  # it was decided meanwhile
    except NotAllowedNow as error:
        flash(said(error), "problem")
    else:
        flash(_("Đã trả lại dự thảo cho người soạn."))
    return redirect(url_for("letter_table.table"), 303)


@blueprint.get("/approve/letters/many")
def many() -> str:
    """Every waiting letter in words on one page, to be ticked after reading."""
    waiting = engine().letter_table.table(actor(), at=now())
    views = [engine().letter_table.view(actor(), line.id, at=now()) for line in waiting]
    return render_template("leader/many_letters.html", views=views)


@blueprint.post("/approve/letters/many")
def approve_many() -> AnyResponse:
    """Let out every letter that was ticked, each by itself, in the words that were shown."""
    reauth.require()
    ticked = [int(value) for value in request.form.getlist("letter") if value.isdigit()]
    decided = engine().letter_table.approve_many(
        actor(), {draft_id: request.form.get(f"seen-{draft_id}", "") for draft_id in ticked}, at=now()
    )
    if decided.numbers:
        flash(
            _(
                "Đã ban hành %(n)s văn bản: %(numbers)s.",
                n=len(decided.numbers),
                numbers=", ".join(decided.numbers),
            )
        )
    for code, why in decided.left:
        flash(_("Hồ sơ %(code)s: %(why)s", code=code, why=why), "problem")
    if not ticked:
        flash(_("Chưa chọn văn bản nào."), "problem")
    return redirect(url_for("letter_table.table" if decided.numbers else "letter_table.many"), 303)


@blueprint.get("/work/drafts/<int:draft_id>")
def rewrite(draft_id: int) -> str:
    """A draft that came back, with what the leader said and the words that may be changed."""
    return _rewrite_page(draft_id)


@blueprint.post("/work/drafts/<int:draft_id>")
def resubmit(draft_id: int) -> AnyResponse | tuple[str, int]:
    """Lay the draft on the table again in other words."""
    words = typed_in(request.form)
    try:
        engine().letter_table.resubmit(actor(), draft_id, words, at=now())
    except BadInput as error:
        return _rewrite_page(draft_id, words, error), status_of(error)
    except NotAllowedNow as error:
        flash(said(error), "problem")
    else:
        flash(_("Đã trình lại; văn bản đang chờ lãnh đạo duyệt."))
    return redirect(url_for("officer.worklist"), 303)


def _rewrite_page(draft_id: int, typed: dict[str, str] | None = None, error: MotCuaError | None = None) -> str:
    view = engine().letter_table.view(actor(), draft_id, at=now())
    values = typed or {name: text for name, _label, text in view.editable}
    return render_template(
        "officer/draft.html", draft=view, typed=values, faults={}, problem=said(error) if error else ""
    )


def _open(waiting: tuple[WaitingLetter, ...], line: WaitingLetter, error: MotCuaError | None = None) -> str:
    """The table with one letter open: an apology with its reason and date to change, any other as it was written."""
    if line.form == APOLOGY:
        return apologies.page(line.dossier_code)
    at = [each.id for each in waiting].index(line.id)
    return render_template(
        "leader/letters.html",
        waiting=waiting,
        draft=engine().letter_table.view(actor(), line.id, at=now()),
        current=line.id,
        following=waiting[at + 1].id if at + 1 < len(waiting) else None,
        faults=field_messages(error) if error else {},
        typed=request.form,
    )
