"""What can be wrong with one evaluation. What is wrong with a file is a problem of `motcua check` instead."""

from __future__ import annotations

from engine.domain.errors import BadInput


class DecisionFailed(BadInput):
    """Chưa xác định được theo bảng quyết định “{table}”: {detail}."""

    code = "decision_failed"


class DecisionInputWrong(DecisionFailed):
    """Câu trả lời cho “{input}” không dùng được trong bảng quyết định “{table}”: {detail}."""

    code = "decision_input_wrong"
