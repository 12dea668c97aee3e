"""What decisions print beside a limit or a fee, read as numbers: "cắt giảm 12/60 ngày, 20 %", "từ 26 xuống 24 ngày"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"(?:ngày(?: làm việc)?|giờ(?: làm việc)?)?"
_RATIO = re.compile(rf"(?:cắt )?giảm\s+{_NUMBER}\s*/\s*{_NUMBER}", re.IGNORECASE)
_FROM_TO = re.compile(rf"từ\s+{_NUMBER}\s*{_UNIT}\s*(?:xuống(?: còn)?|còn|thành|→|-+>)\s*{_NUMBER}", re.IGNORECASE)
_SHARE = re.compile(rf"{_NUMBER}\s*%")
_DISCOUNT = re.compile(rf"giảm\s+{_NUMBER}\s*%", re.IGNORECASE)
_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut of a limit as it is printed: before, after, and the share of it in percent, as far as it is stated."""

    before: Decimal
    after: Decimal
    percent: Decimal | None = None

    @property
    def share(self) -> Decimal:
        """The share that was cut, in percent."""
        return (self.before - self.after) / self.before * _WHOLE

    @property
    def is_right(self) -> bool:
        """Whether the printed percentage is the share, rounded as it is printed."""
        return self.percent is None or self.share.quantize(self.percent, ROUND_HALF_UP) == self.percent


def cut_in(note: str) -> Cut | None:
    """Read the cut that a note tells of; None where it tells of none."""
    share = _SHARE.search(note)
    percent = _number(share.group(1)) if share else None
    if ratio := _RATIO.search(note):
        cut, before = _number(ratio.group(1)), _number(ratio.group(2))
        return Cut(before, before - cut, percent) if before else None
    if turn := _FROM_TO.search(note):
        before, after = _number(turn.group(1)), _number(turn.group(2))
        return Cut(before, after, percent) if before else None
    return None


def discount_in(note: str) -> Decimal | None:
    """Read the discount that a note of a fee tells of, in percent; None where it tells of none."""
    found = _DISCOUNT.search(note)
    return _number(found.group(1)) if found else None


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
