"""Files under `satisfaction/` → the nine indicators, the self-survey, the index of Decision 766."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from engine.domain.index766 import Component, IndexGroup, IndexRules
from engine.domain.indicators import NUMBERS, Grade, Indicator, NineRules
from engine.domain.sipas import SipasTable
from engine.domain.survey import AskedCriterion, AskedItem, Goal, Level, Questionnaire
from engine.rule_files.reading import BadRuleFile, Mark, Number, Strict, read_file
from engine.rule_files.sipas import load_sipas

FOLDER = "satisfaction"
NINE, SURVEY, INDEX = "nine_indicators.yaml", "self_survey.yaml", "index_766.yaml"
FULL_POINTS = 100


class _Indicator(Strict):
    number: int
    origin: Literal["log", "feedback", "entered"] = Field(alias="from")
    name: str
    two: str
    one: str
    zero: str
    mark: Mark


class _Limits(Strict):
    contacts_for_one: int = Field(ge=1)
    late_without_feedback: int = Field(ge=0, le=2)
    feedback_share_for_one: int = Field(ge=0, le=100)
    online_share_for_two: int = Field(ge=0, le=100)
    online_share_for_one: int = Field(ge=0, le=100)
    mark: Mark


class _Grade(Strict):
    least: Number = Field(alias="from", ge=0)
    name: str


class _Nine(Strict):
    name: str
    source: str
    mark: Mark
    since: date = Field(alias="from")
    indicators: tuple[_Indicator, ...]
    limits: _Limits
    grades: tuple[_Grade, ...] = Field(min_length=1)
    grades_mark: Mark

    @model_validator(mode="after")
    def _are_nine(self) -> _Nine:  # noqa: N804 - after validation it is an instance
        if tuple(each.number for each in self.indicators) != NUMBERS:
            raise ValueError("cần đúng 9 chỉ số, đánh số từ 1 đến 9")
        least = [grade.least for grade in self.grades]
        if least != sorted(least, reverse=True) or least[-1] != 0:
            raise ValueError("các mức xếp loại phải giảm dần và kết thúc ở 0")
        return self


class _Level(Strict):
    level: int
    name: str
    satisfied: bool


class _Goal(Strict):
    year: int = Field(ge=2020, le=2100)
    percent: Number = Field(gt=0, le=100)
    source: str
    mark: Mark


class _Survey(Strict):
    title: str
    questionnaire: str
    items_of: str
    mark: Mark
    source: str
    levels: tuple[_Level, ...] = Field(min_length=2)
    short: tuple[str, ...]
    least_ballots: int = Field(ge=2)
    z: float = Field(gt=0)
    precision_percent: int = Field(gt=0, lt=100)
    disagreement_points: int = Field(gt=0, lt=100)
    bias_points: int = Field(gt=0, lt=100)
    kiosk_days: int = Field(ge=1)
    ballot_days: int = Field(ge=31)
    goals: tuple[_Goal, ...] = ()


class _Component(Strict):
    code: str = Field(max_length=30)
    name: str
    points: Number
    mark: Mark
    denominator: str
    figure: Literal["", "on_time_share", "online_share", "feedback_share", "satisfaction_share"] = ""


class _Group(Strict):
    code: str
    name: str
    points: Number
    components: tuple[_Component, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _adds_up(self) -> _Group:  # noqa: N804 - the same
        if sum(each.points for each in self.components) != self.points:
            raise ValueError(f"điểm các thành phần của nhóm “{self.name}” không cộng thành {self.points}")
        return self


class _Index(Strict):
    name: str
    source: str
    mark: Mark
    since: date = Field(alias="from")
    groups: tuple[_Group, ...]

    @model_validator(mode="after")
    def _adds_up(self) -> _Index:  # noqa: N804 - the same
        if sum(group.points for group in self.groups) != FULL_POINTS:
            raise ValueError("điểm các nhóm không cộng thành 100")
        return self


def load_nine(procedures: Path) -> NineRules:
    """The nine indicators of an installation; raises `BadRuleFile`."""
    read = read_file(procedures / FOLDER / NINE, _Nine)
    return NineRules(
        name=read.name,
        source=read.source,
        mark=read.mark,
        since=read.since,
        indicators=tuple(
            Indicator(each.number, each.origin, each.name, each.two, each.one, each.zero, each.mark)
            for each in read.indicators
        ),
        grades=tuple(Grade(grade.least, grade.name) for grade in read.grades),
        contacts_for_one=read.limits.contacts_for_one,
        late_without_feedback=read.limits.late_without_feedback,
        feedback_share_for_one=read.limits.feedback_share_for_one,
        online_share_for_two=read.limits.online_share_for_two,
        online_share_for_one=read.limits.online_share_for_one,
    )


def load_questionnaire(procedures: Path) -> Questionnaire:
    """What our own survey asks; raises `BadRuleFile`."""
    path = procedures / FOLDER / SURVEY
    read = read_file(path, _Survey)
    table = load_sipas(procedures / FOLDER / read.items_of)
    criteria = tuple(
        AskedCriterion(each.code, each.name, tuple(AskedItem(item.code, item.name) for item in each.items))
        for each in table.criteria
    )
    known = {item.code for criterion in criteria for item in criterion.items}
    if unknown := [code for code in read.short if code not in known]:
        raise BadRuleFile(path=path, detail=f"short: không có mục {', '.join(unknown)}")
    return Questionnaire(
        title=read.title,
        code=read.questionnaire,
        criteria=criteria,
        levels=tuple(Level(each.level, each.name, each.satisfied) for each in read.levels),
        short=read.short,
        least_ballots=read.least_ballots,
        z=read.z,
        precision_percent=read.precision_percent,
        disagreement_points=read.disagreement_points,
        bias_points=read.bias_points,
        kiosk_days=read.kiosk_days,
        ballot_days=read.ballot_days,
        goals=tuple(Goal(each.year, each.percent, each.source) for each in read.goals),
    )


def load_published(procedures: Path) -> SipasTable | None:
    """The published values of what our own survey asks, where the installation has their file; `BadRuleFile`."""
    asked = procedures / FOLDER / SURVEY
    if not asked.is_file():
        return None
    path = procedures / FOLDER / read_file(asked, _Survey).items_of
    return load_sipas(path) if path.is_file() else None


def load_index(procedures: Path) -> IndexRules:
    """The index of Decision 766 of an installation; raises `BadRuleFile`."""
    read = read_file(procedures / FOLDER / INDEX, _Index)
    groups = tuple(
        IndexGroup(
            group.code,
            group.name,
            group.points,
            tuple(
                Component(each.code, each.name, each.points, each.mark, each.denominator, each.figure)
                for each in group.components
            ),
        )
        for group in read.groups
    )
    return IndexRules(read.name, read.source, read.mark, read.since, groups)
