"""The desk before a dossier is there: begun forms, who was here before, barred parcels, slips of a power cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from engine.domain.dossier import Applicant
from engine.domain.errors import BadInput, MotCuaError, NotAllowedNow, NotFound, Refused
from engine.domain.parcels import BadParcel, Block, BlockEffect, BlockKind, FindingKind, GuardAnswer, ParcelName
from engine.effects.desk import BadSlip, SlipSettled
from engine.effects.intake_guard import GuardUnanswered, ParcelBarred
from engine.persistence.repositories.intake import DraftChanged
from engine.services.intake_drafts import DraftNotKept
from engine.services.parcels import BadBlock, ImportedBlocks
from tests.builders import DESK, REISSUE, SPLIT, Office, local

WHO = Applicant("Ngô Thị Bảo Châu", "099188004321", "Tổ 3, phường An Phú", "0912 345 678")
BARRED = Block(
    "xã Tân Lập", "12", "45", BlockKind.DISPUTE, BlockEffect.REFUSE, "TB 12/TB-TA ngày 01/02/2026",
    date(2026, 2, 1), date(2026, 6, 30), "Tòa án thụ lý tranh chấp",
)  # fmt: skip


def look(office: Office, *, at: datetime | None = None, **changes: object):
    submission = office.submission(SPLIT, guard=GuardAnswer(), **changes)
    return office.engine.intake.preview(office.person("lan"), submission, at=at or office.now).findings


# --- parcels ----------------------------------------------------------------------------------------------------------


def test_a_parcel_of_a_merged_commune_is_known_by_its_old_name_and_by_its_new_one(office: Office):
    code = office.receive(SPLIT, parcels=(ParcelName("xã Tân Lập", "012", "45"),))
    old, new, other, elsewhere = (
        look(office, parcels=(ParcelName(commune, "12", "045"),))
        for commune in ("Xa Tan Lap (cũ)", "phường An Phú", "phường An Phú (cũ)", "phường Tân Lập")
    )
    assert [each.dossier_code for each in old] == [code]
    assert "Có thể là cùng thửa" not in old[0].text
    assert [each.dossier_code for each in new] == [code]
    assert "Có thể là cùng thửa (chưa rõ tên xã cũ)" in new[0].text
    assert not other, "sheet 12 of another old commune of the same new one is another sheet"
    assert not elsewhere


def test_a_sheet_that_was_numbered_anew_is_the_same_sheet(office: Office):
    code = office.receive(SPLIT, parcels=(ParcelName("thị trấn Bến Cau", "12", "7"),))
    assert [each.dossier_code for each in look(office, parcels=(ParcelName("phường An Phú", "112", "7"),))] == [code]


def test_an_open_file_of_the_parcel_asks_for_a_reason_that_stays_on_record(office: Office):
    first = office.receive(SPLIT, parcels=(ParcelName("xã Suối Cát", "3", "9"),))
    parcels = (ParcelName("xã Suối Cát", "3", "9"),)
    (found,) = look(office, parcels=parcels)
    assert (found.kind, found.refuses) == (FindingKind.OPEN_FILE, False)
    assert first in found.text
    assert "Trung tâm Phục vụ hành chính công tỉnh Bình Sơn" in found.text
    dossiers = office.count("dossiers")
    for answer in (None, GuardAnswer(reason="Cả hai hồ sơ của cùng gia đình"), GuardAnswer((found.key,), " ")):
        with pytest.raises(GuardUnanswered, match=first):
            office.receive(SPLIT, parcels=parcels, guard=answer)
    assert office.count("dossiers") == dossiers
    second = office.receive(SPLIT, parcels=parcels, guard=GuardAnswer((found.key,), "Hai thửa tách tiếp"))
    (event,) = office.events(second, "guard_answered")
    assert (event["reason"], event["by"]) == ("Hai thửa tách tiếp", "lan")


def test_a_file_that_is_done_speaks_against_nothing(office: Office):
    code = office.receive(SPLIT, parcels=(ParcelName("xã Suối Cát", "3", "9"),))
    office.engine.delivery.withdraw(
        office.person("lan"), code, office.dossier(code).version, reason="Đổi ý", at=office.now
    )
    assert not look(office, parcels=(ParcelName("xã Suối Cát", "3", "9"),))


def test_a_barred_parcel_is_not_received_without_a_document_of_the_leader(office: Office):
    register, minh = office.engine.parcel_register, office.person("minh")
    number = register.enter(minh, BARRED, at=office.now)
    parcels = (ParcelName("xã Tân Lập", "12", "45"),)
    (found,) = look(office, parcels=parcels)
    assert found.refuses
    assert "TB 12/TB-TA" in found.text
    seen = GuardAnswer((found.key,), "Đương sự đồng ý")
    for act in (
        lambda submission: office.engine.intake.receive(office.person("lan"), submission, at=office.now),
        lambda submission: office.engine.intake.ask_supplement(
            office.person("lan"), submission, missing="Bản vẽ", at=office.now
        ),
    ):
        with pytest.raises(ParcelBarred):
            act(office.submission(SPLIT, parcels=parcels, guard=seen))
    refused = office.engine.intake.refuse(
        office.person("lan"), office.submission(SPLIT, parcels=parcels), reason="Đang tranh chấp", at=office.now
    )
    assert not office.events(refused.code, "guard_answered"), "a refusal need not be excused"
    code = office.receive(SPLIT, parcels=parcels, guard=replace(seen, document="Văn bản 45/UBND-NC"))
    assert office.events(code, "guard_answered")[0]["document"] == "Văn bản 45/UBND-NC"
    assert not look(office, parcels=(ParcelName("phường An Phú (cũ)", "12", "45"),))
    (maybe, *_file) = look(office, parcels=(ParcelName("phường An Phú", "12", "45"),))
    assert not maybe.refuses, "what only may be the same parcel is for a person to judge"
    register.lift(minh, number, "QĐ 9/QĐ-TA ngày 02/03/2026", at=office.now)
    assert {each.kind for each in look(office, parcels=parcels)} == {FindingKind.OPEN_FILE}
    with pytest.raises(BadBlock, match="trước đó"):
        register.lift(minh, number, "QĐ 10", at=office.now)


def test_a_block_holds_from_its_first_to_its_last_day(office: Office):
    office.engine.parcel_register.enter(office.person("minh"), replace(BARRED, effect=BlockEffect.WARN), at=office.now)
    days = (("2026-01-31 09:00", 0), ("2026-02-02 09:00", 1), ("2026-06-30 16:00", 1), ("2026-07-01 08:00", 0))
    for day, how_many in days:
        found = look(office, at=local(day), parcels=(ParcelName("xã Tân Lập", "12", "45"),))
        assert len(found) == how_many, day


def test_the_register_is_kept_by_land_offices_and_read_by_those_who_work(office: Office):
    register = office.engine.parcel_register
    for outsider in ("lan", "khoa", "giam"):
        with pytest.raises(Refused):
            register.enter(office.person(outsider), BARRED, at=office.now)
    number = register.enter(office.person("minh"), BARRED, at=office.now)
    with pytest.raises(BadBlock, match="đã có mục"):
        register.enter(office.person("thao"), BARRED, at=office.now)
    assert [line.record.id for line in register.blocks(office.person("lan"), at=office.now)] == [number]
    assert not register.blocks(office.person("lan"), at=office.now)[0].may_lift
    with pytest.raises(BadBlock, match="đơn vị khác"):
        register.lift(office.person("admin"), number, "QĐ 1", at=office.now)


def test_a_table_with_a_wrong_line_enters_nothing_and_a_right_one_enters_each_line_once(office: Office):
    head = "commune,sheet,parcel,kind,effect,document,from,to,reason\n"
    right = "xã Hòa Bình,5,17,seizure,warn,QĐ 3/THA,2026-01-05,,Kê biên\n"
    same = "XÃ  HÒA BÌNH,05,017,seizure,warn,QĐ 3/THA,2026-01-05,,Kê biên\n"
    wrong = "\n\nxã Hòa Bình,,17,seizure,warn,QĐ 3/THA,2026-01-05,,Kê biên\nxã A,1,1,x,y,QĐ,2026-02-30,,z\n"

    def load(text: str, unit: str = "BS-CNAP", *, dry_run: bool = False) -> ImportedBlocks:
        register = office.engine.parcel_register
        return register.load(unit, text.encode(), at=office.now, by="operator", dry_run=dry_run)

    for text, says in (
        ("a,b\n1,2\n", "thiếu cột"),
        ("", "thiếu cột"),
        (head + right.replace("QĐ", "x" * 200_000), "CSV hỏng"),
        (head + right.replace("QĐ", "Q\0Đ"), "NUL"),
        (head + right * 20_001, "quá 20000 dòng"),
    ):
        with pytest.raises(BadInput, match=says):
            load(text)
    found = load(head + right + wrong)
    assert [line for line, _text in found.faults] == [5, 6]
    assert office.count("parcel_blocks") == 0
    assert load(head + right, dry_run=True).added == 1
    assert office.count("parcel_blocks") == 0
    for added, known, text in (
        (1, 1, head + right + same),
        (0, 1, head + same),
        (0, 1, "\ufeff" + (head + right).replace(",", ";")),
    ):
        found = load(text)
        assert (found.added, found.known, office.count("parcel_blocks")) == (added, known, 1)
    many = "".join(f"xã Hòa Bình,6,{number},seizure,warn,QĐ 4,2026-01-05,,Kê biên\n" for number in range(1, 1200))
    assert load(head + many).added == 1199
    assert office.rows("SELECT number FROM parcel_blocks ORDER BY id")[:3] == [("17",), ("1",), ("2",)]


@pytest.mark.parametrize(
    "name", [("xã Tân Lập", "12'; --", "1"), ("", "1", "1"), ("xã", "x" * 30, "1"), ("x" * 90, "1", "1")]
)
def test_what_is_no_parcel_is_told_so(office: Office, name: tuple[str, str, str]):
    with pytest.raises(BadParcel):
        look(office, parcels=(ParcelName(*name),))


# --- the same person --------------------------------------------------------------------------------------------------


def test_the_same_person_with_the_same_procedure_open_is_told_however_the_number_is_written(office: Office):
    first = office.receive(applicant=WHO)
    again = office.submission(applicant=replace(WHO, identity_number="099 188 004.321"), guard=GuardAnswer())
    lan, intake = office.person("lan"), office.engine.intake
    (found,) = intake.preview(lan, again, at=office.now).findings
    assert (found.kind, found.dossier_code) == (FindingKind.DUPLICATE, first)
    with pytest.raises(GuardUnanswered):
        intake.receive(lan, again, at=office.now)
    assert not intake.preview(lan, replace(again, procedure_code=SPLIT), at=office.now).findings
    answered = replace(again, guard=GuardAnswer((found.key,), "Hai Giấy chứng nhận"))
    assert intake.receive(lan, answered, at=office.now).code != first


def test_a_person_is_found_at_the_desks_of_the_clerk_only(office: Office):
    code = office.receive(applicant=WHO)
    found = office.engine.intake_people.find(office.person("tuan"), "099-188-004-321")
    assert (found.full_name, found.phone, [file.code for file in found.files]) == (WHO.full_name, WHO.phone, [code])
    assert not office.engine.intake_people.find(office.person("hoa"), "099188004321").files
    for number in ("", "0991", "' OR 1=1 --", "099188004322", "%" * 500):
        assert not office.engine.intake_people.find(office.person("lan"), number).files
    for outsider in ("minh", "giam", "admin"):
        with pytest.raises(Refused):
            office.engine.intake_people.find(office.person(outsider), "099188004321")


# --- begun forms ------------------------------------------------------------------------------------------------------


def test_a_begun_form_is_found_again_by_its_clerk_alone_and_goes_with_the_receipt(office: Office):
    drafts, lan = office.engine.intake_drafts, office.person("lan")
    begun = drafts.keep(lan, REISSUE, {"full_name": "Lê Văn Tám", "csrf_token": "x"}, at=office.now)
    assert begun.values == {"full_name": "Lê Văn Tám"}
    later = drafts.keep(lan, REISSUE, {"full_name": "Lê Văn Tám B"}, token=begun.token, version=1, at=office.now)
    assert ([each.who for each in drafts.mine(lan)], later.version) == (["Lê Văn Tám B"], 2)
    assert not drafts.mine(office.person("tuan"))
    for colleague in ("tuan", "hoa"):
        with pytest.raises(NotFound):
            drafts.open(office.person(colleague), begun.token)
        with pytest.raises(NotFound):
            drafts.keep(office.person(colleague), REISSUE, {}, token=begun.token, version=2, at=office.now)
        drafts.discard(office.person(colleague), begun.token)
        office.receive(by="tuan", draft_token=begun.token)
    assert drafts.open(lan, begun.token).version == 2
    office.receive(draft_token=begun.token)
    assert not drafts.mine(lan)
    with pytest.raises(NotFound):
        drafts.keep(lan, REISSUE, {}, token=begun.token, version=2, at=office.now)


def test_two_pages_that_keep_the_same_form_do_not_overwrite_each_other(office: Office):
    drafts, lan = office.engine.intake_drafts, office.person("lan")
    begun = drafts.keep(lan, REISSUE, {"phone": "1"}, at=office.now)

    def keep(name: str) -> str:
        try:
            drafts.keep(lan, REISSUE, {"phone": name}, token=begun.token, version=1, at=office.now)
        except DraftChanged:
            return ""
        return name

    with ThreadPoolExecutor(4) as pool:
        kept = [name for name in pool.map(keep, "abcd") if name]
    assert [drafts.open(lan, begun.token).values["phone"]] == kept


def test_a_form_that_nobody_touches_is_forgotten_and_a_store_for_other_things_is_none(office: Office):
    drafts, lan = office.engine.intake_drafts, office.person("lan")
    drafts.keep(lan, REISSUE, {"phone": "1"}, at=office.now)
    kept = office.engine.settings.counter.keep_drafts_days
    assert drafts.expire(office.now + timedelta(days=kept)) == 0
    assert drafts.expire(office.now + timedelta(days=kept, seconds=1)) == 1
    for form in ({"a": "x" * 5000}, {str(n): "" for n in range(700)}, {str(n): "y" * 3000 for n in range(30)}):
        with pytest.raises(DraftNotKept):
            drafts.keep(lan, REISSUE, form, at=office.now)
    for _ in range(50):
        drafts.keep(lan, REISSUE, {}, at=office.now)
    with pytest.raises(DraftNotKept, match="50"):
        drafts.keep(lan, REISSUE, {}, at=office.now)
    with pytest.raises(Refused):
        drafts.mine(office.person("minh"))


# --- slips of a power cut ---------------------------------------------------------------------------------------------


def test_a_slip_is_keyed_in_once_with_the_hour_written_on_it(office: Office):
    slips, lan = office.engine.slips, office.person("lan")
    slips.give_out(lan, DESK, 3, at=local("2026-02-27 16:00"))
    monday, office_now = local("2026-03-02 15:30"), local("2026-03-04 08:10")
    code = office.receive(slip_number="2", received_at=monday, at=office_now)
    assert office.dossier(code).due_at == local("2026-03-05 17:00"), "the clock starts at the true time"
    (event,) = office.events(code, "slip_keyed_in")
    assert (event["slip"], event["at"]) == ("PT-BS-TTPVHCC-000002", monday)
    page = slips.page(lan, DESK)
    assert ([slip.number for slip in page.outstanding], page.total) == ([1, 3], 2)
    assert page.settled[0].dossier_code == code
    with pytest.raises(SlipSettled, match="đã nhập"):
        office.receive(by="tuan", slip_number="PT-BS-TTPVHCC-000002", received_at=monday, at=office_now)
    for number, received_at in (("1", None), ("1", local("2026-02-27 15:00")), ("9", monday), ("x'", monday)):
        with pytest.raises(BadSlip):
            office.receive(slip_number=number, received_at=received_at, at=office_now)
    assert slips.void(lan, DESK, "3", "Viết hỏng", at=office_now) == "PT-BS-TTPVHCC-000003"
    with pytest.raises(SlipSettled, match="đã hủy"):
        office.receive(slip_number="3", received_at=monday, at=office_now)
    with pytest.raises(SlipSettled):
        slips.void(lan, DESK, "2", "Nhầm", at=office_now)
    with pytest.raises(BadInput):
        slips.void(lan, DESK, "1", " ", at=office_now)


def test_of_two_clerks_with_the_same_slip_one_receives(office: Office):
    office.engine.slips.give_out(office.person("lan"), DESK, 1, at=office.now)
    submissions = [office.submission(slip_number="1", received_at=office.now) for _ in range(4)]

    def receive(number: int) -> str:
        try:
            actor = office.person(("lan", "tuan")[number % 2])
            return office.engine.intake.receive(actor, submissions[number], at=office.now).code
        except NotAllowedNow:
            return ""

    office.person("tuan")
    with ThreadPoolExecutor(4) as pool:
        assert len([code for code in pool.map(receive, range(4)) if code]) == 1
    assert office.count("dossiers") == 1


def test_slips_belong_to_their_desk(office: Office):
    slips = office.engine.slips
    slips.give_out(office.person("lan"), DESK, 2, at=office.now)
    slips.give_out(office.person("hoa"), "AP-TTPVHCC", 1, at=office.now)
    assert slips.page(office.person("hoa"), "AP-TTPVHCC").outstanding[0].label == "PT-AP-TTPVHCC-000001"
    for act in (
        lambda: slips.page(office.person("hoa"), DESK),
        lambda: slips.give_out(office.person("hoa"), DESK, 1, at=office.now),
        lambda: slips.void(office.person("hoa"), DESK, "1", "x", at=office.now),
        lambda: slips.pdf(office.person("minh"), DESK, 1),
    ):
        with pytest.raises(Refused):
            act()
    for wrong in (0, 201, -1):
        with pytest.raises(MotCuaError):
            slips.give_out(office.person("lan"), DESK, wrong, at=office.now)


# --- finding a procedure ----------------------------------------------------------------------------------------------


def test_people_find_a_procedure_by_their_own_words_and_the_most_used_comes_first(office: Office):
    def first(text: str) -> str:
        return office.engine.catalogue.desk_offers(office.person("lan"), text, at=office.now)[0].code

    asked = {"tach thua": SPLIT, "mất sổ": "1.012786", "SANG TEN": "1.013831", "1.012783": REISSUE, "cap doi": REISSUE}
    assert {text: first(text) for text in asked} == asked
    office.receive(SPLIT)
    assert first("") == SPLIT
    assert not office.engine.catalogue.desk_offers(office.person("lan"), "xyz '%", at=office.now)
