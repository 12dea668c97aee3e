"""`motcua due --answer`: the command line asks the same tables as the counter; `motcua check` walks DMN files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.effects.library import Library
from tests.support.command import CONFIG, Ran, motcua

ROOT = Path(__file__).parents[2]
MINERALS = ["--answer", "mineral_group=iii", "--answer", "exploration_cost=2000000000"]
FIRST_TIME = ["--answer", "request=certificate", "--answer", "area=remote"]
RECEIVED = ("--received", "2026-03-02T09:00")


@pytest.fixture(scope="module", autouse=True)
def _opened_once() -> Iterator[None]:
    """Reading the whole catalogue takes seconds: once is enough for all of these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Library, "open", cache(Library.open))
        yield


def due(procedure: str, *options: str) -> Ran:
    return motcua("due", "--procedure", procedure, *RECEIVED, *options, "--json", config=CONFIG)


@pytest.mark.parametrize(
    ("procedure", "options", "case", "fee", "limits"),
    [
        ("1.004223", ["--answer", "flow=320,5", "--channel", "online"], "flow_200_500", 400_000, [45]),
        ("1.014466", MINERALS, "group_iii", 15_000_000, [32]),
        ("1.013978", FIRST_TIME, "certificate_remote", None, [25, 5]),
        ("1.013978", [], "certificate", None, [15, 5]),
        ("1.010727", ["--case", "simple"], "simple", None, [20]),
    ],
)  # fmt: skip
def test_answers_give_case_limits_and_fee(
    procedure: str, options: list[str], case: str, fee: int | None, limits: list[int]
) -> None:
    ran = due(procedure, *options)
    assert ran.code == 0, ran.err
    found: Any = ran.json
    assert (found["case"], found["fee"]) == (case, fee)
    assert [phase["limit"] for phase in found["phases"]] == limits


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--answer", "flow=6000"], "6000 không thuộc (0..5000)"),
        (["--answer", "depth=5"], "không hỏi “depth” (có: flow)"),
        (["--answer", "flow"], "phải có dạng tên=giá trị"),
        (["--answer", "flow=100", "--case", "flow_500_1000"], "không khớp với câu trả lời"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(options: list[str], says: str) -> None:
    ran = due("1.004223", *options)
    assert ran.code == 2
    assert says in ran.err


def test_a_folder_is_walked_for_tables_too_and_a_stray_file_is_checked(tmp_path: Path) -> None:
    table = (ROOT / "bpmn" / "water" / "groundwater_exploitation_licence.dmn").read_text(encoding="utf-8")
    (tmp_path / "right.dmn").write_text(table, encoding="utf-8")
    (tmp_path / "wrong.dmn").write_text(table.replace("[200..500)", "[200..600)"), encoding="utf-8")
    shutil.copy(ROOT / "README.md", tmp_path)
    ran = motcua("check", str(tmp_path), "--json", config=CONFIG)
    assert ran.code == 1
    files = {Path(file["path"]).name: file for file in ran.json["files"]}
    assert files["right.dmn"]["ok"]
    assert not files["right.dmn"]["problems"]
    assert not files["wrong.dmn"]["ok"]
    assert {problem["code"] for problem in files["wrong.dmn"]["problems"]} == {"decision_rules_overlap"}
    assert "[500" in ran.out or "= 500" in ran.out
