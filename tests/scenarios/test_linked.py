"""Procedures handed in together (liên thông): one receipt, one code, a clock for each, nothing left hanging."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from engine.domain.dossier import HandedInItem
from engine.domain.errors import Conflict, MotCuaError
from engine.domain.linked import ResultsGoTogether
from engine.domain.status import DossierStatus
from engine.persistence.repositories.linked import LinkedDossiers
from engine.services.intake import SubmissionIncomplete
from letters import DiscontinuationNotice, ReceiptSlip
from tests.builders import Office, local
from tests.scenario import Scenario

GROUP = "LT.000001"
SPLIT, TRANSFER = "1.012784", "1.013831"


def handed_in(office: Office, **changes: Any) -> Scenario:
    """A group received on a Monday; the first member is at work."""
    story = Scenario(office).on("2026-03-02 09:00")
    items = tuple(
        HandedInItem(item.id, item.name, item.originals, item.copies)
        for item in office.engine.catalogue.offer(GROUP, at=office.now).items
        if item.is_required
    )
    story.code = office.receive(SPLIT, at=office.now, procedure_code=GROUP, **({"items": items} | changes))
    return story


def split_approved(story: Scenario, on: str = "2026-03-10 10:00") -> Scenario:
    """The split goes the straight way until its result is there."""
    story.on(on)
    while story.dossier.status is not DossierStatus.RESOLVED:
        story.do()
    return story


def following(story: Scenario) -> Scenario:
    """The dossier of the second member."""
    (code,) = [
        str(row[0])
        for row in story.office.rows(
            "SELECT d.code FROM linked_members m JOIN dossiers d ON d.id = m.dossier_id WHERE m.position = 2"
        )
    ]
    other = Scenario(story.office)
    other.code = code
    return other


def members(office: Office) -> list[tuple[object, ...]]:
    return office.rows("SELECT position, state, dossier_id IS NOT NULL FROM linked_members ORDER BY position")


def test_one_receipt_names_every_procedure_and_every_appointment(office: Office):
    story = handed_in(office).expect_due("2026-03-18 17:00").expect_letters("receipt")
    slip = story.printed("receipt")
    assert isinstance(slip, ReceiptSlip)
    assert "(1) Tách thửa đất, mã 1.012784; (2) Đăng ký biến động, mã 1.013831" in slip.procedure_name
    assert slip.time_limit == "12 ngày làm việc; cả 2 thủ tục: 20 ngày làm việc"
    told = [(later.name, later.limit, later.starts_on) for later in slip.later_appointments]
    assert told == [
        ("Đăng ký biến động, phần 1", "05 ngày làm việc", "kể từ ngày có kết quả “Tách thửa đất”"),
        (
            "Đăng ký biến động, phần 2",
            "03 ngày làm việc",
            "kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính",
        ),
    ]
    assert office.count("dossiers") == 1
    assert members(office) == [(1, "started", True), (2, "waiting", False)]


def test_the_next_begins_when_the_one_before_is_approved_with_its_own_clock_and_papers(office: Office):
    story = split_approved(handed_in(office, content="thửa 45, tờ 12"))
    lead, other = story.dossier, following(story)
    assert members(office) == [(1, "started", True), (2, "started", True)]
    other.expect_status(DossierStatus.RECEIVED).expect_letters().expect_due("2026-03-17 17:00")
    begun = other.dossier
    assert (begun.received_at, begun.procedure_code, begun.case_id) == (office.now, TRANSFER, "transfer")
    assert (begun.applicant, begun.content, begun.result_channel) == (
        lead.applicant,
        "thửa 45, tờ 12",
        lead.result_channel,
    )
    papers = {item.id: item.is_present for item in begun.items}
    assert papers["certificate"], "what was handed in for the split serves the transfer too"
    assert {"contract", "identity", "registration_tax"} <= papers.keys()
    assert not {"drawing"} & papers.keys()
    assert [event["lead"] for event in office.events(other.code, "receipt_covered")] == [story.code]
    assert [event["dossier"] for event in office.events(story.code, "linked_started")] == [other.code]
    assert {event["by"] for event in office.events(other.code, "linked_begun")} == {"chain"}


def test_results_that_go_together_are_handed_over_in_one_act(office: Office):
    story = split_approved(handed_in(office))
    other = following(story)
    with pytest.raises(ResultsGoTogether, match="Đăng ký biến động"):
        story.do("deliver_result")
    story.expect_status(DossierStatus.RESOLVED)
    assert [event["message"] for event in office.events(story.code, "notified")][-1] == "result_waits"
    other.on("2026-03-13 09:00")
    while other.dossier.status is not DossierStatus.RESOLVED:
        other.do()
    assert [event["message"] for event in office.events(other.code, "notified")][-1] == "result_ready"
    other.on("2026-03-16 15:00").do("deliver_result", receiver_name="Người nhận cả hai")
    for each in (story, other):
        each.expect_ended(DossierStatus.DELIVERED, result="delivered", timeliness="early")
        (done,) = [e for e in office.events(each.code, "step_completed") if e["step_id"] == "deliver_result"]
        assert done["answers"]["receiver_name"] == "Người nhận cả hai"  # type: ignore[index] # answers are a mapping


def test_each_member_is_late_for_itself(office: Office):
    story = split_approved(handed_in(office))
    other = following(story)
    office.clock.move_to(local("2026-03-24 08:30"))
    office.engine.overdue.sweep(office.now)
    other.expect_overdue(1).expect_letters("apology")
    story.expect_overdue(0).expect_letters("receipt")


def test_a_refused_member_ends_what_waits_for_it_in_writing(office: Office):
    story = handed_in(office).on("2026-03-04 10:00")
    story.forward().do("check_conditions", appraisal="reject", reason="Thửa đất không đủ diện tích tối thiểu")
    while story.dossier.status is not DossierStatus.RESOLVED:
        story.do(decision="approve")
    story.expect_letters("receipt", "refusal", "discontinuation")
    assert members(office) == [(1, "started", True), (2, "ended", False)]
    notice = story.printed("discontinuation")
    assert isinstance(notice, DiscontinuationNotice)
    assert notice.procedure_name == "Đăng ký biến động (1.013831)"
    assert "bị từ chối giải quyết" in notice.reason
    assert not notice.is_requested_by_applicant
    story.do("deliver_result").expect_ended(DossierStatus.DELIVERED, result="rejected")


def test_a_withdrawn_member_ends_what_waits_and_the_one_that_runs_ends_alone(office: Office):
    story = handed_in(office).on("2026-03-03 10:00").withdraw("Không bán đất nữa")
    story.expect_letters("receipt", "discontinuation", "discontinuation").expect_ended(DossierStatus.DISCONTINUED)
    assert members(office) == [(1, "started", True), (2, "ended", False)]
    ((reason,),) = office.rows("SELECT end_reason FROM linked_members WHERE position = 2")
    assert "Người nộp rút" in str(reason)


def test_the_first_result_is_handed_over_alone_when_the_second_was_withdrawn(office: Office):
    story = split_approved(handed_in(office))
    other = following(story)
    other.withdraw("Bên mua đổi ý")
    other.expect_ended(DossierStatus.DISCONTINUED)
    story.expect_status(DossierStatus.RESOLVED).do("deliver_result").expect_ended(DossierStatus.DELIVERED)


def test_a_group_that_the_desk_refuses_is_refused_with_one_letter(office: Office):
    clerk, items = office.person("lan"), ()
    submission = office.submission(SPLIT, procedure_code=GROUP, items=items)
    refused = office.engine.intake.refuse(clerk, submission, reason="Đất đang có tranh chấp", at=office.now)
    story = Scenario(office)
    story.code = refused.code
    story.expect_letters("refusal").expect_ended(DossierStatus.REFUSED)
    assert "Đăng ký biến động" in story.printed("refusal").procedure_name
    assert members(office) == [(1, "started", True), (2, "ended", False)]


def test_a_group_that_lacks_papers_waits_whole_and_its_receipt_comes_later(office: Office):
    submission = office.submission(SPLIT, procedure_code=GROUP, items=())
    asked = office.engine.intake.ask_supplement(
        office.person("lan"), submission, missing="Hợp đồng chuyển quyền đã công chứng", at=office.now
    )
    story = Scenario(office)
    story.code = asked.code
    story.expect_letters("supplement_request").on("2026-03-04 09:00").bring_supplement()
    story.do("check_dossier").expect_letters("supplement_request", "receipt").expect_due("2026-03-20 17:00")
    assert "Đăng ký biến động" in story.printed("receipt").procedure_name


def test_the_code_on_the_receipt_shows_the_whole_chain_to_the_citizen(office: Office):
    story = handed_in(office)
    fact = story.dossier.applicant.identity_number[-4:]
    chain = office.engine.lookup.find(story.code, fact, at=office.now).linked
    assert chain is not None
    assert [(line.state, line.said) for line in chain.members] == [
        ("current", "Đang giải quyết"),
        ("ahead", "Bắt đầu khi “Tách thửa đất” có kết quả"),
    ]
    split_approved(story)
    chain = office.engine.lookup.find(story.code, fact, at=office.now).linked
    assert chain is not None
    assert [(line.state, line.said) for line in chain.members] == [
        ("done", "Đã có kết quả, chờ trả cùng các thủ tục còn lại"),
        ("current", "Đang giải quyết"),
    ]
    assert (chain.goes_together, chain.is_complete, chain.lead_code) == (True, False, story.code)
    other = office.engine.lookup.by_receipt(chain.members[1].token, at=office.now)
    assert other.code == following(story).code
    page = office.engine.dossiers.view(office.person("minh"), other.code, at=office.now)
    assert page.linked is not None
    assert [line.is_this for line in page.linked.members] == [False, True]


def test_staff_find_every_member_by_the_one_code(office: Office):
    story = split_approved(handed_in(office))
    found = office.engine.worklist.search(office.person("lan"), story.code, at=office.now)
    assert {line.code: line.linked for line in found.lines} == {
        story.code: "1/2",
        following(story).code: "2/2",
    }


# --- exactly once -----------------------------------------------------------------------------------------------------


class Killed(Exception):
    """The process dies here."""


@pytest.mark.parametrize("moment", ["start", "hold"])
def test_a_crash_between_two_members_leaves_neither_half(office: Office, monkeypatch, moment: str):
    story = handed_in(office).on("2026-03-10 10:00")
    while [task.step_id for task in office.open_tasks(story.code)] != ["sign_certificate"]:
        story.do()
    before = story.dossier, office.events(story.code), office.count("number_series")

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(LinkedDossiers, moment, die)
        with pytest.raises(Killed):
            story.do("sign_certificate")
    assert (story.dossier, office.events(story.code), office.count("number_series")) == before
    assert members(office) == [(1, "started", True), (2, "waiting", False)]
    story.do("sign_certificate")
    assert members(office) == [(1, "started", True), (2, "started", True)]
    assert office.count("dossiers") == 2


def at_once(*acts: Callable[[], object]) -> list[object]:
    ready = threading.Barrier(len(acts))
    answers: list[object] = [None] * len(acts)

    def do(place: int, act: Callable[[], object]) -> None:
        ready.wait()
        try:
            answers[place] = act()
        except MotCuaError as error:
            answers[place] = error

    threads = [threading.Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_who_sign_at_the_same_moment_begin_the_next_once(office: Office):
    story = handed_in(office).on("2026-03-10 10:00")
    while [task.step_id for task in office.open_tasks(story.code)] != ["sign_certificate"]:
        story.do()
    (task,) = office.open_tasks(story.code)
    thanh, version, now = office.person("thanh"), story.dossier.version, office.now
    complete = office.engine.processing.complete
    answers = at_once(
        *(lambda: complete(thanh, story.code, task.id, version, {"decision": "approve"}, at=now) for _ in range(2))
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Completed", "Conflict"]
    assert office.count("dossiers") == 2


def test_two_clerks_who_hand_over_both_results_at_once_hand_over_once(office: Office):
    story = split_approved(handed_in(office))
    other = following(story)
    other.on("2026-03-13 09:00")
    while other.dossier.status is not DossierStatus.RESOLVED:
        other.do()
    acts = []
    for each, name in ((story, "lan"), (other, "tuan")):
        (task,) = office.open_tasks(each.code)
        given = {"delivery_method": "in_person", "receiver_name": "Người nhận"}
        acts.append((office.person(name), (each.code, task.id, each.dossier.version), given))
    hand_over, now = office.engine.handing_over.as_expected, office.now
    answers = at_once(*(lambda act=act: hand_over(*act, at=now) for act in acts))
    assert sum(isinstance(answer, Conflict) for answer in answers) >= 1
    if all(isinstance(answer, Conflict) for answer in answers):  # each held what the other one needed: try again
        story.do("deliver_result")
    for each in (story, other):
        each.expect_ended(DossierStatus.DELIVERED, result="delivered")


def test_the_same_call_twice_receives_the_group_once(office: Office):
    submission = office.submission(SPLIT, procedure_code=GROUP, items=(), idempotency_key="một-lần")
    clerk = office.person("lan")
    first = office.engine.intake.receive(clerk, submission, at=office.now)
    again = office.engine.intake.receive(clerk, submission, at=office.now)
    assert (again.code, office.count("linked_groups"), office.count("linked_members")) == (first.code, 1, 2)


def test_a_desk_of_another_level_does_not_receive_the_group(office: Office):
    submission = office.submission(SPLIT, procedure_code=GROUP, unit_code="AP-TTPVHCC")
    with pytest.raises(SubmissionIncomplete, match="liên thông"):
        office.engine.intake.receive(office.person("hoa"), submission, at=office.now)
    assert office.count("dossiers") == 0
