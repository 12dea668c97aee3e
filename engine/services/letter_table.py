"""The leader's table: letters of every form that wait to be let out, decided on one by one or many together.

A draft is decided on under the lock of its dossier, so of a leader who signs, a clerk who takes the file back and a
sweep that comes at the same moment, each finds what the one before has done. What is signed is what was shown: a draft
whose words have changed since it was looked at is left on the table.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import MotCuaError, NotAllowedNow, NotFound
from engine.domain.letter_life import LetterState
from engine.domain.letter_permissions import (
    can_approve_letter,
    can_rewrite_letter,
    check_can_approve_letter,
    check_can_rewrite_letter,
    letter_table_units,
)
from engine.domain.letter_views import Decided, DraftLetter, WaitingLetter
from engine.domain.people import SCHEDULER, WORKING_ROLES, Role
from engine.domain.permissions import units_of
from engine.effects import apologies
from engine.effects.journey import Journey
from engine.effects.lateness import notice_lateness
from engine.effects.registering import DRAFTED, approve, check_printable, decide, tell
from engine.persistence.queries.drafts import waiting_letters
from letters import from_json, title_of, to_json
from letters.data import text_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import LetterRecord
    from engine.persistence.repositories.drafts import DraftRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.services.outbox import Rendered
    from letters import Letter
    from letters.text import Text

TABLE_SIZE = 100
REASON = "reason"
# What the author of a draft may write anew: the words that people typed, never what the file says.
EDITABLE = ("requirements", "reason", "findings", "answer")
_PUT_BACK = "letter_put_back"
_DATES = (("due_at", "Ngày hẹn trả"), ("new_due_at", "Hẹn lại"))


class LetterDecided(NotAllowedNow):
    """Dự thảo này không còn chờ duyệt: {what}."""

    code = "letter_decided"


class WordsChanged(NotAllowedNow):
    """Dự thảo của hồ sơ {dossier_code} đã đổi sau khi bạn xem; hãy xem lại rồi ký."""

    code = "letter_words_changed"


class LetterTable:
    """Letters before they have a number, and what people decide about them."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter], Rendered]) -> None:
        """Work on one installation; `render` turns the data of a letter into a document."""
        self._uow = uow
        self._office = office
        self._render = render

    def table(self, actor: Actor, *, at: datetime) -> tuple[WaitingLetter, ...]:
        """Every letter that waits for the person: dates that are missed first, then the longest waiting."""
        with self._uow.read() as tx:
            rows = waiting_letters(tx.connection, letter_table_units(actor), TABLE_SIZE)
            return tuple(self._line(row, at) for row in rows)

    def put_back_to(self, actor: Actor) -> tuple[tuple[int, str, str, str], ...]:
        """Drafts that came back to the person's units: id, title, dossier code, and what the leader said."""
        with self._uow.read() as tx:
            units = units_of(actor, WORKING_ROLES)
            rows = waiting_letters(tx.connection, units, TABLE_SIZE, state=LetterState.PUT_BACK)
            rows = [row for row in rows if row["data"] is not None]
            return tuple((row["id"], _title(row), row["code"], row["note"] or "") for row in rows)

    def view(self, actor: Actor, draft_id: int, *, at: datetime) -> DraftLetter:
        """One draft in words, for its leader and for those who may write it anew; raises `NotFound`."""
        with self._uow.read() as tx:
            draft = _shown(actor, tx.drafts.find(draft_id))
            (row,) = waiting_letters(tx.connection, (draft.unit_id,), 1, draft_id=draft_id, state=None)
            letter = self._letter(tx, draft, at)
            return DraftLetter(
                line=self._line(row, at),
                state=LetterState(draft.state),
                note=draft.note or "",
                words=(*_words(letter), *self._dates(letter)),
                editable=tuple(_editable(letter)) if draft.data is not None else (),
            )

    def preview(self, actor: Actor, draft_id: int, *, at: datetime) -> bytes:
        """The draft as a PDF without a number: nothing is written."""
        with self._uow.read() as tx:
            draft = _shown(actor, tx.drafts.find(draft_id))
            letter = self._letter(tx, draft, at)
        return self._render(letter).pdf

    def approve(self, actor: Actor, draft_id: int, seen: str = "", *, at: datetime) -> str:
        """Issue a draft as it stands; answers its number.

        `seen` names the words that were shown; other words are not signed. Raises `LetterDecided`, `WordsChanged`,
        `Refused`, and for an apology what `Apologies.sign` raises.
        """
        with self._uow.write() as tx:
            journey, draft = self._open(tx, actor, draft_id, at)
            check_can_approve_letter(actor, draft.unit_id)
            journey.act_as(Role.LEADER, draft.unit_id)
            if seen and seen != _seen(draft):
                raise WordsChanged(dossier_code=journey.dossier.code)
            letter = self._sign_apology(journey, draft) if draft.data is None else approve(journey, draft)
            journey.finish()
            return letter.number_text

    def approve_many(self, actor: Actor, seen: Mapping[int, str], *, at: datetime) -> Decided:
        """Issue several drafts, each by itself: what cannot be issued now is left, and said why."""
        numbers: list[str] = []
        left: list[tuple[str, str]] = []
        for draft_id, words in seen.items():
            try:
                numbers.append(self.approve(actor, draft_id, words or "-", at=at))
            except MotCuaError as error:
                left.append((self._code_of(draft_id), error.message))
        return Decided(tuple(numbers), tuple(left))

    def put_back(self, actor: Actor, draft_id: int, reason: str, *, at: datetime) -> None:
        """Give a draft back to who wrote it, with the reason; raises `FormRefused` without one.

        An apology is put back by `Apologies.put_back`: its file will be done in time.
        """
        if not reason.strip():
            raise FormRefused({REASON: "Hãy ghi lý do trả lại để người soạn sửa"})
        with self._uow.write() as tx:
            journey, draft = self._open(tx, actor, draft_id, at)
            check_can_approve_letter(actor, draft.unit_id)
            journey.act_as(Role.LEADER, draft.unit_id)
            _check_plain(draft)
            decide(journey, draft, LetterState.PUT_BACK, note=reason.strip())
            journey.note(_PUT_BACK, form=draft.form, remark=reason.strip())
            for unit_id, role in sorted(_authors(journey, draft)):
                tell(journey, unit_id, Role(role), _PUT_BACK)
            journey.finish()

    def resubmit(self, actor: Actor, draft_id: int, words: Mapping[str, str], *, at: datetime) -> None:
        """Lay a draft that was put back on the table again, in other words; raises `LetterRefused` for unprintable."""
        with self._uow.write() as tx:
            journey, draft = self._open(tx, actor, draft_id, at, state=LetterState.PUT_BACK)
            check_can_rewrite_letter(actor, draft.unit_id, draft.created_by)
            _check_plain(draft)
            letter = from_json(draft.form, draft.data or "")
            changes = {
                name: _typed(letter, name, words[name])
                for name, _, _ in _editable(letter)
                if words.get(name, "").strip()
            }
            written = replace(letter, **changes)  # type: ignore[arg-type] # the fields of the form
            check_printable(written)
            facts = {"data": to_json(written), "state": LetterState.WAITING.value, "created_by": actor.username}
            tx.drafts.change(draft.id, **facts, created_at=at, decided_at=None, decided_by=None)
            journey.note("letter_resubmitted", form=draft.form)
            tx.history.withdraw_notices(journey.dossier.id, _PUT_BACK, at=at, by=actor.username)
            tell(journey, draft.unit_id, Role.LEADER, DRAFTED)
            journey.finish()

    # --- inside ---

    def _open(
        self, tx: Transaction, actor: Actor, draft_id: int, at: datetime, *, state: LetterState = LetterState.WAITING
    ) -> tuple[Journey, DraftRecord]:
        dossier = tx.dossiers.lock(tx.dossiers.by_id(tx.drafts.find(draft_id).dossier_id).code)
        draft = tx.drafts.find(draft_id)  # as it is under the lock
        if draft.state != state:
            raise LetterDecided(what=LetterState(draft.state).label.lower())
        return Journey(tx, self._office, dossier, by=actor, at=at), draft

    def _sign_apology(self, journey: Journey, draft: DraftRecord) -> LetterRecord:
        journey.signs_apology = True
        notice_lateness(journey)
        return apologies.issue(journey, draft, reason=draft.reason, new_due_at=apologies.still_offered(journey, draft))

    def _letter(self, tx: Transaction, draft: DraftRecord, at: datetime) -> Letter:
        if draft.data is not None:
            return replace(from_json(draft.form, draft.data), issued_at=at)
        journey = Journey(tx, self._office, tx.dossiers.by_id(draft.dossier_id), by=SCHEDULER, at=at)
        new_due_at = apologies.still_offered(journey, draft)
        return apologies.preview(journey, draft, reason=draft.reason, new_due_at=new_due_at)

    def _dates(self, letter: Letter) -> list[tuple[str, str]]:
        """The appointment that an apology is about, and the one that it offers."""
        dates = ((label, getattr(letter, name, None)) for name, label in _DATES)
        zone = self._office.settings.zone
        return [(label, f"{at.astimezone(zone):%H:%M ngày %d/%m/%Y}") for label, at in dates if at is not None]

    def _code_of(self, draft_id: int) -> str:
        with self._uow.read() as tx:
            return tx.dossiers.by_id(tx.drafts.find(draft_id).dossier_id).code

    def _line(self, row: RowMapping, at: datetime) -> WaitingLetter:
        return WaitingLetter(
            id=row["id"],
            form=row["form"],
            title=_title(row),
            dossier_code=row["code"],
            applicant_name=row["applicant_name"],
            procedure_name=row["procedure_name"],
            unit_name=self._office.units.get(row["unit_id"]).name,
            created_at=row["created_at"],
            author=row["author"],
            due_at=row["due_at"],
            is_missed=row["due_at"] is not None and at > row["due_at"],
            seen=_digest(row["data"], row["reason"], row["new_due_at"]),
        )


