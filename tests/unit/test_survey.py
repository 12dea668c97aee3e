"""The survey counts as the published table proves, says how far it may be trusted, and hides whom few would betray."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from engine.domain.ballot_files import read_digits
from engine.domain.index766 import Measured, score
from engine.domain.indicators import Score, add_up, agency_points, feedback_points, online_points, place_points
from engine.domain.months import NoMonth, last_day, months_between
from engine.domain.outcome_facts import Kept, month_counts
from engine.domain.survey import BadBallot, BothSources, add, bias, figure, margin, mean, percent, sample_size, strata
from engine.domain.survey_report import margins_of
from engine.rule_files.evaluation import load_index, load_nine, load_questionnaire
from engine.rule_files.reading import BadRuleFile
from engine.rule_files.sipas import load_sipas
from engine.tables.uploads import UnreadableTable, read_table

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
ASKED, NINE = load_questionnaire(BPMN), load_nine(BPMN)
CODES = [item.code for item in ASKED.items]
ballots = st.lists(
    st.dictionaries(st.sampled_from(CODES), st.integers(1, 5), min_size=1, max_size=24), min_size=0, max_size=40
)


def counted(*given_ballots: dict[str, int]):
    tally: dict[str, dict[int, int]] = {}
    for ballot in given_ballots:
        add(tally, ballot)
    return figure(ASKED, tally, len(given_ballots))


def test_the_seed_proves_the_arithmetic_the_whole_is_the_mean_of_24_items_and_not_of_five_criteria():
    table = load_sipas(BPMN / "satisfaction" / "sipas_2020.yaml")
    items = [item.value for criterion in table.criteria for item in criterion.items]
    assert len(items) == 24
    assert sum(items) == Decimal("2043.57")
    assert mean(items) == Decimal("85.15") == table.value
    assert mean(criterion.value for criterion in table.criteria) == Decimal("85.18")
    for criterion in table.criteria:
        assert mean(item.value for item in criterion.items) == criterion.value
    # ballots that give each item exactly its published share give the published index
    n = 10_000
    tally = {
        item.code: {5: int(item.value * 100), 2: n - int(item.value * 100)}
        for criterion in table.criteria
        for item in criterion.items
    }
    found = figure(ASKED, tally, n)
    assert found.value == Decimal("85.15")
    assert [criterion.value for criterion in found.criteria] == [criterion.value for criterion in table.criteria]


def test_a_single_answer_is_counted_and_blanks_count_nowhere():
    found = counted({"IV.1": 4})
    assert (found.value, found.answered_items, found.items, found.ballots) == (Decimal(100), 1, 24, 1)
    assert found.criterion("IV").value == 100
    assert (found.criterion("I").value, found.criterion("I").items[0].n) == (None, 0)
    assert counted().value is None
    only = margin(1.0, 1)
    assert only is not None
    assert (only.points, only.is_widest) == (Decimal("98.00"), True)


def test_ties_and_the_middle_are_not_satisfied():
    found = counted({"I.1": 3}, {"I.1": 4}, {"I.1": 2}, {"I.1": 5, "I.2": 3})
    assert (found.criterion("I").items[0].n, found.criterion("I").items[0].value) == (4, 50)
    assert found.criterion("I").value == 25  # of 50 and 0: each item weighs the same, however many answered it
    assert found.value == 25
    assert percent(1, 3) == Decimal("33.33")
    assert percent(1, 8) == Decimal("12.50")
    assert mean([Decimal("0.01"), Decimal("0.02")]) == Decimal("0.02")  # half up


@given(ballots)
def test_every_share_lies_between_nothing_and_all_and_follows_from_its_parts(answers: list[dict[str, int]]):
    found = counted(*answers)
    items = [item for criterion in found.criteria for item in criterion.items]
    assert sum(item.n for item in items) == sum(len(ballot) for ballot in answers)
    assert all(item.n <= found.ballots for item in items)
    assert found.value == mean(item.value for item in items)
    if found.value is not None:
        assert 0 <= found.value <= 100
        values = [item.value for item in items if item.value is not None]
        assert min(values) <= found.value <= max(values)


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 100_000))
def test_a_margin_is_never_wider_than_the_widest_and_narrows_with_the_share_of_those_asked(
    part: int, n: int, more: int
):
    share = min(part, n) / n
    free, known = margin(share, n), margin(share, n, served=n + more, of_served=n)
    assert free is not None
    assert known is not None
    assert 0 <= known.points <= free.points <= Decimal(str(round(min(100.0, 98 / n**0.5), 2))) + Decimal("0.01")
    if not more:
        assert known.points == 0  # everybody was asked
    assert margin(0.5, 0) is None


def test_margin_and_sample_are_those_of_the_text_books():
    found = margin(0.8, 400)
    assert found is not None
    assert (found.points, found.is_widest) == (Decimal("3.92"), False)
    small = margin(0.8, 400, served=1000, of_served=400)
    assert small is not None
    assert small.points == Decimal("3.04")
    assert margin(0.8, 400, served=400) == found  # at a screen: of whom, nobody knows
    mixed = margin(0.8, 400, served=1000, of_served=200)
    assert mixed is not None
    assert mixed.points == Decimal("3.72")  # 3.92 · √((200 · 800/999 + 200) / 400)
    assert [sample_size(n) for n in (1000, 5000, 20_000, 0, 1)] == [286, 370, 392, 0, 1]


def test_the_margin_of_the_whole_follows_from_its_items_and_blanks_widen_it():
    full = counted(*(dict.fromkeys(CODES, 4 if number < 80 else 2) for number in range(100)))
    alone = margin(0.8, 100)
    assert set(margins_of(full, 500, ASKED).values()) == {alone}  # the text book's, of 24 items that say one thing
    # 100 ballots, but 19 of the items stand on ten of them: the index is no better known than they are
    short = counted(
        *(dict.fromkeys(CODES if number < 10 else ASKED.short, 4 if number % 10 < 8 else 2) for number in range(100))
    )
    found = margins_of(short, 500, ASKED)
    few = margin(0.8, 10)
    assert alone is not None
    assert few is not None
    assert (found["IV.1"], found["IV.2"], few.is_widest) == (alone, few, True)
    assert found[""].points == mean([alone.points] * 5 + [few.points] * 19) == Decimal("26.17")
    assert margins_of(counted(), 500, ASKED) == {}


def test_small_groups_are_hidden_and_cannot_be_worked_out_from_the_rest():
    parts = strata({"a": 50, "b": 40, "c": 10}, {"a": 30, "b": 9, "c": 2}, {"a": Decimal(90)}, 5)
    assert [(part.name, part.answered) for part in parts] == [("a", 30), ("b", None), ("c", None)]
    both = strata({"a": 50, "b": 50}, {"a": 45, "b": 15}, {}, 5)
    assert bias(both, 25) == (
        "“a” chiếm trong số phiếu nhiều hơn trong số hồ sơ 25,0 điểm phần trăm",
        "“b” chiếm trong số phiếu ít hơn trong số hồ sơ 25,0 điểm phần trăm",
    )
    assert bias(both, 26) == bias((), 10) == ()


@pytest.mark.parametrize(
    ("said", "n", "shown", "verdict"),
    [
        ("62.5", 8, "96", "citizens_lower"),
        ("96", 8, "62.5", "files_lower"),
        ("90", 8, "95", "agree"),
        ("0", 4, "95", "too_few"),
    ],
)
def test_where_the_two_sources_disagree_is_said_in_words(said: str, n: int, shown: str, verdict: str):
    both = BothSources(Decimal(said), n, Decimal(shown), 25, 24, points=10, least=5)
    assert both.verdict == verdict
    assert both.words.startswith({"agree": "Hai nguồn khớp", "too_few": "Chưa so được"}.get(verdict, "Hai nguồn lệch"))


def test_a_paper_ballot_is_typed_as_24_signs():
    assert read_digits("5 - 4" + "0" * 21, ASKED) == {"I.1": 5, "I.3": 4}
    for typed, words in (("5" * 23, "24"), ("5" * 23 + "7", "1–5"), ("5" * 23 + "x", "số"), ("-" * 24, "mục nào")):
        with pytest.raises(BadBallot, match=words):
            read_digits(typed, ASKED)


def test_the_nine_indicators_are_scored_as_the_text_says():
    assert [agency_points(each) for each in ([-5, -1], [-5, 0], [-9, 3], [None], [])] == [2, 1, 0, None, None]
    assert [place_points(each, {1}) for each in (set(), {1}, {2}, {1, 2})] == [2, 1, 0, 0]
    assert [feedback_points(*each, NINE) for each in ((0, 0, 0), (10, 10, 0), (10, 9, 0), (10, 8, 0), (0, 0, 1))] == [
        2,
        2,
        1,
        0,
        0,
    ]
    assert [online_points(*each, NINE) for each in ((0, 0, 0), (10, 3, 0), (100, 29, 0), (100, 14, 0), (10, 9, 1))] == [
        None,
        2,
        1,
        0,
        0,
    ]
    for points, grade in (
        (18, "Xuất sắc"),
        (15, "Xuất sắc"),
        ("14.99", "Tốt"),
        (9, "Khá"),
        (6, "Trung bình"),
        (0, "Yếu"),
    ):
        assert NINE.grade(Decimal(points)) == grade
    missing = add_up([Score(1, Decimal(2), ""), Score(2, None, "")], NINE)
    assert (missing.points, missing.of, missing.missing, missing.grade) == (Decimal(2), 2, (2,), "")


def test_on_a_sheet_nobody_answers_for_the_slowness_of_another_agency():
    facts = {"points": {"1": 1, "2": 0}, "agencies": [[1, "", 2], [1, "minh", 1], [2, "", 0]]}
    kept = Kept(
        "delivered",
        "on_time",
        is_corrected=False,
        is_apologised=False,
        return_count=0,
        finished_on=date(2026, 3, 2),
        facts=facts,
    )
    counts = month_counts(kept)
    assert {who: each["points_2"] for who, each in counts.items()} == {(1, ""): 2, (1, "minh"): 1, (2, ""): 0}
    assert {each["points_1"] for each in counts.values()} == {1}
    assert month_counts(replace(kept, result="withdrawn")) == {}


def test_the_index_adds_up_to_100_and_what_is_not_measured_is_neither_zero_nor_full():
    rules = load_index(BPMN)
    assert sum(group.points for group in rules.groups) == 100
    assert [int(group.points) for group in rules.groups] == [18, 20, 22, 22, 18]
    found = score(rules, {"on_time": Measured(Decimal("97.5"), 39, 40, "log")})
    progress = next(group for group in found if group.group.code == "progress")
    assert (progress.points, progress.reachable) == (Decimal("19.50"), Decimal(20))
    assert sum(group.reachable for group in found) == 20


def test_files_that_are_wrong_say_where(tmp_path: Path):
    folder = tmp_path / "satisfaction"
    folder.mkdir()
    text = (BPMN / "satisfaction" / "index_766.yaml").read_text(encoding="utf-8")
    (folder / "index_766.yaml").write_text(text.replace("points: 20, mark", "points: 19, mark"), encoding="utf-8")
    with pytest.raises(BadRuleFile, match="không cộng thành 20"):
        load_index(tmp_path)
    with pytest.raises(BadRuleFile, match="không có tệp"):
        load_nine(tmp_path)
    for content in (b"\xff\xfe\x00", b"PK\x03\x04 not a workbook", _with_a_broken_sheet()):
        with pytest.raises(UnreadableTable):
            read_table(content)
    assert read_table(b"a;b\n1;2\n") == [["a", "b"], ["1", "2"]]


def test_months_are_read_and_counted():
    assert months_between("2025-12", "2026-02") == ("2025-12", "2026-01", "2026-02")
    assert last_day("2024-02").day == 29
    for text in ("2026-13", "0000-01", "2026-3", "x"):
        with pytest.raises(NoMonth):
            last_day(text)


def _with_a_broken_sheet() -> bytes:
    whole, broken = io.BytesIO(), io.BytesIO()
    Workbook().save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(broken, "w") as archive:
        for name in parts.namelist():
            archive.writestr(name, b"<broken" if name.endswith("sheet1.xml") else parts.read(name))
    return broken.getvalue()
