"""One act on many steps: each in a transaction of its own, each with its own result, however often it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.domain.bulk import (
    MOST_ROWS,
    BulkPreview,
    ChosenRow,
    NothingChosen,
    RowResult,
    RowState,
    TooManyRows,
    common_fields,
    needs_own_words,
)
from engine.domain.errors import Conflict, MotCuaError, Refused
from engine.domain.people import Actor
from engine.domain.permissions import can_do_step, holds_step
from engine.domain.process import FormField
from engine.domain.views import FieldView
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.effects.stepping import StepAct, claim_step, complete_step
from engine.persistence.queries.chosen import ChosenStep, chosen_steps
from engine.persistence.queries.worklist import Worklists
from engine.persistence.repositories.worklists import BulkRowRecord
from engine.persistence.unit_of_work import Transaction, UnitOfWork

ADVANCE, CLAIM = "advance", "claim"
OWN_WORDS = "bước này cần điền riêng từng hồ sơ: hãy mở hồ sơ để làm"
OTHER_STEP = "đang ở bước khác: mỗi lần chỉ xử lý các hồ sơ cùng một bước"
NOT_OPEN = "bước này đã xong hoặc đã chuyển đi"
TAKEN = "người khác đang giữ việc này"

Form = tuple[FormField, ...]
# No step has so great a number, and no database holds it.
_NO_STEP = 2**31


class BulkWork:
    """Claim several, advance several."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def preview(self, actor: Actor, task_ids: Sequence[int], *, at: datetime) -> BulkPreview:
        """What advancing these steps together would ask and touch; the step that most of them share is meant.

        Steps that are not for the person do not show at all. Raises `NothingChosen`, `TooManyRows`.
        """
        ids = _checked(task_ids)
        with self._uow.read() as tx:
            steps = [step for step in chosen_steps(tx.connection, ids) if holds_step(actor, step)]
            forms = {step.id: self._form(tx, step) for step in steps}
            lists = Worklists(tx.connection, lens_at(self._office, at), actor, self._office.settings.zone)
            items = {item.task_id: item for item in lists.items([step.id for step in steps])}
        if not steps:
            raise NothingChosen
        reasons = {step.id: _obstacle(actor, step, forms[step.id]) for step in steps}
        able = Counter((step.step_id, forms[step.id]) for step in steps if not reasons[step.id])
        meant = able.most_common(1)[0][0] if able else ("", ())
        for step in steps:
            if not reasons[step.id] and (step.step_id, forms[step.id]) != meant:
                reasons[step.id] = OTHER_STEP
        chosen = [step for step in steps if not reasons[step.id]]
        return BulkPreview(
            step_name=chosen[0].name if chosen else "",
            items=tuple(items[step.id] for step in chosen),
            fields=tuple(_view(each) for each in common_fields(meant[1])),
            left_out=tuple((items[step.id], reasons[step.id]) for step in steps if reasons[step.id]),
        )

    def advance(
        self,
        actor: Actor,
        key: str,
        rows: Sequence[ChosenRow],
        answers: Mapping[str, str],
        remark: str,
        *,
        at: datetime,
    ) -> tuple[RowResult, ...]:
        """Complete steps with the same answers and remark; answers what became of each, in the order of the rows.

        Each row is a transaction of its own. The same `key` again answers what became of the rows the first time and
        goes on with those that were not reached. Raises `NothingChosen`, `TooManyRows`, `Refused` for a foreign key.
        """
        versions = {row.task_id: row.version for row in rows}

        def complete(tx: Transaction, step: ChosenStep) -> str:
            form = self._form(tx, step)
            if needs_own_words(form):
                raise Refused(detail=OWN_WORDS)
            shared = {field.id: answers[field.id] for field in common_fields(form) if answers.get(field.id)}
            act = StepAct(step.code, step.id, versions[step.id] or 0, shared, remark)
            return ", ".join(complete_step(tx, self._office, actor, act, at=at).next_steps)

        return self._carry_out(actor, key, ADVANCE, list(versions), complete, at=at)

    def claim(self, actor: Actor, key: str, task_ids: Sequence[int], *, at: datetime) -> tuple[RowResult, ...]:
        """Take several steps; answers what became of each. `key` and errors as for `advance`."""

        def take(tx: Transaction, step: ChosenStep) -> str:
            claim_step(tx, self._office, actor, step.code, step.id, at=at)
            return step.name

        return self._carry_out(actor, key, CLAIM, task_ids, take, at=at)

    def _carry_out(
        self,
        actor: Actor,
        key: str,
        kind: str,
        task_ids: Sequence[int],
        act: Callable[[Transaction, ChosenStep], str],
        *,
        at: datetime,
    ) -> tuple[RowResult, ...]:
        ids = _checked(task_ids)
        if actor.id is None:
            raise Refused(detail="chỉ cán bộ có tài khoản được xử lý nhiều hồ sơ một lúc")
        with self._uow.write() as tx:
            order = tx.work_book.order(key, actor.id, kind, at=at)
            if order is None:
                raise Refused(detail="lần gửi này thuộc về người khác")
            known = tx.work_book.rows(order)
            steps = {step.id: step for step in chosen_steps(tx.connection, ids) if holds_step(actor, step)}
        found = [
            _result(known[step_id]) if step_id in known else self._one(order, steps[step_id], act)
            for step_id in ids
            if step_id in steps or step_id in known
        ]
        if not found:
            raise NothingChosen
        return tuple(found)

    def _one(self, order: int, step: ChosenStep, act: Callable[[Transaction, ChosenStep], str]) -> RowResult:
        """Act on one row. What became of it is written with the act, or after it where it failed."""
        try:
            with self._uow.write() as tx:
                said = act(tx, step)
                done = BulkRowRecord(step.id, step.code, RowState.DONE, said)
                tx.work_book.write_row(order, done)
                return _result(done)
        except MotCuaError as error:
            state = RowState.CHANGED if isinstance(error, Conflict) else RowState.REFUSED
            failed = BulkRowRecord(step.id, step.code, state, error.message)
        with self._uow.write() as tx:
            if not tx.work_book.write_row(order, failed):
                failed = tx.work_book.rows(order)[step.id]  # the same sending, a moment earlier, on another thread
        return _result(failed)

    def _form(self, tx: Transaction, step: ChosenStep) -> Form:
        return tuple(self._office.library.get(tx, step.definition_ref).steps[step.step_id].form)


def _checked(task_ids: Sequence[int]) -> list[int]:
    ids = [each for each in dict.fromkeys(task_ids) if 0 < each < _NO_STEP]
    if not ids:
        raise NothingChosen
    if len(ids) > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS, chosen=len(ids))
    return ids


def _obstacle(actor: Actor, step: ChosenStep, form: Form) -> str:
    if step.closed_at is not None:
        return NOT_OPEN
    if not can_do_step(actor, step):
        return TAKEN
    return OWN_WORDS if needs_own_words(form) else ""


def _view(field: FormField) -> FieldView:
    options = tuple((option.value, option.label) for option in field.options)
    return FieldView(field.id, field.label, field.type.value, field.is_required, options)


def _result(row: BulkRowRecord) -> RowResult:
    return RowResult(row.task_id, row.code, RowState(row.state), row.said)
