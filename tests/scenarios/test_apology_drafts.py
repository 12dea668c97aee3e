"""The draft apology: on the leader's table a day before the date is missed, issued once, by a person or by itself.

What the law asks (Decree 118/2025; LC88 art. 3.6): at the latest one day before, signed by the head of the deciding
unit, with reason and new date, no more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from engine.domain.answers import FormRefused
from engine.domain.clock_ledger import SecondReappointment
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.status import DossierStatus as Status
from engine.services.apologies import DraftDecided, Words
from letters import ApologyLetter
from tests.builders import REISSUE, an_office, local, prepare_office, settings_of
from tests.scenario import Scenario

NEW = date(2026, 3, 12)
WORDS = Words("Số lượng hồ sơ tăng cao", NEW)


@pytest.fixture
def by_leader(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Scenario]:
    """An office whose leaders sign every apology themselves."""
    url = database_copy(prepare_office)
    overdue = settings_of(url).overdue.model_copy(update={"apology_at_due": "leader"})
    with an_office(url, overdue=overdue) as office:
        yield Scenario(office)


def drafted(s: Scenario) -> Scenario:
    """A file that has not come far, on the morning of the day before its date: the desk kept it too long."""
    s.receive(REISSUE, on="2026-03-02 09:00").on("2026-03-03 16:00").forward()
    s.on("2026-03-04 08:00").sweep_finds(due_soon=1)
    assert s.dossier.has_draft
    return s


def sign(s: Scenario, words: Words = WORDS, by: str = "thanh") -> str:
    return s.office.engine.apologies.sign(s.office.person(by), s.code, words, at=s.office.now)


def table(s: Scenario, by: str = "thanh") -> list[str]:
    return [line.dossier.code for line in s.office.engine.apologies.table(s.office.person(by), at=s.office.now)]


def states(s: Scenario) -> list[object]:
    return [state for (state,) in s.office.rows("SELECT state FROM letter_drafts ORDER BY id")]


def test_a_file_that_will_not_make_it_lies_on_the_leaders_table_without_a_number(s: Scenario):
    drafted(s).expect_letters("receipt")
    (line,) = s.office.engine.apologies.table(s.office.person("thanh"), at=s.office.now)
    assert (line.due_at, line.is_missed, line.is_kept, line.asked_by) == (local("2026-03-05 17:00"), False, False, "")
    assert line.new_due_at == local("2026-03-10 17:00"), "so many working days after the date that is missed"
    assert "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú" in line.reason
    assert "apology_drafted" in s.notices("leader")
    assert table(s, by="giam") == []


def test_a_file_whose_steps_fit_into_what_is_left_gets_no_draft(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-03 16:00")
    s.appraise(financial_obligation="none").review().on("2026-03-05 16:30").register()
    s.on("2026-03-06 08:00").sweep_finds(due_soon=1)
    assert not s.dossier.has_draft
    assert states(s) == []


def test_the_leader_signs_before_the_date_and_no_second_letter_follows(s: Scenario):
    number = sign(drafted(s))
    s.expect_apology(number=number, missed="2026-03-05 17:00", new="2026-03-12 17:00")
    s.expect_due("2026-03-12 17:00", first="2026-03-05 17:00").expect_overdue(0)
    letter = s.printed("apology")
    assert isinstance(letter, ApologyLetter)
    assert (letter.reason, letter.issued_at < letter.due_at) == ("Số lượng hồ sơ tăng cao", True)
    s.on("2026-03-06 08:00").sweep_finds().expect_letters("receipt", "apology")
    assert (table(s), states(s), s.dossier.has_draft) == ([], ["issued"], False)
    s.on("2026-03-13 08:00").sweep_finds(overdue=1).expect_letters("receipt", "apology")
    assert "second_lateness" in s.notices("leader")


def test_a_signed_file_that_is_done_by_its_new_date_counts_against_the_first(s: Scenario):
    sign(drafted(s))
    s.on("2026-03-11 09:00").appraise(financial_obligation="none").review().register().sign().deliver()
    s.expect_ended(Status.DELIVERED, timeliness="late", is_apologised=True).expect_letters("receipt", "apology")


def test_what_nobody_signed_is_issued_by_itself_when_the_date_is_missed(s: Scenario):
    drafted(s).on("2026-03-05 17:01").sweep_finds(overdue=1, letters=1)
    s.expect_apology(number="01/PXL-CNVPĐKĐĐ", missed="2026-03-05 17:00", new="2026-03-10 17:00")
    assert (table(s), states(s)) == ([], ["issued"])


def test_a_unit_that_signs_by_its_leader_keeps_it_on_the_table(by_leader: Scenario):
    s = drafted(by_leader).on("2026-03-05 17:01").sweep_finds(overdue=1).expect_letters("receipt")
    (line,) = s.office.engine.apologies.table(s.office.person("thanh"), at=s.office.now)
    assert (line.is_missed, line.is_kept) == (True, True)
    s.on("2026-03-06 17:01").sweep_finds()
    assert s.dossier.rung == "late_1"
    sign(s.on("2026-03-09 09:00"))
    s.expect_letters("receipt", "apology").expect_due("2026-03-12 17:00", first="2026-03-05 17:00").expect_overdue(1)


def test_a_draft_is_laid_on_the_table_at_the_date_itself_when_no_warning_came(by_leader: Scenario):
    s = by_leader.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep_finds(overdue=1)
    assert (table(s), s.expect_letters("receipt") is s) == ([s.code], True)
    s.sweep_finds()
    assert states(s) == ["waiting"]


def test_a_leader_who_signs_late_before_any_sweep_makes_the_lateness_known_too(by_leader: Scenario):
    s = drafted(by_leader).on("2026-03-06 09:00")
    sign(s)
    s.expect_overdue(1).expect_letters("receipt", "apology").sweep_finds()
    assert states(s) == ["issued"]


@pytest.mark.parametrize("ending", ["done", "paused", "withdrawn"])
def test_a_late_file_does_not_stop_its_clock_without_the_letter(by_leader: Scenario, ending: str):
    """The leader may take his time while the file is worked on; then the letter goes out by itself."""
    s = drafted(by_leader).on("2026-03-06 09:00").sweep_finds(overdue=1)
    if ending == "done":
        s.appraise(financial_obligation="none").review().register().sign()
        s.expect_letters("receipt", "apology")
    elif ending == "paused":
        s.appraise("supplement", missing_items="Bản vẽ").expect_letters("receipt", "supplement_request", "apology")
    else:
        s.withdraw("Không còn nhu cầu").expect_letters("receipt", "discontinuation", "apology")
    assert (states(s), s.dossier.has_draft) == (["issued"], False)


def test_a_draft_is_put_away_when_the_file_is_done_in_time(s: Scenario):
    drafted(s).appraise(financial_obligation="none").review().register().sign().deliver()
    assert (states(s), table(s), s.dossier.has_draft) == (["obsolete"], [], False)
    s.expect_letters("receipt").expect_ended(Status.DELIVERED, timeliness="early", is_apologised=False)
    with pytest.raises(DraftDecided, match="đã xong"):
        sign(s)


def test_a_draft_is_put_away_when_the_clock_stops_and_comes_back_with_the_new_date(s: Scenario):
    drafted(s).appraise("supplement", missing_items="Bản vẽ").expect_letters("receipt", "supplement_request")
    assert (states(s), table(s)) == (["obsolete"], [])
    s.on("2026-03-09 14:00").bring_supplement().expect_due("2026-03-11 17:00")
    s.on("2026-03-10 17:01").sweep()
    assert states(s) == ["obsolete", "waiting"]


def test_the_leader_puts_a_draft_back_and_it_returns_only_if_the_date_is_missed(by_leader: Scenario):
    s = drafted(by_leader)
    engine, leader = s.office.engine, s.office.person("thanh")
    engine.apologies.put_back(leader, s.code, "Chiều nay xong", at=s.office.now)
    assert (table(s), states(s), s.dossier.has_draft) == ([], ["put_back"], False)
    assert s.office.events(s.code, "apology_put_back")[0]["remark"] == "Chiều nay xong"
    s.on("2026-03-05 08:00").sweep_finds().on("2026-03-05 17:01").sweep_finds(overdue=1)
    assert (table(s), states(s)) == ([s.code], ["waiting"])
    with pytest.raises(NotAllowedNow, match="đã quá hạn"):
        engine.apologies.put_back(leader, s.code, "", at=s.office.now)


def test_an_officer_asks_for_more_time_and_the_words_are_kept_when_nobody_signs(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-03 09:00")
    ask, minh = s.office.engine.apologies.ask, s.office.person("minh")
    ask(minh, s.code, Words("Chờ trích lục bản đồ", NEW, "complex"), at=s.office.now)
    (line,) = s.office.engine.apologies.table(s.office.person("thanh"), at=s.office.now)
    assert (line.asked_by, line.reason, line.reason_id) == (minh.full_name, "Chờ trích lục bản đồ", "complex")
    s.on("2026-03-04 08:00").sweep_finds(due_soon=1).on("2026-03-05 17:01").sweep_finds(overdue=1, letters=1)
    letter = s.printed("apology")
    assert isinstance(letter, ApologyLetter)
    assert (letter.reason, letter.new_due_at) == ("Chờ trích lục bản đồ", local("2026-03-12 17:00"))


def test_a_second_re_appointment_is_refused_with_the_rule(s: Scenario):
    sign(drafted(s))
    with pytest.raises(SecondReappointment, match="không quá một lần"):
        s.office.engine.apologies.ask(
            s.office.person("minh"), s.code, Words("Lại chậm", date(2026, 3, 20)), at=s.office.now
        )
    offer = s.office.engine.apologies.offer(s.office.person("minh"), s.code, at=s.office.now)
    assert offer is not None
    assert "không quá một lần" in offer.refusal


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words("", NEW), "reason"),
        (Words("Lý do", None), "new_due_on"),
        (Words("Lý do", date(2026, 3, 14)), "new_due_on"),  # a Saturday
        (Words("Lý do", date(2026, 3, 5)), "new_due_on"),  # not later than the date that is missed
    ],
)
def test_words_that_cannot_be_printed_or_kept_are_refused_and_nothing_is_written(s: Scenario, words, field):
    drafted(s)
    before = s.dossier
    with pytest.raises(FormRefused) as refused:
        sign(s, words)
    assert list(refused.value.fields) == [field]
    assert (s.dossier, table(s)) == (before, [s.code])


def test_only_the_head_of_the_deciding_unit_signs_and_only_who_works_on_it_asks(s: Scenario):
    drafted(s)
    for who in ("minh", "lan", "giam", "tuan"):
        if who == "tuan" and not s.office.rows("SELECT id FROM people WHERE username = 'tuan'"):
            continue
        with pytest.raises(Refused):
            sign(s, by=who)
    with pytest.raises(Refused):
        s.office.engine.apologies.ask(s.office.person("giam"), s.code, WORDS, at=s.office.now)
    with pytest.raises(NotFound):
        s.office.engine.apologies.sign(s.office.person("thanh"), "KHONG-CO", WORDS, at=s.office.now)
    assert table(s) == [s.code]


def test_a_preview_is_the_letter_and_writes_nothing(s: Scenario):
    drafted(s)
    before, leader = s.dossier, s.office.person("thanh")
    pdf = s.office.engine.apologies.preview(leader, s.code, WORDS, at=s.office.now)
    assert "Số lượng hồ sơ tăng cao".encode() in pdf
    shown = s.office.engine.apologies.view(leader, s.code, WORDS, at=s.office.now).preview
    assert (shown.reason, shown.new_due_at) == ("Số lượng hồ sơ tăng cao", local("2026-03-12 17:00"))
    assert s.dossier == before
    s.expect_letters("receipt")


def test_the_reports_tell_first_lateness_second_lateness_and_letters_in_time(s: Scenario):
    sign(drafted(s))
    s.on("2026-03-13 08:00").sweep_finds(overdue=1)
    other = Scenario(s.office).receive(REISSUE, on="2026-03-12 09:00")
    other.on("2026-03-18 08:00").sweep_finds(overdue=1, letters=1)
    s.office.engine.outbox.run(s.office.now)
    reports = s.office.engine.reports
    overdue = reports.overdue(date(2026, 3, 1), date(2026, 3, 31))
    assert [(row["dossier"], row["lateness"], row["announced"], row["letter"]) for row in overdue.rows] == [
        (s.code, 1, True, "01/PXL-CNVPĐKĐĐ"),
        (s.code, 2, False, None),
        (other.code, 1, False, "02/PXL-CNVPĐKĐĐ"),
    ]
    apologies = reports.apologies(date(2026, 3, 1), date(2026, 3, 31), unit_code="BS-CNAP")
    (row,) = apologies.rows
    expected: dict[str, float] = {
        "missed": 3,
        "first_lateness": 2,
        "second_lateness": 1,
        "apologised": 2,
        "announced": 1,
    }
    expected |= {"without_letter": 0, "waiting_signature": 0, "undelivered": 0, "apology_coverage": 1.0}
    assert {name: row[name] for name in expected} == expected
    listed: Any = apologies.beside["second_lateness"]
    assert [each["dossier"] for each in listed] == [s.code]
    assert set(apologies.columns) <= {*row} == {*row, *(each.name for each in apologies.definitions)}
    assert reports.overdue(date(2026, 3, 1), date(2026, 3, 31), unit_code="AP").rows == ()
