"""What-if over a quarter: other limits, more people, other hours; what was is replayed beside it, with its error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from math import isfinite
from typing import Any

from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.limits import LimitUnit
from engine.domain.months import first_day, last_day, month_before, month_of
from engine.domain.people import Actor, Role
from engine.domain.permissions import board_scope, board_units, can_see_board, check_can_design
from engine.domain.simulation import (
    REPLICATIONS,
    Assumed,
    Compared,
    Conditions,
    Design,
    Leg,
    Run,
    Trip,
    assumed_quarter,
    is_far_off,
    real,
    span,
)
from engine.effects.office import Office
from engine.effects.simulation import present, replicate
from engine.persistence.repositories.simulations import OUTSIDE
from engine.persistence.unit_of_work import UnitOfWork

# So many files are replayed, so many answers are kept for a person, so many questions may wait for theirs.
MOST_FILES, KEPT_LAST, MOST_WAITING = 3000, 20, 3
LEASE = timedelta(minutes=15)  # longer than any takes: who began one and died loses it to another
_MINUTE = 60_000_000
DESIGN, REPLAY = "design", "replay"
# What may be asked: parts of the limits, parts of the office hours, people more.
_BOUNDS = ((0.1, 5.0), (0.25, 3.0), (0, 50))
MOST_STEPS, _MOST_A_DAY, _LONGEST, _MOST_PEOPLE = 40, (0.01, 200), 400, 200


class BadQuestion(BadInput):
    """Chưa thử được: {detail}."""

    code = "bad_simulation"


class NothingToReplay(NotAllowedNow):
    """Chưa thử được: từ {since:%d/%m/%Y} đến nay đơn vị này chưa có hồ sơ nào nhận vào và đã trả lời."""

    code = "nothing_to_replay"


class TooManyQuestions(NotAllowedNow):
    """Bạn đang có {count} lần thử chưa chạy xong; hãy đợi chúng xong rồi thử tiếp."""

    code = "too_many_simulations"


@dataclass(frozen=True, slots=True)
class Quarter:
    """What can be replayed: `files` that came on `since` or later and were answered, the last of them on `until`.

    `is_cut`: there are more, and only the first are taken. `teams`: key, name, how many people.
    """

    files: int
    since: date
    until: date | None
    is_cut: bool
    teams: tuple[tuple[str, str, int], ...]
    procedures: tuple[tuple[str, str], ...]


class Simulations:
    """Asks, answers in the background, keeps."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    # --- asking ---

    def units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """The units whose quarter a person may replay: none for who only designs. Raises `Refused`."""
        self._check(actor)
        overseen = board_units(actor, self._office.units)
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in overseen)

    def quarter(self, actor: Actor, unit_code: str, *, at: datetime) -> Quarter:
        """What of a unit, or of all that the person oversees, can be replayed. Raises `Refused`, `NotFound`."""
        unit_ids, (start, end) = board_scope(actor, self._office.units, unit_code), self._window(at)
        with self._uow.read() as tx:
            procedures = tx.simulations.procedures(start, end, unit_ids, MOST_FILES)
            teams = tx.simulations.teams(start, end, unit_ids, MOST_FILES)
        files = sum(row.files for row in procedures)
        until = max((self._office.local_day(row.last) for row in procedures), default=None)
        return Quarter(
            files=files,
            since=self._office.local_day(start),
            until=until,
            is_cut=files == MOST_FILES,
            teams=tuple((*self._team(row.unit_id, row.role), row.people) for row in teams),
            procedures=tuple((row.procedure_code, row.name) for row in procedures),
        )

    def ask(self, actor: Actor, unit_code: str, conditions: Conditions, *, at: datetime) -> int:
        """Ask for the last three months under other conditions.

        Raises `Refused`, `NotFound`, `BadQuestion`, `NothingToReplay`, `TooManyQuestions`.
        """
        unit_ids = board_scope(actor, self._office.units, unit_code)
        asked = (conditions.limits, conditions.hours, conditions.extra_people)
        if not all(low <= value <= high for value, (low, high) in zip(asked, _BOUNDS, strict=True)):
            raise BadQuestion(detail="thời hạn từ 10% đến 500%, giờ làm từ 25% đến 300%, thêm từ 0 đến 50 người")
        found = self.quarter(actor, unit_code, at=at)
        if not found.files:
            raise NothingToReplay(since=found.since)
        if conditions.extra_team and conditions.extra_team not in {key for key, _name, _people in found.teams}:
            raise BadQuestion(detail="nhóm được thêm người không có ai làm việc trong ba tháng ấy; hãy chọn lại")
        if conditions.procedure and conditions.procedure not in dict(found.procedures):
            raise BadQuestion(detail="thủ tục được đổi thời hạn không có hồ sơ nào trong ba tháng ấy; hãy chọn lại")
        name = self._office.units.by_code(unit_code).name if unit_code else "Mọi đơn vị"
        return self._keep(actor, at, sorted(unit_ids), name, {"kind": REPLAY, **asdict(conditions)})

    def ask_design(self, actor: Actor, title: str, design: Design, *, at: datetime) -> int:
        """Ask about a procedure in design. Raises `Refused`, `BadQuestion` naming the step, `TooManyQuestions`."""
        self._check(actor)
        for fault in _faults(design):
            raise BadQuestion(detail=fault)
        question = {"kind": DESIGN, **asdict(design), "steps": [list(astuple(step)) for step in design.steps]}
        return self._keep(actor, at, [], title or "Thủ tục đang thiết kế", question)

    def offered(self, actor: Actor, *, at: datetime) -> tuple[tuple[str, str], ...]:
        """Code and name of the procedures whose steps a design may begin from. Raises `Refused`."""
        self._check(actor)
        with self._uow.read() as tx:
            found = self._office.library.in_force(tx, self._office.local_day(at))
        return tuple({each.procedure.code: each.procedure.name for each in found}.items())

    def steps_of(self, actor: Actor, code: str, *, at: datetime) -> tuple[str, tuple[Assumed, ...]]:
        """Name and steps of a procedure in force, each with the days of its limit. Raises `Refused`, `NotFound`."""
        self._check(actor)
        with self._uow.read() as tx:
            offered = self._office.library.in_force(tx, self._office.local_day(at))
        found = next((each for each in offered if each.procedure.code == code), None)
        if found is None:
            raise NotFound(what=f"thủ tục {code[:40]}")
        case = found.procedure.cases[0]
        units = {phase.name: phase.limit.unit for phase in case.phases}
        steps = (
            (step.name, step.limit_for(case.id), units.get(step.phase or "", LimitUnit.WORKING_DAYS))
            for step in found.steps.values()
            if step.limit_for(case.id) is not None and not step.is_outside_clock
        )
        return found.procedure.name, self._assumed(steps, at)

    def steps_of_draft(self, actor: Actor, design_id: int, *, at: datetime) -> tuple[str, tuple[Assumed, ...]]:
        """The same of a draft. Raises `Refused` for whoever does not design, `NotFound`."""
        check_can_design(actor)
        with self._uow.read() as tx:
            draft = tx.designs.get(design_id)
        cases = draft.look.get("facts", {}).get("cases") or [{}]
        phases = [*draft.look.get("facts", {}).get("phases", []), *cases[0].get("phases", [])]
        units = {str(phase.get("name")): _unit(phase.get("unit")) for phase in phases}
        steps = (
            (step["name"] or step["id"], step["limit"], units.get(step["phase"], LimitUnit.WORKING_DAYS))
            for step in draft.look.get("steps", [])
            if step["limit"] and step["clock"] != "outside"
        )
        return draft.name, self._assumed(steps, at)

    def _assumed(self, steps: Iterable[tuple[str, Any, LimitUnit]], at: datetime) -> tuple[Assumed, ...]:
        a_day = self._day_minutes(at) / 60
        parts = {LimitUnit.WORKING_HOURS: 1 / a_day, LimitUnit.CALENDAR_DAYS: 5 / 7}
        found: dict[str, Assumed] = {}
        for name, limit, unit in steps:
            own = name if name not in found else f"{name} ({len(found) + 1})"
            found[own] = Assumed(own, round(float(limit) * parts.get(unit, 1.0), 2), 1)
        return tuple(found.values())

    def _keep(self, actor: Actor, at: datetime, unit_ids: list[int], title: str, question: Mapping[str, Any]) -> int:
        with self._uow.write() as tx:
            waiting = tx.simulations.unfinished(actor.username)
            if waiting >= MOST_WAITING:
                raise TooManyQuestions(count=waiting)
            tx.simulations.forget(actor.username, KEPT_LAST - 1)
            return tx.simulations.add(
                made_at=at,
                made_by=actor.username,
                unit_ids=unit_ids,
                procedure_code=question.get("procedure", ""),
                title=title,
                question=dict(question),
                total=2 * REPLICATIONS if question["kind"] == REPLAY else REPLICATIONS,
            )

    def _check(self, actor: Actor) -> None:
        if not can_see_board(actor, self._office.units):
            check_can_design(actor)

    # --- looking ---

    def look(self, actor: Actor, number: int) -> Any:
        """One's own simulation. Raises `Refused`, `NotFound`."""
        self._check(actor)
        with self._uow.read() as tx:
            row = tx.simulations.find(number)
        if row is None or row.made_by != actor.username:
            raise NotFound(what="lần thử này")
        return row

    def mine(self, actor: Actor) -> Sequence[Any]:
        """One's last simulations. Raises `Refused`."""
        self._check(actor)
        with self._uow.read() as tx:
            return tx.simulations.of(actor.username, KEPT_LAST)

    # --- in the background ---

    def run(self, at: datetime) -> int:
        """Answer the oldest that nobody else works on; answers whether there was one, 1 or 0."""
        with self._uow.read() as tx:
            waiting = tx.simulations.waiting()
        return int(any(self.answer(number, at) for number in waiting))

    def answer(self, number: int, at: datetime) -> bool:
        """Answer one to its end; False if somebody else does."""
        with self._uow.write() as tx:
            row = tx.simulations.claim(number, at, at + LEASE)
        if row is None:
            return False
        question = dict(row.question)
        result = self._design(row, question) if question.pop("kind") == DESIGN else self._replay(row, question)
        with self._uow.write() as tx:
            tx.simulations.go_on(number, result=result, done=row.total, finished_at=at, leased_until=None)
        return True

    def _design(self, row: Any, question: Mapping[str, Any]) -> dict[str, Any]:
        steps = tuple(Assumed(*step) for step in question["steps"])
        design, day = Design(steps, question["per_day"], question["limit"]), self._day_minutes(row.made_at)
        quarters = [assumed_quarter(design, day, MOST_FILES, seed) for seed in range(REPLICATIONS)]
        runs = self._replicate(row, (replicate(each, design.people, Conditions(), None) for each in quarters))
        people = design.people
        return {"files": len(quarters[0]), "people": people, "changed": Compared.of(runs).plain()}

    def _replay(self, row: Any, question: Mapping[str, Any]) -> dict[str, Any]:
        wanted, (start, end) = Conditions(**question), self._window(row.made_at)
        trips, all_people, names = self._trips(row.unit_ids, start, end)
        if not trips:
            return {"problem": NothingToReplay(since=self._office.local_day(start)).message}
        was, people = real(trips), present(trips, all_people)
        again = replicate(trips, people, Conditions(), None)
        before = self._replicate(row, (replicate(trips, people, Conditions(), seed) for seed in range(REPLICATIONS)))
        changed = self._replicate(
            row, (replicate(trips, people, wanted, seed) for seed in range(REPLICATIONS)), done=REPLICATIONS
        )
        difference = span([after.late_share - now.late_share for now, after in zip(before, changed, strict=True)])
        return {
            "files": len(trips),
            "is_cut": len(trips) == MOST_FILES,
            "people": dict(all_people),
            "present": dict(people),
            "names": names,
            "real": {"late_share": was[0], "mean_minutes": was[1]},
            "is_far_off": is_far_off(was, again),
            "replayed": {"late_share": again.late_share, "mean_minutes": again.mean_minutes},
            "before": Compared.of(before).plain(),
            "changed": Compared.of(changed).plain(),
            "difference": asdict(difference),
        }

    def _replicate(self, row: Any, runs: Iterable[Run], done: int = 0) -> list[Run]:
        """Run them one after the other, and write down how far it is."""
        found = list[Run]()
        for run in runs:
            found.append(run)
            with self._uow.write() as tx:
                tx.simulations.go_on(row.id, done=done + len(found))
        return found

    # --- what was ---

    def _window(self, at: datetime) -> tuple[datetime, datetime]:
        """The last three whole months and what has gone of this one."""
        this, calendar = month_of(self._office.local_day(at)), self._office.calendar
        start = calendar.at(first_day(month_before(this, 3)), time.min)
        return start, calendar.at(last_day(this) + timedelta(days=1), time.min)

    def _trips(
        self, unit_ids: Sequence[int], start: datetime, end: datetime
    ) -> tuple[list[Trip], Mapping[str, int], Mapping[str, str]]:
        """Files as they came, the people of each team, the name of each."""
        with self._uow.read() as tx:
            rows = tx.simulations.steps(start, end, unit_ids, MOST_FILES)
        work, hands = self._work(rows)
        zero, trips = self._minute(start), list[Trip]()
        for _id, group in groupby(rows, key=lambda row: row.id):
            steps = list(group)
            arrived = self._minute(steps[0].received_at)
            limit = self._minute(steps[0].due_at) - arrived
            took = max(self._minute(step.closed_at) for step in steps) - arrived
            legs = tuple(work[id(step)] for step in steps)
            trips.append(Trip(max(arrived - zero, 0), max(limit, 0), legs, took, steps[0].procedure_code))
        people, names = dict[str, int](), dict[str, str]()
        for place, who in sorted(hands.items()):
            key, name = self._team(*place)
            people[key], names[key] = len(who), name
        return trips, people, names

    def _work(self, rows: Sequence[Any]) -> tuple[dict[int, Leg], Mapping[tuple[int, str], set[str]]]:
        """How long each step was worked on: a person does one after the other, so not before they closed the last."""
        last, hands = dict[str, int](), defaultdict[tuple[int, str], set[str]](set)
        work = dict[int, Leg]()
        for row in sorted(rows, key=lambda row: row.closed_at):
            opened, closed = self._minute(row.opened_at), self._minute(row.closed_at)
            if row.waits_for in OUTSIDE:
                work[id(row)] = Leg(row.step_id, "", max(closed - opened, 0))
                continue
            who = row.closed_by or ""
            hands[row.unit_id, row.role].add(who)
            key, _name = self._team(row.unit_id, row.role)
            work[id(row)] = Leg(row.step_id, key, max(closed - max(opened, last.get(who, opened)), 0))
            last[who] = closed
        return work, hands

    def _team(self, unit_id: int, role: str) -> tuple[str, str]:
        """The key of a team and its name."""
        unit = self._office.units.get(unit_id)
        return f"{unit.code} {role}", f"{unit.name} · {Role(role).label}"

    def _minute(self, at: datetime) -> int:
        return self._office.calendar.office_clock(at) // _MINUTE

    def _day_minutes(self, at: datetime) -> int:
        return self._office.calendar.period_on(self._office.local_day(at)).hours.length // timedelta(minutes=1)


def _faults(design: Design) -> Iterable[str]:
    """What forbids to try a design out, in words that say what to do."""
    low, high = _MOST_A_DAY
    if not 0 < len(design.steps) <= MOST_STEPS:
        yield f"cần từ 1 đến {MOST_STEPS} bước, mỗi dòng một bước"
    names = [step.name for step in design.steps]
    for step in design.steps:
        if not step.name or names.count(step.name) > 1:
            yield f"mỗi bước cần một tên riêng; “{step.name[:60]}” trống hoặc có hai lần"
        if not (isfinite(step.days) and 0 <= step.days <= _LONGEST and 0 <= step.people <= _MOST_PEOPLE):
            yield f"bước “{step.name[:60]}” cần từ 0 đến {_LONGEST} ngày, từ 0 đến {_MOST_PEOPLE} người"
    if not low <= design.per_day <= high:
        yield "số hồ sơ mỗi ngày từ 0,01 đến 200"
    if not 0 < design.limit <= _LONGEST:
        yield f"thời hạn lớn hơn 0 và không quá {_LONGEST} ngày"


def _unit(name: Any) -> LimitUnit:
    return LimitUnit(name) if name in set(LimitUnit) else LimitUnit.WORKING_DAYS
