"""Drafts of procedures on every database: changed by one at a time, published by who may, touching nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial

import pytest
from werkzeug.datastructures import MultiDict

from engine.domain.dossier import Applicant, Submission
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.persistence.repositories.designs import DesignChanged
from engine.services.designing import BadDesign, Designing, DesignView, DraftNotTaken
from tests.builders import DESK, ZONE, Office, local
from tests.support.designs import DRAWN, FACTS, STEM, WORK
from web.design_forms import read_facts, read_work


@pytest.fixture
def designing(office: Office) -> Iterator[Designing]:
    """The drafts of an office."""
    designing = office.engine.designing
    yield designing
    designing.close()


def finished(office: Office, designing: Designing) -> int:
    """The drawing of the guide, completed by the forms."""
    admin, at = office.person("admin"), office.now
    number = designing.upload(admin, {"drawn.bpmn": DRAWN.read_bytes()}, at=at)
    fill = partial(designing.fill_in, admin, number, at=at)
    fill(version=1, change={"standard": True})
    fill(version=2, change=read_facts(MultiDict(FACTS)))
    look = designing.view(admin, number).look
    fill(version=3, change=read_work(MultiDict(WORK), look.lanes, look.steps))
    return number


def codes(view: DesignView) -> set[str]:
    return {found.problem.code for found in view.look.problems if found.problem.severity == "error"}


def test_a_drawing_from_elsewhere_becomes_a_published_procedure_by_forms_alone(office: Office, designing: Designing):
    admin = office.person("admin")
    number = designing.upload(admin, {"drawn.bpmn": DRAWN.read_bytes()}, at=office.now)
    first = designing.view(admin, number)
    assert codes(first) == {"facts_missing", "lane_without_role", "task_without_limit"}
    assert {change["code"] for change in first.record.changes} >= {"became_person_step", "choice_by_person"}
    assert first.look.lacks == ("intake", "due_soon", "overdue", "withdrawal", "delivery")
    designing.delete(admin, number, 1, at=office.now)

    done = finished(office, designing)
    view = designing.view(admin, done)
    assert not codes(view)
    assert (view.record.stem, view.record.code) == (STEM, "1.900001")
    assert sorted(view.files) == [f"{STEM}.bpmn", f"{STEM}.yaml"]
    assert designing.publish(admin, done, view.record.version, at=office.now) == ()
    assert [line.version for line in office.engine.publication.overview(at=office.now) if line.procedure == "1.900001"]
    submission = Submission("1.900001", unit_code=DESK, applicant=Applicant("Nguyễn Văn An", "099088000123"))
    received = office.engine.intake.receive(office.person("lan"), submission, at=office.now)
    assert received.due_at is not None
    assert received.due_at.astimezone(ZONE) == local("2026-03-06 17:00")
    assert [event["kind"] for event in designing.view(admin, done).events] == [
        "published", "filled_in", "filled_in", "filled_in", "uploaded",
    ]  # fmt: skip


def test_what_was_deleted_is_gone_and_what_was_published_is_not_changed(office: Office, designing: Designing):
    admin = office.person("admin")
    number = finished(office, designing)
    designing.publish(admin, number, 4, at=office.now)
    with pytest.raises(NotAllowedNow):
        designing.fill_in(admin, number, 5, {"standard": True}, at=office.now)
    other = designing.upload(admin, {"drawn.bpmn": DRAWN.read_bytes()}, at=office.now)
    designing.delete(admin, other, 1, at=office.now)
    with pytest.raises(NotFound):
        designing.view(admin, other)
    assert [record.id for record in designing.drafts(admin)] == [number]


def test_two_who_change_one_draft_at_once_do_not_overwrite_each_other(office: Office, designing: Designing):
    admin = office.person("admin")
    number = designing.upload(admin, {"drawn.bpmn": DRAWN.read_bytes()}, at=office.now)
    designing.fill_in(admin, number, 1, {"standard": True}, at=office.now)
    with pytest.raises(DesignChanged):
        designing.fill_in(admin, number, 1, {"standard": True}, at=office.now)


def test_only_administrators_may(office: Office, designing: Designing):
    for username in ("lan", "minh", "giam"):
        with pytest.raises(Refused):
            designing.drafts(office.person(username))
        with pytest.raises(Refused):
            designing.upload(office.person(username), {"drawn.bpmn": DRAWN.read_bytes()}, at=office.now)


def test_a_draft_with_faults_or_without_decision_is_not_published(office: Office, designing: Designing):
    admin = office.person("admin")
    number = designing.upload(admin, {"drawn.bpmn": DRAWN.read_bytes()}, at=office.now)
    with pytest.raises(NotAllowedNow, match="còn lỗi"):
        designing.publish(admin, number, 1, at=office.now)
    done = finished(office, designing)
    designing.fill_in(admin, done, 4, read_facts(MultiDict({**FACTS, "decision-number": ""})), at=office.now)
    with pytest.raises(NotAllowedNow, match="số quyết định"):
        designing.publish(admin, done, 5, at=office.now)


def test_where_two_are_needed_whoever_asks_does_not_confirm(office: Office):
    settings = office.engine.settings
    by_two = settings.publication.model_copy(update={"second_person": True})
    designing = Designing(
        office.engine.uow, settings.model_copy(update={"publication": by_two}), office.engine.publication.publish
    )
    admin, number = office.person("admin"), finished(office, designing)
    with pytest.raises(NotAllowedNow, match="hai người"):
        designing.publish(admin, number, 4, at=office.now)
    designing.ask(admin, number, 4, at=office.now)
    with pytest.raises(NotAllowedNow, match="tự xác nhận"):
        designing.publish(admin, number, 5, at=office.now)
    with pytest.raises(NotAllowedNow):
        designing.fill_in(admin, number, 5, {"standard": True}, at=office.now)
    second = office.engine.access.open_account("admin2", "Quản trị hai", "một mật khẩu đủ dài", admin.memberships)
    designing.publish(second, number, 5, at=office.now)
    assert designing.view(admin, number).record.state == "published"
    designing.close()


def test_the_draft_is_compared_with_the_version_in_force(office: Office, designing: Designing):
    admin = office.person("admin")
    line = next(line for line in office.engine.publication.overview(at=office.now) if line.procedure == "1.012783")
    number = designing.copy(admin, line.ref, at=office.now)
    assert designing.view(admin, number).rows == ()
    files = designing.view(admin, number).files
    facts = (
        files["reissue_certificate.yaml"]
        .replace("direct: 50000", "direct: 60000")
        .replace('version: "1"', 'version: "2"')
    )
    designing.replace(admin, number, 1, {"reissue_certificate.yaml": facts.encode()}, at=office.now)
    view = designing.view(admin, number)
    assert view.against == "1"
    assert [(row[0], row[2], row[3]) for row in view.rows] == [
        ("fees", "trực tiếp 50.000 đồng", "trực tiếp 60.000 đồng")
    ]


def test_the_files_can_be_taken_to_an_editor_and_brought_back(office: Office, designing: Designing):
    admin, number = office.person("admin"), finished(office, designing)
    name, content = designing.download(admin, number)
    assert name == f"{STEM}.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == [f"{STEM}.bpmn", f"{STEM}.yaml"]
    again = designing.view(admin, designing.upload(admin, {name: content}, at=office.now))
    assert again.files == designing.view(admin, number).files
    assert again.look == designing.view(admin, number).look


def test_an_upload_that_is_nothing_says_so(office: Office, designing: Designing):
    admin = office.person("admin")
    for uploads in ({}, {"a.png": b"\x89PNG...."}, {"a.yaml": b"process: a"}, {"a.bpmn": b"<x/>"}):
        with pytest.raises(DraftNotTaken) as refused:
            designing.upload(admin, uploads, at=office.now)
        assert refused.value.problems
    with pytest.raises(BadDesign):
        designing.copy(admin, "0" * 64, at=office.now)
    assert designing.drafts(admin) == ()
