"""Outcomes checked: what was written at the end of a dossier against its log, kept sums against the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.outcome import Result
from engine.domain.people import OPERATOR
from engine.effects.journey import Journey
from engine.effects.outcome import assessed
from engine.persistence.repositories.results import kept_of, sums_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_Key = tuple[tuple[str, Any], ...]
# Not part of what the log says again: when it was written, and who holds the row.
_COMPARED = (
    *("result", "timeliness", "days", "office_minutes", "elapsed_minutes", "is_apologised", "is_corrected"),
    *("supplement_rounds", "return_count", "finished_at", "phases", "time_shares", "facts"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was written: a dossier or sum, the column, what is kept and what the log gives."""

    what: str
    column: str
    kept: object
    anew: object


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check looked at and found."""

    dossiers: int
    without_facts: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        return not self.differences


class Outcomes:
    """Checks outcomes, and makes the sums anew."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def verify(self, from_on: date, to_on: date, *, at: datetime) -> Verified:
        """Compute every outcome of a period (local days, both included) again from its log; writes nothing.

        A date that a calendar moved after the dossier had ended shows as a difference: the calendar was changed.
        """
        zone = self._office.settings.zone
        start = datetime.combine(from_on, time.min, tzinfo=zone)
        end = datetime.combine(to_on + timedelta(days=1), time.min, tzinfo=zone)
        differences: list[Difference] = []
        dossiers = without = 0
        with self._uow.read() as tx:
            for code, dossier_id in list(tx.results.ended_between(start, end)):
                kept = tx.results.outcome(dossier_id)
                assert kept is not None
                dossiers += 1
                without += not kept["facts"]
                differences += _differences(code, kept, self._anew(tx, dossier_id, kept, at))
        return Verified(dossiers, without, tuple(differences))

    def verify_sums(self) -> tuple[Difference, ...]:
        """Add every outcome up again and compare with the sums that were kept; writes nothing."""
        with self._uow.read() as tx:
            kept = {_key(key): counts for key, counts in tx.results.sums()}
            _number, anew = self._sums(tx.results.outcomes())
            came_in = tuple(
                zip(tx.report_book.received(), tx.report_book.counted_anew(self._office.settings.zone), strict=True)
            )
        found = [
            Difference(" · ".join(map(str, key)), "received", was[key], now[key])
            for was, now in came_in
            for key in sorted(was.keys() | now.keys(), key=str)
            if was[key] != now[key]
        ]
        for key in sorted(kept.keys() | anew.keys(), key=str):
            was, now = kept.get(key, {}), anew.get(key, {})
            what = " · ".join(str(value) for _name, value in key)
            found += [
                Difference(what, name, was.get(name, 0), now.get(name, 0))
                for name in sorted(was.keys() | now.keys())
                if was.get(name, 0) != now.get(name, 0)
            ]
        return tuple(found)

    def rebuild(self, *, at: datetime) -> int:
        """Give outcomes of before their facts and make every sum anew from the outcomes; answers how many there are."""
        with self._uow.write() as tx:
            number, sums = self._sums(self._with_facts(tx, at))
            tx.results.forget_sums()
            tx.results.put_sums([{**dict(key), **counts} for key, counts in sums.items()])
            tx.report_book.count_anew(self._office.settings.zone)
        return number

    def _with_facts(self, tx: Transaction, at: datetime) -> Iterator[Mapping[str, Any]]:
        """Every outcome; those of before are given the facts that they lack."""
        for outcome in tx.results.outcomes():
            if outcome["facts"]:
                yield outcome
            else:
                facts = self._anew(tx, outcome["dossier_id"], outcome, at)["facts"]
                tx.results.put_facts(outcome["dossier_id"], facts)
                yield {**outcome, "facts": facts}

    def _anew(self, tx: Transaction, dossier_id: int, kept: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        journey = Journey(tx, self._office, tx.dossiers.by_id(dossier_id), by=OPERATOR, at=at)
        finished_at = journey.dossier.resolved_at or journey.dossier.ended_at or kept["finished_at"]
        return assessed(journey, Result(kept["result"]), finished_at)

    def _sums(self, outcomes: Iterable[Mapping[str, Any]]) -> tuple[int, dict[_Key, dict[str, int]]]:
        """How many outcomes there are, and what those with facts add up to."""
        found: dict[_Key, dict[str, int]] = {}
        number = 0
        for outcome in outcomes:
            number += 1
            if not outcome["facts"]:
                continue
            kept = kept_of(outcome, self._office.settings.zone)
            unit_id, code = outcome["deciding_unit_id"], outcome["procedure_code"]
            for key, counts in sums_of(kept, deciding_unit_id=unit_id, procedure_code=code):
                total = found.setdefault(_key(key), dict.fromkeys(counts, 0))
                for name, more in counts.items():
                    total[name] += more
        return number, {key: counts for key, counts in found.items() if any(counts.values())}


def _key(key: Mapping[str, Any]) -> _Key:
    return tuple(sorted(key.items()))


def _differences(code: str, kept: Mapping[str, Any], anew: Mapping[str, Any]) -> list[Difference]:
    compared = (name for name in _COMPARED if name != "facts" or kept["facts"])
    return [Difference(code, name, kept[name], anew[name]) for name in compared if kept[name] != anew[name]]
