"""One version of one procedure: what its diagrams and facts say, ready to run and to be shown.

A definition never changes. `ref` is the digest of its content, so a dossier that keeps the ref keeps its version, also
when the files are gone: `sources` packs the content, `Definition.from_sources` brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from engine.domain.assessment import Assessment
from engine.domain.dossier import Channel
from engine.domain.grounds import PAUSE_DOCUMENT
from engine.domain.people import Role
from engine.domain.procedure import Procedure, ProcedureCase
from engine.domain.process import Effect, FormField, Severity, StepDefinition
from engine.process.blueprint import Blueprint, BlueprintRefused, build, node_name
from engine.process.bundle import Bundle, read_bundle
from engine.process.checks.essential import essential_problems
from engine.process.decisions.use import assess
from engine.process.diagram import Diagram, Kind, Node
from engine.process.errors import DefinitionInvalid
from engine.process.pausing import grounds_after_steps
from engine.process.planning import planned_before
from engine.process.problems import report
from engine.process.sources import digest, one_spelling, pack, unpack

SHARED = "shared"
# Who completes a step that may pause the clock is asked for the document, where the ground wants one.
_PAUSE_DOCUMENT = FormField(PAUSE_DOCUMENT, "Số, ngày văn bản làm căn cứ tạm dừng (khi chọn tạm dừng)")


class Definition:
    """One version of one procedure. Immutable; shared by all threads; equal to another of the same content."""

    def __init__(self, bundle: Bundle, files: Mapping[str, bytes], ref: str) -> None:
        """Build from a bundle without faults; use `load` or `from_sources`. Raises `DefinitionInvalid`."""
        procedure = bundle.procedure
        if procedure is None:
            raise DefinitionInvalid(
                file=bundle.stem, problems=(report("facts_missing", expected=f"{bundle.stem}.yaml"),)
            )
        self.ref = ref
        self._bundle = bundle
        self._plans: dict[str, Mapping[tuple[str, str], Decimal]] = {}
        self.procedure: Procedure = procedure
        self.routing_variables = bundle.routing_variables()
        self.messages = frozenset(node.message for diagram in bundle.diagrams for node in diagram.nodes if node.message)
        self.tables = bundle.tables
        self._files = MappingProxyType(dict(files))
        self._steps = MappingProxyType(_steps(bundle, self.routing_variables))
        # Every step by its id: the procedure's own in the order of its file, then those of shared diagrams.
        self.steps: Mapping[str, StepDefinition] = MappingProxyType({step.id: step for step in self._steps.values()})
        self._effects = MappingProxyType(_effects(bundle))
        try:
            self.blueprint: Blueprint = build(ref, bundle.diagrams, self.routing_variables)
        except BlueprintRefused as refused:
            raise DefinitionInvalid(file=f"{bundle.stem}.bpmn", problems=refused.problems) from refused

    def __eq__(self, other: object) -> bool:
        """Whether both have the same content."""
        return isinstance(other, Definition) and other.ref == self.ref

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self.ref)

    def __repr__(self) -> str:
        """Name the procedure and the beginning of the ref."""
        return f"<Definition {self.procedure.code} {self.procedure.process} {self.ref[:12]}>"

    @property
    def diagrams(self) -> Mapping[str, bytes]:
        """The BPMN files by process id, the procedure's own first: for viewers."""
        found = {Path(name).stem: content for name, content in self._files.items() if name.endswith(".bpmn")}
        own = self.procedure.process
        return MappingProxyType({own: found[own], **found})

    @property
    def own_process(self) -> str:
        """The id of the procedure's own process."""
        return self.procedure.process

    def step_at(self, node: str) -> StepDefinition:
        """Answer the step of a node of the blueprint, ``process/element``."""
        return self._steps[node]

    def effects_of(self, node: str) -> tuple[Effect, ...]:
        """Answer what the service task ``process/element`` orders, in order."""
        return self._effects[node]

    def assess(self, answers: Mapping[str, str], channel: Channel, case: str = "") -> Assessment:
        """Work out case and fee from the answers at the desk; `case` holds where no table decides it.

        Raises `FormRefused`, `DecisionFailed`, `LookupError` for an unknown `case`.
        """
        return assess(self.procedure, self.tables, answers, channel, case)

    def planned_before(self, step: StepDefinition, case: ProcedureCase) -> Decimal:
        """How much of the limit of its phase the plan has spent when `step` begins; 0 for the first of a phase."""
        if case.id not in self._plans:
            self._plans[case.id] = planned_before(self._bundle, case)
        return self._plans[case.id].get((step.process, step.id), Decimal(0))

    def sources(self) -> bytes:
        """Pack the content: the same bytes for the same content, readable with any zip tool."""
        return pack(self._files)

    @classmethod
    def from_sources(cls, packed: bytes) -> Definition:
        """Bring back what `sources` packed. Raises `DefinitionInvalid`."""
        return _from_sources(packed)

    @classmethod
    def load(cls, diagram: Path, shared: Path | None = None) -> Definition:
        """Read a diagram and the facts beside it; `shared` is the folder of shared diagrams.

        Raises `DefinitionInvalid` with every problem that forbids to run it.
        """
        folder = shared if shared is not None else shared_near(diagram)
        called = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.bpmn"))}
        facts = diagram.with_suffix(".yaml")
        if not facts.is_file():
            problem = report("facts_missing", expected=facts.name)
            raise DefinitionInvalid(file=diagram.name, problems=(problem,))
        tables = diagram.with_suffix(".dmn")
        decided = tables.read_bytes() if tables.is_file() else None
        return cls.of(diagram.stem, diagram.read_bytes(), facts.read_bytes(), called, decided)

    @classmethod
    def of(
        cls, stem: str, diagram: bytes, facts: bytes, shared: Mapping[str, bytes], tables: bytes | None = None
    ) -> Definition:
        """Build from the content of files: the procedure's own two, its decision tables, the shared diagrams by name.

        Raises `DefinitionInvalid` with every problem that forbids to run it.
        """
        bundle = _sound(read_bundle(stem, diagram, facts, shared, tables))
        contents = {f"{stem}.bpmn": diagram, f"{stem}.yaml": facts}
        contents |= {f"{stem}.dmn": tables} if tables is not None else {}
        contents |= {_shared_name(called.stem): called.content for called in bundle.diagrams[1:]}
        files = {name: one_spelling(name, content) for name, content in contents.items()}
        ref = digest(files)
        return _CACHE.get(ref, lambda: cls(bundle, files, ref))


