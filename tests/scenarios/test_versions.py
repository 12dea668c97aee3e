"""A procedure is published for ever: a running dossier keeps the version it was received under, a new one the new.

The folder of procedures is copied and changed here, as an office does when its province decides anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.domain.status import DossierStatus as Status
from engine.effects.library import VersionLost
from engine.persistence.repositories.versions import Versions
from tests.builders import REISSUE, Office, an_office, books_are_sound, copy_procedures, prepare_office
from tests.scenario import Scenario

Change = tuple[str, str, str]  # file, old words, new words

SIGN_OLD, SIGN_NEW = "sign_certificate", "sign_in_person"
FACTS = "land/reissue_certificate.yaml"
RENAMED: Change = (FACTS, 'version: "1"', 'version: "2"')
NEW_VERSION: tuple[Change, ...] = (RENAMED, (FACTS, "effective_from: 2025-12-05", "effective_from: 2026-03-02"))
OTHER_STEP: Change = ("land/reissue_certificate.bpmn", SIGN_OLD, SIGN_NEW)
LONGER: tuple[Change, ...] = (
    ("land/reissue_certificate.yaml", "Hẹn lần 1, limit: 3", "Hẹn lần 1, limit: 4"),
    (
        "land/reissue_certificate.bpmn",
        '<motcua:step limit="2" phase="appointment_1">',
        '<motcua:step limit="3" phase="appointment_1">',
    ),
)
RESTART: Change = ("land/reissue_certificate.yaml", "clock: resume", "clock: restart")


@pytest.fixture
def url(database_copy: Callable[[Callable[[str], object]], str]) -> str:
    return database_copy(prepare_office)


@pytest.fixture
def changed_office(url: str, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Call it with changes of the procedures: the office comes back from a restart that published them."""
    opened = []

    def publish(*changes: Change, at: str = "2026-03-02 08:00") -> Office:
        folder = tmp_path / "bpmn"
        if not folder.exists():
            copy_procedures(folder)
        for name, old, new in changes:
            content = (folder / name).read_text(encoding="utf-8")
            assert old in content, f"{name} does not say {old!r}"
            (folder / name).write_text(content.replace(old, new), encoding="utf-8")
        context = an_office(url, procedures=folder)
        office = context.__enter__()
        opened.append(context)
        Scenario(office).on(at)
        office.engine.migrate(office.now)
        return office

    yield publish
    for context in opened:
        context.__exit__(None, None, None)


def test_a_running_dossier_keeps_its_version_and_a_new_one_takes_the_new(url, changed_office):
    with an_office(url) as before:
        old = Scenario(before).receive(REISSUE, on="2026-03-02 09:00").forward()
    office = changed_office(*NEW_VERSION, OTHER_STEP, *LONGER)
    running, new = Scenario(office), Scenario(office)
    running.code = old.code
    new.receive(REISSUE, on="2026-03-02 10:00").expect_due("2026-03-06 17:00").forward()
    running.expect_due("2026-03-05 17:00")
    for s in (running, new):
        s.appraise(financial_obligation="none").review().register()
    running.expect_steps(SIGN_OLD).do().deliver().expect_ended(Status.DELIVERED)
    new.expect_steps(SIGN_NEW).do().deliver().expect_ended(Status.DELIVERED)
    assert running.dossier.definition_ref != new.dossier.definition_ref
    books_are_sound(office)


def test_the_sweep_knows_the_events_of_every_version(url, changed_office):
    with an_office(url) as before:
        code = before.receive(REISSUE)
    office = changed_office(*NEW_VERSION, OTHER_STEP)
    running = Scenario(office)
    running.code = code
    running.on("2026-03-06 08:00").sweep_finds(overdue=1, letters=1).expect_letters("receipt", "apology")


def test_a_procedure_that_left_the_folder_is_finished_all_the_same(url, changed_office, tmp_path):
    with an_office(url) as before:
        code = before.receive(REISSUE)
    changed_office()
    shutil.rmtree(tmp_path / "bpmn" / "land")
    with an_office(url, procedures=tmp_path / "bpmn") as office:
        s = Scenario(office)
        s.code = code
        s.forward().appraise().review().register().sign().deliver().expect_ended(Status.DELIVERED)


def test_a_version_is_published_once_however_often_the_office_starts(changed_office):
    office = changed_office()
    published = office.count("procedure_versions")
    assert office.engine.migrate(office.now)[2].new_versions == 0
    office = changed_office(*NEW_VERSION)
    assert office.engine.migrate(office.now)[2].new_versions == 0
    assert office.count("procedure_versions") == published + 1


def test_where_the_province_says_so_the_clock_starts_from_zero_after_a_supplement(changed_office):
    """The papers come on Monday the 9th: three whole working days follow."""
    s = Scenario(changed_office(*NEW_VERSION, RESTART))
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-04 10:00").appraise("supplement", missing_items="Bản vẽ").expect_no_due_date(paused=True)
    s.on("2026-03-09 14:00").bring_supplement().expect_due("2026-03-12 17:00")


def test_a_version_that_nobody_kept_is_named_when_a_dossier_needs_it(url, changed_office, monkeypatch):
    with an_office(url) as before:
        code = before.receive(REISSUE)
    office = changed_office(*NEW_VERSION)
    monkeypatch.setattr(Versions, "sources", lambda *_: {})
    with pytest.raises(VersionLost):
        office.do(code)
    assert [task.step_id for task in office.open_tasks(code)] == ["forward_dossier"]
