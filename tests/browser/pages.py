"""Every page that can be opened, by whom it is looked at in a browser; and why some addresses are no pages.

`{…}` stand for what `furnish` found or made in the office.
"""
# ruff: noqa: S608 - the queries hold the words of this file

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from flask import Flask

from engine.bootstrap import Engine
from tests.support.designs import DRAWN
from tests.support.files import pdf
from tests.support.web import Person

NOBODY = ""
# endpoint → who looks, and at which addresses
PAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "citizen.home": ((NOBODY, "/"),),
    "citizen.lookup": ((NOBODY, "/tra-cuu"),),
    "citizen.by_receipt": ((NOBODY, "/tra-cuu/{receipt}"),),
    "citizen.procedures": ((NOBODY, "/thu-tuc"),),
    "citizen.procedure": ((NOBODY, "/thu-tuc/1.012783"), (NOBODY, "/thu-tuc/1.013949")),
    "citizen.verify": ((NOBODY, "/xac-minh/{verify}"),),
    "verification.ask": ((NOBODY, "/xac-minh"),),
    "account.sign_in": ((NOBODY, "/dang-nhap"),),
    "results_told.told": ((NOBODY, "/cong-khai"),),
    "survey.enter": ((NOBODY, "/danh-gia"),),
    "survey.kiosk": ((NOBODY, "/khao-sat/{kiosk}"),),
    "feedback.public": ((NOBODY, "/phan-anh"),),
    "wall.enter": ((NOBODY, "/giam-sat/man-hinh/{wall}"),),
    "clerk.counter": (("lan", "/counter"),),
    "clerk.intake": (("lan", "/counter/1.012783"),),
    "clerk.done": (("lan", "/counter/done/{here}"),),
    "drafts.show": (("lan", "/counter/drafts/{draft}"),),
    "slips.table": (("lan", "/counter/slips"),),
    "feedback.counter": (("lan", "/counter/feedback"),),
    "survey.ballots": (("lan", "/counter/survey"),),
    "survey.imported": (("lan", "/counter/survey/imports/{ballots}"),),
    "handing_over.page": (("lan", "/work/{result}/hand-over"),),
    "messages.table": (("lan", "/messages"), ("lan", "/messages?view=post")),
    "messages.batch": (("lan", "/messages/batches/{batch}"),),
    "registers.dossiers": (("van", "/registers/dossiers"),),
    "registers.hand_over": (("lan", "/registers/hand-over"),),
    "registers.fees": (("lan", "/registers/fees"),),
    "feedback.register": (("lan", "/feedback"),),
    "officer.worklist": (("lan", "/work?view=supplement"), ("minh", "/work?view=unit"), ("minh", "/work?view=done")),
    "officer.dossier": (("minh", "/work/{minh}"), ("thanh", "/work/{minh}"), ("giam", "/work/{late}")),
    "attachments.show": (("minh", "/work/{minh}/attachments/{file}"),),
    "beside.opinions": (("khoa", "/work/opinions"), ("minh", "/work/opinions?side=asked")),
    "parcels.table": (("minh", "/parcels"),),
    "letters.life": (("minh", "/letters/{letter}"),),
    "profile.page": (("minh", "/account"),),
    "profile.password": (("minh", "/account/password"),),
    "profile.codes": (("minh", "/account/codes"),),
    "profile.delegations": (("minh", "/account/delegations"),),
    "leader.queue": (("thanh", "/approve"),),
    "leader.dossier": (("thanh", "/approve/{waiting}"),),
    "letter_table.table": (("thanh", "/approve/letters"),),
    "calendar.year": (("thanh", "/admin/calendar"), ("admin", "/admin/calendar?unit=BS")),
    "letters.questions": (("thanh", "/oversight/letters/questions"),),
    "supervisor.board": (("giam", "/oversight"),),
    "supervisor.queue": (("giam", "/oversight/queue/overdue"), ("giam", "/oversight/queue/open")),
    "supervisor.quality": (("giam", "/oversight/quality"),),
    "letters.register": (("giam", "/oversight/letters"),),
    "late_records.table": (("giam", "/oversight/late-records"),),
    "orders.orders": (("giam", "/oversight/orders"),),
    "orders.order": (("giam", "/oversight/orders/{order}"),),
    "indicators.sheet": (("giam", "/oversight/evaluation"),),
    "indicators.own": (("minh", "/my/evaluation?month=2026-11"),),
    "indicators.year": (("giam", "/oversight/evaluation/year"),),
    "indicators.index": (("giam", "/oversight/index"),),
    "survey.report": (("giam", "/oversight/survey"),),
    "posting_records.page": (("giam", "/oversight/postings"),),
    "reports.shelf": (("giam", "/oversight/reports"),),
    "reports.show": (("giam", "/oversight/reports/{report}"),),
    "reports.calendar": (("giam", "/oversight/reports/calendar"),),
    "reports.reconcile": (("giam", "/oversight/reports/reconcile"),),
    "forecast.morning": (("giam", "/giam-sat/du-bao"),),
    "heat.page": (("giam", "/giam-sat/nhiet"),),
    "simulations.form": (("giam", "/giam-sat/thu-truoc"),),
    "inspection.trail": (("tra", "/audit"),),
    "inspection.chain": (("tra", "/audit/dossiers/{late}"),),
    "inspection.checks": (("tra", "/audit/checks"),),
    "samples.table": (("tra", "/audit/samples"),),
    "reorganisation.table": (("admin", "/admin/reorganisation"),),
    "changes.absence": (("giam", "/admin/calendar/absence"),),
    "changes.what_if": (("giam", "/admin/calendar/what-if/{what_if}"),),
    "changes.progress": (("admin", "/admin/calendar/reprojection"),),
    "admin.health": (("admin", "/admin"),),
    "admin.versions": (("admin", "/admin/versions"),),
    "posting.report": (("admin", "/admin/niem-yet"),),
    "accounts.table": (("admin", "/admin/accounts"),),
    "accounts.new": (("admin", "/admin/accounts/new"),),
    "accounts.one": (("admin", "/admin/accounts/{person}"),),
    "accounts.history": (("admin", "/admin/accounts/history"),),
    "accounts.from_list": (("admin", "/admin/accounts/list"),),
    "designer.drafts": (("admin", "/admin/designs"),),
    "designer.draft": tuple(
        ("admin", f"/admin/designs/{{design}}/{part}")
        for part in ("check", "facts", "work", "trial", "stories", "compare", "publish")
    ),
    "letter_templates.page": (("admin", "/admin/letters"),),
    "messages.trials": (("admin", "/admin/messages"),),
    "wall.screens": (("admin", "/admin/screens"),),
}
_FILE = "a file to keep or print, no page"
_PART = "a part of a page, drawn in it"
NO_PAGES: dict[str, str] = {
    **dict.fromkeys(
        [
            "static",
            "citizen.letter",
            "posting.leaflet",
            "posting.speech",
            "posting.wall_list",
            "posting.wall_sheet",
            "posting.step_sheet",
            "posting.everything",
            "papers.routing_slip",
            "papers.roll_receipt",
            "officer.letter",
            "slips.pdf",
            "registers.dossiers_pdf",
            "registers.dossiers_csv",
            "registers.hand_over_pdf",
            "attachments.picture",
            "letters.book",
            "attachments.download",
            "letter_table.preview",
            "messages.batch_pdf",
            "messages.batch_csv",
            "supervisor.board_table",
            "forecast.table",
            "heat.table",
            "orders.table",
            "survey.heading",
            "indicators.table",
            "indicators.data",
            "changes.what_if_csv",
            "designer.diagram",
            "designer.download",
        ],
        _FILE,
    ),
    **dict.fromkeys(
        ("reports.table", "reports.paper", "results_told.paper", "reports.data", "samples.paper", "samples.workbook"),
        _FILE,
    ),
    **dict.fromkeys(("reports.sent_table", "reports.sent_paper", "reports.sent_data"), _FILE),
    "officer.diagram": _PART,
    "attachments.listed": _PART,
    "supervisor.live": _PART,
    "orders.progress": _PART,
    **dict.fromkeys(("operations.healthz", "operations.readyz", "operations.metrics"), "speaks to machines"),
    **dict.fromkeys(("external.begin", "external.finish", "external.confirm"), "leads to another house and back"),
    "scanning.envelope": "leads on to a page of the table",
    "wall.show": "where wall.enter leads to",
    "account.code": "between password and code: the fields of account.sign_in; walked in test_web_doors",
    "survey.rate": "the form of survey.kiosk, behind a code that counts once",
    "attachments.scans": "asks for a folder of a scanner; the form of files on officer.dossier",
    "apologies.draft": "the same table of the leader with one letter chosen; see letter_table.table",
    "letter_table.draft": "where letter_table.table leads to at once when a letter waits",
    "letter_table.many": "shown for chosen letters; the form of letter_table.table",
    "letter_table.rewrite": "shown for a letter that was put back; the fields of letter_table.table",
    "simulations.one": "needs a trial that has run; walked in test_web_forecast",
    "reports.sent": "a report as it was sent: the table of reports.show",
    "reports.against": "two reports side by side: the table of reports.show",
    "samples.sample": "needs a sample that was drawn; the table of samples.table",
    "reorganisation.one": "needs a plan that was looked at; the table of reorganisation.table",
    "moves.look": "needs two versions of one procedure; the table of admin.versions",
}


