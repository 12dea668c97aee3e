"""A letter as an answer: the PDF itself, or a page that says it is still being written."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from engine.domain.views import LetterPdf

# How long a browser waits before it asks again for a letter that is being written.
ASK_AGAIN_SECONDS = "4"
# The same for a paper that is printed on the spot.
PAPER_AGAIN_SECONDS = "3"


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


def paper_answer(paper: LetterPdf, mimetype: str = "application/pdf") -> Response:
    """Show a print in the browser, give any other file to keep, or say that it is being printed and ask again."""
    if paper.content is None:
        again = request.full_path.rstrip("?")
        answer = make_response(render_template("paper_waiting.html", again=again), 202)
        answer.headers["Refresh"] = PAPER_AGAIN_SECONDS
        return answer
    answer = Response(paper.content, mimetype=mimetype)
    way = "inline" if mimetype == "application/pdf" else "attachment"
    answer.headers.set("Content-Disposition", way, filename=paper.filename)
    return answer
