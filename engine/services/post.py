"""Bags for the post office: what goes today, the list that is signed, and the number that the post office gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import CannotRun, NotAllowedNow, NotFound
from engine.domain.message_views import BatchLine, BatchPage, MessageLine
from engine.domain.messages import DeliveryState, item_digits, item_of, one_line
from engine.domain.permissions import check_can_handle_message, handled_units, message_units
from engine.domain.views import LetterPdf
from engine.effects.letter_templates import letterhead_on
from engine.effects.message_acts import late_before, write_down
from engine.effects.messages import letter_follows
from engine.persistence.queries.messages import MessageLists
from engine.tables.comma import csv_text
from letters import LetterError
from letters.prints import MOST_IN_A_BAG, PostLine, PostList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.repositories.messages import BatchRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from letters.posters import Poster
    from letters.rendered import Rendered

LONGEST_NUMBER = 80
LATEST = 12
_COLUMNS = ("Mã vạch", "Người nhận", "Địa chỉ", "Mã hồ sơ", "Văn bản", "Số bưu gửi", "Tình trạng")


class NothingToPost(NotAllowedNow):
    """Không có thư nào chờ gửi bưu điện tại {unit}."""

    code = "nothing_to_post"


class BagPosted(NotAllowedNow):
    """Chuyến thư này đã giao bưu điện rồi; từng thư được ghi báo phát hoặc trả lại trên dòng của thư đó."""

    code = "bag_posted"


class ListNotPrinted(CannotRun):
    """Chưa in được danh sách gửi bưu điện: {detail}."""

    code = "list_not_printed"


class Post:
    """Letters that go by post."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Poster], Rendered]) -> None:
        """Work on one installation; `render` prints a list in a process of its own."""
        self._uow = uow
        self._office = office
        self._render = render

    def batches(self, actor: Actor, *, at: datetime) -> tuple[BatchLine, ...]:
        """The latest bags of the person's desks."""
        units = message_units(actor, self._office.units)
        with self._uow.read() as tx:
            lists = self._lists(tx, actor, at)
            return tuple(lists.batch_line(batch) for batch in tx.deliveries.batches(units, LATEST))

    def make_batch(self, actor: Actor, *, at: datetime) -> int:
        """Put every letter of the person's desks that waits for the post into a bag; answers the id of the bag.

        One desk, one bag; of several desks the first that has letters. What is more than a list can hold is left for
        the next bag. Raises `NothingToPost`.
        """
        units = sorted(handled_units(actor, self._office.units))
        with self._uow.write() as tx:
            lists = self._lists(tx, actor, at)
            for unit_id in units:
                ready = lists.to_post(unit_id, MOST_IN_A_BAG)
                if ready:
                    year = self._office.local_day(at).year
                    return tx.deliveries.make_batch(unit_id, year, ready, at=at, by=actor.username)
        named = self._office.units.get(units[0]).name if len(units) == 1 else "các đơn vị của bạn"
        raise NothingToPost(unit=named)

    def batch(self, actor: Actor, batch_id: int, *, at: datetime) -> BatchPage:
        """A bag and its letters; raises `NotFound`, also for a bag of another desk."""
        with self._uow.read() as tx:
            batch = self._seen(tx, actor, batch_id)
            lists = self._lists(tx, actor, at)
            may_act = batch.unit_id in handled_units(actor, self._office.units)
            return BatchPage(lists.batch_line(batch), lists.of_batch(batch_id), may_act)

    def posted(self, actor: Actor, batch_id: int, numbers: Mapping[int, str], *, at: datetime) -> int:
        """Note that the post office took a bag, with the numbers that it gave by letter; answers how many letters.

        What was cancelled meanwhile stays behind. Raises `BagPosted` for a bag that is gone.
        """
        with self._uow.write() as tx:
            batch = tx.deliveries.batch(batch_id, locked=True)
            check_can_handle_message(actor, batch.unit_id, self._office.units)
            if batch.posted_at is not None:
                raise BagPosted
            going = [each for each in tx.deliveries.of_batch(batch_id) if each.state is DeliveryState.WAITING]
            for each in going:
                number = one_line(numbers.get(each.id, ""), LONGEST_NUMBER)
                tx.deliveries.change(
                    each.id,
                    state=DeliveryState.SENT,
                    sent_at=at,
                    tried_at=at,
                    reference=number,
                    acted_by=actor.username,
                )
                letter_follows(tx, each, at, by=actor.username, note=number)
                write_down(tx, each, actor, "posted", at, reference=number)
            tx.deliveries.bag_posted(batch_id, at=at, by=actor.username)
            return len(going)

    def scanned(self, actor: Actor, digits: str, *, at: datetime) -> MessageLine:
        """The letter whose bar code was scanned; raises `NotFound`."""
        delivery_id = item_of(digits.strip())
        with self._uow.read() as tx:
            if delivery_id is None:
                raise NotFound(what=f"thư có mã “{one_line(digits, 40)}”")
            delivery = tx.deliveries.find(delivery_id)
            if delivery.unit_id not in message_units(actor, self._office.units):
                raise NotFound(what="thư, tin nhắn")
            lines = self._lists(tx, actor, at).of_dossier(delivery.dossier_id)
        return next(line for line in lines if line.id == delivery_id)

    def as_csv(self, actor: Actor, batch_id: int, *, at: datetime) -> tuple[str, str]:
        """The list of a bag as a table for the post office: the name of the file and its text."""
        page = self.batch(actor, batch_id, at=at)
        rows = (
            (
                item_digits(line.id),
                line.name,
                line.address,
                line.dossier_code,
                line.subject,
                line.reference,
                line.state.label,
            )
            for line in page.lines
        )
        return f"{_file_name(page.batch)}.csv", csv_text(_COLUMNS, rows)

    def as_pdf(self, actor: Actor, batch_id: int, *, at: datetime) -> LetterPdf:
        """The list of a bag on paper, with a bar code for each letter. Raises `ListNotPrinted`."""
        page = self.batch(actor, batch_id, at=at)
        with self._uow.read() as tx:
            unit = self._office.units.get(tx.deliveries.batch(batch_id).unit_id)
            letterhead = letterhead_on(tx, self._office, unit, page.batch.made_at)
        poster = PostList(
            letterhead=letterhead,
            issued_at=page.batch.made_at,
            title="Danh sách thư gửi qua bưu chính công ích",
            verification_url=self._office.settings.web.address("/tra-cuu"),
            number=f"Chuyến số {page.batch.number}/{page.batch.year}",
            contact=(f"Điện thoại {unit.phone}",) if unit.phone else (),
            lines=tuple(_post_line(line) for line in page.lines if line.state is not DeliveryState.CANCELLED),
        )
        try:
            rendered = self._render(poster)
        except LetterError as error:
            raise ListNotPrinted(detail=str(error)) from error
        return LetterPdf(f"{_file_name(page.batch)}.pdf", rendered.pdf, rendered.sha256, waiting=False)

    def _seen(self, tx: Transaction, actor: Actor, batch_id: int) -> BatchRecord:
        batch = tx.deliveries.batch(batch_id)
        if batch.unit_id not in message_units(actor, self._office.units):
            raise NotFound(what="chuyến thư")
        return batch

    def _lists(self, tx: Transaction, actor: Actor, at: datetime) -> MessageLists:
        units = self._office.units
        before = late_before(self._office, at)
        return MessageLists(tx.connection, units, late_before=before, may_act=handled_units(actor, units))


def _post_line(line: MessageLine) -> PostLine:
    return PostLine(
        digits=item_digits(line.id),
        name=line.name,
        address=line.address,
        letter=line.letter_number or line.subject,
        dossier_code=line.dossier_code,
        posted_number=line.reference,
    )


def _file_name(batch: BatchLine) -> str:
    return f"thu-buu-dien-{batch.year}-{batch.number:03d}"
