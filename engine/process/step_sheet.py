"""The steps of a procedure as one list: its own diagram in reading order, shared diagrams opened where they are called.

This is what an internal procedure (quy trình nội bộ) prints, and what the public page shows of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from engine.domain.posting import SheetStep
from engine.domain.process import DECIDING_UNIT, StepDefinition
from engine.domain.progress import MainStep, Road
from engine.domain.status import DossierStatus
from engine.process.definitions import Definition
from engine.process.diagram import Diagram, Kind, Node
from engine.process.outline import read_outline
from engine.process.reading import read_diagram

FORMS = {
    "receipt": "Mẫu 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    "supplement_request": "Mẫu 02: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
    "refusal": "Mẫu 03: Phiếu từ chối tiếp nhận, giải quyết hồ sơ",
    "apology": "Mẫu 04: Văn bản xin lỗi và đề nghị gia hạn",
    "discontinuation": "Mẫu 05: Thông báo dừng giải quyết hồ sơ",
    "routing_slip": "Mẫu 06: Phiếu kiểm soát quá trình giải quyết hồ sơ",
    "result_cover": "Phiếu trả kết quả giải quyết hồ sơ",
    "feedback_answer": "Văn bản trả lời phản ánh, kiến nghị",
    "error_apology": "Thư xin lỗi về sai sót trong kết quả",
}
_OUTCOMES = {
    "delivered": "Trả kết quả",
    "rejected": "Trả văn bản từ chối",
    "refused": "Không tiếp nhận",
    "discontinued": "Dừng giải quyết",
    "withdrawn": "Rút hồ sơ",
}


@lru_cache(maxsize=256)
def step_sheet(definition: Definition) -> tuple[SheetStep, ...]:
    """Every step of a procedure in reading order. A shared diagram is opened each time it is called."""
    return tuple(_Sheet(definition).of(definition.procedure.process, ""))


@lru_cache(maxsize=256)
def _read(content: bytes, stem: str) -> Diagram | None:
    """Read a diagram once, however many procedures call it."""
    return read_diagram(content, stem)[0]


class _Sheet:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        read = {stem: _read(content, stem) for stem, content in definition.diagrams.items()}
        self._diagrams: Mapping[str, Diagram] = {stem: diagram for stem, diagram in read.items() if diagram}
        own = [step for step in definition.steps.values() if step.process == definition.procedure.process]
        self._lanes = {(step.role, step.unit_kind): step.lane_name for step in own}
        self._open: list[str] = []

    def of(self, stem: str, prefix: str, road: Road = Road.ALWAYS) -> Iterator[SheetStep]:
        """The steps of one diagram; `road`: how likely the way into it is."""
        diagram = self._diagrams[stem]
        nodes = {node.id: node for node in diagram.nodes}
        self._open.append(stem)
        for place, main in enumerate(read_outline(diagram), start=1):
            node, number = nodes[main.element], f"{prefix}{place}"
            onto = main.road if road is Road.ALWAYS else road
            if node.kind is Kind.USER_TASK:
                yield self._step(diagram, node, main, number, onto)
            elif node.called in self._diagrams and node.called not in self._open:
                when = _when(diagram, node, main.further)
                inside = list(self.of(node.called or "", f"{number}.", onto))
                alone = [replace(step, number=number) for step in inside] if len(inside) == 1 else []
                yield from (_called(step, "" if alone else main.name, when) for step in alone or inside)
        self._open.pop()

    def _step(self, diagram: Diagram, node: Node, main: MainStep, number: str, road: Road) -> SheetStep:
        step = self._definition.steps[node.id]
        return SheetStep(
            number=number,
            id=step.id,
            name=main.name,
            actor=self._actor(step),
            road=road,
            when=_when(diagram, node, main.further),
            papers=_papers(diagram, node),
            limits={} if step.is_outside_clock else dict(step.limits),
            phase=step.phase or "",
            waits_for=step.waits_for,
            is_return=step.status is DossierStatus.RESOLVED,
        )

    def _actor(self, step: StepDefinition) -> str:
        """Who does it, by the name that the procedure's own drawing gives to that role in that unit."""
        unit = self._definition.procedure.deciding_unit if step.unit_kind == DECIDING_UNIT else step.unit_kind
        return self._lanes.get((step.role, unit), step.lane_name)


def _called(step: SheetStep, part: str, when: tuple[str, ...]) -> SheetStep:
    """A step of a shared diagram, told as part of the work that calls it."""
    whole = ": ".join(dict.fromkeys(filter(None, (part, step.part))))
    return replace(step, part=whole, when=(*when, *(answer for answer in step.when if answer not in when)))


def _when(diagram: Diagram, node: Node, further: frozenset[str]) -> tuple[str, ...]:
    """The answers that lead to a node from the gateways just before it: ``Đủ điều kiện? Cần bổ sung``.

    What comes back from `further` on the way is the same work again.
    """
    nodes = {other.id: other for other in diagram.nodes}
    found: dict[str, None] = {}
    seen, waiting = {node.id}, [node.id]
    while waiting:
        target = waiting.pop()
        for flow in diagram.flows:
            if flow.target != target or flow.source in seen or flow.source in further:
                continue
            source = nodes[flow.source]
            if source.kind is Kind.EXCLUSIVE and flow.name:
                found[f"{source.name} {flow.name}".strip()] = None
            elif source.kind in {Kind.EXCLUSIVE, Kind.PARALLEL, Kind.SERVICE_TASK}:
                seen.add(source.id)
                waiting.append(source.id)
            elif source.kind in {Kind.USER_TASK, Kind.CALL, Kind.SUBPROCESS}:
                return ()  # there is a way here without any question
    return tuple(found)


def _papers(diagram: Diagram, node: Node) -> tuple[str, ...]:
    """What service tasks order between this step and the next work: forms and outcomes."""
    nodes = {other.id: other for other in diagram.nodes}
    found: dict[str, None] = {}
    seen, waiting = {node.id}, [node.id]
    while waiting:
        source = waiting.pop(0)
        for flow in diagram.flows:
            if flow.source != source or flow.target in seen:
                continue
            seen.add(flow.target)
            after = nodes[flow.target]
            if after.kind in {Kind.USER_TASK, Kind.CALL, Kind.SUBPROCESS}:
                continue
            found |= dict.fromkeys(_ordered(after))
            waiting.append(after.id)
    return tuple(found)


def _ordered(node: Node) -> Iterator[str]:
    for effect in node.effects:
        arguments = dict(effect.arguments)
        if effect.name == "order_letter" and arguments.get("form") in FORMS:
            yield FORMS[arguments["form"]]
        elif effect.name == "record_outcome" and arguments.get("result") in _OUTCOMES:
            yield _OUTCOMES[arguments["result"]]
