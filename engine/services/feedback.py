"""Feedback (phản ánh, kiến nghị): anybody may file it, about a file or a unit; it becomes a dossier of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.domain.answers import FormRefused
from engine.domain.dossier import Applicant, Channel, HandedInItem
from engine.domain.errors import NotFound, Refused
from engine.domain.feedback_words import FINDINGS, KINDS
from engine.domain.people import PORTAL, PROVINCE, Role
from engine.domain.permissions import ONE_STOP, board_units, check_can_receive, units_of
from engine.domain.procedure_text import limit_text
from engine.domain.report import Definition, Report
from engine.domain.survey import percent
from engine.effects.journey import Journey
from engine.effects.opening import Opening, decide_at_desk, open_dossier
from engine.persistence.queries.ended import FeedbackCount, feedback_counts, feedback_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

PROCEDURE = "0.000002"
PAGE_SIZE = 50
_LONGEST = 1500
_DEFINITIONS = (
    Definition("unit", "Cơ quan, đơn vị bị phản ánh; không nói rõ thì là cơ quan giải quyết phản ánh."),
    Definition("ended", "Phản ánh, kiến nghị đã xử lý xong trong kỳ."),
    Definition("on_time", "Trong số đó, xử lý xong không muộn hơn hạn trả lời."),
    Definition(
        "on_time_share",
        "Tỷ lệ xử lý đúng hạn (0–100 %; trống khi mẫu số bằng 0).",
        "phản ánh đã xử lý xong trong kỳ, cộng phản ánh còn xử lý khi hết kỳ mà đã quá hạn",
    ),
    Definition("upheld", "Được kết luận là đúng hoặc đúng một phần."),
    Definition("open", "Đang xử lý khi hết kỳ; kỳ chưa hết: khi lập báo cáo."),
    Definition("prolonged", "Trong số đang xử lý đó, đã quá hạn vào lúc ấy (kéo dài)."),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells: who, about what. `dossier_code` and `unit_code` may be empty."""

    full_name: str
    phone: str
    email: str
    kind: str
    content: str
    dossier_code: str = ""
    unit_code: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackLine:
    """One line of the register. It names nobody: who wrote stands on the page of the dossier."""

    number: str
    received_at: datetime
    due_at: datetime | None
    is_late: bool
    kind: str
    about_unit: str
    about_code: str
    content: str
    finding: str
    ended_on: date | None


