"""Letters of one form share their tags: parse and cascade them once, and change only words from letter to letter.

The markup of a letter is cut at its tags. What is left when every text, and every attribute that only carries words,
is taken out is its skeleton. For each skeleton the parsed tree and the computed styles are kept, and the next letter
with the same skeleton only has its words put into their places: they never pass through a parser, so no word can
become a tag. The pages come out byte for byte as without all this, which the tests hold it to.

This reaches into WeasyPrint, one version of it: with any other, and for markup or stylesheets where words could matter
to the cascade, a letter simply takes the ordinary way.
"""

from __future__ import annotations

import html as entities
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

KNOWN_VERSION = "70.0"
MOST_SKELETONS = 48

_TAG = re.compile(r"(<[^>]*>)")
_CARRIER = re.compile(r"<(?:meta|img)\b")
_WORDS = re.compile(r'( (?:content|alt)="| src="mark:)([^"]*)"')
_COLD_MARKUP = re.compile(r"<(?:style|link|script|base|svg|pre|textarea|!--)|\sid=", re.IGNORECASE)
_COLD_STYLE = re.compile(r"[\[]|attr\(|contains\(|:empty|\d(?:vw|vh|vi|vb|vmin|vmax)\b")
_PLACE = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Cut:
    """Markup in two parts: its skeleton, with numbered places, and the words that belong there."""

    skeleton: str
    words: tuple[str, ...]


@dataclass(slots=True)
class Skeleton:
    """A parsed document whose words can be changed, and its computed styles by stylesheets."""

    document: Any
    slots: tuple[tuple[Any, str, tuple[str | int, ...]], ...]
    styles: dict[str, Any] = field(default_factory=dict)

    def fill(self, words: Sequence[str]) -> Any:
        """Put words into their places and return the document."""
        for element, name, pieces in self.slots:
            value = "".join(piece if isinstance(piece, str) else words[piece] for piece in pieces)
            if name == "text":
                element.text = value
            elif name == "tail":
                element.tail = value
            else:
                element.set(name, value)
        return self.document


@dataclass(frozen=True, slots=True)
class Setting:
    """What `HTML.render` is given besides stylesheets."""

    font_config: Any
    images: dict[str, Any]
    color_profiles: dict[str, Any]
    output_intent: str | None

    def image_of(self, fetcher: Any) -> Any:
        """Return the function that gets an image by its address."""
        from weasyprint import DEFAULT_OPTIONS
        from weasyprint.images import get_image_from_uri

        return partial(get_image_from_uri, cache=self.images, url_fetcher=fetcher, options=DEFAULT_OPTIONS)


def is_steady(css: str) -> bool:
    """Say whether words cannot change which rules of a stylesheet apply."""
    return _COLD_STYLE.search(css) is None


def cut(markup: str) -> Cut | None:
    """Cut markup at its tags; None where words may matter to the parser or the cascade."""
    if _COLD_MARKUP.search(markup) or "\ue000" in markup or "\r" in markup:
        return None
    words: list[str] = []
    parts = _TAG.split(markup)
    for index, part in enumerate(parts):
        if index % 2:
            parts[index] = _WORDS.sub(partial(_carried, words), part) if _CARRIER.match(part) else part
        elif part and not part.isspace():
            parts[index] = _placed(words, part)
    return Cut("".join(parts), tuple(words))


def _placed(words: list[str], text: str) -> str:
    words.append(entities.unescape(text))
    return f"\ue000{len(words) - 1}\ue001"


def _carried(words: list[str], found: re.Match[str]) -> str:
    lead, text = found.groups()
    kind = lead[lead.index('"') + 1 :]
    return f'{lead.removesuffix(kind)}{_placed(words, kind + text)}"'


def same_tree(one: Any, other: Any) -> bool:
    """Say whether two parsed trees are equal, words and all."""
    pairs = zip(one.iter(), other.iter(), strict=False)
    return len(list(one.iter())) == len(list(other.iter())) and all(
        (a.tag, a.text or "", a.tail or "", a.attrib, len(a)) == (b.tag, b.text or "", b.tail or "", b.attrib, len(b))
        for a, b in pairs
    )


