"""What online services come to: how much of each procedure comes online, how it fares there, how it is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.domain.fees import EXEMPT
from engine.domain.posted import OnlineLevel
from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table, percent, share
from engine.persistence.queries.ended import ended_sums
from engine.persistence.queries.report_shares import payments
from engine.persistence.queries.report_sums import received_sums
from engine.services.reporting.asked import Parts

if TYPE_CHECKING:
    from engine.domain.procedure import Procedure
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_ONLINE = "online"
_ENDED = ("early", "on_time", "late", "finished", "supplemented", "office_minutes")
_COUNTS = (
    "received",
    "online",
    *(f"{name}_{way}" for way in ("online", "direct") for name in _ENDED),
    "payments",
    "paid_online",
)
_DEFINITIONS = (
    Definition("level", "Mức độ cung cấp trực tuyến ghi trong dữ liệu niêm yết của thủ tục."),
    Definition("received", "Hồ sơ nhận trong kỳ, mọi hình thức nộp, kể cả sau đó bị từ chối tiếp nhận."),
    Definition("online", "Trong số đó, nộp trực tuyến."),
    Definition("online_share", "Tỷ lệ hồ sơ trực tuyến.", "hồ sơ nhận trong kỳ, mọi hình thức nộp"),
    Definition(
        "late_share_online",
        "Tỷ lệ quá hạn của hồ sơ nộp trực tuyến, và của hồ sơ nộp trực tiếp hoặc qua bưu chính.",
        "hồ sơ kết thúc trong kỳ có ngày hẹn, của hình thức nộp đó",
    ),
    Definition(
        "supplemented_share_online",
        "Tỷ lệ hồ sơ từng phải bổ sung, theo hình thức nộp.",
        "hồ sơ đã kết thúc trong kỳ, của hình thức nộp đó",
    ),
    Definition(
        "hours_online",
        "Trung bình giờ làm việc của Một cửa và các đơn vị cho một hồ sơ, theo hình thức nộp.",
        "hồ sơ đã kết thúc trong kỳ, của hình thức nộp đó",
    ),
    Definition(
        "payments",
        "Lần thu phí, lệ phí ghi trong sổ thu có ngày nộp trong kỳ; không kể miễn giảm và bút toán đã sửa.",
    ),
    Definition("paid_share", "Tỷ lệ thanh toán trực tuyến, đếm từ sổ thu.", "lần thu trong kỳ"),
    Definition(
        "value",
        "Tỷ lệ của tất cả. Thủ tục có thanh toán trực tuyến: có ít nhất một lần trong kỳ, chia cho thủ tục có thu phí,"
        " lệ phí trong kỳ. Thủ tục cung cấp trực tuyến: chia cho thủ tục đang áp dụng đã ghi mức độ trực tuyến.",
    ),
    Definition(
        "target",
        "Chỉ tiêu, đặt trong reports/report_calendar.yaml; đơn vị không có chỉ tiêu riêng theo chỉ tiêu chung.",
    ),
    Definition("reached", "Không thấp hơn chỉ tiêu."),
)
_FIGURES = {
    "online_share": "Hồ sơ trực tuyến",
    "paid_share": "Thanh toán trực tuyến",
    "paying_share": "Thủ tục có thanh toán trực tuyến",
    "offered_share": "Thủ tục cung cấp trực tuyến",
}
_Key = tuple[int, str]


def online(asked: Asked, tx: Transaction) -> Parts:
    """Every procedure by how it is handed in and paid, and each unit beside its targets."""
    lines = _counted(asked, tx)
    names = tx.results.procedure_names({code for _unit, code in lines})
    offered = _offered(asked)
    by_procedure = {
        code: _added(line for key, line in lines.items() if key[1] == code) for _unit, code in sorted(lines)
    }
    whole = _added(lines.values())
    rows: list[dict[str, Any]] = [
        {
            "code": code,
            "procedure": names.get(code, code),
            "level": _level(offered.get(code)),
            **line,
            **_shares(line),
        }
        for code, line in sorted(by_procedure.items())
    ]
    units = _units(asked, lines)
    said = {**_shares(whole), **_of_procedures(offered, by_procedure)}
    tables = (
        _targets(asked, said),
        Table("units", "Theo đơn vị giải quyết", _UNIT_COLUMNS, units, {**whole, **_shares(whole)}),
        Table("procedures", "Theo thủ tục", _PROCEDURE_COLUMNS, tuple(rows), {**whole, **_shares(whole)}),
    )
    drawing = Drawing(
        "bars",
        "Tỷ lệ hồ sơ trực tuyến theo đơn vị (%)",
        "Đơn vị",
        tuple(str(row["unit"]) for row in units),
        (Line("Trực tuyến", "brand", tuple(percent(row["online_share"]) for row in units)),),
        unit="%",
    )
    check = Check(
        "Hồ sơ nhận theo thủ tục cộng lại bằng theo đơn vị",
        sum(int(row["received"]) for row in rows),
        sum(int(row["received"]) for row in units),
    )
    sources = tuple(dict.fromkeys(target.source for target in asked.calendar.online_targets))
    note = "Thanh toán ngoài sổ thu của quầy (ví dụ nộp thẳng cho cơ quan thuế) không nằm trong số này."
    return Parts(tables, _DEFINITIONS, (drawing,) if units else (), (check,), sources, (note,))


def _counted(asked: Asked, tx: Transaction) -> Mapping[_Key, Mapping[str, int]]:
    """Every count by deciding unit and procedure."""
    first, last, connection = asked.period.first, asked.period.last, tx.connection
    lines: defaultdict[_Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    by = ("unit_id", "procedure_code", "channel")
    for row in received_sums(connection, first, last, asked.unit_ids, *by):
        line = lines[row["unit_id"], row["procedure_code"]]
        line["received"] += row["received"]
        line["online"] += row["received"] * (row["channel"] == _ONLINE)
    for row in ended_sums(connection, first, last, asked.unit_ids, *by):
        line = lines[row["unit_id"], row["procedure_code"]]
        way = "online" if row["channel"] == _ONLINE else "direct"
        for name in _ENDED:
            line[f"{name}_{way}"] += row[name]
    every = [unit.id for unit in asked.office.units]
    for row in payments(connection, first, last, asked.unit_ids, every):
        if row["method"] != EXEMPT:
            line = lines[row["unit_id"], row["procedure_code"]]
            line["payments"] += row["payments"]
            line["paid_online"] += row["payments"] * (row["method"] in asked.calendar.online_methods)
    internal = asked.calendar.internal_procedures
    return {key: line for key, line in lines.items() if key[1] not in internal and any(line.values())}


def _added(lines: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found = dict.fromkeys(_COUNTS, 0)
    for line in lines:
        for name in _COUNTS:
            found[name] += line[name]
    return found


def _shares(line: Mapping[str, int]) -> dict[str, float | None]:
    found = {
        "online_share": share(line["online"], line["received"]),
        "paid_share": share(line["paid_online"], line["payments"]),
    }
    for way in ("online", "direct"):
        dated = sum(line[f"{name}_{way}"] for name in ("early", "on_time", "late"))
        finished = line[f"finished_{way}"]
        found[f"late_share_{way}"] = share(line[f"late_{way}"], dated)
        found[f"supplemented_share_{way}"] = share(line[f"supplemented_{way}"], finished)
        found[f"hours_{way}"] = round(line[f"office_minutes_{way}"] / 60 / finished, 2) if finished else None
    return found


# --- targets ---


def _offered(asked: Asked) -> Mapping[str, Procedure]:
    """What is in force and counted, by code: of several levels the one that offers most."""
    found: dict[str, Procedure] = {}
    on = asked.office.local_day(asked.at)
    for drawn in asked.office.library.current():
        procedure = drawn.procedure
        is_over = procedure.effective_to is not None and procedure.effective_to < on
        if procedure.code in asked.calendar.internal_procedures or is_over:
            continue
        if procedure.code not in found or found[procedure.code].online is None:
            found[procedure.code] = procedure
    return found


def _level(procedure: Procedure | None) -> str:
    return procedure.online.level.label if procedure is not None and procedure.online is not None else "chưa rõ"


def _of_procedures(
    offered: Mapping[str, Procedure], counted: Mapping[str, Mapping[str, int]]
) -> dict[str, float | None]:
    """Shares that count procedures, not files."""
    levels = [procedure.online.level for procedure in offered.values() if procedure.online is not None]
    paying = [line for line in counted.values() if line["payments"]]
    return {
        "offered_share": share(sum(level is not OnlineLevel.NONE for level in levels), len(levels)),
        "paying_share": share(sum(line["paid_online"] > 0 for line in paying), len(paying)),
    }


def _targets(asked: Asked, said: Mapping[str, float | None]) -> Table:
    rows = tuple(
        {"figure": _FIGURES[each.figure], "value": said[each.figure], **_against(said[each.figure], each.share)}
        for each in asked.calendar.online_targets
        if not each.unit
    )
    columns = (
        Col("figure", "Chỉ tiêu", Kind.TEXT),
        Col("value", "Đạt được", Kind.SHARE),
        Col("target", "Chỉ tiêu giao", Kind.SHARE),
        Col("reached", "Đạt", Kind.FLAG),
    )
    return Table("targets", "So với chỉ tiêu chung", columns, rows)


def _against(value: float | None, target: float | None) -> dict[str, Any]:
    reached = None if value is None or target is None else value >= target
    return {"target": target, "reached": reached}


def _units(asked: Asked, lines: Mapping[_Key, Mapping[str, int]]) -> tuple[dict[str, Any], ...]:
    targets: dict[str, float] = {}
    for each in asked.calendar.online_targets:
        if each.figure == "online_share":
            targets.setdefault(each.unit, each.share)
    rows = []
    for unit_id in {unit_id for unit_id, _code in lines}:
        code, name = asked.unit_name(unit_id)
        line = _added(line for key, line in lines.items() if key[0] == unit_id)
        shares = _shares(line)
        target = targets.get(code, targets.get(""))
        rows.append({"code": code, "unit": name, **line, **shares, **_against(shares["online_share"], target)})
    return tuple(sorted(rows, key=lambda row: row["code"]))


_RECEIVED = (
    Col("received", "Nhận", group="Hồ sơ"),
    Col("online", "Trực tuyến", group="Hồ sơ"),
    Col("online_share", "Tỷ lệ trực tuyến", Kind.SHARE, group="Hồ sơ"),
)
_PAID = (
    Col("payments", "Lần thu", group="Thanh toán"),
    Col("paid_online", "Trực tuyến", group="Thanh toán"),
    Col("paid_share", "Tỷ lệ trực tuyến", Kind.SHARE, group="Thanh toán"),
)
_UNIT_COLUMNS = (
    Col("unit", "Đơn vị", Kind.TEXT),
    *_RECEIVED,
    Col("target", "Chỉ tiêu", Kind.SHARE, group="Hồ sơ"),
    Col("reached", "Đạt", Kind.FLAG, group="Hồ sơ"),
    *_PAID,
)
_PROCEDURE_COLUMNS = (
    Col("code", "Mã", Kind.TEXT),
    Col("procedure", "Thủ tục", Kind.TEXT),
    Col("level", "Mức độ", Kind.TEXT),
    *_RECEIVED,
    Col("late_share_online", "Trực tuyến", Kind.SHARE, group="Quá hạn"),
    Col("late_share_direct", "Nộp khác", Kind.SHARE, group="Quá hạn"),
    Col("supplemented_share_online", "Trực tuyến", Kind.SHARE, group="Phải bổ sung"),
    Col("supplemented_share_direct", "Nộp khác", Kind.SHARE, group="Phải bổ sung"),
    Col("hours_online", "Trực tuyến", Kind.NUMBER, group="Giờ làm việc"),
    Col("hours_direct", "Nộp khác", Kind.NUMBER, group="Giờ làm việc"),
    *_PAID,
)
