"""Worklists: what waits for a person and for their units, most urgent first, and the words that were left for them."""

from __future__ import annotations

from datetime import datetime

from engine.domain.errors import NotFound
from engine.domain.event_text import RUNG_NOTICE
from engine.domain.people import WORKING_ROLES, Actor
from engine.domain.permissions import units_of
from engine.domain.views import FoundPage, Notice, WorkPage
from engine.domain.worklists import MOST_DONE, VIEWS, Listing, asked_words
from engine.effects.office import Office
from engine.effects.orders import ESCALATION, REMINDER
from engine.effects.reading import lens_at
from engine.persistence.queries.search import find_dossiers, lines_of
from engine.persistence.queries.worklist import Worklists
from engine.persistence.unit_of_work import Transaction, UnitOfWork

PAGE_SIZE = 50
LARGEST_PAGE = 200
MOST_FOUND = 200
# A word of a supervisor's order: the number of the order follows.
ORDER_NOTICES = {
    REMINDER: "Người giám sát nhắc việc",
    ESCALATION: "Người giám sát báo cáo lãnh đạo về hồ sơ",
}
# What colleagues leave each other beside a dossier; a note says who or what.
BESIDE_NOTICES = {
    "note_mention": "Bạn được nhắc đến trong ghi chú nội bộ của",
    "follow_up": "Bạn hẹn xem lại hồ sơ này hôm nay",
    "opinion_asked": "Đơn vị bạn được hỏi ý kiến về hồ sơ này",
    "opinion_chased": "Đơn vị khác nhắc trả lời ý kiến về hồ sơ này",
    "opinion_answered": "Có trả lời cho ý kiến mà đơn vị bạn đã hỏi",
}
NOTICE_TEXTS = {
    "message_failed": "Có thư, tin nhắn không gửi được đến người nộp; xem trang Thư đi.",
    "message_unknown": "Có thư chưa rõ đã đến người nộp chưa; xem trang Thư đi và quyết định gửi lại hay không.",
    "message_returned": "Thư gửi người nộp bị bưu điện trả lại; xem trang Thư đi.",
    "due_soon": "Hồ sơ sắp đến hạn trả kết quả.",
    "overdue": "Hồ sơ đã quá hạn trả kết quả.",
    "apology_drafted": "Hồ sơ dự kiến quá hạn: dự thảo văn bản xin lỗi đang chờ lãnh đạo ký.",
    "due_date_moved": "Ngày hẹn trả kết quả thay đổi vì lịch làm việc thay đổi: xem ngày mới và lý do trong hồ sơ.",
    "second_lateness": "Hồ sơ lại quá hạn sau khi đã hẹn lại: không được hẹn lại nữa, cần thủ trưởng đơn vị chỉ đạo.",
}


