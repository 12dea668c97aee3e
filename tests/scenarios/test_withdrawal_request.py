"""A request to withdraw really withdraws: the dossier it names, of the same person, once; or the leader sees why."""

from __future__ import annotations

import threading

import pytest

from engine.domain.dossier import Applicant
from engine.domain.errors import MotCuaError
from engine.domain.people import Membership, Role
from engine.domain.status import DossierStatus
from engine.effects.ending import NotWithdrawable
from letters import DiscontinuationNotice
from tests.builders import DESK, REISSUE, Office, a_dossier, local
from tests.scenario import Scenario

REQUEST = "0.000003"


@pytest.fixture(autouse=True)
def _leader_of_the_desk(office: Office) -> None:
    desk = office.engine.office.units.by_code(DESK)
    office.engine.access.open_account("hanh", "Ngô Thị Hạnh", "một mật khẩu đủ dài", [Membership(desk.id, Role.LEADER)])


def request_for(office: Office, code: str, *, applicant: Applicant | None = None) -> Scenario:
    """A request of the applicant of a dossier (or of somebody else), checked and on the leader's table."""
    story = Scenario(office)
    who = applicant or office.dossier(code).applicant
    story.code = office.receive(REQUEST, applicant=who, at=office.now)
    return story.do(
        "check_original", appraisal="qualified", original_code=code, withdrawal_reason="Bán nhà cho người khác"
    )


def approve(story: Scenario) -> Scenario:
    return story.do("confirm_withdrawal", by="hanh", decision="approve")


def test_the_dossier_is_withdrawn_when_the_leader_agrees_and_both_histories_say_so(office: Office):
    code = a_dossier(office)
    story = approve(request_for(office, code).on("2026-03-02 10:30"))
    original = Scenario(office)
    original.code = code
    original.expect_ended(DossierStatus.DISCONTINUED, result="withdrawn").expect_letters("receipt", "discontinuation")
    notice = original.printed("discontinuation")
    assert isinstance(notice, DiscontinuationNotice)
    assert notice.reason == f"Theo yêu cầu rút hồ sơ {story.code}: Bán nhà cho người khác"
    assert notice.is_requested_by_applicant
    (withdrawn,) = office.events(code, "withdrawn")
    assert (withdrawn["by"], withdrawn["request"]) == ("hanh", story.code)
    (told,) = office.events(story.code, "other_withdrawn")
    assert (told["dossier"], told["number"]) == (code, original.letter("discontinuation").number_text)
    story.expect_steps("deliver_result").do("deliver_result").expect_ended(DossierStatus.DELIVERED, result="delivered")


def test_the_leader_sees_why_a_dossier_cannot_be_withdrawn_and_nothing_is_written(office: Office):
    who = office.dossier(a_dossier(office)).applicant
    unknown, foreign = "000.00.00.H99-260101-9999", office.receive(REISSUE)
    for code, why in ((unknown, "không có hồ sơ nào mang mã này"), (foreign, "của người khác")):
        story = request_for(office, code, applicant=who)
        before = story.dossier, office.count("audit_events"), office.count("letters")
        with pytest.raises(NotWithdrawable, match=why):
            approve(story)
        assert (story.dossier, office.count("audit_events"), office.count("letters")) == before
        story.expect_steps("confirm_withdrawal")


@pytest.mark.parametrize("status", [DossierStatus.RESOLVED, DossierStatus.DELIVERED])
def test_a_dossier_with_its_result_is_not_withdrawn_any_more(office: Office, status: DossierStatus):
    code = a_dossier(office, at=status)
    with pytest.raises(NotWithdrawable, match=r"đã có kết quả|đã kết thúc"):
        approve(request_for(office, code))
    assert office.dossier(code).status is status


def test_two_requests_approved_at_the_same_moment_withdraw_once(office: Office):
    code = a_dossier(office)
    stories = [request_for(office, code) for _ in range(2)]
    tasks = [office.open_tasks(story.code)[0].id for story in stories]
    leader, now, answers = office.person("hanh"), office.now, {"decision": "approve"}
    ready, failures = threading.Barrier(2), []

    def act(story: Scenario, task: int) -> None:
        ready.wait()
        try:
            office.engine.processing.complete(leader, story.code, task, None, answers, at=now)
        except MotCuaError as error:
            failures.append(error)

    threads = [threading.Thread(target=act, args=pair) for pair in zip(stories, tasks, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(failure) for failure in failures] == [NotWithdrawable]
    assert len(office.letters(code, "discontinuation")) == 1
    assert len(office.events(code, "withdrawn")) == 1


def test_withdrawing_the_first_of_a_group_ends_what_waits_for_it(office: Office):
    office.clock.move_to(local("2026-03-02 09:00"))
    lead = office.receive("1.012784", procedure_code="LT.000001", items=(), at=office.now)
    approve(request_for(office, lead))
    assert office.dossier(lead).status is DossierStatus.DISCONTINUED
    assert office.rows("SELECT state FROM linked_members ORDER BY position") == [("started",), ("ended",)]
