"""Publishing one version of a procedure, inside one transaction: whole, once, and never edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput
from engine.domain.versions import clash
from engine.persistence.repositories.versions import WITHDRAWN, VersionRecord
from engine.process.filing import span_text

if TYPE_CHECKING:
    from datetime import datetime

    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition


_REMEDY = "bản đã công bố không được sửa: hãy tăng “version”, ghi ngày áp dụng mới ở “effective_from” rồi công bố lại"


class VersionTaken(BadInput):
    """Thủ tục {procedure}: phiên bản {version} đã công bố ngày {on} với nội dung khác; {remedy}."""

    code = "version_taken"


class VersionsOverlap(BadInput):
    """Thủ tục {procedure}: phiên bản {version} ({span}) và phiên bản {other} ({other_span}) cùng áp dụng từ {day}."""

    code = "versions_overlap"


class VersionWithdrawn(BadInput):
    """Thủ tục {procedure}, phiên bản {version} đã bị thu hồi. Hãy tăng “version” rồi công bố lại."""

    code = "version_withdrawn"


def record_of(definition: Definition, *, at: datetime, by: str) -> VersionRecord:
    """The row of a version that is to be published."""
    facts = definition.procedure
    return VersionRecord(
        code=facts.code,
        version=facts.version,
        levels=facts.levels,
        province=facts.province,
        effective_from=facts.effective_from,
        effective_to=facts.effective_to,
        where=f"{facts.process} ({definition.ref[:12]})",
        ref=definition.ref,
        name=facts.name,
        process=facts.process,
        published_at=at,
        published_by=by,
    )


def publish(tx: Transaction, definition: Definition, *, at: datetime, by: str) -> bool:
    """Keep a version for ever; False if just this one was published before.

    Raises `VersionTaken`, `VersionsOverlap` or `VersionWithdrawn`, before anything is written.
    """
    new = record_of(definition, at=at, by=by)
    known = tx.versions.index()
    same = next((version for version in known if version.ref == new.ref), None)
    if same is not None and same.status == WITHDRAWN:
        raise VersionWithdrawn(procedure=new.code, version=new.version)
    if same is not None:
        return False
    _check_name(new, known)
    _check_days(new, known)
    tx.versions.add(new, sector=definition.procedure.sector, sources=definition.sources())
    tx.versions.note(new.ref, "published", at=at, by=by, data=_facts(new))
    return True


def _check_name(new: VersionRecord, known: tuple[VersionRecord, ...]) -> None:
    for version in known:
        if version.is_of_one_line(new) and version.version == new.version:
            on = f"{version.published_at:%d/%m/%Y}" if version.published_at else "–"
            raise VersionTaken(procedure=new.code, version=new.version, on=on, remedy=_REMEDY)


def _check_days(new: VersionRecord, known: tuple[VersionRecord, ...]) -> None:
    for version in known:
        day = clash(version, new) if version.is_published else None
        if day is not None:
            raise VersionsOverlap(
                procedure=new.code,
                version=new.version,
                span=span_text(new),
                other=version.version,
                other_span=span_text(version),
                day=f"{max(day, new.starts_on):%d/%m/%Y}",
            )


def _facts(version: VersionRecord) -> dict[str, Any]:
    return {
        "version": version.version,
        "effective_from": version.effective_from.isoformat() if version.effective_from else None,
        "effective_to": version.effective_to.isoformat() if version.effective_to else None,
    }
