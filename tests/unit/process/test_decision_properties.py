"""Tables of any shape against an oracle that knows no tables: cells are drawn as data and judged by hand-written rules.

What the analysis says (complete, free of overlaps, a row that never counts) is held against brute force.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.process.decisions.analysis import analyse
from engine.process.decisions.errors import DecisionFailed
from engine.process.decisions.table import Table
from tests.unit.process.deciding import dmn, model_of, plain_of

WORDS = ("A", "B", "C")
# A cell is what is written and, by the side, what it means.
Cell = tuple[str, Any]

numbers = st.integers(-3, 3)
ranges = st.tuples(numbers, numbers, st.sampled_from("[(]"), st.sampled_from("])[")).filter(lambda r: r[0] < r[1])
tests = st.one_of(
    numbers.map(lambda n: (f"{n}", lambda x: x == n)),
    numbers.map(lambda n: (f"< {n}", lambda x: x < n)),
    numbers.map(lambda n: (f"<={n}", lambda x: x <= n)),
    numbers.map(lambda n: (f">{n}", lambda x: x > n)),
    numbers.map(lambda n: (f">= {n}", lambda x: x >= n)),
    ranges.map(
        lambda r: (
            f"{r[2]}{r[0]}..{r[1]}{r[3]}",
            lambda x: (x > r[0] or (x == r[0] and r[2] == "[")) and (x < r[1] or (x == r[1] and r[3] == "]")),
        )
    ),
)


def joined(parts: list[Cell], is_negated: bool) -> Cell:  # noqa: FBT001 - drawn
    text = ",".join(part[0] for part in parts)
    return (f"not({text})" if is_negated else text, lambda x: any(part[1](x) for part in parts) is not is_negated)


number_cells = st.one_of(
    st.just(("-", lambda _x: True)), st.builds(joined, st.lists(tests, min_size=1, max_size=3), st.booleans())
)
word_tests = st.sampled_from(WORDS).map(lambda word: (f'"{word}"', lambda x: x == word))
word_cells = st.one_of(
    st.just(("-", lambda _x: True)), st.builds(joined, st.lists(word_tests, min_size=1, max_size=2), st.booleans())
)
rules = st.lists(st.tuples(number_cells, word_cells, st.integers(0, 2)), min_size=1, max_size=5)
INPUTS = [(Decimal(half) / 2, word) for half in range(-8, 9) for word in WORDS]


def table_of(rows: list[Any], policy: str) -> Any:
    columns = 'x: number | w: string ["A","B","C"] || number [2, 0, 1]'
    return model_of(dmn(columns, [f"{cell[0]} | {word[0]} || {answer}" for cell, word, answer in rows], policy))


def oracle(rows: list[Any], policy: str, x: Decimal, w: str) -> object:
    """What a person would answer who goes through the rows one by one."""
    hits = [answer for cell, word, answer in rows if cell[1](x) and word[1](w)]
    if not hits:
        return None
    if (policy == "UNIQUE" and len(hits) > 1) or (policy == "ANY" and len(set(hits)) > 1):
        return "error"
    order = [2, 0, 1]
    answers: dict[str, Any] = {
        "UNIQUE": hits[0],
        "ANY": hits[0],
        "FIRST": hits[0],
        "PRIORITY": min(hits, key=order.index),
        "RULE ORDER": hits,
        "OUTPUT ORDER": sorted(hits, key=order.index),
        "COLLECT": hits,
        "COLLECT SUM": sum(hits),
        "COLLECT MIN": min(hits),
        "COLLECT MAX": max(hits),
        "COLLECT COUNT": len(hits),
    }
    return answers[policy]


POLICIES = (
    "UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT",
    "COLLECT SUM", "COLLECT MIN", "COLLECT MAX", "COLLECT COUNT",
)  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=25)
@given(rows=rules)
def test_a_table_answers_as_its_rows_say_one_by_one(policy: str, rows: list[Any]) -> None:
    model = table_of(rows, policy)
    for x, w in INPUTS[::3]:
        try:
            found = plain_of(model.evaluate("answer", {"x": x, "w": w}))
        except DecisionFailed:
            found = "error"
        assert found == oracle(rows, policy, x, w), (x, w)


@settings(max_examples=60)
@given(rows=rules)
def test_the_analysis_tells_gaps_overlaps_and_dead_rows_exactly(rows: list[Any]) -> None:
    table = table_of(rows, "UNIQUE").decisions["answer"].logic
    assert isinstance(table, Table)
    hits = {
        (x, w): tuple(n for n, (cell, word, _answer) in enumerate(rows, start=1) if cell[1](x) and word[1](w))
        for x, w in INPUTS
    }
    found = analyse(table)
    assert bool(found.gaps) == any(not numbers for numbers in hits.values())
    assert bool(found.overlaps) == any(len(numbers) > 1 for numbers in hits.values())
    assert set(found.never) == set(range(1, len(rows) + 1)) - {n for numbers in hits.values() for n in numbers}


@settings(max_examples=40)
@given(rows=rules)
def test_under_first_a_row_is_dead_where_rows_above_take_everything(rows: list[Any]) -> None:
    table = table_of(rows, "FIRST").decisions["answer"].logic
    assert isinstance(table, Table)
    firsts = {
        next((n for n, (cell, word, _answer) in enumerate(rows, start=1) if cell[1](x) and word[1](w)), 0)
        for x, w in INPUTS
    }
    assert set(analyse(table).never) == set(range(1, len(rows) + 1)) - firsts
