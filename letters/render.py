"""A letter's data -> PDF/A-3a and PDF/UA-1 in one file, the same bytes each time, or an error and no PDF.

Loads once, then stays warm: templates and stylesheets are parsed once, and each thread keeps one font configuration
(making one a letter leaks; sharing one between threads corrupts memory). WeasyPrint is imported at the first letter.
Nothing is fetched while rendering: markup in the data is text, and the fetcher refuses every address.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from letters import fonts
from letters.archive import to_json
from letters.data import Letter, check, texts_in
from letters.errors import LetterNotRenderable, LettersCannotRun
from letters.layout import FUNCTIONS, NBSP, PAPERS, Paper, context_of
from letters.marks import Marks
from letters.metadata import archival
from letters.poster_layout import POSTER_PAPERS, POSTER_STYLESHEETS, context_of_poster
from letters.posters import Poster, check_poster
from letters.rendered import Rendered
from letters.text import name_of

_HERE = Path(__file__).parent
_STYLESHEETS = {
    "a4": ("a4",),
    "a4-close": ("a4", "a4-close"),
    "a4-slip": ("a4", "a4-slip"),
    "a5": ("a5",),
    **POSTER_STYLESHEETS,
}
_PAPERS = {**PAPERS, **POSTER_PAPERS}
_COLOURS = "letters-srgb"
"""Our name for the sRGB profile: under its usual one WeasyPrint reads it anew, and leaves it open, for each letter."""

ATTACHMENT = "du-lieu.json"
"""Name of the letter's own data inside the PDF."""

_TAG = re.compile(r"(<[^>]*>)")
_KEPT_TOGETHER = re.compile(rf"[^ \n\t{NBSP}]*(?:{NBSP}[^ \n\t{NBSP}]*)+")


class Renderer:
    """Turns letters into PDF. Make one a process; it may be used from several threads."""

    def __init__(self) -> None:
        """Load the templates.

        Raises:
            LettersCannotRun: the bundled fonts are not there.

        """
        fonts.require()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(FUNCTIONS)
        self._threads = threading.local()

    def render(self, letter: Letter | Poster) -> Rendered:
        """Render a letter or a poster.

        Raises:
            LetterNotRenderable: the data cannot be printed truthfully (see `letters.check`), holds a character that
                the font lacks, does not fit its pages, or made WeasyPrint complain.
            LettersCannotRun: a library that WeasyPrint needs is missing on this machine.

        """
        check_poster(letter) if isinstance(letter, Poster) else check(letter)
        _require_glyphs(letter)
        markup = self.markup(letter)
        with _complaints_are_errors():
            return self._press.print(markup, letter)

    def markup(self, letter: Letter | Poster) -> str:
        """Return the letter as HTML, without its stylesheet: a hole in the data raises `jinja2.UndefinedError`."""
        context = context_of_poster(letter) if isinstance(letter, Poster) else context_of(letter)
        return with_plain_spaces(self._templates.get_template(f"{letter.form}.html").render(context))

    @property
    def _press(self) -> _Press:
        press = getattr(self._threads, "press", None)
        if not isinstance(press, _Press):
            press = self._threads.press = _Press()
        return press


def with_plain_spaces(markup: str) -> str:
    """Keep words together by style and not by the no-break space.

    In the font both spaces are one glyph, so a letter that uses the no-break one anywhere is read back, searched and
    copied with it everywhere.
    """
    head, body_tag, body = markup.partition("<body")
    parts = _TAG.split(body_tag + body)
    return head.replace(NBSP, " ") + "".join(
        part if part.startswith("<") else _KEPT_TOGETHER.sub(_held_together, part) for part in parts
    )


def _held_together(found: re.Match[str]) -> str:
    return f'<span class="solid">{found.group().replace(NBSP, " ")}</span>'


@dataclass(slots=True)
class _ColourProfile:
    """The sRGB profile as WeasyPrint wants it, byte for byte as its authors published it."""

    content: bytes
    name: str = "IEC 61966-2-1 Default RGB Colour Space - sRGB"
    components: tuple[str, ...] = ("r", "g", "b")
    pdf_reference: bytes | None = None


