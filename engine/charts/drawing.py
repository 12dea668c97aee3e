"""The one door to vl-convert: a Vega-Lite specification in, an SVG out that fits a strict content security policy."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The light colours of the style sheet. On a page each becomes `var(--name)`, so that the scheme of the machine holds.
TONES: Mapping[str, str] = {
    "ink": "#1b2320",
    "muted": "#55605a",
    "line": "#d7dcd6",
    "surface": "#ffffff",
    "brand": "#0b5f56",
    "late": "#9b1c14",
    "soon": "#764600",
    "good": "#175c36",
    "waiting": "#33507d",
    "neutral": "#4b5751",
    "ended": "#5b4a4a",
}
_TOKENS = {colour: f"var(--{name})" for name, colour in TONES.items()}
# Vega takes a link that is only a path for one of its own examples: links travel with a host that is taken off again.
_HOST = "https://link.invalid"
_FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
_NUMBERS = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " đ"]}
_KEPT = 512

CONFIG: Mapping[str, Any] = {
    "font": _FONT,
    "background": None,
    "view": {"stroke": None},
    "text": {"fontSize": 13, "color": TONES["ink"]},
    "axis": {
        "labelColor": TONES["muted"],
        "titleColor": TONES["muted"],
        "gridColor": TONES["line"],
        "domainColor": TONES["line"],
        "tickColor": TONES["line"],
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelLimit": 220,
    },
    "legend": {
        "orient": "top",
        "labelColor": TONES["ink"],
        "titleColor": TONES["muted"],
        "labelFontSize": 13,
        "symbolSize": 120,
        "columns": 4,
        "labelLimit": 240,
    },
}


def linked(path: str) -> str:
    """A path of this application as a link that survives the drawing."""
    return f"{_HOST}{path}"


def draw(spec: Mapping[str, Any]) -> str:
    """Draw a Vega-Lite specification in the light colours; the same one is drawn once."""
    return _drawn(json.dumps({**spec, "config": dict(CONFIG)}, sort_keys=True, ensure_ascii=False))


def with_tokens(svg: str) -> str:
    """The drawing with the tokens of the style sheet for its colours."""
    return re.sub(r'"(#[0-9a-f]{6})"', lambda found: f'"{_TOKENS.get(found[1], found[1])}"', svg)


def without_links(svg: str) -> str:
    """The drawing for paper."""
    return re.sub(r"</?a\b[^>]*>", "", svg)


def warm() -> None:
    """Load the drawing machine: some seconds, once a process."""
    draw({"data": {"values": [{"n": 1}]}, "mark": "bar", "encoding": {"y": {"field": "n", "type": "quantitative"}}})


@lru_cache(maxsize=_KEPT)
def _drawn(spec: str) -> str:
    # Loaded with the first chart: it is large, and most commands draw nothing.
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], format_locale=_NUMBERS))
    name = sha256(spec.encode()).hexdigest()[:10]
    # Several drawings stand on one page, so what they name has to differ.
    svg = re.sub(r'(id="|url\(#)(clip|gradient)', rf"\1c{name}\2", svg)
    svg = svg.replace('xlink:href="', 'href="').replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    # What has no link beside something that has one would be led to a page of Vega's.
    svg = re.sub(rf'<a href="(?!{re.escape(_HOST)})[^"]*">(.*?)</a>', r"\1", svg).replace(_HOST, "")
    svg = svg.replace('fill="white"', f'fill="{TONES["surface"]}"').replace('fill="#fff"', f'fill="{TONES["surface"]}"')
    return re.sub(r'<svg ([^>]*?)width="[\d.]+" height="[\d.]+" ', r'<svg \1role="group" ', svg, count=1)
