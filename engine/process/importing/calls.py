"""Calls: to a process of the same file they stay, to anything else they become a person's step."""

from __future__ import annotations

from engine.process.importing.model import CALL, USER, Draft


def settle_calls(processes: list[Draft]) -> list[Draft]:
    """Resolve every call; answer the processes that are not called by another one, in the order of the file."""
    written = {_written_id(process): process.id for process in processes if process.items}
    calls: dict[str, set[str]] = {process.id: set() for process in processes}
    for process in processes:
        for draft in process.everywhere():
            for item in draft.items.values():
                if item.tag != CALL:
                    continue
                if item.called in written:
                    item.called = written[item.called]
                    calls[process.id].add(item.called)
                else:
                    draft.notes.change("call_became_step", item, called=item.called or "–")
                    item.tag = USER
    called = {name for caller, names in calls.items() for name in names if name != caller}
    roots = [process for process in processes if process.items and process.id not in called]
    return roots or [process for process in processes if process.items]


def _written_id(process: Draft) -> str:
    """Answer the id that the file gives a process: calls name that one."""
    return process.source.get("id", process.id) if process.source is not None else process.id


def reached_from(root: Draft, processes: list[Draft]) -> list[Draft]:
    """Answer a process and all that it calls, itself first."""
    by_id = {process.id: process for process in processes}
    found, waiting = [root], [root]
    while waiting:
        for draft in waiting.pop().everywhere():
            for item in draft.items.values():
                other = by_id.get(item.called) if item.tag == CALL else None
                if other is not None and other not in found:
                    found.append(other)
                    waiting.append(other)
    return found
