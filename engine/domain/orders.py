"""Orders over many dossiers: what a supervisor may order, what stands in the way of it, how an order stands.

An order is drafted with a line for each chosen dossier that says what will be done to it, or why nothing can. Once its
maker has given a reason it is carried out in the background, line by line; a line is done once or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

MOST_LINES = 5000
MOST_WORDS = 500


class OrderKind(StrEnum):
    """What is ordered."""

    REASSIGN = "reassign"
    REMIND = "remind"
    EXTEND = "extend"
    ESCALATE = "escalate"
    NOTE = "note"
    EXPORT = "export"


class OrderState(StrEnum):
    """A draft is looked at; a confirmed order waits for the background, which runs it; then it is finished."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    FINISHED = "finished"


class LineState(StrEnum):
    """A ready line will be done; one that cannot be says why; a failed one may be tried again."""

    READY = "ready"
    CANNOT = "cannot"
    DONE = "done"
    FAILED = "failed"


class OrderRefused(BadInput):
    """{detail}."""

    code = "order_refused"


@dataclass(frozen=True, slots=True)
class Task:
    """An open step of a chosen dossier."""

    id: int
    step_id: str
    name: str
    unit_id: int
    role: str
    holder_id: int | None
    holder: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What an order has to know of a dossier. `other`: an order of the same kind that is before this one, and whose."""

    id: int
    code: str
    deciding_unit_id: int
    due_at: datetime | None
    first_due_at: datetime | None
    is_resolved: bool
    is_ended: bool
    has_draft: bool
    tasks: tuple[Task, ...] = ()
    other: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who may be given steps, and the places in which they work: unit and role."""

    id: int
    name: str
    places: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Details:
    """What is to be done. `person_id` None gives steps back to everybody; `step_id` narrows to one step."""

    person_id: int | None = None
    step_id: str = ""
    note: str = ""
    new_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one dossier: `tasks` are the steps it concerns. `reason` is a stable code, `words` a sentence."""

    can: bool
    reason: str
    words: str
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class LineView:
    """One dossier of an order."""

    code: str
    procedure_name: str
    unit_name: str
    state: LineState
    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as it stands. `counts` by state of its lines; `why` counts those that cannot, by sentence."""

    id: int
    kind: OrderKind
    state: OrderState
    made_at: datetime
    made_by: str
    made_by_name: str
    reason: str
    total: int
    counts: Mapping[str, int]
    choice: Mapping[str, str]
    details: Mapping[str, str]
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None
    reverts_id: int | None = None
    reverted_by_id: int | None = None
    file_name: str = ""
    why: tuple[tuple[str, int], ...] = ()
    lines: tuple[LineView, ...] = field(default=())
    page: int = 1
    pages: int = 1

    @property
    def finished_lines(self) -> int:
        """How many lines there is nothing more to do about now."""
        return self.total - self.counts.get(LineState.READY, 0)

    @property
    def is_going_on(self) -> bool:
        """Whether the background still has to do something."""
        return self.state in {OrderState.CONFIRMED, OrderState.RUNNING}

    @property
    def can_be_reverted(self) -> bool:
        """Whether it did something that can be taken back, and nobody has."""
        is_act = self.kind is not OrderKind.EXPORT and self.reverts_id is None
        return is_act and self.state is OrderState.FINISHED and self.reverted_by_id is None and self.did_something

    @property
    def did_something(self) -> bool:
        """Whether at least one line was done."""
        return self.counts.get(LineState.DONE, 0) > 0


def plan(
    kind: OrderKind,
    subject: Subject,
    details: Details,
    *,
    supervised: Collection[int],
    officer: Officer | None,
    at: datetime,
) -> Plan:
    """What an order would do to a dossier as it stands, or why it cannot."""
    if subject.is_ended:
        return Plan(can=False, reason="ended", words="Hồ sơ đã kết thúc")
    if subject.other is not None:
        number, whose = subject.other
        return Plan(can=False, reason="other_order", words=f"Lệnh số {number} của {whose} đang xử lý hồ sơ này")
    if kind is OrderKind.REASSIGN:
        return _reassign(subject, details, supervised, officer)
    if kind is OrderKind.EXTEND:
        return _extend(subject, supervised, at)
    return _remind(subject, supervised) if kind is OrderKind.REMIND else _say(kind, subject, supervised)


