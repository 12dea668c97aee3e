"""Where a process begins and ends: one start, an end behind everything that leads nowhere."""

from __future__ import annotations

from engine.process.importing.events import wait
from engine.process.importing.model import BOUNDARY, END, EXCLUSIVE, PARALLEL, START, THROW, Draft, Item


def settle_starts(process: Draft) -> None:
    """Give every scope exactly one start event."""
    for draft in list(process.everywhere()):
        starts = [item for item in draft.items.values() if item.tag == START]
        is_handler = draft.owner is not None and draft.owner.is_event_subprocess
        if is_handler and len(starts) > 1:
            draft.notes.problem("several_starts", draft, count=len(starts))
            continue
        orphans = [item for item in draft.items.values() if _begins(draft, item)]
        start = _one_start(draft, starts, orphans)
        if start is not None and orphans:
            _begin_beside(draft, start, orphans, had_start=bool(starts))


def _begins(draft: Draft, item: Item) -> bool:
    is_apart = item.tag in {START, BOUNDARY} or item.is_event_subprocess
    return not is_apart and not draft.entering(item.id)


def _one_start(draft: Draft, starts: list[Item], orphans: list[Item]) -> Item | None:
    if len(starts) == 1:
        return starts[0]
    if not starts:
        if not orphans:
            draft.notes.problem("no_start", draft)
            return None
        start = draft.add(START, f"start_{draft.id}"[:60], "", orphans[0], (-110.0, 0.0))
        if draft.owner is not None and draft.owner.is_event_subprocess:
            wait(draft, start)
        targets = ", ".join(item.name or item.id for item in orphans[:4])
        draft.notes.change("start_added", draft, targets=targets)
        return start
    start = draft.add(START, f"start_{draft.id}"[:60], "", starts[0], (-180.0, 0.0))
    gateway = draft.add(EXCLUSIVE, f"begin_{draft.id}"[:60], "Bắt đầu bằng", starts[0], (-70.0, 0.0))
    draft.link(start.id, gateway.id)
    for old in starts:
        old.tag, old.triggers = THROW, []
        draft.link(gateway.id, old.id, old.name or old.id)
    draft.notes.change("starts_chosen", draft, count=len(starts))
    return start


def _begin_beside(draft: Draft, start: Item, orphans: list[Item], *, had_start: bool) -> None:
    """Nodes without incoming flow begin when the process does (BPMN 2.0, 10.3)."""
    if not had_start and len(orphans) == 1:
        draft.link(start.id, orphans[0].id)
        return
    gateway = draft.insert_after(start, PARALLEL, f"together_{draft.id}"[:60], "")
    for item in orphans:
        if had_start:
            draft.notes.change("started_beside", item)
        draft.link(gateway.id, item.id)


def settle_ends(process: Draft) -> None:
    """Put an end event behind every node that leads nowhere."""
    for draft in list(process.everywhere()):
        for item in list(draft.items.values()):
            if item.tag == END or item.is_event_subprocess or draft.leaving(item.id):
                continue
            end = draft.add(END, f"end_{item.id}"[:60], "", item, (110.0, 0.0))
            draft.link(item.id, end.id)
            draft.notes.change("end_added", item)
