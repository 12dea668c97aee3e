"""What stands beside the items of our own survey in its report: criteria, both sources of the results, who answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.report_model import Col, Kind, Table

_UNIT, _PERCENT = Col("unit", "Đơn vị", Kind.TEXT), Kind.NUMBER
_VERDICTS = {
    "agree": "khớp",
    "citizens_lower": "lệch: hồ sơ tốt hơn cảm nhận",
    "files_lower": "lệch: cảm nhận tốt hơn hồ sơ",
    "too_few": "chưa so được: quá ít, hoặc lộ nhóm quá ít",
}
_SOURCES = "Tiêu chí kết quả: người dân nói gì, hồ sơ cho thấy gì; lệch nhiều nhất trước"
_NOTE = (
    "Người dân: trung bình các mục của tiêu chí IV. Hồ sơ: đã trả lời đúng hoặc trước hạn và không phải sửa ÷ hồ sơ đã"
    " trả kết quả hoặc từ chối giải quyết. Chỉ nêu nơi có người dân trả lời."
)


def survey_tables(beside: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables of a report of the survey; none of any other report."""
    if "sources" not in beside:
        return ()
    whole, *groups = beside["sources"]
    answered = [row for row in groups if row["n"]]
    sources = tuple({**row, "verdict": _VERDICTS[row["verdict"]]} for row in (whole | {"unit": "Tất cả"}, *answered))
    parts = [{"trait": each["title"], **part} for each in beside["breakdowns"] for part in each["parts"]]
    said = [sentence for each in beside["breakdowns"] for sentence in each["said"]]
    return (
        Table(
            "criteria",
            "Từng tiêu chí",
            (
                Col("code", "Mã", Kind.TEXT),
                Col("name", "Tiêu chí", Kind.TEXT),
                Col("value", "Hài lòng (%)", _PERCENT),
                Col("margin", "Sai số ±", Kind.NUMBER),
            ),
            tuple(beside["criteria"]),
        ),
        Table(
            "sources",
            _SOURCES,
            (
                _UNIT,
                Col("procedure", "Thủ tục", Kind.TEXT),
                Col("month", "Tháng", Kind.TEXT),
                Col("citizens_say", "Người dân (%)", _PERCENT),
                Col("n", "Câu trả lời"),
                Col("files_show", "Hồ sơ (%)", _PERCENT),
                Col("files", "Số hồ sơ"),
                Col("verdict", "So hai nguồn", Kind.TEXT),
            ),
            sources,
            note=_NOTE,
        ),
        Table(
            "answered",
            "Ai đã trả lời, so với ai được phục vụ",
            (
                Col("trait", "Phân theo", Kind.TEXT),
                Col("name", "Nhóm", Kind.TEXT),
                Col("served", "Được phục vụ"),
                Col("answered", "Đã trả lời"),
                Col("value", "Hài lòng (%)", _PERCENT),
            ),
            tuple(parts),
            note=" ".join(f"{sentence}." for sentence in said),
        ),
    )
