"""Running dossiers move to another version of their procedure and back: who can, who cannot, and nothing is lost."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.domain.errors import NotAllowedNow, Refused
from engine.domain.people import OPERATOR
from engine.domain.status import DossierStatus as Status
from engine.effects.moving import LimitRule
from engine.services.moving import DocumentMissing, MoveOrder, MoveReport
from tests.builders import REISSUE, Office, an_office, books_are_sound, copy_procedures, local, prepare_office
from tests.scenario import Scenario
from tests.support.command import CONFIG, Ran, motcua

Change = tuple[str, str, str]
FACTS, DRAWING = "land/reissue_certificate.yaml", "land/reissue_certificate.bpmn"
VERSION_2: tuple[Change, ...] = (
    (FACTS, 'version: "1"', 'version: "2"'),
    (FACTS, "effective_from: 2025-12-05", "effective_from: 2026-03-04"),
)
LONGER: tuple[Change, ...] = (
    (FACTS, "Hẹn lần 1, limit: 3", "Hẹn lần 1, limit: 4"),
    (
        DRAWING,
        '<motcua:step limit="2" phase="appointment_1">',
        '<motcua:step limit="3" phase="appointment_1">',
    ),
)
OTHER_NAME: Change = (DRAWING, 'id="appraise_dossier" name="', 'id="appraise_dossier" name="Xem kỹ: ')
APPRAISAL_GONE: Change = (DRAWING, "appraise_dossier", "appraise_file")
_OFFICER = '<motcua:actor role="officer" unit="land_registry" />'
ORDER = MoveOrder(REISSUE, "2")
DAY_2 = "2026-03-04 08:00"


@pytest.fixture
def url(database_copy: Callable[[Callable[[str], object]], str]) -> str:
    return database_copy(prepare_office)


@pytest.fixture
def with_version_2(url: str, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Call it with changes of the procedure: they come into force on 4 March as version 2."""
    opened = []

    def publish(*changes: Change) -> Office:
        folder = copy_procedures(tmp_path / "bpmn")
        for name, old, new in (*VERSION_2, *changes):
            content = (folder / name).read_text(encoding="utf-8")
            assert old in content, f"{name} does not say {old!r}"
            (folder / name).write_text(content.replace(old, new), encoding="utf-8")
        context = an_office(url, procedures=folder)
        office = context.__enter__()
        opened.append(context)
        office.clock.move_to(local(DAY_2))
        assert office.engine.migrate(office.now)[2].new_versions == 1
        return office

    yield publish
    for context in opened:
        context.__exit__(None, None, None)


def received(url: str, how_many: int = 1, *, forward: bool = True) -> list[str]:
    """Dossiers of Monday the 2nd, under version 1."""
    with an_office(url) as office:
        codes = [office.receive(REISSUE) for _ in range(how_many)]
        for code in codes if forward else ():
            office.do(code)
        return codes


def move(office: Office, order: MoveOrder = ORDER) -> MoveReport:
    return office.engine.moving.move(OPERATOR, order, at=office.now, on_progress=lambda: None)


def look(office: Office, order: MoveOrder = ORDER) -> MoveReport:
    return office.engine.moving.look(OPERATOR, order, at=office.now, on_progress=lambda: None)


def revert(office: Office, batch: int | None) -> MoveReport:
    assert batch is not None
    return office.engine.moving.revert(OPERATOR, batch, at=office.now, on_progress=lambda: None)


def books(office: Office, code: str) -> tuple[Any, ...]:
    """Everything of a dossier that a move may touch and taking it back must restore."""
    dossier = office.dossier(code)
    with office.engine.uow.read() as tx:
        state = tx.dossiers.state(dossier.id)
    steps = office.open_tasks(code)
    return dossier.definition_ref, dossier.status, dossier.due_at, dossier.first_due_at, state, steps


def reasons(report: MoveReport) -> set[str]:
    return {code for line in report.lines for code, _ in line.reasons}


def test_publishing_a_changed_limit_changes_no_running_dossier(url, with_version_2):
    (code,) = received(url)
    with an_office(url) as before:
        untouched = books(before, code), before.rows("SELECT * FROM clock_entries"), before.dossier(code)
    office = with_version_2(*LONGER)
    assert (books(office, code), office.rows("SELECT * FROM clock_entries"), office.dossier(code)) == untouched
    new = Scenario(office).receive(REISSUE, on="2026-03-04 09:00")
    assert new.dossier.definition_ref != untouched[0][0]


