"""How much comes online, is paid online, is scanned, leaves by post: by unit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.domain.report import Definition
from engine.domain.report_model import Col, Drawing, Kind, Line, Table, share
from engine.persistence.queries.report_shares import result_channels, scanned
from engine.persistence.queries.report_sums import received_sums
from engine.services.reporting.asked import Parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_PAID = "qd766:online_payments"
_COUNTS = ("received", "online", "postal", "answered", "scanned", "by_post", "electronic")
_DEFINITIONS = (
    Definition("received", "Hồ sơ nhận trong kỳ, mọi hình thức nộp, kể cả sau đó bị từ chối tiếp nhận."),
    Definition("online_share", "Tỷ lệ nộp trực tuyến.", "hồ sơ nhận trong kỳ"),
    Definition("postal_share", "Tỷ lệ nộp qua bưu chính công ích.", "hồ sơ nhận trong kỳ"),
    Definition("answered", "Hồ sơ giải quyết xong trong kỳ, đã trả kết quả hoặc từ chối giải quyết."),
    Definition("scanned_share", "Tỷ lệ số hóa: có ít nhất một tệp đính kèm chưa gỡ.", "hồ sơ đã trả lời trong kỳ"),
    Definition("by_post_share", "Tỷ lệ đăng ký nhận kết quả qua bưu chính.", "hồ sơ đã trả lời trong kỳ"),
    Definition("electronic_share", "Tỷ lệ đăng ký nhận kết quả trực tuyến.", "hồ sơ đã trả lời trong kỳ"),
    Definition(
        "paid_share",
        "Số do người giám sát nhập kèm căn cứ ở trang Bộ chỉ số 766, trung bình các tháng đã nhập;"
        " phần mềm không thu tiền nên không tự đo. Trống: chưa đo.",
        "giao dịch thanh toán phí và nghĩa vụ tài chính",
    ),
)
_COLUMNS = (
    Col("unit", "Đơn vị", Kind.TEXT),
    Col("received", "Nhận", group="Tiếp nhận"),
    Col("online", "Trực tuyến", group="Tiếp nhận"),
    Col("online_share", "Tỷ lệ trực tuyến", Kind.SHARE, group="Tiếp nhận"),
    Col("postal", "Bưu chính", group="Tiếp nhận"),
    Col("postal_share", "Tỷ lệ bưu chính", Kind.SHARE, group="Tiếp nhận"),
    Col("answered", "Đã trả lời", group="Kết quả"),
    Col("scanned", "Đã số hóa", group="Kết quả"),
    Col("scanned_share", "Tỷ lệ số hóa", Kind.SHARE, group="Kết quả"),
    Col("by_post", "Trả qua bưu chính", group="Kết quả"),
    Col("by_post_share", "Tỷ lệ bưu chính", Kind.SHARE, group="Kết quả"),
    Col("electronic_share", "Tỷ lệ trả trực tuyến", Kind.SHARE, group="Kết quả"),
    Col("paid_share", "Thanh toán trực tuyến", Kind.SHARE),
)


def channels(asked: Asked, tx: Transaction) -> Parts:
    """The shares of each unit and of all."""
    connection, frame, period = tx.connection, asked.frame, asked.period
    lines: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    by = ("unit_id", "procedure_code", "channel")
    for row in received_sums(connection, period.first, period.last, asked.unit_ids, *by):
        if asked.is_counted(row):
            line = lines[row["unit_id"]]
            line["received"] += row["received"]
            if row["channel"] in {"online", "postal"}:
                line[row["channel"]] += row["received"]
    for row in result_channels(connection, frame.start, frame.end, asked.unit_ids):
        if asked.is_counted(row):
            line = lines[row["unit_id"]]
            line["answered"] += row["answered"]
            line["by_post"] += row["answered"] * (row["result_channel"] == "postal")
            line["electronic"] += row["answered"] * (row["result_channel"] == "online")
    for row in scanned(connection, frame.start, frame.end, asked.unit_ids):
        if asked.is_counted(row):
            lines[row["unit_id"]]["scanned"] += row["scanned"]
    return _parts(asked, tx, lines)


def _parts(asked: Asked, tx: Transaction, lines: Mapping[int, Mapping[str, int]]) -> Parts:
    paid = _paid(asked, tx)

    def shares(unit_id: int | None, line: Mapping[str, int]) -> dict[str, float | None]:
        return {**_shares(line), "paid_share": paid.get(unit_id)}

    rows, totals = asked.of_units(lines, _COUNTS, shares)
    table = Table("units", "Theo đơn vị giải quyết", _COLUMNS, rows, totals)
    names = {
        "online_share": "Nộp trực tuyến",
        "postal_share": "Nộp qua bưu chính",
        "scanned_share": "Số hóa",
        "by_post_share": "Trả qua bưu chính",
        "electronic_share": "Trả trực tuyến",
    }
    values = tuple(None if totals[key] is None else round(totals[key] * 100, 2) for key in names)
    drawing = Drawing(
        "bars", "Tỷ lệ của tất cả (%)", "Hình thức", tuple(names.values()), (Line("Tỷ lệ", "brand", values),), unit="%"
    )
    return Parts((table,), _DEFINITIONS, (drawing,) if rows else ())


def _shares(line: Mapping[str, int]) -> dict[str, float | None]:
    return {
        "online_share": share(line["online"], line["received"]),
        "postal_share": share(line["postal"], line["received"]),
        "scanned_share": share(line["scanned"], line["answered"]),
        "by_post_share": share(line["by_post"], line["answered"]),
        "electronic_share": share(line["electronic"], line["answered"]),
    }


def _paid(asked: Asked, tx: Transaction) -> dict[int | None, float]:
    """By unit, the mean of what was entered for the months of the period."""
    months = asked.period.months
    said: defaultdict[int | None, list[float]] = defaultdict(list)
    for entry in tx.surveys.latest_entries(asked.unit_ids, months[0], months[-1]) if months else ():
        if entry.code == _PAID:
            said[entry.unit_id].append(float(entry.value) / 100)
    return {unit_id: round(sum(each) / len(each), 4) for unit_id, each in said.items()}
