"""A definition is its content: versions stay apart, come back from the database, and keep running dossiers."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.deadline import LimitUnit, ProcessingTime
from engine.domain.dossier import Channel
from engine.domain.grounds import PauseEnd
from engine.domain.versions import in_force
from engine.process.catalogue import Catalogue
from engine.process.definitions import Definition
from engine.process.errors import DefinitionInvalid, ProcedureUnknown, StateUnreadable
from engine.process.runner import Runner

MODELS = Path(__file__).parent / "models"
RUNNER = Runner()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder of procedures with the model in it."""
    shutil.copytree(MODELS / "shared", tmp_path / "shared")
    (tmp_path / "test").mkdir()
    for name in ("permit.bpmn", "permit.yaml"):
        shutil.copy(MODELS / name, tmp_path / "test" / name)
    return tmp_path


def change(file: Path, was: str, now: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now), encoding="utf-8")


def load(office: Path) -> Definition:
    return Definition.load(office / "test" / "permit.bpmn")


def test_facts_become_values(office: Path) -> None:
    procedure = load(office).procedure
    assert (procedure.code, procedure.version, procedure.process) == ("9.000001", "1", "permit")
    assert (procedure.effective_from, procedure.effective_to) == (date(2026, 1, 1), None)
    assert in_force([procedure.dated], date(2026, 1, 1)) == (procedure.dated,)
    assert in_force([procedure.dated], date(2025, 12, 31)) == ()
    assert procedure.decision is not None
    assert (procedure.decision.number, procedure.decision.issued_on) == ("1/QĐ-UBND", date(2025, 12, 15))
    assert [case.id for case in procedure.cases] == ["standard", "remote"]
    assert procedure.default_case.id == procedure.case().id == "standard"
    assert procedure.case("remote").phase("processing").limit == ProcessingTime(Decimal("15.5"), LimitUnit.WORKING_DAYS)
    assert [(item.id, item.originals, item.copies, item.is_required) for item in procedure.items] == [
        ("application", 1, 0, True), ("drawing", 0, 1, False),
    ]  # fmt: skip
    assert [(fee.case, fee.direct, fee.online) for fee in procedure.fees] == [("", 100000, 50000), ("remote", 0, None)]
    assert procedure.channels == {Channel.IN_PERSON, Channel.ONLINE}
    assert procedure.pauses == {"supplement": PauseEnd.RESUME}
    assert procedure.same_day_cutoff == time(15)
    assert procedure.sources[0].mark == "D"
    with pytest.raises(LookupError):
        procedure.case("far")
    with pytest.raises(LookupError):
        procedure.case("remote").phase("second")


def test_earlier_facts_wrote_the_pause_of_a_supplement_in_a_way_of_its_own(office: Path) -> None:
    facts = office / "test" / "permit.yaml"
    text = facts.read_text(encoding="utf-8")
    before = Definition.load(office / "test" / "permit.bpmn").procedure.pauses
    earlier = text.replace("pauses: {supplement: {clock: resume}}", "supplement: {clock: resume}")
    assert earlier != text
    facts.write_text(earlier, encoding="utf-8")
    assert (
        Definition.load(office / "test" / "permit.bpmn").procedure.pauses == before == {"supplement": PauseEnd.RESUME}
    )


def test_the_same_content_is_the_same_definition_however_it_is_spelt(office: Path) -> None:
    first = load(office)
    diagram, facts = office / "test" / "permit.bpmn", office / "test" / "permit.yaml"
    diagram.write_text(diagram.read_text(encoding="utf-8").replace("?>\n", "?>\n<!-- note -->\n"), encoding="utf-8")
    change(diagram, 'id="start" name="Hồ sơ đã nhận"', "name='Hồ sơ đã nhận'   id='start'")
    facts.write_bytes(b"\xef\xbb\xbf" + facts.read_bytes().replace(b"\n", b"\r\n"))
    again = load(office)
    assert again is first
    assert again.sources() == first.sources()


@pytest.mark.parametrize(
    ("file", "was", "now"),
    [
        ("test/permit.yaml", "limit: 10,", "limit: 9,"),
        ("test/permit.bpmn", 'limit="0.5"', 'limit="1"'),
        ("shared/papers.bpmn", "Nhận giấy tờ bổ sung", "Nhận bổ sung"),
    ],
)
def test_any_change_of_what_it_is_made_of_is_another_version(office: Path, file: str, was: str, now: str) -> None:
    first = load(office)
    change(office / file, was, now)
    second = load(office)
    assert second != first
    assert second.ref != first.ref


