"""Several people and schedulers at the same moment: the first one wins, the others hear of it, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest

from engine.bootstrap import Engine
from engine.domain.errors import Conflict, MotCuaError, NotAllowedNow, Refused
from engine.domain.letter_life import WrongMoment
from engine.domain.letter_templates import LetterTemplate
from engine.persistence.unit_of_work import DatabaseAway
from engine.services.apologies import Words
from letters import Letter
from tests.builders import (
    LICENCE,
    REGISTRY,
    REISSUE,
    SPLIT,
    Office,
    PretendedDocument,
    a_dossier,
    an_office,
    overdue_dossiers,
    pretend_to_render,
)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; answers what each returned, or the error of the house that it raised."""
    ready = threading.Barrier(len(acts))
    answers: list[object] = [None] * len(acts)

    def do(place: int, act: Callable[[], object]) -> None:
        ready.wait()
        try:
            answers[place] = act()
        except MotCuaError as error:
            answers[place] = error

    threads = [threading.Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def another_process(office: Office) -> Iterator[Callable[[], Engine]]:
    """Call it for one more engine over the same database, with its own connections, as another process would have."""
    with ExitStack() as stack:
        url = office.engine.settings.database_url

        def start() -> Engine:
            return stack.enter_context(an_office(url)).engine

        yield start


# --- people -----------------------------------------------------------------------------------------------------------


def test_of_two_officers_on_one_dossier_the_second_gets_a_conflict_and_the_first_loses_nothing(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    version = office.dossier(code).version
    minh, thao = office.person("minh"), office.person("thao")
    answers = {"appraisal": "qualified", "financial_obligation": "none"}
    complete = office.engine.processing.complete
    complete(minh, code, task.id, version, answers | {"opinion": "Đủ điều kiện"}, at=office.now)
    before = office.dossier(code), office.events(code)
    with pytest.raises(Conflict):
        complete(thao, code, task.id, version, answers | {"appraisal": "reject"}, at=office.now)
    assert (office.dossier(code), office.events(code)) == before
    done = office.events(code, "step_completed")[-1]
    assert (done["by"], done["answers"]) == ("minh", answers | {"opinion": "Đủ điều kiện"})


def test_a_page_that_was_open_too_long_is_a_conflict(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    seen = office.dossier(code).version
    office.engine.processing.claim(office.person("minh"), code, task.id, at=office.now)
    with pytest.raises(Conflict):
        office.engine.processing.complete(office.person("minh"), code, task.id, seen, {}, at=office.now)
    assert [open_task.id for open_task in office.open_tasks(code)] == [task.id]


@pytest.mark.parametrize("round_", range(4))
def test_two_officers_who_click_at_the_same_moment_do_the_step_once(office: Office, round_):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    people = [office.person("minh"), office.person("thao")]
    version, now = office.dossier(code).version, office.now
    answers = {"appraisal": "qualified", "financial_obligation": "none"}
    complete = office.engine.processing.complete
    answered = at_once(*(lambda who=who: complete(who, code, task.id, version, answers, at=now) for who in people))
    assert Counter(type(answer).__name__ for answer in answered) == {"Completed": 1, "Conflict": 1}
    assert [open_task.step_id for open_task in office.open_tasks(code)] == ["review_dossier"]
    assert [event["step_id"] for event in office.events(code, "step_completed")].count("appraise_dossier") == 1


def test_a_step_is_taken_by_one_person(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    people = [office.person("minh"), office.person("thao")]
    claim, now = office.engine.processing.claim, office.now
    answers = at_once(*(lambda who=who: claim(who, code, task.id, at=now) for who in people))
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, Conflict | Refused) for answer in answers) == 1
    holder = people[answers.index(None)]
    assert office.open_tasks(code)[0].claimed_by_id == holder.id


def test_one_who_holds_no_step_cannot_give_it_back(office: Office):
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    office.engine.processing.claim(office.person("minh"), code, task.id, at=office.now)
    with pytest.raises(Conflict):
        office.engine.processing.release(office.person("thao"), code, task.id, at=office.now)
    assert office.open_tasks(code)[0].claimed_by_id == office.person("minh").id


# --- schedulers -------------------------------------------------------------------------------------------------------


def test_many_sweepers_find_each_missed_date_once(office: Office, another_process):
    codes = overdue_dossiers(office, 24, (REISSUE, SPLIT, LICENCE), days=60)
    engines, now = [another_process() for _ in range(4)], office.now
    for engine in engines:
        assert engine.office is not None  # opened before the race
    sweeps = at_once(*(lambda engine=engine: engine.overdue.sweep(now) for engine in engines))
    assert sum(swept.overdue for swept in sweeps) == 24  # type: ignore[attr-defined] # each is a Swept
    assert sum(swept.letters for swept in sweeps) == 24  # type: ignore[attr-defined]
    assert sum(swept.failed for swept in sweeps) == 0  # type: ignore[attr-defined]
    for code in codes:
        assert len(office.letters(code, "apology")) == 1
        assert office.dossier(code).overdue_count == 1
    assert office.count("overdue_facts") == 24
    assert office.count("notices", "message = 'overdue'") == 24


def test_a_dossier_that_is_worked_on_while_the_sweep_comes_is_told_once(office: Office, another_process):
    """Whoever comes first issues the letter; the other one finds it there."""
    codes = [a_dossier(office) for _ in range(8)]
    office.clock.move_to(office.now.replace(day=12))
    engine, now = another_process(), office.now
    assert engine.office is not None
    tasks = {code: office.open_tasks(code)[0].id for code in codes}
    minh = office.person("minh")
    answers = {"appraisal": "qualified", "financial_obligation": "none"}

    def work() -> None:
        for code in reversed(codes):
            office.engine.processing.complete(minh, code, tasks[code], None, answers, at=now)

    at_once(work, lambda: engine.overdue.sweep(now))
    for code in codes:
        assert [letter.form for letter in office.letters(code)] == ["receipt", "apology"]
        assert [task.step_id for task in office.open_tasks(code)] == ["review_dossier"]
    assert office.count("overdue_facts", "kind = 'overdue'") == 8


def test_a_dossier_somebody_holds_is_left_to_the_next_tick(office: Office, another_process):
    """PostgreSQL passes over the locked row; SQLite has one writer at a time, so there the sweep waits its turn."""
    held, free = overdue_dossiers(office, 2)
    engine, now = another_process(), office.now
    assert engine.office is not None
    if "sqlite" in office.engine.settings.database_url:
        assert engine.overdue.sweep(now).overdue == 2
        return
    with office.engine.uow.write() as tx:
        tx.dossiers.lock(held)
        assert engine.overdue.sweep(now).overdue == 1
    assert [len(office.letters(code, "apology")) for code in (held, free)] == [0, 1]
    assert engine.overdue.sweep(now).overdue == 1


def test_several_outbox_workers_render_each_letter_once(office: Office):
    for _ in range(20):
        office.receive()
    rendered: Counter[str] = Counter()
    lock = threading.Lock()

    def render(letter: Letter) -> PretendedDocument:
        with lock:
            rendered[letter.number] += 1
        return pretend_to_render(letter)

    url, now = office.engine.settings.database_url, office.now
    with ExitStack() as stack:
        engines = [stack.enter_context(an_office(url, render=render)).engine for _ in range(3)]
        worked = at_once(*(lambda engine=engine: engine.outbox.run(now) for engine in engines))
    assert sum(one.rendered for one in worked) == 20  # type: ignore[attr-defined] # each is a Worked
    assert sum(one.sent for one in worked) == 20  # type: ignore[attr-defined]
    assert set(rendered.values()) == {1}
    assert (office.count("letter_documents"), office.engine.outbox.waiting()) == (20, 0)


@pytest.mark.parametrize("round_", range(3))
def test_of_a_leader_who_signs_and_a_sweep_that_comes_one_issues_the_letter(office: Office, another_process, round_):
    """The date is missed, the draft lies on the table, and both want it at the same moment."""
    codes = [office.receive() for _ in range(4)]
    office.clock.move_to(office.now.replace(day=4, hour=8))
    assert office.sweep() == (4, 0, 0)
    assert office.count("letter_drafts", "state = 'waiting'") == 4
    office.clock.move_to(office.now.replace(day=5, hour=17, minute=1))
    engine, now, leader = another_process(), office.now, office.person("thanh")
    assert engine.office is not None
    words = Words("Số lượng hồ sơ tăng cao", now.date() + timedelta(days=7))
    answers: list[object] = []

    def sign() -> None:
        for code in reversed(codes):
            try:
                answers.append(office.engine.apologies.sign(leader, code, words, at=now))
            except NotAllowedNow as error:
                answers.append(error)

    at_once(sign, lambda: engine.overdue.sweep(now))
    engine.overdue.sweep(now)
    assert len(answers) == 4
    for code in codes:
        assert [letter.form for letter in office.letters(code)] == ["receipt", "apology"]
        assert (office.dossier(code).overdue_count, office.dossier(code).has_draft) == (1, False)
    assert office.count("letter_drafts", "state = 'issued' AND letter_id IS NOT NULL") == 4
    assert office.count("clock_entries", "kind = 'extended'") == 4
    numbers = sorted(office.rows("SELECT number FROM letters WHERE form = 'apology'"))
    assert numbers == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize("round_", range(2))
def test_of_a_leader_who_approves_and_a_clerk_who_withdraws_each_finds_what_the_other_did(
    office: Office, another_process, round_
):
    """Letters wait for the leader, whose files are taken back and swept at the same moment."""
    template = LetterTemplate(approval={"supplement_request": "leader"})
    day = office.engine.office.local_day(office.now)
    office.engine.letter_templates.publish(
        office.person("admin"), REGISTRY, template, valid_from=day, note="", at=office.now
    )
    codes = [office.receive() for _ in range(3)]
    for code in codes:
        office.do(code, "forward_dossier")
        office.do(code, "", appraisal="supplement", missing_items="Bản vẽ")
    leader, now = office.person("thanh"), office.now
    waiting = office.engine.letter_table.table(leader, at=now)
    other = another_process()
    assert other.office is not None
    answers: list[object] = []

    def approve() -> None:
        seen = {line.id: line.seen for line in reversed(waiting)}
        answers.append(office.engine.letter_table.approve_many(leader, seen, at=now))

    def withdraw() -> None:
        for code in codes:
            with suppress(Conflict, NotAllowedNow):
                with other.uow.read() as tx:
                    version = tx.dossiers.find(code).version
                other.delivery.withdraw(office.person("lan"), code, version, "Không còn nhu cầu", at=now)

    at_once(approve, withdraw, lambda: other.overdue.sweep(now))
    (decided,) = answers
    issued = office.count("letters", "form = 'supplement_request'")
    assert issued == len(decided.numbers)  # type: ignore[attr-defined] # a Decided
    assert office.count("letter_drafts", "state = 'issued' AND letter_id IS NOT NULL") == issued
    assert issued + len(decided.left) == 3  # type: ignore[attr-defined]


def test_of_a_person_who_cancels_and_a_worker_who_sends_one_has_the_letter(office: Office, another_process):
    codes = [office.receive() for _ in range(6)]
    letters = [office.letters(code, "receipt")[0] for code in codes]
    engine, now, clerk = another_process(), office.now, office.person("lan")
    refused: list[object] = []

    def cancel_one(letter_id: int) -> None:
        try:
            office.engine.letter_acts.cancel(clerk, letter_id, "Sai tên", replaces=True, at=now)
        except WrongMoment as error:
            refused.append(error)
        except DatabaseAway:  # PostgreSQL ends one of two who wait for each other: nothing was written, "hãy thử lại"
            cancel_one(letter_id)

    def cancel() -> None:
        for letter in reversed(letters):
            cancel_one(letter.id)

    at_once(cancel, lambda: engine.outbox.run(now))
    engine.outbox.run(now + timedelta(hours=1))  # with what the worker had to put off
    assert office.count("letters", "state = 'cancelled'") + len(refused) == 6
    assert office.count("letters", "state = 'cancelled' AND delivered_at IS NOT NULL") == 0
    assert office.count("letters", "state = 'delivered'") == 6, "every applicant has one receipt that counts"
    assert office.count("letters", "replaces_id IS NOT NULL") == office.count("letters", "state = 'cancelled'")
