"""What a month teaches: sums of its steps, what was left from each step of dossiers that ended in it, their scores.

Everything is on the office clock of the deciding unit, in minutes; pauses of the clock are taken out of what was left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from engine.domain.calendar import WorkingCalendar
from engine.domain.forecast import History, Learned, Place
from engine.domain.forecast_history import Passage, from_plain, learn, quantiles, to_plain
from engine.domain.forecast_score import Judged, Trust, bin_of
from engine.domain.months import first_day, last_day, month_before, month_of
from engine.effects.office import Office
from engine.persistence.base import Base
from engine.persistence.models import ForecastScore, ItemMonth, RemainingMonth, StepMonth
from engine.persistence.queries import step_history
from engine.persistence.unit_of_work import Transaction

WINDOW = 12  # months of history that a forecast rests on
_MINUTE = 60_000_000


def trusted(scores: Sequence[Any]) -> Trust:
    """What was told in some months, as one sum."""
    names = ("count", "late", "told", "told_square", "told_late")
    count, *sums = (sum(getattr(row, name) for row in scores) for name in names)
    return Trust(int(count), *map(float, sums))


def history_before(tx: Transaction, month: str) -> History:
    """What is known at the beginning of a month."""
    rows = tx.forecasts.remaining(month_before(month, WINDOW), month)
    return History(Learned(row.procedure_code, row.step_id, row.unit_id, from_plain(row.remaining)) for row in rows)


@dataclass
class _Steps:
    row: dict[str, Any]
    minutes: list[int] = field(default_factory=list)
    margins: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Told:
    """A passage with where it stood at its entry, when that was, and whether its date was missed."""

    passage: Passage
    deciding_unit_id: int
    entered_at: datetime
    left: int
    was_late: bool


class MonthLearner:
    """Works out the figures of one month."""

    def __init__(self, tx: Transaction, office: Office) -> None:
        """Read over an open transaction."""
        self._tx = tx
        self._office = office
        self._known: dict[str, tuple[History, Trust]] = {}

    def learn(self, month: str) -> Mapping[type[Base], Sequence[Mapping[str, Any]]]:
        """All rows of a month."""
        calendar = self._office.calendar
        start = calendar.at(first_day(month), time.min)
        end = calendar.at(last_day(month) + timedelta(days=1), time.min)
        told = list(self._passages(start, end))
        remaining = [
            {
                "procedure_code": each.procedure_code,
                "step_id": each.step_id,
                "unit_id": each.unit,
                "remaining": to_plain(each.remaining),
            }
            for each in learn(each.passage for each in told)
        ]
        return {
            StepMonth: self._steps(start, end),
            RemainingMonth: remaining,
            ItemMonth: self._items(start, end),
            ForecastScore: self._scores(told),
        }

    # --- steps ---

    def _steps(self, start: datetime, end: datetime) -> list[Mapping[str, Any]]:
        unit_ids = [unit.id for unit in self._office.units]
        rows = list(step_history.steps_done(self._tx.connection, start, end, unit_ids))
        taken = step_history.claims(self._tx.connection, {row.dossier_id for row in rows})
        found: dict[tuple[object, ...], _Steps] = {}
        for row in rows:
            key = (row.procedure_code, row.definition_ref, row.step_id, row.unit_id)
            steps = found.setdefault(key, _Steps(_empty(row)))
            self._count(steps, row, taken.get((row.dossier_id, row.step_id), []))
        return [
            {**each.row, "minutes": list(quantiles(each.minutes)), "margins": list(quantiles(each.margins))}
            for each in found.values()
        ]

    def _count(self, steps: _Steps, row: Any, taken: Sequence[datetime]) -> None:
        calendar, sums = self._office.calendar_of(row.unit_id), steps.row
        minutes = calendar.office_time(row.opened_at, max(row.done_at, row.opened_at)) // timedelta(minutes=1)
        steps.minutes.append(minutes)
        sums["done"] += 1
        sums["repeated"] += bool(row.is_repeated)
        if row.late_minutes is not None:
            sums["with_limit"] += 1
            sums["late"] += row.late_minutes > 0
            steps.margins.append(row.late_minutes)
        first = next((at for at in taken if row.opened_at <= at <= row.done_at), None)
        if first is not None:
            sums["taken"] += 1
            sums["taken_minutes"] += minutes
            sums["waited_minutes"] += calendar.office_time(row.opened_at, first) // timedelta(minutes=1)

    def _items(self, start: datetime, end: datetime) -> list[Mapping[str, Any]]:
        files = defaultdict[tuple[str, int], int](int)
        handed = defaultdict[tuple[str, int], dict[str, list[Any]]](dict)
        for procedure_code, unit_id, items in step_history.items_of(self._tx.connection, start, end):
            files[procedure_code, unit_id] += 1
            for item in items:
                row = handed[procedure_code, unit_id].setdefault(str(item.get("id", "")), [item.get("name", ""), 0])
                row[1] += bool(item.get("originals") or item.get("copies"))
        return [
            {
                "procedure_code": code,
                "unit_id": unit_id,
                "item_id": item_id,
                "name": name,
                "files": files[code, unit_id],
                "handed_in": number,
            }
            for (code, unit_id), found in handed.items()
            for item_id, (name, number) in found.items()
        ]

    # --- what was left ---

    def _passages(self, start: datetime, end: datetime) -> Iterator[_Told]:
        ended = step_history.ended(self._tx.connection, start, end)
        ids = [row.dossier_id for row in ended]
        steps, clocks = step_history.steps_of(self._tx.connection, ids), step_history.clocks(self._tx.connection, ids)
        for row in ended:
            calendar = self._office.calendar_of(row.deciding_unit_id)
            clock = RunningClock(calendar, clocks[row.dossier_id])
            phases = {phase["name"]: phase for phase in row.phases}
            for step in steps[row.dossier_id]:
                phase = phases.get(step.phase or "")
                if phase is not None and phase["timeliness"] is not None:
                    yield from _passage(row, step, phase, clock)

    def _scores(self, told: Sequence[_Told]) -> list[Mapping[str, Any]]:
        """What would have been told at the entry of each step, from the months before that of the entry."""
        names = ("count", "late", "told", "told_square", "told_late", "said", "square", "base_square")
        sums = defaultdict[tuple[int, int], dict[str, float]](lambda: dict.fromkeys(names, 0))
        for each in told:
            history, trust = self._at(month_of(self._office.local_day(each.entered_at)))
            passage = each.passage
            place = Place(passage.procedure_code, passage.step_id, passage.unit, 0, each.left, passage.limit)
            found = history.forecast(place)
            if found is None or each.left < 0:
                continue
            judged, said = Judged(found.chance, each.was_late), trust.believed(found.chance)
            base = trust.late / trust.count if trust.count else 0.5
            row = sums[each.deciding_unit_id, bin_of(said)]
            one = Trust().with_more(judged)
            for name in names[:5]:
                row[name] += getattr(one, name)
            row["said"] += said
            row["square"] += (said - each.was_late) ** 2
            row["base_square"] += (base - each.was_late) ** 2
        return [
            {"unit_id": unit_id, "bin": number, **row, "count": int(row["count"]), "late": int(row["late"])}
            for (unit_id, number), row in sums.items()
        ]

    def _at(self, month: str) -> tuple[History, Trust]:
        if month not in self._known:
            scores = self._tx.forecasts.scores(month_before(month, WINDOW), month)
            self._known[month] = history_before(self._tx, month), trusted(scores)
        return self._known[month]


class RunningClock:
    """The office clock of a dossier without its pauses, in minutes."""

    def __init__(self, calendar: WorkingCalendar, ledger: Sequence[Any]) -> None:
        """Read the pauses off the ledger; one that is open lasts."""
        self._calendar = calendar
        self._pauses: list[tuple[datetime, datetime | None]] = []
        self._started: dict[str, datetime] = {}
        for row in ledger:
            if row.kind == "paused":
                self._pauses.append((row.at, None))
            elif row.kind == "phase_started":
                self._started[row.phase or ""] = row.at
            elif self._pauses and self._pauses[-1][1] is None:
                self._pauses[-1] = (self._pauses[-1][0], row.at)

    @property
    def started_at(self) -> datetime | None:
        """When the running phase started."""
        return next(reversed(self._started.values()), None)

    def _reading(self, at: datetime) -> int:
        return self._calendar.office_clock(at) // _MINUTE

    def between(self, start: datetime, end: datetime) -> int:
        """Office minutes from `start` to `end`, pauses taken out."""
        paused = 0
        for first, last in self._pauses:
            begin, stop = max(first, start), min(last or end, end)
            if begin < stop:
                paused += self._reading(stop) - self._reading(begin)
        return self._reading(end) - self._reading(start) - paused

    def plain(self, start: datetime, end: datetime) -> int:
        """Office minutes from `start` to `end`."""
        return self._reading(end) - self._reading(start)


def _passage(row: Any, step: Any, phase: Mapping[str, Any], clock: RunningClock) -> Iterator[_Told]:
    started, due, finished = (
        datetime.fromisoformat(phase[name]) for name in ("started_at", "first_due_at", "finished_at")
    )
    if step.opened_at >= finished:
        return
    limit = max(clock.between(started, due), 1)
    passage = Passage(
        row.procedure_code,
        step.step_id,
        step.unit_id,
        max(clock.between(step.opened_at, min(step.done_at, finished)), 0),
        max(clock.between(step.opened_at, finished), 0),
        limit,
    )
    left = clock.between(step.opened_at, due) if due >= step.opened_at else -1
    yield _Told(passage, row.deciding_unit_id, step.opened_at, left, phase["timeliness"] == "late")


def _empty(row: Any) -> dict[str, Any]:
    names = ("done", "repeated", "with_limit", "late", "taken", "waited_minutes", "taken_minutes")
    return {
        "procedure_code": row.procedure_code,
        "definition_ref": row.definition_ref,
        "step_id": row.step_id,
        "unit_id": row.unit_id,
        "element": row.diagram_element,
        "name": row.name,
        "waits_for": row.waits_for or "",
        **dict.fromkeys(names, 0),
    }