def test_a_look_says_who_can_and_writes_nothing(url, with_version_2):
    codes = received(url, 3)
    office = with_version_2(*LONGER, OTHER_NAME)
    tables = ("audit_events", "clock_entries", "version_moves", "moved_dossiers", "publication_events")
    before = [books(office, code) for code in codes], [office.count(table) for table in tables]
    report = look(office)
    assert report.counts == {"can": 3}
    assert [line.code for line in report.lines] == codes
    assert all(line.due_before == line.due_after == office.dossier(line.code).due_at for line in report.lines)
    assert ([books(office, code) for code in codes], [office.count(table) for table in tables]) == before


def test_dozens_of_dossiers_move_keep_their_dates_and_come_back_exactly_as_they_were(url, with_version_2):
    codes = received(url, 12)
    office = with_version_2(*LONGER, OTHER_NAME)
    before = {code: books(office, code) for code in codes}
    report = move(office)
    assert (report.counts, report.ok) == ({"moved": 12}, True)
    for code in codes:
        ref, _, due, *_, steps = books(office, code)
        assert (ref == before[code][0], due) == (False, before[code][2])
        assert [step.name for step in steps] == [f"Xem kỹ: {before[code][-1][0].name}"]
        assert office.events(code, "version_changed")[0]["now"] == "2"
    assert move(office).lines == (), "whoever moved is not asked again"
    assert revert(office, report.batch).counts == {"reverted": 12}
    assert {code: books(office, code) for code in codes} == before
    assert revert(office, report.batch).lines == ()
    books_are_sound(office)


def test_a_moved_dossier_goes_on_under_the_new_version_to_its_end(url, with_version_2):
    (code,) = received(url)
    office = with_version_2(*LONGER, (DRAWING, "sign_certificate", "sign_in_person"))
    move(office)
    s = Scenario(office)
    s.code = code
    s.on("2026-03-04 10:00").appraise(financial_obligation="none").review().register().expect_steps("sign_in_person")
    s.do().deliver().expect_ended(Status.DELIVERED)
    assert revert(office, 1).lines[0].reasons[0][0] == "ended"
    books_are_sound(office)


def test_whose_open_step_is_gone_stays_and_is_told_why(url, with_version_2):
    stays, goes = received(url)[0], received(url, forward=False)[0]
    office = with_version_2(APPRAISAL_GONE)
    report = move(office)
    assert report.counts == {"cannot": 1, "moved": 1}
    assert not report.ok
    (line,) = [line for line in report.lines if line.result == "cannot"]
    assert (line.code, [code for code, _ in line.reasons]) == (stays, ["step_gone"])
    assert "Kiểm tra hồ sơ" in line.reasons[0][1]
    versions = {code: office.dossier(code).definition_ref for code in (stays, goes)}
    assert versions[stays] != versions[goes]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((DRAWING, _OFFICER, _OFFICER.replace("land_registry", "land_registry_office")), "actor_changed"),
        ((FACTS, "deciding_unit: land_registry", "deciding_unit: land_registry_office"), "deciding_unit_changed"),
    ],
)
def test_a_step_of_another_unit_keeps_the_dossier_where_it_is(url, with_version_2, change, reason):
    received(url)
    office = with_version_2(change)
    assert reason in reasons(look(office))
    assert move(office).counts == {"cannot": 1}


def test_new_limits_are_a_line_of_the_ledger_with_its_document_and_never_later_unless_allowed(url, with_version_2):
    (code,) = received(url)
    office = with_version_2(*LONGER)
    new = replace(ORDER, rule=LimitRule.NEW)
    with pytest.raises(DocumentMissing):
        move(office, new)
    new = replace(new, document="Quyết định 12/QĐ-UBND ngày 02/3/2026")
    assert reasons(look(office, new)) == {"later_than_promised"}
    report = move(office, replace(new, allows_later=True))
    assert [line.due_after for line in report.lines] == [local("2026-03-06 17:00")]
    assert office.dossier(code).due_at == local("2026-03-06 17:00")
    view = office.engine.dossiers.view(office.person("minh"), code, at=office.now)
    assert any("Quyết định 12/QĐ-UBND" in line.source for line in view.clock)
    revert(office, report.batch)
    assert office.dossier(code).due_at == local("2026-03-05 17:00")
    kinds = [row[0] for row in office.rows("SELECT kind FROM clock_entries ORDER BY seq")]
    assert kinds == ["phase_started", "limit_changed", "limit_changed"], "a ledger forgets nothing"


