"""What the office tells everybody about a period: work, apologies, feedback, grades, satisfaction. Names nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.domain.evaluation import thawed
from engine.domain.feedback_words import FINDINGS, KINDS
from engine.domain.report import Definition
from engine.domain.report_model import Col, Kind, Table, share
from engine.domain.results_reports import NOT_OFFICIAL
from engine.domain.survey_report import figure_of
from engine.persistence.queries.ended import feedback_counts
from engine.persistence.queries.public_results import public_apologies, public_apology_counts, public_feedback
from engine.rule_files.evaluation import load_nine, load_published, load_questionnaire
from engine.services.reporting.asked import Parts
from engine.services.reporting.progress import by_unit

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import Transaction
    from engine.services.reporting.asked import Asked

_MOST = 500
_ERROR = "error_apology"
_LETTERS, _ANSWERED = ("letters", "for_delay", "for_error"), ("answered", "in_time", "upheld")
_UNIT = Col("unit", "Đơn vị", Kind.TEXT)
_DEFINITIONS = (
    Definition("letters", "Văn bản xin lỗi đã ban hành trong kỳ, chưa bị hủy: vì quá hạn, hoặc vì sai sót."),
    Definition("missed_due_at", "Ngày hẹn bị lỡ hoặc sẽ lỡ; trống với văn bản vì sai sót."),
    Definition("new_due_at", "Ngày hẹn lại."),
    Definition("answered", "Phản ánh, kiến nghị đã xử lý xong trong kỳ."),
    Definition("in_time", "Xử lý xong không muộn hơn hạn trả lời."),
    Definition("share", "Tỷ lệ trả lời đúng hạn.", "phản ánh, kiến nghị đã trả lời trong kỳ"),
    Definition("finding", "Kết luận sau khi xác minh."),
    Definition("grade", "Xếp loại của đơn vị theo 9 chỉ số, chỉ các tháng đã được xác nhận."),
    Definition(
        "value",
        "Tỷ lệ hài lòng của khảo sát tự thực hiện từ đầu năm (%); trống khi quá ít phiếu.",
        "câu trả lời hợp lệ của từng mục",
    ),
    Definition("published", "Giá trị SIPAS đã công bố và mục tiêu."),
)


def public(asked: Asked, tx: Transaction) -> Parts:
    """Everything that is told to everybody about a period."""
    work = by_unit(asked, tx)
    apologies, feedback = _apologies(asked, tx), _feedback(asked, tx)
    tables = (
        work.tables[0],
        _apology_counts(asked, tx),
        apologies,
        _feedback_counts(asked, tx),
        feedback,
        _grades(asked, tx),
        _satisfaction(asked, tx),
    )
    lost = any(len(table.rows) == _MOST for table in (apologies, feedback))
    note = "Không nêu tên, mã hồ sơ, số văn bản hay nội dung có thể nhận ra một người."
    more = (f"Danh sách chỉ nêu {_MOST} dòng mới nhất.",) if lost else ()
    definitions = (*work.definitions, *_DEFINITIONS)
    return Parts(tables, definitions, work.drawings, work.checks, (*work.sources, NOT_OFFICIAL), (note, *more))


def _local(asked: Asked, at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(asked.office.settings.zone).isoformat()


def _day(asked: Asked, at: datetime) -> str:
    return asked.office.local_day(at).isoformat()


def _apologies(asked: Asked, tx: Transaction) -> Table:
    frame = asked.frame
    rows = tuple(
        {
            "issued_on": _day(asked, row["issued_at"]),
            "unit": asked.unit_name(row["unit_id"])[1],
            "procedure": row["procedure_name"],
            "about": "sai sót" if row["form"] == _ERROR else "quá hạn",
            "missed_due_at": _local(asked, row["missed_due_at"]),
            "new_due_at": _local(asked, row["new_due_at"]),
        }
        for row in public_apologies(tx.connection, frame.start, frame.end, asked.unit_ids, _MOST)
    )
    columns = (
        Col("issued_on", "Ngày", Kind.DAY),
        _UNIT,
        Col("procedure", "Thủ tục", Kind.TEXT),
        Col("about", "Xin lỗi vì", Kind.TEXT),
        Col("missed_due_at", "Hẹn bị lỡ", Kind.MOMENT),
        Col("new_due_at", "Hẹn lại", Kind.MOMENT),
    )
    return Table("apologies", "Công khai xin lỗi", columns, rows)


def _feedback(asked: Asked, tx: Transaction) -> Table:
    units = asked.unit_ids if asked.unit_ids is not None else [unit.id for unit in asked.office.units]
    rows = tuple(
        {
            "ended_on": row["ended_on"].isoformat(),
            "received_on": _day(asked, row["received_at"]),
            "unit": asked.unit_name(row["unit_id"])[1],
            "kind": KINDS.get(row["kind"], row["kind"]),
            "finding": FINDINGS.get(row["finding"], row["finding"]),
            "is_in_time": not row["is_late"],
        }
        for row in public_feedback(tx.connection, asked.period.first, asked.period.last, units, _MOST)
    )
    columns = (
        Col("ended_on", "Trả lời ngày", Kind.DAY),
        Col("received_on", "Nhận ngày", Kind.DAY),
        Col("unit", "Về đơn vị", Kind.TEXT),
        Col("kind", "Nội dung", Kind.TEXT),
        Col("finding", "Kết luận", Kind.TEXT),
        Col("is_in_time", "Đúng hạn", Kind.FLAG),
    )
    return Table("feedback", "Phản ánh, kiến nghị đã trả lời", columns, rows)


def _apology_counts(asked: Asked, tx: Transaction) -> Table:
    lines: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_LETTERS, 0))
    for row in public_apology_counts(tx.connection, asked.frame.start, asked.frame.end, asked.unit_ids):
        lines[row["unit_id"]]["letters"] += row["letters"]
        lines[row["unit_id"]]["for_error" if row["form"] == _ERROR else "for_delay"] += row["letters"]
    rows, totals = asked.of_units(lines, _LETTERS, lambda _unit, _line: {})
    columns = (Col("letters", "Văn bản"), Col("for_delay", "Vì quá hạn"), Col("for_error", "Vì sai sót"))
    return Table("apologies_by_unit", "Văn bản xin lỗi theo đơn vị", (_UNIT, *columns), rows, totals)


def _feedback_counts(asked: Asked, tx: Transaction) -> Table:
    period, zone = asked.period, asked.office.settings.zone
    found = feedback_counts(tx.connection, period.first, period.last, asked.unit_ids, asked.at, zone)
    lines = {
        unit_id: {"answered": each.ended, "in_time": each.on_time, "upheld": each.upheld}
        for unit_id, each in found.items()
    }
    rows, totals = asked.of_units(
        lines, _ANSWERED, lambda _unit, line: {"share": share(line["in_time"], line["answered"])}
    )
    columns = (
        Col("answered", "Đã trả lời"),
        Col("in_time", "Đúng hạn"),
        Col("share", "Tỷ lệ đúng hạn", Kind.SHARE),
        Col("upheld", "Phản ánh đúng"),
    )
    return Table("feedback_by_unit", "Phản ánh, kiến nghị đã trả lời theo đơn vị", (_UNIT, *columns), rows, totals)


def _grades(asked: Asked, tx: Transaction) -> Table:
    """The grades of units in confirmed months: of each the version that holds."""
    months = asked.period.months
    rules = load_nine(asked.office.settings.procedures)
    newest: dict[tuple[int, str], Mapping[str, Any]] = {}
    if months:
        for row in tx.surveys.unit_sheets(months[0], months[-1], asked.unit_ids):
            newest[row["unit_id"], row["month"]] = row["figures"]
    rows: list[dict[str, Any]] = []
    for (unit_id, month), figures in newest.items():
        code, name = asked.unit_name(unit_id)
        total = thawed(figures, rules).total
        said = {"points": float(total.points), "of": total.of, "grade": total.grade}
        rows.append({"code": code, "unit": name, "month": month, **said})
    columns = (
        _UNIT,
        Col("month", "Tháng", Kind.TEXT),
        Col("points", "Điểm", Kind.NUMBER),
        Col("of", "Trên tổng"),
        Col("grade", "Xếp loại", Kind.TEXT),
    )
    return Table(
        "grades", "Kết quả đánh giá theo 9 chỉ số", columns, tuple(sorted(rows, key=lambda r: (r["code"], r["month"])))
    )


def _satisfaction(asked: Asked, tx: Transaction) -> Table:
    """Our own survey from January to the last month that is over, beside what was published."""
    questionnaire = load_questionnaire(asked.office.settings.procedures)
    year, months = asked.period.last.year, asked.period.months
    sums = tx.surveys.months(f"{year}-01", months[-1], asked.unit_ids) if months and months[-1][:4] == str(year) else []
    found = figure_of(questionnaire, sums)
    table = load_published(asked.office.settings.procedures)
    known = {each.code: each for each in table.criteria} if table else {}
    is_told = found.ballots >= questionnaire.least_ballots
    rows: list[dict[str, Any]] = []
    for each in found.criteria:
        said = known.get(each.code)
        rows.append(
            {
                "name": f"{each.code}. {each.name}",
                "value": float(each.value) if is_told and each.value is not None else None,
                "published": float(said.value) if said else None,
                "target": float(said.target) if said else None,
            }
        )
    whole = {
        "name": "Chỉ số chung",
        "value": float(found.value) if is_told and found.value is not None else None,
        "published": float(table.value) if table else None,
        "target": None,
    }
    columns = (
        Col("name", "Tiêu chí", Kind.TEXT),
        Col("value", f"Tự khảo sát {year} (%)", Kind.NUMBER),
        Col("published", f"SIPAS {table.year if table else ''} đã công bố (%)", Kind.NUMBER),
        Col("target", f"Mục tiêu {table.target_year if table else ''} (%)", Kind.NUMBER),
    )
    note = f"{found.ballots} phiếu từ đầu năm. " + (f"SIPAS: {table.source}." if table else "")
    return Table("satisfaction", "Mức độ hài lòng", columns, (*rows, whole), note=note)
