"""What stands beside the record of a dossier: notes inside a unit, files that have to do with it, who has it open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.beside import (
    LONGEST_NOTE,
    Beside,
    NoteView,
    RelatedView,
    Watcher,
    called_in,
    can_ask_opinion,
    check_can_note,
    note_units,
)
from engine.domain.errors import BadInput, NotAllowedNow, NotFound, Refused
from engine.domain.intake_identity import identity_key
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.status import DossierStatus
from engine.effects.opinions import opinion_views
from engine.effects.seeing import find_visible

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import RowMapping

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.effects.seeing import Visible
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

# So many of each kind are shown; so many of the latest are looked at, for not all of them are everybody's business.
MOST_RELATED, MOST_LOOKED = 8, 40
MENTIONED, FOLLOW_UP = "note_mention", "follow_up"


class NoteRefused(BadInput):
    """Ghi chú chưa lưu được: {detail}."""

    code = "note_refused"

    @property
    def fields(self) -> dict[str, str]:
        """The field that is wrong."""
        return {"note": self.message}


class NoteClosed(NotAllowedNow):
    """Ghi chú chỉ sửa được trong {minutes} phút sau khi viết; hãy viết thêm ghi chú mới."""

    code = "note_closed"


class LinkRefused(BadInput):
    """Chưa gắn được hồ sơ liên quan: {detail}."""

    code = "link_refused"

    @property
    def fields(self) -> dict[str, str]:
        """The field that is wrong."""
        return {"other": self.message}


class BesideDossiers:
    """Reads and writes what is no part of the record of a dossier. The applicant never sees any of it."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def look(self, actor: Actor, code: str, *, at: datetime) -> Beside:
        """Everything beside a dossier that the person may see; raises `NotFound` for one that is none of theirs.

        The number of statements does not depend on how much there is.
        """
        with self._uow.read() as tx:
            seen = find_visible(tx, self._office, actor, code)
            units = note_units(actor, seen.units)
            people = tx.beside.colleagues(units) if units else []
            opinions = opinion_views(tx, self._office, actor, seen.dossier, at)
            wish = tx.beside.follow_up(seen.dossier.id, actor.id or 0)
            return Beside(
                notes=self._notes(tx, actor, seen, units, at),
                note_units=tuple((unit_id, self._office.units.get(unit_id).name) for unit_id in sorted(units)),
                colleagues=tuple((row["username"], row["full_name"]) for row in people if row["id"] != actor.id),
                opinions=opinions,
                related=self._related(tx, seen),
                watchers=self._watchers(tx, actor, seen.dossier.id, at),
                follow_up_at=wish["at"] if wish else None,
                follow_up_words=wish["detail"] if wish else "",
                may_ask=seen.dossier.ended_at is None
                and can_ask_opinion(actor, seen.dossier.deciding_unit_id, seen.open_steps),
                asked_units=tuple(
                    (unit.code, unit.name) for unit in self._office.units if unit.id not in actor.unit_ids
                ),
                opinion_days=self._office.settings.working.opinion_days,
            )

    # --- notes ---

    def note(self, actor: Actor, code: str, text: str, *, at: datetime, unit_id: int | None = None) -> None:
        """Leave a note for the people of one's unit; whoever it calls by @name hears of it.

        `unit_id` where the person works in several units of the dossier. Raises `NoteRefused` without words, and where
        it calls somebody of another unit: they could not read it.
        """
        text = text.strip()
        if not text or len(text) > LONGEST_NOTE:
            raise NoteRefused(detail=f"hãy viết từ 1 đến {LONGEST_NOTE} ký tự")
        with self._uow.write() as tx:
            seen = find_visible(tx, self._office, actor, code)
            units = sorted(note_units(actor, seen.units))
            unit_id = units[0] if unit_id is None and units else unit_id or 0
            check_can_note(actor, unit_id, seen.units)
            tx.beside.add_note(dossier_id=seen.dossier.id, unit_id=unit_id, author_id=actor.id, text=text, at=at)
            self._call(tx, actor, seen.dossier.id, unit_id, called_in(text), at)

    def edit_note(self, actor: Actor, code: str, note_id: int, text: str, *, at: datetime) -> None:
        """Mend a note of one's own while that is allowed; raises `NoteClosed`, `NoteRefused`, `NotFound`."""
        text = text.strip()
        if not text or len(text) > LONGEST_NOTE:
            raise NoteRefused(detail=f"hãy viết từ 1 đến {LONGEST_NOTE} ký tự")
        with self._uow.write() as tx:
            note = self._own_note(tx, actor, code, note_id)
            minutes = self._office.settings.working.note_minutes
            if at > note["at"] + timedelta(minutes=minutes):
                raise NoteClosed(minutes=minutes)
            tx.beside.change_note(note_id, text=text, edited_at=at)
            newly = called_in(text) - called_in(note["text"])
            self._call(tx, actor, note["dossier_id"], note["unit_id"], newly, at)

    def remove_note(self, actor: Actor, code: str, note_id: int, *, at: datetime) -> None:
        """Take the words of a note of one's own away; that there was one, whose and when stays."""
        with self._uow.write() as tx:
            self._own_note(tx, actor, code, note_id)
            tx.beside.change_note(note_id, text="", removed_at=at, removed_by=actor.username)

    # --- links, follow-up, presence ---

    def link(self, actor: Actor, code: str, other: str, reason: str, *, at: datetime) -> None:
        """Say that another dossier belongs with this one and why; both must be the person's business."""
        if not reason.strip():
            raise LinkRefused(detail="hãy ghi lý do hai hồ sơ liên quan với nhau")
        with self._uow.write() as tx:
            seen = find_visible(tx, self._office, actor, code)
            try:
                found = find_visible(tx, self._office, actor, other.strip().upper())
            except NotFound as error:
                raise LinkRefused(
                    detail=f"không tìm thấy hồ sơ “{other.strip()[:60]}” trong phạm vi của bạn"
                ) from error
            if found.dossier.id == seen.dossier.id:
                raise LinkRefused(detail="đây chính là hồ sơ đang mở")
            facts = {"reason": reason.strip()[:500], "linked_at": at, "linked_by": actor.username}
            if not tx.beside.link(seen.dossier.id, found.dossier.id, **facts):
                raise LinkRefused(detail="hai hồ sơ này đã được gắn với nhau")

    def unlink(self, actor: Actor, code: str, link_id: int, *, at: datetime) -> None:
        """Take a link away; who did so and when stays on record. Raises `Refused` for who only looks."""
        if not actor.has_role(*WORKING_ROLES, Role.SUPERVISOR):
            raise Refused(detail="gỡ liên kết dành cho người đang giải quyết hoặc giám sát hồ sơ")
        with self._uow.write() as tx:
            seen = find_visible(tx, self._office, actor, code)
            if not tx.beside.unlink(link_id, seen.dossier.id, at=at, by=actor.username):
                raise NotFound(what="liên kết hồ sơ")

    def follow_up(self, actor: Actor, code: str, on: date | None, words: str, *, at: datetime) -> None:
        """Be reminded of a dossier on a day: a notice for oneself. None: no reminder any more.

        Raises `BadInput` for a day that is over.
        """
        if on is not None and on <= self._office.local_day(at):
            raise BadInput(detail="ngày nhắc phải sau hôm nay")
        with self._uow.write() as tx:
            seen = find_visible(tx, self._office, actor, code)
            assert actor.id is not None
            tx.beside.drop_follow_up(seen.dossier.id, actor.id)
            if on is None:
                return
            morning = self._office.calendar.opening(on)
            tx.beside.tell_person(
                seen.dossier.id,
                person_id=actor.id,
                unit_id=_unit_for(actor),
                message=FOLLOW_UP,
                detail=words.strip()[:200],
                at=morning,
            )

    def here(self, actor: Actor, code: str, *, at: datetime) -> tuple[Watcher, ...]:
        """Say that the person has the page open, and hear who else has. It locks nothing."""
        away = timedelta(seconds=self._office.settings.working.here_seconds)
        with self._uow.read() as tx:
            seen = find_visible(tx, self._office, actor, code)
            watchers = self._watchers(tx, actor, seen.dossier.id, at)
        person_id = actor.id
        assert person_id is not None
        self._uow.write_in_passing(lambda tx: tx.beside.look(seen.dossier.id, person_id, at, gone_before=at - away))
        return watchers

    def tidy(self, at: datetime) -> int:
        """Put away what is over: acts that cannot be undone any more, who left, sendings that no page repeats."""
        with self._uow.write() as tx:
            over = tx.beside.tidy(acts_before=at - timedelta(minutes=5), presences_before=at - timedelta(days=1))
            return over + tx.done_once.forget(at - timedelta(days=2))

    # --- inside ---

    def _notes(
        self, tx: Transaction, actor: Actor, seen: Visible, units: Collection[int], at: datetime
    ) -> tuple[NoteView, ...]:
        latest = at - timedelta(minutes=self._office.settings.working.note_minutes)
        rows = tx.beside.notes(seen.dossier.id, units) if units else []
        return tuple(
            NoteView(
                id=row["id"],
                unit_name=self._office.units.get(row["unit_id"]).name,
                author_name=row["author_name"],
                text=row["text"],
                at=row["at"],
                edited_at=row["edited_at"],
                removed_at=row["removed_at"],
                is_mine=row["author_id"] == actor.id,
                may_edit=row["author_id"] == actor.id and row["removed_at"] is None and row["at"] >= latest,
            )
            for row in rows
        )

    def _related(self, tx: Transaction, seen: Visible) -> tuple[RelatedView, ...]:
        """Links first, then files about the same parcel and of the same person, as far as they are the person's."""
        dossier = seen.dossier
        links = tx.beside.links(dossier.id)
        parcel = tx.beside.same_parcel(dossier.id, MOST_LOOKED)
        applicant = tx.beside.same_applicant(dossier.id, identity_key(dossier.applicant.identity_number), MOST_LOOKED)
        visible = tx.beside.visible_codes({row["code"] for row in (*links, *parcel, *applicant)}, seen.readable)
        found = {
            row["code"]: _related(row, f"{row['reason']} (gắn bởi {row['linked_by']})", row["id"])
            for row in links
            if row["code"] in visible
        }
        for rows, why in ((parcel, "cùng thửa đất"), (applicant, "cùng người nộp")):
            for row in [row for row in rows if row["code"] in visible][:MOST_RELATED]:
                found.setdefault(row["code"], _related(row, why))
        return tuple(found.values())

    def _watchers(self, tx: Transaction, actor: Actor, dossier_id: int, at: datetime) -> tuple[Watcher, ...]:
        after = at - timedelta(seconds=self._office.settings.working.here_seconds)
        rows = tx.beside.others(dossier_id, actor.id or 0, after=after)
        return tuple(Watcher(row["full_name"], row["since_at"]) for row in rows)

    def _own_note(self, tx: Transaction, actor: Actor, code: str, note_id: int) -> RowMapping:
        seen = find_visible(tx, self._office, actor, code)
        note = tx.beside.note(note_id)
        is_here = note["dossier_id"] == seen.dossier.id and note["removed_at"] is None
        if not is_here or note["author_id"] != actor.id:
            raise NotFound(what="ghi chú của bạn")
        check_can_note(actor, note["unit_id"], seen.units)
        return note

    def _call(
        self, tx: Transaction, actor: Actor, dossier_id: int, unit_id: int, names: Collection[str], at: datetime
    ) -> None:
        """Leave a word for colleagues who are called; a name of nobody is just text."""
        if not names:
            return
        here = {row["username"].lower(): row for row in tx.beside.colleagues([unit_id])}
        strangers = [row["full_name"] for row in tx.beside.called(set(names) - here.keys())]
        if strangers:
            said = f"{', '.join(strangers)} không thuộc đơn vị nên không đọc được; hãy dùng “Hỏi ý kiến đơn vị khác”"
            raise NoteRefused(detail=said)
        for name in sorted(set(names) & here.keys()):
            if here[name]["id"] != actor.id:
                tx.beside.tell_person(
                    dossier_id,
                    person_id=here[name]["id"],
                    unit_id=unit_id,
                    message=MENTIONED,
                    detail=actor.full_name,
                    at=at,
                )


def _related(row: RowMapping, why: str, link_id: int | None = None) -> RelatedView:
    status = DossierStatus(row["status"])
    return RelatedView(row["code"], row["procedure_name"], row["applicant_name"], status, why, link_id)


def _unit_for(actor: Actor) -> int:
    """A unit of the person for a row that needs one; the notice is theirs alone."""
    own = [m.unit_id for m in actor.memberships if m.role in WORKING_ROLES] or [m.unit_id for m in actor.memberships]
    return own[0]
