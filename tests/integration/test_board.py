from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from engine.domain.board import AGES, KINDS, PIVOTS, Choice
from engine.domain.errors import NotFound, Refused
from engine.domain.people import Actor, Role
from engine.domain.views import DossierLine, Urgency
from tests.support.read_office import COMMUNE_DESK, REGISTRY, SPLIT_PARCEL, ReadOffice, on, prepare, read_office

NOW = on(3, 20, 9)


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def a_random_office(office: ReadOffice, seed: int) -> None:
    """Dossiers of two procedures at two desks, each brought some steps on its way, some taken, some late."""
    random = Random(seed)
    for number in range(9):
        day = random.choice((2, 4, 6, 10, 16, 18))
        by = random.choice(("lan", "hoa"))
        procedure = random.choice(("1.012783", SPLIT_PARCEL))
        code = office.receive(f"Người {number}", at=on(3, day), by=by, procedure=procedure)
        for step in range(random.randrange(4)):
            if office.office.open_tasks(code):
                office.do(code, at=on(3, day, 10 + step))
        tasks = office.office.open_tasks(code)
        if tasks and random.random() < 0.5:
            who = office.office.whose_turn(tasks[0])
            office.engine.processing.claim(who, code, tasks[0].id, at=on(3, day, 15))
        if random.random() < 0.4:
            office.engine.overdue.sweep(on(3, 18, 18))
    office.office.clock.move_to(NOW)


def behind(office: ReadOffice, choice: Choice, by: str = "giam") -> tuple[DossierLine, ...]:
    lines, total = office.engine.boards.page(office.actor(by), choice, page_size=200, at=NOW)
    assert total == len(lines)
    return lines


@pytest.mark.parametrize("seed", [1, 7])
def test_every_number_of_the_board_is_the_length_of_the_list_behind_it(office: ReadOffice, seed: int) -> None:
    a_random_office(office, seed)
    for by in PIVOTS:
        board = office.engine.boards.look(office.actor("giam"), Choice(), by, at=NOW)
        for kind in KINDS:
            assert board.counts[kind] == len(behind(office, Choice(kind=kind))), kind
            for row in board.rows:
                lines = behind(office, Choice(kind=kind, **row.narrows))
                assert row.counts[kind] == len(lines), (by, kind, row.label)
        if by in {"unit", "procedure"}:
            summed = Counter[str]()
            for row in board.rows:
                summed.update(row.counts)
            assert {kind: summed[kind] for kind in KINDS} == board.counts


@pytest.mark.parametrize("seed", [3])
def test_the_figures_are_what_a_plain_count_of_the_open_files_says(office: ReadOffice, seed: int) -> None:
    a_random_office(office, seed)
    lines = behind(office, Choice())
    board = office.engine.boards.look(office.actor("giam"), Choice(), at=NOW)
    late = [line for line in lines if line.urgency is Urgency.OVERDUE]
    today = {line.code for line in lines if line.urgency is Urgency.DUE_SOON and line.remaining_minutes is not None}
    assert board.counts["open"] == office.office.count("dossiers", "ended_at IS NULL") == len(lines)
    assert board.counts["overdue"] == len(late)
    assert board.counts["due_soon"] == len(today)
    assert board.counts["paused"] == sum(line.urgency is Urgency.PAUSED for line in lines)
    assert board.counts["second_lateness"] == sum(line.is_second_lateness for line in lines)
    without = [line for line in late if not any(letter.form == "apology" for letter in line.letters)]
    assert board.counts["without_letter"] == len(without)
    assert board.counts["drafts"] == sum(line.has_draft for line in lines)
    ages = office.engine.boards.ages(office.actor("giam"), Choice(), at=NOW)
    dated = [
        line for line in lines if line.due_at is not None and line.urgency not in {Urgency.PAUSED, Urgency.NO_DATE}
    ]
    unresolved = [line for line in dated if line.status.name != "RESOLVED"]
    assert sum(ages.values()) == len(unresolved)
    for band in AGES:
        assert ages[band.id] == len(behind(office, Choice(age=band.id))), band.id


def test_the_trend_counts_what_ended_in_each_month(office: ReadOffice) -> None:
    kept, late = office.receive("Kịp", at=on(2, 2)), office.receive("Muộn", at=on(3, 2))
    office.deliver(kept, at=on(2, 3))
    office.deliver(late, at=on(3, 19))
    office.office.clock.move_to(NOW)
    months = office.engine.boards.trend(office.actor("giam"), Choice(), at=NOW)
    assert [month.month for month in months][-3:] == ["01/2026", "02/2026", "03/2026"]
    assert [(month.kept, month.late, month.late_share) for month in months][-3:] == [(0, 0, None), (1, 0, 0), (0, 1, 1)]
    nobodys = office.engine.boards.trend(office.actor("nga"), Choice(), at=NOW)
    assert {(month.kept, month.late) for month in nobodys} == {(0, 0)}, "the commune decides on none of them"


