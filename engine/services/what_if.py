"""What a change of calendars would do to the dates of open dossiers, before anybody makes it; nothing is entered.

The facts are made by the code that enters them, and dates are worked out by the code that works them out afterwards,
so the answer is what the change then does. Answers are written in batches and may be gone on with by any process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from engine.domain.calendar_facts import FactKind
from engine.domain.errors import NotFound, Refused
from engine.domain.permissions import is_over_all
from engine.domain.reprojection import Turn
from engine.effects.projector import Projector
from engine.effects.reach import stretches
from engine.effects.reprojecting import Changes
from engine.persistence.repositories.reprojection import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from engine.domain.calendar_book import CalendarBook
    from engine.domain.calendar_changes import DaysChanged
    from engine.domain.people import Actor
    from engine.domain.special_days import SpecialDay
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

BATCH, PAGE_SIZE = 500, 50
# A question about more dossiers is answered in the background.
AT_ONCE = 2000
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WhatIfLine:
    """One dossier whose date would move, and why."""

    code: str
    procedure_name: str
    deciding_unit: str
    due_before: datetime
    due_after: datetime
    turn: str
    why: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A question and as much of its answer as there is: `late` and `cleared` are among the `moved`.

    `is_current`: nobody has entered anything into a calendar since it was asked.
    """

    id: int
    title: str
    asked_at: datetime
    asked_by: str
    total: int
    done: int
    moved: int
    late: int
    cleared: int
    is_finished: bool
    is_current: bool
    form: Mapping[str, str]
    lines: tuple[WhatIfLine, ...] = ()
    page: int = 1


class Trial(Protocol):
    """Books of calendars that take every entry as the real ones do, and write nothing."""

    facts: list[dict[str, Any]]


