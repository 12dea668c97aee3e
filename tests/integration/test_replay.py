"""`motcua replay`: a log lived through again counts what anyone can count from the log alone.

The counting here reads the CSV with nothing of ours. The real log lies beside the repository; where it is not, its
test says so and the small log of our own making (tests/data) shows the same.
"""

from __future__ import annotations

import csv
import gzip
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.builders import ROOT
from tests.support.command import CONFIG, Ran, motcua

DATA = ROOT / "tests" / "data"
SMALL, SMALL_MAPPING = DATA / "small_log.csv", DATA / "small_log.mapping.yaml"
REAL = ROOT.parent / "shared" / "data" / "receipt-part1.csv.gz"
REAL_MAPPING = ROOT / "bpmn" / "environment" / "receipt_desk.mapping.yaml"

# case, receipt, due, end, step, instant, who
SMALL_COLUMNS = ("ho_so", "nhan", "hen", "tra", "buoc", "luc", "nguoi")
REAL_COLUMNS = (
    "case:concept:name",
    "case:startdate",
    "case:deadline",
    "case:enddate",
    "concept:name",
    "time:timestamp",
    "org:resource",
)

# --- counting by hand -------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    case: str
    start: datetime
    due: datetime
    end: datetime | None
    step: str
    at: datetime
    who: str


def read_rows(path: Path, columns: Sequence[str], zone: ZoneInfo) -> list[Row]:
    """The rows of a log, with nothing but the standard library."""

    def instant(text: str) -> datetime:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=zone)

    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = []
    for cells in csv.DictReader(content.decode().splitlines()):
        case, start, due, end, step, at, who = (cells[column] for column in columns)
        row = Row(case, instant(start), instant(due), instant(end) if end else None, step, instant(at), who)
        rows.append(row)
    return rows


def count_by_hand(rows: list[Row], zone: ZoneInfo) -> dict[str, Any]:
    """What the log says by itself, by the rules written beside it."""
    cases = {row.case: row for row in rows}.values()
    stops_at = max(at for row in rows for at in (row.at, row.start, row.end) if at is not None)
    delivered = [case for case in cases if case.end is not None]
    late, early, on_time = [], 0, 0
    for case in delivered:
        assert case.end is not None
        if case.end > case.due:
            late.append(case.case)
        elif case.end.astimezone(zone).date() < case.due.astimezone(zone).date():
            early += 1
        else:
            on_time += 1
    open_and_passed = [case.case for case in cases if case.end is None and stops_at > case.due]
    outside = [row for row in rows if row.at < row.start or (row.end is not None and row.at > row.end)]
    overdue = sorted([*late, *open_and_passed])
    return {
        "dossiers": len(cases),
        "events": len(rows),
        "recorded_outside": len(outside),
        "delivered": len(delivered),
        "open": len(cases) - len(delivered),
        "early": early,
        "on_time": on_time,
        "late": len(late),
        "overdue": len(overdue),
        "apology_letters": len(overdue),
        "apology_pdfs": len(overdue),
        "letter_coverage": 1.0,
        "late_ids": sorted(late),
        "overdue_ids": overdue,
    }


# --- what the replay found --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Replayed:
    """One replay, the database that it kept, and the rows it was made from."""

    found: dict[str, Any]
    by_hand: dict[str, Any]
    database: Path
    rows: list[Row]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()


def replay(log: Path, mapping: Path, columns: Sequence[str], zone: str, keep: Path) -> Replayed:
    ran = motcua("replay", log, "--mapping", mapping, "--keep", keep, "--json")
    assert ran.code == 0, ran.err
    assert ran.err == "", "with --json and nobody at a terminal it says nothing else"
    rows = read_rows(log, columns, ZoneInfo(zone))
    return Replayed(ran.json, count_by_hand(rows, ZoneInfo(zone)), keep, rows)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    keep = tmp_path_factory.mktemp("small") / "kept.db"
    return replay(SMALL, SMALL_MAPPING, SMALL_COLUMNS, "Asia/Ho_Chi_Minh", keep)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    if not REAL.exists():
        pytest.skip(f"THE REAL LOG IS NOT HERE, its replay was not tested: ../shared/data/{REAL.name}")
    keep = tmp_path_factory.mktemp("real") / "kept.db"
    return replay(REAL, REAL_MAPPING, REAL_COLUMNS, "Europe/Amsterdam", keep)


@pytest.fixture(params=["small", "real"])
def replayed(request: pytest.FixtureRequest) -> Replayed:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Replayed)
    return found


def test_the_small_log_counts_what_its_page_says(small: Replayed):
    expected = {
        "dossiers": 12,
        "events": 37,
        "deviations": 2,
        "recorded_outside": 2,
        "delivered": 9,
        "open": 3,
        "early": 3,
        "on_time": 3,
        "late": 3,
        "overdue": 4,
        "apology_letters": 4,
        "apology_pdfs": 4,
        "letter_coverage": 1.0,
        "late_ids": ["a04", "a05", "a10"],
        "overdue_ids": ["a04", "a05", "a06", "a10"],
        "unknown_steps": {"Gọi điện": 1},
        "ends_at": "2026-04-30T17:00:00+07:00",
    }
    assert small.found == expected
    assert {name: value for name, value in expected.items() if name in small.by_hand} == small.by_hand


