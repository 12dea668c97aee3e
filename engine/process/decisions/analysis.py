"""What is wrong with a table as a whole: values no row answers, rows that contradict, rows that never count.

Each input is cut where a cell of its column cuts it: at its literals and the ends of its ranges. Within a piece no
cell can tell two values apart, so one value of each piece stands for all, and all their combinations are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from math import prod
from typing import cast

from engine.process.decisions.table import HitPolicy, Input, Table
from engine.process.decisions.unary import Between, Equal, UnaryTests, plain
from engine.process.decisions.values import Value, ValueKind, kind_of, written

MAX_COMBINATIONS = 50_000
MOST_TOLD = 5
_OTHER = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the values of an input that no cell tells apart: one of them, and how it is written."""

    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What trying every combination has shown. `example` texts are for people."""

    gaps: tuple[str, ...] = ()
    overlaps: tuple[tuple[tuple[int, ...], str], ...] = ()
    never: tuple[int, ...] = ()
    unproven: tuple[str, str] | None = None


def analyse(table: Table) -> Findings:
    """Try every combination of inputs of a table."""
    columns = _grouped(table.inputs)
    if columns is None:
        return Findings(unproven=("hai cột đọc cùng một đầu vào trong biểu thức", "two columns read one input"))
    pieces = [_pieces_of_column(table, numbers) for numbers in columns]
    if any(found is None for found in pieces):
        return Findings(unproven=("một cột so sánh chữ hoặc không có kiểu", "a column orders texts or has no type"))
    known = [found for found in pieces if found is not None]
    if prod(len(found) for found in known) > MAX_COMBINATIONS:
        return Findings(unproven=("quá nhiều tổ hợp đầu vào", "too many combinations of inputs"))
    return _try_all(table, columns, known)


def pieces(tests: Iterable[UnaryTests], kind: ValueKind, allowed: Sequence[UnaryTests]) -> list[Piece] | None:
    """Cut the values of one input where `tests` and `allowed` cut it; None where that cannot be done."""
    cells = [*tests, *allowed]
    values = {value for cell in cells for value in cell.values() if value is not None}
    if kind is ValueKind.BOOLEAN:
        found = [Piece(value, f"= {written(value)}") for value in (True, False)]
    elif kind is ValueKind.STRING:
        if any(isinstance(test, Between) for cell in cells for test in cell.tests):
            return None
        words = sorted(cast("set[str]", values))
        found = [*(Piece(word, f'= "{word}"') for word in words), Piece(_OTHER * (1 + len(words)), "giá trị khác")]
    elif kind in {ValueKind.NUMBER, ValueKind.DATE}:
        found = list(_line(sorted(value for value in values if kind_of(value) is kind), kind))
    else:
        return [Piece(None, _OTHER)] if not values else None
    if any(test == Equal(None) for cell in cells for test in cell.tests):
        found.append(Piece(None, "null"))
    return [piece for piece in found if all(tests.accepts(piece.value) for tests in allowed)]


def _line(bounds: Sequence[Value], kind: ValueKind) -> Iterator[Piece]:
    """The points at which a line is cut, and one value of each stretch between them."""
    if not bounds:
        yield Piece(Decimal(0) if kind is ValueKind.NUMBER else date(2000, 1, 1), _OTHER)
        return
    for number, bound in enumerate(bounds):
        low = bounds[number - 1] if number else None
        between = _between(low, bound)
        if between is not None:
            label = f"< {plain(bound)}" if low is None else f"({plain(low)}..{plain(bound)})"
            yield Piece(between, label)
        yield Piece(bound, f"= {plain(bound)}")
    above = _between(bounds[-1], None)
    if above is not None:
        yield Piece(above, f"> {plain(bounds[-1])}")


def _between(low: Value, high: Value) -> Value:
    """A value strictly between two bounds, None where there is none (two days that follow each other)."""
    if isinstance(low, date) or isinstance(high, date):
        return _day_between(cast("date | None", low), cast("date | None", high))
    below, above = cast("Decimal | None", low), cast("Decimal | None", high)
    if below is None:
        return cast("Decimal", above) - 1
    return below + 1 if above is None else (below + above) / 2


def _day_between(low: date | None, high: date | None) -> date | None:
    step = timedelta(days=1)
    try:
        found = low + step if low is not None else cast("date", high) - step
    except OverflowError:
        return None
    return None if high is not None and found >= high else found


def _grouped(inputs: Sequence[Input]) -> list[list[int]] | None:
    """Columns that read the same are one; None where columns hang together in another way."""
    groups: dict[str, list[int]] = {}
    for number, column in enumerate(inputs):
        groups.setdefault(column.formula.text, []).append(number)
    names = [inputs[numbers[0]].formula.expression.names for numbers in groups.values()]
    if sum(len(part) for part in names) != len(frozenset().union(*names)):
        return None
    return list(groups.values())


def _pieces_of_column(table: Table, numbers: Sequence[int]) -> list[Piece] | None:
    tests = [rule.tests[number] for rule in table.rules for number in numbers]
    allowed = [cell for number in numbers for cell in table.inputs[number].allowed]
    return pieces(tests, table.inputs[numbers[0]].kind, allowed)


def _try_all(table: Table, columns: Sequence[Sequence[int]], known: Sequence[Sequence[Piece]]) -> Findings:
    masks = [
        [(piece, _mask(table, numbers, piece.value)) for piece in found]
        for numbers, found in zip(columns, known, strict=True)
    ]
    everything = (1 << len(table.rules)) - 1
    gaps: list[str] = []
    overlaps: dict[tuple[int, ...], str] = {}
    counted = 0
    has_default = any(output.default is not None for output in table.outputs)
    for combination in product(*masks):
        hits = everything
        for _piece, mask in combination:
            hits &= mask
        labels = [piece for piece, _mask_ in combination]
        if not hits and not has_default and len(gaps) < MOST_TOLD:
            gaps.append(_example(table, columns, labels))
        elif hits & (hits - 1) and _contradict(table, hits):
            overlaps.setdefault(_numbers(hits), _example(table, columns, labels))
        counted |= hits & -hits if table.policy is HitPolicy.FIRST else hits
    never = tuple(rule.number for number, rule in enumerate(table.rules) if not counted >> number & 1)
    return Findings(tuple(gaps), tuple(overlaps.items())[:MOST_TOLD], never)


def _mask(table: Table, numbers: Iterable[int], value: Value) -> int:
    """The rows whose cells in these columns accept a value, as bits."""
    return sum(
        1 << place
        for place, rule in enumerate(table.rules)
        if all(rule.tests[number].accepts(value) for number in numbers)
    )


def _numbers(hits: int) -> tuple[int, ...]:
    return tuple(place + 1 for place in range(hits.bit_length()) if hits >> place & 1)


def _contradict(table: Table, hits: int) -> bool:
    """Whether rows that match together may not: more than one of UNIQUE, different ones of ANY."""
    if table.policy is HitPolicy.UNIQUE:
        return True
    if table.policy is not HitPolicy.ANY:
        return False
    outputs = {tuple(cell.text for cell in table.rules[number - 1].outputs) for number in _numbers(hits)}
    return len(outputs) > 1


def _example(table: Table, columns: Sequence[Sequence[int]], pieces_: Sequence[Piece]) -> str:
    told = (
        f"{table.inputs[numbers[0]].label} {piece.label}"
        for numbers, piece in zip(columns, pieces_, strict=True)
        if piece.label != _OTHER
    )
    return "; ".join(told) or "luôn luôn"
