"""Prove that nobody rewrote history: walk the hash chain of every dossier."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.persistence.repositories.history import event_hash

if TYPE_CHECKING:
    from engine.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether every chain holds, how many events were read, and the first link that is broken."""

    ok: bool
    events: int
    first_broken: str | None


class Audit:
    """The audit trail as a whole."""

    def __init__(self, uow: UnitOfWork) -> None:
        """Work on one database."""
        self._uow = uow

    def verify(self) -> Verified:
        """Compute every hash again, and compare the end of each chain with what its dossier has on record."""
        events = 0
        dossier_id, seq, previous, end = None, 0, "", ("", 0, "")
        with self._uow.read() as tx, closing(tx.history.walk_chains()) as chains:
            for row in chains:
                if row["dossier_id"] != dossier_id:
                    if end[1:] != (seq, previous):
                        return Verified(ok=False, events=events, first_broken=f"{end[0]}#{seq + 1}")
                    dossier_id, seq, previous = row["dossier_id"], 0, ""
                    end = (row["code"], row["event_count"], row["event_hash"])
                seq += 1
                expected = event_hash(
                    previous,
                    seq=seq,
                    kind=row["kind"],
                    at=row["at"],
                    recorded_at=row["recorded_at"],
                    by=row["by"],
                    data=row["data"],
                )
                if row["seq"] != seq or row["hash"] != expected:
                    return Verified(ok=False, events=events, first_broken=f"{row['code']}#{seq}")
                previous = row["hash"]
                events += 1
            broken = f"{end[0]}#{seq + 1}" if end[1:] != (seq, previous) else tx.history.first_without_events()
        return Verified(ok=broken is None, events=events, first_broken=broken)
