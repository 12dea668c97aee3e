"""Examining files in a child process that may be killed: no file can hang, crash or fill the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.child import Child
from engine.domain.process import Problem, Severity
from engine.process.checks.files import Examination
from engine.process.checks.versions import Posted
from engine.process.problems import report


class Guard(Child):
    """A child process that examines one file after another; a new one takes over when a file kills it."""

    module = "engine.process.checks.worker"

    def examine(self, path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
        """Examine a file; one that takes too long or too much is reported as such."""
        request = {
            "path": str(path.absolute()),
            "unit_kinds": None if unit_kinds is None else sorted(unit_kinds),
            "shared": str(shared.absolute()) if shared is not None else None,
        }
        answer = self.ask(request)
        if answer is None:
            return Examination((report("check_stopped", seconds=f"{self._seconds:g}", megabytes=self._megabytes),))
        return _examination(answer)


def _examination(answer: dict[str, Any]) -> Examination:
    problems = tuple(
        Problem(**{**problem, "severity": Severity(problem["severity"])}) for problem in answer["problems"]
    )
    facts = answer["posted"]
    posted = None if facts is None else Posted(**{key: _tuple(value) for key, value in facts.items()})
    return Examination(problems, posted)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