def test_what_new_limits_would_do_is_what_moving_under_them_does(url, with_version_2):
    codes = received(url, 2)
    office = with_version_2(*LONGER)
    look = office.engine.moving.foresee_limits(OPERATOR, REISSUE, "2", at=office.now)
    assert (look.running, look.moved, look.late, look.cleared, look.cannot) == (2, 2, 0, 0, 0)
    assert [office.dossier(code).due_at for code in codes] == [local("2026-03-05 17:00")] * 2, "a look moves nothing"
    move(office, replace(ORDER, rule=LimitRule.NEW, document="Quyết định 12/QĐ-UBND", allows_later=True))
    assert {line.code: line.due_after for line in look.lines} == {code: office.dossier(code).due_at for code in codes}


def test_what_has_moved_on_stays_where_it_is_when_a_move_is_taken_back(url, with_version_2):
    moves_on, waits = received(url, 2)
    office = with_version_2(*LONGER)
    batch = move(office).batch
    office.do(moves_on, appraisal="qualified", financial_obligation="none")
    office.clock.move_to(local("2026-03-05 09:00"))
    office.sweep()  # a warning is no step: it keeps nobody from going back
    report = revert(office, batch)
    assert {line.code: line.result for line in report.lines} == {moves_on: "cannot", waits: "reverted"}
    assert reasons(report) == {"moved_on"}
    for code in (moves_on, waits):
        while office.open_tasks(code):
            office.do(code)
        assert office.dossier(code).status is Status.DELIVERED
    books_are_sound(office)


def test_a_move_that_was_stopped_goes_on_under_its_number(url, with_version_2):
    codes = received(url, 5)
    office = with_version_2(*LONGER)
    done = []

    def stop_after_two() -> None:
        done.append(1)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.engine.moving.move(OPERATOR, ORDER, at=office.now, on_progress=stop_after_two)
    report = move(office)
    assert (report.batch, report.counts) == (1, {"moved": 3})
    assert revert(office, 1).counts == {"reverted": 5}
    assert len({books(office, code)[0] for code in codes}) == 1


def test_one_that_fails_stops_no_other(url, with_version_2, monkeypatch):
    received(url, 3)
    office = with_version_2(*LONGER)
    real, calls = office.engine.moving._move, []

    def fails_once(*args: object, **facts: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError
        return real(*args, **facts)

    monkeypatch.setattr(office.engine.moving, "_move", fails_once)
    report = move(office)
    assert report.counts == {"moved": 2, "failed": 1}


def test_only_administrators_move_dossiers_and_only_to_what_is_in_force(url, with_version_2):
    received(url)
    office = with_version_2(*LONGER)
    for act in (office.engine.moving.move, office.engine.moving.look):
        with pytest.raises(Refused):
            act(office.person("lan"), ORDER, at=office.now, on_progress=lambda: None)
    office.clock.move_to(local("2026-03-03 17:00"))
    with pytest.raises(NotAllowedNow, match="chưa đến ngày"):
        move(office)


def test_the_command_looks_moves_reports_and_takes_back(url, with_version_2, tmp_path):
    codes = received(url, 2)
    with_version_2(*LONGER)
    folder, table = tmp_path / "bpmn", tmp_path / "moved.csv"

    def run(*options: object) -> Ran:
        return motcua("move-dossiers", *options, config=CONFIG, database_url=url, procedures=str(folder))

    chosen = ("--procedure", REISSUE, "--to", "2", "--json")
    looked = run(*chosen, "--dry-run")
    assert looked.code == 0, looked.err
    assert [line["result"] for line in looked.json["dossiers"]] == ["can", "can"]
    moved = run(*chosen, "--csv", table)
    assert (moved.json["counts"], moved.json["batch"]) == ({"moved": 2}, 1)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["code"], row["from_version"], row["result"]) for row in rows] == [
        (code, "1", "moved") for code in codes
    ]
    assert run("--revert", "1", "--json").json["counts"] == {"reverted": 2}
    for wrong in (("--procedure", REISSUE), (*chosen[:3], "9"), ("--revert", "7"), (*chosen, "--limit-rule", "new")):
        assert run(*wrong).code == 2
