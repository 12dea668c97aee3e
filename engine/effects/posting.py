"""What is posted of a procedure, put together from its definition; and the papers that are printed of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from engine.domain.deadline import due_date
from engine.domain.limits import LimitUnit
from engine.domain.posted_page import (
    PostedLimit,
    PostedProcedure,
    case_limit,
    level_text,
    limit_note,
    posted_fees,
    posted_steps,
)
from engine.domain.procedure import Procedure, ProcedureCase
from engine.process.step_sheet import step_sheet
from letters import Letterhead
from letters.posters import (
    FeeLine,
    Leaflet,
    Line,
    ListLine,
    Paper,
    ProcedurePoster,
    StepLine,
    StepSheet,
    WallList,
    WallSheet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.effects.office import Office
    from engine.process.definitions import Definition

# When the papers of an example are handed in.
_MORNING = time(9)

KINDS: Mapping[str, type[ProcedurePoster]] = {poster.form: poster for poster in (WallSheet, Leaflet, StepSheet)}


def posted(office: Office, definition: Definition, at: datetime, *, says_level: bool = False) -> PostedProcedure:
    """Everything that is posted about one procedure; its examples begin on the working day of `at` or the next."""
    facts = definition.procedure
    cases = sorted(facts.cases, key=lambda case: case is not facts.default_case)
    return PostedProcedure(
        ref=definition.ref,
        facts=facts,
        level=level_text(facts.levels),
        limits=tuple(_limit(office, facts, case, at) for case in cases),
        fees=posted_fees(facts),
        steps=posted_steps(facts, step_sheet(definition)),
        says_level=says_level,
    )


def _limit(office: Office, facts: Procedure, case: ProcedureCase, at: datetime) -> PostedLimit:
    calendar = office.calendar
    first = case.phases[0]
    text, note = case_limit(case), limit_note(case)
    if first.limit.unit is LimitUnit.AGREED:
        return PostedLimit(case.id, case.name, text, note)
    today = calendar.local(at).date()
    day = calendar.next_working_day(today - timedelta(days=1))
    received_at = datetime.combine(day, _MORNING, calendar.local(at).tzinfo)
    cutoff = facts.same_day_cutoff or office.settings.same_day_cutoff
    due = due_date(first.limit, received_at, calendar, same_day_cutoff=cutoff)
    return PostedLimit(case.id, case.name, text, note, received_at, due.due_at)


def address(office: Office, facts: Procedure) -> str:
    """The public page of a procedure, with its level where the code alone may mean another one."""
    level = f"?cap={facts.levels[0]}" if facts.levels else ""
    return office.settings.web.address(f"/thu-tuc/{facts.code}{level}")


def poster_of(office: Office, page: PostedProcedure, kind: str, at: datetime) -> ProcedurePoster:
    """The paper of one kind with all that is posted."""
    facts, decision = page.facts, page.facts.decision
    signed = f" ngày {decision.issued_on:%d/%m/%Y}" if decision and decision.issued_on else ""
    return KINDS[kind](
        letterhead=_letterhead(office),
        issued_at=at,
        title=facts.name,
        verification_url=address(office, facts),
        contact=contact(office),
        code=facts.code,
        sector=facts.sector_name,
        level=page.level[:1].upper() + page.level[1:],
        version=f"{facts.version} ({page.ref[:8]})",
        effective=f"áp dụng từ {facts.effective_from:%d/%m/%Y}" if facts.effective_from else "",
        decision=f"{decision.number}{signed}{', ' + decision.issuer if decision.issuer else ''}" if decision else "",
        audience=tuple(statement.text for statement in facts.audience),
        conditions=tuple(statement.text for statement in facts.conditions),
        sets=f"{facts.sets.count:02d} bộ" if facts.sets else "",
        items=tuple(_papers(facts)),
        submission=tuple(Line(head=way.channel.label, text=way.where) for way in facts.submission),
        delivery=tuple(Line(head=way.channel.label, text=way.where) for way in facts.delivery),
        online=facts.online.level.label if facts.online else "",
        steps=tuple(_steps(page)),
        limits=tuple(Line(head=limit.case, text=limit.text, note=limit.note) for limit in page.limits),
        fees=tuple(
            FeeLine(
                name=f"{fee.name} ({fee.case})" if fee.case else fee.name,
                direct=fee.direct,
                online=fee.online,
                note=fee.note,
            )
            for fee in page.fees
        ),
        result=facts.result,
        result_forms=tuple(Line(head=result.name, text=result.form) for result in facts.result_forms if result.form),
        result_valid=facts.result_valid,
        basis=facts.legal_basis,
    )


def wall_list(office: Office, pages: Sequence[PostedProcedure], at: datetime) -> WallList:
    """The list of every procedure that is offered."""
    return WallList(
        letterhead=_letterhead(office),
        issued_at=at,
        title="Bảng niêm yết thủ tục hành chính",
        verification_url=office.settings.web.address("/thu-tuc"),
        contact=contact(office),
        lines=tuple(
            ListLine(
                sector=page.facts.sector_name,
                code=page.facts.code,
                name=page.name,
                limit=_all_limits(page),
                url=address(office, page.facts),
            )
            for page in pages
        ),
    )


def contact(office: Office) -> tuple[str, ...]:
    """Where to ask and where to complain: on every paper (phản ánh, kiến nghị)."""
    desk = next(iter(office.units), None)
    told = [f"Điện thoại: {desk.phone}" if desk and desk.phone else "", desk.address if desk else ""]
    return (*(line for line in told if line), f"Tra cứu hồ sơ: {office.settings.web.address('/tra-cuu')}")


def _all_limits(page: PostedProcedure) -> str:
    texts = dict.fromkeys(limit.text for limit in page.limits)
    return " | ".join(texts) if len(texts) <= _FEW else f"{next(iter(texts))}; còn {len(texts) - 1} trường hợp khác"


_FEW = 2


def _letterhead(office: Office) -> Letterhead:
    first = next(iter(office.units), None)
    name = office.settings.name
    return Letterhead(
        agency=name, place=first.place if first and first.place else name[:60], timezone=office.settings.timezone
    )


def _papers(facts: Procedure) -> list[Paper]:
    return [
        Paper(
            name=item.name,
            form=item.form,
            originals=item.originals,
            copies=item.copies,
            note="; ".join(
                filter(
                    None,
                    (
                        "" if item.is_required else "chỉ khi có",
                        f"không phải nộp nếu lấy được từ {item.from_database}" if item.from_database else "",
                    ),
                )
            ),
        )
        for item in facts.items
    ]


def _steps(page: PostedProcedure) -> list[StepLine]:
    return [
        StepLine(
            number=posted_step.step.number,
            name=posted_step.step.name,
            actor=posted_step.step.actor,
            time=posted_step.time,
            part=posted_step.step.part,
            when=posted_step.step.when,
            papers=posted_step.step.papers,
            is_usual=posted_step.is_usual,
        )
        for posted_step in page.steps
    ]
