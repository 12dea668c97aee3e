"""Reading a story file: stories, or problems that name key and line. The format stands in bpmn/README.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.stories.model import Act, Entry, Expectation, Looked, Story, StoryFile, Value
from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.outcome import Result
from engine.domain.process import Problem
from engine.domain.status import DossierStatus
from engine.process.problems import report
from engine.process.sheet import Part, Sheet, load, refuse_twice
from engine.process.vocabulary import EFFECTS, listed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# key -> is it required
_FILE = {"procedure": True, "process": True, "usual_answers": False, "stories": True}
_STORY = {
    "name": True, "received": True, "steps": True, "expect": True, "case": False, "channel": False, "agreed": False,
    "other": False, "answers": False,
}  # fmt: skip
_ENTRIES = {
    Act.DO: {"do": True, "at": False, "answers": False},
    Act.EVENT: {"event": True, "at": False, "reason": False},
    Act.SWEEP: {"sweep": True},
    Act.EXPECT: {"expect": True},
}
# The messages that come from outside; all others the engine throws by itself.
_OUTSIDE = ("withdrawal", "closed")
_LOOK = (Looked.OPEN, Looked.STATUS, Looked.DUE, Looked.PAUSED, Looked.LETTERS)
_ENDING_NEEDED = (Looked.STATUS, Looked.RESULT, Looked.OUTCOME, Looked.DUE, Looked.LETTERS, Looked.END)
_ENDING = (*_ENDING_NEEDED, Looked.NEW_DUE, Looked.NOTIFIED)
_WORDS: Mapping[Looked, tuple[str, ...]] = {
    Looked.STATUS: tuple(DossierStatus.__members__),
    Looked.RESULT: tuple(Result),
    Looked.OUTCOME: tuple(Timeliness),
    Looked.LETTERS: tuple(EFFECTS["order_letter"]["form"].values or ()),
}


def read_stories(path: Path, zone: ZoneInfo) -> tuple[StoryFile | None, tuple[Problem, ...]]:
    """Read a story file; no stories at all if anything in it is wrong. Moments without an offset are in `zone`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return None, (report("file_unreadable", reason=error.strerror or str(error)),)
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return None, tuple(sheet.problems)
    stories = _Reader(sheet, zone).file(Part(sheet, value, "", _FILE), path)
    return (None if sheet.problems else stories), tuple(sheet.problems)


