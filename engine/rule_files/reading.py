"""One file of rules → a checked value, read anew once it has changed. What is not right is one error with its place."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from engine.domain.errors import BadInput
from engine.plain_yaml import plain


class BadRuleFile(BadInput):
    """{path}: {detail}."""

    code = "bad_rule_file"


def _as_written(value: object) -> object:
    # 87.49 in YAML is a float; as text it is the number that was written.
    return str(value) if isinstance(value, float) else value


Number = Annotated[Decimal, BeforeValidator(_as_written)]
# Read in the source that is named, recalled and to be checked, or derived by us.
Mark = Literal["R", "M", "D"]


class Strict(BaseModel):
    """A part of a file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


Read = TypeVar("Read", bound=Strict)


def read_file(path: Path, kind: type[Read]) -> Read:
    """Read the file at `path` as a `kind`; raises `BadRuleFile`."""
    try:
        found = path.stat()
    except OSError:
        raise BadRuleFile(path=path, detail="không có tệp này") from None
    read = _read(path, kind, found.st_mtime_ns, found.st_size)
    assert isinstance(read, kind)
    return read


@lru_cache(maxsize=16)
def _read(path: Path, kind: type[Strict], _changed: int, _size: int) -> Strict:
    try:
        return kind.model_validate(plain(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadRuleFile(path=path, detail=f"không đọc được tệp ({error})") from None
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise BadRuleFile(path=path, detail="; ".join(faults)) from None
