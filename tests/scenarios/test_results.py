"""What ended dossiers came to: from the log, kept in sums, checked again; feedback that was right counts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from engine.domain.answers import FormRefused
from engine.domain.audit import AuditChoice
from engine.domain.ballot_files import Ballot, read_digits
from engine.domain.errors import NotFound, Refused
from engine.domain.evaluation import Said
from engine.domain.people import Actor, Membership, Role
from engine.domain.status import DossierStatus
from engine.domain.survey_tokens import SurveyChannel
from engine.effects.survey_tokens import issue_token
from engine.services.ballot_imports import BallotsReported
from engine.services.feedback import Told
from engine.services.indicators import Indicators, SheetConfirmed, SheetIncomplete
from engine.services.surveys import ImportedBefore, SurveyNotOpen
from tests.builders import DEPARTMENT, DESK, PASSWORD, REGISTRY, Office, a_dossier, local

MARCH, APRIL = (date(2026, 3, 1), date(2026, 3, 31)), local("2026-04-02 09:00")
IN_TIME = "feedback_on_time"


def facts(office: Office, code: str) -> dict[str, Any]:
    with office.engine.uow.read() as tx:
        outcome = tx.results.outcome(tx.dossiers.find(code).id)
    assert outcome is not None
    return dict(outcome["facts"])


def sound(office: Office) -> None:
    """Outcomes say what their logs say, and the sums what the outcomes say."""
    verified = office.engine.outcomes.verify(date(2026, 1, 1), date(2026, 12, 31), at=office.now)
    assert verified.ok, verified.differences
    assert office.engine.outcomes.verify_sums() == ()
    assert office.engine.surveys.check() == ()


def years_of(sheets: Indicators, actor: Actor) -> set[str]:
    """Whose year the unit's page shows."""
    return {line.username for line in sheets.year(actor, REGISTRY, 2026)}


def file_feedback(office: Office, about: str, *, kind: str = "delay", finding: str = "right") -> str:
    told = Told("Nguyễn Văn Hỏi", "0903000111", "", kind, "Hẹn ba lần chưa có kết quả", about, key=f"k{about}{finding}")
    number = office.engine.feedback.file(None, told, at=office.now)
    assert office.engine.feedback.file(None, told, at=office.now) == number  # sent twice, filed once
    assert office.dossier(number).status is DossierStatus.SUBMITTED
    office.do(number, intake="accepted")
    office.do(number, feedback_kind=kind, competence="department")
    office.do(number, verification=finding, answer="Đã kiểm điểm")
    office.do(number, decision="approve")
    office.do(number, published_at="Cổng thông tin điện tử")
    return number


