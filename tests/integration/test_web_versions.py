"""The administrator's page of versions: what holds, what was done; nobody else sees it."""

from __future__ import annotations

from flask import Flask

from tests.support.web import Person


def test_an_administrator_sees_every_version_its_days_and_what_was_done(app: Flask) -> None:
    page = Person(app, "admin").read("/admin/versions")
    for told in ("1.012783", "từ 05/12/2025", "Đang áp dụng", "Người vận hành (dòng lệnh)", "Việc đã làm gần đây"):
        assert told in page
    assert "ca_mau" not in page, "another province's version is none of this installation's business"
    assert "khác với bản đã công bố" not in page


def test_nobody_else_does(app: Flask) -> None:
    for username in ("lan", "giam"):
        assert Person(app, username).client.get("/admin/versions").status_code == 403
