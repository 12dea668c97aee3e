"""What is printed on the spot and is no letter: registers, hand-over lists, routing slips, receipts on a roll.

All of it is rendered in a process of its own; a request waits two seconds at most and is told to ask again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, CannotRun, NotFound, Refused
from engine.domain.fees import FeeDay
from engine.domain.permissions import register_units
from engine.domain.print_views import BOOK_COLUMNS, BookPage, HandOverPage, Period
from engine.domain.views import LetterPdf
from engine.effects.books import Books
from engine.effects.correspondence import build_letter
from engine.effects.fees import lines_of
from engine.effects.journey import Journey
from engine.effects.letter_templates import letterhead_on
from engine.effects.press import Press
from engine.effects.seeing import find_visible
from engine.tables.comma import check_rows, csv_text
from letters import LetterError, ReceiptSlip, from_json, regime_on, title_of
from letters.prints import (
    MOST_ENTRIES,
    HandedOver,
    HandOverList,
    ReceivingUnit,
    RegisterBook,
    RegisterEntry,
    RollReceipt,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from letters import Letter
    from letters.posters import Poster
    from letters.rendered import Rendered

PAGE_SIZE = 50
LARGEST_PAGE = 200
MOST_ROWS = 50_000
_KEPT = 60


class PrintFailed(CannotRun):
    """Chưa lập được bản in này: {detail}. Hãy báo người quản trị."""

    code = "print_failed"


class TooLongToPrint(BadInput):
    """Kỳ này có {total} hồ sơ, mỗi bản in tối đa {most}. Hãy chọn kỳ ngắn hơn, hoặc tải tệp CSV."""

    code = "too_long_to_print"


class PeriodBackwards(BadInput):
    """Kỳ từ {from_on:%d/%m/%Y} đến {to_on:%d/%m/%Y}: ngày đầu phải không sau ngày cuối."""

    code = "period_backwards"


class Prints:
    """Reads what registers and slips say, and prints them."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter | Poster], Rendered]) -> None:
        """Work on one installation; `render` prints one paper, in a process of its own."""
        self._uow = uow
        self._office = office
        self._press = Press("prints", kept=_KEPT)
        self._render = self._press.until_closed(render)

    # --- one dossier ---

    def routing_slip(self, actor: Actor, code: str, *, at: datetime) -> LetterPdf:
        """Form 06 of a dossier as its log stands, without a number: nothing is written.

        Raises `NotFound`, also for a dossier that is none of the person's business, and `PrintFailed`.
        """
        with self._uow.read() as tx:
            dossier = self._dossier(tx, actor, code)
            journey = Journey(tx, self._office, dossier, by=actor, at=self._midnight(self._office.local_day(at)))
            slip = build_letter(journey, "routing_slip", number_text="", token="", facts={})
        return self._printed(slip, f"phieu-kiem-soat_{dossier.code}.pdf")

    def roll_receipt(self, actor: Actor, code: str) -> LetterPdf:
        """The latest receipt of a dossier for a roll of 80 mm: the facts that were frozen when it was issued.

        Raises `NotFound`, also for a dossier without a receipt of its own, and `PrintFailed`.
        """
        with self._uow.read() as tx:
            dossier = self._dossier(tx, actor, code)
            issued = [letter for letter in tx.letters.of(dossier.id, "receipt") if letter.cancelled_at is None]
        if not issued:
            raise NotFound(what="giấy tiếp nhận của hồ sơ này")
        receipt = from_json("receipt", issued[-1].data)
        assert isinstance(receipt, ReceiptSlip)
        roll = RollReceipt(
            letterhead=receipt.letterhead,
            issued_at=receipt.issued_at,
            title=title_of(receipt),
            verification_url=receipt.verification_url,
            receipt=receipt,
        )
        return self._printed(roll, f"giay-tiep-nhan-80mm_{dossier.code}.pdf")

    # --- the register of a unit (form 07) ---

    def book_units(self, actor: Actor) -> tuple[Unit, ...]:
        """The units whose registers the person may turn over, by name; their own first."""
        own = {membership.unit_id for membership in actor.memberships}
        units = (self._office.units.get(unit_id) for unit_id in register_units(actor, self._office.units))
        return tuple(sorted(units, key=lambda unit: (unit.id not in own, unit.name)))

    def book(
        self, actor: Actor, unit_code: str, from_on: date, to_on: date, page: int = 1, page_size: int = PAGE_SIZE
    ) -> BookPage:
        """A page of the dossiers that a desk received, or another unit decides on, in the order of receipt.

        An empty `unit_code` means the first of `book_units`. Raises `Refused`, `PeriodBackwards`.
        """
        unit, period = self._unit(actor, unit_code), self._period(from_on, to_on)
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        with self._uow.read() as tx:
            books = Books(tx, self._office)
            total = books.count(unit, period)
            lines = books.lines(unit, period, limit=page_size, offset=(page - 1) * page_size)
        return BookPage(unit, self.book_units(actor), from_on, to_on, lines, total, page, page_size)

    def book_pdf(self, actor: Actor, unit_code: str, from_on: date, to_on: date, *, at: datetime) -> LetterPdf:
        """The register on A4 across, its head on every page; raises what `book` raises, `TooLongToPrint`."""
        unit, period = self._unit(actor, unit_code), self._period(from_on, to_on)
        with self._uow.read() as tx:
            books = Books(tx, self._office)
            total = books.count(unit, period)
            if total > MOST_ENTRIES:
                raise TooLongToPrint(total=total, most=MOST_ENTRIES)
            lines = books.lines(unit, period, limit=MOST_ENTRIES, offset=0)
            letterhead = letterhead_on(tx, self._office, unit, at)
        book = RegisterBook(
            letterhead=letterhead,
            issued_at=self._midnight(self._office.local_day(at)),
            title="Sổ theo dõi hồ sơ",
            verification_url=self._public(),
            period=f"Từ ngày {from_on:%d/%m/%Y} đến ngày {to_on:%d/%m/%Y}",
            entries=tuple(RegisterEntry(**line.told()) for line in lines),
            regime=regime_on(to_on),
        )
        return self._printed(book, f"so-theo-doi_{unit.code}_{from_on:%Y%m%d}-{to_on:%Y%m%d}.pdf")

    def book_csv(self, actor: Actor, unit_code: str, from_on: date, to_on: date) -> LetterPdf:
        """The register as a table for a spreadsheet; raises `TableTooLong`."""
        unit, period = self._unit(actor, unit_code), self._period(from_on, to_on)
        with self._uow.read() as tx:
            books = Books(tx, self._office)
            total = books.count(unit, period)
            check_rows(total)
            lines = books.lines(unit, period, limit=total, offset=0)
        rows = ([number, *line.told().values()] for number, line in enumerate(lines, 1))
        content = csv_text(["TT", *BOOK_COLUMNS.values()], rows).encode()
        name = f"so-theo-doi_{unit.code}_{from_on:%Y%m%d}-{to_on:%Y%m%d}.csv"
        return LetterPdf(name, content, hashlib.sha256(content).hexdigest(), waiting=False)

    # --- what was handed over on a day ---

    def hand_overs(self, actor: Actor, unit_code: str, on: date) -> HandOverPage:
        """The dossiers that a unit handed to others on a local day, by receiver. Raises `Refused`."""
        unit = self._unit(actor, unit_code)
        with self._uow.read() as tx:
            receivers = Books(tx, self._office).handed_over(unit, self._period(on, on))
        return HandOverPage(unit, self.book_units(actor), on, receivers)

    def hand_overs_pdf(self, actor: Actor, unit_code: str, on: date) -> LetterPdf:
        """The same to sign, a sheet or more for each receiver; raises `NotFound` where nothing was handed over."""
        found = self.hand_overs(actor, unit_code, on)
        if not found.receivers:
            raise NotFound(what=f"hồ sơ bàn giao ngày {on:%d/%m/%Y}")
        with self._uow.read() as tx:
            letterhead = letterhead_on(tx, self._office, found.unit, self._midnight(on))
        sheets = HandOverList(
            letterhead=letterhead,
            issued_at=self._midnight(on),
            title="Danh sách bàn giao hồ sơ",
            verification_url=self._public(),
            day=f"Ngày {on:%d/%m/%Y}",
            receivers=tuple(
                ReceivingUnit(name=each.name, dossiers=tuple(HandedOver(**line.told()) for line in each.dossiers))
                for each in found.receivers
            ),
        )
        return self._printed(sheets, f"ban-giao_{found.unit.code}_{on:%Y%m%d}.pdf")

    # --- what was taken on a day ---

    def fees(self, actor: Actor, unit_code: str, on: date) -> FeeDay:
        """The fees that a unit took on a local day, in the order in which they were written down. Raises `Refused`."""
        unit = self._unit(actor, unit_code)
        with self._uow.read() as tx:
            lines = lines_of(tx, self._office, tx.fees.of_day(unit.id, on, MOST_ROWS))
        return FeeDay(unit, self.book_units(actor), on, lines)

    def close(self) -> None:
        """Print nothing more."""
        self._press.close()

    # --- inside ---

    def _dossier(self, tx: Transaction, actor: Actor, code: str) -> DossierRecord:
        return find_visible(tx, self._office, actor, code).dossier

    def _unit(self, actor: Actor, unit_code: str) -> Unit:
        allowed = self.book_units(actor)
        if not allowed:
            raise Refused(detail="sổ theo dõi dành cho văn thư, cán bộ một cửa, lãnh đạo và người giám sát")
        if not unit_code:
            return allowed[0]
        found = next((unit for unit in allowed if unit.code == unit_code), None)
        if found is None:
            raise Refused(detail="bạn chỉ xem được sổ của đơn vị mình")
        return found

    def _period(self, from_on: date, to_on: date) -> Period:
        if from_on > to_on:
            raise PeriodBackwards(from_on=from_on, to_on=to_on)
        return Period(self._midnight(from_on), self._midnight(to_on + timedelta(days=1)))

    def _midnight(self, on: date) -> datetime:
        return datetime.combine(on, time.min, tzinfo=self._office.settings.zone)

    def _public(self) -> str:
        return self._office.settings.web.address("/tra-cuu")

    def _printed(self, paper: Letter | Poster, filename: str) -> LetterPdf:
        """The paper, or that it is being printed."""
        try:
            content = self._press.paper(paper, self._render)
        except (LetterError, TimeoutError) as error:
            raise PrintFailed(detail=str(error).rstrip(".")) from error
        return LetterPdf(filename, content, "", waiting=content is None)
