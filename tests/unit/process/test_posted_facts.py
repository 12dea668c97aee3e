"""Posted facts of the catalogue and of printed decisions: what is wrong is found, what is missing is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.posted import LegalAct
from engine.domain.posted_page import step_time
from engine.domain.posting import Block, completeness
from engine.domain.progress import Road
from engine.process.catalogue import Catalogue
from engine.process.checks.facts import check_facts
from engine.process.checks.files import examine
from engine.process.checks.notes import cut_in, discount_in
from engine.process.definitions import Definition
from engine.process.facts import read_procedure
from engine.process.lists import Lists, read_lists
from engine.process.step_sheet import step_sheet

BPMN = Path(__file__).parents[3] / "bpmn"
WATER = BPMN / "water" / "groundwater_exploitation_licence.yaml"
# Decision 1949/QĐ-UBND of Cao Bằng, 18/11/2025, typed in as printed: the limit is 26, its note says 24.
PRINTED_1_009669 = """
code: "1.009669"
name: Tính tiền cấp quyền khai thác tài nguyên nước đối với công trình chưa vận hành
process: water_charge
version: "1"
sector: water
sector_name: Tài nguyên nước
deciding_unit: department
effective_from: 2025-11-18
decision: {number: 1949/QĐ-UBND, issued_on: 2025-11-18}
legal_basis: [Luật Tài nguyên nước số 28/2023/QH15]
cases:
  - id: standard
    name: Công trình chưa vận hành
    note: cắt giảm từ 26 xuống còn 24 ngày
    phases: [{name: resolution, label: Giải quyết, limit: 26, unit: working_days}]
