"""A letter as an answer: the PDF itself, or a page that says it is still being written."""

from __future__ import annotations

from flask import Response, make_response, render_template

from engine.domain.views import LetterPdf

# How long a browser waits before it asks again for a letter that is being written.
ASK_AGAIN_SECONDS = "4"


def letter_answer(letter: LetterPdf) -> Response:
    """Show the PDF in the browser under its own name."""
    if letter.content is None:
        answer = make_response(render_template("letter_waiting.html", is_coming=letter.waiting), 202)
        if letter.waiting:
            answer.headers["Refresh"] = ASK_AGAIN_SECONDS
        return answer
    answer = Response(letter.content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=letter.filename)
    return answer
