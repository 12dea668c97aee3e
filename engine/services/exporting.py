"""A whole dossier carried out of the house: everything that is known of it, readable without this program."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.domain.attachments import FileKind, ScanState, can_export, safe_name
from engine.domain.errors import NotFound, Refused
from engine.domain.event_text import say
from engine.domain.permissions import can_see_dossier, supervised_units
from engine.effects.attaching import involved_in, note
from engine.effects.export_pages import Carried, Table, Telling, files_of
from engine.effects.reading import clock_lines, clock_of, telling_of
from engine.persistence.queries.carried import codes_received
from engine.persistence.queries.dossier_page import DossierPage
from engine.persistence.queries.register import Register
from engine.persistence.repositories.history import follows
from engine.process.picture import drawn

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.files.store import Store
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.process.definitions import Definition

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_FILE_RIGHTS = 0o100644 << 16


class Exporting:
    """Dossiers as folders and archives."""

    def __init__(self, uow: UnitOfWork, office: Office, store: Store) -> None:
        """Read from one installation and its store of files."""
        self._uow = uow
        self._office = office
        self._store = store

    def archive(self, actor: Actor, code: str, *, at: datetime) -> bytes:
        """The export as a ZIP for a person, noted in the history; raises `Refused`, `NotFound`."""
        packed = self.pack(actor, code)

        def write_down(tx: Transaction) -> None:
            note(tx, tx.dossiers.lock(code), "dossier_exported", by=actor, at=at)

        self._uow.write_in_passing(write_down)
        return packed

    def pack(self, actor: Actor, code: str) -> bytes:
        """The export as a ZIP; the same dossier gives the same bytes."""
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(self.files(actor, code).items()):
                entry = zipfile.ZipInfo(f"{_folder_of(code)}/{path}", _FIRST_DAY)
                entry.external_attr, entry.compress_type = _FILE_RIGHTS, zipfile.ZIP_DEFLATED
                archive.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())
        return written.getvalue()

    def folder(self, actor: Actor, code: str, target: Path) -> int:
        """The export as files below `target`; answers how many."""
        files = self.files(actor, code)
        for path, content in files.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        return len(files)

    def files(self, actor: Actor, code: str) -> dict[str, bytes | Path]:
        """Every file of the export by its path. Writes nothing: it works while the database only reads."""
        with self._uow.read() as tx:
            dossier = tx.dossiers.find(code)
            involved = involved_in(tx, dossier)
            units = self._office.units
            if not actor.is_machine and not can_see_dossier(actor, involved, units):
                raise NotFound(what=f"hồ sơ {code}")
            if not can_export(actor, involved, supervised_units(actor, units)):
                raise Refused(detail="xuất cả hồ sơ dành cho lãnh đạo, văn thư của đơn vị có hồ sơ và người giám sát")
            return files_of(self._telling(tx, dossier), self._office.settings.zone)

    def codes(self, unit_code: str, since: datetime | None) -> list[str]:
        """The codes of what a unit and everything below it received from a moment on; raises `NotFound`."""
        units = self._office.units
        below = sorted(units.under(units.by_code(unit_code).id))
        with self._uow.read() as tx:
            return codes_received(tx.connection, below, since)

    # --- inside ---

    def _telling(self, tx: Transaction, dossier: DossierRecord) -> Telling:
        definition = self._office.library.get(tx, dossier.definition_ref)
        events = [dict(row) for row in tx.history.events(dossier.id)]
        tasks = tx.tasks.all_of(dossier.id)
        clock = [asdict(line) for line in clock_lines(clock_of(tx, self._office, dossier, definition))]
        page = DossierPage(tx.connection)
        names = page.names({row["by"] for row in events})
        outcome = page.outcome(dossier.id)
        letters, missing = self._letters(tx, dossier)
        brought, lost = self._brought(tx, dossier)
        is_sound, words = _chain(dossier, events)
        active = {task.diagram_element for task in tasks if task.closed_at is None}
        done = {task.diagram_element for task in tasks if task.closed_at is not None and not task.is_interrupted}
        return Telling(
            code=dossier.code,
            applicant=dossier.applicant.full_name,
            procedure=f"{dossier.procedure_code} {dossier.procedure_name}",
            facts=self._facts(dossier, definition),
            tables=(
                self._papers(dossier),
                self._history(dossier, definition, events, names),
                self._steps(tasks),
                self._clock(clock),
            ),
            files=(*letters, *brought),
            missing=(*missing, *lost),
            diagram=self._drawing(definition, active, done - active),
            chain_ok=is_sound,
            chain=words,
            data={
                "dossier": asdict(dossier),
                "events": [{**event, "prev": _previous(events, index)} for index, event in enumerate(events)],
                "steps": [asdict(task) for task in tasks],
                "clock": [dict(row) for row in tx.history.clock(dossier.id)],
                "clock_explanation": clock,
                "outcome": asdict(outcome) if outcome else None,
                "letters": [asdict(letter) for letter in tx.letters.of(dossier.id)],
                "attachments": [asdict(record) for record in tx.attachments.of(dossier.id)],
                "people": dict(names),
                "units": {unit.code: unit.name for unit in self._office.units},
            },
        )

    def _facts(self, dossier: DossierRecord, definition: Definition) -> tuple[tuple[str, str], ...]:
        units, applicant = self._office.units, dossier.applicant
        told = (
            ("Chủ hồ sơ", applicant.full_name),
            ("Số định danh", applicant.identity_number),
            ("Địa chỉ", applicant.address),
            ("Điện thoại", applicant.phone),
            ("Người nộp thay", dossier.submitter.full_name if dossier.submitter else ""),
            ("Trường hợp", definition.procedure.case(dossier.case_id).name),
            ("Nội dung", dossier.content),
            ("Nơi tiếp nhận", units.get(dossier.unit_id).name),
            ("Cơ quan giải quyết", units.get(dossier.deciding_unit_id).name),
            ("Tiếp nhận lúc", self._said(dossier.received_at)),
            ("Hẹn trả", self._said(dossier.due_at)),
            ("Có kết quả lúc", self._said(dossier.resolved_at)),
            ("Trả kết quả lúc", self._said(dossier.delivered_at)),
            ("Tình trạng", dossier.status.label),
        )
        return tuple((name, value) for name, value in told if value)

    def _papers(self, dossier: DossierRecord) -> Table:
        rows = tuple(
            (item.name, "có" if item.is_present else "thiếu", str(item.originals), str(item.copies))
            for item in dossier.items
        )
        return Table("papers", "Thành phần hồ sơ", ("Giấy tờ", "Nộp", "Bản chính", "Bản sao"), rows)

    def _history(
        self, dossier: DossierRecord, definition: Definition, events: Sequence[dict[str, Any]], names: Any
    ) -> Table:
        words = telling_of(self._office, definition, dossier.case_id)
        rows = tuple(
            (
                str(event["seq"]),
                self._said(event["at"]),
                names.get(event["by"], event["by"]),
                say(event["kind"], event["data"], words),
                str(event["data"].get("remark") or ""),
                event["hash"],
            )
            for event in events
        )
        return Table("history", "Nhật ký xử lý", ("STT", "Lúc", "Ai", "Việc", "Ghi chú", "Mã băm"), rows)

    def _steps(self, tasks: Sequence[TaskRecord]) -> Table:
        rows = tuple(
            (
                task.name,
                self._office.units.get(task.unit_id).name,
                self._said(task.opened_at),
                self._said(task.step_due_at),
                self._said(task.closed_at),
                task.closed_by or "",
            )
            for task in tasks
        )
        return Table("steps", "Các bước", ("Bước", "Đơn vị", "Mở lúc", "Hạn", "Xong lúc", "Ai"), rows)

    def _clock(self, lines: Sequence[dict[str, Any]]) -> Table:
        rows = tuple((self._said(line["at"]), line["what"], line["source"]) for line in lines)
        return Table("clock", "Vì sao hẹn ngày này", ("Lúc", "Cách tính", "Căn cứ"), rows)

    def _letters(self, tx: Transaction, dossier: DossierRecord) -> tuple[list[Carried], list[str]]:
        register, carried, missing = Register(tx.connection, self._office.units), [], []
        for number, letter in enumerate(tx.letters.of(dossier.id), start=1):
            pdf = register.as_file(letter, dossier.code)
            title = f"{pdf.filename.rpartition('_')[0].partition('_')[0]} số {letter.number_text}"
            if pdf.content is None:
                missing.append(f"Văn bản số {letter.number_text} chưa có tệp PDF")
                continue
            path = f"letters/{safe_name(pdf.filename, FileKind.PDF, number)}"
            carried.append(Carried(path, title, pdf.content, sha256(pdf.content).hexdigest()))
        return carried, missing

    def _brought(self, tx: Transaction, dossier: DossierRecord) -> tuple[list[Carried], list[str]]:
        items = {item.id: item.name for item in dossier.items}
        carried, missing = [], []
        for number, record in enumerate(tx.attachments.of(dossier.id), start=1):
            path = self._store.path(record.sha256)
            if record.removed_at is not None:
                continue
            if not ScanState(record.scan or ScanState.WAITING).may_open or not path.is_file():
                missing.append(f"Tệp “{record.name}” chưa quét vi-rút, có mã độc hoặc không còn trên đĩa")
                continue
            name = f"attachments/{safe_name(record.name, FileKind(record.kind), number)}"
            of_item = f" ({items[record.item_id]})" if record.item_id in items else ""
            carried.append(Carried(name, f"{record.name}{of_item}", path, record.sha256))
        return carried, missing

    @staticmethod
    def _drawing(definition: Definition, active: set[str], done: set[str]) -> str:
        return drawn(definition.diagrams[definition.procedure.process].decode(), active=active, done=done)

    def _said(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._office.settings.zone):%H:%M %d/%m/%Y}" if at else ""


def _folder_of(code: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in code)


def _previous(events: Sequence[dict[str, Any]], index: int) -> str:
    return str(events[index - 1]["hash"]) if index else ""


def _chain(dossier: DossierRecord, events: Sequence[dict[str, Any]]) -> tuple[bool, str]:
    """Whether every hash follows from what is written, computed anew."""
    broken = next(_breaks(events), None)
    end = str(events[-1]["hash"]) if events else ""
    if broken is None and (len(events), end) == (dossier.event_count, dossier.event_hash):
        return True, f"Nhật ký nguyên vẹn: {len(events)} dòng, mã băm cuối {end}."
    return False, f"NHẬT KÝ KHÔNG KHỚP mã băm từ dòng {broken or len(events) + 1}."


def _breaks(events: Sequence[dict[str, Any]]) -> Iterator[int]:
    for index, event in enumerate(events):
        if not follows(_previous(events, index), index + 1, event):
            yield index + 1
