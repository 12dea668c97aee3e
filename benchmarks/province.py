"""Fill an office with as many dossiers as a province has, fast: a few real ones are made by the services, then cloned.

    from benchmarks.province import Province
    Province(office, seed=1).fill(files=1_000_000, open_here=5_000)

What a database does with a row a million times is written in SQL (`INSERT … SELECT` over numbers), the same on SQLite
and PostgreSQL; what differs from row to row (names, numbers, codes) comes from the seed, so the same seed gives the
same province. Each clone keeps the dates, units and steps of the dossier it was cloned from. Rows of tables that no
list reads (histories, ledgers, letters, process states) are not cloned.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, text

from engine.domain.dossier import fold
from engine.persistence.base import Base
from tests.builders import REISSUE, SPLIT, Office, local

BEGIN, LOOK_AT = local("2026-03-02 08:00"), local("2026-03-18 09:00")
SURNAMES = {"Nguyễn": 38, "Trần": 11, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Phan": 5, "Vũ": 4, "Đặng": 2, "Bùi": 2, "Đỗ": 1}
MIDDLE = {"Thị": 40, "Văn": 30, "Minh": 8, "Thanh": 6, "Ngọc": 6, "Quang": 5, "Hữu": 5}
_GIVEN = "An Anh Bình Châu Chi Cường Dung Dũng Đạt Đào Đức Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa Huệ Hùng Hương"
_MORE = "Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân Sơn Tâm Thảo Yến Xuân"
GIVEN = tuple(f"{_GIVEN} {_MORE}".split())
DISTINCT_NAMES = 20_000
CHUNK = 200_000
UNIQUE_OF_DOSSIER = {
    "code": "'000.00.00.H99-' || (250101 + n % 365) || '-' || (100000 + n)",
    "receipt_token": "'bench-' || n",
    "external_code": "''",
    "idempotency_key": "NULL",
    "applicant_name": "p.name",
    "search_key": "p.folded || ' ' || (100000000000 + n * 7) || ' ' || ('09' || (10000000 + n * 3))",
}


# What was done is spread over two hundred people besides those of the cast: nobody does a province alone.
_DONE_BY = "CASE WHEN r.closed_by IS NULL OR n % 20 = 0 THEN r.closed_by ELSE 'staff-' || (n % 200) END"


@dataclass(slots=True)
class Kind:
    """A sort of dossier: the ids of real ones, and how many of a thousand of its group are like them."""

    weight: int
    ids: list[int] = field(default_factory=list)


class Province:
    """An office, and the real dossiers that its clones are made from."""

    def __init__(self, office: Office, seed: int = 1) -> None:
        """Work on an office that `tests.builders.prepare_office` made; `seed` decides names and their order."""
        self.office = office
        self._random = random.Random(seed)
        self.here: dict[str, Kind] = {}
        self.elsewhere: dict[str, Kind] = {}
        self.finished: dict[str, Kind] = {}

    def fill(self, *, files: int, open_here: int, open_elsewhere: int | None = None) -> None:
        """Make `files` dossiers, so many open ones in the land registry and elsewhere; the others are finished."""
        outside = files // 20 if open_elsewhere is None else open_elsewhere
        self.make_real_ones()
        with self.office.engine.uow.write() as tx:
            connection = tx.connection
            self._names(connection)
            first = self._next(connection)
            for group, many in (
                (self.here, open_here),
                (self.elsewhere, outside),
                (self.finished, max(files - open_here - outside, 0)),
            ):
                first = self._clone_group(connection, group, many, first)
            self._words(connection)
        self._analyse()

    def make_real_ones(self) -> None:
        """Receive and carry on dossiers by the services, over a fortnight, so that their dates are spread."""
        self.here = {
            "appraisal": Kind(780, self._make(12, steps=1)),
            "split": Kind(100, self._make(6, steps=1, procedure=SPLIT)),
            "supplement": Kind(50, self._make(4, steps=1, answers={"appraisal": "supplement", "missing_items": "Đơn"})),
            "payment": Kind(30, self._make(3, steps=1, answers={"financial_obligation": "owed"}, more=1)),
            "results": Kind(40, self._make(3, steps=99)),
        }
        self.elsewhere = {"desk": Kind(1000, self._make(6, steps=0, by="hoa"))}
        self.finished = {"delivered": Kind(1000, self._make(8, steps=99, deliver=True))}
        self.office.clock.move_to(LOOK_AT)

    def _make(
        self,
        many: int,
        *,
        steps: int,
        by: str = "lan",
        procedure: str = REISSUE,
        answers: dict[str, str] | None = None,
        more: int = 0,
        deliver: bool = False,
    ) -> list[int]:
        ids = []
        for number in range(many):
            at = BEGIN + timedelta(days=number, minutes=7 * number)
            self.office.clock.move_to(at)
            code = self.office.receive(procedure, by=by, at=at, unit_code="")
            for _ in range(steps):
                is_done = self.office.dossier(code).resolved_at is not None
                if not self.office.open_tasks(code) or (is_done and not deliver):
                    break
                self.office.do(code)
            if answers:
                self.office.do(code, **answers)
            for _ in range(more):
                self.office.do(code)
            ids.append(self.office.dossier(code).id)
        return ids

    # --- clones ---

    def _names(self, connection: Connection) -> None:
        connection.execute(text("CREATE TEMPORARY TABLE bench_names (k INTEGER PRIMARY KEY, name TEXT, folded TEXT)"))
        rows = []
        for number in range(DISTINCT_NAMES):
            parts = [self._pick(SURNAMES), self._pick(MIDDLE), self._random.choice(GIVEN)]
            name = " ".join(parts)
            rows.append({"k": number, "name": name, "folded": fold(name)})
        connection.execute(text("INSERT INTO bench_names VALUES (:k, :name, :folded)"), rows)

    def _pick(self, weights: dict[str, int]) -> str:
        return self._random.choices(tuple(weights), tuple(weights.values()))[0]

    def _clone_group(self, connection: Connection, group: dict[str, Kind], many: int, first: int) -> int:
        total = sum(kind.weight for kind in group.values())
        left = many
        for number, kind in enumerate(group.values()):
            share = left if number == len(group) - 1 else many * kind.weight // total
            left -= share
            first = self._clone(connection, kind.ids, share, first)
        return first

    def _clone(self, connection: Connection, ids: Sequence[int], many: int, first: int) -> int:
        """Clone real dossiers in turn; a clone has the number `n`, which is its id, and names its parent."""
        for start in range(first, first + many, CHUNK):
            last = min(start + CHUNK, first + many) - 1
            for table in ("dossiers", "tasks"):
                connection.execute(text(_clone_rows(table, ids)), {"start": start, "last": last})
        return first + many

    def _words(self, connection: Connection) -> None:
        """Enter every clone into the words: its name, its numbers, the end of its code."""
        for word in (
            *(_name_word(place, connection.dialect.name) for place in (1, 2, 3)),
            "'' || (100000000000 + d.id * 7)",
            "'09' || (10000000 + d.id * 3)",
            "'' || (250101 + d.id % 365) || '-' || (100000 + d.id)",
        ):
            connection.execute(
                text(
                    f"INSERT INTO dossier_words (word, dossier_id) SELECT {word}, d.id FROM dossiers d "
                    f"JOIN bench_names p ON p.k = d.id % {DISTINCT_NAMES} WHERE d.receipt_token LIKE 'bench-%' "
                    "ORDER BY 1, 2 ON CONFLICT DO NOTHING"
                )
            )

    def _next(self, connection: Connection) -> int:
        return 1 + max(
            int(connection.execute(text(f"SELECT max(id) FROM {table}")).scalar() or 0)
            for table in ("dossiers", "tasks")
        )

    def _analyse(self) -> None:
        """Let the database know its own figures, and an index of PostgreSQL which rows all may see."""
        database = self.office.engine._database  # noqa: SLF001 - a measurement prepares its own ground
        if database.dialect.name == "postgresql":
            with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            with database.begin() as connection:
                connection.exec_driver_sql("ANALYZE")


def _clone_rows(table: str, ids: Sequence[int]) -> str:
    """Rows of the parents for numbers from :start to :last; a clone of a step has room for ten beside it."""
    names = [column.name for column in Base.metadata.tables[table].columns]
    parents = ", ".join(f"({place}, {dossier_id})" for place, dossier_id in enumerate(ids))
    steps = {"id": _task_id(), "dossier_id": "n", "closed_by": _DONE_BY}
    changed = {"id": "n"} | UNIQUE_OF_DOSSIER if table == "dossiers" else steps
    values = ", ".join(changed.get(name, f'r."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    whose = "id" if table == "dossiers" else "dossier_id"
    # of a finished dossier its last two steps are kept: what somebody has done, without ten rows a dossier
    only = (
        ""
        if table == "dossiers"
        else "AND (r.closed_at IS NULL OR r.step_id IN ('deliver_result', 'appraise_dossier'))"
    )
    name_table = f"JOIN bench_names p ON p.k = numbers.n % {DISTINCT_NAMES}" if table == "dossiers" else ""
    return (
        "WITH RECURSIVE numbers(n) AS "
        "(SELECT CAST(:start AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n < :last), "
        f"parents(place, parent) AS (VALUES {parents}) "
        f"INSERT INTO {table} ({quoted}) SELECT {values} FROM numbers "
        f"JOIN parents ON place = n % {len(ids)} JOIN {table} r ON r.{whose} = parent {name_table} WHERE 1 = 1 {only}"
    )


def _task_id() -> str:
    return "10 * n + r.id - (SELECT min(x.id) FROM tasks x WHERE x.dossier_id = parent)"


def _name_word(place: int, dialect: str) -> str:
    if dialect == "postgresql":
        return f"split_part(p.folded, ' ', {place})"
    first = "substr(p.folded, 1, instr(p.folded, ' ') - 1)"
    rest = "substr(p.folded, instr(p.folded, ' ') + 1)"
    return (first, f"substr({rest}, 1, instr({rest}, ' ') - 1)", f"substr({rest}, instr({rest}, ' ') + 1)")[place - 1]
