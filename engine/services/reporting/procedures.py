"""How completely procedures are published, and what became of one from version to version."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotFound
from engine.domain.posting import PUBLIC_BLOCKS
from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table, share
from engine.process.step_sheet import step_sheet
from engine.services.reporting.asked import Parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.limits import LimitUnit
    from engine.domain.procedure import ProcedureCase
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition as Drawn
    from engine.services.reporting.asked import Asked

_FACTS = (
    Definition(
        "complete",
        "Số nội dung công khai đủ trong sáu nội dung: thành phần hồ sơ, cách thức, quy trình, thời gian, phí, căn cứ.",
        "6",
    ),
    Definition("is_published", "Đủ cả sáu nội dung, tính theo dữ liệu niêm yết của phần mềm vào ngày lập báo cáo."),
    Definition("gaps", "Số chỗ còn thiếu trong dữ liệu niêm yết."),
    Definition("recalled", "Số nội dung ghi theo trí nhớ, phải đối chiếu văn bản."),
    Definition("outdated", "Số văn bản căn cứ đã hết hiệu lực vào ngày lập báo cáo."),
    Definition("published_share", "Tỷ lệ thủ tục công khai đầy đủ.", "thủ tục đang áp dụng vào ngày lập báo cáo"),
)


def publication(asked: Asked) -> Parts:
    """Every procedure that is offered, and what its posted facts lack."""
    rows: list[dict[str, Any]] = [
        {
            "code": each.code,
            "procedure": each.name,
            "complete": len(each.complete_blocks),
            "is_published": each.is_published,
            "gaps": len(each.gaps),
            "recalled": len(each.recalled),
            "outdated": len(each.outdated),
            "missing": "; ".join(dict.fromkeys(gap.block.label for gap in each.gaps)),
        }
        for each in asked.kept.facts(asked.at)
    ]
    published = sum(row["is_published"] for row in rows)
    table = Table(
        "procedures",
        "Từng thủ tục",
        (
            Col("code", "Mã", Kind.TEXT),
            Col("procedure", "Thủ tục", Kind.TEXT),
            Col("complete", f"Nội dung đủ (trên {len(PUBLIC_BLOCKS)})"),
            Col("is_published", "Đầy đủ", Kind.FLAG),
            Col("gaps", "Chỗ thiếu"),
            Col("recalled", "Ghi theo trí nhớ"),
            Col("outdated", "Căn cứ hết hiệu lực"),
            Col("missing", "Thiếu nội dung", Kind.TEXT),
        ),
        tuple(rows),
    )
    whole = {"procedures": len(rows), "published": published, "published_share": share(published, len(rows))}
    labels = ("Thủ tục đang áp dụng", "Công khai đầy đủ", "Tỷ lệ")
    kinds = (Kind.COUNT, Kind.COUNT, Kind.SHARE)
    columns = tuple(Col(key, label, kind) for key, label, kind in zip(whole, labels, kinds, strict=True))
    drawing = Drawing(
        "bars",
        "Công khai thủ tục",
        "Tình trạng",
        ("Đầy đủ", "Còn thiếu"),
        (Line("Thủ tục", "good", (published, len(rows) - published)),),
    )
    note = "Thủ tục là của cả cơ quan, không chia theo đơn vị; số liệu của ngày lập báo cáo."
    return Parts((Table("whole", "Tất cả", columns, (whole,)), table), _FACTS, (drawing,), notes=(note,))


_MEASURES = {
    "items": "Thành phần hồ sơ",
    "required_items": "Thành phần hồ sơ bắt buộc",
    "originals": "Bản chính phải nộp",
    "steps": "Số bước của quy trình nội bộ",
    "phases": "Số lần hẹn (nhiều nhất trong các trường hợp)",
    "fees": "Khoản phí, lệ phí",
}
_SIMPLER = (
    Definition("old", "Giá trị của phiên bản cũ."),
    Definition("new", "Giá trị của phiên bản mới."),
    Definition("change", "Mới trừ cũ; số âm là cắt giảm."),
    Definition("change_share", "Mức thay đổi.", "giá trị của phiên bản cũ"),
    Definition("steps", "Đếm các bước của sơ đồ và các sơ đồ dùng chung, kể cả bước chỉ có ở một số trường hợp."),
    Definition("limits", "Thời hạn của từng trường hợp, cộng các lần hẹn; chỉ so được khi cùng đơn vị tính."),
)


def simplification(asked: Asked, tx: Transaction) -> Parts:
    """One procedure before and after; without one, every procedure that has two published versions."""
    code = asked.parameters.get("procedure", "").strip()
    pairs = _pairs(asked, tx)
    if code:
        pairs = {key: found for key, found in pairs.items() if key[0] == code}
        if not pairs:
            raise NotFound(what=f"hai phiên bản đã công bố của thủ tục {code}")
    tables = tuple(_compared(old, new) for (_code, _level), (old, new) in sorted(pairs.items()))
    notes = () if tables else ("Chưa có thủ tục nào có hai phiên bản đã công bố.",)
    statutory = _against_law(asked, code)
    return Parts((*tables, statutory), _SIMPLER, sources=_decisions(pairs), notes=notes, checks=_checks(pairs))


def _pairs(asked: Asked, tx: Transaction) -> Mapping[tuple[str, tuple[str, ...]], tuple[Drawn, Drawn]]:
    """For each procedure and level the two versions that were asked for, else the last two."""
    library, found = asked.office.library, {}
    wanted = (asked.parameters.get("old", ""), asked.parameters.get("new", ""))
    versions: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
    for version in library.versions(tx):
        if version.is_published and version.province in {"", library.province}:
            versions.setdefault((version.code, tuple(version.levels)), []).append(version)
    for key, known in versions.items():
        known.sort(key=lambda each: (each.published_at is not None, each.published_at, each.version))
        chosen = [each for name in wanted if name for each in known if each.version == name] or known[-2:]
        if len(chosen) == len(wanted):
            old, new = (library.get(tx, each.ref) for each in chosen)
            found[key] = (old, new)
    return found


def _measures(drawn: Drawn) -> dict[str, int]:
    procedure = drawn.procedure
    required = [item for item in procedure.items if item.is_required]
    return {
        "items": len(procedure.items),
        "required_items": len(required),
        "originals": sum(item.originals for item in required),
        "steps": len(step_sheet(drawn)),
        "phases": max((len(each.phases) for each in procedure.cases), default=0),
        "fees": len(procedure.fees),
    }


def _compared(old: Drawn, new: Drawn) -> Table:
    before, after = _measures(old), _measures(new)
    rows = [_row(_MEASURES[name], before[name], after[name]) for name in _MEASURES]
    limits = {each.id: each for each in old.procedure.cases}
    for case in new.procedure.cases:
        was = limits.pop(case.id, None)
        rows.append(_limit_row(case, was))
    rows += [_limit_row(None, case) for case in limits.values()]
    title = f"{new.procedure.code} {new.procedure.name}: {old.procedure.version} → {new.procedure.version}"
    columns = _columns("Nội dung", "Cũ", "Mới", "Thay đổi", "Mức thay đổi")
    return Table(f"{new.procedure.code}-{'-'.join(new.procedure.levels)}", title, columns, tuple(rows))


def _row(name: str, old: float | None, new: float | None, unit: str = "") -> dict[str, Any]:
    change = None if old is None or new is None else round(new - old, 2)
    part = None if change is None else share(change, old or 0)
    return {"measure": name, "unit": unit, "old": old, "new": new, "change": change, "change_share": part}


def _columns(measure: str, old: str, new: str, change: str, change_share: str) -> tuple[Col, ...]:
    """The columns of a comparison by what their heads say."""
    numbers = (Col("old", old, Kind.NUMBER), Col("new", new, Kind.NUMBER), Col("change", change, Kind.NUMBER))
    words = (Col("measure", measure, Kind.TEXT), Col("unit", "Đơn vị tính", Kind.TEXT))
    return (*words, *numbers, Col("change_share", change_share, Kind.SHARE))


def _limit_of(case: ProcedureCase | None) -> tuple[float | None, set[LimitUnit]]:
    """The appointments of a case added up, and in which units they are; nothing of no case."""
    if case is None:
        return None, set()
    return float(sum((phase.limit.amount for phase in case.phases), Decimal())), {p.limit.unit for p in case.phases}


def _limit_row(new: ProcedureCase | None, old: ProcedureCase | None) -> dict[str, Any]:
    (was, old_units), (now, new_units) = map(_limit_of, (old, new))
    known = new or old
    assert known is not None
    units, name = old_units | new_units, f"Thời hạn: {known.name}"
    if len(units) != 1:
        return _row(name, None, None, "không cùng đơn vị")
    return _row(name, was, now, units.pop().label)


def _against_law(asked: Asked, code: str) -> Table:
    """What is posted beside what the law allows, where the files say so."""
    rows = []
    for drawn in asked.office.library.current():
        for case in drawn.procedure.cases:
            if case.statutory and case.phases and (not code or drawn.procedure.code == code):
                law, (posted, units) = case.statutory.limit, _limit_of(case)
                name = f"{drawn.procedure.name}: {case.name}"
                row = _row(name, float(law.amount), posted if units == {law.unit} else None, law.unit.label)
                rows.append({"code": drawn.procedure.code, **row})
    columns = (
        Col("code", "Mã", Kind.TEXT),
        *_columns("Trường hợp", "Theo luật", "Niêm yết", "Cắt giảm", "Mức cắt giảm"),
    )
    return Table("statutory", "Thời hạn niêm yết so với thời hạn luật cho phép", columns, tuple(rows))


def _decisions(pairs: Mapping[Any, tuple[Drawn, Drawn]]) -> tuple[str, ...]:
    """The acts that published what is compared."""
    drawn = (each.procedure for pair in pairs.values() for each in pair)
    return tuple(f"{each.code} {each.version}: {each.decision.number}" for each in drawn if each.decision)


def _checks(pairs: Mapping[Any, tuple[Drawn, Drawn]]) -> tuple[Check, ...]:
    """Both sides have to be versions of one procedure."""
    strangers = sum(old.procedure.code != new.procedure.code for old, new in pairs.values())
    return (Check("Hai phiên bản so sánh là của cùng một thủ tục: số cặp khác mã", strangers, 0),) if pairs else ()