class WhatIfs:
    """Looks ahead."""

    def __init__(self, uow: UnitOfWork, office: Office, trial: Callable[[], Trial]) -> None:
        """Work on one installation; `trial` makes books into which entries are made that nobody writes."""
        self._uow = uow
        self._office = office
        self._trial = trial
        self._changes = Changes()

    # --- asking ---

    def of_day(self, actor: Actor, unit_code: str, day: SpecialDay, *, at: datetime) -> WhatIf:
        """What a special day would do; the whole answer, for who has time. Raises what entering it would raise."""
        number = self.ask(actor, day.name, lambda books: books.enter_day(actor, unit_code, day, at=at), at=at)
        self.answer(number, at)
        return self.look(actor, number)

    def ask(
        self,
        actor: Actor,
        title: str,
        enter: Callable[[Any], object],
        *,
        at: datetime,
        form: Mapping[str, str] | None = None,
    ) -> int:
        """Keep the question what `enter` would do; answers its number. Raises what entering would raise.

        A question about few dossiers is answered at once.
        """
        trial = self._trial()
        enter(trial)
        facts = [_plain(fact) for fact in trial.facts]
        walk = self._walk(self._book(facts))
        with self._uow.read() as tx:
            total = tx.reprojections.count_walk(walk) if walk else 0
        with self._uow.write() as tx:
            tx.what_ifs.forget_before(at - KEPT)
            number = tx.what_ifs.add(
                asked_at=at,
                asked_by=actor.username,
                title=title,
                facts=facts,
                form=dict(form or {}),
                fact_id=self._office.calendars.book.number,
                total=total,
            )
        if total <= AT_ONCE:
            self.answer(number, at)
        return number

    # --- answering ---

    def run(self, at: datetime) -> int:
        """Answer what waits for an answer; answers how many questions."""
        with self._uow.read() as tx:
            waiting = tx.what_ifs.waiting()
        return sum(self.answer(number, at) for number in waiting)

    def answer(self, number: int, at: datetime, on_progress: Callable[[int], object] = lambda _count: None) -> bool:
        """Answer a question to its end, from where it stands; False if somebody else does, or it is answered."""
        with self._uow.write() as tx:
            row = tx.what_ifs.claim(number, at, at + LEASE)
        if row is None:
            return False
        book = self._book(row.facts)
        walk = self._walk(book)
        place, counts = (row.cursor_rules, row.cursor), Counter({name: getattr(row, name) for name in _COUNTS})
        while walk is not None:
            lines, met = self._batch(walk, place, book, row.asked_at, counts)
            if not met:
                break
            place = met[-1].rules_version, met[-1].id
            columns = {"cursor_rules": place[0], "cursor": place[1], **counts}
            with self._uow.write() as tx:
                tx.what_ifs.go_on(number, lines, **columns, leased_until=at + LEASE)
            on_progress(len(met))
        with self._uow.write() as tx:
            tx.what_ifs.go_on(number, [], finished_at=at, leased_until=None, total=counts["done"])
        return True

    def _batch(
        self, walk: Walk, place: tuple[str, int], book: CalendarBook, at: datetime, counts: Counter[str]
    ) -> tuple[list[dict[str, Any]], Sequence[Any]]:
        units, lines = self._office.units, []
        with self._uow.read() as tx:
            met = tx.reprojections.walk(walk, place, BATCH)
            calendars = {unit_id: book.calendar(units.above(unit_id)) for unit_id in walk.unit_ids}
            projector = Projector(tx, self._office, self._changes, at, calendars.__getitem__)
            for row, moved in projector.foresee([row.id for row in met]):
                why = "; ".join(moved.why)
                dates = {"due_before": moved.was, "due_after": moved.now, "turn": moved.turn.value, "why": why}
                lines.append({"dossier_id": row.id, **dates})
                counts["moved"] += 1
                if moved.turn is not Turn.MOVED:
                    counts[moved.turn.value] += 1
        counts["done"] += len(met)
        return lines, met

    def _book(self, facts: Sequence[Mapping[str, Any]]) -> CalendarBook:
        return self._office.calendars.book.with_facts([_fact(fact) for fact in facts])

    def _walk(self, book: CalendarBook) -> Walk | None:
        """Which dossiers may be moved by a book that is not in force; None where no office time changes."""
        office, unit_ids, versions = self._office, list[int](), set[str]()
        days: set[DaysChanged] = set()
        for unit in office.units:
            before, after = office.calendar_of(unit.id), book.calendar(office.units.above(unit.id))
            versions.add(before.version)
            changed = () if before.version == after.version else self._changes.between(before, after, book).days
            if changed:
                unit_ids.append(unit.id)
                days.update(changed)
        if not unit_ids:
            return None
        return Walk(tuple(unit_ids), stretches(days, office.calendar), tuple(sorted(versions)))

    # --- looking ---

    def look(self, actor: Actor, number: int, *, page: int = 1) -> WhatIf:
        """A question and a page of its answer. Raises `NotFound`, `Refused`."""
        with self._uow.read() as tx:
            row = self._readable(tx.what_ifs.find(number), actor)
            page = min(max(page, 1), max(1, -(-row.moved // PAGE_SIZE)))
            lines = tx.what_ifs.page(number, PAGE_SIZE, (page - 1) * PAGE_SIZE) if row.finished_at else []
            is_current = tx.calendars.last_id() == row.fact_id
        return replace(_what_if(row), lines=tuple(map(self._line, lines)), page=page, is_current=is_current)

    def every_line(self, actor: Actor, number: int) -> Iterator[WhatIfLine]:
        """Every dossier whose date would move. Raises `NotFound`, `Refused`."""
        with self._uow.read() as tx:
            self._readable(tx.what_ifs.find(number), actor)
            yield from map(self._line, tx.what_ifs.all_lines(number))

    def _readable(self, row: Any, actor: Actor) -> Any:
        if row is None:
            raise NotFound(what="lần xem trước này; hãy xem trước lại")
        if actor.username != row.asked_by and not is_over_all(actor, self._office.units):
            raise Refused(detail="lần xem trước này là của người khác")
        return row

    def _line(self, row: Any) -> WhatIfLine:
        unit = self._office.units.get(row.deciding_unit_id)
        name = unit.short_name or unit.name
        return WhatIfLine(row.code, row.procedure_name, name, row.due_before, row.due_after, row.turn, row.why)


_COUNTS = ("done", "moved", "late", "cleared")


def _what_if(row: Any) -> WhatIf:
    names = ("id", "title", "asked_at", "asked_by", "total", *_COUNTS, "form")
    facts = {name: getattr(row, name) for name in names}
    return WhatIf(**facts, is_finished=row.finished_at is not None, is_current=True)


def _plain(fact: Mapping[str, Any]) -> dict[str, Any]:
    """A fact as JSON keeps it."""
    issued = fact.get("issued_on")
    plain = {**fact, "entered_at": fact["entered_at"].isoformat(), "issued_on": issued.isoformat() if issued else None}
    return {**plain, "kind": FactKind(fact["kind"]).value}


def _fact(plain: Mapping[str, Any]) -> dict[str, Any]:
    issued = plain.get("issued_on")
    entered = datetime.fromisoformat(plain["entered_at"])
    issued_on = date.fromisoformat(issued) if issued else None
    return {**plain, "kind": FactKind(plain["kind"]), "entered_at": entered, "issued_on": issued_on}
