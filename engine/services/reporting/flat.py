"""Reports that other use cases make as flat tables, brought into the one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput
from engine.domain.months import first_day, last_day
from engine.domain.report_model import Col, Kind, Table, cell
from engine.domain.report_words import WORDS
from engine.services.reporting.asked import Parts
from engine.services.reporting.survey_tables import survey_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.report import Report
    from engine.services.reporting.asked import Asked

_TEXTS = frozenset({"unit", "procedure", "month", "step", "dossier", "letter", "official", "grade", "code", "name"})
# Said in per cent already, not as a fraction.
_PERCENT = frozenset({("feedback", "on_time_share")})


class NoWholeMonth(BadInput):
    """Báo cáo này tính theo tháng dương lịch trọn vẹn; kỳ {period} không có tháng nào kết thúc trong đó."""

    code = "no_whole_month"


def flat(asked: Asked, name: str, *, by_month: bool) -> Parts:
    """A flat report of the period; of its whole calendar months where figures are kept by month."""
    notes: tuple[str, ...] = ()
    first, last = asked.period.first, asked.period.last
    if by_month:
        months = asked.period.months
        if not months:
            raise NoWholeMonth(period=asked.period.label)
        first, last = first_day(months[0]), last_day(months[-1])
        notes = (f"Số liệu giữ theo tháng dương lịch: tính các tháng từ {first:%m/%Y} đến {last:%m/%Y}.",)
    found = asked.kept.flats[name](first, last, asked.unit_ids, asked.at)
    zone = asked.office.settings.zone
    rows = tuple(_plain(row, zone) for row in found.rows)
    columns = tuple(Col(key, WORDS.get(key, key), _kind(name, key, rows)) for key in found.columns)
    totals = _plain(found.totals, zone) if set(found.totals) & set(found.columns) else {}
    tables = (Table(name, found.title, columns, rows, totals), *_published(found.beside), *survey_tables(found.beside))
    return Parts(tables, found.definitions, sources=_sources(found), notes=notes)


def _plain(row: Mapping[str, Any], zone: Any) -> dict[str, Any]:
    return {key: cell(value.astimezone(zone) if hasattr(value, "astimezone") else value) for key, value in row.items()}


def _kind(name: str, key: str, rows: tuple[Mapping[str, Any], ...]) -> Kind:
    if (name, key) in _PERCENT:
        return Kind.NUMBER
    if key.endswith(("_share", "_coverage")):
        return Kind.SHARE
    if key.endswith("_at"):
        return Kind.MOMENT
    if key == "confirmed" or any(isinstance(row.get(key), bool) for row in rows):
        return Kind.FLAG
    if key in _TEXTS:
        return Kind.TEXT
    return Kind.NUMBER if any(isinstance(row.get(key), float) for row in rows) else Kind.COUNT


def _published(beside: Mapping[str, Any]) -> tuple[Table, ...]:
    """What citizens said in a published survey of the same thing, and beside it what our files say of the period."""
    if "criterion" not in beside:
        return ()
    columns = (
        Col("name", "Tiêu chí", Kind.TEXT),
        Col("value", f"Năm {beside['year']} (%)", Kind.NUMBER),
        Col("target", f"Mục tiêu {beside['target_year']} (%)", Kind.NUMBER),
    )
    criterion = beside["criterion"]
    rows = tuple(
        {"name": f"{line['code']}. {line['name']}", "value": line["value"], "target": line["target"]}
        for line in (criterion, *criterion["items"])
    )
    own = tuple({"name": WORDS[name], "share": value} for name, value in beside["own"].items())
    shares = (Col("name", "Số liệu", Kind.TEXT), Col("share", "Tỷ lệ", Kind.SHARE))
    note = " ".join(beside["own_definitions"].values())
    return (
        Table("published", beside["title"], columns, rows),
        Table("own", "Số liệu của phần mềm trong kỳ", shares, own, note=note),
    )


def _sources(found: Report) -> tuple[str, ...]:
    return tuple(str(found.beside[key]) for key in ("source", "note") if found.beside.get(key))
