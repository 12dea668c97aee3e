"""The forms beside the five for applicants, and what is printed without a number: true to the data, on their paper."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from letters import LetterNotRenderable, Party, ReceiptSlip, Rendered, check, from_json, to_json
from letters.archive import document_from_json
from letters.forms import FORMS, RoutingSlip
from letters.render import Renderer
from letters.titles import form_number, source_of_form
from tests.letters.more_samples import (
    MORE,
    MORE_LONG,
    MORE_OTHERS,
    PRINTED,
    PRINTED_LONG,
    entries,
    error_apology,
    register_book,
    roll_receipt,
    routing_slip,
)
from tests.letters.reading import boxes_of, fonts_in, letters_of_markup, opened, picture_of, squeezed, text_of
from tests.letters.samples import ORDINARY, URL, everywhere, receipt

MILLIMETRE = 72 / 25.4
HOSTILE = "</p><b>\"x\"</b> & {{7*7}} <img src=http://x.example/a> <script>'1'</script>"


@pytest.fixture(scope="module")
def more(renderer: Renderer) -> dict[str, Rendered]:
    papers: dict[str, Any] = {**MORE, **MORE_OTHERS, **PRINTED}
    return {name: renderer.render(paper) for name, paper in papers.items()}


@pytest.mark.parametrize("name", [*MORE, *MORE_OTHERS])
def test_the_text_read_back_is_the_text_put_in(renderer, more, name):
    put_in = letters_of_markup(renderer.markup({**MORE, **MORE_OTHERS}[name]))
    read = Counter(squeezed(text_of(more[name].pdf)))
    assert not put_in - read
    assert "\u00a0" not in text_of(more[name].pdf)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_prints_what_the_unit_says_first_and_last(renderer, form):
    said = replace({**ORDINARY, **MORE}[form], opening="Kính thưa quý vị,", closing="Trân trọng cảm ơn.")
    first, _, rest = renderer.markup(said).partition("Kính thưa quý vị,")
    assert said.procedure_name[:20] not in first.partition("<body")[2]
    assert "Trân trọng cảm ơn." in rest


@pytest.mark.parametrize("form", MORE_LONG)
def test_the_longest_lose_nothing_and_stay_inside_the_paper(renderer, form):
    done = renderer.render(MORE_LONG[form])
    assert not letters_of_markup(renderer.markup(MORE_LONG[form])) - Counter(squeezed(text_of(done.pdf)))
    width, height = 210 * MILLIMETRE, 297 * MILLIMETRE
    assert all(box[0] > 0 and box[2] < width and box[1] > 0 and box[3] < height for box in boxes_of(done.pdf))


@pytest.mark.parametrize("name", [*MORE, *PRINTED])
def test_each_freezes_thaws_and_renders_to_the_same_bytes(renderer, more, name):
    paper: Any = MORE.get(name) or PRINTED[name]
    thawed = document_from_json(paper.form, to_json(paper))
    assert thawed == paper
    if name != "register_book":
        assert renderer.render(thawed).sha256 == more[name].sha256
    assert all(fonts_in(more[name].pdf).values())
    with opened(more[name].pdf) as document:
        assert document.Root.MarkInfo.Marked
        assert b'pdfuaid:part="1"' in document.Root.Metadata.read_bytes()


@pytest.mark.parametrize("form", MORE)
def test_markup_in_every_field_is_printed_as_text(renderer, form):
    letter = everywhere(MORE[form], HOSTILE)
    done = renderer.render(letter)
    assert squeezed(letter.applicant.name) in squeezed(text_of(done.pdf))
    with opened(done.pdf) as document:
        assert not any("/Annots" in page for page in document.pages)


def test_markup_in_what_is_printed_without_a_number_is_text_too(renderer):
    line = replace(entries(1)[0], applicant=HOSTILE, procedure=HOSTILE)
    for paper in (register_book(entries=(line,)), roll_receipt(applicant=Party(name=HOSTILE))):
        assert squeezed(HOSTILE) in squeezed(text_of(renderer.render(paper).pdf))


def test_a_slip_of_25_steps_breaks_between_rows_and_repeats_its_head(renderer):
    slip: Any = MORE_LONG["routing_slip"]
    done = renderer.render(slip)
    assert 2 <= done.pages <= 5
    with pypdfium2.PdfDocument(done.pdf) as document:
        texts = [squeezed(page.get_textpage().get_text_bounded()) for page in document]
    assert all("Thờigiangiao,nhậnhồsơ" in text for text in texts)
    rows = ["".join(f"Giao:{line.giver_unit}".split()) for line in slip.hand_overs]
    assert sum(text.count("1.Giao:") for text in texts) == len(rows) == 25
    assert [text.count("1.Giao:") for text in texts] == [text.count("2.Nhận:") for text in texts]


def test_a_slip_says_who_handed_over_and_leaves_room_for_who_has_not_taken_it(more):
    text = " ".join(text_of(more["routing_slip"].pdf).split())
    assert "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ" in text
    assert "Người giao: Lê Văn Minh" in text
    assert "Người nhận: ……………" in text
    assert {"Trước hạn", "Đúng hạn", "Quá hạn"} <= {
        word for word in ("Trước hạn", "Đúng hạn", "Quá hạn") if word in text
    }
    assert "Số: …………" in text_of(more["routing slip of a company, not issued"].pdf)
    assert "chưa có ngày hẹn" in text_of(more["routing slip of 2018"].pdf)


def test_a_register_over_pages_repeats_its_head_counts_pages_and_loses_no_dossier(renderer):
    wanted = entries(60)
    done = renderer.render(register_book(entries=wanted))
    with pypdfium2.PdfDocument(done.pdf) as document:
        assert document[0].get_size()[0] > document[0].get_size()[1]
        texts = [squeezed(page.get_textpage().get_text_bounded()) for page in document]
    assert done.pages == len(texts) > 3
    for number, text in enumerate(texts, 1):
        assert f"Trang{number}/{done.pages}" in text
        assert "Mãhồsơ" in text or "Phươngthứcnhận" in text
    together = "".join(texts)
    assert all(entry.code in together for entry in wanted)


def test_the_hand_over_list_is_a_sheet_for_each_receiver(more):
    with pypdfium2.PdfDocument(more["hand_over_list"].pdf) as document:
        texts = [squeezed(page.get_textpage().get_text_bounded()) for page in document]
    assert ["Bênnhận:" in text for text in texts] == [True, True]
    assert "BÊNGIAO" in texts[0]


def test_slips_for_a_power_cut_lie_two_on_a_sheet_whole(renderer, more):
    """Also those of an office with a long name: a slip that is cut in two has no place to sign."""
    for pdf, slips in ((more["blank_slips"].pdf, 5), (renderer.render(PRINTED_LONG["blank_slips"]).pdf, 4)):
        with pypdfium2.PdfDocument(pdf) as document:
            texts = [squeezed(page.get_textpage().get_text_bounded()) for page in document]
        assert [text.count("NGƯỜINHẬN") for text in texts] == [2] * (slips // 2) + [1] * (slips % 2)
        assert all(f"PT-BS-TTPVHCC-{number:06d}" in "".join(texts) for number in range(1, slips + 1))


@pytest.mark.parametrize("form", ["register_book", "hand_over_list"])
def test_long_tables_stay_on_the_paper(renderer, form):
    paper: Any = PRINTED_LONG[form]
    if form == "register_book":
        paper = replace(paper, entries=paper.entries[:6])
    done = renderer.render(paper)
    with opened(done.pdf) as document:
        _, _, width, height = (float(side) for side in document.pages[0].MediaBox)
    assert all(box[0] > 0 and box[2] < width and box[1] > 0 and box[3] < height for box in boxes_of(done.pdf))


def test_the_roll_is_80_mm_wide_and_as_long_as_its_words(renderer, more):
    def size(pdf: bytes) -> tuple[int, int]:
        with opened(pdf) as document:
            _, _, width, height = (float(side) for side in document.pages[0].MediaBox)
        return round(width / MILLIMETRE), round(height / MILLIMETRE)

    short, long = size(more["roll_receipt"].pdf), size(renderer.render(PRINTED_LONG["roll_receipt"]).pdf)
    assert short[0] == long[0] == 80
    assert 150 < short[1] < 320
    assert long[1] > short[1] + 60
    lowest = min(box[1] for box in boxes_of(more["roll_receipt"].pdf))
    assert 0 < lowest < 12 * MILLIMETRE


def test_both_codes_are_read_off_the_roll_at_the_resolution_of_a_thermal_printer(more):
    found = {
        mark.format.name: mark.text for mark in zxingcpp.read_barcodes(picture_of(more["roll_receipt"].pdf, 0, 203))
    }
    assert found == {"QRCode": URL, "Code128": receipt().counter_digits}


def test_the_fee_is_on_the_receipt_and_on_the_roll(more):
    assert "Phí, lệ phí phải nộp: 1.250.000 đồng (mức nộp trực tuyến; chưa thu)" in " ".join(
        text_of(more["receipt with a fee"].pdf).split()
    )
    assert "50.000 đồng (mức nộp trực tiếp; chưa thu)" in " ".join(text_of(more["roll_receipt"].pdf).split())


def test_a_receipt_frozen_before_there_was_a_fee_stays_as_it_was():
    assert "fee" not in json.loads(to_json(receipt()))
    thawed = from_json("receipt", to_json(receipt()))
    assert isinstance(thawed, ReceiptSlip)
    assert thawed.fee is None


def test_the_forms_of_2018_have_their_own_numbers_and_no_identity_number(renderer, more):
    assert form_number("routing_slip", "2018", RoutingSlip.form_number) == "05"
    assert form_number("routing_slip", "2025", RoutingSlip.form_number) == "06"
    assert form_number("register_book", "2018") == "06"
    assert form_number("register_book", "2025") == "07"
    assert source_of_form("discontinuation", "2018", "05") == source_of_form("error_apology", "2025")
    assert "01/2018/TT-VPCP" in source_of_form("receipt", "2018", "01")
    assert "03/2025/TT-VPCP" in renderer.markup(routing_slip())
    old = text_of(more["receipt of 2018"].pdf)
    assert "Số định danh" not in old
    assert "được lập thành 2 liên" in " ".join(old.split())
    assert "Số định danh" in text_of(more["receipt with a fee"].pdf)


def test_what_these_forms_cannot_print_is_refused_in_words():
    for letter, sentence in (
        (routing_slip(counter_digits="12A"), "«Mã vạch»"),
        (routing_slip(hand_overs=routing_slip().hand_overs * 40), "«Giao nhận hồ sơ» có 160 mục"),
        (error_apology(error=" "), "«Nội dung sai sót» đang để trống"),
        (error_apology(number=""), "«Số văn bản» đang để trống"),
    ):
        with pytest.raises(LetterNotRenderable) as refusal:
            check(letter)
        assert sentence in str(refusal.value)
