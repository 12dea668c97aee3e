"""Files of dossiers and the contents behind them, as one transaction sees them.

The row of a content is the lock for its file on the disk: whoever keeps or wipes the file holds the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from engine.domain.attachments import ScanState
from engine.domain.errors import NotFound
from engine.persistence.base import table_of
from engine.persistence.models import Attachment, StoredFile
from engine.persistence.statements import insert_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_A = table_of(Attachment).c
_S = table_of(StoredFile).c


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A file of a dossier with what is known of its content; `scan` is empty once the content is wiped."""

    id: int
    dossier_id: int
    item_id: str
    name: str
    kind: str
    size: int
    sha256: str
    unit_id: int
    added_at: datetime
    added_by: str
    removed_at: datetime | None
    removed_by: str | None
    removed_reason: str
    wiped_at: datetime | None
    opinion_id: int | None
    scan: str | None
    scan_note: str | None
    facts: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that is kept."""

    sha256: str
    size: int
    scan: str
    refs: int


_ROWS = select(
    *(_A[name] for name in AttachmentRecord.__dataclass_fields__ if name in _A), _S.scan, _S.scan_note, _S.facts
).select_from(table_of(Attachment).outerjoin(table_of(StoredFile), and_(_S.sha256 == _A.sha256, _A.wiped_at.is_(None))))
_OF = _ROWS.where(_A.dossier_id == bindparam("key")).order_by(_A.id)
_ONE = _ROWS.where(_A.id == bindparam("key"))
_WEIGHT = select(func.coalesce(func.sum(_A.size), 0)).where(_A.dossier_id == bindparam("key"), _A.removed_at.is_(None))
_STORED = select(_S.sha256, _S.size, _S.scan, _S.refs)


class Attachments:
    """Files of dossiers."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def of(self, dossier_id: int) -> list[AttachmentRecord]:
        """Every file of a dossier, removed ones too, in the order in which they came."""
        return [AttachmentRecord(**row) for row in self._connection.execute(_OF, {"key": dossier_id}).mappings()]

    def find(self, attachment_id: int) -> AttachmentRecord:
        """Read one; raises `NotFound`."""
        row = self._connection.execute(_ONE, {"key": attachment_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="tệp đính kèm này")
        return AttachmentRecord(**row)

    def weight(self, dossier_id: int) -> int:
        """Bytes of the files that a dossier has now."""
        return int(self._connection.scalar(_WEIGHT, {"key": dossier_id}) or 0)

    def same(self, dossier_id: int, item_id: str, name: str, sha256: str) -> int | None:
        """The id of the very file, if a dossier has it at the same place already."""
        chosen = [_A.dossier_id == dossier_id, _A.item_id == item_id, _A.name == name, _A.sha256 == sha256]
        return self._connection.scalar(select(_A.id).where(*chosen, _A.removed_at.is_(None)).limit(1))

    def hold_content(self, sha256: str, **facts: Any) -> None:
        """Count one more place that has a content, and hold its row until the transaction ends."""
        insert_once(
            self._connection, table_of(StoredFile), sha256=sha256, refs=0, scan_note="", scanned_at=None, **facts
        )
        held = update(table_of(StoredFile)).where(_S.sha256 == sha256).values(refs=_S.refs + 1)
        self._connection.execute(held)

    def add(self, **facts: Any) -> int:
        """Write a file of a dossier down; answers its id."""
        values = {"removed_reason": "", **facts}
        found = self._connection.execute(insert(table_of(Attachment)).values(**values)).inserted_primary_key
        assert found is not None
        return int(found[0])

    def remove(self, attachment_id: int, *, at: datetime, by: str, reason: str) -> bool:
        """Mark a file as removed; False if it was already."""
        values = {"removed_at": at, "removed_by": by, "removed_reason": reason}
        statement = update(table_of(Attachment)).where(_A.id == attachment_id, _A.removed_at.is_(None)).values(**values)
        return self._connection.execute(statement).rowcount == 1

    # --- contents ---

    def waiting_for_scan(self, most: int) -> list[Stored]:
        """Contents that no scanner has seen yet, the oldest first."""
        statement = _STORED.where(_S.scan == ScanState.WAITING.value).order_by(_S.stored_at).limit(most)
        return [Stored(**row) for row in self._connection.execute(statement).mappings()]

    def count_waiting_for_scan(self) -> int:
        """How many of those there are."""
        statement = select(func.count()).select_from(table_of(StoredFile)).where(_S.scan == ScanState.WAITING.value)
        return self._connection.scalar(statement) or 0

    def judge(self, sha256: str, state: ScanState, *, at: datetime, note: str = "") -> bool:
        """Write down what the scanner said; False if another worker was faster."""
        values = {"scan": state.value, "scanned_at": at, "scan_note": note}
        chosen = [_S.sha256 == sha256, _S.scan == ScanState.WAITING.value]
        return self._connection.execute(update(table_of(StoredFile)).where(*chosen).values(**values)).rowcount == 1

    def with_content(self, sha256: str) -> list[AttachmentRecord]:
        """The files that have a content and are not removed."""
        statement = _ROWS.where(_A.sha256 == sha256, _A.removed_at.is_(None)).order_by(_A.dossier_id, _A.id)
        return [AttachmentRecord(**row) for row in self._connection.execute(statement).mappings()]

    def to_wipe(self, before: datetime, most: int) -> list[AttachmentRecord]:
        """Files that were removed before a moment and whose content is still kept."""
        chosen = [_A.removed_at < before, _A.wiped_at.is_(None), _A.removed_at.is_not(None)]
        statement = _ROWS.where(*chosen).order_by(_A.removed_at).limit(most)
        return [AttachmentRecord(**row) for row in self._connection.execute(statement).mappings()]

    def wipe(self, record: AttachmentRecord, at: datetime) -> bool:
        """Let go of the content of a removed file; whether nobody else has it, so that it may leave the disk."""
        chosen = update(table_of(Attachment)).where(_A.id == record.id, _A.wiped_at.is_(None)).values(wiped_at=at)
        if self._connection.execute(chosen).rowcount != 1:
            return False
        held = update(table_of(StoredFile)).where(_S.sha256 == record.sha256).values(refs=_S.refs - 1)
        self._connection.execute(held)
        unused = delete(table_of(StoredFile)).where(_S.sha256 == record.sha256, _S.refs <= 0)
        return self._connection.execute(unused).rowcount == 1

    def contents(self) -> Iterator[Stored]:
        """Every content that is on record, in the order of the hashes."""
        statement = _STORED.order_by(_S.sha256).execution_options(yield_per=1000)
        for row in self._connection.execute(statement).mappings():
            yield Stored(**row)

    def newest(self, most: int) -> list[Stored]:
        """The contents that came last."""
        last = select(_A.sha256).where(_A.wiped_at.is_(None)).order_by(_A.id.desc()).limit(most)
        statement = _STORED.where(_S.sha256.in_(last))
        return [Stored(**row) for row in self._connection.execute(statement).mappings()]

    def claim_orphan(self, sha256: str, at: datetime) -> bool:
        """Hold the row of a content that no row speaks of, so that its file may be wiped; False: one does."""
        made = insert_once(
            self._connection,
            table_of(StoredFile),
            sha256=sha256,
            size=0,
            kind="",
            facts={},
            scan=ScanState.OFF.value,
            scan_note="",
            scanned_at=None,
            stored_at=at,
            refs=0,
        )
        if made:
            self._connection.execute(delete(table_of(StoredFile)).where(_S.sha256 == sha256))
        return made
