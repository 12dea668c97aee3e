"""What a letter's data keeps, cleans, refuses, and freezes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import FORMS, LetterDataUnreadable, LetterNotRenderable, Party, check, from_json, regime_on, to_json
from letters.regime import REGIMES
from letters.text import clean
from letters.titles import TITLES, title_of
from tests.letters.samples import LAND_OFFICE, LONG, ORDINARY, OTHERS, apology, at, discontinuation, receipt, refusal

EVERY = {**ORDINARY, **OTHERS, **{f"long {form}": letter for form, letter in LONG.items()}}


@pytest.mark.parametrize("name", EVERY)
def test_frozen_data_thaws_to_the_equal_letter_and_the_same_text(name):
    letter = EVERY[name]
    text = to_json(letter)
    thawed = from_json(letter.form, text)
    assert thawed == letter
    assert to_json(thawed) == text
    check(thawed)


@given(st.text(max_size=300), st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1)))  # noqa: DTZ001
def test_any_text_and_any_instant_freeze_and_thaw(text, instant):
    letter = apology(reason=text, due_at=instant, applicant=Party(name=text))
    assert from_json("apology", to_json(letter)) == letter


def test_the_frozen_text_is_canonical_and_holds_local_offsets():
    early, late = apology(), apology(issued_at=at(2026, 11, 22).astimezone(UTC))
    assert to_json(early) == to_json(late)
    assert '"issued_at":"2026-11-22T10:30:00+07:00"' in to_json(early)
    assert json.loads(to_json(early))["form"] == "apology"


def test_data_frozen_before_a_field_existed_still_reads():
    document = json.loads(to_json(receipt(submitter=None)))
    del document["submitter"], document["sets"]
    assert from_json("receipt", json.dumps(document)) == receipt(submitter=None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "apology.colour"),
        ({"reason": 7}, "apology.reason"),
        ({"due_at": "2026-11-20T17:00:00"}, "apology.due_at"),
        ({"due_at": "hôm qua"}, "apology.due_at"),
        ({"applicant": {"name": "A", "is_organisation": "no"}}, "apology.applicant.is_organisation"),
        ({"applicant": "A"}, "apology.applicant"),
        ({"recipients": "A"}, "apology.recipients"),
        ({"recipients": [1]}, "apology.recipients[0]"),
    ],
)
def test_unreadable_data_names_the_place(change, place):
    document = {**json.loads(to_json(apology())), **change}
    with pytest.raises(LetterDataUnreadable, match=place.replace("[", r"\[")):
        from_json("apology", json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", to_json(refusal())])
def test_what_is_not_this_form_is_unreadable(text):
    with pytest.raises(LetterDataUnreadable):
        from_json("apology", text)


def test_an_unknown_form_and_a_missing_field_are_unreadable():
    with pytest.raises(LetterDataUnreadable, match="giấy mời"):
        from_json("giấy mời", "{}")
    with pytest.raises(LetterDataUnreadable, match="apology"):
        from_json("apology", '{"form":"apology"}')


def test_a_naive_datetime_is_the_callers_mistake():
    with pytest.raises(ValueError, match="due_at"):
        apology(due_at=datetime(2026, 11, 20, 17, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguye\u0302\u0303n  Va\u0306n\tA ", "Nguyễn Văn A"),
        ("Nguyễn\u202e Văn\u202c A\u200b\ufeff", "Nguyễn Văn A"),
        ("a\x00b\x07c\x7f", "abc"),
        ("dòng một\r\n\r\n  dòng\u2028hai", "dòng một dòng hai"),
        ("\u00a0\u3000 A \u00a0", "A"),
        ("co\u00adop\u2060er", "cooper"),
    ],
)
def test_cleaning_keeps_every_letter_and_drops_what_no_reader_sees(typed, kept):
    assert clean(typed) == kept
    assert Party(name=typed).name == kept
    assert clean(kept) == kept


def test_line_breaks_stay_where_lines_are_allowed():
    assert apology(reason=" một\r\n\n hai\u2029ba ").reason == "một\nhai\nba"
    assert apology(procedure_name="một\nhai").procedure_name == "một hai"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    for lines in (False, True):
        once = clean(text, lines=lines)
        assert clean(once, lines=lines) == once


@pytest.mark.parametrize(
    ("letter", "sentence"),
    [
        (apology(reason="a" * 1501), "«Lý do» dài 1501 ký tự, tối đa 1500"),
        (apology(reason=" \u200b "), "«Lý do» đang để trống"),
        (apology(applicant=Party(name="a\ud800")), "«Họ tên, tên tổ chức» có ký tự hỏng"),
        (apology(applicant=Party(name="a" + "\u0337" * 9)), "quá nhiều dấu"),
        (apology(verification_url="javascript:alert(1)"), "«Địa chỉ kiểm tra văn bản» phải là"),
        (apology(recipients=("x",) * 9), "«Nơi nhận» có 9 mục"),
        (apology(regime="1990"), "không có bộ mẫu «1990»"),
        (receipt(counter_digits="12A4"), "«Mã vạch» chỉ được gồm chữ số"),
        (receipt(counter_digits="١٢٣٤"), "«Mã vạch» chỉ được gồm chữ số"),
        (receipt(items=()), "«Thành phần hồ sơ» có 0 mục, phải từ 1 đến 30"),
        (receipt(sets=0), "«Số lượng hồ sơ»"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(letter, sentence):
    with pytest.raises(LetterNotRenderable) as refusal_of:
        check(letter)
    assert sentence in str(refusal_of.value)
    assert all(isinstance(problem, str) for problem in refusal_of.value.problems)


def test_every_problem_is_told_at_once():
    with pytest.raises(LetterNotRenderable) as refusal_of:
        check(apology(reason="", number="", recipients=("",)))
    assert len(refusal_of.value.problems) == 3


@pytest.mark.parametrize("zone", ["Asia/Hà_Nội", "", "/etc/passwd", "../x"])
def test_a_time_zone_that_does_not_exist_is_refused(zone):
    from dataclasses import replace  # noqa: PLC0415

    with pytest.raises(LetterNotRenderable, match="múi giờ"):
        check(apology(letterhead=replace(LAND_OFFICE, timezone=zone)))


@pytest.mark.parametrize(
    ("day", "regime"),
    [
        (date(2012, 5, 4), "2018"),
        (date(2018, 6, 21), "2018"),
        (date(2025, 6, 30), "2018"),
        (date(2025, 7, 1), "2025"),
        (date(2040, 1, 1), "2025"),
    ],
)
def test_the_forms_in_force_follow_the_date(day, regime):
    assert regime_on(day) == regime


def test_each_form_has_a_title_in_each_regime_and_the_apology_has_two():
    assert set(TITLES) == {(form, regime.name) for form in FORMS for regime in REGIMES}
    assert title_of(apology()) == "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"
    assert title_of(apology(regime="2018")) == "Phiếu xin lỗi và hẹn lại ngày trả kết quả"
    assert {letter.form_number for letter in FORMS.values()} == {"01", "02", "03", "04", "05", "06", ""}
    assert discontinuation().form == "discontinuation"
