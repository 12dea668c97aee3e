"""Letters for people of the office: the file of one letter, and the register that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.board import Choice
from engine.domain.errors import BadInput, CannotRun, NotFound
from engine.domain.letter_life import LetterState
from engine.domain.letter_views import MOST_COUNTED, RegisterQuestion, RegisterState, ThreeQuestions
from engine.domain.permissions import board_units, check_can_see_register, register_units
from engine.domain.views import LetterPdf, RegisterPage
from engine.effects.boards import open_board
from engine.effects.letter_templates import letterhead_on
from engine.effects.press import Press
from engine.effects.seeing import may_see
from engine.persistence.queries.register import Register
from engine.tables.comma import MOST_ROWS, check_rows, csv_text
from letters import LetterError
from letters.prints import MOST_LETTERS, LetterBook, LetterEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.people import Actor, Unit
    from engine.domain.views import RegisterLine
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork
    from letters.posters import Poster
    from letters.rendered import Rendered

__all__ = ["Correspondence", "LetterPdf"]

PAGE_SIZE = 50
LARGEST_PAGE = 500
FIRST_LINES = 20
_KEPT = 20
COLUMNS = (
    "Đơn vị",
    "Văn bản",
    "Năm",
    "Số thứ tự",
    "Số ký hiệu",
    "Ban hành lúc",
    "Mã hồ sơ",
    "Chủ hồ sơ",
    "Tình trạng",
    "Đến người nhận lúc",
    "Ghi chú",
    "SHA-256",
)


class TooManyLetters(BadInput):
    """Phần này của sổ có {total} văn bản, mỗi bản in tối đa {most}. Hãy chọn một mẫu, một năm, hoặc tải tệp CSV."""

    code = "too_many_letters"


class BookFailed(CannotRun):
    """Chưa in được sổ văn bản: {detail}. Hãy báo người quản trị."""

    code = "letter_book_failed"


class Correspondence:
    """Reads the register of letters and their documents."""

    def __init__(self, uow: UnitOfWork, office: Office, print_book: Callable[[Poster], Rendered]) -> None:
        """Work on one installation; `print_book` prints a book, in a process of its own."""
        self._uow = uow
        self._office = office
        self._print = print_book
        self._press = Press("letter-book", kept=_KEPT)

    def close(self) -> None:
        """Print nothing more."""
        self._press.close()

    def pdf(self, actor: Actor, letter_id: int) -> LetterPdf:
        """A letter as a file; raises `NotFound` also when its dossier is none of the person's business."""
        with self._uow.read() as tx:
            letter = tx.letters.find(letter_id)
            dossier = tx.dossiers.by_id(letter.dossier_id)
            if not may_see(tx, self._office, actor, dossier):
                raise NotFound(what="văn bản")
            return Register(tx.connection, self._office.units).as_file(letter, dossier.code)

    def register(
        self,
        actor: Actor,
        question: RegisterQuestion = RegisterQuestion(),  # noqa: B008 - frozen
        page: int = 1,
        page_size: int = PAGE_SIZE,
    ) -> RegisterPage:
        """A page of the letters that the person's units issued and that `question` asks for, newest first.

        Letters are counted up to `MOST_COUNTED`, then one more: a register grows for years.
        Raises `Refused` for people without a register to look at, `NotFound` for a unit that is not theirs.
        """
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        mine, asked = self._units(actor, question)
        with self._uow.read() as tx:
            register = Register(tx.connection, self._office.units)
            return RegisterPage(
                letters=register.page(asked, question, limit=page_size, offset=(page - 1) * page_size),
                total=register.total(asked, question, most=MOST_COUNTED),
                page=page,
                page_size=page_size,
                units=tuple((unit.code, unit.name) for unit in self._office.units if unit.id in mine),
                years=register.years(),
            )

    def table(self, actor: Actor, question: RegisterQuestion) -> str:
        """The register as CSV, unit by unit and form by form in the order of the numbers. Raises `TableTooLong`."""
        _, asked = self._units(actor, question)
        with self._uow.read() as tx:
            register = Register(tx.connection, self._office.units)
            check_rows(register.total(asked, question))
            return csv_text(COLUMNS, map(self._cells, register.book(asked, question, most=MOST_ROWS)))

    def book(self, actor: Actor, question: RegisterQuestion, *, at: datetime) -> LetterPdf:
        """The same as a book to print, or that it is being printed. Raises `TooManyLetters` and `BookFailed`."""
        _, asked = self._units(actor, question)
        with self._uow.read() as tx:
            register = Register(tx.connection, self._office.units)
            if (total := register.total(asked, question)) > MOST_LETTERS:
                raise TooManyLetters(total=total, most=MOST_LETTERS)
            lines = tuple(register.book(asked, question, most=MOST_LETTERS))
            unit = self._office.units.by_code(question.unit_code) if question.unit_code else self._highest(asked)
            letterhead = letterhead_on(tx, self._office, unit, at)
        settings = self._office.settings
        book = LetterBook(
            letterhead=letterhead,
            issued_at=at.astimezone(settings.zone).replace(hour=0, minute=0, second=0, microsecond=0),
            title="Sổ văn bản giải quyết thủ tục hành chính",
            verification_url=settings.web.address("/oversight/letters"),
            scope=_scope(question),
            entries=tuple(self._entry(line) for line in lines),
        )
        try:
            content = self._press.paper(book, self._print)
        except LetterError as error:
            raise BookFailed(detail=str(error).rstrip(".")) from error
        return LetterPdf("so-van-ban.pdf", content, "", content is None)

    def questions(self, actor: Actor, *, at: datetime) -> ThreeQuestions:
        """Late files without a letter, letters that reached nobody, and who is late a second time, in one answer."""
        without_letter, second_lateness = Choice(kind="without_letter"), Choice(kind="second_lateness")
        asked = RegisterQuestion(state=RegisterState.UNDELIVERED)
        with self._uow.read() as tx:
            board = open_board(tx, self._office, actor, Choice(), at)
            overseen = board_units(actor, self._office.units)
            register = Register(tx.connection, self._office.units)
            counts = board.counts()
            return ThreeQuestions(
                without_letter=board.page(without_letter, limit=FIRST_LINES),
                without_letter_total=counts["without_letter"],
                undelivered=register.page(overseen, asked, limit=FIRST_LINES, offset=0),
                undelivered_total=register.total(overseen, asked),
                second_lateness=board.page(second_lateness, limit=FIRST_LINES),
                second_lateness_total=counts["second_lateness"],
            )

    # --- inside ---

    def _units(self, actor: Actor, question: RegisterQuestion) -> tuple[frozenset[int], frozenset[int]]:
        """The person's units, and those of them that are asked about."""
        units = self._office.units
        check_can_see_register(actor, units)
        mine = register_units(actor, units)
        if not question.unit_code:
            return mine, mine
        unit = units.by_code(question.unit_code)
        if unit.id not in mine:
            raise NotFound(what=f"đơn vị có mã “{question.unit_code}”")
        return mine, frozenset({unit.id})

    def _highest(self, unit_ids: frozenset[int]) -> Unit:
        units = self._office.units
        return min((units.get(unit_id) for unit_id in unit_ids), key=lambda unit: (len(units.above(unit.id)), unit.id))

    def _cells(self, line: RegisterLine) -> tuple[str, ...]:
        letter = line.letter
        return (
            line.unit_name,
            letter.title,
            str(line.year),
            str(line.number),
            letter.number_text,
            self._said(letter.issued_at),
            line.dossier_code,
            line.applicant_name,
            LetterState(letter.status).label,
            self._said(letter.delivered_at),
            line.note,
            letter.sha256,
        )

    def _entry(self, line: RegisterLine) -> LetterEntry:
        letter = line.letter
        return LetterEntry(
            unit=line.unit_name,
            number=letter.number_text,
            issued_at=self._said(letter.issued_at),
            title=letter.title,
            dossier=line.dossier_code,
            applicant=line.applicant_name,
            state=LetterState(letter.status).label,
            delivered_at=self._said(letter.delivered_at),
            note=line.note[:300],
            sha256=letter.sha256,
        )

    def _said(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._office.settings.zone):%H:%M %d/%m/%Y}" if at else ""


def _scope(question: RegisterQuestion) -> str:
    parts = [
        f"Năm {question.year}" if question.year else "Tất cả các năm",
        question.state.label if question.state else "",
        f"có “{question.search}”" if question.search else "",
    ]
    return "; ".join(part for part in parts if part)
