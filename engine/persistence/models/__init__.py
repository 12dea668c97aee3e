"""The tables, by subject. Importing this package makes `Base.metadata` complete."""

from engine.persistence.base import Base
from engine.persistence.models.calendars import CalendarFactRow, CalendarVersionRow
from engine.persistence.models.correspondence import Letter, LetterDocument, NumberSeries, OutboxEntry
from engine.persistence.models.dossiers import (
    AuditEvent,
    ClockEntryRow,
    Dossier,
    Instance,
    LateRecord,
    Notice,
    OutcomeRow,
    OverdueFact,
    Task,
)
from engine.persistence.models.drafts import ApologyDraft
from engine.persistence.models.linked import LinkedGroupRow, LinkedMemberRow
from engine.persistence.models.people import (
    Heartbeat,
    MembershipRow,
    MovedDossier,
    Person,
    ProcedureVersion,
    PublicationEvent,
    UnitRow,
    VersionMove,
    WebSession,
)

__all__ = [
    "ApologyDraft",
    "AuditEvent",
    "Base",
    "CalendarFactRow",
    "CalendarVersionRow",
    "ClockEntryRow",
    "Dossier",
    "Heartbeat",
    "Instance",
    "LateRecord",
    "Letter",
    "LetterDocument",
    "LinkedGroupRow",
    "LinkedMemberRow",
    "MembershipRow",
    "MovedDossier",
    "Notice",
    "NumberSeries",
    "OutboxEntry",
    "OutcomeRow",
    "OverdueFact",
    "Person",
    "ProcedureVersion",
    "PublicationEvent",
    "Task",
    "UnitRow",
    "VersionMove",
    "WebSession",
]
