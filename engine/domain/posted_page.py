"""The posted facts of a procedure in words: one set of words for page, wall sheet, leaflet and loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.procedure_text import UNIT_WORDS, limit_text, number_text, starts_on_text
from engine.domain.process import WaitsFor
from engine.domain.progress import Road

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from engine.domain.posting import SheetStep
    from engine.domain.procedure import Fee, Phase, Procedure, ProcedureCase

LEVELS = {"ministry": "cấp bộ", "province": "cấp tỉnh", "commune": "cấp xã"}
_WAITING = {
    WaitsFor.APPLICANT: "Chờ người nộp, không tính vào thời hạn",
    WaitsFor.OTHER_AGENCY: "Chờ cơ quan khác, không tính vào thời hạn",
    WaitsFor.DESK: "Làm ngay, không tính vào thời hạn",
}


@dataclass(frozen=True, slots=True)
class PostedLimit:
    """The limit of one case in words; an example received at `received_at` has its (first) date at `due_at`."""

    case_id: str
    case: str
    text: str
    note: str = ""
    received_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostedFee:
    """One row of the fee table in words; an empty amount is one that nobody has posted."""

    name: str
    case: str = ""
    direct: str = ""
    online: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PostedStep:
    """One step in words. `is_usual`: on the way of an ordinary dossier, not only after a question."""

    step: SheetStep
    time: str
    is_usual: bool


@dataclass(frozen=True, slots=True)
class PostedProcedure:
    """Everything that is posted about one procedure; `facts` holds what needs no other words."""

    ref: str
    facts: Procedure
    level: str
    limits: tuple[PostedLimit, ...]
    fees: tuple[PostedFee, ...]
    steps: tuple[PostedStep, ...]
    says_level: bool = False

    @property
    def name(self) -> str:
        """The official name, with the level where one code is done at several."""
        return f"{self.facts.name} ({self.level})" if self.says_level else self.facts.name

    @property
    def usual_steps(self) -> tuple[PostedStep, ...]:
        """The way of an ordinary dossier."""
        return tuple(step for step in self.steps if step.is_usual)


def level_text(levels: tuple[str, ...]) -> str:
    """Write levels: ``cấp tỉnh, cấp xã``."""
    return ", ".join(LEVELS.get(level, level) for level in levels) or "các cấp"


def posted_steps(procedure: Procedure, steps: tuple[SheetStep, ...]) -> tuple[PostedStep, ...]:
    """The steps in words; usual are those which the outline's main road passes."""
    return tuple(PostedStep(step, step_time(procedure, step), step.road is not Road.ASIDE) for step in steps)


def step_time(procedure: Procedure, step: SheetStep) -> str:
    """Write how long a step takes: ``0,5 ngày làm việc (trường hợp khác: 1; 2)``."""
    if step.is_return:
        return "Giờ hành chính"
    phase = _phase_of(procedure, step)
    if step.limits and phase is not None:
        return _amounts(procedure, step, UNIT_WORDS.get(phase.limit.unit, ""))
    if step.waits_for is not None:
        return _WAITING[step.waits_for]
    if phase is not None and not phase.limit.unit.has_amount:
        return limit_text(phase.limit)
    return "Không tính thời gian"


def _phase_of(procedure: Procedure, step: SheetStep) -> Phase | None:
    cases = (procedure.default_case, *procedure.cases)
    return next((phase for case in cases for phase in case.phases if step.phase and phase.spans(step.phase)), None)


def _amounts(procedure: Procedure, step: SheetStep, unit: str) -> str:
    """The limit of the usual case, and what else it can be: ``2 ngày làm việc (trường hợp khác: 5)``."""
    served = [case for case in procedure.cases if any(phase.spans(step.phase) for phase in case.phases)]
    usual = next((case for case in served if case.is_default), served[0] if served else procedure.default_case)
    first = step.limit_for(usual.id)
    others = sorted({found for case in served if (found := step.limit_for(case.id)) is not None} - {first})
    words = "; ".join(_plain(amount) for amount in others)
    usually = f"{words if first is None else _plain(first)} {unit}"
    return f"{usually} (trường hợp khác: {words})" if words and first is not None else usually


def _plain(amount: Decimal) -> str:
    return number_text(amount).lstrip("0") if amount >= 1 else number_text(amount)


def case_limit(case: ProcedureCase) -> str:
    """Write the limit of a case, its appointments one after the other: ``Hẹn lần 1: 03 ngày; Hẹn lần 2: 02 ngày``."""
    if len(case.phases) == 1:
        return limit_text(case.phases[0].limit)
    return "; ".join(f"{phase.label}: {limit_text(phase.limit)}" for phase in case.phases)


def limit_note(case: ProcedureCase) -> str:
    """Write what stands beside the limit: the printed note, and the longer limit of the law."""
    later = [f"{phase.label} tính {starts_on_text(phase.starts_on)}" for phase in case.phases[1:]]
    parts = [*later, case.note]
    if case.statutory is not None:
        basis = f" ({case.statutory.basis})" if case.statutory.basis else ""
        parts.append(f"luật cho phép đến {limit_text(case.statutory.limit)}{basis}")
    text = "; ".join(filter(None, parts))
    return text[:1].upper() + text[1:]


def posted_fees(procedure: Procedure) -> tuple[PostedFee, ...]:
    """The fee table in words."""
    names = {case.id: case.name for case in procedure.cases}
    return tuple(
        PostedFee(fee.name, names.get(fee.case, ""), _money(fee.direct, fee), _money(fee.online, fee), fee.note)
        for fee in procedure.fees
    )


def _money(amount: int | None, fee: Fee) -> str:
    if amount is None:
        return ""
    if amount == 0:
        return "Không thu"
    return f"{amount:,} đồng".replace(",", ".") + (f"/{fee.unit}" if fee.unit else "")


def spoken(posted: PostedProcedure) -> str:
    """The facts as a text to be read out (loudspeaker) or posted on a page: short sentences, no tables."""
    return "\n".join(_sentences(posted))


def _sentences(posted: PostedProcedure) -> Iterator[str]:
    facts = posted.facts
    yield f"Thủ tục: {posted.name}. Mã thủ tục {facts.code}, lĩnh vực {facts.sector_name.lower()}."
    if facts.audience:
        yield f"Dành cho: {'; '.join(statement.text for statement in facts.audience)}."
    needed = [item.name for item in facts.items if item.is_required]
    yield f"Giấy tờ cần nộp gồm {len(needed)} loại: {'; '.join(needed)}."
    optional = [item.name for item in facts.items if not item.is_required]
    if optional:
        yield f"Chỉ nộp khi có: {'; '.join(optional)}."
    for way in facts.submission:
        yield f"Nộp {way.channel.label.lower()}: {way.where}."
    for limit in posted.limits:
        yield f"Thời hạn{f' ({limit.case})' if len(posted.limits) > 1 else ''}: {limit.text}."
    for fee in posted.fees:
        online = f", nộp trực tuyến {fee.online}" if fee.online else ""
        yield f"{fee.name}{f' ({fee.case})' if fee.case else ''}: {fee.direct or 'chưa niêm yết mức thu'}{online}."
    yield f"Kết quả: {facts.result}."