class _Press:
    """WeasyPrint with our fonts and stylesheets, for one thread."""

    def __init__(self) -> None:
        try:
            with fonts.only_ours():
                import weasyprint
                from weasyprint.text.fonts import FontConfiguration
                from weasyprint.urls import FatalURLFetchingError, URLFetcher

                self._font_configuration = FontConfiguration()
        except OSError as fault:
            raise LettersCannotRun(f"Thiếu thư viện để lập PDF: {fault}") from fault
        self._weasyprint = weasyprint
        self._refusal = FatalURLFetchingError

        class Locked(URLFetcher):  # type: ignore[misc] # the library has no types
            """Fetches nothing, and says so loudly."""

            def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 - the library's signature
                raise FatalURLFetchingError(url)

        self._fetcher = Locked(allowed_protocols=())
        self._marks = Marks()
        self._colours = _ColourProfile((resources.files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())

    @cached_property
    def _user_agent(self) -> Any:
        return self._sheet("base")

    @cached_property
    def _sheets(self) -> dict[str, list[Any]]:
        return {style: [self._sheet(name) for name in names] for style, names in _STYLESHEETS.items()}

    def _sheet(self, name: str) -> Any:
        text = (_HERE / "assets" / f"{name}.css").read_text(encoding="utf-8")
        return self._weasyprint.CSS(string=text, url_fetcher=self._fetcher, font_config=self._font_configuration)

    def print(self, markup: str, letter: Letter | Poster) -> Rendered:
        """Set the letter on the first paper that holds it, and write the PDF."""
        try:
            html = self._weasyprint.HTML(string=markup, url_fetcher=self._fetcher)
            html._ua_stylesheets = lambda forms=False: [self._user_agent]  # noqa: SLF001, ARG005 - 4 instead of 190 rules
            document = self._fitting(html, letter)
            pdf = self._written(document, letter)
        except self._refusal as fault:
            raise LetterNotRenderable([f"văn bản đòi tải «{fault}»"]) from fault
        return Rendered(pdf, len(document.pages), hashlib.sha256(pdf).hexdigest())

    def _fitting(self, html: Any, letter: Letter | Poster) -> Any:
        papers = _PAPERS[letter.form]
        for paper in papers:
            document = self._set_on(paper, html)
            if len(document.pages) <= paper.most_pages:
                return document
        raise LetterNotRenderable([f"nội dung quá dài, không vừa {papers[-1].most_pages} trang"])

    def _set_on(self, paper: Paper, html: Any) -> Any:
        return html.render(
            stylesheets=self._sheets[paper.style],
            font_config=self._font_configuration,
            color_profiles={_COLOURS: self._colours},
            output_intent=_COLOURS,
            pdf_variant="pdf/a-3a",
            cache=self._marks,
        )

    def _written(self, document: Any, letter: Letter | Poster) -> bytes:
        document.metadata = archival(document.metadata)
        data = self._weasyprint.Attachment(
            string=to_json(letter).encode(),
            name=ATTACHMENT,
            description="Dữ liệu của văn bản",
            created=letter.issued_at.astimezone(UTC),
            modified=letter.issued_at.astimezone(UTC),
            relationship="Data",
            url_fetcher=self._fetcher,
        )
        pdf = document.write_pdf(pdf_variant="pdf/a-3a", output_intent=_COLOURS, attachments=[data])
        assert isinstance(pdf, bytes)
        return pdf


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint warns of, apart for each thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._threads = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message for the letter that this thread is rendering, if any."""
        kept = getattr(self._threads, "kept", None)
        if kept is not None:
            kept.append(record.getMessage())

    @contextmanager
    def kept(self) -> Iterator[list[str]]:
        """Collect this thread's messages."""
        messages: list[str] = []
        self._threads.kept = messages
        try:
            yield messages
        finally:
            self._threads.kept = None


_complaints = _Complaints()
logging.getLogger("weasyprint").addHandler(_complaints)


@contextmanager
def _complaints_are_errors() -> Iterator[None]:
    """Refuse the letter when WeasyPrint warned of anything: a missing glyph or image is a wrong letter."""
    with _complaints.kept() as messages:
        yield
    if messages:
        raise LetterNotRenderable(list(dict.fromkeys(messages)))


def _require_glyphs(letter: Letter | Poster) -> None:
    covered = fonts.coverage()
    problems: dict[str, None] = {}
    for text, rule in texts_in(letter):
        for character in text:
            if ord(character) not in covered and character != "\n":
                problems[f"«{rule.label}» có ký tự không in được: {name_of(character)}"] = None
    if problems:
        raise LetterNotRenderable(list(problems))
