"""The life of a letter: approval by the leader for any form, cancelling while nobody has it, replacing, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from engine.domain.answers import FormRefused
from engine.domain.board import Choice
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.letter_life import LIFE, LetterState, WrongMoment, comes_before, may_cancel
from engine.domain.letter_templates import LetterTemplate, SignerRule, check_template
from engine.domain.letter_views import RegisterQuestion, RegisterState
from engine.services import letter_acts, outbox
from engine.services.letter_table import LetterDecided
from engine.settings.letters import LetterSettings
from letters import SupplementRequest, from_json, template_sets
from letters.forms import FORMS
from tests.builders import REGISTRY, REISSUE, an_office, prepare_office
from tests.letters.reading import text_of
from tests.scenario import Scenario

BY_LEADER = LetterTemplate(approval={"supplement_request": "leader"})


def publish(s: Scenario, template: LetterTemplate, *, unit: str = REGISTRY, valid_from: date | None = None) -> int:
    templates, day = s.office.engine.letter_templates, s.office.engine.office.local_day(s.office.now)
    admin, at = s.office.person("admin"), s.office.now
    return templates.publish(admin, unit, template, valid_from=valid_from or day, note="thử", at=at)


def asked_for_papers(s: Scenario) -> int:
    """A file of the registry asks for papers, which its leader has to let out; the draft's key."""
    s.on("2026-03-02 08:30")
    publish(s, BY_LEADER)
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-03 09:00")
    s.appraise("supplement", missing_items="Bản vẽ\nBản cam kết", reason="Thiếu giấy tờ").expect_letters("receipt")
    (waiting,) = s.office.engine.letter_table.table(s.office.person("thanh"), at=s.office.now)
    return waiting.id


def moments(s: Scenario, letter_id: int, who: str = "thanh") -> list[str]:
    life = s.office.engine.letter_acts.life(s.office.person(who), letter_id)
    return [moment.what for moment in life.moments]


def test_the_table_of_a_life_leads_every_letter_to_an_end_and_no_further():
    ends = {state for state, stage in LIFE.items() if not stage.may_become}
    assert ends == {LetterState.DELIVERED, LetterState.CANCELLED}
    assert all(comes_before(state) for state in LetterState if state is not LetterState.WAITING)
    assert [state for state in LetterState if may_cancel(state, was_sent=False)] == [
        LetterState.ISSUED,
        LetterState.BROKEN,
        LetterState.RENDERED,
        LetterState.SIGNED,
        LetterState.FAILED,
    ]
    assert not any(may_cancel(state, was_sent=True) for state in LetterState)
    assert all(state.label and (state.next_step or state in ends | {LetterState.OBSOLETE}) for state in LetterState)


def test_a_form_that_the_leader_lets_out_waits_without_a_number_and_goes_out_as_it_was_shown(s: Scenario):
    draft_id = asked_for_papers(s)
    table, thanh = s.office.engine.letter_table, s.office.person("thanh")
    view = table.view(thanh, draft_id, at=s.office.now)
    assert ("Nội dung bổ sung", "Bản vẽ\nBản cam kết") in view.words
    assert view.line.dossier_code == s.code
    with pytest.raises(Refused):
        table.approve(s.office.person("minh"), draft_id, at=s.office.now)
    s.on("2026-03-04 10:00")
    number = table.approve(thanh, draft_id, view.line.seen, at=s.office.now)
    letter = s.letter("supplement_request")
    assert (letter.number_text, letter.issued_at, letter.issued_by) == (number, s.office.now, "thanh")
    printed = from_json(letter.form, letter.data)
    assert isinstance(printed, SupplementRequest)
    assert (printed.number, printed.requirements) == (number, ("Bản vẽ", "Bản cam kết"))
    assert printed.signer.title == s.office.engine.units.by_code(REGISTRY).head_title
    with pytest.raises(LetterDecided, match="đã vào sổ"):
        table.approve(thanh, draft_id, at=s.office.now)


