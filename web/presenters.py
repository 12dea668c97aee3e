"""Domain values as Vietnamese words: dates, remaining office time, badges. No rule is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from engine.config import Settings
from engine.domain.messages import DeliveryState
from engine.domain.status import DossierStatus
from engine.domain.views import DossierLine, OutcomeView, Urgency
from web.i18n import ENGLISH, is_english

Text: TypeAlias = "str | LazyString"


@dataclass(frozen=True, slots=True)
class Badge:
    """A colour, a word and an icon: the colour alone never says anything."""

    tone: str
    icon: str
    label: Text


STATUS_LOOKS = {
    DossierStatus.SUBMITTED: ("neutral", "inbox"),
    DossierStatus.RECEIVED: ("neutral", "inbox"),
    DossierStatus.REFUSED: ("ended", "cross"),
    DossierStatus.IN_PROGRESS: ("active", "work"),
    DossierStatus.SUPPLEMENT_REQUESTED: ("waiting", "paper"),
    DossierStatus.PAYMENT_REQUESTED: ("waiting", "money"),
    DossierStatus.WITHDRAWAL_REQUESTED: ("waiting", "back"),
    DossierStatus.DISCONTINUED: ("ended", "cross"),
    DossierStatus.RESOLVED: ("good", "check"),
    DossierStatus.DELIVERED: ("good", "check"),
}
URGENCY_LOOKS = {
    Urgency.OVERDUE: ("late", "alert"),
    Urgency.DUE_SOON: ("soon", "hourglass"),
    Urgency.IN_TIME: ("good", "clock"),
    Urgency.PAUSED: ("waiting", "pause"),
    Urgency.NO_DATE: ("neutral", "dash"),
}

# What the citizen wants to know of each state: whose turn it is, and what to do.
TURNS: Mapping[DossierStatus, tuple[Text, Text]] = {
    DossierStatus.SUBMITTED: (
        lazy_gettext("Cơ quan đang kiểm tra hồ sơ của bạn"),
        lazy_gettext("Bạn chưa phải làm gì. Sau khi kiểm tra, hồ sơ đủ giấy tờ sẽ được tiếp nhận và có ngày hẹn."),
    ),
    DossierStatus.RECEIVED: (
        lazy_gettext("Hồ sơ đã được tiếp nhận, chờ xử lý"),
        lazy_gettext("Bạn không phải làm gì. Hãy giữ Giấy tiếp nhận hồ sơ và hẹn trả kết quả."),
    ),
    DossierStatus.REFUSED: (
        lazy_gettext("Hồ sơ không được tiếp nhận"),
        lazy_gettext("Lý do ghi trong Phiếu từ chối. Bạn có thể nộp lại khi đã khắc phục lý do đó."),
    ),
    DossierStatus.IN_PROGRESS: (
        lazy_gettext("Cơ quan đang xử lý hồ sơ của bạn"),
        lazy_gettext("Bạn không phải làm gì. Đến ngày hẹn, hãy mang Giấy tiếp nhận đến nhận kết quả."),
    ),
    DossierStatus.SUPPLEMENT_REQUESTED: (
        lazy_gettext("Đến lượt bạn: cần bổ sung giấy tờ"),
        lazy_gettext("Hãy xem Phiếu yêu cầu bổ sung, chuẩn bị đủ trong một lần rồi nộp tại nơi đã nhận hồ sơ."),
    ),
    DossierStatus.PAYMENT_REQUESTED: (
        lazy_gettext("Chờ thực hiện nghĩa vụ tài chính"),
        lazy_gettext("Khi có thông báo của cơ quan thuế, hãy nộp tiền theo thông báo. Nộp xong, hồ sơ được làm tiếp."),
    ),
    DossierStatus.WITHDRAWAL_REQUESTED: (
        lazy_gettext("Cơ quan đang xem xét yêu cầu rút hồ sơ"),
        lazy_gettext("Bạn không phải làm gì. Cơ quan sẽ thông báo khi dừng giải quyết và trả lại giấy tờ."),
    ),
    DossierStatus.DISCONTINUED: (
        lazy_gettext("Hồ sơ đã dừng giải quyết"),
        lazy_gettext("Lý do ghi trong Thông báo dừng giải quyết. Hãy đến nơi đã nộp để nhận lại giấy tờ."),
    ),
    DossierStatus.RESOLVED: (
        lazy_gettext("Đã có kết quả: mời bạn đến nhận"),
        lazy_gettext("Hãy mang Giấy tiếp nhận hồ sơ và giấy tờ tùy thân đến nơi đã nộp hồ sơ, trong giờ làm việc."),
    ),
    DossierStatus.DELIVERED: (
        lazy_gettext("Đã trả kết quả"),
        lazy_gettext("Thủ tục đã xong. Nếu kết quả có sai sót, hãy liên hệ nơi đã trả kết quả."),
    ),
}

FORM_NAMES = {
    "receipt": lazy_gettext("Mẫu 01 · Giấy tiếp nhận và hẹn trả"),
    "supplement_request": lazy_gettext("Mẫu 02 · Yêu cầu bổ sung"),
    "refusal": lazy_gettext("Mẫu 03 · Từ chối tiếp nhận"),
    "apology": lazy_gettext("Mẫu 04 · Xin lỗi và hẹn lại"),
    "discontinuation": lazy_gettext("Mẫu 05 · Dừng giải quyết"),
    "routing_slip": lazy_gettext("Mẫu 06 · Kiểm soát quá trình"),
    "result_cover": lazy_gettext("Phiếu trả kết quả"),
    "feedback_answer": lazy_gettext("Trả lời phản ánh, kiến nghị"),
    "error_apology": lazy_gettext("Xin lỗi về sai sót"),
}
OUTCOMES = {
    "delivered": lazy_gettext("Đã trả kết quả"),
    "refused": lazy_gettext("Từ chối tiếp nhận"),
    "rejected": lazy_gettext("Từ chối giải quyết"),
    "discontinued": lazy_gettext("Dừng giải quyết"),
    "withdrawn": lazy_gettext("Công dân rút hồ sơ"),
}
LETTER_STATES = {
    "waiting": Badge("waiting", "stamp", lazy_gettext("Chờ lãnh đạo duyệt")),
    "put_back": Badge("soon", "back", lazy_gettext("Dự thảo bị trả lại")),
    "obsolete": Badge("ended", "dash", lazy_gettext("Không còn cần")),
    "issued": Badge("neutral", "clock", lazy_gettext("Đang lập tệp PDF")),
    "broken": Badge("late", "alert", lazy_gettext("Không lập được tệp")),
    "rendered": Badge("active", "paper", lazy_gettext("Đã lập tệp, chờ gửi")),
    "signed": Badge("active", "stamp", lazy_gettext("Đã ký số, chờ gửi")),
    "sent": Badge("active", "check", lazy_gettext("Đã gửi")),
    "delivered": Badge("good", "check", lazy_gettext("Đã đến người nhận")),
    "returned": Badge("late", "back", lazy_gettext("Bị trả lại")),
    "failed": Badge("late", "alert", lazy_gettext("Gửi không được")),
    "cancelled": Badge("ended", "cross", lazy_gettext("Đã hủy")),
    "reprinted": Badge("neutral", "letter", lazy_gettext("In lại")),
}
MESSAGE_STATES = {
    DeliveryState.HELD: ("neutral", "clock"),
    DeliveryState.WAITING: ("waiting", "hourglass"),
    DeliveryState.SENDING: ("active", "arrow"),
    DeliveryState.UNKNOWN: ("late", "alert"),
    DeliveryState.SENT: ("good", "check"),
    DeliveryState.DELIVERED: ("good", "check"),
    DeliveryState.RETURNED: ("late", "back"),
    DeliveryState.FAILED: ("late", "alert"),
    DeliveryState.CANCELLED: ("ended", "cross"),
}
TIMELINESS = {
    "early": Badge("good", "check", lazy_gettext("Trước hạn")),
    "on_time": Badge("good", "check", lazy_gettext("Đúng hạn")),
    "late": Badge("late", "alert", lazy_gettext("Quá hạn")),
}


def status_badge(status: DossierStatus) -> Badge:
    """The look of a state of the national list."""
    return Badge(*STATUS_LOOKS[status], status.label)


def urgency_badge(urgency: Urgency) -> Badge:
    """The look of a due date as it stands."""
    return Badge(*URGENCY_LOOKS[urgency], urgency.label)


def timeliness_badge(outcome: OutcomeView) -> Badge:
    """How a finished dossier counts."""
    return TIMELINESS.get(outcome.timeliness or "", Badge("neutral", "dash", _("Không tính hạn")))


# What happened to a letter, where its state says where it stands.
LETTER_MOMENTS = {
    "issued": lazy_gettext("Ban hành, vào sổ"),
    "rendered": lazy_gettext("Lập tệp PDF"),
    "signed": lazy_gettext("Ký số"),
    "sent": lazy_gettext("Gửi đi"),
    "delivered": lazy_gettext("Đến người nhận"),
    "cancelled": lazy_gettext("Hủy"),
}


def letter_moment(what: str) -> Text:
    """What happened to a letter, in words."""
    return LETTER_MOMENTS.get(what) or letter_badge(what).label


def letter_badge(state: str) -> Badge:
    """How far a letter has come."""
    return LETTER_STATES.get(state, Badge("neutral", "dash", state))


def message_badge(state: DeliveryState) -> Badge:
    """What became of a message."""
    return Badge(*MESSAGE_STATES[state], state.label)


def short_code(code: str) -> tuple[str, str]:
    """A dossier code in two parts: the long one that all share, and the end by which people call it."""
    head, dash, tail = code.rpartition("-")
    head, dash2, day = head.rpartition("-")
    return (f"{head}{dash2}", f"{day}{dash}{tail}") if dash2 else ("", code)


class Presenter:
    """Words for instants and office time, in the zone and with the office day of one installation."""

    def __init__(self, zone: ZoneInfo, minutes_a_day: int) -> None:
        self._zone = zone
        self._minutes_a_day = minutes_a_day

    def local(self, at: datetime) -> datetime:
        """The same instant on the clock of the office."""
        return at.astimezone(self._zone)

    def moment(self, at: datetime | None) -> str:
        """17:00 ngày 27/02/2026."""
        return _("%(time)s ngày %(day)s", time=f"{self.local(at):%H:%M}", day=self.day(at)) if at else ""

    def clock_time(self, at: datetime) -> str:
        """09:41:07 ngày 27/02/2026: of figures that change by the second."""
        return _("%(time)s ngày %(day)s", time=f"{self.local(at):%H:%M:%S}", day=self.day(at))

    def brief(self, at: datetime | None) -> str:
        """27/02/2026 17:00, for columns."""
        return f"{self.day(at)} {self.local(at):%H:%M}" if at else ""

    def day(self, on: datetime | date | None) -> str:
        """27/02/2026; 27 Feb 2026 to English readers, some of whom would take the month for the day."""
        if on is None:
            return ""
        local = self.local(on) if isinstance(on, datetime) else on
        return format_date(local, "d MMM yyyy", locale=ENGLISH) if is_english() else f"{local:%d/%m/%Y}"

    def when(self, at: datetime | None) -> Markup:
        """An instant for people and for machines."""
        if at is None:
            return Markup()
        return Markup('<time datetime="{}">{}</time>').format(
            self.local(at).isoformat(timespec="minutes"), self.moment(at)
        )

    def at(self, at: datetime | None) -> Markup:
        """The same, short: for columns."""
        if at is None:
            return Markup()
        return Markup('<time datetime="{}" class="text-nowrap">{}</time>').format(
            self.local(at).isoformat(timespec="minutes"), self.brief(at)
        )

    def span(self, minutes: int) -> str:
        """A stretch of office time: 2 ngày 3 giờ; below one day with minutes."""
        days, rest = divmod(abs(minutes), self._minutes_a_day)
        hours, rest = divmod(rest, 60)
        parts = [
            _("%(n)s ngày", n=days) if days else "",
            _("%(n)s giờ", n=hours) if hours else "",
            _("%(n)s phút", n=rest) if rest and not days else "",
        ]
        return " ".join(part for part in parts if part) or _("dưới 1 phút")

    def remaining(self, minutes: int | None) -> str:
        """còn 2 ngày 3 giờ làm việc; quá hạn 1 ngày làm việc; nothing without a date."""
        if minutes is None:
            return ""
        if minutes < 0:
            return _("quá hạn %(span)s làm việc", span=self.span(minutes))
        return _("còn %(span)s làm việc", span=self.span(minutes))

    def due_badge(self, line: DossierLine) -> Badge:
        """How a line stands, in one mark: the state of an ended dossier, else the date and the office time left."""
        if line.status.is_final:
            return status_badge(line.status)
        badge = urgency_badge(line.urgency)
        if line.remaining_minutes is None:
            return badge
        span = self.span(line.remaining_minutes)
        if line.is_second_lateness:
            return replace(badge, label=_("Quá hạn lần 2, %(span)s", span=span))
        if line.remaining_minutes < 0:
            return replace(badge, label=_("Quá hạn %(span)s", span=span))
        if line.rung_label and line.urgency is not Urgency.OVERDUE:
            tone = badge.tone if line.urgency is Urgency.DUE_SOON else "active"
            return Badge(tone, "hourglass", _("%(rung)s · còn %(span)s", rung=line.rung_label, span=span))
        words = {
            Urgency.OVERDUE: _("Quá hạn, hẹn lại còn %(span)s", span=span),
            Urgency.DUE_SOON: _("Sắp hạn, còn %(span)s", span=span),
        }
        return replace(badge, label=words.get(line.urgency, _("Còn %(span)s", span=span)))

    def iso_day(self, at: datetime) -> str:
        """A day as a field of a form holds it."""
        return f"{self.local(at):%Y-%m-%d}"

    def typed_moment(self, at: datetime) -> str:
        """An instant as a field of a form holds it."""
        return f"{self.local(at):%Y-%m-%dT%H:%M}"


def _minutes(opens: time, closes: time) -> int:
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


def paragraphs(text: str) -> Markup:
    """Typed text with its line breaks, escaped."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def money(amount: int) -> str:
    """An amount in whole đồng: ``1.400.000 đồng``."""
    return f"{number(amount)} đồng"


