"""Every problem that a checker can report: its code, its severity, and its sentence in Vietnamese and in English.

A sentence says what is wrong and what to do. `{where}` is filled with the name and the id of the element.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from engine.domain.process import Problem, Severity
from engine.process import decision_texts, draft_texts, group_texts, import_texts
from engine.process.fact_sentences import FACT_SENTENCES, FACT_WARNINGS


class Text(NamedTuple):
    """What a problem says."""

    vietnamese: str
    english: str
    severity: Severity = Severity.ERROR


_W = Severity.WARNING

TEXTS: dict[str, Text] = {
    # the file
    "xml_broken": Text("Không phải XML đúng: {reason}.", "Not well-formed XML: {reason}."),
    "forbidden_dtd": Text(
        "Tệp có khai báo DOCTYPE hoặc thực thể (entity): hãy xóa khai báo này.",
        "The file declares a DOCTYPE or an entity: remove it.",
    ),
    "too_large": Text("Tệp vượt giới hạn cho phép ({limit}).", "The file is over the limit ({limit})."),
    "file_unreadable": Text("Không đọc được tệp: {reason}.", "The file cannot be read: {reason}."),
    "sources_damaged": Text("Gói nguồn trong cơ sở dữ liệu bị hỏng.", "The stored sources are damaged."),
    "not_bpmn": Text(
        "Không phải tệp BPMN 2.0: phần tử gốc là “{root}”.", "Not a BPMN 2.0 file: its root element is “{root}”."
    ),
    "no_process": Text("Tệp không có quy trình (process) nào.", "The file holds no process."),
    "several_processes": Text(
        "Tệp có {count} quy trình: mỗi tệp chỉ vẽ một quy trình.", "The file holds {count} processes: draw one a file."
    ),
    "process_id_differs": Text(
        "Mã quy trình là “{found}”, phải trùng tên tệp “{expected}”.",
        "The process id is “{found}”; it must be the file's name, “{expected}”.",
    ),
    "not_executable": Text("Quy trình {where} chưa bật “Executable”.", "Process {where} is not marked executable.", _W),
    "unsupported_element": Text(
        "Phần tử {where} thuộc loại {kind} chưa được hỗ trợ. {advice}",
        "Element {where} is a {kind}, which is not supported. {advice_en}",
    ),
    "script_task_refused": Text(
        "Script Task {where} bị từ chối: quy trình là nội dung, không phải mã chạy. Hãy dùng Service Task.",
        "Script task {where} is refused: a diagram is content, not code. Use a service task.",
    ),
    "unknown_extension": Text(
        "{where}: không hiểu “{found}” trong phần mở rộng motcua. Được dùng: {allowed}.",
        "{where}: “{found}” is unknown in the motcua extension. Allowed: {allowed}.",
    ),
    "missing_id": Text("Một phần tử {kind} không có id.", "An element {kind} has no id."),
    "duplicate_id": Text(
        "Mã “{found}” được dùng {count} lần: mỗi phần tử phải có mã riêng.",
        "Id “{found}” is used {count} times: every element needs its own.",
    ),
    "step_id_repeated": Text(
        "Mã bước {where} còn được dùng ở {others}: trong một thủ tục và các quy trình mà nó gọi, mỗi bước có mã riêng.",
        "Step id {where} is used in {others} too: a procedure and what it calls must give every step its own id.",
    ),
    # flows
    "missing_flow_source": Text(
        "Luồng {where} đi ra từ “{missing}” nhưng không có phần tử nào mang mã đó trong cùng quy trình.",
        "Flow {where} leaves “{missing}”, but no element of the same process has that id.",
    ),
    "missing_flow_target": Text(
        "Luồng {where} đi tới “{missing}” nhưng không có phần tử nào mang mã đó trong cùng quy trình.",
        "Flow {where} goes to “{missing}”, but no element of the same process has that id.",
    ),
    "flow_without_id": Text(
        "Một luồng từ “{source}” tới “{target}” không có id; nên đặt id để chỉ được tới nó.",
        "A flow from “{source}” to “{target}” has no id; give it one so that it can be named.",
        _W,
    ),
    "no_start": Text("{where} không có sự kiện bắt đầu.", "{where} has no start event."),
    "several_starts": Text(
        "{where} có {count} sự kiện bắt đầu: chỉ được có một.", "{where} has {count} start events: there must be one."
    ),
    "no_end": Text("{where} không có sự kiện kết thúc.", "{where} has no end event."),
    "bad_flow_end": Text(
        "Luồng {flow} không được nối vào {where}: {reason}.", "Flow {flow} must not be tied to {where}: {reason_en}."
    ),
    "unreachable": Text(
        "Không có đường nào từ sự kiện bắt đầu tới {where}.", "No way leads from the start event to {where}."
    ),
    "dead_end": Text(
        "Từ {where} không có đường nào tới sự kiện kết thúc.", "No way leads from {where} to an end event."
    ),
    "implicit_split": Text(
        "{where} có {count} luồng đi ra: hãy dùng cổng (gateway) để rẽ nhánh.",
        "{where} has {count} outgoing flows: split with a gateway.",
    ),
    "gateway_without_default": Text(
        "Cổng {where} chưa có luồng mặc định: nếu không điều kiện nào đúng, hồ sơ sẽ bị kẹt.",
        "Gateway {where} has no default flow: when no condition holds, the dossier is stuck.",
    ),
    "flow_without_condition": Text(
        "Luồng {where} ra khỏi cổng “{gateway}” không có điều kiện và không phải luồng mặc định.",
        "Flow {where} out of gateway “{gateway}” has no condition and is not the default.",
    ),
    "condition_ignored": Text(
        "Điều kiện trên luồng {where} không có tác dụng: {reason}.",
        "The condition on flow {where} has no effect: {reason_en}.",
    ),
    "condition_invalid": Text(
        "Điều kiện “{expression}” của luồng {where} sai: {reason}.",
        "Condition “{expression}” of flow {where} is wrong: {reason_en}.",
    ),
    "condition_unsafe": Text(
        "Điều kiện “{expression}” của luồng {where} bị từ chối: {reason}.",
        "Condition “{expression}” of flow {where} is refused: {reason_en}.",
    ),
    "variable_without_source": Text(
        "Điều kiện “{expression}” của luồng {where} dùng “{variable}” nhưng không biểu mẫu nào hỏi giá trị này.",
        "Condition “{expression}” of flow {where} reads “{variable}”, which no step's form asks for.",
    ),
    "variable_may_be_missing": Text(
        "Cổng {where} dùng “{variable}”, nhưng có đường tới đây mà chưa bước nào bắt buộc nhập giá trị này. "
        "Các bước hỏi giá trị này: {asked}.",
        "Gateway {where} reads “{variable}”, but there is a way to it on which no step must give that value. "
        "Steps that ask for it: {asked}.",
    ),
    "unknown_option": Text(
        "Điều kiện “{expression}” của luồng {where} so với “{found}”, nhưng “{variable}” chỉ nhận: {allowed}.",
        "Condition “{expression}” of flow {where} compares with “{found}”, but “{variable}” can only be: {allowed}.",
    ),
    "loop_without_step": Text(
        "Từ {where} có vòng quay lại mà không qua bước nào của người: hồ sơ sẽ chạy vòng mãi. "
        "Hãy đưa một bước vào vòng.",
        "A circle leads back to {where} without any step of a person: a dossier would run in it for ever. "
        "Put a step into it.",
    ),
    "parallel_in_rework_loop": Text(
        "Khối song song quanh {where} nằm trong một vòng làm lại: hãy đặt nó trong một quy trình con.",
        "The parallel block around {where} lies in a rework loop: put it into a subprocess.",
        _W,
    ),
    "join_may_wait_forever": Text(
        "Cổng gộp {where} chờ mọi nhánh, nhưng có cách đi mà một nhánh không bao giờ tới: hồ sơ sẽ bị kẹt.",
        "Join {where} waits for every branch, but there is a way on which one never comes: the dossier gets stuck.",
    ),
    "branch_runs_twice": Text(
        "Tới {where} hồ sơ có thể đi hai lượt cùng lúc: các nhánh song song phải gộp lại bằng cổng song song.",
        "A dossier can come to {where} twice at once: join parallel branches with a parallel gateway.",
        _W,
    ),
    "diagram_too_big": Text(
        "Quy trình có {count} phần tử; nên tách khi quá {limit}.",
        "The process has {count} elements; split it when it has more than {limit}.",
        _W,
    ),
    # calls and events
    "call_activity_unresolved": Text(
        "{where} gọi quy trình “{called}” nhưng không có tệp {called}.bpmn trong thư mục dùng chung.",
        "{where} calls process “{called}”, but there is no {called}.bpmn among the shared diagrams.",
    ),
    "call_activity_broken": Text(
        "{where} gọi quy trình “{called}”, quy trình đó còn lỗi: {reason}",
        "{where} calls process “{called}”, which has a fault of its own: {reason_en}",
    ),
    "call_activity_recursive": Text(
        "{where} gọi “{called}” theo vòng tròn: {chain}.", "{where} calls “{called}” in a circle: {chain}."
    ),
    "missing_message": Text(
        "Sự kiện {where} chưa chỉ tới message nào có tên.", "Event {where} refers to no message with a name."
    ),
    "unknown_message": Text(
        "Sự kiện {where} chờ “{message}” nhưng hệ thống không gửi sự kiện này. Được dùng: {allowed}.",
        "Event {where} waits for “{message}”, which the engine never throws. Allowed: {allowed}.",
    ),
    "wrong_interruption": Text(
        "Sự kiện “{message}” tại {where} phải là loại {expected}.",
        "Event “{message}” at {where} must be {expected_en}.",
    ),
    "timer_without_event": Text(
        "Bước {where} có hẹn giờ nhưng trên bước chưa có sự kiện biên gián đoạn (interrupting) chờ “{message}”.",
        "Step {where} has a timer but no interrupting boundary event of its own that waits for “{message}”.",
    ),
    "missing_event": Text(
        "Quy trình chưa có quy trình con sự kiện cho “{message}”.",
        "The process has no event subprocess for “{message}”.",
    ),
    # lanes and steps
    "task_without_lane": Text("Bước {where} không nằm trong làn nào.", "Step {where} stands in no lane."),
    "task_in_several_lanes": Text(
        "Bước {where} nằm trong {count} làn: {lanes}.", "Step {where} stands in {count} lanes: {lanes}."
    ),
    "lane_without_role": Text(
        'Làn {where} chưa có vai trò: thêm <motcua:actor role="…" unit="…"/>.',
        'Lane {where} has no role: add <motcua:actor role="…" unit="…"/>.',
    ),
    "unknown_role": Text(
        "Làn {where} có vai trò lạ “{found}”. Được dùng: {allowed}.",
        "Lane {where} names an unknown role, “{found}”. Allowed: {allowed}.",
    ),
    "unknown_unit_kind": Text(
        "{where} nêu loại đơn vị lạ “{found}”. Được dùng: {allowed}.",
        "{where} names an unknown kind of unit, “{found}”. Allowed: {allowed}.",
    ),
    "lane_node_missing": Text(
        "Làn {where} nhắc tới “{missing}” nhưng không có phần tử đó.",
        "Lane {where} lists “{missing}”, which does not exist.",
        _W,
    ),
    "task_without_limit": Text(
        'Bước {where} chưa có thời hạn: thêm <motcua:step limit="…" phase="…"/>, hoặc clock="outside".',
        'Step {where} has no limit: add <motcua:step limit="…" phase="…"/>, or clock="outside".',
    ),
    "limit_invalid": Text(
        "Thời hạn “{found}” của bước {where} không phải số lớn hơn 0 (viết 2.5, không viết 2,5).",
        "Limit “{found}” of step {where} is not a number above 0 (write 2.5).",
    ),
    "step_without_phase": Text(
        "Bước {where} có thời hạn nhưng chưa nêu giai đoạn (phase).", "Step {where} has a limit but names no phase."
    ),
    "step_outside_clock_with_limit": Text(
        'Bước {where} ở ngoài thời hạn (clock="outside") nên không được có limit hoặc phase.',
        "Step {where} is outside the clock, so it must have neither limit nor phase.",
    ),
    "bad_step_value": Text(
        "Bước {where}: “{found}” không dùng được cho {attribute}. Được dùng: {allowed}.",
        "Step {where}: “{found}” is not allowed for {attribute}. Allowed: {allowed}.",
    ),
    "form_invalid": Text("Biểu mẫu của bước {where}: {reason}.", "Form of step {where}: {reason_en}."),
    "unknown_phase": Text(
        "{where} dùng giai đoạn “{phase}” nhưng tệp YAML không có giai đoạn này (có: {allowed}).",
        "{where} uses phase “{phase}”, which the YAML file does not have (it has {allowed}).",
    ),
    "unknown_case": Text(
        "Bước {where} nêu trường hợp “{case}” nhưng tệp YAML không có (có: {allowed}).",
        "Step {where} names case “{case}”, which the YAML file does not have (it has {allowed}).",
    ),
    "phase_not_in_case": Text(
        "Hồ sơ của trường hợp “{case}” có thể tới bước {where} thuộc giai đoạn “{phase}”, nhưng trường hợp này "
        "không có giai đoạn đó.",
        "A dossier of case “{case}” can come to step {where} of phase “{phase}”, which this case does not have.",
    ),
    "limit_not_in_case": Text(
        'Bước {where} chưa có thời hạn cho trường hợp “{case}”: thêm limit="…" hoặc <motcua:limit case="{case_id}"/>.',
        'Step {where} has no limit for case “{case}”: add limit="…" or <motcua:limit case="{case_id}"/>.',
    ),
    "phase_without_step": Text(
        "Giai đoạn “{phase}” có trong YAML nhưng không bước nào trong sơ đồ thuộc giai đoạn này.",
        "Phase “{phase}” is in the YAML file, but no step of the diagram belongs to it.",
    ),
    "limits_do_not_add_up": Text(
        "Trường hợp “{case}”, giai đoạn “{phase}”: bước cộng lại {total} {unit}, "
        "thời hạn đăng trong YAML là {limit} {unit}. Các bước: {steps}.",
        "Case “{case}”, phase “{phase}”: the steps add up to {total_en} {unit_en}, "
        "the posted limit is {limit_en} {unit_en}. Steps: {steps_en}.",
    ),
    "limits_not_provable": Text(
        "Sơ đồ rẽ nhánh quá nhiều để cộng thời hạn các bước: hãy tách quy trình.",
        "The diagram branches too much to add up its limits: split the process.",
    ),
    # effects
    "service_task_without_effect": Text(
        'Service Task {where} không ra lệnh gì: thêm <motcua:effect name="…">.',
        'Service task {where} orders nothing: add <motcua:effect name="…">.',
    ),
    "unknown_effect": Text(
        "{where}: lệnh “{found}” không tồn tại. Được dùng: {allowed}.",
        "{where}: there is no effect “{found}”. Allowed: {allowed}.",
    ),
    "unknown_argument": Text(
        "{where}: lệnh “{effect}” không có tham số “{found}”. Được dùng: {allowed}.",
        "{where}: effect “{effect}” has no argument “{found}”. Allowed: {allowed}.",
    ),
    "missing_argument": Text(
        "{where}: lệnh “{effect}” thiếu tham số “{argument}”.",
        "{where}: effect “{effect}” lacks its argument “{argument}”.",
    ),
    "bad_argument": Text(
        "{where}: “{found}” không dùng được cho tham số “{argument}” của lệnh “{effect}”. Được dùng: {allowed}.",
        "{where}: “{found}” is not allowed for argument “{argument}” of effect “{effect}”. Allowed: {allowed}.",
    ),
    "unknown_ground": Text(
        "{where}: căn cứ tạm dừng “{found}” chưa khai báo trong {file}. Đã khai báo: {allowed}.",
        "{where}: the ground “{found}” of a pause is not declared in {file}. Declared: {allowed}.",
    ),
    # the picture
    "missing_diagram": Text(
        "{where} không có hình trên sơ đồ: hãy mở bằng trình vẽ BPMN và lưu lại.",
        "{where} has no shape in the picture: open the file in a BPMN editor and save it.",
    ),
    # the facts
    "facts_missing": Text(
        "Thiếu tệp {expected} (thông tin niêm yết) bên cạnh sơ đồ.",
        "The file {expected} (posted facts) is missing beside the diagram.",
    ),
    "sheet_without_diagram": Text(
        "Thiếu sơ đồ {expected} bên cạnh tệp thông tin.", "The diagram {expected} is missing beside the facts."
    ),
    "yaml_broken": Text("Không phải YAML đúng: {reason}.", "Not well-formed YAML: {reason}."),
    "unknown_key": Text(
        "Không có mục “{path}”. Được dùng: {allowed}.", "There is no key “{path}”. Allowed: {allowed}."
    ),
    "missing_field": Text("Thiếu mục “{path}”.", "Key “{path}” is missing."),
    "bad_value": Text("Mục “{path}”: {reason}.", "Key “{path}”: {reason_en}."),
    "procedure_repeated": Text(
        "Thủ tục {procedure} đã có ở {other}, phiên bản {version}: cùng cấp, cùng tỉnh và cùng áp dụng từ "
        "ngày {since}. Hãy sửa “effective_from” hoặc ghi “effective_to” cho phiên bản trước.",
        "Procedure {procedure} is in {other} already, version {version}: same level, same province, both in force from "
        "{since}. Change “effective_from”, or give the earlier one an “effective_to”.",
    ),
    "version_gap": Text(
        "Thủ tục {procedure} không có phiên bản nào áp dụng sau ngày {ends} (phiên bản {version} ở {other}) cho đến "
        "ngày {starts}: hồ sơ nhận trong những ngày đó sẽ bị từ chối.",
        "Procedure {procedure} has no version in force after {ends} (version {version} in {other}) until {starts}: "
        "dossiers of those days will be refused.",
        Severity.WARNING,
    ),
    "version_folder_differs": Text(
        "Tệp nằm trong thư mục của ngày {folder} nhưng ghi “effective_from: {starts}”. "
        "Hãy đổi tên thư mục hoặc sửa ngày.",
        "The file lies in the folder of {folder} but says “effective_from: {starts}”. "
        "Rename the folder or mend the day.",
    ),
    # the machine
    "parser_refused": Text(
        "Bộ máy quy trình từ chối {where}: {reason}.", "The process engine refuses {where}: {reason}."
    ),
    "node_lost": Text(
        "Bộ máy quy trình bỏ sót {where}: phần tử này sẽ không bao giờ chạy.",
        "The process engine leaves out {where}: it would never run.",
    ),
    "check_stopped": Text(
        "Kiểm tra tệp quá {seconds} giây hoặc quá {megabytes} MB bộ nhớ nên đã dừng: tệp có thể gây treo máy.",
        "The check took more than {seconds} s or {megabytes} MB and was stopped: the file may hang the machine.",
    ),
    "check_crashed": Text(
        "Bộ kiểm tra gặp lỗi không lường trước với tệp này ({reason}).",
        "The checker met an unforeseen fault in this file ({reason}).",
    ),
}


TEXTS |= {
    code: Text(*said)
    for texts in (decision_texts.ERRORS, import_texts.ERRORS, group_texts.ERRORS, draft_texts.ERRORS)
    for code, said in texts.items()
}
TEXTS |= {code: Text(*said, _W) for code, said in decision_texts.WARNINGS.items()}
TEXTS |= {code: Text(*said, _W if code in FACT_WARNINGS else Severity.ERROR) for code, said in FACT_SENTENCES.items()}


class Located(Protocol):
    """An element of a file: what a problem can be about."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def line(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a file that is no element of its own."""

    id: str
    name: str = ""
    line: int | None = None


def report(code: str, about: Located | None = None, *, line: int | None = None, **facts: object) -> Problem:
    """Write the problem `code` of the element `about`, with the facts that its sentence asks for."""
    text = TEXTS[code]
    element, name = (about.id, about.name) if about is not None else ("", "")
    facts["where"] = f"“{name}” ({element})" if name else f"“{element}”"
    facts.setdefault("reason_en", facts.get("reason", ""))
    return Problem(
        code=code,
        message=text.vietnamese.format(**facts).strip(),
        message_en=text.english.format(**facts).strip(),
        severity=text.severity,
        element=element,
        element_name=name,
        line=line or (about.line if about is not None else None),
    )


def plain(number: Decimal) -> str:
    """Write a number as English does: ``11.5``."""
    return f"{number.normalize():f}"


def comma(number: Decimal) -> str:
    """Write a number as Vietnamese does, without trailing zeros: ``11,5``."""
    return plain(number).replace(".", ",")
