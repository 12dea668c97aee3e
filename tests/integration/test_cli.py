"""The command: what it prints for scripts, and what it says when it cannot use what it was given.

Exit codes: 0 fine, 1 faults were found, 2 unusable input (one line says what and where), 3 cannot run here.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from engine.domain.status import DossierStatus
from engine.persistence.base import open_database
from tests.builders import (
    LICENCE,
    REISSUE,
    ROOT,
    Office,
    a_dossier,
    an_office,
    copy_procedures,
    local,
    overdue_dossiers,
    prepare_office,
)
from tests.support.command import CONFIG, PROGRAM, Ran, motcua, start_motcua
from tests.support.network import held_port

Run = Callable[..., Ran]
MAPPING = ROOT / "tests" / "data" / "small_log.mapping.yaml"


@pytest.fixture
def url(office: Office) -> str:
    """The database of an empty office; commands come to it from outside."""
    return office.engine.settings.database_url


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two procedures: a command that reads them all takes its time, and these tests run many."""
    return str(copy_procedures(tmp_path_factory.mktemp("few") / "bpmn"))


@pytest.fixture
def run(few: str) -> Run:
    """Call it with the address of a database and the arguments of a command."""

    def command(url: str, *arguments: object) -> Ran:
        return motcua(*arguments, config=CONFIG, database_url=url, procedures=few)

    return command


# --- set up -----------------------------------------------------------------------------------------------------------


def test_migrate_makes_an_office_out_of_nothing_and_may_be_repeated(run: Run, database_url: str):
    first = run(database_url, "migrate")
    assert (first.code, first.out) == (0, "")
    assert "; 2 phiên bản thủ tục mới" in first.err
    second = run(database_url, "migrate")
    assert (second.code, "; 0 phiên bản thủ tục mới" in second.err) == (0, True)
    assert run(database_url, "audit", "verify", "--json").json == {"ok": True, "events": 0, "first_broken": None}


