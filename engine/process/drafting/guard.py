"""Drafts are read by a child process that is kept warm: a hostile file costs the child, and nobody a second."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from engine.domain.process import Change, Problem, Severity
from engine.process.checks.guard import Guard
from engine.process.drafting.model import FileProblem, Look, TakenIn
from engine.process.problems import report


class DraftRefused(Exception):
    """The child process could not do what was asked; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message_en)
        self.problem = problem


class DraftGuard(Guard):
    """The child process that reads drafts, one request after the other however many threads ask."""

    module = "engine.process.drafting.worker"

    def __init__(self, *, seconds: float, megabytes: int) -> None:
        """Allow each request `seconds` and the child `megabytes`."""
        super().__init__(seconds=seconds, megabytes=megabytes)
        self._lock = Lock()

    def take_in(self, folder: Path, shared: Collection[str]) -> TakenIn:
        """Take an upload apart."""
        try:
            answer = self.request(act="take_in", folder=str(folder), shared=sorted(shared))
        except DraftRefused as refused:
            return TakenIn(problems=(refused.problem,))
        changes = tuple(Change(**change) for change in answer["changes"])
        return TakenIn(answer["stem"], answer["files"], tuple(map(problem_of, answer["problems"])), changes)

    def look(self, folder: Path, stem: str, unit_kinds: frozenset[str] | None, shared: Path) -> Look:
        """Look at a draft; what cannot be looked at is a draft with that problem."""
        kinds = None if unit_kinds is None else sorted(unit_kinds)
        try:
            answer = self.request(
                act="look", folder=str(folder), stem=stem, unit_kinds=kinds, shared=str(shared.absolute())
            )
        except DraftRefused as refused:
            return Look((FileProblem(f"{stem}.bpmn", refused.problem),))
        return look_of(answer)

    def edit(self, folder: Path, stem: str, change: Mapping[str, Any]) -> dict[str, str]:
        """Carry out what a form says; answers the files that change. Raises `DraftRefused`."""
        files: dict[str, str] = self.request(act="edit", folder=str(folder), stem=stem, change=change)["files"]
        return files

    def compare(self, folder: Path, stem: str, old: Path, shared: Path) -> tuple[tuple[str, str, str, str], ...]:
        """Compare with the sources in the file `old`. Raises `DraftRefused`."""
        answer = self.request(act="compare", folder=str(folder), stem=stem, old=str(old), shared=str(shared.absolute()))
        return tuple((row[0], row[1], row[2], row[3]) for row in answer["rows"])

    def request(self, **request: Any) -> Any:
        """Ask the child; raises `DraftRefused` where it was stopped, or says why not."""
        with self._lock:
            found = self.ask(request)
        if found is None:
            raise DraftRefused(report("check_stopped", seconds=f"{self._seconds:g}", megabytes=self._megabytes))
        if "refused" in found:
            raise DraftRefused(problem_of(found["refused"]))
        return found

    def close(self) -> None:
        """Let the child go."""
        with self._lock:
            self.stop()


def problem_of(values: Mapping[str, Any]) -> Problem:
    """A problem that came as plain values."""
    return Problem(**{**values, "severity": Severity(values["severity"])})


def look_of(values: Mapping[str, Any]) -> Look:
    """What a look found, from plain values."""
    problems = tuple(FileProblem(found["file"], problem_of(found["problem"])) for found in values["problems"])
    return Look(problems, values["facts"], tuple(values["lanes"]), tuple(values["steps"]), tuple(values["lacks"]))
