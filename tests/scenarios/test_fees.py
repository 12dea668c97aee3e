"""Fees at the counter: taken at receipt, later or with the result; a wrong entry is countered, and never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.event_text import Telling, say
from engine.domain.fees import EXEMPT, FeeAccount, Payment, amount_of
from engine.domain.status import DossierStatus
from engine.effects.assessing import FEE_DUE
from letters import ReceiptSlip, from_json
from tests.builders import DESK, MONDAY, REISSUE, Office
from tests.scenarios.test_handing_over import right, step_of

GROUNDWATER = "1.004223"  # 400.000 đồng below 200 m³ a day
TAKEN = Payment("400.000", "counter", "BL 0001")


def received(office: Office, payment: Payment | None = None, procedure: str = GROUNDWATER) -> str:
    answers = {"flow": "100"} if procedure == GROUNDWATER else {}
    return office.receive(procedure, answers=answers, payment=payment)


def account(office: Office, code: str, who: str = "lan") -> FeeAccount:
    return office.engine.fees.account(office.person(who), code)


def printed(office: Office, code: str) -> str:
    slip = from_json("receipt", office.letters(code, "receipt")[0].data)
    assert isinstance(slip, ReceiptSlip)
    return f"{slip.fee.amount} ({slip.fee.state})" if slip.fee else ""


def test_what_is_paid_at_receipt_stands_on_form_01_and_in_the_book_of_the_day(office: Office):
    code, other = received(office, TAKEN), received(office)
    assert printed(office, code) == "400.000 đồng (đã thu 400.000 đồng, tại quầy, số BL 0001)"
    assert printed(office, other) == "400.000 đồng (chưa thu)"
    assert (account(office, code).owed, account(office, other).owed) == (0, 400_000)
    (event,) = office.events(code, "fee_taken")
    assert (event["by"], event["amount"], event["receipt_number"]) == ("lan", 400_000, "BL 0001")

    office.engine.fees.take(office.person("lan"), other, replace(TAKEN, method="transfer"), at=office.now)
    book = office.engine.prints.fees(office.person("lan"), DESK, MONDAY.date())
    assert [(line.dossier_code, line.amount) for line in book.lines] == [(code, 400_000), (other, 400_000)]
    assert (book.sums, book.total) == ({"Tại quầy": 400_000, "Chuyển khoản": 400_000}, 800_000)
    assert office.engine.prints.fees(office.person("lan"), DESK, MONDAY.date() + timedelta(days=1)).lines == ()


def test_where_no_table_says_an_amount_the_receipt_tells_what_was_taken(office: Office):
    code = received(office, Payment("25000", "counter", "BL 7"), REISSUE)
    assert printed(office, code) == "25.000 đồng (đã thu 25.000 đồng, tại quầy, số BL 7)"
    assert account(office, code).due is None


def test_a_wrong_entry_is_countered_on_the_day_it_is_noticed_and_the_day_before_stays(office: Office):
    code = received(office, TAKEN)
    clerk, engine = office.person("lan"), office.engine
    (wrong,) = account(office, code).lines
    office.clock.at = MONDAY + timedelta(days=1)
    with pytest.raises(FormRefused, match="lý do"):
        engine.fees.counter(clerk, code, wrong.id, " ", at=office.now)
    engine.fees.counter(clerk, code, wrong.id, "Ghi nhầm hồ sơ", at=office.now)
    was, undone = account(office, code).lines
    assert (was.amount, was.is_countered, was.may_counter) == (400_000, True, False)
    assert (undone.amount, undone.reason, undone.may_counter) == (-400_000, "Ghi nhầm hồ sơ", False)
    assert account(office, code).owed == 400_000
    for entry in (was, undone):
        with pytest.raises(NotAllowedNow):
            engine.fees.counter(clerk, code, entry.id, "lần nữa", at=office.now)
    first, second = (engine.prints.fees(clerk, DESK, (MONDAY + timedelta(days=days)).date()) for days in (0, 1))
    assert (first.total, second.total) == (400_000, -400_000)
    dossier = office.dossier(code)
    with pytest.raises(IntegrityError), engine.uow.write() as tx:
        tx.fees.add(
            dossier_id=dossier.id, unit_id=dossier.unit_id, due=None, amount=-1, method="counter", receipt_number="x",
            paid_on=MONDAY.date(), at=MONDAY, by="lan", corrects_id=wrong.id,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("payment", "field"),
    [
        (replace(TAKEN, amount="0"), "fee_amount"),
        (replace(TAKEN, amount="400,5"), "fee_amount"),
        (replace(TAKEN, amount="-400000"), "fee_amount"),
        (replace(TAKEN, method="barter"), "fee_method"),
        (replace(TAKEN, receipt_number=" "), "fee_receipt"),
        (replace(TAKEN, paid_on=MONDAY.date() + timedelta(days=1)), "fee_on"),
        (TAKEN, "fee_receipt"),  # the same receipt twice
    ],
)
@pytest.mark.any_database
def test_a_payment_that_cannot_be_is_refused_at_its_field(office: Office, payment: Payment, field: str):
    code = received(office, TAKEN)
    with pytest.raises(FormRefused) as refused:
        office.engine.fees.take(office.person("lan"), code, payment, at=office.now)
    assert set(refused.value.fields) == {field}
    assert office.count("fee_entries") == 1


def test_only_clerks_of_the_desk_write_and_others_of_the_file_read(office: Office):
    code, fees = received(office), office.engine.fees
    with pytest.raises(NotFound):
        fees.account(office.person("hoa"), code)
    for who, failure in (("hoa", NotFound), ("giam", Refused), ("minh", NotFound)):
        with pytest.raises(failure):
            fees.take(office.person(who), code, TAKEN, at=office.now)
    with pytest.raises(Refused):
        office.engine.prints.fees(office.person("hoa"), DESK, MONDAY.date())
    assert not account(office, code, "giam").may_take


def test_a_result_goes_out_when_its_fee_is_settled_and_the_payment_is_written_with_it(office: Office):
    exempt = Payment("150.000", EXEMPT, "QĐ 12/QĐ-UBND")
    code = office.receive(REISSUE, payment=exempt, details={FEE_DUE: 400_000})
    (event,) = office.events(code, "fee_taken")
    told = say("fee_taken", event, Telling(office.engine.settings.zone))
    assert told == "Miễn, giảm phí, lệ phí 150.000 đồng, giấy tờ QĐ 12/QĐ-UBND"
    while office.dossier(code).status is not DossierStatus.RESOLVED:
        office.do(code)
    clerk, hand_over = office.person("lan"), office.engine.handing_over.hand_over
    assert office.engine.handing_over.case(clerk, code, at=office.now).fee_owed == 250_000
    with pytest.raises(FormRefused) as refused:
        hand_over(clerk, step_of(office, code), right(office, code), at=office.now)
    assert set(refused.value.fields) == {"fee_method", "fee_receipt"}
    assert office.count("fee_entries") == 1
    paid = replace(right(office, code), fee_method="transfer", fee_receipt="FT 2603")
    assert hand_over(clerk, step_of(office, code), paid, at=office.now).is_finished
    assert [line.amount for line in account(office, code).lines] == [150_000, 250_000]
    book = office.engine.prints.fees(clerk, DESK, office.now.astimezone(MONDAY.tzinfo).date())
    assert book.total == 250_000, "what need not be paid is no money"


def test_a_fee_is_taken_only_for_what_is_received(office: Office):
    submission = replace(office.submission(GROUNDWATER, answers={"flow": "100"}), payment=TAKEN)
    with pytest.raises(Exception, match="khi tiếp nhận"):
        office.engine.intake.refuse(office.person("lan"), submission, reason="Sai thẩm quyền", at=office.now)
    assert office.count("dossiers") == 0


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("50000", 50_000), ("1.500.000", 1_500_000), ("1 500 000", 1_500_000), ("1.50", None), ("", None), ("5e3", None)],
)
@pytest.mark.any_database
def test_an_amount_is_read_as_people_write_it(typed: str, amount: int | None):
    assert amount_of(typed) == amount
