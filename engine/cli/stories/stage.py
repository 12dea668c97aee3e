"""Where stories happen: an office of the installation's units in a scratch database, with whoever a step asks for.

Stories count time the same way in every installation: the calendar with its switches off, the usual office hours, the
usual days of warning and of the new appointment.
"""

from __future__ import annotations

import secrets
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bootstrap import build
from engine.clock import SetClock
from engine.config import CalendarSettings, UnitSettings
from engine.domain.people import Actor, Membership, Role, Unit
from engine.effects.library import Library
from engine.process.catalogue import Catalogue
from engine.process.definitions import Definition
from engine.process.runner import Runnable, Runner
from engine.settings.overdue import OverdueSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.bootstrap import Engine
    from engine.config import Settings
    from engine.domain.procedure import UnitNeeded
    from engine.domain.process import Advance

# Before any story; nothing but the founding of the office happens then.
_FOUNDED = datetime(2000, 1, 3, tzinfo=UTC)
COMMUNE, PROVINCE = "commune", "province"


class Watch(Runner):
    """A runner that remembers every move since it was last asked."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        super().__init__()
        self._seen: list[tuple[Definition, Advance]] = []

    def start(self, definition: Runnable, variables: Mapping[str, object] | None = None) -> Advance:
        """Begin an instance."""
        return self._remember(definition, super().start(definition, variables))

    def complete(
        self, definition: Runnable, state: bytes, task_id: str, variables: Mapping[str, object] | None = None
    ) -> Advance:
        """Close an open task."""
        return self._remember(definition, super().complete(definition, state, task_id, variables))

    def throw(
        self, definition: Runnable, state: bytes, message: str, variables: Mapping[str, object] | None = None
    ) -> Advance:
        """Give a message to whatever waits for it."""
        return self._remember(definition, super().throw(definition, state, message, variables))

    def take(self) -> list[tuple[Definition, Advance]]:
        """Answer the moves since the last time, and forget them."""
        seen, self._seen = self._seen, []
        return seen

    def _remember(self, definition: Runnable, advance: Advance) -> Advance:
        assert isinstance(definition, Definition)
        self._seen.append((definition, advance))
        return advance


class Stage:
    """An office at work, for any number of stories one after the other."""

    def __init__(self, engine: Engine, watch: Watch) -> None:
        """Play in an office that was set up."""
        self.engine = engine
        self.watch = watch
        self._people: dict[tuple[Role, int], Actor] = {}

    def person(self, role: Role, unit: Unit) -> Actor:
        """Whoever holds a role in a unit: an account of its own, opened when a story first needs it."""
        key = (role, unit.id)
        if key not in self._people:
            self._people[key] = self.engine.access.open_account(
                f"{role}.{unit.code.lower()}",
                f"{role.label} ({unit.short_name or unit.name})",
                secrets.token_urlsafe(16),
                [Membership(unit.id, role)],
            )
        return self._people[key]

    def desk(self, definition: Definition) -> Unit | None:
        """The desk that receives: the commune's for what only communes do, else the province's; None if none is there.

        Of several the first in config.yaml.
        """
        level = desk_level(definition)
        desks = (unit for unit in self.engine.office.units if unit.kind == "one_stop")
        return next((unit for unit in desks if unit.level == level), None)


def desk_level(definition: Definition) -> str:
    """The level of the desk at which stories of a procedure are handed in."""
    return COMMUNE if definition.procedure.levels == (COMMUNE,) else PROVINCE


@contextmanager
def open_stage(settings: Settings, definitions: Mapping[Path, Definition]) -> Iterator[Stage]:
    """Found an office that offers `definitions` (by file) and nothing else, for as long as the context lasts.

    Raises what is wrong with the calendar, and `DefinitionInvalid` if two are one procedure at one level.
    """
    with tempfile.TemporaryDirectory(prefix="motcua-stories-") as scratch:
        watch = Watch()
        engine = build(
            _usual(settings, f"sqlite:///{Path(scratch) / 'stories.db'}"),
            clock=SetClock(_FOUNDED),
            library=Library(Catalogue(definitions), settings.province),
            runner=watch,
        )
        try:
            engine.migrate(_FOUNDED)
            yield Stage(engine, watch)
        finally:
            engine.close()


def settings_for(settings: Settings, province: str, definitions: Iterable[Definition]) -> Settings:
    """The settings of an office of `province`: this installation, with the units that its own versions need besides.

    A unit that is lent stands below the first unit of the kind that the facts name.
    """
    units = settings.units
    for needed in (unit for definition in definitions for unit in definition.procedure.units_needed):
        if needed.kind not in _kinds(units):
            units = _lent(units, needed)
    return settings.model_copy(update={"province": province, "units": units})


def _kinds(units: Iterable[UnitSettings]) -> frozenset[str]:
    return frozenset(kind for unit in units for kind in (unit.kind, *_kinds(unit.units)))


def _lent(units: tuple[UnitSettings, ...], needed: UnitNeeded) -> tuple[UnitSettings, ...]:
    """The units with one more below the first of the kind `under`; as they are if there is none."""
    for place, unit in enumerate(units):
        if unit.kind == needed.under:
            lent = UnitSettings(code=f"{unit.code}-{needed.kind}", name=needed.name, kind=needed.kind, place=unit.place)
            within = (*unit.units, lent)
        else:
            within = _lent(unit.units, needed)
        if within != unit.units:
            return (*units[:place], unit.model_copy(update={"units": within}), *units[place + 1 :])
    return units


def _usual(settings: Settings, database_url: str) -> Settings:
    return settings.model_copy(
        update={
            "database_url": database_url,
            "same_day_cutoff": time(15),
            "calendar": CalendarSettings(file=settings.calendar.file),
            "overdue": OverdueSettings(),
        }
    )
