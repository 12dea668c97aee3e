"""The words and breaks of an official document."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from letters import Party
from letters.layout import (
    NBSP,
    day,
    header_lines,
    held,
    in_prose,
    moment,
    pronoun,
    salutation,
    sentence,
    solid,
    tail_held,
    with_solid_places,
)

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


def spaced(text: str) -> str:
    return text.replace(NBSP, "~")


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 22, 3, 30, tzinfo=UTC), "ngày~22~tháng~11~năm~2026"),
        (datetime(2026, 1, 5, 3, 30, tzinfo=UTC), "ngày~05~tháng~01~năm~2026"),
        (datetime(2026, 3, 9, 3, 30, tzinfo=UTC), "ngày~09~tháng~3~năm~2026"),
        (datetime(2026, 2, 28, 18, 0, tzinfo=UTC), "ngày~01~tháng~3~năm~2026"),
    ],
)
def test_a_day_is_written_as_the_decree_wants_in_the_offices_zone(instant, words):
    assert spaced(day(instant, VIET_NAM)) == words


def test_a_moment_breaks_after_its_comma_only():
    instant = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
    assert spaced(moment(instant, VIET_NAM)) == "10~giờ~05~phút, ngày~22~tháng~11~năm~2026"
    assert spaced(in_prose(moment(instant, VIET_NAM))) == "10~giờ~05~phút, ngày~22~tháng~11 năm~2026"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Trung tâm Phục vụ hành chính công", ["TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG"]),
        (
            "Sở Nông nghiệp và Môi trường tỉnh Lâm Đồng",
            ["SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG", "TỈNH LÂM ĐỒNG"],
        ),
        ("Ủy ban nhân dân tỉnh Đồng Tháp", ["ỦY BAN NHÂN DÂN", "TỈNH ĐỒNG THÁP"]),
        ("UBND xã Hòa An", ["UBND XÃ HÒA AN"]),
        ("Văn phòng\nđăng ký đất đai", ["VĂN PHÒNG", "ĐĂNG KÝ ĐẤT ĐAI"]),
        ("", []),
        ("W" * 60, ["W" * 60]),
    ],
)
def test_an_agencys_name_breaks_between_words_never_inside_one(name, lines):
    assert [line.replace(NBSP, " ") for line in header_lines(name)] == lines


def test_places_and_numbers_hold_together():
    text = "Chi nhánh tỉnh Lâm Đồng và xã Tân Hội, thành phố Thủ Đức"
    assert spaced(with_solid_places(text)) == "Chi nhánh tỉnh Lâm~Đồng và xã Tân~Hội, thành phố Thủ~Đức"
    whole = "Chi nhánh tỉnh~Lâm~Đồng và xã~Tân~Hội, thành~phố~Thủ~Đức"
    assert spaced(with_solid_places(text, whole=True)) == whole
    assert spaced(held("Mẫu số 18, Điều 29: 02 ngày làm việc")) == "Mẫu số~18, Điều~29: 02~ngày làm việc"


@pytest.mark.parametrize(
    ("party", "before_name", "in_speech"),
    [
        (Party(name="An"), "Ông/Bà", "Ông/Bà"),
        (Party(name="An", salutation="Bà"), "Bà", "Bà"),
        (Party(name="Công ty A", is_organisation=True), "", "Quý Tổ chức"),
    ],
)
def test_a_party_is_addressed_by_what_it_is(party, before_name, in_speech):
    assert (salutation(party), pronoun(party)) == (before_name, in_speech)


def test_a_code_stays_on_one_line_and_is_still_escaped():
    assert solid("H20-<b>") == '<span class="solid">H20-&lt;b&gt;</span>'
    assert solid("<" * 41) == "&lt;" * 41


def test_a_reason_typed_in_haste_gets_its_full_stop():
    assert sentence("Chờ ý kiến cơ quan thuế") == "Chờ ý kiến cơ quan thuế."
    assert sentence("Chờ ý kiến.") == "Chờ ý kiến."


def test_no_word_of_a_long_name_stands_alone_on_its_last_line():
    assert spaced(tail_held("Công ty Xây dựng và Thương mại Hoàng Long")).endswith(" mại Hoàng~Long")
    assert tail_held("Nguyễn Thị Hoàng Oanh") == "Nguyễn Thị Hoàng Oanh"
    assert tail_held("a b c d e " + "W" * 60) == "a b c d e " + "W" * 60
