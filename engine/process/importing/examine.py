"""The one door of the import: the bytes of a file in; what was changed, what forbids its use, and our BPMN out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.domain.process import Change, Problem, Severity
from engine.process.blueprint import BlueprintRefused
from engine.process.checks.conditions import check_conditions
from engine.process.checks.structure import check_boundaries, check_flows, check_starts_and_ends, check_ways
from engine.process.diagram import Diagram, Kind
from engine.process.importing.calls import reached_from, settle_calls
from engine.process.importing.events import choose_first_events, join_links, settle_catches, settle_throws
from engine.process.importing.forms import read_forms
from engine.process.importing.gateways import decide, open_splits
from engine.process.importing.hostile import refuse_hostile
from engine.process.importing.joins import let_go, waiting_joins
from engine.process.importing.leftovers import tell_leftovers
from engine.process.importing.loops import unroll
from engine.process.importing.model import Draft, Notes
from engine.process.importing.opening import open_bpmn
from engine.process.importing.reading import Reader
from engine.process.importing.starts import settle_ends, settle_starts
from engine.process.importing.steps import set_compensation_aside, settle_steps
from engine.process.importing.trial import ever_passed, try_out
from engine.process.importing.writing import Writer
from engine.process.problems import report
from engine.process.reading import MAX_NODES, read_diagram
from engine.process.safe_xml import BPMN, XmlRefused

_LINKS_A_NODE = 4
_MAX_TOTAL = 1_000
_MAX_LET_GO = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file. `written`: our BPMN by the id of the process, only if nothing forbids its use."""

    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    written: dict[str, str] = field(default_factory=dict)


def examine_import(content: bytes) -> Imported:
    """Read, rewrite and run a file that somebody drew elsewhere. Never raises for what it holds."""
    notes = Notes()
    try:
        root = open_bpmn(content, notes)
    except XmlRefused as refused:
        return Imported((refused.problem,))
    refuse_hostile(root, notes)
    if _is_refused(notes.problems):
        return Imported(tuple(notes.problems), tuple(notes.changes))
    roots, processes = rewrite(root, notes)
    if _is_refused(notes.problems):
        return Imported(tuple(notes.problems), tuple(notes.changes))
    if not processes:
        return Imported((*notes.problems, report("no_process")), tuple(notes.changes))
    written, problems = _write_and_run(roots, processes)
    problems = [*notes.problems, *problems]
    texts = {name: document.decode() for name, document in written.items()}
    return Imported(tuple(problems), tuple(notes.changes), {} if _is_refused(problems) else texts)


def _write_and_run(roots: Sequence[Draft], processes: Sequence[Draft]) -> tuple[dict[str, bytes], list[Problem]]:
    """Write the processes and run them; joins that wait in vain let go, and all is run again."""
    let: set[str] = set()
    never: set[str] = set()
    while True:
        written = {process.id: Writer(process).document() for process in processes}
        diagrams, problems = _read(processes, written)
        if _is_refused(problems):
            return written, problems
        waiting: set[str] = set()
        for process in roots:
            found = _run(process, processes, diagrams)
            problems += found
            joins = waiting_joins(found, processes) - never
            passed = joins and ever_passed(_reached(process, processes, diagrams), joins)
            never |= joins - passed
            waiting |= passed
        if len(let) >= _MAX_LET_GO or not waiting:
            return written, problems
        let |= waiting
        let_go(waiting, processes)


def rewrite(root: etree._Element, notes: Notes) -> tuple[list[Draft], list[Draft]]:
    """Answer the processes that are run for themselves, and all that draw something, rewritten to what runs here."""
    if sum(1 for _flow in root.iter(f"{{{BPMN}}}sequenceFlow")) > _LINKS_A_NODE * _MAX_TOTAL:
        notes.problem("too_large", limit=f"{_MAX_TOTAL} phần tử")
        return [], []
    drafts = Reader(root, notes).drafts()
    if _is_too_large(drafts, notes):
        return [], drafts
    for draft in drafts:
        if not draft.items:
            notes.change("process_set_aside", draft)
    processes = [draft for draft in drafts if draft.items]
    for process in processes:
        _settle_parts(process, root)
    roots = settle_calls(processes)
    for process in processes:
        _settle_ways(process)
    for process in roots if len(roots) > 1 else ():
        notes.change("process_apart", process)
    return roots, processes


