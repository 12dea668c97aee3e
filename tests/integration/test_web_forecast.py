"""Forecast, heat and what-if as somebody meets them: every list is an Excel file too, nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from engine.bootstrap import Engine
from tests.support.web import Person, app, engine, filled_office
from web.i18n import COOKIE

__all__ = ["app", "engine", "filled_office"]
PAGE = "/giam-sat/thu-truoc"
TRY = PAGE + "/thiet-ke"
DESIGN = {
    "title": "Mới",
    "steps": "Thẩm định; 1,5; 2\nHỏi ; sở; 2; 0",
    "per_day": "2,5",
    "limit": "9",
}
VIETNAMESE = "[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]"
REPLAY = {"limits": "80", "hours": "100", "people": "1"}


def sheets(person: Person, path: str) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(BytesIO(person.client.get(path).data))
    return {sheet.title: [row for row in sheet.iter_rows(values_only=True) if any(row)] for sheet in book}


@pytest.mark.any_database
def test_the_morning_list_and_the_heat_are_excel_files_that_say_the_same(app: Flask, engine: Engine) -> None:
    engine.forecasts.learn(engine.clock.now())
    giam = Person(app, "giam")
    page = giam.read("/giam-sat/du-bao")
    rows = sheets(giam, "/giam-sat/du-bao.xlsx")["Dự báo trễ hẹn"]
    head = next(number for number, row in enumerate(rows) if row[0] == "Khả năng trễ")
    assert len(rows) - head - 1 == page.count('class="row-link"') > 1
    assert all(str(row[3])[-8:] in page for row in rows[head + 1 :])
    short = giam.read("/giam-sat/du-bao?which=short")
    assert short.count('class="row-link"') == sum(float(str(row[-2])) < 0 for row in rows[head + 1 :])

    page = unescape(giam.read("/giam-sat/nhiet?procedure=1.012783"))
    assert "Bản 1, từ " in page
    book = sheets(giam, "/giam-sat/nhiet.xlsx?procedure=1.012783")
    assert list(book) == ["Từng bước", "Theo đơn vị", "Theo quý", "Thành phần hồ sơ"]
    steps = {row[0]: row for row in book["Từng bước"] if isinstance(row[3], int)}
    assert all(str(name) in page for name in steps)
    late = [row for row in book["Theo đơn vị"] if isinstance(row[2], int)]
    for name, row in steps.items():
        found = [(each[2], each[3]) for each in late if each[0] == name]
        assert (row[6], row[7]) == tuple(map(sum, zip(*found, strict=True))) if found else (0, 0)
    _says_the_same_in_english(giam, set(steps))


def _says_the_same_in_english(giam: Person, steps: set[object]) -> None:
    """Drawing, headings and figures; names stay what they are."""
    giam.client.set_cookie(COOKIE, "en")
    page = giam.read("/giam-sat/nhiet?procedure=1.012783")
    drawn = unescape(page.partition('class="heat-picture"')[2].partition("</svg>")[0])
    assert 'aria-label="Process diagram"' in drawn
    told = re.findall(r"<title>(.+): \d+ here now; (.+)</title>", drawn)
    assert len(told) == drawn.count("<title>") > 1
    how = r"(below 0\.1|[\d.]+) / (below 0\.1|[\d.]+) days( · late \d+%)?( · repeated \d+%)?|never done yet"
    for step, words in told:
        assert re.fullmatch(how, words), (step, words)
        assert f">{words}</text>" in drawn
    book = sheets(giam, "/giam-sat/nhiet.xlsx?procedure=1.012783")
    heads = [next(row for row in rows if row[0] in {"Step", "Component"}) for rows in book.values()]
    assert not re.search(VIETNAMESE, " ".join([*book, *(str(head) for row in heads for head in row)]))
    assert steps == {row[0] for row in book["Step by step"] if isinstance(row[3], int)}
    page = unescape(giam.read("/giam-sat/du-bao"))
    headlines = re.findall(r"<strong>(Late in .+|Usually in time.+)</strong>", page)
    assert len(headlines) > 0
    assert not [each for each in headlines if re.search(VIETNAMESE + r"|\d,\d", each)]


@pytest.mark.any_database
def test_what_cannot_be_tried_says_where_and_how_and_keeps_what_was_typed(app: Flask, engine: Engine) -> None:
    giam = Person(app, "giam")
    for wrong, said in (
        (DESIGN | {"per_day": ""}, "Số hồ sơ mỗi ngày làm việc: hãy gõ một số"),
        (DESIGN | {"steps": "Thẩm định; hai; 2"}, "Dòng “Thẩm định; hai; 2” phải có dạng"),
        (DESIGN | {"steps": "Thẩm định; 1; 0,5"}, "phải có dạng"),
        (DESIGN | {"steps": "Thẩm định; 1e300; 1"}, "cần từ 0 đến 400 ngày"),
        (DESIGN | {"steps": "Thẩm định; 1; 1e300"}, "từ 0 đến 200 người"),
        (DESIGN | {"steps": "A; 1; 1\nA; 2; 1"}, "cần một tên riêng"),
        (DESIGN | {"per_day": "1e-300"}, "số hồ sơ mỗi ngày từ 0,01 đến 200"),
        (DESIGN | {"limit": "-3"}, "thời hạn lớn hơn 0"),
        (DESIGN | {"steps": "  \n"}, "cần từ 1 đến 40 bước"),
        (REPLAY | {"limits": "abc"}, "Thời hạn: hãy gõ một số"),
        (REPLAY | {"team": "BS x", "people": "1,5"}, "hãy gõ một số nguyên"),
        (REPLAY | {"team": "BS x"}, "nhóm được thêm người không có ai"),
        (REPLAY | {"hours": "1e-9"}, "giờ làm từ 25% đến 300%"),
    ):
        answer = giam.send(TRY if "steps" in wrong else PAGE, wrong)
        shown = unescape(answer.get_data(as_text=True))
        assert (answer.status_code, said in shown) == (422, True), (wrong, said)
        assert all(value.strip() in shown for name, value in wrong.items() if name != "team")


@pytest.mark.any_database
def test_a_design_begins_from_a_procedure_and_only_so_many_wait_for_their_answer(app: Flask, engine: Engine) -> None:
    giam, admin = Person(app, "giam"), Person(app, "admin")
    filled = unescape(giam.read(PAGE + "?from=1.012783"))
    assert "Cấp đổi Giấy chứng nhận" in filled
    assert "Ký Giấy chứng nhận; 0,5; 1" in filled
    assert giam.client.get(PAGE + "?from=9.999999").status_code == 404
    assert giam.client.get(PAGE + "?draft=1").status_code == 403

    addresses = [giam.send(TRY, DESIGN).location for _ in range(3)]
    refused = giam.send(TRY, DESIGN)
    assert (refused.status_code, "đang có 3 lần thử" in unescape(refused.get_data(as_text=True))) == (422, True)
    assert engine.simulations.run(engine.clock.now()) == 1
    told = unescape(giam.read(addresses[0]))
    assert "2,5 hồ sơ mỗi ngày" in told
    assert "Hỏi ; sở: 2 ngày, chờ bên ngoài" in told
    assert " · trễ " in giam.read(PAGE)
    assert giam.send(TRY, DESIGN).status_code == 303

    begun = unescape(admin.read(PAGE))
    assert "Thử một thủ tục đang thiết kế" in begun
    assert "Chạy lại những hồ sơ vừa qua" not in begun
    assert admin.send(PAGE, REPLAY).status_code == 403
    assert admin.client.get(addresses[0]).status_code == 404
