"""Random walks: our engine against a simulator that knows nothing of it, on every shape of diagram."""

from __future__ import annotations

import pytest

from tests.unit.process.shapes import SHAPES
from tests.unit.process.walking import Walk, shape

RUNS = 40
MOVES = 40


@pytest.mark.parametrize("name", SHAPES)
def test_every_walk_goes_as_the_simulator_says(name: str) -> None:
    for seed in range(RUNS):
        Walk(shape(name), seed).run(MOVES)
