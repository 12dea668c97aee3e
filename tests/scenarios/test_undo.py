"""Taking a step back for ten seconds: exactly as before, by who did it, and only what stayed inside the office."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.errors import NotAllowedNow
from engine.effects.clock import PausedBefore
from engine.effects.undoing import ActedSince, NothingToUndo, UndoTooLate
from tests.builders import REISSUE, Office
from tests.scenario import Scenario


@pytest.fixture
def s(office: Office) -> Scenario:
    return Scenario(office)


def undo(s: Scenario, by: str) -> str:
    return s.office.engine.processing.undo(s.office.person(by), s.code, at=s.office.now)


def place(s: Scenario) -> object:
    """Where a dossier stands: its row but for what counts acts, its open steps, its clock."""
    counted = {"version", "act_version", "event_count", "event_hash"}
    row = {name: getattr(s.dossier, name) for name in s.dossier.__dataclass_fields__ if name not in counted}
    with s.office.engine.uow.read() as tx:
        clock = [dict(line) for line in tx.history.clock(s.dossier.id)]
        tasks = tx.tasks.all_of(s.dossier.id)
    return row, tasks, clock


def test_an_officer_takes_an_appraisal_back_and_the_file_stands_exactly_as_before(s: Scenario):
    s.receive(REISSUE).forward()
    before = place(s)
    s.appraise(opinion="Nhầm hồ sơ").expect_steps("review_dossier")
    s.office.clock.advance(timedelta(seconds=9))
    assert undo(s, "minh") == "Kiểm tra hồ sơ, lập Phiếu chuyển thông tin"
    assert place(s) == before
    last = s.office.events(s.code)[-1]
    assert (last["kind"], last["by"]) == ("step_undone", "minh")
    s.appraise("reject", reason="Không đủ điều kiện").expect_steps("review_dossier")


def test_what_was_taken_back_speaks_in_no_letter(s: Scenario):
    """The words of form 02 are the latest answers that stand."""
    s.receive(REISSUE).forward().appraise("reject", reason="Lý do gõ nhầm")
    undo(s, "minh")
    s.appraise("supplement", missing_items="Bản vẽ")
    assert "gõ nhầm" not in str(s.letter("supplement_request").data)


def test_after_ten_seconds_it_stands(s: Scenario):
    s.receive(REISSUE).forward().appraise()
    s.office.clock.advance(timedelta(seconds=11))
    with pytest.raises(UndoTooLate, match="10 giây"):
        undo(s, "minh")
    s.expect_steps("review_dossier")


def test_nobody_takes_back_what_somebody_else_did(s: Scenario):
    s.receive(REISSUE).forward().appraise()
    with pytest.raises(NothingToUndo):
        undo(s, "thao")


def test_once_somebody_has_acted_it_stands_and_says_who(s: Scenario):
    s.receive(REISSUE).forward().appraise().review()
    with pytest.raises((ActedSince, NothingToUndo)):
        undo(s, "minh")
    s.receive(REISSUE).forward().appraise()
    (task,) = s.office.open_tasks(s.code)
    leader = s.office.whose_turn(task)
    s.office.engine.processing.claim(leader, s.code, task.id, at=s.office.now)
    with pytest.raises(ActedSince, match=leader.full_name):
        undo(s, "minh")


def test_a_double_undo_takes_back_one_act(s: Scenario):
    s.receive(REISSUE).forward().appraise()
    undo(s, "minh")
    with pytest.raises(NothingToUndo):
        undo(s, "minh")
    s.expect_steps("appraise_dossier")


def test_what_let_a_letter_out_or_moved_the_clock_cannot_be_taken_back(s: Scenario):
    s.receive(REISSUE).forward().appraise("supplement", missing_items="Bản vẽ")
    with pytest.raises(NotAllowedNow):
        undo(s, "minh")
    s.bring_supplement()
    with pytest.raises(NotAllowedNow):
        undo(s, "lan")


def test_a_return_that_was_taken_back_is_not_counted(s: Scenario):
    s.receive(REISSUE).forward().appraise().review("return", comment="Kiểm tra lại", return_reason="survey")
    (row,) = s.office.rows("SELECT step_id, to_step_id, reason FROM step_returns")
    assert row == ("review_dossier", "appraise_dossier", "survey")
    assert s.dossier.return_count == 1
    undo(s, str(s.office.events(s.code, "step_completed")[-1]["by"]))
    assert s.office.count("step_returns") == 0
    assert s.dossier.return_count == 0


def test_messages_of_an_act_wait_as_long_as_it_may_be_taken_back_and_never_go_out_then(s: Scenario):
    s.receive(REISSUE)
    before = s.office.count("deliveries")
    s.forward()
    promised = s.office.count("deliveries") - before
    undo(s, "lan")
    assert s.office.count("deliveries", "state = 'cancelled' AND note LIKE 'Hoàn tác%'") == promised


def test_a_second_supplement_is_refused_with_the_rule(s: Scenario):
    s.receive(REISSUE).forward().appraise("supplement", missing_items="Bản vẽ").days_pass(1).bring_supplement()
    with pytest.raises(PausedBefore, match="chỉ cho một lần") as refused:
        s.appraise("supplement", missing_items="Bản đồ")
    assert "Điều 17" in refused.value.message
    s.expect_steps("appraise_dossier").expect_letters("receipt", "supplement_request")
