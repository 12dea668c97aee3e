"""Answers of a form lie between the values that its field names; what lies outside is told in the words of the form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.domain.answers import FormRefused, read_answers
from engine.domain.process import FieldType, FormField
from engine.domain.ranges import DayWord, Range, read_bound
from engine.process.importing.forms import make_field

DAYS = {DayWord.TODAY: date(2026, 3, 10), DayWord.RECEIVED: date(2026, 3, 2)}


def field(kind: FieldType, low: str = "", high: str = "") -> FormField:
    ends = [read_bound(end, is_number=kind is FieldType.NUMBER) if end else None for end in (low, high)]
    return FormField("answer", "Diện tích", kind, range=Range(*ends))


def fault(asked: FormField, typed: str) -> str:
    try:
        read_answers([asked], {"answer": typed}, DAYS)
    except FormRefused as refused:
        return refused.fields["answer"]
    return ""


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside", "said"),
    [
        ("0.5", "1250", ["0,5", "120,5", "1250"], ["0,4", "1.250,1", "-3"], "“Diện tích” phải từ 0,5 đến 1.250"),
        ("7", "", ["7", "7,01", "1000000"], ["6", "6,9"], "“Diện tích” phải từ 7 trở lên"),
        ("", "3", ["3", "-3"], ["3,1"], "“Diện tích” phải không quá 3"),
    ],
)
def test_a_number_outside_its_range_is_refused_with_the_range(low, high, inside, outside, said):
    asked = field(FieldType.NUMBER, low, high)
    assert [fault(asked, typed) for typed in inside] == [""] * len(inside)
    assert [fault(asked, typed) for typed in outside] == [said] * len(outside)


def test_a_day_is_held_against_the_day_of_receipt_and_against_today():
    asked = field(FieldType.DATE, "received", "today")
    assert [fault(asked, day) for day in ("2026-03-02", "2026-03-10")] == ["", ""]
    assert fault(asked, "2026-03-01") == "“Diện tích” không được trước ngày tiếp nhận hồ sơ (02/03/2026)"
    assert fault(asked, "2026-03-11") == "“Diện tích” không được sau hôm nay (10/03/2026)"
    assert fault(field(FieldType.DATE, high="2025-07-01"), "2025-07-02") == "“Diện tích” không được sau ngày 01/07/2025"
    assert asked.range.words == "Không trước ngày tiếp nhận hồ sơ, không sau hôm nay."


def test_what_was_answered_elsewhere_or_before_stands_outside_the_range_too():
    assert read_answers([field(FieldType.NUMBER, "7")], {"answer": "3"}) == {"answer": 3}


def test_an_empty_answer_is_outside_no_range():
    assert fault(field(FieldType.NUMBER, "7"), "") == ""


@pytest.mark.parametrize(
    ("kind", "text"), [(FieldType.NUMBER, "NaN"), (FieldType.NUMBER, "today"), (FieldType.DATE, "tomorrow")]
)
def test_an_end_that_says_nothing_is_no_end(kind, text):
    with pytest.raises(ValueError, match=text):
        read_bound(text, is_number=kind is FieldType.NUMBER)


def test_the_range_of_a_number_comes_along_from_another_tool_and_an_expression_of_theirs_does_not():
    def brought(**ends: object) -> Range:
        made = make_field("area", "Diện tích", "long", [], required=False, ends=ends)
        assert made is not None
        return made.range

    assert brought(min="1", max=30) == Range(Decimal(1), Decimal(30))
    assert brought(min="${least}", max=30) == Range(None, Decimal(30))
    assert brought(min=3, max=1) == Range(), "a range without a value would let nobody answer"
