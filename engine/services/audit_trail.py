"""The audit trail of an installation: what happened to dossiers and about accounts, by who, what, where and when.

Searched by keyset, latest first. Words are looked for in the sentences that people read, so a search for words goes
through a bounded number of events and says where it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.audit import (
    MOST_DAYS,
    SOURCES,
    AuditChoice,
    AuditLine,
    AuditPage,
    PeriodTooLong,
    TrailTooLong,
    access_sentence,
)
from engine.domain.dossier import fold
from engine.domain.errors import NotFound, Refused
from engine.domain.event_text import Telling, say
from engine.domain.people import Role, name_of
from engine.domain.permissions import overseen_units, units_under
from engine.effects.reading import telling_of
from engine.persistence.queries.audit_trail import AuditTrailReader
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

PAGE_SIZE = 50
MOST_EXPORTED = 20_000
# A search for words reads so many events at a time, and stops after so many.
_CHUNK, _MOST_READ = 500, 5_000
_MOST_EXPORT_READ = 100_000


@dataclass(frozen=True, slots=True)
class _Scope:
    """What somebody may search: units, people of them, and whether the whole installation is theirs."""

    units: frozenset[int]
    is_all: bool


class AuditTrail:
    """Searches the trail, and writes down what inspectors look at."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def search(self, actor: Actor, choice: AuditChoice) -> AuditPage:
        """A page of what fits, the latest first. Raises `Refused`, `NotFound`, `PeriodTooLong`."""
        scope = self._scope(actor, choice)
        with self._uow.read() as tx:
            found, cursor, read = self._collect(tx, choice, scope, PAGE_SIZE)
            people = tx.people.held_in(scope.units)
        staff = {username: name for username, name, _ in people}
        return AuditPage(tuple(found), cursor, read, tuple(sorted(staff.items(), key=lambda each: each[1])))

    def every(self, actor: Actor, choice: AuditChoice) -> Iterator[AuditLine]:
        """Everything that fits, for a table; raises `TrailTooLong` rather than leave something out unsaid."""
        scope = self._scope(actor, choice)
        lines, events = 0, 0
        while lines <= MOST_EXPORTED and events < _MOST_EXPORT_READ:
            with self._uow.read() as tx:
                found, cursor, read = self._collect(tx, choice, scope, _CHUNK)
            yield from found
            if cursor is None and lines + len(found) <= MOST_EXPORTED:
                return
            lines, events = lines + len(found), events + read
            choice = replace(choice, before=cursor or "")
        raise TrailTooLong(most=MOST_EXPORTED, read=_MOST_EXPORT_READ)

    def note_look(self, actor: Actor, page: str, arguments: Mapping[str, Any], *, at: datetime) -> None:
        """Write down that an inspector looked at a page: which, and of which dossier. Others' looks are not kept."""
        if not actor.has_role(Role.INSPECTOR):
            return

        def write(tx: Transaction) -> None:
            data: dict[str, Any] = {name: str(value)[:60] for name, value in arguments.items()}
            if "letter_id" in arguments:
                data["code"] = tx.dossiers.by_id(tx.letters.find(int(arguments["letter_id"])).dossier_id).code
            tx.proofs.record("looked_at", by=actor.username, at=at, page=page, **data)

        self._uow.write_in_passing(write)

    # --- inside ---

    def _scope(self, actor: Actor, choice: AuditChoice) -> _Scope:
        tree = self._office.units
        overseen = overseen_units(actor, tree)
        mine = overseen
        if choice.source == SOURCES[1]:
            mine |= units_under(actor, {Role.ADMIN}, tree)
        if not mine and not actor.is_machine:
            raise Refused(detail="nhật ký dành cho người giám sát, thanh tra và quản trị đơn vị")
        if (choice.to_on - choice.from_on).days > MOST_DAYS and not choice.code:
            raise PeriodTooLong(days=MOST_DAYS)
        everything = actor.is_machine or mine >= {unit.id for unit in tree}
        if not choice.unit_code:
            return _Scope(frozenset(unit.id for unit in tree) if actor.is_machine else mine, everything)
        asked = tree.with_predecessors(tree.under(tree.by_code(choice.unit_code).id))
        if not everything and not asked & mine:
            raise NotFound(what=f"đơn vị có mã “{choice.unit_code}” trong phạm vi của bạn")
        return _Scope(asked if everything else asked & mine, is_all=False)

    def _collect(
        self, tx: Transaction, choice: AuditChoice, scope: _Scope, most: int
    ) -> tuple[list[AuditLine], str | None, int]:
        """Up to `most` lines, where to go on, and how many events were read for them."""
        reader = AuditTrailReader(tx.connection)
        words = fold(choice.words).split()
        dossier_id = self._dossier(tx, choice, scope)
        found: list[AuditLine] = []
        tellings: dict[tuple[str, str], Telling] = {}
        read, before = 0, choice.before
        while len(found) < most and read < _MOST_READ:
            size = _CHUNK if words else most - len(found)
            if choice.source == SOURCES[1]:
                rows = reader.access(choice, self._moments(choice), scope.units, before, size, everywhere=scope.is_all)
            else:
                rows = reader.events(
                    choice, self._moments(choice), scope.units, before, size, dossier_id, everywhere=scope.is_all
                )
            for row in rows:
                read += 1
                before = f"{row.moment.isoformat()}|{row.id}"
                line = self._line(tx, choice, row, tellings)
                if all(word in fold(f"{line.sentence} {line.code}") for word in words):
                    found.append(line)
                    if len(found) == most:
                        break
            else:
                if len(rows) < size:
                    return self._named(tx, found), None, read
        return self._named(tx, found), before or None, read

    def _dossier(self, tx: Transaction, choice: AuditChoice, scope: _Scope) -> int | None:
        if not choice.code or choice.source == SOURCES[1]:
            return None
        dossier = tx.dossiers.find(choice.code)
        if not scope.is_all and not scope.units & DossierPage(tx.connection).involved_units(dossier):
            raise NotFound(what=f"hồ sơ {choice.code}")
        return dossier.id

    def _moments(self, choice: AuditChoice) -> tuple[datetime, datetime]:
        zone = self._office.settings.zone
        first = datetime.combine(choice.from_on, time.min, zone)
        return first, datetime.combine(choice.to_on, time.min, zone) + timedelta(days=1)

    def _line(
        self, tx: Transaction, choice: AuditChoice, row: Any, tellings: dict[tuple[str, str], Telling]
    ) -> AuditLine:
        if choice.source == SOURCES[1]:
            code = str(row.data.get("code", ""))
            return AuditLine(
                row.moment, row.by, row.by, row.kind, access_sentence(row.kind, row.full_name, row.data), code
            )
        unit = self._office.units.get(row.deciding_unit_id).name
        words = (row.definition_ref, row.case_id)
        if words not in tellings:
            tellings[words] = telling_of(self._office, self._office.library.get(tx, words[0]), words[1])
        sentence = say(row.kind, row.data, tellings[words])
        return AuditLine(row.moment, row.by, row.by, row.kind, sentence, row.code, unit, seq=row.seq)

    def _named(self, tx: Transaction, lines: Sequence[AuditLine]) -> list[AuditLine]:
        names = DossierPage(tx.connection).names({line.by for line in lines})
        return [replace(line, by_name=name_of(line.by, names)) for line in lines]
