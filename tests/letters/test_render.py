"""What comes out is the letter that went in: every letter of it, on paper, for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter

import pikepdf
import pytest

from letters import Letterhead, LetterNotRenderable, LettersCannotRun, Party, Signer, fonts, from_json, to_json
from letters.render import ATTACHMENT, Renderer
from letters.template_sets import packaged
from tests.letters.reading import (
    boxes_of,
    fonts_in,
    letters_of_markup,
    opened,
    picture_of,
    squeezed,
    text_of,
)
from tests.letters.samples import LONG, ORDINARY, OTHERS, apology, receipt, refusal, supplement_request

BOLD_ITALIC = '<p class="line" style="font: italic bold 14pt Tinos">{{ letter.reason }}</p>'
MILLIMETRE = 72 / 25.4
A4, A5 = (210, 297), (148, 210)
VIETNAMESE = "".join(
    letter + letter.upper() for letter in "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
)


def size_in_millimetres(pdf: bytes) -> tuple[int, int]:
    with opened(pdf) as document:
        _, _, width, height = (float(side) for side in document.pages[0].MediaBox)
    return round(width / MILLIMETRE), round(height / MILLIMETRE)


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*ORDINARY, *OTHERS])
def test_the_text_read_back_is_the_text_put_in(renderer, rendered, name):
    put_in = letters_of_markup(renderer.markup({**ORDINARY, **OTHERS}[name]))
    assert Counter(squeezed(text_of(rendered[name].pdf))) == put_in


@pytest.mark.parametrize("form", LONG)
def test_long_letters_lose_nothing_but_may_repeat_a_tables_head(renderer, rendered_long, form):
    put_in = letters_of_markup(renderer.markup(LONG[form]))
    assert not put_in - Counter(squeezed(text_of(rendered_long[form].pdf)))


def test_all_146_vietnamese_letters_print_in_each_face(renderer):
    assert len(VIETNAMESE) == 146
    half = len(VIETNAMESE) // 2
    letter = apology(
        reason=VIETNAMESE,
        signer=Signer(title=VIETNAMESE[:half], name=VIETNAMESE[half:]),
        letterhead=Letterhead(agency="Sở A", place=VIETNAMESE[:60]),
    )
    text = squeezed(text_of(renderer.render(letter).pdf))
    assert VIETNAMESE in text  # regular
    assert VIETNAMESE[:half] in text
    assert VIETNAMESE[half:] in text  # bold
    assert VIETNAMESE[:60] in text  # italic
    text = (
        packaged()
        .files["templates/apology.html"]
        .replace('{{ parts.paragraphs("Lý do", letter.reason) }}', BOLD_ITALIC)
    )
    assert BOLD_ITALIC in text
    forms = packaged().changed({"templates/apology.html": text})
    bold_italic = renderer.render(letter, forms)
    assert VIETNAMESE in squeezed(text_of(bold_italic.pdf))
    assert set(fonts_in(bold_italic.pdf)) == {"Tinos", "Tinos-Bold", "Tinos-Italic", "Tinos-Bold-Italic"}
    for start in (60, 120):
        italic = renderer.render(apology(letterhead=Letterhead(agency="Sở A", place=VIETNAMESE[start : start + 60])))
        assert VIETNAMESE[start : start + 60] in squeezed(text_of(italic.pdf))


def test_letters_typed_in_pieces_print_whole(renderer):
    letter = apology(applicant=Party(name="Nguye\u0302\u0303n Thi\u0323 Ho\u031b\u0300ng"))
    assert "Nguyễn Thị Hờng" in " ".join(text_of(renderer.render(letter).pdf).split())


def test_every_form_is_read_back_with_ordinary_spaces(rendered):
    """One no-break space in a letter would make the font give every space back as one: names would not be found."""
    assert [name for name, letter in rendered.items() if "\u00a0" in text_of(letter.pdf)] == []


def test_each_form_says_what_its_circular_wants(rendered):
    def words(name: str) -> str:
        return " ".join(text_of(rendered[name].pdf).split())

    assert "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ" in words("receipt")
    assert "Giai đoạn 2 (hẹn lần 2): 02 ngày làm việc, kể từ ngày nhận được chứng từ" in words("receipt")
    assert "thông báo sau, theo thỏa thuận" in words("receipt without a date")
    assert "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ" in words("supplement_request")
    assert "trước 17 giờ 00 phút, ngày 20 tháng 11 năm 2026" in words("supplement_request")
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ" in words("refusal")
    assert "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT" in words("apology")
    assert "Tuy nhiên đến nay, Văn phòng đăng ký đất đai tỉnh Đồng Tháp chưa trả kết quả" in words("apology")
    assert "dự kiến không trả được kết quả" in words("apology ahead of the date")
    assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ" in words("apology of 2018")
    assert "Kính gửi: Công ty trách nhiệm hữu hạn" in words("apology of 2018")
    assert "xin lỗi Quý Tổ chức và sẽ trả kết quả" in words("apology of 2018")
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in words("discontinuation")
    assert "Theo đề nghị của Ông/Bà" in words("discontinuation")
    assert "Theo đề nghị" not in words("discontinuation by the office")


def test_a_line_does_not_end_after_its_first_word_though_the_rest_fits(rendered):
    """Only the blank at the end of the text did not fit, and the first word stood alone."""
    assert "Đơn đăng ký biến động đất đai, tài sản gắn liền với đất" in text_of(rendered["discontinuation"].pdf)


# --- paper -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size"),
    [("receipt", A5), ("supplement_request", A5), ("refusal", A5), ("apology", A4), ("discontinuation", A4)],
)
def test_an_ordinary_letter_is_one_page_of_its_size(rendered, name, size):
    assert rendered[name].pages == 1
    assert size_in_millimetres(rendered[name].pdf) == size


@pytest.mark.parametrize(("form", "pages"), [("receipt", 2), ("refusal", 2), ("apology", 2), ("discontinuation", 3)])
def test_a_long_letter_takes_no_more_pages_than_it_may(rendered_long, form, pages):
    assert rendered_long[form].pages <= pages
    assert size_in_millimetres(rendered_long[form].pdf) == A4


@pytest.mark.parametrize(
    "letter",
    [
        apology(applicant=Party(name="W" * 300, address="d" * 300), reason="ư" * 1000, number="7" * 80),
        receipt(applicant=Party(name="Ữ" * 300, address="x" * 300, email="m" * 120), collect_at="G" * 300),
        refusal(applicant=Party(name="M" * 300), signer=Signer(title="W" * 120, name="W" * 120)),
        supplement_request(contact_name="W" * 200, contact_phone="9" * 60, requirements=("W" * 500,)),
        apology(letterhead=Letterhead(agency="W" * 200, parent_agency="M" * 200, place="W" * 60)),
    ],
)
def test_three_hundred_letters_without_a_blank_stay_inside_the_margins(renderer, letter):
    done = renderer.render(letter)
    width, _ = size_in_millimetres(done.pdf)
    left, right = (30, 15) if width == A4[0] else (14, 10)
    for box in boxes_of(done.pdf):
        assert box[0] >= (left - 0.7) * MILLIMETRE
        assert box[2] <= (width - right + 0.7) * MILLIMETRE


def test_nothing_is_drawn_outside_the_printable_area(rendered):
    picture = picture_of(rendered["apology"].pdf, dpi=72).convert("L")
    points = round(12 * MILLIMETRE)
    edges = [
        picture.crop((0, 0, picture.width, points)),
        picture.crop((0, 0, points, picture.height)),
        picture.crop((picture.width - points, 0, picture.width, picture.height)),
        picture.crop((0, picture.height - points, picture.width, picture.height)),
    ]
    assert all(edge.getextrema() == (255, 255) for edge in edges)


def test_what_fits_no_page_is_refused(renderer):
    letter = receipt(items=tuple(receipt().items[0] for _ in range(30)), applicant=Party(name="x" * 300))
    assert renderer.render(letter).pages <= 3
    endless = supplement_request(requirements=("một yêu cầu rất dài " * 25,) * 20, reason="dài " * 370)
    with pytest.raises(LetterNotRenderable, match="không vừa 3 trang"):
        renderer.render(endless)


# --- archive ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ORDINARY)
def test_only_our_faces_are_in_the_file_and_all_are_embedded(rendered, name):
    found = fonts_in(rendered[name].pdf)
    assert all(found.values())
    assert set(found) <= {"Tinos", "Tinos-Bold", "Tinos-Italic", "Tinos-Bold-Italic"}


@pytest.mark.parametrize("name", ORDINARY)
def test_one_file_declares_pdf_a_3a_and_pdf_ua_1_and_keeps_what_they_ask(rendered, name):
    with opened(rendered[name].pdf) as document:
        assert document.pdf_version == "1.7"
        assert "/ID" in document.trailer
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
            assert metadata["dc:title"] == document.docinfo["/Title"]
        packet = document.Root.Metadata.read_bytes()
        assert b"pdfaExtension:schemas" in packet
        assert b"PDF/UA Universal Accessibility Schema" in packet
        root = document.Root
        assert root.Lang == "vi"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/StructTreeRoot" in root
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root.keys())
        figures = [
            thing
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == pikepdf.Name.Figure
        ]
        assert figures
        assert all(str(figure.Alt) for figure in figures)


@pytest.mark.parametrize("name", ORDINARY)
def test_the_letters_own_data_travels_inside_it(rendered, name):
    with opened(rendered[name].pdf) as document:
        assert list(document.attachments) == [ATTACHMENT]
        frozen = document.attachments[ATTACHMENT].get_file().read_bytes().decode()
        assert {str(file.AFRelationship) for file in document.Root.AF} == {"/Data"}
    assert frozen == to_json(ORDINARY[name])
    assert from_json(name, frozen) == ORDINARY[name]


def test_a_table_keeps_its_heads_for_a_screen_reader(rendered):
    with opened(rendered["receipt"].pdf) as document:
        tags = Counter(
            str(thing.S)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == pikepdf.Name.StructElem
        )
    assert tags["/H1"] == tags["/Table"] == 1
    assert tags["/TH"] == 4
    assert tags["/TD"] == 12


def test_the_same_data_gives_the_same_bytes(renderer, rendered):
    for name in ("receipt", "apology"):
        assert renderer.render(ORDINARY[name]).pdf == rendered[name].pdf
        assert renderer.render(from_json(name, to_json(ORDINARY[name]))).sha256 == rendered[name].sha256


@pytest.mark.parametrize(("zone", "seed"), [("UTC", "1"), ("America/New_York", "2")])
def test_the_same_bytes_in_another_process_zone_and_hash_order(rendered, zone, seed):
    program = (
        "import sys\nfrom letters import from_json\nfrom letters.render import Renderer\n"
        "print(Renderer(is_warm=False).render(from_json('apology', sys.stdin.read())).sha256)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=to_json(ORDINARY["apology"]),
        env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == rendered["apology"].sha256


def test_threads_render_side_by_side(renderer, rendered):
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(renderer.render(ORDINARY["apology"]).sha256)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [rendered["apology"].sha256] * 3


# --- where something is missing --------------------------------------------------------------------------------------


def test_missing_fonts_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(LettersCannotRun, match="make setup"):
        Renderer()


def test_the_rest_of_the_process_keeps_its_own_fonts(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "/somewhere/else")
    with fonts.only_ours():
        assert os.environ["FONTCONFIG_FILE"].endswith("fonts.conf")
    assert os.environ["FONTCONFIG_FILE"] == "/somewhere/else"
    monkeypatch.delenv("FONTCONFIG_FILE")
    with fonts.only_ours():
        pass
    assert "FONTCONFIG_FILE" not in os.environ


def test_a_home_that_cannot_be_written_is_no_obstacle(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert fonts._cache_folder().is_dir()


def test_the_attached_data_is_json_a_machine_reads(rendered):
    with opened(rendered["apology"].pdf) as document:
        document_data = json.loads(document.attachments[ATTACHMENT].get_file().read_bytes())
    assert document_data["new_due_at"] == "2026-11-27T17:00:00+07:00"
    assert document_data["applicant"]["name"] == "Nguyễn Thị Hoàng Oanh"
