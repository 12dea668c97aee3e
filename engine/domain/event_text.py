"""The history of a dossier in sentences: one table from the kind of an event to what it says in Vietnamese."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from engine.domain.attachments import FILE_EVENTS
from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.fees import FEE_EVENTS
from engine.domain.linked_text import LINKED_SENTENCES
from engine.domain.opinion_text import OPINION_SENTENCES
from engine.domain.order_events import ORDER_EVENTS
from engine.domain.outcome import Result
from engine.domain.process import StepDefinition
from engine.domain.reorganisation import REORGANISATION_EVENTS
from engine.domain.status import DossierStatus

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """What a sentence needs besides its event: the zone of the office, its grounds, the steps of the procedure.

    `ground_names` is for events of before grounds were written down with their names.
    """

    zone: tzinfo
    steps: Mapping[str, StepDefinition] = field(default_factory=dict)
    phase_labels: Mapping[str, str] = field(default_factory=dict)
    ground_names: Mapping[str, str] = field(default_factory=dict)

    def instant(self, text: object) -> str:
        """``17:00 ngày 27/02/2026`` for an instant as the history keeps it; the text itself if it is none."""
        try:
            return f"{datetime.fromisoformat(str(text)).astimezone(self.zone):%H:%M ngày %d/%m/%Y}"
        except ValueError:
            return str(text)

    def step_name(self, data: Facts) -> str:
        """The name of the step that an event is about."""
        step = self.steps.get(str(data.get("step_id", "")))
        return str(data.get("name") or (step.name if step else "") or data.get("step_id") or "không rõ")

    def answers(self, data: Facts) -> str:
        """What was answered in the form of a step, with the words of the form."""
        step = self.steps.get(str(data.get("step_id", "")))
        fields = {each.id: each for each in step.form} if step else {}
        told = []
        for name, value in dict(data.get("answers") or {}).items():
            asked = fields.get(name)
            words = {option.value: option.label for option in asked.options} if asked else {}
            text = words.get(value) or _YES_NO.get(value, str(value))
            told.append(f"{asked.label}: {text}" if asked else text)
        return "; ".join(" ".join(text.split()) for text in told)


def say(kind: str, data: Facts, telling: Telling) -> str:
    """One event as a sentence. A kind that this version does not know is named, not hidden."""
    known = _SENTENCES.get(kind)
    return known(data, telling) if known else f"Sự kiện “{kind}” (phiên bản này chưa có lời diễn giải)"


# How a word about a rung of the office's own ladder begins: its label follows.
RUNG_NOTICE = "rung:"
_YES_NO = {"true": "Có", "false": "Không"}
_LETTERS = {
    "receipt": "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    "supplement_request": "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
    "refusal": "Phiếu từ chối tiếp nhận, giải quyết hồ sơ",
    "apology": "văn bản xin lỗi, hẹn lại ngày trả kết quả",
    "discontinuation": "Thông báo dừng giải quyết hồ sơ",
    "routing_slip": "Phiếu kiểm soát quá trình giải quyết hồ sơ",
    "result_cover": "Phiếu trả kết quả giải quyết hồ sơ",
    "feedback_answer": "văn bản trả lời phản ánh, kiến nghị",
    "error_apology": "Thư xin lỗi về sai sót trong kết quả",
}
_AUDIENCES = {"assignee": "người đang xử lý", "leader": "lãnh đạo đơn vị giải quyết", "applicant": "người nộp hồ sơ"}
_MESSAGES = {
    "due_soon": "hồ sơ sắp đến hạn",
    "overdue": "hồ sơ đã quá hạn",
    "second_lateness": "hồ sơ quá hạn lần hai",
    "due_date_moved": "ngày hẹn thay đổi theo lịch làm việc",
    "apology_drafted": "dự thảo văn bản xin lỗi chờ ký",
    "letter_drafted": "văn bản chờ lãnh đạo duyệt",
    "letter_put_back": "dự thảo văn bản bị trả lại, cần sửa",
    "payment_requested": "cần thực hiện nghĩa vụ tài chính",
    "result_ready": "đã có kết quả, mời đến nhận",
    "time_extended": "thời gian giải quyết được gia hạn theo quy định",
    "mediation_failed": "hòa giải không thành, hướng dẫn gửi đơn đến cơ quan có thẩm quyền",
    "deemed_consent": "quá hạn trả lời, coi như đồng ý",
    "result_waits": "đã có kết quả, trả cùng các thủ tục còn lại của nhóm liên thông",
    "forwarded": "phản ánh, kiến nghị đã được chuyển đến cơ quan có thẩm quyền",
}


def _submitted(data: Facts, _telling: Telling) -> str:
    return f"Hồ sơ được nộp{_by_channel(data)}"


def _received(data: Facts, telling: Telling) -> str:
    return f"Tiếp nhận hồ sơ{_by_channel(data)}{_due(data, telling)}"


def _by_channel(data: Facts) -> str:
    try:
        return f" ({Channel(data['channel']).label.lower()})"
    except (KeyError, ValueError):
        return ""


def _result_corrected(data: Facts, _telling: Telling) -> str:
    instead = f"; kết quả thay thế: {data['corrected_result']}" if data.get("corrected_result") else ""
    error, correction = data.get("error", ""), data.get("correction", "")
    return f"Ghi nhận sai sót trong kết quả: {error}; đã khắc phục: {correction}{instead}"


def _due(data: Facts, telling: Telling) -> str:
    return f", hẹn trả lúc {telling.instant(data['due_at'])}" if data.get("due_at") else ""


def _step_completed(data: Facts, telling: Telling) -> str:
    answers = telling.answers(data)
    back = f"; lý do trả lại: {data['return_reason']}" if data.get("return_reason") else ""
    both = " (người duyệt cũng là người đã tiếp nhận hồ sơ này)" if data.get("also_received") else ""
    return f"Hoàn thành bước “{telling.step_name(data)}”" + (f": {answers}" if answers else "") + both + back


def _status_changed(data: Facts, _telling: Telling) -> str:
    try:
        return f"Trạng thái: {DossierStatus(data['was']).label} → {DossierStatus(data['now']).label}"
    except (KeyError, ValueError):
        return "Trạng thái hồ sơ thay đổi"


def _letter(verb: str) -> Callable[[Facts, Telling], str]:
    def sentence(data: Facts, _telling: Telling) -> str:
        form = str(data.get("form", ""))
        number = f" số {data['number']}" if data.get("number") else ""
        return f"{verb} {_LETTERS.get(form, form or 'văn bản')}{number}"

    return sentence


def _notified(data: Facts, _telling: Telling) -> str:
    audience, message = str(data.get("audience", "")), str(data.get("message", ""))
    return f"Báo cho {_AUDIENCES.get(audience, audience)}: {_message(message)}"


def message_text(message: str) -> str:
    """What a diagram told somebody, in words."""
    return _message(message)


def _message(message: str) -> str:
    if message.startswith(RUNG_NOTICE):
        return f"mốc nhắc hạn “{message.removeprefix(RUNG_NOTICE)}”"
    return _MESSAGES.get(message, message)


def _timer_went_off(data: Facts, telling: Telling) -> str:
    return f"Hết thời gian chờ của một bước{_missed(data, 'timer_at', telling)}"


def _became_overdue(data: Facts, telling: Telling) -> str:
    times = f", lần thứ {data['ordinal']}" if data.get("ordinal", 1) > 1 else ""
    return f"Hồ sơ quá hạn trả kết quả{times}{_missed(data, 'due_at', telling)}"


def _due_soon(data: Facts, telling: Telling) -> str:
    return f"Hồ sơ sắp đến hạn trả kết quả{_missed(data, 'due_at', telling)}"


def _rung_reached(data: Facts, telling: Telling) -> str:
    return f"Mốc nhắc hạn “{data.get('label') or data.get('rung', '')}”{_missed(data, 'due_at', telling)}"


def _apology_drafted(data: Facts, telling: Telling) -> str:
    new = f", đề nghị hẹn lại {telling.instant(data['new_due_at'])}" if data.get("new_due_at") else ""
    return f"Dự thảo văn bản xin lỗi trình lãnh đạo{_missed(data, 'due_at', telling)}{new}{_because(data)}"


def _apology_put_back(data: Facts, telling: Telling) -> str:
    return f"Lãnh đạo trả lại dự thảo xin lỗi: hồ sơ sẽ xong đúng hạn{_missed(data, 'due_at', telling)}"


def _apology_obsolete(data: Facts, telling: Telling) -> str:
    missed = _missed(data, "due_at", telling)
    return f"Dự thảo xin lỗi không còn cần: hồ sơ đã xong, tạm dừng hoặc ngày hẹn thay đổi{missed}"


def _escalated(data: Facts, _telling: Telling) -> str:
    return f"Báo lên cấp trên ({data.get('unit', '')}): {_message(str(data.get('message', '')))}"


def _second_lateness(data: Facts, telling: Telling) -> str:
    missed = _missed(data, "missed_due_at", telling)
    return f"Lại quá hạn sau khi đã hẹn lại{missed}: không được hẹn lại nữa, đã báo lãnh đạo đơn vị"


def _missed(data: Facts, name: str, telling: Telling) -> str:
    return f" (hẹn {telling.instant(data[name])})" if data.get(name) else ""


def _clock_moved(data: Facts, telling: Telling) -> str:
    phase = str(data.get("phase") or "")
    label = telling.phase_labels.get(phase, phase)
    known = str(data.get("ground") or "")
    ground = str(data.get("ground_name") or telling.ground_names.get(known, known))
    named = f" “{label}”" if label else ""
    because = f" ({ground})" if ground else ""
    sentences = {
        "start_phase": f"Bắt đầu tính thời hạn{named}",
        "join_phase": f"Không phát sinh nghĩa vụ tài chính: gộp lần hẹn sau vào{named or ' lần hẹn đang tính'}",
        "finish_phase": "Dừng tính thời hạn: đã xong việc của lần hẹn",
        "pause": f"Tạm dừng tính thời hạn{because}",
        "resume": f"Tính tiếp thời hạn{because}",
        "restart": "Tính lại thời hạn từ đầu",
        "reappoint": "Hẹn lại ngày trả kết quả",
    }
    action = str(data.get("action", ""))
    return sentences.get(action, f"Thời hạn thay đổi ({action})") + _due(data, telling)


def _withdrawn(data: Facts, _telling: Telling) -> str:
    return "Người nộp rút hồ sơ" + _because(data)


def _other_withdrawn(data: Facts, _telling: Telling) -> str:
    number = f", Thông báo dừng giải quyết số {data['number']}" if data.get("number") else ""
    return f"Đã rút hồ sơ {data.get('dossier', '')}{number}"


def _closed(data: Facts, _telling: Telling) -> str:
    return "Bàn tiếp nhận kết thúc hồ sơ" + _because(data)


def _because(data: Facts) -> str:
    return f"; lý do: {data['reason']}" if data.get("reason") else ""


def _outcome_recorded(data: Facts, _telling: Telling) -> str:
    try:
        result = Result(data["result"]).label
        timeliness = Timeliness(data["timeliness"]).label.lower() if data.get("timeliness") else "không tính hạn"
    except (KeyError, ValueError):
        return "Hồ sơ kết thúc"
    return f"Hồ sơ kết thúc: {result.lower()}, {timeliness}"


def _recorded_outside(data: Facts, telling: Telling) -> str:
    return f"Ghi nhận việc “{_told(data, telling)}” được làm ngoài các bước của quy trình"


def _deviation(data: Facts, telling: Telling) -> str:
    return (
        f"Sai khác: việc “{_told(data, telling)}” được làm khi quy trình chưa cho phép; chỉ ghi lại, không chuyển bước"
    )


def _told(data: Facts, telling: Telling) -> str:
    return str(data.get("source") or telling.step_name(data))


def _recorded_late(data: Facts, telling: Telling) -> str:
    done = telling.instant(data["done_at"]) if data.get("done_at") else ""
    return f"Ghi nhận muộn bước “{telling.step_name(data)}”: đã làm xong lúc {done}{_because(data)}; chờ duyệt"


def _late_record(verb: str) -> Callable[[Facts, Telling], str]:
    def sentence(data: Facts, telling: Telling) -> str:
        done = f" lúc {telling.instant(data['done_at'])}" if data.get("done_at") else ""
        more = "".join(f"; {text}" for text in (data.get("evidence"), data.get("note")) if text)
        return f"{verb}: bước “{data.get('name', '')}” làm xong{done}{more}"

    return sentence


def _lateness_was_of_record(data: Facts, telling: Telling) -> str:
    return f"Không tính là quá hạn: việc đã xong trước hạn, chỉ ghi nhận muộn{_missed(data, 'due_at', telling)}"


def _step(verb: str) -> Callable[[Facts, Telling], str]:
    return lambda data, telling: f"{verb} bước “{telling.step_name(data)}”"


def _version_changed(data: Facts, _telling: Telling) -> str:
    document = f" theo {data['document']}" if data.get("document") else ""
    return f"Chuyển hồ sơ từ phiên bản {data.get('was')} sang phiên bản {data.get('now')} của thủ tục{document}"


def _due_date_moved(data: Facts, telling: Telling) -> str:
    why = "; ".join(str(reason) for reason in data.get("why") or ())
    turns = {"late": ". Theo ngày hẹn này hồ sơ đã quá hạn", "cleared": ". Hồ sơ không còn quá hạn"}
    was, now = (telling.instant(data.get(name, "")) for name in ("was", "now"))
    because = f" vì {why}" if why else ""
    return f"Ngày hẹn trả kết quả chuyển từ {was} sang {now}{because}{turns.get(str(data.get('turn')), '')}"


def _version_restored(data: Facts, _telling: Telling) -> str:
    return f"Trả hồ sơ từ phiên bản {data.get('was')} về phiên bản {data.get('now')} của thủ tục như trước khi chuyển"


_HANDLED = {
    "retry": "Gửi lại",
    "cancel": "Hủy gửi",
    "other": "Chuyển sang kênh khác",
    "called": "Đã gọi điện báo người nộp",
    "not_reached": "Gọi điện chưa gặp người nộp",
    "handed_over": "Đã giao trực tiếp",
    "posted": "Đã giao bưu điện",
    "arrived": "Bưu điện báo đã phát",
    "returned": "Bưu điện trả lại",
}


def _message_handled(data: Facts, _telling: Telling) -> str:
    what = _HANDLED.get(str(data.get("what")), "Xử lý thư, tin nhắn")
    known = (("receiver", "người nhận"), ("reference", "số bưu gửi"), ("reason", "ghi chú"))
    more = "".join(f"; {word}: {data[name]}" for name, word in known if data.get(name))
    return f"{what}: {data.get('subject', '')}{more}"


_SENTENCES: Mapping[str, Callable[[Facts, Telling], str]] = {
    "submitted": _submitted,
    "received": _received,
    "step_completed": _step_completed,
    "version_changed": _version_changed,
    "version_restored": _version_restored,
    "due_date_moved": _due_date_moved,
    "step_claimed": _step("Nhận"),
    "step_released": _step("Trả lại"),
    "step_undone": _step("Hoàn tác, mở lại"),
    **OPINION_SENTENCES,
    **LINKED_SENTENCES,
    "status_changed": _status_changed,
    "letter_issued": _letter("Ban hành"),
    "result_corrected": _result_corrected,
    "letter_rendered": _letter("Đã tạo tệp PDF của"),
    "letter_delivered": _letter("Đã đưa đến người nhận:"),
    "notified": _notified,
    "due_soon": _due_soon,
    "became_overdue": _became_overdue,
    "timer_went_off": _timer_went_off,
    "second_lateness": _second_lateness,
    "rung_reached": _rung_reached,
    "apology_drafted": _apology_drafted,
    "letter_drafted": _letter("Trình lãnh đạo duyệt"),
    "letter_put_back": _letter("Lãnh đạo trả lại dự thảo"),
    "letter_resubmitted": _letter("Sửa và trình lại"),
    "letter_withdrawn": _letter("Hủy"),
    "apology_put_back": _apology_put_back,
    "apology_obsolete": _apology_obsolete,
    "escalated": _escalated,
    "clock_moved": _clock_moved,
    "withdrawn": _withdrawn,
    "other_withdrawn": _other_withdrawn,
    "closed": _closed,
    "outcome_recorded": _outcome_recorded,
    "recorded_late": _recorded_late,
    "late_record_approved": _late_record("Duyệt ghi nhận muộn"),
    "late_record_refused": _late_record("Không duyệt ghi nhận muộn"),
    "lateness_was_of_record": _lateness_was_of_record,
    "letter_cancelled": _letter("Hủy vì hồ sơ đúng hạn, chỉ ghi nhận muộn:"),
    "apology_not_needed": _letter("Hồ sơ đúng hạn, chỉ ghi nhận muộn; đã gửi nên không hủy:"),
    "guard_answered": lambda data, _telling: (
        "Vẫn tiếp nhận sau cảnh báo: "
        + "; ".join(str(found) for found in data.get("findings") or ())
        + _because(data)
        + (f"; văn bản của lãnh đạo: {data['document']}" if data.get("document") else "")
    ),
    "slip_keyed_in": lambda data, _telling: f"Nhập từ phiếu tạm {data.get('slip', '')} viết khi mất điện",
    "feedback_upheld": lambda data, _telling: (
        f"Phản ánh, kiến nghị số {data.get('number', '')} về hồ sơ này được kết luận là đúng"
    ),
    "recorded_outside": _recorded_outside,
    "message_handled": _message_handled,
    "deviation": _deviation,
    **FEE_EVENTS,
    **FILE_EVENTS,
    **ORDER_EVENTS,
    **REORGANISATION_EVENTS,
}
EVENT_KINDS = tuple(_SENTENCES)
