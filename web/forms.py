"""What was typed, as values of the domain. What is wrong is told field by field and nothing typed is lost."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from engine.domain.dossier import Applicant, Channel, HandedInItem, Submission, Submitter
from engine.domain.intake_desk import DeskFacts
from engine.domain.messages import NEEDS_CONSENT, NoticeChannel, address_on
from engine.domain.people import Unit
from engine.domain.views import FieldView, ProcedureItem, ProcedureLine
from web.intake_fields import (
    asks_parcels,
    read_authorisation,
    read_details,
    read_guard,
    read_parcels,
    told_parcels,
    with_origin,
)

# What numbers and addresses look like; digits are counted, so that people may write spaces and dots between them.
_SHAPES = {
    "identity_number": (
        re.compile(r"[^\W\d_]{0,2}[\s.-]*(\d[\s.-]*){8,13}|[A-Za-z]{1,2}\d{6,8}"),
        lazy_gettext("Số định danh có 12 chữ số (CMND cũ 9; mã số thuế 10 hoặc 13; hộ chiếu như B1234567)."),
    ),
    "phone": (re.compile(r"\D*(\d\D*){9,12}"), lazy_gettext("Số điện thoại có từ 9 đến 12 chữ số.")),
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), lazy_gettext("Thư điện tử có dạng ten@noigui.vn.")),
}
_COUNT = re.compile(r"\d{1,3}")
ANSWER = "answer-"
_YEARS = range(1900, 3000)
# The first choice, and what is tried when it fails.
NOTIFY = ("notify_1", "notify_2", "notify_3")
CONSENT = "notify_consent"
_NEEDS_PHONE = lazy_gettext("Kênh này cần số điện thoại ở mục Chủ hồ sơ.")
_NO_ADDRESS = {
    NoticeChannel.ZALO: _NEEDS_PHONE,
    NoticeChannel.SMS: _NEEDS_PHONE,
    NoticeChannel.PHONE: _NEEDS_PHONE,
    NoticeChannel.EMAIL: lazy_gettext("Kênh này cần địa chỉ thư điện tử đúng, không dấu, ở mục Chủ hồ sơ."),
    NoticeChannel.POST: lazy_gettext("Kênh này cần địa chỉ ở mục Chủ hồ sơ."),
}

Form = Mapping[str, str]


def a_day(text: str) -> date:
    """A day as a browser sends it, for `request.….get(…, type=a_day)`; `ValueError` for what is none, or of no use."""
    day = date.fromisoformat(text.strip())
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def asked_days(first: date, last: date) -> tuple[date, date]:
    """The two days that a page was asked for, the sooner first; `first` and `last` where it names none."""
    asked = request.values.get("from", first, type=a_day), request.values.get("to", last, type=a_day)
    return min(asked), max(asked)


def typed_in(form: Form) -> dict[str, str]:
    """What somebody typed into a form: without what every form of ours carries besides."""
    return {name: value for name, value in form.items() if name not in {"csrf_token", "once_key"}}


@dataclass(slots=True)
class Intake:
    """A form of receipt: what was typed, what is wrong with it, and the submission once nothing is wrong."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    submission: Submission | None = None

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with the answers to the questions of the procedure, by the id of the question."""
        return {name.removeprefix(ANSWER): said for name, said in self.errors.items() if name.startswith(ANSWER)}

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the papers that are not there."""
        return tuple(item.name for item in self.submission.items if not item.is_present) if self.submission else ()


def blank_intake(procedure: ProcedureLine, units: Sequence[Unit]) -> Intake:
    """A form to begin with: the usual case, one original or copy of each paper as the procedure asks."""
    values = {
        "procedure": procedure.code,
        "unit": units[0].code if len(units) == 1 else "",
        "case": procedure.cases[0][0] if procedure.cases and not procedure.is_case_decided else "",
        "channel": Channel.IN_PERSON.value,
        "result_channel": Channel.IN_PERSON.value,
        "idempotency_key": secrets.token_urlsafe(16),
    }
    for item in procedure.items:
        values[f"item-{item.id}-originals"] = str(item.originals)
        values[f"item-{item.id}-copies"] = str(item.copies)
    return Intake(values)


