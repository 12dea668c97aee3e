"""Paper without an end: a page is laid out as high as a roll can be, and cut off where its content ends."""

from __future__ import annotations

from typing import Any


def cut_to_content(page: Any) -> None:
    """Make a WeasyPrint page as high as what stands on it, the margin at the foot kept."""
    box = page._page_box  # noqa: SLF001 - nothing public says how far down a page is filled
    body = box.children[0].children[0]
    page.height = max(child.position_y + child.margin_height() for child in body.children) + box.margin_bottom
