"""A file of published satisfaction values → `SipasTable`. What is not right in it is one error with file and place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.domain.errors import BadInput
from engine.domain.sipas import SipasCriterion, SipasDoesNotAdd, SipasItem, SipasTable


class BadSatisfactionFile(BadInput):
    """{path}: {detail}."""

    code = "bad_satisfaction_file"


def _decimal(value: object) -> object:
    # 87.49 in YAML is a float; as text it is the number that was written.
    return str(value) if isinstance(value, float) else value


Percent = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Strict):
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    value: Percent
    target: Percent


class _Criterion(_Item):
    items: tuple[_Item, ...] = Field(min_length=1)


class _Table(_Strict):
    name: str = Field(min_length=1)
    year: int
    target_year: int
    value: Percent
    source: str = Field(min_length=1)
    mark: Literal["R", "M", "D"]
    criteria: tuple[_Criterion, ...] = Field(min_length=1)


def load_sipas(path: Path) -> SipasTable:
    """Read the published values at `path`; raises `BadSatisfactionFile`."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        table = _Table.model_validate(content)
        return SipasTable(
            name=table.name,
            year=table.year,
            target_year=table.target_year,
            value=table.value,
            source=table.source,
            mark=table.mark,
            criteria=tuple(_criterion(each) for each in table.criteria),
        )
    except FileNotFoundError:
        raise BadSatisfactionFile(path=path, detail="không có tệp này") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSatisfactionFile(path=path, detail=f"không đọc được tệp ({error})") from None
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise BadSatisfactionFile(path=path, detail="; ".join(faults)) from None
    except SipasDoesNotAdd as error:
        raise BadSatisfactionFile(path=path, detail=error.message.rstrip(".")) from None


def _criterion(read: _Criterion) -> SipasCriterion:
    items = tuple(SipasItem(item.code, item.name, item.value, item.target) for item in read.items)
    return SipasCriterion(read.code, read.name, read.value, read.target, items)
