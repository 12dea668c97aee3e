"""Write known files into the tables of an installation (SQLite), and beside them into a flat ledger of the truth.

The ledger is a database of its own with six plain tables (`LEDGER`): nothing of the product stands in it. Both are
filled row by row from a stream, so memory does not grow. Indexes are taken down before and built again after.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from benchmarks.known.files import DAY, FEEDBACK, NOW_S, SHIFT, File, local_day
from benchmarks.province import GIVEN, MIDDLE, SURNAMES
from engine.domain.dossier import fold

LEDGER = """
CREATE TABLE f (id INTEGER PRIMARY KEY, code TEXT, proc TEXT, unit INT, desk INT, channel TEXT, back TEXT,
  received INT, first INT, due INT, done INT, ended INT, result TEXT, officer TEXT, clerk TEXT, paused INT, draft INT,
  issued INT, apology TEXT, misses INT, corrected INT, returns INT, supplements INT, upheld INT, scanned INT,
  late_records INT,
  s_unit INT, s_counter INT, s_other INT, s_applicant INT, p1 INT, p2 INT, p2_own INT, p3 INT, p4 INT, p7 INT);
CREATE TABLE m (file INT, missed INT, found INT, second INT, letter TEXT, issued INT, new_due INT, delivered INT);
CREATE TABLE s (file INT, unit INT, step INT, closed INT, late INT, interrupted INT, record TEXT);
CREATE TABLE w (file INT, about INT, upheld INT, late INT, ended_on TEXT);
CREATE TABLE p (file INT, taken INT, method TEXT, undone INT);
CREATE TABLE b (month TEXT, unit INT, proc TEXT, channel TEXT, timeliness TEXT, item TEXT, level INT, ballot INT);
"""
STEPS = (("appraise_dossier", "Thẩm tra hồ sơ"), ("sign_result", "Ký kết quả"), ("deliver_result", "Trả kết quả"),
         ("supplement", "Chờ bổ sung"))  # fmt: skip
_STEP_STATUS = (4, 4, 9, 5)
_COLUMNS: dict[str, str] = {
    "dossiers": "id code external_code receipt_token procedure_code procedure_name case_id definition_ref unit_id"
    " deciding_unit_id status channel result_channel applicant_name applicant items details content search_key"
    " received_at received_by due_at first_due_at is_paused overdue_count supplement_rounds return_count"
    " correction_count resolved_at delivered_at delivered_by ended_at version event_count event_hash has_draft",
    "tasks": "id dossier_id task_key step_id diagram_element name role unit_id status waits_for opened_at claimed_by_id"
    " closed_at closed_by is_interrupted late_minutes desk_id deciding_unit_id urgent_at",
    "outcomes": "dossier_id deciding_unit_id unit_id procedure_code result timeliness is_apologised is_corrected"
    " supplement_rounds return_count received_month finished_at recorded_at phases time_shares facts",
    "letters": "id dossier_id unit_id form regime title event_key year number number_text token data issued_at"
    " issued_by missed_due_at new_due_at delivered_at",
    "overdue_facts": "id dossier_id missed_due_at kind found_at ordinal",
    "letter_drafts": "id dossier_id unit_id event_key due_at state reason_id reason new_due_at created_at created_by",
    "late_records": "id dossier_id task_id unit_id done_at recorded_at recorded_by reason evidence first_entry"
    " last_entry state decided_at decided_by",
    "attachments": "id dossier_id item_id name kind size sha256 unit_id added_at added_by removed_reason",
    "feedback_links": "dossier_id about_unit_id kind via finding is_upheld is_late ended_on",
}
_AT_ONCE = 20_000
_NAMES = tuple(f"{a} {b} {c}" for a in SURNAMES for b in MIDDLE for c in GIVEN)
_FOLDED = tuple(map(fold, _NAMES))
_NO_DATE = "9000-01-01 00:00:00.000000"


@cache
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d")


def text_of(second: int | None) -> str | None:
    """An instant as the product keeps it on SQLite."""
    if second is None:
        return None
    rest = second % DAY
    return f"{_date(second // DAY)} {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}.000000"


class Writer:
    """Rows by table, written so many at once."""

    def __init__(self, product: sqlite3.Connection, ledger: sqlite3.Connection) -> None:
        self._product, self._ledger = product, ledger
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._letters: dict[tuple[int, int], int] = {}
        self._ids = dict.fromkeys(("letters", "overdue_facts", "letter_drafts", "late_records", "attachments"), 0)
        self._indexes: list[str] = []

    def fill(self, files: Iterable[File]) -> None:
        """Write every file; builds the indexes in the end."""
        self._take_indexes_down()
        for number, file in enumerate(files, 1):
            self._write(file)
            if number % _AT_ONCE == 0:
                self._flush()
        self._flush()
        self._ledger.executescript("CREATE INDEX f_done ON f (done); CREATE INDEX m_missed ON m (missed);"
                                   "CREATE INDEX s_closed ON s (closed);")  # fmt: skip
        self._ledger.commit()
        for statement in self._indexes:
            self._product.execute(statement)
        self._product.commit()

    def _take_indexes_down(self) -> None:
        self._product.execute("PRAGMA foreign_keys=OFF")
        self._product.execute("PRAGMA synchronous=OFF")
        self._product.execute("PRAGMA cache_size=-200000")
        self._ledger.execute("PRAGMA synchronous=OFF")
        for table in _COLUMNS:
            found = self._product.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
                (table,),
            ).fetchall()
            for name, statement in found:
                self._indexes.append(statement)
                self._product.execute(f"DROP INDEX {name}")
        self._product.commit()

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            if table in _COLUMNS:
                names = _COLUMNS[table].split()
                marks = ", ".join("?" * len(names))
                quoted = ", ".join(f'"{name}"' for name in names)
                self._product.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows)
            else:
                self._ledger.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        self._rows.clear()
        self._product.commit()
        self._ledger.commit()

    def _add(self, table: str, *row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def _next(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    # --- one file ---

    def _write(self, file: File) -> None:
        self._dossier(file)
        records = self._write_steps(file)
        if file.end is not None:
            self._outcome(file, records)
        self._write_lateness(file)
        if file.is_scanned:
            number = self._next("attachments")
            self._add(
                "attachments", number, file.id, "papers", "giay-to.pdf", "pdf", 1000, "0" * 64, file.desk_id,
                text_of(file.received), file.clerk, "",
            )  # fmt: skip
        if file.sort.code == FEEDBACK and file.result != "refused":
            self._feedback(file)
        apology = file.apology
        self._add(
            "f", file.id, code_of(file), file.sort.code, file.unit_id, file.desk_id, file.channel, file.result_channel,
            file.received, file.first_due, file.due, file.done, file.end, file.result, file.officer, file.clerk,
            file.is_paused, file.has_draft, apology.issued if apology else None, file.apology_class,
            len(file.missed), file.corrected,
            file.returns, file.supplements, file.upheld, file.is_scanned, records, *file.shares, *file.points,
        )  # fmt: skip

    def _dossier(self, file: File) -> None:
        n, who = file.id, file.id * 7919 % len(_NAMES)
        is_resolved = file.done is not None and file.result not in {"refused", "withdrawn", "discontinued"}
        is_fetched = file.end is not None and is_resolved
        status = {"refused": 3, "withdrawn": 8, "discontinued": 8}.get(
            file.result, 10 if is_fetched else 9 if is_resolved else 4
        )
        card, phone = f"{100000000000 + n * 7}", f"09{10000000 + n * 3}"
        facts = {"full_name": _NAMES[who], "identity_number": card, "address": "", "phone": phone, "email": ""}
        applicant = json.dumps(facts, ensure_ascii=False)
        self._add(
            "dossiers", n, code_of(file), "", f"known-{n:09d}", file.sort.code, file.sort.name, file.sort.case,
            file.sort.ref, file.desk_id, file.unit_id, status, file.channel, file.result_channel, _NAMES[who],
            applicant, "[]", "{}", file.sort.name, f"{_FOLDED[who]} {card} {phone}", text_of(file.received),
            file.clerk, text_of(file.due),
            text_of(file.first_due), file.is_paused and file.is_open, len(file.missed), file.supplements, file.returns,
            int(file.corrected), text_of(file.done) if is_resolved else None, text_of(file.end) if is_fetched else None,
            file.clerk if is_fetched else None, text_of(file.end), 1, 0, "", file.has_draft,
        )  # fmt: skip

    def _write_steps(self, file: File) -> int:
        """Steps with what was recorded late; answers how many of those nobody refused."""
        urgent = text_of(file.due) if file.is_open and file.done is None and file.due else _NO_DATE
        records = 0
        for place, step in enumerate(file.steps):
            key, (step_id, name) = file.id * 5 + place, STEPS[step.number]
            waits = "applicant" if step.number == 3 else None
            self._add(
                "tasks", key, file.id, f"{step_id}-{place}", step_id, step_id, name,
                "officer" if step.number < 2 else "clerk", step.unit_id, _STEP_STATUS[step.number], waits,
                text_of(step.opened), None, text_of(step.closed), step.by if step.closed is not None else None,
                step.is_interrupted, step.late_minutes, file.desk_id, file.unit_id, urgent,
            )  # fmt: skip
            if step.closed is not None:
                self._add(
                    "s",
                    file.id,
                    step.unit_id,
                    step.number,
                    step.closed,
                    step.late_minutes,
                    step.is_interrupted,
                    step.late_record,
                )
            if step.late_record:
                records += step.late_record != "refused"
                decided = None if step.late_record == "pending" else text_of(step.closed)
                self._add(
                    "late_records", self._next("late_records"), file.id, key, step.unit_id, text_of(step.opened),
                    text_of(step.closed), step.by, "Mất mạng", "Sổ giấy", 1, 0, step.late_record, decided,
                    decided and "giam",
                )  # fmt: skip
        return records

    def _outcome(self, file: File, records: int) -> None:
        p1, p2, own, p3, p4, p7 = file.points
        keys = (f"unit:{file.unit_id}", "counter", "other_agency", "applicant")
        shares = {key: seconds for key, seconds in zip(keys, file.shares, strict=True) if seconds}
        hands = [
            [file.unit_id, "", p2],
            [file.unit_id, file.officer, own],
            [file.desk_id, "", None],
            [file.desk_id, file.clerk, None],
        ]
        facts = {
            "office_minutes": sum(file.shares[:2]) // 60, "corrections": int(file.corrected),
            "returns": {"unknown": file.returns} if file.returns else {}, "supplements": file.supplements,
            "apology": file.apology_class, "late_records": records, "upheld": file.upheld, "channel": file.channel,
            "points": {"1": p1, "2": p2, "3": p3, "4": p4, "7": p7}, "agencies": hands,
        }  # fmt: skip
        self._add(
            "outcomes", file.id, file.unit_id, file.desk_id, file.sort.code, file.result, file.timeliness,
            file.apology is not None, file.corrected, file.supplements, file.returns, text_of(file.received)[:7],
            text_of(file.done), text_of(file.end), "[]", json.dumps(shares), json.dumps(facts),
        )  # fmt: skip

    def _write_lateness(self, file: File) -> None:
        number = ""
        if file.apology is not None:
            number = self._letter(file)
        for place, missed in enumerate(file.missed):
            self._add(
                "overdue_facts",
                self._next("overdue_facts"),
                file.id,
                text_of(missed),
                "overdue",
                text_of(missed + 30),
                place + 1,
            )
            is_second = file.apology is not None and missed == file.apology.new_due
            self._miss(file, missed, missed + 30, number, is_second=is_second)
        if file.apology is not None and file.first_due not in file.missed:
            self._miss(file, file.first_due or 0, None, number, is_second=False)
        if file.has_draft:
            self._add(
                "letter_drafts", self._next("letter_drafts"), file.id, file.unit_id, "apology:1", text_of(file.due),
                "waiting", "workload", "Nhiều hồ sơ", text_of(NOW_S // DAY * DAY + 3 * DAY),
                text_of(file.first_due), "scheduler",
            )  # fmt: skip

    def _miss(self, file: File, missed: int, found: int | None, number: str, *, is_second: bool) -> None:
        letter = file.apology if not is_second else None
        told = (number, letter.issued, letter.new_due, letter.delivered) if letter else (None,) * 4
        self._add("m", file.id, missed, found, is_second, *told)

    def _letter(self, file: File) -> str:
        letter = file.apology
        assert letter is not None
        year = local_day(letter.issued).year
        series = self._letters[file.unit_id, year] = self._letters.get((file.unit_id, year), 0) + 1
        number, key = f"{series:02d}/PXL-{file.unit_id}", self._next("letters")
        self._add(
            "letters", key, file.id, file.unit_id, "apology", "current", "Phiếu xin lỗi", "apology:1", year, series,
            number, f"known-{key:09d}", "{}", text_of(letter.issued), "scheduler", text_of(file.first_due),
            text_of(letter.new_due), text_of(letter.delivered),
        )  # fmt: skip
        return number

    def _feedback(self, file: File) -> None:
        ended = local_day(file.done).isoformat() if file.end is not None and file.done is not None else None
        late = file.timeliness == "late" if ended else None
        upheld = file.id % 3 == 0 if ended else None
        finding = "" if not ended else "right" if upheld else "wrong"
        self._add("feedback_links", file.id, file.about_unit, "delay", "web", finding, upheld, late, ended)
        self._add("w", file.id, file.about_unit, upheld, late, ended)


def code_of(file: File) -> str:
    """The code of a file."""
    return f"000.00.00.H99-{_date((file.received + SHIFT) // DAY)[2:].replace('-', '')}-{file.id:07d}"
