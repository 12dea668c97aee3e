"""One letter of the register: its life, cancelling and replacing it, printing it again; the register as a file."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import BadInput, MotCuaError, NotAllowedNow
from engine.domain.letter_views import MOST_COUNTED, RegisterQuestion, RegisterState
from engine.services.letter_acts import REASON, WORDS
from web.context import actor, engine, now, page_asked
from web.documents import letter_answer
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("letters", __name__)

PAGE_SIZE = 50


@blueprint.get("/letters/<int:letter_id>")
def life(letter_id: int) -> str:
    """One letter with everything that became of it."""
    return _page(letter_id)


@blueprint.post("/letters/<int:letter_id>/cancel")
def cancel(letter_id: int) -> AnyResponse | tuple[str, int]:
    """Take a letter back that has not gone out; another may take its place."""
    form = request.form
    try:
        number = engine().letter_acts.cancel(
            actor(), letter_id, form.get(REASON, ""), replaces="replace" in form, words=form.get(WORDS, ""), at=now()
        )
    except (BadInput, NotAllowedNow) as error:
        return _page(letter_id, error), status_of(error)
    told = _("Đã hủy; văn bản thay thế mang số %(number)s.", number=number) if number else _("Đã hủy văn bản.")
    flash(told)
    return redirect(url_for("letters.life", letter_id=letter_id), 303)


@blueprint.post("/letters/<int:letter_id>/reprint.pdf")
def reprint(letter_id: int) -> Response:
    """The letter printed again, and marked so."""
    return letter_answer(engine().letter_acts.reprint(actor(), letter_id, at=now()))


@blueprint.get("/oversight/letters")
def register() -> str:
    """The register of letters. What is searched for comes in the body (see `search`)."""
    return _register(_question())


@blueprint.post("/oversight/letters")
def search() -> str:
    """The register, narrowed by a name or number: these stand in the body, never in an address."""
    return _register(_question())


@blueprint.post("/oversight/letters.csv")
def table() -> Response:
    """The same letters for a spreadsheet."""
    text = engine().correspondence.table(actor(), _question())
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="so-van-ban.csv")
    return answer


@blueprint.get("/oversight/letters.pdf")
def book() -> Response:
    """The same letters as a book to print."""
    return letter_answer(engine().correspondence.book(actor(), _question(), at=now()))


@blueprint.get("/oversight/letters/questions")
def questions() -> str:
    """Which late files have no letter, which letters reached nobody, who is late a second time."""
    return render_template("supervisor/questions.html", found=engine().correspondence.questions(actor(), at=now()))


def _question() -> RegisterQuestion:
    values = request.values
    states = {state.value: state for state in RegisterState}
    return RegisterQuestion(
        form=values.get("form", ""),
        unit_code=values.get("unit", ""),
        year=values.get("year", type=int),
        state=states.get(values.get("state", "")),
        search=request.form.get("q", "").strip()[:100],
    )


def _register(question: RegisterQuestion) -> str:
    page = page_asked()
    found = engine().correspondence.register(actor(), question, page=page, page_size=PAGE_SIZE)
    asked = {
        "form": question.form,
        "unit": question.unit_code,
        "year": question.year,
        "state": question.state.value if question.state else "",
    }
    return render_template(
        "supervisor/letters.html",
        register=found,
        question=question,
        asked={name: value for name, value in asked.items() if value},
        states=RegisterState,
        most_counted=MOST_COUNTED,
    )


def _page(letter_id: int, error: MotCuaError | None = None) -> str:
    faults = field_messages(error) if error else {}
    found = engine().letter_acts.life(actor(), letter_id)
    return render_template(
        "officer/letter.html",
        life=found,
        letter=found.letter,
        typed=request.form if error else {WORDS: found.reason or ""},
        faults=faults,
        problem=said(error) if error and not faults else "",
    )
