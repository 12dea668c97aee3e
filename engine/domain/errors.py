"""Every failure the engine can answer with: one class each, a stable code, a Vietnamese message that says what to do.

The docstring of a class is the template of its message; the keyword arguments of the constructor fill it.
`web.errors` and `engine.cli` map the family (`NotFound`, `Conflict`, `Refused`, `BadInput`) to a page or an exit code.
"""

from __future__ import annotations

import inspect


class MotCuaError(Exception):
    """Có lỗi xảy ra."""

    code = "error"

    def __init__(self, **facts: object) -> None:
        """Fill the message of the class with `facts`; they stay readable as `error.facts`."""
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence for the person at the counter, in Vietnamese."""
        return inspect.cleandoc(type(self).__doc__ or "").format(**self.facts)


class BadInput(MotCuaError):
    """Dữ liệu chưa đúng: {detail}."""

    code = "bad_input"


class NotFound(MotCuaError):
    """Không tìm thấy {what}."""

    code = "not_found"


class Refused(MotCuaError):
    """Bạn không có quyền thực hiện việc này: {detail}."""

    code = "refused"


class Conflict(MotCuaError):
    """Hồ sơ {dossier_code} vừa được người khác xử lý. Hãy tải lại hồ sơ; nội dung bạn nhập vẫn được giữ."""

    code = "conflict"


class NotAllowedNow(MotCuaError):
    """Chưa thực hiện được: {detail}."""

    code = "not_allowed_now"


class CannotRun(MotCuaError):
    """Không chạy được trên máy này: {detail}."""

    code = "cannot_run"
