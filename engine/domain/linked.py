"""Procedures handed in together (liên thông): one receipt, each procedure starting when the one before allows.

A group is data (`bpmn/groups/*.yaml`). Its members are procedures of the catalogue, in order. What several of them ask
for is asked once; each member keeps its own clock, which starts with the event that starts the member.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.dossier import HandedInItem
from engine.domain.errors import NotAllowedNow
from engine.domain.procedure import ProcedureItem
from engine.domain.procedure_text import limit_text, starts_on_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.domain.limits import ProcessingTime
    from engine.domain.procedure import Procedure, ProcedureCase, Source

_JOINT = "-"


class ResultsGoTogether(NotAllowedNow):
    """Kết quả của nhóm thủ tục liên thông được trả cùng một lần: {detail}."""

    code = "results_go_together"


class StartsAfter(StrEnum):
    """What of the member before must have happened before a member starts."""

    APPROVED = "approved"
    DELIVERED = "delivered"

    @property
    def label(self) -> str:
        """From when the clock of the member counts."""
        words = {"approved": "có kết quả", "delivered": "trả kết quả"}
        return words[self.value]


class HandOver(StrEnum):
    """Whether the results of the members are handed over in one act or each when it is there."""

    TOGETHER = "together"
    SEPARATELY = "separately"


class Receipts(StrEnum):
    """Whether form 01 is issued once for the group or again by every member that starts."""

    ONE = "one"
    EACH = "each"


class MemberState(StrEnum):
    """Where a member stands: not begun, begun as a dossier of its own, or ended without ever beginning."""

    WAITING = "waiting"
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """One paper in the list of one member."""

    member: str
    item: str

    @property
    def id(self) -> str:
        """The id under which the group asks for it."""
        return f"{self.member}{_JOINT}{self.item}"


@dataclass(frozen=True, slots=True)
class SharedItem:
    """A paper that is handed in once, where `asked_in` says, and serves other members too."""

    asked_in: ItemPlace
    serves: tuple[ItemPlace, ...]


@dataclass(frozen=True, slots=True)
class LinkedMember:
    """One procedure of a group, in its case (empty: the usual one). The first starts with the receipt.

    `name` is the short name under which the receipt and the pages speak of it.
    """

    id: str
    name: str
    procedure: str
    case: str = ""
    starts_after: StartsAfter | None = None


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """Procedures that are handed in with one submission. `levels` are those of the desks that may receive it."""

    code: str
    name: str
    version: str
    sector: str
    sector_name: str
    members: tuple[LinkedMember, ...]
    levels: tuple[str, ...] = ()
    shared_items: tuple[SharedItem, ...] = ()
    hand_over: HandOver = HandOver.TOGETHER
    receipts: Receipts = Receipts.ONE
    legal_basis: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def asked_items(self, procedures: Mapping[str, Procedure]) -> tuple[ProcedureItem, ...]:
        """What the applicant is asked for, each paper once; `procedures` by member id.

        A shared paper is required if any member requires it, with the most copies that any asks for.
        """
        served = {place: shared.asked_in for shared in self.shared_items for place in shared.serves}
        asked: dict[ItemPlace, list[ProcedureItem]] = {}
        for member in self.members:
            for item in procedures[member.id].items:
                place = ItemPlace(member.id, item.id)
                asked.setdefault(served.get(place, place), []).append(item)
        return tuple(_once(place.id, items) for place, items in asked.items())

    def items_of(
        self, member: LinkedMember, procedure: Procedure, handed_in: Iterable[HandedInItem]
    ) -> tuple[HandedInItem, ...]:
        """What of the papers handed in belongs to a member, under its own names.

        What no list asks for stays with the first member.
        """
        by_id = {item.id: item for item in handed_in}
        own = [
            HandedInItem(item.id, item.name, found.originals, found.copies, found.is_present)
            for item in procedure.items
            if (found := by_id.get(self._asked_as(ItemPlace(member.id, item.id)))) is not None
        ]
        if member is not self.members[0]:
            return tuple(own)
        known = {ItemPlace(other.id, "").id for other in self.members}
        return (*own, *(item for key, item in by_id.items() if not any(key.startswith(part) for part in known)))

    def _asked_as(self, place: ItemPlace) -> str:
        return next((shared.asked_in.id for shared in self.shared_items if place in shared.serves), place.id)


def _once(item_id: str, items: Sequence[ProcedureItem]) -> ProcedureItem:
    first = items[0]
    return ProcedureItem(
        id=item_id,
        name=first.name,
        form=first.form,
        originals=max(item.originals for item in items),
        copies=max(item.copies for item in items),
        is_required=any(item.is_required for item in items),
        from_database=first.from_database,
        mark=first.mark,
    )


# --- in words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment that has no date yet, in words."""

    name: str
    limit: str
    starts_on: str


def total_text(cases: Iterable[ProcedureCase]) -> str:
    """The limits of all members added up, unit by unit: ``20 ngày làm việc``."""
    totals: dict[object, ProcessingTime] = {}
    others: list[str] = []
    for phase in (phase for case in cases for phase in case.phases):
        if not phase.limit.unit.has_amount:
            others.append(limit_text(phase.limit).lower())
            continue
        known = totals.get(phase.limit.unit)
        totals[phase.limit.unit] = phase.limit if known is None else known + phase.limit
    return " và ".join([*(limit_text(limit) for limit in totals.values()), *others])


def limits_text(case: ProcedureCase) -> str:
    """The limits of one member, appointment by appointment: ``05 ngày làm việc + 03 ngày làm việc``."""
    return " + ".join(limit_text(phase.limit) for phase in case.phases)


def appointments(name: str, case: ProcedureCase, previous: str, starts_after: StartsAfter) -> Iterator[Appointment]:
    """The appointments of the member called `name`, which starts after the one called `previous`."""
    for number, phase in enumerate(case.phases, start=1):
        begins = f"kể từ ngày {starts_after.label} “{previous}”" if number == 1 else starts_on_text(phase.starts_on)
        yield Appointment(part_name(name, case, number), limit_text(phase.limit), begins)


def part_name(name: str, case: ProcedureCase, number: int) -> str:
    """How an appointment is called: the member, and which of its parts where it has several."""
    return name if len(case.phases) == 1 else f"{name}, phần {number}"
