"""What can go wrong between a diagram and its running instance; one class a failure."""

from __future__ import annotations

from engine.domain.errors import BadInput, CannotRun, Conflict, NotAllowedNow, NotFound
from engine.domain.process import Problem


class DefinitionInvalid(BadInput):
    """Không dùng được quy trình {file}: {detail}."""

    code = "definition_invalid"

    def __init__(self, *, file: str, problems: tuple[Problem, ...]) -> None:
        """Tell the first problem in words and keep all of them as `problems`."""
        self.problems = problems
        more = f" (và {len(problems) - 1} lỗi khác)" if len(problems) > 1 else ""
        line = f"dòng {problems[0].line}: " if problems[0].line else ""
        super().__init__(file=file, detail=f"{line}{problems[0].message.rstrip('.')}{more}")


class ProcedureUnknown(NotFound):
    """Không có thủ tục nào đang áp dụng mang mã {code}."""

    code = "procedure_unknown"


class NotInForce(NotFound):
    """Thủ tục {code} không có phiên bản nào áp dụng vào ngày {on:%d/%m/%Y} (đã có: {known})."""

    code = "not_in_force"


class NothingWaits(NotAllowedNow):
    """Hồ sơ không chờ sự kiện “{event}” ở bước hiện tại (đang chờ: {waiting})."""

    code = "nothing_waits"


class TaskNotOpen(Conflict):
    """Bước này ({task_id}) không còn mở: có thể người khác vừa xử lý. Hãy tải lại hồ sơ."""

    code = "task_not_open"


class ConditionFailed(CannotRun):
    """Không tính được điều kiện “{expression}” tại “{element}”: {reason}."""

    code = "condition_failed"


class StepBudgetExceeded(CannotRun):
    """Quy trình chạy quá {budget} bước tự động mà không dừng (lần cuối tại “{element}”): có vòng lặp không lối ra."""

    code = "step_budget_exceeded"


class StateUnreadable(CannotRun):
    """Không đọc được trạng thái quy trình của hồ sơ: {reason}."""

    code = "state_unreadable"


class VariableRefused(BadInput):
    """Không lưu được giá trị của “{name}”: {reason}."""

    code = "variable_refused"


class InstanceStuck(CannotRun):
    """Quy trình bị kẹt sau “{last}”: không còn bước nào mở và chưa tới điểm kết thúc. Cần sửa sơ đồ."""

    code = "instance_stuck"
