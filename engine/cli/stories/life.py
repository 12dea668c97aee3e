"""One story, lived through with the real services: every act by somebody who may, every look into the real books."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from engine.cli.stories.faults import differs, fault, written
from engine.cli.stories.model import Act, Entry, Expectation, Looked, Story, Value
from engine.domain.dossier import Applicant, HandedInItem, Submission
from engine.domain.errors import MotCuaError
from engine.domain.people import Role
from engine.domain.returns import RETURN_REASON, UNSAID
from engine.effects.clock import read_ledger
from engine.effects.hand_over import is_hand_over_step
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from engine.cli.stories.stage import Stage
    from engine.domain.people import Unit
    from engine.domain.process import Advance, Problem
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition

UsualAnswers = Mapping[str, Mapping[str, str | None]]
_APPLICANT = Applicant(
    "Nguyễn Văn An", "099088000123", "12 Nguyễn Trãi, phường An Phú, tỉnh Bình Sơn", "0912 345 678", "an@example.vn"
)
# In an answer: the code of the other dossier that the story handed in.
_OTHER = "{other}"
# So long after a failed story nobody sweeps: its dossier stays open and must not disturb the stories that follow.
_FOR_EVER = timedelta(days=36_500)


class _Over(Exception):
    """The story cannot go on; its faults are written down."""


class Life:
    """Lives one story. `problems` is what was not as it should be, `moves` what the process did."""

    def __init__(self, stage: Stage, definition: Definition, desk: Unit, usual: UsualAnswers, story: Story) -> None:
        """Prepare to hand in at `desk`."""
        self._stage, self._engine = stage, stage.engine
        self._definition, self._desk = definition, desk
        self._usual, self._story = usual, story
        self._code = self._other = ""
        self._at = story.received_at
        self.problems: list[Problem] = []
        self.moves: list[tuple[Definition, Advance]] = []

    def live(self) -> None:
        """Live through the story, as far as it goes."""
        self._stage.watch.take()
        try:
            self._hand_in()
            for entry in self._story.entries:
                self._at = entry.at
                self._happen(entry)
            self._note_moves()
            self._end()
        except _Over:
            self._note_moves()
        finally:
            self._put_away()

    # --- what happens ---

    def _hand_in(self) -> None:
        story, procedure = self._story, self._definition.procedure
        submission = Submission(
            procedure_code=procedure.code,
            unit_code=self._desk.code,
            applicant=_APPLICANT,
            channel=story.channel,
            case=story.case or ("" if story.answers else procedure.default_case.id),
            answers=story.answers,
            items=tuple(
                HandedInItem(item.id, item.name, item.originals, item.copies)
                for item in procedure.items
                if item.is_required
            ),
            agreed_due_at=story.agreed_due_at,
        )
        clerk = self._stage.person(Role.CLERK, self._desk)
        try:
            if story.other_at is not None:
                self._other = self._engine.intake.hand_in(clerk, submission, at=story.other_at).code
                self._stage.watch.take()
            self._code = self._engine.intake.hand_in(clerk, submission, at=story.received_at).code
        except MotCuaError as error:
            self._stop("story_not_received", story.line, reason=error.message)
        except Exception as error:  # noqa: BLE001 - a fault of the program is told as a problem, never a traceback
            self._stop("story_crashed", story.line, what="received", reason=_told(error))

    def _happen(self, entry: Entry) -> None:
        match entry.act:
            case Act.DO:
                self._do(entry)
            case Act.EVENT:
                self._act(entry, entry.name, lambda: self._event(entry))
            case Act.SWEEP:
                self._act(entry, Act.SWEEP, lambda: self._sweep(entry.at))
            case Act.EXPECT:
                self._note_moves()
                self._compare(entry.expected, entry.line)

    def _do(self, entry: Entry) -> None:
        with self._engine.uow.read() as tx:
            dossier = tx.dossiers.find(self._code)
            open_tasks = tx.tasks.open_of(dossier.id)
        found = [task for task in open_tasks if task.step_id == entry.name]
        if not found:
            self._stop("story_step_not_open", entry.line, step=entry.name, open=_steps(open_tasks))
        if len(found) > 1:
            self._stop("story_step_open_twice", entry.line, step=entry.name, count=len(found))
        answers = self._answers(entry)
        self._act(entry, entry.name, lambda: self._complete(dossier, found[0], answers))

    def _answers(self, entry: Entry) -> dict[str, str]:
        """The usual answers of a step with those of the story over them; only what the form asks."""
        merged = {**self._usual.get(entry.name, {}), **entry.answers}
        form = [field.id for field in self._definition.steps[entry.name].form]
        strangers = [field for field in merged if field not in form]
        if strangers:
            self._stop(
                "story_answer_unknown",
                entry.line,
                step=entry.name,
                fields=", ".join(f"“{field}”" for field in strangers),
                known=", ".join(form) or "–",
            )
        return {field: answer.replace(_OTHER, self._other) for field, answer in merged.items() if answer is not None}

    def _complete(self, dossier: DossierRecord, task: TaskRecord, answers: Mapping[str, str]) -> None:
        """Complete a step as a person of its lane: the role that the drawing names, in the unit that it means here."""
        step, units = self._definition.steps[task.step_id], self._engine.office.units
        unit = units.for_lane(step.unit_kind, desk=self._desk, deciding=units.get(dossier.deciding_unit_id))
        person = self._stage.person(step.role, unit)
        said = {RETURN_REASON: UNSAID, **answers}  # a story need not say why somebody sends back
        if is_hand_over_step(step):
            self._engine.handing_over.as_expected(person, (self._code, task.id, dossier.version), said, at=self._at)
        else:
            self._engine.processing.complete(person, self._code, task.id, dossier.version, said, at=self._at)

    def _event(self, entry: Entry) -> None:
        clerk = self._stage.person(Role.CLERK, self._desk)
        if entry.name == "withdrawal":
            self._engine.delivery.withdraw(clerk, self._code, None, entry.reason, at=entry.at)
        else:
            self._engine.delivery.close(clerk, self._code, at=entry.at, message=entry.name)

    def _sweep(self, at: datetime) -> None:
        with _heard() as failures:
            self._engine.overdue.sweep(at)
        if failures:
            raise failures[0]

    def _act(self, entry: Entry, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except MotCuaError as error:
            self._stop("story_refused", entry.line, what=what, reason=error.message)
        except Exception as error:  # noqa: BLE001 - a fault of the program is told as a problem, never a traceback
            self._stop("story_crashed", entry.line, what=what, reason=_told(error))

    # --- what came of it ---

    def _end(self) -> None:
        with self._engine.uow.read() as tx:
            dossier = tx.dossiers.find(self._code)
            open_tasks = tx.tasks.open_of(dossier.id)
        if dossier.ended_at is None:
            self._stop("story_not_ended", self._story.ending_line, open=_steps(open_tasks))
        self._compare({Looked.NEW_DUE: (), **self._story.ending}, self._story.ending_line, has_ended=True)

    def _compare(self, expected: Expectation, line: int | None, *, has_ended: bool = False) -> None:
        with self._engine.uow.read() as tx:
            found = self._books(tx, has_ended=has_ended)
        zone = self._engine.settings.zone
        for key, value in expected.items():
            if differs(key, value, found[key]):
                facts = {"expected": written(value, zone), "found": written(found[key], zone)}
                self._tell("story_differs", line, key=key.value, **facts)

    def _books(self, tx: Transaction, *, has_ended: bool) -> dict[Looked, Value]:
        """Whatever a story may look at, as it stands."""
        dossier, office = tx.dossiers.find(self._code), self._engine.office
        letters = tx.letters.of(dossier.id)
        outcome = DossierPage(tx.connection).outcome(dossier.id)
        cutoff = self._definition.procedure.same_day_cutoff or office.settings.same_day_cutoff
        ledger = read_ledger([dict(row) for row in tx.history.clock(dossier.id)])
        clock = ledger.project(office.calendar_of(dossier.deciding_unit_id), cutoff)
        dates = tuple(phase.first_due_at for phase in clock.phases)
        return {
            Looked.OPEN: tuple(task.step_id for task in tx.tasks.open_of(dossier.id)),
            Looked.STATUS: dossier.status.name,
            Looked.DUE: dates if has_ended else clock.due_at,
            Looked.PAUSED: dossier.is_paused,
            Looked.LETTERS: tuple(letter.form for letter in letters),
            Looked.RESULT: outcome.result if outcome else None,
            Looked.OUTCOME: outcome.timeliness if outcome else None,
            Looked.END: next((advance.end_id for _, advance in reversed(self.moves) if advance.is_finished), None),
            Looked.NEW_DUE: tuple(letter.new_due_at for letter in letters if letter.new_due_at is not None),
            Looked.NOTIFIED: tuple(
                str(event["data"]["message"])
                for event in tx.history.events(dossier.id)
                if event["kind"] == "notified" and event["data"]["audience"] == "applicant"
            ),
        }

    # --- the rest ---

    def _note_moves(self) -> None:
        self.moves += self._stage.watch.take()

    def _put_away(self) -> None:
        with self._engine.uow.write() as tx:
            for code in filter(None, (self._code, self._other)):
                dossier = tx.dossiers.find(code)
                if dossier.attention_at is not None:
                    tx.dossiers.put_off(dossier.id, self._at + _FOR_EVER)

    def _tell(self, code: str, line: int | None, **facts: object) -> None:
        at = written(self._at, self._engine.settings.zone)
        self.problems.append(fault(code, {"at": at, **facts}, story=self._story.name, line=line))

    def _stop(self, code: str, line: int | None, **facts: object) -> NoReturn:
        self._tell(code, line, **facts)
        raise _Over


def _steps(tasks: list[TaskRecord]) -> str:
    return ", ".join(task.step_id for task in tasks) or "–"


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


@contextmanager
def _heard() -> Iterator[list[BaseException]]:
    """Hear what the sweep only writes into the log when it puts a dossier off, and keep it out of the log."""
    heard: list[BaseException] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                heard.append(record.exc_info[1])

    log, ear = logging.getLogger("engine.services.overdue"), Ear()
    passed_on, log.propagate = log.propagate, False
    log.addHandler(ear)
    try:
        yield heard
    finally:
        log.removeHandler(ear)
        log.propagate = passed_on
