"""Our own survey against its goal: over years and months, by sector and unit, lowest items first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.domain.months import first_day, last_day, months_between
from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table
from engine.domain.results_reports import NOT_OFFICIAL
from engine.domain.survey import Questionnaire
from engine.domain.survey_report import figure_of, margin_of, told_of
from engine.persistence.queries.ended import ended_sums
from engine.rule_files.evaluation import load_published, load_questionnaire
from engine.services.reporting.asked import OTHER_SECTOR, Parts
from engine.services.reporting.flat import NoWholeMonth

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_Sums = Sequence[Mapping[str, Any]]
_YEARS, _MONTHS = 4, 12
_ALL = "Tất cả"
_NO_PROCEDURE = ("~~", "Phiếu không ghi thủ tục")
_STANDING = (
    Definition("ballots", "Số phiếu của nhóm, mọi nguồn (trang người dân, màn hình tại quầy, phiếu giấy, tệp)."),
    Definition(
        "value",
        "Chỉ số chung của nhóm (%): trung bình tỷ lệ hài lòng của các mục có trả lời, cách tính như báo cáo khảo sát."
        " Trống khi nhóm có quá ít phiếu, hoặc khi từ số của nhóm có thể suy ra một nhóm quá ít phiếu.",
        "câu trả lời hợp lệ của từng mục",
    ),
    Definition("margin", "Sai số 95 % của chỉ số chung, điểm phần trăm."),
    Definition("goal", "Mục tiêu của năm (%)."),
    Definition("distance", "Chỉ số chung trừ mục tiêu, điểm phần trăm; số âm là chưa đạt."),
    Definition("reached", "Chỉ số chung không thấp hơn mục tiêu."),
    Definition("before", "Chỉ số của cùng các tháng năm trước (%)."),
    Definition("change", "Tăng, giảm so với cùng các tháng năm trước, điểm phần trăm."),
    Definition(
        "criterion_I", "Trung bình các mục của tiêu chí I đến V trong nhóm (%); III là thái độ, năng lực công chức."
    ),
    Definition("rank", "Thứ tự từ thấp nhất; mục có quá ít câu trả lời không xếp thứ tự."),
    Definition("published", "Giá trị SIPAS đã công bố của mục (%), để đặt cạnh."),
    Definition("target", "Mục tiêu đã công bố của mục (%)."),
)


def standing(asked: Asked, tx: Transaction) -> Parts:
    """How satisfied citizens are beside the goal and the years before, and where they are least so."""
    months = _months(asked)
    questionnaire = load_questionnaire(asked.office.settings.procedures)
    year = int(months[-1][:4])
    by_year = {
        each: tx.surveys.months(_shifted(months[0], each - year), _shifted(months[-1], each - year), asked.unit_ids)
        for each in range(year - _YEARS + 1, year + 1)
    }
    back = months_between(f"{year - 2}-{months[-1][5:]}", months[-1])[-2 * _MONTHS :]
    recent = tx.surveys.months(back[0], back[-1], asked.unit_ids)
    sums = by_year[year]
    goal = questionnaire.goal(year)
    shown_months = _by_month(questionnaire, recent, back)
    tables = (
        _whole(asked, tx, questionnaire, by_year, months),
        _years(questionnaire, by_year),
        shown_months,
        _groups("sectors", "Theo lĩnh vực, thấp nhất trước", "Lĩnh vực", questionnaire, _sectors(asked, sums), year),
        _groups("units", "Theo đơn vị, thấp nhất trước", "Đơn vị", questionnaire, sums_by_unit(asked, sums), year),
        _items(asked, questionnaire, sums),
    )
    drawing = Drawing(
        "lines",
        "Chỉ số hài lòng tự khảo sát theo tháng (%)",
        "Tháng",
        tuple(str(row["month"]) for row in shown_months.rows),
        (Line("Tự khảo sát", "brand", tuple(_as_float(row["value"]) for row in shown_months.rows)),),
        float(goal.percent) if goal else None,
        "%",
    )
    said = (goal.source,) if goal else ()
    return Parts(
        tables,
        _STANDING,
        (drawing,) if sums else (),
        (Check("Phiếu theo đơn vị cộng lại bằng số phiếu", _total(tables[4]), _total(tables[0])),),
        sources=(*said, NOT_OFFICIAL),
        notes=(_of_months(months),),
    )


def _months(asked: Asked) -> tuple[str, ...]:
    months = asked.period.months
    if not months:
        raise NoWholeMonth(period=asked.period.label)
    return months


def _of_months(months: Sequence[str]) -> str:
    first, last = first_day(months[0]), last_day(months[-1])
    return f"Số liệu giữ theo tháng dương lịch: tính các tháng từ {first:%m/%Y} đến {last:%m/%Y}."


def _shifted(month: str, years: int) -> str:
    return f"{int(month[:4]) + years}{month[4:]}"


def _total(table: Table) -> float:
    return sum(int(row["ballots"] or 0) for row in table.rows)


def _as_float(value: Any) -> float | None:
    return None if value is None else float(value)


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 2)


def ballots_of(rows: Iterable[Mapping[str, Any]]) -> int:
    """How many ballots some sums are of."""
    return sum(int(row["ballots"]) for row in rows)


def _values(questionnaire: Questionnaire, groups: Mapping[Any, _Sums]) -> dict[Any, float | None]:
    """The index of each group; None where it may not be told."""
    told = told_of({key: ballots_of(rows) for key, rows in groups.items()}, questionnaire.least_ballots)
    return {
        key: _as_float(figure_of(questionnaire, rows).value) if key in told else None for key, rows in groups.items()
    }


def _against(value: float | None, questionnaire: Questionnaire, year: int) -> dict[str, Any]:
    """A value beside the goal of a year."""
    goal = questionnaire.goal(year)
    percent = float(goal.percent) if goal else None
    distance = _difference(value, percent)
    return {"goal": percent, "distance": distance, "reached": None if distance is None else distance >= 0}


_GOAL = (
    Col("goal", "Mục tiêu (%)", Kind.NUMBER),
    Col("distance", "So với mục tiêu", Kind.NUMBER),
    Col("reached", "Đạt", Kind.FLAG),
)
_CHANGE = Col("change", "So với năm trước", Kind.NUMBER)
_INDEX = (Col("ballots", "Phiếu"), Col("value", "Chỉ số (%)", Kind.NUMBER))


def _whole(
    asked: Asked,
    tx: Transaction,
    questionnaire: Questionnaire,
    by_year: Mapping[int, _Sums],
    months: Sequence[str],
) -> Table:
    year = max(by_year)
    values = _values(questionnaire, by_year)
    served = ended_sums(tx.connection, first_day(months[0]), last_day(months[-1]), asked.unit_ids)
    population = sum(row["finished"] for row in served)
    margin = margin_of(figure_of(questionnaire, by_year[year]), population, questionnaire)
    value, before = values[year], values[year - 1]
    row = {
        "scope": _ALL,
        "ballots": ballots_of(by_year[year]),
        "value": value,
        "margin": float(margin.points) if margin and value is not None else None,
        **_against(value, questionnaire, year),
        "before": before,
        "change": _difference(value, before),
    }
    columns = (
        Col("scope", "Phạm vi", Kind.TEXT),
        *_INDEX,
        Col("margin", "Sai số ±", Kind.NUMBER),
        *_GOAL,
        Col("before", "Năm trước (%)", Kind.NUMBER),
        _CHANGE,
    )
    return Table("whole", "Chỉ số chung", columns, (row,))


def _years(questionnaire: Questionnaire, by_year: Mapping[int, _Sums]) -> Table:
    values = _values(questionnaire, by_year)
    rows = tuple(
        {
            "year": str(year),
            "ballots": ballots_of(by_year[year]),
            "value": values[year],
            "change": _difference(values[year], values.get(year - 1)),
            **_against(values[year], questionnaire, year),
        }
        for year in sorted(by_year)
    )
    columns = (Col("year", "Năm", Kind.TEXT), *_INDEX, _CHANGE, *_GOAL)
    return Table("years", "Cùng các tháng của những năm trước", columns, rows)


def _by_month(questionnaire: Questionnaire, sums: _Sums, months: Sequence[str]) -> Table:
    groups: dict[str, list[Mapping[str, Any]]] = {month: [] for month in months}
    for row in sums:
        groups[row["month"]].append(row)
    values = _values(questionnaire, groups)
    rows: list[dict[str, Any]] = []
    for month in months[-_MONTHS:]:
        before = values.get(_shifted(month, -1))
        line = {"month": month, "ballots": ballots_of(groups[month]), "value": values[month], "before": before}
        rows.append({**line, "change": _difference(values[month], before)})
    columns = (Col("month", "Tháng", Kind.TEXT), *_INDEX, Col("before", "Năm trước (%)", Kind.NUMBER), _CHANGE)
    return Table("months", "Mười hai tháng gần nhất", columns, tuple(rows))


_Name = tuple[str, str]


def _grouped(sums: _Sums, name: Callable[[Mapping[str, Any]], _Name]) -> dict[_Name, list[Mapping[str, Any]]]:
    found: defaultdict[_Name, list[Mapping[str, Any]]] = defaultdict(list)
    for row in sums:
        found[name(row)].append(row)
    return dict(found)


def _sectors(asked: Asked, sums: _Sums) -> dict[_Name, list[Mapping[str, Any]]]:
    known = asked.sectors()
    return _grouped(
        sums,
        lambda row: known.get(row["procedure_code"], OTHER_SECTOR) if row["procedure_code"] else _NO_PROCEDURE,
    )


def sums_by_unit(asked: Asked, sums: _Sums) -> dict[_Name, list[Mapping[str, Any]]]:
    """Sums by code and name of their unit."""
    return _grouped(sums, lambda row: asked.unit_name(row["unit_id"]))


def _groups(
    key: str, title: str, head: str, questionnaire: Questionnaire, groups: Mapping[_Name, _Sums], year: int
) -> Table:
    """Groups with their index and the five criteria, the least satisfied first."""
    told = told_of({name: ballots_of(rows) for (name, _label), rows in groups.items()}, questionnaire.least_ballots)
    rows = []
    for (code, label), members in groups.items():
        found = figure_of(questionnaire, members)
        is_told = code in told
        value = _as_float(found.value) if is_told else None
        criteria = {f"criterion_{each.code}": _as_float(each.value) if is_told else None for each in found.criteria}
        rows.append(
            {
                "code": code,
                "name": label,
                "ballots": found.ballots,
                "value": value,
                **_against(value, questionnaire, year),
                **criteria,
            }
        )
    rows.sort(key=lambda row: (row["value"] is None, row["value"], row["code"]))
    criteria_columns = tuple(
        Col(f"criterion_{each.code}", each.code, Kind.NUMBER, "Tiêu chí (%)") for each in questionnaire.criteria
    )
    return Table(key, title, (Col("name", head, Kind.TEXT), *_INDEX, *_GOAL, *criteria_columns), tuple(rows))


def _items(asked: Asked, questionnaire: Questionnaire, sums: _Sums) -> Table:
    """Every item, the least satisfied first; those that too few answered stand last, without a value."""
    table = load_published(asked.office.settings.procedures)
    known = {item.code: item for each in table.criteria for item in each.items} if table else {}
    least = questionnaire.least_ballots if ballots_of(sums) >= questionnaire.least_ballots else None
    rows: list[dict[str, Any]] = []
    for criterion in figure_of(questionnaire, sums).criteria:
        for item in criterion.items:
            value = _as_float(item.value) if least is not None and item.n >= least else None
            public = known.get(item.code)
            target = _as_float(public.target) if public else None
            row = {"code": item.code, "name": item.name, "n": item.n, "value": value, "target": target}
            published = _as_float(public.value) if public else None
            rows.append({**row, "published": published, "distance": _difference(value, target)})
    rows.sort(key=lambda row: (row["value"] is None, row["value"] or 0.0))
    for place, row in enumerate(rows, 1):
        row["rank"] = place if row["value"] is not None else None
    columns = (
        Col("code", "Mã", Kind.TEXT),
        Col("name", "Mục", Kind.TEXT),
        Col("rank", "Thứ tự"),
        Col("n", "Câu trả lời"),
        Col("value", "Hài lòng (%)", Kind.NUMBER),
        Col("target", f"Mục tiêu {table.target_year if table else ''} (%)", Kind.NUMBER),
        Col("distance", "So với mục tiêu", Kind.NUMBER),
        Col("published", f"SIPAS {table.year if table else ''} (%)", Kind.NUMBER),
    )
    return Table("items", "Từng mục, thấp nhất trước", columns, tuple(rows))
