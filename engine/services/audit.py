"""Prove that nobody rewrote history: walk the hash chain of every dossier, of one, or of a unit in the background."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotFound, Refused
from engine.domain.event_text import say
from engine.domain.people import MACHINES, name_of
from engine.domain.permissions import overseen_units, supervised_units
from engine.effects.reading import telling_of
from engine.effects.seeing import find_visible
from engine.persistence.queries.audit_trail import AuditTrailReader
from engine.persistence.queries.dossier_page import DossierPage
from engine.persistence.repositories.audit_checks import AuditChecks
from engine.persistence.repositories.history import follows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether every chain holds, how many events were read, and the first link that is broken."""

    ok: bool
    events: int
    first_broken: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """One event of a chain: what it says, its hash, and whether it is what was written."""

    seq: int
    at: datetime
    by: str
    sentence: str
    hash: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The history of one dossier, link by link. `is_whole`: nothing is missing at its end either."""

    code: str
    links: tuple[Link, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check in the background: of what, how far, what it found."""

    id: int
    unit_name: str
    from_on: date
    to_on: date
    asked_at: datetime
    asked_by: str
    total: int
    dossiers: int
    events: int
    broken: tuple[str, ...]
    finished_at: datetime | None


class Audit:
    """The audit trail as a whole."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

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
                if not follows(previous, seq, row):
                    return Verified(ok=False, events=events, first_broken=f"{row['code']}#{seq}")
                previous = row["hash"]
                events += 1
            broken = f"{end[0]}#{seq + 1}" if end[1:] != (seq, previous) else tx.history.first_without_events()
        return Verified(ok=broken is None, events=events, first_broken=broken)

    def chain(self, actor: Actor, code: str) -> Chain:
        """The history of one dossier with every hash computed again; raises `NotFound`."""
        with self._uow.read() as tx:
            dossier = find_visible(tx, self._office, actor, code).dossier
            telling = telling_of(self._office, self._office.library.get(tx, dossier.definition_ref), dossier.case_id)
            rows = tx.history.events(dossier.id)
            names = DossierPage(tx.connection).names({row["by"] for row in rows} - MACHINES.keys())
        links, previous = [], ""
        for seq, row in enumerate(rows, start=1):
            holds = follows(previous, seq, row)
            previous = row["hash"]
            said = say(row["kind"], row["data"], telling)
            links.append(Link(row["seq"], row["recorded_at"], name_of(row["by"], names), said, row["hash"], holds))
        is_whole = (len(rows), previous) == (dossier.event_count, dossier.event_hash)
        return Chain(dossier.code, tuple(links), is_whole)

    # --- a unit and a period, in the background ---

    def ask(self, actor: Actor, unit_code: str, from_on: date, to_on: date, *, at: datetime) -> int:
        """Ask that the chains of a unit and everything below it are checked; answers the number. Raises `Refused`."""
        unit = self._office.units.by_code(unit_code)
        if not actor.is_machine and unit.id not in supervised_units(actor, self._office.units):
            raise Refused(detail="việc kiểm tra chuỗi băm của một đơn vị do người giám sát đơn vị đó yêu cầu")
        first, last = sorted((from_on, to_on))
        with self._uow.write() as tx:
            asked = {"unit_id": unit.id, "from_on": first, "to_on": last, "asked_at": at, "asked_by": actor.username}
            total = AuditTrailReader(tx.connection).count_received(self._units(unit.id), self._moments(first, last))
            number = AuditChecks(tx.connection).add(**asked, total=total)
            tx.proofs.record("chains_asked", by=actor.username, at=at, number=number)
        return number

    def run(self, at: datetime) -> int:
        """Go on with the checks that were asked for; answers how many dossiers were checked."""
        with self._uow.read() as tx:
            waiting = AuditChecks(tx.connection).unfinished()
        done = 0
        for number in waiting:
            while checked := self._part(number, at):
                done += checked
        return done

    def checks(self, actor: Actor) -> tuple[CheckView, ...]:
        """The latest checks of the person's units."""
        units = overseen_units(actor, self._office.units)
        with self._uow.read() as tx:
            rows = AuditChecks(tx.connection).latest(units)
        return tuple(self._view(row) for row in rows)

    def check(self, actor: Actor, number: int) -> CheckView:
        """One check; raises `NotFound`."""
        with self._uow.read() as tx:
            row = AuditChecks(tx.connection).find(number)
        if row is None or not (actor.is_machine or row.unit_id in overseen_units(actor, self._office.units)):
            raise NotFound(what=f"lần kiểm tra số {number}")
        return self._view(row)

    # --- inside ---

    def _part(self, number: int, at: datetime) -> int:
        with self._uow.write() as tx:
            checks = AuditChecks(tx.connection)
            row = checks.lock(number)
            if row is None or row.finished_at is not None:
                return 0
            reader = AuditTrailReader(tx.connection)
            moments = self._moments(row.from_on, row.to_on)
            ids = reader.received(self._units(row.unit_id), moments, row.after_id, _AT_ONCE)
            if not ids:
                checks.change(number, finished_at=at)
                return 0
            events, broken = _broken(reader.chains(ids), reader.codes(ids))
            checks.change(
                number,
                after_id=ids[-1],
                dossiers=row.dossiers + len(ids),
                events=row.events + events,
                broken=[*row.broken, *broken],
            )
            return len(ids)

    def _units(self, unit_id: int) -> frozenset[int]:
        return self._office.units.with_predecessors(self._office.units.under(unit_id))

    def _moments(self, from_on: date, to_on: date) -> tuple[datetime, datetime]:
        zone = self._office.settings.zone
        return (
            datetime.combine(from_on, time.min, zone),
            datetime.combine(to_on, time.min, zone) + timedelta(days=1),
        )

    def _view(self, row: Any) -> CheckView:
        return CheckView(
            row.id,
            self._office.units.get(row.unit_id).name,
            row.from_on,
            row.to_on,
            row.asked_at,
            row.asked_by,
            row.total,
            row.dossiers,
            row.events,
            tuple(row.broken),
            row.finished_at,
        )


def _broken(rows: Iterable[Any], on_record: dict[int, tuple[str, int]]) -> tuple[int, list[str]]:
    """How many events were read, and the first broken link of each chain that does not hold."""
    events, found, seen = 0, [], set()
    for dossier_id, group in groupby(rows, key=lambda row: row["dossier_id"]):
        chain = list(group)
        seen.add(dossier_id)
        events += len(chain)
        if (at := _first_broken(chain)) is not None:
            found.append(f"{chain[0]['code']}#{at}")
    lost = (f"{code}#1" for key, (code, count) in on_record.items() if count and key not in seen)
    return events, [*found, *lost]


def _first_broken(chain: Sequence[Any]) -> int | None:
    previous = ""
    for seq, row in enumerate(chain, start=1):
        if not follows(previous, seq, row):
            return seq
        previous = row["hash"]
    is_whole = (len(chain), previous) == (chain[0]["event_count"], chain[0]["event_hash"])
    return None if is_whole else len(chain) + 1
