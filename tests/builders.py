"""An office for tests, the people who work in it, and dossiers brought as far as a test needs by the real services.

    def test_x(office):                                     an empty office on SQLite and on PostgreSQL
        code = a_dossier(office, at=DossierStatus.IN_PROGRESS)
        office.person("minh")                               an officer of the land registry

Nothing here writes a row of a dossier by itself: what a builder cannot reach through the services, an office cannot
reach either. The clock stands where a test puts it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from engine.bootstrap import Engine, build
from engine.calendars import CalendarSource, read_source
from engine.cli.demo.cast import STAFF, citizen
from engine.clock import SetClock
from engine.config import Settings, load_settings
from engine.domain.dossier import Applicant, HandedInItem, Submission
from engine.domain.people import Actor, Membership, Role
from engine.domain.process import StepDefinition
from engine.domain.status import DossierStatus
from engine.effects.hand_over import is_hand_over_step
from engine.effects.library import Library
from engine.persistence.records import DossierRecord, LetterRecord, TaskRecord
from engine.process.catalogue import Catalogue
from engine.services.intake import Received
from letters import Letter, to_json

ROOT = Path(__file__).resolve().parents[1]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PASSWORD = "một mật khẩu đủ dài"

REISSUE, SPLIT, LICENCE = "1.012783", "1.012784", "1.000987"
DESK, REGISTRY, DEPARTMENT = "BS-TTPVHCC", "BS-CNAP", "BS-SNNMT"

# How a step is answered unless a test says otherwise: the straight way.
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "check_dossier": {"intake": "accepted"},
    "check_conditions": {"drawing": "applicant"},
    "receive_payment_proof": {"proof_number": "0012345", "paid_on": "2026-03-10"},
    "issue_submission": {"submission_number": "118/TTr-SNNMT", "submission_on": "2026-03-02"},
    "deliver_result": {"delivery_method": "in_person", "receiver_name": "Người nhận kết quả"},
}
# What the work lists are sorted by is a copy: it must never differ from the dossier.
STRAY_STEPS = """
SELECT d.code FROM tasks t JOIN dossiers d ON d.id = t.dossier_id WHERE t.closed_at IS NULL AND (
  t.desk_id <> d.unit_id OR t.deciding_unit_id <> d.deciding_unit_id OR CASE
    WHEN d.due_at IS NULL OR d.resolved_at IS NOT NULL OR d.ended_at IS NOT NULL
    THEN t.urgent_at < '8999-01-01' ELSE t.urgent_at <> d.due_at END)
"""
_STRAIGHT = {"appraisal": "qualified", "financial_obligation": "none", "decision": "approve"}
# Why a dossier is sent back, where a test does not say: asked with `decision: return` only.
_ALWAYS = {"return_reason": "facts"}


def local(moment: str) -> datetime:
    """A moment as people at the counter say it: ``2026-03-02 09:00``."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


MONDAY = local("2026-03-02 09:00")  # the next holiday is 26/04/2026


@dataclass(frozen=True)
class PretendedDocument:
    """A document that costs no rendering."""

    pdf: bytes
    sha256: str


def pretend_to_render(letter: Letter) -> PretendedDocument:
    """Stand in for the renderer: other letters, other bytes; the same letter, the same bytes."""
    pdf = b"%PDF-pretended " + to_json(letter).encode()
    return PretendedDocument(pdf, hashlib.sha256(pdf).hexdigest())


# Diagrams and calendar are the same for every test: read once in a session.
@cache
def _catalogue() -> Catalogue:
    return Catalogue.load(ROOT / "bpmn")


def _library(engine: Engine) -> Library:
    """What is published is remembered a database, so every engine has a library of its own."""
    return Library(_catalogue(), engine.settings.province)


@cache
def _calendar() -> CalendarSource:
    return read_source(load_settings(ROOT / "config.yaml"))


def read_once(engine: Engine) -> None:
    """Give an engine the diagrams and the calendar that this session has read already."""
    vars(engine).update(library=_library(engine), calendar_source=_calendar())


def settings_of(database_url: str, **changes: object) -> Settings:
    """The settings of the demonstration province over another database."""
    return load_settings(ROOT / "config.yaml").model_copy(update={"database_url": database_url, **changes})


