"""What the record of an ended dossier says beside its timeliness: days, corrections, returns, supplements, apology.

Computed once at the end, from the log alone, so that an inspector can compute it again. What several dossiers of a day
or month bring together is kept as sums: `day_counts` and `month_counts` say what one dossier adds to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from engine.domain.deadline import Timeliness
from engine.domain.indicators import (
    PER_FILE,
    NineRules,
    agency_points,
    conduct_points,
    contact_points,
    place_points,
    time_points,
)
from engine.domain.outcome import Outcome, Result, counts_for_punctuality
from engine.domain.time_shares import office_seconds

UNKNOWN_REASON = "unknown"
_MINUTE = 60


class ApologyTime(StrEnum):
    """When the apology went into the register, by local days against the date that was missed."""

    BEFORE = "before"
    SAME_DAY = "same_day"
    AFTER = "after"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that somebody completed. `late_minutes`: office minutes over (+) or under (-) its plan."""

    unit_id: int
    username: str
    late_minutes: int | None
    waits_for_applicant: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the log of a dossier says, without judging it. `apology`: when it was issued, and the date it is about."""

    steps: tuple[StepDone, ...]
    corrections: int
    return_reasons: tuple[str, ...]
    returns: int
    supplements: int
    apology: tuple[datetime, datetime] | None
    was_overdue: bool
    late_records: int
    upheld: int
    channel: str
    desk_id: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a record is judged by. `rules` is None where the installation has no file of them."""

    rules: NineRules | None
    one_stops: Collection[int]
    zone: tzinfo
    day_seconds: float


def facts_of(
    outcome: Outcome, recorded: Recorded, time_shares: Mapping[str, int], around: Surroundings, *, deciding_unit_id: int
) -> dict[str, Any]:
    """Everything that is kept of an ended dossier, as plain values."""
    used = office_seconds(time_shares)
    over = max(0, outcome.margin.office_minutes if outcome.margin else 0)
    reasons = Counter(recorded.return_reasons)
    if missing := recorded.returns - reasons.total():
        reasons[UNKNOWN_REASON] += max(0, missing)
    return {
        "working_days_used": round(used / around.day_seconds, 2),
        "working_days_over": round(over * _MINUTE / around.day_seconds, 2),
        "office_minutes": used // _MINUTE,
        "corrections": recorded.corrections,
        "returns": dict(sorted((+reasons).items())),
        "supplements": recorded.supplements,
        "apology": _apology(recorded, outcome, around.zone),
        "late_records": recorded.late_records,
        "upheld": recorded.upheld,
        "channel": recorded.channel,
        "points": _points(outcome, recorded, around),
        "agencies": _agencies(recorded, deciding_unit_id),
    }


def _apology(recorded: Recorded, outcome: Outcome, zone: tzinfo) -> str | None:
    if recorded.apology is None:
        return ApologyTime.NEVER.value if recorded.was_overdue or outcome.is_late else None
    issued, missed = (moment.astimezone(zone).date() for moment in recorded.apology)
    if issued == missed:
        return ApologyTime.SAME_DAY.value
    return (ApologyTime.BEFORE if issued < missed else ApologyTime.AFTER).value


def _points(outcome: Outcome, recorded: Recorded, around: Surroundings) -> dict[str, int | None]:
    """The points of the indicators that one file brings its deciding unit, by number."""
    rules = around.rules
    if rules is None or not outcome.result.is_answer:
        return {str(number): None for number in PER_FILE}
    places = {step.unit_id for step in recorded.steps if step.waits_for_applicant} if recorded.supplements else set()
    if recorded.supplements and not places:
        places = {recorded.desk_id}
    return {
        "1": time_points(outcome.timeliness),
        "2": agency_points(_by_agency(recorded.steps).values()),
        "3": contact_points(recorded.supplements, rules),
        "4": place_points(places, around.one_stops),
        "7": conduct_points(outcome.timeliness, recorded.upheld, rules),
    }