def _one(engine: Engine, query: str) -> str:
    with engine.uow.read() as tx:
        return str(tx.connection.exec_driver_sql(query).scalar_one())


def _dossier(engine: Engine, more: str) -> str:
    return _one(
        engine, f"SELECT d.code FROM dossiers d JOIN units u ON u.id = d.unit_id WHERE {more} ORDER BY d.id LIMIT 1"
    )


def furnish(app: Flask, engine: Engine) -> dict[str, str]:
    """Put into the office what a filled one does not have yet, and return what the addresses need."""
    office = "d.deciding_unit_id = (SELECT id FROM units WHERE code = 'BS-CNAP') AND d.ended_at IS NULL"
    found = {
        "report": _shown(Person(app, "giam").read("/oversight/reports"), r'href="/oversight/reports/(\w+)"'),
        "here": _dossier(engine, "u.code = 'BS-TTPVHCC' AND d.resolved_at IS NULL AND d.ended_at IS NULL"),
        "result": _dossier(engine, "u.code = 'BS-TTPVHCC' AND d.resolved_at IS NOT NULL AND d.ended_at IS NULL"),
        "minh": _dossier(engine, f"{office} AND d.resolved_at IS NULL"),
        "late": _dossier(engine, f"{office} AND d.id IN (SELECT dossier_id FROM overdue_facts)"),
        "receipt": _one(engine, "SELECT receipt_token FROM dossiers ORDER BY id LIMIT 1"),
        "verify": _one(engine, "SELECT token FROM letters WHERE token IS NOT NULL ORDER BY id LIMIT 1"),
        "letter": _one(
            engine, f"SELECT l.id FROM letters l JOIN dossiers d ON d.id = l.dossier_id WHERE {office} LIMIT 1"
        ),
        "person": _one(engine, "SELECT id FROM people WHERE username = 'minh'"),
    }
    return found | _made(app, engine, found)


