"""How a log is to be read: which column is what, which step each of its names means, what its later events tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.domain.dossier import Channel
from engine.domain.errors import BadInput
from engine.plain_yaml import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.process.definitions import Definition


class BadMapping(BadInput):
    """{path}: {detail}."""

    code = "bad_mapping"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Strict):
    """Which column of the log holds what."""

    case: str
    step: str
    at: str
    received_at: str
    due_at: str
    delivered_at: str
    actor: str = ""
    group: str = ""
    channel: str = ""

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which the log cannot be read."""
        return tuple(name for name in self.model_dump().values() if name)


class Choice(_Strict):
    """An answer that only the later events of the case give away."""

    by_next: dict[str, str]
    default: str

    def value(self, later: Sequence[str]) -> str:
        """The answer, seen from an event after which the events named `later` came."""
        return next((self.by_next[name] for name in later if name in self.by_next), self.default)


class StepMapping(_Strict):
    """What one name of the log means: a step, the answers that the name gives, the field that the later log decides."""

    step: str
    set: dict[str, str] = Field(default_factory=dict)
    choose: str = ""


class Mapping(_Strict):
    """A mapping file."""

    procedure: str
    timezone: str
    columns: Columns
    channels: dict[str, Channel] = Field(default_factory=dict)
    closing: str = "closed"
    choices: dict[str, Choice] = Field(default_factory=dict)
    steps: dict[str, StepMapping]

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            message = f"không có múi giờ “{value}”"
            raise ValueError(message) from None
        return value

    @model_validator(mode="after")
    def _choices_known(self) -> Self:  # noqa: N804 - pydantic hands in the model
        for name, step in self.steps.items():
            if step.choose and step.choose not in self.choices:
                message = f"steps.{name}.choose: không có “{step.choose}” trong choices"
                raise ValueError(message)
        return self

    def answers(self, step: StepMapping, later: Sequence[str]) -> dict[str, str]:
        """What the person answered in the form of a step, as far as the log tells."""
        chosen = {step.choose: self.choices[step.choose].value(later)} if step.choose else {}
        return {**step.set, **chosen}


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file; raises `BadMapping` with the place of each fault."""
    try:
        content = plain(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadMapping(path=path, detail=f"không đọc được tệp ({error})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"dòng {mark.line + 1}, cột {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "không đọc được"
        raise BadMapping(path=path, detail=f"{place}không đúng cú pháp YAML ({problem})") from None
    if not isinstance(content, dict):
        raise BadMapping(path=path, detail="nội dung phải là các cặp “khóa: giá trị”")
    try:
        return Mapping(**content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise BadMapping(path=path, detail=f"{faults}; hãy sửa tệp ánh xạ") from None


def check_mapping(mapping: Mapping, definition: Definition, path: Path) -> None:
    """Raise `BadMapping` for a step, a field or a closing message that the procedure does not have.

    Otherwise a slip of the pen would come out as deviations of the people in the log.
    """
    code = definition.procedure.code
    for name, mapped in mapping.steps.items():
        step = definition.steps.get(mapped.step)
        if step is None:
            raise BadMapping(path=path, detail=f"steps.{name}.step: thủ tục {code} không có bước “{mapped.step}”")
        fields = {field.id for field in step.form}
        for field in (*mapped.set, *([mapped.choose] if mapped.choose else [])):
            if field not in fields:
                detail = f"steps.{name}: bước “{mapped.step}” không có trường “{field}”"
                raise BadMapping(path=path, detail=detail)
    if mapping.closing not in definition.messages:
        raise BadMapping(path=path, detail=f"closing: thủ tục {code} không nhận thông điệp “{mapping.closing}”")
