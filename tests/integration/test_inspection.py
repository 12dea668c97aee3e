"""An inspector reads and writes nothing; the audit trail is searched; a sample is drawn again; a chain is proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from engine.bootstrap import Engine
from engine.domain.audit import PAGES, AuditChoice, PeriodTooLong
from engine.domain.errors import Refused
from engine.domain.people import Actor, Role
from engine.domain.sampling import Candidate, Finding, digest, draw
from engine.services import audit_trail
from tests.support.attack import address, build_world, endpoints, fields_of_forms, form, snapshot
from tests.support.web import NOW, Person, application
from web import doors

YEAR = AuditChoice(date(2026, 1, 1), date(2026, 12, 31))
# The papers of an inspection itself, what belongs to the person, and the trail of looks.
OWN = {"inspection_samples", "sampled_dossiers", "access_events", "web_sessions", "people", "recovery_codes"}


def _somebody(engine: Engine, username: str) -> Actor:
    with engine.uow.read() as tx:
        person = tx.people.by_username(username)
        assert person is not None
        return tx.people.actor(person.id, person.username, person.full_name)


def test_an_inspector_changes_nothing_even_where_every_door_stands_open(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build_world(engine, "AP", {"inspector": ("BS", Role.INSPECTOR)})
    app = application(engine)
    app.config["WTF_CSRF_ENABLED"] = False
    client, names = Person(app, "inspector").client, fields_of_forms()
    for endpoint, roles in doors.ACCESS.items():
        if roles != doors.PUBLIC and endpoint not in {"account.sign_out", "profile.end_sessions"}:
            monkeypatch.setitem(doors.ACCESS, endpoint, roles | {Role.INSPECTOR})
    everything = replace(world, our_units=frozenset(), our_people=frozenset())
    before, holes = snapshot(everything), []
    tried = 0
    for rule in endpoints(app):
        if "POST" not in (rule.methods or ()) or doors.ACCESS[rule.endpoint] == doors.PUBLIC:
            continue
        if rule.endpoint in {"account.sign_out", "profile.end_sessions", "profile.change_password"}:
            continue
        tried += 1
        answer = client.post(address(world, rule, 0), data=form(world, names, 0))
        if answer.status_code >= 500:
            holes.append(f"{rule.endpoint}: {answer.status_code}")
        after = snapshot(everything)
        holes += [f"{rule.endpoint}: {table}" for table in after if table not in OWN and after[table] != before[table]]
        before = after
    assert tried > 60
    assert not holes, "\n".join(holes)


def test_a_look_of_an_inspector_is_in_the_trail_and_a_clerks_is_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(engine)
    inspector = Person(app, "tra")
    supervisor = _somebody(engine, "giam")
    with engine.uow.read() as tx:
        code = str(tx.connection.scalar(text("SELECT code FROM dossiers ORDER BY id LIMIT 1")))
    assert inspector.client.get(f"/work/{code}").status_code == 200
    assert Person(app, "giam").client.get(f"/work/{code}").status_code == 200
    looks = engine.audit_trail.search(supervisor, replace(YEAR, source="access", kind="looked_at", code=code))
    assert [(line.by, line.sentence) for line in looks.lines] == [("tra", f"Đã xem hồ sơ {code}")]
    own = ("supervisor.live", "profile.", "account.", "external.")
    opened = {door for door, roles in doors.ACCESS.items() if Role.INSPECTOR in roles and not door.startswith(own)}
    assert opened - PAGES.keys() == set(), "the trail has no word for what was looked at"
    assert f'href="/audit/dossiers/{code}"' in inspector.read(f"/work/{code}")
    assert inspector.send("/audit", {"before": "hôm qua|x", "to": "9999-12-31"}).status_code == 422
    page = inspector.read("/audit?source=access&from=2026-11-01&to=2026-11-30")
    assert "Ngô Thị Minh Tra" in page
    assert "Nguyên vẹn" in inspector.read(f"/audit/dossiers/{code}")
    assert "Quá hạn" in inspector.read("/oversight/queue/overdue"), "a page whose address says a kind"
    report = inspector.read("/oversight/reports/results")
    assert "Từng con số nghĩa là gì" in report
    assert "Gửi báo cáo" not in report
    table = inspector.send("/audit/table", {"from": "2026-11-01", "to": "2026-11-30", "format": "csv"})
    assert table.status_code == 200
    assert code in table.text
    whole = len(list(engine.audit_trail.every(_somebody(engine, "tra"), YEAR)))
    for name, most, words in (("MOST_EXPORTED", whole - 1, ""), ("_MOST_EXPORT_READ", 1, "không có chữ này")):
        monkeypatch.setattr(audit_trail, name, most)
        monkeypatch.setattr(audit_trail, "_MOST_READ", 10)
        refused = inspector.send("/audit/table", {"from": "2026-11-01", "to": "2026-11-30", "words": words})
        assert refused.status_code == 422
        assert "hãy chọn kỳ ngắn hơn" in refused.text, "nothing is left out unsaid"
        monkeypatch.undo()


def test_the_trail_is_searched_by_who_what_and_words_page_by_page(engine: Engine) -> None:
    supervisor = _somebody(engine, "giam")
    first = engine.audit_trail.search(supervisor, YEAR)
    assert first.next is not None
    second = engine.audit_trail.search(supervisor, replace(YEAR, before=first.next))
    moments = [line.at for line in (*first.lines, *second.lines)]
    assert moments == sorted(moments, reverse=True)
    keys = [(line.code, line.seq) for line in (*first.lines, *second.lines)]
    assert len(keys) == len(set(keys)), "no line stands on two pages"
    late = engine.audit_trail.search(supervisor, replace(YEAR, words="XIN LOI"))
    assert late.lines
    assert all("xin lỗi" in line.sentence.lower() for line in late.lines)
    mine = engine.audit_trail.search(supervisor, replace(YEAR, by="lan", kind="step_completed"))
    assert {(line.by, line.kind) for line in mine.lines} <= {("lan", "step_completed")}
    assert mine.lines
    with pytest.raises(PeriodTooLong):
        engine.audit_trail.search(supervisor, replace(YEAR, from_on=date(2020, 1, 1)))
    with pytest.raises(Refused):
        engine.audit_trail.search(_somebody(engine, "lan"), YEAR)


def test_a_check_of_a_unit_finds_the_one_link_that_was_rewritten(engine: Engine) -> None:
    supervisor = _somebody(engine, "giam")
    with engine.uow.write() as tx:
        code, key = tx.connection.execute(text("SELECT code, id FROM dossiers ORDER BY id LIMIT 1")).one()
        tx.connection.execute(
            text("UPDATE audit_events SET \"by\" = 'nobody' WHERE dossier_id = :key AND seq = 2"), {"key": key}
        )
    number = engine.audit.ask(supervisor, "BS", YEAR.from_on, YEAR.to_on, at=NOW)
    engine.audit.run(NOW)
    found = engine.audit.check(supervisor, number)
    assert (found.dossiers, found.broken) == (found.total, (f"{code}#2",))
    assert found.finished_at is not None
    with pytest.raises(Refused):
        engine.audit.ask(_somebody(engine, "tra"), "BS", YEAR.from_on, YEAR.to_on, at=NOW)


def test_a_draw_does_not_depend_on_the_order_of_rows_and_takes_its_share_of_every_group() -> None:
    files = [Candidate(n, f"H-{n}", f"1.00{n % 3}", "A", "late" if n % 7 == 0 else "plain") for n in range(200)]
    strata = ("procedure", "outcome")
    drawn = draw(files, percent=10, seed="2026", strata=strata)
    assert drawn == draw(reversed(files), percent=10, seed="2026", strata=strata)
    assert digest(drawn) != digest(draw(files, percent=10, seed="2027", strata=strata))
    for name in {each.stratum(strata) for each in files}:
        size = sum(each.stratum(strata) == name for each in files)
        assert sum(each.stratum == name for each in drawn) == -(-size // 10)
    more = {each.code for each in draw(files, percent=30, seed="2026", strata=strata)}
    assert {each.code for each in drawn} <= more, "a larger share of the same seed holds the smaller one"


def test_a_sample_is_drawn_kept_noted_by_the_inspector_only_and_drawn_again(engine: Engine) -> None:
    inspector, supervisor = _somebody(engine, "tra"), _somebody(engine, "giam")
    days = (YEAR.from_on, YEAR.to_on)
    number = engine.sampling.draw(supervisor, "Kiểm tra quý IV", "BS", days, percent=30, seed="77", at=NOW)
    sample = engine.sampling.see(inspector, number)
    assert sample.lines
    assert sample.may_note
    assert engine.sampling.draws_the_same(inspector, number)
    line = sample.lines[0]
    with pytest.raises(Refused):
        engine.sampling.note(supervisor, number, line.id, Finding.PASS, "", at=NOW)
    page = Person(application(engine), "tra")
    sent = page.send(f"/audit/samples/{number}/{line.id}", {"finding": "fault", "remark": "Thiếu giấy hẹn lại"})
    assert sent.status_code == 303
    assert "Thiếu giấy hẹn lại" in page.read(f"/audit/samples/{number}")
    assert page.client.get(f"/audit/samples/{number}.xlsx").data[:2] == b"PK"
    assert page.client.get(f"/audit/samples/{number}.pdf").status_code in {200, 202}
    with pytest.raises(Refused):
        engine.sampling.draw(_somebody(engine, "lan"), "x", "BS", days, percent=10, seed="1", at=NOW)
