"""How late dossiers are looked for, which rungs are climbed, and what the apology promises."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.domain.rungs import DUE_SOON, BadLadder, Ladder, When, default_rungs, read_rung
from engine.settings.strict import Strict


def _ladder(value: object) -> object:
    if not isinstance(value, list | tuple):
        return value
    try:
        return Ladder(tuple(read_rung(rung) for rung in value))
    except BadLadder as error:
        raise ValueError(error.message) from None
    except AttributeError:
        message = "mỗi mốc phải là các cặp “khóa: giá trị”"
        raise ValueError(message) from None


LadderData = Annotated[Ladder, BeforeValidator(_ladder)]
# An apology that nobody signed by its due date is issued by the machine, or waits for the leader.
ApologyAtDue = Literal["automatic", "leader"]


class LatenessReason(Strict):
    """A reason that an apology may give; `{step}`, `{unit}`: where the dossier is held; `holder`: whose time it was."""

    id: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=500)
    holder: Literal["counter", "unit", "other_agency", "applicant"] = "unit"


class OverdueException(Strict):
    """What is different for a unit or a kind of units (and those below), for a procedure, or for both together."""

    unit: str = ""
    kind: str = ""
    procedure: str = ""
    rungs: LadderData | None = None
    apology_at_due: ApologyAtDue | None = None
    reappointment_working_days: int | None = Field(None, ge=1, le=60)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:  # noqa: N804 - a validator of the whole has an instance
        if not (self.unit or self.kind or self.procedure) or (self.unit and self.kind):
            message = "hãy ghi unit hoặc kind (một trong hai), procedure, hoặc kèm cả procedure"
            raise ValueError(message)
        return self


class OverdueSettings(Strict):
    """How the sweep looks for late dossiers, which rungs it climbs, and what the apology promises."""

    sweep_every_seconds: int = Field(30, ge=1)
    batch: int = Field(200, ge=1, le=5000)
    due_soon_working_days: int = Field(1, ge=0, le=30)
    reappointment_working_days: int = Field(3, ge=1, le=60)
    extension_counts_as_on_time: bool = False
    rungs: LadderData | None = None
    apology_at_due: ApologyAtDue = "automatic"
    exceptions: tuple[OverdueException, ...] = ()
    reasons: tuple[LatenessReason, ...] = (
        LatenessReason(id="step", text="Hồ sơ chưa hoàn thành bước “{step}” tại {unit} trong thời hạn quy định"),
    )

    @property
    def ladder(self) -> Ladder:
        """The rungs of the installation; left out, a warning so many working days before, and the due date."""
        return self.rungs or Ladder(default_rungs(self.due_soon_working_days))

    @property
    def warning_days(self) -> int:
        """How many working days before its day a date counts as due soon."""
        told = (rung for rung in self.ladder.rungs if rung.name == DUE_SOON and rung.when is When.BEFORE)
        return next((rung.amount for rung in told), self.due_soon_working_days)
