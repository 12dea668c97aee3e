"""What the history says of linked procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.event_text import Telling

    Facts = Mapping[str, Any]


def _received(data: Facts, _telling: Telling) -> str:
    members = "; ".join(f"({number}) {name}" for number, name in enumerate(data.get("members") or (), start=1))
    return f"Nộp cùng một lần nhóm thủ tục liên thông “{data.get('name', '')}”: {members}"


def _begun(data: Facts, _telling: Telling) -> str:
    after = f"sau khi “{data.get('after', '')}” (hồ sơ {data.get('before', '')}) có kết quả"
    return f"Bắt đầu “{data.get('name', '')}” của nhóm liên thông {data.get('lead', '')}, {after}"


def _ended(data: Facts, _telling: Telling) -> str:
    because = f"; lý do: {data['reason']}" if data.get("reason") else ""
    return f"Không bắt đầu thủ tục “{data.get('name', '')}” của nhóm liên thông{because}"


LINKED_SENTENCES: Mapping[str, Callable[[Facts, Telling], str]] = {
    "linked_received": _received,
    "linked_begun": _begun,
    "linked_started": lambda data, _telling: (
        f"Bắt đầu thủ tục tiếp theo “{data.get('name', '')}”, mã hồ sơ {data.get('dossier', '')}"
    ),
    "linked_ended": _ended,
    "receipt_covered": lambda data, _telling: (
        f"Không lập Giấy tiếp nhận riêng: đã có trong Giấy tiếp nhận của nhóm liên thông {data.get('lead', '')}"
    ),
}
