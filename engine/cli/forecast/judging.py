"""A forecast judged on an event log in the order of time: nothing is asked that was not known on that morning.

Every Monday morning at eight each open file whose date has not passed gets its chance, from the history of the files
that had ended before: of the files of the earlier part only (`fixed`), of all that had ended by that morning
(`growing`), and the same corrected by what chances of earlier mornings were worth, of files that had ended by then
(`product`: what the pages tell). What came of each is read from the log afterwards. Beside them, on the same mornings:
the base rate (the late share of the files that had ended), and rules “fewer than k working days are left”, as a yes or
no, and as the late share that mornings before the cut had on either side of the rule.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.forecast import History, Place
from engine.domain.forecast_history import Passage, learn
from engine.domain.forecast_score import Bin, Judged, Trust, brier, calibration, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cli.replay.log import Case
    from engine.domain.calendar import WorkingCalendar

RULES = (1, 3, 5, 10)
RECEIVED = "(vừa nhận)"
EIGHT = time(8)
_DAY, _MICROSECONDS = 480, 60_000_000  # minutes in a day of the office, microseconds in a minute
BASE, FIXED, GROWING, PRODUCT = "base_rate", "fixed", "growing", "product"


class TooShort(BadInput):
    """Nhật ký quá ngắn để chia phần học và phần chấm: {detail}."""

    code = "log_too_short"


@dataclass(frozen=True, slots=True)
class Score:
    """How one way to tell chances did, on the same mornings as the others."""

    name: str
    brier: float
    ranking: float | None
    once_each: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came out: `once_each` in the scores counts a file once, on its first morning with ten days or fewer left."""

    cut_at: datetime
    learned: int
    files: int
    mornings: int
    late_share: float
    scores: tuple[Score, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class _Morning:
    """An open file on a morning: where it stood, and what came of it."""

    file: _File
    at: datetime
    place: Place
    was_late: bool


@dataclass(frozen=True, slots=True)
class _File:
    """A case on the office clock: where it stood from which minute on, and what it teaches once it has ended."""

    case: Case
    turns: tuple[tuple[str, str, datetime, int], ...]
    due: int
    limit: int
    passages: tuple[Passage, ...]

    @property
    def was_late(self) -> bool:
        """Late, or open though its date has passed."""
        return self.case.delivered_at is None or self.case.delivered_at > self.case.due_at

    def ended_before(self, at: datetime) -> bool:
        return self.case.delivered_at is not None and self.case.delivered_at < at


@dataclass
class _Told:
    judged: defaultdict[str, list[Judged]] = field(default_factory=lambda: defaultdict(list))
    once: defaultdict[str, list[Judged]] = field(default_factory=lambda: defaultdict(list))
    met: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, name: str, chance: float, morning: _Morning) -> None:
        said, file = Judged(chance, morning.was_late), (name, morning.file.case.id)
        self.judged[name].append(said)
        if morning.place.left <= 10 * _DAY and file not in self.met:
            self.met.add(file)
            self.once[name].append(said)

    def score(self, name: str) -> Score:
        judged = self.judged[name]
        return Score(name, brier(judged) or 0.0, ranking(judged), brier(self.once[name]))


