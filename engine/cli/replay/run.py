"""Live through a log: receive, work, sweep and close in the order of time, then count what came of it."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.dossier import Applicant, Channel, HandedInItem, Submission
from engine.domain.people import IMPORTER, imported
from engine.services.imports import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from engine.bootstrap import Engine
    from engine.cli.replay.log import Case
    from engine.cli.replay.mapping import Mapping, StepMapping

# At one instant a case is first received, then worked on, then closed.
RECEIVE, STEP, CLOSE = range(3)


@dataclass(slots=True)
class Tally:
    """What the replay counted while it ran."""

    events: int = 0
    taken: Counter[Taken] = field(default_factory=Counter)
    unknown_names: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, order=True)
class _Moment:
    at: datetime
    case_number: int
    kind: int
    order: int


class Replay:
    """One replay of a log on an empty office."""

    def __init__(self, engine: Engine, mapping: Mapping, cases: list[Case]) -> None:
        """Prepare to live through `cases`."""
        self._engine = engine
        self._mapping = mapping
        self._cases = cases
        self._codes: dict[int, str] = {}
        self._desk = _desk(engine)
        self.tally = Tally()

    @property
    def moments(self) -> int:
        """How many things will happen: the length of the progress bar."""
        return sum(len(case.events) + 1 + (case.delivered_at is not None) for case in self._cases)

    def run(self, until: datetime, on_progress: Callable[[], object]) -> None:
        """Live through every case up to `until`, where the clock stops; the sweep runs a last time then."""
        for moment in heapq.merge(*(sorted(self._of_case(number)) for number in range(len(self._cases)))):
            if moment.at > until:
                break
            self._engine.overdue.sweep_until(moment.at)
            self._happen(moment)
            on_progress()
        self._engine.overdue.sweep_until(until)
        self._engine.overdue.sweep(until)

    def _of_case(self, number: int) -> Iterator[_Moment]:
        """What happens to a case; events outside the handling wait until the dossier is there to hold them."""
        case = self._cases[number]
        yield _Moment(case.received_at, number, RECEIVE, 0)
        for order, event in enumerate(case.events):
            is_late = case.delivered_at is not None and event.at > case.delivered_at
            yield _Moment(max(event.at, case.received_at), number, CLOSE if is_late else STEP, order + is_late)
        if case.delivered_at is not None:
            yield _Moment(case.delivered_at, number, CLOSE, 0)

    def _happen(self, moment: _Moment) -> None:
        case = self._cases[moment.case_number]
        if moment.kind == RECEIVE:
            self._codes[moment.case_number] = self._receive(case)
        elif moment.kind == CLOSE and moment.order == 0:
            self._engine.delivery.close(
                IMPORTER, self._codes[moment.case_number], at=moment.at, message=self._mapping.closing
            )
        else:
            place = moment.order - (moment.kind == CLOSE)
            self._step(self._codes[moment.case_number], case, place)

    def _receive(self, case: Case) -> str:
        channel = self._mapping.channels.get(case.channel, Channel.IN_PERSON)
        procedure = self._engine.library.of_procedure(self._mapping.procedure).procedure
        submission = Submission(
            procedure_code=self._mapping.procedure,
            unit_code=self._desk,
            applicant=Applicant(full_name=f"Hồ sơ {case.id}"),
            channel=channel,
            case=procedure.default_case.id,
            items=tuple(HandedInItem(item.id, item.name, item.originals, item.copies) for item in procedure.items),
            received_at=case.received_at,
            agreed_due_at=case.due_at,
            external_code=case.id,
            idempotency_key=f"replay:{case.id}",
        )
        return self._engine.intake.receive(IMPORTER, submission, at=case.received_at).code

    def _step(self, code: str, case: Case, place: int) -> None:
        event = case.events[place]
        self.tally.events += 1
        step = self._mapping.steps.get(event.name)
        if step is None:
            self.tally.unknown_names[event.name] += 1
        taken = self._engine.imports.step(
            imported(event.actor),
            code,
            step.step if step else "",
            self._answers(step, case, place) if step else {},
            at=event.at,
            source=event.name,
            group=event.group,
        )
        self.tally.taken[taken] += 1

    def _answers(self, step: StepMapping, case: Case, place: int) -> dict[str, str]:
        later = [event.name for event in case.events[place + 1 :] if case.is_inside(event)]
        return self._mapping.answers(step, later)


def _desk(engine: Engine) -> str:
    """The first one-stop desk of the installation: the log knows no desks."""
    return next(unit.code for unit in engine.office.units if unit.kind == "one_stop")
