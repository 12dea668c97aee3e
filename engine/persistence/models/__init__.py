"""The tables, by subject. Importing this package makes `Base.metadata` complete."""

from engine.persistence.base import Base
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
from engine.persistence.models.people import Heartbeat, MembershipRow, Person, ProcedureVersion, UnitRow, WebSession

__all__ = [
    "AuditEvent",
    "Base",
    "ClockEntryRow",
    "Dossier",
    "Heartbeat",
    "Instance",
    "LateRecord",
    "Letter",
    "LetterDocument",
    "MembershipRow",
    "Notice",
    "NumberSeries",
    "OutboxEntry",
    "OutcomeRow",
    "OverdueFact",
    "Person",
    "ProcedureVersion",
    "Task",
    "UnitRow",
    "WebSession",
]
