"""The frame of a survey: how many were served by whom for what, and how many of them should be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Kind, Table
from engine.domain.results_reports import NOT_OFFICIAL
from engine.domain.survey import sample_size
from engine.persistence.queries.ended import ended_sums
from engine.rule_files.evaluation import load_questionnaire
from engine.services.reporting.asked import Parts
from engine.services.reporting.satisfaction import ballots_of, sums_by_unit

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_Name = tuple[str, str]
_Sums = Sequence[Mapping[str, Any]]
_DEFINITIONS = (
    Definition("served", "N: hồ sơ đã kết thúc trong kỳ (trả kết quả, từ chối giải quyết, dừng, rút)."),
    Definition("share", "Phần của nhóm trong tất cả.", "N của tất cả"),
    Definition(
        "wanted",
        "Số phiếu phân bổ cho nhóm: n = N ÷ (1 + N·e²) của tất cả chia theo tỷ lệ N, làm tròn cho tổng đúng bằng n.",
    ),
    Definition("alone", "Số phiếu cần có để nói riêng về đơn vị với cùng sai số e: n tính trên N của riêng đơn vị."),
    Definition("ballots", "Số phiếu tự khảo sát đã có trong các tháng trọn vẹn của kỳ."),
)


def sample_frame(asked: Asked, tx: Transaction) -> Parts:
    """How many were served by whom for what, and how many of them a survey should ask."""
    questionnaire = load_questionnaire(asked.office.settings.procedures)
    first, last = asked.period.first, asked.period.last
    served: defaultdict[tuple[_Name, str], int] = defaultdict(int)
    for row in ended_sums(tx.connection, first, last, asked.unit_ids, "unit_id", "procedure_code"):
        if asked.is_counted(row) and row["finished"]:
            served[asked.unit_name(row["unit_id"]), row["procedure_code"]] += row["finished"]
    whole = sum(served.values())
    precision = questionnaire.precision_percent
    wanted = allotted(served, sample_size(whole, precision))
    months = asked.period.months
    ballots = tx.surveys.months(months[0], months[-1], asked.unit_ids) if months else []
    names = tx.results.procedure_names({code for _unit, code in served})
    rows: tuple[dict[str, Any], ...] = tuple(
        {
            "unit_code": unit[0],
            "unit": unit[1],
            "code": code,
            "procedure": names.get(code, code),
            "served": served[unit, code],
            "share": round(served[unit, code] / whole, 4),
            "wanted": wanted[unit, code],
        }
        for unit, code in sorted(served)
    )
    units = _by_unit(served, wanted, sums_by_unit(asked, ballots), precision)
    total = {"served": whole, "wanted": sum(wanted.values())}
    counts = (Col("served", "N"), Col("share", "Tỷ trọng", Kind.SHARE), Col("wanted", "Phiếu phân bổ"))
    unit = Col("unit", "Đơn vị", Kind.TEXT)
    tables = (
        Table(
            "units",
            "Theo đơn vị",
            (unit, *counts, Col("alone", "Mẫu riêng của đơn vị"), Col("ballots", "Đã có phiếu")),
            units,
            {**total, "ballots": sum(int(row["ballots"]) for row in units)},
        ),
        Table(
            "strata",
            "Khung mẫu: đơn vị và thủ tục",
            (unit, Col("code", "Mã", Kind.TEXT), Col("procedure", "Thủ tục", Kind.TEXT), *counts),
            rows,
            total,
        ),
    )
    note = f"e = {precision} %. Danh sách hồ sơ được rút ngẫu nhiên, lập lại được, lấy ở trang Chọn mẫu kiểm tra."
    checks = (Check("Số phiếu phân bổ cộng lại bằng mẫu n", total["wanted"], sample_size(whole, precision)),)
    source = "Công văn 2542/UBND-SNV, phụ lục 2, mục 5–6: kế hoạch đo lường sự hài lòng hằng năm."
    return Parts(tables, _DEFINITIONS, checks=checks, sources=(source, NOT_OFFICIAL), notes=(note,))


def _by_unit(
    served: Mapping[tuple[_Name, str], int],
    wanted: Mapping[tuple[_Name, str], int],
    ballots: Mapping[_Name, _Sums],
    precision: int,
) -> tuple[dict[str, Any], ...]:
    whole = sum(served.values())
    rows = []
    for unit in sorted({unit for unit, _code in served} | set(ballots)):
        number = sum(each for key, each in served.items() if key[0] == unit)
        rows.append(
            {
                "code": unit[0],
                "unit": unit[1],
                "served": number,
                "share": round(number / whole, 4) if whole else None,
                "wanted": sum(each for key, each in wanted.items() if key[0] == unit),
                "alone": sample_size(number, precision),
                "ballots": ballots_of(ballots.get(unit, ())),
            }
        )
    return tuple(rows)


def allotted(served: Mapping[Any, int], sample: int) -> dict[Any, int]:
    """A sample shared out by size so that it adds up: largest remainders first, then by name."""
    whole = sum(served.values())
    found = {key: number * sample // whole for key, number in served.items()}
    rest = sorted(served, key=lambda key: (-(served[key] * sample % whole), key))
    for key in rest[: sample - sum(found.values())]:
        found[key] += 1
    return found
