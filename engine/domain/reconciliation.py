"""Two registers compared: a list of codes, states and dates from another system, and our own dossiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.domain.dossier import fold
from engine.domain.errors import BadInput
from engine.domain.status import DossierStatus

_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)")
_DATES = ("received_on", "due_on", "done_on")
_LABELS = {"received_on": "ngày nhận", "due_on": "ngày hẹn", "done_on": "ngày xong"}


class NoCodes(BadInput):
    """Không thấy cột mã hồ sơ trong tệp. Dòng đầu phải có một cột tên là: {names}."""

    code = "no_codes"


class Differs(StrEnum):
    """In what two registers differ about a dossier."""

    NOT_HERE = "not_here"
    NOT_THERE = "not_there"
    STATE = "state"
    UNKNOWN_STATE = "unknown_state"
    DATE = "date"
    UNKNOWN_DATE = "unknown_date"
    TWICE = "twice"
    NO_CODE = "no_code"


@dataclass(frozen=True, slots=True)
class Theirs:
    """One line of the list. `states` None: the file has no such word in the mapping; `odd`: dates that are none."""

    number: int
    code: str
    state: str = ""
    states: frozenset[int] | None = frozenset()
    received_on: date | None = None
    due_on: date | None = None
    done_on: date | None = None
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ours:
    """One of our dossiers."""

    code: str
    external_code: str
    state: DossierStatus
    received_on: date | None
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, with what each side says."""

    what: Differs
    code: str
    theirs: str = ""
    ours: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was compared and what differs. `is_cut`: we have more dossiers of the period than are looked through."""

    lines: int
    matched: int
    differences: tuple[Difference, ...]
    is_cut: bool = False

    def of(self, what: Differs) -> tuple[Difference, ...]:
        """The differences of one kind."""
        return tuple(each for each in self.differences if each.what is what)


def read_lines(
    rows: Sequence[Sequence[str]], headings: Mapping[str, Sequence[str]], states: Mapping[str, Sequence[int]]
) -> tuple[Theirs, ...]:
    """The lines of a table whose first row that names a column of codes is its heading; raises `NoCodes`."""
    known = {fold(word): name for name, words in headings.items() for word in words}
    top, places = _heading(rows, known)
    if "code" not in places:
        raise NoCodes(names=", ".join(headings.get("code", ())))
    words = {fold(word): frozenset(numbers) for word, numbers in states.items()}
    found = []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = {name: row[place].strip() for name, place in places.items() if place < len(row)}
        if any(cells.values()):
            state = cells.get("state", "")
            meant = words.get(fold(state)) if state else frozenset[int]()
            dates = {name: _day(cells.get(name, "")) for name in _DATES}
            odd = tuple(
                f"{_LABELS[name]} “{cells[name][:40]}”" for name in _DATES if cells.get(name) and not dates[name]
            )
            found.append(Theirs(number, cells.get("code", ""), state, meant, **dates, odd=odd))
    return tuple(found)


def _heading(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """Where the heading stands, and which column is what."""
    for top, row in enumerate(rows):
        places = {known[fold(cell.strip())]: place for place, cell in enumerate(row) if fold(cell.strip()) in known}
        if "code" in places:
            return top, places
    return 0, {}


def _day(text: str) -> date | None:
    """A day as people and machines write it, the day first or the year; None where it says none."""
    if found := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.search(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def compare(
    theirs: Sequence[Theirs], ours: Iterable[Ours], first: date, last: date, *, is_cut: bool = False
) -> Reconciled:
    """What differs; of our dossiers only those received from `first` to `last` are missed on the other side."""
    by_code: dict[str, Ours] = {}
    for each in ours:
        by_code[each.code.casefold()] = each
        if each.external_code:
            by_code.setdefault(each.external_code.casefold(), each)
    seen: set[str] = set()
    strange: set[str] = set()
    found: list[Difference] = []
    for line in theirs:
        key = line.code.casefold()
        own = by_code.get(key)
        if not key:
            found.append(Difference(Differs.NO_CODE, "", line.state, number=line.number))
        elif key in strange or (own is not None and own.code in seen):
            found.append(Difference(Differs.TWICE, line.code, number=line.number))
        elif own is None:
            strange.add(key)
            found.append(Difference(Differs.NOT_HERE, line.code, line.state, number=line.number))
        else:
            seen.add(own.code)
            found += _about(line, own)
    missing = {own.code: own for own in by_code.values() if own.code not in seen and _within(own, first, last)}
    found += [Difference(Differs.NOT_THERE, code, "", own.state.label) for code, own in sorted(missing.items())]
    return Reconciled(len(theirs), len(seen), tuple(found), is_cut)


def _within(own: Ours, first: date, last: date) -> bool:
    return own.received_on is not None and first <= own.received_on <= last


def _about(line: Theirs, own: Ours) -> list[Difference]:
    found = []
    if line.states is None:
        found.append(Difference(Differs.UNKNOWN_STATE, own.code, line.state, own.state.label, line.number))
    elif line.states and int(own.state) not in line.states:
        found.append(Difference(Differs.STATE, own.code, line.state, own.state.label, line.number))
    found += [Difference(Differs.UNKNOWN_DATE, own.code, told, "", line.number) for told in line.odd]
    for name in _DATES:
        said, known = getattr(line, name), getattr(own, name)
        if said is not None and said != known:
            here = f"{known:%d/%m/%Y}" if known else "không có"
            text = f"{_LABELS[name]} {said:%d/%m/%Y}"
            found.append(Difference(Differs.DATE, own.code, text, f"{_LABELS[name]} {here}", line.number))
    return found
