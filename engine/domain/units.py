"""The tree of units, and which unit a lane means for a dossier received at a given desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import NotFound
from engine.domain.process import DECIDING_UNIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from engine.domain.people import Unit


class UnitMissing(NotFound):
    """đơn vị loại “{kind}” cho hồ sơ nhận tại “{unit}”; hãy khai báo đơn vị này trong config.yaml (units)."""

    code = "unit_missing"


class UnitTree:
    """Units with their parents, as the database has them; `renew` when it has them otherwise."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Index the units."""
        self.renew(units)

    def renew(self, units: Iterable[Unit]) -> None:
        """Know these units from now on, in place of those of before: whoever holds the tree sees them."""
        self._by_id = {unit.id: unit for unit in units}
        self._by_code = {unit.code: unit for unit in self._by_id.values()}
        self._children: dict[int | None, list[Unit]] = {}
        self._predecessors: dict[int, list[int]] = {}
        for unit in self._by_id.values():
            self._children.setdefault(unit.parent_id, []).append(unit)
            for successor in unit.succeeded_by:
                self._predecessors.setdefault(successor, []).append(unit.id)

    def __iter__(self) -> Iterator[Unit]:
        """Every unit, in the order in which they were given."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """How many units there are."""
        return len(self._by_id)

    def get(self, unit_id: int) -> Unit:
        """The unit with this id; raises `NotFound`."""
        try:
            return self._by_id[unit_id]
        except KeyError:
            raise NotFound(what=f"đơn vị số {unit_id}") from None

    def by_code(self, code: str) -> Unit:
        """The unit with this code; raises `NotFound`."""
        try:
            return self._by_code[code]
        except KeyError:
            raise NotFound(what=f"đơn vị có mã “{code}”") from None

    def under(self, unit_id: int) -> tuple[int, ...]:
        """The ids of a unit and of everything below it."""
        found, waiting = [], [unit_id]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(child.id for child in self._children.get(current, ()))
        return tuple(found)

    def counted(self, unit_code: str, within: Collection[int] | None = None) -> frozenset[int] | None:
        """The ids of a unit and everything below it (no code: of all units), as far as `within` reaches.

        None: every unit there is. Raises `NotFound`.
        """
        below = frozenset(self.under(self.by_code(unit_code).id)) if unit_code else None
        if below is None or within is None:
            return below if within is None else frozenset(within)
        return below.intersection(within)

    def with_predecessors(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """Some units with those whose work they took over, those of these too, and so on."""
        found, waiting = set[int](), list(unit_ids)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self._predecessors.get(current, ()))
        return frozenset(found)

    def above(self, unit_id: int) -> tuple[int, ...]:
        """The ids of a unit and of everything above it, from the top of the tree down to the unit itself."""
        found: list[int] = []
        current: int | None = unit_id
        while current is not None:
            found.insert(0, current)
            current = self.get(current).parent_id
        return tuple(found)

    def nearest(self, kind: str, desk: Unit) -> Unit:
        """The unit of a kind that serves a desk: the desk itself, or the first one found while climbing from it.

        At each step up the whole branch is searched, so a commune's desk gets the commune's own land office before the
        province's. Raises `UnitMissing`.
        """
        if desk.kind == kind:
            return desk
        current: Unit | None = desk
        while current is not None:
            for unit_id in sorted(self.under(current.id)):
                if self._by_id[unit_id].kind == kind and self._by_id[unit_id].is_active:
                    return self._by_id[unit_id]
            current = self._by_id.get(current.parent_id) if current.parent_id is not None else None
        raise UnitMissing(kind=kind, unit=desk.name)

    def for_lane(self, kind: str, *, desk: Unit, deciding: Unit) -> Unit:
        """The unit that a lane of a diagram means: the deciding unit, the desk, or the nearest of its kind."""
        if kind in {DECIDING_UNIT, deciding.kind}:
            return deciding
        return self.nearest(kind, desk)
