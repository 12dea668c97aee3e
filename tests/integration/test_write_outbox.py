"""What a commit promised is kept after it: each letter rendered and put within reach once, a bad one given up."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.services.outbox import LEASE, PrinterMissing, Worked
from letters import Letter, LetterError, LetterNotRenderable, LettersCannotRun, RenderTimedOut, from_json
from tests.builders import Office, PretendedDocument, an_office, pretend_to_render

Renders = Callable[[Letter], PretendedDocument]


@pytest.fixture
def url(office: Office) -> str:
    """The database of an office with three receipts that wait to be rendered."""
    for _ in range(3):
        office.receive()
    return office.engine.settings.database_url


def failing_on(number: int, fault: Exception) -> Renders:
    def render(letter: Letter) -> PretendedDocument:
        if letter.number.startswith(f"{number:02d}/"):
            raise fault
        return pretend_to_render(letter)

    return render


def test_a_letter_is_rendered_then_sent_then_nothing_waits(office: Office, url: str):
    assert office.engine.outbox.waiting() == 3
    assert office.engine.outbox.run(office.now) == Worked(rendered=3, sent=3)
    assert office.engine.outbox.run(office.now) == Worked()
    for token, sha256, rendered_at, delivered_at in office.rows(
        "SELECT token, sha256, rendered_at, delivered_at FROM letters"
    ):
        with office.engine.uow.read() as tx:
            letter = tx.letters.by_token(str(token))
            pdf = tx.letters.document(letter.id)
        assert pdf == pretend_to_render(from_json(letter.form, letter.data)).pdf
        assert sha256 == hashlib.sha256(pdf).hexdigest()
        assert rendered_at is not None
        assert delivered_at is not None


def test_one_turn_does_some_of_it(office: Office, url: str):
    worked = office.engine.outbox.run(office.now, most=1)
    assert (worked.rendered, worked.waiting) == (3, 3)  # what waits now is the sending


def test_progress_is_told_for_every_promise(office: Office, url: str):
    told: list[int] = []
    office.engine.outbox.run(office.now, on_progress=told.append)
    assert sum(told) == 6


def test_a_worker_that_died_is_replaced_when_its_lease_has_run_out(office: Office, url: str):
    with office.engine.uow.write() as tx:
        assert len(tx.outbox.claim(office.now, office.now + LEASE, 8)) == 3
    assert office.engine.outbox.run(office.now) == Worked(waiting=3)
    assert office.engine.outbox.run(office.now + LEASE + timedelta(seconds=1)).rendered == 3


def test_a_lease_that_ran_out_in_a_long_run_is_noticed_before_the_letter_is_begun(office: Office, url: str):
    """A worker that took eight letters may be slow: what another one took over meanwhile is not rendered twice."""
    later = office.now + LEASE + timedelta(seconds=1)
    with office.engine.uow.write() as tx:
        slow = tx.outbox.claim(office.now, office.now + LEASE, 8)
    with office.engine.uow.write() as tx:
        assert tx.outbox.renew(slow[0], later + LEASE), "the one at hand is begun with a fresh lease"
    with office.engine.uow.write() as tx:
        fast = tx.outbox.claim(later, later + LEASE, 8)
    assert [entry.id for entry in fast] == [entry.id for entry in slow[1:]]
    with office.engine.uow.write() as tx:
        assert [tx.outbox.renew(entry, later + LEASE) for entry in slow[1:]] == [False, False]
        assert [tx.outbox.renew(entry, later + 2 * LEASE) for entry in fast] == [True, True]


def test_a_worker_that_died_between_document_and_note_leaves_nothing_double(office: Office, url: str):
    """The bytes come out the same, and they are kept once."""
    with office.engine.uow.read() as tx:
        letter = tx.letters.find(1)
    document = pretend_to_render(from_json(letter.form, letter.data))
    with office.engine.uow.write() as tx:
        tx.letters.keep_document(letter.id, document.pdf, sha256=document.sha256, at=office.now)
    assert office.engine.outbox.run(office.now) == Worked(rendered=3, sent=3)
    assert office.count("letter_documents") == 3


@pytest.mark.parametrize("fault", [RenderTimedOut("quá 20 giây"), LetterError("lỗi"), RuntimeError("a bug of ours")])
def test_a_letter_that_fails_is_tried_again_later_and_holds_nobody_up(office: Office, url: str, fault):
    with an_office(url, render=failing_on(2, fault)) as broken:
        worked = broken.engine.outbox.run(office.now)
        assert (worked.rendered, worked.sent, worked.failed, worked.waiting) == (2, 2, 1, 1)
        assert broken.engine.outbox.run(office.now).failed == 0, "it is not tried again at once"
    ((failure,),) = office.rows("SELECT failure FROM letters WHERE number = 2")
    assert failure == str(fault)
    later = office.now + timedelta(minutes=2)
    assert office.engine.outbox.run(later) == Worked(rendered=1, sent=1)
    assert office.rows("SELECT failure FROM letters WHERE number = 2") == [(None,)]


def test_a_letter_that_can_never_be_rendered_is_given_up_at_once_and_stays_in_sight(office: Office, url: str):
    hopeless = LetterNotRenderable(["applicant.name: để trống"])
    with an_office(url, render=failing_on(2, hopeless)) as broken:
        assert broken.engine.outbox.run(office.now).failed == 1
        assert broken.engine.outbox.run(office.now + timedelta(days=1)) == Worked()
    with office.engine.uow.read() as tx:
        assert tx.outbox.count_given_up() == 1


def test_a_letter_is_given_up_after_the_tries_that_the_office_allows(office: Office, url: str):
    tries = office.engine.settings.letters.give_up_after_attempts
    at = office.now
    with an_office(url, render=failing_on(2, LetterError("lỗi"))) as broken:
        for attempt in range(tries):
            assert broken.engine.outbox.run(at).failed == 1, f"try {attempt + 1}"
            at += timedelta(hours=3)
        assert broken.engine.outbox.run(at) == Worked()
    with office.engine.uow.read() as tx:
        assert tx.outbox.count_given_up() == 1


def test_where_no_letter_can_be_rendered_at_all_none_is_blamed(office: Office, url: str):
    """A library is missing on this machine: that is said, and the letters wait for a machine that has it."""
    with an_office(url, render=failing_on(1, LettersCannotRun("thiếu thư viện Pango"))) as broken:
        at = office.now
        for _ in range(12):
            with pytest.raises(PrinterMissing, match="thiếu thư viện Pango"):
                broken.engine.outbox.run(at)
            at += timedelta(hours=3)
    assert office.engine.outbox.waiting() == 3
    assert office.engine.outbox.run(at) == Worked(rendered=3, sent=3)


def test_the_pause_between_tries_grows(office: Office, url: str):
    at, pauses = office.now, []
    with an_office(url, render=failing_on(2, LetterError("lỗi"))) as broken:
        for _ in range(5):
            broken.engine.outbox.run(at)
            query = "SELECT next_at FROM outbox WHERE done_at IS NULL"
            with broken.engine.uow.read() as tx:
                assert tx.outbox.claim(at, at, 8) == [], "nothing is due before its time"
            ((next_at,),) = office.rows(query)
            pauses.append(str(next_at))
            at += timedelta(hours=3)
    assert pauses == sorted(set(pauses))


def test_nothing_of_a_person_is_written_to_the_log(office: Office, url: str, caplog: pytest.LogCaptureFixture):
    (name,) = office.rows("SELECT applicant_name FROM dossiers WHERE id = 2")[0]
    fault = LetterError(f"không in được “{name}”")
    with caplog.at_level(logging.DEBUG), an_office(url, render=failing_on(2, fault)) as broken:
        broken.engine.outbox.run(office.now)
    assert "a letter failed" in caplog.text
    assert str(name) not in caplog.text
