"""Forms write into the files of a draft what they say, and leave alone what they do not show."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.process import draft_texts
from engine.process.drafting.drawing import Drawing
from engine.process.drafting.looking import edit, look
from engine.process.drafting.sheets import number, read_values, write_values
from engine.process.drafting.standard import lacking
from engine.process.drafting.uploads import take_in

ROOT = Path(__file__).resolve().parents[3]
DRAWN = ROOT / "docs/examples/drawn.bpmn"
REISSUE = ROOT / "bpmn/land/reissue_certificate.yaml"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("3", 3), ("0,5", 0.5), ("0.5", 0.5), ("50.000", 50000), ("1.250.000", 1250000), ("", None), ("ba", "ba")],
)
def test_numbers_are_read_as_people_write_them(typed: str, meant: object) -> None:
    assert number(typed) == meant


def test_a_form_that_changes_nothing_keeps_every_fact() -> None:
    old = REISSUE.read_text("utf-8")
    before = yaml.safe_load(old)
    form = {
        "cases": [
            {
                "was": case["id"], "id": case["id"], "name": case["name"], "default": case.get("default"),
                "phases": [{name: str(value) for name, value in phase.items()} for phase in case["phases"]][:2],
            }
            for case in before["cases"]
        ],
        "items": [{"was": item["id"], "id": item["id"], "name": item["name"]} for item in before["items"]],
        "legal_basis": "\n".join(before["legal_basis"]),
    }  # fmt: skip
    after = yaml.safe_load(write_values(old, "reissue_certificate", form))
    assert after == {key: value for key, value in before.items() if value is not None}


def test_phases_for_which_the_form_has_no_room_stay() -> None:
    old = "cases:\n- {id: a, name: A, phases: [{name: p1, covers: [x]}, {name: p2}, {name: p3, limit: 4}]}\n"
    form = {"cases": [{"was": "a", "id": "a", "name": "B", "phases": [{"name": "p1", "limit": "2"}, {"name": ""}]}]}
    assert read_values(write_values(old, "x", form))["cases"] == [
        {"id": "a", "name": "B", "phases": [{"name": "p1", "covers": ["x"], "limit": 2}, {"name": "p3", "limit": 4}]}
    ]


def test_the_parts_of_every_procedure_are_drawn_once(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "drawn.bpmn").write_bytes(DRAWN.read_bytes())
    taken = take_in(tmp_path / "up", ["intake"])
    folder = tmp_path / "draft"
    folder.mkdir()
    (folder / f"{taken.stem}.bpmn").write_text(taken.files[f"{taken.stem}.bpmn"], "utf-8")
    first = edit(folder, taken.stem, {"standard": True})[f"{taken.stem}.bpmn"]
    (folder / f"{taken.stem}.bpmn").write_text(first, "utf-8")
    assert lacking(Drawing(first)) == ()
    assert edit(folder, taken.stem, {"standard": True})[f"{taken.stem}.bpmn"] == first
    codes = {found.problem.code for found in look(folder, taken.stem, None, ROOT / "bpmn/shared").problems}
    assert "missing_diagram" not in codes, "what is added has its place in the picture"


def test_uploads_that_cannot_be_one_procedure_say_so(tmp_path: Path) -> None:
    told = set()
    for number_, files in enumerate((("a.bpmn", "b.bpmn"), ("a.yaml",))):
        folder = tmp_path / str(number_)
        folder.mkdir()
        for name in files:
            (folder / name).write_bytes(DRAWN.read_bytes() if name.endswith("bpmn") else b"process: a\n")
        told |= {problem.code for problem in take_in(folder, []).problems}
    assert told == draft_texts.ERRORS.keys()