@pytest.mark.timeout(900)
def test_every_figure_is_what_anyone_counts_from_the_log_alone(replayed: Replayed):
    assert {name: replayed.found[name] for name in replayed.by_hand} == replayed.by_hand


def test_the_real_log_is_the_one_that_its_page_describes(real: Replayed):
    assert (real.found["dossiers"], real.found["events"], real.found["recorded_outside"]) == (717, 4378, 12 + 97)


def test_each_overdue_case_has_exactly_one_letter_and_one_document_of_it(replayed: Replayed):
    query = """
        SELECT external_code, count(letters.id), count(pdf), min(substr(pdf, 1, 8)), count(DISTINCT sha256)
        FROM dossiers JOIN letters ON dossier_id = dossiers.id AND form = 'apology'
        LEFT JOIN letter_documents ON letter_id = letters.id GROUP BY external_code ORDER BY external_code
    """
    overdue = replayed.by_hand["overdue_ids"]
    assert replayed.query(query) == [(case, 1, 1, b"%PDF-1.7", 1) for case in overdue]
    numbers = "SELECT number FROM letters WHERE form = 'apology' AND year = {} ORDER BY number"
    for (year,) in replayed.query("SELECT DISTINCT year FROM letters WHERE form = 'apology'"):
        found = [number for (number,) in replayed.query(numbers.format(year))]
        assert found == list(range(1, len(found) + 1))


def test_no_letter_was_issued_before_the_date_was_missed(replayed: Replayed):
    due = {row.case: row.due for row in replayed.rows}
    query = """
        SELECT external_code, missed_due_at, issued_at FROM letters JOIN dossiers ON dossiers.id = dossier_id
        WHERE form = 'apology'
    """
    for case, missed, issued in replayed.query(query):
        assert datetime.fromisoformat(missed + "+00:00") == due[case]
        assert datetime.fromisoformat(issued + "+00:00") > due[case]


def test_every_row_of_the_log_is_in_the_history_at_its_moment_under_its_name(replayed: Replayed):
    kinds = ("step_completed", "deviation", "recorded_outside")
    query = f"""
        SELECT external_code, json_extract(data, '$.source'), at, "by", kind FROM audit_events
        JOIN dossiers ON dossiers.id = dossier_id WHERE kind IN {kinds} AND json_extract(data, '$.source') IS NOT NULL
    """  # noqa: S608 - our own words
    kept: Counter[tuple[object, ...]] = Counter()
    found: Counter[str] = Counter()
    for case, source, at, by, kind in replayed.query(query):
        kept[case, source, datetime.fromisoformat(at + "+00:00"), by.removeprefix("import").removeprefix(":")] += 1
        found[kind] += 1
    assert kept == Counter((row.case, row.step, row.at, row.who) for row in replayed.rows)
    assert found["deviation"] == replayed.found["deviations"]
    assert found["recorded_outside"] == replayed.found["recorded_outside"]


def test_a_second_sweep_adds_nothing(replayed: Replayed, tmp_path: Path):
    copy = shutil.copy(replayed.database, tmp_path / "again.db")
    again = motcua("sweep", "--at", replayed.found["ends_at"], "--json", database_url=f"sqlite:///{copy}")
    assert (again.code, {name: again.json[name] for name in ("due_soon", "overdue", "letters", "failed")}) == (
        0,
        {"due_soon": 0, "overdue": 0, "letters": 0, "failed": 0},
    )


def test_the_history_of_the_replay_is_a_whole_chain(replayed: Replayed):
    ran = motcua("audit", "verify", "--json", database_url=f"sqlite:///{replayed.database}")
    ((events,),) = replayed.query("SELECT count(*) FROM audit_events")
    assert ran.json == {"ok": True, "events": events, "first_broken": None}


def test_a_replay_may_be_stopped_earlier_and_then_knows_only_what_had_happened():
    """At the instant at which most of it is due nothing is late yet; a05, a06 and a10 are open."""
    ran = motcua("replay", SMALL, "--mapping", SMALL_MAPPING, "--until", "2026-03-20T17:00", "--json")
    assert ran.code == 0, ran.err
    figures = {name: ran.json[name] for name in ("dossiers", "delivered", "early", "on_time", "late", "overdue")}
    assert figures == {"dossiers": 12, "delivered": 5, "early": 2, "on_time": 3, "late": 0, "overdue": 0}
    assert ran.json["ends_at"] == "2026-03-20T17:00:00+07:00"


