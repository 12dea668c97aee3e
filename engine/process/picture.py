"""A diagram as an SVG that needs nothing else: lanes, steps, ways, with the place and the path of one dossier."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from lxml import etree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_TASKS = frozenset(
    {"userTask", "task", "serviceTask", "manualTask", "callActivity", "sendTask", "receiveTask", "subProcess"}
)
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
_SIGNS = {"exclusiveGateway": "×", "parallelGateway": "+", "inclusiveGateway": "○", "eventBasedGateway": "◇"}
_FILLS = {"done": "#e2f3e7", "current": "#fff1d2", "": "#ffffff"}
_INK, _LINE, _MARGIN = "#1b2320", "#55605a", 20.0
_LETTER = 6.2  # how wide a letter of 11 px is, about
_ARROW = (
    '<defs><marker id="end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path d="M0 0L10 5L0 10z" fill="{_LINE}"/></marker></defs>'
)
_Box = tuple[float, float, float, float]
# From "nothing known" to "very hot"; the number beside each says the same without colour.
WARMTHS = ("#ffffff", "#e2f3e7", "#fff1d2", "#f9c9a0", "#f0a39a")


@dataclass(frozen=True, slots=True)
class Warm:
    """How warm a step is drawn (see `WARMTHS`), how many lie there now in figures and in words, a line about it."""

    warmth: int
    now: str
    here: str
    line: str


def drawn(
    xml: str,
    *,
    active: Collection[str] = (),
    done: Collection[str] = (),
    warm: Mapping[str, Warm] | None = None,
    title: str = "Sơ đồ quy trình",
) -> str:
    """Draw a diagram as it lies in its file; what is done and where the dossier stands is marked in colour and word.

    `warm`: steps as they are over a period, instead of one dossier. `title` is read out instead of the drawing.
    """
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    named = {element.get("id", ""): element for element in root.iter(f"{_BPMN}*") if element.get("id")}
    boxes = {shape.get("bpmnElement", ""): _box(shape) for shape in root.iter("{*}BPMNShape")}
    ways = [(edge.get("bpmnElement", ""), _points(edge)) for edge in root.iter("{*}BPMNEdge")]
    xs = [x for box in boxes.values() for x in (box[0], box[0] + box[2])] + [x for _id, way in ways for x, _y in way]
    ys = [y for box in boxes.values() for y in (box[1], box[1] + box[3])] + [y for _id, way in ways for _x, y in way]
    left, top = min(xs, default=0) - _MARGIN, min(ys, default=0) - _MARGIN
    width, height = max(xs, default=0) - left + _MARGIN, max(ys, default=0) - top + 3 * _MARGIN
    seen = f'viewBox="{left:g} {top:g} {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    look = f'font-family="sans-serif" font-size="11" fill="{_INK}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {seen} {look} role="img" aria-label="{escape(title)}">',
        _ARROW,
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="#ffffff"/>',
    ]
    for id_, box in boxes.items():
        kind = _kind(named, id_)
        if kind in {"lane", "participant"}:
            parts += _lane(box, _name(named, id_))
    parts += [_way(points) for _id, points in ways if points]
    for id_, box in boxes.items():
        state = "current" if id_ in active else "done" if id_ in done else ""
        parts += _node(_kind(named, id_), box, _name(named, id_), state)
        if warm and id_ in warm:
            parts += _warmed(box, _name(named, id_), warm[id_])
    return "\n".join([*parts, "</svg>", ""])


def elements_of(xml: str) -> frozenset[str]:
    """What a diagram shows, by id."""
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    return frozenset(shape.get("bpmnElement", "") for shape in root.iter("{*}BPMNShape"))


def _kind(named: dict[str, etree._Element], id_: str) -> str:
    element = named.get(id_)
    return etree.QName(element).localname if element is not None else ""


def _name(named: dict[str, etree._Element], id_: str) -> str:
    element = named.get(id_)
    return (element.get("name") or "") if element is not None else ""


def _box(shape: etree._Element) -> _Box:
    for bounds in shape.iterchildren("{*}Bounds"):
        x, y, width, height = (float(bounds.get(name, "0")) for name in ("x", "y", "width", "height"))
        return x, y, width, height
    return 0.0, 0.0, 0.0, 0.0


def _points(edge: etree._Element) -> list[tuple[float, float]]:
    return [(float(point.get("x", "0")), float(point.get("y", "0"))) for point in edge.iterchildren("{*}waypoint")]


def _way(points: list[tuple[float, float]]) -> str:
    way = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{way}" fill="none" stroke="{_LINE}" stroke-width="1.2" marker-end="url(#end)"/>'


def _lane(box: _Box, name: str) -> Iterator[str]:
    x, y, width, height = box
    yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none" stroke="{_LINE}"/>'
    middle = f"{x + 14:g} {y + height / 2:g}"
    yield (
        f'<text x="{x + 14:g}" y="{y + height / 2:g}" text-anchor="middle" transform="rotate(-90 {middle})" '
        f'font-weight="600">{escape(name)}</text>'
    )


def _node(kind: str, box: _Box, name: str, state: str) -> Iterator[str]:
    x, y, width, height = box
    cx, cy, fill, thick = x + width / 2, y + height / 2, _FILLS[state], 3 if state == "current" else 1.4
    look = f'fill="{fill}" stroke="{_INK}" stroke-width="{thick}"'
    if kind in _TASKS:
        yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" {look}/>'
        yield from _words(name, cx, cy, width - 8)
        if state:
            word = "đang ở đây" if state == "current" else "đã xong"
            yield f'<text x="{cx:g}" y="{y + height + 12:g}" text-anchor="middle" font-size="10">{word}</text>'
    elif kind in _EVENTS:
        border = 3 if kind == "endEvent" else 1.4
        line = f'fill="#ffffff" stroke="{_INK}" stroke-width="{border}"'
        yield f'<circle cx="{cx:g}" cy="{cy:g}" r="{width / 2:g}" {line}/>'
        yield from _words(name, cx, y + height + 16, 110)
    elif kind in _GATEWAYS:
        corners = f"{cx:g},{y:g} {x + width:g},{cy:g} {cx:g},{y + height:g} {x:g},{cy:g}"
        yield f'<polygon points="{corners}" {look}/>'
        yield f'<text x="{cx:g}" y="{cy + 5:g}" text-anchor="middle" font-size="16">{_SIGNS[kind]}</text>'
        yield from _words(name, cx, y - 12, 110)


def _warmed(box: _Box, name: str, warm: Warm) -> Iterator[str]:
    x, y, width, height = box
    right, line = x + width, escape(warm.line)
    yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="{WARMTHS[warm.warmth]}" '
    yield f'stroke="{_INK}" stroke-width="1.4"><title>{escape(name)}: {escape(warm.here)}; {line}</title></rect>'
    yield from _words(name, x + width / 2, y + height / 2, width - 8)
    yield f'<circle cx="{right:g}" cy="{y:g}" r="11" fill="{_INK}"/>'
    yield f'<text x="{right:g}" y="{y + 4:g}" text-anchor="middle" fill="#ffffff" font-weight="700">{warm.now}</text>'
    look = 'text-anchor="middle" font-size="10" paint-order="stroke" stroke="#ffffff" stroke-width="4"'  # over ways
    yield f'<text x="{x + width / 2:g}" y="{y + height + 13:g}" {look}>{line}</text>'


def _words(name: str, x: float, y: float, width: float) -> Iterator[str]:
    lines = wrap(name, max(int(width / _LETTER), 8))[:5]
    first = y - 6.5 * (len(lines) - 1) + 4
    for number, line in enumerate(lines):
        yield f'<text x="{x:g}" y="{first + 13 * number:g}" text-anchor="middle">{escape(line)}</text>'
