"""The report on steps: which are late, also in files that were on time, and which were only recorded late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.report import Definition, Report

if TYPE_CHECKING:
    from datetime import date

    from engine.domain.units import UnitTree

COLUMNS = (
    *("unit", "procedure", "step"),
    *("done", "late_steps", "late_steps_share", "mean_late_hours", "late_in_time"),
    *("recorded_late", "recorded_late_approved"),
)
DEFINITIONS = (
    Definition("unit", "Đơn vị thực hiện bước."),
    Definition("procedure", "Thủ tục hành chính."),
    Definition("step", "Bước của quy trình; không kể bước chờ người nộp hoặc cơ quan khác."),
    Definition("done", "Số lần bước được ghi là xong trong kỳ, không kể lần bị dừng giữa chừng."),
    Definition(
        "late_steps",
        "Số lần làm xong sau hạn của bước. Bước ghi nhận muộn đã được duyệt thì tính theo lúc làm xong.",
    ),
    Definition("late_steps_share", "Tỷ lệ số lần muộn (từ 0 đến 1; trống khi mẫu số bằng 0).", "số lần bước có hạn"),
    Definition("mean_late_hours", "Trung bình số giờ làm việc bị muộn.", "số lần muộn"),
    Definition("late_in_time", "Số lần muộn nằm trong hồ sơ cuối cùng vẫn trước hạn hoặc đúng hạn."),
    Definition("recorded_late", "Số lần ghi nhận muộn so với lúc làm xong; đếm riêng với làm muộn."),
    Definition("recorded_late_approved", "Trong đó: người giám sát đã duyệt."),
)
_SUMS = ("done", "late", "late_in_time", "recorded_late", "recorded_late_approved", "with_limit", "late_minutes")


@dataclass(frozen=True, slots=True)
class StepCount:
    """One step of one procedure in one unit. Minutes are office minutes, of the late steps together."""

    unit_id: int
    procedure_code: str
    procedure_name: str
    step_id: str
    step_name: str
    done: int
    with_limit: int
    late: int
    late_minutes: int
    late_in_time: int
    recorded_late: int
    recorded_late_approved: int


def step_report(counts: Sequence[StepCount], units: UnitTree, from_on: date, to_on: date) -> Report:
    """What steps recorded from `from_on` to `to_on` came to: a row for each unit, procedure and step."""
    rows = [
        {
            "unit": units.get(count.unit_id).name,
            "unit_code": units.get(count.unit_id).code,
            "procedure": count.procedure_name,
            "procedure_code": count.procedure_code,
            "step": count.step_name,
            "step_id": count.step_id,
            **_figures({name: getattr(count, name) for name in _SUMS}),
        }
        for count in counts
    ]
    return Report(
        name="steps",
        title="Thời gian từng bước",
        from_on=from_on,
        to_on=to_on,
        columns=COLUMNS,
        rows=tuple(rows),
        totals=_figures({name: sum(getattr(count, name) for count in counts) for name in _SUMS}),
        definitions=DEFINITIONS,
    )


def _figures(sums: Mapping[str, int]) -> dict[str, object]:
    late, with_limit = sums["late"], sums["with_limit"]
    return {
        "done": sums["done"],
        "late_steps": late,
        "late_steps_share": round(late / with_limit, 4) if with_limit else None,
        "mean_late_hours": round(sums["late_minutes"] / late / 60, 2) if late else None,
        "late_in_time": sums["late_in_time"],
        "recorded_late": sums["recorded_late"],
        "recorded_late_approved": sums["recorded_late_approved"],
    }