def _shown(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, pattern
    return found.group(1)


def _made(app: Flask, engine: Engine, found: Mapping[str, str]) -> dict[str, str]:
    lan, minh, thanh, giam, admin = (Person(app, name) for name in ("lan", "minh", "thanh", "giam", "admin"))
    minh.client.post(
        f"/work/{found['minh']}/attachments",
        data={"csrf_token": minh.token(), "item_id": "", "files": [(io.BytesIO(pdf(2)), "Đơn.pdf")]},
        content_type="multipart/form-data",
    )
    question = {"opinion_unit": "BS-QLMT", "question": "Thửa đất có nằm trong quy hoạch không?", "opinion_days": "3"}
    minh.send(f"/work/{found['minh']}/opinions", question)
    minh.send(f"/work/{found['minh']}/notes", {"note_unit": "", "note": "Đã gọi điện"})
    lan.send("/counter/1.012783/draft", {"full_name": "Huỳnh Thị Bích Phượng", "unit": "BS-TTPVHCC"})
    lan.send(f"/work/{found['here']}/fees", {"fee_method": "counter", "fee_amount": "25.000", "fee_receipt": "BL 1"})
    lan.send("/counter/slips", {"unit": "BS-TTPVHCC", "how_many": "5"})
    lan.send("/messages/batches", {})
    ballots = "ngay,don_vi,I.1\n2026-11-02,BS-TTPVHCC,5\n"
    paper = {"csrf_token": lan.token(), "act": "write", "file": (io.BytesIO(ballots.encode()), "phieu-thang-10.csv")}
    lan.client.post("/counter/survey/import", data=paper, content_type="multipart/form-data")
    kiosk = lan.send("/counter/survey/kiosk", {"unit": "BS-TTPVHCC"})
    wall = admin.send("/admin/screens", {"name": "Sảnh", "unit": "BS"})
    giam.send("/oversight/orders", {"order": "remind", "codes": found["late"], "note": "Đề nghị làm ngay"})
    closed = {"act": "absence", "unit": "BS-CNAP", "first": "2026-11-24", "last": "2026-11-25", "reason": "Mất điện"}
    what_if = closed | {"document": "12/TB-CNAP", "issued_on": "2026-11-19"}
    giam.send("/admin/calendar/what-if", what_if)
    design = {"csrf_token": admin.token(), "files": (io.BytesIO(DRAWN.read_bytes()), "drawn.bpmn")}
    admin.client.post("/admin/designs", data=design, content_type="multipart/form-data")
    return {
        "waiting": _shown(thanh.read("/approve"), r'name="code" value="([^"]+)"'),
        "file": _one(engine, "SELECT min(id) FROM attachments"),
        "draft": _one(engine, "SELECT token FROM intake_drafts LIMIT 1"),
        "batch": _one(engine, "SELECT max(id) FROM post_batches"),
        "order": _one(engine, "SELECT max(id) FROM oversight_orders"),
        "what_if": _one(engine, "SELECT max(id) FROM what_ifs"),
        "design": _one(engine, "SELECT max(id) FROM designs"),
        "ballots": _one(engine, "SELECT sha256 FROM survey_imports"),
        "kiosk": _shown(kiosk.text, r"/khao-sat/([\w-]+)"),
        "wall": _shown(wall.text, r"/giam-sat/man-hinh/([\w-]+)"),
    }
