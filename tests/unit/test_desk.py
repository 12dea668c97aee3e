"""Numbers and names as people type them at the counter: identity papers, parcels, slips, the files of the desk."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.dossier import dossier_id_of
from engine.domain.intake_identity import IdentityKind, doubts, identity_key, identity_kind, read_card, tax_code_holds
from engine.domain.messages import item_of
from engine.domain.parcels import Commune, Communes, Match, OldCommune, ParcelName
from engine.domain.slips import slip_digits, slip_label, slip_number
from engine.process.desk_facts import load_desk, read_communes, read_desk
from tests.builders import ROOT

TODAY = date(2026, 11, 20)
PLACES = frozenset({"001", "079"})
COMMUNES = Communes(
    (
        Commune("1", "phường A", (OldCommune("phường A"), OldCommune("xã B", {"12": "112"}), OldCommune("xã C"))),
        Commune("2", "xã D", (OldCommune("xã D"),)),
    )
)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("079 188 004.321", IdentityKind.PERSONAL),
        ("024123456", IdentityKind.OLD_CARD),
        ("0101243150-001", IdentityKind.TAX),
        ("b1234567", IdentityKind.PASSPORT),
        ("12345", IdentityKind.UNKNOWN),
        ("", IdentityKind.UNKNOWN),
        ("１２３456789012", IdentityKind.UNKNOWN),
    ],
)
def test_a_number_says_what_it_is(typed: str, kind: IdentityKind):
    assert identity_kind(typed) is kind


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("079188004321", ()),
        ("999188004321", ("999",)),
        ("001350004321", ("2050",)),
        ("0100109106", ()),
        ("0100109107", ("chữ số kiểm tra",)),
        ("B1234567", ()),
    ],
)
def test_what_looks_wrong_is_told_and_nothing_else(number: str, words: tuple[str, ...]):
    told = " ".join(doubts(number, PLACES, on=TODAY))
    assert bool(told) == bool(words)
    assert all(word in told for word in words)


@given(st.text(alphabet="0123456789", min_size=9, max_size=9), st.integers(0, 9))
def test_at_most_one_tenth_digit_makes_a_tax_code(head: str, digit: int):
    holds = [last for last in range(10) if tax_code_holds(f"{head}{last}")]
    assert len(holds) <= 1
    assert (digit in holds) == tax_code_holds(f"{head}{digit}")


@given(st.text(max_size=200))
def test_no_text_breaks_what_reads_numbers_and_cards(text: str):
    assert len(identity_key(text)) <= 20
    card = read_card(text)
    assert card is None or len(card.number) == 12
    doubts(text, PLACES, on=TODAY, card=card)
    slip_number(text, 7, "BS")


def test_a_card_is_held_against_its_own_number():
    card = read_card("001188004321||Nguyễn Thị Hạnh|05061988|Nữ|Hà Nội|01012024")
    assert card is not None
    assert not doubts(card.number, PLACES, on=TODAY, card=card)
    other = read_card("001188004321||Nguyễn Thị Hạnh|05061990|Nam|Hà Nội|01012024")
    assert len(doubts(card.number, PLACES, on=TODAY, card=other)) == 2
    for broken in ("001188004321", "001188004321|x|N|05061988|Nữ|a|b", "0|1|2|3|4|5|6", "001188004321||||||"):
        assert read_card(broken) is None


@given(st.integers(1, 9999), st.integers(1, 9_999_999))
def test_a_slip_is_read_back_by_its_desk_alone_and_taken_for_nothing_else(unit: int, number: int):
    digits = slip_digits(unit, number)
    for typed in (digits, slip_label("BS-A", number), slip_label("BS-A", number).lower(), str(number)):
        assert slip_number(typed, unit, "BS-A") == number
    assert slip_number(digits, unit + 1, "BS-A") is None
    assert slip_number(slip_label("BS-B", number), unit, "BS-A") is None
    assert item_of(digits) is None
    found = dossier_id_of(digits)
    assert found is None or found > 10**11, "no dossier has such a number"
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert slip_number(wrong, unit, "BS-A") is None


_names = st.sampled_from(("phường A", "P. A", "phường A (cũ)", "xã B", "x. b", "xã C cũ", "xã D", "Xa D (cũ)", "xã Lạ"))
_parcels = st.builds(
    ParcelName, _names, st.sampled_from(("12", "112", "012", "3")), st.sampled_from(("7", "007", "7a"))
)


@given(_parcels, _parcels)
def test_sameness_of_parcels_does_not_depend_on_who_is_asked(one: ParcelName, other: ParcelName):
    first, second = COMMUNES.resolve(one), COMMUNES.resolve(other)
    assert first.match(first) is Match.SAME
    assert first.match(second) == second.match(first)
    if (first.commune, first.sheet, first.number) != (second.commune, second.sheet, second.number):
        assert first.match(second) is None


def test_the_files_of_the_desk_are_right_and_wrong_ones_name_the_line():
    desk = load_desk(ROOT / "bpmn")
    assert desk.nicknames
    assert all(desk.communes.is_known(name) for name in desk.communes.names)
    for content in (b"nicknames: [{code: 1, words: [x]}]", b"payments: [{id: a}]", b"surprise: 1"):
        assert read_desk(content)[1]
    twice = b'source: x\ncommunes: [{code: "1", name: a, was: [{name: b}]}, {code: "2", name: c, was: [{name: b}]}]'
    for content in (twice, b"communes: []", b"source: x\ncommunes: [{code: 1, name: a}]", b"\xff"):
        assert read_communes(content)[1]