def copy_procedures(folder: Path) -> Path:
    """Copy two procedures and what they need into `folder`: to be changed or spoilt, or because two are read sooner."""
    for part in ("shared", "calendars"):
        shutil.copytree(ROOT / "bpmn" / part, folder / part)
    (folder / "land").mkdir()
    for stem in ("reissue_certificate", "split_merge_parcel"):
        for file in (ROOT / "bpmn" / "land").glob(f"{stem}.*"):
            shutil.copy(file, folder / "land")
    return folder


def prepare_office(database_url: str) -> None:
    """Migrate a database and open the accounts of the cast; once in a session, see the fixture `database_copy`."""
    engine = build(settings_of(database_url), clock=SetClock(MONDAY))
    vars(engine).update(library=_library(engine))
    engine.migrate(MONDAY)
    for username, full_name, places in STAFF:
        memberships = [Membership(engine.office.units.by_code(code).id, role) for code, role in places]
        engine.access.open_account(username, full_name, PASSWORD, memberships)
    engine.close()


@contextmanager
def an_office(
    database_url: str,
    *,
    clock: datetime = MONDAY,
    render: Callable[[Letter], PretendedDocument] | None = pretend_to_render,
    **changes: object,
) -> Iterator[Office]:
    """Open the office over a database that `prepare_office` filled; `render=None` renders for real, in a child."""
    set_clock = SetClock(clock)
    engine = build(settings_of(database_url, **changes), clock=set_clock, render=render)
    if "procedures" not in changes:
        vars(engine).update(library=_library(engine))
    vars(engine).update(calendar_source=_calendar())
    try:
        yield Office(engine, set_clock)
    finally:
        engine.close()


@dataclass
class Office:
    """An office at work: its engine, its clock, its people, and what stands in its books."""

    engine: Engine
    clock: SetClock
    _people: dict[str, Actor] = field(default_factory=dict)
    _handed_in: int = 0

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.clock.now()

    def person(self, username: str) -> Actor:
        """Somebody of the cast."""
        if username not in self._people:
            with self.engine.uow.read() as tx:
                person = tx.people.by_username(username)
                assert person is not None, f"nobody here is called {username}"
                self._people[username] = tx.people.actor(person.id, person.username, person.full_name)
        return self._people[username]

    def whose_turn(self, task: TaskRecord) -> Actor:
        """The first of the cast who may do an open step."""
        people = (self.person(username) for username, _, _ in STAFF)
        return next(person for person in people if person.holds(Role(task.role), task.unit_id))

    # --- acts ---

    def submission(self, procedure: str = REISSUE, **changes: object) -> Submission:
        """A complete dossier over the counter of the province, each time of another citizen."""
        self._handed_in += 1
        who = citizen(self._handed_in)
        facts = {
            "procedure_code": procedure,
            "unit_code": DESK,
            "applicant": Applicant(who.name, who.identity_number, who.address, who.phone),
            "items": tuple(
                HandedInItem(item.id, item.name, item.originals, item.copies)
                for item in self.engine.library.of_procedure(procedure).procedure.items
                if item.is_required
            ),
        }
        return Submission(**(facts | changes))  # type: ignore[arg-type] # the fields of a submission

    def receive(
        self, procedure: str = REISSUE, *, by: str = "lan", at: datetime | None = None, **changes: object
    ) -> str:
        """Receive a dossier; answers its code."""
        return self.received(procedure, by=by, at=at, **changes).code

    def received(
        self, procedure: str = REISSUE, *, by: str = "lan", at: datetime | None = None, **changes: object
    ) -> Received:
        """Receive a dossier; answers what the counter hands over."""
        submission = self.submission(procedure, **changes)
        return self.engine.intake.receive(self.person(by), submission, at=at or self.now)

    def do(self, code: str, step_id: str = "", *, by: str = "", **answers: str) -> None:
        """Complete the open step of a dossier (`step_id` where there are several) by somebody whose turn it is."""
        task = next(task for task in self.open_tasks(code) if step_id in {"", task.step_id})
        actor = self.person(by) if by else self.whose_turn(task)
        version = self.dossier(code).version
        given = _ALWAYS | self._answers(code, task.step_id) | answers
        if is_hand_over_step(self._step(code, task.step_id)):
            self.engine.handing_over.as_expected(actor, (code, task.id, version), given, at=self.now)
        else:
            self.engine.processing.complete(actor, code, task.id, version, given, at=self.now)

    def sweep(self) -> tuple[int, int, int]:
        """Sweep now: how many were newly due soon, newly overdue, apologised for; no dossier may fail."""
        swept = self.engine.overdue.sweep(self.now)
        assert swept.failed == 0, "the sweep could not handle a dossier"
        return swept.due_soon, swept.overdue, swept.letters

    # --- what stands in the books ---

    def dossier(self, code: str) -> DossierRecord:
        """A dossier as it stands in its row."""
        with self.engine.uow.read() as tx:
            return tx.dossiers.find(code)

    def open_tasks(self, code: str) -> list[TaskRecord]:
        """The open steps of a dossier."""
        with self.engine.uow.read() as tx:
            return tx.tasks.open_of(tx.dossiers.find(code).id)

    def letters(self, code: str, form: str | None = None) -> list[LetterRecord]:
        """The letters of a dossier, oldest first."""
        with self.engine.uow.read() as tx:
            return tx.letters.of(tx.dossiers.find(code).id, form)

    def events(self, code: str, kind: str = "") -> list[Mapping[str, object]]:
        """The history of a dossier, oldest first: the facts of each event, with its kind and who did it."""
        with self.engine.uow.read() as tx:
            rows = tx.history.events(tx.dossiers.find(code).id)
        return [
            {"kind": row["kind"], "by": row["by"], "at": row["at"], **row["data"]}
            for row in rows
            if kind in {"", row["kind"]}
        ]

    def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        """What the database itself answers."""
        with self.engine.uow.read() as tx:
            return [tuple(row) for row in tx.connection.execute(text(query), parameters)]

    def count(self, table: str, where: str = "1 = 1", **parameters: object) -> int:
        """How many rows of a table there are."""
        query = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - the words of a test
        ((number,),) = self.rows(query, **parameters)
        assert isinstance(number, int)
        return number

    def _step(self, code: str, step_id: str) -> StepDefinition:
        with self.engine.uow.read() as tx:
            return self.engine.library.get(tx, tx.dossiers.find(code).definition_ref).steps[step_id]

    def _answers(self, code: str, step_id: str) -> dict[str, str]:
        form = {field.id for field in self._step(code, step_id).form}
        return {name: value for name, value in _STRAIGHT.items() if name in form} | dict(ANSWERS.get(step_id, {}))


