from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from engine.domain.errors import NotFound
from engine.domain.views import Urgency, WorkPage
from engine.domain.worklists import MOST_DONE, Listing, WorkFilter
from engine.persistence.base import table_of
from engine.persistence.models import DossierWord, Task
from engine.persistence.queries import search
from tests.support.read_office import COMMUNE_DESK, ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def codes(page: WorkPage) -> list[str]:
    return [item.dossier.code for item in page.items]


def test_an_officer_sees_the_steps_of_the_unit_and_takes_one(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    minh, thao = office.actor("minh"), office.actor("thao")

    before = office.engine.worklist.page(minh, at=on(3, 2, 11))
    assert before.counts == {
        "mine": 0,
        "unit": 1,
        "unassigned": 1,
        "supplement": 0,
        "payment": 0,
        "results": 0,
        "done": 0,
    }

    office.engine.processing.claim(minh, code, office.task_id(code), at=on(3, 2, 11))
    mine = office.engine.worklist.page(minh, view="mine", at=on(3, 2, 11))
    assert codes(mine) == [code]
    item = mine.items[0]
    assert (item.step_id, item.role, item.claimed_by_name) == ("appraise_dossier", "officer", "Phạm Quang Minh")
    assert item.dossier.step_unit_name == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    assert [letter.form for letter in item.dossier.letters] == ["receipt"]

    others = office.engine.worklist.page(thao, view="unit", at=on(3, 2, 11))
    assert (codes(others), others.counts["mine"], others.counts["unassigned"]) == ([code], 0, 0)


def test_a_step_that_nobody_else_can_take_is_the_leaders_without_taking_it(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.do(code, at=on(3, 2, 11))
    page = office.engine.worklist.page(office.actor("thanh"), at=on(3, 2, 13))
    assert [item.step_id for item in page.items] == ["review_dossier"]


def test_done_steps_are_listed_with_the_latest_first(office: ReadOffice) -> None:
    first, second = office.receive(at=on(3, 2)), office.receive(at=on(3, 2))
    office.do(first, at=on(3, 2, 10))
    office.do(second, at=on(3, 2, 10))
    office.do(second, at=on(3, 2, 14), by="minh")
    office.do(first, at=on(3, 2, 15), by="minh")
    page = office.engine.worklist.page(office.actor("minh"), view="done", at=on(3, 3))
    assert (codes(page), page.total, page.counts["done"]) == ([first, second], 2, 2)


def test_the_counts_are_those_of_the_pages(office: ReadOffice) -> None:
    for number in range(7):
        code = office.receive(f"Người {number}", at=on(3, 2))
        for _ in range(number % 4):
            office.do(code, at=on(3, 2, 10))
    waiting = office.receive("Chờ bổ sung", at=on(3, 2))
    office.do(waiting, at=on(3, 2, 10))
    office.do(
        waiting,
        at=on(3, 2, 11),
        answers={"appraisal": "supplement", "financial_obligation": "none", "missing_items": "Bản gốc"},
    )
    for username in ("lan", "minh", "thanh", "hoa", "giam", "admin"):
        actor = office.actor(username)
        counts = office.engine.worklist.page(actor, at=on(3, 3)).counts
        for view, count in counts.items():
            page = office.engine.worklist.page(actor, view=view, at=on(3, 3))
            assert (len(page.items), page.total) == (count, count), (username, view)


def test_a_dossier_that_waits_for_papers_is_shown_to_the_desk_and_to_those_who_asked(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.do(
        code,
        at=on(3, 2, 11),
        answers={"appraisal": "supplement", "financial_obligation": "none", "missing_items": "Bản gốc"},
    )
    for username in ("lan", "minh", "thanh"):
        page = office.engine.worklist.page(office.actor(username), view="supplement", at=on(3, 3))
        assert codes(page) == [code], username
        line = page.items[0].dossier
        assert (line.urgency, line.remaining_minutes, line.due_at) == (Urgency.PAUSED, None, None)
    assert not office.engine.worklist.page(office.actor("hoa"), view="supplement", at=on(3, 3)).items


def test_payments_and_results_have_their_own_lists(office: ReadOffice) -> None:
    owing, ready = office.receive("Có nghĩa vụ", at=on(3, 2)), office.receive("Đã xong", at=on(3, 2))
    office.do(owing, at=on(3, 2, 10))
    office.do(owing, at=on(3, 2, 11), answers={"appraisal": "qualified", "financial_obligation": "owed"})
    office.do(owing, at=on(3, 2, 13))
    office.resolve(ready, at=on(3, 2, 14))
    lan = office.actor("lan")
    assert codes(office.engine.worklist.page(lan, view="payment", at=on(3, 3))) == [owing]
    results = office.engine.worklist.page(lan, view="results", at=on(3, 3))
    assert codes(results) == [ready]
    # done in time, and fetched late: the office is not late
    later = office.engine.worklist.page(lan, view="results", at=on(4, 20)).items[0].dossier
    assert (later.urgency, later.remaining_minutes) == (Urgency.IN_TIME, None)


def test_the_most_urgent_come_first_and_those_without_a_date_last(office: ReadOffice) -> None:
    paused = office.receive("Tạm dừng", at=on(3, 2))
    late = office.receive("Quá hạn", at=on(3, 2, 10))
    soon = office.receive("Sắp đến hạn", at=on(3, 5))
    in_time = office.receive("Trong hạn", at=on(3, 9))
    office.do(paused, at=on(3, 2, 10))
    office.do(
        paused,
        at=on(3, 2, 11),
        answers={"appraisal": "supplement", "financial_obligation": "none", "missing_items": "Đơn"},
    )
    at = on(3, 9, 15)
    page = office.engine.worklist.page(office.actor("lan"), view="unit", at=at)
    assert codes(page) == [late, soon, in_time, paused]
    urgencies = [item.dossier.urgency for item in page.items]
    assert urgencies == [Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.IN_TIME, Urgency.PAUSED]
    minutes = [item.dossier.remaining_minutes for item in page.items]
    # 05/03 17:00 to 09/03 15:00 holds Friday and six hours of Monday; 10/03 17:00 is ten office hours away
    assert minutes == [-(480 + 360), 120 + 480, 120 + 3 * 480, None]


def test_pages_follow_each_other_without_gap_or_repeat(office: ReadOffice) -> None:
    expected = [office.receive(f"Người {number}", at=on(3, 2) + timedelta(minutes=number)) for number in range(7)]
    lan = office.actor("lan")
    seen: list[str] = []
    for number in (1, 2, 3, 4):
        page = office.engine.worklist.page(lan, view="unit", page=number, page_size=3, at=on(3, 3))
        assert (page.total, page.page, page.page_size) == (7, number, 3)
        seen += codes(page)
    assert seen == expected
    assert len(office.engine.worklist.page(lan, view="unit", page=0, page_size=0, at=on(3, 3)).items) == 1


SEARCHES: tuple[tuple[str, set[str]], ...] = (
    ("dao", {"Nguyễn Thị Đào"}),
    ("ĐÀO", {"Nguyễn Thị Đào"}),
    ("thi nguyen", {"Nguyễn Thị Đào", "Nguyễn Thị 100%", "Nguyễn Thị A_B"}),
    ("ngu th", {"Nguyễn Thị Đào", "Nguyễn Thị 100%", "Nguyễn Thị A_B"}),
    ("100%", {"Nguyễn Thị 100%"}),
    ("%", set()),
    ("a_b", {"Nguyễn Thị A_B"}),
    ("_", set()),
    ("\\", set()),
    ("", set()),
    ("0912", {"Trần Văn Ổi"}),
    ("0912 000 111", {"Trần Văn Ổi"}),
    ("+84912000111", {"Trần Văn Ổi"}),
    ("079088", {"Nguyễn Thị Đào", "Nguyễn Thị 100%", "Nguyễn Thị A_B"}),
    ("h99-260302-0002", {"Trần Văn Ổi"}),
    ("000.00.00.H99-260302-0002", {"Trần Văn Ổi"}),
    ("260302-0002 oi", {"Trần Văn Ổi"}),
    ("không có ai", set()),
    ("' OR 1=1 --", set()),
)


def test_search_knows_names_without_accents_codes_and_numbers(office: ReadOffice) -> None:
    office.receive("Nguyễn Thị Đào")
    office.receive("Trần Văn Ổi", phone="0912 000.111", identity="001099000001")
    office.receive("Nguyễn Thị 100%")
    office.receive("Nguyễn Thị A_B")
    for asked, names in SEARCHES:
        found = office.engine.worklist.search(office.actor("lan"), asked, at=on(3, 3))
        assert {line.applicant_name for line in found.lines} == names, asked
        assert found.total == len(names), asked


def test_a_search_finds_finished_dossiers_behind_open_ones_and_stays_within_the_units(office: ReadOffice) -> None:
    done, still_open = office.receive("Nguyễn Thị Đào"), office.receive("Nguyễn Thị Đào")
    office.deliver(done, at=on(3, 3))
    lan, minh, hoa = office.actor("lan"), office.actor("minh"), office.actor("hoa")
    for actor in (lan, minh):
        found = office.engine.worklist.search(actor, "dao", at=on(3, 9))
        assert [line.code for line in found.lines] == [still_open, done]
    for stranger in (hoa, office.actor("giam"), office.actor("admin")):
        assert office.engine.worklist.search(stranger, "dao", at=on(3, 9)).total == 0


def test_words_that_thousands_have_search_the_open_dossiers_only(
    office: ReadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, still_open = office.receive("Nguyễn Thị Đào"), office.receive("Nguyễn Thị Đào")
    office.deliver(done, at=on(3, 3))
    lan = office.actor("lan")
    assert not office.engine.worklist.search(lan, "dao", at=on(3, 9)).only_open
    with office.engine.uow.write() as tx:
        rows = [{"word": f"daox{number}", "dossier_id": 1} for number in range(search.COMMON)]
        tx.connection.execute(insert(table_of(DossierWord)), rows)
    found = office.engine.worklist.search(lan, "dao", at=on(3, 9))
    assert ([line.code for line in found.lines], found.only_open, found.only_newest) == ([still_open], True, 0)

    # of many open ones the newest are met, and it is said how many
    newest = office.receive("Đào Thị Nguyên", at=on(3, 4))
    for most, codes_met, said in ((2, [newest, still_open], 0), (1, [newest], 1)):
        monkeypatch.setattr(search, "MOST_OPEN", most)
        found = office.engine.worklist.search(lan, "dao", at=on(3, 9))
        assert ([line.code for line in found.lines], found.only_newest) == (codes_met, said)
    assert not office.engine.worklist.search(office.actor("hoa"), "dao", at=on(3, 9)).lines


def test_supervisors_and_administrators_have_no_work(office: ReadOffice) -> None:
    office.receive()
    for username in ("giam", "admin"):
        page = office.engine.worklist.page(office.actor(username), view="unit", at=on(3, 3))
        assert (page.items, set(page.counts.values())) == ((), {0})


def test_an_unknown_view_is_not_found(office: ReadOffice) -> None:
    with pytest.raises(NotFound):
        office.engine.worklist.page(office.actor("lan"), view="everything", at=on(3, 3))


def test_a_longer_page_costs_no_more_statements(office: ReadOffice) -> None:
    def cost() -> int:
        with office.counting() as statements:
            office.engine.worklist.page(lan, listing=listing, at=on(3, 3))
        return len(statements)

    lan = office.actor("lan")
    listing = Listing("unit", WorkFilter(procedure="1.012783", band="in_time", received_from=on(3, 2).date()))
    office.receive("Người 0")
    few = cost()
    for number in range(1, 25):
        office.receive(f"Người {number}")
    # who else holds the role, four counts, the count of the filter, the ids, the rows, their letters
    assert cost() == few == 9


def test_a_narrowed_list_knows_how_long_it_is_on_every_page_and_behind_the_last(office: ReadOffice) -> None:
    for number in range(5):
        office.receive(f"Người {number}", at=on(3, 2) + timedelta(minutes=number))
    lan, listing = office.actor("lan"), Listing("unit", WorkFilter(procedure="1.012783", holder="none"))
    pages = [
        office.engine.worklist.page(lan, page=number, page_size=2, listing=listing, at=on(3, 3))
        for number in range(1, 5)
    ]
    assert [(len(page.items), page.total) for page in pages] == [(2, 5), (2, 5), (1, 5), (0, 5)]
    nothing = Listing("unit", WorkFilter(procedure="không có"))
    assert office.engine.worklist.page(lan, listing=nothing, at=on(3, 3)).total == 0


def test_what_a_person_has_done_is_counted_to_a_thousand_beside_other_lists_and_whole_in_its_own(
    office: ReadOffice,
) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    tasks = table_of(Task)
    kept = [column for column in tasks.c if column.name not in {"id", "task_key"}]
    lan = office.actor("lan")
    before = office.engine.worklist.page(lan, view="done", at=on(3, 3)).total
    with office.engine.uow.write() as tx:
        done = tx.connection.execute(select(*kept).where(tasks.c.closed_by == "lan")).mappings().first()
        assert done
        more = [dict(done) | {"task_key": f"again-{number}"} for number in range(MOST_DONE + 4)]
        tx.connection.execute(insert(tasks), more)
    assert office.engine.worklist.page(lan, view="unit", at=on(3, 3)).counts["done"] == MOST_DONE + 1
    assert office.engine.worklist.page(lan, view="done", at=on(3, 3)).total == before + MOST_DONE + 4


def test_notices_are_for_the_role_and_the_unit_and_are_put_away_once(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.engine.overdue.sweep(on(3, 5, 8, 1))
    minh, lan = office.actor("minh"), office.actor("lan")
    notices = office.engine.worklist.notices(minh, at=on(3, 5, 9))
    assert [(notice.dossier_code, notice.text) for notice in notices] == [(code, "Hồ sơ sắp đến hạn trả kết quả.")]
    assert office.engine.worklist.notices(lan, at=on(3, 5, 9)) == ()

    with pytest.raises(NotFound):
        office.engine.worklist.read_notice(lan, notices[0].id, at=on(3, 5, 9))
    office.engine.worklist.read_notice(minh, notices[0].id, at=on(3, 5, 9))
    assert office.engine.worklist.notices(office.actor("thao"), at=on(3, 5, 9)) == ()


def test_the_desk_of_a_commune_has_its_own_work(office: ReadOffice) -> None:
    code = office.receive(by="hoa")
    page = office.engine.worklist.page(office.actor("hoa"), at=on(3, 3))
    assert codes(page) == [code]
    assert page.items[0].dossier.unit_name == office.engine.office.units.by_code(COMMUNE_DESK).name
    assert not office.engine.worklist.page(office.actor("lan"), view="unit", at=on(3, 3)).items
