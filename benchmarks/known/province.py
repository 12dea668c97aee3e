"""Make an installation that holds a known province, and ask it for every report."""

from __future__ import annotations

import math
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from benchmarks.known.answers import Asked, Wanted, World
from benchmarks.known.files import LOG, NOW, ROOT, Lots, Places, Sort, local_day, midnight
from benchmarks.known.tables import LEDGER, Writer
from benchmarks.known.told import ToldAnswers
from engine.domain.board import KINDS, Choice
from engine.domain.permissions import ONE_STOP
from engine.domain.report_model import Document, Table
from engine.domain.report_period import ReportPeriod
from engine.domain.report_registry import REPORTS
from engine.effects.reading import lens_at
from tests.builders import Office, an_office, prepare_office

# How often each is asked for, out of so many together; the rest of what is offered shares what is left.
_OFTEN = {"1.012783": 300, "1.012784": 90, "1.010733": 40, "0.000002": 6, "0.000003": 4}
_FEW = 12
# What reports say of procedures and walls, not of files: held by tests against their own files and what was entered.
NOT_OF_FILES = frozenset({"catalogue", "postings", "publication", "simplification"})
_SAME = 1e-9
_NONE = "no such cell"


@dataclass(slots=True)
class Province:
    """An office with its files, and the ledger of their truth."""

    office: Office
    answers: ToldAnswers
    took: dict[str, float]
    whence: str
    ledger: sqlite3.Connection


@contextmanager
def a_province(files: int, *, seed: int = 1, log: Path = LOG) -> Iterator[Province]:
    """So many files on SQLite, in a folder that is thrown away; `took` says how long each phase was."""
    with tempfile.TemporaryDirectory(prefix="motcua-known-") as folder:
        url, took = f"sqlite:///{folder}/product.db", dict[str, float]()
        ledger = sqlite3.connect(f"{folder}/truth.db")
        ledger.executescript(LEDGER)
        with _timed(took, "office"):
            prepare_office(url)
        with an_office(url, clock=NOW) as office:
            sorts = sorts_of(office)
            lots = Lots(sorts, places_of(office), seed=seed, log=log)
            product = sqlite3.connect(f"{folder}/product.db")
            with _timed(took, "files"):
                Writer(product, ledger).fill(lots.draw(files))
            product.close()
            with _timed(took, "outcomes rebuild"):
                office.engine.outcomes.rebuild(at=NOW)
            with _timed(took, "entries and ballots"):
                world = _world(office, sorts, ledger)
            yield Province(office, ToldAnswers(ledger, world), took, lots.whence, ledger)
        ledger.close()


