"""The procedures of a folder: every version in it, and which of them is in force where and when.

One folder a field of work, `shared` with the diagrams that many procedures call. A version that does not apply yet, or
no longer, lies in a folder of its own below that of its field, named by the first day on which it applies:
``land/2026-07-01/reissue_certificate.bpmn``. Its files keep their names, so a step keeps its name in every version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from engine.domain.versions import Version, at_level, clashes, in_force
from engine.process.definitions import SHARED, Definition
from engine.process.errors import DefinitionInvalid, NotInForce, ProcedureUnknown
from engine.process.filing import repeated, span_text, where_of


@dataclass(frozen=True, slots=True)
class Filed(Version):
    """A version that lies in a folder."""

    definition: Definition | None = None

    @property
    def found(self) -> Definition:
        """Its definition."""
        assert self.definition is not None
        return self.definition


def filed(definition: Definition, where: str = "") -> Filed:
    """The days, levels and province of a definition that was read from the file `where`."""
    dated = definition.procedure.dated
    return Filed(
        dated.code,
        dated.version,
        dated.levels,
        dated.province,
        dated.effective_from,
        dated.effective_to,
        where or dated.where,
        definition,
    )


class Catalogue:
    """The versions of a folder. Immutable; a changed folder makes a new one."""

    def __init__(self, definitions: Mapping[Path, Definition]) -> None:
        """Index definitions by their file; raises `DefinitionInvalid` naming two that would be in force together."""
        by_code: dict[str, list[Filed]] = {}
        for path, definition in definitions.items():
            by_code.setdefault(definition.procedure.code, []).append(filed(definition, where_of(path)))
        for versions in by_code.values():
            for one, other, day in clashes(versions):
                raise DefinitionInvalid(file=other.where, problems=(repeated(one, day),))
        self._by_code = MappingProxyType({code: tuple(same) for code, same in by_code.items()})

    def __iter__(self) -> Iterator[Definition]:
        """Every definition, by code."""
        return (version.found for code in sorted(self._by_code) for version in self._by_code[code])

    def __len__(self) -> int:
        """How many definitions there are."""
        return sum(len(same) for same in self._by_code.values())

    def get(self, code: str, level: str = "", *, on: date | None = None, province: str = "") -> Definition:
        """Answer the definition of a code on a day (None: the latest) in a province.

        `level` decides where one code is done at several. Raises `ProcedureUnknown`, also when the level decides and
        none is given, and `NotInForce` where the folder has other days.
        """
        found = [way for way in self.ways(code, on, province) if not level or not way.levels or level in way.levels]
        found = [way for way in found if way.province] or found
        if len(found) == 1:
            return found[0].found
        raise ProcedureUnknown(code=f"{code} ({level or 'cần nêu cấp giải quyết'})" if found or level else code)

    def ways(self, code: str, on: date | None = None, province: str = "") -> tuple[Filed, ...]:
        """How a code is done on a day (None: the latest) in a province; several where its levels differ.

        Raises `NotInForce` if there are versions, but none on that day.
        """
        here = [version for version in self._by_code.get(code, ()) if version.province in {"", province}]
        found = _latest(here, province) if on is None else in_force(here, on, province)
        if here and not found and on is not None:
            raise not_in_force(code, on, here)
        return found

    def way(self, code: str, level: str, *, on: date | None = None, province: str = "") -> Definition:
        """How a code is done for a desk of `level`, which counts only where levels differ; raises as `get` does."""
        found = at_level(self.ways(code, on, province), level)
        return found[0].found if len(found) == 1 else self.get(code, level, on=on, province=province)

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every procedure under `folder`. Raises `DefinitionInvalid` at the first that cannot run."""
        shared = folder / SHARED
        return cls({path: Definition.load(path, shared) for path in procedure_files(folder)})


def _latest(versions: Sequence[Filed], province: str) -> tuple[Filed, ...]:
    last = [
        version
        for version in versions
        if not any(other.is_of_one_line(version) and other.starts_on > version.starts_on for other in versions)
    ]
    return tuple(
        version
        for version in last
        if version.province
        or not any(own.province == province and own.shares_level(version) for own in last if province)
    )


def not_in_force(code: str, on: date, versions: Sequence[Version]) -> NotInForce:
    """Say that a procedure has no version on a day, and which days it has."""
    spans = "; ".join(f"phiên bản {version.version} {span_text(version)}" for version in versions)
    return NotInForce(code=code, on=on, known=spans)


def procedure_files(folder: Path) -> list[Path]:
    """Answer the diagrams of procedures under `folder`: those with facts beside them, not the shared ones."""
    return sorted(
        path for path in folder.rglob("*.bpmn") if path.parent.name != SHARED and path.with_suffix(".yaml").is_file()
    )
