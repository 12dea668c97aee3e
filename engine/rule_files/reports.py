"""The files under `reports/` → the rule of periods, what is due how often, ceilings, words of other systems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from engine.domain.posted_figures import Per, PostedFigure
from engine.domain.report_period import Duty, PeriodRule
from engine.rule_files.reading import Mark, Number, Strict, read_file

if TYPE_CHECKING:
    from pathlib import Path

FILE, STATES = "reports/report_calendar.yaml", "reports/other_states.yaml"


class _Rule(Strict):
    cut_off_day: int = Field(ge=1, le=27)
    due_day: int = Field(ge=1, le=28)
    source: str
    mark: Mark


class _Ceiling(Strict):
    sector: str
    percent: float = Field(gt=0, le=100)
    source: str
    mark: Mark


class _Target(Strict):
    figure: Literal["online_share", "paid_share", "paying_share", "offered_share"]
    unit: str = ""
    percent: float = Field(gt=0, le=100)
    source: str
    mark: Mark


class _Publication(Strict):
    working_days: int = Field(ge=1, le=60)
    source: str
    mark: Mark


class _Posted(Strict):
    code: str = Field(pattern=r"[a-z_]{1,30}")
    name: str
    per: Per
    goal: Number = Field(gt=0, le=100)
    source: str
    mark: Mark


class _Duty(Strict):
    report: str
    every: Literal["month", "quarter", "so_far"]
    to: str
    source: str
    mark: Mark


class _File(Strict):
    rule: _Rule
    remind_days: int = Field(ge=0, le=14)
    remind_late_days: int = Field(default=14, ge=0, le=60)
    internal_procedures: tuple[str, ...]
    late_ceilings: tuple[_Ceiling, ...]
    online_payment_methods: tuple[str, ...] = ()
    online_targets: tuple[_Target, ...] = ()
    publication: _Publication | None = None
    tells_everybody: bool = True
    posted: tuple[_Posted, ...] = ()
    duties: tuple[_Duty, ...]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The share of late dossiers (a fraction) that a sector may not reach."""

    sector: str
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class OnlineTarget:
    """The share (a fraction) that a figure of online services is to reach; `unit` empty: everywhere."""

    figure: str
    unit: str
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class PublicationLimit:
    """How many working days after a decision was signed its procedure has to be published."""

    working_days: int
    source: str


@dataclass(frozen=True, slots=True)
class ReportCalendar:
    """What the file says; without a file nothing is ever due and no sector has a ceiling."""

    rule: PeriodRule = field(default_factory=PeriodRule)
    remind_days: int = 3
    remind_late_days: int = 14
    internal_procedures: frozenset[str] = frozenset()
    ceilings: tuple[Ceiling, ...] = ()
    duties: tuple[Duty, ...] = ()
    online_methods: frozenset[str] = frozenset()
    online_targets: tuple[OnlineTarget, ...] = ()
    publication: PublicationLimit | None = None
    tells_everybody: bool = False
    posted: tuple[PostedFigure, ...] = ()


def load_report_calendar(procedures: Path) -> ReportCalendar:
    """Read the file of an installation; raises `BadRuleFile`."""
    path = procedures / FILE
    if not path.is_file():
        return ReportCalendar()
    found = read_file(path, _File)
    return ReportCalendar(
        rule=PeriodRule(found.rule.cut_off_day, found.rule.due_day, source=found.rule.source),
        remind_days=found.remind_days,
        remind_late_days=found.remind_late_days,
        internal_procedures=frozenset(found.internal_procedures),
        ceilings=tuple(Ceiling(each.sector, each.percent / 100, each.source) for each in found.late_ceilings),
        online_methods=frozenset(found.online_payment_methods),
        online_targets=tuple(
            OnlineTarget(each.figure, each.unit, each.percent / 100, each.source) for each in found.online_targets
        ),
        tells_everybody=found.tells_everybody,
        posted=tuple(PostedFigure(each.code, each.name, each.per, each.goal, each.source) for each in found.posted),
        publication=PublicationLimit(found.publication.working_days, found.publication.source)
        if found.publication
        else None,
        duties=tuple(Duty(each.report, each.every, each.to, each.source) for each in found.duties),
    )


class _States(Strict):
    headings: dict[str, tuple[str, ...]]
    states: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class StateWords:
    """How the lists of other systems are read: headings of columns by name, our states by their words."""

    headings: dict[str, tuple[str, ...]]
    states: dict[str, tuple[int, ...]]


def load_state_words(procedures: Path) -> StateWords:
    """Read `reports/other_states.yaml`; raises `BadRuleFile`."""
    found = read_file(procedures / STATES, _States)
    return StateWords(found.headings, found.states)
