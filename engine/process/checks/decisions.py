"""Decision tables: each for itself, and those of a procedure with the questions, cases and channels around them.

That every answer the desk can give leads to a case is proven by giving them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from engine.domain.dossier import Channel
from engine.domain.procedure import Procedure
from engine.domain.process import FieldType, FormField, Problem
from engine.process.bundle import Bundle
from engine.process.decisions.analysis import Piece, analyse, pieces
from engine.process.decisions.errors import DecisionFailed
from engine.process.decisions.model import DecisionModel
from engine.process.decisions.table import Table
from engine.process.decisions.unary import UnaryTests
from engine.process.decisions.use import decide
from engine.process.decisions.values import ValueKind
from engine.process.expressions import names_in
from engine.process.problems import Place, report
from engine.process.vocabulary import listed

MAX_TRIES = 5_000
MOST_TOLD = 3


def check_tables(model: DecisionModel) -> Iterator[Problem]:
    """Check every table of a file: gaps, rows that contradict, rows that never count."""
    for decision in model.decisions.values():
        if isinstance(decision.logic, Table):
            yield from _check_table(decision.logic, Place(decision.id, decision.logic.name))


def _check_table(table: Table, place: Place) -> Iterator[Problem]:
    found = analyse(table)
    if found.unproven is not None:
        reason, reason_en = found.unproven
        yield report("decision_not_provable", place, reason=reason, reason_en=reason_en)
    for numbers, example in found.overlaps:
        rows = ", ".join(f"dòng {number}" for number in numbers)
        yield report("decision_rules_overlap", place, rows=rows, example=example, policy=table.policy)
    for example in found.gaps:
        yield report("decision_gap", place, example=example)
    for number in found.never:
        yield report("decision_rule_never", place, row=number)


def check_named(bundle: Bundle) -> Iterator[Problem]:
    """What the facts name is there: the file, its decisions, and a question for everything that they read."""
    procedure, model = bundle.procedure, bundle.tables
    if procedure is None or bundle.tables_problems or not procedure.decided_by.is_used:
        return
    if model is None:
        yield report("decisions_missing", Place("decisions"), expected=f"{bundle.stem}.dmn")
        return
    asked = {question.id for question in procedure.questions} | {"channel"}
    for use, decision_id in _uses(procedure).items():
        if decision_id not in model.decisions:
            allowed = listed(model.decisions)
            yield report("decision_unknown", Place("decisions"), use=use, found=decision_id, allowed=allowed)
            continue
        known = asked | ({"case"} if use == "fee" else set())
        for name in model.inputs_of(decision_id):
            if name not in known:
                place, allowed = Place("questions"), listed(known)
                yield report("decision_input_unknown", place, decision=decision_id, found=name, allowed=allowed)


def check_use(bundle: Bundle) -> Iterator[Problem]:
    """Check the tables of a procedure against its questions and cases."""
    procedure, model = bundle.procedure, bundle.tables
    named = [*check_named(bundle)]
    yield from named
    if procedure is None or model is None or named:
        return
    if not procedure.decided_by.is_used:
        yield report("decisions_unused", Place("decisions"), found=f"{bundle.stem}.dmn")
    read = {name for decision_id in _uses(procedure).values() for name in model.inputs_of(decision_id)}
    read |= {name for item in procedure.items if item.required_when for name in names_in(item.required_when)}
    for question in procedure.questions:
        if question.id not in read:
            yield report("question_unread", Place("questions"), found=question.id)
    if procedure.decided_by.is_used:
        yield from _try_answers(procedure, model)


def _uses(procedure: Procedure) -> dict[str, str]:
    by = procedure.decided_by
    return {use: decision_id for use, decision_id in (("case", by.case), ("fee", by.fee)) if decision_id}


def _try_answers(procedure: Procedure, model: DecisionModel) -> Iterator[Problem]:
    """Give every answer that the desk can give."""
    offered = {question.id: _offered(procedure, model, question) for question in procedure.questions}
    offered["channel"] = [Piece(channel.value, channel.value) for channel in Channel if channel in procedure.channels]
    decision = procedure.decided_by.case or procedure.decided_by.fee
    if prod(len(found) for found in offered.values()) > MAX_TRIES:
        place = Place(decision)
        yield report(
            "decision_not_provable", place, reason="quá nhiều tổ hợp câu trả lời", reason_en="too many answers"
        )
        return
    told, reached = 0, set()
    for combination in product(*offered.values()):
        given = dict(zip(offered, combination, strict=True))
        try:
            reached.add(decide(procedure, model, {name: piece.value for name, piece in given.items()})[0])
        except DecisionFailed as failed:
            told += 1
            if told <= MOST_TOLD:
                reason = str(failed.facts["detail"])
                table = str(failed.facts["table"])
                yield report(
                    "decision_result_wrong", Place("decisions"), decision=table, example=_told(given), reason=reason
                )
    for case in procedure.cases if procedure.decided_by.case and not told else ():
        if case.id not in reached:
            yield report("case_never_decided", Place("cases"), case=case.id, decision=decision)


def _offered(procedure: Procedure, model: DecisionModel, question: FormField) -> Sequence[Piece]:
    """One answer of every kind that the tables can tell apart."""
    found: Sequence[Piece]
    if question.type is FieldType.CHOICE:
        found = [Piece(option.value, option.value) for option in question.options]
    else:
        cells = [cell for use in _uses(procedure).values() for cell in model.cells_of(use) if cell[0] == question.id]
        tests: list[UnaryTests] = [test for _name, test, _bounds in cells]
        bounds = [test for _name, test, is_bound in cells if is_bound]
        found = pieces(tests, _KINDS.get(question.type, ValueKind.STRING), bounds) or []
    if not question.is_required and question.type is not FieldType.BOOLEAN:
        found = [*found, Piece(None, "null")]
    return found


_KINDS: Mapping[FieldType, ValueKind] = {
    FieldType.NUMBER: ValueKind.NUMBER,
    FieldType.DATE: ValueKind.DATE,
    FieldType.BOOLEAN: ValueKind.BOOLEAN,
}


def _told(given: Mapping[str, Piece]) -> str:
    return "; ".join(f"{name} {piece.label}" for name, piece in given.items())
