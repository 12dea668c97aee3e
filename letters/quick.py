"""Lines of text that come again are set and drawn from memory: most lines of a letter are in every letter of its form.

WeasyPrint asks Pango where each line breaks, and draws it glyph by glyph. Both are pure functions of the words, the
style and the width, so for font configurations that ask for it (`prepare`) their results are kept, the least used
forgotten first. Whatever is out of the ordinary (decorated, ellipsed, right to left, a glyph that the font lacks) takes
the ordinary way. The bytes are the same, which the tests hold it to.

This changes functions of WeasyPrint, one version of it; with any other, nothing is changed.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from letters import shortcuts

KNOWN_VERSION = "70.0"
MOST_LINES = 150
MOST_BREAKS = 400

_MEMORY = "letters_memory"
_KEY = "letters_key"
_SHAPING = (
    *("font_family", "font_style", "font_stretch", "font_weight", "font_size", "font_kerning"),
    *("font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric"),
    *("font_variant_alternates", "font_variant_east_asian", "font_feature_settings", "font_variation_settings"),
    *("font_language_override", "lang", "direction", "letter_spacing", "word_spacing", "white_space"),
    *("overflow_wrap", "word_break", "hyphens", "hyphenate_character", "hyphenate_limit_chars"),
    *("hyphenate_limit_zone", "tab_size", "text_decoration_line"),
)
_EMPTY_GLYPH, _UNKNOWN_GLYPH = 0x0FFFFFFF, 0x10000000
_GLYPH_INTS = 5
"""A `PangoGlyphInfo` is glyph, width, x offset, y offset and flags: 32 bits each."""


@dataclass(slots=True)
class _Face:
    """A font at one size: what WeasyPrint knows of it before any glyph is used, and the widths of glyphs met so far."""

    key: int
    size: float
    fresh: Any
    keeper: Any
    """A Pango layout that uses the font: as long as it lives, the font does and its address is its own."""
    widths: dict[int, int] = field(default_factory=dict)

    def in_document(self, known: dict[int, Any]) -> Any:
        """Return the document's own font, made on first use."""
        font = known.get(self.key)
        if font is None:
            font = known[self.key] = copy.copy(self.fresh)
            font.widths, font.to_unicode, font.missing = {}, {}, {}
            font.variations = dict(self.fresh.variations)
        return font


@dataclass(frozen=True, slots=True)
class _Run:
    """Glyphs in one face, ready to show, and what a reader copies for each glyph that is new in this line."""

    face: _Face
    shown: str
    glyphs: tuple[tuple[int, str, int], ...]


class _Memory:
    """What one thread remembers of lines; `None` for one that must take the ordinary way."""

    def __init__(self) -> None:
        self.breaks: OrderedDict[Any, Any] = OrderedDict()
        self.lines: OrderedDict[Any, tuple[_Run, ...] | None] = OrderedDict()
        self.faces: dict[int, _Face] = {}


_lock = threading.Lock()
_is_changed = False


def prepare(fonts: Any, version: str) -> None:
    """Let this font configuration remember lines, if this WeasyPrint is the one that we know."""
    global _is_changed  # noqa: PLW0603 - functions of a module are changed once a process
    if version != KNOWN_VERSION:
        return
    with _lock:
        if not _is_changed:
            _change()
            _is_changed = True
    setattr(fonts, _MEMORY, _Memory())


def _change() -> None:
    import pydyf  # type: ignore[import-untyped] # noqa: PLC0415 - comes with WeasyPrint
    from weasyprint import draw
    from weasyprint.layout import inline, percent
    from weasyprint.text import line_break

    shortcuts.replace(line_break.split_first_line, _remembered_breaks(line_break.split_first_line))
    inline.create_layout = _unset_layout(inline.create_layout)
    draw.draw_text = _remembered_lines(draw.draw_text)
    lengths, strut = percent.resolve_percentages, line_break.strut
    shortcuts.replace(lengths, shortcuts.remembered_lengths(lengths, _is_remembering))
    shortcuts.replace(strut, shortcuts.remembered_strut(strut, _is_remembering))
    pydyf._to_bytes = shortcuts.quicker_bytes(pydyf._to_bytes)  # noqa: SLF001 - every number passes through it


