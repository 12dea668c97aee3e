"""What only several files show together: versions that are in force at once, days without any, folders of versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.domain.procedure import Procedure
from engine.domain.process import Problem
from engine.domain.versions import Version, clashes, gaps
from engine.process.filing import is_version_folder, repeated, where_of
from engine.process.problems import Place, report
from engine.process.vocabulary import listed


@dataclass(frozen=True, slots=True)
class Dated(Version):
    """A version that a file posts, and the file."""

    path: Path = Path()


@dataclass(frozen=True, slots=True)
class Posted:
    """What the facts of one file say of their version, in words that pass between processes."""

    procedure: str
    version: str
    levels: tuple[str, ...] = ()
    province: str = ""
    effective_from: str = ""
    effective_to: str = ""
    units_needed: tuple[str, ...] = ()

    @classmethod
    def of(cls, procedure: Procedure) -> Posted:
        """Take it from facts that could be read."""
        return cls(
            procedure.code,
            procedure.version,
            procedure.levels,
            procedure.province,
            procedure.effective_from.isoformat() if procedure.effective_from else "",
            procedure.effective_to.isoformat() if procedure.effective_to else "",
            tuple(unit.kind for unit in procedure.units_needed),
        )

    def dated(self, path: Path) -> Dated:
        """The version as the rules of days see it."""
        starts, ends = (date.fromisoformat(day) if day else None for day in (self.effective_from, self.effective_to))
        return Dated(self.procedure, self.version, self.levels, self.province, starts, ends, where_of(path), path)


def version_problems(
    posted: Mapping[Path, Posted], *, unit_kinds: frozenset[str] | None, province: str
) -> Iterator[tuple[Path, Problem]]:
    """Check the versions of files against each other; `province` is that of the installation with these units."""
    versions = [found.dated(path) for path, found in posted.items()]
    for one, other, day in clashes(versions):
        assert isinstance(one, Dated)
        assert isinstance(other, Dated)
        yield other.path, repeated(one, day)
    yield from _gaps(versions)
    for path, found in posted.items():
        yield from _folder(path, found)
        if found.province and found.province == province and unit_kinds is not None:
            yield from _own_units(path, found, unit_kinds)


def _gaps(versions: list[Dated]) -> Iterator[tuple[Path, Problem]]:
    for before, following in gaps(versions):
        assert isinstance(following, Dated)
        assert before.effective_to is not None
        yield (
            following.path,
            report(
                "version_gap",
                Place("effective_from"),
                procedure=before.code,
                version=before.version,
                other=before.where,
                ends=f"{before.effective_to:%d/%m/%Y}",
                starts=f"{following.starts_on:%d/%m/%Y}",
            ),
        )


def _folder(path: Path, found: Posted) -> Iterator[tuple[Path, Problem]]:
    folder = path.absolute().parent.name
    if is_version_folder(folder) and folder != found.effective_from:
        problem = report(
            "version_folder_differs", Place("effective_from"), folder=folder, starts=found.effective_from or "–"
        )
        yield path, problem


def _own_units(path: Path, found: Posted, kinds: frozenset[str]) -> Iterator[tuple[Path, Problem]]:
    """What is lent to another province's version, the own province must really have."""
    for kind in found.units_needed:
        if kind not in kinds:
            yield path, report("unknown_unit_kind", Place("units_needed"), found=kind, allowed=listed(kinds))


def lent_kinds(procedure: Procedure | None, kinds: frozenset[str] | None) -> frozenset[str] | None:
    """The kinds of units that lanes may name: a province's own version brings what its province has besides."""
    if procedure is None or kinds is None or not procedure.province:
        return kinds
    return kinds | {unit.kind for unit in procedure.units_needed}
