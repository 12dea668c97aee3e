"""What came of ended dossiers: sums that are kept while they end, outcomes as they were before they were corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.domain.outcome_facts import Kept, day_counts, month_counts
from engine.persistence.base import table_of
from engine.persistence.models import (
    Dossier,
    EndedDay,
    EvaluationMonth,
    FeedbackLink,
    OutcomeRevision,
    OutcomeRow,
    ProcedureVersion,
    StepReturn,
)
from engine.persistence.statements import add_up

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from sqlalchemy import Connection, RowMapping

_O = table_of(OutcomeRow).c
_D = table_of(Dossier).c
_R = table_of(OutcomeRevision).c
_F = table_of(FeedbackLink).c
_OUTCOME = select(table_of(OutcomeRow)).where(_O.dossier_id == bindparam("key"))
_LINK = (
    select(table_of(FeedbackLink), _D.code.label("about_code"))
    .select_from(table_of(FeedbackLink).outerjoin(table_of(Dossier), _D.id == _F.about_dossier_id))
    .where(_F.dossier_id == bindparam("key"))
)
_LAST_SEQ = select(func.max(_R.seq)).where(_R.dossier_id == bindparam("key"))
_ROWS_AT_ONCE = 1000
_SUMMED = (
    select(
        *(_O.dossier_id, _O.deciding_unit_id, _O.procedure_code, _O.result, _O.timeliness),
        *(_O.is_corrected, _O.is_apologised, _O.return_count, _O.finished_at, _O.facts),
    )
    .where(_O.dossier_id > bindparam("after"))
    .order_by(_O.dossier_id)
    .limit(_ROWS_AT_ONCE)
)
_COPIED = (
    *("result", "timeliness", "days", "office_minutes", "elapsed_minutes", "is_apologised", "is_corrected"),
    *("supplement_rounds", "return_count", "phases", "time_shares", "facts"),
)


def kept_of(outcome: Mapping[str, Any], zone: tzinfo) -> Kept:
    """The part of an outcome that the sums are made of; `zone` says on which day it ended."""
    return Kept(
        result=outcome["result"],
        timeliness=outcome["timeliness"],
        is_corrected=outcome["is_corrected"],
        is_apologised=outcome["is_apologised"],
        return_count=outcome["return_count"],
        finished_on=outcome["finished_at"].astimezone(zone).date(),
        facts=outcome["facts"],
    )


class Results:
    """What came of ended dossiers, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- outcomes ---

    def outcome(self, dossier_id: int) -> dict[str, Any] | None:
        """The outcome of a dossier as it stands; None while it is open."""
        row = self._connection.execute(_OUTCOME, {"key": dossier_id}).mappings().one_or_none()
        return dict(row) if row else None

    def revise(self, was: Mapping[str, Any], *, at: datetime, by: str, reason: str) -> None:
        """Keep what an outcome said before it is written anew."""
        key = was["dossier_id"]
        values = {name: was[name] for name in _COPIED} | {"finished_at": was["finished_at"].isoformat()}
        seq = (self._connection.scalar(_LAST_SEQ, {"key": key}) or 0) + 1
        row = {"dossier_id": key, "seq": seq, "replaced_at": at, "replaced_by": by, "reason": reason, "was": values}
        self._connection.execute(insert(table_of(OutcomeRevision)), row)

    def revisions(self, dossier_id: int) -> list[RowMapping]:
        """What the outcome of a dossier said before, oldest first."""
        statement = select(table_of(OutcomeRevision)).where(_R.dossier_id == dossier_id).order_by(_R.seq)
        return list(self._connection.execute(statement).mappings())

    def ended_between(self, start: datetime, end: datetime) -> Iterator[tuple[str, int]]:
        """Code and id of the dossiers that ended from `start` on and before `end`, oldest first."""
        statement = (
            select(_D.code, _D.id)
            .select_from(table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id))
            .where(_O.finished_at >= start, _O.finished_at < end)
            .order_by(_O.finished_at, _O.dossier_id)
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        for row in self._connection.execute(statement):
            yield row.code, row.id

    def put_facts(self, dossier_id: int, facts: Mapping[str, Any]) -> None:
        """Give an outcome of before the facts that were not kept then."""
        self._connection.execute(
            update(table_of(OutcomeRow)).where(_O.dossier_id == dossier_id).values(facts=dict(facts))
        )

    def outcomes(self) -> Iterator[dict[str, Any]]:
        """What sums are made of, of every outcome by the number of its dossier.

        Some are read at a time, so that memory does not grow with them and they may be written anew meanwhile.
        """
        after = 0
        while rows := self._connection.execute(_SUMMED, {"after": after}).mappings().all():
            yield from map(dict, rows)
            after = rows[-1]["dossier_id"]

    def return_reasons(self, dossier_id: int) -> tuple[str, ...]:
        """On what ground a dossier was sent back to an earlier step, each time."""
        returns = table_of(StepReturn).c
        statement = select(returns.reason).where(returns.dossier_id == dossier_id).order_by(returns.id)
        return tuple(self._connection.scalars(statement))

    def procedure_names(self, codes: Collection[str]) -> dict[str, str]:
        """What procedures are called, by code: as the latest version that was published says."""
        versions = table_of(ProcedureVersion).c
        statement = select(versions.code, versions.name).where(versions.code.in_(sorted(codes))).order_by(versions.ref)
        return {row.code: row.name for row in self._connection.execute(statement)}

    # --- sums ---

    def keep(self, kept: Kept, *, deciding_unit_id: int, procedure_code: str, sign: int = 1) -> None:
        """Add an ended dossier to its day and its month (`sign` -1: take it out again)."""
        for key, counts in sums_of(kept, deciding_unit_id=deciding_unit_id, procedure_code=procedure_code):
            table = table_of(EndedDay) if "day" in key else table_of(EvaluationMonth)
            add_up(self._connection, table, **key, **{name: sign * number for name, number in counts.items()})

    def forget_sums(self) -> None:
        """Drop every sum: they are about to be made anew from the outcomes."""
        for model in (EndedDay, EvaluationMonth):
            self._connection.execute(delete(table_of(model)))

    def put_sums(self, sums: Sequence[Mapping[str, Any]]) -> None:
        """Write sums that were made anew: the key and the counters of each."""
        for model, name in ((EndedDay, "day"), (EvaluationMonth, "month")):
            rows = [row for row in sums if name in row]
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                self._connection.execute(insert(table_of(model)), rows[start : start + _ROWS_AT_ONCE])

    def sums(self) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
        """Every kept sum that is not zero throughout: its key and its counters."""
        for model in (EndedDay, EvaluationMonth):
            table = table_of(model)
            keys = [column.name for column in table.primary_key]
            for row in self._connection.execute(select(table)).mappings():
                counts = {name: row[name] for name in row if name not in keys}
                if any(counts.values()):
                    yield {name: row[name] for name in keys}, counts

    # --- feedback ---

    def link_feedback(self, **values: Any) -> None:
        """Write down what a dossier of the feedback procedure is about."""
        self._connection.execute(insert(table_of(FeedbackLink)), values)

    def feedback_link(self, dossier_id: int) -> RowMapping | None:
        """What a dossier of the feedback procedure is about; None for any other."""
        return self._connection.execute(_LINK, {"key": dossier_id}).mappings().one_or_none()

    def settle_feedback(self, dossier_id: int, *, finding: str, is_upheld: bool, is_late: bool, on: date) -> None:
        """Write down what was found."""
        self._connection.execute(
            update(table_of(FeedbackLink))
            .where(_F.dossier_id == dossier_id)
            .values(finding=finding, is_upheld=is_upheld, is_late=is_late, ended_on=on)
        )


def sums_of(
    kept: Kept, *, deciding_unit_id: int, procedure_code: str
) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """The keys of the sums that a dossier belongs to, in the order of their locks, with what it adds to each."""
    channel = str(kept.facts.get("channel", ""))
    day = {
        "day": kept.finished_on,
        "unit_id": deciding_unit_id,
        "procedure_code": procedure_code,
        "channel": channel,
    }
    yield day, day_counts(kept)
    for (unit_id, username), counts in sorted(month_counts(kept).items()):
        yield {"month": f"{kept.finished_on:%Y-%m}", "unit_id": unit_id, "username": username}, counts
