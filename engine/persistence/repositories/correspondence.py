"""The register of letters, their documents, and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from engine.domain.errors import NotFound
from engine.domain.letter_life import LetterState, comes_before
from engine.domain.people import SCHEDULER
from engine.persistence.base import table_of
from engine.persistence.models import Letter, LetterDocument, LetterEvent, LetterTemplateSet, OutboxEntry
from engine.persistence.records import LetterEventRecord, LetterRecord, OutboxRecord
from engine.persistence.repositories.messages import Deliveries
from engine.persistence.statements import insert_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_L = table_of(Letter).c
_O = table_of(OutboxEntry).c
_LETTER = select(*(_L[name] for name in LetterRecord.__dataclass_fields__))
_ADD = insert(table_of(Letter)).returning(*_LETTER.selected_columns)
_BY_ID = _LETTER.where(_L.id == bindparam("key"))
_BY_TOKEN = _LETTER.where(_L.token == bindparam("key"))
# Indexes answer it: the signed hash has one, and so has the unsigned one.
_HAS_HASH = or_(_L.signed_sha256 == bindparam("key"), _L.sha256 == bindparam("key"))
_OF_DOSSIER = _LETTER.where(_L.dossier_id == bindparam("key")).order_by(_L.issued_at, _L.id)
_E = table_of(LetterEvent).c
_NOTE = insert(table_of(LetterEvent))
_EVENTS = (
    select(*(_E[name] for name in LetterEventRecord.__dataclass_fields__))
    .where(_E.letter_id.in_(bindparam("keys", expanding=True)))
    .order_by(_E.id)
)
_REPLACEMENT = _LETTER.where(_L.replaces_id == bindparam("key"))
_FORMS = select(table_of(LetterTemplateSet).c.files).where(table_of(LetterTemplateSet).c.digest == bindparam("digest"))
_DOCUMENT = select(table_of(LetterDocument).c.pdf).where(table_of(LetterDocument).c.letter_id == bindparam("key"))
RENDER = "render"
_WAITING = [_O.done_at.is_(None), _O.given_up_at.is_(None)]


class Letters:
    """The register of letters, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> LetterRecord:
        """Enter a letter in the register: its life begins."""
        row = self._connection.execute(_ADD, {**facts, "state": LetterState.ISSUED.value}).mappings().one()
        letter = LetterRecord(**row)
        self.tell(letter.id, LetterState.ISSUED.value, at=facts["issued_at"], by=facts["issued_by"])
        return letter

    def advance(
        self, letter_id: int, state: LetterState, *, at: datetime, by: str, note: str = "", **facts: Any
    ) -> bool:
        """Let a letter become `state` if the table of its life leads there now; whether it did.

        One statement asks and writes, so of two that come at the same moment one finds the letter moved on.
        `facts` are further columns of the letter.
        """
        allowed = sorted(comes_before(state))
        changes = {**facts, "state": state.value}
        if state is LetterState.SENT:
            changes["sent_at"] = func.coalesce(_L.sent_at, at)
        elif state is LetterState.DELIVERED:
            changes |= {"sent_at": func.coalesce(_L.sent_at, at), "delivered_at": at}
        statement = update(table_of(Letter)).where(_L.id == letter_id, _L.state.in_(allowed)).values(**changes)
        if self._connection.execute(statement).rowcount == 0:
            return False
        self.tell(letter_id, state.value, at=at, by=by, note=note)
        return True

    def tell(self, letter_id: int, what: str, *, at: datetime, by: str, note: str = "") -> None:
        """Write down what happened to a letter, besides or with a change of its state."""
        self._connection.execute(_NOTE, {"letter_id": letter_id, "what": what, "at": at, "by": by, "note": note})

    def events(self, letter_ids: Collection[int]) -> list[LetterEventRecord]:
        """What became of some letters, in the order in which it happened."""
        if not letter_ids:
            return []
        rows = self._connection.execute(_EVENTS, {"keys": sorted(letter_ids)}).mappings()
        return [LetterEventRecord(**row) for row in rows]

    def find(self, letter_id: int) -> LetterRecord:
        """Read a letter; raises `NotFound`."""
        return self._one(_BY_ID, letter_id)

    def by_token(self, token: str) -> LetterRecord:
        """Read a letter by the unguessable token printed on it; raises `NotFound`."""
        return self._one(_BY_TOKEN, token)

    def of(self, dossier_id: int, form: str | None = None) -> list[LetterRecord]:
        """The letters of a dossier, oldest first."""
        records = [LetterRecord(**row) for row in self._connection.execute(_OF_DOSSIER, {"key": dossier_id}).mappings()]
        return [record for record in records if form is None or record.form == form]

    def document(self, letter_id: int) -> bytes | None:
        """The PDF of a letter, None while it is not rendered."""
        pdf = self._connection.scalars(_DOCUMENT, {"key": letter_id}).one_or_none()
        return None if pdf is None else bytes(pdf)

    def keep_document(
        self, letter_id: int, pdf: bytes, *, sha256: str, at: datetime, forms: tuple[str, str] | None = None
    ) -> bool:
        """Keep the PDF of a letter; False if it has one (the bytes are the same), or was cancelled meanwhile.

        `forms`: digest and files of the templates that it was printed with; each set of them is kept once.
        """
        facts: dict[str, Any] = {"rendered_at": at, "sha256": sha256, "failure": None}
        if forms is not None:
            digest, files = forms
            facts["template_set"] = digest
            insert_once(self._connection, table_of(LetterTemplateSet), digest=digest, files=files, kept_at=at)
        if not self.advance(letter_id, LetterState.RENDERED, at=at, by=SCHEDULER.username, **facts):
            return False
        self._connection.execute(insert(table_of(LetterDocument)), {"letter_id": letter_id, "pdf": pdf})
        return True

    def keep_signed(self, letter_id: int, pdf: bytes, *, at: datetime, **facts: Any) -> bool:
        """Keep the signed file instead of the unsigned one, once; False if it was signed or cancelled meanwhile.

        `facts` are the columns that signing fills, and the data and hash of the unsigned file, to which the visible
        block was added.
        """
        if not self.advance(letter_id, LetterState.SIGNED, at=at, by=SCHEDULER.username, **facts):
            return False
        documents = table_of(LetterDocument)
        self._connection.execute(update(documents).where(documents.c.letter_id == letter_id).values(pdf=pdf))
        return True

    def by_hash(self, sha256: str) -> LetterRecord | None:
        """Read the letter whose file has this SHA-256, as it was issued: signed where it was signed."""
        whole = func.coalesce(_L.signed_sha256, _L.sha256) == bindparam("key")
        row = self._connection.execute(_LETTER.where(_HAS_HASH, whole), {"key": sha256}).mappings().first()
        return LetterRecord(**row) if row else None

    def forms_of(self, digest: str) -> str | None:
        """The files of a set of templates that letters were printed with."""
        files: str | None = self._connection.scalar(_FORMS, {"digest": digest})
        return files

    def replacement_of(self, letter_id: int) -> LetterRecord | None:
        """The letter that took the place of a cancelled one."""
        row = self._connection.execute(_REPLACEMENT, {"key": letter_id}).mappings().one_or_none()
        return LetterRecord(**row) if row else None

    def mark_delivered(self, letter_id: int, at: datetime, *, by: str = SCHEDULER.username, note: str = "") -> bool:
        """Note when the letter came within reach of its addressee, the first time; whether this was it."""
        return self.advance(letter_id, LetterState.DELIVERED, at=at, by=by, note=note)

    def cancel(self, letter_id: int, *, at: datetime, reason: str, by: str) -> bool:
        """Cancel a letter that has not gone out, and what was promised for it; False if it is out or goes out now."""
        waiting = [_O.letter_id == letter_id, *_WAITING]
        free = or_(_O.topic == RENDER, _O.leased_until.is_(None), _O.leased_until < at)
        self._connection.execute(update(table_of(OutboxEntry)).where(*waiting, free).values(done_at=at))
        if self._connection.scalar(select(func.count()).select_from(table_of(OutboxEntry)).where(*waiting)):
            return False
        facts: dict[str, Any] = {"cancelled_at": at, "cancel_reason": reason, "cancelled_by": by}
        if not self.advance(letter_id, LetterState.CANCELLED, at=at, by=by, note=reason, **facts):
            return False
        Deliveries(self._connection).cancel_of_letter(letter_id, at=at, reason=reason)
        return True

    def mark_failed(self, letter_id: int, failure: str, *, at: datetime) -> None:
        """Note why a letter could not be rendered."""
        if not self.advance(letter_id, LetterState.BROKEN, at=at, by=SCHEDULER.username, note=failure, failure=failure):
            self._connection.execute(update(table_of(Letter)).where(_L.id == letter_id).values(failure=failure))

    def _one(self, statement: Any, key: object) -> LetterRecord:
        row = self._connection.execute(statement, {"key": key}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="văn bản")
        return LetterRecord(**row)


