"""The life of a letter: one table says what it may become, what people call each state, and what happens next.

    waiting ─► issued ─► rendered ─► signed ─► sent ─► delivered
       │          │          │          │        ├──► returned
       └ put_back └─► broken └──────────┴────────┴──► failed
    and `cancelled` from every state in which the letter has not gone out.

A draft waits for its leader and has no number. From `issued` on the letter has its number for good: what is cancelled
stays in the register with its reason, and another letter, which names it, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.errors import NotAllowedNow

if TYPE_CHECKING:
    from collections.abc import Mapping


class LetterState(StrEnum):
    """Where a letter, or the draft of one, stands."""

    WAITING = "waiting"
    PUT_BACK = "put_back"
    OBSOLETE = "obsolete"
    ISSUED = "issued"
    BROKEN = "broken"
    RENDERED = "rendered"
    SIGNED = "signed"
    SENT = "sent"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """What people call it."""
        return LIFE[self].label

    @property
    def next_step(self) -> str:
        """What happens next, in a sentence; empty at the end of the life."""
        return LIFE[self].next_step

    @property
    def is_draft(self) -> bool:
        """Whether there is no number yet."""
        return self in DRAFTS

    @property
    def is_on_its_way(self) -> bool:
        """Whether the machine still has to do something before the letter can reach anybody."""
        return self in {LetterState.ISSUED, LetterState.RENDERED, LetterState.SIGNED}

    def may_become(self, state: LetterState) -> bool:
        """Whether the table leads from here to `state`."""
        return state in LIFE[self].may_become


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the table."""

    label: str
    next_step: str = ""
    may_become: frozenset[LetterState] = field(default_factory=frozenset)


_S = LetterState

LIFE: Mapping[LetterState, Stage] = MappingProxyType(
    {
        _S.WAITING: Stage(
            "Dự thảo chờ duyệt",
            "Lãnh đạo xem, ký ban hành hoặc trả lại",
            frozenset({_S.ISSUED, _S.PUT_BACK, _S.OBSOLETE}),
        ),
        _S.PUT_BACK: Stage(
            "Dự thảo bị trả lại",
            "Người soạn sửa rồi trình lại",
            frozenset({_S.WAITING, _S.OBSOLETE}),
        ),
        _S.OBSOLETE: Stage("Dự thảo không còn cần", "", frozenset({_S.WAITING})),
        _S.ISSUED: Stage(
            "Đã vào sổ, đang lập tệp",
            "Hệ thống lập tệp PDF",
            frozenset({_S.RENDERED, _S.BROKEN, _S.CANCELLED}),
        ),
        _S.BROKEN: Stage(
            "Không lập được tệp",
            "Hệ thống thử lại; nếu đã thôi thử, hãy hủy văn bản và ban hành bản thay thế",
            frozenset({_S.RENDERED, _S.BROKEN, _S.CANCELLED}),
        ),
        _S.RENDERED: Stage(
            "Đã lập tệp, chờ gửi",
            "Hệ thống ký số (nếu đơn vị dùng chữ ký số) rồi gửi",
            frozenset({_S.SIGNED, _S.SENT, _S.DELIVERED, _S.FAILED, _S.CANCELLED}),
        ),
        _S.SIGNED: Stage(
            "Đã ký số, chờ gửi",
            "Hệ thống gửi theo kênh người dân chọn",
            frozenset({_S.SENT, _S.DELIVERED, _S.FAILED, _S.CANCELLED}),
        ),
        _S.SENT: Stage(
            "Đã gửi",
            "Chờ kênh gửi báo đã nhận",
            frozenset({_S.SENT, _S.DELIVERED, _S.RETURNED, _S.FAILED}),
        ),
        _S.RETURNED: Stage(
            "Bị trả lại",
            "Liên hệ người nhận, gửi lại theo kênh khác",
            frozenset({_S.SENT, _S.DELIVERED, _S.RETURNED, _S.FAILED}),
        ),
        _S.FAILED: Stage(
            "Gửi không được",
            "Gọi điện hoặc giao trực tiếp, rồi ghi nhận đã giao",
            frozenset({_S.SENT, _S.DELIVERED, _S.RETURNED, _S.FAILED, _S.CANCELLED}),
        ),
        _S.DELIVERED: Stage("Đã đến người nhận"),
        _S.CANCELLED: Stage("Đã hủy", "Số vẫn nằm trong sổ; văn bản thay thế (nếu có) dẫn chiếu số này"),
    }
)
DRAFTS = frozenset({_S.WAITING, _S.PUT_BACK, _S.OBSOLETE})
# What somebody may see at any moment of a letter that lives: nothing becomes of it by being printed again.
REPRINTED = "reprinted"


class WrongMoment(NotAllowedNow):
    """Văn bản số {number} {what}."""

    code = "letter_wrong_moment"


def comes_before(state: LetterState) -> frozenset[LetterState]:
    """The states from which the table leads to `state`."""
    return frozenset(earlier for earlier, stage in LIFE.items() if state in stage.may_become)


def may_cancel(state: LetterState, *, was_sent: bool) -> bool:
    """Whether a letter can still be taken back: nobody outside has seen it."""
    return not was_sent and not state.is_draft and state.may_become(LetterState.CANCELLED)


def check_may_cancel(state: LetterState, number: str, *, was_sent: bool) -> None:
    """Raise `WrongMoment` for a letter that has gone out, or that was cancelled before."""
    if state is LetterState.CANCELLED:
        raise WrongMoment(number=number, what="đã bị hủy trước đó")
    if not may_cancel(state, was_sent=was_sent):
        raise WrongMoment(number=number, what="đã gửi đi nên không hủy được; hãy ban hành văn bản đính chính")
