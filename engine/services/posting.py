"""What the office posts: the public facts of each procedure, papers to print of them, and how complete they are."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from engine.domain.dossier import fold
from engine.domain.errors import CannotRun, NotFound
from engine.domain.posted_page import PostedProcedure, level_text
from engine.domain.posting import Completeness, completeness
from engine.domain.views import LetterPdf
from engine.effects.posting import KINDS, posted, poster_of, wall_list
from engine.effects.press import Press
from engine.process.lists import Lists, read_lists
from engine.process.step_sheet import step_sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork
    from engine.process.definitions import Definition
    from letters.posters import Poster
    from letters.rendered import Rendered

# How many printed papers are kept; a catalogue of forty procedures has about a hundred and sixty.
_KEPT = 400
# A code of the national list may carry the code of the agency behind it: 1.012783.000.00.00.H10.
_NATIONAL_PARTS = 2
LIST, ALL = "wall_list", "all"
_FILES = {"wall_sheet": "niem-yet", "leaflet": "to-roi", "step_sheet": "quy-trinh-noi-bo"}
_PUBLIC = ("wall_sheet", "leaflet")


class PosterFailed(CannotRun):
    """Chưa lập được bản in này: {detail}. Hãy báo người quản trị."""

    code = "poster_failed"


class Posting:
    """Reads what is posted; prints papers in the background and keeps them by version, kind and day."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Poster], Rendered]) -> None:
        """Work on one installation; `render` prints one paper, in a process of its own."""
        self._uow = uow
        self._office = office
        self._press = Press("posters", kept=_KEPT)
        self._render = self._press.until_closed(render)

    # --- what is posted ---

    def procedures(self, *, at: datetime) -> tuple[PostedProcedure, ...]:
        """Everything that is offered on the local day of `at`, by sector and then by code."""
        offered = self._offered(at)
        times = Counter(definition.procedure.code for definition in offered)
        return tuple(
            posted(self._office, definition, at, says_level=times[definition.procedure.code] > 1)
            for definition in offered
        )

    def procedure(self, code: str, level: str = "", *, at: datetime) -> PostedProcedure:
        """One procedure; an agency's suffix behind the national code does not matter.

        `level` chooses where one code is done at several. Raises `NotFound`.
        """
        definition, says_level = self._find(code, level, at)
        return posted(self._office, definition, at, says_level=says_level)

    def search(self, text: str, sector: str = "", *, at: datetime) -> tuple[PostedProcedure, ...]:
        """Procedures that hold every word of `text`, with or without accents, of a sector if one is named."""
        words = fold(text).split()
        return tuple(
            page
            for page in self.procedures(at=at)
            if (not sector or page.facts.sector == sector) and _holds(page, words)
        )

    def report(self, *, at: datetime) -> tuple[Completeness, ...]:
        """How complete the facts of every procedure are on the local day of `at`."""
        lists = self.lists()
        return tuple(
            completeness(
                definition.procedure,
                step_sheet(definition),
                [act for basis in definition.procedure.legal_basis for act in lists.acts_in(basis)],
                self._office.local_day(at),
            )
            for definition in self._offered(at)
        )

    def lists(self) -> Lists:
        """The lists of codes and legal acts, as their files say now."""
        return read_lists(self._office.settings.procedures)

    # --- what is printed ---

    def paper(self, kind: str, code: str, level: str = "", *, at: datetime) -> LetterPdf:
        """A wall sheet, leaflet or step sheet as PDF, or that it is being printed.

        Raises `NotFound` and `PosterFailed`.
        """
        if kind not in KINDS:
            raise NotFound(what=f"bản in “{kind}”")
        definition, _says_level = self._find(code, level, at)
        content = self._wanted((kind, definition.ref, self._day(at)), lambda: self._print(kind, definition, at))
        return LetterPdf(f"{_FILES[kind]}-{definition.procedure.code}.pdf", content, "", content is None)

    def list_paper(self, *, at: datetime) -> LetterPdf:
        """The list of all procedures for the wall, as PDF, or that it is being printed. Raises `PosterFailed`."""
        pages = self.procedures(at=at)
        key = (LIST, *(page.ref for page in pages), self._day(at))
        content = self._wanted(key, lambda: self._render(wall_list(self._office, pages, at)).pdf)
        return LetterPdf("bang-niem-yet.pdf", content, "", content is None)

    def everything(self, *, at: datetime, patience: float | None = None) -> LetterPdf:
        """All wall sheets, leaflets and the list in one zip file, or that it is being made. Raises `PosterFailed`."""
        offered = self._offered(at)
        key = (ALL, *(definition.ref for definition in offered), self._day(at))
        content = self._wanted(key, lambda: self._pack(offered, at), patience)
        return LetterPdf("niem-yet-tat-ca.zip", content, "", content is None)

    def close(self) -> None:
        """Print nothing more."""
        self._press.close()

    # --- inside ---

    def _offered(self, at: datetime) -> list[Definition]:
        with self._uow.read() as tx:
            offered = self._office.library.in_force(tx, self._office.local_day(at))
        return sorted(
            offered,
            key=lambda found: (
                fold(found.procedure.sector_name),
                found.procedure.code,
                level_text(found.procedure.levels),
            ),
        )

    def _find(self, code: str, level: str, at: datetime) -> tuple[Definition, bool]:
        offered, national = self._offered(at), ".".join(code.strip().split(".")[:_NATIONAL_PARTS])
        ways = [definition for definition in offered if definition.procedure.code == national]
        if not ways:
            raise NotFound(what=f"thủ tục có mã “{code}”")
        return next((found for found in ways if level in found.procedure.levels), ways[0]), len(ways) > 1

    def _day(self, at: datetime) -> str:
        return self._office.local_day(at).isoformat()

    def _print(self, kind: str, definition: Definition, at: datetime) -> bytes:
        return self._render(poster_of(self._office, posted(self._office, definition, at), kind, at)).pdf

    def _pack(self, offered: list[Definition], at: datetime) -> bytes:
        """Print every paper that is not kept yet (this runs on the press itself), and pack all of them."""
        pages = tuple(posted(self._office, definition, at) for definition in offered)
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            sheet = self._render(wall_list(self._office, pages, at)).pdf
            archive.writestr(ZipInfo("bang-niem-yet.pdf", _stamp(at)), sheet)
            for definition in offered:
                facts = definition.procedure
                for kind in _PUBLIC:
                    name = f"{facts.sector}/{facts.code}-{facts.process}-{_FILES[kind]}.pdf"
                    archive.writestr(ZipInfo(name, _stamp(at)), self._kept_or_printed(kind, definition, at))
        return packed.getvalue()

    def _kept_or_printed(self, kind: str, definition: Definition, at: datetime) -> bytes:
        key = (kind, definition.ref, self._day(at))
        known = self._press.kept(key)
        if known is not None:
            return known
        try:
            return self._print(kind, definition, at)
        except Exception as error:
            raise PosterFailed(detail=f"{definition.procedure.code}, {_FILES[kind]}: {error}".rstrip(".")) from error

    def _wanted(self, key: tuple[str, ...], job: Callable[[], bytes], patience: float | None = None) -> bytes | None:
        """The paper if it is kept or printed within `patience` seconds; None: ask again."""
        try:
            return self._press.wanted(key, job, patience)
        except Exception as failure:  # whatever went wrong with one paper, its reader must hear of it
            raise PosterFailed(detail=str(failure).rstrip(".")) from failure


def _holds(page: PostedProcedure, words: list[str]) -> bool:
    facts = page.facts
    cases = " ".join(case.name for case in facts.cases)
    text = fold(f"{facts.code} {page.name} {facts.sector_name} {cases}")
    return all(word in text for word in words)


def _stamp(at: datetime) -> tuple[int, int, int, int, int, int]:
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)
