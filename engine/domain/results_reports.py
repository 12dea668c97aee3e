"""Sheets and surveys as reports for the command line: rows and totals, each figure with its definition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from engine.domain.evaluation import COUNTS, Sheet, SheetLine
from engine.domain.indicators import NineRules
from engine.domain.report import Definition, Report
from engine.domain.sipas import SipasTable
from engine.domain.survey_report import WHOLE, SurveyReport

NOT_OFFICIAL = (
    "Kết quả này do cơ quan tự khảo sát và tự tính, không phải Chỉ số SIPAS chính thức do Bộ Nội vụ công bố và không"
    " thay cho chỉ số đó. Số liệu SIPAS đã công bố đặt cạnh chỉ để tham khảo."
)
_COUNTED = (
    Definition("files", "Hồ sơ đã trả kết quả hoặc từ chối giải quyết trong tháng, có đơn vị, người này xử lý."),
    Definition("early", "Trong số đó, xong trước ngày hẹn."),
    Definition("on_time", "Trong số đó, xong trong ngày hẹn, không muộn hơn giờ hẹn."),
    Definition("late", "Trong số đó, xong sau thời điểm hẹn ban đầu."),
    Definition("corrected", "Trong số đó, có kết quả phải đính chính."),
    Definition("returned", "Trong số đó, có bước bị trả lại ít nhất một lần."),
    Definition("supplemented_again", "Trong số đó, yêu cầu bổ sung từ hai lần."),
    Definition("upheld", "Trong số đó, có phản ánh, kiến nghị được kết luận đúng."),
)
_SURVEY = (
    Definition("code", "Mục được hỏi; mục I đến V là tiêu chí."),
    Definition("name", "Nội dung được hỏi."),
    Definition("n", "Số câu trả lời hợp lệ của mục (bỏ trống không tính)."),
    Definition("satisfied", "Số câu trả lời hài lòng hoặc rất hài lòng."),
    Definition(
        "value",
        "Tỷ lệ hài lòng của mục, phần trăm, hai số lẻ. Tiêu chí là trung bình cộng các mục của nó; chỉ số chung là"
        " trung bình cộng của tất cả các mục có người trả lời, không phải của năm tiêu chí.",
        "số câu trả lời hợp lệ của chính mục đó",
    ),
    Definition(
        "margin",
        "Sai số của mục ở mức tin cậy 95 %, điểm phần trăm; mức rộng nhất (p = 50 %) khi quá ít câu trả lời hoặc tỷ lệ"
        " sát 0, 100 %. Của tiêu chí và chỉ số chung là trung bình sai số các mục. Phiếu ở màn hình, phiếu giấy không"
        " phải mẫu ngẫu nhiên: sai số thật không nhỏ hơn số này.",
        "số câu trả lời hợp lệ của chính mục đó",
    ),
    Definition("published", "Giá trị SIPAS đã công bố của mục, để đặt cạnh."),
    Definition("target", "Mục tiêu đã công bố của mục."),
)


def sheets_report(sheets: Sequence[Sheet], rules: NineRules, from_on: date, to_on: date, *, officials: bool) -> Report:
    """The sheets of units, or those of officials, one row a sheet and month."""
    rows = [
        _sheet_row(sheet, line)
        for sheet in sheets
        for line in sheet.lines
        if bool(line.username) is officials and (line.files or sheet.is_confirmed)
    ]
    who = (Definition("unit", "Cơ quan, đơn vị."), Definition("month", "Tháng hồ sơ kết thúc, giờ địa phương."))
    person = (Definition("official", "Cán bộ, công chức đã xử lý hồ sơ."),) if officials else ()
    scored = tuple(
        Definition(
            f"indicator_{each.number}",
            f"{each.name}. 2 điểm: {each.two}. 1 điểm: {each.one}. 0 điểm: {each.zero}.",
            "hồ sơ có căn cứ để chấm chỉ số này" if each.number in {1, 2, 3, 4, 7} else "",
        )
        for each in rules.indicators
    )
    summed = (
        Definition("points", "Tổng điểm của các chỉ số đã có."),
        Definition("of", "Tổng điểm cao nhất của các chỉ số đã có; 18 khi đủ chín."),
        Definition("grade", "Xếp loại; trống khi còn thiếu chỉ số."),
        Definition("confirmed", "Bảng đã được xác nhận và khóa."),
    )
    definitions = (*who, *person, *_COUNTED, *scored, *summed)
    return Report(
        name="officials" if officials else "evaluation",
        title=rules.name,
        from_on=from_on,
        to_on=to_on,
        columns=tuple(definition.name for definition in definitions),
        rows=tuple(rows),
        # officials share files and months repeat units: sums over rows would count files more than once
        totals={"sheets": len(rows), "confirmed": sum(bool(row["confirmed"]) for row in rows)},
        definitions=definitions,
        beside={"source": rules.source, "mark": rules.mark, "since": rules.since},
    )


def _sheet_row(sheet: Sheet, line: SheetLine) -> dict[str, object]:
    who = {"official": line.name, "username": line.username} if line.username else {}
    return {
        "unit": sheet.unit,
        "unit_code": sheet.unit_code,
        "month": sheet.month,
        **who,
        **{count: getattr(line, count) for count in COUNTS},
        **{f"indicator_{score.number}": _number(score.points) for score in line.scores},
        "points": _number(line.total.points),
        "of": line.total.of,
        "grade": line.total.grade,
        "confirmed": sheet.is_confirmed,
    }


def satisfaction_report(found: SurveyReport, table: SipasTable | None, from_on: date, to_on: date) -> Report:
    """The survey as a report; where too few answered, numbers of answers and no values."""
    published = {item.code: item for each in table.criteria for item in each.items} if table else {}
    rows = []
    for criterion in found.figure.criteria:
        for item in criterion.items:
            known = published.get(item.code)
            rows.append(
                {
                    "code": item.code,
                    "name": item.name,
                    "n": item.n,
                    "satisfied": None if found.is_hidden else item.satisfied,
                    "value": None if found.is_hidden else _number(item.value),
                    "margin": _margin(found, item.code),
                    "published": _number(known.value) if known else None,
                    "target": _number(known.target) if known else None,
                }
            )
    return Report(
        name="satisfaction",
        title=found.title,
        from_on=from_on,
        to_on=to_on,
        columns=tuple(definition.name for definition in _SURVEY),
        rows=tuple(rows),
        totals=_totals(found),
        definitions=_SURVEY,
        beside={"is_official_sipas": False, "note": NOT_OFFICIAL, **_beside(found)},
    )


def _margin(found: SurveyReport, code: str) -> float | None:
    each = None if found.is_hidden else found.margins.get(code)
    return _number(each.points) if each else None


def _totals(found: SurveyReport) -> dict[str, object]:
    return {
        "ballots": found.figure.ballots,
        "value": None if found.is_hidden else _number(found.figure.value),
        "answered_items": found.figure.answered_items,
        "items": found.figure.items,
        "margin": _margin(found, WHOLE),
        "margin_is_widest": None if found.is_hidden or found.margin is None else found.margin.is_widest,
        "population": found.population,
        "sample_wanted": found.sample,
        "response_percent": _number(found.response),
        "is_hidden": found.is_hidden,
    }


def _beside(found: SurveyReport) -> dict[str, object]:
    criteria = [
        {
            "code": each.code,
            "name": each.name,
            "value": None if found.is_hidden else _number(each.value),
            "margin": _margin(found, each.code),
        }
        for each in found.figure.criteria
    ]
    breakdowns = [
        {
            "title": each.title,
            "said": each.said,
            "parts": [
                {"name": part.name, "served": part.served, "answered": part.answered, "value": _number(part.value)}
                for part in each.parts
            ],
        }
        for each in found.breakdowns
    ]
    sources = [
        {
            "unit": row.unit,
            "procedure": row.procedure,
            "month": row.month,
            "citizens_say": _number(row.both.said),
            "n": row.both.n,
            "files_show": _number(row.both.shown),
            "files": row.both.files,
            "verdict": row.both.verdict,
            "words": row.both.words,
        }
        for row in found.sources
    ]
    months = [{"month": month, "ballots": n, "value": _number(value)} for month, n, value in found.months]
    return {
        "criteria": criteria,
        "breakdowns": breakdowns,
        "sources": sources,
        "months": months,
        "by_source": dict(found.by_source),
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