def test_an_outcome_says_what_the_log_says_and_feedback_found_right_counts_against_it(office: Office):  # noqa: PLR0915 - one walk
    quick = a_dossier(office, at=DossierStatus.DELIVERED)
    slow = office.receive(at=local("2026-02-02 09:00"))
    office.sweep()
    while office.open_tasks(slow):
        office.do(slow)
    said = facts(office, quick)
    assert (said["supplements"], said["corrections"], said["returns"], said["upheld"]) == (0, 0, {}, 0)
    assert (said["working_days_over"], said["apology"], said["channel"]) == (0.0, None, "in_person")
    assert said["points"] == {"1": 2, "2": 2, "3": 2, "4": 2, "7": 2}
    late = facts(office, slow)
    assert late["working_days_over"] > 5
    assert late["apology"] == "after"
    assert late["points"] == {"1": 0, "2": 0, "3": 2, "4": 2, "7": 0}
    # in the sums of the day and of everybody who had a hand in it
    ((finished, early, after),) = office.rows("SELECT finished, early, apology_after FROM ended_days")
    assert (finished, early, after) == (2, 1, 1)
    assert office.count("evaluation_months", "username = 'minh' AND files = 2") == 1
    sound(office)

    wrong = file_feedback(office, quick, finding="wrong")
    assert facts(office, quick)["upheld"] == 0
    number = file_feedback(office, quick.lower())
    assert facts(office, quick)["upheld"] == 1
    assert facts(office, quick)["points"]["7"] == 0
    ((was,),) = office.rows("SELECT count(*) FROM outcome_revisions")
    assert was == 1  # what it said before stays
    assert [event["number"] for event in office.events(quick, "feedback_upheld")] == [number]
    lines, total = office.engine.feedback.lines(office.person("giam"), is_open=False, page=1, at=office.now)
    assert (total, {line.number for line in lines}) == (2, {wrong, number})
    report = office.engine.feedback.report(*MARCH, at=office.now)
    assert (report.totals["ended"], report.totals["on_time_share"], report.totals["upheld"]) == (2, 100.0, 1)
    sound(office)
    # what feedback itself came in and went out as is none of the files that the index counts
    groups = office.engine.indices.index(office.person("giam"), "BS", date(2026, 3, 31), at=office.now).groups
    shares = {each.component.code: each.measured for group in groups for each in group.components if each.measured}
    assert [(shares[code].numerator, shares[code].denominator) for code in ("on_time", "online_files", IN_TIME)] == [
        (1, 2),
        (0, 1),  # of one in March; the slow one came in February
        (2, 2),
    ]

    # an inspector finds what somebody changed by hand, and the sums can be made anew
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE outcomes SET timeliness = 'early' WHERE timeliness = 'late'"))
        tx.connection.execute(text("UPDATE ended_days SET early = 7"))
    verified = office.engine.outcomes.verify(date(2026, 1, 1), date(2026, 12, 31), at=office.now)
    assert [(found.what, found.column) for found in verified.differences] == [(slow, "timeliness")]
    assert {found.column for found in office.engine.outcomes.verify_sums()} >= {"early", "late"}
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE outcomes SET timeliness = 'late' WHERE days > 0"))
    assert office.engine.outcomes.rebuild(at=office.now) == 4
    sound(office)


def test_a_month_keeps_the_feedback_that_was_overdue_at_its_end_whenever_somebody_looks(office: Office):
    engine, giam = office.engine, office.person("giam")
    told = Told("Nguyễn Văn Hỏi", "0903000111", "", "delay", "Hẹn ba lần chưa có kết quả", unit_code=REGISTRY, key="k")
    number = engine.feedback.file(None, told, at=office.now)
    office.do(number, intake="accepted")

    def eighth(month: str) -> Decimal | None:
        return engine.indicators.sheet(giam, REGISTRY, month, at=office.now).lines[0].scores[7].points

    def in_time(on: date) -> Decimal | None:
        groups = engine.indices.index(giam, REGISTRY, on, at=office.now).groups
        return next(each.points for group in groups for each in group.components if each.component.code == IN_TIME)

    assert (eighth("2026-03"), in_time(date(2026, 3, 31))) == (Decimal(2), None)
    office.clock.move_to(APRIL)  # open since long, and late
    as_of_march = (eighth("2026-02"), eighth("2026-03"), in_time(date(2026, 2, 28)), in_time(date(2026, 3, 31)))
    assert as_of_march == (Decimal(2), Decimal(), None, Decimal())
    assert engine.feedback.report(*MARCH, at=office.now).totals["prolonged"] == 1
    office.do(number, feedback_kind="delay", competence="department")
    office.do(number, verification="wrong", answer="Đã trả lời")
    office.do(number, decision="approve")
    office.do(number, published_at="Cổng thông tin điện tử")
    as_of_april = (eighth("2026-02"), eighth("2026-03"), in_time(date(2026, 2, 28)), in_time(date(2026, 3, 31)))
    assert as_of_april == as_of_march
    report = engine.feedback.report(*MARCH, at=office.now)
    assert (report.totals["open"], report.totals["prolonged"], report.totals["ended"]) == (1, 1, 0)


