"""Every code of the checker, with a fault planted for it in a model that is right."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.domain.process import Problem, Severity
from engine.process.checks.files import Examination, examine
from engine.process.problems import TEXTS

MODELS = Path(__file__).parent / "models"
KINDS = frozenset({"one_stop", "land_registry", "province"})
FACTS = "permit.yaml"
PAPERS = "shared/papers.bpmn"
MORE_SHARED = "shared/more.bpmn"


class Fault(NamedTuple):
    """A fault of one file: what is written instead of what, and what the report must say of it."""

    code: str
    was: str
    now: str
    element: str = ""
    says: str = ""
    file: str = "permit.bpmn"
    asked: str = ""


_APPRAISE = '<bpmn:userTask id="appraise_dossier" name="Thẩm định hồ sơ">'
_TO_DELIVER = 'sourceRef="gateway_decision" targetRef="deliver_result"'
_STEP = '<motcua:step limit="0.5" phase="processing" status="RECEIVED" />'
_PROCESS = '<bpmn:process id="permit" name="Cấp giấy phép thử" isExecutable="true">'
_APPROVE = '<bpmn:userTask id="approve_result" name="Phê duyệt">'
_TWO_TASKS = (
    '<bpmn:userTask id="lonely" name="Không ai tới"><bpmn:extensionElements>'
    '<motcua:step clock="outside" waits_for="desk" /></bpmn:extensionElements></bpmn:userTask>'
)

FAULTS = [
    # the file
    Fault("xml_broken", "</bpmn:definitions>", "</bpmn:definition>", says="mismatch"),
    Fault("forbidden_dtd", "<bpmn:definitions", '<!DOCTYPE x SYSTEM "x.dtd">\n<bpmn:definitions'),
    Fault("too_large", "<bpmn:laneSet", "<bpmn:group><a>" * 80 + "</a></bpmn:group>" * 80 + "<bpmn:laneSet"),
    Fault("not_bpmn", "BPMN/20100524/MODEL", "BPMN/19990101/MODEL", file=PAPERS),
    Fault("no_process", "bpmn:process", "bpmn:globalTask", file=PAPERS),
    Fault("several_processes", "  </bpmn:process>", '  </bpmn:process><bpmn:process id="second"/>', says="2"),
    Fault("process_id_differs", '<bpmn:process id="permit"', '<bpmn:process id="permitt"', "permitt", "permit"),
    Fault("not_executable", 'isExecutable="true"', 'isExecutable="false"', "permit"),
    Fault("unsupported_element", _APPRAISE, '<bpmn:inclusiveGateway id="or_gate"/>' + _APPRAISE, "or_gate", "inclusive"),
    Fault("unsupported_element", '<bpmn:endEvent id="end_delivered" name="Đã trả" />',
          '<bpmn:endEvent id="end_delivered"><bpmn:timerEventDefinition/></bpmn:endEvent>', "end_delivered", "timer"),
    Fault("unsupported_element", _STEP, _STEP + "</bpmn:extensionElements><bpmn:standardLoopCharacteristics/>"
          "<bpmn:extensionElements>", "forward_dossier", "standardLoop"),
    Fault("unsupported_element", '<bpmn:startEvent id="start" name="Hồ sơ đã nhận" />',
          '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="message_overdue"/></bpmn:startEvent>',
          "start", "messageStartEvent"),
    Fault("script_task_refused", _APPRAISE, '<bpmn:scriptTask id="script"/>' + _APPRAISE, "script"),
    Fault("unknown_extension", 'limit="0.5" phase', 'limt="0.5" limit="0.5" phase', "forward_dossier", "limt"),
    Fault("unknown_extension", 'type="long_text" required="false" />', 'type="long_text"><motcua:choice/></motcua:field>',
          "appraise_dossier", "choice"),
    Fault("unknown_extension", _STEP, _STEP + '<motcua:effect name="notify"/>', "forward_dossier", "effect"),
    Fault("missing_id", _APPRAISE, "<bpmn:endEvent/>" + _APPRAISE),
    Fault("duplicate_id", _APPRAISE, '<bpmn:endEvent id="approve_result"/>' + _APPRAISE, "approve_result", "2"),
    Fault("step_id_repeated", 'id="receive_papers"', 'id="forward_dossier"', "forward_dossier", "papers", PAPERS, "permit.bpmn"),
    # flows
    Fault("missing_flow_target", _TO_DELIVER, 'sourceRef="gateway_decision" targetRef="deliver_reslt"',
          "flow_gateway_decision_to_deliver_result", "deliver_reslt"),
    Fault("missing_flow_source", 'sourceRef="start" targetRef="forward_dossier"', 'sourceRef="strt" targetRef="forward_dossier"',
          "flow_start_to_forward_dossier", "strt"),
    Fault("missing_flow_target", 'sourceRef="gather_opinions" targetRef="gateway_joined"',
          'sourceRef="gather_opinions" targetRef="opinions_end"', "flow_gather_opinions_to_gateway_joined", "opinions_end"),
    Fault("flow_without_id", 'id="flow_start_to_forward_dossier" source', "source"),
    Fault("no_start", '<bpmn:startEvent id="start" name="Hồ sơ đã nhận" />', "", "permit"),
    Fault("several_starts", '<bpmn:startEvent id="start" name="Hồ sơ đã nhận" />',
          '<bpmn:startEvent id="start"/><bpmn:startEvent id="start2"/>', "permit", "2"),
    Fault("no_end", '<bpmn:endEvent id="opinions_end" name="Đủ" />', '<bpmn:intermediateThrowEvent id="opinions_end"/>',
          "gather_opinions"),
    Fault("bad_flow_end", 'sourceRef="record_delivered" targetRef="end_delivered"',
          'sourceRef="record_delivered" targetRef="start"', "start"),
    Fault("bad_flow_end", 'sourceRef="record_delivered" targetRef="end_delivered"',
          'sourceRef="end_delivered" targetRef="end_delivered"', "end_delivered"),
    Fault("bad_flow_end", _APPRAISE, '<bpmn:boundaryEvent id="b" attachedToRef="start"><bpmn:messageEventDefinition '
          'messageRef="message_overdue"/></bpmn:boundaryEvent>' + _APPRAISE, "b"),
    Fault("unreachable", _APPRAISE, _TWO_TASKS + _APPRAISE, "lonely"),
    Fault("dead_end", 'sourceRef="deliver_result" targetRef="record_delivered"',
          'sourceRef="deliver_result" targetRef="deliver_result"', "deliver_result"),
    Fault("implicit_split", 'sourceRef="gather_opinions" targetRef="gateway_joined" />',
          'sourceRef="gather_opinions" targetRef="gateway_joined" /><bpmn:sequenceFlow id="more" sourceRef="gather_opinions" '
          'targetRef="approve_result"/>', "gather_opinions", "2"),
    Fault("gateway_without_default", ' default="flow_gateway_decision_to_appraise_dossier"', "", "gateway_decision"),
    Fault("flow_without_condition", ' default="flow_gateway_decision_to_appraise_dossier"', "",
          "flow_gateway_decision_to_appraise_dossier"),
    Fault("condition_ignored", '<bpmn:sequenceFlow id="flow_start_to_forward_dossier" sourceRef="start" targetRef="forward_dossier" />',
          '<bpmn:sequenceFlow id="flow_start_to_forward_dossier" sourceRef="start" targetRef="forward_dossier">'
          "<bpmn:conditionExpression>1 == 1</bpmn:conditionExpression></bpmn:sequenceFlow>", "flow_start_to_forward_dossier"),
    Fault("condition_invalid", 'decision == "approve"', 'decision = "approve"', "flow_gateway_decision_to_deliver_result"),
    Fault("condition_unsafe", 'decision == "approve"', "__import__('os').system('id')",
          "flow_gateway_decision_to_deliver_result", "không cho phép"),
    Fault("variable_without_source", 'decision == "approve"', 'decison == "approve"',
          "flow_gateway_decision_to_deliver_result", "decison"),
    Fault("parallel_in_rework_loop", '<bpmn:sequenceFlow id="flow_opinions_join_to_opinions_end" sourceRef="opinions_join" '
          'targetRef="opinions_end" />',
          '<bpmn:exclusiveGateway id="again" default="to_end"/>'
          '<bpmn:sequenceFlow id="f1" sourceRef="opinions_join" targetRef="again"/>'
          '<bpmn:sequenceFlow id="to_end" sourceRef="again" targetRef="opinions_end"/>'
          '<bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="opinions_split"><bpmn:conditionExpression>'
          'decision == "return"</bpmn:conditionExpression></bpmn:sequenceFlow>', "opinions_split"),
    Fault("join_may_wait_forever", '<bpmn:parallelGateway id="opinions_split" name="Cùng lúc" />',
          '<bpmn:exclusiveGateway id="opinions_split" default="flow_opinions_split_to_ask_planning"/>', "opinions_join"),
    Fault("branch_runs_twice", '<bpmn:parallelGateway id="opinions_join" name="Đủ ý kiến" />',
          '<bpmn:exclusiveGateway id="opinions_join"/>', "opinions_end"),
    Fault("diagram_too_big", _APPRAISE, "".join(f'<bpmn:endEvent id="e{n}"/>' for n in range(30)) + _APPRAISE, "permit"),
    Fault("too_large", _APPRAISE, "".join(f'<bpmn:endEvent id="e{n}"/>' for n in range(300)) + _APPRAISE, "permit", "200"),
    # calls and events
    Fault("call_activity_unresolved", 'calledElement="papers"', 'calledElement="paper"', "request_papers", "paper.bpmn"),
    Fault("call_activity_broken", "</bpmn:definitions>", "", "request_papers", "XML", PAPERS, "permit.bpmn"),
    Fault("call_activity_recursive", 'calledElement="papers"', 'calledElement="permit"', "request_papers", "permit → permit"),
    Fault("missing_message", 'messageRef="message_overdue"', 'messageRef="message_overdu"', "overdue_raised"),
    Fault("missing_message", '<bpmn:messageEventDefinition id="overdue_definition" messageRef="message_overdue" />', "",
          "overdue_raised"),
    Fault("unknown_message", 'name="due_soon"', 'name="nearly_due"', "due_soon_raised", "nearly_due"),
    Fault("wrong_interruption", 'id="withdrawal_raised" name="Rút hồ sơ" isInterrupting="true"',
          'id="withdrawal_raised" name="Rút hồ sơ" isInterrupting="false"', "withdrawal_raised", "gián đoạn"),
    Fault("missing_event", 'name="overdue" />', 'name="closed" />', "permit", "overdue"),
    # lanes and steps
    Fault("task_without_lane", "<bpmn:flowNodeRef>approve_result</bpmn:flowNodeRef>", "", "approve_result"),
    Fault("task_in_several_lanes", "<bpmn:flowNodeRef>deliver_result</bpmn:flowNodeRef>",
          "<bpmn:flowNodeRef>deliver_result</bpmn:flowNodeRef><bpmn:flowNodeRef>approve_result</bpmn:flowNodeRef>",
          "approve_result", "2"),
    Fault("lane_without_role", '<motcua:actor role="leader" unit="land_registry" />', "", "lane_leader", "Lãnh đạo"),
    Fault("lane_without_role", '<motcua:actor role="leader" unit="land_registry" />', '<motcua:actor role="leader"/>', "lane_leader"),
    Fault("unknown_role", 'role="leader"', 'role="boss"', "lane_leader", "boss"),
    Fault("unknown_unit_kind", 'role="leader" unit="land_registry"', 'role="leader" unit="moon"', "lane_leader", "moon"),
    Fault("lane_node_missing", "<bpmn:flowNodeRef>on_overdue</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>gone</bpmn:flowNodeRef>",
          "lane_leader", "gone"),
    Fault("task_without_limit", _STEP, "", "forward_dossier"),
    Fault("task_without_limit", 'limit="0.5" phase="processing" status', "status", "forward_dossier"),
    Fault("limit_invalid", 'limit="0.5"', 'limit="0,5"', "forward_dossier", "0,5"),
    Fault("limit_invalid", 'value="10.5"', 'value="-1"', "appraise_dossier", "-1"),
    Fault("step_without_phase", 'limit="0.5" phase="processing"', 'limit="0.5"', "forward_dossier"),
    Fault("step_outside_clock_with_limit", 'clock="outside" waits_for="applicant" status="RESOLVED"',
          'clock="outside" limit="1" phase="processing" waits_for="applicant" status="RESOLVED"', "deliver_result"),
    Fault("bad_step_value", 'status="RECEIVED"', 'status="RECIEVED"', "forward_dossier", "RECIEVED"),
    Fault("bad_step_value", 'clock="outside"', 'clock="outsid"', "deliver_result", "outsid"),
    Fault("bad_step_value", 'waits_for="applicant"', 'waits_for="nobody"', "deliver_result", "nobody"),
    Fault("bad_step_value", _STEP, '<motcua:step limit="0.5" phase="processing" waits_for="desk"/>', "forward_dossier"),
    Fault("bad_step_value", 'value="10.5" />', 'value="10.5" /><motcua:limit case="remote" value="9" />', "appraise_dossier"),
    Fault("bad_step_value", 'type="long_text" required="false"', 'type="long_text" required="no"', "appraise_dossier", "no"),
    Fault("form_invalid", 'field id="note"', 'field id="appraisal"', "appraise_dossier", "appraisal"),
    Fault("form_invalid", 'field id="note"', 'field id="my note"', "appraise_dossier", "my note"),
    Fault("form_invalid", 'type="long_text"', 'type="choice"', "appraise_dossier", "note"),
    Fault("form_invalid", 'label="Ghi chú"', 'label=""', "appraise_dossier", "nhãn"),
    Fault("unknown_phase", 'limit="0.5" phase="processing"', 'limit="0.5" phase="procesing"', "forward_dossier", "procesing"),
    Fault("unknown_phase", 'name="phase" value="processing"', 'name="phase" value="first"', "record_delivered", "first"),
    Fault("unknown_case", 'case="remote"', 'case="far"', "appraise_dossier", "far"),
    Fault("phase_without_step", "{name: processing, label: Giải quyết, limit: 10, unit: working_days, starts_on: receipt}",
          "{name: processing, label: Giải quyết, limit: 10, unit: working_days}\n"
          "      - {name: second, label: Hẹn 2, limit: 2, unit: working_days}", says="second", file=FACTS, asked="permit.bpmn"),
    Fault("limits_do_not_add_up", 'limit="1.5"', 'limit="1"', "permit", "9,5 ngày làm việc, thời hạn đăng trong YAML là 10"),
    Fault("limits_do_not_add_up", 'value="10.5"', 'value="10"', "permit", "Vùng khó khăn"),
    # effects
    Fault("service_task_without_effect", 'id="record_delivered" name="Ghi nhận đã trả">',
          'id="record_delivered" name="Ghi nhận đã trả"/><bpmn:serviceTask id="other">', "record_delivered"),
    Fault("unknown_effect", 'effect name="order_letter"', 'effect name="order_leter"', "apologise", "order_leter"),
    Fault("unknown_argument", 'argument name="form" value="apology"', 'argument name="frm" value="apology"', "apologise", "frm"),
    Fault("missing_argument", '<motcua:argument name="form" value="apology" />', "", "apologise", "form"),
    Fault("missing_argument", '<motcua:argument name="ground" value="supplement" />', "", "pause", "ground", PAPERS),
    Fault("bad_argument", 'value="apology"', 'value="apologies"', "apologise", "apologies"),
    # the picture
    Fault("missing_diagram", 'bpmnElement="approve_result"', 'bpmnElement="nothing"', "approve_result"),
    Fault("missing_diagram", "BPMN/20100524/DI", "BPMN/19990101/DI", "permit"),
    # the facts
    Fault("yaml_broken", "levels: [province]", "levels: [province", file=FACTS),
    Fault("yaml_broken", "levels: [province]", "levels: &a [province]\nother: *a", file=FACTS),
    Fault("unknown_key", "result_valid:", "result_vald:", says="result_vald", file=FACTS),
    Fault("unknown_key", "label: Giải quyết, limit: 10,", "label: Giải quyết, lmit: 10,", says="cases.1.phases.1.lmit", file=FACTS),
    Fault("missing_field", "sector_name: Thử nghiệm\n", "", says="sector_name", file=FACTS),
    Fault("missing_field", "label: Giải quyết, limit: 10, unit: working_days", "label: Giải quyết, limit: 10",
          says="cases.1.phases.1.unit", file=FACTS),
    Fault("bad_value", "unit: working_days", "unit: workdays", says="workdays", file=FACTS),
    Fault("bad_value", "limit: 10,", "limit: ten,", says="ten", file=FACTS),
    Fault("bad_value", "limit: 10,", "limit: -3,", says="phases.1.limit", file=FACTS),
    Fault("bad_value", 'code: "9.000001"', "code: 9.000001", says="nháy", file=FACTS),
    Fault("bad_value", 'same_day_cutoff: "15:00"', "same_day_cutoff: 15:00", says="same_day_cutoff", file=FACTS),
    Fault("bad_value", "process: permit", "process: permits", says="process", file=FACTS),
    Fault("bad_value", "effective_to: null", "effective_to: 2025-01-01", says="effective_to", file=FACTS),
    Fault("bad_value", "effective_from: 2026-01-01", "effective_from: hôm nay", says="effective_from", file=FACTS),
    Fault("bad_value", "    default: true\n", "", says="cases", file=FACTS),
    Fault("bad_value", "id: remote", "id: standard", says="hai lần", file=FACTS),
    Fault("bad_value", "id: drawing", "id: application", says="items.2.id", file=FACTS),
    Fault("bad_value", "case: remote", "case: far", says="fees.2.case", file=FACTS),
    Fault("bad_value", "channels: [in_person, online]", "channels: [in_person, fax]", says="fax", file=FACTS),
    Fault("bad_value", "direct: 100000", "direct: -1", says="fees.1.direct", file=FACTS),
    Fault("bad_value", "mark: D, text", "mark: X, text", says="sources.1.mark", file=FACTS),
    Fault("bad_value", "required: true", "required: yes please", says="items.1.required", file=FACTS),
    Fault("bad_value", "clock: resume", "clock: go", says="supplement.clock", file=FACTS),
    Fault("bad_value", "levels: [province]", "levels: province", says="levels", file=FACTS),
    Fault("bad_value", "legal_basis:\n", "legal_basis:\n  - 12\n", says="legal_basis.1", file=FACTS),
    Fault("bad_value", "result: Giấy phép thử\n", "result: Giấy phép thử\nresult: Khác\n", says="hai lần", file=FACTS),
    Fault("unknown_unit_kind", "deciding_unit: land_registry", "deciding_unit: moon", "deciding_unit", "moon", FACTS),
]  # fmt: skip


def plant(folder: Path, fault: Fault) -> Path:
    """Copy the model with the fault in it; answer the file whose report must tell of it."""
    shutil.copytree(MODELS, folder, dirs_exist_ok=True)
    file = folder / fault.file
    text = file.read_text(encoding="utf-8")
    assert fault.was in text, f"the model has no {fault.was!r}"
    file.write_text(text.replace(fault.was, fault.now, 1 if fault.was != "bpmn:process" else -1), encoding="utf-8")
    return folder / (fault.asked or fault.file)


def found(examination: Examination, fault: Fault) -> list[Problem]:
    """Answer the problems that speak of the fault."""
    return [
        problem
        for problem in examination.problems
        if problem.code == fault.code and problem.element == fault.element and fault.says.lower() in problem.message.lower()
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.code}-{fault.says or fault.element}")
def test_a_planted_fault_is_told_of(tmp_path: Path, fault: Fault) -> None:
    examination = examine(plant(tmp_path, fault), KINDS, None)
    told = found(examination, fault)
    assert told, [(problem.code, problem.element, problem.message) for problem in examination.problems]
    assert told[0].message_en
    assert told[0].line or not fault.element or not fault.file.endswith(".bpmn")
    assert told[0].severity is TEXTS[fault.code].severity


def test_the_model_itself_is_right() -> None:
    for file in ("permit.bpmn", FACTS, PAPERS):
        assert examine(MODELS / file, KINDS, None).problems == ()


def test_every_code_has_its_planted_fault() -> None:
    elsewhere = {
        "file_unreadable", "facts_missing", "sheet_without_diagram", "procedure_repeated",  # test_check_path
        "check_stopped", "check_crashed", "limits_not_provable",  # test_check_path, test_check_limits
        "parser_refused", "node_lost",  # test_blueprint: nothing known gets past the rules
        "sources_damaged",  # test_definitions
    }  # fmt: skip
    assert {fault.code for fault in FAULTS} | elsewhere == TEXTS.keys()
    assert not {fault.code for fault in FAULTS} & elsewhere


def test_only_warnings_leave_a_file_in_order() -> None:
    warnings = {code for code, text in TEXTS.items() if text.severity is Severity.WARNING}
    assert warnings == {
        "not_executable", "flow_without_id", "parallel_in_rework_loop", "branch_runs_twice", "diagram_too_big",
        "lane_node_missing",
    }  # fmt: skip
