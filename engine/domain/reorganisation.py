"""Units that end, units that take their work over: what is ordered, what it comes to, what cannot be done and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.domain.errors import BadInput, NotAllowedNow

ANY_FORM = "*"


class BadReorganisation(BadInput):
    """{detail}."""

    code = "bad_reorganisation"


class NotReorganisedNow(NotAllowedNow):
    """{detail}."""

    code = "not_reorganised_now"


class State(StrEnum):
    """How far an order is. What is `running` or `reverting` goes on after a stop.

    If a dossier cannot go back any more while the others do, the order runs again: it holds for all of them or none.
    """

    RUNNING = "running"
    DONE = "done"
    REVERTING = "reverting"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Take:
    """That a unit takes over of one that ends: dossiers of some procedures, some people; none named: all the rest."""

    ends: str
    successor: str
    procedures: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def is_rest(self) -> bool:
        """Whether this takes what no other line names."""
        return not self.procedures and not self.people


@dataclass(frozen=True, slots=True)
class Plan:
    """An order: the document that decides it, from which day, who takes what over.

    `numbering`: form of letter (`*`: every form) → code of the ended unit whose numbers its successor goes on with;
    a form that is not named begins with the successor's own numbers.
    """

    document: str
    effective_on: date
    takes: tuple[Take, ...]
    numbering: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends(self) -> tuple[str, ...]:
        """The codes of the units that end, each once."""
        return tuple(dict.fromkeys(take.ends for take in self.takes))

    def successor(self, ends: str, *, procedure: str = "", username: str = "") -> str:
        """The code of the unit that takes over a dossier of a procedure, or a person."""
        mine = [take for take in self.takes if take.ends == ends]
        for take in mine:
            if (procedure and procedure in take.procedures) or (username and username in take.people):
                return take.successor
        return next(take.successor for take in mine if take.is_rest)

    def check(self) -> None:
        """Raise `BadReorganisation` unless the order says everything, once."""
        if not self.document.strip():
            raise BadReorganisation(detail="Hãy ghi văn bản quyết định việc sắp xếp (số, ngày, cơ quan ban hành)")
        if not self.takes:
            raise BadReorganisation(detail="Hãy ghi đơn vị nào kết thúc và đơn vị nào tiếp nhận")
        for code in self.ends:
            rest = [take for take in self.takes if take.ends == code and take.is_rest]
            if len(rest) != 1:
                raise BadReorganisation(
                    detail=f"Đơn vị “{code}” cần đúng một dòng tiếp nhận phần còn lại (không nêu thủ tục, cán bộ)"
                )
            named = [name for take in self.takes if take.ends == code for name in (*take.procedures, *take.people)]
            if len(named) != len(set(named)):
                raise BadReorganisation(detail=f"Đơn vị “{code}” có thủ tục hoặc cán bộ được nêu hai lần")
        if both := set(self.ends) & {take.successor for take in self.takes}:
            raise BadReorganisation(detail=f"Đơn vị {', '.join(sorted(both))} vừa kết thúc vừa tiếp nhận")
        if stray := set(self.numbering.values()) - set(self.ends):
            raise BadReorganisation(detail=f"Không đánh số tiếp theo {', '.join(sorted(stray))}: đơn vị không kết thúc")


@dataclass(frozen=True, slots=True)
class FileLine:
    """What becomes of one dossier. `result`: can, moved, failed, cannot, reverted."""

    code: str
    result: str
    was: str
    now: str
    due_before: datetime | None = None
    due_after: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What an order would do: dossiers, things that go along by name with how many, and what cannot go and why."""

    dossiers: int
    lines: tuple[FileLine, ...]
    goes_along: tuple[tuple[str, int], ...]
    stays: tuple[tuple[str, int, str], ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order as it stands."""

    id: int
    plan: Plan
    names: tuple[tuple[str, str], ...]
    state: State
    total: int
    counts: Mapping[str, int]
    ordered_at: datetime
    ordered_by: str
    finished_at: datetime | None
    reverted_at: datetime | None
    lines: tuple[FileLine, ...] = ()

    @property
    def can_go_on(self) -> bool:
        """Whether something of it is left to do: it was stopped, or dossiers failed."""
        return self.state is State.RUNNING or (self.state is State.DONE and self.counts.get("failed", 0) > 0)


def _rehomed(data: Mapping[str, Any], _telling: object) -> str:
    freed = "; ".join(f"“{name}”" for name in data.get("freed", ()))
    told = f" Bước {freed} chờ người mới nhận: người đang giữ không sang đơn vị này." if freed else ""
    return (
        f"Hồ sơ chuyển từ {data.get('was', '')} sang {data.get('now', '')} do sắp xếp đơn vị"
        f" theo {data.get('document', '')} (đợt số {data.get('order', '?')}).{told}"
    )


def _rehomed_back(data: Mapping[str, Any], _telling: object) -> str:
    return f"Hồ sơ trở về {data.get('now', '')}: hoàn tác đợt sắp xếp đơn vị số {data.get('order', '?')}."


REORGANISATION_EVENTS = {"rehomed": _rehomed, "rehomed_back": _rehomed_back}
