"""Publish versions of procedures, withdraw and close them, and tell what is in force, coming, past and different."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.permissions import check_can_publish
from engine.domain.process import Severity
from engine.domain.versions import gaps, in_force, last_day
from engine.effects.publishing import publish
from engine.persistence.repositories.versions import WITHDRAWN
from engine.process.catalogue import procedure_files
from engine.process.checks import check_path
from engine.process.checks.files import DIAGRAM, FACTS, SHARED
from engine.process.definitions import Definition, shared_near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from engine.config import UnitSettings
    from engine.domain.people import Actor
    from engine.domain.process import FileReport
    from engine.effects.office import Office
    from engine.persistence.repositories.versions import VersionRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_DAY = timedelta(days=1)
RESULTS = frozenset({"moved", "reverted", "cannot", "failed"})
IN_FORCE, COMING, PAST = "in_force", "coming", "past"


class NotPublishable(BadInput):
    """Chưa công bố được {file}: {detail}. Hãy chạy “motcua check” để xem hết các lỗi."""

    code = "not_publishable"

    def __init__(self, reports: Sequence[FileReport]) -> None:
        """Tell the first fault in words and keep the reports of all files as `reports`."""
        self.reports = tuple(reports)
        faulty = next(report for report in reports if not report.ok)
        first = next(problem for problem in faulty.problems if problem.severity is Severity.ERROR)
        super().__init__(file=faulty.path, detail=first.message.rstrip("."))


class NothingToPublish(BadInput):
    """Không có thủ tục nào (cặp tệp .bpmn và .yaml) ở {path}."""

    code = "nothing_to_publish"


class OtherProvince(BadInput):
    """{file} là phiên bản riêng của tỉnh “{province}”; cơ quan này thuộc tỉnh “{own}” (config.yaml, khóa province)."""

    code = "other_province"


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version after `publish`: whether it is new, and what to look at all the same."""

    file: str
    procedure: str
    version: str
    province: str
    levels: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None
    ref: str
    is_new: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version as an administrator sees it. `state` is of the day asked for; withdrawn ones say so by `status`."""

    procedure: str
    name: str
    process: str
    version: str
    province: str
    levels: tuple[str, ...]
    effective_from: date | None
    last_day: date | None
    state: str
    status: str
    published_at: datetime | None
    published_by: str
    running: int
    ref: str
    file_differs: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done about a version; `batch` and `counts` of dossiers that were moved or put back."""

    at: datetime
    by: str
    kind: str
    procedure: str
    version: str
    batch: int | None = None
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Unpublished:
    """What the folder holds and was not published as it is, and why."""

    file: str
    procedure: str
    version: str
    reason: str