def _settle_parts(process: Draft, root: etree._Element) -> None:
    """Settle what each node of a process is."""
    if not process.is_executable:
        process.notes.change("not_executable", process)
    set_compensation_aside(process, root)
    read_forms(process, root)
    tell_leftovers(process)
    join_links(process)
    choose_first_events(process)
    settle_throws(process)
    settle_steps(process)


def _settle_ways(process: Draft) -> None:
    """Settle how its nodes hang together, once it is known which calls became steps."""
    settle_catches(process)
    settle_starts(process)
    settle_ends(process)
    open_splits(process)
    unroll(process)
    decide(process)


def _is_too_large(drafts: Sequence[Draft], notes: Notes) -> bool:
    """Refuse what is too much for a person to read, before any work is spent on it."""
    scopes = [scope for draft in drafts for scope in draft.everywhere()]
    for scope in scopes:
        if len(scope.items) > MAX_NODES or len(scope.links) > _LINKS_A_NODE * MAX_NODES:
            notes.problem("too_large", scope, limit=f"{MAX_NODES} phần tử")
    if sum(len(scope.items) for scope in scopes) > _MAX_TOTAL:
        notes.problem("too_large", limit=f"{_MAX_TOTAL} phần tử")
    return _is_refused(notes.problems)


def _is_refused(problems: Sequence[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _read(processes: Sequence[Draft], written: dict[str, bytes]) -> tuple[dict[str, Diagram], list[Problem]]:
    """Read what was written, and check all that running it needs."""
    diagrams: dict[str, Diagram] = {}
    problems: list[Problem] = []
    for process in processes:
        diagram, found = read_diagram(written[process.id], process.id, is_imported=True)
        problems += found
        if diagram is None:
            continue
        diagrams[process.id] = diagram
        for scope in diagram.scopes:
            drawn = [*check_flows(diagram, scope), *check_starts_and_ends(scope), *check_boundaries(scope)]
            problems += drawn or check_ways(scope)
        problems += check_conditions(diagram)
    lines = {
        item.id: item.line for process in processes for draft in process.everywhere() for item in draft.items.values()
    }
    lines |= {link.id: link.line for process in processes for draft in process.everywhere() for link in draft.links}
    return diagrams, [_at(problem, lines) for problem in problems]


def _at(problem: Problem, lines: dict[str, int | None]) -> Problem:
    """Name the line of the file that was read, not of the one that was written."""
    return replace(problem, line=lines.get(problem.element))


def _run(process: Draft, processes: Sequence[Draft], diagrams: dict[str, Diagram]) -> list[Problem]:
    reached = _reached(process, processes, diagrams)
    circle = _circle(reached)
    if circle is not None:
        return [circle]
    try:
        return list(try_out(reached, reached[0]))
    except BlueprintRefused as refused:
        return list(refused.problems)


def _reached(process: Draft, processes: Sequence[Draft], diagrams: dict[str, Diagram]) -> list[Diagram]:
    return [diagrams[draft.id] for draft in reached_from(process, list(processes))]


def _circle(diagrams: Sequence[Diagram]) -> Problem | None:
    """Find a process that calls itself, by whatever way."""
    calls = {
        diagram.stem: {node.called or "": node for node in diagram.nodes if node.kind is Kind.CALL}
        for diagram in diagrams
    }
    for stem, direct in calls.items():
        waiting, seen = list(direct.items()), set()
        while waiting:
            called, node = waiting.pop()
            if called == stem:
                return report("call_activity_recursive", node, called=called, chain=f"{stem} → … → {stem}")
            if called not in seen:
                seen.add(called)
                waiting += calls.get(called, {}).items()
    return None
