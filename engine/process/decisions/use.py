"""The tables of a procedure at the desk: answers to its questions become its case and its fee."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.domain.answers import FormRefused, read_answers
from engine.domain.assessment import Assessment
from engine.domain.dossier import Channel
from engine.domain.procedure import Procedure, ProcedureItem
from engine.domain.process import FieldType, FormField
from engine.process import expressions
from engine.process.decisions.errors import DecisionFailed, DecisionInputWrong
from engine.process.decisions.model import DecisionModel
from engine.process.decisions.table import Result
from engine.process.decisions.values import Value, written


def assess(
    procedure: Procedure, model: DecisionModel | None, answers: Mapping[str, str], channel: Channel, case: str = ""
) -> Assessment:
    """Work out the case and the fee; `case` is what holds where no table decides it.

    Raises `FormRefused` for answers that are missing or out of range, `DecisionFailed`, `LookupError` for an unknown
    `case`.
    """
    typed = read_answers(procedure.questions, answers, {})
    given: dict[str, Value] = {field.id: _value(field, typed.get(field.id)) for field in procedure.questions}
    try:
        case_id, fee = decide(procedure, model, {**given, "channel": channel.value}, case)
    except DecisionInputWrong as wrong:
        labels = {field.id: field.label for field in procedure.questions}
        name = str(wrong.facts["name"])
        if name not in labels:
            raise
        raise FormRefused({name: f"“{labels[name]}”: {wrong.facts['detail']}"}) from wrong
    kept = {field.id: answers[field.id].strip() for field in procedure.questions if answers.get(field.id, "").strip()}
    needed = tuple(item.id for item in procedure.items if _is_needed(item, typed))
    return Assessment(case_id, fee, kept if procedure.questions else None, needed)


def _is_needed(item: ProcedureItem, typed: Mapping[str, object]) -> bool:
    """Whether the answers make a paper necessary that is not always asked for."""
    return bool(item.required_when) and expressions.parse(item.required_when).is_true(dict(typed))


def decide(
    procedure: Procedure, model: DecisionModel | None, given: Mapping[str, Value], case: str = ""
) -> tuple[str, int | None]:
    """Answer case and fee for typed answers (and `channel`). Raises as `assess`."""
    by = procedure.decided_by
    case_id, fee = procedure.case(case).id, None
    if model is not None and by.case:
        case_id = _case(procedure, by.case, model.evaluate(by.case, given))
    if model is not None and by.fee:
        fee = _fee(by.fee, model.evaluate(by.fee, {**given, "case": case_id}))
    return case_id, fee


def _case(procedure: Procedure, table: str, result: Result) -> str:
    if not isinstance(result, str) or result not in {case.id for case in procedure.cases}:
        found = "không dòng nào khớp" if result is None else f"{_told(result)} không phải một trường hợp của thủ tục"
        raise DecisionFailed(table=table, detail=found)
    return result


def _fee(table: str, result: Result) -> int | None:
    if result is None:
        return None
    if not isinstance(result, Decimal) or result < 0:
        raise DecisionFailed(table=table, detail=f"{_told(result)} không phải số tiền")
    return int(result.quantize(Decimal(1), ROUND_HALF_UP))


def _told(result: Result) -> str:
    return str(result) if isinstance(result, list | Mapping) else written(result)


def _value(field: FormField, typed: object) -> Value:
    """Turn a checked answer into a value of a table: numbers exact, days as days, nothing as null."""
    if typed is None:
        return None
    if field.type is FieldType.NUMBER:
        return Decimal(str(typed))
    if field.type is FieldType.DATE:
        return date.fromisoformat(str(typed))
    return typed if isinstance(typed, bool) else str(typed)
