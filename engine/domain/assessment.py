"""What the decision tables of a procedure make of the answers given at the desk: the case, and the fee due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """Ids of the decisions that give the case and the fee; empty where the receiver says it, or nothing says it."""

    case: str = ""
    fee: str = ""

    @property
    def is_used(self) -> bool:
        """Whether anything is decided by a table."""
        return bool(self.case or self.fee)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The case of a dossier, and its fee in whole đồng (None: the tables say none).

    `answers` are those that the tables were asked with, as they were typed, by the id of the question; None where
    nothing was asked. `needed_items` are the ids of the papers that these answers make necessary.
    """

    case_id: str
    fee: int | None = None
    answers: Mapping[str, str] | None = None
    needed_items: tuple[str, ...] = ()