@contextmanager
def _timed(took: dict[str, float], phase: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    took[phase] = time.perf_counter() - begun


def sorts_of(office: Office) -> tuple[Sort, ...]:
    """The procedures that are offered, each with the limit of its first case, as its file says."""
    found = []
    for drawn in office.engine.library.current():
        procedure = drawn.procedure
        amounts = [phase.limit.amount for case in procedure.cases[:1] for phase in case.phases]
        days = min(60, max(3, math.ceil(sum(amounts, Decimal()))))
        sector, weight = (procedure.sector, procedure.sector_name), _OFTEN.get(procedure.code, _FEW)
        found.append(Sort(procedure.code, procedure.cases[0].id, drawn.ref, procedure.name, sector, days, weight))
    return tuple({sort.code: sort for sort in found}.values())


def places_of(office: Office) -> Places:
    """Desks are the one-stop counters; every other unit decides."""
    units = list(office.engine.office.units)
    desks = tuple(unit.id for unit in units if unit.kind == ONE_STOP)
    deciding = tuple(unit.id for unit in units if unit.id not in desks)
    return Places(deciding, desks, tuple(unit.id for unit in units))


def _world(office: Office, sorts: tuple[Sort, ...], ledger: sqlite3.Connection) -> World:
    tree = office.engine.office.units
    folder = ROOT / "bpmn/satisfaction"
    nine = yaml.safe_load((folder / "nine_indicators.yaml").read_text(encoding="utf-8"))
    sipas = yaml.safe_load((folder / "sipas_2020.yaml").read_text(encoding="utf-8"))
    items = [item for criterion in sipas["criteria"] for item in criterion["items"]]
    results = next(criterion for criterion in sipas["criteria"] if criterion["code"] == "IV")
    lines = (results, *results["items"])
    paid, entered = _enter(office)
    _ballots(office, ledger, tuple(item["code"] for item in items))
    _payments(office, ledger)
    return World(
        units={unit.id: (unit.code, unit.name) for unit in tree},
        below={unit.code: frozenset(tree.under(unit.id)) for unit in tree},
        procedures={sort.code: (sort.name, sort.sector) for sort in sorts},
        paid=paid,
        entered=entered,
        grades=[(grade["from"], grade["name"]) for grade in nine["grades"]],
        items=[(item["code"], item["name"], float(item["value"]), float(item["target"])) for item in items],
        criterion=[(f"{each['code']}. {each['name']}", float(each["value"]), float(each["target"])) for each in lines],
        levels=_levels(office),
        criteria=[
            *(
                (f"{each['code']}. {each['name']}", float(each["value"]), float(each["target"]))
                for each in sipas["criteria"]
            ),
            ("Chỉ số chung", float(sipas["value"]), None),
        ],
    )


def _levels(office: Office) -> Mapping[str, str]:
    """What each file of facts says of the online service, in the words of the report."""
    words = {
        "full": "Dịch vụ công trực tuyến toàn trình",
        "partial": "Dịch vụ công trực tuyến một phần",
        "none": "Chưa cung cấp trực tuyến",
    }
    found: dict[str, str] = {}
    for path in sorted((ROOT / "bpmn").glob("*/*.yaml")):
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "code" in facts and facts.get("province", "") in {"", office.engine.office.library.province}:
            level = words.get((facts.get("online") or {}).get("level", ""), "chưa rõ")
            if found.get(facts["code"], "chưa rõ") == "chưa rõ":
                found[facts["code"]] = level
    return found


def _enter(office: Office) -> tuple[Mapping[tuple[int, str], float], Mapping[tuple[int, str], Mapping[int, int]]]:
    """What supervisors entered for units and months: shares of payment, and three of the nine indicators."""
    paid, entered = dict[tuple[int, str], float](), dict[tuple[int, str], dict[int, int]]()
    with office.engine.uow.write() as tx:
        for unit in office.engine.office.units:
            for month in ("2025-06", "2025-11", "2026-01", "2026-02"):
                number = unit.id * 7 + int(month[5:])
                values = {"qd766:online_payments": number % 101}
                paid[unit.id, month] = number % 101
                if number % 3:
                    entered[unit.id, month] = {n: (number + n) % 3 for n in (5, 6, 9)}
                    values |= {f"tt01:{n}": value for n, value in entered[unit.id, month].items()}
                for code, value in values.items():
                    tx.surveys.enter(
                        unit_id=unit.id, month=month, code=code, value=Decimal(value), evidence="Biên bản", reason="",
                        entered_at=NOW, entered_by="giam",
                    )  # fmt: skip
    return paid, entered


def _payments(office: Office, ledger: sqlite3.Connection) -> None:
    """Something taken for every twentieth file on the day of its receipt; how, follows from its number."""
    methods = ("counter", "online", "transfer", "online", "exempt")
    taken = ledger.execute("SELECT id, desk, received FROM f WHERE id % 20 = 0").fetchall()
    with office.engine.uow.write() as tx:
        for n, desk, received in taken:
            day = local_day(received)
            facts = {"dossier_id": n, "unit_id": desk, "due": None, "paid_on": day, "at": NOW, "by": "lan"}
            method, undone = methods[n // 20 % 5], n // 20 % 7 == 0
            tx.fees.add(amount=25_000, method=method, receipt_number=f"BL {n}", **facts)
            if undone:
                entry = tx.fees.of(n)[0].id
                tx.fees.add(amount=-25_000, method=method, receipt_number="", corrects_id=entry, reason="Nhầm", **facts)
            ledger.execute("INSERT INTO p VALUES (?, ?, ?, ?)", (n, received, method, undone))
    ledger.commit()


def _ballots(office: Office, ledger: sqlite3.Connection, items: tuple[str, ...]) -> None:
    """A ballot about every sixtieth answered file; what it says follows from the number of the file."""
    query = (
        "SELECT id, proc, unit, channel, done, first FROM f WHERE id % 60 = 0 AND result IN ('delivered', 'rejected')"
    )
    rows, truth = [], []
    for n, code, unit, channel, done, _first in ledger.execute(query):
        answers = {item: level for place, item in enumerate(items) if (level := (n // 60 * (place + 3)) % 7 - 1) >= 1}
        if answers:
            day = local_day(done)
            rows.append(
                {
                    "month": f"{day:%Y-%m}", "day": day, "unit_id": unit, "procedure_code": code, "channel": channel,
                    "timeliness": "", "source": "typed", "questionnaire": "sipas_2020", "answers": answers,
                    "comment": "", "batch": "", "entered_by": "giam",
                }
            )  # fmt: skip
            truth += [(f"{day:%Y-%m}", unit, code, channel, "", item, level, n) for item, level in answers.items()]
    with office.engine.uow.write() as tx:
        if rows:
            tx.surveys.put_ballots(rows)
    ledger.executemany("INSERT INTO b VALUES (?, ?, ?, ?, ?, ?, ?, ?)", truth)
    ledger.commit()


# --- cells ---


@dataclass(slots=True)
class Compared:
    """How many cells were looked at, and those that differ: where, what the product says, what the truth is."""

    cells: Counter[str]
    different: list[tuple[str, object, object]]


def compare_reports(province: Province, periods: tuple[str, ...], roots: tuple[str, ...]) -> Compared:
    """Every report of every period, for all units and for some, cell by cell."""
    found = Compared(Counter(), [])
    reporting = province.office.engine.reporting
    for kind in REPORTS:
        if kind.name in NOT_OF_FILES:
            continue
        for text in periods:
            period = reporting.period(text, at=NOW)
            for root in roots:
                document = reporting.make(None, kind.name, period, root, at=NOW)
                asked = Asked(*(_months(period) if kind.by_month else (period.first, period.last)), root)
                wanted = province.answers.of(kind.name, asked)
                _compare(found, f"{kind.name} {text} {root}", kind.name, document, wanted)
    return found


def _months(period: ReportPeriod) -> tuple[date, date]:
    """The whole months that end in the period: what figures that are kept by month are taken of."""
    first = date.fromisoformat(f"{period.months[0]}-01")
    last = date.fromisoformat(f"{period.months[-1]}-01")
    return first, (last + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _compare(found: Compared, where: str, name: str, document: Document, wanted: Mapping[str, Wanted]) -> None:
    if {table.key for table in document.tables} != set(wanted):
        found.different.append((where, sorted(t.key for t in document.tables), sorted(wanted)))
    for check in document.checks:
        _cell(found, f"{where} {check.text}", name, check.left, check.right)
    for table in document.tables:
        _compare_table(found, f"{where} {table.key}", name, table, wanted.get(table.key, Wanted([])))


def _compare_table(found: Compared, where: str, name: str, table: Table, wanted: Wanted) -> None:
    keys = [column.key for column in table.columns]
    texts = [column.key for column in table.columns if not column.kind.is_figure]
    has, should = _by_key(table.rows, texts), _by_key(wanted.rows, texts)
    for key in sorted(has.keys() | should.keys(), key=str):
        said, truth = has.get(key, {}), should.get(key, {})
        for column in keys:
            _cell(found, f"{where} {key} {column}", name, said.get(column, _NONE), truth.get(column, _NONE))
    for column in table.totals if wanted.totals else ():
        if column in keys:
            _cell(found, f"{where} total {column}", name, table.totals[column], wanted.totals.get(column, _NONE))


def _by_key(rows: Any, texts: list[str]) -> dict[tuple[object, ...], Mapping[str, Any]]:
    """Rows by their words, and, where two have the same words, by how many came before."""
    seen, found = Counter[tuple[object, ...]](), dict[tuple[object, ...], Mapping[str, Any]]()
    for row in rows:
        key = tuple(row.get(text) for text in texts)
        seen[key] += 1
        found[*key, seen[key]] = row
    return found


def _cell(found: Compared, where: str, name: str, said: Any, truth: Any) -> None:
    found.cells[name] += 1
    numbers = isinstance(said, int | float) and isinstance(truth, int | float)
    if said != truth and not (numbers and math.isclose(said, truth, rel_tol=_SAME, abs_tol=_SAME)):
        found.different.append((where, said, truth))


def compare_board(province: Province) -> Compared:
    """Every figure of the board, whole, by unit and by procedure; and that forms 06 and 07 say the same of today."""
    found = Compared(Counter(), [])
    office, engine = province.office, province.office.engine
    actor = office.person("giam")
    # until when the first warning reaches is a rule of the installation, taken as it says
    soon = int(lens_at(engine.office, NOW).outlook.due_soon_until.timestamp())
    truth = province.answers.board(soon, midnight(NOW.date() + timedelta(days=1)))
    codes = {unit.code: str(unit.id) for unit in engine.office.units}
    for by in ("unit", "procedure"):
        board = engine.boards.look(actor, Choice(), by, at=NOW)
        for kind in KINDS:
            _cell(found, f"board {kind}", "board", board.counts[kind], truth["", ""][kind])
        for row in board.rows:
            key = row.narrows[by]
            wanted = truth[by, codes[key] if by == "unit" else key]
            for kind in KINDS:
                _cell(found, f"board by {by} {key} {kind}", "board", row.counts[kind], wanted[kind])
    today = engine.reporting.make(None, "units", engine.reporting.period("2026-03-01..2026-03-18", at=NOW), at=NOW)
    kept = truth.get(("procedure", "0.000002"), {}), truth.get(("procedure", "0.000003"), {})
    for figure, minus in (("open", "results"), ("open_late", "")):
        kind = {"open": "open", "open_late": "overdue"}[figure]
        said = board.counts[kind] - (board.counts[minus] if minus else 0)
        own = sum(each.get(kind, 0) - each.get(minus, 0) for each in kept)
        _cell(found, f"form 07 {figure} beside the board", "board", today.tables[0].totals[figure], said - own)
    return found
