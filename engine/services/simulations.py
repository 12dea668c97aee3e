"""What-if over a quarter: other limits, more people, other hours; what was is replayed beside it, with its error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.months import first_day, last_day, month_before, month_of
from engine.domain.people import Actor
from engine.domain.permissions import board_scope, board_units, check_can_see_board
from engine.domain.simulation import REPLICATIONS, Compared, Conditions, Leg, Run, Trip, real
from engine.effects.office import Office
from engine.effects.simulation import replicate
from engine.persistence.unit_of_work import UnitOfWork

MOST_FILES, KEPT_LAST = 3000, 20
LEASE = timedelta(minutes=5)
_OUTSIDE = ("applicant", "other_agency")  # nobody of ours works on such a step
_MINUTE = 60_000_000
DESIGN, REPLAY = "design", "replay"
# What may be asked: parts of the limits, parts of the office hours, people more.
_BOUNDS = ((0.1, 5.0), (0.25, 3.0), (0, 50))
_MOST_A_DAY, _LONGEST = 200, 400


class BadQuestion(BadInput):
    """Chưa thử được: {detail}."""

    code = "bad_simulation"


class NothingToReplay(NotAllowedNow):
    """Chưa thử được: quý vừa qua chưa có hồ sơ nào đã trả lời của đơn vị này."""

    code = "nothing_to_replay"


class Simulations:
    """Asks, answers in the background, keeps."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """The units that a person may ask about. Raises `Refused`."""
        check_can_see_board(actor, self._office.units)
        overseen = board_units(actor, self._office.units)
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in overseen)

    def teams(self, actor: Actor, unit_code: str, *, at: datetime) -> Mapping[str, int]:
        """Who worked on the files of the last quarter, and how many they were. Raises `Refused`, `NotFound`."""
        _trips, people = self._quarter(board_scope(actor, self._office.units, unit_code), at)
        return people

    def ask(self, actor: Actor, unit_code: str, conditions: Conditions, *, at: datetime) -> int:
        """Ask for the last three months under other conditions. Raises `Refused`, `NotFound`, `BadQuestion`."""
        unit_ids = board_scope(actor, self._office.units, unit_code)
        asked = (conditions.limits, conditions.hours, conditions.extra_people)
        if not all(low <= value <= high for value, (low, high) in zip(asked, _BOUNDS, strict=True)):
            raise BadQuestion(detail="thời hạn từ 10% đến 500%, giờ làm từ 25% đến 300%, thêm từ 0 đến 50 người")
        name = self._office.units.by_code(unit_code).name if unit_code else "Mọi đơn vị"
        return self._keep(actor, at, sorted(unit_ids), name, {"kind": REPLAY, **asdict(conditions)})

    def ask_design(
        self,
        actor: Actor,
        title: str,
        steps: Sequence[tuple[str, float, int]],
        *,
        per_day: float,
        limit: float,
        at: datetime,
    ) -> int:
        """Ask about a procedure in design: steps with assumed days and people, files a day, days that are promised."""
        check_can_see_board(actor, self._office.units)
        is_sound = all(days >= 0 and people >= 0 for _name, days, people in steps)
        if not steps or not is_sound or not 0 < per_day <= _MOST_A_DAY or not 0 < limit <= _LONGEST:
            raise BadQuestion(detail="cần ít nhất một bước, số hồ sơ mỗi ngày và thời hạn lớn hơn 0")
        question = {"kind": DESIGN, "steps": [list(step) for step in steps], "per_day": per_day, "limit": limit}
        return self._keep(actor, at, [], title or "Thủ tục đang thiết kế", question)

    def _keep(self, actor: Actor, at: datetime, unit_ids: list[int], title: str, question: Mapping[str, Any]) -> int:
        with self._uow.write() as tx:
            return tx.simulations.add(
                made_at=at,
                made_by=actor.username,
                unit_ids=unit_ids,
                procedure_code="",
                title=title,
                question=dict(question),
                total=2 * REPLICATIONS,
            )

    def look(self, actor: Actor, number: int) -> Any:
        """One's own simulation. Raises `Refused`, `NotFound`."""
        check_can_see_board(actor, self._office.units)
        with self._uow.read() as tx:
            row = tx.simulations.find(number)
        if row is None or row.made_by != actor.username:
            raise NotFound(what="lần thử này")
        return row

    def mine(self, actor: Actor) -> Sequence[Any]:
        """One's last simulations. Raises `Refused`."""
        check_can_see_board(actor, self._office.units)
        with self._uow.read() as tx:
            return tx.simulations.of(actor.username, KEPT_LAST)

    # --- in the background ---

    def run(self, at: datetime) -> int:
        """Answer what waits; answers how many."""
        with self._uow.read() as tx:
            waiting = tx.simulations.waiting()
        return sum(self.answer(number, at) for number in waiting)

    def answer(self, number: int, at: datetime) -> bool:
        """Answer one to its end; False if somebody else does."""
        with self._uow.write() as tx:
            row = tx.simulations.claim(number, at, at + LEASE)
        if row is None:
            return False
        try:
            result = self._answer(row, at)
        except NothingToReplay as nothing:
            result = {"problem": nothing.message}
        with self._uow.write() as tx:
            tx.simulations.go_on(number, result=result, done=row.total, finished_at=at, leased_until=None)
        return True

    def _answer(self, row: Any, at: datetime) -> dict[str, Any]:
        question = dict(row.question)
        if question.pop("kind") == DESIGN:
            trips, people = _design(**question)
            runs = self._replicate(row, at, trips, people, Conditions(), 0)
            return {"files": len(trips), "people": dict(people), "changed": Compared.of(runs).plain()}
        trips, people = self._quarter(row.unit_ids, row.made_at)
        if not trips:
            raise NothingToReplay
        was_late, was_mean = real(trips)
        again = replicate(trips, people, Conditions(), None)
        before = self._replicate(row, at, trips, people, Conditions(), 0)
        changed = self._replicate(row, at, trips, people, Conditions(**question), REPLICATIONS)
        return {
            "files": len(trips),
            "people": dict(people),
            "real": {"late_share": was_late, "mean_minutes": was_mean},
            "replayed": {"late_share": again.late_share, "mean_minutes": again.mean_minutes},
            "before": Compared.of(before).plain(),
            "changed": Compared.of(changed).plain(),
        }

    def _replicate(
        self, row: Any, at: datetime, trips: Sequence[Trip], people: Mapping[str, int], wanted: Conditions, done: int
    ) -> list[Run]:
        runs = list[Run]()
        for seed in range(REPLICATIONS):
            runs.append(replicate(trips, people, wanted, seed))
            with self._uow.write() as tx:
                tx.simulations.go_on(row.id, done=done + len(runs), leased_until=at + LEASE)
        return runs

    # --- what was ---

    def _quarter(self, unit_ids: Sequence[int] | frozenset[int], at: datetime) -> tuple[list[Trip], Mapping[str, int]]:
        """The answered files that came in the last three whole months and since, and the people who worked on them."""
        this, calendar = month_of(self._office.local_day(at)), self._office.calendar
        start = calendar.at(first_day(month_before(this, 3)), time.min)
        end = calendar.at(last_day(this) + timedelta(days=1), time.min)
        with self._uow.read() as tx:
            rows = tx.simulations.steps(start, end, unit_ids, MOST_FILES)
        work, people = self._work(rows)
        zero, trips = calendar.office_clock(start) // _MINUTE, list[Trip]()
        for _id, group in groupby(rows, key=lambda row: row.id):
            steps = list(group)
            arrived = self._minute(steps[0].received_at)
            limit = self._minute(steps[0][3]) - arrived
            took = max(self._minute(step.closed_at) for step in steps) - arrived
            trips.append(Trip(max(arrived - zero, 0), max(limit, 0), tuple(work[id(step)] for step in steps), took))
        return trips, people

    def _work(self, rows: Sequence[Any]) -> tuple[dict[int, Leg], Mapping[str, int]]:
        """How long each step was worked on: a person does one after the other, so not before they closed the last."""
        last, hands = dict[str, int](), defaultdict[str, set[str]](set)
        work = dict[int, Leg]()
        for row in sorted(rows, key=lambda row: row.closed_at):
            opened, closed = self._minute(row.opened_at), self._minute(row.closed_at)
            if row.waits_for in _OUTSIDE:
                work[id(row)] = Leg(row.step_id, "", max(closed - opened, 0))
                continue
            unit, who = self._office.units.get(row.unit_id), row.closed_by or ""
            team = f"{unit.short_name or unit.name} · {row.role}"
            hands[team].add(who)
            work[id(row)] = Leg(row.step_id, team, max(closed - max(opened, last.get(who, opened)), 0))
            last[who] = closed
        return work, {team: len(names) for team, names in sorted(hands.items())}

    def _minute(self, at: datetime) -> int:
        return self._office.calendar.office_clock(at) // _MINUTE


def _design(
    steps: Sequence[tuple[str, float, int]], per_day: float, limit: float
) -> tuple[list[Trip], Mapping[str, int]]:
    """A quarter of a procedure that nobody has done yet: files at even distances, steps that take half to double."""
    day, files = 480, min(round(per_day * 65), MOST_FILES)
    spread = (0.5, 0.75, 1.0, 1.0, 1.25, 1.5)
    trips = [
        Trip(
            round(number * day / per_day),
            round(limit * day),
            tuple(
                Leg(name, name if people else "", round(days * day * spread[(number + place) % len(spread)]))
                for place, (name, days, people) in enumerate(steps)
            ),
        )
        for number in range(max(files, 1))
    ]
    return trips, {name: people for name, _days, people in steps if people}
