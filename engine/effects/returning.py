"""A step that sends a dossier back: its form asks for the reason, and the return is kept to be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.returns import RETURN_REASON, UNSAID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.process import Advance, FormField, StepDefinition
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import TaskRecord


def asked_form(office: Office, step: StepDefinition) -> tuple[FormField, ...]:
    """The form of a step as people fill it in: where it may send the dossier back, it asks why, right behind."""
    returns = office.returns
    asked = returns.asked_in(step.form)
    if asked is None:
        return step.form
    place = next(number for number, field in enumerate(step.form, start=1) if field.id == returns.field)
    return (*step.form[:place], asked, *step.form[place:])


def reason_told(office: Office, step: StepDefinition, answers: Mapping[str, str]) -> dict[str, str]:
    """What the history keeps of the reason, in the words of the day; nothing for a step that sends nothing back."""
    returns = office.returns
    if returns.asked_in(step.form) is None or not returns.is_return(answers):
        return {}
    return {RETURN_REASON: returns.name(answers.get(RETURN_REASON) or UNSAID)}


def note_return(journey: Journey, task: TaskRecord, advance: Advance) -> None:
    """Keep that a step was answered with a return: from where to where, and why."""
    returns = journey.office.returns
    if not returns.is_return(journey.answers) or not advance.opened:
        return
    back = advance.opened[0].step
    unit = journey.office.units.for_lane(back.unit_kind, desk=journey.unit, deciding=journey.deciding_unit)
    journey.tx.beside.note_return(
        dossier_id=journey.dossier.id,
        step_id=task.step_id,
        unit_id=task.unit_id,
        to_step_id=back.id,
        to_unit_id=unit.id,
        reason=journey.answers.get(RETURN_REASON) or UNSAID,
        at=journey.at,
        by=journey.by.username,
    )