def read_intake(
    form: Form, procedure: ProcedureLine, units: Sequence[Unit], desk: DeskFacts, *, at: datetime, zone: ZoneInfo
) -> Intake:
    """Read a form of receipt; `Intake.submission` is there only if every field is right."""
    values = {name: value.strip() for name, value in typed_in(form).items()}
    intake = Intake(values)
    _check_people(intake)
    _check_choices(intake, procedure, units)
    _check_wish(intake)
    received_at, agreed_due_at = _check_moments(intake, procedure, at=at, zone=zone)
    items = _items(intake, procedure.items)
    parcels = read_parcels(values, intake.errors) if asks_parcels(procedure, desk) else ()
    today = at.astimezone(zone).date()
    authorisation = read_authorisation(values, desk.authorisations, intake.errors, today=today)
    details = read_details(values, procedure, desk, intake.errors)
    if not intake.errors:
        read = _submission(values, procedure, items, received_at, agreed_due_at)
        submitter = replace(read.submitter, authorisation=authorisation) if read.submitter else None
        intake.submission = replace(
            read,
            submitter=submitter,
            parcels=parcels,
            details=details,
            guard=read_guard(values),
            content=read.content or told_parcels(parcels),
        )
    return intake


def _check_people(intake: Intake) -> None:
    values, errors = intake.values, intake.errors
    if not values.get("full_name"):
        errors["full_name"] = _("Hãy nhập họ tên hoặc tên tổ chức đứng hồ sơ.")
    if not values.get("identity_number") and not values.get("phone"):
        errors["identity_number"] = _("Hãy nhập số định danh hoặc số điện thoại: người dân cần 4 số cuối để tra cứu.")
    for name in (*_SHAPES, "submitter_identity_number", "submitter_phone"):
        shape, message = _SHAPES[name.removeprefix("submitter_")]
        if values.get(name) and not shape.fullmatch(values[name]):
            errors[name] = str(message)
    has_submitter = any(values.get(f"submitter_{name}") for name in ("identity_number", "phone", "authorisation"))
    if has_submitter and not values.get("submitter_full_name"):
        errors["submitter_full_name"] = _("Hãy nhập họ tên người được ủy quyền.")
    if values.get("submitter_full_name") and not values.get("submitter_authorisation"):
        errors["submitter_authorisation"] = _("Hãy ghi số, nơi chứng thực của văn bản ủy quyền.")


def _check_choices(intake: Intake, procedure: ProcedureLine, units: Sequence[Unit]) -> None:
    channels = [channel.value for channel in Channel]
    cases = [case for case, _name in procedure.cases if not procedure.is_case_decided] or [""]
    allowed = (
        ("unit", [unit.code for unit in units], _("Hãy chọn nơi tiếp nhận hồ sơ.")),
        ("case", cases, _("Hãy chọn trường hợp giải quyết.")),
        ("channel", channels, _("Hãy chọn hình thức nộp.")),
        ("result_channel", channels, _("Hãy chọn cách nhận kết quả.")),
    )
    intake.errors.update({name: said for name, values, said in allowed if intake.values.get(name, "") not in values})


def wished(values: Form) -> tuple[NoticeChannel, ...]:
    """The channels that were chosen, the first choice first, each once."""
    known = {channel.value for channel in NoticeChannel}
    named = (values.get(name, "") for name in NOTIFY)
    return tuple(dict.fromkeys(NoticeChannel(name) for name in named if name in known))


def _check_wish(intake: Intake) -> None:
    """Whether the applicant can be told as they wish, and has agreed to it."""
    values = intake.values
    asked = Applicant("", **{name: values.get(name, "") for name in ("address", "phone", "email")})
    for name in NOTIFY:
        chosen = next((channel for channel in NoticeChannel if channel.value == values.get(name)), None)
        if values.get(name) and chosen is None:
            intake.errors[name] = _("Hãy chọn một kênh trong danh sách.")
        elif chosen is not None and not address_on(chosen, asked):
            intake.errors[name] = str(_NO_ADDRESS[chosen])
    if NEEDS_CONSENT.intersection(wished(values)) and not values.get(CONSENT):
        intake.errors[CONSENT] = _("Chỉ gửi tin khi người nộp đồng ý: hãy hỏi rồi đánh dấu.")