def _shown(actor: Actor, draft: DraftRecord) -> DraftRecord:
    """The draft; one that is none of the person's business looks like one that does not exist."""
    is_theirs = can_rewrite_letter(actor, draft.unit_id, draft.created_by)
    if not is_theirs and not can_approve_letter(actor, draft.unit_id):
        raise NotFound(what="dự thảo văn bản")
    return draft


def _rules_of(letter: Letter) -> dict[str, Text]:
    kind: type = type(letter)
    return text_rules(kind)


def _title(row: RowMapping) -> str:
    if row["data"] is None:
        return "Văn bản xin lỗi và hẹn lại ngày trả kết quả"
    return title_of(from_json(row["form"], row["data"]))


def _digest(data: str | None, reason: str, new_due_at: datetime | None) -> str:
    """Names the words of a draft: other words, another name."""
    said = data if data is not None else f"{reason}|{new_due_at.isoformat() if new_due_at else ''}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _seen(draft: DraftRecord) -> str:
    return _digest(draft.data, draft.reason, draft.new_due_at)


def _check_plain(draft: DraftRecord) -> None:
    if draft.data is None:
        raise NotAllowedNow(detail="văn bản xin lỗi được lập lại từ hồ sơ; hãy dùng trang của văn bản xin lỗi")


