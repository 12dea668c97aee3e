"""The published satisfaction index (SIPAS): criteria, items, values and targets in percent.

It is shown beside our own figures so that a reader can place them, never mixed with them: SIPAS asks people, we count
dossiers. The arithmetic of the index is proved by its own numbers: a criterion is the mean of its items, the whole is
the mean of all items (the criteria weigh by their number of items), rounded half up to two decimals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.domain.errors import BadInput

RESULTS = "IV"
_CENT = Decimal("0.01")


class SipasDoesNotAdd(BadInput):
    """Bảng chỉ số hài lòng không khớp: {what} ghi {written}, trung bình các tiêu chí thành phần là {computed}."""

    code = "sipas_does_not_add"


@dataclass(frozen=True, slots=True)
class SipasItem:
    """One item that people were asked about: its value of the year, and the target of the next; percent."""

    code: str
    name: str
    value: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class SipasCriterion:
    """A group of items. Raises `SipasDoesNotAdd` if its value is not the mean of theirs."""

    code: str
    name: str
    value: Decimal
    target: Decimal
    items: tuple[SipasItem, ...]

    def __post_init__(self) -> None:
        _check(f"tiêu chí {self.code}", self.value, (item.value for item in self.items))


@dataclass(frozen=True, slots=True)
class SipasTable:
    """A published index. Raises `SipasDoesNotAdd` if its value is not the mean of all items."""

    name: str
    year: int
    target_year: int
    value: Decimal
    source: str
    criteria: tuple[SipasCriterion, ...]
    mark: str = ""

    def __post_init__(self) -> None:
        _check("chỉ số chung", self.value, (item.value for each in self.criteria for item in each.items))

    def criterion(self, code: str) -> SipasCriterion:
        """The criterion of this code; `LookupError` if there is none."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        message = f"no criterion {code!r}"
        raise LookupError(message)


def _check(what: str, written: Decimal, values: Iterable[Decimal]) -> None:
    each = list(values)
    computed = (sum(each, Decimal(0)) / len(each)).quantize(_CENT, ROUND_HALF_UP) if each else Decimal(0)
    if computed != written:
        raise SipasDoesNotAdd(what=what, written=written, computed=computed)
