"""Into the register: a letter takes its number, its data is frozen, its document promised; or it waits for a leader.

Number, letter and promise are written in the transaction that makes the letter necessary, so a series has neither gap
nor double. What is cancelled keeps its number; the letter that takes its place names it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput
from engine.domain.letter_life import LetterState, check_may_cancel
from engine.domain.people import Role
from engine.effects.letter_templates import template_for, written_number
from letters import LetterNotRenderable, check, from_json, title_of, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.people import Unit
    from engine.effects.journey import Journey
    from engine.persistence.records import LetterRecord
    from engine.persistence.repositories.drafts import DraftRecord
    from letters import Letter

NO_NUMBER = "……"
DRAFTED = "letter_drafted"


class LetterRefused(BadInput):
    """Chưa lập được văn bản: {detail}. Hãy sửa rồi gửi lại; nội dung đã nhập vẫn được giữ."""

    code = "letter_refused"


def check_printable(letter: Letter) -> None:
    """Tell whoever typed it what no letter can print, while the text is still in the form."""
    try:
        check(letter)
    except LetterNotRenderable as error:
        raise LetterRefused(detail="; ".join(error.problems)) from error


def verification_url(journey: Journey, form: str, token: str) -> str:
    """What the QR of a letter holds: the page of the letter; for form 01 the look-up page of the dossier."""
    path = f"/tra-cuu/{journey.dossier.receipt_token}" if form == "receipt" else f"/xac-minh/{token}"
    return journey.office.settings.web.address(path)


def enter(
    journey: Journey,
    unit: Unit,
    form: str,
    write: Callable[[str, str], Letter],
    *,
    event_key: str,
    missed_due_at: datetime | None = None,
    new_due_at: datetime | None = None,
    replaces_id: int | None = None,
) -> LetterRecord:
    """Enter a letter in the register of `unit`; `write` makes its data of the number as written and its token."""
    office, tx, held = journey.office, journey.tx, template_for(journey, unit)
    year = office.local_day(journey.at).year
    number = tx.dossiers.next_number(series(unit, form, year), first=held.first_number(form, year))
    number_text = written_number(office, unit, held, form, number=number, year=year)
    token = secrets.token_urlsafe(16)
    letter = write(number_text, token)
    record = tx.letters.add(
        dossier_id=journey.dossier.id,
        unit_id=unit.id,
        form=form,
        regime=letter.regime,
        title=title_of(letter),
        event_key=event_key,
        year=year,
        number=number,
        number_text=number_text,
        token=token,
        data=to_json(letter),
        issued_at=journey.at,
        issued_by=journey.by.username,
        missed_due_at=missed_due_at,
        new_due_at=new_due_at,
        replaces_id=replaces_id,
        template_id=held.template_id,
    )
    tx.outbox.promise("render", record.id, journey.recorded_at)
    journey.latest_letter = f"{record.title} số {number_text}"
    journey.note("letter_issued", form=form, number=number_text, letter_id=record.id)
    return record


def series(unit: Unit, form: str, year: int) -> str:
    """The name of the series in which a unit numbers letters of a form in a year."""
    return f"letter:{unit.code}:{form}:{year}"


# --- approval ---


def lay_letter(journey: Journey, unit: Unit, letter: Letter, *, event_key: str) -> None:
    """Lay a letter on the table of the leader of `unit`: written, without a number."""
    journey.tx.drafts.add(
        dossier_id=journey.dossier.id,
        unit_id=unit.id,
        form=letter.form,
        event_key=event_key,
        reason="",
        reason_id="",
        data=to_json(letter),
        created_at=journey.at,
        created_by=journey.by.username,
    )
    journey.note(DRAFTED, form=letter.form, title=title_of(letter))
    tell(journey, unit.id, Role.LEADER, DRAFTED)


def tell(journey: Journey, unit_id: int, role: Role, message: str) -> None:
    """Leave a word for the people of a unit who hold a role."""
    journey.tx.history.notify(journey.dossier.id, unit_id=unit_id, role=role.value, message=message, at=journey.at)


def approve(journey: Journey, draft: DraftRecord) -> LetterRecord:
    """Issue a letter as it was laid on the table, with number and date of now."""
    assert draft.data is not None, "an apology is issued by engine.effects.apologies"
    data = draft.data

    def write(number_text: str, token: str) -> Letter:
        url = verification_url(journey, draft.form, token)
        written = from_json(draft.form, data)
        written = in_place(written, journey)
        return replace(written, number=number_text, issued_at=journey.at, verification_url=url)

    unit = journey.office.units.get(draft.unit_id)
    letter = enter(journey, unit, draft.form, write, event_key=draft.event_key)
    decide(journey, draft, LetterState.ISSUED, letter_id=letter.id)
    return letter


def in_place(letter: Letter, journey: Journey) -> Letter:
    """A letter as whoever stands in for its leader signs it: under their own name and the title that they were lent."""
    absent = journey.by.acting_for
    if absent is None:
        return letter
    title = absent.title or letter.signer.title
    signer = replace(letter.signer, authority=absent.authority, title=title, name=journey.by.full_name)
    return replace(letter, signer=signer)


def decide(journey: Journey, draft: DraftRecord, state: LetterState, **facts: Any) -> None:
    """Write down what became of a draft."""
    journey.tx.drafts.change(
        draft.id, state=state.value, decided_at=journey.at, decided_by=journey.by.username, **facts
    )
    others = (other for other in journey.tx.drafts.of(journey.dossier.id) if other.data is not None)
    if not any(other.state == LetterState.WAITING for other in others):
        journey.tx.history.withdraw_notices(journey.dossier.id, DRAFTED, at=journey.at, by=journey.by.username)


# --- cancelling ---


def cancel(journey: Journey, letter: LetterRecord, reason: str) -> None:
    """Take a letter back that nobody outside has seen; its number stays in the register.

    Raises `WrongMoment` once it has gone out, or is going out now.
    """
    check_may_cancel(LetterState(letter.state), letter.number_text, was_sent=letter.sent_at is not None)
    if not journey.tx.letters.cancel(letter.id, at=journey.at, reason=reason, by=journey.by.username):
        check_may_cancel(LetterState.SENT, letter.number_text, was_sent=True)
    journey.note("letter_withdrawn", form=letter.form, number=letter.number_text, remark=reason)


def replace_letter(journey: Journey, letter: LetterRecord, changes: dict[str, str]) -> LetterRecord:
    """Issue the letter that takes the place of a cancelled one: the same words but `changes`, number and date of now.

    Raises `LetterRefused` for words that cannot be printed.
    """
    zone, applicant = journey.office.settings.zone, journey.dossier.applicant
    named = f"số {letter.number_text} ngày {letter.issued_at.astimezone(zone):%d/%m/%Y}"

    def write(number_text: str, token: str) -> Letter:
        old = from_json(letter.form, letter.data)
        party = replace(
            old.applicant,
            name=applicant.full_name,
            identifier=applicant.identity_number,
            address=applicant.address,
            phone=applicant.phone,
            email=applicant.email,
        )
        facts: dict[str, Any] = {
            "number": number_text,
            "issued_at": journey.at,
            "applicant": party,
            "verification_url": verification_url(journey, letter.form, token),
            "replaces": named,
            **changes,
        }
        written = replace(old, **facts)
        check_printable(written)
        return written

    return enter(
        journey,
        journey.office.units.get(letter.unit_id),
        letter.form,
        write,
        event_key=f"{letter.event_key.partition('~')[0]}~{letter.id}",
        missed_due_at=letter.missed_due_at,
        new_due_at=letter.new_due_at,
        replaces_id=letter.id,
    )
