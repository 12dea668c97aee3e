"""What in the register needs a second look, and what can be set going again."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from web.board import address, blueprint
from web.context import actor, engine, now

LISTS = {
    "unassigned": (
        lazy_gettext("Chưa ai nhận đã lâu"),
        lazy_gettext("Bước mở quá 3 ngày làm việc mà chưa có ai nhận; hãy giao cho người cụ thể."),
    ),
    "no_date": (
        lazy_gettext("Đang giải quyết mà chưa có ngày hẹn"),
        lazy_gettext("Hồ sơ không tạm dừng nhưng không có ngày hẹn: giữa hai giai đoạn, hoặc ghi nhận thiếu."),
    ),
    "paused": (
        lazy_gettext("Tạm dừng tính quá lâu"),
        lazy_gettext("Đồng hồ dừng quá 30 ngày làm việc; hãy kiểm tra lý do dừng còn hay không."),
    ),
    "without_head": (
        lazy_gettext("Đơn vị không có lãnh đạo trong hệ thống"),
        lazy_gettext(
            "Đơn vị giải quyết hồ sơ nhưng không tài khoản nào giữ vai trò lãnh đạo: không ai ký được thư xin lỗi."
        ),
    ),
    "letters": (
        lazy_gettext("Văn bản không lập được tệp"),
        lazy_gettext("Máy đã thử nhiều lần rồi thôi. Lập lại sau khi sửa nguyên nhân; số văn bản không đổi."),
    ),
    "messages": (
        lazy_gettext("Thư, tin nhắn không đến nơi"),
        lazy_gettext("Gửi hỏng, bị trả lại hoặc chưa rõ đã đến; gửi lại hoặc gọi điện tại trang Thư đi."),
    ),
}


@blueprint.get("/oversight/quality")
def quality() -> str:
    """Every list."""
    at = now()
    found = engine().data_quality.look(actor(), at=at)
    return render_template("supervisor/quality.html", lists=found, words=LISTS, as_of=at, address=address)


@blueprint.post("/oversight/quality/letters")
def try_letters_again() -> Response:
    """Let the machine make the letters that it gave up."""
    count = engine().data_quality.try_letters_again(actor(), at=now())
    flash(
        ngettext("Máy đang lập lại %(num)s văn bản.", "Máy đang lập lại %(num)s văn bản.", count)
        if count
        else _("Không có văn bản nào.")
    )
    return redirect(url_for("supervisor.quality"), 303)
