"""Designing a procedure: from an upload over check, forms and trial to its publication. Only administrators do.

Nothing of an upload is read here: that is for child processes with limits of time and memory. A draft touches no
dossier and no published version before it is published itself.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.permissions import check_can_design
from engine.domain.versions import in_force
from engine.persistence.repositories.designs import DELETED, OPEN, PUBLISHED, WAITING
from engine.process.drafting.guard import DraftGuard, DraftRefused, look_of
from engine.process.drafting.model import Look
from engine.process.drafting.workshop import laid_out, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from engine.config import Settings, UnitSettings
    from engine.domain.people import Actor
    from engine.domain.process import Change, Problem
    from engine.persistence.repositories.designs import DesignRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

SECONDS, MEGABYTES = 10.0, 512
MAX_DRAFTS = 100
_STEM = re.compile(r"[a-z][a-z0-9_]{2,59}")


class DraftNotTaken(BadInput):
    """Không nhận được tệp: {detail}."""

    code = "draft_not_taken"

    def __init__(self, problems: tuple[Problem, ...], changes: tuple[Change, ...] = ()) -> None:
        """Tell the first problem in words and keep all as `problems`."""
        self.problems, self.changes = problems, changes
        super().__init__(detail=problems[0].message.rstrip(".") if problems else "tệp trống")


class BadDesign(BadInput):
    """{detail}."""

    code = "bad_design"


@dataclass(frozen=True, slots=True)
class DesignView:
    """A draft with everything its pages show. `rows` compare it with the version in force `against`."""

    record: DesignRecord
    look: Look
    files: dict[str, str]
    rows: tuple[tuple[str, str, str, str], ...]
    against: str
    events: tuple[dict[str, Any], ...]
    unit_kinds: tuple[str, ...]
    needs_second_person: bool

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.record.state == OPEN


class Designing:
    """The drafts of one installation."""

    def __init__(self, uow: UnitOfWork, settings: Settings, publish: Callable[..., Any]) -> None:
        """Work on one installation; `publish` is what publishes a checked file."""
        self._uow, self._settings, self._publish = uow, settings, publish
        self._guard = DraftGuard(seconds=SECONDS, megabytes=MEGABYTES)
        self._shared = settings.procedures / "shared"

    # --- looking ---

    def drafts(self, actor: Actor) -> tuple[DesignRecord, ...]:
        """Every draft, the one changed last first."""
        check_can_design(actor)
        with self._uow.read() as tx:
            return tuple(tx.designs.all(MAX_DRAFTS))

    def view(self, actor: Actor, design_id: int) -> DesignView:
        """One draft; raises `NotFound`."""
        check_can_design(actor)
        with self._uow.read() as tx:
            record, events = tx.designs.get(design_id), tx.designs.events(design_id)
        seen = dict(record.look)
        rows, against = seen.pop("rows", []), seen.pop("against", "")
        return DesignView(
            record,
            look_of(seen),
            unpacked(record.files),
            tuple((row[0], row[1], row[2], row[3]) for row in rows),
            against,
            tuple(events),
            tuple(sorted(_kinds(self._settings.units))),
            self._settings.publication.second_person,
        )

    def diagram(self, actor: Actor, design_id: int) -> str:
        """The drawing, for the viewer in the browser."""
        view = self.view(actor, design_id)
        return view.files[f"{view.record.stem}.bpmn"]

    def download(self, actor: Actor, design_id: int) -> tuple[str, bytes]:
        """Name and archive of the files, to go on with in an editor."""
        check_can_design(actor)
        with self._uow.read() as tx:
            record = tx.designs.get(design_id)
        return f"{record.stem}.zip", record.files

    # --- making and changing ---

    def upload(self, actor: Actor, uploads: Mapping[str, bytes], *, at: datetime) -> int:
        """Make a draft of uploaded files; raises `DraftNotTaken` with every reason."""
        check_can_design(actor)
        stem, files, changes = self._take_in(uploads)
        return self._keep_new(actor, stem, files, changes, "uploaded", at)

    def copy(self, actor: Actor, ref: str, *, at: datetime) -> int:
        """Make a draft of a published version; raises `BadDesign` if there is none of this ref."""
        check_can_design(actor)
        with self._uow.read() as tx:
            sources = tx.versions.sources([ref])
        if ref not in sources:
            raise BadDesign(detail="không có phiên bản này")
        files = unpacked(sources[ref])
        stem = next(Path(name).stem for name in files if name.endswith(".yaml"))
        own = {name: text for name, text in files.items() if not (self._settings.procedures / name).is_file()}
        return self._keep_new(actor, stem, own, [], "copied", at)

    def replace(
        self, actor: Actor, design_id: int, version: int, uploads: Mapping[str, bytes], *, at: datetime
    ) -> None:
        """Put uploaded files over those of a draft; what is not uploaded stays. Raises `DraftNotTaken`."""
        check_can_design(actor)
        old = self._open(design_id)
        stem, files, changes = self._take_in(uploads, keep=(old.stem, unpacked(old.files)))
        self._change(actor, old, version, stem, files, "replaced", at, changes=changes)

    def fill_in(self, actor: Actor, design_id: int, version: int, change: Mapping[str, Any], *, at: datetime) -> None:
        """Write what a form says into diagram and facts; raises `BadDesign`."""
        check_can_design(actor)
        old = self._open(design_id)
        stem = str(change.get("stem") or old.stem)
        if stem != old.stem and not _STEM.fullmatch(stem):
            raise BadDesign(detail="tên tệp chỉ gồm chữ thường không dấu, số, gạch dưới; từ 3 đến 60 ký tự")
        files = unpacked(old.files)
        with laid_out(files, old.stem, self._shared) as bench:
            try:
                written = self._guard.edit(bench.folder, old.stem, change)
            except DraftRefused as refused:
                raise BadDesign(detail=refused.problem.message.rstrip(".")) from None
        files = {_renamed(name, old.stem, stem): text for name, text in files.items()} | written
        self._change(actor, old, version, stem, files, "filled_in", at)

    def delete(self, actor: Actor, design_id: int, version: int, *, at: datetime) -> None:
        """Put a draft away; what was done about it stays on record."""
        check_can_design(actor)
        with self._uow.write() as tx:
            tx.designs.change(design_id, version, state=DELETED, updated_at=at, updated_by=actor.username)
            tx.designs.note(design_id, "deleted", at=at, by=actor.username)

    # --- trying out ---

    def keep_trial(self, actor: Actor, design_id: int, version: int, trial: dict[str, Any], *, at: datetime) -> None:
        """Remember how far a walk by hand has come."""
        self._remember(actor, design_id, version, at, "", trial=trial)

    def keep_told(self, actor: Actor, design_id: int, version: int, told: dict[str, Any], *, at: datetime) -> None:
        """Remember what came of the stories."""
        self._remember(actor, design_id, version, at, "stories", told=told)

    def _remember(
        self, actor: Actor, design_id: int, version: int, at: datetime, kind: str, **values: dict[str, Any]
    ) -> None:
        check_can_design(actor)
        with self._uow.write() as tx:
            tx.designs.change(design_id, version, **values)
            if kind:
                tx.designs.note(design_id, kind, at=at, by=actor.username)

    # --- publishing ---

    def ask(self, actor: Actor, design_id: int, version: int, *, at: datetime) -> None:
        """Lay a draft that is right before a second person; raises `NotAllowedNow`."""
        check_can_design(actor)
        _check_ready(self._open(design_id))
        with self._uow.write() as tx:
            tx.designs.change(design_id, version, state=WAITING, asked_at=at, asked_by=actor.username)
            tx.designs.note(design_id, "asked", at=at, by=actor.username)

    def take_back(self, actor: Actor, design_id: int, version: int, *, at: datetime) -> None:
        """Go on designing what was laid before a second person."""
        check_can_design(actor)
        with self._uow.write() as tx:
            if tx.designs.get(design_id).state != WAITING:
                raise NotAllowedNow(detail="bản nháp này không chờ xác nhận")
            tx.designs.change(design_id, version, state=OPEN, asked_at=None, asked_by="")
            tx.designs.note(design_id, "taken_back", at=at, by=actor.username)

    def publish(self, actor: Actor, design_id: int, version: int, *, at: datetime) -> tuple[str, ...]:
        """Publish a draft that is right; answers what to look at all the same.

        Raises `NotAllowedNow` where a second person has to confirm, and what the publication of a version raises.
        """
        check_can_design(actor)
        with self._uow.read() as tx:
            record = tx.designs.get(design_id)
        self._check_publishable(actor, record)
        if record.version != version:
            raise NotAllowedNow(detail="bản nháp vừa được sửa; hãy xem lại rồi công bố")
        with laid_out(unpacked(record.files), record.stem, self._shared) as bench:
            published = self._publish(actor, bench.diagram, at=at)
        with self._uow.write() as tx:
            tx.designs.change(design_id, version, state=PUBLISHED, updated_at=at, updated_by=actor.username)
            tx.designs.note(design_id, "published", at=at, by=actor.username, ref=published[0].ref)
        return tuple(warning for each in published for warning in each.warnings)

    def _check_publishable(self, actor: Actor, record: DesignRecord) -> None:
        _check_ready(record)
        if self._settings.publication.second_person:
            if record.state != WAITING:
                raise NotAllowedNow(detail="cơ quan này cần hai người: hãy trình, rồi người quản trị khác xác nhận")
            if record.asked_by == actor.username:
                raise NotAllowedNow(detail="người trình không được tự xác nhận; cần một người quản trị khác")

    # --- the rest ---

    def close(self) -> None:
        """Let the child process go."""
        self._guard.close()

    def _take_in(
        self, uploads: Mapping[str, bytes], keep: tuple[str, dict[str, str]] = ("", {})
    ) -> tuple[str, dict[str, str], list[Any]]:
        """What the uploads hold, over what a draft has already."""
        with tempfile.TemporaryDirectory(prefix="motcua-upload-") as scratch:
            folder = Path(scratch)
            old_stem, old = keep
            named = {Path(name).name: content for name, content in uploads.items() if content}
            if old and not any(name.lower().endswith((".bpmn", ".bpmn2", ".xml", ".zip")) for name in named):
                named[f"{old_stem}.bpmn"] = old[f"{old_stem}.bpmn"].encode()
            for number, (name, content) in enumerate(named.items()):
                (folder / (name or f"{number}")).write_bytes(content)
            taken = self._guard.take_in(folder, [path.stem for path in self._shared.glob("*.bpmn")])
        if not taken.files:
            raise DraftNotTaken(taken.problems, taken.changes)
        kept = {_renamed(name, old_stem, taken.stem): text for name, text in old.items()}
        return taken.stem, {**kept, **taken.files}, [asdict(change) for change in taken.changes]

    def _keep_new(
        self, actor: Actor, stem: str, files: dict[str, str], changes: list[Any], kind: str, at: datetime
    ) -> int:
        seen = self._look(stem, files, at)
        by = actor.username
        with self._uow.write() as tx:
            number = tx.designs.add(
                stem=stem, files=packed(files), look=seen, changes=changes,
                created_at=at, created_by=by, updated_at=at, updated_by=by, **_named(seen, stem),
            )  # fmt: skip
            tx.designs.note(number, kind, at=at, by=by, files=sorted(files))
        return number

    def _change(
        self, actor: Actor, old: DesignRecord, version: int, stem: str, files: dict[str, str], kind: str,
        at: datetime, *, changes: list[Any] | None = None,
    ) -> None:  # fmt: skip
        seen = self._look(stem, files, at)
        by = actor.username
        with self._uow.write() as tx:
            tx.designs.change(
                old.id, version, stem=stem, files=packed(files), look=seen, trial={}, told={},
                changes=old.changes if changes is None else changes, updated_at=at, updated_by=by, **_named(seen, stem),
            )  # fmt: skip
            tx.designs.note(old.id, kind, at=at, by=by, files=sorted(files))

    def _look(self, stem: str, files: dict[str, str], at: datetime) -> dict[str, Any]:
        """Everything that is known of a draft, as plain values."""
        kinds = frozenset(_kinds(self._settings.units)) or None
        with laid_out(files, stem, self._shared) as bench:
            look = self._guard.look(bench.folder, stem, kinds, bench.shared)
            seen: dict[str, Any] = json.loads(json.dumps(asdict(look)))
            if look.is_ok:
                seen["against"], seen["rows"] = self._compared(bench.folder, stem, look.facts, bench.shared, at)
        return seen

    def _compared(
        self, folder: Path, stem: str, facts: Mapping[str, Any], shared: Path, at: datetime
    ) -> tuple[str, list[Any]]:
        with self._uow.read() as tx:
            found = _version_in_force(tx, facts, at.astimezone(self._settings.zone).date(), self._settings.province)
            if found is None:
                return "", []
            version, sources = found
        old = folder.parent / "in_force.zip"
        old.write_bytes(sources)
        try:
            return version, [list(row) for row in self._guard.compare(folder, stem, old, shared)]
        except DraftRefused:
            return version, []

    def _open(self, design_id: int) -> DesignRecord:
        with self._uow.read() as tx:
            record = tx.designs.get(design_id)
        if record.state != OPEN:
            raise NotAllowedNow(detail="bản nháp này đã trình hoặc đã công bố, không sửa được nữa")
        return record


def _check_ready(record: DesignRecord) -> None:
    if record.state == PUBLISHED:
        raise NotAllowedNow(detail="bản nháp này đã công bố")
    seen = {name: value for name, value in record.look.items() if name not in {"rows", "against"}}
    if not look_of(seen).is_ok:
        raise NotAllowedNow(detail="bản nháp còn lỗi; hãy sửa hết lỗi trước khi công bố")
    decision, starts = seen["facts"].get("decision") or {}, seen["facts"].get("effective_from")
    if not decision.get("number") or not starts:
        raise NotAllowedNow(detail="hãy ghi số quyết định công bố và ngày bắt đầu áp dụng")


def _version_in_force(
    tx: Transaction, facts: Mapping[str, Any], today: date, province: str
) -> tuple[str, bytes] | None:
    """Label and sources of the version of the same code and level that holds now."""
    known = [version for version in tx.versions.index() if version.is_published and version.code == facts.get("code")]
    levels = set(facts.get("levels") or ())
    for version in in_force(known, today, province):
        if not levels or not version.levels or levels & set(version.levels):
            return version.version, tx.versions.sources([version.ref])[version.ref]
    return None


def _named(seen: Mapping[str, Any], stem: str) -> dict[str, str]:
    facts = seen.get("facts") or {}
    return {"code": str(facts.get("code") or "")[:40], "name": str(facts.get("name") or stem)}


def _renamed(name: str, old: str, new: str) -> str:
    """A file of the draft under the new name of its procedure."""
    path = Path(name)
    return str(path.with_name(f"{new}{path.suffix}")) if path.stem == old and path.parent.name != "shared" else name


def _kinds(units: tuple[UnitSettings, ...]) -> set[str]:
    return {kind for unit in units for kind in (unit.kind, *_kinds(unit.units))}