def shared_near(diagram: Path) -> Path:
    """The folder of shared diagrams above a diagram: beside its field, also for a version in a folder of its own."""
    near = (above / SHARED for above in list(diagram.parents)[1:3])
    return next((folder for folder in near if folder.is_dir()), diagram.parent.parent / SHARED)


def _sound(bundle: Bundle) -> Bundle:
    """Answer the bundle; raises `DefinitionInvalid` with all that forbids to run it."""
    problems = tuple(problem for problem in essential_problems(bundle) if problem.severity is Severity.ERROR)
    if problems:
        raise DefinitionInvalid(file=f"{bundle.stem}.bpmn", problems=problems)
    return bundle


def _shared_name(stem: str) -> str:
    return f"{SHARED}/{stem}.bpmn"


@lru_cache(maxsize=256)
def _from_sources(packed: bytes) -> Definition:
    files = unpack(packed)
    stem = next((Path(name).stem for name in files if name.endswith(".yaml")), "")
    content, facts = files.get(f"{stem}.bpmn", b""), files.get(f"{stem}.yaml", b"")
    shared = {Path(name).stem: other for name, other in files.items() if name == _shared_name(Path(name).stem)}
    tables = files.get(f"{stem}.dmn")
    ref = digest(files)
    return _CACHE.get(ref, lambda: Definition(_sound(read_bundle(stem, content, facts, shared, tables)), files, ref))


def _steps(bundle: Bundle, routing: frozenset[str]) -> dict[str, StepDefinition]:
    pausing = grounds_after_steps(bundle)
    return {
        node_name(diagram, node.id): _step(diagram, node, routing, pausing.get((diagram.stem, node.id), frozenset()))
        for diagram in bundle.diagrams
        for node in diagram.nodes
        if node.kind is Kind.USER_TASK
    }


def _step(diagram: Diagram, node: Node, routing: frozenset[str], pauses_on: frozenset[str]) -> StepDefinition:
    lane, step = diagram.lanes_of(node)[0], node.step
    assert step is not None
    form = tuple(replace(field, is_routing=field.id in routing) for field in step.form)
    if pauses_on and all(field.id != PAUSE_DOCUMENT for field in form):
        form = (*form, _PAUSE_DOCUMENT)
    return StepDefinition(
        id=node.id,
        name=node.name or node.id,
        role=Role(lane.role or ""),
        unit_kind=lane.unit or "",
        lane_name=lane.name,
        phase=step.phase,
        limits=MappingProxyType(dict(step.limits)),
        status=step.status,
        is_outside_clock=step.is_outside_clock,
        waits_for=step.waits_for,
        form=form,
        process=diagram.stem,
        timer=step.timer,
        milestones=step.milestones,
        pauses_on=pauses_on,
    )


def _effects(bundle: Bundle) -> dict[str, tuple[Effect, ...]]:
    return {
        node_name(diagram, node.id): tuple(
            Effect(effect.name, MappingProxyType(dict(effect.arguments)), node.id) for effect in node.effects
        )
        for diagram in bundle.diagrams
        for node in diagram.nodes
        if node.kind is Kind.SERVICE_TASK
    }


class _Cache:
    """Definitions by ref, each built once however many threads ask."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._held: dict[str, Definition] = {}

    def get(self, ref: str, make: Callable[[], Definition]) -> Definition:
        """Answer the definition of this ref, made now if it is not held."""
        with self._lock:
            definition = self._held.pop(ref, None) or make()
            self._held[ref] = definition
            while len(self._held) > self._size:
                self._held.pop(next(iter(self._held)))
            return definition


_CACHE = _Cache(512)