def a_dossier(office: Office, *, at: DossierStatus = DossierStatus.IN_PROGRESS, procedure: str = REISSUE) -> str:
    """A dossier received now and worked on at once until it reaches a status on the straight way; answers its code."""
    code = office.receive(procedure)
    while office.dossier(code).status is not at:
        assert office.open_tasks(code), f"{procedure} does not come to {at!r} on the straight way"
        office.do(code)
    return code


def overdue_dossiers(
    office: Office, how_many: int, procedures: Iterable[str] = (REISSUE,), *, days: int = 30
) -> list[str]:
    """Dossiers received so many days ago that their date has passed, the procedures in turn; answers their codes."""
    kinds = tuple(procedures)
    at = office.now - timedelta(days=days)
    return [office.receive(kinds[number % len(kinds)], at=at) for number in range(how_many)]


def books_are_sound(office: Office) -> None:
    """What holds after every test: no chain is broken, no number is missing or given twice, every promise is known."""
    verified = office.engine.audit.verify()
    assert verified.ok, f"the history is broken at {verified.first_broken}"
    series: dict[tuple[object, ...], list[object]] = {}
    for row in office.rows("SELECT unit_id, form, year, number FROM letters ORDER BY number"):
        series.setdefault(row[:-1], []).append(row[-1])
    for scope, numbers in series.items():
        # a template may say where a series begins
        first = int(str(numbers[0])) if office.count("letter_templates") else 1
        assert numbers == list(range(first, first + len(numbers))), f"the series {scope} has a gap"
    unpromised = "id NOT IN (SELECT letter_id FROM outbox WHERE topic = 'render')"
    assert office.count("letters", unpromised) == 0, "a letter was issued and nobody promised its document"
    assert office.rows(STRAY_STEPS) == [], "an open step is not sorted by the date and the units of its dossier"


@pytest.fixture(name="office")
def office_fixture(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    """An empty office with its people, on SQLite and on PostgreSQL, that must leave its books in order."""
    with an_office(database_copy(prepare_office)) as office:
        yield office
        books_are_sound(office)
