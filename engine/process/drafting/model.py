"""What passes between the child process that reads drafts and everybody else: plain values, no objects of parsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain.process import Change, Problem

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An upload taken apart. Without `files` nothing of it may be used; `problems` say why."""

    stem: str = ""
    files: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A problem and the file of the draft that it is about."""

    file: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Look:
    """A draft as it stands: what is wrong with it, and what its forms show (plain values)."""

    problems: tuple[FileProblem, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    lanes: tuple[dict[str, Any], ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether nothing forbids to publish it."""
        return not any(found.problem.severity == "error" for found in self.problems)
