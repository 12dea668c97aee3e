"""Codes that a telephone and a counter scanner read off paper."""

from __future__ import annotations

import secrets

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from letters.marks import Mark, bars, qr
from tests.letters.reading import codes_in
from tests.letters.samples import URL, receipt


def drawn(mark: Mark, scale: int, height: int) -> Image.Image:
    """The mark as a scanner sees it, `scale` pixels a module."""
    picture = Image.new("L", (mark.width * scale, mark.height * height), 255)
    pen = ImageDraw.Draw(picture)
    for rectangle in mark.path.split(" re"):
        if rectangle:
            x, y, length, _ = map(int, rectangle.split())
            left, top = x * scale, y * height
            pen.rectangle((left, top, left + length * scale - 1, top + height - 1), fill=0)
    return picture


def test_two_hundred_qr_codes_read_back():
    for _ in range(200):
        url = f"https://motcua.example.vn/xac-minh/{secrets.token_urlsafe(16)}"
        found = zxingcpp.read_barcodes(drawn(qr(url), 3, 3))
        assert [code.text for code in found] == [url]


@pytest.mark.parametrize("length", [1, 2, 5, 12, 16, 24])
def test_code_128_of_any_count_of_digits_reads_back(length):
    digits = ("9012345678" * 3)[:length]
    found = zxingcpp.read_barcodes(drawn(bars(digits), 3, 60))
    assert [(code.format.name, code.text) for code in found] == [("Code128", digits)]


def test_the_printed_slip_is_read_at_150_dots_an_inch(rendered):
    assert codes_in(rendered["receipt"].pdf) == {"QRCode": URL, "Code128": "2611020012345678"}
    for form in ("supplement_request", "refusal", "apology", "discontinuation"):
        assert codes_in(rendered[form].pdf) == {"QRCode": URL}


def test_the_longest_address_and_the_most_digits_are_still_read(renderer):
    url = "https://motcua.example.vn/xac-minh/" + "Aq9_" * 36
    slip = renderer.render(receipt(verification_url=url, counter_digits="123456789012345678901234"))
    assert codes_in(slip.pdf) == {"QRCode": url, "Code128": "123456789012345678901234"}
