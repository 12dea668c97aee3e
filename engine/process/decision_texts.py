"""What the checker says of decision tables: by code, in Vietnamese and in English. `problems` adds them to its own."""

from __future__ import annotations

from collections.abc import Mapping

ERRORS: Mapping[str, tuple[str, str]] = {
    "not_dmn": (
        "Không phải tệp DMN 1.1 đến 1.5: phần tử gốc là “{root}”.",
        "Not a DMN 1.1 to 1.5 file: its root element is “{root}”.",
    ),
    "dmn_invalid": ("{where}: {reason}.", "{where}: {reason_en}."),
    "dmn_unsupported": (
        "{where}: không hỗ trợ {what}. Xem phần “Decision tables” trong bpmn/README.md.",
        "{where}: {what_en} is not supported. See “Decision tables” in bpmn/README.md.",
    ),
    "decision_unresolved": (
        "Quyết định {where} cần “{missing}” nhưng trong tệp không có.",
        "Decision {where} needs “{missing}”, which is not in the file.",
    ),
    "decision_recursive": (
        "Các quyết định cần lẫn nhau theo vòng tròn: {chain}.",
        "Decisions need each other in a circle: {chain}.",
    ),
    "decision_cell_invalid": (
        "{where}, {row}, cột “{column}”: ô “{text}” sai: {reason}.",
        "{where}, {row}, column “{column}”: cell “{text}” is wrong: {reason_en}.",
    ),
    "decision_cell_refused": (
        "{where}, {row}, cột “{column}”: ô “{text}” bị từ chối: {reason}.",
        "{where}, {row}, column “{column}”: cell “{text}” is refused: {reason_en}.",
    ),
    "decision_rules_overlap": (
        "Bảng {where}: {rows} cùng khớp khi {example}, mà {policy} không cho phép. Hãy sửa điều kiện của các dòng này.",
        "Table {where}: {rows} match together when {example}, which {policy} forbids.",
    ),
    "decisions_missing": (
        "Mục “decisions” cần tệp {expected} bên cạnh.",
        "Key “decisions” needs the file {expected} beside it.",
    ),
    "decision_unknown": (
        "Mục “decisions.{use}” nêu “{found}” nhưng tệp DMN không có quyết định này (có: {allowed}).",
        "“decisions.{use}” names “{found}”, which the DMN file does not have (it has {allowed}).",
    ),
    "decision_input_unknown": (
        "Quyết định “{decision}” đọc “{found}” nhưng không câu hỏi nào mang mã này (có: {allowed}).",
        "Decision “{decision}” reads “{found}”, which no question asks for (there are {allowed}).",
    ),
    "decision_result_wrong": (
        "Quyết định “{decision}” khi {example}: {reason}.",
        "Decision “{decision}”, when {example}: {reason_en}.",
    ),
}

WARNINGS: Mapping[str, tuple[str, str]] = {
    "decision_gap": (
        "Bảng {where}: không dòng nào khớp khi {example}. Hãy thêm dòng, hoặc thêm kết quả mặc định.",
        "Table {where}: no row matches when {example}.",
    ),
    "decision_rule_never": (
        "Bảng {where}: dòng {row} không bao giờ được dùng.",
        "Table {where}: row {row} never counts.",
    ),
    "decision_not_provable": (
        "Bảng {where}: không chứng minh được là đủ và không chồng nhau ({reason}).",
        "Table {where}: cannot be proven complete and free of overlaps ({reason_en}).",
    ),
    "decisions_unused": (
        "Có tệp {found} bên cạnh nhưng không mục “decisions” nào dùng tới.",
        "There is a file {found} beside it, which no key “decisions” uses.",
    ),
    "question_unread": (
        "Câu hỏi “{found}” được hỏi nhưng không bảng nào dùng.",
        "Question “{found}” is asked, but no table reads it.",
    ),
    "case_never_decided": (
        "Trường hợp “{case}” không bao giờ là kết quả của quyết định “{decision}”.",
        "Case “{case}” is never what decision “{decision}” answers.",
    ),
}