class Worklist:
    """The steps that people have to do."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def page(
        self,
        actor: Actor,
        view: str = "mine",
        page: int = 1,
        page_size: int = PAGE_SIZE,
        *,
        listing: Listing | None = None,
        at: datetime,
    ) -> WorkPage:
        """A page of one view of the person's work, and how much every view holds; raises `NotFound` for another view.

        - ``mine``: steps the person has taken, and steps that nobody else in the unit could take.
        - ``unit``: every open step of the person's units. ``unassigned``: those of the person's role nobody has taken.
        - ``supplement``, ``payment``, ``results``: dossiers that the person's units received, decide on or work on,
          and that wait for papers, for a payment, for somebody to fetch the result.
        - ``done``: steps that the person has completed, the latest first.

        `listing` says the view with a filter and an order of its own. What every view holds is told without filter,
        and of ``done`` up to `MOST_DONE`, then one more; its list tells the whole number.
        """
        asked = listing or Listing(view=view)
        if asked.view not in VIEWS:
            raise NotFound(what=f"danh sách “{asked.view}”")
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        with self._uow.read() as tx:
            lists = self._lists(tx, actor, at)
            counts = lists.counts()
            is_counted = not asked.filter and not (asked.view == "done" and counts["done"] > MOST_DONE)
            return WorkPage(
                items=lists.page(asked, limit=page_size, offset=(page - 1) * page_size),
                total=counts[asked.view] if is_counted else lists.total(asked),
                page=page,
                page_size=page_size,
                counts=counts,
                as_of=at,
            )

    def search(self, actor: Actor, text: str, page: int = 1, page_size: int = PAGE_SIZE, *, at: datetime) -> FoundPage:
        """Dossiers, open or not, that concern the person's units and have every word of `text`, open ones first.

        A word is the beginning of a word of the code, the name (accents do not matter), an identity number, a phone.
        """
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        words, units = asked_words(text), sorted(units_of(actor, WORKING_ROLES))
        with self._uow.read() as tx:
            found = find_dossiers(tx.connection, words, units, most=MOST_FOUND + 1)
            ids = found.ids[:MOST_FOUND]
            shown = ids[(page - 1) * page_size : page * page_size]
            return FoundPage(
                lines=lines_of(tx.connection, lens_at(self._office, at), shown),
                total=len(ids),
                page=page,
                page_size=page_size,
                is_cut=len(found.ids) > MOST_FOUND,
                only_open=found.only_open,
                only_newest=found.only_newest,
                as_of=at,
            )

    def next_code(self, actor: Actor, listing: Listing, task_id: int, *, at: datetime) -> str:
        """The dossier to open after a step of a list was done: the next one there that the person may work on."""
        if listing.view == "done":
            return ""
        with self._uow.read() as tx:
            return self._lists(tx, actor, at).next_code(listing, task_id)

    def notices(self, actor: Actor, *, at: datetime) -> tuple[Notice, ...]:
        """What was left for the roles of the person and nobody has put away yet, newest first."""
        with self._uow.read() as tx:
            found = self._lists(tx, actor, at).notices()
        units = self._office.units
        return tuple(
            Notice(
                each.id,
                each.at,
                each.dossier_code,
                notice_text(each.message, each.note),
                unit_code=units.get(each.unit_id).code,
            )
            for each in found
        )

    def read_notice(self, actor: Actor, notice_id: int, *, at: datetime) -> None:
        """Put a notice away; raises `NotFound` if it was not left for the person."""
        with self._uow.write() as tx:
            if not self._lists(tx, actor, at).is_for_me(notice_id):
                raise NotFound(what="thông báo")
            tx.history.read_notice(notice_id, at=at, by=actor.username)

    def read_notices(self, actor: Actor, *, at: datetime) -> None:
        """Put every notice away that the person is shown now."""
        with self._uow.write() as tx:
            for notice in self._lists(tx, actor, at).notices():
                tx.history.read_notice(notice.id, at=at, by=actor.username)

    def _lists(self, tx: Transaction, actor: Actor, at: datetime) -> Worklists:
        return Worklists(tx.connection, lens_at(self._office, at), actor, self._office.settings.zone)


def notice_text(message: str, note: str = "") -> str:
    """Put what a diagram asked to tell into a sentence; a message of an office's own diagram is told as it is."""
    for begins, text in ORDER_NOTICES.items():
        if message.startswith(begins):
            return f"{text}: {note}" if note else f"{text}."
    if message.startswith(RUNG_NOTICE):
        return f"Hồ sơ đến mốc nhắc hạn “{message.removeprefix(RUNG_NOTICE)}”."
    if message in {"report_soon", "report_late"} and note.count("|") > 1:  # how many, by which day, of which unit
        number, day, unit = note.split("|", 2)
        if message == "report_late":
            return f"Quá hạn mà chưa gửi {number} báo cáo của {unit}, hạn {day}."
        return f"Sắp đến hạn gửi {number} báo cáo của {unit}, hạn {day}."
    if message in BESIDE_NOTICES:
        return f"{BESIDE_NOTICES[message]}: {note}." if note else f"{BESIDE_NOTICES[message]}."
    return NOTICE_TEXTS.get(message, f"Quy trình báo: “{message}”.")
