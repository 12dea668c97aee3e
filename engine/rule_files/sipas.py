"""A file of published satisfaction values → `SipasTable`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.domain.sipas import SipasCriterion, SipasDoesNotAdd, SipasItem, SipasTable
from engine.rule_files.reading import BadRuleFile, Mark, Number, Strict, read_file

Percent = Annotated[Number, Field(ge=0, le=100)]


class _Item(Strict):
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    value: Percent
    target: Percent


class _Criterion(_Item):
    items: tuple[_Item, ...] = Field(min_length=1)


class _Table(Strict):
    name: str = Field(min_length=1)
    year: int
    target_year: int
    value: Percent
    source: str = Field(min_length=1)
    mark: Mark
    criteria: tuple[_Criterion, ...] = Field(min_length=1)


def load_sipas(path: Path) -> SipasTable:
    """Read the published values at `path`; raises `BadRuleFile`."""
    table = read_file(path, _Table)
    try:
        return SipasTable(
            name=table.name,
            year=table.year,
            target_year=table.target_year,
            value=table.value,
            source=table.source,
            mark=table.mark,
            criteria=tuple(_criterion(each) for each in table.criteria),
        )
    except SipasDoesNotAdd as error:
        raise BadRuleFile(path=path, detail=error.message.rstrip(".")) from None


def _criterion(read: _Criterion) -> SipasCriterion:
    items = tuple(SipasItem(item.code, item.name, item.value, item.target) for item in read.items)
    return SipasCriterion(read.code, read.name, read.value, read.target, items)
