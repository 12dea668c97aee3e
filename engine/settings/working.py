"""How people work together on one dossier: what may be taken back, for how long a note may be mended."""

from __future__ import annotations

from pydantic import Field

from engine.settings.strict import Strict


class WorkingSettings(Strict):
    """Working together.

    `undo_seconds`: so long whoever completed a step may take it back, where the law allows it; 0: never.
    `note_minutes`: so long a note may be mended. `here_seconds`: who was not heard of for so long has left the page.
    `opinion_days`: the deadline in working days that is proposed when another unit is asked.
    """

    undo_seconds: int = Field(10, ge=0, le=60)
    note_minutes: int = Field(10, ge=0, le=1440)
    here_seconds: int = Field(75, ge=30, le=600)
    opinion_days: int = Field(3, ge=1, le=30)
