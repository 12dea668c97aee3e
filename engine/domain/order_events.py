"""What a supervisor's order did to a dossier, as its history tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS = {
    "reassign": "giao việc",
    "remind": "nhắc việc",
    "extend": "đề nghị gia hạn",
    "escalate": "báo lãnh đạo",
    "note": "ghi ý kiến",
}


def _because(data: Mapping[str, Any]) -> str:
    remark = f": {data['remark']}" if data.get("remark") else ""
    reason = f" Lý do: {data['reason']}" if data.get("reason") else ""
    return f"{remark} (lệnh số {data.get('order', '?')}).{reason}"


def _reassigned(data: Mapping[str, Any], _telling: object) -> str:
    step, was, now = f"bước “{data.get('name', '')}”", data.get("was") or "chưa ai nhận", data.get("now")
    what = f"giao {step} ({was}) cho {now}" if now else f"trả {step} của {was} về việc chung"
    return f"Người giám sát {what}{_because(data)}"


ORDER_EVENTS: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "step_reassigned": _reassigned,
    "reminded": lambda data, _telling: f"Người giám sát nhắc người đang xử lý{_because(data)}",
    "escalated_by_order": lambda data, _telling: (
        f"Người giám sát báo lãnh đạo {data.get('unit', 'đơn vị')}{_because(data)}"
    ),
    "supervisor_note": lambda data, _telling: f"Ý kiến của người giám sát{_because(data)}",
    "order_reverted": lambda data, _telling: (
        f"Hoàn tác việc {_KINDS.get(str(data.get('kind_of_order')), 'đã làm')} theo lệnh số {data.get('reverts', '?')}"
        f"{_because(data)}"
    ),
}
