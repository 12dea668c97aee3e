"""The page of one dossier for people who work on it: where it stands, what may be done, what happened and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.domain.dossier import dossier_id_of
from engine.domain.errors import NotFound
from engine.domain.event_text import say
from engine.domain.grounds import PAUSE_DOCUMENT
from engine.domain.messages import Wish
from engine.domain.people import MACHINES, Actor, name_of
from engine.domain.permissions import can_do_step, can_see_dossier, can_withdraw, handled_units
from engine.domain.process import FormField, StepDefinition
from engine.domain.views import DossierView, EventView, FieldView, StepView
from engine.effects.assessing import FEE_DUE, answers_told
from engine.effects.chain import chain_of
from engine.effects.forms import needed_words
from engine.effects.message_acts import late_before
from engine.effects.office import Office
from engine.effects.reading import clock_lines, clock_of, lens_at, telling_of
from engine.effects.returning import asked_form
from engine.effects.time_pages import TimePage, charged_between
from engine.persistence.queries.dossier_page import DossierPage
from engine.persistence.queries.lines import StepFacts, join_steps, letters_of, moments_of
from engine.persistence.queries.messages import MessageLists
from engine.persistence.records import DossierRecord, TaskRecord
from engine.persistence.unit_of_work import Transaction, UnitOfWork
from engine.process.definitions import Definition
from engine.process.runner import Runner

_WITHDRAWAL = "withdrawal"


class Dossiers:
    """Reads single dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def view(self, actor: Actor, code: str, *, at: datetime) -> DossierView:
        """Everything about one dossier, found by its code or by the digits of its receipt's bar code.

        Raises `NotFound`, with one answer for a dossier that does not exist and one that is none of the person's
        business. The number of statements does not depend on how long the history is.
        """
        with self._uow.read() as tx:
            dossier = _find(tx, code)
            page = DossierPage(tx.connection)
            tasks = tx.tasks.all_of(dossier.id)
            involved = {dossier.unit_id, dossier.deciding_unit_id, *(task.unit_id for task in tasks)}
            if not can_see_dossier(actor, involved, self._office.units) and not can_see_dossier(
                actor, page.involved_units(dossier), self._office.units
            ):  # nobody who works on it: perhaps somebody who was asked about it
                raise _not_found(code)
            definition = self._office.library.get(tx, dossier.definition_ref)
            return self._picture(tx, page, actor, dossier, tasks, definition, at)

    def _picture(
        self,
        tx: Transaction,
        page: DossierPage,
        actor: Actor,
        dossier: DossierRecord,
        tasks: Sequence[TaskRecord],
        definition: Definition,
        at: datetime,
    ) -> DossierView:
        units = self._office.units
        open_tasks = [task for task in tasks if task.closed_at is None]
        names = page.names_by_id({task.claimed_by_id for task in open_tasks if task.claimed_by_id is not None})
        steps = tuple(self._step(task, definition, names, actor) for task in open_tasks)
        letters = letters_of(tx.connection, [dossier.id]).get(dossier.id, ())
        moments = moments_of(tx.connection, [letter.id for letter in letters])
        letters = tuple(replace(letter, moments=moments.get(letter.id, ())) for letter in letters)
        outcome = page.outcome(dossier.id)
        clock = clock_of(tx, self._office, dossier, definition)
        time = TimePage(self._office, dossier, tasks, clock, at)
        active = tuple(dict.fromkeys(task.diagram_element for task in open_tasks))
        done = dict.fromkeys(task.diagram_element for task in tasks if task.closed_at and not task.is_interrupted)
        return DossierView(
            line=lens_at(self._office, at).of_record(
                dossier,
                timeliness=outcome.timeliness if outcome else None,
                step=join_steps(StepFacts(step.name, step.unit_name, step.claimed_by_name) for step in steps),
                letters=letters,
            ),
            version=dossier.version,
            case_name=definition.procedure.case(dossier.case_id).name,
            applicant=dossier.applicant,
            submitter=dossier.submitter,
            items=dossier.items,
            content=dossier.content,
            result_channel=dossier.result_channel,
            deciding_unit_name=units.get(dossier.deciding_unit_id).name,
            resolved_at=dossier.resolved_at,
            delivered_at=dossier.delivered_at,
            steps=steps,
            events=_with_ways(self._events(tx, page, dossier, definition, time), self._ways(tasks)),
            letters=letters,
            clock=clock_lines(clock),
            time=time.account(tx.late_records.of(dossier.id)),
            outcome=outcome,
            definition_ref=dossier.definition_ref,
            active_step_ids=active,
            done_step_ids=tuple(element for element in done if element not in active),
            can_withdraw=_may_withdraw(tx, actor, dossier, definition),
            linked=chain_of(tx, self._office, dossier, at),
            answers=answers_told(definition.procedure, dossier.details),
            fee_due=dossier.details.get(FEE_DUE),
            messages=MessageLists(
                tx.connection, units, late_before=late_before(self._office, at), may_act=handled_units(actor, units)
            ).of_dossier(dossier.id),
            notify_by=Wish.of(dossier.details).order,
        )

    def _step(self, task: TaskRecord, definition: Definition, names: Mapping[int, str], actor: Actor) -> StepView:
        return StepView(
            task_id=task.id,
            step_id=task.step_id,
            name=task.name,
            role=task.role,
            unit_name=self._office.units.get(task.unit_id).name,
            opened_at=task.opened_at,
            step_due_at=task.step_due_at,
            slack_minutes=task.slack_minutes,
            claimed_by_id=task.claimed_by_id,
            claimed_by_name=names.get(task.claimed_by_id, "") if task.claimed_by_id is not None else "",
            fields=self._fields(definition.steps[task.step_id]),
            may_act=can_do_step(actor, task),
        )

    def _fields(self, step: StepDefinition) -> tuple[FieldView, ...]:
        """The form of a step; the document of a pause is asked for where a ground that may follow wants one."""
        grounds = self._office.grounds
        asks = any(grounds.get(ground).document.is_asked for ground in step.pauses_on & grounds.ids)
        form = asked_form(self._office, step)
        return tuple(_field(field, form) for field in form if asks or field.id != PAUSE_DOCUMENT)

    def _ways(self, tasks: Sequence[TaskRecord]) -> dict[datetime, tuple[str, ...]]:
        """The steps that were opened at each moment, with their units."""
        ways: dict[datetime, tuple[str, ...]] = {}
        for task in tasks:
            said = f"{task.name} ({self._office.units.get(task.unit_id).name})"
            ways[task.opened_at] = (*ways.get(task.opened_at, ()), said)
        return ways

    def _events(
        self, tx: Transaction, page: DossierPage, dossier: DossierRecord, definition: Definition, time: TimePage
    ) -> tuple[EventView, ...]:
        rows = tx.history.events(dossier.id)
        names = page.names({row["by"] for row in rows} - MACHINES.keys())
        charged = charged_between(time, [row["at"] for row in rows], dossier.received_at)
        telling = telling_of(self._office, definition, dossier.case_id)
        return tuple(
            EventView(
                seq=row["seq"],
                at=row["at"],
                recorded_at=row["recorded_at"],
                by_name=name_of(row["by"], names) + _instead(row["data"]),
                kind=row["kind"],
                text=say(row["kind"], row["data"], telling),
                remark=_remark(row["data"]),
                charged=whose,
                is_machine=row["by"] in MACHINES,
            )
            for row, whose in zip(rows, charged, strict=True)
        )


