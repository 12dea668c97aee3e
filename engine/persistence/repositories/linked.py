"""Groups of procedures handed in together, as one transaction sees them: who waits for whom, and who has begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.domain.dossier import HandedInItem
from engine.domain.linked import HandOver, MemberState, Receipts, StartsAfter
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, LinkedGroupRow, LinkedMemberRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_D = table_of(Dossier).c
_G = table_of(LinkedGroupRow).c
_M = table_of(LinkedMemberRow).c
_ADD_GROUP = insert(table_of(LinkedGroupRow)).returning(_G.id)
_ADD_MEMBERS = insert(table_of(LinkedMemberRow))
_GROUP_OF = (
    select(table_of(LinkedGroupRow))
    .join(table_of(LinkedMemberRow), _M.group_id == _G.id)
    .where(_M.dossier_id == bindparam("key"))
)
_MEMBERS = (
    select(table_of(LinkedMemberRow), _D.code.label("dossier_code"))
    .select_from(table_of(LinkedMemberRow).outerjoin(table_of(Dossier), _D.id == _M.dossier_id))
    .where(_M.group_id == bindparam("key"))
    .order_by(_M.position)
)
_IS_WAITING = (_M.id == bindparam("key"), _M.state == MemberState.WAITING.value)
_START = update(table_of(LinkedMemberRow)).where(*_IS_WAITING).values(state=MemberState.STARTED.value)
_HOLD = update(table_of(LinkedMemberRow)).where(_M.id == bindparam("key")).values(dossier_id=bindparam("dossier"))
_END = (
    update(table_of(LinkedMemberRow))
    .where(*_IS_WAITING)
    .values(state=MemberState.ENDED.value, ended_at=bindparam("at"), end_reason=bindparam("reason"))
)


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One member of a group as it stands in its row; `dossier_code` is empty until it has started."""

    id: int
    position: int
    member_id: str
    name: str
    procedure_code: str
    case_id: str
    definition_ref: str
    starts_after: StartsAfter | None
    state: MemberState
    items: tuple[HandedInItem, ...]
    dossier_id: int | None
    dossier_code: str
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group as it was received, with its members in order."""

    id: int
    code: str
    name: str
    hand_over: HandOver
    receipts: Receipts
    received_at: datetime
    members: tuple[MemberRecord, ...]

    def member_of(self, dossier_id: int) -> MemberRecord:
        """The member that a dossier is."""
        return next(member for member in self.members if member.dossier_id == dossier_id)

    @property
    def lead_code(self) -> str:
        """The code under which the group is known: the one on its receipt."""
        return self.members[0].dossier_code

    @property
    def waiting(self) -> tuple[MemberRecord, ...]:
        """The members that have not begun."""
        return tuple(member for member in self.members if member.state is MemberState.WAITING)


class LinkedDossiers:
    """The groups, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, group: dict[str, Any], members: list[dict[str, Any]]) -> None:
        """Write down a group with its members, in order; the first one names its dossier."""
        group_id = self._connection.execute(_ADD_GROUP, group).scalar_one()
        rows = [
            {"dossier_id": None, **member, "group_id": group_id, "position": position}
            for position, member in enumerate(members, start=1)
        ]
        self._connection.execute(_ADD_MEMBERS, rows)

    def group_of(self, dossier_id: int) -> GroupRecord | None:
        """The group that a dossier belongs to, None for a dossier that was handed in alone: one statement then."""
        group = self._connection.execute(_GROUP_OF, {"key": dossier_id}).mappings().one_or_none()
        if group is None:
            return None
        members = self._connection.execute(_MEMBERS, {"key": group["id"]}).mappings()
        return GroupRecord(
            id=group["id"],
            code=group["code"],
            name=group["name"],
            hand_over=HandOver(group["hand_over"]),
            receipts=Receipts(group["receipts"]),
            received_at=group["received_at"],
            members=tuple(_member(row) for row in members),
        )

    def start(self, member_id: int) -> bool:
        """Let a waiting member begin; False if somebody else did that, or ended it."""
        return self._connection.execute(_START, {"key": member_id}).rowcount == 1

    def hold(self, member_id: int, dossier_id: int) -> None:
        """Name the dossier of a member that has begun."""
        self._connection.execute(_HOLD, {"key": member_id, "dossier": dossier_id})

    def end(self, member_id: int, *, at: datetime, reason: str) -> bool:
        """End a waiting member; False if it does not wait any more."""
        return self._connection.execute(_END, {"key": member_id, "at": at, "reason": reason}).rowcount == 1


def _member(row: RowMapping) -> MemberRecord:
    facts = {name: row[name] for name in MemberRecord.__dataclass_fields__}
    facts["starts_after"] = StartsAfter(row["starts_after"]) if row["starts_after"] else None
    facts["state"] = MemberState(row["state"])
    facts["items"] = tuple(HandedInItem(**item) for item in row["items"])
    facts["dossier_code"] = row["dossier_code"] or ""
    facts["end_reason"] = row["end_reason"] or ""
    return MemberRecord(**facts)
