"""Procedure versions at hand: which is in force where and when, and the one with which a dossier runs.

What is published stands in the database, and only that is offered. The folder of procedures is where versions come
from; what it holds is known here so that it need not be read twice. A dossier stays on the version with which it was
received, also when its files have changed or are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from engine.domain.errors import CannotRun
from engine.domain.versions import at_level, in_force
from engine.process.catalogue import Catalogue, not_in_force
from engine.process.definitions import Definition
from engine.process.errors import ProcedureUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from engine.persistence.repositories.versions import VersionRecord
    from engine.persistence.unit_of_work import Transaction


class VersionLost(CannotRun):
    """hồ sơ đang chạy theo phiên bản quy trình {ref} nhưng phiên bản này không còn trong cơ sở dữ liệu."""

    code = "version_lost"


@dataclass(frozen=True, slots=True)
class _Index:
    """What was published when the counter stood at `counter`."""

    counter: int = -1
    versions: tuple[VersionRecord, ...] = ()


class Library:
    """Definitions by procedure, level and day (what is published), and by ref (any that was ever published)."""

    def __init__(self, catalogue: Catalogue, province: str = "") -> None:
        """Hold what a folder has; `province` is that of the installation. The database is asked when it is needed."""
        self._catalogue = catalogue
        self.province = province
        self._by_ref = {definition.ref: definition for definition in catalogue}
        self._lock = Lock()
        self._index = _Index()

    @classmethod
    def open(cls, folder: Path, province: str = "") -> Library:
        """Read the definitions of a folder; raises what the checker would name."""
        return cls(Catalogue.load(folder), province)

    # --- what the folder holds ---

    def current(self) -> tuple[Definition, ...]:
        """What the folder holds for this installation, in the order of the procedure codes: all its versions."""
        return tuple(found for found in self._catalogue if found.procedure.province in {"", self.province})

    def of_procedure(self, code: str, level: str = "", *, on: date | None = None) -> Definition:
        """The definition that the folder holds of a procedure for a day (None: the latest) and a desk of `level`.

        Raises `ProcedureUnknown` and `NotInForce`.
        """
        return self._catalogue.way(code, level, on=on, province=self.province)

    # --- what is published ---

    def versions(self, tx: Transaction) -> tuple[VersionRecord, ...]:
        """Every version on record. One cheap statement, unless another process has published meanwhile."""
        counter = tx.versions.counter()
        index = self._index
        if index.counter != counter:
            index = self._index = _Index(counter, tx.versions.index())
        return index.versions

    def in_force(self, tx: Transaction, on: date) -> tuple[Definition, ...]:
        """All that is offered on a local day, in the order of the procedure codes."""
        return self._definitions(tx, (version.ref for version in self._in_force(tx, on)))

    def choose(self, tx: Transaction, code: str, level: str, on: date) -> Definition:
        """The definition for a dossier that a desk of `level` receives on a local day.

        Raises `ProcedureUnknown`, and `NotInForce` where versions are published, but none for that day.
        """
        ways = [version for version in self._in_force(tx, on) if version.code == code]
        if not ways:
            published = [version for version in self._published(tx) if version.code == code]
            if published:
                raise not_in_force(code, on, published)
            raise ProcedureUnknown(code=code)
        found = at_level(ways, level)
        if len(found) != 1:
            raise ProcedureUnknown(code=f"{code} ({level or 'cần nêu cấp giải quyết'})")
        return self.get(tx, found[0].ref)

    def get(self, tx: Transaction, ref: str) -> Definition:
        """The definition with which a dossier runs; raises `VersionLost`."""
        found = self._by_ref.get(ref)
        return found if found is not None else self._definitions(tx, [ref])[0]

    def _published(self, tx: Transaction) -> list[VersionRecord]:
        mine = {"", self.province}
        return [version for version in self.versions(tx) if version.is_published and version.province in mine]

    def _in_force(self, tx: Transaction, on: date) -> tuple[VersionRecord, ...]:
        return in_force(self._published(tx), on, self.province)

    def _definitions(self, tx: Transaction, refs: Iterable[str]) -> tuple[Definition, ...]:
        """Definitions by ref, those that are not at hand read with one statement."""
        wanted = tuple(refs)
        missing = [ref for ref in wanted if ref not in self._by_ref]
        sources = tx.versions.sources(missing) if missing else {}
        for ref in missing:
            if ref not in sources:
                raise VersionLost(ref=ref[:12])
            definition = Definition.from_sources(sources[ref])
            with self._lock:
                self._by_ref.setdefault(ref, definition)
        return tuple(self._by_ref[ref] for ref in wanted)
