"""Every failure becomes a page that says what happened and what to do: one table from family to status and words."""

from __future__ import annotations

import secrets
from pathlib import Path
from traceback import extract_tb

import structlog
from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.domain.errors import BadInput, CannotRun, Conflict, MotCuaError, NotAllowedNow, NotFound, Refused
from web.i18n import said, told

STATUSES: tuple[tuple[type[MotCuaError], int], ...] = (
    (NotFound, 404),
    (Refused, 403),
    (Conflict, 409),
    (NotAllowedNow, 409),
    (BadInput, 422),
    (CannotRun, 503),
)

TITLES = {
    400: lazy_gettext("Yêu cầu chưa gửi được"),
    403: lazy_gettext("Bạn chưa được phép mở trang này"),
    404: lazy_gettext("Không tìm thấy trang này"),
    405: lazy_gettext("Không mở được trang theo cách này"),
    409: lazy_gettext("Hồ sơ vừa thay đổi"),
    413: lazy_gettext("Nội dung gửi lên quá lớn"),
    422: lazy_gettext("Thông tin chưa đúng"),
    429: lazy_gettext("Bạn đã thử quá nhiều lần"),
    500: lazy_gettext("Hệ thống gặp sự cố"),
    503: lazy_gettext("Hệ thống tạm thời chưa phục vụ được"),
}
ADVICE = {
    400: lazy_gettext("Trang đã mở quá lâu hoặc trình duyệt chặn cookie. Hãy quay lại, tải lại trang rồi gửi lại."),
    403: lazy_gettext("Hãy đăng nhập bằng tài khoản có vai trò phù hợp, hoặc liên hệ người quản trị của đơn vị."),
    404: lazy_gettext("Địa chỉ có thể đã gõ sai hoặc đã cũ. Hãy bắt đầu lại từ trang chủ hoặc trang tra cứu."),
    405: lazy_gettext("Hãy quay lại trang trước và dùng nút trên trang."),
    409: lazy_gettext("Hãy mở lại hồ sơ để xem tình trạng mới nhất."),
    413: lazy_gettext("Hãy rút ngắn nội dung rồi gửi lại."),
    422: lazy_gettext("Hãy quay lại, sửa thông tin rồi gửi lại."),
    429: lazy_gettext("Hãy đợi 15 phút rồi thử lại, hoặc gọi tới số điện thoại in trên Giấy tiếp nhận hồ sơ."),
    500: lazy_gettext("Không có gì bị mất. Hãy thử lại sau ít phút; nếu vẫn vậy, báo người quản trị mã dưới đây."),
    503: lazy_gettext("Hãy thử lại sau ít phút."),
}


def status_of(error: MotCuaError) -> int:
    """The HTTP status of a failure of the engine, by its family."""
    return next((status for family, status in STATUSES if isinstance(error, family)), 500)


def field_messages(error: MotCuaError) -> dict[str, str]:
    """What is wrong with which field of a form; empty if the failure is about the whole."""
    fields = getattr(error, "fields", None)
    return {name: told(text) for name, text in fields.items()} if isinstance(fields, dict) else {}


def _page(status: int, message: str = "", reference: str = "") -> tuple[str, int]:
    title, advice = TITLES.get(status, TITLES[500]), ADVICE.get(status, ADVICE[500])
    return render_template(
        "error.html", status=status, title=title, message=message, advice=advice, reference=reference
    ), status


def _engine_error(error: MotCuaError) -> tuple[str, int]:
    return _page(status_of(error), said(error))


def _http_error(error: HTTPException) -> tuple[str, int]:
    return _page(error.code or 500)


def _forged(error: CSRFError) -> tuple[str, int]:
    return _page(error.code or 400)


def _unexpected(error: Exception) -> tuple[str, int]:
    # Where it happened and of what kind; never the values of the moment, which may be somebody's name or number.
    reference = secrets.token_hex(4)
    frames = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    structlog.get_logger().error(
        "web.unexpected", reference=reference, kind=type(error).__qualname__, page=request.endpoint, frames=frames[-8:]
    )
    return _page(500, reference=_("Mã sự cố: %(reference)s", reference=reference))


def register(app: Flask) -> None:
    """Answer every failure with a page of ours."""
    app.register_error_handler(MotCuaError, _engine_error)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
