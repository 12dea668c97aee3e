"""Which version of a procedure is in force on a day: the rules over the versions of one code, level and province.

Days are local days of the office. A version without a last day is in force until the next one begins: that is what
"replaces" means in a decision. One that names its last day may be followed, but not overtaken before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a procedure. `levels` empty: every level; `province` empty: every province.

    `effective_from` and `effective_to` are the first and the last day; None: open. `where` names its file or ref.
    """

    code: str
    version: str
    levels: tuple[str, ...] = ()
    province: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    where: str = ""

    @property
    def starts_on(self) -> date:
        """The first day, for comparing."""
        return self.effective_from or date.min

    def shares_level(self, other: Version) -> bool:
        """Whether there is a level at which both are done."""
        return not self.levels or not other.levels or bool(set(self.levels) & set(other.levels))

    def is_of_one_line(self, other: Version) -> bool:
        """Whether both are the same procedure at the same level of the same province: one must follow the other."""
        return self.code == other.code and self.province == other.province and self.shares_level(other)


V = TypeVar("V", bound=Version)


def clash(one: Version, other: Version) -> date | None:
    """The first day on which both would be in force; None if one follows the other, or they are of two lines."""
    if not one.is_of_one_line(other):
        return None
    first, second = sorted((one, other), key=lambda version: version.starts_on)
    if first.starts_on == second.starts_on:
        return first.starts_on
    outlives = first.effective_to is not None and first.effective_to >= second.starts_on
    return second.starts_on if outlives else None


def clashes(versions: Iterable[Version]) -> Iterator[tuple[Version, Version, date]]:
    """Every two versions that would be in force on the same day, with the first such day."""
    for one, other in combinations(versions, 2):
        day = clash(one, other)
        if day is not None:
            yield one, other, day


def last_day(version: Version, among: Iterable[Version]) -> date | None:
    """The last day on which a version is in force, its own or the eve of the next one; None: no end is known."""
    later = [
        other.starts_on - _DAY for other in among if version.is_of_one_line(other) and _begins_later(other, version)
    ]
    return min([*later, *([version.effective_to] if version.effective_to else [])], default=None)


def _begins_later(other: Version, version: Version) -> bool:
    return other.starts_on > version.starts_on


def gaps(versions: Sequence[Version]) -> Iterator[tuple[Version, Version]]:
    """Two versions of one line between which there are days without any."""
    for version in versions:
        after = [other for other in versions if version.is_of_one_line(other) and _begins_later(other, version)]
        following = min(after, key=lambda other: other.starts_on, default=None)
        end = version.effective_to
        if following is not None and end is not None and end + _DAY < following.starts_on:
            yield version, following


def in_force(versions: Sequence[V], on: date, province: str = "") -> tuple[V, ...]:
    """The versions that hold in a province on a day, in the order given.

    Versions of other provinces hold nowhere here. The province's own takes the place of the national one at every
    level at which it is done.
    """
    here = [version for version in versions if version.province in {"", province}]
    found = [version for version in here if version.starts_on <= on and not _is_over(version, here, on)]
    return tuple(version for version in found if version.province or not _is_replaced(version, found))


def _is_over(version: Version, among: Iterable[Version], on: date) -> bool:
    end = last_day(version, among)
    return end is not None and end < on


def _is_replaced(national: Version, among: Iterable[Version]) -> bool:
    own = [version for version in among if version.province and version.code == national.code]
    levels = {level for version in own for level in version.levels}
    return any(not version.levels for version in own) or bool(national.levels and set(national.levels) <= levels)


def at_level(ways: Sequence[V], level: str) -> tuple[V, ...]:
    """Of the versions of one code that are in force, those for a desk of `level`.

    A desk receives whatever the province does, wherever that is done: the level decides only where one code is done
    differently at several levels. A province's own goes before the national one.
    """
    if len(ways) == 1:
        return tuple(ways)
    fitting = [version for version in ways if not level or not version.levels or level in version.levels]
    own = [version for version in fitting if version.province]
    return tuple(own or fitting)
