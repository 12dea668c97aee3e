"""Steps that repeat: after each round a person says whether there is another one."""

from __future__ import annotations

from engine.process.importing.model import CALL, EXCLUSIVE, SUBPROCESS, USER, Draft, Item

_KINDS = {
    "standard": "loop",
    "before": "loop, testBefore",
    "sequential": "multi-instance, sequential",
    "parallel": "multi-instance, parallel",
}


def unroll(process: Draft) -> None:
    """Turn every loop marker into a flow back, chosen by a person."""
    for draft in list(process.everywhere()):
        for item in list(draft.items.values()):
            if item.loop and item.tag in {USER, SUBPROCESS, CALL}:
                _unroll(draft, item)


def _unroll(draft: Draft, item: Item) -> None:
    draft.notes.change("loop_asked", item, kind=_KINDS[item.loop])
    if item.loop == "parallel":
        draft.notes.change("rounds_in_turn", item)
    onward = next(iter(draft.leaving(item.id)), None)
    if onward is None:
        return
    target = onward.target
    again = draft.insert_after(item, EXCLUSIVE, f"again_{item.id}"[:60], f"{item.name or item.id}: còn lượt nữa?")
    onward.name = onward.name or "Đã xong, đi tiếp"
    again.default = onward.id
    draft.link(again.id, item.id, "Làm thêm một lượt")
    if item.loop == "before":
        first = draft.add(
            EXCLUSIVE, f"before_{item.id}"[:60], f"{item.name or item.id}: có cần làm?", item, (-110.0, 0)
        )
        for link in draft.entering(item.id):
            if link.source != again.id:
                link.target, link.points = first.id, []
        first.default = draft.link(first.id, target, "Không cần").id
        draft.link(first.id, item.id, "Cần làm")
    item.loop = ""
