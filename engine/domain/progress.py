"""Where a dossier stands on its main road, as its applicant sees it: done, current, ahead.

The road comes from the diagram (`MainStep`, in reading order), the visits from the steps that were opened. What lies
off the road (a supplement, a correction) is shown only once it has happened; what may still fall away says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.domain.process import WaitsFor
from engine.domain.public_views import PublicStep
from engine.domain.status import DossierStatus

IF_ANY = " (nếu có)"


class Road(StrEnum):
    """How a step lies to the main road of its procedure."""

    ALWAYS = "always"
    PERHAPS = "perhaps"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class MainStep:
    """One piece of work on the procedure's own diagram: a step, or a shared diagram that it calls.

    `further` names the elements to which the road leads from here, loops back aside.
    """

    element: str
    name: str
    road: Road = Road.ALWAYS
    further: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """One time that a dossier stood at an element; interrupted visits did not get done what was to be done."""

    element: str
    opened_at: datetime
    closed_at: datetime | None = None
    is_interrupted: bool = False


def progress(steps: Sequence[MainStep], visits: Iterable[Visit], *, is_finished: bool) -> tuple[PublicStep, ...]:
    """The main steps in reading order, each ``done``, ``current`` or ``ahead``.

    A step that was done has to be done again when the dossier went back to one before it. A step that was passed by
    without a visit is not shown.
    """
    opened, closed = _moments(visits)
    again = {
        element
        for step in steps
        if step.element in opened
        for element in step.further
        if element in closed and closed[element] <= opened[step.element]
    }
    done = {
        step.element
        for step in steps
        if step.element in closed and (step.road is Road.ASIDE or step.element not in again)
    }
    passed = done | set(opened)
    shown = []
    for step in steps:
        if step.element in opened:
            shown.append(PublicStep(step.name, "current", opened[step.element]))
        elif step.element in done:
            shown.append(PublicStep(step.name, "done", closed[step.element]))
        elif not is_finished and step.road is not Road.ASIDE and passed.isdisjoint(step.further):
            shown.append(PublicStep(step.name + (IF_ANY if step.road is Road.PERHAPS else ""), "ahead"))
    return tuple(shown)


def _moments(visits: Iterable[Visit]) -> tuple[Mapping[str, datetime], Mapping[str, datetime]]:
    """Since when each element is open, and when each one that is not was last done."""
    opened: dict[str, datetime] = {}
    closed: dict[str, datetime] = {}
    for visit in visits:
        if visit.closed_at is None:
            opened[visit.element] = min(opened.get(visit.element, visit.opened_at), visit.opened_at)
        elif not visit.is_interrupted:
            closed[visit.element] = max(closed.get(visit.element, visit.closed_at), visit.closed_at)
    return opened, closed


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """An open step as the applicant needs to know it: who is awaited, in which unit, what for."""

    unit_name: str
    step_name: str
    status: DossierStatus
    waits_for: WaitsFor | None = None


def waits_for(places: Sequence[OpenPlace], desk_name: str) -> str:
    """Say in plain words whose turn it is; empty when it is nobody's any more."""
    return "; ".join(dict.fromkeys(_turn(place, desk_name) for place in places))


def _turn(place: OpenPlace, desk_name: str) -> str:
    own_words = {
        DossierStatus.SUPPLEMENT_REQUESTED: "Đến lượt ông/bà: bổ sung giấy tờ",
        DossierStatus.RESOLVED: f"Đến lượt ông/bà: nhận kết quả tại {desk_name}",
        DossierStatus.PAYMENT_REQUESTED: "Cơ quan thuế, rồi đến lượt ông/bà: nộp tiền theo thông báo"
        if place.waits_for is WaitsFor.OTHER_AGENCY
        else "Đến lượt ông/bà: thực hiện nghĩa vụ tài chính",
    }
    if place.status in own_words:
        return own_words[place.status]
    task = place.step_name[:1].lower() + place.step_name[1:]
    if place.waits_for is WaitsFor.APPLICANT:
        return f"Đến lượt ông/bà: {task}"
    return f"Cơ quan khác: {task}" if place.waits_for is WaitsFor.OTHER_AGENCY else place.unit_name