def test_feedback_needs_a_name_and_a_way_to_answer_and_does_not_tell_which_dossiers_exist(office: Office):
    with pytest.raises(FormRefused) as refused:
        office.engine.feedback.file(None, Told("", "", "", "rumour", " "), at=office.now)
    assert set(refused.value.fields) == {"full_name", "phone", "kind", "content"}
    told = Told("Lê Thị Hỏi", "", "hoi@example.vn", "conduct", "<script>alert(1)</script>", "000-KHONG-CO", key="k")
    number = office.engine.feedback.file(None, told, at=office.now)
    assert "000-KHONG-CO" in office.dossier(number).content
    assert office.count("feedback_links", "about_dossier_id IS NULL") == 1
    with pytest.raises(Refused):
        office.engine.feedback.file(office.person("minh"), told, at=office.now)
    with pytest.raises(Refused):
        office.engine.feedback.lines(office.person("minh"), is_open=True, page=1, at=office.now)


def test_a_month_is_entered_confirmed_locked_and_corrected_with_a_trace(office: Office):  # noqa: PLR0915 - one walk
    a_dossier(office, at=DossierStatus.DELIVERED)
    sheets, giam = office.engine.indicators, office.person("giam")
    sheet = sheets.sheet(giam, REGISTRY, "2026-03", at=APRIL)
    own, *officials = sheet.lines
    assert {score.number: score.points for score in own.scores} == {
        **{number: Decimal(2) for number in (1, 2, 3, 4, 7, 8)},
        **dict.fromkeys((5, 6, 9)),
    }
    assert (own.total.points, own.total.of, own.total.grade, own.total.missing) == (Decimal(12), 12, "", (5, 6, 9))
    assert "minh" in {line.username for line in officials}
    with pytest.raises(SheetIncomplete, match="5, 6, 9"):
        sheets.confirm(giam, REGISTRY, "2026-03", at=APRIL)
    with pytest.raises(FormRefused):
        sheets.enter(giam, REGISTRY, "2026-03", 1, 2, "tính từ hồ sơ", at=APRIL)
    with pytest.raises(FormRefused, match="căn cứ"):
        sheets.enter(giam, REGISTRY, "2026-03", 5, 2, " ", at=APRIL)
    for somebody in ("lan", "minh", "thanh"):
        with pytest.raises(Refused):
            sheets.enter(office.person(somebody), REGISTRY, "2026-03", 5, 2, "biên bản", at=APRIL)
    for number in (5, 6, 9):
        sheets.enter(giam, REGISTRY, "2026-03", number, 1, f"Báo cáo số {number}", at=APRIL)
    early = Said("", Decimal(0), "Kiểm tra", reason="nhầm")
    with pytest.raises(SheetIncomplete, match="chưa xác nhận lần nào"):  # to correct is not a second way to confirm
        sheets.correct(giam, REGISTRY, "2026-03", 5, early, at=APRIL)
    with pytest.raises(SheetIncomplete, match="chưa kết thúc"):
        sheets.confirm(giam, REGISTRY, "2026-03", at=office.now)
    sheets.confirm(giam, REGISTRY, "2026-03", at=APRIL)
    with pytest.raises(SheetConfirmed):
        sheets.enter(giam, REGISTRY, "2026-03", 5, 2, "muộn", at=APRIL)
    with pytest.raises(SheetConfirmed):
        sheets.confirm(giam, REGISTRY, "2026-03", at=APRIL)
    a_dossier(office, at=DossierStatus.DELIVERED)  # counted, but what was confirmed stays
    confirmed = sheets.sheet(giam, REGISTRY, "2026-03", at=APRIL).lines[0]
    assert (confirmed.files, confirmed.total.points, confirmed.total.grade) == (1, Decimal(15), "Xuất sắc")
    said = Said("", Decimal(0), "Kiểm tra đột xuất", reason="Kết luận kiểm tra ngày 01/4")
    sheets.correct(giam, REGISTRY, "2026-03", 5, said, at=APRIL)
    corrected = sheets.sheet(giam, REGISTRY, "2026-03", at=APRIL)
    assert (corrected.lines[0].files, corrected.lines[0].total.points, corrected.lines[0].total.grade) == (
        2,
        Decimal(14),
        "Tốt",
    )
    assert [version[3] for version in corrected.confirmed] == ["", "Kết luận kiểm tra ngày 01/4"]
    assert [entry.value for entry in corrected.entries if entry.code == "tt01:5"] == [1, 0]
    (year, *_) = sheets.year(giam, REGISTRY, 2026)
    assert (year.months, year.total.points) == (("2026-03",), Decimal(14))
    sound(office)
    # officials see their own sheet, and nobody else's
    for somebody in ("lan", "minh", "thanh", "giam"):
        person = office.person(somebody)
        mine = [line.username for sheet in sheets.own(person, "2026-03", at=APRIL) for line in sheet.lines]
        years = [line.username for _unit, line in sheets.own_year(person, 2026)]
        assert set(mine) == ({somebody} if somebody in {"lan", "minh", "thanh"} else set())
        assert set(years) == set(mine) & {line.username for line in corrected.lines}
    assert "minh" in years_of(sheets, giam)
    # who is not on the last version of a month is on none
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("DELETE FROM evaluation_months WHERE username = 'minh'"))
    sheets.correct(giam, REGISTRY, "2026-03", 5, said, at=APRIL)
    assert "minh" not in {line.username for line in sheets.sheet(giam, REGISTRY, "2026-03", at=APRIL).lines}
    assert "minh" not in years_of(sheets, giam)


