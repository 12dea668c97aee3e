"""Parcels that dossiers are about, and the documents that bar parcels: found by commune, sheet and number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, or_, select, update

from engine.domain.errors import NotFound
from engine.domain.parcels import BlockEffect, BlockKind, Parcel
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, DossierParcel, ParcelBlock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection

_P, _B, _D = table_of(DossierParcel).c, table_of(ParcelBlock).c, table_of(Dossier).c
_IN_ONE = 400
_PLACE = ("commune", "was", "sheet", "number", "written")


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """A block as it stands in its row."""

    id: int
    unit_id: int
    parcel: Parcel
    kind: BlockKind
    effect: BlockEffect
    document: str
    reason: str
    from_on: date
    to_on: date | None
    created_at: datetime
    created_by: str
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_document: str

    def holds_on(self, day: date) -> bool:
        """Whether the block bars on a day."""
        return self.lifted_at is None and self.from_on <= day and (self.to_on is None or day <= self.to_on)


class Parcels:
    """Parcels and blocks, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def note(self, dossier_id: int, parcels: Iterable[Parcel]) -> None:
        """Write down what a dossier is about."""
        rows = [{"dossier_id": dossier_id, **_place_of(parcel)} for parcel in dict.fromkeys(parcels)]
        if rows:
            self._connection.execute(insert(table_of(DossierParcel)), rows)

    def of(self, dossier_id: int) -> tuple[Parcel, ...]:
        """The parcels that a dossier is about."""
        rows = self._connection.execute(
            select(table_of(DossierParcel)).where(_P.dossier_id == dossier_id).order_by(_P.id)
        )
        return tuple(_parcel(row) for row in rows.mappings())

    def open_files(self, parcels: Sequence[Parcel], most: int = 20) -> list[tuple[Parcel, Mapping[str, Any]]]:
        """Open dossiers about one of these places, with the parcel that each names."""
        statement = (
            select(
                *(_P[name] for name in _PLACE), _D.code, _D.status, _D.unit_id, _D.deciding_unit_id, _D.procedure_name
            )
            .select_from(table_of(DossierParcel).join(table_of(Dossier), _D.id == _P.dossier_id))
            .where(_at(_P, parcels), _D.ended_at.is_(None))
            .order_by(_D.id)
            .limit(most)
        )
        return [(_parcel(row), dict(row)) for row in self._connection.execute(statement).mappings()]

    # --- blocks ---

    def blocks_at(self, parcels: Sequence[Parcel]) -> list[BlockRecord]:
        """Blocks of one of these places that were not lifted."""
        return self._blocks(_at(_B, parcels), _B.lifted_at.is_(None))

    def blocks(self, *, only_held: bool, limit: int, offset: int) -> list[BlockRecord]:
        """Blocks, the latest first; `only_held`: those that were not lifted."""
        where = (_B.lifted_at.is_(None),) if only_held else ()
        return self._blocks(*where, limit=limit, offset=offset)

    def block(self, block_id: int) -> BlockRecord:
        """One block; raises `NotFound`."""
        found = self._blocks(_B.id == block_id)
        if not found:
            raise NotFound(what=f"mục ngăn chặn số {block_id}")
        return found[0]

    def has_block(self, parcel: Parcel, document: str) -> bool:
        """Whether this document bars this parcel already."""
        same = and_(*(_B[name] == getattr(parcel, name) for name in ("commune", "was", "sheet", "number")))
        statement = select(_B.id).where(same, _B.document == document, _B.lifted_at.is_(None)).limit(1)
        return self._connection.scalar(statement) is not None

    def barred(self, communes: Collection[str]) -> Iterator[tuple[str, str, str, str, str]]:
        """Place and document of every block in some communes that was not lifted."""
        wanted = sorted(communes)
        for start in range(0, len(wanted), _IN_ONE):
            some = _B.commune.in_(wanted[start : start + _IN_ONE])
            statement = select(_B.commune, _B.was, _B.sheet, _B.number, _B.document).where(some, _B.lifted_at.is_(None))
            yield from (tuple(row) for row in self._connection.execute(statement))

    def add_blocks(
        self, unit_id: int, blocks: Sequence[tuple[Parcel, Mapping[str, Any]]], *, at: datetime, by: str
    ) -> Sequence[int]:
        """Write blocks down; answers their numbers, in order."""
        facts = {"unit_id": unit_id, "created_at": at, "created_by": by, "lifted_document": ""}
        rows = [{**_place_of(parcel), **each, **facts} for parcel, each in blocks]
        if not rows:
            return ()
        statement = insert(table_of(ParcelBlock)).returning(_B.id, sort_by_parameter_order=True)
        return self._connection.scalars(statement, rows).all()

    def lift(self, block_id: int, document: str, *, at: datetime, by: str) -> bool:
        """Lift a block; False if somebody has done so before."""
        statement = (
            update(table_of(ParcelBlock))
            .where(_B.id == block_id, _B.lifted_at.is_(None))
            .values(lifted_at=at, lifted_by=by, lifted_document=document)
        )
        return self._connection.execute(statement).rowcount == 1

    def _blocks(self, *where: Any, limit: int = 100, offset: int = 0) -> list[BlockRecord]:
        statement = select(table_of(ParcelBlock)).where(*where).order_by(_B.id.desc()).limit(limit).offset(offset)
        return [_block(row) for row in self._connection.execute(statement).mappings()]


def _at(columns: Any, parcels: Sequence[Parcel]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(columns.commune == parcel.commune, columns.sheet == parcel.sheet, columns.number == parcel.number)
            for parcel in parcels
        )
    )


def _place_of(parcel: Parcel) -> dict[str, str]:
    return {name: getattr(parcel, name) for name in _PLACE}


def _parcel(row: Mapping[Any, Any]) -> Parcel:
    return Parcel(**{name: row[name] for name in _PLACE})


def _block(row: Mapping[Any, Any]) -> BlockRecord:
    facts = {name: value for name, value in row.items() if name not in {*_PLACE, "kind", "effect"}}
    return BlockRecord(parcel=_parcel(row), kind=BlockKind(row["kind"]), effect=BlockEffect(row["effect"]), **facts)
