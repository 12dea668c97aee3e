"""The office of `tests.builders`, driven by moments: what the tests of the reading side look at.

Every act names its local moment, so that a test reads like a calendar; and the SQL statements of a reading can be
counted, because a list must never cost one per row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import event

from engine.bootstrap import Engine
from engine.domain.dossier import Applicant
from engine.domain.people import Actor, Membership, Role
from engine.settings.overdue import OverdueSettings
from tests.builders import MONDAY, PASSWORD, REISSUE, ZONE, Office, an_office, prepare_office

DESK, REGISTRY, COMMUNE_DESK = "BS-TTPVHCC", "BS-CNAP", "AP-TTPVHCC"
SPLIT_PARCEL = "1.012784"


def on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A local moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def prepare(database_url: str) -> None:
    """The cast of the demonstration, and a supervisor who oversees one commune only."""
    prepare_office(database_url)
    with an_office(database_url) as office:
        commune = office.engine.office.units.by_code("AP").id
        office.engine.access.open_account("nga", "Bùi Thị Nga", PASSWORD, [Membership(commune, Role.SUPERVISOR)])


@contextmanager
def read_office(database_url: str, *, overdue: OverdueSettings | None = None) -> Iterator[ReadOffice]:
    """Open the office over a database that `prepare` filled."""
    with an_office(database_url, overdue=overdue or OverdueSettings()) as office:
        yield ReadOffice(office)


@dataclass
class ReadOffice:
    """The office of a test."""

    office: Office
    received: int = 0

    @property
    def engine(self) -> Engine:
        return self.office.engine

    def actor(self, username: str) -> Actor:
        return self.office.person(username)

    def receive(
        self,
        name: str = "Nguyễn Thị Đào",
        *,
        at: datetime = MONDAY,
        by: str = "lan",
        procedure: str = REISSUE,
        identity: str = "",
        phone: str = "0903456789",
    ) -> str:
        """Receive a dossier at the desk of `by`; answers its code."""
        self.received += 1
        applicant = Applicant(name, identity or f"0790880{self.received:05d}", "Phường An Phú", phone)
        return self.office.receive(procedure, by=by, at=at, applicant=applicant, unit_code="")

    def do(self, code: str, *, at: datetime, by: str = "", answers: Mapping[str, str] | None = None) -> None:
        """Complete the first open step at a moment, by whoever may."""
        self.office.clock.move_to(at)
        self.office.do(code, self.first_step(code), by=by, **(answers or {}))

    def resolve(self, code: str, *, at: datetime) -> None:
        """Do every step up to the result, one a minute."""
        while self.office.dossier(code).resolved_at is None:
            self.do(code, at=at)
            at += timedelta(minutes=1)

    def deliver(self, code: str, *, at: datetime) -> None:
        """Do every step up to the end."""
        while self.office.open_tasks(code):
            self.do(code, at=at)
            at += timedelta(minutes=1)

    def first_step(self, code: str) -> str:
        return self.office.open_tasks(code)[0].step_id

    def task_id(self, code: str) -> int:
        """The id of the first open step."""
        return self.office.open_tasks(code)[0].id

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The SQL statements that run inside the block."""
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if "SELECT" in statement:
                statements.append(statement)

        database = self.engine._database
        event.listen(database, "before_cursor_execute", note)
        yield statements
        event.remove(database, "before_cursor_execute", note)