class Outbox:
    """Work promised by commits and not yet done."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def promise(self, topic: str, letter_id: int, at: datetime) -> None:
        """Promise to do `topic` for a letter, once."""
        insert_once(
            self._connection,
            table_of(OutboxEntry),
            key=f"{topic}:{letter_id}",
            topic=topic,
            letter_id=letter_id,
            created_at=at,
            next_at=at,
            attempts=0,
        )

    def claim(self, at: datetime, until: datetime, most: int) -> list[OutboxRecord]:
        """Lease up to `most` promises that are due, so that no other worker takes them before `until`."""
        free = or_(_O.leased_until.is_(None), _O.leased_until < at)
        chosen = select(_O.id).where(*_WAITING, _O.next_at <= at, free).order_by(_O.next_at, _O.id).limit(most)
        statement = (
            update(table_of(OutboxEntry))
            .where(_O.id.in_(chosen.with_for_update(skip_locked=True)))
            .values(leased_until=until, attempts=_O.attempts + 1)
            .returning(_O.id, _O.key, _O.topic, _O.letter_id, _O.attempts, _O.leased_until)
        )
        rows = self._connection.execute(statement).mappings().all()
        return sorted((OutboxRecord(**row) for row in rows), key=lambda record: record.id)

    def renew(self, entry: OutboxRecord, until: datetime) -> bool:
        """Lease a claimed promise anew, just before it is kept; False if it is not held any more."""
        mine = _O.leased_until == entry.leased_until
        done = self._connection.execute(
            update(table_of(OutboxEntry)).where(_O.id == entry.id, mine, *_WAITING).values(leased_until=until)
        )
        return done.rowcount == 1

    def leased_until(self) -> datetime | None:
        """When the last lease on a waiting promise runs out: its worker is busy, or dead; None without any."""
        moment: datetime | None = self._connection.scalar(select(func.max(_O.leased_until)).where(*_WAITING))
        return moment

    def done(self, entry_id: int, at: datetime) -> None:
        """Note that a promise was kept."""
        self._connection.execute(
            update(table_of(OutboxEntry)).where(_O.id == entry_id).values(done_at=at, last_error=None)
        )

    def failed(self, entry_id: int, error: str, *, next_at: datetime, given_up_at: datetime | None) -> None:
        """Note why a promise was not kept, and when to try again (or that nobody will)."""
        self._connection.execute(
            update(table_of(OutboxEntry))
            .where(_O.id == entry_id)
            .values(last_error=error, next_at=next_at, leased_until=None, given_up_at=given_up_at)
        )

    def waits_for(self, letter_id: int, topic: str) -> bool:
        """Whether something is still to be done for a letter."""
        waiting = select(_O.id).where(_O.letter_id == letter_id, _O.topic == topic, *_WAITING)
        return self._connection.scalar(waiting) is not None

    def count_waiting(self, topic: str = "") -> int:
        """How many promises wait, all of them or those of one topic."""
        waiting = [*_WAITING, _O.topic == topic] if topic else _WAITING
        return self._connection.scalar(select(func.count()).select_from(table_of(OutboxEntry)).where(*waiting)) or 0

    def try_again(self, unit_ids: Iterable[int], at: datetime) -> int:
        """Begin anew with what was given up for letters of some units; answers how many promises."""
        letters = select(_L.id).where(_L.unit_id.in_(sorted(unit_ids)))
        given_up = [_O.given_up_at.is_not(None), _O.done_at.is_(None), _O.letter_id.in_(letters)]
        fresh = {"given_up_at": None, "leased_until": None, "attempts": 0, "next_at": at}
        return self._connection.execute(update(table_of(OutboxEntry)).where(*given_up).values(**fresh)).rowcount

    def count_given_up(self) -> int:
        """How many promises nobody keeps any more: each needs a person."""
        statement = (
            select(func.count())
            .select_from(table_of(OutboxEntry))
            .where(_O.given_up_at.is_not(None), _O.done_at.is_(None))
        )
        return self._connection.scalar(statement) or 0

    def oldest_waiting(self) -> datetime | None:
        """When the oldest waiting promise was made."""
        oldest: datetime | None = self._connection.scalar(select(func.min(_O.created_at)).where(*_WAITING))
        return oldest
