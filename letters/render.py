"""A letter's data -> PDF/A-3a and PDF/UA-1 in one file, the same bytes each time, or an error and no PDF.

Loads once, then stays warm: templates and stylesheets are parsed once, each thread has a press of its own, and
WeasyPrint is imported at the first letter. Nothing is fetched while rendering: markup in the data is text, and the
fetcher refuses every address.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letters import fonts
from letters.data import Letter, check, texts_in
from letters.errors import LetterNotRenderable
from letters.layout import FUNCTIONS, NBSP, context_of
from letters.poster_layout import context_of_poster
from letters.posters import Poster, check_poster
from letters.press import ARCHIVE, ATTACHMENT, PLAIN, Grade, Press
from letters.rendered import Rendered
from letters.template_sets import TemplateSet, packaged
from letters.text import name_of

__all__ = ["ARCHIVE", "ATTACHMENT", "PLAIN", "Grade", "Renderer"]

_MOST_SETS = 4
_TAG = re.compile(r"(<[^>]*>)")
_KEPT_TOGETHER = re.compile(rf"[^ \n\t{NBSP}]*(?:{NBSP}[^ \n\t{NBSP}]*)+")


class Renderer:
    """Turns letters into PDF. Make one a process; it may be used from several threads."""

    def __init__(self, grade: Grade = ARCHIVE, *, is_warm: bool = True) -> None:
        """Make PDF of one grade; `is_warm=False` does all of the work anew for each letter.

        Raises:
            LettersCannotRun: the bundled fonts are not there.

        """
        fonts.require()
        self._grade = grade
        self._is_warm = is_warm
        self._wordings: OrderedDict[str, Environment] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = threading.local()

    def render(self, letter: Letter | Poster, templates: TemplateSet | None = None) -> Rendered:
        """Render a letter or a poster with a set of templates, by default that of the package.

        Raises:
            LetterNotRenderable: the data cannot be printed truthfully (see `letters.check`), holds a character that
                the font lacks, does not fit its pages, or made WeasyPrint complain.
            LettersCannotRun: a library that WeasyPrint needs is missing on this machine.

        """
        templates = templates or packaged()
        check_poster(letter) if isinstance(letter, Poster) else check(letter)
        _require_glyphs(letter)
        markup = self.markup(letter, templates)
        press = self._press
        try:
            with _complaints_are_errors():
                return press.print(markup, letter, templates)
        except BaseException:
            press.forget(markup, templates)
            raise

    def markup(self, letter: Letter | Poster, templates: TemplateSet | None = None) -> str:
        """Return the letter as HTML, without its stylesheet: a hole in the data raises `jinja2.UndefinedError`."""
        context = context_of_poster(letter) if isinstance(letter, Poster) else context_of(letter)
        wording = self.wording(templates or packaged())
        return with_plain_spaces(wording.get_template(f"{letter.form}.html").render(context))

    def wording(self, templates: TemplateSet) -> Environment:
        """Return the environment of a set's templates: they may read what they are given and reach nothing else."""
        with self._lock:
            found = self._wordings.get(templates.digest)
            if found is None:
                found = self._wordings[templates.digest] = ImmutableSandboxedEnvironment(
                    loader=DictLoader(templates.templates()),
                    autoescape=True,
                    undefined=StrictUndefined,
                    trim_blocks=True,
                    lstrip_blocks=True,
                )
                found.globals.update(FUNCTIONS)
                while len(self._wordings) > _MOST_SETS:
                    self._wordings.popitem(last=False)
            self._wordings.move_to_end(templates.digest)
            return found

    @property
    def _press(self) -> Press:
        press = getattr(self._threads, "press", None)
        if not isinstance(press, Press):
            press = self._threads.press = Press(self._grade, is_warm=self._is_warm)
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