def test_a_draft_that_comes_back_is_rewritten_and_other_words_are_not_signed_unseen(s: Scenario):
    draft_id = asked_for_papers(s)
    table, thanh, minh = s.office.engine.letter_table, s.office.person("thanh"), s.office.person("minh")
    seen = table.view(thanh, draft_id, at=s.office.now).line.seen
    with pytest.raises(FormRefused):
        table.put_back(thanh, draft_id, " ", at=s.office.now)
    table.put_back(thanh, draft_id, "Ghi rõ loại bản vẽ", at=s.office.now)
    assert table.table(thanh, at=s.office.now) == ()
    assert [(code, note) for _, _, code, note in table.put_back_to(minh)] == [(s.code, "Ghi rõ loại bản vẽ")]
    with pytest.raises(Refused):
        table.resubmit(s.office.person("lan"), draft_id, {"requirements": "x"}, at=s.office.now)
    table.resubmit(minh, draft_id, {"requirements": "Bản vẽ 1/500"}, at=s.office.now)
    decided = table.approve_many(thanh, {draft_id: seen}, at=s.office.now)
    assert (decided.numbers, len(decided.left)) == ((), 1), "its words changed since the leader looked"
    seen = table.view(thanh, draft_id, at=s.office.now).line.seen
    assert len(table.approve_many(thanh, {draft_id: seen}, at=s.office.now).numbers) == 1
    printed = s.printed("supplement_request")
    assert isinstance(printed, SupplementRequest)
    assert printed.requirements == ("Bản vẽ 1/500",)