def _is_remembering(style: Any) -> bool:
    return getattr(style.font_config, _MEMORY, None) is not None


def _key_of(style: Any) -> tuple[Any, ...]:
    """Return what of a style decides how words are set; kept with the style, which layout leaves as it is."""
    key: tuple[Any, ...] | None = getattr(style, _KEY, None)
    if key is None:
        key = tuple(_hashable(style[name]) for name in _SHAPING)
        setattr(style, _KEY, key)
    return key


def _hashable(value: Any) -> Any:
    if isinstance(value, set):
        return frozenset(value)
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def _kept(memory: OrderedDict[Any, Any], most: int, key: Any, value: Any) -> Any:
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
    return value


def _remembered_breaks(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    def split_first_line(
        text: str,
        style: Any,
        context: Any,
        max_width: float | None,
        justification_spacing: float,
        is_line_start: bool = True,  # noqa: FBT001, FBT002
        minimum: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        memory: _Memory | None = getattr(style.font_config, _MEMORY, None)
        if memory is None:
            return ordinary(text, style, context, max_width, justification_spacing, is_line_start, minimum)
        key = (text, _key_of(style), max_width, justification_spacing, is_line_start, minimum)
        found = memory.breaks.get(key)
        if found is None:
            found = ordinary(text, style, context, max_width, justification_spacing, is_line_start, minimum)
            return _kept(memory.breaks, MOST_BREAKS, key, found)
        memory.breaks.move_to_end(key)
        return found

    return split_first_line


def _unset_layout(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """Make no Pango layout for a justified line: it would be thrown away unread, and made again for drawing."""
    from weasyprint.text.line_break import Layout

    class Unset(Layout):  # type: ignore[misc] # the library has no types
        """A layout that waits for `reactivate`."""

        def __init__(self, text: str, justification_spacing: float, max_width: float | None) -> None:
            self.justification_spacing = justification_spacing
            self.max_width = max_width
            self.first_line_direction = 0
            self.text = text
            self.ascent = self.underline_position = self.strikethrough_position = None

        def deactivate(self) -> None:
            """Forget the Pango objects, if there are any."""
            if "layout" in self.__dict__:
                super().deactivate()

    def create_layout(
        text: str, style: Any, context: Any, max_width: float | None, justification_spacing: float
    ) -> Any:
        is_ordinary = (
            getattr(style.font_config, _MEMORY, None) is None
            or "\n" in text
            or style["word_spacing"]
            or style["text_decoration_line"] != "none"
        )
        if is_ordinary:
            return ordinary(text, style, context, max_width, justification_spacing)
        return Unset(text, justification_spacing, max_width)

    return create_layout


def _remembered_lines(ordinary: Callable[..., None]) -> Callable[..., None]:
    def draw_text(
        stream: Any, textbox: Any, offset_x: float, text_overflow: str = "clip", block_ellipsis: str = "none"
    ) -> None:
        style, layout = textbox.style, textbox.pango_layout
        memory: _Memory | None = getattr(style.font_config, _MEMORY, None)
        if memory is None or not _is_plain(style, text_overflow, block_ellipsis):
            return ordinary(stream, textbox, offset_x, text_overflow, block_ellipsis)
        key = (layout.text, layout.justification_spacing, bool(textbox.text.strip()), _key_of(style))
        if key in memory.lines:
            memory.lines.move_to_end(key)
            runs = memory.lines[key]
        else:
            runs = _kept(memory.lines, MOST_LINES, key, _runs_of(textbox, memory))
        if runs is None:
            return ordinary(stream, textbox, offset_x, text_overflow, block_ellipsis)
        return _show(stream, textbox, runs)

    return draw_text


def _is_plain(style: Any, text_overflow: str, block_ellipsis: str) -> bool:
    return bool(
        text_overflow != "ellipsis"
        and block_ellipsis == "none"
        and style["visibility"] == "visible"
        and style["text_decoration_line"] == "none"
        and style["font_size"] >= 1
    )


def _show(stream: Any, textbox: Any, runs: tuple[_Run, ...]) -> None:
    """Write a line as `draw_text` does."""
    stream.set_color(textbox.style["color"])
    stream.begin_text()
    if runs:
        stream.set_text_matrix(1, 0, 0, -1, textbox.position_x, textbox.position_y + textbox.baseline)
        for run in runs:
            font = run.face.in_document(stream._fonts)  # noqa: SLF001 - what `add_font` does
            stream.set_font_size(font.hash, run.face.size)
            for glyph, text, width in run.glyphs:
                font.to_unicode.setdefault(glyph, text)
                font.widths.setdefault(glyph, width)
            stream.show_text(run.shown)
    stream.end_text()


def _runs_of(textbox: Any, memory: _Memory) -> tuple[_Run, ...] | None:
    """Set a line and return its runs; None where it is out of the ordinary."""
    from weasyprint.text.ffi import ffi, pango

    if not textbox.text.strip():
        return ()
    layout = textbox.pango_layout
    layout.reactivate(textbox.style)
    try:
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)  # noqa: FBT003 - C
        first_line, _ = layout.get_first_line()
        text, runs = layout.text.encode(), list[_Run]()
        node = first_line.runs[0]
        while node != ffi.NULL:
            face = _face_of(node.data.item.analysis.font, layout.layout, memory)
            run = _run_of(node.data, face, text)
            if run is None:
                return None
            if runs and runs[-1].face is face:
                last = runs.pop()
                run = _Run(face, last.shown + run.shown, last.glyphs + run.glyphs)
            runs.append(run)
            node = node.next
        return tuple(runs)
    finally:
        layout.deactivate()


def _face_of(font: Any, layout: Any, memory: _Memory) -> _Face:
    from weasyprint.pdf.fonts import Font
    from weasyprint.text.ffi import ffi
    from weasyprint.text.fonts import get_pango_font_key

    address = int(ffi.cast("uintptr_t", font))
    if address not in memory.faces:
        key, description, size = get_pango_font_key(font)
        memory.faces[address] = _Face(key, size, Font(font, description, size), keeper=layout)
    return memory.faces[address]


def _run_of(item: Any, face: _Face, text: bytes) -> _Run | None:
    """Return the glyphs of a run as `draw_first_line` writes them; None where it would do more than that."""
    from weasyprint.text.ffi import FROM_UNITS, ffi

    if item.item.analysis.level % 2 or face.fresh.bitmap or face.fresh.png or face.fresh.svg or face.fresh.colr:
        return None
    count, start, length = item.glyphs.num_glyphs, item.item.offset, item.item.length
    numbers = memoryview(ffi.buffer(item.glyphs.glyphs, count * _GLYPH_INTS * 4)).cast("i")
    clusters = [*ffi.unpack(item.glyphs.log_clusters, count), length]
    shown, used = ["<"], dict[int, tuple[str, int]]()
    for index in range(count):
        glyph, width, offset_x, offset_y, _ = numbers[index * _GLYPH_INTS : (index + 1) * _GLYPH_INTS]
        if glyph == _EMPTY_GLYPH:
            shown.append(f">{-width / face.size}<")
            continue
        if glyph & _UNKNOWN_GLYPH or offset_y:
            return None
        if glyph not in used:
            word = text[start + clusters[index] : start + clusters[index + 1]].decode()
            used[glyph] = (word, _width_of(item.item.analysis.font, glyph, face))
        offset = offset_x / face.size
        if offset:
            shown.append(f">{-offset}<")
        shown.append(f"{glyph:04x}")
        kerning = used[glyph][1] + offset - width * 1000 * FROM_UNITS / face.size
        if kerning:
            shown.append(f">{int(kerning)}<")
    joined = "".join(shown)
    shown_text = joined[:-1] if joined.endswith("<") else joined + ">"
    return _Run(face, shown_text, tuple((glyph, *known) for glyph, known in used.items()))


def _width_of(font: Any, glyph: int, face: _Face) -> int:
    """Return the advance of a glyph in thousandths of its size."""
    if glyph not in face.widths:
        from weasyprint.text.ffi import FROM_UNITS, ffi, pango

        ink, logical = ffi.new("PangoRectangle *"), ffi.new("PangoRectangle *")
        pango.pango_font_get_glyph_extents(font, glyph, ink, logical)
        face.widths[glyph] = round(logical.width * 1000 * FROM_UNITS / face.size)
    return face.widths[glyph]
