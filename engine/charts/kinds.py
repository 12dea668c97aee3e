"""The kinds of chart that the office uses: bars that lead to lists, columns by month, lines over time."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from engine.charts.drawing import TONES, draw, linked, with_tokens, without_links

if TYPE_CHECKING:
    from collections.abc import Sequence

# The whole drawing; the style sheet lets it shrink, never grow.
WIDTH = 480
_ROW = 34
_MOST_TICKS = 5
_FIT = {"type": "fit", "contains": "padding"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it counts, how many, where its figure leads, and the tone of the style sheet that it has."""

    label: str
    value: float
    href: str = ""
    tone: str = "brand"
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart over several categories; a value of None is not drawn. `hrefs` beside the values."""

    name: str
    tone: str
    values: tuple[float | None, ...]
    hrefs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table that says the same: `heads` and `rows` are words, ready to be shown."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: str

    def on_page(self) -> str:
        """The drawing for HTML: colours by token, links, a name for those who hear it."""
        return self._named(with_tokens(self.svg))

    def in_document(self) -> str:
        """The drawing for paper."""
        return self._named(without_links(self.svg))

    def _named(self, svg: str) -> str:
        return svg.replace("<svg ", f'<svg aria-label="{escape(self.title)}" ', 1)


def number(value: float | None) -> str:
    """A figure as Vietnamese readers expect it, with one digit behind the comma where it is no whole number."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,"))


def bars(title: str, values: Sequence[Bar], *, heads: tuple[str, str]) -> Chart:
    """Bars that lie, each with its figure at its end; a bar with a link leads there."""
    rows = [
        {
            "label": bar.label,
            "value": bar.value,
            "shown": bar.shown or number(bar.value),
            "colour": TONES[bar.tone],
            "said": f"{bar.label}: {bar.shown or number(bar.value)}",
            **({"href": linked(bar.href)} if bar.href else {}),
        }
        for bar in values
    ]
    most = max([bar.value for bar in values] + [1])
    spec: dict[str, Any] = {
        "data": {"values": rows},
        "width": WIDTH,
        "height": _ROW * max(len(rows), 1),
        "autosize": _FIT,
        "encoding": {
            "y": {"field": "label", "type": "nominal", "sort": None, "axis": _plain_axis(ticks=False)},
            "x": {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, most * 1.15]}},
            "description": {"field": "said"},
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.62}},
                "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}, **_href(rows)},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold", "aria": False},
                "encoding": {"text": {"field": "shown"}},
            },
        ],
    }
    return Chart(title, heads, tuple((str(row["label"]), str(row["shown"])) for row in rows), draw(spec))


def columns(title: str, categories: Sequence[str], series: Sequence[Series], *, head: str, height: int = 230) -> Chart:
    """Columns that stand, the series on top of each other."""
    rows = _long(categories, series)
    spec = _over_categories(series, rows, height)
    spec["mark"] = {"type": "bar", "width": {"band": 0.68}}
    spec["encoding"]["y"]["stack"] = "zero"
    spec["encoding"]["order"] = {"field": "order", "type": "quantitative"}
    spec["encoding"] |= _href(rows)
    return Chart(title, _heads(head, series), _table(categories, series), draw(spec))


def lines(
    title: str,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    head: str,
    height: int = 230,
    goal: float | None = None,
) -> Chart:
    """Lines with points; where a value is missing the line is broken. `goal` is drawn as a dashed line across."""
    rows = _long(categories, series)
    spec = _over_categories(series, rows, height)
    encoding = spec.pop("encoding")
    spec["layer"] = [
        {
            "mark": {"type": "line", "strokeWidth": 2.5, "aria": False, "invalid": "break-paths-show-path-domains"},
            "encoding": encoding,
        },
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
            "encoding": encoding | _href(rows),
        },
    ]
    if goal is not None:
        rule = {"type": "rule", "strokeDash": [5, 4], "color": TONES["ink"], "aria": False}
        spec["layer"].append({"mark": rule, "encoding": {"y": {"datum": goal}}})
    return Chart(title, _heads(head, series), _table(categories, series), draw(spec))


def _plain_axis(*, ticks: bool) -> dict[str, Any]:
    return {"title": None, "ticks": ticks, "domain": False, "labelPadding": 6}


def _href(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"href": {"field": "href"}} if any("href" in row for row in rows) else {}


def _long(categories: Sequence[str], series: Sequence[Series]) -> list[dict[str, Any]]:
    return [
        {
            "category": category,
            "series": each.name,
            "order": order,
            "value": each.values[place],
            "said": f"{category}, {each.name}: {number(each.values[place])}",
            **({"href": linked(each.hrefs[place])} if each.hrefs and each.hrefs[place] else {}),
        }
        for order, each in enumerate(series)
        for place, category in enumerate(categories)
    ]


def _over_categories(series: Sequence[Series], rows: list[dict[str, Any]], height: int) -> dict[str, Any]:
    scale = {"domain": [each.name for each in series], "range": [TONES[each.tone] for each in series]}
    legend = {"title": None} if len(series) > 1 else None
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": height,
        "autosize": _FIT,
        "encoding": {
            "x": {
                "field": "category",
                "type": "ordinal",
                "sort": None,
                "axis": {**_plain_axis(ticks=False), "labelAngle": 0, "labelOverlap": "parity", "labelSeparation": 5},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "axis": {**_plain_axis(ticks=False), "tickCount": _MOST_TICKS, "format": ",~r"},
            },
            "color": {"field": "series", "type": "nominal", "scale": scale, "legend": legend},
            "description": {"field": "said"},
        },
    }


def _heads(head: str, series: Sequence[Series]) -> tuple[str, ...]:
    return (head, *(each.name for each in series))


def _table(categories: Sequence[str], series: Sequence[Series]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (category, *(number(each.values[place]) for each in series)) for place, category in enumerate(categories)
    )
