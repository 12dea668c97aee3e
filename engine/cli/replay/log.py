"""A log as cases and events. Anything that cannot be read is one clear error with the line and the column."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, TextIO
from zoneinfo import ZoneInfo

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from engine.cli.replay.mapping import Mapping


class BadLog(BadInput):
    """{path}: {detail}."""

    code = "bad_log"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log. `order` is its place in the file."""

    name: str
    at: datetime
    actor: str
    group: str
    order: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the log; `delivered_at` is None while it was still open."""

    id: str
    received_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    channel: str
    events: tuple[Event, ...]

    def is_inside(self, event: Event) -> bool:
        """Whether an event lies within the handling, from receipt to the end."""
        return self.received_at <= event.at and (self.delivered_at is None or event.at <= self.delivered_at)


def read_log(path: Path, mapping: Mapping) -> list[Case]:
    """Read the cases of a CSV file (gzipped or not), in the order of their receipt. Raises `BadLog`."""
    cases: dict[str, _Open] = {}
    try:
        with _open(path) as file:
            reader = csv.DictReader(file)
            _check_columns(path, mapping, reader.fieldnames or ())
            for order, row in enumerate(reader):
                _Row(path, mapping, reader.line_num, row).enter(cases, order)
    except FileNotFoundError:
        raise BadLog(path=path, detail="không có tệp này") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadLog(path=path, detail=f"không đọc được tệp ({error})") from None
    if not cases:
        raise BadLog(path=path, detail="tệp không có dòng dữ liệu nào")
    return sorted((case.closed() for case in cases.values()), key=lambda case: (case.received_at, case.id))


def latest_instant(cases: list[Case]) -> datetime:
    """The latest moment at which anything happened in the log: receipts, steps and ends (not deadlines)."""
    return max(at for case in cases for at in _moments(case))


def _moments(case: Case) -> Iterator[datetime]:
    yield case.received_at
    if case.delivered_at is not None:
        yield case.delivered_at
    yield from (event.at for event in case.events)


def _open(path: Path) -> AbstractContextManager[TextIO]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _check_columns(path: Path, mapping: Mapping, present: object) -> None:
    missing = [name for name in mapping.columns.needed if name not in set(present)]  # type: ignore[call-overload]
    if missing:
        names = ", ".join(f"“{name}”" for name in missing)
        raise BadLog(path=path, detail=f"dòng 1: thiếu cột {names}; hãy thêm cột hoặc sửa “columns” trong tệp ánh xạ")


@dataclass(slots=True)
class _Open:
    case: Case
    events: list[Event]

    def closed(self) -> Case:
        case = self.case
        in_time = tuple(sorted(self.events, key=lambda event: (event.at, event.order)))
        return Case(case.id, case.received_at, case.due_at, case.delivered_at, case.channel, in_time)


@dataclass(slots=True)
class _Row:
    path: Path
    mapping: Mapping
    line: int
    cells: dict[str, str]

    def enter(self, cases: dict[str, _Open], order: int) -> None:
        columns = self.mapping.columns
        case = Case(
            id=self._text(columns.case),
            received_at=self._instant(columns.received_at),
            due_at=self._instant(columns.due_at),
            delivered_at=self._instant(columns.delivered_at) if self._cell(columns.delivered_at) else None,
            channel=self._cell(columns.channel),
            events=(),
        )
        known = cases.setdefault(case.id, _Open(case, []))
        if known.case != case:
            self._fail(
                columns.case, f"hồ sơ {case.id} có ngày nhận, ngày hẹn, ngày trả hoặc kênh khác với các dòng trước"
            )
        if case.due_at <= case.received_at:
            self._fail(columns.due_at, "ngày hẹn phải sau ngày nhận")
        if case.delivered_at is not None and case.delivered_at < case.received_at:
            self._fail(columns.delivered_at, "ngày trả không thể trước ngày nhận")
        name = self._text(columns.step)
        known.events.append(
            Event(name, self._instant(columns.at), self._cell(columns.actor), self._cell(columns.group), order)
        )

    def _cell(self, column: str) -> str:
        return (self.cells.get(column) or "").strip() if column else ""

    def _text(self, column: str) -> str:
        text = self._cell(column)
        if not text:
            self._fail(column, "ô này không được để trống")
        return text

    def _instant(self, column: str) -> datetime:
        text = self._text(column)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self._fail(column, f"“{text}” không phải là thời điểm; hãy viết như 2011-10-11 13:45:40+02:00")
        return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.mapping.timezone))

    def _fail(self, column: str, detail: str) -> NoReturn:
        raise BadLog(path=self.path, detail=f"dòng {self.line}, cột “{column}”: {detail}")
