"""A story as it was read: what people do at which moment, and what must have come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from engine.domain.dossier import Channel


class Looked(StrEnum):
    """What an expectation may look at."""

    OPEN = "open"
    STATUS = "status"
    DUE = "due"
    PAUSED = "paused"
    LETTERS = "letters"
    RESULT = "result"
    OUTCOME = "outcome"
    END = "end"
    NEW_DUE = "new_due"
    NOTIFIED = "notified"


# What is found or expected: a word, a moment, true or false, a list of words or moments, nothing.
Value = str | bool | datetime | tuple[str, ...] | tuple[datetime, ...] | None
Expectation = Mapping[Looked, Value]


class Act(StrEnum):
    """What an entry of a story is."""

    DO = "do"
    EVENT = "event"
    SWEEP = "sweep"
    EXPECT = "expect"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `name` is the step that is done, or the message that comes from outside.

    An answer None takes the usual one away. A look happens at the moment of the entry before it.
    """

    act: Act
    at: datetime
    line: int | None
    name: str = ""
    answers: Mapping[str, str | None] = field(default_factory=dict)
    reason: str = ""
    expected: Expectation = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """One dossier, from the counter to its end.

    `other_at`: when another dossier of the same applicant was handed in; answers name its code as ``{other}``.
    `answers`: those at the desk, of which the tables of the procedure make the case, which a `case` here then must be.
    """

    name: str
    line: int | None
    case: str
    channel: Channel
    received_at: datetime
    agreed_due_at: datetime | None
    entries: tuple[Entry, ...]
    ending: Expectation
    ending_line: int | None
    other_at: datetime | None = None
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class StoryFile:
    """The stories of one procedure. `usual_answers`: by step id, what its form is answered with otherwise."""

    path: Path
    procedure: str
    process: str
    usual_answers: Mapping[str, Mapping[str, str | None]]
    stories: tuple[Story, ...]