def _by_agency(steps: Sequence[StepDone], username: str = "") -> dict[int, int]:
    """What each agency took against its plan together; `username` keeps to the steps of one official."""
    found: dict[int, int] = {}
    for step in steps:
        if step.late_minutes is not None and username in {"", step.username}:
            found[step.unit_id] = found.get(step.unit_id, 0) + step.late_minutes
    return found


def _agencies(recorded: Recorded, deciding_unit_id: int) -> list[list[Any]]:
    """Who had a hand in it: unit, official (empty: the unit itself), points of indicator 2 of their own steps."""
    steps = [step for step in recorded.steps if not step.waits_for_applicant]
    own = _by_agency(steps)
    units = sorted({deciding_unit_id, *(step.unit_id for step in steps)})
    found: list[list[Any]] = [[unit, "", agency_points([own.get(unit)])] for unit in units]
    for unit, username in sorted({(step.unit_id, step.username) for step in steps if step.username}):
        minutes = _by_agency([step for step in steps if step.unit_id == unit], username).get(unit)
        found.append([unit, username, agency_points([minutes])])
    return found


# --- what one dossier adds to the kept sums -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """The columns of an outcome that the sums are made of."""

    result: str
    timeliness: str | None
    is_corrected: bool
    is_apologised: bool
    return_count: int
    finished_on: date
    facts: Mapping[str, Any]


def day_counts(kept: Kept) -> dict[str, int]:
    """What one dossier adds to the figures of its day."""
    facts = kept.facts
    is_finished = kept.result != Result.REFUSED
    answered = Result(kept.result).is_answer
    counted = counts_for_punctuality(kept)
    apology = facts.get("apology")
    ones = {
        "finished": is_finished,
        "refused": not is_finished,
        **{each.value: is_finished and kept.timeliness == each for each in Timeliness},
        "without_date": is_finished and kept.timeliness is None,
        "counted": counted,
        "punctual": counted and kept.timeliness != Timeliness.LATE,
        "answered": answered,
        "clean": answered and kept.timeliness in {Timeliness.EARLY, Timeliness.ON_TIME} and not kept.is_corrected,
        "corrected": is_finished and kept.is_corrected,
        "returned": is_finished and kept.return_count > 0,
        "supplemented": is_finished and facts.get("supplements", 0) > 0,
        "supplemented_again": is_finished and facts.get("supplements", 0) > 1,
        **{f"apology_{each.value}": is_finished and apology == each for each in ApologyTime},
        "recorded_late": is_finished and facts.get("late_records", 0) > 0,
        "upheld": is_finished and facts.get("upheld", 0) > 0,
    }
    return {
        **{name: int(value) for name, value in ones.items()},
        "office_minutes": int(facts.get("office_minutes", 0)) if is_finished else 0,
    }


def month_counts(kept: Kept) -> dict[tuple[int, str], dict[str, int]]:
    """What one dossier adds to the months of each unit and official: by unit and username."""
    if not Result(kept.result).is_answer:
        return {}
    facts = kept.facts
    shared = {
        "files": 1,
        **{each.value: int(kept.timeliness == each) for each in Timeliness},
        "corrected": int(kept.is_corrected),
        "returned": int(kept.return_count > 0),
        "supplemented_again": int(facts.get("supplements", 0) > 1),
        "upheld": int(facts.get("upheld", 0) > 0),
    }
    found = {}
    for unit_id, username, own in facts.get("agencies", ()):
        points = {**facts.get("points", {}), "2": own}
        found[unit_id, username] = {**shared, **_point_counts(points)}
    return found


def _point_counts(points: Mapping[str, int | None]) -> dict[str, int]:
    found = {}
    for number in PER_FILE:
        value = points.get(str(number))
        found[f"files_{number}"] = int(value is not None)
        found[f"points_{number}"] = value or 0
    return found
