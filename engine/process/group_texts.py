"""What the checker says of groups of procedures, and of effects that read answers: by code, in two languages."""

from __future__ import annotations

from collections.abc import Mapping

ERRORS: Mapping[str, tuple[str, str]] = {
    "effect_field_not_asked": (
        "{where}: lệnh “{effect}” đọc câu trả lời “{field}” nhưng không biểu mẫu nào hỏi. Được hỏi: {allowed}.",
        "{where}: effect “{effect}” reads the answer “{field}”, which no form asks. Asked: {allowed}.",
    ),
    "group_member_unknown": (
        "Mục “{path}”: không có thủ tục “{reason}” ở đây. Được dùng: {allowed}.",
        "Key “{path}”: there is no procedure “{reason}” here. Known: {allowed}.",
    ),
    "group_case_unknown": (
        "Mục “{path}”: thủ tục không có trường hợp “{reason}”. Được dùng: {allowed}.",
        "Key “{path}”: the procedure has no case “{reason}”. Known: {allowed}.",
    ),
    "group_item_unknown": (
        "Mục “{path}”: không có giấy tờ “{reason}” trong thành phần hồ sơ. Được dùng: {allowed}.",
        "Key “{path}”: there is no item “{reason}” in the procedure's list. Known: {allowed}.",
    ),
    "group_level_differs": (
        "Mục “{path}”: thủ tục không thực hiện ở cấp “{reason}” mà nhóm nêu; chỉ ở: {allowed}.",
        "Key “{path}”: the procedure is not done at level “{reason}” that the group names; only at: {allowed}.",
    ),
}
