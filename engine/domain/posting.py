"""What pages and papers show of a posted procedure: its steps in order, and how complete its facts are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.posted import Doubt, LegalAct, Statement
from engine.domain.progress import Road

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from engine.domain.procedure import Procedure
    from engine.domain.process import WaitsFor


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One step as an internal procedure prints it (bước, người thực hiện, thời gian, biểu mẫu hoặc kết quả).

    `number` counts the procedure's own work: 1, 2, and 3.1, 3.2 inside a shared diagram that is called `part`. `when`:
    the answers that lead here. `limits` by case, in the unit of the step's phase; none outside the clock.
    """

    number: str
    id: str
    name: str
    actor: str
    part: str = ""
    road: Road = Road.ALWAYS
    when: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    limits: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    phase: str = ""
    waits_for: WaitsFor | None = None
    is_return: bool = False

    def limit_for(self, case: str) -> Decimal | None:
        """The limit of the step in a case; None outside the clock."""
        return self.limits.get(case, self.limits.get(""))


class Block(StrEnum):
    """The public blocks of a posted procedure (plan 87/KH-UBND), and what else the law wants beside them."""

    ITEMS = "items"
    WAYS = "ways"
    STEPS = "steps"
    TIME = "time"
    FEES = "fees"
    BASIS = "basis"
    REST = "rest"

    @property
    def label(self) -> str:
        """Its Vietnamese heading."""
        return _HEADINGS[self]


_HEADINGS = {
    Block.ITEMS: "Thành phần hồ sơ",
    Block.WAYS: "Cách thức nộp hồ sơ, nhận kết quả",
    Block.STEPS: "Quy trình giải quyết",
    Block.TIME: "Thời gian giải quyết",
    Block.FEES: "Phí, lệ phí",
    Block.BASIS: "Kết quả, căn cứ pháp lý",
    Block.REST: "Thông tin khác",
}
PUBLIC_BLOCKS = tuple(block for block in Block if block is not Block.REST)
_RECALLED = "M"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not posted. `path`: the key of the facts where it belongs."""

    block: Block
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the facts of one procedure are on a day."""

    code: str
    name: str
    levels: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    recalled: tuple[Statement, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    outdated: tuple[LegalAct, ...] = ()

    @property
    def complete_blocks(self) -> tuple[Block, ...]:
        """The public blocks that lack nothing."""
        lacking = {gap.block for gap in self.gaps}
        return tuple(block for block in PUBLIC_BLOCKS if block not in lacking)

    @property
    def is_published(self) -> bool:
        """Whether all six public blocks are posted in full."""
        return len(self.complete_blocks) == len(PUBLIC_BLOCKS)


def completeness(procedure: Procedure, steps: Iterable[SheetStep], acts: Iterable[LegalAct], on: date) -> Completeness:
    """Say what a procedure does not post, what was only recalled, and which of its `acts` are over on the day `on`."""
    return Completeness(
        code=procedure.code,
        name=procedure.name,
        levels=procedure.levels,
        gaps=(*_gaps_of_blocks(procedure, tuple(steps)), *_other_gaps(procedure)),
        recalled=tuple(_recalled(procedure)),
        doubts=procedure.doubts,
        outdated=tuple(act for act in acts if act.is_over(on)),
    )


def _gaps_of_blocks(procedure: Procedure, steps: tuple[SheetStep, ...]) -> Iterator[Gap]:
    yield from _gaps_of_items(procedure)
    if not procedure.submission:
        yield Gap(Block.WAYS, "submission", "chưa ghi cách thức nộp hồ sơ")
    if not procedure.delivery:
        yield Gap(Block.WAYS, "delivery", "chưa ghi cách thức nhận kết quả")
    if not steps or not all(step.actor for step in steps):
        yield Gap(Block.STEPS, "process", "quy trình chưa có bước, hoặc có bước chưa rõ ai làm")
    if not procedure.cases:
        yield Gap(Block.TIME, "cases", "chưa ghi thời hạn")
    yield from _gaps_of_fees(procedure)
    if not procedure.result:
        yield Gap(Block.BASIS, "result", "chưa ghi kết quả")
    if not procedure.legal_basis:
        yield Gap(Block.BASIS, "legal_basis", "chưa ghi căn cứ pháp lý")


def _gaps_of_items(procedure: Procedure) -> Iterator[Gap]:
    if not procedure.items:
        yield Gap(Block.ITEMS, "items", "chưa ghi thành phần hồ sơ")
    if procedure.sets is None:
        yield Gap(Block.ITEMS, "sets", "chưa ghi số bộ hồ sơ")
    for number, item in enumerate(procedure.items, start=1):
        if not item.form:
            yield Gap(Block.ITEMS, f"items.{number}.form", f"“{item.name}”: chưa rõ mẫu")


def _gaps_of_fees(procedure: Procedure) -> Iterator[Gap]:
    if not procedure.fees:
        yield Gap(Block.FEES, "fees", "chưa ghi phí, lệ phí (kể cả “không thu”)")
    for number, fee in enumerate(procedure.fees, start=1):
        if fee.direct is None and fee.online is None:
            note = f": {fee.note}" if fee.note else ""
            yield Gap(Block.FEES, f"fees.{number}", f"“{fee.name}” chưa có mức thu{note}")


def _other_gaps(procedure: Procedure) -> Iterator[Gap]:
    wanted = {
        "audience": (procedure.audience, "chưa ghi đối tượng thực hiện"),
        "conditions": (procedure.conditions, "chưa ghi yêu cầu, điều kiện (kể cả “không có”)"),
        "online": (procedure.online, "chưa rõ mức độ trực tuyến: toàn trình hay một phần"),
        "result_forms": (any(result.form for result in procedure.result_forms), "chưa rõ mẫu của kết quả"),
        "decision": (procedure.decision and procedure.decision.issued_on, "chưa có số, ngày quyết định công bố"),
        "effective_from": (procedure.effective_from, "chưa ghi ngày áp dụng"),
    }
    for path, (value, text) in wanted.items():
        if not value:
            yield Gap(Block.REST, path, text)


def _recalled(procedure: Procedure) -> Iterator[Statement]:
    """Every fact that nobody read: what it is, by the heading under which it is posted."""
    marked: list[tuple[str, str]] = [
        *((f"Giấy tờ: {item.name}", item.mark) for item in procedure.items),
        *((f"Phí: {fee.name}", fee.mark) for fee in procedure.fees),
        *((f"Thời hạn: {case.name}", case.mark) for case in procedure.cases),
        *((f"Đối tượng: {statement.text}", statement.mark) for statement in procedure.audience),
        *((f"Điều kiện: {statement.text}", statement.mark) for statement in procedure.conditions),
        *((f"Nộp hồ sơ: {way.where}", way.mark) for way in procedure.submission),
        *((f"Nhận kết quả: {way.where}", way.mark) for way in procedure.delivery),
        *((f"Mẫu kết quả: {result.name}", result.mark) for result in procedure.result_forms),
    ]
    if procedure.sets is not None:
        marked.append((f"Số bộ hồ sơ: {procedure.sets.count}", procedure.sets.mark))
    if procedure.online is not None:
        marked.append((procedure.online.level.label, procedure.online.mark))
    yield from (Statement(text, mark) for text, mark in marked if mark == _RECALLED)
