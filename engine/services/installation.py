"""Put an installation in order: its units as config.yaml says, what its folder newly holds published for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.people import OPERATOR, PROVINCE
from engine.effects.calendar_file import import_file
from engine.effects.calendars import keep_calendars
from engine.effects.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.calendars import CalendarSource
    from engine.config import Settings, UnitSettings
    from engine.effects.library import Library
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_FACTS = frozenset(
    {
        "short_name",
        "address",
        "phone",
        "place",
        "letterhead_parent",
        "identifier",
        "head_title",
        "head_name",
        "letter_suffix",
    }
)


@dataclass(frozen=True, slots=True)
class Installed:
    """How many units there are, how many procedure versions were new, and what of the folder was not published."""

    units: int
    new_versions: int
    warnings: tuple[str, ...] = ()


class Installation:
    """Brings the database up to what the files of an installation say. May be repeated at will."""

    def __init__(self, uow: UnitOfWork, settings: Settings, library: Library, calendar: CalendarSource) -> None:
        """Work on one installation; `calendar` is the seed of its book of calendars."""
        self._calendar = calendar
        self._uow = uow
        self._settings = settings
        self._library = library

    def put_in_order(self, at: datetime) -> Installed:
        """Enter the units and publish the procedures; what is there already stays as it is."""
        with self._uow.write() as tx:
            units = _enter(tx, self._settings.units, None, PROVINCE)
            import_file(tx, self._calendar, at)
            keep_calendars(tx, self._calendar.frame, at)
            new, warnings = self._publish(tx, at)
            return Installed(units, new, warnings)

    def _publish(self, tx: Transaction, at: datetime) -> tuple[int, tuple[str, ...]]:
        """Publish what is new in the folder. What was published under the same name stays in force as it is."""
        new, warnings = 0, []
        for definition in self._library.current():
            try:
                new += publish(tx, definition, at=at, by=OPERATOR.username)
            except BadInput as refused:
                warnings.append(f"{definition.procedure.process}.yaml: {refused.message}")
        return new, tuple(warnings)


def _enter(tx: Transaction, units: Iterable[UnitSettings], parent_id: int | None, parent_level: str) -> int:
    count = 0
    for unit in units:
        level = unit.level or parent_level
        facts = {name: value for name, value in unit.model_dump().items() if name in _FACTS} | {"level": level}
        unit_id = tx.installation.put_unit(
            code=unit.code, name=unit.name, kind=unit.kind, parent_id=parent_id, facts=facts
        )
        count += 1 + _enter(tx, unit.units, unit_id, level)
    return count
