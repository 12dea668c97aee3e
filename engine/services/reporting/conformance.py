"""Whether files went the way that is published, and what citizens were asked again after they had handed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.domain.outcome import Result
from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table, percent, share
from engine.persistence.queries.ended import ended_sums
from engine.persistence.queries.report_shares import results_of
from engine.services.reporting.asked import Parts

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_KEPT = ("finished", "answered", "recorded_late", "returned", "supplemented", "supplemented_again", "corrected")
_COUNTS = (*_KEPT, "rejected")
_ENDED = "hồ sơ đã kết thúc trong kỳ"
_DEFINITIONS = (
    Definition("finished", "Hồ sơ đã kết thúc trong kỳ: trả kết quả, từ chối giải quyết, dừng, rút."),
    Definition(
        "recorded_late",
        "Trong số đó, có bước ghi nhận sau khi đã làm, không kể lần người giám sát không chấp nhận. Mọi bước khác do"
        " phần mềm dẫn theo quy trình nội bộ đã công bố, không bỏ qua được.",
    ),
    Definition("in_order_share", "Tỷ lệ hồ sơ đi đúng quy trình, ghi nhận ngay khi làm.", _ENDED),
    Definition("returned", "Có bước bị trả lại ít nhất một lần."),
    Definition("returned_share", "Tỷ lệ có bước bị trả lại.", _ENDED),
    Definition("supplemented", "Yêu cầu bổ sung sau khi đã tiếp nhận, ít nhất một lần."),
    Definition("supplemented_share", "Tỷ lệ phải bổ sung sau tiếp nhận.", _ENDED),
    Definition("supplemented_again", "Yêu cầu bổ sung từ hai lần."),
    Definition("answered", "Đã trả kết quả hoặc từ chối giải quyết."),
    Definition("rejected", "Từ chối giải quyết sau khi đã tiếp nhận."),
    Definition(
        "rejected_share", "Tỷ lệ từ chối giải quyết sau tiếp nhận.", "hồ sơ đã trả kết quả hoặc từ chối giải quyết"
    ),
    Definition("corrected", "Kết quả phải đính chính, sửa lại."),
)
_FIGURES = (
    Col("finished", "Đã kết thúc", group="Đúng quy trình"),
    Col("recorded_late", "Ghi nhận muộn", group="Đúng quy trình"),
    Col("in_order_share", "Tỷ lệ đúng", Kind.SHARE, group="Đúng quy trình"),
    Col("returned", "Có bước trả lại", group="Trả lại"),
    Col("returned_share", "Tỷ lệ", Kind.SHARE, group="Trả lại"),
    Col("supplemented", "Phải bổ sung", group="Bổ sung sau tiếp nhận"),
    Col("supplemented_share", "Tỷ lệ", Kind.SHARE, group="Bổ sung sau tiếp nhận"),
    Col("supplemented_again", "Từ hai lần", group="Bổ sung sau tiếp nhận"),
    Col("answered", "Đã trả lời", group="Từ chối sau tiếp nhận"),
    Col("rejected", "Từ chối", group="Từ chối sau tiếp nhận"),
    Col("rejected_share", "Tỷ lệ", Kind.SHARE, group="Từ chối sau tiếp nhận"),
    Col("corrected", "Phải đính chính"),
)
_Key = tuple[int, str]


def conformance(asked: Asked, tx: Transaction) -> Parts:
    """How far units and procedures kept to the way, and what was asked after receipt."""
    lines = _counted(asked, tx)
    names = tx.results.procedure_names({code for _unit, code in lines})
    units = _table("units", "Theo đơn vị giải quyết", "Đơn vị", lines, lambda key: asked.unit_name(key[0]))
    procedures = _table("procedures", "Theo thủ tục", "Thủ tục", lines, lambda key: (key[1], names.get(key[1], key[1])))
    drawing = Drawing(
        "bars",
        "Tỷ lệ phải bổ sung sau tiếp nhận theo đơn vị (%)",
        "Đơn vị",
        tuple(str(row["name"]) for row in units.rows),
        (Line("Phải bổ sung", "late", tuple(percent(row["supplemented_share"]) for row in units.rows)),),
        unit="%",
    )
    totals = (table.totals["finished"] for table in (units, procedures))
    check = Check("Theo đơn vị cộng lại bằng theo thủ tục", *(int(total or 0) for total in totals))
    note = "Hồ sơ chỉ nhận được tại Bộ phận Một cửa: phần mềm không nhận ở nơi khác, nên không có ngoại lệ để đếm."
    source = "Sở TN&MT Khánh Hòa, phụ lục PAR INDEX và SIPAS 9/2022, B.2.1 (đúng quy trình 100 %) và B.3.1."
    return Parts((units, procedures), _DEFINITIONS, (drawing,) if units.rows else (), (check,), (source,), (note,))


def _counted(asked: Asked, tx: Transaction) -> dict[_Key, dict[str, int]]:
    first, last, frame = asked.period.first, asked.period.last, asked.frame
    lines: defaultdict[_Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    for row in ended_sums(tx.connection, first, last, asked.unit_ids, "unit_id", "procedure_code"):
        if asked.is_counted(row):
            lines[row["unit_id"], row["procedure_code"]].update({name: row[name] for name in _KEPT})
    for row in results_of(tx.connection, frame.start, frame.end, asked.unit_ids, Result.REJECTED):
        if asked.is_counted(row):
            lines[row["unit_id"], row["procedure_code"]]["rejected"] = row["files"]
    return {key: line for key, line in lines.items() if any(line.values())}


def _table(
    key: str,
    title: str,
    head: str,
    lines: Mapping[_Key, Mapping[str, int]],
    named: Callable[[_Key], tuple[str, str]],
) -> Table:
    groups: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    totals = dict.fromkeys(_COUNTS, 0)
    for place, line in lines.items():
        for added in (groups[named(place)], totals):
            for name in _COUNTS:
                added[name] += line[name]
    rows = tuple({"code": code, "name": name, **line, **_shares(line)} for (code, name), line in sorted(groups.items()))
    return Table(key, title, (Col("name", head, Kind.TEXT), *_FIGURES), rows, {**totals, **_shares(totals)})


def _shares(line: Mapping[str, int]) -> dict[str, float | None]:
    finished = line["finished"]
    return {
        "in_order_share": share(finished - line["recorded_late"], finished),
        "returned_share": share(line["returned"], finished),
        "supplemented_share": share(line["supplemented"], finished),
        "rejected_share": share(line["rejected"], line["answered"]),
    }
