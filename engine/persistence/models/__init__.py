"""The tables, by subject. Importing this package makes `Base.metadata` complete."""

from engine.persistence.base import Base
from engine.persistence.models.calendars import CalendarFactRow, CalendarVersionRow
from engine.persistence.models.correspondence import (
    Letter,
    LetterDocument,
    LetterEvent,
    LetterTemplate,
    LetterTemplateSet,
    NumberSeries,
    OutboxEntry,
)
from engine.persistence.models.designs import Design, DesignEvent
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
from engine.persistence.models.drafts import LetterDraft
from engine.persistence.models.handing_over import HandOverRow, SurveyToken
from engine.persistence.models.linked import LinkedGroupRow, LinkedMemberRow
from engine.persistence.models.messages import ChannelRest, Delivery, PostBatch
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
from engine.persistence.models.reprojection import ReprojectionRun, WhatIfLine, WhatIfRow

__all__ = [
    "AuditEvent",
    "Base",
    "CalendarFactRow",
    "CalendarVersionRow",
    "ChannelRest",
    "ClockEntryRow",
    "Delivery",
    "Design",
    "DesignEvent",
    "Dossier",
    "HandOverRow",
    "Heartbeat",
    "Instance",
    "LateRecord",
    "Letter",
    "LetterDocument",
    "LetterDraft",
    "LetterEvent",
    "LetterTemplate",
    "LetterTemplateSet",
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
    "PostBatch",
    "ProcedureVersion",
    "PublicationEvent",
    "ReprojectionRun",
    "SurveyToken",
    "Task",
    "UnitRow",
    "VersionMove",
    "WebSession",
    "WhatIfLine",
    "WhatIfRow",
]