def test_without_keep_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert motcua("replay", SMALL, "--mapping", SMALL_MAPPING, "--json").code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_office_of_the_person_at_the_keyboard_is_not_touched(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/mine.db"
    assert motcua("replay", SMALL, "--mapping", SMALL_MAPPING, "--json", database_url=url).code == 0
    assert not (tmp_path / "mine.db").exists()


# --- what cannot be used ----------------------------------------------------------------------------------------------

Spoil = Callable[[str], str]


def change(old: str, new: str, times: int = 1) -> Spoil:
    def spoil(content: str) -> str:
        assert old in content
        return content.replace(old, new, times)

    return spoil


def refused(tmp_path: Path, log: Path = SMALL, mapping: Path = SMALL_MAPPING) -> Ran:
    """The replay says one line, with exit 2, and nothing is written."""
    keep = tmp_path / "kept.db"
    ran = motcua("replay", log, "--mapping", mapping, "--keep", keep, "--json", config=CONFIG)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1, ran.err
    assert not keep.exists()
    return ran


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (change("ho_so,nhan,hen,", "ho_so,nhan,han,"), ("dòng 1", "hen")),
        (change("2026-03-03 08:00", "ngày 3 tháng 3"), ("dòng 3", "luc", "ngày 3 tháng 3")),
        (change("2026-03-20 17:00", "2026-13-20 17:00"), ("dòng 2", "hen", "2026-13-20")),
        (change("2026-03-20 17:00", ""), ("dòng 2", "hen")),
        (change("\na02,2026-03-02 09:10", "\na02,2026-03-02 09:11"), ("dòng 9", "a02")),
        (change("2026-03-19 16:00", "2026-03-01 16:00", 9), ("dòng 2", "tra")),
        (change("2026-03-20 17:00", "2026-03-01 17:00", 99), ("dòng 2", "hen")),
        (lambda content: content.splitlines()[0] + "\n", ("không có dòng dữ liệu",)),
        (lambda _: "", ("dòng 1",)),
    ],
)
def test_a_log_that_cannot_be_read_is_named_with_line_and_column(tmp_path: Path, spoil: Spoil, words):
    log = tmp_path / "log.csv"
    log.write_text(spoil(SMALL.read_text(encoding="utf-8")), encoding="utf-8")
    complaint = refused(tmp_path, log=log).complaint
    for word in (str(log), *words):
        assert word in complaint


@pytest.mark.parametrize("content", [b"this is not gzip", b"\x1f\x8b\x08\x00broken"])
def test_a_broken_gzip_is_named(tmp_path: Path, content: bytes):
    log = tmp_path / "log.csv.gz"
    log.write_bytes(content)
    assert str(log) in refused(tmp_path, log=log).complaint


def test_a_gzip_that_was_cut_short_is_named(tmp_path: Path):
    log = tmp_path / "log.csv.gz"
    whole = gzip.compress(SMALL.read_bytes())
    log.write_bytes(whole[: len(whole) // 2])
    assert str(log) in refused(tmp_path, log=log).complaint


def test_a_log_in_another_alphabet_is_named(tmp_path: Path):
    log = tmp_path / "log.csv"
    log.write_bytes(SMALL.read_text(encoding="utf-8").encode("utf-16"))
    assert str(log) in refused(tmp_path, log=log).complaint


def test_a_log_that_is_not_there_is_named(tmp_path: Path):
    assert "nothing.csv" in refused(tmp_path, log=tmp_path / "nothing.csv").complaint


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (change("timezone:", "time_zone:"), ("time_zone",)),
        (change("  actor: nguoi", "  actor: nguoi\n  colour: mau"), ("columns.colour",)),
        (change("timezone: Asia/Ho_Chi_Minh", "timezone: Asia/Saigon_City"), ("Asia/Saigon_City",)),
        (change("choose: confirmation_check", "choose: no_choice"), ("no_choice",)),
        (change("quay: in_person", "quay: by_horse"), ("channels",)),
        (change('procedure: "0.000001"', 'procedure: "9.999999"'), ("9.999999",)),
        (change("step: send_confirmation", "step: send_confirmaton"), ("Gửi", "send_confirmaton")),
        (change("closing: closed", "closing: shut"), ("closing", "shut")),
        (change("columns:", "columns: ["), ("YAML",)),
        (change("  case: ho_so\n", ""), ("columns.case",)),
    ],
)
def test_a_mapping_that_cannot_be_used_is_named_with_its_place(tmp_path: Path, spoil: Spoil, words):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(spoil(SMALL_MAPPING.read_text(encoding="utf-8")), encoding="utf-8")
    complaint = refused(tmp_path, mapping=mapping).complaint
    for word in words:
        assert word in complaint


def test_a_kept_database_is_never_written_over(tmp_path: Path):
    keep = tmp_path / "kept.db"
    keep.write_bytes(b"mine")
    ran = motcua("replay", SMALL, "--mapping", SMALL_MAPPING, "--keep", keep, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert str(keep) in ran.err
    assert keep.read_bytes() == b"mine"
