"""Moving a running instance from one version of its procedure to another: the same place, found by the names of nodes.

Nothing runs here and nothing is guessed. Where the new drawing has no such place, or a place that the tokens could not
leave as they would have (a join that waits for a branch nobody is in, a question nobody will be asked), the obstacles
say so. A token keeps its id, so the open steps keep their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import msgpack

from engine.process import expressions
from engine.process.blueprint import ScopePlan
from engine.process.definitions import Definition
from engine.process.specs import Call, Choice, EventSubprocess, Inclusive, ParallelJoin, Subprocess
from engine.process.state import FORMAT, decode

_OWN = 3  # the numbers below it are the start and the end that every scope has
_SPLIT = ".BoundaryEventSplit"
_JOINS = (ParallelJoin, Inclusive)
_NESTED = (Call, Subprocess, EventSubprocess)
_TEXTS = {
    "step_gone": "sơ đồ mới không còn “{what}”",
    "step_changed": "“{what}” trong sơ đồ mới là loại phần tử khác",
    "call_changed": "“{what}” trong sơ đồ mới gọi một sơ đồ khác",
    "boundary_changed": "“{what}” có sự kiện kèm theo (hẹn giờ, thông điệp) khác trong sơ đồ mới",
    "parallel_changed": "các nhánh song song quanh “{what}” khác trong sơ đồ mới; hãy đợi hồ sơ đi qua chỗ nhập nhánh",
    "answer_missing": "sơ đồ mới cần câu trả lời “{what}” mà hồ sơ không còn được hỏi",
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot move: a stable code, and the element, variable or value that it is about."""

    code: str
    what: str
    text: str = ""

    @property
    def message(self) -> str:
        """The reason in Vietnamese."""
        return (self.text or _TEXTS[self.code]).format(what=self.what)


@dataclass(frozen=True, slots=True)
class Moved:
    """The state of an instance in the new version; without a state if there are obstacles."""

    state: bytes
    obstacles: tuple[Obstacle, ...] = ()


def move(old: Definition, new: Definition, state: bytes, known: Mapping[str, object]) -> Moved:
    """Write the state of an instance of `old` as one of `new`.

    `known` are answers that the dossier has on record, under their names: those that conditions of `new` read and the
    state does not hold are taken from there. Raises `StateUnreadable` for a state that is not of `old`.
    """
    decode(old.blueprint, state)  # whatever is wrong with it is told here
    _ref, last_id, ended_at, variables, scopes = msgpack.unpackb(state[1:])
    translation = _Translation(old, new)
    rows = [translation.scope(scope) for scope in scopes]
    kept = {name: value for name, value in {**known, **variables}.items() if name in new.routing_variables}
    obstacles = [*translation.obstacles]
    if not obstacles:
        obstacles += _unanswered(new, rows, kept)
    if obstacles:
        return Moved(b"", tuple(dict.fromkeys(obstacles)))
    head = [bytes.fromhex(new.ref)[: len(_ref)], last_id, translation.name(ended_at), kept, rows]
    moved = bytes([FORMAT]) + bytes(msgpack.packb(head))
    decode(new.blueprint, moved)  # what cannot be read back is not written
    return Moved(moved)


def is_same_place(one: bytes, other: bytes) -> bool:
    """Whether two states of one version stand at the same place; ids that were used up in between do not count."""
    return _place(one) == _place(other)


def put_back(old_state: bytes, current: bytes) -> bytes:
    """The state from before a move, with the ids used up since then: none is ever used twice."""
    ref, last_id, *rest = msgpack.unpackb(old_state[1:])
    used = msgpack.unpackb(current[1:])[1]
    return bytes([FORMAT]) + bytes(msgpack.packb([ref, max(last_id, used), *rest]))


def _place(state: bytes) -> list[Any]:
    ref, _last_id, *rest = msgpack.unpackb(state[1:])
    return [ref, *rest]