def test_a_supervisor_sees_the_units_below_and_no_others(office: ReadOffice) -> None:
    mine, other = office.receive(at=on(3, 18), by="hoa"), office.receive(at=on(3, 18))
    assert [line.code for line in behind(office, Choice(), "nga")] == [mine]
    assert {line.code for line in behind(office, Choice())} == {mine, other}
    assert [line.code for line in behind(office, Choice(scope=COMMUNE_DESK))] == [mine]
    assert behind(office, Choice(unit=COMMUNE_DESK)) == ()
    with pytest.raises(NotFound):
        office.engine.boards.look(office.actor("nga"), Choice(scope="BS-SNNMT"), at=NOW)
    for username in ("lan", "minh", "admin"):
        with pytest.raises(Refused):
            office.engine.boards.look(office.actor(username), Choice(), at=NOW)
        with pytest.raises(Refused):
            office.engine.boards.ages(office.actor(username), Choice(), at=NOW)
        with pytest.raises(Refused):
            office.engine.data_quality.look(office.actor(username), at=NOW)


def test_the_board_costs_the_same_few_statements_for_many_files(office: ReadOffice) -> None:
    # the supervisor of everything, and the leader of one unit
    people = [office.actor("giam"), office.actor("thanh")]

    def cost(actor: Actor) -> int:
        with office.counting() as statements:
            for by in PIVOTS:
                office.engine.boards.look(actor, Choice(), by, at=NOW)
            office.engine.boards.ages(actor, Choice(), at=NOW)
            office.engine.boards.trend(actor, Choice(), at=NOW)
            office.engine.boards.page(actor, Choice(kind="overdue"), at=NOW)
            office.engine.data_quality.look(actor, at=NOW)
            office.engine.correspondence.questions(actor, at=NOW)
        return len(statements)

    office.receive("Người 0")
    office.engine.overdue.sweep(NOW)
    few = [cost(actor) for actor in people]
    for number in range(1, 10):
        office.receive(f"Người {number}")
    office.engine.overdue.sweep(NOW)
    for actor, before in zip(people, few, strict=True):
        assert cost(actor) <= before + 4 <= 44


def test_what_an_address_says_wrongly_narrows_nothing(office: ReadOffice) -> None:
    given = {"kind": "everything", "age": "soonish", "officer": "1 OR 1=1", "sort": "name", "letter": "x"}
    assert Choice.read(given) == Choice()
    narrowed = Choice(kind="overdue", unit=REGISTRY, officer="0", age="late_1")
    assert Choice.read(narrowed.parameters) == narrowed


def test_data_that_needs_a_second_look_is_found(office: ReadOffice) -> None:
    code = office.receive("Bỏ quên", at=on(3, 2))
    lists = {each.id: each for each in office.engine.data_quality.look(office.actor("giam"), at=NOW)}
    assert [line.code for line in lists["unassigned"].lines] == [code]
    assert lists["without_head"].total == 0, "the land registry has its leader"
    assert (lists["letters"].total, lists["messages"].total, lists["paused"].total) == (0, 0, 0)
    uow = office.engine.uow
    with uow.write() as tx:
        tx.connection.execute(text("UPDATE outbox SET given_up_at = created_at"))
    broken = {each.id: each for each in office.engine.data_quality.look(office.actor("giam"), at=NOW)}
    assert broken["letters"].total == 1
    assert office.engine.data_quality.try_letters_again(office.actor("nga"), at=NOW) == 0
    assert office.engine.data_quality.try_letters_again(office.actor("giam"), at=NOW) == 1
    mended = {each.id: each for each in office.engine.data_quality.look(office.actor("giam"), at=NOW)}
    assert mended["letters"].total == 0


def test_a_screen_on_a_wall_shows_figures_to_whoever_holds_its_link_until_it_is_revoked(office: ReadOffice) -> None:
    office.receive(at=on(3, 18))
    walls, admin = office.engine.walls, office.actor("admin")
    assert admin.has_role(Role.ADMIN)
    token = walls.make(admin, "Sảnh", "BS", at=NOW)
    shown = walls.show(token, at=NOW)
    board = office.engine.boards.look(office.actor("giam"), Choice(), at=NOW)
    assert shown.counts == board.counts
    assert [(name, counts) for name, counts in shown.units] == [(row.label, row.counts) for row in board.rows]
    commune = walls.make(admin, "Phường", COMMUNE_DESK, at=NOW)
    assert walls.show(commune, at=NOW).counts["open"] == 0
    for username in ("giam", "thanh", "lan"):
        with pytest.raises(Refused):
            walls.make(office.actor(username), "Trộm", "BS", at=NOW)
    first = walls.screens(admin)[-1]
    assert first.seen_at == NOW
    walls.revoke(admin, first.id, at=NOW + timedelta(hours=1))
    for secret in (token, "", token + "x"):
        with pytest.raises(NotFound):
            walls.show(secret, at=NOW)
