"""WeasyPrint with our fonts, our stylesheets and nothing else, for one thread.

One font configuration a thread: making one a letter leaks, sharing one between threads corrupts memory. Stylesheets are
parsed once for each set of templates. Nothing is fetched: the fetcher refuses every address.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC
from importlib import resources
from typing import Any

from letters import fonts, quick, repairs, warm
from letters.archive import to_json
from letters.data import Letter
from letters.errors import LetterNotRenderable, LettersCannotRun
from letters.layout import PAPERS, Paper
from letters.marks import Marks
from letters.metadata import archival
from letters.poster_layout import POSTER_PAPERS, POSTER_STYLESHEETS
from letters.posters import Poster
from letters.rendered import Rendered
from letters.roll import cut_to_content
from letters.template_sets import TemplateSet
from letters.writing import written_once

ATTACHMENT = "du-lieu.json"
"""Name of the letter's own data inside the PDF."""

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

_MOST_SETS = 4


@dataclass(frozen=True, slots=True)
class Grade:
    """What a PDF is to be, apart from looking right."""

    name: str
    variant: str | None
    holds_data: bool


ARCHIVE = Grade("archive", "pdf/a-3a", holds_data=True)
"""PDF/A-3a and PDF/UA-1 in one file, the letter's data attached: what an office issues."""

PLAIN = Grade("plain", None, holds_data=False)
"""Pages only: for previews, and to know what the archive grade costs."""


@dataclass(slots=True)
class _ColourProfile:
    """The sRGB profile as WeasyPrint wants it, byte for byte as its authors published it."""

    content: bytes
    name: str = "IEC 61966-2-1 Default RGB Colour Space - sRGB"
    components: tuple[str, ...] = ("r", "g", "b")
    pdf_reference: bytes | None = None


@dataclass(slots=True)
class _Stock:
    """The parsed stylesheets of one set of templates, and the skeletons of its letters."""

    templates: TemplateSet
    is_steady: bool
    skeletons: warm.Skeletons
    sheets: dict[str, Any] = field(default_factory=dict)


class Press:
    """Prints markup. It belongs to the thread that made it."""

    def __init__(self, grade: Grade, *, is_warm: bool) -> None:
        """Load WeasyPrint with our fonts.

        Raises:
            LettersCannotRun: a library that WeasyPrint needs is missing on this machine.

        """
        try:
            with fonts.only_ours():
                import weasyprint
                from weasyprint.text.fonts import FontConfiguration
                from weasyprint.urls import FatalURLFetchingError, URLFetcher

                self._fonts = FontConfiguration()
        except OSError as fault:
            raise LettersCannotRun(f"Thiếu thư viện để lập PDF: {fault}") from fault

        class Locked(URLFetcher):  # type: ignore[misc] # the library has no types
            """Fetches nothing, and says so loudly."""

            def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 - the library's signature
                raise FatalURLFetchingError(url)

        self._weasyprint = weasyprint
        self._refusal = FatalURLFetchingError
        self._fetcher = Locked(allowed_protocols=())
        self._grade = grade
        self._is_warm = is_warm
        repairs.prepare(self._fonts, weasyprint.VERSION)
        if is_warm:
            quick.prepare(self._fonts, weasyprint.VERSION)
        profile = _ColourProfile((resources.files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())
        self._setting = warm.Setting(self._fonts, Marks(), {_COLOURS: profile} if grade.variant else {}, self._intent)
        self._stocks: OrderedDict[str, _Stock] = OrderedDict()

    @property
    def _intent(self) -> str | None:
        return _COLOURS if self._grade.variant else None

    def print(self, markup: str, letter: Letter | Poster, templates: TemplateSet) -> Rendered:
        """Set the letter on the first paper that holds it, and write the PDF."""
        try:
            document = self._fitting(markup, letter, self._stock_of(templates))
            pdf = self._written(document, letter)
        except self._refusal as fault:
            raise LetterNotRenderable([f"văn bản đòi tải «{fault}»"]) from fault
        return Rendered(pdf, len(document.pages), hashlib.sha256(pdf).hexdigest())

    def forget(self, markup: str, templates: TemplateSet) -> None:
        """Keep nothing of a letter that failed."""
        self._stock_of(templates).skeletons.forget(markup)

    def _stock_of(self, templates: TemplateSet) -> _Stock:
        stock = self._stocks.get(templates.digest)
        if stock is None:
            is_steady = all(warm.is_steady(text) for path, text in templates.files.items() if path.endswith(".css"))
            version = self._weasyprint.VERSION if self._is_warm and is_steady else ""
            stock = _Stock(templates, is_steady, warm.Skeletons(self._parse, version))
            self._stocks[templates.digest] = stock
            while len(self._stocks) > _MOST_SETS:
                self._stocks.popitem(last=False)
        self._stocks.move_to_end(templates.digest)
        return stock

    def _parse(self, markup: str) -> Any:
        return self._weasyprint.HTML(string=markup, url_fetcher=self._fetcher)

    def _sheet(self, stock: _Stock, name: str) -> Any:
        if name not in stock.sheets:
            stock.sheets[name] = self._weasyprint.CSS(
                string=stock.templates.stylesheet(name), url_fetcher=self._fetcher, font_config=self._fonts
            )
        return stock.sheets[name]

    def _fitting(self, markup: str, letter: Letter | Poster, stock: _Stock) -> Any:
        html, skeleton = stock.skeletons.document_of(markup)
        base = self._sheet(stock, "base")
        html._ua_stylesheets = lambda forms=False: [base]  # noqa: SLF001, ARG005 - 4 instead of 190 rules
        papers = _PAPERS[letter.form]
        for paper in papers:
            document = self._set_on(paper, html, skeleton, stock)
            if paper.is_roll:
                cut_to_content(document.pages[0])
            if len(document.pages) <= paper.most_pages:
                return document
        raise LetterNotRenderable([f"nội dung quá dài, không vừa {papers[-1].most_pages} trang"])

    def _set_on(self, paper: Paper, html: Any, skeleton: warm.Skeleton | None, stock: _Stock) -> Any:
        sheets = [self._sheet(stock, name) for name in _STYLESHEETS[paper.style]]
        given = self._setting
        if skeleton is not None:
            return warm.lay_out(skeleton, paper.style, sheets, given)
        return html.render(
            stylesheets=sheets,
            font_config=given.font_config,
            color_profiles=given.color_profiles,
            output_intent=given.output_intent,
            pdf_variant=self._grade.variant,
            cache=given.images,
        )

    def _written(self, document: Any, letter: Letter | Poster) -> bytes:
        options: dict[str, Any] = {"finisher": written_once} if self._is_warm else {}
        if self._grade.variant:
            document.metadata = archival(document.metadata)
            options |= {"pdf_variant": self._grade.variant, "output_intent": self._intent}
        if self._grade.holds_data:
            options["attachments"] = [self._data_of(letter)]
        pdf = document.write_pdf(**options)
        assert isinstance(pdf, bytes)
        return pdf

    def _data_of(self, letter: Letter | Poster) -> Any:
        return self._weasyprint.Attachment(
            string=to_json(letter).encode(),
            name=ATTACHMENT,
            description="Dữ liệu của văn bản",
            created=letter.issued_at.astimezone(UTC),
            modified=letter.issued_at.astimezone(UTC),
            relationship="Data",
            url_fetcher=self._fetcher,
        )
