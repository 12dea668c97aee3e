"""Two communes become one on 1 July: what was received before goes to its end at the new one, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from engine.domain.accounts import BadAccount
from engine.domain.errors import NotFound, Refused
from engine.domain.event_text import Telling, say
from engine.domain.forecast import Basis
from engine.domain.people import OPERATOR, Actor, Membership, Role
from engine.domain.reorganisation import BadReorganisation, NotReorganisedNow, Plan, State, Take
from engine.domain.special_days import DayKind, SpecialDay
from engine.services.delegations import Absence
from engine.services.reporting import DueLine
from tests.builders import PASSWORD, REISSUE, ZONE, Office, local

JULY = date(2026, 7, 1)
JUNE_DAYS, JULY_DAYS = "2026-06-01..2026-06-30", "2026-07-01..2026-07-31"
OLD_COMMUNES = ("HB", "VT")


def _units(office: Office) -> None:
    """Two communes with a desk and a land office each, and the one that `motcua migrate` brought for July."""
    registry = office.engine.office.units.by_code("BS-CNAP")
    with office.engine.uow.write() as tx:
        put = tx.installation.put_unit
        top = office.engine.office.units.by_code("BS").id
        for code, name in (("HB", "Hòa Bình"), ("VT", "Vĩnh Thạnh"), ("TN", "Tân Lập mới")):
            facts = {"level": "province", "identifier": f"000.{code}", "place": name, "letter_suffix": code}
            parent = put(code=code, name=f"Xã {name}", kind="commune", parent_id=top, facts=facts)
            put(code=f"{code}-MC", name=f"Một cửa {name}", kind="one_stop", parent_id=parent, facts=facts)
            put(code=f"{code}-DD", name=f"Địa chính {name}", kind=registry.kind, parent_id=parent, facts=facts)
    office.engine.calendars.look_again(at_once=True)
    for username, place, role in (
        ("hb-clerk", "HB-MC", Role.CLERK),
        ("hb-officer", "HB-DD", Role.OFFICER),
        ("hb-leader", "HB-DD", Role.LEADER),
        ("vt-clerk", "VT-MC", Role.CLERK),
        ("tn-inspector", "TN", Role.INSPECTOR),
    ):
        unit = office.engine.office.units.by_code(place)
        office.engine.access.open_account(username, f"Người {username}", PASSWORD, [Membership(unit.id, role)])


def _plan(numbering: dict[str, str] | None = None) -> Plan:
    takes = [Take(f"{old}{part}", f"TN{part}") for old in OLD_COMMUNES for part in ("-MC", "-DD", "")]
    return Plan("Nghị quyết 1685/NQ-UBTVQH15 ngày 16/6/2026", JULY, tuple(takes), numbering or {})


def _now(office: Office, username: str) -> Actor:
    """Somebody as they are now, not as they were before the order."""
    office._people.pop(username, None)
    return office.person(username)


@pytest.fixture
def communes(office: Office) -> Office:
    office.clock.move_to(local("2026-06-26 09:00"))
    _units(office)
    return office


def test_a_file_of_before_goes_to_its_end_at_the_new_unit(communes: Office) -> None:
    office, engine = communes, communes.engine
    code, other = (
        office.receive(REISSUE, by=who, unit_code=desk) for who, desk in (("hb-clerk", "HB-MC"), ("vt-clerk", "VT-MC"))
    )
    before = office.dossier(code)
    looked = engine.reorganisation.look(OPERATOR, _plan())
    assert looked.dossiers == 2
    assert {line.code for line in looked.lines} == {code, other}
    assert dict(looked.goes_along)["Vai trò của cán bộ"] == 4
    with pytest.raises(NotReorganisedNow):
        engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    with pytest.raises(Refused):
        engine.reorganisation.look(office.person("hb-clerk"), _plan())

    office.clock.move_to(local("2026-07-01 08:00"))
    number = engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    with pytest.raises(Refused):
        office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC")
    gone = Membership(engine.office.units.by_code("HB-MC").id, Role.CLERK)
    with pytest.raises(BadAccount, match="đã sắp xếp lại"):
        engine.accounts.open(OPERATOR, "nguoi-moi", "Người Mới", [gone], at=office.now)
    _killed_in_the_middle(office)
    assert engine.reorganisation.run(office.now) == 1, "what was moved before the stop is not moved again"
    assert engine.reorganisation.see(OPERATOR, number).counts == {"moved": 2}
    tree = engine.office.units
    after = office.dossier(code)
    assert (after.unit_id, after.deciding_unit_id) == (tree.by_code("TN-MC").id, tree.by_code("TN-DD").id)
    assert {task.unit_id for task in office.open_tasks(code)} <= {tree.by_code("TN-MC").id, tree.by_code("TN-DD").id}
    assert after.due_at == before.due_at, "the same calendar, the same appointment"
    (told,) = office.events(code, "rehomed")
    assert "Hòa Bình" in str(told["was"])
    assert "Tân Lập mới" in str(told["now"])

    _it_ends_late_with_an_apology_of_the_new_unit(office, code)
    sentences = " ".join(
        each.text for each in engine.dossiers.view(_now(office, "tn-inspector"), code, at=office.now).events
    )
    assert "Hòa Bình" in sentences
    assert "Tân Lập mới" in sentences
    assert engine.dossiers.view(_now(office, "hb-clerk"), code, at=office.now).line.code == code
    with pytest.raises(NotFound):
        engine.dossiers.view(office.person("minh"), code, at=office.now)
    refused = engine.reorganisation.revert(OPERATOR, number, at=office.now)
    assert {line.code for line in refused} == {code, other}, "both became late at the new unit, and had their letters"
    assert engine.reorganisation.see(OPERATOR, number).state is State.DONE


def _killed_in_the_middle(office: Office) -> None:
    """The worker dies after the first dossier."""
    done: list[int] = []

    def die() -> None:
        done.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.engine.reorganisation.run(office.now, on_progress=die)
    assert done == [1]


def _it_ends_late_with_an_apology_of_the_new_unit(office: Office, code: str) -> None:
    while office.dossier(code).due_at > office.now:  # type: ignore[operator] # it has a date
        office.clock.move_to(office.dossier(code).due_at.replace(second=1))  # type: ignore[union-attr]
        office.sweep()
    (apology,) = office.letters(code, "apology")
    assert apology.unit_id == office.engine.office.units.by_code("TN-DD").id
    assert apology.number == 1, "the new unit begins with its own numbers"


def test_a_merger_is_taken_back_as_long_as_nothing_was_done_since(communes: Office) -> None:
    office, engine = communes, communes.engine
    code = office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC")
    before = office.dossier(code)
    _a_forecast(office, code)
    _a_supervisor_of_one(office)
    (receipt,) = office.letters(code, "receipt")
    office.clock.move_to(local("2026-07-01 08:00"))
    plan = _plan({"receipt": "HB-MC"})
    number = engine.reorganisation.order(OPERATOR, plan, at=office.now)
    engine.reorganisation.run(office.now)
    scope = "SELECT last_number FROM number_series WHERE scope = 'letter:TN-MC:receipt:2026'"
    assert office.rows(scope) == [(receipt.number,)], "the new desk goes on where the old one stopped"
    told = "SELECT code FROM forecasts JOIN units ON units.id = forecasts.deciding_unit_id"
    assert office.rows(told) == [("TN-DD",)], "the morning list of the new unit has it at once"
    _what_was_owed_is_owed_by_the_new_unit(office)
    assert engine.reorganisation.revert(OPERATOR, number, at=office.now) == ()
    engine.reorganisation.run(office.now)
    after = office.dossier(code)
    assert (after.unit_id, after.deciding_unit_id) == (before.unit_id, before.deciding_unit_id)
    assert (office.rows(scope), office.rows(told)) == ([], [("HB-DD",)])
    assert engine.reorganisation.see(OPERATOR, number).state is State.REVERTED
    assert _now(office, "hb-clerk").unit_ids == {before.unit_id}
    assert ("HB", "2026-08") in _owed(office, "HB")
    assert {code for code, _ in _owed(office, "HB")} == {"HB"}
    office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC")
    assert _figures(office, JULY_DAYS) == {("HB-DD", "carried"): 1, ("HB-DD", "direct"): 1, ("HB-DD", "open"): 2}


def _a_forecast(office: Office, code: str) -> None:
    """What the nightly job would have told of the open step."""
    (step,) = office.open_tasks(code)
    dossier = office.dossier(code)
    row = {"spare_minutes": 60, "left_minutes": 120, "usual_minutes": 60, "chance": 0.2, "low": 0.1, "high": 0.3}
    ids = {"task_id": step.id, "dossier_id": dossier.id, "deciding_unit_id": dossier.deciding_unit_id}
    with office.engine.uow.write() as tx:
        tx.forecasts.tell([{**ids, **row, "basis": Basis.ALL.value, "count": 3, "told_at": office.now}])


def _a_supervisor_of_one(office: Office) -> None:
    unit = office.engine.office.units.by_code("HB").id
    office.engine.access.open_account("hb-chief", "Người hb-chief", PASSWORD, [Membership(unit, Role.SUPERVISOR)])
    assert office.engine.reporting.remind(office.now) > 0, "what was due on 15/6 has not been sent"
    assert ("HB", "2026-08") in _owed(office, "HB")


def _owed(office: Office, unit: str) -> dict[tuple[str, str], DueLine]:
    """What the calendar says of the monthly report: whose and of which month."""
    lines = office.engine.reporting.due(_now(office, "hb-chief"), unit, at=office.now)
    return {(line.unit_code, line.due.period.code): line for line in lines if line.due.duty.report == "monthly"}


def _what_was_owed_is_owed_by_the_new_unit(office: Office) -> None:
    reporting, chief = office.engine.reporting, _now(office, "hb-chief")
    words = [notice.unit_code for notice in office.engine.worklist.notices(chief, at=office.now)]
    assert words == ["TN"], "the word about the report of 15/6 went along"
    old, new = _owed(office, "HB"), _owed(office, "TN")
    assert max(old) == ("HB", "2026-07")
    assert {line.sent_by for line in old.values()} == {"Xã Tân Lập mới"}
    assert {("HB", "2026-06"), ("HB", "2026-07"), ("TN", "2026-07"), ("TN", "2026-08")} <= new.keys()
    assert ("HB", "2026-08") not in new, "its month begins after the end"
    assert (new["HB", "2026-06"].is_late, new["HB", "2026-06"].ended_on) == (True, JULY)
    told = {(line.unit_code, line.due.period.code) for line in reporting.reminders(chief, at=office.now)}
    assert {code for code, _ in told} == {"HB"}
    made = reporting.make(chief, "monthly", reporting.period("2026-06", at=office.now), "HB", at=office.now)
    reporting.send(chief, made, "UBND tỉnh", at=office.now)
    assert _owed(office, "TN")["HB", "2026-06"].sent_at == office.now
    soon = local("2026-07-13 08:00")
    assert reporting.remind(soon) > 0
    told = {(line.unit_code, line.due.period.code) for line in reporting.reminders(chief, at=soon)}
    assert {("HB", "2026-07"), ("TN", "2026-07")} <= told
    assert all(period != "2026-08" for _, period in told)


def _figures(office: Office, period: str) -> Mapping[tuple[str, str], object]:
    """Form 07 by unit: what is not nothing of what came in, was done and is open; every row adds up."""
    reporting, at = office.engine.reporting, office.now + timedelta(minutes=1)
    made = reporting.make(None, "units", reporting.period(period, at=at), at=at)
    assert [(check.left, check.right) for check in made.checks if check.left != check.right] == []
    told = ("online", "direct", "carried", "moved", "early", "on_time", "late", "open", "open_late")
    found = {(str(row["code"]), name): row[name] for row in made.tables[0].rows for name in told if row[name]}
    for code in {code for code, _ in found}:
        alone = reporting.make(None, "units", reporting.period(period, at=at), code, at=at)
        (row,) = alone.tables[0].rows
        assert {(code, name): row[name] for name in told if row[name]} == {
            key: value for key, value in found.items() if key[0] == code
        }
    return found


def test_the_forms_of_both_units_add_up_before_and_after_a_merger(communes: Office) -> None:
    office, engine = communes, communes.engine
    is_open, waits = (office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC") for _ in range(2))
    while office.dossier(waits).resolved_at is None:
        office.do(waits, by=f"hb-{office.open_tasks(waits)[0].role}")
    office.clock.move_to(local("2026-06-30 09:00"))
    june = _figures(office, JUNE_DAYS)
    assert june == {("HB-DD", "direct"): 2, ("HB-DD", "early"): 1, ("HB-DD", "open"): 1}

    office.clock.move_to(local("2026-07-01 08:00"))
    engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    engine.reorganisation.run(office.now)
    reported = [unit.code for unit in engine.reporting.units(_now(office, "tn-inspector"))]
    assert (reported[0], {"HB", "VT"} <= set(reported)) == ("TN", True), "units that ended can be read, and come last"
    office.clock.move_to(local("2026-07-03 08:00"))
    received = {("HB-DD", "direct"): 2, ("HB-DD", "moved"): -1, ("TN-DD", "moved"): 1}
    june = {**received, ("TN-DD", "early"): 1, ("HB-DD", "open"): 1}
    july = {
        ("HB-DD", "carried"): 1,
        ("HB-DD", "moved"): -1,
        ("TN-DD", "moved"): 1,
        ("TN-DD", "open"): 1,
        ("TN-DD", "open_late"): 1,
    }
    assert (_figures(office, JUNE_DAYS), _figures(office, JULY_DAYS)) == (june, july), (
        "what waits to be fetched is done where it is handed over; the rest was open at its unit of then"
    )
    assert _figures(office, "2026-06-26..2026-07-31")["TN-DD", "moved"] == 2
    assert engine.outcomes.verify_sums() == ()
    engine.outcomes.rebuild(at=office.now)
    assert engine.outcomes.verify_sums() == ()
    assert (_figures(office, JUNE_DAYS), _figures(office, JULY_DAYS)) == (june, july), "so do sums made anew"
    assert office.dossier(is_open).ended_at is None


def test_a_unit_that_takes_over_keeps_appointments_by_its_own_calendar(communes: Office) -> None:
    office, engine = communes, communes.engine
    code = office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC")
    before = office.dossier(code)
    assert before.due_at is not None
    closed = SpecialDay(date(2026, 6, 30), DayKind.HOLIDAY, "Ngày hội xã", "QĐ 12/UBND", date(2026, 6, 20), "R")
    engine.calendar_books.enter_day(office.person("admin"), "TN", closed, at=office.now)
    engine.reprojection.run(office.now)
    assert office.dossier(code).due_at == before.due_at, "it is none of the old unit's days"
    (line,) = engine.reorganisation.look(OPERATOR, _plan()).lines
    assert "lịch làm việc khác" in line.words

    office.clock.move_to(local("2026-07-01 08:00"))
    number = engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    engine.reorganisation.run(office.now)
    moved = office.dossier(code)
    (told,) = office.events(code, "due_date_moved")
    sentence = say("due_date_moved", told, Telling(ZONE))
    assert (before.due_at, moved.due_at) == (local("2026-07-01 17:00"), local("2026-07-02 17:00"))
    assert "ngày 30/06/2026" in sentence
    assert "QĐ 12/UBND" in sentence
    engine.reorganisation.revert(OPERATOR, number, at=office.now)
    engine.reorganisation.run(office.now)
    assert office.dossier(code).due_at == before.due_at


def test_an_order_that_leaves_something_over_is_refused(communes: Office) -> None:
    office = communes
    for takes in (
        (Take("HB-MC", "TN-DD"),),
        (Take("HB", "TN"),),
        (Take("HB-MC", "TN-MC", procedures=(REISSUE,)),),
        (Take("HB-MC", "VT-MC"), Take("VT-MC", "TN-MC")),
        # a name that nobody knows would let its part go with the rest, and nobody would hear of it
        (Take("HB-MC", "TN-MC"), Take("HB-DD", "VT-DD", procedures=("1.99",)), Take("HB-DD", "TN-DD")),
        (Take("HB-MC", "TN-MC"), Take("HB-DD", "VT-DD", people=("vt-clerk",)), Take("HB-DD", "TN-DD")),
        (
            Take("HB-DD", "VT-DD", (REISSUE,)),
            Take("HB-DD", "TN-DD", (REISSUE,)),
            Take("HB-DD", "TN-DD"),
        ),
    ):
        with pytest.raises(BadReorganisation):
            office.engine.reorganisation.look(OPERATOR, Plan("QĐ 1", JULY, takes))
    with pytest.raises(BadReorganisation, match="recipt"):
        office.engine.reorganisation.look(OPERATOR, _plan({"recipt": "HB-MC"}))


@pytest.mark.any_database
def test_in_a_split_a_step_goes_on_without_whoever_goes_elsewhere_and_delegations_go_with_people(
    communes: Office,
) -> None:
    office, engine = communes, communes.engine
    units = engine.office.units
    registry = units.by_code("HB-DD").id
    for name in ("hb-second", "hb-other"):
        engine.access.open_account(name, f"Người {name}", PASSWORD, [Membership(registry, Role.OFFICER)])
    code = office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC")
    while office.open_tasks(code)[0].role != Role.OFFICER:
        office.do(code, by=f"hb-{office.open_tasks(code)[0].role}")
    (step,) = office.open_tasks(code)
    engine.processing.claim(office.person("hb-officer"), code, step.id, at=office.now)
    engine.delegations.add(
        office.person("admin"),
        Absence(
            "hb-second", "hb-other", Membership(registry, Role.OFFICER), date(2026, 6, 26), date(2026, 7, 31), "QĐ 5"
        ),
        at=office.now,
    )
    plan = Plan(
        "Nghị quyết 2",
        JULY,
        (
            Take("HB-MC", "TN-MC"),
            Take("HB-DD", "VT-DD", procedures=(REISSUE,), people=("hb-second",)),
            Take("HB-DD", "TN-DD"),
            Take("HB", "TN"),
        ),
    )
    office.clock.move_to(local("2026-07-01 08:00"))
    number = engine.reorganisation.order(OPERATOR, plan, at=office.now)
    there = units.by_code("VT-DD").id
    assert office.rows("SELECT unit_id FROM delegations") == [(there,)], "with the person who is away"
    engine.reorganisation.run(office.now)
    (moved,) = office.open_tasks(code)
    assert (moved.unit_id, moved.claimed_by_id) == (there, None), "its officer went to the other unit"
    (told,) = office.events(code, "rehomed")
    assert f"“{step.name}” chờ người mới nhận" in say("rehomed", told, Telling(ZONE))
    engine.reorganisation.revert(OPERATOR, number, at=office.now)
    engine.reorganisation.run(office.now)
    (back,) = office.open_tasks(code)
    assert (back.unit_id, back.claimed_by_id) == (registry, office.person("hb-officer").id)
    assert office.rows("SELECT unit_id FROM delegations") == [(registry,)]


def test_taking_back_holds_for_every_dossier_or_for_none_also_when_one_is_worked_on_meanwhile(
    communes: Office,
) -> None:
    office, engine = communes, communes.engine
    codes = [office.receive(REISSUE, by="hb-clerk", unit_code="HB-MC") for _ in range(3)]
    office.clock.move_to(local("2026-07-01 08:00"))
    number = engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    engine.reorganisation.run(office.now)
    new = engine.office.units.by_code("TN-DD").id
    assert engine.reorganisation.revert(OPERATOR, number, at=office.now) == ()
    _killed_in_the_middle(office)
    assert office.dossier(codes[0]).deciding_unit_id != new
    for username in ("hb-clerk", "hb-officer"):
        _now(office, username)
    office.clock.move_to(local("2026-07-02 08:00"))
    office.do(codes[2], by=f"hb-{office.open_tasks(codes[2])[0].role}")
    engine.reorganisation.run(office.now)
    order = engine.reorganisation.see(OPERATOR, number)
    assert (order.state, order.counts) == (State.DONE, {"moved": 3}), "and who was back is there again"
    assert {office.dossier(code).deciding_unit_id for code in codes} == {new}
    assert [line.code for line in order.lines if "Không hoàn tác" in line.words] == [codes[2]]
    assert engine.outcomes.verify_sums() == ()
    before = _figures(office, JULY_DAYS)
    engine.outcomes.rebuild(at=office.now)
    assert (engine.outcomes.verify_sums(), _figures(office, JULY_DAYS)) == ((), before), "there, back and there again"


@pytest.mark.any_database
def test_what_came_in_since_is_not_left_at_a_unit_where_nobody_works(communes: Office) -> None:
    office, engine = communes, communes.engine
    office.clock.move_to(local("2026-07-01 08:00"))
    number = engine.reorganisation.order(OPERATOR, _plan(), at=office.now)
    engine.reorganisation.run(office.now)
    stale, new = engine.office.units.by_code("HB-MC").id, engine.office.units.by_code("TN-MC").id
    _now(office, "hb-clerk")
    code = office.receive(REISSUE, by="hb-clerk", unit_code="TN-MC")
    (line,) = engine.reorganisation.revert(OPERATOR, number, at=office.now)
    assert (line.code, "không còn ai" in line.words) == (code, True)

    with engine.uow.write() as tx:  # as a process would have written it that had not heard yet
        tx.connection.execute(text("UPDATE dossiers SET unit_id = :old"), {"old": stale})
        tx.connection.execute(text("UPDATE tasks SET unit_id = :old, desk_id = :old"), {"old": stale})
    assert engine.reorganisation.run(office.now + timedelta(seconds=10)) == 1
    assert (office.dossier(code).unit_id, office.open_tasks(code)[0].unit_id) == (new, new)
