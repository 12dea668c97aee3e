"""Posters: every fact of the data is on the paper, nothing else complains, and the code on it leads to the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from letters import LetterNotRenderable
from letters.archive import document_from_json, to_json
from letters.data import Letterhead
from letters.posters import (
    FeeLine,
    Leaflet,
    Line,
    ListLine,
    Paper,
    ProcedurePoster,
    StepLine,
    StepSheet,
    WallList,
    WallSheet,
)
from letters.worker import RenderWorker
from tests.letters.reading import boxes_of, fonts_in, opened, picture_of, squeezed, text_of

URL = "https://motcua.example.vn/thu-tuc/1.012783?cap=province"
HEAD = Letterhead(agency="Trung tâm Phục vụ hành chính công tỉnh Bình Sơn", place="Bình Sơn")
PRINTED = datetime(2026, 11, 20, 3, tzinfo=UTC)
KINDS = (WallSheet, Leaflet, StepSheet)
LONG_NAME = (
    "Giao đất, cho thuê đất, chuyển mục đích sử dụng đất đối với trường hợp giao đất, cho thuê đất không đấu giá quyền "
    "sử dụng đất, không đấu thầu lựa chọn nhà đầu tư; giao đất và giao rừng; cho thuê đất và cho thuê rừng; gia hạn sử "
    "dụng đất khi hết thời hạn sử dụng đất"
)
FACTS: dict[str, Any] = {
    "letterhead": HEAD,
    "issued_at": PRINTED,
    "title": "Cấp đổi Giấy chứng nhận quyền sử dụng đất",
    "verification_url": URL,
    "contact": ("Điện thoại: 0260 3 888 999", "12 Trần Phú, phường Bình Sơn"),
    "code": "1.012783",
    "sector": "Đất đai",
    "level": "Cấp tỉnh",
    "version": "1 (a1b2c3d4)",
    "effective": "áp dụng từ 05/12/2025",
    "decision": "138/2025/QĐ-UBND ngày 25/11/2025",
    "audience": ("Người sử dụng đất",),
    "conditions": ("Không có văn bản tạm dừng của Tòa án",),
    "sets": "01 bộ",
    "items": (
        Paper(name="Đơn đăng ký biến động", form="Mẫu số 18", originals=1),
        Paper(name="Mảnh trích đo thửa đất", form="Không quy định mẫu", copies=2, note="chỉ khi có"),
    ),
    "submission": (Line(head="Trực tiếp", text="Trung tâm bất kỳ trong tỉnh"),),
    "delivery": (Line(head="Bưu chính công ích", text="tại địa chỉ đã đăng ký"),),
    "online": "Dịch vụ công trực tuyến toàn trình",
    "steps": (
        StepLine(
            number="1",
            name="Kiểm tra thành phần hồ sơ",
            actor="Cán bộ Một cửa",
            time="Làm ngay",
            papers=("Mẫu 01: Giấy tiếp nhận",),
        ),
        StepLine(number="2", name="Thẩm định hồ sơ", actor="Chuyên viên VPĐKĐĐ", time="2 ngày làm việc"),
        StepLine(
            number="3",
            name="Nhận hồ sơ bổ sung",
            actor="Cán bộ Một cửa",
            time="Chờ người nộp",
            part="Bổ sung",
            when=("Đủ điều kiện? Chưa",),
            is_usual=False,
        ),
    ),
    "limits": (
        Line(
            head="Cấp đổi thông thường",
            text="Hẹn lần 1: 03 ngày làm việc; Hẹn lần 2: 02 ngày làm việc",
            note="Cắt giảm 20 %",
        ),
    ),
    "fees": (
        FeeLine(name="Lệ phí cấp đổi", direct="50.000 đồng/giấy", online="25.000 đồng/giấy", note="giảm 50 %"),
        FeeLine(name="Giá dịch vụ đo đạc"),
    ),
    "result": "Giấy chứng nhận",
    "result_forms": (Line(head="Giấy chứng nhận", text="Mẫu số 04/ĐK-GCN"),),
    "result_valid": "Lâu dài",
    "basis": ("Luật Đất đai số 31/2024/QH15", "Nghị định số 101/2024/NĐ-CP"),
}
# What each kind prints of the same facts; the step sheet alone prints ways aside of the usual one.
EVERYWHERE = (
    "Cấp đổi Giấy chứng nhận quyền sử dụng đất",
    "1.012783",
    "Đất đai",
    "Đơn đăng ký biến động",
    "Mẫu số 18",
    "Mảnh trích đo thửa đất",
    "chỉ khi có",
    "01 bản chính",
    "02 bản sao",
    "Trung tâm bất kỳ trong tỉnh",
    "Thẩm định hồ sơ",
    "Chuyên viên VPĐKĐĐ",
    "2 ngày làm việc",
    "Hẹn lần 1: 03 ngày làm việc",
    "Hẹn lần 2: 02 ngày làm việc",
    "Cắt giảm 20 %",
    "Lệ phí cấp đổi",
    "50.000 đồng/giấy",
    "25.000 đồng/giấy",
    "Người sử dụng đất",
    "a1b2c3d4",
    "20/11/2026",
    "Không có văn bản tạm dừng của Tòa án",
    "Cán bộ Một cửa",
)
ONLY = {
    WallSheet: ("NIÊM YẾT CÔNG KHAI", "tại địa chỉ đã đăng ký", "Luật Đất đai số 31/2024/QH15", "0260 3 888 999"),
    Leaflet: ("HƯỚNG DẪN THỦ TỤC", "tại địa chỉ đã đăng ký", "0260 3 888 999", "ngoài danh sách"),
    StepSheet: (
        "QUY TRÌNH NỘI BỘ",
        "QT-1.012783",
        "Nhận hồ sơ bổ sung",
        "Đủ điều kiện? Chưa",
        "Mẫu 01: Giấy tiếp nhận",
        "Luật Đất đai số 31/2024/QH15",
        "Mẫu số 04/ĐK-GCN",
        "Lần ban hành: 1",
    ),
}


def poster(kind: type[ProcedurePoster], **changes: Any) -> ProcedurePoster:
    return kind(**{**FACTS, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_is_on_the_paper_and_the_code_leads_to_the_page(renderer, kind):
    done = renderer.render(poster(kind))
    words = squeezed(text_of(done.pdf))
    assert [fact for fact in (*EVERYWHERE, *ONLY[kind]) if squeezed(fact) not in words] == []
    assert codes_of_any_page(done.pdf, 150) == [URL]


def codes_of_any_page(pdf: bytes, dpi: int) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    return [found.text for page in range(pages) for found in zxingcpp.read_barcodes(picture_of(pdf, page, dpi))]


def test_what_only_happens_aside_is_not_on_the_wall(renderer):
    for kind in (WallSheet, Leaflet):
        assert "Nhận hồ sơ bổ sung" not in text_of(renderer.render(poster(kind)).pdf)


@pytest.mark.parametrize("kind", KINDS)
def test_a_poster_is_tagged_declares_its_language_and_embeds_its_fonts(renderer, kind):
    pdf = renderer.render(poster(kind)).pdf
    assert all(fonts_in(pdf).values())
    assert {name.split("-")[0] for name in fonts_in(pdf)} == {"Tinos"}
    with opened(pdf) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "vi"
        assert b'pdfuaid:part="1"' in document.Root.Metadata.read_bytes()


@pytest.mark.parametrize(("kind", "pages"), [(WallSheet, 1), (Leaflet, 2)])
def test_an_ordinary_procedure_fits_one_sheet_and_a_long_name_stays_on_the_paper(renderer, kind, pages):
    assert renderer.render(poster(kind)).pages == pages
    done = renderer.render(poster(kind, title=LONG_NAME))
    assert squeezed(LONG_NAME) in squeezed(text_of(done.pdf))
    width, height = (842, 595) if kind is Leaflet else (595, 842)
    assert all(
        left >= 0 and right <= width and low >= 0 and high <= height for left, low, right, high in boxes_of(done.pdf)
    )


def test_the_list_for_the_wall_names_every_procedure_with_a_code_to_scan(renderer):
    lines = tuple(
        ListLine(
            sector=f"Lĩnh vực {number // 6}",
            code=f"1.0127{number:02d}",
            name=f"Thủ tục thứ {number}",
            limit=f"{number} ngày",
            url=f"{URL}&n={number}",
        )
        for number in range(10, 22)
    )
    done = renderer.render(
        WallList(letterhead=HEAD, issued_at=PRINTED, title="Bảng niêm yết", verification_url=URL, lines=lines)
    )
    words = squeezed(text_of(done.pdf))
    assert all(squeezed(f"{line.code}") in words and squeezed(line.name) in words for line in lines)
    assert {URL, *(line.url for line in lines)} == set(codes_of_any_page(done.pdf, 200))


def test_posters_cross_to_the_rendering_process_and_back():
    wanted = poster(WallSheet)
    assert document_from_json("wall_sheet", to_json(wanted)) == wanted
    with RenderWorker() as worker:
        assert worker.render(wanted).pages == 1


def test_what_cannot_be_printed_is_refused_by_name(renderer):
    for changes, complaint in (
        ({"title": ""}, "Tên"),
        ({"result": "x" * 2000}, "Kết quả"),
        ({"verification_url": "javascript:alert(1)"}, "Địa chỉ trang thủ tục"),
        ({"steps": ()}, "Các bước"),
        ({"items": (Paper(name="Đơn \U0001f4c4"),)}, "không in được"),
        ({"steps": (replace(FACTS["steps"][0], when=("?",) * 40),)}, "Trường hợp"),
    ):
        with pytest.raises(LetterNotRenderable, match=complaint):
            renderer.render(poster(WallSheet, **changes))


def test_markup_in_the_facts_is_text(renderer):
    done = renderer.render(poster(Leaflet, title='<b onclick="x">Tách thửa</b> & hợp thửa'))
    assert squeezed('<b onclick="x">Tách thửa</b> & hợp thửa') in squeezed(text_of(done.pdf))
