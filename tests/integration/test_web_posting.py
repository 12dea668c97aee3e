"""What is posted, over the web: pages, papers to print without hanging a request, the report for the office."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from flask import Flask

from engine.bootstrap import Engine
from engine.effects.posting import KINDS, poster_of, wall_list
from engine.effects.press import Press
from engine.services.posting import PosterFailed, Posting
from letters import fonts
from letters.data import texts_in
from letters.posters import check_poster
from letters.rendered import Rendered
from tests.support.web import NOW, Person


def fetched(client, path: str):
    """What a browser ends up with: it asks again while the paper is being printed."""
    for _try in range(100):
        answer = client.get(path)
        if answer.status_code != 202:
            return answer
        assert answer.headers["Refresh"]
        time.sleep(0.2)
    raise AssertionError(f"{path} is never printed")


def test_the_page_of_a_procedure_says_all_six_blocks_in_words(app: Flask):
    text = app.test_client().get("/thu-tuc/1.012783").text
    for word in (
        "Đơn đăng ký biến động đất đai", "Mẫu số 18", "01 bộ", "Cổng Dịch vụ công quốc gia", "Bưu chính công ích",
        "Chuyên viên VPĐKĐĐ", "2 ngày làm việc", "Hẹn lần 2: 02 ngày làm việc", "50.000 đồng/giấy",
        "Luật Đất đai số 31/2024", "138/2025/QĐ-UBND", "Ví dụ: nhận đủ hồ sơ 09:00 ngày 20/11/2026", "25/11/2026",
    ):  # fmt: skip
        assert word in text, word


def test_the_list_keeps_to_a_sector_and_to_what_was_typed(app: Flask):
    client = app.test_client()
    water = client.get("/thu-tuc?linh-vuc=water").text
    assert "1.004223" in water
    assert "1.012783" not in water
    both = client.get("/thu-tuc?linh-vuc=water&q=nuoc mat").text
    assert "1.004179" in both
    assert "1.004223" not in both
    assert "bang-niem-yet.pdf" in both


def test_an_agencys_suffix_behind_the_code_leads_to_the_page(app: Flask):
    answer = app.test_client().get("/thu-tuc/1.012783.000.00.00.H10")
    assert answer.status_code == 302
    assert answer.location.endswith("/thu-tuc/1.012783")


def test_wall_sheet_and_leaflet_are_for_everybody_and_the_step_sheet_for_staff(app: Flask):
    client = app.test_client()
    for name in ("niem-yet", "to-roi"):
        paper = fetched(client, f"/thu-tuc/1.013040/{name}.pdf?cap=commune")
        assert (paper.status_code, paper.mimetype, paper.data[:5]) == (200, "application/pdf", b"%PDF-")
        assert f"{name}-1.013040.pdf" in paper.headers["Content-Disposition"]
    assert client.get("/thu-tuc/1.012783/quy-trinh-noi-bo.pdf").status_code == 302
    staff = Person(app, "lan").client
    assert fetched(staff, "/thu-tuc/1.012783/quy-trinh-noi-bo.pdf").data[:5] == b"%PDF-"
    assert client.get("/thu-tuc/9.999999/niem-yet.pdf").status_code == 404


def test_the_loudspeaker_text_holds_the_facts_without_markup(app: Flask):
    answer = app.test_client().get("/thu-tuc/1.004122/loa.txt")
    assert answer.mimetype == "text/plain"
    assert "1.400.000 đồng/hồ sơ, nộp trực tuyến 700.000 đồng/hồ sơ" in answer.text
    assert not re.search("[<>]", answer.text)


def test_the_report_of_the_office_says_what_is_missing_and_what_to_ask_whom(app: Flask):
    text = Person(app, "admin").read("/admin/niem-yet")
    assert "trong 35 thủ tục" in text or re.search(r"\d+ trong \d+ thủ tục", text)
    for word in ("dòng 5.2", "1.009669", "26 hay 24", "điều ghi theo trí nhớ", "chưa có mức thu"):
        assert word in " ".join(text.split()), word
    assert Person(app, "lan").client.get("/admin/niem-yet").status_code == 403
    assert app.test_client().get("/admin/niem-yet.zip").status_code == 302


def test_everything_that_the_catalogue_posts_can_be_printed(engine: Engine):
    coverage = fonts.coverage()
    for page in engine.posting.procedures(at=NOW):
        for kind in KINDS:
            poster = poster_of(engine.office, page, kind, NOW)
            check_poster(poster)
            assert {sign for text, _rule in texts_in(poster) for sign in text if ord(sign) not in coverage} == set()
    check_poster(wall_list(engine.office, engine.posting.procedures(at=NOW), NOW))


class SlowPress:
    """Prints nothing until it is let go; counts what it is asked for."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked = 0

    def __call__(self, poster: object) -> Rendered:
        self.asked += 1
        assert self.let_go.wait(60)
        return Rendered(f"%PDF- {type(poster).__name__}".encode(), 1, "")


def test_no_request_waits_for_a_press_that_hangs_and_the_paper_is_printed_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.effects.press.PATIENCE_SECONDS", 0.05)
    press = SlowPress()
    posting = Posting(engine.uow, engine.office, press)
    waiting = [posting.paper("leaflet", "1.012783", at=NOW) for _again in range(3)]
    assert [(paper.content, paper.waiting) for paper in waiting] == [(None, True)] * 3
    press.let_go.set()
    done = posting.everything(at=NOW, patience=120)
    assert posting.paper("leaflet", "1.012783", at=NOW).content == b"%PDF- Leaflet"
    offered = len(posting.procedures(at=NOW))
    assert press.asked == 1 + 1 + 2 * offered - 1  # the leaflet, then the list and what is not kept yet
    assert done.content is not None
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names)) == 1 + 2 * offered
    assert "land/1.012783-reissue_certificate-niem-yet.pdf" in names
    posting.close()


def test_a_paper_that_is_done_in_the_moment_in_which_patience_ends_is_given(monkeypatch: pytest.MonkeyPatch):
    press, late = Press("late", kept=1), [TimeoutError()]
    result = Future.result

    def in_the_last_moment(future: Future[bytes], timeout: float | None = None) -> bytes:
        done = result(future)
        if timeout is not None and late:
            raise late.pop()
        return done

    monkeypatch.setattr(Future, "result", in_the_last_moment)
    assert press.wanted(("a",), lambda: b"%PDF-") == b"%PDF-"
    press.close()


def test_a_paper_that_cannot_be_printed_is_told_and_tried_anew(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.effects.press.PATIENCE_SECONDS", 60)
    answers: Iterator[Exception | Rendered] = iter([ValueError("mực hết"), Rendered(b"%PDF-", 1, "")])

    def press(_poster: object) -> Rendered:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    posting = Posting(engine.uow, engine.office, press)
    with pytest.raises(PosterFailed, match="mực hết"):
        posting.paper("wall_sheet", "1.012783", at=NOW)
    assert posting.paper("wall_sheet", "1.012783", at=NOW).content == b"%PDF-"
    posting.close()
