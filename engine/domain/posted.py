"""Parts of what an office posts about a procedure, each with its mark: `R` read, `M` recalled, `D` derived.

They are words for people and for the checker; nothing here moves a dossier. Elements of a posted procedure: Decree
63/2010/NĐ-CP, art. 8 (amended); the six public blocks: plan 87/KH-UBND of Hà Nội, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from engine.domain.dossier import Channel
    from engine.domain.limits import ProcessingTime


class OnlineLevel(StrEnum):
    """How much of a procedure goes without paper and without a visit."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"

    @property
    def label(self) -> str:
        """The official Vietnamese name."""
        return _LEVELS[self]


_LEVELS = {
    OnlineLevel.FULL: "Dịch vụ công trực tuyến toàn trình",
    OnlineLevel.PARTIAL: "Dịch vụ công trực tuyến một phần",
    OnlineLevel.NONE: "Chưa cung cấp trực tuyến",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the posted facts (a condition, a group of addressees)."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to hand a dossier in or to get its result: through which channel, and where or how."""

    channel: Channel
    where: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class OnlineOffer:
    """What the national portal offers of a procedure."""

    level: OnlineLevel
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sets:
    """How many sets of the dossier are handed in (số bộ hồ sơ)."""

    count: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ResultForm:
    """A paper that the procedure ends with, and its form."""

    name: str
    form: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class StatutoryLimit:
    """What the law allows, beside the shorter limit that a province posts."""

    limit: ProcessingTime
    basis: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in the sources that cannot be right, and what the office should ask whom. `about`: path of a key."""

    about: str
    text: str
    ask: str


@dataclass(frozen=True, slots=True)
class LegalAct:
    """What is known of a legal act: the last day on which it was in force, and what took its place."""

    number: str
    name: str = ""
    ends_on: date | None = None
    replaced_by: str = ""
    mark: str = ""

    def is_over(self, on: date) -> bool:
        """Whether the act is no longer in force on the day `on`."""
        return self.ends_on is not None and self.ends_on < on
