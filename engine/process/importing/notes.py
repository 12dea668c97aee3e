"""Every change that the import makes to a stranger's file: its code and its sentence in Vietnamese and in English."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.process import Change
from engine.process.problems import Located


class Sentence(NamedTuple):
    """What a change says."""

    vietnamese: str
    english: str


CHANGES: dict[str, Sentence] = {
    # the file
    "encoding_read": Sentence(
        "Tệp viết bằng bảng mã {encoding}: đã đọc và sẽ ghi lại bằng UTF-8.",
        "The file is written in {encoding}: it was read, and is written as UTF-8.",
    ),
    "set_aside": Sentence(
        "Để riêng {count} {kind} (chỉ để xem, không tham gia xử lý): {ids}.",
        "Set aside {count} {kind} (to look at, nothing runs): {ids}.",
    ),
    "process_set_aside": Sentence(
        "Bên tham gia {where} không vẽ bước nào bên trong: được coi là bên ngoài.",
        "Participant {where} shows no steps inside: taken as an outside party.",
    ),
    "process_apart": Sentence(
        "Tệp có nhiều quy trình; {where} được chạy như một quy trình riêng, các bên báo nhau ngoài hệ thống.",
        "The file holds several processes; {where} runs as a process of its own, the parties tell each other outside.",
    ),
    "not_executable": Sentence(
        "Quy trình {where} chưa bật “Executable”: đã bật.", "Process {where} was not marked executable: now it is."
    ),
    "id_given": Sentence("{kind} không có mã: đã đặt mã {where}.", "An element {kind} had no id: it is now {where}."),
    "id_changed": Sentence(
        "Mã “{old}” có ký tự không dùng được hoặc bị lặp: đổi thành {where}.",
        "Id “{old}” has characters that cannot be used, or is used twice: it is now {where}.",
    ),
    "flow_moved": Sentence(
        "Luồng {where} được ghi ở quy trình khác với hai đầu của nó: đã đưa về đúng chỗ.",
        "Flow {where} was written in another process than its ends: moved there.",
    ),
    # steps
    "became_person_step": Sentence(
        "{where} ({kind}) trở thành bước do người thực hiện và báo xong.",
        "{where} ({kind}) became a step that a person does and reports done.",
    ),
    "script_not_run": Sentence(
        "{where}: mã lệnh (script) không bao giờ được chạy; trở thành bước do người thực hiện.",
        "{where}: its script is never run; it became a step that a person does.",
    ),
    "call_became_step": Sentence(
        "{where} gọi “{called}”, tệp này không vẽ bước nào của nó: trở thành bước do người thực hiện.",
        "{where} calls “{called}”, of which this file draws no step: it became a step that a person does.",
    ),
    "subprocess_became_step": Sentence(
        "Quy trình con {where} không vẽ gì bên trong: trở thành một bước do người thực hiện.",
        "Subprocess {where} shows nothing inside: it became one step that a person does.",
    ),
    "transaction_read": Sentence(
        "{where} là giao dịch (transaction): chạy như quy trình con; việc hoàn tác do người thực hiện.",
        "{where} is a transaction: it runs as a subprocess; undoing is done by a person.",
    ),
    "adhoc_in_turn": Sentence(
        "Quy trình con tùy ý {where}: việc bên trong làm lần lượt, người phụ trách chọn việc tiếp theo tới khi xong.",
        "Ad-hoc subprocess {where}: its work is done one after the other, a person chooses what comes next.",
    ),
    "form_read": Sentence(
        "{where}: đọc {count} trường biểu mẫu của công cụ vẽ ({fields}).",
        "{where}: read {count} form fields of the drawing tool ({fields}).",
    ),
    "assignment_read": Sentence(
        "{where}: công cụ vẽ giao cho “{who}”; hãy đặt vai trò cho làn tương ứng.",
        "{where}: the drawing tool assigns it to “{who}”; give the lane that role.",
    ),
    "code_set_aside": Sentence(
        "{where}: mã lệnh của công cụ vẽ ({kinds}) không bao giờ được chạy.",
        "{where}: code of the drawing tool ({kinds}) is never run.",
    ),
    "form_elsewhere": Sentence(
        "{where}: biểu mẫu “{form}” nằm ở tệp khác nên không đọc được; hãy đặt lại các trường.",
        "{where}: its form “{form}” is kept in another file and was not read; give it its fields.",
    ),
    "quantity_set_aside": Sentence(
        "{where}: số lượng thẻ (startQuantity, completionQuantity) khác 1 không được dùng: chạy như một lượt.",
        "{where}: its quantities of tokens (startQuantity, completionQuantity) are not used: it runs once.",
    ),
    "loop_asked": Sentence(
        "{where} lặp lại ({kind}): sau mỗi lượt người phụ trách chọn làm thêm lượt nữa hay đi tiếp.",
        "{where} repeats ({kind}): after each round a person chooses another round or to go on.",
    ),
    "rounds_in_turn": Sentence(
        "{where} có nhiều lượt song song: làm lần lượt từng lượt.", "{where} has parallel rounds: done one by one."
    ),
    "compensation_aside": Sentence(
        "{where} là việc hoàn tác: không chạy trên đường chính; được nhắc tại bước hoàn tác.",
        "{where} undoes another step: it is not on the way; the undoing step names it.",
    ),
    "compensation_by_person": Sentence(
        "{where} ra lệnh hoàn tác: trở thành bước do người thực hiện ({what}).",
        "{where} orders to undo work: it became a step that a person does ({what}).",
    ),
    # events
    "start_by_person": Sentence(
        "Sự kiện bắt đầu {where} ({kind}): quy trình bắt đầu khi có người khởi tạo.",
        "Start event {where} ({kind}): the process starts when a person starts it.",
    ),
    "event_recorded": Sentence(
        "Sự kiện {where} ({kind}): trở thành bước ghi nhận, người phụ trách báo khi nó xảy ra.",
        "Event {where} ({kind}) became a recording step: a person reports it when it happens.",
    ),
    "event_waits": Sentence(
        "Sự kiện {where} ({kind}) chờ thông điệp “{message}”, do người phụ trách ghi nhận khi nó xảy ra.",
        "Event {where} ({kind}) waits for message “{message}”, recorded by a person when it happens.",
    ),
    "event_inside": Sentence(
        "Sự kiện {where} ({kind}) bắt “{message}” do chính quy trình này phát ra.",
        "Event {where} ({kind}) catches “{message}”, which this process itself throws.",
    ),
    "timer_counted": Sentence(
        "Sự kiện {where} (timer): đếm {days} ngày từ khi mở bước (rơi vào ngày nghỉ thì lùi sang ngày làm việc).",
        "Event {where} (timer): counts {days} days from the opening of the step, moved off days without work.",
    ),
    "event_noted": Sentence(
        "Sự kiện {where} ({kind}) chỉ được ghi lại: hệ thống không gửi gì ra ngoài.",
        "Event {where} ({kind}) is only noted: nothing is sent.",
    ),
    "error_uncaught": Sentence(
        "Không có gì bắt lỗi tại {where}: quy trình chứa nó dừng tại đây.",
        "Nothing catches the error at {where}: what holds it stops here.",
    ),
    "link_joined": Sentence(
        "Cặp sự kiện liên kết {where} → “{target}” trở thành một luồng.",
        "Link event {where} → “{target}” became a flow.",
    ),
    "first_event_chosen": Sentence(
        "Cổng sự kiện {where}: người phụ trách ghi nhận sự kiện nào xảy ra trước.",
        "Event gateway {where}: a person records which event came first.",
    ),
    # starts and ends
    "start_added": Sentence(
        "{where} không có sự kiện bắt đầu: đã thêm, dẫn tới {targets}.",
        "{where} had no start event: one was added, leading to {targets}.",
    ),
    "starts_chosen": Sentence(
        "{where} có {count} sự kiện bắt đầu: gộp thành một, người khởi tạo chọn cách bắt đầu.",
        "{where} has {count} start events: made one; whoever starts it chooses the way.",
    ),
    "started_beside": Sentence(
        "{where} không có luồng vào: bắt đầu cùng lúc với quy trình (BPMN 2.0, mục 10.3).",
        "{where} has no incoming flow: it starts together with the process (BPMN 2.0, 10.3).",
    ),
    "end_added": Sentence(
        "{where} không có luồng ra: đã thêm sự kiện kết thúc.", "{where} had no outgoing flow: an end event was added."
    ),
    # gateways
    "split_made_gateway": Sentence(
        "{where} có {count} luồng ra: đã thêm cổng {kind} sau bước này.",
        "{where} has {count} outgoing flows: a gateway ({kind}) was added after it.",
    ),
    "choice_by_person": Sentence(
        "Cổng {where}: {why}; người phụ trách chọn hướng đi tại bước {step}.",
        "Gateway {where}: {why_en}; a person chooses the way at step {step}.",
    ),
    "condition_translated": Sentence(
        "Cổng {where}: điều kiện “{old}” được viết lại thành “{new}”.",
        "Gateway {where}: condition “{old}” is now “{new}”.",
    ),
    "condition_dropped": Sentence(
        "Luồng {where}: điều kiện “{old}” không có tác dụng ở chỗ này nên được bỏ.",
        "Flow {where}: condition “{old}” has no effect here and was left out.",
    ),
    "values_asked": Sentence(
        "Cổng {where} cần {fields}: được hỏi tại bước {step}.", "Gateway {where} needs {fields}: asked at step {step}."
    ),
    "default_given": Sentence(
        "Cổng {where} không có luồng mặc định: luồng {flow} thành mặc định.",
        "Gateway {where} had no default flow: {flow} is now the default.",
    ),
    "join_lets_go": Sentence(
        "Cổng song song {where} có thể chờ mãi một nhánh không tới: ở đây chỉ chờ các nhánh còn đang đi.",
        "Parallel gateway {where} could wait for ever for a branch that does not come: here it waits only for the "
        "branches that are still on their way.",
    ),
    "complex_made_inclusive": Sentence(
        "Cổng phức hợp {where} rẽ nhánh: trở thành cổng bao hàm (inclusive), người phụ trách chọn các nhánh.",
        "Complex gateway {where} splits: it became an inclusive gateway, a person chooses the branches.",
    ),
}


def note(code: str, about: Located | None = None, **facts: object) -> Change:
    """Write the change `code` of the element `about`, with the facts that its sentence asks for."""
    sentence = CHANGES[code]
    element, name = (about.id, about.name) if about is not None else ("", "")
    facts["where"] = f"“{name}” ({element})" if name else f"“{element}”"
    return Change(
        code=code,
        message=sentence.vietnamese.format(**facts),
        message_en=sentence.english.format(**facts),
        element=element,
        element_name=name,
        line=about.line if about is not None else None,
    )