def slots_of(root: Any) -> Iterator[tuple[Any, str, tuple[str | int, ...]]]:
    """Yield each place for words in a parsed skeleton: the element, what of it, and what it is made of."""
    for element in root.iter():
        for name, value in (("text", element.text), ("tail", element.tail), *element.attrib.items()):
            if value and "\ue000" in value:
                pieces = _PLACE.split(value)
                yield element, name, tuple(int(piece) if index % 2 else piece for index, piece in enumerate(pieces))


class Skeletons:
    """The skeletons that one thread has met lately. A skeleton is kept from its second letter on."""

    def __init__(self, parse: Any, version: str) -> None:
        """Take what parses markup, and WeasyPrint's version."""
        self._parse = parse
        self._is_known = version == KNOWN_VERSION
        self._kept: OrderedDict[str, Skeleton | None] = OrderedDict()

    def document_of(self, markup: str) -> tuple[Any, Skeleton | None]:
        """Return the parsed document of a letter, and its skeleton where it has one."""
        found = cut(markup) if self._is_known else None
        if found is None:
            return self._parse(markup), None
        if found.skeleton not in self._kept:
            self._keep(found.skeleton, None)
            return self._parse(markup), None
        skeleton = self._kept[found.skeleton]
        self._kept.move_to_end(found.skeleton)
        if skeleton is not None:
            return skeleton.fill(found.words), skeleton
        return self._new(found, markup)

    def _new(self, found: Cut, markup: str) -> tuple[Any, Skeleton | None]:
        document = self._parse(found.skeleton)
        skeleton = Skeleton(document, tuple(slots_of(document.etree_element)))
        ordinary = self._parse(markup)
        if not same_tree(skeleton.fill(found.words).etree_element, ordinary.etree_element):
            return ordinary, None
        self._keep(found.skeleton, skeleton)
        return document, skeleton

    def forget(self, markup: str) -> None:
        """Forget a skeleton: whatever was wrong with its letter may hide in what is kept."""
        if found := cut(markup):
            self._kept.pop(found.skeleton, None)

    def _keep(self, key: str, skeleton: Skeleton | None) -> None:
        self._kept[key] = skeleton
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_SKELETONS:
            self._kept.popitem(last=False)


def lay_out(skeleton: Skeleton, style: str, sheets: Sequence[Any], given: Setting) -> Any:
    """Do what `HTML.render` does, with the styles computed once for each skeleton and name of a `style`."""
    from weasyprint.css.counters import CounterStyle
    from weasyprint.css.targets import TargetCollector
    from weasyprint.document import Document, DocumentMetadata, Page
    from weasyprint.formatting_structure.build import build_formatting_structure
    from weasyprint.html import get_html_metadata
    from weasyprint.layout import LayoutContext, layout_document

    html, fonts = skeleton.document, given.font_config
    counters, targets = CounterStyle(), TargetCollector()
    for counter in html._ua_counter_style():  # noqa: SLF001 - what `get_all_computed_styles` does
        counters.update(counter)
    style_for = _styles(skeleton, style, sheets, fonts)
    context = LayoutContext(style_for, given.image_of(html.url_fetcher), fonts, counters, targets)
    root = build_formatting_structure(
        html.etree_element, style_for, context.get_image_from_uri, html.base_url, targets, counters, context.footnotes
    )
    pages = [Page(box) for box in layout_document(html, root, context)]
    metadata = DocumentMetadata(**get_html_metadata(html))
    document = Document(pages, metadata, html.url_fetcher, fonts, given.color_profiles, given.output_intent)
    document._html = html  # noqa: SLF001 - as `Document._render` leaves it
    return document


def _styles(skeleton: Skeleton, style: str, sheets: Sequence[Any], fonts: Any) -> Any:
    from weasyprint.css import get_all_computed_styles

    found = skeleton.styles.get(style)
    if found is None:
        found = get_all_computed_styles(skeleton.document, sheets, font_config=fonts, page_rules=[], layers=[])
        skeleton.styles[style] = found
    found.initial_page_sizes.update(box=None, area=None)
    return found
