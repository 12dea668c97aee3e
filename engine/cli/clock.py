"""`motcua due`: what date a limit gives, and why."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from engine.calendars import calendar_of
from engine.cli.shared import json_option, opened, parse_instant, print_json, with_config
from engine.domain.deadline import ClockPause, LimitUnit, ProcessingTime, due_date
from engine.domain.dossier import Applicant, Channel, Submission
from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from engine.config import Settings
    from engine.domain.assessment import Assessment
    from engine.domain.calendar import WorkingCalendar
    from engine.domain.procedure import Phase, ProcedureCase
    from engine.process.definitions import Definition

BARE_UNITS = [unit.value for unit in LimitUnit if unit is not LimitUnit.AGREED]


class BadLimitOption(BadInput):
    """{detail}."""

    code = "bad_limit_option"


@click.command()
@click.option("--limit", help="Số ngày hoặc giờ, ví dụ 5 hoặc 2.5.", metavar="N")
@click.option("--unit", type=click.Choice(BARE_UNITS), help="Đơn vị của thời hạn.")
@click.option("--procedure", help="Mã thủ tục trong danh mục, thay cho --limit và --unit.", metavar="CODE")
@click.option(
    "--level",
    type=click.Choice(["province", "commune"]),
    help="Cấp giải quyết, khi một mã thủ tục có ở hai cấp.",
)
@click.option("--case", default="", help="Trường hợp của thủ tục (mặc định: trường hợp thông thường).")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    help="Câu trả lời khi tiếp nhận, để bảng quyết định của thủ tục xác định trường hợp và phí.",
    metavar="NAME=VALUE",
)
@click.option(
    "--channel",
    type=click.Choice([channel.value for channel in Channel]),
    default=Channel.IN_PERSON.value,
    help="Hình thức nộp (mặc định: trực tiếp).",
)
@click.option("--published", is_flag=True, help="Theo phiên bản đã công bố trong cơ sở dữ liệu, thay cho thư mục.")
@click.option("--received", required=True, help="Thời điểm tiếp nhận.", metavar="T")
@click.option(
    "--pause", "pauses", multiple=True, help="Khoảng tạm dừng A..B; bỏ trống B nếu còn đang dừng.", metavar="A..B"
)
@click.option(
    "--event",
    "events",
    multiple=True,
    help="Thời điểm bắt đầu của giai đoạn sau, ví dụ payment_proof=T.",
    metavar="NAME=T",
)
@click.option("--office", "unit_code", default="", help="Tính theo lịch của đơn vị có mã này.", metavar="CODE")
@click.option("--office-hours", help="Giờ làm việc, ví dụ 07:00-11:00,13:00-17:00.", metavar="HOURS")
@click.option(
    "--switch",
    "switches",
    multiple=True,
    help="Bật/tắt ngày nghỉ có điều kiện, ví dụ vietnam_culture_day=on.",
    metavar="NAME=on|off",
)
@json_option
@with_config
def due(  # noqa: PLR0917 - one argument an option
    settings: Settings,
    limit: str | None,
    unit: str | None,
    procedure: str | None,
    level: str | None,
    case: str,
    answers: Sequence[str],
    channel: str,
    published: bool,
    received: str,
    pauses: Sequence[str],
    events: Sequence[str],
    unit_code: str,
    office_hours: str | None,
    switches: Sequence[str],
    as_json: bool,
) -> None:
    """Tính ngày trả kết quả của một thời hạn và giải thích từng bước."""
    zone = settings.zone
    calendar = _calendar_of_unit(settings, unit_code) if unit_code else _calendar(settings, office_hours, switches)
    if unit_code and (office_hours or switches):
        raise BadLimitOption(detail="--office đã có lịch của đơn vị; hãy bỏ --office-hours và --switch")
    starts_at = parse_instant(received, zone, "--received")
    stops = [_pause(text, zone) for text in pauses]
    if procedure:
        if limit or unit:
            raise BadLimitOption(detail="--procedure đã có thời hạn; hãy bỏ --limit và --unit")
        on = starts_at.astimezone(zone).date()
        definition = (_published if published else _filed)(settings, procedure, level or "", on)
        chosen, assessed = _case(definition, case, dict(map(_answer, answers)), Channel(channel))
        moments = {"receipt": starts_at, **dict(_event(text, zone) for text in events)}
        document = _phases(settings, chosen, calendar, moments, stops)
        document |= {"case": assessed.case_id, "case_name": chosen.name, "fee": assessed.fee}
        document["version"] = definition.procedure.version
        document["effective_from"] = definition.procedure.effective_from
    else:
        if answers:
            raise BadLimitOption(detail="--answer chỉ đi với --procedure")
        result = due_date(_limit(limit, unit), starts_at, calendar, stops, settings.same_day_cutoff)
        document = {"due_at": result.due_at, "explanation": [_line(line) for line in result.explanation]}
    if as_json:
        print_json(document, zone)
    else:
        _say(document, zone)


def _calendar(settings: Settings, office_hours: str | None, switches: Sequence[str]) -> WorkingCalendar:
    wanted = dict(settings.calendar.switches)
    for text in switches:
        name, _, state = text.partition("=")
        if state not in {"on", "off"}:
            raise BadLimitOption(detail=f"--switch: “{text}” phải có dạng tên=on hoặc tên=off")
        wanted[name] = state == "on"
    changed = settings.model_copy(update={"calendar": settings.calendar.model_copy(update={"switches": wanted})})
    return calendar_of(changed, office_hours)


def _calendar_of_unit(settings: Settings, unit_code: str) -> WorkingCalendar:
    with opened(settings) as engine:
        return engine.calendars.of(engine.units.by_code(unit_code).id)


def _limit(limit: str | None, unit: str | None) -> ProcessingTime:
    if unit is None:
        raise BadLimitOption(detail=f"thiếu --unit ({', '.join(BARE_UNITS)}), hoặc dùng --procedure")
    if unit == LimitUnit.SAME_DAY:
        if limit:
            raise BadLimitOption(detail="--unit same_day không đi với --limit")
        return ProcessingTime(Decimal(0), LimitUnit.SAME_DAY)
    if limit is None:
        raise BadLimitOption(detail="thiếu --limit, ví dụ --limit 5")
    try:
        return ProcessingTime(Decimal(limit.replace(",", ".")), LimitUnit(unit))
    except InvalidOperation:
        raise BadLimitOption(detail=f"--limit: “{limit}” không phải là số") from None


def _pause(text: str, zone: ZoneInfo) -> ClockPause:
    first, separator, last = text.partition("..")
    if not separator:
        raise BadLimitOption(detail=f"--pause: “{text}” phải có dạng A..B")
    until = parse_instant(last, zone, "--pause") if last.strip() else None
    return ClockPause(parse_instant(first, zone, "--pause"), until, "supplement")


def _event(text: str, zone: ZoneInfo) -> tuple[str, datetime]:
    name, separator, at = text.partition("=")
    if not separator:
        raise BadLimitOption(detail=f"--event: “{text}” phải có dạng tên=thời điểm")
    return name, parse_instant(at, zone, "--event")


def _answer(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise BadLimitOption(detail=f"--answer: “{text}” phải có dạng tên=giá trị")
    return name.strip(), value


def _filed(settings: Settings, code: str, level: str, on: date) -> Definition:
    """The version in force on a day as the folder of procedures has it; before its first day the first, and a word."""
    from engine.effects.library import Library
    from engine.process.errors import NotInForce

    library = Library.open(settings.procedures, settings.province)
    try:
        return library.of_procedure(code, level, on=on)
    except NotInForce as error:
        click.echo(f"motcua: {error}; tính theo phiên bản mới nhất", err=True)
        return library.of_procedure(code, level)


def _published(settings: Settings, code: str, level: str, on: date) -> Definition:
    """The version in force on a day as it was published."""
    with opened(settings) as engine, engine.uow.read() as tx:
        return engine.library.choose(tx, code, level, on)


def _case(
    definition: Definition, case: str, answers: Mapping[str, str], channel: Channel
) -> tuple[ProcedureCase, Assessment]:
    """The case that is named, or that the tables of the procedure make of the answers."""
    from engine.effects.assessing import assess_submission

    procedure = definition.procedure
    code = procedure.code
    questions = [question.id for question in procedure.questions]
    unknown = sorted(answers.keys() - set(questions))
    if unknown:
        raise BadLimitOption(
            detail=f"--answer: không hỏi “{unknown[0]}” (có: {', '.join(questions) or 'không câu nào'})"
        )
    # Who names neither a case nor an answer asks for the usual case, as before there were tables.
    named = case or ("" if answers else procedure.default_case.id)
    submission = Submission(code, Applicant(""), case=named, channel=channel, answers=answers)
    try:
        assessed = assess_submission(definition, submission)
        return procedure.case(assessed.case_id), assessed
    except LookupError:
        known = ", ".join(known.id for known in procedure.cases)
        raise BadLimitOption(detail=f"--case: thủ tục {code} không có trường hợp “{case}” (có: {known})") from None


def _phases(
    settings: Settings,
    case: ProcedureCase,
    calendar: WorkingCalendar,
    moments: Mapping[str, datetime],
    pauses: list[ClockPause],
) -> dict[str, Any]:
    phases: list[dict[str, Any]] = []
    explanation: list[dict[str, Any]] = []
    for index, phase in enumerate(case.phases):
        starts_at = moments.get(phase.starts_on)
        until = next(
            (moments[later.starts_on] for later in case.phases[index + 1 :] if later.starts_on in moments), None
        )
        result = None
        if starts_at is not None and phase.limit.unit is not LimitUnit.AGREED:
            mine = [
                pause for pause in pauses if pause.from_at >= starts_at and (until is None or pause.from_at < until)
            ]
            if index == 0:
                mine = [pause for pause in pauses if until is None or pause.from_at < until]
            result = due_date(phase.limit, starts_at, calendar, mine, settings.same_day_cutoff)
            explanation.extend(_line(line) for line in result.explanation)
        phases.append(_phase(phase, starts_at, result.due_at if result else None))
    return {"phases": phases, "explanation": explanation}


def _phase(phase: Phase, starts_at: datetime | None, due_at: datetime | None) -> dict[str, Any]:
    return {
        "name": phase.name,
        "label": phase.label,
        "limit": phase.limit.amount,
        "unit": phase.limit.unit,
        "starts_on": phase.starts_on,
        "starts_at": starts_at,
        "due_at": due_at,
    }


def _line(line: Any) -> dict[str, Any]:
    return {"at": line.at, "what": line.what, "source": line.source}


def _say(document: Mapping[str, Any], zone: ZoneInfo) -> None:
    if "case" in document:
        click.echo(f"Trường hợp: {document['case_name']}")
    if document.get("fee") is not None:
        click.echo(f"Phí phải nộp: {document['fee']:,} đồng".replace(",", "."))
    for phase in document.get("phases", ()):
        click.echo(f"{phase['label']}: {_instant(phase['due_at'], zone)}")
    if "due_at" in document:
        click.echo(f"Hẹn trả kết quả: {_instant(document['due_at'], zone)}")
    for line in document["explanation"]:
        source = f"  [{line['source']}]" if line["source"] else ""
        click.echo(f"  {_instant(line['at'], zone)}  {line['what']}{source}")


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M %d/%m/%Y}" if at else "chưa xác định"
