"""A dossier climbs the warning ladder: each rung once for each date, in order, and only what is still sensible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.effects.lateness_rules import lateness_rules
from engine.services.apologies import Words
from engine.settings.overdue import OverdueException, OverdueSettings
from tests.builders import LICENCE, REISSUE, SPLIT, Office, an_office, local, prepare_office
from tests.scenario import Scenario

LADDER = [
    {"name": "half", "spent": 50, "label": "Đã dùng 50%", "actions": ["badge"]},
    {"name": "two_days", "before": 2, "label": "Gần đến hạn", "actions": ["badge", "notify_leader"]},
    {"name": "due_soon", "before": 1, "label": "Sắp đến hạn", "actions": ["badge", "notify_assignee"]},
    {"name": "overdue", "due": True, "label": "Quá hạn", "actions": ["badge", "apology"]},
    {"name": "late_1", "after": 1, "label": "Quá hạn 1 ngày", "actions": ["escalate"]},
]


@pytest.fixture
def climbing(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Scenario]:
    """An office with a ladder whose rungs tell somebody each time."""
    with an_office(database_copy(prepare_office), overdue=OverdueSettings(rungs=LADDER)) as office:
        yield Scenario(office)


def facts(s: Scenario) -> list[str]:
    """The rungs on record, oldest first."""
    return [str(name) for (name,) in s.office.rows("SELECT kind FROM overdue_facts ORDER BY id")]


# SPLIT has 12 working days: received on 02/03/2026 it is due on 18/03, half of it is over on 10/03 at 17:00
def test_every_rung_is_told_once_and_in_order(climbing: Scenario):
    s = climbing.receive(SPLIT, on="2026-03-02 09:00").expect_due("2026-03-18 17:00")
    for moment, rung in (
        ("2026-03-10 16:59", ""),
        ("2026-03-10 17:01", "half"),
        ("2026-03-16 07:59", "half"),
        ("2026-03-16 08:01", "two_days"),
        ("2026-03-17 08:01", "due_soon"),
    ):
        s.on(moment).sweep().sweep()
        assert (s.dossier.rung, s.dossier.rung_label == "") == (rung, rung == "")
    assert facts(s) == ["half", "two_days", "due_soon"]
    assert s.notices("leader") == ["rung:Gần đến hạn"]
    s.on("2026-03-18 17:01").sweep_finds(overdue=1, letters=1)
    assert s.dossier.rung == "", "the apology moved the date: the new one is told from the beginning"


def test_the_sweep_comes_when_a_rung_does_and_not_between(climbing: Scenario):
    s = climbing.receive(SPLIT, on="2026-03-02 09:00")
    s.on("2026-03-18 16:00")
    s.office.engine.overdue.sweep_until(s.office.now)
    found = s.office.rows("SELECT kind, found_at FROM overdue_facts ORDER BY id")
    assert [name for name, _ in found] == ["half", "two_days", "due_soon"]
    kept = s.dossier
    s.sweep_finds()
    assert s.dossier == kept


def test_a_machine_that_was_off_tells_only_the_highest_warning(climbing: Scenario):
    s = climbing.receive(SPLIT, on="2026-03-02 09:00").on("2026-03-17 12:00").sweep_finds(due_soon=1)
    assert facts(s) == ["due_soon"]
    assert s.notices("leader") == []


def test_no_warning_is_told_of_a_date_that_has_passed(climbing: Scenario):
    s = climbing.receive(SPLIT, on="2026-03-02 09:00").on("2026-03-19 12:00").sweep_finds(overdue=1, letters=1)
    assert facts(s) == ["overdue"]


def test_nothing_is_told_while_the_clock_stands_and_a_moved_date_is_told_anew(climbing: Scenario):
    s = climbing.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-04 08:01").sweep_finds(due_soon=1)
    s.appraise("supplement", missing_items="Bản vẽ")
    assert (s.dossier.rung, s.dossier.attention_at) == ("", None)
    s.on("2026-03-20 08:00").sweep_finds().on("2026-03-20 09:00").bring_supplement()
    s.on("2026-03-24 08:01").sweep_finds(due_soon=1).expect_warned(2)


def test_an_act_between_a_rung_and_its_sweep_loses_nothing(climbing: Scenario):
    """Taking a step looks at no date: what has come meanwhile is still to be told."""
    s = climbing.receive(REISSUE, on="2026-03-02 09:00").forward()
    for moment in ("2026-03-04 08:00", "2026-03-05 17:01"):
        (task,) = s.on(moment).office.open_tasks(s.code)
        minh = s.office.person("minh")
        s.office.engine.processing.claim(minh, s.code, task.id, at=s.office.now)
        s.office.engine.processing.release(minh, s.code, task.id, at=s.office.now)
        s.sweep()
    assert facts(s)[-2:] == ["due_soon", "overdue"]
    s.expect_letters("receipt", "apology")


def test_a_short_file_is_not_told_what_lay_before_its_receipt(climbing: Scenario):
    """A date agreed on for tomorrow has no "one day before" any more; it is missed like any other."""
    s = climbing.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-02 10:00").sweep_finds()
    assert facts(s) == []
    assert s.dossier.attention_at == local("2026-03-03 08:00").replace(microsecond=0) - (
        local("2026-03-03 08:00") - local("2026-03-03 07:59:59.999999")
    )


def test_the_unit_above_hears_of_a_second_lateness_and_of_the_day_after(climbing: Scenario):
    s = (
        climbing.receive(REISSUE, on="2026-03-02 09:00")
        .forward()
        .on("2026-03-06 08:00")
        .sweep_finds(overdue=1, letters=1)
    )
    s.on("2026-03-12 08:00").sweep_finds(overdue=1).expect_letters("receipt", "apology")
    department = s.office.engine.office.units.by_code("BS-SNNMT").id
    told = "SELECT message FROM notices WHERE unit_id = :unit ORDER BY id"
    assert s.office.rows(told, unit=department) == [("second_lateness",)]
    s.on("2026-03-12 16:59").sweep_finds().on("2026-03-12 17:01").sweep_finds()
    assert s.office.rows(told, unit=department) == [("second_lateness",), ("rung:Quá hạn 1 ngày",)]
    assert facts(s)[-1] == "late_1"
    s.days_pass(60).sweep_finds()


def test_the_nearest_rule_holds_for_a_unit_and_a_procedure(database_copy):
    short = [LADDER[2] | {"name": "due_soon", "before": 3}, LADDER[3]]
    exceptions = (
        OverdueException(kind="land_registry", rungs=short, reappointment_working_days=5),
        OverdueException(unit="BS-CNAP", procedure=SPLIT, rungs=LADDER[2:4]),
        OverdueException(unit="BS-SNNMT", apology_at_due="leader"),
    )
    overdue = OverdueSettings(rungs=LADDER, exceptions=exceptions)
    with an_office(database_copy(prepare_office), overdue=overdue) as office:
        rules = {code: _rules(office, code) for code in (REISSUE, SPLIT, LICENCE)}
    assert [rung.amount for rung in rules[REISSUE].ladder.rungs] == [3, 0]
    assert [rung.name for rung in rules[SPLIT].ladder.rungs] == ["due_soon", "overdue"]
    assert len(rules[LICENCE].ladder.rungs) == 5
    # the registry lies under the department and signs as the department does; the new date is its own
    assert [rules[code].signed_by_leader for code in (REISSUE, SPLIT, LICENCE)] == [True, True, True]
    assert [rules[code].reappointment_working_days for code in (REISSUE, SPLIT, LICENCE)] == [5, 5, 3]


def _rules(office: Office, procedure: str):
    definition = office.engine.library.of_procedure(procedure)
    desk = office.engine.office.units.by_code("BS-TTPVHCC")
    unit = office.engine.office.units.nearest(definition.procedure.deciding_unit, desk)
    return lateness_rules(office.engine.office, definition.procedure, unit)


def test_an_extension_before_the_date_keeps_later_rungs_on_the_new_date(climbing: Scenario):
    s = climbing.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-04 09:00")
    engine, now = s.office.engine, s.office.now
    day = local("2026-03-12 17:00").date()
    engine.apologies.ask(s.office.person("minh"), s.code, Words("Chờ trích lục", day), at=now)
    engine.apologies.sign(s.office.person("thanh"), s.code, Words("Chờ trích lục", day), at=now)
    s.expect_due("2026-03-12 17:00", first="2026-03-05 17:00")
    s.on("2026-03-11 07:59").sweep().on("2026-03-11 08:01").sweep_finds(due_soon=1)
    assert s.dossier.rung == "due_soon"
