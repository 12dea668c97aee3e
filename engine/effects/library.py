"""Procedure versions at hand: the current ones from the folder, the old ones from the database.

A dossier stays on the version with which it was received, also when its files have changed or are gone.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from engine.domain.errors import CannotRun
from engine.process.definitions import Catalogue, Definition

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from engine.persistence.unit_of_work import Transaction


class VersionLost(CannotRun):
    """hồ sơ đang chạy theo phiên bản quy trình {ref} nhưng phiên bản này không còn trong cơ sở dữ liệu."""

    code = "version_lost"


class Library:
    """Definitions by procedure code (current) and by ref (any that was ever published)."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Hold the current definitions; older ones are read when a dossier asks for them."""
        self._catalogue = catalogue
        self._by_ref = {definition.ref: definition for definition in catalogue}
        self._lock = Lock()

    @classmethod
    def open(cls, folder: Path) -> Library:
        """Read the current definitions of a folder; raises what the checker would name."""
        return cls(Catalogue.load(folder))

    def current(self) -> tuple[Definition, ...]:
        """The definitions in force, in the order of their procedure codes."""
        return tuple(self._catalogue)

    def of_procedure(self, code: str, level: str = "") -> Definition:
        """The definition in force for a procedure; raises `ProcedureUnknown`.

        A desk receives whatever the province does, wherever that is done: `level` (of the desk) decides only where one
        code is done differently at several levels.
        """
        ways = [definition for definition in self._catalogue if definition.procedure.code == code]
        return ways[0] if len(ways) == 1 else self._catalogue.get(code, level)

    def get(self, tx: Transaction, ref: str) -> Definition:
        """The definition with which a dossier runs; raises `VersionLost`."""
        found = self._by_ref.get(ref)
        if found is not None:
            return found
        sources = tx.installation.sources(ref)
        if sources is None:
            raise VersionLost(ref=ref[:12])
        with self._lock:
            return self._by_ref.setdefault(ref, Definition.from_sources(sources))

    def publish(self, tx: Transaction, at: datetime) -> int:
        """Keep every current version in the database; how many were new."""
        known = tx.installation.published_refs()
        new = [definition for definition in self.current() if definition.ref not in known]
        for definition in new:
            facts = definition.procedure
            tx.installation.publish(
                ref=definition.ref,
                code=facts.code,
                version=facts.version,
                name=facts.name,
                sector=facts.sector,
                sources=definition.sources(),
                at=at,
            )
        return len(new)
