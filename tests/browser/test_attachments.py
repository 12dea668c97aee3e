"""Files on the page of a dossier, by hand: chosen, refused, seen, handed out, removed; on a phone; without scripts."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, expect

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from engine.domain.people import OPERATOR
from tests.support.browser import BrowserFaults, PageMaker
from tests.support.files import archive, left_on_disk, pdf, picture
from tests.support.web import Person, served


def _code(engine: Engine) -> str:
    """An open dossier of Minh's office."""
    with engine.uow.read() as tx:
        unit = tx.connection.exec_driver_sql("SELECT id FROM units WHERE code = 'BS-CNAP'").scalar_one()
        query = f"SELECT code FROM dossiers WHERE ended_at IS NULL AND deciding_unit_id = {unit} ORDER BY id LIMIT 1"  # noqa: S608
        return str(tx.connection.exec_driver_sql(query).scalar_one())


def test_files_are_brought_looked_at_and_removed(
    engine: Engine, app: Flask, new_browser_page: PageMaker, browser_faults: BrowserFaults
):
    code = _code(engine)
    browser_faults.expect("422")  # a file that is refused is what the test is about
    with served(app) as shop:
        page = new_browser_page((360, 740))
        page.goto(f"{shop}/dang-nhap?next=/work/{code}")
        page.get_by_label("Tên đăng nhập").fill("minh")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        expect(page.locator(".who")).to_be_visible()
        page.goto(f"{shop}/work/{code}")
        remark = page.locator("form.act textarea[name=remark]").first
        has_form = remark.count() > 0
        if has_form:
            remark.fill("đang viết dở")
        good: FilePayload = {"name": "Đơn đề nghị.pdf", "mimeType": "application/pdf", "buffer": pdf(2)}
        bad: FilePayload = {"name": "Giả mạo.pdf", "mimeType": "application/pdf", "buffer": archive(a=b"a")}
        page.set_input_files("#files-chosen", [bad, good])
        page.get_by_role("button", name="Đưa tệp vào hồ sơ").click()
        expect(page.locator(".file-row")).to_have_count(1)
        expect(page.locator(".upload-list .is-refused")).to_contain_text("nội dung là loại")
        if has_form:
            expect(remark).to_have_value("đang viết dở")
        page.locator(".file-look summary").click()
        shown = page.locator(".file-look img")
        expect(shown).to_be_visible()
        expect(shown).to_have_js_property("complete", value=True)
        expect(shown).to_have_js_property("naturalWidth", 900)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        with page.expect_download() as taken:
            page.get_by_role("link", name="Tải về").click()
        assert taken.value.suggested_filename == "Đơn đề nghị.pdf"
        page.get_by_role("link", name="Đơn đề nghị.pdf").first.click()
        page.get_by_role("link", name="Trang sau").click()
        expect(page.get_by_text("Trang 2 trên 2")).to_be_visible()
        page.goto(f"{shop}/work/{code}")
        page.locator(".file-remove summary").click()
        page.get_by_label("Lý do gỡ").fill("Nhầm hồ sơ")
        page.get_by_role("button", name="Gỡ tệp này").click()
        expect(page.locator(".files")).to_contain_text("1 tệp đã gỡ")


def test_a_form_without_scripts_does_the_same_and_what_is_handed_out_runs_nowhere(engine: Engine, app: Flask):
    code, minh = _code(engine), Person(app, "minh")
    path = f"/work/{code}/attachments"

    def send(*files: tuple[str, bytes], **more: object):
        fields = {"csrf_token": minh.token(), "item_id": "", "files": [(io.BytesIO(c), n) for n, c in files]}
        return minh.client.post(path, data=fields, content_type="multipart/form-data", **more)

    answer = send(("ảnh <b>.png", picture("PNG")), ("xấu.pdf", b"MZ"), ("../../a.pdf", pdf()))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/work/{code}#files")
    page = minh.read(f"/work/{code}")
    assert "Đã nhận 1 tệp." in page
    assert page.count("Không nhận tệp “") == 2
    assert "ảnh &lt;b&gt;.png" in page
    (number,) = re.findall(rf'href="/work/{re.escape(code)}/attachments/(\d+)/file"', page)
    handed = minh.client.get(f"{path}/{number}/file")
    assert handed.data == picture("PNG")
    assert handed.headers["Content-Disposition"].startswith("attachment; filename")
    assert handed.headers["Content-Disposition"].encode("latin-1").endswith(b"%20%3Cb%3E.png"), "as a server sends it"
    assert handed.headers["X-Content-Type-Options"] == "nosniff"
    assert handed.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert minh.client.get(f"{path}/{number}/page/1.png").data.startswith(b"\x89PNG")
    assert send().status_code == 303
    told = send(("xấu.pdf", b""), headers={"Accept": "application/json"})
    assert (told.status_code, told.json["files"][0]["ok"]) == (422, False)
    form = "multipart/form-data; boundary=x"
    before = left_on_disk(engine.settings.files.folder)
    huge = minh.client.post(path, content_type=form, data=b"--x", environ_overrides={"CONTENT_LENGTH": str(2 << 30)})
    assert (huge.status_code, "lớn hơn 100 MB" in huge.text) == (413, True)
    assert left_on_disk(engine.settings.files.folder) == before
    large = {"CONTENT_LENGTH": str(50 << 20)}
    stranger = app.test_client().post(path, content_type=form, data=b"--x", environ_overrides=large)
    assert stranger.status_code == 413, "nobody who has not signed in sends more than a form"
    assert minh.client.post(f"/work/{code}/export.zip", data={"csrf_token": minh.token()}).status_code == 403
    thanh = Person(app, "thanh")
    packed = thanh.send(f"/work/{code}/export.zip", {})
    assert (packed.status_code, packed.mimetype, packed.data[:2]) == (200, "application/zip", b"PK")
    assert engine.exporting.files(OPERATOR, code)


@pytest.mark.parametrize("username", ["admin", "hoa"])
def test_whoever_has_nothing_to_do_with_a_dossier_finds_no_files(engine: Engine, app: Flask, username: str):
    code, who = _code(engine), Person(app, username)
    for path in ("attachments", "attachments/1", "attachments/1/file", "attachments/1/page/1.png"):
        assert who.client.get(f"/work/{code}/{path}").status_code in {403, 404}, path
