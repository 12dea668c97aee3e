"""Work the dates of open dossiers out anew after a calendar or a rule has changed: in the background, in batches.

What has to be done is what the rows say: open dossiers that carry another version than holds now. So nobody has to
order a run, a killed one is simply gone on with, and processes that run at once share the work. A batch is read and
worked out without holding anything, and written in one short transaction over those dossiers that nobody has touched
meanwhile; the others come again. Dossiers whose terms do not meet the change are stamped in sets, without a look.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.domain.people import SCHEDULER
from engine.domain.reprojection import Turn
from engine.effects.journey import Journey
from engine.effects.messages import promise_moved
from engine.effects.projector import Projector
from engine.effects.reach import stretches
from engine.effects.reprojecting import MOVED, Changes, event_data, follow_calendar, notices_of
from engine.persistence.repositories.history import Link, chained
from engine.persistence.repositories.reprojection import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.reprojection import Moved, OpenStep
    from engine.effects.office import Office
    from engine.effects.projector import Worked
    from engine.persistence.repositories.reprojection import Stretch
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

BATCH, STAMP_AT_ONCE = 250, 5000
# A process takes any of so many batches that wait, so that two that work at once seldom take the same one.
CHOICE = 8
# So often in a row a process may find all dossiers of its batch taken before it leaves them to the next tick.
PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Run:
    """How a re-projection stands. `late` and `cleared` are among the `moved`."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    total: int = 0
    done: int = 0
    moved: int = 0
    late: int = 0
    cleared: int = 0
    failed: int = 0

    @property
    def is_going_on(self) -> bool:
        """Whether there is still something to do."""
        return self.started_at is not None and self.finished_at is None


@dataclass
class _Writes:
    """What a batch writes."""

    dossiers: list[dict[str, Any]]
    steps: list[OpenStep]
    events: list[dict[str, Any]]
    notices: list[Any]
    moved: dict[int, tuple[int, Moved]]
    counts: Counter[str]


