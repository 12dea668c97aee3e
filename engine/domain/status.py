"""The states of a dossier: the ten codes of the national portal, and the one table of what may follow what.

The diagram picks the way; this table guards it (`check_transition`), and the picture in the docs is drawn from it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from engine.domain.errors import NotAllowedNow

if TYPE_CHECKING:
    from collections.abc import Iterable


class DossierStatus(IntEnum):
    """National status codes 1-10 (national public service portal)."""

    SUBMITTED = 1
    RECEIVED = 2
    REFUSED = 3
    IN_PROGRESS = 4
    SUPPLEMENT_REQUESTED = 5
    PAYMENT_REQUESTED = 6
    WITHDRAWAL_REQUESTED = 7
    DISCONTINUED = 8
    RESOLVED = 9
    DELIVERED = 10

    @property
    def label(self) -> str:
        """The official Vietnamese name of the state."""
        return STATUS_LABELS[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the dossier."""
        return not TRANSITIONS[self]

    @property
    def is_waiting(self) -> bool:
        """Whether the office waits for somebody else: its clock stands still."""
        return self in WAITING


STATUS_LABELS = {
    DossierStatus.SUBMITTED: "Mới đăng ký",
    DossierStatus.RECEIVED: "Được tiếp nhận",
    DossierStatus.REFUSED: "Không được tiếp nhận",
    DossierStatus.IN_PROGRESS: "Đang xử lý",
    DossierStatus.SUPPLEMENT_REQUESTED: "Yêu cầu bổ sung giấy tờ",
    DossierStatus.PAYMENT_REQUESTED: "Yêu cầu thực hiện nghĩa vụ tài chính",
    DossierStatus.WITHDRAWAL_REQUESTED: "Công dân yêu cầu rút hồ sơ",
    DossierStatus.DISCONTINUED: "Dừng xử lý",
    DossierStatus.RESOLVED: "Đã xử lý xong",
    DossierStatus.DELIVERED: "Đã trả kết quả",
}

_S = DossierStatus
WAITING = frozenset({_S.SUPPLEMENT_REQUESTED, _S.PAYMENT_REQUESTED})

# Where each state may go. An online application may be asked for papers before it is received (5 from 1).
TRANSITIONS: dict[DossierStatus, frozenset[DossierStatus]] = {
    _S.SUBMITTED: frozenset(
        {_S.RECEIVED, _S.REFUSED, _S.SUPPLEMENT_REQUESTED, _S.IN_PROGRESS, _S.WITHDRAWAL_REQUESTED, _S.DISCONTINUED}
    ),
    _S.RECEIVED: frozenset(
        {
            _S.IN_PROGRESS,
            _S.SUPPLEMENT_REQUESTED,
            _S.PAYMENT_REQUESTED,
            _S.WITHDRAWAL_REQUESTED,
            _S.DISCONTINUED,
            _S.RESOLVED,
            _S.DELIVERED,
        }
    ),
    _S.REFUSED: frozenset(),
    _S.IN_PROGRESS: frozenset(
        {
            _S.SUPPLEMENT_REQUESTED,
            _S.PAYMENT_REQUESTED,
            _S.WITHDRAWAL_REQUESTED,
            _S.DISCONTINUED,
            _S.RESOLVED,
            _S.DELIVERED,
        }
    ),
    _S.SUPPLEMENT_REQUESTED: frozenset(
        {_S.SUBMITTED, _S.RECEIVED, _S.IN_PROGRESS, _S.REFUSED, _S.WITHDRAWAL_REQUESTED, _S.DISCONTINUED}
    ),
    _S.PAYMENT_REQUESTED: frozenset({_S.IN_PROGRESS, _S.RESOLVED, _S.WITHDRAWAL_REQUESTED, _S.DISCONTINUED}),
    _S.WITHDRAWAL_REQUESTED: frozenset({_S.DISCONTINUED, _S.IN_PROGRESS}),
    _S.DISCONTINUED: frozenset(),
    _S.RESOLVED: frozenset({_S.DELIVERED, _S.IN_PROGRESS, _S.WITHDRAWAL_REQUESTED, _S.DISCONTINUED}),
    _S.DELIVERED: frozenset(),
}

# A dossier with parallel steps shows the state that most concerns the citizen: first of these that is open.
_FOREMOST = (
    _S.WITHDRAWAL_REQUESTED,
    _S.SUPPLEMENT_REQUESTED,
    _S.PAYMENT_REQUESTED,
    _S.SUBMITTED,
    _S.IN_PROGRESS,
    _S.RECEIVED,
    _S.RESOLVED,
)


def foremost(statuses: Iterable[DossierStatus]) -> DossierStatus | None:
    """Answer the state to show for a dossier whose open steps carry `statuses`; None without any."""
    present = set(statuses)
    return next((status for status in _FOREMOST if status in present), None)


def can_become(current: DossierStatus, following: DossierStatus) -> bool:
    """Whether a dossier in `current` may go to `following` (staying is always allowed)."""
    return current == following or following in TRANSITIONS[current]


def check_transition(current: DossierStatus, following: DossierStatus) -> None:
    """Raise `NotAllowedNow` unless `following` may come after `current`."""
    if not can_become(current, following):
        raise NotAllowedNow(
            detail=f"hồ sơ đang ở trạng thái “{current.label}”, không thể chuyển sang “{following.label}”"
        )
