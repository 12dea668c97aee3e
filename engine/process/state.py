"""The state of an instance as bytes: a format number, then msgpack of the open tokens and the routing variables.

No spec, no history, no business data: the definition is found by its ref, history and data are rows of their own. A
node is a number that the diagram alone decides (`blueprint.ScopePlan`). A dossier in the middle of its way takes some
forty bytes.

| Byte 0 | Then |
|---|---|
| 1 | msgpack ``[ref (8 bytes), last token id, end event or nil, variables, scopes]`` |

A scope is ``[id of the token that holds it or 0, number of its plan, id of its root, tokens]``, the process first and
a holder always before what it holds; a token is ``[id, node, state]``, and where needed ``position of its parent, node
it came from``.
"""

# ruff: noqa: SLF001 - a token is rebuilt with the attributes that SpiffWorkflow keeps for itself
from __future__ import annotations

from typing import Any

import msgpack
from SpiffWorkflow.util.task import TaskState

from engine.process.blueprint import Blueprint, ScopePlan
from engine.process.errors import StateUnreadable, VariableRefused
from engine.process.specs import Inclusive, ParallelJoin
from engine.process.tokens import Instance, SubScope, Token

FORMAT = 1
MAX_VARIABLES = 16 * 1024
_REF_BYTES = 8
_KEPT_STATES = frozenset({TaskState.WAITING, TaskState.READY, TaskState.STARTED, TaskState.COMPLETED})


def encode(instance: Instance) -> bytes:
    """Write a settled instance; raises `VariableRefused` if its variables are too large."""
    scopes = [_scope(instance, instance.blueprint.plans[0], 0)]
    for holder, scope in instance.subprocesses.items():
        number = instance.blueprint.index[scope.spec.name]
        scopes.append(_scope(scope, instance.blueprint.plans[number], holder, number))
    variables = msgpack.packb(instance.variables)
    if len(variables) > MAX_VARIABLES:
        raise VariableRefused(name="; ".join(instance.variables), reason=f"tổng cộng quá {MAX_VARIABLES} byte")
    head = [_short_ref(instance.blueprint), instance.last_id, instance.ended_at, instance.variables, scopes]
    return bytes([FORMAT]) + bytes(msgpack.packb(head))


def _short_ref(blueprint: Blueprint) -> bytes:
    return bytes.fromhex(blueprint.ref)[:_REF_BYTES]


def _scope(scope: Instance | SubScope, plan: ScopePlan, holder: int, number: int = 0) -> list[Any]:
    tokens = [token for token in scope.tasks.values() if token is not scope.task_tree]
    position = {token.id: place for place, token in enumerate(tokens, start=1)}
    return [holder, number, scope.task_tree.id, [_token(token, plan, position) for token in tokens]]


def _token(token: Token, plan: ScopePlan, position: dict[int, int]) -> list[int]:
    row = [token.id, plan.number_of[token.task_spec.name], token._state]
    parent = position.get(token._parent or 0, 0)
    waits_for_others = isinstance(token.task_spec, Inclusive | ParallelJoin) and token._state == TaskState.WAITING
    if waits_for_others:
        return [*row, parent, plan.number_of[token.came_from]]
    return [*row, parent] if parent else row


def decode(blueprint: Blueprint, state: bytes) -> Instance:
    """Read a state of this blueprint; raises `StateUnreadable` for any other bytes."""
    if not state:
        raise StateUnreadable(reason="trạng thái rỗng")
    if state[0] != FORMAT:
        raise StateUnreadable(reason=f"định dạng số {state[0]}, phiên bản này chỉ đọc được số {FORMAT}")
    try:
        ref, last_id, ended_at, variables, scopes = msgpack.unpackb(state[1:])
        _check_ref(ref, blueprint)
        instance = Instance(blueprint, variables, last_id)
        instance.ended_at = ended_at
        _restore(instance, blueprint, scopes)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, msgpack.UnpackException) as error:
        raise StateUnreadable(reason="dữ liệu hỏng") from error
    return instance


def _check_ref(ref: bytes, blueprint: Blueprint) -> None:
    if ref != _short_ref(blueprint):
        raise StateUnreadable(reason="trạng thái thuộc về một phiên bản quy trình khác")


def _restore(instance: Instance, blueprint: Blueprint, scopes: list[list[Any]]) -> None:
    holders: dict[int, Token] = {}
    for holder, number, root_id, rows in scopes:
        plan = blueprint.plans[number]
        if holder:
            scope: Instance | SubScope = instance.restore_subprocess(holders[holder], plan.spec)
        else:
            scope = instance
        scope.task_tree = _place(scope, plan, root_id, 0, TaskState.COMPLETED)
        full_rows = [(*row, 0, 0)[:5] for row in rows]
        tokens = [scope.task_tree, *(_place(scope, plan, *row[:3]) for row in full_rows)]
        for token, (*_, parent, source) in zip(tokens[1:], full_rows, strict=True):
            token.hang(tokens[parent])
            token.came_from = plan.name_of[source]
            holders[token.id] = token
    instance.completed = not instance.open_tokens()


def _place(scope: Instance | SubScope, plan: ScopePlan, token_id: int, node: int, state: int) -> Token:
    if state not in _KEPT_STATES:
        raise StateUnreadable(reason=f"trạng thái {state} của bước không hợp lệ")
    token = Token.__new__(Token)
    token.place(scope, plan.spec.task_specs[plan.name_of[node]], token_id, state)
    return token
