"""Reading posted facts: the YAML file beside a diagram becomes a `Procedure`, or problems that name key and line.

What is not written here is not true: a wrong or unknown key gives no procedure at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import cast

from engine.domain.dossier import Channel
from engine.domain.grounds import PauseEnd
from engine.domain.procedure import (
    Decision,
    Fee,
    Phase,
    Procedure,
    ProcedureCase,
    ProcedureItem,
    Source,
    UnitNeeded,
)
from engine.domain.process import Problem
from engine.process import expressions
from engine.process.ladder_facts import read_ladder
from engine.process.posted import POSTED_KEYS, limit_of, posted_of, statutory_of
from engine.process.question_facts import read_decided_by, read_questions
from engine.process.sheet import Part, Sheet, load, refuse_twice
from engine.process.vocabulary import listed

_PROVINCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
# key -> is it required
_PROCEDURE = {
    "code": True, "name": True, "process": True, "version": True, "sector": True, "sector_name": True,
    "deciding_unit": True, "cases": True, "items": True, "result": True, "channels": True, "legal_basis": True,
    "levels": False, "effective_from": False, "effective_to": False, "decision": False, "fees": False,
    "result_valid": False, "supplement": False, "pauses": False, "same_day_cutoff": False, "sources": False,
    "rungs": False, "province": False, "units_needed": False, "questions": False,
    "decisions": False, **POSTED_KEYS,
}  # fmt: skip
_CASE = {
    "id": True, "name": True, "phases": True, "default": False, "statutory": False, "note": False, "mark": False,
}  # fmt: skip
_PHASE = {"name": True, "label": True, "unit": True, "limit": False, "starts_on": False, "covers": False}
_ITEM = {
    "id": True, "name": True, "form": False, "original": False, "copies": False, "required": False,
    "from_database": False, "mark": False, "required_when": False,
}  # fmt: skip
_FEE = {
    "name": True, "case": False, "direct": False, "online": False, "unit": False, "note": False, "mark": False,
    "online_discount": False,
}  # fmt: skip


def read_procedure(content: bytes, stem: str) -> tuple[Procedure | None, tuple[Problem, ...]]:
    """Read the facts of the procedure whose files are called `stem`; no procedure if any of them is wrong."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return None, tuple(sheet.problems)
    part = Part(sheet, value, "", _PROCEDURE)
    if sheet.problems:
        return None, tuple(sheet.problems)
    procedure = _procedure(part, stem)
    return (None if sheet.problems else procedure), tuple(sheet.problems)


def _procedure(part: Part, stem: str) -> Procedure | None:
    if part.text("process") != stem:
        part.sheet.fault("process", f"phải là “{stem}”, trùng tên tệp", f"must be “{stem}”, the name of the file")
    cases = tuple(_cases(part))
    starts, ends = part.day("effective_from"), part.day("effective_to")
    if starts and ends and ends < starts:
        part.sheet.fault("effective_to", "trước ngày bắt đầu áp dụng", "before effective_from")
    questions = tuple(read_questions(part))
    procedure = Procedure(
        code=part.text("code"),
        name=part.text("name"),
        process=part.text("process"),
        version=part.text("version"),
        sector=part.text("sector"),
        sector_name=part.text("sector_name"),
        deciding_unit=part.text("deciding_unit"),
        cases=cases,
        levels=part.texts("levels"),
        province=_province(part),
        units_needed=tuple(
            UnitNeeded(unit.text("kind"), unit.text("name"), unit.text("under"))
            for unit in part.parts("units_needed", {"kind": True, "name": True, "under": True})
        ),
        effective_from=starts,
        effective_to=ends,
        decision=_decision(part),
        legal_basis=part.texts("legal_basis"),
        items=tuple(_items(part, frozenset(question.id for question in questions))),
        fees=tuple(_fees(part, {case.id for case in cases})),
        result=part.text("result"),
        result_valid=part.text("result_valid"),
        channels=_channels(part),
        pauses=_pauses(part),
        same_day_cutoff=_cutoff(part),
        rungs=read_ladder(part),
        sources=tuple(
            Source(source.text("text"), source.mark()) for source in part.parts("sources", {"text": True, "mark": True})
        ),
        questions=questions,
        decided_by=read_decided_by(part),
        **posted_of(part),
    )
    return procedure if cases else None


def _province(part: Part) -> str:
    """The province whose own version this is: a word, as config.yaml writes it."""
    text = part.text("province")
    if text and not _PROVINCE.fullmatch(text):
        part.sheet.fault("province", f"“{text}” không phải một từ như ca_mau", f"“{text}” is no word like ca_mau")
    return text


