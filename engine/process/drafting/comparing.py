"""What a draft changes, side by side with the version in force: limits, steps, papers, fees, who decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.domain.procedure import Fee, Procedure, ProcedureCase
from engine.domain.process import StepDefinition
from engine.process.definitions import Definition
from engine.process.problems import comma

# subject, what, in force, in the draft
Row = tuple[str, str, str, str]
_UNITS = {
    "working_days": "ngày làm việc",
    "working_hours": "giờ làm việc",
    "calendar_days": "ngày",
    "same_day": "trong ngày",
    "agreed": "theo thỏa thuận",
}


def compare(old: bytes, diagram: Path, shared: Path) -> list[Row]:
    """Compare the sources of a published version with a draft that can run; raises `DefinitionInvalid`."""
    before, after = Definition.from_sources(old), Definition.load(diagram, shared)
    return [row for row in _rows(before, after) if row[2] != row[3]]


def _rows(before: Definition, after: Definition) -> Iterator[Row]:
    yield from _paired("facts", _facts(before.procedure), _facts(after.procedure))
    yield from _paired("limits", _limits(before.procedure), _limits(after.procedure))
    yield from _paired("steps", _steps(before), _steps(after))
    yield from _paired("items", _items(before.procedure), _items(after.procedure))
    yield from _paired("fees", _fees(before.procedure), _fees(after.procedure))


def _paired(subject: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Row]:
    for what in dict.fromkeys([*old, *new]):
        yield subject, what, old.get(what, ""), new.get(what, "")


def _facts(procedure: Procedure) -> dict[str, str]:
    return {
        "Tên thủ tục": procedure.name,
        "Cơ quan giải quyết": procedure.deciding_unit,
        "Cấp": ", ".join(sorted(procedure.levels)),
        "Kết quả": procedure.result,
        "Nộp hồ sơ": ", ".join(sorted(channel.label for channel in procedure.channels)),
        "Căn cứ pháp lý": "; ".join(procedure.legal_basis),
    }


def _limits(procedure: Procedure) -> dict[str, str]:
    return {case.name: _limit(case) for case in procedure.cases}


def _limit(case: ProcedureCase) -> str:
    return " + ".join(
        f"{comma(phase.limit.amount)} {_UNITS[phase.limit.unit.value]}"
        if phase.limit.unit.has_amount
        else _UNITS[phase.limit.unit.value]
        for phase in case.phases
    )


def _steps(definition: Definition) -> dict[str, str]:
    return {
        step.name: _step(step) for step in definition.steps.values() if step.process == definition.procedure.process
    }


def _step(step: StepDefinition) -> str:
    limits = "; ".join(f"{case}: {comma(limit)}" for case, limit in step.limits.items())
    return f"{step.lane_name} · {limits or ('ngoài thời hạn' if step.is_outside_clock else 'không có số')}"


def _items(procedure: Procedure) -> dict[str, str]:
    return {
        item.name: f"{item.form or 'chưa rõ mẫu'} · {item.originals} bản chính, {item.copies} bản sao"
        f"{'' if item.is_required else ' · nếu có'}"
        for item in procedure.items
    }


def _fees(procedure: Procedure) -> dict[str, str]:
    return {f"{fee.name}{f' ({fee.case})' if fee.case else ''}": _fee(fee) for fee in procedure.fees}


def _fee(fee: Fee) -> str:
    amounts = [("trực tiếp", fee.direct), ("trực tuyến", fee.online)]
    said = [f"{how} {amount:,}".replace(",", ".") + " đồng" for how, amount in amounts if amount is not None]
    return ", ".join(said) or fee.note or "chưa rõ"
