from __future__ import annotations

import re
from itertools import pairwise

import pytest
from lxml import etree

from engine.charts import Bar, Chart, Series, bars, columns, lines

MONTHS = [f"{month}/2026" for month in range(1, 13)]


@pytest.fixture(scope="module")
def charts() -> dict[str, Chart]:
    values = [Bar("Quá hạn trên 30 ngày", 1204, "/oversight/queue/overdue?a=1&b=2", "late"), Bar("Hôm nay", 0)]
    kept = Series("Trước, đúng hạn", "good", tuple(range(100, 1300, 100)))
    share = Series("Tỷ lệ quá hạn", "late", (2.5,) * 5 + (None,) + (1.2,) * 6)
    return {
        "bars": bars("Theo số ngày <quá hạn>", values, heads=("Quá hạn", "Hồ sơ")),
        "columns": columns("Theo tháng", MONTHS, [kept, Series("Quá hạn", "late", (3,) * 12)], head="Tháng"),
        "lines": lines("Tỷ lệ", MONTHS, [share], head="Tháng", goal=2),
    }


def test_a_chart_fits_a_page_that_allows_no_style_and_no_script(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        svg = chart.on_page()
        etree.fromstring(svg.encode())
        assert not re.search(r"style=|<style|<script|javascript|data:|https?://(?!www\.w3\.org)", svg)
        assert not re.search(r'(fill|stroke)="#', svg), "every colour is a token of the style sheet"


def test_links_stay_links_on_a_page_and_vanish_on_paper(charts: dict[str, Chart]) -> None:
    assert 'href="/oversight/queue/overdue?a=1&amp;b=2"' in charts["bars"].on_page()
    paper = charts["bars"].in_document()
    assert "<a " not in paper
    assert "var(" not in paper
    assert "#9b1c14" in paper


def test_the_table_beside_a_chart_says_the_same(charts: dict[str, Chart]) -> None:
    assert charts["bars"].rows == (("Quá hạn trên 30 ngày", "1.204"), ("Hôm nay", "0"))
    assert charts["columns"].heads == ("Tháng", "Trước, đúng hạn", "Quá hạn")
    assert charts["columns"].rows[11] == ("12/2026", "1.200", "3")
    assert [row[1] for row in charts["lines"].rows][4:7] == ["2,5", "–", "1,2"]


def test_what_charts_name_inside_differs_from_chart_to_chart(charts: dict[str, Chart]) -> None:
    names = [set(re.findall(r'id="([^"]+)"', chart.svg)) for chart in charts.values()]
    assert all(one.isdisjoint(other) for one, other in pairwise(names))
    assert all(f'"{name}"' in chart.svg for chart, ids in zip(charts.values(), names, strict=True) for name in ids)


def test_a_title_is_a_text_and_never_markup(charts: dict[str, Chart]) -> None:
    assert 'aria-label="Theo số ngày &lt;quá hạn&gt;"' in charts["bars"].on_page()