def _authors(journey: Journey, draft: DraftRecord) -> set[tuple[int, str]]:
    """Who is told that a draft came back: whoever holds the file, or the people of the unit that wrote it."""
    holding = {(task.unit_id, task.role) for task in journey.tx.tasks.open_of(journey.dossier.id)}
    return holding or {(draft.unit_id, Role.OFFICER.value), (draft.unit_id, Role.CLERK.value)}


def _words(letter: Letter) -> list[tuple[str, str]]:
    """What a letter says, under the headings of its form, as far as people wrote it."""
    rules, party = _rules_of(letter), letter.applicant
    told = [("Kính gửi", party.name), ("Mã hồ sơ", letter.dossier_code)]
    for field in fields(letter):
        value = getattr(letter, field.name)
        if field.name in rules and field.name not in _TOLD_ELSEWHERE and value:
            told.append((rules[field.name].label, value if isinstance(value, str) else "\n".join(value)))
    signer = letter.signer
    return [*told, ("Người ký", ", ".join(filter(None, (signer.authority, signer.title, signer.name))))]


_TOLD_ELSEWHERE = frozenset({"number", "dossier_code", "verification_url"})


def _editable(letter: Letter) -> list[tuple[str, str, str]]:
    rules = _rules_of(letter)
    return [(name, rules[name].label, _plain(getattr(letter, name))) for name in EDITABLE if name in rules]


def _plain(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def _typed(letter: Letter, name: str, text: str) -> object:
    """What was typed, as the field of the letter wants it: lines of a list, or a text."""
    if isinstance(getattr(letter, name), tuple):
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    return text.strip()
