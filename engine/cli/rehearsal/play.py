"""One dossier of a draft, walked through by hand: all that was done is done again, then it is told how it stands.

Doing it all again costs little and leaves nothing to keep: a walk is a list of acts, and may be cut off anywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.dossier import Applicant, Channel, HandedInItem, Submission
from engine.domain.errors import BadInput, MotCuaError
from engine.domain.people import Role
from engine.domain.returns import RETURN_REASON, UNSAID
from engine.effects.hand_over import is_hand_over_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.cli.stories.stage import Stage
    from engine.domain.people import Unit
    from engine.domain.views import DossierView, StepView
    from engine.persistence.records import DossierRecord
    from engine.process.definitions import Definition

_APPLICANT = Applicant("Nguyễn Văn An", "099088000123", "12 Nguyễn Trãi, phường An Phú", "0912 345 678", "")
# So long after a walk nobody sweeps: its dossier must not disturb the walks that follow.
_FOR_EVER = timedelta(days=36_500)


class NoDesk(BadInput):
    """Cơ quan này không có Bộ phận Một cửa ở cấp mà thủ tục yêu cầu; hãy xem lại mục “Cấp thực hiện”."""

    code = "no_desk"


class StepNotOpen(BadInput):
    """Bước “{step}” không còn mở ở lúc này."""

    code = "step_not_open"


class Play:
    """One walk through a definition."""

    def __init__(self, stage: Stage, definition: Definition) -> None:
        """Prepare to walk at the desk of the level of the procedure."""
        desk = stage.desk(definition)
        if desk is None:
            raise NoDesk
        self._stage, self._engine, self._definition = stage, stage.engine, definition
        self._desk: Unit = desk
        self._clerk = stage.person(Role.CLERK, desk)
        self._code = ""
        self._at: datetime | None = None

    def walk(self, trial: Mapping[str, Any]) -> dict[str, Any]:
        """Hand in and do every act; what refuses an act ends the walk, which is told with the reason."""
        refusal: dict[str, Any] = {}
        done = 0
        try:
            self._hand_in(trial)
            for act in trial.get("acts", ()):
                self._act(act)
                done += 1
        except MotCuaError as error:
            refusal = {"message": error.message, "fields": getattr(error, "fields", None) or {}}
        state = self._state() if self._code else {}
        self._put_away()
        return {"refusal": refusal, "done": done, "state": state}

    # --- acts ---

    def _hand_in(self, trial: Mapping[str, Any]) -> None:
        procedure = self._definition.procedure
        answers = {str(name): str(value) for name, value in trial.get("answers", {}).items()}
        at = self._moment(trial["received"])
        agreed = trial.get("agreed")
        submission = Submission(
            procedure_code=procedure.code,
            unit_code=self._desk.code,
            applicant=_APPLICANT,
            channel=Channel(trial.get("channel") or "in_person"),
            case="" if answers and self._definition.procedure.decided_by.case else trial.get("case", ""),
            answers=answers,
            items=tuple(
                HandedInItem(item.id, item.name, item.originals, item.copies)
                for item in procedure.items
                if item.is_required
            ),
            agreed_due_at=self._moment(agreed) if agreed else None,
        )
        self._code = self._engine.intake.hand_in(self._clerk, submission, at=at).code
        self._at = at

    def _act(self, act: Mapping[str, Any]) -> None:
        at = self._moment(act["at"])
        assert self._at is not None
        if at < self._at:
            raise BadMoment(at=at, before=self._at)
        match act["kind"]:
            case "sweep":
                self._engine.overdue.sweep(at)
            case "event":
                self._engine.delivery.withdraw(self._clerk, self._code, None, act.get("reason") or "Rút hồ sơ", at=at)
            case _:
                self._complete(act["step"], act.get("answers", {}), at)
        self._at = at

    def _complete(self, step_id: str, answers: Mapping[str, str], at: datetime) -> None:
        with self._engine.uow.read() as tx:
            dossier = tx.dossiers.find(self._code)
            tasks = [task for task in tx.tasks.open_of(dossier.id) if task.step_id == step_id]
        if not tasks:
            raise StepNotOpen(step=step_id)
        step = self._definition.steps[step_id]
        person = self._stage.person(step.role, self._unit_of(step_id, dossier))
        said = {RETURN_REASON: UNSAID, **answers}  # a rehearsal need not say why somebody sends back
        if is_hand_over_step(step):
            self._engine.handing_over.as_expected(person, (self._code, tasks[0].id, dossier.version), said, at=at)
        else:
            self._engine.processing.complete(person, self._code, tasks[0].id, dossier.version, said, at=at)

    def _unit_of(self, step_id: str, dossier: DossierRecord) -> Unit:
        units = self._engine.office.units
        kind = self._definition.steps[step_id].unit_kind
        return units.for_lane(kind, desk=self._desk, deciding=units.get(dossier.deciding_unit_id))

    def _moment(self, text: str) -> datetime:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=self._engine.settings.zone)

    # --- how it stands ---

    def _state(self) -> dict[str, Any]:
        assert self._at is not None
        view = self._engine.dossiers.view(self._clerk, self._code, at=self._at)
        return {
            "at": self._at.isoformat(),
            "status": view.line.status.label,
            "is_ended": view.outcome is not None,
            "result": view.outcome.result if view.outcome else "",
            "case": view.case_name,
            "due_at": view.line.due_at.isoformat() if view.line.due_at else "",
            "open": [self._step(step) for step in view.steps],
            "active": list(view.active_step_ids),
            "done": list(view.done_step_ids),
            **_written(view),
        }

    def _step(self, step: StepView) -> dict[str, Any]:
        return {
            "id": step.step_id,
            "name": step.name,
            "role": Role(step.role).label,
            "unit": step.unit_name,
            "due_at": step.step_due_at.isoformat() if step.step_due_at else "",
            "fields": [
                {
                    "id": field.id,
                    "label": field.label,
                    "type": field.type,
                    "is_required": field.is_required,
                    "options": [list(option) for option in field.options],
                    "needed_when": field.needed_when,
                    "range": field.range,
                }
                for field in step.fields
            ],
        }

    def _put_away(self) -> None:
        if not self._code:
            return
        with self._engine.uow.write() as tx:
            dossier = tx.dossiers.find(self._code)
            if dossier.attention_at is not None and self._at is not None:
                tx.dossiers.put_off(dossier.id, self._at + _FOR_EVER)


class BadMoment(BadInput):
    """Lúc {at:%H:%M %d/%m/%Y} sớm hơn việc trước đó ({before:%H:%M %d/%m/%Y}); hãy chọn lúc sau."""

    code = "bad_moment"


def _written(view: DossierView) -> dict[str, Sequence[Any]]:
    return {
        "letters": [
            {
                "form": letter.form,
                "title": letter.title,
                "at": letter.issued_at.isoformat(),
                "new_due_at": letter.new_due_at.isoformat() if letter.new_due_at else "",
            }
            for letter in view.letters
        ],
        "clock": [{"at": line.at.isoformat() if line.at else "", "what": line.what} for line in view.clock],
        "events": [
            {"at": event.at.isoformat(), "by": event.by_name, "text": event.text}
            for event in sorted(view.events, key=lambda event: event.seq)
        ],
    }