items: [{id: form, name: Tờ khai, form: Mẫu số 54, original: 1}]
result: Quyết định phê duyệt tiền cấp quyền
channels: [in_person, online]
"""


@pytest.fixture(scope="module")
def catalogue() -> tuple[Definition, ...]:
    return tuple(Catalogue.load(BPMN))


def codes_of(content: str, stem: str) -> list[tuple[str, str]]:
    procedure, problems = read_procedure(content.encode(), stem)
    assert procedure is not None, problems
    return [(problem.code, problem.element) for problem in check_facts(procedure, Lists())]


def test_the_fee_row_5_2_of_decision_1949_is_found_when_it_is_typed_in_as_printed(tmp_path):
    mended = WATER.read_text(encoding="utf-8")
    row = mended.index("direct: 800000")
    printed = mended[:row] + mended[row:].replace("online: 400000", "online: 800000", 1)
    assert not [code for code, _place in codes_of(mended, WATER.stem) if code.startswith("fee")]
    assert codes_of(printed, WATER.stem) == [("fee_contradicts_discount", "fees.2")]
    file = tmp_path / WATER.name
    file.write_text(printed, encoding="utf-8")
    told = next(problem for problem in examine(file, None, BPMN / "shared").problems if problem.element == "fees.2")
    assert "400.000" in told.message
    assert "800.000" in told.message
    assert printed.splitlines()[(told.line or 0) - 1].strip().startswith("- name: Phí")


def test_the_limit_of_1_009669_in_decision_1949_is_found_when_it_is_typed_in_as_printed():
    assert codes_of(PRINTED_1_009669, "water_charge") == [("note_contradicts_limit", "cases.1")]
    assert codes_of(PRINTED_1_009669.replace("limit: 26", "limit: 24"), "water_charge") == []


def test_both_errors_of_decision_1949_stand_in_the_catalogue_with_what_to_ask_whom(catalogue):
    water = next(found.procedure for found in catalogue if found.procedure.code == "1.004223")
    assert any("dòng 5.2" in doubt.text and "400.000 hay 800.000" in doubt.ask for doubt in water.doubts)
    known = read_lists(BPMN).code("1.009669")
    assert known is not None
    assert any("26 hay 24 ngày" in " ".join(doubt.ask.split()) for doubt in known.doubts)


def test_cuts_as_provinces_print_them_are_read_and_reckoned():
    read = {
        "cắt giảm 12/60 ngày, 20 %": (60, 48, True),
        "Đã cắt giảm 09/45 ngày (20%)": (45, 36, True),
        "cắt giảm 2/12 ngày, 16,7 %": (12, 10, True),
        "cắt giảm 2/12 ngày, 17%": (12, 10, True),
        "cắt giảm 2/12 ngày, 16 %": (12, 10, False),
        "đã cắt giảm từ 24 ngày làm việc xuống còn 22 ngày làm việc": (24, 22, True),
        "từ 26 → 24 ngày": (26, 24, True),
    }
    for note, (before, after, is_right) in read.items():
        cut = cut_in(note)
        assert cut is not None, note
        assert (cut.before, cut.after, cut.is_right) == (Decimal(before), Decimal(after), is_right), note
    for note in ("", "Ví dụ mức của tỉnh Đồng Nai", "cắt giảm 0/0 ngày", "trong 30 ngày"):
        assert cut_in(note) is None
    assert discount_in("Nộp trực tuyến giảm 50 %") == 50
    assert discount_in("miễn 100% cho hộ nghèo") is None


def test_every_procedure_posts_its_papers_ways_steps_time_and_basis_and_lacks_only_what_nobody_has_read(catalogue):
    for definition in catalogue:
        told = completeness(definition.procedure, step_sheet(definition), (), date(2026, 11, 22))
        lacking = {gap.block for gap in told.gaps} - {Block.REST, Block.FEES}
        forms = [gap for gap in told.gaps if gap.path.startswith("items.") and gap.path.endswith(".form")]
        assert lacking <= ({Block.ITEMS} if forms else set()), (definition, told.gaps)
        for gap in told.gaps:
            assert gap.block is not Block.FEES or "chưa" in gap.text


def test_the_report_tells_what_is_missing_recalled_and_out_of_force(catalogue):
    permit = next(found for found in catalogue if found.procedure.code == "1.010727")
    over = LegalAct("66.19/2026/NQ-CP", ends_on=date(2027, 2, 28))
    told = completeness(permit.procedure, step_sheet(permit), [over], date(2027, 3, 1))
    assert told.outdated == (over,)
    assert not completeness(permit.procedure, step_sheet(permit), [over], date(2027, 2, 28)).outdated
    assert not told.is_published
    assert Block.FEES not in told.complete_blocks
    assert [gap.path for gap in told.gaps if gap.block is Block.FEES] == ["fees.1"]
    assert any(fact.text.startswith("Phí: Phí thẩm định") for fact in told.recalled)
    bare = completeness(permit.procedure, (), (), date(2026, 1, 1))
    assert Block.STEPS not in bare.complete_blocks


def test_the_steps_of_every_procedure_are_told_once_each_in_order_with_an_actor(catalogue):
    for definition in catalogue:
        steps = step_sheet(definition)
        own = {step.id for step in definition.steps.values()}
        assert {step.id for step in steps} <= own
        missing = own - {step.id for step in steps}
        assert not missing, (definition, missing)
        assert all(step.actor and step.name for step in steps)
        numbers = [tuple(map(int, step.number.split("."))) for step in steps]
        assert numbers == sorted(numbers)


def test_the_limits_on_the_main_road_are_those_of_the_drawing(catalogue):
    found = next(found for found in catalogue if found.procedure.code == "1.000987")
    on_road = [step for step in step_sheet(found) if step.road is Road.ALWAYS and step.limits]
    assert sum(step.limit_for("standard") or Decimal(0) for step in on_road) == 17
    assert [step_time(found.procedure, step) for step in on_road][:2] == ["0,25 ngày làm việc", "0,5 ngày làm việc"]
    assert step_time(found.procedure, step_sheet(found)[-1]) == "Giờ hành chính"


def test_a_step_says_which_answer_leads_to_it_and_what_comes_out_of_it(catalogue):
    found = next(found for found in catalogue if found.procedure.code == "1.012783")
    steps = {step.id: step for step in step_sheet(found)}
    assert steps["receive_payment_proof"].when == ("Nghĩa vụ tài chính? Có",)
    assert steps["receive_payment_proof"].road is Road.PERHAPS
    assert steps["receive_supplement"].road is Road.ASIDE
    assert any("Mẫu 01" in paper for paper in steps["check_dossier"].papers)
    assert step_time(found.procedure, steps["appraise_dossier"]) == "2 ngày làm việc (trường hợp khác: 5)"
