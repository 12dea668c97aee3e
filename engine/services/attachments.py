"""Files of a dossier: brought, looked at, handed out, removed with a reason. What is taken, `engine.files` decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.attachments import (
    NOTES,
    AttachmentLine,
    AttachmentList,
    AttachmentPlace,
    FileKind,
    ScanState,
    WaitingScan,
    attaching_unit,
    can_export,
    can_remove,
)
from engine.domain.errors import MotCuaError, NotAllowedNow, NotFound, Refused
from engine.domain.people import WORKING_ROLES
from engine.domain.permissions import supervised_units, units_of
from engine.effects.attaching import Gate, note
from engine.effects.seeing import find_visible
from engine.files.checker import NoPicture
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.repositories.attachments import AttachmentRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

REASON = "reason"
OTHERS = "Giấy tờ khác"
PREVIEW_WIDTHS = (240, 900)
_MOST_SCANS = 200


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that may be handed out: its shown name, its kind, where it lies."""

    name: str
    kind: FileKind
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file out of several: its id, or why it was not taken."""

    name: str
    attachment_id: int | None = None
    error: MotCuaError | None = None


class Attachments:
    """Files of dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office, gate: Gate) -> None:
        """Work on one installation; every file goes through `gate`."""
        self._uow = uow
        self._office = office
        self._gate = gate

    def of(self, actor: Actor, code: str) -> AttachmentList:
        """The files of a dossier by its items; raises `NotFound` also where it is none of the person's business."""
        with self._uow.read() as tx:
            dossier, involved = self._find(tx, actor, code)
            records = tx.attachments.of(dossier.id)
            names = DossierPage(tx.connection).names(
                {name for each in records for name in (each.added_by, each.removed_by) if name}
            )
        unit_id = attaching_unit(actor, involved)
        lines = [_line(record, names, actor) for record in records]
        return AttachmentList(
            dossier_code=dossier.code,
            places=_places(dossier, [line for line in lines if line.removed_at is None]),
            removed=tuple(line for line in lines if line.removed_at is not None),
            limits=self._gate.settings.limits,
            may_add=unit_id is not None,
            may_export=can_export(actor, involved, supervised_units(actor, self._office.units)),
            desks=self._desks(actor) if unit_id is not None else (),
        )

    def add(self, actor: Actor, code: str, item_id: str, stream: IO[bytes], name: str, at: datetime) -> int:
        """Take a file in for an item of a dossier (or for none, ``""``); answers its id.

        Raises `FileRefused` with the reason, `Refused` for people who only read, `NotFound`. Nothing is left on the
        disk of a file that was refused.
        """
        with self._uow.read() as tx:
            self._check_may_add(tx, actor, code, item_id)
        with self._gate.cleared(stream, name) as cleared, self._uow.write() as tx:
            dossier, unit_id = self._check_may_add(tx, actor, code, item_id)
            dossier = tx.dossiers.lock(dossier.code)
            return self._gate.keep(tx, dossier, cleared, item_id=item_id, unit_id=unit_id, by=actor, at=at)

    def remove(self, actor: Actor, code: str, attachment_id: int, reason: str, *, at: datetime) -> None:
        """Take a file out of the list; the line and its reason stay. Raises `FormRefused` without a reason."""
        if not reason.strip():
            raise FormRefused({REASON: "Hãy ghi lý do gỡ tệp; lý do hiện trong nhật ký hồ sơ"})
        with self._uow.write() as tx:
            dossier, record = self._one(tx, actor, code, attachment_id)
            if not can_remove(actor, record.added_by, record.unit_id):
                raise Refused(detail="chỉ người đã đưa tệp vào hoặc lãnh đạo đơn vị đó được gỡ tệp")
            dossier = tx.dossiers.lock(dossier.code)
            said = reason.strip()[:500]
            if not tx.attachments.remove(attachment_id, at=at, by=actor.username, reason=said):
                raise NotAllowedNow(detail="tệp này đã được gỡ")
            note(
                tx, dossier, "attachment_removed", by=actor, at=at, name=record.name, sha256=record.sha256, reason=said
            )

    def open(self, actor: Actor, code: str, attachment_id: int) -> OpenedFile:
        """A file to hand out; raises `NotAllowedNow` for one that was removed or not scanned, `NotFound`."""
        with self._uow.read() as tx:
            _dossier, record = self._one(tx, actor, code, attachment_id)
        if record.removed_at is not None:
            raise NotAllowedNow(detail="tệp này đã được gỡ khỏi hồ sơ")
        if not ScanState(record.scan or ScanState.WAITING).may_open:
            raise NotAllowedNow(detail="tệp này chưa được quét vi-rút hoặc có mã độc, nên chưa mở được")
        path = self._gate.store.path(record.sha256)
        if not path.is_file():
            raise NotFound(what=f"nội dung của tệp “{record.name}”; hãy báo người quản trị")
        return OpenedFile(record.name, FileKind(record.kind), path, record.size, record.sha256)

    def picture(self, actor: Actor, code: str, attachment_id: int, page: int, width: int) -> bytes:
        """A page of a file (from 1) as a PNG without what its camera noted; raises `NotFound` where there is none."""
        opened = self.open(actor, code, attachment_id)
        kind = opened.kind
        width = min((each for each in PREVIEW_WIDTHS if each >= width), default=PREVIEW_WIDTHS[-1])
        name = f"{page}-{width}.png"
        kept = self._gate.store.preview(opened.sha256, name)
        if kept is not None:
            return kept
        missing = NotFound(what=f"hình xem trước trang {page} của tệp “{opened.name}”")
        if not kind.has_pictures or page < 1:
            raise missing
        try:
            made = self._gate.checker.picture(opened.path, kind, page, width)
        except NoPicture:
            raise missing from None
        self._gate.store.keep_preview(opened.sha256, name, made)
        return made

    # --- the folder of a scanner ---

    def scans(self, actor: Actor, unit_code: str) -> tuple[WaitingScan, ...]:
        """What the scanner of a desk has dropped, the newest first; raises `NotFound` for a desk of others."""
        folder = self._scan_folder(actor, unit_code)
        found = []
        for path in _files_in(folder):
            facts = path.stat()
            found.append(WaitingScan(path.name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC)))
        return tuple(sorted(found, key=lambda each: (each.changed_at, each.name), reverse=True)[:_MOST_SCANS])

    def take_scans(
        self, actor: Actor, code: str, item_id: str, unit_code: str, names: Sequence[str], *, at: datetime
    ) -> tuple[Taken, ...]:
        """Move files from the folder of a desk into a dossier, each by itself; what is refused stays where it lies."""
        waiting = {path.name: path for path in _files_in(self._scan_folder(actor, unit_code))}
        taken = []
        for name in names:
            path = waiting.get(name)
            if path is None:
                taken.append(Taken(name, error=NotFound(what=f"tệp quét “{name[:60]}”; có thể người khác đã lấy")))
                continue
            try:
                with path.open("rb") as stream:
                    number = self.add(actor, code, item_id, stream, name, at)
            except MotCuaError as error:
                taken.append(Taken(name, error=error))
            else:
                path.unlink(missing_ok=True)
                taken.append(Taken(name, number))
        return tuple(taken)

    # --- inside ---

    def _desks(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """The desks of the person that have a scanner."""
        mine = units_of(actor, WORKING_ROLES)
        units = [unit for unit in self._office.units if unit.code in self._gate.settings.scan_folders]
        return tuple((unit.code, unit.short_name or unit.name) for unit in units if unit.id in mine)

    def _scan_folder(self, actor: Actor, unit_code: str) -> Path:
        if unit_code not in {code for code, _name in self._desks(actor)}:
            raise NotFound(what="thư mục máy quét của đơn vị này")
        return self._gate.settings.scan_folders[unit_code]

    def _find(self, tx: Transaction, actor: Actor, code: str) -> tuple[DossierRecord, frozenset[int]]:
        seen = find_visible(tx, self._office, actor, code)
        return seen.dossier, seen.units

    def _one(
        self, tx: Transaction, actor: Actor, code: str, attachment_id: int
    ) -> tuple[DossierRecord, AttachmentRecord]:
        dossier, _involved = self._find(tx, actor, code)
        record = tx.attachments.find(attachment_id)
        if record.dossier_id != dossier.id:
            raise NotFound(what="tệp đính kèm này")
        return dossier, record

    def _check_may_add(self, tx: Transaction, actor: Actor, code: str, item_id: str) -> tuple[DossierRecord, int]:
        dossier, involved = self._find(tx, actor, code)
        unit_id = attaching_unit(actor, involved)
        if unit_id is None:
            raise Refused(detail="chỉ người đang xử lý hồ sơ được đưa tệp vào")
        if item_id and item_id not in {item.id for item in dossier.items}:
            raise NotFound(what="thành phần hồ sơ này")
        return dossier, unit_id


def _files_in(folder: Path) -> list[Path]:
    """Files of a folder itself: no links, no folders, nothing hidden or half written by its scanner."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.suffix != ".part"
    ]


def _places(dossier: DossierRecord, lines: Sequence[AttachmentLine]) -> tuple[AttachmentPlace, ...]:
    """The items of a dossier with their files, then the files of no item."""
    known = [item.id for item in dossier.items if item.id]
    places = [
        AttachmentPlace(item.id, item.name, item.is_present, tuple(line for line in lines if line.item_id == item.id))
        for item in dossier.items
        if item.id
    ]
    return (
        *places,
        AttachmentPlace("", OTHERS, is_present=True, files=tuple(line for line in lines if line.item_id not in known)),
    )


def _line(record: AttachmentRecord, names: Mapping[str, str], actor: Actor) -> AttachmentLine:
    facts = record.facts or {}
    notes = [NOTES[code].format(count=count) for code, count in facts.get("notes", ()) if code in NOTES]
    if record.opinion_id is not None:
        notes.append("kèm câu trả lời của đơn vị được hỏi ý kiến")
    if record.scan == ScanState.INFECTED.value:
        notes.append(f"mã độc: {record.scan_note}")
    return AttachmentLine(
        id=record.id,
        item_id=record.item_id,
        name=record.name,
        kind=FileKind(record.kind),
        size=record.size,
        sha256=record.sha256,
        pages=int(facts.get("pages", 0)),
        added_at=record.added_at,
        added_by_name=names.get(record.added_by, record.added_by),
        scan=ScanState(record.scan) if record.scan else ScanState.WAITING,
        notes=tuple(notes),
        removed_at=record.removed_at,
        removed_by_name=names.get(record.removed_by or "", record.removed_by or ""),
        removed_reason=record.removed_reason,
        may_remove=record.removed_at is None and can_remove(actor, record.added_by, record.unit_id),
        opinion_id=record.opinion_id,
    )
