"""A dossier carried out of the house: opened here as somebody would who has nothing of ours."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree

from engine.domain.errors import NotFound, Refused
from engine.domain.people import OPERATOR
from tests.builders import DESK, Office, a_dossier, prepare_office
from tests.support.files import office_with_files, pdf


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str], tmp_path: Path) -> Iterator[Office]:
    with office_with_files(database_copy(prepare_office), tmp_path / "files") as office:
        yield office


class Links(HTMLParser):
    """What a page leads to, and what it runs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def test_a_whole_dossier_is_read_without_this_program(office: Office, tmp_path: Path) -> None:
    code = a_dossier(office)
    office.engine.outbox.run(office.now)
    item = office.dossier(code).items[0].id
    name = "Đơn <script>alert(1)<b>.pdf"
    office.engine.attachments.add(office.person("lan"), code, item, io.BytesIO(pdf(2)), name, office.now)
    packed = office.engine.exporting.pack(OPERATOR, code)
    assert packed == office.engine.exporting.pack(OPERATOR, code), "the same dossier, the same bytes"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        (top,) = {entry.partition("/")[0] for entry in archive.namelist()}
        files = {entry.removeprefix(f"{top}/"): archive.read(entry) for entry in archive.namelist()}
    told = dict(line.split("  ", 1)[::-1] for line in files["manifest.sha256"].decode().splitlines())
    assert told == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items() if path != "manifest.sha256"
    }
    page = files["index.html"].decode()
    links = Links(page)
    assert set(links.links) <= set(files), "no link leads anywhere else"
    assert links.tags.isdisjoint({"script", "link", "iframe", "object", "form"})
    assert "&lt;script&gt;" in page
    assert office.dossier(code).applicant.full_name in page
    assert "Nhật ký nguyên vẹn" in page
    assert {path for path in files if path.startswith("letters/")}, "the receipt is a letter"
    (brought,) = [path for path in files if path.startswith("attachments/")]
    assert brought.isascii()
    assert files[brought] == pdf(2)
    data = json.loads(files["data.json"])
    assert data["dossier"]["code"] == code
    assert [event["prev"] for event in data["events"][1:]] == [event["hash"] for event in data["events"][:-1]]
    rows = list(csv.reader(io.StringIO(files["tables/history.csv"].decode("utf-8-sig"))))
    assert len(rows) == 1 + len(office.events(code))
    assert list(csv.reader(io.StringIO(files["tables/clock.csv"].decode("utf-8-sig"))))[1:]
    drawing = etree.fromstring(files["diagram.svg"])
    words = "".join(str(each) for each in drawing.itertext())
    assert "đang ở đây" in words
    assert "đã xong" in words
    assert office.engine.exporting.folder(OPERATOR, code, tmp_path / "out") == len(files)
    assert (tmp_path / "out" / "index.html").read_bytes() == files["index.html"]


def test_a_history_that_somebody_rewrote_is_told(office: Office) -> None:
    code = office.receive()
    with office.engine.uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE audit_events SET by = 'khác' WHERE seq = 2")
    page = office.engine.exporting.files(OPERATOR, code)["index.html"]
    assert isinstance(page, bytes)
    assert "NHẬT KÝ KHÔNG KHỚP mã băm từ dòng 2" in page.decode()
    with office.engine.uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE audit_events SET by = 'lan' WHERE seq = 2")


def test_who_may_carry_a_dossier_out_and_that_it_is_written_down(office: Office) -> None:
    code, other = office.receive(), office.receive()
    exporting = office.engine.exporting
    for username in ("lan", "minh"):
        with pytest.raises(Refused):
            exporting.archive(office.person(username), code, at=office.now)
    assert exporting.archive(office.person("thanh"), code, at=office.now).startswith(b"PK")
    assert [event["by"] for event in office.events(code, "dossier_exported")] == ["thanh"]
    with pytest.raises(NotFound):
        exporting.archive(office.person("admin"), code, at=office.now)
    assert exporting.codes(DESK, None) == [code, other]
    assert exporting.codes(DESK, office.now.replace(year=office.now.year + 1)) == []