class Reprojection:
    """Brings the dates of open dossiers up to the calendars and rules of now."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office
        self._changes = Changes()

    def run(
        self,
        at: datetime,
        *,
        on_progress: Callable[[int], object] = lambda _count: None,
        retry: bool = False,
        most_batches: int | None = None,
    ) -> Run:
        """Do all there is to do at `at`, or `most_batches`; answers what this call did. Running it again adds nothing.

        `retry`: those too that could not be worked out before.
        """
        self._office.calendars.look_again(at_once=True)
        if retry:
            with self._uow.write() as tx:
                tx.reprojections.retry_failed()
        run_id, counts = self._begin(at), Counter[str]()
        if run_id is None:
            return Run()
        for done in self._stamps(run_id, at):
            counts["done"] += done
            on_progress(done)
        misses = batches = 0
        while misses < PATIENCE and batches != most_batches:
            found = self._batch(run_id, at)
            if found is None:
                self._finish(run_id, at)
                return _sum(counts, at, finished_at=at)
            counts.update(found)
            on_progress(found["done"])
            misses = 0 if found["done"] or found["failed"] else misses + 1
            batches += 1
        return _sum(counts, at)

    def waiting(self) -> int:
        """How many open dossiers carry another version than holds now."""
        with self._uow.read() as tx:
            return tx.reprojections.count_stale(self._targets(), self._office.rules_version)

    def runs(self, most: int = 5) -> tuple[Run, ...]:
        """The latest runs, the newest first."""
        with self._uow.read() as tx:
            rows = tx.reprojections.last_runs(most)
        return tuple(Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__}) for row in rows)

    # --- a run ---

    def _targets(self) -> list[Target]:
        return [Target(unit.id, self._office.calendar_of(unit.id).version) for unit in self._office.units]

    def _begin(self, at: datetime) -> int | None:
        """The run that goes on, or a new one where there is something to do."""
        rules = self._office.rules_version
        with self._uow.read() as tx:
            is_anything = bool(tx.reprojections.stale(self._targets(), rules, 1))
            run = tx.reprojections.open_run()
        if not is_anything:
            if run is not None:
                self._finish(run.id, at)
            return None
        if run is not None:
            return int(run.id)
        with self._uow.read() as tx:
            total = tx.reprojections.count_stale(self._targets(), rules)
        with self._uow.write() as tx:
            other = tx.reprojections.open_run()
            number = self._office.calendars.book.number
            return int(other.id) if other else tx.reprojections.begin_run(at=at, fact_id=number, total=total)

    def _finish(self, run_id: int, at: datetime) -> None:
        with self._uow.write() as tx:
            tx.reprojections.end_run(run_id, at)

    # --- dossiers that a change does not meet ---

    def _stamps(self, run_id: int, at: datetime) -> Iterator[int]:
        rules = self._office.rules_version
        for target in self._targets():
            calendar = self._office.calendar_of(target.unit_id)
            with self._uow.read() as tx:
                versions = [each for each in tx.reprojections.versions_of(target.unit_id) if each != target.version]
                found = [(old, self._changed(tx, old, calendar)) for old in versions]
            for old, changed in found:
                done = 0 if changed is None else STAMP_AT_ONCE
                while done >= STAMP_AT_ONCE:
                    with self._uow.write() as tx:
                        self._office.calendars.keep(tx, calendar, at)
                        done = tx.reprojections.stamp(target, old, rules, changed or (), STAMP_AT_ONCE)
                        tx.reprojections.count_up(run_id, done=done)
                    yield done

    def _changed(self, tx: Transaction, old: str, new: WorkingCalendar) -> tuple[Stretch, ...] | None:
        """Where office time changed since a version; None where nobody knows."""
        before, change = self._changes.since(tx, old, new, self._office.calendars.book)
        return None if before is None else stretches(change.days, before)

    # --- the others ---

    def _batch(self, run_id: int, at: datetime) -> Counter[str] | None:
        """Work out one batch; None when nothing is left."""
        self._office.calendars.look_again()
        rules = self._office.rules_version
        with self._uow.read() as tx:
            waiting = tx.reprojections.stale(self._targets(), rules, BATCH * CHOICE)
            if not waiting:
                return None
            first = secrets.randbelow(-(-len(waiting) // BATCH)) * BATCH
            ids = waiting[first : first + BATCH]
            worked = list(Projector(tx, self._office, self._changes, at).work(ids))
        with self._uow.write() as tx:
            return self._write(tx, run_id, worked, at)

    def _write(self, tx: Transaction, run_id: int, worked: Sequence[Worked], at: datetime) -> Counter[str]:
        mine = tx.reprojections.lock({each.row.id: each.row.version for each in worked})
        writes = _Writes([], [], [], [], {}, Counter())
        for each in worked:
            if each.row.id not in mine:
                continue
            if each.found is None:
                tx.reprojections.give_up(each.row.id)
                writes.counts["failed"] += 1
            elif each.row.has_draft:
                self._by_journey(tx, each, at, writes)
            else:
                self._in_bulk(tx, each, at, writes)
        for unit_id in {each.row.deciding_unit_id for each in worked}:
            self._office.calendars.keep(tx, self._office.calendar_of(unit_id), at)
        tx.reprojections.save(writes.dossiers, writes.steps)
        tx.reprojections.write(writes.events, writes.notices)
        promise_moved(tx, self._office, writes.moved, at)
        tx.reprojections.count_up(run_id, **writes.counts)
        return writes.counts

    def _by_journey(self, tx: Transaction, each: Worked, at: datetime, writes: _Writes) -> None:
        """A file with a draft of an apology on the table: the draft may have to go."""
        journey = Journey(tx, self._office, tx.dossiers.by_id(each.row.id), by=SCHEDULER, at=at)
        moved = follow_calendar(journey, self._changes)
        journey.finish()
        _count(writes.counts, moved.turn if moved else None)

    def _in_bulk(self, tx: Transaction, each: Worked, at: datetime, writes: _Writes) -> None:
        assert each.found is not None
        row, moved = each.row, each.found.moved
        link, overdue_count = Link(row.event_count, row.event_hash), row.overdue_count
        if moved is not None:
            by, data = SCHEDULER.username, event_data(moved)
            link, event = chained(row.id, link, kind=MOVED, at=at, recorded_at=at, by=by, data=data)
            writes.events.append(event)
            writes.moved[row.id] = link.count, moved
            facts = {"dossier_id": row.id, "deciding_unit_id": row.deciding_unit_id, "at": at}
            writes.notices += notices_of(moved, each.steps, **facts)
            if moved.turn is Turn.CLEARED and tx.reprojections.mark_moved(row.id, moved.was, at):
                overdue_count = max(0, overdue_count - 1)
        columns = {"rules_version": self._office.rules_version, "overdue_count": overdue_count}
        chain = {"event_count": link.count, "event_hash": link.hash}
        writes.dossiers.append({"key": row.id, **each.found.dates.columns(), **columns, **chain})
        writes.steps += each.found.steps
        _count(writes.counts, moved.turn if moved else None)


def _sum(counts: Counter[str], at: datetime, finished_at: datetime | None = None) -> Run:
    named = {name: counts[name] for name in ("done", "moved", "late", "cleared", "failed")}
    return Run(started_at=at, finished_at=finished_at, total=counts["done"], **named)


def _count(counts: Counter[str], turn: Turn | None) -> None:
    counts["done"] += 1
    if turn is not None:
        counts["moved"] += 1
        if turn is not Turn.MOVED:
            counts[turn.value] += 1