def test_demo_fills_an_empty_office_once(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/demo.db"

    def run(*arguments: str) -> Ran:
        return motcua(*arguments, database_url=url)

    run("migrate")
    assert run("demo").code == 0
    with an_office(url) as office:
        dossiers = office.count("dossiers")
        assert dossiers > 30
        assert office.count("letters", "form = 'apology'") > 0
        assert office.count("people", "is_demo") > 5
    again = run("demo")
    assert (again.code, "không lập thêm" in again.err) == (0, True)
    with an_office(url) as office:
        assert office.count("dossiers") == dossiers
    assert run("audit", "verify", "--json").json["ok"] is True


# --- the jobs of the house --------------------------------------------------------------------------------------------


def test_sweep_tells_what_it_found_and_finds_it_once(run: Run, office: Office, url: str):
    overdue_dossiers(office, 3)
    office.receive(at=office.now - timedelta(days=5))  # due today
    at = office.now.isoformat()
    first = run(url, "sweep", "--at", at, "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json == {"at": "2026-03-02T09:00:00+07:00", "due_soon": 1, "overdue": 3, "letters": 3, "failed": 0}
    second = run(url, "sweep", "--at", at, "--json")
    assert second.json == first.json | {"due_soon": 0, "overdue": 0, "letters": 0}


def test_a_sweep_at_a_local_moment_means_the_offices_time(run: Run, office: Office, url: str):
    office.receive(at=office.now)  # due on Thursday at 17:00
    assert run(url, "sweep", "--at", "2026-03-05T17:00", "--json").json["overdue"] == 0
    assert run(url, "sweep", "--at", "2026-03-05T17:01", "--json").json["overdue"] == 1


def test_a_sweep_that_failed_for_a_dossier_says_so_and_exits_1(run: Run, office: Office, url: str):
    code = office.receive(at=office.now - timedelta(days=30))
    with office.engine.uow.write() as tx:
        tx.dossiers.save_state(office.dossier(code).id, b"no state at all")
    ran = run(url, "sweep", "--at", office.now.isoformat(), "--json")
    assert (ran.code, ran.json["failed"], ran.json["letters"]) == (1, 1, 0)


def test_outbox_renders_real_documents_and_then_has_nothing_to_do(run: Run, office: Office, url: str):
    office.receive()
    first = run(url, "outbox", "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json == {"rendered": 1, "sent": 1, "failed": 0, "waiting": 0, "channels": {}}
    assert run(url, "outbox", "--once", "--json").json == {
        "rendered": 0,
        "sent": 0,
        "failed": 0,
        "waiting": 0,
        "channels": {},
    }
    with office.engine.uow.read() as tx:
        document = tx.letters.document(1)
    assert document is not None
    assert document.startswith(b"%PDF-1.7")


def test_audit_verify_names_the_line_that_was_forged(run: Run, office: Office, url: str):
    code = a_dossier(office)
    fine = run(url, "audit", "verify", "--json")
    assert (fine.code, fine.json) == (0, {"ok": True, "events": office.dossier(code).event_count, "first_broken": None})
    with office.engine.uow.write() as tx:
        original = tx.connection.scalar(text("SELECT data FROM audit_events WHERE seq = 2"))
        tx.connection.execute(text("UPDATE audit_events SET data = '{}' WHERE seq = 2"))
    forged = run(url, "audit", "verify", "--json")
    assert (forged.code, forged.json["ok"], forged.json["first_broken"]) == (1, False, f"{code}#2")
    assert original  # what was there is lost: only the chain knows
    with office.engine.uow.write() as tx:  # leave the books in order for the fixture
        tx.connection.execute(text("DELETE FROM audit_events"))
        tx.connection.execute(text("UPDATE dossiers SET event_count = 0, event_hash = ''"))


def test_doctor_finds_a_scheduler_that_never_ran(run: Run, url: str):
    ran = run(url, "doctor", "--json")
    assert set(ran.json) == {"ok", "checks"}
    assert all(set(check) == {"name", "ok", "detail"} for check in ran.json["checks"])
    assert (ran.code, ran.json["ok"]) == (1, False)
    faults = {check["name"] for check in ran.json["checks"] if not check["ok"]}
    assert faults - {"Lịch làm việc"} == {"Bộ hẹn giờ"}, "whether next year is known hangs on the day it is asked"


def test_report_results_counts_what_ended_and_says_what_each_figure_means(run: Run, office: Office, url: str):
    for days in (0, 14):  # one at once, one a fortnight later, long after its date
        code = office.receive(at=local("2026-03-02 09:00"))
        office.clock.move_to(local("2026-03-02 09:00") + timedelta(days=days))
        while office.open_tasks(code):
            office.do(code)
    ran = run(url, "report", "results", "--from", "2026-03-01", "--to", "2026-03-31")
    assert (ran.code, ran.err) == (0, "")
    assert {"report", "period", "rows", "totals", "definitions"} <= set(ran.json)
    assert (ran.json["report"], ran.json["period"]) == ("results", {"from": "2026-03-01", "to": "2026-03-31"})
    (row,) = ran.json["rows"]
    expected = {"finished": 2, "early": 1, "late": 1, "overdue": 1, "apologised": 1, "on_time_share": 0.5}
    for figures in (row, ran.json["totals"]):
        assert {name: figures[name] for name in expected} == expected
        assert figures["apology_coverage"] == 1.0
    assert (row["unit_code"], row["procedure_code"], row["month"]) == ("BS-CNAP", REISSUE, "2026-03")
    definitions = {definition["name"]: definition for definition in ran.json["definitions"]}
    assert set(ran.json["totals"]) <= set(definitions)
    assert all(definition["meaning"] for definition in definitions.values())
    assert definitions["apology_coverage"]["denominator"]
    nothing = run(url, "report", "results", "--from", "2026-04-01", "--to", "2026-04-30").json
    assert (nothing["rows"], nothing["totals"]["finished"], nothing["totals"]["on_time_share"]) == ([], 0, None)


def test_a_report_backwards_in_time_or_of_nobody_is_exit_2(run: Run, url: str):
    backwards = run(url, "report", "results", "--from", "2026-03-02", "--to", "2026-03-01")
    nobody = run(url, "report", "results", "--from", "2026-03-01", "--to", "2026-03-31", "--unit", "NOWHERE")
    assert (backwards.code, backwards.out, nobody.code, nobody.out) == (2, "", 2, "")
    assert "NOWHERE" in nobody.complaint


def test_scheduler_sweeps_renders_and_ends_when_it_is_told_to(tmp_path: Path, few: str):
    url = f"sqlite:///{tmp_path}/office.db"
    prepare_office(url)
    with an_office(url) as office:
        overdue_dossiers(office, 2)
    process = start_motcua("scheduler", database_url=url, procedures=few)
    try:
        assert process.stderr is not None
        assert "đang chạy" in process.stderr.readline()
        with an_office(url) as office:
            wait_until(lambda: office.count("letter_documents") == 4 and office.engine.outbox.waiting() == 0)
            assert office.count("letters", "form = 'apology'") == 2
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")


def test_serve_answers_and_keeps_the_heart_beating(tmp_path: Path, few: str):
    url = f"sqlite:///{tmp_path}/office.db"
    prepare_office(url)
    with held_port() as port:
        process = start_motcua("serve", "--port", port, database_url=url, secret_key="only for tests", procedures=few)
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
            with an_office(url) as office:
                wait_until(lambda: office.count("heartbeats") == 2)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)
    assert process.returncode == 0


def wait_until(is_so: Callable[[], bool], seconds: float = 240) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, "it did not come to it in time"
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=20) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


# --- check ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def diagrams(tmp_path: Path) -> Path:
    """A copy of the diagrams, to be spoilt."""
    return copy_procedures(tmp_path / "bpmn")


def spoil(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_every_diagram_of_the_house_is_sound():
    ran = motcua("check", ROOT / "bpmn", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.json) == {"files"}
    assert len(ran.json["files"]) >= 8
    assert all(file["ok"] for file in ran.json["files"])
    assert all({"path", "ok", "changes", "problems"} <= set(file) for file in ran.json["files"])


@pytest.mark.parametrize(
    ("name", "old", "new", "element"),
    [
        (
            "land/reissue_certificate.bpmn",
            'sourceRef="forward_dossier" targetRef="appraise_dossier"',
            'sourceRef="forward_dossier" targetRef="appraise_dosier"',
            "flow_forward_dossier_to_appraise_dossier",
        ),
        (
            "land/reissue_certificate.bpmn",
            '<motcua:actor role="officer" unit="land_registry" />',
            "",
            "lane_land_registry_officer",
        ),
        (
            "land/reissue_certificate.bpmn",
            '<motcua:step limit="0.5" phase="appointment_1" status="RECEIVED" />',
            '<motcua:step limit="1.5" phase="appointment_1" status="RECEIVED" />',
            "forward_dossier",
        ),
    ],
)
def test_a_fault_in_a_diagram_is_found_and_its_place_is_named(diagrams: Path, name, old, new, element):
    spoil(diagrams / name, old, new)
    ran = motcua("check", diagrams, "--json")
    assert ran.code == 1
    faulty = [file for file in ran.json["files"] if not file["ok"]]
    assert [Path(file["path"]).name for file in faulty] == [Path(name).name]
    problems = faulty[0]["problems"]
    assert all({"code", "element", "message"} <= set(problem) for problem in problems)
    assert any(element in f"{problem['element']} {problem['message']}" for problem in problems)


def test_a_file_that_is_not_there_cannot_be_checked(tmp_path: Path):
    ran = motcua("check", tmp_path / "nothing.bpmn", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing.bpmn" in ran.err


# --- what cannot be used ----------------------------------------------------------------------------------------------

COMMANDS = [
    ("sweep", "--json"),
    ("outbox", "--json"),
    ("audit", "verify", "--json"),
    ("report", "results", "--from", "2026-01-01", "--to", "2026-12-31"),
]


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Call it with changes of the settings: a config.yaml beside copies of the procedures."""

    def write(*changes: tuple[str, str]) -> Path:
        path = tmp_path / "config.yaml"
        shutil.copyfile(ROOT / "config.yaml", path)
        if not (tmp_path / "bpmn").exists():
            copy_procedures(tmp_path / "bpmn")
        for old, new in changes:
            spoil(path, old, new)
        return path

    return write


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("sweep_every_seconds: 30", "sweep_every_secs: 30", "overdue.sweep_every_secs"),
        ("timezone: Asia/Ho_Chi_Minh", "time_zone: Asia/Ho_Chi_Minh", "time_zone"),
        ("timezone: Asia/Ho_Chi_Minh", "timezone: Asia/Saigon_City", "timezone"),
        ("sweep_every_seconds: 30", "sweep_every_seconds: soon", "overdue.sweep_every_seconds"),
        ("code: BS-VP", "code: BS", "BS"),
        ("overdue:", "overdue: [", "dòng"),
    ],
)
def test_settings_that_are_not_right_are_named_with_file_and_place(config, old, new, place):
    path = config((old, new))
    for command in (("sweep", "--json"), ("migrate",), ("due", "--unit", "same_day", "--received", "2026-03-02")):
        ran = motcua(*command, config=path)
        assert (ran.code, ran.out) == (2, "")
        assert str(path) in ran.complaint
        assert place in ran.complaint
    assert not (path.parent / "var").exists(), "nothing was written"


def test_settings_that_are_not_there_are_said_to_be_missing(tmp_path: Path):
    ran = motcua("sweep", "--json", config=tmp_path / "no.yaml")
    assert ran.code == 2
    assert "no.yaml" in ran.complaint


def test_a_broken_diagram_stops_the_office_before_anything_is_written(config):
    path = config()
    spoil(path.parent / "bpmn/land/reissue_certificate.bpmn", 'targetRef="appraise_dossier"', 'targetRef="nowhere"')
    ran = motcua("migrate", config=path)
    assert (ran.code, ran.out) == (2, "")
    assert "reissue_certificate" in ran.complaint
    assert "nowhere" in ran.complaint
    assert not (path.parent / "var").exists()


def test_a_database_that_was_never_set_up_says_what_to_do(run: Run, database_url: str):
    for command in COMMANDS:
        ran = run(database_url, *command)
        assert (ran.code, ran.out) == (2, "")
        assert "motcua migrate" in ran.complaint


def test_a_database_of_a_newer_program_is_left_alone(run: Run, office: Office, url: str):
    overdue_dossiers(office, 1)
    with office.engine.uow.write() as tx:
        was = tx.connection.scalar(text("SELECT version_num FROM alembic_version"))
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999_of_the_future'"))
    for command in (*COMMANDS, ("migrate",)):
        ran = run(url, *command)
        assert (ran.code, ran.out) == (2, "")
        assert "9999_of_the_future" in ran.complaint
    assert office.count("letters", "form = 'apology'") == 0
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": was})


def test_a_database_that_is_away_is_exit_3(run: Run):
    with held_port() as port:
        for command in (*COMMANDS, ("migrate",)):
            ran = run(f"postgresql://motcua:secret@127.0.0.1:{port}/motcua", *command)
            assert (ran.code, ran.out) == (3, "")
            assert "cơ sở dữ liệu" in ran.complaint
            assert "secret" not in ran.err


def test_a_file_that_is_no_database_is_one_clear_line(run: Run, tmp_path: Path):
    (tmp_path / "office.db").write_bytes(b"this is not a database" * 100)
    ran = run(f"sqlite:///{tmp_path}/office.db", "sweep", "--json")
    assert ran.code in {2, 3}
    assert "cơ sở dữ liệu" in ran.complaint
    assert (tmp_path / "office.db").read_bytes() == b"this is not a database" * 100


def test_an_unknown_command_or_option_is_exit_2():
    for arguments in (("nonsense",), ("sweep", "--nonsense"), ("report", "nonsense")):
        ran = motcua(*arguments, config=None)
        assert (ran.code, ran.out) == (2, "")


def test_help_needs_no_settings_and_no_database():
    assert motcua("--version", config=None).out.startswith("motcua ")
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {PROGRAM}"
    with start_motcua("--help", config=None, program=program) as started:
        out, loaded = started.communicate()
    assert started.returncode == 0
    assert not {"sqlalchemy", "engine.config", "engine.bootstrap"} & set(loaded.split()), "it answers at once"
    assert "Cách dùng: motcua" in out
    for name in (
        "due",
        "check",
        "migrate",
        "demo",
        "serve",
        "scheduler",
        "sweep",
        "outbox",
        "replay",
        "report",
        "audit",
    ):
        assert name in out


def test_the_letters_of_each_unit_are_its_own(run: Run, office: Office, url: str):
    overdue_dossiers(office, 4, (REISSUE, LICENCE), days=60)
    run(url, "sweep", "--at", office.now.isoformat(), "--json")
    engine = open_database(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT number_text FROM letters WHERE form = 'apology' ORDER BY number_text"))
        numbers = [row.number_text for row in rows]
    engine.dispose()
    assert numbers == ["01/PXL-CNVPĐKĐĐ", "01/PXL-SNNMT", "02/PXL-CNVPĐKĐĐ", "02/PXL-SNNMT"]


# --- what an office keeps, by hand ------------------------------------------------------------------------------------


@pytest.mark.any_database
def test_accounts_are_opened_changed_and_closed_by_command(run: Run, url: str, tmp_path: Path):
    opened = run(url, "accounts", "open", "thu.nguyen", "Nguyễn Thị Thu", "--roles", "clerk@AP-TTPVHCC")
    assert opened.out.splitlines()[1].startswith("thu.nguyen,Nguyễn Thị Thu,")
    for words in (
        ("roles", "thu.nguyen", "officer@AP-KT"),
        ("reset-codes", "thu.nguyen"),
        ("deactivate", "thu.nguyen"),
    ):
        assert run(url, "accounts", *words).code == 0
    (line,) = run(url, "accounts", "list", "--search", "thi thu", "--json").json
    assert (line["roles"], line["is_active"]) == (["officer@AP-KT"], False)
    assert run(url, "accounts", "reopen", "Thu.Nguyen").code == 0
    people = tmp_path / "people.csv"
    people.write_text("username,full_name,roles\nmai.le,Lê Mai,clerk@AP-TTPVHCC\nhai,,x@y\n", encoding="utf-8")
    looked = run(url, "accounts", "import", people, "--apply")
    assert (looked.code, looked.out) == (1, "")
    assert "dòng 3: " in looked.err
    assert "2 dòng, 1 dòng sai" in looked.err


@pytest.mark.any_database
def test_records_are_proved_carried_out_and_reported_by_command(run: Run, office: Office, url: str, tmp_path: Path):
    code = a_dossier(office, at=DossierStatus.DELIVERED)
    march, april = (("--from", f"2026-0{month}-01", "--to", f"2026-0{month}-30") for month in (3, 4))
    # by the rules of the house, which stand beside its procedures
    assert "1 kết quả, đều khớp" in motcua("outcomes", "verify", *march, database_url=url).out
    assert run(url, "outcomes", "verify", *april, "--json").json["ok"] is True
    assert run(url, "outcomes", "rebuild", "--json").json == {"outcomes": 1}
    assert run(url, "export", code, tmp_path / "out" / "file.zip").code == 0
    assert run(url, "export", tmp_path / "bag", "--unit", "BS", "--since", "2026-03-01").code == 0
    packed = [(tmp_path / name).read_bytes() for name in ("out/file.zip", f"bag/{code}.zip")]
    assert packed[0] == packed[1]
    assert run(url, "files", "check", "--json").json["ok"] is True
    book = tmp_path / "book.xlsx"
    assert run(url, "report", "units", "--period", "2026-03-01..2026-03-31", "--xlsx", book).code == 0
    assert book.read_bytes().startswith(b"PK")
    assert "quét 0" in run(url, "files", "tidy").out
    assert "bước đang mở có dự báo" in run(url, "forecast", "learn").out


@pytest.mark.any_database
def test_what_cannot_be_used_is_one_line_that_says_where(run: Run, url: str, tmp_path: Path):
    order = tmp_path / "order.yaml"
    order.write_text("document: QĐ 1\n", encoding="utf-8")
    for says, code, *words in (
        ("Không có lệnh 'nonsense'", 2, "nonsense"),
        ("Có phải là: '--pdf', '--period'", 2, "report", "units", "--perid", "2026-10"),
        ("Thiếu tùy chọn '--from'", 2, "outcomes", "verify"),
        ("'hom-nay' không phải là ngày", 2, "outcomes", "verify", "--from", "hom-nay", "--to", "2026-03-01"),
        ("ngày cuối", 2, "outcomes", "verify", "--from", "2026-03-02", "--to", "2026-03-01"),
        ("không có “x”", 2, "report", "progress", "--period", "2026-10", "--with", "x=1"),
        ("hệ điều hành báo", 3, "report", "units", "--period", "2026-10", "--xlsx", tmp_path / "no" / "book.xlsx"),
        ("NOPE", 2, "export", "NOPE", tmp_path / "x.zip"),
        ("không có", 2, "parcels", "import", tmp_path / "no.csv", "--unit", "BS-CNAP"),
        ("thiếu cột", 2, "parcels", "import", order, "--unit", "BS-CNAP"),
        ("không có tệp này", 2, "forecast", "evaluate", "--log", tmp_path / "no.csv", "--mapping", MAPPING),
        ("“nobody”", 2, "accounts", "reset-password", "nobody"),
        ("“boss@AP”", 2, "accounts", "open", "abc", "Ai Đó", "--roles", "boss@AP"),
        ("thiếu khóa 'units'", 2, "reorganise", "look", order),
        ("đợt sắp xếp số 9", 2, "reorganise", "revert", "9"),
    ):
        ran = run(url, *words)
        assert (ran.code, ran.out) == (code, ""), words
        assert ran.complaint.startswith("motcua: ")
        assert says in ran.complaint, ran.complaint
