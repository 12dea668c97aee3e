"""Registers and papers on the pages: who finds them where, and that the web process prints nothing itself."""

from __future__ import annotations

import re
import time

from flask import Flask

from engine.bootstrap import Engine
from tests.support.web import Person

PERIOD = "from=2026-10-01&to=2026-11-20"


def finished_at(engine: Engine, unit: str) -> str:
    """The code of a dossier of a unit that has its result."""
    unit_id = engine.units.by_code(unit).id
    with engine.uow.read() as tx:
        rows = tx.connection.exec_driver_sql(
            f"SELECT code FROM dossiers WHERE deciding_unit_id = {unit_id:d} AND resolved_at IS NOT NULL"  # noqa: S608
        )
        return str(rows.scalars().first())


def wait_for(person: Person, path: str):
    """Ask for a paper as a browser does: again and again while it is being printed."""
    for _ in range(60):
        answer = person.client.get(path)
        if answer.status_code != 202:
            return answer
        assert int(answer.headers["Refresh"]) > 0
        time.sleep(0.5)
    raise AssertionError(path)


def test_a_clerk_reads_prints_and_keeps_the_register_of_the_desk(app: Flask):
    clerk = Person(app, "lan")
    page = clerk.read(f"/registers/dossiers?{PERIOD}")
    assert "Sổ theo dõi hồ sơ" in page
    first = re.search(r'href="/work/(\d{3}\.[^"?]+)"', page)
    assert first
    table = clerk.client.get(f"/registers/dossiers.csv?{PERIOD}")
    assert table.headers["Content-Disposition"].startswith("attachment")
    assert first.group(1) in table.text
    assert wait_for(clerk, f"/registers/dossiers.pdf?{PERIOD}").data.startswith(b"%PDF-1.7")
    assert clerk.client.get("/registers/dossiers?unit=BS-CNAP").status_code == 403
    assert "Chi nhánh" in clerk.read("/registers/hand-over?on=2026-11-19")


def test_the_papers_of_a_dossier_are_on_its_page_and_only_for_who_may_read_it(app: Flask, engine: Engine):
    code = finished_at(engine, "BS-CNAP")
    clerk = Person(app, "lan")
    page = clerk.read(f"/work/{code}")
    for paper in ("routing-slip.pdf", "receipt-80mm.pdf"):
        assert f"/work/{code}/{paper}" in page
        assert wait_for(clerk, f"/work/{code}/{paper}").data.startswith(b"%PDF-1.7")
        assert Person(app, "hoa").client.get(f"/work/{code}/{paper}").status_code == 404


def test_a_clerk_writes_the_cover_and_a_leader_the_apology_for_an_error(app: Flask, engine: Engine):
    code = finished_at(engine, "BS-CNAP")
    clerk, leader = Person(app, "lan"), Person(app, "thanh")
    assert "error-apology" not in clerk.read(f"/work/{code}")
    assert clerk.send(f"/work/{code}/result-cover", {"results": "Giấy chứng nhận"}).status_code == 303
    assert "Phiếu trả kết quả" in clerk.read(f"/work/{code}")
    short = leader.send(f"/work/{code}/error-apology", {"error": "Sai diện tích", "correction": ""})
    assert short.status_code == 422
    assert "Sai diện tích" in short.text
    words = {"error": "Sai diện tích", "correction": "Đã cấp lại"}
    assert leader.send(f"/work/{code}/error-apology", words).status_code == 303
    assert "Xin lỗi về sai sót" in leader.read(f"/work/{code}")
    assert clerk.send(f"/work/{code}/error-apology", words).status_code == 403