def judge(cases: Sequence[Case], calendar: WorkingCalendar, ends_at: datetime) -> Judgement:
    """Learn from the files ended before half of all were received, and judge the mornings after. Raises `TooShort`."""
    cut_at = cases[len(cases) // 2].received_at
    files = [_file(case, calendar) for case in cases]
    mornings = _mornings(files, calendar, ends_at)
    judged = [each for each in mornings if each.at >= cut_at]
    learned = sum(file.ended_before(cut_at) for file in files)
    if not learned or not judged:
        raise TooShort(detail=f"{learned} hồ sơ đã xong trước {cut_at:%d/%m/%Y}, {len(judged)} lần chấm sau đó")
    told = _Told()
    _rules(told, judged, [each for each in mornings if each.at < cut_at and each.file.ended_before(cut_at)])
    _histories(told, files, mornings, cut_at)
    names = (PRODUCT, GROWING, FIXED, BASE, *(f"{kind}_{days}" for kind in ("rule", "rule_share") for days in RULES))
    return Judgement(
        cut_at=cut_at,
        learned=learned,
        files=len({each.file.case.id for each in judged}),
        mornings=len(judged),
        late_share=sum(each.was_late for each in judged) / len(judged),
        scores=tuple(told.score(name) for name in names),
        bins=calibration(told.judged[PRODUCT]),
    )


def _file(case: Case, calendar: WorkingCalendar) -> _File:
    def clock(at: datetime) -> int:
        return calendar.office_clock(at) // _MICROSECONDS

    inside = [event for event in case.events if case.is_inside(event)]
    places = [(RECEIVED, "", case.received_at), *((event.name, event.group, event.at) for event in inside)]
    turns = tuple((step, group, at, clock(at)) for step, group, at in places)
    due = clock(case.due_at)
    limit = max(due - turns[0][3], 1)
    if case.delivered_at is None:
        return _File(case, turns, due, limit, ())
    end = clock(case.delivered_at)
    until = [*(turn[3] for turn in turns[1:]), end]
    passages = tuple(
        Passage("", step, group, left - entered, end - entered, limit)
        for (step, group, _at, entered), left in zip(turns, until, strict=True)
    )
    return _File(case, turns, due, limit, passages)


def _mornings(files: Sequence[_File], calendar: WorkingCalendar, ends_at: datetime) -> list[_Morning]:
    """Every Monday of every file while it was open and its date had not passed, in the order of time."""
    found = list[_Morning]()
    day = calendar.local(files[0].case.received_at).date()
    while (at := calendar.at(day, EIGHT)) < ends_at:
        if day.weekday() == 0:
            here = calendar.office_clock(at) // _MICROSECONDS
            found.extend(each for file in files if (each := _of_file(file, at, here, ends_at)))
        day += timedelta(days=1)
    return found


def _of_file(file: _File, at: datetime, here: int, ends_at: datetime) -> _Morning | None:
    case = file.case
    is_unknown = case.delivered_at is None and case.due_at > ends_at  # what will come of it is not in the log
    is_open = case.received_at < at < case.due_at and (case.delivered_at is None or at < case.delivered_at)
    if is_unknown or not is_open:
        return None
    step, group, _since, entered = next(turn for turn in reversed(file.turns) if turn[2] <= at)
    place = Place("", step, group, here - entered, file.due - here, file.limit)
    return _Morning(file, at, place, file.was_late)


def _rules(told: _Told, mornings: Sequence[_Morning], earlier: Sequence[_Morning]) -> None:
    for days in RULES:
        limit = days * _DAY
        sides = {
            side: [each.was_late for each in earlier if (each.place.left < limit) is side] for side in (True, False)
        }
        for each in mornings:
            side = each.place.left < limit
            told.tell(f"rule_{days}", float(side), each)
            told.tell(f"rule_share_{days}", sum(sides[side]) / len(sides[side]) if sides[side] else 0.5, each)


def _histories(told: _Told, files: Sequence[_File], mornings: Sequence[_Morning], cut_at: datetime) -> None:
    fixed, waiting = _history(files, cut_at), list[tuple[_File, Judged]]()
    trust = Trust()
    for at, at_once in groupby(mornings, key=lambda each: each.at):
        ended = [file for file in files if file.ended_before(at)]
        if not ended:
            continue
        history, base = _history(files, at), sum(file.was_late for file in ended) / len(ended)
        known = [each for each in waiting if each[0].ended_before(at)]
        waiting = [each for each in waiting if not each[0].ended_before(at)]
        trust = reduce(Trust.with_more, (judged for _file, judged in known), trust)
        for each in at_once:
            chance = _chance(history, each.place, base)
            waiting.append((each.file, Judged(chance, each.was_late)))
            if at >= cut_at:
                told.tell(BASE, base, each)
                told.tell(FIXED, _chance(fixed, each.place, base), each)
                told.tell(GROWING, chance, each)
                told.tell(PRODUCT, trust.believed(chance), each)


def _history(files: Sequence[_File], at: datetime) -> History:
    return History(learn(passage for file in files if file.ended_before(at) for passage in file.passages))


def _chance(history: History, place: Place, base: float) -> float:
    found = history.forecast(place)
    return base if found is None else found.chance
