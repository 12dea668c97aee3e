"""While nothing can be written, on both databases: pages are served, acts kept, the heartbeat rests, and it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine as Database
from sqlalchemy.exc import ProgrammingError

from engine.persistence.read_only import ReadOnlyNow
from engine.persistence.unit_of_work import DatabaseAway
from engine.scheduler import _can_write, _guarded
from engine.services.health import Doctor
from tests.builders import PASSWORD, Office, an_office, prepare_office
from tests.support.databases import SqliteMaker
from web import create_app


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    with an_office(database_copy(prepare_office), secret_key="only for tests") as office:
        yield office


@contextmanager
def nothing_can_be_written(database: Database) -> Iterator[None]:
    """The database itself refuses every write, as a standby or a file without permission does."""
    statement = {
        "sqlite": "PRAGMA query_only = 1",
        "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    }[database.dialect.name]

    def refuse(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(statement)
        cursor.close()
        if database.dialect.name == "postgresql":
            connection.commit()  # type: ignore[attr-defined]

    database.dispose()
    event.listen(database, "connect", refuse)
    try:
        yield
    finally:
        event.remove(database, "connect", refuse)
        database.dispose()


class Browser:
    """Somebody signed in, at pages without scripts."""

    def __init__(self, office: Office, username: str) -> None:
        self.app = create_app(office.engine)
        self.app.testing = True
        self.client = self.app.test_client()
        self.token = ""
        self.token = self._token(self.client.get("/dang-nhap").text)
        answer = self.post("/dang-nhap", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return found.group(1) if found else self.token

    def get(self, path: str):
        answer = self.client.get(path)
        self.token = self._token(answer.text)
        return answer

    def post(self, path: str, **fields: str):
        return self.client.post(path, data={"csrf_token": self.token} | fields)


def test_pages_go_on_acts_are_kept_and_everything_comes_back_by_itself(office: Office) -> None:
    code = office.receive()
    lan = Browser(office, "lan")
    database = office.engine._database
    worked: list[str] = []
    tick = _guarded("sweep", lambda: worked.append("done"), lambda: None, lambda: _can_write(office.engine))
    assert "chế độ chỉ đọc" not in lan.get(f"/work/{code}").text
    with nothing_can_be_written(database):
        task = office.open_tasks(code)[0].id
        assert office.engine.uow.read_only == "", "nobody asks before something is refused"
        refused = lan.post(f"/work/{code}/tasks/{task}/claim")
        assert refused.status_code == 503
        assert "Chưa ghi được" in refused.text
        version = str(office.dossier(code).version)
        kept = lan.post(f"/work/{code}/tasks/{task}/complete", version=version, remark="Đã gọi chủ hồ sơ")
        assert kept.status_code == 503
        assert "Đã gọi chủ hồ sơ" in kept.text
        resent = lan.post(f"/work/{code}/withdraw", version=version, reason="Chủ hồ sơ xin rút")
        assert (resent.status_code, "Chủ hồ sơ xin rút" in resent.text) == (503, True)
        for path in (f"/work/{code}", "/work", "/counter", "/tra-cuu", "/"):
            page = lan.get(path)
            assert (page.status_code, "chế độ chỉ đọc" in page.text) == (200, True), path
        tick()
        assert worked == []
        assert lan.get("/readyz").json == {"status": "ok", "read_only": True}
        assert "motcua_read_only 1.0" in lan.get("/metrics").text
        assert _writes(office) is False
        later = office.now
        office.clock.move_to(later.replace(hour=later.hour + 2))
        assert lan.get(f"/work/{code}").status_code == 200, "nobody is thrown out because their presence is not noted"
        office.clock.move_to(later)
    tick()
    assert worked == ["done"]
    assert office.engine.uow.read_only == ""
    assert "chế độ chỉ đọc" not in lan.get(f"/work/{code}").text
    assert lan.post(f"/work/{code}/tasks/{task}/claim").status_code == 303
    assert _writes(office) is True
    assert office.engine.audit.verify().ok


def _writes(office: Office) -> bool:
    doctor = Doctor(
        office.engine.uow,
        office.engine.settings,
        calendars=lambda: office.engine.calendars,
        check_schema=lambda: None,
        check_fonts=lambda: None,
    )
    return next(check.ok for check in doctor.look(office.now).checks if check.name == "Ghi cơ sở dữ liệu")


def test_the_first_act_that_is_taken_again_ends_it_without_a_heartbeat(office: Office) -> None:
    with nothing_can_be_written(office.engine._database), pytest.raises(ReadOnlyNow):
        office.receive()
    assert office.engine.uow.read_only
    office.receive()
    assert office.engine.uow.read_only == ""


@pytest.fixture
def office_on_a_small_disk(_sqlite_maker: SqliteMaker) -> Iterator[Office]:
    """Only SQLite can be given a small disk from within."""
    with an_office(_sqlite_maker.copy_of(prepare_office)) as office:
        yield office
    _sqlite_maker.drop_all()


def test_a_full_disk_is_told_as_such_and_what_is_there_is_read(office_on_a_small_disk: Office) -> None:
    office = office_on_a_small_disk
    code = office.receive()
    database = office.engine._database
    database.dispose()

    def small(connection: object, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    event.listen(database, "connect", small)

    def fill() -> None:
        for _each in range(200):
            office.receive()

    with pytest.raises(ReadOnlyNow, match="đĩa đã đầy"):
        fill()
    assert office.dossier(code).code == code
    event.remove(database, "connect", small)
    database.dispose()
    office.receive()
    assert office.engine.uow.read_only == ""


def test_other_faults_of_a_database_are_no_read_only_mode(office: Office) -> None:
    def write_nowhere() -> None:
        with office.engine.uow.write() as tx:
            tx.connection.execute(text("UPDATE no_such_table SET a = 1"))

    with pytest.raises((DatabaseAway, ProgrammingError)):
        write_nowhere()
    assert office.engine.uow.read_only == ""
    assert office.engine.uow.probe(office.now)