def _cases(part: Part) -> Iterable[ProcedureCase]:
    written = part.parts("cases", _CASE)
    refuse_twice(written, "id")
    defaults = [case for case in written if case.values.get("default") is True]
    if len(written) > 1 and len(defaults) != 1:
        part.sheet.fault("cases", "phải có đúng một trường hợp “default: true”", "exactly one case must be the default")
    parts = [(case, case.parts("phases", _PHASE)) for case in written]
    _check_covers([phase for _case, phases in parts for phase in phases])
    for case, phase_parts in parts:
        phases = tuple(_phases(phase_parts))
        if phases:
            is_default = case.flag("default", default=len(written) == 1)
            yield ProcedureCase(
                id=case.text("id"),
                name=case.text("name"),
                phases=phases,
                is_default=is_default,
                statutory=statutory_of(case),
                note=case.text("note"),
                mark=case.mark(),
            )


def _pauses(part: Part) -> dict[str, PauseEnd]:
    """What the clock does after a pause, by ground; `supplement: {clock: …}` is how earlier versions wrote one."""
    written = part.values.get("pauses")
    keys = {str(ground): False for ground in written} if isinstance(written, dict) else {}
    pauses = part.part("pauses", keys)
    found = [("supplement", part.part("supplement", {"clock": True}))]
    found += [(ground, pauses.part(ground, {"clock": True})) for ground in keys] if pauses else []
    return {ground: rule.word("clock", PauseEnd, PauseEnd.RESUME) for ground, rule in found if rule}


def _check_covers(phases: Sequence[Part]) -> None:
    """What a phase covers are phases of other cases."""
    names = {phase.text("name") for phase in phases}
    for phase in phases:
        for name in phase.texts("covers"):
            if name not in names - {phase.text("name")}:
                phase.sheet.fault(phase.at("covers"), f"không có giai đoạn “{name}”", f"there is no phase “{name}”")


def _phases(written: Sequence[Part]) -> Iterable[Phase]:
    refuse_twice(written, "name")
    for phase in written:
        limit = limit_of(phase)
        if limit is not None:
            yield Phase(
                name=phase.text("name"),
                label=phase.text("label"),
                limit=limit,
                starts_on=phase.text("starts_on") or "receipt",
                covers=phase.texts("covers"),
            )


def _items(part: Part, asked: frozenset[str]) -> Iterable[ProcedureItem]:
    written = part.parts("items", _ITEM)
    refuse_twice(written, "id")
    for item in written:
        yield ProcedureItem(
            id=item.text("id"),
            name=item.text("name"),
            form=item.text("form"),
            originals=item.number("original"),
            copies=item.number("copies"),
            is_required=item.flag("required", default=True),
            from_database=item.text("from_database"),
            mark=item.mark(),
            required_when=_needed_when(item, asked),
        )


def _needed_when(item: Part, asked: frozenset[str]) -> str:
    """Read when a paper must be there: a condition on answers that the desk has asked for."""
    condition = item.text("required_when")
    if not condition:
        return ""
    try:
        unknown = expressions.names_in(condition) - asked
    except expressions.ExpressionRefused as refused:
        item.sheet.fault(item.at("required_when"), refused.reason, refused.reason_en)
        return ""
    if unknown:
        reason = f"không có câu hỏi nào tên: {listed(unknown)}"
        item.sheet.fault(item.at("required_when"), reason, f"no question is called: {listed(unknown)}")
    return condition


def _fees(part: Part, cases: set[str]) -> Iterable[Fee]:
    for fee in part.parts("fees", _FEE):
        case = fee.text("case")
        if case and case not in cases:
            fee.sheet.fault(fee.at("case"), f"không có trường hợp “{case}”", f"there is no case “{case}”")
        yield Fee(
            name=fee.text("name"),
            case=case,
            direct=fee.amount("direct"),
            online=fee.amount("online"),
            unit=fee.text("unit"),
            note=fee.text("note"),
            mark=fee.mark(),
            online_discount=fee.amount("online_discount"),
        )


def _decision(part: Part) -> Decision | None:
    decision = part.part("decision", {"number": True, "issued_on": False, "issuer": False})
    if decision is None:
        return None
    return Decision(decision.text("number"), decision.day("issued_on"), decision.text("issuer"))


def _channels(part: Part) -> frozenset[Channel]:
    found = set()
    for number, value in enumerate(part.sequence("channels"), start=1):
        try:
            found.add(Channel(cast("str", value)))
        except ValueError:
            words = listed(Channel)
            path = f"{part.at('channels')}.{number}"
            part.sheet.fault(path, f"“{value}” không thuộc: {words}", f"“{value}” is none of: {words}")
    return frozenset(found)


def _cutoff(part: Part) -> time | None:
    text = part.text("same_day_cutoff")
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        part.sheet.fault("same_day_cutoff", f"“{text}” không phải giờ dạng 15:00", f"“{text}” is no time like 15:00")
        return None
