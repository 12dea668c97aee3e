"""What is said of uploads that do not become a draft: by code, in Vietnamese and in English."""

from __future__ import annotations

ERRORS: dict[str, tuple[str, str]] = {
    "draft_several": (
        "Mỗi lần chỉ tải lên một thủ tục; ở đây có: {files}. Sơ đồ mà nó gọi đặt trong thư mục “shared” của tệp zip.",
        "Upload one procedure at a time; here are: {files}. Diagrams that it calls belong into the folder “shared”.",
    ),
    "draft_without_diagram": (
        "Không có sơ đồ BPMN nào trong các tệp tải lên: hãy chọn tệp .bpmn xuất từ công cụ vẽ.",
        "There is no BPMN diagram among the files: choose the .bpmn that the drawing tool exports.",
    ),
}
