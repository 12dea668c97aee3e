"""What the checker says of files that were drawn elsewhere: by code, in Vietnamese and in English."""

from __future__ import annotations

ERRORS: dict[str, tuple[str, str]] = {
    "file_empty": ("Tệp rỗng.", "The file is empty."),
    "not_text": (
        "Tệp là ảnh, PDF hoặc tệp nén, không phải sơ đồ BPMN: hãy xuất lại từ công cụ vẽ ở dạng BPMN 2.0 XML.",
        "The file is a picture, a PDF or an archive, not a diagram: export it from the drawing tool as BPMN 2.0 XML.",
    ),
    "unknown_encoding": (
        "Không đọc được bảng mã “{found}” của tệp: hãy lưu lại bằng UTF-8.",
        "The encoding “{found}” of the file cannot be read: save it as UTF-8.",
    ),
    "other_language": ("Tệp là {found}, không phải quy trình BPMN.", "The file is {found_en}, not a BPMN process."),
    "bpmn_version": (
        "Tệp dùng phiên bản BPMN khác ({found}): hãy xuất lại ở dạng BPMN 2.0.",
        "The file is of another version of BPMN ({found}): export it as BPMN 2.0.",
    ),
    "link_without_partner": (
        "Sự kiện liên kết {where} không có đầu kia cùng tên: hãy đặt tên hai sự kiện giống nhau.",
        "Link event {where} has no other end of the same name: name both alike.",
    ),
    "flow_crosses_subprocess": (
        "Luồng {where} đi xuyên qua biên của quy trình hoặc quy trình con: hãy nối vào chính quy trình con.",
        "Flow {where} crosses the border of a process or subprocess: tie it to the subprocess itself.",
    ),
    "expression_hostile": (
        "{where}: biểu thức “{expression}” bị từ chối vì “{found}”: quy trình không phải mã chạy. Hãy xóa.",
        "{where}: expression “{expression}” is refused for “{found}”: a diagram is content, not code. Remove it.",
    ),
    "walk_stuck": (
        (
            "Chạy thử bị kẹt sau {where}: không còn bước nào mở mà chưa tới điểm kết thúc (thường do cổng gộp chờ một "
            "nhánh không bao giờ tới)."
        ),
        (
            "The trial run gets stuck after {where}: no step is open and no end is reached (often a join that waits "
            "for a branch that never comes)."
        ),
    ),
    "walk_endless": (
        (
            "Chạy thử {moves} bước chưa tới điểm kết thúc, lần cuối tại {where}: quy trình có vòng lặp không lối ra "
            "hoặc tự khởi động mãi."
        ),
        "After {moves} moves the trial run has not ended, last at {where}: there is a loop without a way out.",
    ),
    "walk_failed": ("Chạy thử dừng tại {where}: {reason}", "The trial run stopped at {where}: {reason_en}"),
    "walk_differs": (
        "Chạy thử liền mạch và chạy thử có lưu giữa chừng cho kết quả khác nhau tại {where}: hãy báo nhà phát triển.",
        "Running straight and running with save and restore differ at {where}: tell the developers.",
    ),
}
