"""Acts on many steps: a result for each row, nothing twice, nothing of another unit; kept filters and choices."""

from __future__ import annotations

from threading import Thread

import pytest

from engine.domain.bulk import BulkPreview, ChosenRow, NothingChosen, RowResult, RowState, TooManyRows
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.worklists import Listing, WorkFilter, read_listing
from tests.builders import SPLIT, Office

CHECKED = {"appraisal": "qualified", "financial_obligation": "none"}


def at_registry(office: Office, many: int) -> list[str]:
    codes = [office.receive() for _ in range(many)]
    for code in codes:
        office.do(code)
    return codes


def task_ids(office: Office, codes: list[str]) -> list[int]:
    return [office.open_tasks(code)[0].id for code in codes]


def rows_of(preview: BulkPreview) -> list[ChosenRow]:
    return [ChosenRow(item.task_id, item.version) for item in preview.items]


def states(results: tuple[RowResult, ...]) -> dict[str, RowState]:
    return {result.code: result.state for result in results}


def test_many_steps_are_done_and_each_row_says_what_became_of_it(office: Office) -> None:
    first, taken, moved, last = at_registry(office, 4)
    minh, thao, bulk = office.person("minh"), office.person("thao"), office.engine.bulk
    preview = bulk.preview(minh, task_ids(office, [first, taken, moved, last]), at=office.now)
    assert {item.dossier.code for item in preview.items} == {first, taken, moved, last}
    assert {field.id for field in preview.fields} >= {"appraisal", "financial_obligation"}
    # what happens between the look and the act
    office.engine.processing.claim(thao, taken, task_ids(office, [taken])[0], at=office.now)
    office.do(moved, by="thao")

    results = bulk.advance(minh, "một khóa", rows_of(preview), CHECKED, "Cùng một đợt", at=office.now)
    assert states(results) == {
        first: RowState.DONE,
        last: RowState.DONE,
        taken: RowState.CHANGED,
        moved: RowState.CHANGED,
    }
    assert all(result.said for result in results)
    done = office.events(first, "step_completed")
    assert done[-1]["remark"] == "Cùng một đợt"

    # sent twice, by mistake or by a slow line: the same answer, and nothing is done again
    again = bulk.advance(minh, "một khóa", rows_of(preview), CHECKED, "Cùng một đợt", at=office.now)
    assert states(again) == states(results)
    assert office.events(first, "step_completed") == done
    with pytest.raises(Refused):
        bulk.advance(thao, "một khóa", rows_of(preview), CHECKED, "", at=office.now)


