"""What happens in the demonstration: forty working days of an office, told through its real services.

Every dossier has a plan: what it is, how fast it is worked on, and where it takes a turn. The plans are walked in the
order of time, with the sweep between, so that warnings, overdue facts and letters come when they would have come.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.cli.demo.cast import COMPANIES, PASSWORD, STAFF, citizen
from engine.domain.dossier import Applicant, Channel, HandedInItem, Submission
from engine.domain.handing_over import ASKED_AT_HAND_OVER
from engine.domain.messages import NoticeChannel
from engine.domain.people import Membership, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.bootstrap import Engine
    from engine.domain.people import Actor
    from engine.domain.views import StepView

DAYS = 40
DOSSIERS = 84
ONLINE_SHARE = 0.35
# Every so many dossiers somebody splits a parcel and sells the part in one go (liên thông).
# How people want to be told, in turn; a third has no electronic mail, and those who wish nothing are telephoned.
WISHES = (
    (NoticeChannel.ZALO, NoticeChannel.SMS),
    (NoticeChannel.EMAIL, NoticeChannel.SMS),
    (NoticeChannel.SMS, NoticeChannel.POST),
    (),
    (NoticeChannel.POST,),
    (NoticeChannel.IN_PERSON,),
)
GROUP, GROUP_EVERY, GROUP_FIRST = "LT.000001", 28, 9


@dataclass(frozen=True, slots=True)
class Plan:
    """One dossier of the demonstration. `pace` 1 works exactly at the limits of its steps, 0.5 in half the time."""

    number: int
    procedure: str
    received_at: datetime
    pace: float
    case: str = ""
    channel: Channel = Channel.IN_PERSON
    turns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def fill(engine: Engine, now: datetime, on_progress: Callable[[], object] = lambda: None) -> int:
    """Fill an empty office; answers how many dossiers it got, 0 when it was not empty."""
    if engine.access.count_accounts():
        return 0
    actors = _hire(engine)
    plans = list(_plans(engine, now))
    stage = _Stage(engine, actors, now)
    for plan in plans:
        stage.announce(plan)
    stage.play(on_progress)
    stage.telephone()
    return len(plans)


def _hire(engine: Engine) -> dict[tuple[str, Role], Actor]:
    """Open the accounts; answers who holds which role in which unit (the first hired wins)."""
    actors: dict[tuple[str, Role], Actor] = {}
    for username, full_name, places in STAFF:
        memberships = tuple(Membership(engine.office.units.by_code(code).id, role) for code, role in places)
        actor = engine.access.open_account(username, full_name, PASSWORD, memberships, is_demo=True)
        for code, role in places:
            actors.setdefault((engine.office.units.by_code(code).name, role), actor)
    return actors


def _plans(engine: Engine, now: datetime) -> Iterator[Plan]:
    """Deal the dossiers out over the days before `now`: most go well, some are slow, some take a turn."""
    dice = random.Random(20261122)  # noqa: S311 - a story, not a secret
    zone = engine.settings.zone
    day = now.astimezone(zone).date()
    for _ in range(DAYS):
        day = engine.calendar.previous_working_day(day)
    turns: tuple[Mapping[str, Mapping[str, str]], ...] = (
        {},
        {},
        {},
        {
            "appraise": {
                "appraisal": "supplement",
                "missing_items": "Bản sao Giấy chứng nhận đã cấp\nMảnh trích đo bản đồ địa chính",
            }
        },
        {"approve": {"decision": "return", "return_reason": "facts", "comment": "Đề nghị kiểm tra lại diện tích"}},
    )
    for number in range(DOSSIERS):
        if number and number * DAYS // DOSSIERS > (number - 1) * DAYS // DOSSIERS:
            day = engine.calendar.add_working_days(day, 1)
        procedure = ("1.012783", "1.012784", "1.012783", "1.000987")[number % 4]
        if number % GROUP_EVERY == GROUP_FIRST and engine.groups.find(GROUP) is not None:
            procedure = GROUP
        at = datetime(day.year, day.month, day.day, 8, 5, tzinfo=zone) + timedelta(minutes=dice.randrange(0, 220))
        if at >= now:
            break
        channel = Channel.ONLINE if dice.random() < ONLINE_SHARE else Channel.IN_PERSON
        pace = dice.choice((0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.9, 1.3, 1.9))
        yield Plan(number, procedure, at, pace, channel=channel, turns=dice.choice(turns))


class _Stage:
    """Plays the plans in the order of time."""

    def __init__(self, engine: Engine, actors: dict[tuple[str, Role], Actor], now: datetime) -> None:
        self._engine = engine
        self._actors = actors
        self._now = now
        self._clerk = actors[engine.office.units.by_code("BS-TTPVHCC").name, Role.CLERK]
        self._queue: list[tuple[datetime, int, Plan, str | None]] = []
        self._turned: set[tuple[str, str]] = set()
        self._known: set[str] = set()

    def announce(self, plan: Plan) -> None:
        heapq.heappush(self._queue, (plan.received_at, plan.number, plan, None))

    def play(self, on_progress: Callable[[], object]) -> None:
        while self._queue:
            on_progress()
            at, number, plan, code = heapq.heappop(self._queue)
            self._engine.overdue.sweep_until(at)
            code = self._receive(plan, at) if code is None else self._step(plan, code, at)
            for each in (code, *self._begun(code, at)):
                following = self._next_moment(plan, each, at)
                if following is not None and following < self._now:
                    heapq.heappush(self._queue, (following, number, plan, each))
        self._engine.overdue.sweep_until(self._now)

    def telephone(self) -> None:
        """The desk has told by telephone whoever wished no other way, but for the calls of the last day."""
        calls = self._engine.messages.page(self._clerk, "call", page_size=200, at=self._now).lines
        for call in calls:
            if self._now - call.created_at > timedelta(days=1):
                said = "Đã gọi, người nộp đã nắm được"
                self._engine.messages.called(self._clerk, call.id, said, reached=True, at=self._now)

    def _begun(self, code: str, at: datetime) -> list[str]:
        """The dossiers of the same group that have begun with this act."""
        linked = self._engine.dossiers.view(self._clerk, code, at=at).linked
        codes = [line.code for line in linked.members if line.code and not line.is_this] if linked else []
        new = [other for other in codes if other not in self._known]
        self._known.update(new, [code])
        return new

    def _receive(self, plan: Plan, at: datetime) -> str:
        who = citizen(plan.number + 1)
        name = COMPANIES[plan.number % len(COMPANIES)] if plan.procedure == "1.000987" else who.name
        items = tuple(
            HandedInItem(item.id, item.name, item.originals, item.copies)
            for item in self._engine.catalogue.offer(plan.procedure, at=at).items
            if item.is_required
        )
        email = f"nguoidan{plan.number + 1}@example.vn" if plan.number % 3 else ""
        submission = Submission(
            procedure_code=plan.procedure,
            unit_code="BS-TTPVHCC",
            applicant=Applicant(name, who.identity_number, who.address, who.phone, email),
            notify_by=WISHES[plan.number % len(WISHES)],
            channel=plan.channel,
            case=plan.case,
            items=items,
            received_at=at,
        )
        return self._engine.intake.receive(self._clerk, submission, at=at).code

    def _step(self, plan: Plan, code: str, at: datetime) -> str:
        step, actor = self._open_step(code, at)
        answers = self._answers(plan, code, step, at)
        if {field.id for field in step.fields} >= ASKED_AT_HAND_OVER:
            version = self._engine.dossiers.view(actor, code, at=at).version
            self._engine.handing_over.as_expected(actor, (code, step.task_id, version), answers, at=at)
        else:
            self._engine.processing.complete(actor, code, step.task_id, None, answers, at=at)
        return code

    def _open_step(self, code: str, at: datetime) -> tuple[StepView, Actor]:
        view = self._engine.dossiers.view(self._clerk, code, at=at)
        step = view.steps[0]
        return step, self._actors[step.unit_name, Role(step.role)]

    def _next_moment(self, plan: Plan, code: str, at: datetime) -> datetime | None:
        """When the step that is open now will be done: its limit at the pace of the plan, or some days of waiting."""
        view = self._engine.dossiers.view(self._clerk, code, at=at)
        waits = view.linked is not None and view.linked.goes_together and not view.linked.is_complete
        if not view.steps or (waits and view.resolved_at is not None):
            return None
        step = view.steps[0]
        calendar = self._engine.calendar
        if step.step_due_at is None:
            is_slow = plan.number % 4 == 1 and step.step_id.startswith("receive_")
            return calendar.add_office_time(at, timedelta(hours=120 if is_slow else 5 + plan.number * 7 % 19))
        planned = calendar.office_time(at, step.step_due_at) * plan.pace
        return calendar.add_office_time(at, max(planned, timedelta(minutes=25)))

    def _answers(self, plan: Plan, code: str, step: StepView, at: datetime) -> dict[str, str]:
        """Fill in the form of a step: the turn of the plan the first time, the ordinary answer otherwise."""
        turn = next((turn for part, turn in plan.turns.items() if part in step.step_id), None)
        takes_turn = turn is not None and (code, step.step_id) not in self._turned
        self._turned.add((code, step.step_id))
        answers = {choice.id: choice.options[0][0] for choice in step.fields if choice.options}
        if takes_turn and turn is not None:
            known = {choice.id for choice in step.fields}
            answers.update({name: value for name, value in turn.items() if name in known})
        who = citizen(plan.number + 1)
        known_words = {"receiver_name": who.name, "receiver_identity": who.identity_number}
        words = {"date": at.astimezone(self._engine.settings.zone).date().isoformat(), "number": str(plan.number + 101)}
        for one in step.fields:
            if one.is_required and not one.options:
                answers[one.id] = known_words.get(one.id) or words.get(one.type) or "Đã thực hiện đầy đủ theo quy định"
        return answers
