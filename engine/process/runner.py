"""Moves instances: start, complete a step, throw a message. Bytes and plain values in, plain values out.

A call changes nothing but what it returns: the state goes in as bytes and comes back as new bytes, so a transaction
that is rolled back loses nothing and a call may be repeated. Effects are returned in the order in which the diagram
reached them, never carried out. Definitions are shared by all threads; an instance lives for one call.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from engine.domain.process import Advance, Effect, OpenTask, StepDefinition
from engine.process import state as codec
from engine.process.blueprint import Blueprint
from engine.process.errors import InstanceStuck, NothingWaits, TaskNotOpen, VariableRefused
from engine.process.tokens import Instance, Token

STEP_BUDGET = 500
_DEPTH = 6


class Runnable(Protocol):
    """What the runner needs of a definition."""

    blueprint: Blueprint
    routing_variables: frozenset[str]

    @property
    def own_process(self) -> str:
        """The id of the process on whose diagram a dossier is shown."""

    def step_at(self, node: str) -> StepDefinition:
        """Answer the step of a node of the blueprint."""

    def effects_of(self, node: str) -> tuple[Effect, ...]:
        """Answer what a service task orders."""


class Runner:
    """Moves instances of any definition. Holds no state of its own."""

    def __init__(self, step_budget: int = STEP_BUDGET) -> None:
        """Allow `step_budget` automatic steps a call before a diagram is taken to run in circles."""
        self._budget = step_budget

    def start(self, definition: Runnable, variables: Mapping[str, object] | None = None) -> Advance:
        """Begin an instance and run it to the first steps that need a person.

        Raises `ConditionFailed`, `StepBudgetExceeded`, `InstanceStuck`, `VariableRefused`.
        """
        instance = Instance(definition.blueprint, _routing(definition, variables))
        instance.open()
        return self._advance(definition, instance, frozenset())

    def complete(
        self, definition: Runnable, state: bytes, task_id: str, variables: Mapping[str, object] | None = None
    ) -> Advance:
        """Close an open task and run on.

        Raises `TaskNotOpen` if somebody was faster, `StateUnreadable`, and what `start` raises.
        """
        instance = codec.decode(definition.blueprint, state)
        open_before = {str(token.id): token for token in instance.manual_tokens()}
        if task_id not in open_before:
            raise TaskNotOpen(task_id=task_id)
        instance.variables.update(_routing(definition, variables))
        open_before[task_id].run()
        return self._advance(definition, instance, open_before.keys())

    def throw(
        self, definition: Runnable, state: bytes, message: str, variables: Mapping[str, object] | None = None
    ) -> Advance:
        """Give a message to whatever waits for it, and run on.

        Raises `NothingWaits` if nothing does, `StateUnreadable`, and what `start` raises.
        """
        instance = codec.decode(definition.blueprint, state)
        open_before = {str(token.id) for token in instance.manual_tokens()}
        waiting = instance.waiting_messages()
        if message not in waiting:
            raise NothingWaits(event=message, waiting=", ".join(sorted(waiting)) or "–")
        instance.variables.update(_routing(definition, variables))
        instance.deliver(message)
        return self._advance(definition, instance, open_before)

    def open_tasks(self, definition: Runnable, state: bytes) -> tuple[OpenTask, ...]:
        """Answer the steps that wait for a person, oldest first. Raises `StateUnreadable`."""
        instance = codec.decode(definition.blueprint, state)
        return tuple(_open_task(definition, instance, token) for token in instance.manual_tokens())

    def waiting_messages(self, definition: Runnable, state: bytes) -> frozenset[str]:
        """Answer the messages that `throw` would take now. Raises `StateUnreadable`."""
        return codec.decode(definition.blueprint, state).waiting_messages()

    def _advance(self, definition: Runnable, instance: Instance, open_before: Iterable[str]) -> Advance:
        instance.advance(self._budget)
        instance.settle()
        tokens = instance.manual_tokens()
        if not (tokens or instance.completed or instance.catching_tokens()):
            raise InstanceStuck(last=instance.visited[-1] if instance.visited else definition.own_process)
        open_tasks = tuple(_open_task(definition, instance, token) for token in tokens)
        before, now = set(open_before), {task.id for task in open_tasks}
        return Advance(
            state=codec.encode(instance),
            open_tasks=open_tasks,
            opened=tuple(task for task in open_tasks if task.id not in before),
            closed=tuple(sorted(before - now, key=int)),
            effects=_effects(definition, instance.effects),
            is_finished=instance.completed,
            end_id=instance.ended_at.rpartition("/")[2] if instance.completed and instance.ended_at else None,
            variables=dict(instance.variables),
            visited=tuple(instance.visited),
        )


def _effects(definition: Runnable, nodes: Iterable[str]) -> tuple[Effect, ...]:
    return tuple(effect for node in nodes for effect in definition.effects_of(node))


def _open_task(definition: Runnable, instance: Instance, token: Token) -> OpenTask:
    path = [*instance.path_of(token.workflow), token.task_spec.name]
    own = f"{definition.own_process}/"
    shown = [node for node in path if node.startswith(own)]
    return OpenTask(
        id=str(token.id),
        step=definition.step_at(token.task_spec.name),
        path=tuple(node.rpartition("/")[2] for node in path[:-1]),
        diagram_element=shown[-1].removeprefix(own),
    )


def _routing(definition: Runnable, variables: Mapping[str, object] | None) -> dict[str, object]:
    """Keep the variables that conditions read; everything else is business data and lives in tables."""
    kept = {name: value for name, value in (variables or {}).items() if name in definition.routing_variables}
    for name, value in kept.items():
        if not _is_plain(value):
            raise VariableRefused(name=name, reason="chỉ nhận chữ, số, đúng/sai, trống và danh sách của chúng")
    return kept


def _is_plain(value: Any, depth: int = 0) -> bool:
    if value is None or isinstance(value, bool | str):
        return True
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    if depth < _DEPTH and isinstance(value, list):
        return all(_is_plain(item, depth + 1) for item in value)
    if depth < _DEPTH and isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item, depth + 1) for key, item in value.items())
    return False
