"""What units say in their letters: versions that are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select

from engine.domain.errors import NotFound
from engine.persistence.base import table_of
from engine.persistence.models import LetterTemplate, NumberSeries
from engine.persistence.records import LetterTemplateRecord

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Connection

_T = table_of(LetterTemplate).c
_N = table_of(NumberSeries).c
_TEMPLATE = select(*(_T[name] for name in LetterTemplateRecord.__dataclass_fields__))
_IN_FORCE = _TEMPLATE.where(
    _T.unit_id.in_(bindparam("units", expanding=True)), _T.valid_from <= bindparam("day")
).order_by(_T.unit_id, _T.valid_from, _T.version)
_OF_UNIT = _TEMPLATE.where(_T.unit_id == bindparam("unit")).order_by(_T.version.desc())
_BY_ID = _TEMPLATE.where(_T.id == bindparam("key"))
_LAST = select(func.max(_T.version)).where(_T.unit_id == bindparam("unit"))
_LAST_NUMBER = select(_N.last_number).where(_N.scope == bindparam("scope"))


class LetterTemplates:
    """Templates of units, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def in_force(self, unit_ids: Collection[int], day: date) -> dict[int, LetterTemplateRecord]:
        """The version of each unit that holds on a day, by unit: the one that began last."""
        rows = self._connection.execute(_IN_FORCE, {"units": sorted(unit_ids), "day": day}).mappings()
        return {row["unit_id"]: LetterTemplateRecord(**row) for row in rows}

    def of(self, unit_id: int) -> list[LetterTemplateRecord]:
        """Every version of a unit, the newest first."""
        rows = self._connection.execute(_OF_UNIT, {"unit": unit_id}).mappings()
        return [LetterTemplateRecord(**row) for row in rows]

    def find(self, template_id: int) -> LetterTemplateRecord:
        """Read a version; raises `NotFound`."""
        row = self._connection.execute(_BY_ID, {"key": template_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="bản mẫu văn bản")
        return LetterTemplateRecord(**row)

    def add(self, unit_id: int, **facts: Any) -> int:
        """Add a version; answers its number. Of two that come at the same moment the second is refused by its key."""
        version = (self._connection.scalar(_LAST, {"unit": unit_id}) or 0) + 1
        self._connection.execute(insert(table_of(LetterTemplate)), {"unit_id": unit_id, "version": version, **facts})
        return version

    def last_number(self, scope: str) -> int:
        """The last number that a series has given, 0 before the first."""
        return self._connection.scalar(_LAST_NUMBER, {"scope": scope}) or 0