def _say(kind: OrderKind, subject: Subject, supervised: Collection[int]) -> Plan:
    if subject.deciding_unit_id not in supervised and not _mine(subject, supervised):
        return Plan(can=False, reason="elsewhere", words="Hồ sơ đang ở đơn vị ngoài phạm vi giám sát của bạn")
    if kind is OrderKind.ESCALATE:
        return Plan(can=True, reason="escalate", words="Báo lãnh đạo đơn vị giải quyết, kèm ý kiến")
    return Plan(can=True, reason="note", words="Ghi ý kiến vào lịch sử hồ sơ")


def _mine(subject: Subject, supervised: Collection[int]) -> tuple[Task, ...]:
    return tuple(task for task in subject.tasks if task.unit_id in supervised)


def _reassign(subject: Subject, details: Details, supervised: Collection[int], officer: Officer | None) -> Plan:
    mine = tuple(task for task in _mine(subject, supervised) if details.step_id in {"", task.step_id})
    if not mine:
        return Plan(can=False, reason="no_step", words="Không có bước đang mở thuộc đơn vị bạn giám sát")
    if officer is None:
        held = tuple(task for task in mine if task.holder_id is not None)
        if not held:
            return Plan(can=False, reason="free", words="Bước đang mở chưa có ai nhận")
        return Plan(can=True, reason="release", words=f"Trả về việc chung: {_named(held)}", tasks=held)
    fitting = tuple(task for task in mine if (task.unit_id, task.role) in officer.places)
    if not fitting:
        words = f"{officer.name} không giữ vai trò của bước “{mine[0].name}” ở đơn vị đó"
        return Plan(can=False, reason="not_theirs", words=words)
    moving = tuple(task for task in fitting if task.holder_id != officer.id)
    if not moving:
        return Plan(can=False, reason="same", words=f"{officer.name} đang giữ bước này rồi")
    return Plan(can=True, reason="reassign", words=f"Giao cho {officer.name}: {_named(moving)}", tasks=moving)


def _named(tasks: Collection[Task]) -> str:
    return ", ".join(f"“{task.name}” ({task.holder or 'chưa ai nhận'})" for task in tasks)


def _remind(subject: Subject, supervised: Collection[int]) -> Plan:
    mine = _mine(subject, supervised)
    if subject.is_resolved:
        return Plan(can=False, reason="resolved", words="Hồ sơ đã có kết quả, chờ người dân nhận")
    if not mine:
        return Plan(can=False, reason="no_step", words="Không có bước đang mở thuộc đơn vị bạn giám sát")
    return Plan(can=True, reason="remind", words=f"Nhắc người giữ bước {_named(mine)}", tasks=mine)


def _extend(subject: Subject, supervised: Collection[int], at: datetime) -> Plan:
    refusals = (
        (subject.deciding_unit_id not in supervised, "elsewhere", "Đơn vị giải quyết không thuộc phạm vi bạn giám sát"),
        (subject.is_resolved, "resolved", "Hồ sơ đã có kết quả, chờ người dân nhận"),
        (subject.due_at is None, "no_date", "Hồ sơ đang tạm dừng hoặc chưa có ngày hẹn"),
        (subject.first_due_at != subject.due_at, "second", "Đã hẹn lại một lần; pháp luật không cho hẹn lại lần hai"),
        (
            subject.due_at is not None and subject.due_at < at,
            "missed",
            "Đã quá hạn; chỉ đề nghị gia hạn trước ngày hẹn",
        ),
        (subject.has_draft, "has_draft", "Đã có dự thảo xin lỗi, hẹn lại chờ lãnh đạo ký"),
    )
    for stands, reason, words in refusals:
        if stands:
            return Plan(can=False, reason=reason, words=words)
    return Plan(can=True, reason="extend", words="Trình lãnh đạo đơn vị dự thảo xin lỗi, hẹn lại ngày trả")
