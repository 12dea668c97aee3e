from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.domain.errors import MotCuaError, NotFound
from engine.effects.library import Library
from engine.services.catalogue import procedure_line
from tests.builders import MONDAY, ROOT
from tests.support.read_office import ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def test_a_procedure_tells_its_limits_papers_and_fees(office: ReadOffice) -> None:
    line = office.engine.catalogue.procedure("1.012783", at=MONDAY)
    assert line.cases[0] == ("standard", "Cấp đổi thông thường")
    assert line.limits[0] == (
        "Cấp đổi thông thường: Hẹn lần 1: 03 ngày làm việc, kể từ khi tiếp nhận đủ hồ sơ hợp lệ;"
        " Hẹn lần 2: 02 ngày làm việc, kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính"
    )
    assert line.fees[0].startswith("Lệ phí cấp đổi Giấy chứng nhận: 50.000 đồng/giấy.")
    assert [item.is_required for item in line.items] == [True, True, False, False]
    assert not line.needs_agreed_date
    assert office.engine.catalogue.procedure("0.000001", at=MONDAY).needs_agreed_date


def test_the_suffix_of_an_agency_does_not_matter(office: ReadOffice) -> None:
    for code in ("1.012783.H12", "1.012783.000.00.00.H10", " 1.012783 "):
        assert office.engine.catalogue.procedure(code, at=MONDAY).code == "1.012783"
    for code in ("1.999999", "", "1"):
        with pytest.raises(NotFound):
            office.engine.catalogue.procedure(code, at=MONDAY)


OFFERED = {"1.012783", "1.012784", "1.000987"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("cap doi", {"1.012783"}),
        ("Tách THỬA", {"1.012784"}),
        ("1.01278", {"1.012783", "1.012784"}),
        ("dat dai", {"1.012783", "1.012784"}),
        ("khí tượng", {"1.000987"}),
        ("", OFFERED),
        ("%", set()),
        ("không có thủ tục này", set()),
    ],
)
def test_procedures_are_found_with_and_without_accents(office: ReadOffice, text: str, codes: set[str]) -> None:
    assert {line.code for line in office.engine.catalogue.search(text, at=MONDAY)} & OFFERED == codes


def test_one_code_at_two_levels_is_offered_twice_and_told_apart() -> None:
    one = Library.open(ROOT / "bpmn").of_procedure("1.012784").procedure
    commune = procedure_line(replace(one, levels=("commune",)), says_level=True)
    assert commune.name == "Tách thửa hoặc hợp thửa đất (cấp xã)"
    assert (commune.levels, procedure_line(one).name) == (("commune",), "Tách thửa hoặc hợp thửa đất")


def test_every_procedure_is_on_the_list(office: ReadOffice) -> None:
    lines = office.engine.catalogue.procedures(at=MONDAY)
    assert {line.code for line in lines} >= OFFERED
    assert len({(line.code, line.name) for line in lines}) == len(lines)
    assert office.engine.catalogue.search("", at=MONDAY) == lines


def test_the_drawing_of_a_dossiers_own_version_is_found(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    ref = office.engine.dossiers.view(office.actor("lan"), code, at=on(3, 2)).definition_ref
    drawing = office.engine.catalogue.diagram(ref)
    assert 'id="appraise_dossier"' in drawing
    with pytest.raises(MotCuaError):
        office.engine.catalogue.diagram("0" * 64)


def test_only_clerks_have_a_desk(office: ReadOffice) -> None:
    def desks(username: str) -> list[str]:
        return [unit.code for unit in office.engine.catalogue.desk_units(office.actor(username))]

    assert desks("lan") == ["BS-TTPVHCC"]
    assert desks("hoa") == ["AP-TTPVHCC"]
    assert desks("minh") == desks("giam") == desks("admin") == []
