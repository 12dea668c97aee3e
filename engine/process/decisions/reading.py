"""Reading a DMN file: bytes become a `DecisionModel`, or problems that say where and what to do.

Whatever the subset does not hold is a problem, never left out in silence: only documentation (text annotations,
knowledge sources, the picture) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.domain.process import Problem, Severity
from engine.process.decisions.cells import Formula, read_formula
from engine.process.decisions.model import Decision, DecisionModel, TypeRule
from engine.process.decisions.notes import NAMESPACES, Notes, cell_fault, child, children, place_of, text_of
from engine.process.decisions.table import Table
from engine.process.decisions.table_reading import TableReader
from engine.process.decisions.types import ItemType, Types
from engine.process.decisions.values import ValueKind
from engine.process.expressions import ExpressionRefused
from engine.process.problems import report
from engine.process.safe_xml import XmlRefused, name_of, read_xml

MAX_DECISIONS = 100
_PLAIN = re.compile(r"[^\W\d]\w*")
_RESERVED = frozenset({"true", "false", "null", "not", "date", "min", "max", "abs", "None", "True", "False"})
# Documentation, and what is read elsewhere.
_PASSED_OVER = frozenset(
    {
        "decision", "inputData", "itemDefinition", "description", "extensionElements", "textAnnotation", "association",
        "knowledgeSource", "organizationUnit", "performanceIndicator", "elementCollection", "group",
        "authorityRequirement", "question", "allowedAnswers", "variable", "informationRequirement",
        "decisionMaker", "decisionOwner", "impactedPerformanceIndicator", "supportedObjective", "usingProcess",
        "usingTask",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Written:
    """A decision as it stands in the file."""

    element: etree._Element
    id: str
    name: str
    needs: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)


def read_model(content: bytes) -> tuple[DecisionModel | None, tuple[Problem, ...]]:
    """Read a DMN file; no model if anything in it is wrong or outside the subset. Raises `MemoryError`."""
    try:
        root = read_xml(content)
    except XmlRefused as refused:
        return None, (refused.problem,)
    name = name_of(root.tag)
    if name.local != "definitions" or name.namespace not in NAMESPACES:
        return None, (report("not_dmn", line=1, root=f"{name.local} {name.namespace}".strip()),)
    reader = _Reader(root)
    model = reader.read()
    problems = tuple(reader.notes.problems)
    return (None if any(problem.severity is Severity.ERROR for problem in problems) else model), problems


class _Reader:
    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.notes = Notes()
        self.types = Types(root, self.notes)
        self.inputs: dict[str, TypeRule] = {}
        self.input_names: dict[str, str] = {}

    def read(self) -> DecisionModel:
        self._refuse_the_rest(self.root)
        self._check_languages()
        self._read_inputs()
        written = {decision.id: decision for decision in map(self._written, children(self.root, "decision"))}
        self._check_names(written.values())
        if not written:
            self.notes.invalid(self.root, "tệp không có quyết định (decision) nào", "the file holds no decision")
        elif len(written) > MAX_DECISIONS:
            self.notes.tell("too_large", self.root, limit=f"{MAX_DECISIONS} quyết định")
            return DecisionModel({}, {})
        decisions: dict[str, Decision] = {}
        for decision in self._in_order(written):
            found = self._decision(decision, decisions)
            if found is not None:
                decisions[found.id] = found
        return DecisionModel(decisions, self.inputs)

    def _refuse_the_rest(self, element: etree._Element) -> None:
        """Refuse what stands beside decisions and inputs: imports, functions, services."""
        for part in children(element):
            kind = name_of(part.tag).local
            if kind not in _PASSED_OVER:
                self.notes.unsupported(part, f"“{kind}”", f"“{kind}”")

    def _check_languages(self) -> None:
        for element in self.root.iter():
            language = element.get("expressionLanguage")
            if language and "feel" not in language.lower():
                self.notes.unsupported(element, f"ngôn ngữ “{language}” (chỉ nhận FEEL)", f"language “{language}”")

    def _read_inputs(self) -> None:
        for element in children(self.root, "inputData"):
            variable = child(element, "variable")
            name = str((variable.get("name") if variable is not None else None) or element.get("name", ""))
            self.inputs[name] = self.types.simple(variable)
            self.input_names[str(element.get("id", ""))] = name

    def _written(self, element: etree._Element) -> _Written:
        variable = child(element, "variable")
        name = str((variable.get("name") if variable is not None else None) or element.get("name", ""))
        found = _Written(element, str(element.get("id", "")), name)
        for requirement in children(element, "informationRequirement"):
            for wanted in children(requirement, "requiredInput", "requiredDecision"):
                href = str(wanted.get("href", ""))
                found_in = found.inputs if name_of(wanted.tag).local == "requiredInput" else found.needs
                found_in.append(href.removeprefix("#"))
        return found

    def _check_names(self, written: Iterable[_Written]) -> None:
        ids = [str(element.get("id", "")) for element in children(self.root, "decision", "inputData")]
        names = [*self.input_names.values(), *(decision.name for decision in written)]
        elements = children(self.root, "inputData", "decision")
        for element, name in zip(elements, names, strict=False):
            if not element.get("id") or not name:
                self.notes.invalid(element, "thiếu id hoặc tên", "id or name is missing")
            elif ids.count(str(element.get("id"))) > 1 or names.count(name) > 1:
                self.notes.invalid(element, f"“{name}” được dùng hai lần", f"“{name}” is used twice")
            elif name in _RESERVED:
                self.notes.invalid(element, f"“{name}” là từ của FEEL", f"“{name}” is a word of FEEL")

    def _in_order(self, written: Mapping[str, _Written]) -> list[_Written]:
        """Put every decision after those that it needs; tell of circles and of what is not there."""
        done: dict[str, _Written] = {}
        waiting = dict(written)
        for decision in written.values():
            for wanted, known in ((decision.needs, written), (decision.inputs, self.input_names)):
                for id_ in wanted:
                    if id_ not in known:
                        self.notes.tell("decision_unresolved", decision.element, missing=id_)
                wanted[:] = [id_ for id_ in wanted if id_ in known]
        while waiting:
            ready = [decision for decision in waiting.values() if all(id_ in done for id_ in decision.needs)]
            if not ready:
                self.notes.tell("decision_recursive", next(iter(waiting.values())).element, chain=", ".join(waiting))
                break
            for decision in ready:
                done[decision.id] = waiting.pop(decision.id)
        return list(done.values())

    def _decision(self, written: _Written, known: Mapping[str, Decision]) -> Decision | None:
        inputs = [self.input_names[id_] for id_ in written.inputs]
        names = {name: self.inputs[name].kind for name in inputs}
        for id_ in written.needs:
            if id_ not in known:
                return None  # it is faulty itself, and has been told of
            names[known[id_].name] = self._kind_of(written, known[id_])
        result = self.types.of(child(written.element, "variable"))
        parts = [part for part in children(written.element) if name_of(part.tag).local not in _PASSED_OVER]
        if len(parts) != 1:
            self.notes.invalid(
                written.element, "phải có đúng một bảng quyết định", "it needs exactly one decision table"
            )
            return None
        logic = self._logic(written, parts[0], names, inputs, result)
        if logic is None:
            return None
        rule = result.rule if not result.components else TypeRule()
        return Decision(written.id, written.name, logic, rule, tuple(inputs), tuple(written.needs))

    def _logic(
        self, written: _Written, part: etree._Element, names: dict[str, ValueKind], inputs: list[str], result: ItemType
    ) -> Table | Formula | None:
        kind = name_of(part.tag).local
        if kind == "decisionTable":
            names.update(self._implicit(part, names, inputs))
            title = str(written.element.get("name") or written.name)
            return TableReader(title, names, self.types, self.notes).read(part, result)
        if kind == "literalExpression":
            try:
                return read_formula(text_of(part), names)
            except ExpressionRefused as refused:
                cell_fault(self.notes, part, "biểu thức", written.name, text_of(part), refused)
                return None
        self.notes.unsupported(part, f"biểu thức loại “{kind}”", f"an expression of kind “{kind}”")
        return None

    def _implicit(
        self, table: etree._Element, names: Mapping[str, ValueKind], inputs: list[str]
    ) -> dict[str, ValueKind]:
        """A column that reads a plain name nobody declares is an input itself, as table editors draw it."""
        found: dict[str, ValueKind] = {}
        for column in children(table, "input"):
            expression = child(column, "inputExpression")
            text = text_of(expression)
            declared = text in names or text in self.input_names.values()
            if _PLAIN.fullmatch(text) and text not in _RESERVED and not declared:
                rule = self.types.simple(expression)
                self.inputs.setdefault(text, TypeRule(rule.kind))
                found[text] = rule.kind
                inputs.append(text)
        return found

    def _kind_of(self, written: _Written, needed: Decision) -> ValueKind:
        """The kind of a decision that another reads: it must answer one value."""
        if isinstance(needed.logic, Formula):
            return needed.logic.kind
        if needed.logic.answers_list or len(needed.logic.outputs) > 1:
            place = place_of(written.element)
            what = f"đọc kết quả nhiều giá trị của “{needed.name}”"
            self.notes.problems.append(
                report("dmn_unsupported", place, what=what, what_en=f"reading the many values of “{needed.name}”")
            )
        return ValueKind.NUMBER if needed.logic.aggregation else needed.logic.outputs[0].kind
