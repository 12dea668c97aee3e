"""What every answer carries, and what no answer and no address may carry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from engine.bootstrap import Engine
from engine.domain.errors import CannotRun
from tests.support.web import Person
from web import STATIC

TEMPLATES = STATIC.parent / "templates"
PUBLIC_PAGES = ["/", "/tra-cuu", "/thu-tuc", "/thu-tuc/1.012783", "/dang-nhap", "/khong-co"]
STAFF_PAGES = {
    "lan": ["/counter", "/counter/1.012783", "/work?view=unit"],
    "minh": ["/work", "/work?view=unassigned"],
    "thanh": ["/approve"],
    "giam": ["/oversight", "/oversight/queue/overdue", "/oversight/letters"]
    + [f"/oversight/reports/{name}" for name in ("results", "overdue")],
    "admin": ["/admin"],
}


@pytest.mark.parametrize("path", [*PUBLIC_PAGES, "/healthz"])
def test_every_answer_carries_the_headers(app: Flask, path: str):
    headers = app.test_client().get(path).headers
    assert headers["Content-Security-Policy"].startswith(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    )
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_the_sign_that_postgresql_cannot_keep_is_turned_away_at_the_door(app: Flask):
    client = app.test_client()
    sent = {"full_name": "Lê Thị Hỏi\0", "phone": "0903000111", "kind": "delay", "content": "chậm"}
    assert client.post("/phan-anh", data=sent).status_code == 422
    assert client.post("/tra-cuu", data={"code": "H99\0", "fact": "1234"}).status_code == 422
    for path in ("/thu-tuc?q=%00", "/tra-cuu/%00", "/danh-gia/a%00"):
        assert client.get(path).status_code == 422


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(app: Flask):
    client = app.test_client()
    address = re.search(r"/static/css/motcua\.css\?v=\w{12}", client.get("/").text)
    assert address
    with client.get(address.group()) as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_script_or_style_inside(template: Path):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|hx-on|javascript:", text)
    assert "|safe" not in text


def test_own_scripts_stay_small():
    """Every page works without them; one concern a file, read in five minutes. Keys, scanner, drafts and uploads came.

    Whoever needs more asks first whether the server can do it: what a script does nobody's screen reader was asked.
    """
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (STATIC / "js").glob("*.js")}
    assert {name: many for name, many in lines.items() if many > 150} == {}
    assert sum(lines.values()) <= 900


def _addresses(html: str) -> list[str]:
    return re.findall(r'(?:href|src|action|formaction|hx-get|hx-post)="([^"]*)"', html)


def test_no_address_on_any_page_holds_a_name_or_a_number_of_a_person(app: Flask):
    """A link that dials the applicant is the one exception: a browser sends it to no server."""
    for username, paths in STAFF_PAGES.items():
        person = Person(app, username)
        for path in paths:
            html = person.read(path)
            for found in _addresses(html):
                if found.startswith("tel:"):
                    continue
                address = re.sub(r"^(/static/[\w./-]+)\?v=\w{12}$", r"\1", found)  # a version may be all digits
                assert re.fullmatch(r"[/#][\w./?=&;%+,:#\-]*", address), f"{path}: {address}"
                assert not re.search(r"(?<!\d)\d{12}(?!\d)|(?<!\d)0\d{9}(?!\d)|%C[34]|%E1", address), (
                    f"{path}: {address}"
                )


def test_searching_for_a_person_leaves_no_trace_in_an_address(app: Flask):
    person = Person(app, "lan")
    answer = person.send("/work/search", {"view": "unit", "q": "nguyen"})
    assert answer.status_code == 200
    assert not any("nguyen" in address for address in _addresses(answer.text))


def test_a_failure_is_a_page_and_a_number_and_the_log_names_no_values(app: Flask, capsys: pytest.CaptureFixture[str]):
    def fail() -> str:
        secret_name = "Nguyễn Thị Bí Mật"
        raise RuntimeError(secret_name)

    app.view_functions["citizen.home"] = fail
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "Mã sự cố" in answer.text
    logged = "".join(capsys.readouterr())
    assert "RuntimeError" in logged
    assert "Bí Mật" not in logged + answer.text


@pytest.mark.parametrize(("path", "expected"), [("/healthz", 200), ("/metrics", 200)])
def test_machines_get_short_answers(app: Flask, path: str, expected: int):
    assert app.test_client().get(path).status_code == expected


def test_readiness_is_about_the_database(app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch):
    client = app.test_client()
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (
        200,
        {"status": "ok", "read_only": False},
    )

    def refuse() -> None:
        raise CannotRun(detail="cơ sở dữ liệu ở phiên bản khác")

    monkeypatch.setattr(engine, "check_database", refuse)
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (503, {"status": "not ready"})


def test_figures_count_pages_and_name_no_address(app: Flask):
    client = app.test_client()
    client.get("/tra-cuu/some-token-of-a-receipt")
    text = client.get("/metrics").text
    assert 'motcua_http_answers_total{endpoint="citizen.by_receipt",status="404"} 1.0' in text
    assert "some-token" not in text