class Publication:
    """The versions of one installation."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def publish(self, actor: Actor, path: Path, *, at: datetime) -> tuple[PublishedVersion, ...]:
        """Check what lies at `path` (a diagram, its facts, or a folder) and publish it whole, or nothing of it.

        What was published before just as it is is left alone. Raises `NotPublishable` with the report of the checker,
        `NothingToPublish`, `OtherProvince`, `VersionTaken`, `VersionsOverlap`, `VersionWithdrawn`.
        """
        check_can_publish(actor, self._office.units)
        diagrams = _diagrams(path)
        if not diagrams:
            raise NothingToPublish(path=path)
        reports = check_path(
            diagrams,
            unit_kinds=_kinds(self._office.settings.units) or None,
            shared=self._office.settings.procedures / SHARED,
            province=self._office.settings.province,
        )
        if not all(report.ok for report in reports):
            raise NotPublishable(reports)
        definitions = [(diagram, Definition.load(diagram, self._shared(diagram))) for diagram in diagrams]
        for diagram, definition in definitions:
            self._check_province(diagram, definition)
        with self._uow.write() as tx:
            return tuple(self._one(tx, actor, file, definition, at) for file, definition in definitions)

    def withdraw(self, actor: Actor, code: str, version: str, *, level: str = "", at: datetime) -> VersionRecord:
        """Take back a version that is not in force yet; raises `NotFound`, `NotAllowedNow` once it is."""
        check_can_publish(actor, self._office.units)
        with self._uow.write() as tx:
            found = _find(tx, code, version, level)
            if found.starts_on <= self._office.local_day(at):
                since = f"{found.starts_on:%d/%m/%Y}"
                raise NotAllowedNow(detail=f"phiên bản {version} đã áp dụng từ {since}; chỉ ghi được ngày hết áp dụng")
            tx.versions.change(found.ref, status=WITHDRAWN)
            tx.versions.note(found.ref, "withdrawn", at=at, by=actor.username)
            return replace(found, status=WITHDRAWN)

    def close(
        self, actor: Actor, code: str, version: str, last: date, *, level: str = "", at: datetime
    ) -> VersionRecord:
        """Say on which day a version ends: from the next day on nothing is received under it.

        Raises `NotFound`, and `NotAllowedNow` for a day before today or after the end that it has already.
        """
        check_can_publish(actor, self._office.units)
        with self._uow.write() as tx:
            found = _find(tx, code, version, level)
            end = last_day(found, _published(tx))
            if last < max(self._office.local_day(at), found.starts_on) or (end is not None and last > end):
                raise NotAllowedNow(
                    detail=f"ngày cuối {last:%d/%m/%Y} phải từ hôm nay trở đi và trong thời gian phiên bản áp dụng"
                )
            tx.versions.change(found.ref, closed_on=last)
            tx.versions.note(found.ref, "closed", at=at, by=actor.username, data={"last_day": last.isoformat()})
            return replace(found, effective_to=last)

    def overview(self, *, at: datetime) -> tuple[VersionLine, ...]:
        """Every version on record by procedure, the newest first, with what it is on the local day of `at`."""
        today = self._office.local_day(at)
        with self._uow.read() as tx:
            known, running = tx.versions.index(), tx.versions.count_running()
            differing = {version.ref for version in known} - {held.ref for held in self._office.library.current()}
        published = [version for version in known if version.is_published]
        now = {version.ref for version in in_force(published, today, self._office.settings.province)}
        stems = {definition.procedure.process for definition in self._office.library.current()}
        ordered = sorted(known, key=lambda each: (each.code, each.levels, each.starts_on), reverse=True)
        lines = [
            VersionLine(
                procedure=version.code,
                name=version.name,
                process=version.process,
                version=version.version,
                province=version.province,
                levels=version.levels,
                effective_from=version.effective_from,
                last_day=last_day(version, published),
                state=IN_FORCE if version.ref in now else COMING if version.starts_on > today else PAST,
                status=version.status,
                published_at=version.published_at,
                published_by=version.published_by,
                running=running.get(version.ref, 0),
                ref=version.ref,
                file_differs=version.ref in now & differing and version.process in stems,
            )
            for version in ordered
        ]
        return tuple(sorted(lines, key=lambda line: line.procedure))

    def changes(self, most: int) -> tuple[Change, ...]:
        """What was done about versions lately, the latest first."""
        with self._uow.read() as tx:
            rows = tx.versions.events(most)
        return tuple(
            Change(
                at=row["at"],
                by=row["by"],
                kind=row["kind"],
                procedure=row["code"],
                version=row["version"],
                batch=row["data"].get("move"),
                counts=tuple((name, count) for name, count in row["data"].items() if name in RESULTS)
                if "move" in row["data"]
                else (),
            )
            for row in rows
        )

    def unpublished(self) -> tuple[Unpublished, ...]:
        """What the folder of procedures holds and is not published as it is: what is in force is another text."""
        with self._uow.read() as tx:
            known = tx.versions.index()
        refs = {version.ref for version in known}
        found = []
        for definition in self._office.library.current():
            if definition.ref in refs:
                continue
            facts = definition.procedure
            same = [each for each in known if each.is_of_one_line(facts.dated) and each.version == facts.version]
            reason = (
                f"khác với bản đã công bố cùng phiên bản {facts.version}; bản đã công bố vẫn áp dụng"
                if same
                else "chưa công bố"
            )
            found.append(Unpublished(f"{facts.process}{FACTS}", facts.code, facts.version, reason))
        return tuple(found)

    def _shared(self, diagram: Path) -> Path:
        near = shared_near(diagram)
        return near if near.is_dir() else self._office.settings.procedures / SHARED

    def _check_province(self, diagram: Path, definition: Definition) -> None:
        province = definition.procedure.province
        if province not in {"", self._office.settings.province}:
            raise OtherProvince(file=diagram.name, province=province, own=self._office.settings.province)

    def _one(self, tx: Transaction, actor: Actor, file: Path, definition: Definition, at: datetime) -> PublishedVersion:
        is_new = publish(tx, definition, at=at, by=actor.username)
        facts = definition.procedure
        return PublishedVersion(
            file=str(file.with_suffix(FACTS)),
            procedure=facts.code,
            version=facts.version,
            province=facts.province,
            levels=facts.levels,
            effective_from=facts.effective_from,
            effective_to=facts.effective_to,
            ref=definition.ref,
            is_new=is_new,
            warnings=tuple(self._warnings(tx, definition, at)) if is_new else (),
        )

    def _warnings(self, tx: Transaction, definition: Definition, at: datetime) -> Iterator[str]:
        """What is allowed, and should be looked at: days without a version, a first day that has passed."""
        mine = definition.procedure.dated
        starts = definition.procedure.effective_from
        if starts is not None and starts < self._office.local_day(at):
            yield (
                f"ngày áp dụng {starts:%d/%m/%Y} đã qua: hồ sơ đã tiếp nhận từ ngày đó vẫn theo phiên bản cũ, "
                "trừ khi được chuyển (motcua move-dossiers)"
            )
        for before, following in gaps([version for version in _published(tx) if version.is_of_one_line(mine)]):
            assert before.effective_to is not None
            first, last = before.effective_to + _DAY, following.starts_on - _DAY
            yield f"không có phiên bản nào áp dụng từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}"


def _diagrams(path: Path) -> list[Path]:
    """The diagrams with facts beside them at a path."""
    if path.is_dir():
        return procedure_files(path)
    diagram = path.with_suffix(DIAGRAM)
    is_pair = diagram.is_file() and path.with_suffix(FACTS).is_file() and diagram.parent.name != SHARED
    return [diagram] if is_pair else []


def _published(tx: Transaction) -> list[VersionRecord]:
    return [version for version in tx.versions.index() if version.is_published]


def _find(tx: Transaction, code: str, version: str, level: str) -> VersionRecord:
    found = [
        each
        for each in _published(tx)
        if each.code == code and each.version == version and (not level or not each.levels or level in each.levels)
    ]
    if len(found) != 1:
        more = " (có nhiều, hãy nêu cấp giải quyết)" if found else ""
        raise NotFound(what=f"phiên bản {version} của thủ tục {code}{more}")
    return found[0]


def _kinds(units: Iterable[UnitSettings]) -> frozenset[str]:
    return frozenset(kind for unit in units for kind in (unit.kind, *_kinds(unit.units)))
