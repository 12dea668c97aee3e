"""A small office on a real database, walked through the real services: what the tests of the reading side look at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import event

from engine.bootstrap import Engine, build, calendar_of
from engine.clock import SetClock
from engine.config import Settings, load_settings
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Applicant, Submission
from engine.domain.people import Actor, Membership, Role
from engine.effects.library import Library
from letters import Letter

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OPENED = datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)  # a Monday; the next holiday is 26/04/2026
REISSUE, SPLIT = "1.012783", "1.012784"

DESK, REGISTRY, COMMUNE_DESK, DIVISION = "BS-TTPVHCC", "BS-CNAP", "AP-TTPVHCC", "BS-QLMT"
# username: (full name, role, unit)
CAST: Mapping[str, tuple[str, Role, str]] = {
    "lan": ("Hoàng Thị Lan", Role.CLERK, DESK),
    "mai": ("Đào Thị Mai", Role.CLERK, DESK),
    "minh": ("Phạm Đức Minh", Role.OFFICER, REGISTRY),
    "hai": ("Lê Văn Hải", Role.OFFICER, REGISTRY),
    "thanh": ("Võ Văn Thành", Role.LEADER, REGISTRY),
    "loan": ("Huỳnh Thị Loan", Role.CLERK, COMMUNE_DESK),
    "tuyet": ("Trần Thị Tuyết", Role.OFFICER, DIVISION),
    "hue": ("Đặng Thị Huệ", Role.SUPERVISOR, "BS"),
    "nga": ("Bùi Thị Nga", Role.SUPERVISOR, "AP"),
    "quan": ("Bùi Anh Quân", Role.ADMIN, "BS"),
}
# How each step is answered unless a test says otherwise.
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "appraise_dossier": {"appraisal": "qualified", "financial_obligation": "none"},
    "check_conditions": {"appraisal": "qualified", "drawing": "registry"},
    "review_dossier": {"decision": "approve"},
    "review_conditions": {"decision": "approve"},
    "sign_certificate": {"decision": "approve"},
    "receive_payment_proof": {"proof_number": "0012345", "paid_on": "2026-03-10"},
    "deliver_result": {"delivery_method": "in_person", "receiver_name": "Người nhận"},
}
_UNTIL_RESOLVED = 5


def on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A local moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def settings_of(url: str) -> Settings:
    return load_settings(ROOT / "config.yaml").model_copy(update={"database_url": url})


@cache
def _library() -> Library:
    return Library.open(ROOT / "bpmn")


@cache
def _calendar() -> WorkingCalendar:
    return calendar_of(load_settings(ROOT / "config.yaml"))


def fill(url: str) -> None:
    """Migrate a database and open the accounts of the cast; done once in a session, see `database_copy`."""
    engine = build(settings_of(url), clock=SetClock(OPENED))
    engine.migrate(OPENED)
    units = engine.office.units
    for username, (full_name, role, unit) in CAST.items():
        memberships = [Membership(units.by_code(unit).id, role)]
        engine.access.open_account(username, full_name, "một mật khẩu dài", memberships)
    engine.close()


@dataclass(frozen=True)
class FakeRendered:
    """A document that costs no rendering."""

    pdf: bytes
    sha256: str


def fake_render(letter: Letter) -> FakeRendered:
    pdf = f"%PDF {letter.number}".encode()
    return FakeRendered(pdf, hashlib.sha256(pdf).hexdigest())


@dataclass
class ReadOffice:
    """The office of a test."""

    engine: Engine
    received: int = field(default=0)

    @classmethod
    def on(cls, url: str, **changes: object) -> ReadOffice:
        engine = build(settings_of(url).model_copy(update=changes), clock=SetClock(OPENED), render=fake_render)
        # read once in a session: diagrams and calendar are the same for every test
        vars(engine).update(library=_library(), calendar=_calendar())
        return cls(engine)

    def actor(self, username: str) -> Actor:
        with self.engine.uow.read() as tx:
            person = tx.people.by_username(username)
            assert person is not None
            return tx.people.actor(person.id, person.username, person.full_name)

    def receive(
        self,
        name: str = "Nguyễn Thị Đào",
        *,
        at: datetime = OPENED,
        by: str = "lan",
        procedure: str = REISSUE,
        identity: str = "",
        phone: str = "0903456789",
    ) -> str:
        """Receive a dossier; answers its code."""
        self.received += 1
        applicant = Applicant(name, identity or f"0790880{self.received:05d}", "Phường An Phú", phone)
        unit_code = CAST[by][2]
        submission = Submission(procedure_code=procedure, unit_code=unit_code, applicant=applicant)
        return self.engine.intake.receive(self.actor(by), submission, at=at).code

    def do(
        self, code: str, *, at: datetime, step_id: str = "", by: str = "", answers: Mapping[str, str] | None = None
    ) -> str:
        """Complete an open step (the only one, or `step_id`) by somebody who may; answers its step id."""
        with self.engine.uow.read() as tx:
            tasks = tx.tasks.open_of(tx.dossiers.find(code).id)
        task = next(task for task in tasks if not step_id or task.step_id == step_id)
        who = by or next(
            name
            for name, (_, role, unit) in CAST.items()
            if role == task.role and self.engine.office.units.by_code(unit).id == task.unit_id
        )
        given = answers if answers is not None else ANSWERS.get(task.step_id, {})
        self.engine.processing.complete(self.actor(who), code, task.id, None, given, at=at)
        return task.step_id

    def resolve(self, code: str, *, at: datetime) -> None:
        """Do every step up to the result, all at one moment."""
        for minute in range(_UNTIL_RESOLVED):
            self.do(code, at=at + timedelta(minutes=minute))

    def deliver(self, code: str, *, at: datetime) -> None:
        """Do every step up to the end."""
        self.resolve(code, at=at)
        self.do(code, at=at + timedelta(minutes=_UNTIL_RESOLVED))

    def task_id(self, code: str) -> int:
        """The id of the first open step."""
        with self.engine.uow.read() as tx:
            return tx.tasks.open_of(tx.dossiers.find(code).id)[0].id

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The SQL statements that run inside the block."""
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        database = self.engine._database
        event.listen(database, "before_cursor_execute", note)
        yield statements
        event.remove(database, "before_cursor_execute", note)
