"""Numbered slips for a time without power: printed beforehand, keyed in once each; those that are out are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, CannotRun, NotFound
from engine.domain.permissions import check_can_receive
from engine.domain.slips import MOST_AT_ONCE, SlipPage, SlipView, slip_digits, slip_label, slip_number
from engine.domain.views import LetterPdf
from engine.effects.desk import SlipSettled
from engine.effects.letter_templates import letterhead_on
from engine.persistence.repositories.intake import GIVEN, VOID
from letters import LetterError
from letters.prints import BlankSlip, BlankSlips

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office
    from engine.persistence.repositories.intake import SlipRecord
    from engine.persistence.unit_of_work import UnitOfWork
    from letters.posters import Poster
    from letters.rendered import Rendered

MOST_SHOWN = 200
LATEST = 30
LONGEST_REASON = 300


class BadSlipOrder(BadInput):
    """Chưa in được phiếu tạm: {detail}."""

    code = "bad_slip_order"


class SlipsNotPrinted(CannotRun):
    """Chưa in được phiếu tạm: {detail}. Số phiếu đã cấp vẫn giữ, hãy in lại."""

    code = "slips_not_printed"


class Slips:
    """The slips of each desk."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Poster], Rendered]) -> None:
        """Work on one installation; `render` prints in a process of its own."""
        self._uow = uow
        self._office = office
        self._render = render

    def page(self, actor: Actor, unit_code: str) -> SlipPage:
        """The slips of a desk of this clerk."""
        unit = self._desk(actor, unit_code)
        with self._uow.read() as tx:
            total = tx.slips.count(unit.id)
            out = tx.slips.outstanding(unit.id, MOST_SHOWN)
            settled = tx.slips.settled(unit.id, LATEST)
        return SlipPage(
            unit.code,
            unit.name,
            total,
            tuple(_view(unit, slip) for slip in out),
            tuple(_view(unit, slip, code) for slip, code in settled),
        )

    def give_out(self, actor: Actor, unit_code: str, how_many: int, *, at: datetime) -> int:
        """Take the next numbers of a desk for a print; answers the number of the print. Raises `BadSlipOrder`."""
        unit = self._desk(actor, unit_code)
        if not 1 <= how_many <= MOST_AT_ONCE:
            raise BadSlipOrder(detail=f"mỗi lần in từ 1 đến {MOST_AT_ONCE} phiếu")
        with self._uow.write() as tx:
            numbers = [tx.dossiers.next_number(f"slip:{unit.code}") for _ in range(how_many)]
            batch = tx.dossiers.next_number(f"slips:{unit.code}")
            tx.slips.give_out(unit.id, range(numbers[0], numbers[-1] + 1), batch=batch, at=at, by=actor.username)
        return batch

    def pdf(self, actor: Actor, unit_code: str, batch: int) -> LetterPdf:
        """The slips of one print, two on a sheet; raises `NotFound`, `SlipsNotPrinted`."""
        unit = self._desk(actor, unit_code)
        with self._uow.read() as tx:
            slips = tx.slips.of_batch(unit.id, batch)
            if not slips:
                raise NotFound(what=f"lần in phiếu tạm số {batch}")
            letterhead = letterhead_on(tx, self._office, unit, slips[0].printed_at)
        poster = BlankSlips(
            letterhead=letterhead,
            issued_at=slips[0].printed_at,
            title="Phiếu tạm tiếp nhận hồ sơ",
            verification_url=self._office.settings.web.address("/tra-cuu"),
            contact=(f"Điện thoại {unit.phone}",) if unit.phone else (),
            slips=tuple(
                BlankSlip(label=slip_label(unit.code, slip.number), digits=slip_digits(unit.id, slip.number))
                for slip in slips
            ),
        )
        try:
            rendered = self._render(poster)
        except LetterError as error:
            raise SlipsNotPrinted(detail=str(error)) from error
        return LetterPdf(f"phieu-tam_{unit.code}_{batch:04d}.pdf", rendered.pdf, rendered.sha256, waiting=False)

    def void(self, actor: Actor, unit_code: str, number: str, reason: str, *, at: datetime) -> str:
        """Declare a slip void for a reason; answers its label. Raises `BadSlipOrder`, `SlipSettled`."""
        unit = self._desk(actor, unit_code)
        known = slip_number(number, unit.id, unit.code)
        if not reason.strip():
            raise BadSlipOrder(detail="hãy ghi lý do hủy phiếu (viết hỏng, thất lạc, không dùng …)")
        with self._uow.write() as tx:
            slip = tx.slips.find(unit.id, known) if known is not None else None
            if slip is None:
                raise NotFound(what=f"phiếu tạm “{number[:40]}” của {unit.name}")
            label, said = slip_label(unit.code, slip.number), reason.strip()[:LONGEST_REASON]
            if slip.state != GIVEN or not tx.slips.settle(slip.id, VOID, at=at, by=actor.username, reason=said):
                raise SlipSettled(label=label, detail="đã nhập hoặc đã hủy")
        return label

    def _desk(self, actor: Actor, unit_code: str) -> Unit:
        unit = self._office.units.by_code(unit_code)
        check_can_receive(actor, unit)
        return unit


def _view(unit: Unit, slip: SlipRecord, dossier_code: str = "") -> SlipView:
    return SlipView(
        slip.number,
        slip_label(unit.code, slip.number),
        slip.batch,
        slip.state,
        slip.printed_at,
        slip.settled_at,
        slip.settled_by or "",
        slip.reason,
        dossier_code,
    )
