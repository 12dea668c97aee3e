"""Which open dossiers will be late: learned every night from what ended, told in the morning, judged by what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.domain.forecast import Basis, Place
from engine.domain.forecast_score import BINS, Bin, a_bin
from engine.domain.months import month_before, month_of, months_between
from engine.domain.people import Actor
from engine.domain.permissions import board_scope, board_units
from engine.effects.office import Office
from engine.effects.step_history import WINDOW, MonthLearner, RunningClock, history_before, trusted
from engine.persistence.queries import step_history
from engine.persistence.unit_of_work import Transaction, UnitOfWork

PAGE_SIZE, MOST_ROWS = 50, 5000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LearnedNow:
    """What a run of the job did."""

    months: tuple[str, ...]
    forecasts: int


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """An open dossier in the morning list. Minutes are office minutes; `day` is as long as a day is there."""

    code: str
    procedure_name: str
    applicant_name: str
    step_name: str
    unit_name: str
    due_at: datetime
    left_minutes: int
    usual_minutes: int
    spare_minutes: int
    day: timedelta
    chance: float
    low: float
    high: float
    basis: Basis
    count: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class MonthScore:
    """How what was told of dossiers answered in a month did: Brier scores of ours and of the late share alone."""

    month: str
    count: int
    late_share: float
    brier: float
    base_brier: float


@dataclass(frozen=True, slots=True)
class Morning:
    """The list, and what its chances have been worth."""

    lines: tuple[ForecastLine, ...]
    total: int
    short: int
    told_at: datetime | None
    page: int
    scope: str
    scopes: tuple[tuple[str, str], ...]
    months: tuple[MonthScore, ...]
    bins: tuple[Bin, ...]


class Forecasts:
    """Learns and tells."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    # --- the nightly job ---

    def run(self, at: datetime) -> LearnedNow | None:
        """Learn and tell if nobody has since the day began; every hour tell anew of what is open."""
        with self._uow.read() as tx:
            learned, told_at = tx.forecasts.learned(), tx.forecasts.last_told()
        today = self._office.local_day(at)
        if not learned or max(map(self._office.local_day, learned.values())) < today:
            return self.learn(at)
        if told_at is None or at - told_at >= _HOUR:
            return LearnedNow((), self.tell(at))
        return None

    def learn(self, at: datetime) -> LearnedNow:
        """Work out every month that is missing, and the last two anew; then tell of every open step."""
        this = month_of(self._office.local_day(at))
        with self._uow.read() as tx:
            first, learned = step_history.first_ended(tx.connection), tx.forecasts.learned()
        since = this if first is None else min(month_of(self._office.local_day(first)), this)
        wanted = [month for month in months_between(since, this) if month not in learned or month >= month_before(this)]
        for month in wanted:
            with self._uow.read() as tx:
                rows = MonthLearner(tx, self._office).learn(month)
            with self._uow.write() as tx:
                tx.forecasts.keep_month(month, at, rows)
        return LearnedNow(tuple(wanted), self.tell(at))

    def tell(self, at: datetime) -> int:
        """Put what history says of every open step with a date in the place of what was said before."""
        with self._uow.read() as tx:
            rows = self._foretold(tx, at)
        with self._uow.write() as tx:
            tx.forecasts.tell(rows)
        return len(rows)

    def _foretold(self, tx: Transaction, at: datetime) -> list[Mapping[str, Any]]:
        following = month_before(month_of(self._office.local_day(at)), -1)
        history = history_before(tx, following)
        trust = trusted(tx.forecasts.scores(month_before(following, WINDOW), following))
        steps = list(step_history.open_with_date(tx.connection, [unit.id for unit in self._office.units]))
        clocks = step_history.clocks(tx.connection, {row.dossier_id for row in steps})
        told = list[Mapping[str, Any]]()
        for row in steps:
            calendar = self._office.calendar_of(row.deciding_unit_id)
            clock = RunningClock(calendar, clocks[row.dossier_id])
            left = clock.plain(at, row.due_at) if row.due_at >= at else min(clock.plain(at, row.due_at), -1)
            limit = max(clock.between(clock.started_at or row.opened_at, row.due_at), 1)
            place = Place(row.procedure_code, row.step_id, row.unit_id, clock.between(row.opened_at, at), left, limit)
            found = history.forecast(place)
            if found is None:
                continue
            chance, low, high = (
                (1.0, 1.0, 1.0) if left < 0 else map(trust.believed, (found.chance, found.low, found.high))
            )
            told.append(
                {
                    "task_id": row.id,
                    "dossier_id": row.dossier_id,
                    "deciding_unit_id": row.deciding_unit_id,
                    "spare_minutes": left - found.usual_minutes,
                    "left_minutes": left,
                    "usual_minutes": found.usual_minutes,
                    "chance": chance,
                    "low": low,
                    "high": high,
                    "basis": found.basis.value,
                    "count": found.count,
                    "told_at": at,
                }
            )
        return told

    # --- looking ---

    def morning(
        self, actor: Actor, unit_code: str = "", page: int = 1, *, short_only: bool = False, at: datetime
    ) -> Morning:
        """The list of a person's units, or only what usually takes longer than is left; and how good it has been.

        Raises `Refused` for people who oversee no unit, `NotFound` for a unit that they do not oversee.
        """
        unit_ids = board_scope(actor, self._office.units, unit_code)
        following = month_before(month_of(self._office.local_day(at)), -1)
        with self._uow.read() as tx:
            total, short, told_at = tx.forecasts.count(unit_ids)
            page = min(max(page, 1), max(1, -(-(short if short_only else total) // PAGE_SIZE)))
            rows = tx.forecasts.page(unit_ids, PAGE_SIZE, (page - 1) * PAGE_SIZE, short_only=short_only)
            scores = tx.forecasts.scores(month_before(following, WINDOW), following, unit_ids)
        overseen = board_units(actor, self._office.units)
        scopes = tuple((unit.code, unit.name) for unit in self._office.units if unit.id in overseen)
        lines = tuple(self._line(row) for row in rows)
        return Morning(lines, total, short, told_at, page, unit_code, scopes, _by_month(scores), _bins(scores))

    def table(self, actor: Actor, unit_code: str = "", *, short_only: bool = False) -> tuple[ForecastLine, ...]:
        """The first `MOST_ROWS` of the list, to be kept as a table. Raises as `morning`."""
        unit_ids = board_scope(actor, self._office.units, unit_code)
        with self._uow.read() as tx:
            return tuple(self._line(row) for row in tx.forecasts.page(unit_ids, MOST_ROWS, 0, short_only=short_only))

    def _line(self, row: Any) -> ForecastLine:
        unit, calendar = self._office.units.get(row.unit_id), self._office.calendar_of(row.deciding_unit_id)
        return ForecastLine(
            code=row.code,
            procedure_name=row.procedure_name,
            applicant_name=row.applicant_name,
            step_name=row.name,
            unit_name=unit.short_name or unit.name,
            due_at=row.due_at,
            left_minutes=row.left_minutes,
            usual_minutes=row.usual_minutes,
            spare_minutes=row.spare_minutes,
            day=calendar.period_on(self._office.local_day(row.told_at)).hours.length,
            chance=row.chance,
            low=row.low,
            high=row.high,
            basis=Basis(row.basis),
            count=row.count,
            told_at=row.told_at,
        )


def _by_month(scores: Sequence[Any]) -> tuple[MonthScore, ...]:
    found = list[MonthScore]()
    for month in sorted({row.month for row in scores}):
        rows = [row for row in scores if row.month == month]
        count, late, square, base = (sum(getattr(row, name) for row in rows) for name in _SCORED)
        found.append(MonthScore(month, count, late / count, square / count, base / count))
    return tuple(found)


_SCORED = ("count", "late", "square", "base_square")


def _bins(scores: Sequence[Any]) -> tuple[Bin, ...]:
    sums = [[0, 0.0, 0] for _ in range(BINS)]
    for row in scores:
        for place, name in enumerate(("count", "said", "late")):
            sums[row.bin][place] += getattr(row, name)
    return tuple(a_bin(number, int(count), told, int(late)) for number, (count, told, late) in enumerate(sums))
