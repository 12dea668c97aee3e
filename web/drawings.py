"""Charts on pages: the one place that trusts a drawing. Its words were escaped by what drew it (engine/charts)."""

from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from engine.charts import Chart


def drawn(chart: Chart) -> Markup:
    """The drawing of a chart as a page holds it."""
    return Markup(chart.on_page())  # noqa: S704 - drawn by the engine from escaped words


def register(app: Flask) -> None:
    """Let templates show charts."""
    app.jinja_env.filters["drawn"] = drawn
