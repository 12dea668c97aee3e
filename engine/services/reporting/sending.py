"""Reports as they were sent, compared with those before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotFound, Refused
from engine.domain.permissions import supervised_units
from engine.domain.report_compare import Compared, compare
from engine.domain.report_model import Document, from_text, to_text
from engine.domain.report_period import ReportPeriod, before, year_before
from engine.domain.report_registry import kind_of
from engine.services.reporting.duties import Duties

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from engine.domain.people import Actor

_MOST_SENT = 200
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """The head of a report that was sent."""

    id: int
    name: str
    title: str
    unit_code: str
    unit: str
    period_code: str
    seq: int
    sha256: str
    sent_at: datetime
    sent_by: str
    sent_to: str
    note: str


class SentReports(Duties):
    """Reports that can be sent, and are remembered."""

    def send(self, actor: Actor, document: Document, sent_to: str, note: str = "", *, at: datetime) -> int:
        """Keep a report as it is now; answers its number. Raises `FormRefused`, `Refused`."""
        tree = self._office.units
        # with the units that they took over: what those owed of the time before is theirs to send
        if tree.by_code(document.unit_code).id not in tree.with_predecessors(supervised_units(actor, tree)):
            raise Refused(detail="báo cáo do người giám sát đơn vị gửi")
        if not sent_to.strip() or len(sent_to) > _LONGEST or len(note) > _LONGEST:
            raise FormRefused({"sent_to": "Hãy ghi báo cáo gửi cho ai (tối đa 500 ký tự)"})
        content = to_text(document)
        with self._uow.write() as tx:
            return tx.report_book.send(
                name=document.name,
                unit_code=document.unit_code,
                period_code=document.period_code,
                content=content,
                sha256=hashlib.sha256(content.encode()).hexdigest(),
                sent_at=at,
                sent_by=actor.username,
                sent_by_name=actor.full_name,
                sent_to=sent_to.strip(),
                note=note.strip(),
            )

    def sent(self, actor: Actor, number: int) -> tuple[Sent, Document, bool]:
        """A report as it was sent, and whether its text still has the hash that it had; raises `NotFound`."""
        with self._uow.read() as tx:
            row = tx.report_book.sent(number)
        if row is None or row["unit_code"] not in self._whole(actor):
            raise NotFound(what=f"báo cáo đã gửi số {number}")
        is_whole = hashlib.sha256(row["content"].encode()).hexdigest() == row["sha256"]
        return self._head(dict(row)), from_text(row["content"]), is_whole

    def all_sent(self, actor: Actor) -> tuple[Sent, ...]:
        """What was sent for the person's units, the latest first."""
        codes = self._whole(actor)
        with self._uow.read() as tx:
            rows = tx.report_book.sent_lately(codes, _MOST_SENT)
        return tuple(self._head(dict(row)) for row in rows)

    def _whole(self, actor: Actor) -> frozenset[str]:
        """The units of which the person may see everything below as well: what was sent of one counts it all."""
        tree, own = self._office.units, self.units(actor)
        ids = {unit.id for unit in own}
        return frozenset(unit.code for unit in own if ids.issuperset(tree.under(unit.id)))

    def _head(self, row: Mapping[str, Any]) -> Sent:
        names = ("id", "name", "unit_code", "period_code", "seq", "sha256", "sent_at", "sent_to", "note")
        unit = self._office.units.by_code(row["unit_code"]).name
        return Sent(
            **{name: row[name] for name in names},
            title=kind_of(row["name"]).title,
            unit=unit,
            sent_by=row["sent_by_name"],
        )

    # --- compared with before ---

    def compared(self, actor: Actor | None, document: Document, *, at: datetime) -> tuple[Compared, ...]:
        """A report beside its last sending, the period before and the same period a year before.

        What was sent is taken as it was sent; what was not is made now.
        """
        rule = self.calendar.rule
        period = ReportPeriod(
            document.period_code, document.period, document.first, document.last, self._due_on(document.period_code, at)
        )
        found = []
        last = self._last_sent(actor, document, document.period_code)
        if last is not None:
            sent_at = last["sent_at"].astimezone(self._office.settings.zone)
            found.append(compare(document, from_text(last["content"]), f"Bản đã gửi {sent_at:%H:%M %d/%m/%Y}"))
        for other, label in ((before(period, rule), "Kỳ trước"), (year_before(period, rule), "Cùng kỳ năm trước")):
            found.append(compare(document, self._then(actor, document, other, at), f"{label} ({other.label})"))
        return tuple(found)

    def _last_sent(self, actor: Actor | None, document: Document, period_code: str) -> Mapping[str, Any] | None:
        """What was last sent of a report; nothing for somebody who may not see all that it counts."""
        if actor is not None and document.unit_code not in self._whole(actor):
            return None
        with self._uow.read() as tx:
            found = tx.report_book.last_sent(document.name, document.unit_code, period_code)
        return None if found is None else dict(found)

    def _due_on(self, period_code: str, at: datetime) -> date | None:
        return self.period(period_code, at=at).due_on

    def _then(self, actor: Actor | None, document: Document, period: ReportPeriod, at: datetime) -> Document:
        kept = self._last_sent(actor, document, period.code)
        if kept is not None:
            return from_text(kept["content"])
        return self.make(actor, document.name, period, document.unit_code, document.parameters, at=at)