class Feedback:
    """Takes feedback in, lists it, counts it."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def units(self) -> tuple[tuple[str, str], ...]:
        """Code and name of the units that feedback may be about."""
        return tuple((unit.code, unit.name) for unit in self._office.units)

    @property
    def limit(self) -> str:
        """Within what feedback is answered, in words (``10 ngày làm việc``): the first appointment of its procedure."""
        definition = self._office.library.of_procedure(PROCEDURE, self._desk().level)
        return limit_text(definition.procedure.case("").phases[0].limit)

    def file(self, actor: Actor | None, told: Told, *, at: datetime) -> str:
        """Take feedback in; answers its number, which is the code of its dossier.

        `actor` None: somebody on the public page; it waits at the desk. A clerk of the desk receives it at once. A code
        of a dossier that is not there is kept in words and told to nobody. The same `told.key` twice is one feedback.
        Raises `FormRefused`, and `Refused` for staff who do not receive there.
        """
        _check(told)
        desk = self._desk()
        if actor is not None:
            check_can_receive(actor, desk)
        with self._uow.write() as tx:
            known = tx.dossiers.code_of_key(_key(told)) if told.key else None
            return known or self._write_down(tx, actor, told, desk, at)

    def _write_down(self, tx: Transaction, actor: Actor | None, told: Told, desk: Unit, at: datetime) -> str:
        office = self._office
        about = _about(tx, told.dossier_code)
        unit_id = about.deciding_unit_id if about else self._unit_id(told.unit_code, desk)
        definition = office.library.choose(tx, PROCEDURE, desk.level, office.local_day(at))
        procedure = definition.procedure
        opening = Opening(
            definition=definition,
            case_id=procedure.case("").id,
            unit=desk,
            applicant=Applicant(told.full_name.strip(), "", "", told.phone.strip(), told.email.strip()),
            received_at=at,
            received_by=(actor or PORTAL).username,
            items=tuple(HandedInItem(item.id, item.name, 1, 0) for item in procedure.items if item.is_required),
            channel=Channel.IN_PERSON if actor else Channel.ONLINE,
            result_channel=Channel.ONLINE,
            content=_words(told, about),
            idempotency_key=_key(told) if told.key else "",
        )
        row, start = open_dossier(tx, office, opening)
        tx.results.link_feedback(
            dossier_id=row.id,
            about_dossier_id=about.id if about else None,
            about_unit_id=unit_id,
            kind=told.kind,
            via="counter" if actor else "web",
            finding="",
        )
        journey = Journey(tx, office, row, by=actor or PORTAL, at=at)
        journey.note("submitted", channel=row.channel.value, procedure=row.procedure_code)
        journey.start(start)
        if actor is not None:
            decide_at_desk(journey, {"intake": "accepted"})
        return journey.finish().code

    def _desk(self) -> Unit:
        """Where feedback is received: the one-stop counter of the province."""
        for unit in self._office.units:
            if unit.kind == ONE_STOP and unit.level == PROVINCE:
                return unit
        raise NotFound(what="Bộ phận Một cửa cấp tỉnh để tiếp nhận phản ánh; hãy khai báo trong config.yaml (units)")

    def _unit_id(self, code: str, desk: Unit) -> int:
        return self._office.units.by_code(code).id if code else desk.id

    def lines(self, actor: Actor, *, is_open: bool, page: int, at: datetime) -> tuple[tuple[FeedbackLine, ...], int]:
        """Feedback about the person's units or received there, the latest first, and how much there is.

        Raises `Refused` for people who neither oversee, lead, nor receive.
        """
        units = board_units(actor, self._office.units) | units_of(actor, {Role.CLERK})
        if not units:
            raise Refused(detail="sổ phản ánh, kiến nghị dành cho nơi tiếp nhận, lãnh đạo và người giám sát")
        with self._uow.read() as tx:
            rows, total = feedback_lines(
                tx.connection, units, is_open=is_open, limit=PAGE_SIZE, offset=(max(page, 1) - 1) * PAGE_SIZE
            )
        return tuple(self._line(row, at) for row in rows), total

    def report(
        self, from_on: date, to_on: date, unit_code: str = "", within: Collection[int] | None = None, *, at: datetime
    ) -> Report:
        """Feedback by unit from `from_on` to `to_on` (local days); what is open, at the end of them or at `at` before.

        `unit_code` keeps a unit and everything below it, `within` the units that may be counted (None: all).
        """
        units = self._office.units
        unit_ids = units.counted(unit_code, within)
        with self._uow.read() as tx:
            counts = feedback_counts(tx.connection, from_on, to_on, unit_ids, at, self._office.settings.zone)
        rows = [
            {"unit": units.get(key).name, "unit_code": units.get(key).code, **_figures([counts[key]])} for key in counts
        ]
        return Report(
            name="feedback",
            title="Phản ánh, kiến nghị",
            from_on=from_on,
            to_on=to_on,
            columns=tuple(definition.name for definition in _DEFINITIONS),
            rows=tuple(sorted(rows, key=lambda row: str(row["unit_code"]))),
            totals=_figures(list(counts.values())),
            definitions=_DEFINITIONS,
        )

    def _line(self, row: Mapping[str, Any], at: datetime) -> FeedbackLine:
        due_at = row["first_due_at"] or row["due_at"]
        is_late = bool(row["is_late"]) if row["ended_on"] else due_at is not None and due_at < at
        return FeedbackLine(
            number=row["code"],
            received_at=row["received_at"],
            due_at=due_at,
            is_late=is_late,
            kind=KINDS.get(row["kind"], row["kind"]),
            about_unit=self._office.units.get(row["about_unit_id"]).name,
            about_code=row["about_code"] or "",
            content=row["content"],
            finding=FINDINGS.get(row["finding"], row["finding"]) if row["ended_on"] else "",
            ended_on=row["ended_on"],
        )


def _figures(counts: list[FeedbackCount]) -> dict[str, object]:
    ended, on_time, prolonged = (
        sum(getattr(each, name) for each in counts) for name in ("ended", "on_time", "prolonged")
    )
    share = percent(on_time, ended + prolonged)
    return {
        "ended": ended,
        "on_time": on_time,
        "on_time_share": None if share is None else float(share),
        "upheld": sum(each.upheld for each in counts),
        "open": sum(each.open for each in counts),
        "prolonged": prolonged,
    }


def _check(told: Told) -> None:
    faults = {}
    if not told.full_name.strip():
        faults["full_name"] = "Hãy ghi họ tên hoặc tên tổ chức: phản ánh không rõ người gửi không được tiếp nhận"
    if not (told.phone.strip() or told.email.strip()):
        faults["phone"] = "Hãy ghi số điện thoại hoặc thư điện tử để nhận trả lời"
    if told.kind not in KINDS:
        faults["kind"] = "Hãy chọn nội dung phản ánh thuộc loại nào"
    if not told.content.strip():
        faults["content"] = "Hãy ghi nội dung phản ánh, kiến nghị"
    elif len(told.content) > _LONGEST:
        faults["content"] = f"Nội dung dài quá {_LONGEST} ký tự: hãy viết gọn lại, giấy tờ kèm theo nộp tại quầy"
    if faults:
        raise FormRefused(faults)


def _about(tx: Transaction, code: str) -> DossierRecord | None:
    code = code.strip().upper()
    if not code:
        return None
    try:
        return tx.dossiers.find(code)
    except NotFound:
        return None


def _words(told: Told, about: DossierRecord | None) -> str:
    code = told.dossier_code.strip()
    return told.content.strip() + (f"\n(Hồ sơ được nêu: {code[:60]})" if code and about is None else "")


def _key(told: Told) -> str:
    return f"feedback:{told.key}"[:80]
