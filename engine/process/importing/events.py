"""Events: what this process throws and catches by itself runs by itself; what comes from outside, a person records."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.domain.process import timer_message
from engine.process.importing.model import (
    BOUNDARY,
    CATCH,
    END,
    EXCLUSIVE,
    START,
    THROW,
    USER,
    Draft,
    Item,
    Trigger,
)

_DAYS = re.compile(r"^P(?:(\d{1,3})D|(\d{1,2})W)(?:T0[HMS])?$")
_WEEK = 7
_RECORD = "Ghi nhận"


def join_links(process: Draft) -> None:
    """Make each pair of link events one flow."""
    for draft in process.everywhere():
        catching = [item for item in draft.items.values() if item.tag == CATCH and item.kind == "link"]
        throwing = [item for item in draft.items.values() if item.tag in {THROW, END} and item.kind == "link"]
        for item in throwing:
            partner = next((other for other in catching if _is_pair(item, other)), None)
            if partner is None and len(throwing) == len(catching) == 1:
                partner = _only_other(item, catching[0])
            if partner is None:
                draft.notes.problem("link_without_partner", item)
                continue
            draft.notes.change("link_joined", item, target=partner.name or partner.id)
            item.tag, item.triggers = THROW, []
            draft.link(item.id, partner.id)
        for item in catching:
            if not draft.entering(item.id):
                draft.notes.problem("link_without_partner", item)
            item.tag, item.triggers = THROW, []


def _only_other(throwing: Item, catching: Item) -> Item | None:
    """Answer the only end that a link can have, unless both bear names, and those differ."""
    names = [item.triggers[0].name or item.name for item in (throwing, catching)]
    return None if all(names) else catching


def _is_pair(throwing: Item, catching: Item) -> bool:
    mine, other = throwing.triggers[0], catching.triggers[0] if catching.triggers else Trigger("link")
    if mine.code and catching.source is not None:
        inside = [child.get("id", "") for child in catching.source if child.get("id")]
        if mine.code in {catching.id, *inside}:
            return True
    mine_name, other_name = mine.name or throwing.name, other.name or catching.name
    return bool(mine_name) and mine_name == other_name


def choose_first_events(process: Draft) -> None:
    """Make an event gateway the choice of a person who records what came first."""
    for draft in process.everywhere():
        for gateway in [item for item in draft.items.values() if item.tag == "eventBasedGateway"]:
            draft.notes.change("first_event_chosen", gateway)
            gateway.tag = EXCLUSIVE
            gateway.name = gateway.name or "Sự kiện nào xảy ra trước"
            for link in draft.leaving(gateway.id):
                link.condition = ""
                event = draft.items.get(link.target)
                if event is not None and event.tag in {CATCH, "receiveTask"}:
                    link.name = link.name or event.name
                    event.tag, event.triggers = THROW, []


def settle_throws(process: Draft) -> None:
    """Lead what is thrown to what catches it in the same process; note the rest."""
    for draft in process.everywhere():
        for item in draft.items.values():
            if item.tag in {THROW, END}:
                for trigger in item.triggers:
                    _settle_throw(process, draft, item, trigger)
                item.triggers = []


def _settle_throw(process: Draft, draft: Draft, item: Item, trigger: Trigger) -> None:
    if trigger.kind == "terminate":
        item.terminates = item.tag == END
    elif trigger.kind in {"error", "escalation", "cancel"}:
        _throw_upwards(draft, item, trigger)
    elif trigger.kind == "signal":
        _broadcast(process, draft, item, trigger)
    else:
        draft.notes.change("event_noted", item, kind=trigger.kind)


def _throw_upwards(draft: Draft, item: Item, trigger: Trigger) -> None:
    catcher = next(_catchers(draft, trigger), None)
    if catcher is not None:
        catcher.message = catcher.message or f"{trigger.kind}: {catcher.name or catcher.id} ({catcher.id})"
        item.throws = catcher.message
    elif trigger.kind == "escalation":
        draft.notes.change("event_noted", item, kind=trigger.kind)
    else:
        draft.notes.change("error_uncaught", item)
        item.terminates = item.tag == END


def _catchers(draft: Draft, trigger: Trigger) -> Iterator[Item]:
    """Find what catches an error, an escalation or a cancellation, from the inside outwards."""
    inside: Item | None = None
    place: Draft | None = draft
    while place is not None:
        for other in place.items.values():
            if other.is_event_subprocess and other is not inside and other.inner is not None:
                yield from (
                    item for item in other.inner.items.values() if item.tag == START and _catches(item, trigger)
                )
        inside = place.owner
        if inside is not None and place.parent is not None and not inside.is_event_subprocess:
            yield from (item for item in place.parent.boundaries(inside.id) if _catches(item, trigger))
        place = place.parent


def _catches(item: Item, thrown: Trigger) -> bool:
    return any(
        trigger.kind == thrown.kind and (not trigger.code or not thrown.code or trigger.code == thrown.code)
        for trigger in item.triggers
    )


def _broadcast(process: Draft, draft: Draft, item: Item, trigger: Trigger) -> None:
    """Let a signal be caught by whatever in this process waits for its name."""
    caught = False
    for other_draft in process.everywhere():
        is_handler = other_draft.owner is not None and other_draft.owner.is_event_subprocess
        for other in other_draft.items.values():
            waits = other.tag in {CATCH, BOUNDARY} or (other.tag == START and is_handler)
            if waits and trigger.name and any(t.kind == "signal" and t.name == trigger.name for t in other.triggers):
                other.message = item.throws = f"signal: {trigger.name}"
                caught = True
    if not caught:
        draft.notes.change("event_noted", item, kind=trigger.kind)


def settle_catches(process: Draft) -> None:
    """Make what comes from outside a step or a message that a person records."""
    for draft in process.everywhere():
        is_handler = draft.owner is not None and draft.owner.is_event_subprocess
        for item in list(draft.items.values()):
            if item.tag == START:
                _settle_start(draft, item, is_handler=is_handler)
            elif item.tag == CATCH:
                _settle_catch(draft, item)
            elif item.tag == BOUNDARY:
                _settle_boundary(draft, item)


def _settle_start(draft: Draft, item: Item, *, is_handler: bool) -> None:
    kind = ", ".join(trigger.kind for trigger in item.triggers)
    if is_handler:
        wait(draft, item)
    elif kind:
        draft.notes.change("start_by_person", item, kind=kind)
    item.triggers = []


def _settle_catch(draft: Draft, item: Item) -> None:
    if item.message:
        draft.notes.change("event_inside", item, kind=item.kind, message=item.message)
        return
    draft.notes.change("event_recorded", item, kind=item.kind or "none")
    named = item.triggers[0].name if item.triggers else ""
    item.tag = USER
    item.name = f"{_RECORD}: {item.name or named or item.id}"
    item.triggers = []


def _settle_boundary(draft: Draft, item: Item) -> None:
    holder = draft.items.get(item.attached_to)
    days = _days(item)
    counted = any(other.message.startswith("timer_") for other in draft.boundaries(item.attached_to))
    if days and item.is_interrupting and holder is not None and holder.tag == USER and not counted and not holder.loop:
        item.message = timer_message(holder.id)
        holder.waits_days = days
        draft.notes.change("timer_counted", item, days=days)
    else:
        wait(draft, item)


def wait(draft: Draft, item: Item) -> None:
    """Let an event wait for a message: one that this process throws, or one that a person records."""
    kind = ", ".join(trigger.kind for trigger in item.triggers) or "none"
    if item.message:
        draft.notes.change("event_inside", item, kind=kind, message=item.message)
        return
    named = item.triggers[0].name if item.triggers else ""
    item.message = named or f"{item.name} ({item.id})" if item.name else named or item.id
    draft.notes.change("event_waits", item, kind=kind, message=item.message)


def _days(item: Item) -> int:
    """Answer the whole days that a timer lasts, 0 for any other."""
    if len(item.triggers) != 1 or item.kind != "timer":
        return 0
    found = _DAYS.match(item.triggers[0].duration.strip().strip("\"'= "))
    if found is None:
        return 0
    return int(found.group(1) or 0) + _WEEK * int(found.group(2) or 0)