def test_shared_diagrams_that_are_not_called_do_not_matter(office: Path) -> None:
    first = load(office)
    shutil.copy(office / "shared" / "papers.bpmn", office / "shared" / "unused.bpmn")
    assert load(office) is first


def test_a_running_dossier_stays_on_its_version_when_the_files_are_gone(office: Path) -> None:
    old = load(office)
    packed = old.sources()
    advance = RUNNER.start(old)
    change(office / "test" / "permit.bpmn", 'id="forward_dossier"', 'id="pass_dossier"')
    change(office / "test" / "permit.bpmn", "forward_dossier<", "pass_dossier<")
    change(office / "test" / "permit.bpmn", '"forward_dossier"', '"pass_dossier"')
    new = load(office)
    with pytest.raises(StateUnreadable):
        RUNNER.open_tasks(new, advance.state)
    shutil.rmtree(office)
    restored = Definition.from_sources(packed)
    assert restored == old
    assert [task.step.id for task in RUNNER.open_tasks(restored, advance.state)] == ["forward_dossier"]
    following = RUNNER.complete(restored, advance.state, advance.open_tasks[0].id)
    assert [task.step.id for task in following.opened] == ["appraise_dossier"]


def test_sources_are_readable_with_any_zip_tool_and_the_same_every_time(office: Path) -> None:
    definition = load(office)
    with zipfile.ZipFile(io.BytesIO(definition.sources())) as archive:
        assert sorted(archive.namelist()) == ["permit.bpmn", "permit.yaml", "shared/papers.bpmn"]
        assert "Thẩm định hồ sơ".encode() in archive.read("permit.bpmn")
    assert definition.sources() == definition.sources()
    assert list(definition.diagrams) == ["permit", "papers"]
    assert definition.diagrams["papers"].startswith(b"<bpmn:definitions")


@pytest.mark.parametrize("packed", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_bytes_that_are_no_sources_are_refused(packed: bytes) -> None:
    with pytest.raises(DefinitionInvalid):
        Definition.from_sources(packed)


def test_damaged_sources_are_refused(office: Path) -> None:
    packed = bytearray(load(office).sources())
    packed[400] ^= 0xFF
    with pytest.raises(DefinitionInvalid):
        Definition.from_sources(bytes(packed))


def test_a_bomb_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("permit.bpmn", b"\0" * 60_000_000)
    with pytest.raises(DefinitionInvalid):
        Definition.from_sources(packed.getvalue())


def test_a_catalogue_holds_the_procedures_of_a_folder(office: Path) -> None:
    catalogue = Catalogue.load(office)
    assert [definition.procedure.code for definition in catalogue] == ["9.000001"]
    assert len(catalogue) == 1
    assert catalogue.get("9.000001") is load(office)
    assert catalogue.get("9.000001", "province") is load(office)
    for code, level in (("1.999999", ""), ("9.000001", "commune")):
        with pytest.raises(ProcedureUnknown):
            catalogue.get(code, level)


def test_one_code_may_be_done_at_two_levels_but_not_twice_at_one(office: Path) -> None:
    for suffix in (".bpmn", ".yaml"):
        other = office / "test" / f"local{suffix}"
        shutil.copy(office / "test" / f"permit{suffix}", other)
        change(other, "process: permit" if suffix == ".yaml" else '<bpmn:process id="permit"',
               "process: local" if suffix == ".yaml" else '<bpmn:process id="local"')  # fmt: skip
    with pytest.raises(DefinitionInvalid) as refusal:
        Catalogue.load(office)
    assert refusal.value.problems[0].code == "procedure_repeated"
    change(office / "test" / "local.yaml", "levels: [province]", "levels: [commune]")
    catalogue = Catalogue.load(office)
    assert len(catalogue) == 2
    assert catalogue.get("9.000001", "commune").procedure.process == "local"
    with pytest.raises(ProcedureUnknown):
        catalogue.get("9.000001")


def test_a_folder_with_a_broken_procedure_is_not_loaded(office: Path) -> None:
    change(office / "test" / "permit.bpmn", 'calledElement="papers"', 'calledElement="paper"')
    with pytest.raises(DefinitionInvalid) as refusal:
        Catalogue.load(office)
    assert "request_papers" in refusal.value.message
