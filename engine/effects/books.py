"""The register of dossiers (form 07) and the hand-over list of a day, in words ready to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.permissions import ONE_STOP
from engine.domain.print_views import BookLine, HandedLine, Receiver
from engine.domain.status import DossierStatus
from engine.persistence.queries.books import book_rows, count_book, handed_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from engine.domain.people import Unit
    from engine.domain.print_views import Period
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction


class Books:
    """Reads registers over an open transaction."""

    def __init__(self, tx: Transaction, office: Office) -> None:
        """Read what one transaction sees."""
        self._tx = tx
        self._connection = tx.connection
        self._office = office

    def count(self, unit: Unit, period: Period) -> int:
        """How many dossiers the register of a unit has in a period."""
        return count_book(self._connection, unit.id, period, is_desk=unit.kind == ONE_STOP)

    def lines(self, unit: Unit, period: Period, *, limit: int, offset: int) -> tuple[BookLine, ...]:
        """Those dossiers in the order of receipt."""
        is_desk = unit.kind == ONE_STOP
        rows = book_rows(self._connection, unit.id, period, is_desk=is_desk, limit=limit, offset=offset)
        return tuple(self._line(row) for row in rows)

    def handed_over(self, unit: Unit, period: Period) -> tuple[Receiver, ...]:
        """What a unit handed to others, by receiver; a dossier that came back and went again stands once a receiver."""
        found: dict[int, dict[str, HandedLine]] = {}
        for row in handed_rows(self._connection, unit.id, period):
            found.setdefault(row["unit_id"], {})[row["code"]] = self._handed(row)
        receivers = (Receiver(self._office.units.get(key).name, tuple(lines.values())) for key, lines in found.items())
        return tuple(sorted(receivers, key=lambda receiver: receiver.name))

    def _line(self, row: RowMapping) -> BookLine:
        applicant = row["applicant"]
        procedure = self._office.library.get(self._tx, row["definition_ref"]).procedure
        first, now = row["first_due_at"] or row["due_at"], row["due_at"]
        return BookLine(
            code=row["code"],
            procedure=row["procedure_name"],
            sets=f"{procedure.set_count:02d}",
            applicant=applicant["full_name"],
            address="; ".join(filter(None, (applicant.get("address"), applicant.get("phone")))),
            agency=self._office.units.get(row["deciding_unit_id"]).name,
            received_on=self._day(row["received_at"]),
            due_on=self._day(first),
            delivered_on=self._day(row["delivered_at"]),
            channel=Channel(row["result_channel"]).label,
            receiver="",
            note="; ".join(_notes(row, f"hẹn lại {self._day(now)}" if now and now != first else "")),
        )

    def _handed(self, row: RowMapping) -> HandedLine:
        return HandedLine(
            code=row["code"],
            applicant=row["applicant_name"],
            procedure=row["procedure_name"],
            papers=_papers(row["items"]),
            handed_at=f"{row['closed_at'].astimezone(self._office.settings.zone):%H:%M}",
            giver=row["full_name"] or row["closed_by"] or "",
            due_on=self._day(row["first_due_at"]),
        )

    def _day(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._office.settings.zone):%d/%m/%Y}" if at else ""


def _notes(row: RowMapping, redated: str) -> list[str]:
    status = DossierStatus(row["status"])
    ended = "" if row["ended_at"] is not None and status is DossierStatus.DELIVERED else status.label
    timeliness = Timeliness(row["timeliness"]).label if row["timeliness"] else ""
    return [each for each in (ended, timeliness, redated) if each]


def _papers(items: Sequence[dict[str, object]]) -> str:
    present = [item for item in items if item.get("is_present", True)]
    originals = sum(int(str(item.get("originals", 0))) for item in present)
    copies = sum(int(str(item.get("copies", 0))) for item in present)
    told = ((originals, "bản chính"), (copies, "bản sao"))
    return ", ".join(f"{count:02d} {word}" for count, word in told if count)
