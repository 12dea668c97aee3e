"""Forms of receipt that were begun: kept every few seconds, found again after a crash, gone with the receipt."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, Refused
from engine.domain.permissions import can_receive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.intake_desk import DraftView
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

MOST_DRAFTS = 50
MOST_FIELDS, LONGEST_VALUE, LARGEST = 600, 4000, 60_000
# What belongs to one showing of the form, not to what was typed.
_PASSING = frozenset({"csrf_token", "once_key", "draft", "draft_version", "back", "decision", "overwrite"})


class DraftNotKept(BadInput):
    """Chưa lưu được bản nháp: {detail}. Nội dung trên trang vẫn còn, hãy tiếp nhận hoặc xóa bớt rồi lưu lại."""

    code = "draft_not_kept"


class IntakeDrafts:
    """The begun forms of clerks; each sees their own only."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def keep(
        self,
        actor: Actor,
        procedure_code: str,
        form: Mapping[str, str],
        *,
        token: str = "",
        version: int = 0,
        at: datetime,
    ) -> DraftView:
        """Keep what was typed: anew without a `token`, else what changed since `version`.

        Raises `DraftChanged` where another page kept the same form meanwhile, `NotFound` for a form that is gone,
        `DraftNotKept`, `Refused`.
        """
        person = self._clerk(actor)
        typed = _typed(form)
        with self._uow.write() as tx:
            if token:
                tx.intake_desk.keep_draft(token, person, version, typed, at)
                return tx.intake_desk.draft(token, person)
            if tx.intake_desk.count_drafts(person) >= MOST_DRAFTS:
                raise DraftNotKept(detail=f"bạn đang có {MOST_DRAFTS} bản nháp")
            token = secrets.token_urlsafe(16)
            tx.intake_desk.add_draft(token, person, procedure_code, typed, at)
            return tx.intake_desk.draft(token, person)

    def mine(self, actor: Actor) -> tuple[DraftView, ...]:
        """The forms that this clerk has begun, the latest first."""
        person = self._clerk(actor)
        with self._uow.read() as tx:
            return tx.intake_desk.drafts_of(person, MOST_DRAFTS)

    def open(self, actor: Actor, token: str) -> DraftView:
        """A form that this clerk has begun; raises `NotFound`, also for somebody else's."""
        person = self._clerk(actor)
        with self._uow.read() as tx:
            return tx.intake_desk.draft(token, person)

    def discard(self, actor: Actor, token: str) -> None:
        """Forget a form; one that is gone already is forgotten."""
        person = self._clerk(actor)
        with self._uow.write() as tx:
            tx.intake_desk.drop_draft(token, person)

    def expire(self, at: datetime) -> int:
        """Forget the forms that nobody has touched for the days of the settings; answers how many."""
        before = at - timedelta(days=self._office.settings.counter.keep_drafts_days)
        with self._uow.write() as tx:
            return tx.intake_desk.drop_drafts_before(before)

    def _clerk(self, actor: Actor) -> int:
        units = (self._office.units.get(unit_id) for unit_id in actor.unit_ids)
        if actor.id is None or not any(can_receive(actor, unit) for unit in units):
            raise Refused(detail="bản nháp tiếp nhận dành cho cán bộ một cửa")
        return actor.id


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    """What a person typed, within limits: a draft is no store for anything else."""
    typed = {name: value for name, value in form.items() if name not in _PASSING}
    if len(typed) > MOST_FIELDS or any(len(name) + len(value) > LONGEST_VALUE for name, value in typed.items()):
        raise DraftNotKept(detail="một ô có quá nhiều chữ")
    if sum(len(name) + len(value) for name, value in typed.items()) > LARGEST:
        raise DraftNotKept(detail="nội dung quá dài")
    return typed
