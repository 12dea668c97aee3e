"""What a survey of some months comes to: figures, how far they may be trusted, who answered, and the two sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.survey import (
    BothSources,
    Margin,
    Questionnaire,
    Stratum,
    SurveyFigure,
    add,
    bias,
    figure,
    margin,
    mean_margin,
    percent,
    sample_size,
    strata,
)

BY_TOKEN = "citizen"  # noqa: S105 - a source of ballots
SOURCES = {
    BY_TOKEN: "Trang của người dân",
    "kiosk": "Màn hình tại quầy",
    "typed": "Phiếu giấy nhập tay",
    "import": "Tệp",
}
RESULTS = "IV"
WHOLE = ""  # the code of the whole, where criteria and items have theirs
_Group = TypeVar("_Group", int, str, tuple[int, str, str])


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Citizens by one trait: who was served, who answered, and what that does to the figure, in words."""

    title: str
    parts: tuple[Stratum, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The results criterion of one unit, procedure and month with both its sources."""

    unit: str
    procedure: str
    month: str
    both: BothSources


@dataclass(frozen=True, slots=True)
class SurveyReport:
    """A survey of the months from `first` to `last`. Fewer ballots than may be shown: `is_hidden`, no value is told."""

    title: str
    first: str
    last: str
    figure: SurveyFigure
    is_hidden: bool
    least: int
    margins: Mapping[str, Margin]
    population: int
    sample: int
    by_source: tuple[tuple[str, int], ...]
    response: Decimal | None
    breakdowns: tuple[Breakdown, ...]
    sources: tuple[SourceRow, ...]
    months: tuple[tuple[str, int, Decimal | None], ...]

    @property
    def margin(self) -> Margin | None:
        """That of the whole."""
        return self.margins.get(WHOLE)


def report_of(
    questionnaire: Questionnaire,
    first: str,
    last: str,
    sums: Sequence[Mapping[str, Any]],
    served: Sequence[Mapping[str, Any]],
    named: Callable[[str, Any], str],
) -> SurveyReport:
    """Make the report of kept sums.

    `sums`: ballots by month, unit, procedure, channel, timeliness and source. `served`: ended dossiers by month, unit,
    procedure and channel. `named` says the name of a unit or procedure.
    """
    whole = figure_of(questionnaire, sums)
    least, population = questionnaire.least_ballots, sum(row["finished"] for row in served)
    hidden = whole.ballots < least
    return SurveyReport(
        title=questionnaire.title,
        first=first,
        last=last,
        figure=whole,
        is_hidden=hidden,
        least=least,
        margins=margins_of(whole, population, questionnaire),
        population=population,
        sample=sample_size(population, questionnaire.precision_percent),
        by_source=tuple((word, _count(sums, source=source)) for source, word in SOURCES.items()),
        response=percent(whole.by_token, population),
        breakdowns=() if hidden else _breakdowns(questionnaire, sums, served, named),
        sources=_sources(questionnaire, sums, served, named),
        months=tuple(_month(questionnaire, sums, month) for month in sorted({row["month"] for row in sums})),
    )


def figure_of(questionnaire: Questionnaire, sums: Iterable[Mapping[str, Any]]) -> SurveyFigure:
    """What kept sums come to."""
    tally: dict[str, dict[int, int]] = {}
    ballots = by_token = 0
    for row in sums:
        add(tally, row["tally"])
        ballots += row["ballots"]
        by_token += row["ballots"] if row["source"] == BY_TOKEN else 0
    return figure(questionnaire, tally, ballots, by_token)


def margin_of(whole: SurveyFigure, population: int, questionnaire: Questionnaire) -> Margin | None:
    """How far the whole may be trusted, of so many that were served."""
    return margins_of(whole, population, questionnaire).get(WHOLE)


def margins_of(whole: SurveyFigure, population: int, questionnaire: Questionnaire) -> dict[str, Margin]:
    """How far each item, each criterion and the whole may be trusted, by code; what nobody answered has none."""
    found: dict[str, Margin | None] = {}
    for criterion in whole.criteria:
        for item in criterion.items:
            share = item.satisfied / item.n if item.n else 0
            found[item.code] = margin(share, item.n, questionnaire.z, served=population, of_served=whole.by_token)
        found[criterion.code] = mean_margin(found[item.code] for item in criterion.items)
    found[WHOLE] = mean_margin(found[item.code] for each in whole.criteria for item in each.items)
    return {code: each for code, each in found.items() if each is not None}


def _count(sums: Iterable[Mapping[str, Any]], **where: str) -> int:
    return sum(row["ballots"] for row in sums if all(row[name] == value for name, value in where.items()))


def _month(
    questionnaire: Questionnaire, sums: Sequence[Mapping[str, Any]], month: str
) -> tuple[str, int, Decimal | None]:
    of_month = figure_of(questionnaire, [row for row in sums if row["month"] == month])
    return month, of_month.ballots, of_month.value if of_month.ballots >= questionnaire.least_ballots else None


def _breakdowns(
    questionnaire: Questionnaire,
    sums: Sequence[Mapping[str, Any]],
    served: Sequence[Mapping[str, Any]],
    named: Callable[[str, Any], str],
) -> tuple[Breakdown, ...]:
    """By procedure, by channel, by time: of the ballots that say it."""
    traits: tuple[tuple[str, str, dict[str, int], Callable[[str], str]], ...] = (
        ("procedure_code", "Theo thủ tục", _served(served, "procedure_code"), lambda code: named("procedure", code)),
        ("channel", "Theo hình thức nộp", _served(served, "channel"), lambda value: Channel(value).label),
        ("timeliness", "Theo thời hạn", _timely(served), lambda value: Timeliness(value).label),
    )
    found = []
    for column, title, population, label in traits:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for row in sums:
            if row[column]:
                groups.setdefault(row[column], []).append(row)
        figures = {key: figure_of(questionnaire, rows) for key, rows in groups.items()}
        groups_of = strata(
            population,
            {key: each.ballots for key, each in figures.items()},
            {key: each.value for key, each in figures.items()},
            questionnaire.least_ballots,
        )
        parts = tuple(replace(part, name=label(part.name)) for part in groups_of)
        found.append(Breakdown(title, parts, bias(parts, questionnaire.bias_points)))
    return tuple(found)


def _served(served: Iterable[Mapping[str, Any]], column: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in served:
        if row[column]:
            found[row[column]] = found.get(row[column], 0) + row["finished"]
    return found


def _timely(served: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {each.value: sum(row[each.value] for row in served) for each in Timeliness}


def _sources(
    questionnaire: Questionnaire,
    sums: Sequence[Mapping[str, Any]],
    served: Sequence[Mapping[str, Any]],
    named: Callable[[str, Any], str],
) -> tuple[SourceRow, ...]:
    """All of them together, then each unit, procedure and month in which anything ended: the widest apart first."""
    groups: dict[tuple[int, str, str], tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]] = {}
    for side, rows in ((0, sums), (1, served)):
        for row in rows:
            if row["procedure_code"]:
                key = (row["unit_id"], row["procedure_code"], row["month"])
                groups.setdefault(key, ([], []))[side].append(row)
    found: list[SourceRow] = []
    told = told_of({key: _count(ballots) for key, (ballots, _files) in groups.items()}, questionnaire.least_ballots)
    for key, (ballots, files) in sorted(groups.items()):
        (unit_id, code, month) = key
        if files:
            both = _both(questionnaire, ballots, files)
            if key not in told:
                both = replace(both, said=None)
            found.append(SourceRow(named("unit", unit_id), named("procedure", code), month, both))
    found.sort(key=lambda row: (row.both.verdict == "too_few", -abs(row.both.gap or Decimal(0))))
    return (SourceRow("", "", "", _both(questionnaire, sums, served)), *found)


def told_of(ballots: Mapping[_Group, int], least: int) -> set[_Group]:
    """The groups whose answers may be shown: if one alone were hidden, the whole minus the rest would tell it."""
    shown = {key for key, number in ballots.items() if number >= least}
    hidden = [key for key, number in ballots.items() if 0 < number < least]
    if len(hidden) == 1 and shown:
        shown.discard(min(shown, key=lambda key: (ballots[key], key)))
    return shown


def _both(
    questionnaire: Questionnaire, sums: Sequence[Mapping[str, Any]], served: Sequence[Mapping[str, Any]]
) -> BothSources:
    whole = figure_of(questionnaire, sums)
    answered, clean = (sum(row[name] for row in served) for name in ("answered", "clean"))
    is_told = whole.ballots >= questionnaire.least_ballots
    return BothSources(
        said=whole.criterion(RESULTS).value if is_told else None,
        n=max((item.n for item in whole.criterion(RESULTS).items), default=0),
        shown=percent(clean, answered),
        files=answered,
        clean=clean,
        points=questionnaire.disagreement_points,
        least=questionnaire.least_ballots,
    )
