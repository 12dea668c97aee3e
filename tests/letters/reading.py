"""Reads a finished PDF back, with libraries that had no part in making it."""

from __future__ import annotations

import io
import re
from collections import Counter
from html.parser import HTMLParser

import pikepdf
import pypdfium2
import zxingcpp
from PIL.Image import Image


def squeezed(text: str) -> str:
    """Without blanks: a line break in the middle of a name is the typesetter's, not the writer's.

    PDFium reads a hyphen at the end of a line as one that it may drop, and says U+0002 for it.
    """
    return re.sub(r"\s+", "", text.replace("\x02", "-"))


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def boxes_of(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top in points of every printed character, page after page."""
    boxes = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            textpage = page.get_textpage()
            drawn = textpage.get_text_range()
            boxes += [textpage.get_charbox(i) for i in range(textpage.count_chars()) if i < len(drawn)]
    return [box for box in boxes if box[2] > box[0]]


def picture_of(pdf: bytes, page: int = 0, dpi: int = 150) -> Image:
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=dpi / 72).to_pil()
    assert isinstance(picture, Image)
    return picture


def codes_in(pdf: bytes, dpi: int = 150) -> dict[str, str]:
    """What a scanner reads off the last page printed at `dpi`: symbology -> text."""
    with pypdfium2.PdfDocument(pdf) as document:
        last = len(document) - 1
    return {found.format.name: found.text for found in zxingcpp.read_barcodes(picture_of(pdf, last, dpi))}


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def fonts_in(pdf: bytes) -> dict[str, bool]:
    """Name of each font in the file (without the tag of the subset) and whether it is embedded."""
    found = {}
    with opened(pdf) as document:
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
                name = str(thing.FontName).lstrip("/").split("+")[-1]
                found[name] = any(key in thing for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "title"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def letters_of_markup(markup: str) -> Counter[str]:
    """How often each character is visible in a piece of HTML."""
    words = _Words()
    words.feed(markup)
    return Counter(squeezed("".join(words.words)))
