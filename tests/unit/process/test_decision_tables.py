"""Decision tables: what the subset answers, what it refuses, and that nothing a cell holds is ever executed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.domain.process import Problem
from engine.process.decisions.errors import DecisionFailed
from engine.process.decisions.notes import NAMESPACES
from engine.process.decisions.reading import read_model
from tests.unit.process.deciding import NAMESPACE, dmn, model_of, plain_of, value_of

TABLES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "decision_tables.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["name"])
def test_a_table_answers_as_feel_says(table: dict[str, Any]) -> None:
    model = model_of(dmn(table["columns"], table["rows"], table.get("policy", "UNIQUE")))
    for *given, wanted in table["asks"]:
        values = {name: value_of(value) for name, value in zip(model.inputs, given, strict=True)}
        if isinstance(wanted, dict) and "fails" in wanted:
            with pytest.raises(DecisionFailed) as failed:
                model.evaluate("answer", values)
            assert wanted["fails"] in failed.value.message
        else:
            assert plain_of(model.evaluate("answer", values)) == wanted, given


@pytest.mark.parametrize("namespace", sorted(NAMESPACES))
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    model = model_of(dmn("x: number || number", ["- || x + 1"], namespace=namespace))
    assert model.evaluate("answer", {"x": value_of(1)}) == 2


def problems_of(columns: str, row: str, policy: str = "UNIQUE") -> tuple[Problem, ...]:
    model, problems = read_model(dmn(columns, [row], policy))
    assert model is None
    return problems


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('"ít"', "cột là số nhưng ô ghi chữ"),
        ("[5..1]", "hai đầu bị đảo"),
        ("(1..1]", "hai đầu bị đảo"),
        ('[1.."b"]', "khác kiểu"),
        ("> true", "chỉ so sánh được số, chữ, ngày"),
        ("> null", "chỉ so sánh được số, chữ, ngày"),
        ("1, 2,", "không hiểu"),
        ("> 5 7", "thừa “7”"),
        ("> x", "biểu thức|không có đầu vào"),
        ("? > 5", "dấu hỏi"),
        ("in (1, 2)", "không hỗ trợ in"),
        ("1 or 2", "không hỗ trợ or"),
        ("x.y", "dấu chấm"),
        ("“5”", "không hiểu"),
        ("1e3", "không hiểu"),
        ("18 tuổi", "thừa"),
        ("count(1)", "hàm count"),
        ('date("2026-02-30")', "không phải ngày có thật"),
        ('date("2026-1-1")', "không phải ngày có thật"),
        ('@"PT5H"', "không phải ngày có thật"),
        ("date(2026)", "ngày phải viết"),
        ("not(> 5", "thiếu “)”"),
        ("not(not(5))", "không hiểu|thiếu|không có đầu vào|hàm not"),
    ],
)
def test_an_input_cell_outside_the_subset_is_named(cell: str, says: str) -> None:
    problem = problems_of("x: number || number", f"{cell} || 1")[0]
    assert problem.code in {"decision_cell_invalid", "decision_cell_refused"}
    assert "dòng 1, cột “x”" in problem.message
    assert any(words in problem.message for words in says.split("|")), problem.message


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("x ** 2", "lũy thừa"),
        ("if x > 1 then 1 else 2", "if … then … else"),
        ("for i in x return i", "for"),
        ("sum(x)", "hàm sum"),
        ("decimal(x, 2)", "hàm decimal"),
        ("{a: 1}", "ngữ cảnh"),
        ("[1, 2]", "không hiểu “[”"),
        ("x[1]", "thừa “[”"),
        ("x > 1", "thừa “>”"),
        ('x + "a"', "cần hai số"),
        ("-true", "sau dấu trừ"),
        ("null + 1", "cần hai số"),
        ('date("2026-01-01") - date("2025-01-01")', "cần hai số"),
        ("y + 1", "không có đầu vào nào tên “y”"),
        ('"Approved"', "cột là số nhưng ô ghi chữ"),
        ("7", "7 không thuộc 1,2"),
        ("", "ô để trống"),
        ("9999999999 * 9999999999", "số quá lớn"),
        ("min()", "không hiểu"),
        ("abs(1, 2)", "abs(…) cần số"),
    ],
)
def test_an_output_cell_outside_the_subset_is_named(cell: str, says: str) -> None:
    problem = problems_of("x: number || number [1,2]", f"- || {cell}")[0]
    assert problem.code in {"decision_cell_invalid", "decision_cell_refused"}
    assert "dòng 1" in problem.message
    assert says in problem.message


HOSTILE = (
    "__import__('os').system('id')",
    '__import__("os")',
    "().__class__.__bases__[0]",
    "x.__class__",
    "9**9**9**9",
    "9" * 400,
    "1e999999999",
    "(" * 400 + "1" + ")" * 400,
    "-" * 450 + "1",
    "+".join(["1"] * 240),
    "(1+" * 120 + "1" + ")" * 120,
    "lambda: 1",
    "eval(x)",
    "open('/etc/passwd')",
    '"' + "a" * 600 + '"',
    "x" * 501,
    "\x85;import os",
)


@pytest.mark.parametrize("cell", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_cell_is_refused_at_once_wherever_it_stands(cell: str) -> None:
    started = time.process_time()
    for columns, row in (("x: number || number", f"{cell} || 1"), ("x: number || number", f"- || {cell}")):
        problems = problems_of(columns, row)
        assert problems[0].code in {"decision_cell_invalid", "decision_cell_refused"}, problems
    assert time.process_time() - started < 0.5


def test_a_value_that_grows_too_large_is_an_error_and_no_wrong_fee() -> None:
    model = model_of(dmn("x: number || number", ["- || x * x * x"]))
    with pytest.raises(DecisionFailed, match="dòng 1, cột “kết quả 1”: số quá lớn"):
        model.evaluate("answer", {"x": value_of(10**9)})


_HEAD = f'<definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="n">'
_INNER = (
    "<decisionTable><input><inputExpression typeRef='number'><text>x</text></inputExpression></input>{}</decisionTable>"
)
_CELLS = "<inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry>"
_ROW = f"<output typeRef='number'/><rule>{_CELLS}</rule>"


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ("<import name='i' namespace='x' importType='y'/>", "“import”"),
        ("<businessKnowledgeModel id='b' name='f'/>", "“businessKnowledgeModel”"),
        ("<decisionService id='s' name='s'/>", "“decisionService”"),
        ("<decision id='e' name='e'><context/></decision>", "biểu thức loại “context”"),
        ("<decision id='e' name='e'><invocation/></decision>", "biểu thức loại “invocation”"),
        ("<decision id='e' name='e'><relation/></decision>", "biểu thức loại “relation”"),
        ("<decision id='e' name='e'><knowledgeRequirement/><literalExpression/></decision>", "đúng một bảng"),
        ("<decision id='e' name='e'><literalExpression><text>sum(1)</text></literalExpression></decision>", "hàm sum"),
        ("<decision id='e' name='e'/>", "đúng một bảng"),
        (f"<decision id='e' name='e'>{_INNER.format('')}</decision>", "ít nhất một dòng"),
        (f"<decision id='e' name='e'>{_INNER.format(_ROW)}</decision>" * 2, "dùng hai lần"),
        ("<inputData id='i' name='true'/>", "từ của FEEL"),
        ("<inputData id='i' name='x'><variable name='x' typeRef='long'/></inputData>", "kiểu dữ liệu “long”"),
        ("<itemDefinition name='t'><typeRef>string</typeRef><typeConstraint/></itemDefinition>", "typeConstraint"),
        ("<itemDefinition name='t'><functionItem/></itemDefinition>", "functionItem"),
    ],
)
def test_what_the_subset_does_not_hold_is_refused_by_name(inner: str, says: str) -> None:
    good = f"<decision id='ok' name='ok'>{_INNER.format(_ROW)}</decision>"
    model, problems = read_model(f"{_HEAD}{inner}{good}</definitions>".encode())
    assert model is None
    assert any(says in problem.message for problem in problems), [problem.message for problem in problems]


def test_decisions_that_need_each_other_are_worked_out_in_order() -> None:
    table = _INNER.format(_ROW).replace("<text>1<", "<text>x * 2<")
    needs = "<informationRequirement><requiredDecision href='#{}'/></informationRequirement>"
    first = f"<decision id='a' name='Twice the size'>{table}</decision>"
    formula = "<literalExpression><text>Twice the size + 1</text></literalExpression>"
    second = f"<decision id='b' name='b'>{needs.format('a')}{formula}</decision>"
    model = model_of(f"{_HEAD}{second}{first}</definitions>".encode())
    assert model.evaluate("b", {"x": value_of(20)}) == 41
    assert model.evaluate("b", {}) is None


def test_a_list_is_no_input_of_another_decision() -> None:
    table = _INNER.format(_ROW).replace("<decisionTable>", "<decisionTable hitPolicy='COLLECT'>")
    needs = "<informationRequirement><requiredDecision href='#a'/></informationRequirement>"
    second = f"<decision id='b' name='b'>{needs}<literalExpression><text>a + 1</text></literalExpression></decision>"
    _model, problems = read_model(f"{_HEAD}<decision id='a' name='a'>{table}</decision>{second}</definitions>".encode())
    assert "kết quả nhiều giá trị của “a”" in problems[0].message


def test_allowed_values_of_a_type_are_checked() -> None:
    allowed = '<typeRef>string</typeRef><allowedValues><text>"S","M"</text></allowedValues>'
    item = f'<itemDefinition name="tSize">{allowed}</itemDefinition>'
    given = '<inputData id="i" name="size"><variable name="size" typeRef="tSize"/></inputData>'
    table = _INNER.format(_ROW).replace("typeRef='number'><text>x", "typeRef='tSize'><text>size")
    needs = "<informationRequirement><requiredInput href='#i'/></informationRequirement>"
    model = model_of(f"{_HEAD}{item}{given}<decision id='a' name='a'>{needs}{table}</decision></definitions>".encode())
    assert model.evaluate("a", {"size": "S"}) == 1
    with pytest.raises(DecisionFailed, match='"L" không thuộc "S","M"'):
        model.evaluate("a", {"size": "L"})
