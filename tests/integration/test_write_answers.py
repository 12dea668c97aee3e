"""Receipt by answers: the tables of a procedure make its case, its limits and its fee, and the dossier keeps them."""

from __future__ import annotations

import pytest

from engine.domain.answers import FormRefused
from engine.domain.dossier import Channel
from engine.effects.assessing import CaseContradicts
from engine.services.intake import SubmissionIncomplete
from tests.builders import Office

MINERALS, GROUNDWATER = "1.014466", "1.004223"
COST = "30.000.000.000"


def test_case_limit_and_fee_follow_from_the_answers(office: Office) -> None:
    answers = {"mineral_group": "iii", "exploration_cost": COST}
    received = office.received(MINERALS, answers=answers)
    dossier = office.dossier(received.code)
    assert dossier.case_id == "group_iii"
    assert dossier.details == {"answers": answers, "fee_due": 105_000_000}
    assert received.due_at is not None
    other = office.received(MINERALS, answers=answers | {"mineral_group": "i"})
    assert office.dossier(other.code).case_id == "group_i_ii"
    assert other.due_at is not None
    assert other.due_at > received.due_at


def test_the_fee_depends_on_how_the_dossier_was_handed_in(office: Office) -> None:
    fees = []
    for channel in Channel:
        received = office.received(GROUNDWATER, answers={"flow": "320,5"}, channel=channel)
        fees.append(office.dossier(received.code).details["fee_due"])
    assert fees == [800_000, 400_000, 800_000]


def test_the_page_of_the_dossier_tells_questions_answers_and_fee(office: Office) -> None:
    received = office.received(MINERALS, answers={"mineral_group": "ii", "exploration_cost": COST})
    view = office.engine.dossiers.view(office.person("lan"), received.code, at=office.now)
    assert view.answers == (("Nhóm khoáng sản", "Nhóm II"), ("Chi phí thăm dò (đồng)", COST))
    assert view.fee_due == 105_000_000
    assert view.case_name.startswith("Khoáng sản nhóm I, nhóm II")


def test_answers_stand_in_the_history(office: Office) -> None:
    received = office.received(GROUNDWATER, answers={"flow": "100"})
    with office.engine.uow.read() as tx:
        submitted = tx.history.events(office.dossier(received.code).id)[0]
    assert submitted["kind"] == "submitted"
    assert (submitted["data"]["answers"], submitted["data"]["fee_due"]) == ({"flow": "100"}, 400_000)


@pytest.mark.parametrize("answers", [{}, {"flow": ""}, {"flow": "5000"}, {"flow": "nhiều"}])
def test_without_usable_answers_nothing_is_received(office: Office, answers: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        office.receive(GROUNDWATER, answers=answers)
    assert "flow" in refused.value.fields
    assert office.count("dossiers") == 0


def test_a_case_that_contradicts_the_answers_is_refused(office: Office) -> None:
    with pytest.raises(CaseContradicts, match="Dưới 200"):
        office.receive(GROUNDWATER, answers={"flow": "100"}, case="flow_500_1000")
    with pytest.raises(SubmissionIncomplete, match="không có trường hợp"):
        office.receive(GROUNDWATER, case="unheard_of")


def test_who_knows_the_case_but_not_the_answers_is_believed(office: Office) -> None:
    dossier = office.dossier(office.receive(GROUNDWATER, case="flow_500_1000"))
    assert (dossier.case_id, dict(dossier.details)) == ("flow_500_1000", {})


def test_assessing_writes_nothing(office: Office) -> None:
    submission = office.submission(GROUNDWATER, answers={"flow": "640"}, channel=Channel.ONLINE)
    found = office.engine.intake.assess(office.person("lan"), submission, at=office.now)
    assert (found.case_id, found.fee) == ("flow_500_1000", 1_000_000)
    assert office.count("dossiers") == 0


def test_a_procedure_without_tables_is_received_as_before(office: Office) -> None:
    dossier = office.dossier(office.receive())
    assert (dossier.case_id, dict(dossier.details)) == ("standard", {})
