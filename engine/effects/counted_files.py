"""What came in and what ended of the procedures that citizens come for, without the office's own (feedback)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.persistence.queries.ended import ended_sums
from engine.persistence.queries.report_sums import received_sums
from engine.rule_files.reports import load_report_calendar

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class CountedFiles:
    """Files of some units and days: `online` of the `received`; `punctual` of the `counted`; `late` of what ended."""

    received: int
    online: int
    counted: int
    punctual: int
    late: int


def count_files(tx: Transaction, office: Office, first: date, last: date, unit_ids: Collection[int]) -> CountedFiles:
    """Count the local days from `first` to `last` (both included) from kept sums, as the reports do."""
    internal = load_report_calendar(office.settings.procedures).internal_procedures
    came, ended = (
        [row for row in rows if row["procedure_code"] not in internal]
        for rows in (
            received_sums(tx.connection, first, last, unit_ids, "procedure_code", "channel"),
            ended_sums(tx.connection, first, last, unit_ids, "procedure_code"),
        )
    )
    return CountedFiles(
        received=sum(row["received"] for row in came),
        online=sum(row["received"] for row in came if row["channel"] == "online"),
        counted=sum(row["counted"] for row in ended),
        punctual=sum(row["punctual"] for row in ended),
        late=sum(row["late"] for row in ended),
    )