def _with_ways(events: tuple[EventView, ...], ways: Mapping[datetime, tuple[str, ...]]) -> tuple[EventView, ...]:
    """Say of each completed step where it has led: what opened in the same act."""
    done = "step_completed"
    return tuple(replace(each, leads_to=ways.get(each.at, ())) if each.kind == done else each for each in events)


def _find(tx: Transaction, code: str) -> DossierRecord:
    """The dossier of a code as it was typed, or of the digits that a scanner reads off a receipt."""
    typed = code.strip()
    try:
        return tx.dossiers.find(typed)
    except NotFound:
        scanned = dossier_id_of(typed)
        if scanned is None and typed.upper() == typed:
            raise _not_found(code) from None
    try:
        return tx.dossiers.by_id(scanned) if scanned is not None else tx.dossiers.find(typed.upper())
    except NotFound:
        raise _not_found(code) from None


def _not_found(code: str) -> NotFound:
    return NotFound(what=f"hồ sơ {code.strip()}")


def _may_withdraw(tx: Transaction, actor: Actor, dossier: DossierRecord, definition: Definition) -> bool:
    """Whether the person may write down a withdrawal: no decision was made yet, and the process would hear it."""
    is_decided = dossier.ended_at is not None or dossier.resolved_at is not None
    if is_decided or not can_withdraw(actor, dossier.unit_id, dossier.deciding_unit_id):
        return False
    return _WITHDRAWAL in Runner().waiting_messages(definition, tx.dossiers.state(dossier.id))


def _field(field: FormField, form: Sequence[FormField]) -> FieldView:
    return FieldView(
        id=field.id,
        label=field.label,
        type=field.type.value,
        is_required=field.is_required,
        options=tuple((option.value, option.label) for option in field.options),
        needed_when=needed_words(field, form),
        range=field.range.words,
    )


def _instead(data: Mapping[str, Any]) -> str:
    """Whose place somebody took in an act: both names are shown."""
    absent = data.get("acting_for")
    return f" (thay {absent['name']})" if isinstance(absent, dict) else ""


def _remark(data: Mapping[str, Any]) -> str:
    return str(data.get("remark") or "")