class _Translation:
    """Reads the rows of one blueprint as rows of another, and notes what does not fit."""

    def __init__(self, old: Definition, new: Definition) -> None:
        """Translate between two versions; the own diagram may have another name in each."""
        self._old, self._new = old.blueprint, new.blueprint
        self._was, self._is = old.procedure.process, new.procedure.process
        self.obstacles: list[Obstacle] = []

    def name(self, name: str | None) -> Any:
        """A node or scope of the own diagram under the name that the new version gives it."""
        if name == self._was:
            return self._is
        if name is not None and name.startswith(f"{self._was}/"):
            return f"{self._is}/{name.removeprefix(f'{self._was}/')}"
        return name

    def scope(self, scope: Sequence[Any]) -> list[Any]:
        """One scope with its tokens."""
        holder, number, root_id, rows = scope
        was = self._old.plans[number]
        found = self._new.index.get(self.name(was.name))
        if found is None:
            self._note("step_gone", was.name)
            return []
        now = self._new.plans[found]
        tokens = [self._token(row, was, now) for row in rows]
        if not self.obstacles:
            self._check_joins([row[1] for row in rows], was, now)
        return [holder, found, root_id, tokens]

    def _token(self, row: Sequence[int], was: ScopePlan, now: ScopePlan) -> list[int]:
        token_id, node, state, *place = row
        name = was.name_of[node]
        number = node if node < _OWN else now.number_of.get(self.name(name))
        if number is None:
            self._note("step_gone", name)
            return []
        self._check_kind(name, was, now, now.name_of[number])
        if len(place) > 1:
            source = now.number_of.get(self.name(was.name_of[place[1]]))
            fits = source is not None and now.name_of[source] in now.spec.task_specs[now.name_of[number]]._inputs  # noqa: SLF001
            if not fits:
                self._note("parallel_changed", name)
            place[1] = source or 0
        return [token_id, number, state, *place]

    def _check_kind(self, name: str, was: ScopePlan, now: ScopePlan, found: str) -> None:
        old, new = was.spec.task_specs[name], now.spec.task_specs[found]
        if type(old) is not type(new):
            self._note("step_changed", name)
        elif isinstance(old, _NESTED) and self.name(old.spec) != new.spec:
            self._note("call_changed", name)
        elif {self.name(each) for each in _guards(was, name)} != set(_guards(now, found)):
            self._note("boundary_changed", name)

    def _check_joins(self, nodes: Sequence[int], was: ScopePlan, now: ScopePlan) -> None:
        """The tokens of a scope must meet as before: the same joins ahead of each, by ways as different as before."""
        names = [was.name_of[node] for node in nodes if node >= _OWN]
        before = [{(self.name(join), self.name(way)) for join, way in _joins_ahead(was, name)} for name in names]
        after = [_joins_ahead(now, self.name(name)) for name in names]
        for name, old, new in zip(names, before, after, strict=True):
            joins = {join for join, _ in old}
            if joins != {join for join, _ in new} or any(
                self._inputs(was, join) != _inputs(now, join) for join in joins
            ):
                self._note("parallel_changed", name)
        for one, other in combinations(range(len(names)), 2):
            if before[one].isdisjoint(before[other]) and not after[one].isdisjoint(after[other]):
                self._note("parallel_changed", names[one])

    def _inputs(self, was: ScopePlan, join: str) -> int:
        old = next(name for name in was.number_of if self.name(name) == join)
        return _inputs(was, old)

    def _note(self, code: str, name: str) -> None:
        """Note an obstacle at a node, under the name that people see."""
        specs = (plan.spec.task_specs.get(name.removesuffix(_SPLIT)) for plan in self._old.plans)
        spec = next((spec for spec in specs if spec is not None), None)
        shown = getattr(spec, "bpmn_name", None) or name.rpartition("/")[2]
        self.obstacles.append(Obstacle(code, shown))


def _guards(plan: ScopePlan, name: str) -> list[str]:
    """The boundary events of a task."""
    split = plan.spec.task_specs.get(f"{name}{_SPLIT}")
    return [] if split is None else [each for each in split._outputs if each != name]  # noqa: SLF001


def _inputs(plan: ScopePlan, join: str) -> int:
    return len(plan.spec.task_specs[join]._inputs)  # noqa: SLF001


def _joins_ahead(plan: ScopePlan, start: str) -> set[tuple[str, str]]:
    """The joins that a token gets to, each with the way it comes by, before a fork makes new tokens of it."""
    found: set[tuple[str, str]] = set()
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        spec = plan.spec.task_specs[name]
        if isinstance(spec, _JOINS) and len(spec._outputs) > 1 and name != start:  # noqa: SLF001
            continue
        for following in spec._outputs:  # noqa: SLF001
            ahead = plan.spec.task_specs[following]
            if isinstance(ahead, _JOINS) and len(ahead._inputs) > 1:  # noqa: SLF001
                found.add((following, name))
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return found


def _unanswered(new: Definition, rows: Sequence[Sequence[Any]], known: Mapping[str, object]) -> Iterator[Obstacle]:
    """What a condition ahead of the tokens reads, and neither the dossier knows nor a step on the way asks."""
    missing = sorted(new.routing_variables - known.keys())
    for variable in missing:
        for _holder, number, _root, tokens in rows:
            plan = new.blueprint.plans[number]
            starts = [plan.name_of[token[1]] for token in tokens if token[1] >= _OWN]
            if any(_is_read(new, plan, start, variable) for start in starts):
                yield Obstacle("answer_missing", variable)
                break


def _is_read(new: Definition, plan: ScopePlan, start: str, variable: str) -> bool:
    """Whether a way leads from a node to a question about `variable` that no step before it asks for."""
    seen, waiting = {start}, [start]
    while waiting:
        spec = plan.spec.task_specs[waiting.pop()]
        if isinstance(spec, Choice | Inclusive) and variable in _read_by(spec):
            return True
        if _asks(new, spec, variable):
            continue
        for following in spec._outputs:  # noqa: SLF001
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _read_by(choice: Choice | Inclusive) -> set[str]:
    conditions = (condition.args[0] for condition, _ in choice.cond_task_specs if condition is not None)
    return {name for condition in conditions for name in expressions.names_in(condition)}


def _asks(new: Definition, spec: Any, variable: str) -> bool:
    """Whether a step, or any step of what is called, has a field of this name."""
    if isinstance(spec, _NESTED):
        inner = new.blueprint.subprocesses[spec.spec]
        return any(_asks(new, each, variable) for each in inner.task_specs.values())
    if not getattr(spec, "manual", False):
        return False
    return any(field.id == variable for field in new.step_at(spec.name).form)
