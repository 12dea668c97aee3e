"""Publishing: checked, whole, never in place; by day and province; seen by a process that is already running."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from engine.domain.errors import NotAllowedNow, Refused
from engine.domain.people import OPERATOR, Actor, Membership, Role
from engine.effects.library import Library
from engine.effects.publishing import VersionsOverlap, VersionTaken, VersionWithdrawn
from engine.process.errors import NotInForce
from engine.services.moving import MoveOrder
from engine.services.publication import NothingToPublish, NotPublishable, OtherProvince, Publication
from tests.builders import REISSUE, ROOT, Office, an_office, copy_procedures, local, prepare_office
from tests.integration.test_write_processing import statements
from tests.support.command import motcua

FACTS = "reissue_certificate.yaml"
NEXT = "2026-03-09"


@pytest.fixture
def url(database_copy: Callable[[Callable[[str], object]], str]) -> str:
    return database_copy(prepare_office)


@pytest.fixture
def office(url: str) -> Iterator[Office]:
    with an_office(url) as office:
        yield office


@pytest.fixture
def version(tmp_path: Path) -> Callable[..., Path]:
    """Call it for a folder with the next version of one procedure: words of its facts changed, its diagram as it is."""

    def draw(*changes: tuple[str, str], starts: str = NEXT, number: str = "2") -> Path:
        folder = copy_procedures(tmp_path / f"v{len(list(tmp_path.iterdir()))}" / "bpmn")
        for file in (folder / "land").glob("split_merge_parcel.*"):
            file.unlink()
        facts = folder / "land" / FACTS
        content = facts.read_text(encoding="utf-8")
        head = (('version: "1"', f'version: "{number}"'), ("effective_from: 2025-12-05", f"effective_from: {starts}"))
        for old, new in (*head, *changes):
            assert old in content, old
            content = content.replace(old, new)
        facts.write_text(content, encoding="utf-8")
        return folder / "land"

    return draw


def publish(office: Office, path: Path) -> tuple[str, bool]:
    (published,) = office.engine.publication.publish(OPERATOR, path, at=office.now)
    return published.ref, published.is_new


def test_a_new_version_holds_from_its_day_on_in_every_process_that_runs(url, office, version):
    with an_office(url) as other:
        assert other.engine.catalogue.procedure(REISSUE, at=other.now).name
        ref, is_new = publish(office, version(("name: Cấp đổi", "name: Cấp lại, cấp đổi")))
        assert is_new
        names = [
            other.engine.catalogue.procedure(REISSUE, at=local(f"{day} 09:00")).name for day in ("2026-03-08", NEXT)
        ]
        assert [name.startswith("Cấp lại, cấp đổi") for name in names] == [False, True]
        other.clock.move_to(local("2026-03-10 09:00"))
        late, today = other.receive(at=local("2026-03-06 16:00")), other.receive()
        assert (other.dossier(late).definition_ref == ref, other.dossier(today).definition_ref == ref) == (False, True)


def test_what_is_published_is_not_edited_and_what_is_the_same_is_left_alone(office, version):
    folder = version()
    assert publish(office, folder)[1]
    assert not publish(office, folder)[1]
    with pytest.raises(VersionTaken, match="tăng “version”"):
        publish(office, version(("name: Cấp đổi", "name: Đổi"), starts="2026-04-01"))
    with pytest.raises(VersionsOverlap, match=r"phiên bản 3 .*phiên bản 2"):
        publish(office, version(number="3"))
    assert office.count("procedure_versions", "code = :code", code=REISSUE) == 2


@pytest.mark.any_database
def test_the_report_says_how_soon_after_its_decision_a_version_came_and_what_is_not_drawn(office, version):
    signed = ("issued_on: 2025-11-25", "issued_on: 2026-03-05")  # a Thursday
    office.clock.move_to(local("2026-03-12 16:00"))
    publish(office, version(signed, starts="2026-03-16"))
    office.clock.move_to(local("2026-03-13 08:00"))
    publish(office, version(signed, starts="2026-03-13", number="3"))
    reporting = office.engine.reporting
    period = reporting.period("2026-03-05..2026-03-31", at=office.now)
    found = reporting.make(office.person("giam"), "catalogue", period, at=local("2026-03-20 09:00"))
    said = [
        (row["version"], row["published_on"], row["working_days"], row["in_time"], row["before_effect"])
        for row in found.table("changes").rows
    ]
    assert said == [("2", "2026-03-12", 5, True, True), ("3", "2026-03-13", 6, False, True)]
    (whole,) = found.table("whole").rows
    assert (whole["changed"], whole["in_time"], whole["in_time_share"]) == (2, 1, 0.5)
    codes = yaml.safe_load((ROOT / "bpmn/lists/procedure_codes.yaml").read_text(encoding="utf-8"))["codes"]
    listed = {each["code"] for each in codes if not each.get("abolished") and not each["code"].startswith("0.")}
    drawn = {row["code"] for row in found.table("in_force").rows}
    assert (whole["listed"], whole["drawn"]) == (len(listed), len(listed & drawn))
    assert {row["code"] for row in found.table("not_drawn").rows} == listed - drawn
    differing = [row["difference"] for row in found.table("differences").rows if row["code"] == REISSUE]
    assert "phiên bản 1 có trong tệp quy trình, chưa công bố trên phần mềm" not in differing
    assert found.is_sound
    # what was decided before there was this software could not come sooner
    began = reporting.make(None, "catalogue", reporting.period("2026-03-01..2026-03-04", at=office.now), at=office.now)
    assert {(row["working_days"], row["in_time"]) for row in began.table("changes").rows} == {(None, None)}
    before = reporting.make(None, "catalogue", reporting.period("2026-02", at=office.now), at=local("2026-03-20 09:00"))
    assert not before.table("changes").rows


def test_what_the_checker_refuses_is_not_published(office, version):
    with pytest.raises(NotPublishable) as refused:
        publish(office, version(("Hẹn lần 1, limit: 3", "Hẹn lần 1, limit: 4")))
    assert any(not report.ok for report in refused.value.reports)
    with pytest.raises(NothingToPublish):
        publish(office, version().parent / "calendars")
    with pytest.raises(OtherProvince):
        publish(office, version(("levels: [province]", "levels: [province]\nprovince: ca_mau")))
    assert office.count("procedure_versions", "code = :code", code=REISSUE) == 1


def test_the_administrator_of_a_ward_designs_but_does_not_publish_for_every_unit(office, version):
    engine, folder, at = office.engine, version(), office.now
    ward = Actor(9_999, "quan.tri", "Quản trị phường", (Membership(engine.units.by_code("AP").id, Role.ADMIN),))
    for who in (ward, office.person("lan")):
        for act in (
            lambda who=who: engine.publication.publish(who, folder, at=at),
            lambda who=who: engine.publication.withdraw(who, REISSUE, "1", at=at),
            lambda who=who: engine.publication.close(who, REISSUE, "1", at.date(), at=at),
            lambda who=who: engine.moving.count(who, MoveOrder(REISSUE, "1"), at=at),
            lambda who=who: engine.moving.revert(who, 1, at=at, on_progress=lambda: None),
        ):
            with pytest.raises(Refused, match="mọi đơn vị"):
                act()
    assert engine.designing.drafts(ward) == ()
    (published,) = engine.publication.publish(office.person("admin"), folder, at=at)
    assert published.is_new


def test_the_provinces_own_version_takes_the_place_of_the_national_one(office, version):
    own = version(("levels: [province]", "levels: [province]\nprovince: binh_son"), starts="2025-12-05", number="1")
    ref, _ = publish(office, own)
    assert office.dossier(office.receive()).definition_ref == ref


def test_only_what_is_not_in_force_is_withdrawn_and_what_is_gets_a_last_day(office, version):
    service, folder = office.engine.publication, version()
    publish(office, folder)
    with pytest.raises(NotAllowedNow, match="đã áp dụng"):
        service.withdraw(OPERATOR, REISSUE, "1", at=office.now)
    service.withdraw(OPERATOR, REISSUE, "2", at=office.now)
    office.clock.move_to(local("2026-03-10 09:00"))
    assert office.engine.catalogue.procedure(REISSUE, at=office.now)
    with pytest.raises(VersionWithdrawn):
        publish(office, folder)
    with pytest.raises(NotAllowedNow):
        service.close(OPERATOR, REISSUE, "1", date(2026, 3, 9), at=office.now)
    service.close(OPERATOR, REISSUE, "1", date(2026, 3, 10), at=office.now)
    office.receive()
    office.clock.move_to(local("2026-03-11 09:00"))
    with pytest.raises(NotInForce, match="10/03/2026"):
        office.receive()
    kinds = [row[0] for row in office.rows("SELECT kind FROM publication_events ORDER BY id")]
    assert kinds[-3:] == ["published", "withdrawn", "closed"]


def test_the_overview_tells_what_holds_what_comes_and_where_the_folder_differs(office, version):
    folder = version(("name: Cấp đổi", "name: Đổi"))
    publish(office, folder)
    code = office.receive()
    lines = [line for line in office.engine.publication.overview(at=office.now) if line.procedure == REISSUE]
    assert {line.version: (line.state, line.running) for line in lines} == {"1": ("in_force", 1), "2": ("coming", 0)}
    assert office.engine.publication.unpublished() == ()
    other = version(("name: Cấp đổi", "name: Chuyển đổi"))
    looks_there = replace(office.engine.office, library=Library.open(other.parent, "binh_son"))
    (differs,) = Publication(office.engine.uow, looks_there).unpublished()
    assert (differs.file, "khác với bản đã công bố" in differs.reason) == (FACTS, True)
    assert office.dossier(code)


def test_choosing_a_version_costs_one_statement_and_a_publication_is_read_once(office, version):
    office.receive()
    publish(office, version())
    counts = []
    for _ in range(3):
        with statements(office.engine) as said:
            office.engine.catalogue.procedures(at=office.now)
        counts.append(len(said))
    assert counts[0] <= 3
    assert counts[1:] == [1, 1]


def test_the_command_publishes_lists_and_withdraws(url, version, tmp_path):
    folder = version(starts="2099-01-01")
    settings = {"database_url": url, "procedures": str(folder.parent)}
    config = Path(__file__).parents[2] / "config.yaml"
    ran = motcua("publish", folder, "--json", config=config, **settings)
    assert ran.code == 0, ran.err
    assert [each["is_new"] for each in json.loads(ran.out)["versions"]] == [True]
    listed = json.loads(motcua("versions", "--json", config=config, **settings).out)["versions"]
    assert {line["version"]: line["state"] for line in listed if line["procedure"] == REISSUE} == {
        "1": "in_force",
        "2": "coming",
    }
    assert motcua("withdraw", REISSUE, "2", config=config, **settings).code == 0
    assert motcua("withdraw", REISSUE, "2", config=config, **settings).code == 2