class _Reader:
    """Reads parts of one file; what is wrong goes to its sheet."""

    def __init__(self, sheet: Sheet, zone: ZoneInfo) -> None:
        self._sheet, self._zone = sheet, zone

    def file(self, part: Part, path: Path) -> StoryFile:
        """Read the whole file."""
        if part.text("process") not in {"", path.stem}:
            self._sheet.fault("process", f"phải là “{path.stem}”, trùng tên tệp", f"must be “{path.stem}”, as the file")
        stories = part.parts("stories", _STORY)
        refuse_twice([story for story in stories if story.values.get("name")], "name")
        usual = part.values.get("usual_answers") or {}
        if not isinstance(usual, dict):
            self._must_be_pairs("usual_answers")
            usual = {}
        return StoryFile(
            path=path,
            procedure=part.text("procedure"),
            process=part.text("process"),
            usual_answers={
                str(step): self._answers(answers, f"usual_answers.{step}") for step, answers in usual.items()
            },
            stories=tuple(story for story in map(self._story, stories) if story is not None),
        )

    def _story(self, part: Part) -> Story | None:
        received_at = self._moment(part.values.get("received"), part.at("received"))
        if received_at is None:
            return None
        ending, needed = part.values.get("expect"), part.at("expect")
        expected = self._expectation(ending, needed, _ENDING)
        if isinstance(ending, dict):
            for key in _ENDING_NEEDED:
                if key not in ending:
                    self._sheet.tell("missing_field", f"{needed}.{key}")
        agreed, other = part.values.get("agreed"), part.values.get("other")
        asked = self._answers(part.values.get("answers"), part.at("answers"))
        return Story(
            name=part.text("name"),
            line=self._sheet.lines.get(part.path),
            case=part.text("case"),
            channel=part.word("channel", Channel, Channel.IN_PERSON),
            received_at=received_at,
            agreed_due_at=None if agreed is None else self._moment(agreed, part.at("agreed")),
            entries=tuple(self._entries(part, received_at)),
            ending=expected,
            ending_line=self._sheet.lines.get(needed),
            other_at=None if other is None else self._moment(other, part.at("other")),
            answers={question: answer or "" for question, answer in asked.items()},
        )

    def _entries(self, story: Part, received_at: datetime) -> Iterable[Entry]:
        at = received_at
        for number, value in enumerate(story.sequence("steps"), start=1):
            path = f"{story.at('steps')}.{number}"
            kinds = [act for act in Act if isinstance(value, dict) and act in value]
            if len(kinds) != 1:
                words = listed(Act)
                self._sheet.fault(path, f"phải có đúng một mục trong: {words}", f"must have exactly one of: {words}")
                continue
            entry = self._entry(Part(self._sheet, value, path, _ENTRIES[kinds[0]]), kinds[0], at)
            if entry.at < at:
                told = f"{entry.at.astimezone(self._zone):%Y-%m-%dT%H:%M}"
                self._sheet.fault(path, f"{told} sớm hơn mục đứng trước", f"{told} is before the entry above")
            at = max(at, entry.at)
            yield entry

    def _entry(self, part: Part, act: Act, before: datetime) -> Entry:
        key = "sweep" if act is Act.SWEEP else "at"
        given = part.values.get(key)
        at = before if given is None else self._moment(given, part.at(key)) or before
        name = part.text(act) if act in {Act.DO, Act.EVENT} else ""
        if act is Act.EVENT and name and name not in _OUTSIDE:
            words = listed(_OUTSIDE)
            self._sheet.fault(part.at("event"), f"“{name}” không thuộc: {words}", f"“{name}” is none of: {words}")
        return Entry(
            act=act,
            at=at,
            line=self._sheet.lines.get(part.path),
            name=name,
            answers=self._answers(part.values.get("answers"), part.at("answers")),
            reason=part.text("reason"),
            expected=self._expectation(part.values.get("expect"), part.at("expect"), _LOOK)
            if act is Act.EXPECT
            else {},
        )

    def _answers(self, value: object, path: str) -> dict[str, str | None]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._must_be_pairs(path)
            return {}
        return {str(field): self._answer(answer, f"{path}.{field}") for field, answer in value.items()}

    def _answer(self, value: object, path: str) -> str | None:
        """An answer as a form takes it: text, also where a number, a day or true stands in the file."""
        match value:
            case None | str():
                return value
            case bool():
                return str(value).lower()
            case int() | float():
                return str(value)
            case date():
                return value.isoformat()
            case _:
                self._sheet.fault(path, "phải là một giá trị", "must be a single value")
                return None

    # --- expectations ---

    def _expectation(self, value: object, path: str, allowed: tuple[Looked, ...]) -> Expectation:
        if not isinstance(value, dict):
            if value is not None:
                self._must_be_pairs(path)
            return {}
        for key in value:
            if key not in allowed:
                self._sheet.tell("unknown_key", f"{path}.{key}", allowed=listed(allowed))
        is_ending = Looked.END in allowed
        return {key: self._expected(key, value[key], f"{path}.{key}", is_ending) for key in allowed if key in value}

    def _expected(self, key: Looked, value: object, path: str, is_ending: bool) -> Value:
        match key:
            case Looked.DUE if not is_ending:
                return None if value is None else self._moment(value, path)
            case Looked.DUE | Looked.NEW_DUE:
                moments = [self._moment(item, f"{path}.{n}") for n, item in enumerate(self._list(value, path), start=1)]
                return tuple(moment for moment in moments if moment is not None)
            case Looked.PAUSED:
                if not isinstance(value, bool):
                    self._sheet.fault(path, "phải là true hoặc false", "must be true or false")
                return value is True
            case Looked.OPEN | Looked.LETTERS | Looked.NOTIFIED:
                return tuple(self._word(key, item, path) or "" for item in self._list(value, path))
            case Looked.OUTCOME if value is None:
                return None
            case _:
                return self._word(key, value, path)

    def _word(self, key: Looked, value: object, path: str) -> str | None:
        words = _WORDS.get(key, ())
        if not isinstance(value, str) or (words and value not in words):
            known, known_en = (f"phải thuộc: {listed(words)}", f"must be one of: {listed(words)}")
            if not words:
                known, known_en = "phải là chữ", "must be text"
            self._sheet.fault(path, f"“{value}” {known}", f"“{value}” {known_en}")
            return None
        return value

    def _list(self, value: object, path: str) -> list[object]:
        if isinstance(value, list):
            return value
        self._sheet.fault(path, "phải là danh sách, ví dụ []", "must be a list, for example []")
        return []

    def _moment(self, value: object, path: str) -> datetime | None:
        """A moment; without an offset it is meant in the office's zone. A day alone is none."""
        found: datetime | None = value if isinstance(value, datetime) else None
        if isinstance(value, str) and len(value.strip()) > len("2026-03-02"):
            try:
                found = datetime.fromisoformat(value.strip())
            except ValueError:
                found = None
        if found is None:
            if value is not None:
                form = "2026-03-02T09:00"
                self._sheet.fault(path, f"“{value}” phải là thời điểm dạng {form}", f"“{value}” must be like {form}")
            return None
        return found if found.tzinfo else found.replace(tzinfo=self._zone)

    def _must_be_pairs(self, path: str) -> None:
        self._sheet.fault(path, "phải là các cặp “khóa: giá trị”", "must be a mapping")
