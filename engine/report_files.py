"""The files under `reports/` → the rule of periods, what is due how often, ceilings, words of other systems."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.domain.errors import BadInput
from engine.domain.report_period import Duty, PeriodRule

if TYPE_CHECKING:
    from pathlib import Path

FILE, STATES = "reports/report_calendar.yaml", "reports/other_states.yaml"
Mark = Literal["R", "M", "D"]


class BadReportCalendar(BadInput):
    """{path}: {detail}."""

    code = "bad_report_calendar"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Strict):
    cut_off_day: int = Field(ge=1, le=27)
    due_day: int = Field(ge=1, le=28)
    source: str
    mark: Mark


class _Ceiling(_Strict):
    sector: str
    percent: float = Field(gt=0, le=100)
    source: str
    mark: Mark


class _Duty(_Strict):
    report: str
    every: Literal["month", "quarter", "so_far"]
    to: str
    source: str
    mark: Mark


class _File(_Strict):
    rule: _Rule
    remind_days: int = Field(ge=0, le=14)
    internal_procedures: tuple[str, ...]
    late_ceilings: tuple[_Ceiling, ...]
    duties: tuple[_Duty, ...]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The share of late dossiers (a fraction) that a sector may not reach."""

    sector: str
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class ReportCalendar:
    """What the file says; without a file nothing is ever due and no sector has a ceiling."""

    rule: PeriodRule = field(default_factory=PeriodRule)
    remind_days: int = 3
    internal_procedures: frozenset[str] = frozenset()
    ceilings: tuple[Ceiling, ...] = ()
    duties: tuple[Duty, ...] = ()


def load_report_calendar(procedures: Path) -> ReportCalendar:
    """Read the file of an installation; raises `BadReportCalendar`."""
    path = procedures / FILE
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else ReportCalendar()


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> ReportCalendar:
    try:
        found = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise BadReportCalendar(path=path, detail=str(error)) from None
    return ReportCalendar(
        rule=PeriodRule(found.rule.cut_off_day, found.rule.due_day, source=found.rule.source),
        remind_days=found.remind_days,
        internal_procedures=frozenset(found.internal_procedures),
        ceilings=tuple(Ceiling(each.sector, each.percent / 100, each.source) for each in found.late_ceilings),
        duties=tuple(Duty(each.report, each.every, each.to, each.source) for each in found.duties),
    )


class _States(_Strict):
    headings: dict[str, tuple[str, ...]]
    states: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class StateWords:
    """How the lists of other systems are read: headings of columns by name, our states by their words."""

    headings: dict[str, tuple[str, ...]]
    states: dict[str, tuple[int, ...]]


def load_state_words(procedures: Path) -> StateWords:
    """Read `reports/other_states.yaml`; raises `BadReportCalendar`."""
    path = procedures / STATES
    try:
        found = _States.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BadReportCalendar(path=path, detail=str(error)) from None
    return StateWords(found.headings, found.states)
