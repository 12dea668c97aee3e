"""A draft in a folder: what is wrong with it, and what its forms show. Runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from engine.process.checks.files import DIAGRAM, FACTS, SHARED, TABLES, examine
from engine.process.drafting.drawing import QUESTIONS, Drawing, extension_of
from engine.process.drafting.model import FileProblem, Look
from engine.process.drafting.sheets import read_values, write_values
from engine.process.drafting.standard import add_standard, lacking
from engine.process.safe_xml import BPMN, MOTCUA, XmlRefused


def look(folder: Path, stem: str, unit_kinds: frozenset[str] | None, shared: Path) -> Look:
    """Look at the draft that lies in `folder` as an office would have it."""
    problems = tuple(_problems(folder, stem, unit_kinds, shared))
    facts = folder / f"{stem}{FACTS}"
    values = read_values(facts.read_text("utf-8")) if facts.is_file() else {}
    try:
        drawing = Drawing((folder / f"{stem}{DIAGRAM}").read_text("utf-8"))
        return Look(problems, values, tuple(_lanes(drawing)), tuple(_steps(drawing)), lacking(drawing))
    except (XmlRefused, StopIteration, OSError):
        return Look(problems, values)


def _problems(folder: Path, stem: str, kinds: frozenset[str] | None, shared: Path) -> Iterator[FileProblem]:
    files = [folder / f"{stem}{suffix}" for suffix in (DIAGRAM, FACTS, TABLES)]
    files += sorted((folder.parent / SHARED).glob(f"*{DIAGRAM}")) if (folder.parent / SHARED / ".own").exists() else []
    for path in files:
        if path.is_file():
            found = sorted(examine(path, kinds, shared).problems, key=lambda problem: (problem.line or 0, problem.code))
            name = path.name if path.parent == folder else f"{SHARED}/{path.name}"
            yield from (FileProblem(name, problem) for problem in dict.fromkeys(found))


def _lanes(drawing: Drawing) -> Iterator[dict[str, Any]]:
    for lane in drawing.lanes():
        actor = extension_of(lane, "actor")
        yield {
            "id": lane.get("id", ""),
            "name": lane.get("name", ""),
            "role": (actor.get("role") if actor is not None else "") or "",
            "unit": (actor.get("unit") if actor is not None else "") or "",
        }


def _steps(drawing: Drawing) -> Iterator[dict[str, Any]]:
    lanes = {
        (member.text or "").strip(): lane.get("name", "")
        for lane in drawing.lanes()
        for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef")
    }
    for task in drawing.user_tasks():
        yield _step(task, lanes.get(_top(task), ""))


def _top(task: etree._Element) -> str:
    """The id by which lanes know a step: its own, or that of the subprocess around it."""
    parent = task.getparent()
    while parent is not None and parent.tag == f"{{{BPMN}}}subProcess":
        task, parent = parent, parent.getparent()
    return task.get("id", "")


def _step(task: etree._Element, lane: str) -> dict[str, Any]:
    step, form = extension_of(task, "step"), extension_of(task, "form")
    fields = [field.get("id", "") for field in form] if form is not None else []
    said: Mapping[str, str] = {str(k): str(v) for k, v in step.attrib.items()} if step is not None else {}
    limits = step.iterchildren(f"{{{MOTCUA}}}limit") if step is not None else ()
    return {
        "id": task.get("id", ""),
        "name": task.get("name", ""),
        "lane": lane,
        **{name: said.get(name, "") for name in ("limit", "phase", "status", "clock", "waits_for")},
        "limits": {limit.get("case", ""): limit.get("value", "") for limit in limits},
        "asks": [name for name in QUESTIONS if name in fields],
        "fields": [field.get("label", "") for field in form if field.get("id") not in QUESTIONS]
        if form is not None
        else [],
    }


def edit(folder: Path, stem: str, change: Mapping[str, Any]) -> dict[str, str]:
    """Carry out what one form says; answer the files that it changes, by their new names. Raises `XmlRefused`."""
    diagram, facts = folder / f"{stem}{DIAGRAM}", folder / f"{stem}{FACTS}"
    name = change.get("stem") or stem
    drawing = Drawing(diagram.read_text("utf-8"))
    if change.get("standard"):
        add_standard(drawing)
    for lane, values in change.get("lanes", {}).items():
        drawing.set_lane(lane, values)
    for step, values in change.get("steps", {}).items():
        drawing.set_step(step, values)
    if change.get("facts", {}).get("name"):
        drawing.call(change["facts"]["name"])
    drawing.rename(name)
    files = {f"{name}{DIAGRAM}": drawing.text()}
    old = facts.read_text("utf-8") if facts.is_file() else ""
    if "facts" in change:
        files[f"{name}{FACTS}"] = write_values(old, name, change["facts"])
    return files
