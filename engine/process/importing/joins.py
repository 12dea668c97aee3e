"""Parallel joins that wait for a branch which does not always come.

Drawings often join what an inclusive gateway, a boundary event or a second start event may never send. Where such a
join can be passed as drawn, it is made to wait only for the branches that are still on their way: nothing changes
where all come, and what would wait for ever goes on. One that can never be passed is a mistake, and stays refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.domain.process import Problem
from engine.process.importing.model import INCLUSIVE, PARALLEL, Draft

_STUCK = frozenset({"join_may_wait_forever", "walk_stuck"})


def waiting_joins(problems: Iterable[Problem], processes: Sequence[Draft]) -> set[str]:
    """Answer the ids of the parallel joins at which a trial run was left waiting."""
    stuck = {problem.element for problem in problems if problem.code in _STUCK}
    return {
        item.id
        for process in processes
        for draft in process.everywhere()
        for item in draft.items.values()
        if item.id in stuck and item.tag == PARALLEL and len(draft.entering(item.id)) > 1
    }


def let_go(joins: set[str], processes: Sequence[Draft]) -> None:
    """Make joins wait only for what can still come; one that splits as well splits at a gateway behind it."""
    for process in processes:
        for draft in list(process.everywhere()):
            for item in [item for item in draft.items.values() if item.id in joins]:
                if len(draft.leaving(item.id)) > 1:
                    draft.insert_after(item, PARALLEL, f"split_{item.id}"[:60], "")
                item.tag = INCLUSIVE
                draft.notes.change("join_lets_go", item)
