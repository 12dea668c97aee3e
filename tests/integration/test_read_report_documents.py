"""Every report of the one form, held against a plain count of the rows; as sent, compared, reminded, in every shape."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from random import Random

import pypdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from engine.domain.errors import NotFound, Refused
from engine.domain.people import Membership, Role
from engine.domain.report_model import Document, from_text, shown, to_text
from engine.services.reporting.papers import ReportPapers
from letters.render import Renderer
from tests.builders import PASSWORD, ZONE
from tests.support.read_office import SPLIT_PARCEL, ReadOffice, on, prepare, read_office
from tests.support.web import application

NOW = on(4, 20, 9)
MARCH = "2026-03-09..2026-03-31"
FIGURES = ("online", "direct", "carried", "early", "on_time", "late", "without_date", "refused", "open", "open_late")


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def a_random_office(office: ReadOffice, seed: int) -> None:
    """Dossiers before, in and after the period; some done in time, some late, some waiting, some only begun."""
    random = Random(seed)
    for number in range(11):
        month, day = random.choice(((2, 23), (3, 3), (3, 10), (3, 16), (3, 24), (4, 6)))
        procedure = random.choice(("1.012783", SPLIT_PARCEL))
        code = office.receive(
            f"Người {number}", at=on(month, day), by=random.choice(("lan", "hoa")), procedure=procedure
        )
        end = random.choice(((month, day + 2), (3, 27), (4, 14)))
        if on(*end) > on(month, day) and random.random() < 0.75:
            (office.deliver if random.random() < 0.7 else office.resolve)(code, at=on(*end, 10))
    office.office.clock.move_to(NOW)


def make(office: ReadOffice, name: str, by: str | None = "giam", unit: str = "", period: str = MARCH) -> Document:
    reporting = office.engine.reporting
    return reporting.make(office.actor(by) if by else None, name, reporting.period(period, at=NOW), unit, at=NOW)


def moment(value: object) -> datetime | None:
    """An instant as either database answers it."""
    if value is None:
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZONE)


def counted(  # noqa: C901 - the whole form in one plain walk
    office: ReadOffice, first: date, last: date
) -> Counter[tuple[str, str, str]]:
    """Forms 06 and 07 from the rows: figure, unit and procedure → how many."""
    found: Counter[tuple[str, str, str]] = Counter()
    rows = office.office.rows(
        "SELECT u.code, d.procedure_code, d.channel, d.received_at, d.resolved_at, d.ended_at, d.due_at,"
        " d.first_due_at, d.overdue_count, o.timeliness, o.result, o.finished_at FROM dossiers d"
        " JOIN units u ON u.id = d.deciding_unit_id LEFT JOIN outcomes o ON o.dossier_id = d.id"
    )
    for unit, procedure, channel, *instants, overdue, timeliness, result, finished in rows:
        received, resolved, ended, due, first_due = map(moment, instants)
        done = moment(finished) or resolved or ended
        assert received is not None
        names = []
        if received.date() <= last and received.date() >= first:
            names.append("online" if channel == "online" else "direct")
        if received.date() < first and (done is None or done.date() >= first):
            names.append("carried")
        judged = first_due or due if due else None
        if done is not None and first <= done.date() <= last:
            if result is None:
                late = bool(overdue) or (judged is not None and done > judged)
                early = judged is not None and done.date() < judged.date()
                names.append("late" if late else "without_date" if judged is None else "early" if early else "on_time")
            else:
                names.append("refused" if result == "refused" else str(timeliness or "without_date"))
        if received.date() <= last and (done is None or done.date() > last):
            names.append("open")
            if judged is not None and judged.date() <= last:
                names.append("open_late")
        for name in names:
            found[name, str(unit), str(procedure)] += 1
    return found


@pytest.mark.parametrize("seed", [4, 9])
def test_forms_06_and_07_are_what_a_plain_count_of_the_rows_says_cell_by_cell(office: ReadOffice, seed: int):
    a_random_office(office, seed)
    plain = counted(office, date(2026, 3, 9), date(2026, 3, 31))
    form = make(office, "units")
    for key, place in (("units", 1), ("procedures", 2)):
        table = form.table(key)
        wanted: Counter[tuple[str, str]] = Counter()
        for (name, *where), number in plain.items():
            wanted[name, where[place - 1]] += number
        for row in table.rows:
            for name in FIGURES:
                assert row[name] == wanted.pop((name, str(row["code"])), 0), (name, row["code"])
            assert row["received"] == row["done"] + row["refused"] + row["open"]  # type: ignore[operator]
        assert not +wanted, "a row is missing"
    (sectors,) = make(office, "progress").tables
    assert sectors.totals == form.table("units").totals
    assert form.is_sound
    assert sum(plain.values()) > 10
    assert office.engine.outcomes.verify_sums() == ()


def test_a_broken_sum_is_told_and_rebuilt(office: ReadOffice):
    a_random_office(office, 4)
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE received_days SET received = received + 1"))
    assert not make(office, "units").is_sound
    assert {each.column for each in office.engine.outcomes.verify_sums()} == {"received"}
    office.engine.outcomes.rebuild(at=NOW)
    assert make(office, "units").is_sound
    assert office.engine.outcomes.verify_sums() == ()


def test_a_dossier_that_another_unit_takes_over_is_counted_there_and_both_units_add_up(office: ReadOffice):
    code = office.receive(at=on(3, 3))
    ids = {str(code): int(str(key)) for key, code in office.office.rows("SELECT id, code FROM units")}
    row = office.office.dossier(code)
    with office.engine.uow.write() as tx:
        there = ids["BS-SNNMT"]
        tx.connection.execute(text("UPDATE dossiers SET deciding_unit_id = :to"), {"to": there})
        tx.connection.execute(text("UPDATE tasks SET deciding_unit_id = :to"), {"to": there})
        facts = {"procedure_code": row.procedure_code, "channel": row.channel}
        tx.report_book.move(date(2026, 3, 20), from_id=row.deciding_unit_id, to_id=there, **facts)
    form = make(office, "units")
    told = {str(row["code"]): (row["carried"], row["moved"], row["open"]) for row in form.table("units").rows}
    assert sorted(told.values()) == [(0, 1, 1), (1, -1, 0)]
    assert told["BS-SNNMT"] == (0, 1, 1)
    assert form.is_sound
    assert office.engine.outcomes.verify_sums() == ()


def test_lateness_shares_and_ceiling_are_those_of_the_outcomes(office: ReadOffice):
    a_random_office(office, 9)
    rows = office.office.rows(
        "SELECT d.channel, d.received_at, o.timeliness, o.finished_at FROM dossiers d"
        " LEFT JOIN outcomes o ON o.dossier_id = d.id"
    )
    first, last = date(2026, 3, 9), date(2026, 3, 31)
    ended = [row for row in rows if row[3] and first <= (moment(row[3]) or NOW).date() <= last]
    late, dated = sum(row[2] == "late" for row in ended), sum(row[2] is not None for row in ended)
    land = make(office, "land_lateness").table("units").totals
    assert (land["answered"], land["late"]) == (dated, late)
    assert land["keeps"] == (late / dated < 0.02)
    came = [row for row in rows if first <= (moment(row[1]) or NOW).date() <= last]
    way = make(office, "conformance").table("units").totals
    assert (way["finished"], way["rejected"], way["in_order_share"]) == (len(ended), 0, 1.0)
    shares = make(office, "channels").table("units").totals
    assert (shares["received"], shares["answered"], shares["online"]) == (len(came), len(ended), 0)
    monthly = make(office, "monthly").table("units").totals
    units = make(office, "units").table("units").totals
    assert (monthly["late"], monthly["open_late"]) == (units["late"], units["open_late"])


def test_every_report_has_one_value_four_shapes_and_a_meaning_for_every_figure(office: ReadOffice):
    a_random_office(office, 4)
    papers = office.engine.report_papers
    for kind in office.engine.reporting.kinds():
        found = make(office, kind.name)
        assert from_text(to_text(found)) == found, kind.name
        assert found.definitions
        if kind.name == "results":  # what citizens said of the same thing stands beside it
            published, own = found.table("published"), found.table("own")
            assert str(published.rows[0]["name"]).startswith("IV. ")
            assert own.rows[0]["share"] == found.table("results").totals["on_time_share"]
        book = load_workbook(io.BytesIO(papers.workbook(found)), read_only=True)
        for table, sheet in zip(found.tables, book.worksheets, strict=False):
            assert excel_says(sheet, found.title) == [
                [shape(row.get(col.key), col.kind) or None for col in table.columns] for row in table.rows
            ] + ([] if not table.totals else [totals_of(table)]), (kind.name, table.key)


def shape(value: object, kind: object) -> object:
    if kind == "flag" and value is not None:
        return "có" if value else "không"
    return value if kind != "moment" or value is None else datetime.fromisoformat(str(value)).replace(tzinfo=None)


def totals_of(table: object) -> list[object]:
    found = [table.totals.get(col.key) for col in table.columns]  # type: ignore[attr-defined]
    return [("Tổng" if place == 0 and value is None else value) or None for place, value in enumerate(found)]


def excel_says(sheet: object, title: str) -> list[list[object]]:
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]  # type: ignore[attr-defined]
    assert rows[0][0] == title
    blank = next(place for place, row in enumerate(rows) if place and not any(cell is not None for cell in row))
    return [[cell or None for cell in row] for row in rows[blank + 2 :]]


def test_the_pdf_says_the_totals_that_the_page_says(office: ReadOffice):
    a_random_office(office, 4)
    found = make(office, "units")
    papers = ReportPapers(office.engine.uow, office.engine.office, Renderer().render)  # in this process
    paper = papers.pdf(found, seal="SHA-256: abc", patience=60)
    papers.close()
    assert paper.content is not None
    pages = pypdf.PdfReader(io.BytesIO(paper.content)).pages
    said = " ".join("\n".join(page.extract_text() for page in pages).split())
    totals = found.table("units").totals
    wanted = [shown(totals.get(col.key), col.kind) for col in found.table("units").columns if col.kind.is_figure]
    assert " ".join(["Tổng", *wanted]) in said
    for words in ("Khớp", "Từng con số nghĩa là gì", "Chia cho: hồ sơ đã giải quyết có ngày hẹn", "SHA-256: abc"):
        assert words in said


def test_a_supervisor_has_reports_of_the_own_units_only(office: ReadOffice):
    office.receive(at=on(3, 10))
    assert make(office, "units").table("units").totals["received"] == 1
    assert make(office, "units", None).table("units").totals["received"] == 1
    mine = make(office, "units", "nga")
    assert (mine.unit_code, mine.table("units").totals["received"]) == ("AP", 0)
    with pytest.raises(Refused):
        make(office, "units", "nga", "BS-SNNMT")
    for username in ("lan", "minh", "admin"):
        with pytest.raises(Refused):
            make(office, "units", username)
    with pytest.raises(NotFound):
        make(office, "everything")
    number = office.engine.reporting.send(office.actor("giam"), make(office, "units"), "UBND tỉnh", at=NOW)
    with pytest.raises(NotFound):
        office.engine.reporting.sent(office.actor("nga"), number)
    assert office.engine.reporting.all_sent(office.actor("nga")) == ()


def test_a_leader_reads_the_own_unit_an_inspector_all_that_may_be_inspected_and_neither_sends(office: ReadOffice):
    office.deliver(office.receive(at=on(3, 10)), at=on(3, 12, 10))
    reporting = office.engine.reporting
    for who, unit, counted in (("tra", "BS", 1), ("thanh", "BS-CNAP", 1), ("khue", "BS-SNNMT", 0)):
        units, results, steps = (make(office, name, who) for name in ("units", "results", "steps"))
        assert (units.unit_code, units.table("units").totals["received"]) == (unit, counted)
        assert sum(int(str(row["finished"])) for row in results.table("results").rows) == counted
        assert bool(steps.table("steps").rows) is bool(counted)
        with pytest.raises(Refused):
            reporting.send(office.actor(who), units, "UBND tỉnh", at=NOW)
    # who leads a department does not lead the branch below it: the report says so, and shows nothing of it
    assert any("không gồm" in note for note in make(office, "units", "khue").notes)
    assert not make(office, "units", "tra").notes
    number = reporting.send(office.actor("giam"), make(office, "units", "giam", "BS-SNNMT"), "UBND tỉnh", at=NOW)
    assert [each.id for each in reporting.all_sent(office.actor("tra"))] == [number]
    assert reporting.all_sent(office.actor("khue")) == ()
    compared = reporting.compared(office.actor("khue"), make(office, "units", "khue"), at=NOW)
    assert not any("Bản đã gửi" in each.label for each in compared)


def test_what_was_sent_stays_as_sent_and_is_what_later_reports_are_compared_with(office: ReadOffice):
    office.receive(at=on(3, 10))
    giam, reporting = office.actor("giam"), office.engine.reporting
    before = make(office, "units")
    number = reporting.send(giam, before, "UBND tỉnh", "số 12/BC", at=NOW)
    office.receive(at=on(3, 11))
    now = make(office, "units")
    head, sent, is_whole = reporting.sent(giam, number)
    assert (sent, is_whole, head.seq, head.sent_to) == (before, True, 1, "UBND tỉnh")
    last, earlier, year_ago = reporting.compared(giam, now, at=NOW)
    assert ("Tiếp nhận: Tổng số", 1, 2, 1.0) in {(c.label, c.then, c.now, c.by) for c in last.changes}
    assert {c.then for c in (*earlier.changes, *year_ago.changes)} <= {0, None}
    assert reporting.send(giam, now, "UBND tỉnh", at=NOW) != number
    assert [each.seq for each in reporting.all_sent(giam)] == [2, 1]
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE report_snapshots SET content = replace(content, 'Tổng', 'Tong')"))
    assert reporting.sent(giam, number)[2] is False


def notices(office: ReadOffice, username: str, at: datetime) -> list[str]:
    return [notice.text for notice in office.engine.worklist.notices(office.actor(username), at=at)]


def test_supervisors_are_reminded_once_until_the_report_is_sent(office: ReadOffice):
    reporting, giam = office.engine.reporting, office.actor("giam")
    top = office.engine.office.units.by_code("BS").id
    office.engine.access.open_account("dung", "Võ Anh Dũng", PASSWORD, [Membership(top, Role.LEADER)])
    assert reporting.remind(on(4, 11)) == 0
    with ThreadPoolExecutor(2) as two_schedulers:
        counts = list(two_schedulers.map(reporting.remind, [on(4, 12)] * 2))
    near = [line for line in reporting.due(giam, "BS", at=on(4, 12)) if line.is_near]
    assert sum(counts) == 2 * len(near), "the province and the commune that has a supervisor of its own, each once"
    assert reporting.remind(on(4, 13)) == 0
    assert [len(notices(office, name, on(4, 13))) for name in ("giam", "nga", "dung", "lan")] == [1, 1, 0, 0]
    (word,) = notices(office, "giam", on(4, 13))
    name = office.engine.office.units.by_code("BS").name
    assert word == f"Sắp đến hạn gửi {len(near)} báo cáo của {name}, hạn 15/04/2026."
    told = reporting.reminders(giam, at=on(4, 13))
    assert {(line.due.duty.report, line.due.period.code, line.is_late) for line in told} >= {
        ("monthly", "2026-04", False)
    }
    period = reporting.period("2026-04", at=NOW)
    unit = reporting.units(giam)[0].code
    found = reporting.make(giam, "monthly", period, unit, at=NOW)
    reporting.send(giam, found, "UBND tỉnh", at=on(4, 15))
    assert reporting.remind(on(4, 15)) == 0, "that is the day itself"
    with ThreadPoolExecutor(2) as two_schedulers:
        counts = list(two_schedulers.map(reporting.remind, [on(4, 16)] * 2))
    assert sum(counts) == 2 * len(near) - 1, "one of them was sent"
    assert reporting.remind(NOW) == 0
    assert [len(notices(office, name, NOW)) for name in ("giam", "nga", "dung", "lan")] == [2, 2, 1, 0]
    (late,) = notices(office, "dung", NOW)
    assert late == f"Quá hạn mà chưa gửi {len(near) - 1} báo cáo của {name}, hạn 15/04/2026."
    left = reporting.reminders(giam, at=NOW)
    assert "monthly" not in {line.due.duty.report for line in left}
    assert all(line.is_late for line in left)
    due = {
        line.due.duty.report: line for line in reporting.due(giam, unit, at=NOW) if line.due.period.code == "2026-04"
    }
    assert due["monthly"].sent_at == on(4, 15)
    assert due["officials"].is_late


@pytest.mark.parametrize(
    # forms 06 and 07: four sums, what was given to other units, the first month, three readings of what is open
    ("name", "most"),
    [
        ("progress", 9),
        ("units", 10),
        ("monthly", 12),
        ("land_lateness", 3),
        ("channels", 4),
        ("online", 4),
        ("conformance", 3),
        ("public", 20),
        ("evaluation", 5),
        ("officials", 5),
    ],
)
def test_a_report_costs_so_many_statements_however_many_dossiers(office: ReadOffice, name: str, most: int):
    a_random_office(office, 4)
    make(office, name)
    with office.counting() as statements:
        make(office, name)
    assert len(statements) <= most, statements


def test_the_pages_show_send_compare_and_reconcile(office: ReadOffice):
    from tests.integration.test_web_results import Visitor  # noqa: PLC0415 - a browser of this cast

    a_random_office(office, 4)
    giam = Visitor(application(office.engine), "giam")
    assert "Biểu 06" in giam.read("/oversight/reports")
    for kind in office.engine.reporting.kinds():
        page = giam.read(f"/oversight/reports/{kind.name}?period={MARCH}")
        assert kind.title in page, kind.name
        assert "Từng con số nghĩa là gì" in page
    address = f"/oversight/reports/units?period={MARCH}"
    assert "Khớp" in giam.read(address)
    data: Mapping[str, object] = giam.client.get(address.replace("units?", "units.json?")).get_json()
    assert data["name"] == "units"
    assert giam.client.get(address.replace("units?", "units.xlsx?")).data[:2] == b"PK"
    assert giam.send("/oversight/reports/units/send", {"period": MARCH, "sent_to": ""}).status_code == 422
    sent = giam.send("/oversight/reports/units/send", {"period": MARCH, "sent_to": "UBND tỉnh"})
    assert sent.status_code == 303
    assert "Nội dung đúng như lúc gửi" in giam.read(sent.location)
    assert giam.client.get(f"{sent.location}.json").get_json()["tables"] == data["tables"]
    assert "Bản đã gửi" in giam.read(f"/oversight/reports/units/compare?period={MARCH}")
    assert "Hạn gửi" in giam.read("/oversight/reports/calendar")
    assert giam.client.get("/oversight/reports/units?period=x").status_code == 422
    assert giam.client.get("/oversight/reports/nothing").status_code == 404
    listed = {
        "list": (io.BytesIO("Mã hồ sơ;Trạng thái\nX-1;Đang xử lý\n".encode()), "a.csv"),
        "from": "2026-03-01",
        "to": "2026-03-31",
    }
    token = giam.token()
    differing = giam.client.post("/oversight/reports/reconcile", data=listed | {"csrf_token": token})
    assert "Bên kia có, ở đây không có" in differing.text
    assert "X-1" in differing.text
    listed["list"] = (io.BytesIO(b"a;b\n1;2\n"), "a.csv")
    refused = giam.client.post("/oversight/reports/reconcile", data=listed | {"csrf_token": token})
    assert refused.status_code == 422
    assert "Không thấy cột mã hồ sơ" in refused.text
    # where the day begins
    assert "Báo cáo chưa gửi" not in giam.read("/oversight")
    assert office.engine.reporting.remind(on(4, 12)) > 0
    page = giam.read("/oversight")
    assert "Báo cáo chưa gửi" in page
    assert "Sắp đến hạn gửi" in page
    assert "1 thông báo mới" in page
    (word,) = office.engine.worklist.notices(office.actor("giam"), at=NOW)
    assert f"/oversight/reports/calendar?unit={word.unit_code}" in page
    assert giam.send(f"/work/notices/{word.id}/read", {"next": "/oversight"}).location == "/oversight"
    assert "thông báo mới" not in giam.read("/oversight")
