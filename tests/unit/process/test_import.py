"""Bring your own: what other tools drew runs to its end, means what it meant, and every change is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from engine.domain.process import Severity
from engine.process.checks import check_path
from engine.process.import_texts import ERRORS
from engine.process.importing.examine import Imported, examine_import
from engine.process.importing.notes import CHANGES
from engine.process.problems import TEXTS
from tests.support.foreign import BROKEN, MANNERS, SHAPES, Manner, write
from tests.unit.process.bringing import Walk, trial_of

Answers = Mapping[str, object]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_tools_draw_runs_to_its_end_however_they_write_it(shape: str) -> None:
    for manner in MANNERS:
        found = examine_import(write(SHAPES[shape], manner))
        assert not found.problems, (manner.name, found.problems)
        assert found.written
        assert all(change.message and change.message_en for change in found.changes)


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_run_is_refused_and_the_element_is_named(name: str) -> None:
    code, element, model = BROKEN[name]
    found = examine_import(write(model))
    assert (code, element) in {(problem.code, problem.element) for problem in found.problems}, found.problems
    assert not found.written
    assert all(problem.message and problem.message_en for problem in found.problems)


def test_every_change_can_be_told() -> None:
    told: set[str] = set()
    for model in (*SHAPES.values(), *MORE):
        for manner in MANNERS[::2]:
            told |= {change.code for change in examine_import(write(model, manner)).changes}
    told |= {change.code for document in RAW for change in examine_import(document).changes}
    assert told == CHANGES.keys()


def test_every_refusal_of_the_import_can_be_told() -> None:
    told = {
        problem.code for _code, _element, model in BROKEN.values() for problem in examine_import(write(model)).problems
    }
    told |= {problem.code for document in NOT_BPMN.values() for problem in examine_import(document).problems}
    assert told >= ERRORS.keys() - {"walk_differs"}
    assert all(TEXTS[code].severity is Severity.ERROR for code in ERRORS)


MORE = (
    "start s\ntask t\nfirst g\ncatch c !message\nend e\ns > t > g > c > e\nsub h triggeredByEvent=true",
    "start s\nadhoc a\n  sub x\n    task i\n    end ie\n    i > ie\nend e\ns > a > e",
    "start s\nuser t camunda:assignee=clerk\ncomplex g\ntask a\ntask b\nend e\ns > t > g > a > e\ng > b > e [x]",
    "start s\nand p\ntask a\ntask b\nand j\nend e\ns > p > a > j > e [x > 1]\np > b > j",
    "start s\nuser t camunda:formKey=a.jsf\nservice v camunda:class=Evil startQuantity=2\nend e\ns > t > v > e",
    "start s\ntask a\nboundary b attachedToRef=a cancelActivity=false !message\nand j\nend e\ns > a > j > e\nb > j",
    "start s\nsub x\n  start is\n  throw up !escalation:a\n  end ie !error:b\n  is > up > ie\nend e\ns > x > e",
)
_HEAD = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:c="http://camunda.org/schema/1.0/bpmn">'
)
RAW = (
    _HEAD
    + b'<process id="p"><startEvent id="s"/><subProcess id="x"><task id="a"/><task id="b"/></subProcess>'
    + b'<sequenceFlow id="in" sourceRef="a" targetRef="b"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>'
    + b'<userTask id="u"><extensionElements><c:formData><c:formField id="ok" type="boolean" label="Duy&#7879;t"/>'
    + b'</c:formData></extensionElements></userTask><sequenceFlow id="g" sourceRef="x" targetRef="u"/></process>'
    + b"</definitions>",
)
NOT_BPMN: dict[str, bytes] = {
    "empty": b" \n",
    "picture": b"\x89PNG\r\n\x1a\n....",
    "archive": b"PK\x03\x04....",
    "text": b"Quy tr\xc3\xacnh",
    "decisions": b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    "cases": b'<cmmn:definitions xmlns:cmmn="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "page": b"<html><body/></html>",
    "older": b'<definitions xmlns="http://www.example.org/BPMN/1.2"/>',
    "unknown encoding": b'<?xml version="1.0" encoding="x-none"?><a/>',
    "entities": b'<!DOCTYPE a [<!ENTITY b "bbb">]><a>&b;</a>',
    "nothing inside": _HEAD + b"<process id='p'/></definitions>",
    "endless": write("start s\ntask a\nxor g\nend e\nsub h triggeredByEvent=true\n  start hs isInterrupting=false "
                     "!signal:go\n  throw again !signal:go\n  end he\n  hs > again > he\nthrow t !signal:go\n"
                     "s > a > t > e"),
    "hostile": write("start s\ntask a\nxor g\nend e\ns > a > g\ng > a\ng > e [os.system('rm -rf /')]"),
    "too long": write("start s\ntask a\nxor g default=f3\nend e\ns > a > g\ng > a\ng > e [x > 2 and x < 1]"),
    "stuck": write("start s\nor g default=f2\ntask a\ntask b\nand j\nend e\ns > g > a > j > e\ng > b > j [x > 1]"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_BPMN)
def test_what_is_no_process_gets_a_clear_word_and_no_traceback(name: str) -> None:
    found = examine_import(NOT_BPMN[name])
    assert [problem for problem in found.problems if problem.severity is Severity.ERROR]
    assert all(len(problem.message) > 8 for problem in found.problems)


def test_old_names_of_the_language_and_any_encoding_are_read() -> None:
    old = b"http://schema.omg.org/spec/BPMN/2.0"
    document = write(SHAPES["choice"]).replace(b"http://www.omg.org/spec/BPMN/20100524/MODEL", old)
    assert not examine_import(document).problems
    text = document.decode().replace("UTF-8", "MacRoman")
    assert not examine_import(text.encode("mac_roman")).problems
    assert not examine_import(b"\xef\xbb\xbf" + document).problems


def test_a_gateway_without_conditions_is_the_choice_of_a_person() -> None:
    for number, target in enumerate(("t2", "t3", "t4"), start=1):
        walk = Walk(SHAPES["choice"]).do("t1", choice_g=f"way_{number}")
        assert walk.open == [target]
        assert walk.do(target).advance.is_finished


def test_flows_of_the_same_condition_are_the_choice_of_a_person() -> None:
    ways = [f"\ng > {target} [_undefined]\n{target} > e" for target in ("a", "b", "c")]
    model = "start s\nuser t\nxor g\ntask a\ntask b\ntask c\nend e\ns > t > g" + "".join(ways)
    for number, target in enumerate(("a", "b", "c"), start=1):
        assert Walk(model).do("t", choice_g=f"way_{number}").open == [target]
    told = [change.message_en for change in examine_import(write(model)).changes if change.code == "choice_by_person"]
    assert ["the same condition" in message for message in told] == [True]


def test_translated_conditions_ask_for_their_values() -> None:
    field = {field.id: str(field.type) for field in trial_of(SHAPES["translated"]).steps["main/t1"].form}
    assert field == {"approved": "boolean", "late": "boolean"}
    assert Walk(SHAPES["translated"]).do("t1", approved=True, late=False).open == ["t2"]
    assert Walk(SHAPES["translated"]).do("t1", approved=True, late=True).open == ["t3"]


def test_a_value_that_was_asked_for_on_every_way_is_not_asked_for_again() -> None:
    model = "start s\nuser t\ntask u\nxor g\ntask a\ntask b\nend e\ns > t > u > g\ng > a > e [ok]\ng > b > e [not ok]"
    form = "<extensionElements><c:formField xmlns:c='urn:c' id='ok' type='boolean' label='Duyệt'/></extensionElements>"
    document = write(model).replace(b'<userTask id="t"/>', f'<userTask id="t">{form}</userTask>'.encode())
    found = examine_import(document)
    assert not found.problems
    assert not {"values_asked", "condition_translated"} & _codes(found)
    assert found.written["main"].count('<motcua:field id="ok"') == 1
    assert 'label="Duyệt" type="boolean" required="true"' in found.written["main"]


@pytest.mark.parametrize(
    ("answers", "branches"),
    [
        ({"amount": 200, "kind": "land"}, ["t2", "t3"]),
        ({"amount": 200, "kind": "other"}, ["t2"]),
        ({"amount": 1, "kind": "land"}, ["t3"]),
        ({"amount": 1, "kind": "other"}, ["t4"]),
    ],
)
def test_an_inclusive_gateway_waits_for_just_the_branches_that_it_opened(
    answers: Answers, branches: Sequence[str]
) -> None:
    walk = Walk(SHAPES["inclusive"])
    walk.do("t1", **answers)
    assert walk.open == sorted(branches)
    for branch in branches:
        assert "t5" not in walk.open
        walk.do(branch)
    assert walk.open == ["t5"]


def test_conditional_flows_of_a_task_may_all_be_taken() -> None:
    model = "start s\ntask t\ntask a\ntask b\nend e\ns > t\nt > a [x > 1]\nt > b [x > 2]\na > e\nb > e"
    assert Walk(model).do("t", x=3).open == ["a", "b"]
    assert Walk(model).do("t", x=2).open == ["a"]


def test_an_error_inside_a_subprocess_leaves_it_by_its_boundary_event() -> None:
    walk = Walk(SHAPES["shop"]).do("browse").do("add", choice_done="way_2").do("pay", choice_ok="way_2")
    walk.do("decide_retry", choice_retry="way_2")
    assert walk.advance.is_finished
    assert walk.went("failed", "b", "e2")
    assert not walk.went("receive")


def test_a_signal_is_caught_where_the_same_process_waits_for_it() -> None:
    walk = Walk(SHAPES["signals"])
    assert walk.open == ["t1"]
    assert walk.do("t1").open == ["t2"]
    assert walk.do("t2").advance.is_finished


def test_what_comes_from_outside_is_recorded_by_a_person() -> None:
    walk = Walk(SHAPES["events"]).do("t1")
    for step in ("c1", "c2", "c3", "c4"):
        assert walk.open == [step]
        walk.do(step)
    assert walk.advance.is_finished
    assert walk.went("l1", "l2")


def test_of_the_events_behind_an_event_gateway_a_person_records_the_first() -> None:
    walk = Walk(SHAPES["first_event"]).do("ask", choice_g="way_2")
    assert walk.open == ["t2"]
    assert not walk.went("t1")


def test_boundary_events_interrupt_or_not_as_drawn() -> None:
    walk = Walk(SHAPES["boundaries"]).do("t1")
    walk.throw("b1")
    assert walk.open == ["c", "t3"]
    walk.throw("b2")
    assert walk.open == ["t3", "t4"]
    assert walk.do("t3").do("t4").advance.is_finished


def test_rounds_are_repeated_until_a_person_says_so() -> None:
    walk = Walk(SHAPES["loops"]).do("a", choice_again_a="way_2")
    assert walk.open == ["a"]
    walk.do("a", choice_again_a="way_1")
    assert walk.open == ["decide_before_b"]
    walk.do("decide_before_b", choice_before_b="way_1")
    assert walk.open == ["ct"]
    walk.do("ct").do("decide_again_c", choice_again_c="way_1")
    assert walk.open == ["d"]


def test_work_in_any_order_is_chosen_one_by_one() -> None:
    walk = Walk(SHAPES["adhoc"])
    step = walk.open[0]
    names = {option.label: option.value for option in walk.advance.open_tasks[0].step.form[0].options}
    assert walk.do(step, choice_next_a=names["z"]).open == ["z"]
    assert walk.do("z").do(step, choice_next_a=names["x"]).open == ["x"]
    assert walk.do("x").open == ["y"]
    assert walk.do("y").do(step, choice_next_a=names["Đã xong"]).advance.is_finished


def test_a_timer_of_days_on_a_step_becomes_a_timer_of_ours() -> None:
    written = examine_import(write(SHAPES["handlers"])).written["main"]
    assert '<motcua:timer after="7" unit="calendar_days"/>' in written
    assert 'name="timer_t1"' in written
    walk = Walk(SHAPES["handlers"]).throw("timer_t1")
    assert walk.open == ["et"]  # the error behind it starts the event subprocess that catches it


def test_flows_that_a_tool_wrote_into_another_process_come_home() -> None:
    flows = b'<sequenceFlow id="a" sourceRef="s" targetRef="t"/><sequenceFlow id="b" sourceRef="t" targetRef="e"/>'
    nodes = b'<process id="q"><startEvent id="s"/><task id="t"/><endEvent id="e"/></process>'
    for order in (
        (b'<process id="p">' + flows + b"</process>", nodes),
        (nodes, b'<process id="p">' + flows + b"</process>"),
    ):
        found = examine_import(_HEAD + b"".join(order) + b"</definitions>")
        assert not found.problems
        assert list(found.written) == ["q"]
        assert [change.element for change in found.changes if change.code == "flow_moved"] == ["a", "b"]


def test_undoing_is_done_by_a_person_who_is_told_what() -> None:
    walk = Walk(SHAPES["undo"]).do("book", choice_g="way_2")
    assert walk.open == ["undo"]
    assert "unbook" in walk.advance.open_tasks[0].step.name
    walk.do("undo")
    assert walk.open == ["e2"]


def test_two_starts_are_a_choice_and_what_nothing_leads_to_starts_beside_them() -> None:
    walk = Walk(SHAPES["starts"])
    assert walk.open == ["beside", "decide_begin_main"]
    walk.do("decide_begin_main", choice_begin_main="way_1")
    assert walk.went("s1")
    assert not walk.went("s2")


def test_calls_within_the_file_run_and_others_become_steps() -> None:
    walk = Walk(SHAPES["calls"])
    assert walk.open == ["decide_g1", "u"]
    walk.do("decide_g1", choice_g1="way_1").do("k2")
    assert "ct" in walk.open


def test_nothing_in_a_file_is_ever_executed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    evil = f"__import__('pathlib').Path('{trap}').touch()"
    model = f"start s\nscript x\nxor g\nend a\nend b\ns > x > g\ng > a [{evil}]\ng > b [${{{evil}}}]"
    document = write(model).replace(b'id="x"/>', f'id="x"><script>{evil}</script></scriptTask>'.encode())
    found = examine_import(document)
    assert {problem.code for problem in found.problems} == {"expression_hostile"}
    assert not found.written
    assert not trap.exists()


def test_a_script_that_reaches_for_nothing_becomes_a_step_and_is_never_run() -> None:
    model = "start s\nscript x\nxor g\nend a\nend b\ns > x > g\ng > a [total.sum() > 3]\ng > b [${total.isBig()}]"
    document = write(model).replace(b'id="x"/>', b'id="x"><script>total = order.sum()</script></scriptTask>')
    found = examine_import(document)
    assert not found.problems
    assert {"script_not_run", "choice_by_person"} <= {change.code for change in found.changes}


def test_ids_that_sound_like_code_are_ids() -> None:
    model = """
        start s
        sub booking-subprocess
          start __init__
          task subprocess
          boundary __x__y attachedToRef=subprocess !message
          end e
          __init__ > subprocess > e
          __x__y > e
        xor g default=f4
        end builtins
        s > booking-subprocess > g > builtins
        g > s2
        user s2
        s2 > builtins
        """
    assert not examine_import(write(model)).problems


def test_what_was_written_is_read_by_the_import_again_and_keeps_its_picture() -> None:
    for shape in SHAPES.values():
        first = examine_import(write(shape))
        for text in first.written.values():
            again = examine_import(text.encode())
            assert not again.problems
            assert "<bpmndi:BPMNShape" in text
            assert 'waypoint x="1" y="2"' in text


def test_the_written_file_asks_the_office_only_for_what_the_office_knows(tmp_path: Path) -> None:
    (tmp_path / "main.bpmn").write_text(examine_import(write(SHAPES["choice"])).written["main"], encoding="utf-8")
    codes = {problem.code for report in check_path([tmp_path]) for problem in report.problems}
    assert codes == {"facts_missing", "lane_without_role", "task_without_limit"}


def test_the_manner_of_a_tool_does_not_change_what_is_meant() -> None:
    plain = examine_import(write(SHAPES["shop"], Manner("a")))
    prefixed = examine_import(write(SHAPES["shop"], Manner("b", prefix="x", encoding="UTF-16")))
    assert plain.written == prefixed.written
    assert _codes(plain) == _codes(prefixed) - {"encoding_read"}


def _codes(found: Imported) -> set[str]:
    return {change.code for change in found.changes}