def test_four_sources_are_one_survey_and_a_token_is_used_once(office: Office):  # noqa: PLR0915 - one walk
    surveys, giam, lan = office.engine.surveys, office.person("giam"), office.person("lan")
    codes = [a_dossier(office, at=DossierStatus.DELIVERED) for _ in range(5)]
    for number, code in enumerate(codes):
        with office.engine.uow.write() as tx:
            token = issue_token(tx, tx.dossiers.find(code).id, at=office.now, channel=SurveyChannel.SLIP)
        assert token
        assert surveys.ask(token.lower(), at=office.now).procedure_name
        with pytest.raises(SurveyNotOpen):
            surveys.ask(token, at=office.now + timedelta(days=31))
        surveys.answer(token, {"IV.1": 2, "I.1": 5}, "<b>chậm</b>" if number == 0 else "", at=office.now)
        for again in (
            lambda t=token: surveys.ask(t, at=office.now),
            lambda t=token: surveys.answer(t, {"I.1": 1}, at=office.now),
        ):
            with pytest.raises(SurveyNotOpen):
                again()
    assert office.count("survey_ballots") == 5
    # the moment or day of use would lead from a token to its ballot
    used = {str(row[0])[:19] for row in office.rows("SELECT used_at FROM survey_tokens")}
    assert used == {"2026-02-28 17:00:00"}  # the first of March, here
    report = surveys.report(giam, "2026-03", "2026-03")
    assert report.figure.criterion("IV").value == 0
    assert report.figure.criterion("I").value == 100
    assert (report.figure.value, report.figure.answered_items, report.population) == (Decimal(50), 2, 5)
    assert report.response == 100
    assert report.margin is not None
    assert report.margin.points == 0  # everybody answered
    assert report.sources[0].both.verdict == "citizens_lower"
    assert "Hai nguồn lệch" in report.sources[0].both.words

    key = surveys.open_kiosk(lan, DESK, at=office.now)
    surveys.answer_kiosk(key, {"III.1": 5}, "a", at=office.now)
    (kiosk,) = surveys.kiosks(lan, at=office.now)
    surveys.close_kiosk(giam, kiosk.id, at=office.now)
    with pytest.raises(SurveyNotOpen):
        surveys.answer_kiosk(key, {"III.1": 5}, "a", at=office.now)
    with pytest.raises(Refused):
        surveys.open_kiosk(lan, DEPARTMENT, at=office.now)
    digits = read_digits("5" * 23 + "-", surveys.questionnaire)
    surveys.type_in(lan, Ballot(date(2026, 3, 2), DESK, digits), at=office.now)

    heading = ",".join(surveys.heading())
    bad = (
        f"{heading}\n2026-03-01,{DESK},,,,{','.join('9' * 24)},\n2026-13-01,{DESK},,,,{','.join('5' * 24)},\n".encode()
    )
    tried = surveys.read_in(giam, bad, "phieu.csv", is_trial=False, at=office.now)
    assert ([fault.line for fault in tried.faults], tried.written) == ([2, 3], 0)
    good = f"{heading}\n01/03/2026,{DESK},,,,{','.join('5' * 24)},=cmd()\n".encode()
    assert surveys.read_in(giam, good, "phieu.csv", is_trial=True, at=office.now).written == 0
    assert surveys.read_in(giam, good, "phieu.csv", is_trial=False, at=office.now).written == 1
    saved_anew = good.decode().replace(",", ";").encode()
    for content, is_trial in ((good, False), (saved_anew, False), (saved_anew, True)):
        with pytest.raises(ImportedBefore):
            surveys.read_in(giam, content, "lần hai.csv", is_trial=is_trial, at=office.now)
    line = f"2026-03-01,{DESK},%s,,,{','.join('5' * 24)},"
    for words, table in (
        ("không có phiếu nào", heading),
        ("cột “I.1” có hai lần", f"{heading},I.1\n{line % ''},5"),
        ("nhiều ô hơn", f"{heading}\n{line % ''}chậm, xa"),
        ("không có thủ tục nào mã “1.5”", f"{heading}\n{line % '1.5'}"),
        ("đã quá lâu", f"{heading}\n{line % ''}".replace("2026", "2006")),
    ):
        (fault,) = surveys.read_in(giam, table.encode(), "hỏng.csv", is_trial=False, at=office.now).faults
        assert words in fault.detail
    with office.engine.uow.read() as tx:
        about = tx.dossiers.find(codes[0]).procedure_code
    as_number = f"{heading}\n{line % float(about)}".encode()  # as a spreadsheet saves it
    assert surveys.read_in(giam, as_number, "số.csv", is_trial=True, at=office.now).faults == ()
    whole = surveys.report(None, "2026-03", "2026-03")
    assert dict(whole.by_source) == {
        "Trang của người dân": 5,
        "Màn hình tại quầy": 1,
        "Phiếu giấy nhập tay": 1,
        "Tệp": 1,
    }
    assert whole.figure.criterion("III").items[0].n == 3
    assert whole.months == (("2026-03", 8, whole.figure.value),)
    # three ballots of a unit are too few to be shown
    assert surveys.report(giam, "2026-03", "2026-03", DESK).is_hidden
    index = office.engine.indices.index(giam, "BS", date(2026, 3, 2), at=office.now)
    found = {each.component.code: each for group in index.groups for each in group.components}
    assert found["on_time"].points == 20
    satisfied = found["satisfied"].measured
    assert satisfied is not None
    assert satisfied.denominator == 8
    assert found["data_reused"].points is None
    assert index.reachable == 38
    office.engine.indices.enter_share(
        giam, "BS", "2026-03", "data_reused", Decimal(50), "Báo cáo kỹ thuật", at=office.now
    )
    assert office.engine.indices.index(giam, "BS", date(2026, 3, 2), at=office.now).reachable == 44
    sound(office)