def number(value: object) -> str:
    """A figure as the readers of the page expect it: 1.234,5 or 1,234.5."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text if is_english() else text.translate(str.maketrans(",.", ".,"))


def register(app: Flask, settings: Settings) -> None:
    """Give templates these words."""
    minutes_a_day = sum(_minutes(session.opens, session.closes) for session in settings.calendar.office_hours)
    presenter = Presenter(settings.zone, minutes_a_day or 24 * 60)
    app.extensions["motcua.presenter"] = presenter
    app.jinja_env.filters.update(
        moment=presenter.moment,
        clock_time=presenter.clock_time,
        day=presenter.day,
        when=presenter.when,
        at=presenter.at,
        span=presenter.span,
        remaining=presenter.remaining,
        typed_moment=presenter.typed_moment,
        iso_day=presenter.iso_day,
        number=number,
        money=money,
        paragraphs=paragraphs,
        short_code=short_code,
    )
    app.jinja_env.globals.update(
        status_badge=status_badge,
        urgency_badge=urgency_badge,
        timeliness_badge=timeliness_badge,
        letter_badge=letter_badge,
        letter_moment=letter_moment,
        message_badge=message_badge,
        due_badge=presenter.due_badge,
        turns=TURNS,
        form_names=FORM_NAMES,
        outcomes=OUTCOMES,
    )
