"""What a desk works with before a dossier is there: begun forms, earlier files of a person, numbered slips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.domain.errors import Conflict, NotFound
from engine.domain.intake_desk import DraftView
from engine.persistence.base import table_of
from engine.persistence.models import BlankSlip, Dossier, IntakeDraft

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection

_R, _S, _D = table_of(IntakeDraft).c, table_of(BlankSlip).c, table_of(Dossier).c
_DRAFT = (_R.token, _R.procedure_code, _R.form.label("values"), _R.version, _R.created_at, _R.updated_at)
_UNITS: BindParameter[Any] = bindparam("units", expanding=True)
GIVEN, USED, VOID = "given", "used", "void"

_EARLIER = (
    select(
        _D.code, _D.procedure_code, _D.procedure_name, _D.status, _D.unit_id, _D.received_at, _D.ended_at, _D.applicant
    )
    .where(_D.identity_key == bindparam("key"), _D.identity_key != "", _D.unit_id.in_(_UNITS))
    .order_by(_D.id.desc())
    .limit(bindparam("most"))
)
_OPEN_SAME = (
    select(_D.code, _D.unit_id, _D.status, _D.procedure_name)
    .where(
        _D.identity_key == bindparam("key"),
        _D.identity_key != "",
        _D.procedure_code.in_(bindparam("procedures", expanding=True)),
        _D.ended_at.is_(None),
    )
    .order_by(_D.id)
    .limit(bindparam("most"))
)
_LATELY = (
    select(_D.procedure_code)
    .where(_D.unit_id == bindparam("unit"))
    .order_by(_D.received_at.desc())
    .limit(bindparam("most"))
)


class DraftChanged(Conflict):
    """Bản nháp này vừa được lưu ở một thẻ hoặc máy khác; hãy giữ bản đang nhập, hoặc mở bản đã lưu kia."""

    code = "draft_changed"


@dataclass(frozen=True, slots=True)
class SlipRecord:
    """A numbered slip as it stands in its row."""

    id: int
    unit_id: int
    number: int
    batch: int
    state: str
    printed_at: datetime
    printed_by: str
    dossier_id: int | None
    settled_at: datetime | None
    settled_by: str | None
    reason: str


class IntakeDesk:
    """Begun forms and earlier files, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- begun forms ---

    def add_draft(self, token: str, person_id: int, procedure: str, form: Mapping[str, str], at: datetime) -> None:
        """Keep a form that was begun."""
        row = {"token": token, "person_id": person_id, "procedure_code": procedure, "form": dict(form)}
        self._connection.execute(
            insert(table_of(IntakeDraft)), {**row, "version": 1, "created_at": at, "updated_at": at}
        )

    def keep_draft(self, token: str, person_id: int, version: int, form: Mapping[str, str], at: datetime) -> int:
        """Keep what was typed since `version`; answers the new version. Raises `DraftChanged`, `NotFound`."""
        statement = (
            update(table_of(IntakeDraft))
            .where(_R.token == token, _R.person_id == person_id, _R.version == version)
            .values(form=dict(form), version=version + 1, updated_at=at)
        )
        if self._connection.execute(statement).rowcount != 1:
            self.draft(token, person_id)
            raise DraftChanged
        return version + 1

    def draft(self, token: str, person_id: int) -> DraftView:
        """A form that this person has begun; raises `NotFound`."""
        statement = select(*_DRAFT).where(_R.token == token, _R.person_id == person_id)
        row = self._connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise NotFound(what="bản nháp này: đã tiếp nhận, đã xóa hoặc hết thời gian lưu")
        return DraftView(**row)

    def drafts_of(self, person_id: int, most: int) -> tuple[DraftView, ...]:
        """The forms that a person has begun, the latest first."""
        statement = select(*_DRAFT).where(_R.person_id == person_id).order_by(_R.updated_at.desc()).limit(most)
        return tuple(DraftView(**row) for row in self._connection.execute(statement).mappings())

    def count_drafts(self, person_id: int) -> int:
        """How many forms a person has begun."""
        statement = select(func.count()).select_from(table_of(IntakeDraft)).where(_R.person_id == person_id)
        return int(self._connection.scalar(statement) or 0)

    def drop_draft(self, token: str, person_id: int) -> bool:
        """Forget a form; whether it was there."""
        statement = delete(table_of(IntakeDraft)).where(_R.token == token, _R.person_id == person_id)
        return self._connection.execute(statement).rowcount == 1

    def drop_drafts_before(self, before: datetime) -> int:
        """Forget every form that nobody has touched since; answers how many."""
        return self._connection.execute(delete(table_of(IntakeDraft)).where(_R.updated_at < before)).rowcount

    # --- who was here before ---

    def earlier(self, key: str, unit_ids: Collection[int], most: int) -> list[Mapping[str, Any]]:
        """The latest dossiers of whoever has this number, received at these desks."""
        values = {"key": key, "units": sorted(unit_ids), "most": most}
        return [dict(row) for row in self._connection.execute(_EARLIER, values).mappings()]

    def open_of_same(self, key: str, procedures: Collection[str], most: int = 5) -> list[Mapping[str, Any]]:
        """Open dossiers of the same person and procedure, wherever they were received."""
        values = {"key": key, "procedures": sorted(procedures), "most": most}
        return [dict(row) for row in self._connection.execute(_OPEN_SAME, values).mappings()]

    def lately(self, unit_id: int, most: int) -> list[str]:
        """The codes of the procedures that a desk received last, one for each dossier."""
        return list(self._connection.scalars(_LATELY, {"unit": unit_id, "most": most}))