def test_a_letter_is_cancelled_while_nobody_has_it_and_another_takes_its_place(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-03 09:00")
    s.appraise("supplement", missing_items="Bản vẽ", reason="Thiếu")
    acts, thanh = s.office.engine.letter_acts, s.office.person("thanh")
    old = s.letter("supplement_request")
    with pytest.raises(FormRefused):
        acts.cancel(thanh, old.id, "", at=s.office.now)
    with pytest.raises(Refused):
        acts.cancel(s.office.person("lan"), old.id, "sai", at=s.office.now)
    number = acts.cancel(thanh, old.id, "Ghi sai giấy tờ", replaces=True, words="Thiếu bản vẽ", at=s.office.now)
    cancelled, new = s.office.letters(s.code, "supplement_request")
    assert (cancelled.state, cancelled.cancel_reason, cancelled.number + 1) == (
        "cancelled",
        "Ghi sai giấy tờ",
        new.number,
    )
    assert (new.number_text, new.replaces_id) == (number, old.id)
    printed = from_json(new.form, new.data)
    assert isinstance(printed, SupplementRequest)
    assert (printed.reason, printed.requirements) == ("Thiếu bản vẽ", ("Bản vẽ",))
    assert printed.replaces == f"số {old.number_text} ngày 03/03/2026"
    with pytest.raises(WrongMoment, match="đã bị hủy"):
        acts.cancel(thanh, old.id, "lần nữa", at=s.office.now)
    s.office.engine.outbox.run(s.office.now)
    assert moments(s, old.id) == ["issued", "cancelled"], "nothing was rendered for a letter that is no more"
    assert moments(s, new.id)[:2] == ["issued", "rendered"]
    with pytest.raises(WrongMoment, match="đã gửi đi"):
        acts.cancel(thanh, new.id, "muộn", at=s.office.now)
    asked = RegisterQuestion(state=RegisterState.CANCELLED)
    (line,) = s.office.engine.correspondence.register(s.office.person("giam"), asked).letters
    assert (line.letter.number_text, line.note) == (old.number_text, "Ghi sai giấy tờ")


def test_what_an_applicant_has_a_right_to_is_not_cancelled_without_another(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00")
    receipt = s.letter("receipt")
    acts, lan = s.office.engine.letter_acts, s.office.person("lan")
    with pytest.raises(NotAllowedNow, match="bản thay thế"):
        acts.cancel(lan, receipt.id, "Sai tên", at=s.office.now)
    acts.cancel(lan, receipt.id, "Sai tên", replaces=True, at=s.office.now)
    assert [letter.number for letter in s.office.letters(s.code, "receipt")] == [1, 2]


def test_a_cancelled_apology_is_no_letter_in_the_list_of_missed_dates_and_its_replacement_is(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep_finds(overdue=1, letters=1)
    old = s.letter("apology")
    s.office.engine.letter_acts.cancel(
        s.office.person("thanh"), old.id, "Sai lý do", replaces=True, words="Chờ thẩm tra", at=s.office.now
    )
    report = s.office.engine.reports.apologies(date(2026, 3, 1), date(2026, 3, 31))
    figures = {name: report.totals[name] for name in ("missed", "apologised", "without_letter", "undelivered")}
    assert figures == {"missed": 1, "apologised": 1, "without_letter": 0, "undelivered": 1}
    board = s.office.engine.boards.look(s.office.person("giam"), Choice(), at=s.office.now)
    assert board.counts["without_letter"] == 0
    s.sweep_finds()
    assert [letter.state for letter in s.office.letters(s.code, "apology")] == ["cancelled", "issued"]


def test_a_series_goes_on_from_the_paper_register_and_begins_anew_at_local_midnight(s: Scenario):
    s.on("2026-03-02 08:00")
    pattern = LetterTemplate(number="{number:03d}/{year}/{code}", first_numbers={"supplement_request/2026": 58})
    publish(s, pattern)
    texts = []
    for day, last in (("2026-03-02", "09:00"), ("2026-12-31", "23:59"), ("2027-01-01", "00:00")):
        s.receive(REISSUE, on=f"{day} {last}").forward().appraise("supplement", missing_items="Bản vẽ")
        texts.append(s.letter("supplement_request").number_text)
    assert texts == ["058/2026/PBS", "059/2026/PBS", "001/2027/PBS"]
    with pytest.raises(FormRefused, match="đã cấp đến số 59"):
        publish(s, LetterTemplate(first_numbers={"supplement_request/2026": 70}))


def test_a_template_holds_from_its_day_and_changes_no_letter_that_is_out(s: Scenario):
    s.on("2026-03-02 08:00")
    signers = (
        SignerRule("PHÓ GIÁM ĐỐC", "Lê Thị Mai", "KT. GIÁM ĐỐC", date(2026, 3, 1), date(2026, 3, 9)),
        SignerRule("GIÁM ĐỐC", "Phạm Văn Ba", "", date(2026, 3, 10)),
    )
    words = LetterTemplate(
        agency="Chi nhánh An Phú", signers=signers, openings={"apology": "Về hồ sơ {dossier_code} tại {desk}:"}
    )
    publish(s, words)
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep()
    first = s.printed("apology")
    assert (first.letterhead.agency, first.signer.name, first.signer.authority) == (
        "Chi nhánh An Phú",
        "Lê Thị Mai",
        "KT. GIÁM ĐỐC",
    )
    assert first.opening == f"Về hồ sơ {s.code} tại TTPVHCC tỉnh:"
    book = s.office.engine.prints.book_pdf(
        s.office.person("thanh"), REGISTRY, date(2026, 3, 2), date(2026, 3, 6), at=s.office.now
    )
    assert "Chi nhánh An Phú" in (book.content or b"").decode()
    publish(s, LetterTemplate(agency="Tên khác"), valid_from=date(2026, 3, 20))
    code = s.code
    s.receive(REISSUE, on="2026-03-09 09:00").forward().on("2026-03-13 08:00").sweep()
    assert s.printed("apology").signer.name == "Phạm Văn Ba"
    s.receive(REISSUE, on="2026-03-23 09:00").forward().on("2026-03-27 08:00").sweep()
    assert s.printed("apology").letterhead.agency == "Tên khác"
    s.code = code
    assert s.printed("apology") == first


def test_every_form_has_a_code_for_its_numbers_also_where_the_settings_leave_it_out():
    settings = LetterSettings(codes={"apology": "XL"})
    assert settings.code_of("apology") == "XL"
    assert all(settings.code_of(form) for form in FORMS)


@pytest.mark.parametrize(
    ("template", "field"),
    [
        (LetterTemplate(openings={"apology": "Kính gửi {password}"}), "opening-apology"),
        (LetterTemplate(closings={"apology": "{applicant.full_name}"}), "closing-apology"),
        (LetterTemplate(number="{code}-{suffix}"), "number"),
        (LetterTemplate(signers=(SignerRule("A", "B", "", date(2026, 3, 9), date(2026, 3, 1)),)), "signers"),
        (LetterTemplate(approval={"apology": "nobody"}), "approval-apology"),
        (LetterTemplate(first_numbers={"apology": 7}), "first_numbers"),
    ],
)
def test_a_template_that_no_letter_could_print_is_refused(template: LetterTemplate, field: str):
    with pytest.raises(FormRefused) as refused:
        check_template(template, FORMS)
    assert list(refused.value.fields) == [field]


def test_a_template_is_kept_by_the_administrator_of_the_unit_or_above(s: Scenario):
    templates = s.office.engine.letter_templates
    with pytest.raises(Refused):
        templates.page(s.office.person("thanh"), REGISTRY, at=s.office.now)
    with pytest.raises(NotFound):
        templates.preview(s.office.person("admin"), REGISTRY, LetterTemplate(), "apology", at=s.office.now)
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep()
    words = LetterTemplate(closings={"apology": "Xin cảm ơn."})
    shown = templates.preview(s.office.person("admin"), REGISTRY, words, "apology", at=s.office.now)
    assert "Xin cảm ơn." in shown.decode()
    assert "Xin cảm ơn." not in s.letter("apology").data


@pytest.fixture
def printing(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Scenario]:
    """An office that renders for real."""
    with an_office(database_copy(prepare_office), render=None) as office:
        yield Scenario(office)


def test_a_letter_of_a_year_ago_prints_to_the_same_hash_after_an_upgrade_and_a_reprint_says_so(
    printing: Scenario, monkeypatch: pytest.MonkeyPatch
):
    """Issue; change the template of the unit; upgrade forms and stylesheets; print again: the same bytes."""
    s = printing.receive(REISSUE, on="2026-03-02 09:00")
    s.office.engine.outbox.run(s.office.now)
    receipt = s.letter("receipt")
    publish(s, LetterTemplate(agency="Trung tâm tên mới", closings={"receipt": "Câu mới"}), unit="BS-TTPVHCC")
    old = template_sets.packaged()
    base = old.files["templates/base.html"]
    new = old.changed(
        {"templates/base.html": base.replace("</h1>", "</h1><p>Mẫu mới</p>"), "assets/a5.css": "p { margin: 0 }"}
    )
    for module in (outbox, letter_acts):
        monkeypatch.setattr(module, "packaged", lambda: new)
    s.on("2027-03-02 09:00")
    with s.office.engine.uow.read() as tx:
        forms = template_sets.TemplateSet.from_json(tx.letters.forms_of(old.digest) or "", old.digest)
    again = s.office.engine._presses.letter(from_json("receipt", receipt.data), forms)
    assert (again.sha256, receipt.template_set) == (receipt.sha256, old.digest)
    copy = s.office.engine.letter_acts.reprint(s.office.person("lan"), receipt.id, at=s.office.now)
    assert copy.content is not None
    assert copy.sha256 != receipt.sha256
    kept = s.office.engine.correspondence.pdf(s.office.person("lan"), receipt.id)
    assert kept.sha256 == receipt.sha256
    assert moments(s, receipt.id, "lan")[-1] == "reprinted"
    text = text_of(copy.content)
    assert "BẢN IN LẠI" in text
    assert str(receipt.sha256)[:40] in text.replace("\n", "").replace(" ", "")
