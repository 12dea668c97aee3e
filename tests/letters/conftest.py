"""One warm renderer for all tests of letters, and what it made of the sample letters."""

from __future__ import annotations

import pytest

from letters import Rendered
from letters.render import Renderer
from tests.letters.samples import LONG, ORDINARY, OTHERS


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture(scope="session")
def rendered(renderer: Renderer) -> dict[str, Rendered]:
    """The ordinary letter of each form, and the special ones, by name."""
    return {name: renderer.render(letter) for name, letter in {**ORDINARY, **OTHERS}.items()}


@pytest.fixture(scope="session")
def rendered_long(renderer: Renderer) -> dict[str, Rendered]:
    return {name: renderer.render(letter) for name, letter in LONG.items()}