def test_a_file_of_ballots_is_taken_back_whole_and_every_figure_is_as_before(office: Office):  # noqa: PLR0915 - one walk
    surveys, imports, giam = office.engine.surveys, office.engine.ballot_imports, office.person("giam")
    for _each in range(6):
        digits = read_digits("54" * 12, surveys.questionnaire)
        surveys.type_in(giam, Ballot(date(2026, 3, 2), REGISTRY, digits), at=office.now)
    heading, bad = ",".join(surveys.heading()), ",".join("1" * 24)

    def read_in(name: str, *units: str, minutes: int = 0) -> str:
        lines = [f"2026-0{2 + number % 2}-02,{unit},,,,{bad},chậm" for number, unit in enumerate(units)]
        at = office.now + timedelta(minutes=minutes)
        content = "\n".join([heading, *lines]).encode()
        assert surveys.read_in(giam, content, name, is_trial=False, at=at).written == len(units)
        return next(file.key for file in imports.files(giam) if file.file_name == name and not file.undone_at)

    kept = read_in("đúng.csv", DESK)
    before = surveys.report(None, "2026-01", "2026-03")
    wrong = read_in("nhầm.csv", DESK, DESK, REGISTRY, REGISTRY, minutes=1)
    assert surveys.report(None, "2026-01", "2026-03").figure.value != before.figure.value
    look = imports.look(giam, wrong)
    assert sorted((line.month, line.ballots, line.rest) for line in look.lines) == [
        ("2026-02", 1, 0),
        ("2026-02", 1, 1),
        ("2026-03", 1, 0),
        ("2026-03", 1, 6),
    ]
    assert (look.comments, look.reported, look.file.imported_by) == (4, (), giam.full_name)
    commune = office.engine.office.units.by_code("AP").id
    nga = office.engine.access.open_account("nga", "Bùi Thị Nga", PASSWORD, [Membership(commune, Role.SUPERVISOR)])
    assert {file.file_name for file in imports.files(nga)} == set()
    for somebody in (nga, office.person("minh"), office.person("lan")):  # half of them are not of the clerk's desk
        for act in (
            lambda who=somebody: imports.look(who, wrong),
            lambda who=somebody: imports.undo(who, wrong, "nhầm", at=office.now),
        ):
            with pytest.raises(Refused):
                act()
    for reason in (" ", "x" * 501):
        with pytest.raises(FormRefused, match="lý do"):
            imports.undo(giam, wrong, reason, at=office.now)

    assert imports.undo(giam, wrong, " Nhầm đơn vị ", at=office.now) == 4
    assert surveys.report(None, "2026-01", "2026-03") == before
    assert office.count("survey_ballots") == 7
    sound(office)
    with pytest.raises(NotFound):
        imports.undo(giam, wrong, "lần nữa", at=office.now)
    told = [(file.file_name, file.ballots, file.reason, file.undone_by) for file in imports.files(giam)]
    assert told == [("nhầm.csv", 4, "Nhầm đơn vị", giam.full_name), ("đúng.csv", 1, "", "")]
    trail = AuditChoice(*MARCH, source="access", kind="ballots_undone")
    (line,) = office.engine.audit_trail.search(giam, trail).lines
    assert "“nhầm.csv”" in line.sentence
    assert "4 phiếu khảo sát. Lý do: Nhầm đơn vị" in line.sentence
    assert imports.undo(office.person("lan"), kept, "của quầy", at=office.now) == 1  # who may read in may take back

    # what was sent upwards stands on the ballots that it counted
    early, march = office.now + timedelta(hours=1), office.engine.reporting.period("2026-03-01..2026-03-31", at=APRIL)
    again = read_in("nhầm.csv", DESK, DESK, REGISTRY, REGISTRY)
    reporting = office.engine.reporting
    for name, unit in (("satisfaction", DESK), ("progress", REGISTRY)):
        reporting.send(giam, reporting.make(giam, name, march, unit, at=early), "Sở Nội vụ", at=early)
    (reported,) = imports.look(giam, again).reported
    assert "Khảo sát tự thực hiện" in reported
    with pytest.raises(BallotsReported, match="Khảo sát tự thực hiện"):
        imports.undo(giam, again, "nhầm", at=early)
    assert office.count("survey_ballots", "source = 'import'") == 4
    for key in (read_in("khác.csv", REGISTRY), read_in("sau.csv", DESK, DESK, minutes=90)):
        assert imports.undo(giam, key, "nhầm", at=early) > 0  # of another unit and month; read in after it was sent
    sound(office)


def test_whoever_oversees_another_unit_sees_nothing_of_this_one(office: Office):
    commune = office.engine.office.units.by_code("AP").id
    nga = office.engine.access.open_account("nga", "Bùi Thị Nga", PASSWORD, [Membership(commune, Role.SUPERVISOR)])
    engine = office.engine
    for look in (
        lambda: engine.indicators.sheet(nga, DEPARTMENT, "2026-03", at=office.now),
        lambda: engine.indicators.year(nga, DEPARTMENT, 2026),
        lambda: engine.surveys.report(nga, "2026-03", "2026-03", DEPARTMENT),
        lambda: engine.surveys.comments(nga, "2026-03", "2026-03", DEPARTMENT),
        lambda: engine.indices.index(nga, DEPARTMENT, date(2026, 3, 2), at=office.now),
        lambda: engine.surveys.open_kiosk(nga, DESK, at=office.now),
        lambda: engine.surveys.report(office.person("minh"), "2026-03", "2026-03"),
    ):
        with pytest.raises(Refused):
            look()
