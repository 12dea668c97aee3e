"""From the decision to the counter: which procedures are drawn, when they came into the software, what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table, share
from engine.process.lists import read_lists
from engine.process.step_sheet import step_sheet
from engine.services.reporting.asked import Parts

if TYPE_CHECKING:
    from engine.persistence.repositories.versions import VersionRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition as Drawn
    from engine.process.lists import KnownCode
    from engine.services.reporting.asked import Asked

_DAY = timedelta(days=1)
_NEVER = date.max
_OUR_OWN = "0."
_DEFINITIONS = (
    Definition(
        "listed",
        "Thủ tục trong danh mục của cơ quan (lists/procedure_codes.yaml) còn hiệu lực, không kể quy trình riêng 0.…",
    ),
    Definition("drawn", "Trong số đó, có quy trình nội bộ đang áp dụng trên phần mềm vào ngày lập báo cáo."),
    Definition("drawn_share", "Độ phủ quy trình nội bộ.", "thủ tục trong danh mục"),
    Definition("steps", "Số bước của quy trình nội bộ, kể cả bước chỉ có ở một số trường hợp."),
    Definition(
        "published_on", "Ngày phiên bản được công bố trên phần mềm: có trên trang thủ tục, tờ niêm yết, tại quầy."
    ),
    Definition("working_days", "Số ngày làm việc sau ngày ký quyết định đến ngày có trên phần mềm."),
    Definition(
        "in_time",
        "Có trên phần mềm trong thời hạn công khai kể từ ngày ký quyết định."
        " Trống: nạp khi bắt đầu dùng phần mềm, quyết định ký trước đó.",
    ),
    Definition("before_effect", "Có trên phần mềm không muộn hơn ngày áp dụng."),
    Definition(
        "in_time_share", "Tỷ lệ cập nhật đúng hạn.", "phiên bản ký hoặc cập nhật trong kỳ có ngày ký quyết định"
    ),
    Definition(
        "difference", "Chỗ dữ liệu trên phần mềm chưa khớp quyết định công bố, danh mục hoặc văn bản còn hiệu lực."
    ),
)


def catalogue(asked: Asked, tx: Transaction) -> Parts:
    """How far the list is drawn, what was decided and put into the software in the period, what differs."""
    on = asked.office.local_day(asked.at)
    lists = read_lists(asked.office.settings.procedures)
    listed = {code: known for code, known in lists.codes.items() if _is_counted(known)}
    in_force = asked.office.library.in_force(tx, on)
    drawn = {each.procedure.code for each in in_force}
    versions = {version.ref: version for version in asked.office.library.versions(tx) if version.is_published}
    first = _first_day(asked, versions)
    changes = _changes(asked, tx, versions, first)
    judged = [row for row in changes if row["in_time"] is not None]
    in_time = sum(bool(row["in_time"]) for row in judged)
    covered = sum(code in drawn for code in listed)
    whole: dict[str, Any] = {
        "scope": "Tất cả",
        "listed": len(listed),
        "drawn": covered,
        "drawn_share": share(covered, len(listed)),
        "changed": len(changes),
        "in_time": in_time,
        "in_time_share": share(in_time, len(judged)),
    }
    limit = asked.calendar.publication
    sources = (f"{limit.source}: {limit.working_days} ngày làm việc.",) if limit else ()
    drawing = Drawing(
        "bars",
        "Quy trình nội bộ của các thủ tục trong danh mục",
        "Tình trạng",
        ("Đang áp dụng", "Chưa có"),
        (Line("Thủ tục", "good", (covered, len(listed) - covered)),),
    )
    tables = (
        Table("whole", "Tất cả", _WHOLE, (whole,)),
        Table("changes", "Ký hoặc cập nhật trong kỳ", _CHANGES, tuple(changes)),
        _not_drawn(listed, drawn),
        _in_force(in_force),
        _differences(asked, in_force, lists.codes, versions, first),
    )
    check = Check("Có quy trình + chưa có = danh mục", covered + len(tables[2].rows), len(listed))
    note = "Thủ tục là của cả cơ quan, không chia theo đơn vị; danh mục và chỗ chưa khớp là của ngày lập báo cáo."
    return Parts(tables, _DEFINITIONS, (drawing,), (check,), sources, (note,))


def _is_counted(known: KnownCode) -> bool:
    return not known.is_abolished and not known.code.startswith(_OUR_OWN)


_WHOLE = (
    Col("scope", "Phạm vi", Kind.TEXT),
    Col("listed", "Danh mục", group="Quy trình nội bộ"),
    Col("drawn", "Đang áp dụng", group="Quy trình nội bộ"),
    Col("drawn_share", "Độ phủ", Kind.SHARE, group="Quy trình nội bộ"),
    Col("changed", "Trong kỳ", group="Cập nhật"),
    Col("in_time", "Đúng hạn", group="Cập nhật"),
    Col("in_time_share", "Tỷ lệ", Kind.SHARE, group="Cập nhật"),
)
_NAMED = (Col("code", "Mã", Kind.TEXT), Col("procedure", "Thủ tục", Kind.TEXT))
_DECIDED = (
    Col("decision", "Quyết định", Kind.TEXT),
    Col("issued_on", "Ngày ký", Kind.DAY),
    Col("effective_from", "Áp dụng từ", Kind.DAY),
)
_CHANGES = (
    *_NAMED,
    Col("version", "Phiên bản", Kind.TEXT),
    *_DECIDED,
    Col("published_on", "Có trên phần mềm", Kind.DAY),
    Col("working_days", "Ngày làm việc"),
    Col("in_time", "Đúng hạn", Kind.FLAG),
    Col("before_effect", "Trước ngày áp dụng", Kind.FLAG),
)


def _first_day(asked: Asked, versions: Mapping[str, VersionRecord]) -> date:
    """The day on which the software was filled: what was decided before could not come sooner."""
    return min(
        (asked.office.local_day(each.published_at) for each in versions.values() if each.published_at), default=_NEVER
    )


def _changes(asked: Asked, tx: Transaction, versions: Mapping[str, VersionRecord], first: date) -> list[dict[str, Any]]:
    """Versions that were decided or put into the software within the period, the latest last."""
    rows = []
    for version in versions.values():
        if version.published_at is None or version.province not in {"", asked.office.library.province}:
            continue
        published_on = asked.office.local_day(version.published_at)
        procedure = asked.office.library.get(tx, version.ref).procedure
        if procedure.code.startswith(_OUR_OWN):
            continue
        issued_on = procedure.decision.issued_on if procedure.decision else None
        if any(day and asked.period.first <= day <= asked.period.last for day in (issued_on, published_on)):
            rows.append(
                {**_said(procedure), "version": version.version, **_timed(asked, procedure, published_on, first)}
            )
    return sorted(rows, key=lambda row: (row["published_on"], row["code"], row["version"]))


def _said(procedure: Any) -> dict[str, Any]:
    decision = procedure.decision
    return {
        "code": procedure.code,
        "procedure": procedure.name,
        "decision": decision.number if decision else "",
        "issued_on": _iso(decision.issued_on) if decision else None,
        "effective_from": _iso(procedure.effective_from),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _timed(asked: Asked, procedure: Any, published_on: date, first: date) -> dict[str, Any]:
    """How long after the decision a version came into the software, and whether that was in time."""
    issued_on = procedure.decision.issued_on if procedure.decision else None
    limit, days = asked.calendar.publication, None
    if issued_on is not None and not (published_on == first and issued_on < first):
        later = published_on > issued_on
        days = asked.office.calendar.working_days_between(issued_on + _DAY, published_on) if later else 0
    effective = procedure.effective_from
    return {
        "published_on": published_on.isoformat(),
        "working_days": days,
        "in_time": None if days is None or limit is None else days <= limit.working_days,
        "before_effect": None if effective is None or effective < first else published_on <= effective,
    }


def _not_drawn(listed: Mapping[str, KnownCode], drawn: set[str]) -> Table:
    rows = tuple({"code": code, "procedure": known.name} for code, known in sorted(listed.items()) if code not in drawn)
    return Table("not_drawn", "Trong danh mục, chưa có quy trình nội bộ trên phần mềm", _NAMED, rows)


def _in_force(in_force: Sequence[Drawn]) -> Table:
    rows = tuple(
        {**_said(each.procedure), "version": each.procedure.version, "steps": len(step_sheet(each))}
        for each in in_force
        if not each.procedure.code.startswith(_OUR_OWN)
    )
    columns = (*_NAMED, Col("version", "Phiên bản", Kind.TEXT), *_DECIDED, Col("steps", "Số bước"))
    return Table("in_force", "Quy trình nội bộ đang áp dụng", columns, rows)


def _differences(
    asked: Asked,
    in_force: Sequence[Drawn],
    codes: Mapping[str, KnownCode],
    versions: Mapping[str, VersionRecord],
    first: date,
) -> Table:
    rows: list[dict[str, Any]] = []
    outdated: dict[str, list[str]] = {}
    for facts in asked.kept.facts(asked.at):
        outdated.setdefault(facts.code, []).extend(act.number for act in facts.outdated)
    for drawn in in_force:
        procedure = drawn.procedure
        if not procedure.code.startswith(_OUR_OWN):
            said = [*_of_decision(asked, drawn, versions, first), *_of_code(codes, procedure.code)]
            said += [f"căn cứ đã hết hiệu lực: {number}" for number in dict.fromkeys(outdated.get(procedure.code, ()))]
            rows += [{"code": procedure.code, "procedure": procedure.name, "difference": each} for each in said]
    for drawn in asked.office.library.current():
        if drawn.ref not in versions:
            procedure = drawn.procedure
            words = f"phiên bản {procedure.version} có trong tệp quy trình, chưa công bố trên phần mềm"
            rows.append({"code": procedure.code, "procedure": procedure.name, "difference": words})
    columns = (*_NAMED, Col("difference", "Chưa khớp", Kind.TEXT))
    return Table("differences", "Chưa khớp giữa công bố và phần mềm", columns, tuple(rows))


def _of_decision(asked: Asked, drawn: Drawn, versions: Mapping[str, VersionRecord], first: date) -> Iterator[str]:
    procedure, version = drawn.procedure, versions.get(drawn.ref)
    if procedure.decision is None or procedure.decision.issued_on is None:
        yield "chưa ghi số, ngày quyết định công bố"
    published_at = version.published_at if version else None
    published_on = asked.office.local_day(published_at) if published_at else first
    if procedure.effective_from and procedure.effective_from >= first and published_on > procedure.effective_from:
        yield f"áp dụng từ {procedure.effective_from:%d/%m/%Y}, có trên phần mềm từ {published_on:%d/%m/%Y}"


def _of_code(codes: Mapping[str, KnownCode], code: str) -> Iterator[str]:
    known = codes.get(code)
    if known is None:
        yield "mã không có trong danh mục"
    elif known.is_abolished:
        yield f"mã đã bãi bỏ{f': {known.note}' if known.note else ''}"
