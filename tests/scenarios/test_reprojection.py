"""Calendars and rules change under running dossiers: every date follows, says why, and nobody loses anything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

import engine.services.reprojection as service
from engine.bootstrap import build
from engine.clock import SetClock
from engine.domain.dossier import Applicant
from engine.domain.errors import Refused
from engine.domain.event_text import Telling, say
from engine.domain.messages import NoticeChannel
from engine.domain.office_hours import OfficeHours
from engine.domain.people import OPERATOR
from engine.domain.special_days import DayKind, SpecialDay
from engine.effects.journey import Journey
from engine.effects.projector import Projector
from engine.services import what_if
from engine.services.calendars import BadAbsence, CalendarBooks, Source
from tests.builders import MONDAY, REGISTRY, REISSUE, SPLIT, ZONE, Office, an_office, local, prepare_office, settings_of
from tests.scenario import Scenario

LETTER = Source("Công văn 7/UBND", date(2026, 3, 1))
CULTURE = "vietnam_culture_day"
WEDNESDAY = date(2026, 3, 4)

# What people enter, by the services that enter it: the last argument is the office to enter it into.
Entry = Callable[[CalendarBooks, Office], object]


def special(on: date, kind: DayKind = DayKind.HOLIDAY, name: str = "Quốc tang", **facts: object) -> SpecialDay:
    return SpecialDay(on, kind, name, LETTER.document, LETTER.issued_on, "R", **facts)  # type: ignore[arg-type]


def a_day(day: SpecialDay, unit: str = "") -> Entry:
    return lambda books, office: books.enter_day(office.person("admin"), unit, day, at=office.now)


def said(at: datetime | None) -> str:
    return f"{at.astimezone(ZONE):%d/%m %H:%M}" if at else "no date"


def due(office: Office, code: str) -> str:
    return said(office.dossier(code).due_at)


def enter(office: Office, entry: Entry) -> None:
    entry(office.engine.calendar_books, office)


def dates_of(office: Office) -> list[tuple[object, ...]]:
    """All that a projection writes."""
    dossiers = office.rows(
        "SELECT id, due_at, first_due_at, attention_at, is_paused, calendar_version, rules_version, rung, rung_label "
        "FROM dossiers ORDER BY id"
    )
    return [*dossiers, *office.rows("SELECT id, step_due_at, timer_at FROM tasks WHERE closed_at IS NULL ORDER BY id")]


def test_a_switch_moves_a_date_and_the_history_says_why(office: Office):
    s = Scenario(office).receive(on="2026-11-23 09:00").expect_due("2026-11-26 17:00")
    enter(office, lambda books, o: books.turn_switch(o.person("admin"), CULTURE, LETTER, on=True, at=o.now))
    run = office.engine.reprojection.run(office.now)
    assert (run.done, run.moved, run.late, run.cleared, run.failed) == (1, 1, 0, 0, 0)
    s.expect_due("2026-11-27 17:00")
    (told,) = office.events(s.code, "due_date_moved")
    assert told["by"] == "scheduler"
    sentence = say("due_date_moved", told, Telling(ZONE))
    assert sentence.startswith(
        "Ngày hẹn trả kết quả chuyển từ 17:00 ngày 26/11/2026 sang 17:00 ngày 27/11/2026 vì ngày"
    )
    assert "24/11/2026" in sentence
    assert LETTER.document in sentence
    assert s.notices("clerk") == ["due_date_moved"]


def test_who_asked_to_be_told_reads_the_new_date_and_nobody_is_telephoned_for_a_holiday(office: Office):
    told = Applicant("Phạm Thị Mai", identity_number="036190000501", phone="0912000501", address="Tổ 3, phường An Phú")
    silent = replace(told, identity_number="036190000502", phone="0912000502")
    asked = office.receive(applicant=told, notify_by=(NoticeChannel.SMS,), at=local("2026-11-23 09:00"))
    office.receive(applicant=silent, at=local("2026-11-23 09:00"))
    office.clock.at = local("2026-11-23 10:00")
    enter(office, lambda books, o: books.turn_switch(o.person("admin"), CULTURE, LETTER, on=True, at=o.now))
    for _twice in range(2):
        office.engine.reprojection.run(office.now)
    query = "SELECT d.code, m.channel, m.body FROM deliveries m JOIN dossiers d ON d.id = m.dossier_id WHERE m.event = "
    ((code, channel, body),) = office.rows(query + "'calendar_moved'")
    assert (code, channel) == (asked, "sms")
    assert f"Ngày hẹn trả kết quả hồ sơ {asked} chuyển sang 17:00 ngày 27/11/2026, vì ngày 24/11/2026" in str(body)


def test_a_date_before_a_weekend_goes_to_the_monday_after_it_and_back_when_the_day_is_cancelled(office: Office):
    s = Scenario(office).receive(on="2026-11-24 09:00").expect_due("2026-11-27 17:00")
    enter(office, a_day(special(date(2026, 11, 25))))
    office.engine.reprojection.run(office.now)
    s.expect_due("2026-11-30 17:00")
    number = office.engine.calendars.book.number
    enter(office, lambda books, o: books.cancel(o.person("admin"), number, Source("Công văn 8", None), at=o.now))
    office.engine.reprojection.run(office.now)
    s.expect_due("2026-11-27 17:00")
    first, second = office.events(s.code, "due_date_moved")
    assert "Quốc tang (Công văn 7/UBND)" in str(first["why"])
    assert "không còn nghỉ “Quốc tang” (Công văn 8)" in str(second["why"])


def test_running_again_adds_nothing(office: Office):
    code = office.receive()
    enter(office, a_day(special(WEDNESDAY)))
    assert office.engine.reprojection.waiting() == 1
    office.engine.reprojection.run(office.now)
    before = dates_of(office), office.dossier(code), len(office.events(code))
    again = office.engine.reprojection.run(office.now)
    assert (again.done, office.engine.reprojection.waiting()) == (0, 0)
    assert (dates_of(office), office.dossier(code), len(office.events(code))) == before


def test_what_is_worked_out_in_bulk_is_what_the_next_act_of_a_person_would_have_written(office: Office):
    """One way: the same dossiers, once by the run, once each by an act."""
    codes = [office.receive(procedure) for procedure in (REISSUE, SPLIT, REISSUE, SPLIT)]
    for code in codes[:2]:
        office.do(code)
    enter(office, a_day(special(WEDNESDAY)))
    office.engine.reprojection.run(office.now)
    by_run = dates_of(office)
    for code in codes:
        with office.engine.uow.write() as tx:
            Journey(tx, office.engine.office, tx.dossiers.lock(code), by=OPERATOR, at=office.now).finish()
    assert dates_of(office) == by_run


def test_open_steps_follow_the_calendar_of_their_unit(office: Office):
    code = office.receive()
    (before,) = office.open_tasks(code)
    enter(office, a_day(special(MONDAY.date(), DayKind.LOCAL_CLOSURE, closed=((time(9), time(17)),)), REGISTRY))
    office.engine.reprojection.run(office.now)
    (after,) = office.open_tasks(code)
    assert before.step_due_at is not None
    assert after.step_due_at is not None
    assert after.step_due_at > before.step_due_at


def test_an_act_of_a_person_before_the_run_tells_the_same_and_once(office: Office):
    s = Scenario(office).receive()
    enter(office, a_day(special(WEDNESDAY)))
    s.forward().expect_due("2026-03-06 17:00")
    assert office.engine.reprojection.run(office.now).done == 0
    (told,) = office.events(s.code, "due_date_moved")
    assert told["by"] == "scheduler"


def test_nobody_at_work_is_disturbed_by_the_run(office: Office):
    """What a person saw before the run may be completed after it: the machine took nothing away."""
    code = office.receive()
    seen, (task,) = office.dossier(code).version, office.open_tasks(code)
    enter(office, a_day(special(WEDNESDAY)))
    office.engine.reprojection.run(office.now)
    office.engine.processing.complete(office.whose_turn(task), code, task.id, seen, {}, at=office.now)
    assert due(office, code) == "06/03 17:00"


def test_a_dossier_that_is_changed_while_its_batch_is_worked_out_is_left_and_taken_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    code = office.receive()
    enter(office, a_day(special(WEDNESDAY)))
    original = Projector.work

    def work(projector: object, ids: list[int]) -> object:
        found = list(original(projector, ids))  # type: ignore[arg-type]
        if len(office.events(code, "step_completed")) == 1:
            monkeypatch.setattr(Projector, "work", original)
            with office.engine.uow.write() as tx:
                dossier = tx.dossiers.lock(code)
                tx.dossiers.save(dossier, return_count=7)
        return found

    monkeypatch.setattr(Projector, "work", work)
    office.engine.reprojection.run(office.now)
    assert (office.dossier(code).return_count, due(office, code)) == (7, "06/03 17:00")


def test_two_processes_share_the_work(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service, "BATCH", 3)
    codes = [office.receive() for _ in range(24)]
    enter(office, a_day(special(WEDNESDAY)))
    other = build(office.engine.settings, clock=SetClock(office.now), library=office.engine.library)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda engine: engine.reprojection.run(office.now), (office.engine, other)))
    office.engine.reprojection.run(office.now)
    other.close()
    assert sum(run.moved for run in runs) <= len(codes)
    assert [due(office, code) for code in codes] == ["06/03 17:00"] * len(codes)
    assert [len(office.events(code, "due_date_moved")) for code in codes] == [1] * len(codes)
    (run, *_) = office.engine.reprojection.runs()
    assert run.finished_at is not None


def test_a_run_that_was_killed_is_gone_on_with(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service, "BATCH", 2)
    codes = [office.receive() for _ in range(6)]
    enter(office, a_day(special(WEDNESDAY)))
    original = service.Reprojection._write

    class Killed(BaseException):
        """Nobody catches it."""

    def dies(self: object, tx: object, run_id: int, worked: object, at: datetime) -> object:
        original(self, tx, run_id, worked, at)  # type: ignore[arg-type]
        raise Killed  # before the commit

    office.engine.reprojection.run(office.now, most_batches=1)
    monkeypatch.setattr(service.Reprojection, "_write", dies)
    with pytest.raises(Killed):
        office.engine.reprojection.run(office.now)
    monkeypatch.undo()
    assert office.engine.reprojection.waiting() == 4
    office.engine.reprojection.run(office.now)
    assert [due(office, code) for code in codes] == ["06/03 17:00"] * 6
    (run,) = office.engine.reprojection.runs()
    assert (run.total, run.done, run.moved, run.finished_at is not None) == (6, 6, 6, True)


def test_a_day_in_the_past_or_beyond_every_term_is_stamped_in_sets(office: Office):
    codes = [office.receive() for _ in range(5)]
    versions = [office.dossier(code).version for code in codes]
    enter(office, a_day(special(date(2026, 2, 27))))
    enter(office, a_day(special(date(2026, 12, 31))))
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(office.engine._database, "before_cursor_execute", note)
    run = office.engine.reprojection.run(office.now)
    event.remove(office.engine._database, "before_cursor_execute", note)
    assert (run.done, run.moved) == (5, 0)
    assert not [statement for statement in statements if "clock_entries" in statement]
    assert [office.dossier(code).version for code in codes] == versions, "nothing of them was touched"
    assert {office.dossier(code).calendar_version for code in codes} == {office.engine.calendar.version}


def test_statements_do_not_grow_with_dossiers(office: Office):
    counts = []
    for more, day in ((2, 4), (20, 5)):
        for _ in range(more):
            office.receive()
        enter(office, a_day(special(date(2026, 3, day))))
        statements: list[str] = []
        listener = lambda *facts, found=statements: found.append(facts[2])  # noqa: E731
        event.listen(office.engine._database, "before_cursor_execute", listener)
        office.engine.reprojection.run(office.now)
        event.remove(office.engine._database, "before_cursor_execute", listener)
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 3


def test_a_paused_dossier_keeps_no_date_and_counts_the_closure_when_it_goes_on(office: Office):
    s = (
        Scenario(office)
        .receive()
        .forward()
        .appraise("supplement", missing_items="Bản vẽ")
        .expect_no_due_date(paused=True)
    )
    enter(office, a_day(special(date(2026, 3, 5))))
    assert office.engine.reprojection.run(office.now).moved == 0
    s.expect_no_due_date(paused=True)
    assert office.events(s.code, "due_date_moved") == []


def test_a_date_that_an_apology_gave_stands(office: Office):
    s = Scenario(office).receive().on("2026-03-06 08:00").sweep_finds(overdue=1, letters=1)
    promised = s.dossier.due_at
    assert promised is not None
    enter(office, a_day(special(promised.astimezone(ZONE).date())))
    office.engine.reprojection.run(office.now)
    assert (s.dossier.due_at, len(office.letters(s.code, "apology"))) == (promised, 1)
    assert office.events(s.code, "due_date_moved") == []


def test_a_dossier_that_is_late_no_longer_keeps_its_facts_marked_and_loses_its_flag(
    database_copy: Callable[[Callable[[str], object]], str],
):
    url = database_copy(prepare_office)
    by_leader = settings_of(url).overdue.model_copy(update={"apology_at_due": "leader"})
    with an_office(url, overdue=by_leader) as office:
        s = Scenario(office).receive().on("2026-03-06 08:00").sweep_finds(overdue=1).expect_overdue(1)
        enter(office, a_day(special(date(2026, 3, 5))))
        run = office.engine.reprojection.run(office.now)
        assert (run.moved, run.late, run.cleared) == (1, 0, 1)
        s.expect_due("2026-03-06 17:00")
        dossier = s.dossier
        assert (dossier.overdue_count, dossier.rung, dossier.has_draft) == (0, "", False)
        assert office.count("overdue_facts", "kind = 'overdue' AND moved_at IS NOT NULL") == 1
        assert office.events(s.code, "apology_obsolete")
        assert "due_date_moved" in s.notices("leader")
        s.on("2026-03-09 08:00").sweep_finds(overdue=1)
        assert s.dossier.overdue_count == 1, "the new date was missed in its turn"


def test_a_dossier_that_a_change_makes_late_goes_the_usual_way(office: Office):
    enter(office, a_day(special(WEDNESDAY)))
    s = Scenario(office).receive().expect_due("2026-03-06 17:00").on("2026-03-06 09:00")
    number = office.engine.calendars.book.number
    enter(office, lambda books, o: books.cancel(o.person("admin"), number, LETTER, at=o.now))
    run = office.engine.reprojection.run(office.now)
    assert (run.moved, run.late) == (1, 1)
    assert "due_date_moved" in s.notices("leader")
    s.sweep_finds(overdue=1, letters=1).expect_overdue(1)


def test_rungs_that_changed_are_looked_at_anew(office: Office):
    codes = [office.receive() for _ in range(3)]
    looked = [office.dossier(code).attention_at for code in codes]
    changed = office.engine.settings.overdue.model_copy(update={"rungs": None, "due_soon_working_days": 1})
    with an_office(office.engine.settings.database_url, overdue=changed, clock=office.now) as other:
        run = other.engine.reprojection.run(other.now)
        assert (run.done, run.moved) == (3, 0)
        assert all(
            (after := other.dossier(code).attention_at) is not None and after != before
            for code, before in zip(codes, looked, strict=True)
        )


def test_a_ledger_that_cannot_be_read_stops_nobody_and_is_passed_over(office: Office):
    broken, sound = office.receive(), office.receive()
    with office.engine.uow.write() as tx:
        tx.connection.exec_driver_sql(
            f"UPDATE clock_entries SET kind = 'unheard_of' WHERE dossier_id = {office.dossier(broken).id}"  # noqa: S608
        )
    enter(office, a_day(special(WEDNESDAY)))
    run = office.engine.reprojection.run(office.now)
    assert (run.done, run.failed) == (1, 1)
    assert (due(office, broken), due(office, sound)) == ("05/03 17:00", "06/03 17:00")
    assert office.engine.reprojection.run(office.now).failed == 0
    with office.engine.uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE clock_entries SET kind = 'phase_started' WHERE kind = 'unheard_of'")
    office.engine.reprojection.run(office.now, retry=True)
    assert due(office, broken) == "06/03 17:00"


# --- before it is done ------------------------------------------------------------------------------------------------

SHORT = OfficeHours.parse("07:30-11:30,13:00-16:30")
ENTRIES: dict[str, Entry] = {
    "a holiday of the nation": a_day(special(WEDNESDAY)),
    "a closed afternoon of the unit": a_day(
        special(date(2026, 3, 5), DayKind.LOCAL_CLOSURE, "Mất điện", closed=((time(13), time(17)),)), REGISTRY
    ),
    "a worked Saturday": a_day(special(date(2026, 3, 7), DayKind.SWAPPED_ON, "Làm bù")),
    "hours of the unit": lambda books, o: books.enter_hours(
        o.person("admin"), REGISTRY, date(2026, 3, 4), (SHORT,) * 5 + (None, None), LETTER, at=o.now
    ),
    "an absence of the unit": lambda books, o: books.announce_absence(
        o.person("admin"), REGISTRY, date(2026, 3, 4), date(2026, 3, 10), "Bão số 3", LETTER, at=o.now
    ),
    "a switch": lambda books, o: books.turn_switch(o.person("admin"), CULTURE, LETTER, on=True, at=o.now),
    "a year that is confirmed": lambda books, o: books.confirm_year(o.person("admin"), 2027, LETTER, at=o.now),
}


def foresee_and_do(office: Office, entry: Entry) -> tuple[dict[str, tuple[str, str, str]], object]:
    """What was foreseen, held against what then happened."""
    look, admin = office.engine.what_if, office.person("admin")
    before = dates_of(office)
    number = look.ask(admin, "thử", lambda books: entry(books, office), at=office.now)
    seen = look.look(admin, number)
    assert seen.is_finished
    assert dates_of(office) == before, "a look writes nothing into dossiers"
    foreseen = {line.code: (said(line.due_before), said(line.due_after), line.turn) for line in seen.lines}
    dates = {str(code): due(office, str(code)) for (code,) in office.rows("SELECT code FROM dossiers")}
    enter(office, entry)
    run = office.engine.reprojection.run(office.now)
    assert (seen.moved, seen.late, seen.cleared) == (run.moved, run.late, run.cleared)
    happened = {}
    for code, dated in dates.items():
        for told in office.events(code, "due_date_moved")[-1:]:
            if due(office, code) != dated:
                happened[code] = (dated, due(office, code), str(told["turn"]))
    assert foreseen == happened
    return foreseen, seen


@pytest.mark.parametrize("name", ENTRIES)
def test_what_was_foreseen_is_what_happens(office: Office, name: str):
    for number, procedure in enumerate((REISSUE, SPLIT, REISSUE)):
        office.clock.move_to(local(f"2026-03-02 {9 + number:02}:00"))
        code = office.receive(procedure)
        if number:
            office.do(code)
    foreseen, _ = foresee_and_do(office, ENTRIES[name])
    assert bool(foreseen) is (name not in {"a switch", "a year that is confirmed", "a worked Saturday"}) or (
        name == "a worked Saturday"
    )


@given(data=st.data())
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_whatever_is_entered_happens_as_foreseen(random_office: Office, data: st.DataObject):
    office = random_office
    on = date(2026, 3, 1).replace(day=data.draw(st.integers(2, 31)))
    kind = data.draw(st.sampled_from([DayKind.HOLIDAY, DayKind.LOCAL_CLOSURE, DayKind.SWAPPED_ON]))
    closed = ((time(13), time(17)),) if kind is DayKind.LOCAL_CLOSURE and data.draw(st.booleans()) else ()
    book = office.engine.calendars.book
    unit = data.draw(st.sampled_from(["", REGISTRY]))
    unit_id = office.engine.units.by_code(unit).id if unit else None
    known = next((each for each in book.days(unit_id) if each.day.on == on), None)
    if known is not None:
        foresee_and_do(office, lambda books, o: books.cancel(o.person("admin"), known.fact.id, LETTER, at=o.now))
    else:
        foresee_and_do(office, a_day(special(on, kind, closed=closed), unit))


@pytest.fixture(scope="module")
def random_office(tmp_path_factory: pytest.TempPathFactory):
    """One office for all random entries, so that they stand on top of each other."""
    url = f"sqlite:///{tmp_path_factory.mktemp('random')}/office.db"
    prepare_office(url)
    with an_office(url) as office:
        for number in range(10):
            at = local(f"2026-03-{2 + number:02} 09:00")
            office.clock.move_to(at)
            code = office.receive(SPLIT if number % 3 else REISSUE, at=at)
            if number % 2:
                office.do(code)
        yield office


def test_a_long_look_is_gone_on_with_by_whoever_comes(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(what_if, "AT_ONCE", 1)
    monkeypatch.setattr(what_if, "BATCH", 2)
    codes = [office.receive() for _ in range(5)]
    admin = office.person("admin")
    number = office.engine.what_if.ask(
        admin, "Bão", lambda books: ENTRIES["a holiday of the nation"](books, office), at=office.now
    )
    looked = office.engine.what_if.look(admin, number)
    assert (looked.is_finished, looked.total, looked.done) == (False, 5, 0)
    original = what_if.WhatIfs._batch
    calls: list[int] = []

    def dies(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(what_if.WhatIfs, "_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        office.engine.what_if.run(office.now)
    monkeypatch.setattr(what_if.WhatIfs, "_batch", original)
    assert office.engine.what_if.run(office.now) == 0, "whoever died may still be alive"
    assert office.engine.what_if.run(office.now + what_if.LEASE * 2) == 1
    looked = office.engine.what_if.look(admin, number)
    assert (looked.is_finished, looked.done, looked.moved) == (True, 5, 5)
    assert sorted(line.code for line in office.engine.what_if.every_line(admin, number)) == sorted(codes)
    leader = office.person("thanh")  # of one unit; the answer names dossiers of all
    with pytest.raises(Refused):
        office.engine.what_if.look(leader, number)
    with pytest.raises(Refused):
        list(office.engine.what_if.every_line(leader, number))


def test_an_absence_closes_the_working_days_of_the_unit_and_may_be_announced_by_its_supervisor(office: Office):
    books = office.engine.calendar_books
    code = office.receive()
    supervisor = office.person("giam")
    books.announce_absence(supervisor, REGISTRY, date(2026, 3, 4), date(2026, 3, 9), "Bão số 3", LETTER, at=office.now)
    office.engine.reprojection.run(office.now)
    assert due(office, code) == "11/03 17:00"
    unit = office.engine.units.by_code(REGISTRY).id
    entered = [each.day.on.day for each in office.engine.calendars.book.days(unit)]
    assert entered == [4, 5, 6, 9], "the weekend was no working time"
    with pytest.raises(Refused):
        books.announce_absence(office.person("lan"), REGISTRY, WEDNESDAY, WEDNESDAY, "Bão", LETTER, at=office.now)
    with pytest.raises(BadAbsence):
        books.announce_absence(supervisor, REGISTRY, date(2026, 3, 7), date(2026, 3, 8), "x", LETTER, at=office.now)
    with pytest.raises(BadAbsence):
        books.announce_absence(supervisor, REGISTRY, date(2026, 3, 8), date(2026, 3, 7), "x", LETTER, at=office.now)