def test_the_same_order_sent_twice_at_one_moment_does_each_row_once(office: Office) -> None:
    codes = at_registry(office, 3)
    minh, bulk = office.person("minh"), office.engine.bulk
    rows = rows_of(bulk.preview(minh, task_ids(office, codes), at=office.now))
    before = [len(office.events(code, "step_completed")) for code in codes]
    answers: list[tuple[RowResult, ...]] = []
    senders = [
        Thread(target=lambda: answers.append(bulk.advance(minh, "khóa", rows, CHECKED, "", at=office.now)))
        for _ in range(2)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [set(states(each).values()) for each in answers] == [{RowState.DONE}] * 2
    after = [len(office.events(code, "step_completed")) for code in codes]
    assert after == [number + 1 for number in before]


def test_what_cannot_go_together_is_left_out_before_anything_is_done(office: Office) -> None:
    here, ahead, fresh = at_registry(office, 1)[0], at_registry(office, 1)[0], office.receive(SPLIT)
    office.do(ahead)
    minh, bulk = office.person("minh"), office.engine.bulk
    ids = task_ids(office, [here, fresh, ahead])
    preview = bulk.preview(minh, ids, at=office.now)
    # the step at the desk and the leader's are none of an officer's business: they do not show
    assert ([item.dossier.code for item in preview.items], preview.left_out) == ([here], ())
    with pytest.raises(NothingChosen):
        bulk.preview(office.person("hoa"), ids, at=office.now)
    with pytest.raises(NothingChosen):
        bulk.advance(office.person("hoa"), "x", [ChosenRow(each, 1) for each in ids], CHECKED, "", at=office.now)
    with pytest.raises(TooManyRows):
        bulk.preview(minh, list(range(1, 102)), at=office.now)
    # a row without its decision is refused with the reason, and stays as it is
    refused = bulk.advance(minh, "y", rows_of(preview), {}, "", at=office.now)
    assert [row.state for row in refused] == [RowState.REFUSED]
    assert "chưa được nhập" in refused[0].said
    assert office.open_tasks(here)[0].step_id == "appraise_dossier"


def test_a_step_whose_form_asks_each_dossier_for_its_own_words_is_done_one_by_one(office: Office) -> None:
    owing = office.receive()
    office.do(owing)
    office.do(owing, financial_obligation="owed")
    office.do(owing)
    task = office.open_tasks(owing)[0]
    preview = office.engine.bulk.preview(office.whose_turn(task), [task.id], at=office.now)
    assert preview.items == ()
    assert "điền riêng" in preview.left_out[0][1]


def test_several_are_claimed_at_once(office: Office) -> None:
    codes = at_registry(office, 3)
    ids, bulk = task_ids(office, codes), office.engine.bulk
    bulk.claim(office.person("thao"), "a", ids[:1], at=office.now)
    found = bulk.claim(office.person("minh"), "b", ids, at=office.now)
    assert [row.state for row in found] == [RowState.REFUSED, RowState.DONE, RowState.DONE]
    mine = office.engine.worklist.page(office.person("minh"), view="mine", at=office.now)
    assert [item.dossier.code for item in mine.items] == codes[1:]


def test_a_filter_is_kept_shared_within_the_unit_and_counted_by_what_each_may_see(office: Office) -> None:
    at_registry(office, 2)
    minh, thao, hoa = (office.person(name) for name in ("minh", "thao", "hoa"))
    keep, listing = office.engine.work_filters, Listing("unit", WorkFilter(band="in_time", holder="none"))
    unit = office.engine.units.get(next(iter(minh.unit_ids))).code
    keep.keep(minh, " Đợt   này ", listing, unit, at=office.now)
    keep.keep(minh, "Của tôi", Listing("mine"), at=office.now)
    (shared,) = keep.saved(thao, at=office.now)
    assert (shared.name, shared.listing, shared.is_own, shared.count) == ("Đợt này", listing, False, 2)
    assert [each.name for each in keep.saved(minh, at=office.now)] == ["Của tôi", "Đợt này"]
    assert keep.saved(hoa, at=office.now) == ()
    # the address of a shared list shows a stranger nothing
    assert office.engine.worklist.page(hoa, listing=read_listing(listing.query()), at=office.now).total == 0
    with pytest.raises(NotFound):
        keep.drop(thao, shared.id)
    with pytest.raises(Refused):
        keep.keep(hoa, "Của người khác", listing, unit, at=office.now)
    with pytest.raises(BadInput):
        keep.keep(minh, " ", listing, at=office.now)
    keep.drop(minh, shared.id)
    assert keep.saved(thao, at=office.now) == ()


def test_the_next_dossier_is_the_one_behind_in_the_same_list(office: Office) -> None:
    codes = at_registry(office, 4)
    minh, listing = office.person("minh"), Listing("unit", sort="received")
    tasks = task_ids(office, codes)
    office.engine.processing.claim(office.person("thao"), codes[2], tasks[2], at=office.now)
    office.do(codes[1], by="minh")

    def following(task_id: int, asked: Listing = listing) -> str:
        return office.engine.worklist.next_code(minh, asked, task_id, at=office.now)

    assert following(tasks[1]) == codes[3]  # the third one is a colleague's
    assert following(tasks[3]) == codes[0]  # behind the last one the list begins again
    assert following(tasks[1], Listing("unit", sort="received", is_reversed=True)) == codes[0]
    assert following(tasks[1], Listing("unit", WorkFilter(procedure="khác"))) == ""
    assert following(tasks[1], Listing("done")) == ""


def test_filters_cut_a_list_as_they_say(office: Office) -> None:
    plain, other = at_registry(office, 2)
    split = office.receive(SPLIT)
    office.do(split)
    office.engine.processing.claim(office.person("minh"), other, task_ids(office, [other])[0], at=office.now)
    minh, today = office.person("minh"), office.now.date()
    everything = {plain, other, split}
    cases: tuple[tuple[WorkFilter, set[str]], ...] = (
        (WorkFilter(procedure=SPLIT), {split}),
        (WorkFilter(step="appraise_dossier"), {plain, other}),
        (WorkFilter(holder="me"), {other}),
        (WorkFilter(holder="none"), {plain, split}),
        (WorkFilter(holder=str(minh.id)), {other}),
        (WorkFilter(unit="BS-CNAP"), everything),
        (WorkFilter(unit="AP"), set()),
        (WorkFilter(channel="online"), set()),
        (WorkFilter(applicant="person", received_from=today, received_to=today), everything),
        (WorkFilter(applicant="organisation"), set()),
        (WorkFilter(due_to=today), set()),
        (WorkFilter(band="overdue"), set()),
        (WorkFilter(draft=True), set()),
        (WorkFilter(returned=True), set()),
    )
    for asked, codes in cases:
        page = office.engine.worklist.page(minh, listing=Listing("unit", asked), at=office.now)
        assert ({item.dossier.code for item in page.items}, page.total) == (codes, len(codes)), asked
        assert read_listing(Listing("unit", asked).query()) == Listing("unit", asked)
    facets = office.engine.work_filters.facets(minh, "unit", at=office.now)
    assert {(value, many) for value, _word, many in facets.procedures} == {("1.012783", 2), (SPLIT, 1)}
    assert read_listing({"view": "x", "sort": "name", "holder": "Lan", "band": "?", "due_to": "hôm nay"}) == Listing()