class Slips:
    """Numbered slips, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def give_out(self, unit_id: int, numbers: range, *, batch: int, at: datetime, by: str) -> None:
        """Write down slips that are going to be printed."""
        facts = {"unit_id": unit_id, "batch": batch, "state": GIVEN, "printed_at": at, "printed_by": by}
        self._connection.execute(insert(table_of(BlankSlip)), [{**facts, "number": number} for number in numbers])

    def find(self, unit_id: int, number: int) -> SlipRecord | None:
        """A slip of a desk by its number."""
        statement = select(table_of(BlankSlip)).where(_S.unit_id == unit_id, _S.number == number)
        row = self._connection.execute(statement).mappings().one_or_none()
        return SlipRecord(**row) if row else None

    def settle(self, slip_id: int, state: str, *, at: datetime, by: str, **facts: Any) -> bool:
        """Mark a slip as keyed in or void; False if somebody has settled it before."""
        statement = (
            update(table_of(BlankSlip))
            .where(_S.id == slip_id, _S.state == GIVEN)
            .values(state=state, settled_at=at, settled_by=by, **facts)
        )
        return self._connection.execute(statement).rowcount == 1

    def outstanding(self, unit_id: int, most: int) -> list[SlipRecord]:
        """Slips that were given out and not settled, in the order of their numbers."""
        return self._slips(_S.unit_id == unit_id, _S.state == GIVEN, most=most)

    def settled(self, unit_id: int, most: int) -> list[tuple[SlipRecord, str]]:
        """The slips settled last, with the code of the dossier where there is one."""
        found = table_of(BlankSlip).outerjoin(table_of(Dossier), _D.id == _S.dossier_id)
        statement = (
            select(table_of(BlankSlip), _D.code.label("dossier_code"))
            .select_from(found)
            .where(_S.unit_id == unit_id, _S.state != GIVEN)
            .order_by(_S.settled_at.desc(), _S.number.desc())
            .limit(most)
        )
        rows = [dict(row) for row in self._connection.execute(statement).mappings()]
        return [(SlipRecord(**row), code or "") for row in rows for code in (row.pop("dossier_code"),)]

    def of_batch(self, unit_id: int, batch: int) -> list[SlipRecord]:
        """The slips of one print."""
        return self._slips(_S.unit_id == unit_id, _S.batch == batch, most=1000)

    def count(self, unit_id: int) -> int:
        """How many slips of a desk are out and not settled."""
        statement = select(func.count()).select_from(table_of(BlankSlip))
        return int(self._connection.scalar(statement.where(_S.unit_id == unit_id, _S.state == GIVEN)) or 0)

    def _slips(self, *where: Any, most: int) -> list[SlipRecord]:
        statement = select(table_of(BlankSlip)).where(*where).order_by(_S.number).limit(most)
        return [SlipRecord(**row) for row in self._connection.execute(statement).mappings()]