def _check_moments(
    intake: Intake, procedure: ProcedureLine, *, at: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    received_at, agreed_due_at = _moment(intake, "received_at", zone), _moment(intake, "agreed_due_at", zone)
    if received_at and received_at > at:
        intake.errors["received_at"] = _("Thời điểm nhận không thể ở sau lúc này.")
    if procedure.needs_agreed_date and not agreed_due_at:
        intake.errors.setdefault("agreed_due_at", _("Thủ tục này hẹn theo thỏa thuận: hãy nhập ngày hẹn trả kết quả."))
    if agreed_due_at and agreed_due_at <= (received_at or at):
        intake.errors["agreed_due_at"] = _("Ngày hẹn trả phải sau lúc nhận hồ sơ.")
    return received_at, agreed_due_at


def _moment(intake: Intake, name: str, zone: ZoneInfo) -> datetime | None:
    typed = intake.values.get(name, "")
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        intake.errors[name] = _("Hãy nhập ngày và giờ, ví dụ 27/02/2026 09:30.")
        return None


def _count(intake: Intake, name: str) -> int:
    typed = intake.values.get(name, "") or "0"
    if _COUNT.fullmatch(typed):
        return int(typed)
    intake.errors[name] = _("Số bản là số từ 0 đến 999.")
    return 0


def _items(intake: Intake, asked: Sequence[ProcedureItem]) -> tuple[HandedInItem, ...]:
    handed_in = [
        with_origin(_item(intake, item), intake.values)
        for item in asked
        if item.is_required or _is_there(intake.values, item)
    ]
    others = [line.strip() for line in intake.values.get("other_items", "").splitlines() if line.strip()]
    return (*handed_in, *(HandedInItem(f"other-{n}", name, copies=1) for n, name in enumerate(others, start=1)))


def _is_there(values: Form, item: ProcedureItem) -> bool:
    return f"item-{item.id}-present" in values or values.get(f"item-{item.id}-obtained") == "database"


def _item(intake: Intake, item: ProcedureItem) -> HandedInItem:
    return HandedInItem(
        id=item.id,
        name=item.name,
        originals=_count(intake, f"item-{item.id}-originals"),
        copies=_count(intake, f"item-{item.id}-copies"),
        is_present=f"item-{item.id}-present" in intake.values,
    )


def note_needed(intake: Intake, procedure: ProcedureLine, needed: Sequence[str]) -> None:
    """Show as missing what the answers of the desk make necessary and was not ticked."""
    assert intake.submission is not None
    known = {item.id for item in intake.submission.items}
    missing = (
        HandedInItem(item.id, item.name, is_present=False)
        for item in procedure.items
        if item.id in needed and item.id not in known
    )
    intake.submission = replace(intake.submission, items=(*intake.submission.items, *missing))


def _submission(
    values: Form,
    procedure: ProcedureLine,
    items: tuple[HandedInItem, ...],
    received_at: datetime | None,
    agreed_due_at: datetime | None,
) -> Submission:
    people = ("full_name", "identity_number", "phone")
    submitter = Submitter(
        **{name: values.get(f"submitter_{name}", "") for name in people},
        authorisation=values.get("submitter_authorisation", ""),
    )
    return Submission(
        procedure_code=procedure.code,
        unit_code=values["unit"],
        case=values.get("case", ""),
        content=values.get("content", ""),
        applicant=Applicant(**{name: values.get(name, "") for name in (*people, "address", "email")}),
        submitter=submitter if submitter.full_name else None,
        channel=Channel(values["channel"]),
        result_channel=Channel(values["result_channel"]),
        notify_by=wished(values),
        items=items,
        received_at=received_at,
        agreed_due_at=agreed_due_at,
        idempotency_key=values.get("idempotency_key", ""),
        slip_number=values.get("slip_number", ""),
        draft_token=values.get("draft", ""),
        answers={question.id: values.get(f"{ANSWER}{question.id}", "") for question in procedure.questions},
    )


def answered(question: FieldView, answers: Form) -> str:
    """An answer in words, empty without one: the label of a choice, yes or no, what was typed."""
    text = answers.get(question.id, "")
    if question.type == "boolean":
        return str(_("Có") if text else _("Không"))
    return dict(question.options).get(text, text)


def read_answers(form: Form) -> dict[str, str]:
    """The answers to the form of a step, by field id; what is wrong with them is for the engine to say."""
    return {name.removeprefix(ANSWER): value.strip() for name, value in form.items() if name.startswith(ANSWER)}
