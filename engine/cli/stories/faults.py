"""What can be wrong with a story, in Vietnamese and in English. Values are told as a story file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from engine.cli.stories.model import Looked
from engine.domain.process import Problem, Severity
from engine.process.problems import Text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.cli.stories.model import Value

Facts = Mapping[str, object]

TEXTS = {
    # the file
    "story_model_missing": Text(
        "Không có sơ đồ {process}.bpmn kèm {process}.yaml trong {root}; hãy đặt tệp câu chuyện vào thư mục tests ở đó.",
        "There is no diagram {process}.bpmn with its {process}.yaml under {root}; stories belong into `tests` there.",
    ),
    "story_model_faulty": Text(
        "Chưa kể được: {file} còn lỗi. Hãy sửa sơ đồ và thông tin thủ tục trước.",
        "Not lived through: {file} has faults. Mend the diagram and its facts first.",
    ),
    "story_procedure_differs": Text(
        "Mã thủ tục là “{found}” nhưng {process}.yaml ghi “{expected}”; hãy ghi cùng một mã.",
        "The procedure is “{found}” here and “{expected}” in {process}.yaml; write the same code.",
    ),
    "story_desk_missing": Text(
        "config.yaml không có đơn vị loại one_stop cấp {level} để nhận hồ sơ; hãy thêm đơn vị này vào units.",
        "config.yaml has no unit of kind one_stop at level {level} that could receive; add one to units.",
    ),
    "story_step_unknown": Text(
        "usual_answers: thủ tục không có bước “{step}”.", "usual_answers: the procedure has no step “{step}”."
    ),
    # what happens
    "story_not_received": Text("Không tiếp nhận được hồ sơ: {reason}", "The dossier could not be received: {reason}"),
    "story_step_not_open": Text(
        "{at}: bước “{step}” không mở. Đang mở: {open}.", "{at}: step “{step}” is not open. Open: {open}."
    ),
    "story_step_open_twice": Text(
        "{at}: bước “{step}” đang mở {count} lần; câu chuyện chỉ nói được về một.",
        "{at}: step “{step}” is open {count} times; a story can speak of one only.",
    ),
    "story_answer_unknown": Text(
        "{at}: biểu mẫu của bước “{step}” không có mục {fields}. Có: {known}.",
        "{at}: the form of step “{step}” has no field {fields}. It has: {known}.",
    ),
    "story_refused": Text(
        "{at}: “{what}” không thực hiện được: {reason}", "{at}: “{what}” could not be done: {reason}"
    ),
    "story_crashed": Text(
        "{at}: “{what}” gặp lỗi không lường trước của chương trình ({reason}).",
        "{at}: “{what}” met an unforeseen fault of the program ({reason}).",
    ),
    # what must have come of it
    "story_differs": Text(
        "{at}: {key} phải là {expected}, nhưng là {found}.", "{at}: {key} must be {expected}, but it is {found}."
    ),
    "story_not_ended": Text(
        "Câu chuyện hết mà hồ sơ chưa kết thúc. Đang mở: {open}.",
        "The story is over and the dossier has not ended. Open: {open}.",
    ),
    # all stories together
    "story_never_entered": Text(
        "Không câu chuyện nào đi qua {what} ({process}.bpmn); hãy kể thêm một hồ sơ đi đường này.",
        "No story enters {what} ({process}.bpmn); tell one more dossier that goes this way.",
        Severity.WARNING,
    ),
}


def fault(code: str, facts: Facts, *, story: str = "", line: int | None = None, element: str = "") -> Problem:
    """Write the problem `code`, of the story called `story`, with the facts that its sentence asks for."""
    text = TEXTS[code]
    return Problem(
        code=code,
        message=text.vietnamese.format(**facts).strip(),
        message_en=text.english.format(**facts).strip(),
        severity=text.severity,
        element=element,
        element_name=story,
        line=line,
    )


def differs(key: Looked, expected: Value, found: Value) -> bool:
    """Whether what was found is not what was expected. Open steps are a set, everything else has its order."""
    if key is Looked.OPEN:
        return sorted(map(str, _listed(expected))) != sorted(map(str, _listed(found)))
    return expected != found


def written(value: Value, zone: ZoneInfo) -> str:
    """Write a value as a story file would."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return local.isoformat(timespec="minutes" if local.second == local.microsecond == 0 else "auto")
    if isinstance(value, str):
        return value
    return f"[{', '.join(written(item, zone) for item in value)}]"


def _listed(value: Value) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
