"""Until when units work, and who answers afterwards for what they still owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class Ending:
    """That a unit (a code) works no more from a local day on, and which one took over what no line of the order names.

    The day is that of the decision (Nghị quyết), also where the order was carried out some days later.
    """

    code: str
    ends_on: date
    heir: str


class Lives:
    """The endings that hold. A unit of which nothing is known works, and has always worked: no beginning is kept."""

    def __init__(self, endings: Iterable[Ending] = ()) -> None:
        """Know these, in the order in which they were ordered: a later one of the same unit holds."""
        self._endings = {ending.code: ending for ending in endings}

    def ends_on(self, code: str) -> date | None:
        """The first day on which a unit does not work any more."""
        ending = self._endings.get(code)
        return None if ending is None else ending.ends_on

    def answers_for(self, code: str) -> str:
        """The unit that works and answers for a unit: itself, or who took it over, or who took that one over."""
        for _ in self._endings:
            if code not in self._endings:
                break
            code = self._endings[code].heir
        return code

    def left_to(self, code: str) -> tuple[str, ...]:
        """The ended units for which a unit answers."""
        return tuple(ended for ended in self._endings if self.answers_for(ended) == code)

    def owes(self, code: str, first: date) -> bool:
        """Whether a unit owes what is reported of days from `first` on: at least that day lies in its life."""
        ends_on = self.ends_on(code)
        return ends_on is None or first < ends_on
