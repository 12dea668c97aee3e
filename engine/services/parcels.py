"""The register of documents that bar parcels: entered and lifted by those who keep it, imported from a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, MotCuaError, Refused
from engine.domain.parcels import Block, BlockEffect, BlockKind, ParcelName
from engine.domain.permissions import block_units, check_can_see_blocks
from engine.effects.desk import desk_of
from engine.tables.uploads import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.parcels import Communes, Parcel
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.repositories.parcels import BlockRecord
    from engine.persistence.unit_of_work import UnitOfWork

PAGE_SIZE = 50
LONGEST_DOCUMENT, LONGEST_REASON = 200, 1000
COLUMNS = ("commune", "sheet", "parcel", "kind", "effect", "document", "from", "to", "reason")


class BadBlock(BadInput):
    """Chưa ghi được mục ngăn chặn: {detail}."""

    code = "bad_block"


class BadBlockFile(BadInput):
    """Tệp ngăn chặn thửa đất: {detail}."""

    code = "bad_block_file"


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A block for people: who keeps it, whether it holds today."""

    record: BlockRecord
    unit_name: str
    holds: bool
    may_lift: bool


@dataclass(frozen=True, slots=True)
class ImportedBlocks:
    """What came of a table: how many were (or would be) entered, known before, and what is wrong in which line."""

    added: int
    known: int
    faults: tuple[tuple[int, str], ...]


class ParcelRegister:
    """Blocks of parcels, for people and for the command line."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def communes(self) -> Communes:
        """The communes of the province."""
        return desk_of(self._office).communes

    def blocks(self, actor: Actor, *, only_held: bool = True, page: int = 1, at: datetime) -> tuple[BlockLine, ...]:
        """A page of the register, the latest first; one line more than a page says that there is another."""
        check_can_see_blocks(actor)
        offset = (max(page, 1) - 1) * PAGE_SIZE
        with self._uow.read() as tx:
            found = tx.parcels.blocks(only_held=only_held, limit=PAGE_SIZE + 1, offset=offset)
        return tuple(self._line(actor, block, at) for block in found)

    def at_place(self, actor: Actor, name: ParcelName, *, at: datetime) -> tuple[BlockLine, ...]:
        """What bars one parcel; raises `BadParcel`."""
        check_can_see_blocks(actor)
        parcel = self.communes.resolve(name)
        with self._uow.read() as tx:
            found = [block for block in tx.parcels.blocks_at([parcel]) if parcel.match(block.parcel)]
        return tuple(self._line(actor, block, at) for block in found)

    def enter(self, actor: Actor, block: Block, *, at: datetime) -> int:
        """Enter a block; answers its number. Raises `BadBlock`, `BadParcel`, `Refused`."""
        unit_id = min(self._keeps(actor))
        parcel = _checked(block, self.communes)
        with self._uow.write() as tx:
            if tx.parcels.has_block(parcel, block.document.strip()):
                raise BadBlock(detail=f"thửa này đã có mục ngăn chặn theo {block.document.strip()}")
            return tx.parcels.add_blocks(unit_id, [_row(parcel, block)], at=at, by=actor.username)[0]

    def lift(self, actor: Actor, block_id: int, document: str, *, at: datetime) -> None:
        """Lift a block by a document; raises `BadBlock`, also where somebody has lifted it before."""
        with self._uow.write() as tx:
            block, units = tx.parcels.block(block_id), self._keeps(actor)
            if not document.strip():
                raise BadBlock(detail="hãy ghi số, ngày văn bản chấm dứt ngăn chặn")
            if block.unit_id not in units:
                raise BadBlock(detail="mục này do đơn vị khác ghi, đơn vị đó chấm dứt")
            if not tx.parcels.lift(block_id, document.strip()[:LONGEST_DOCUMENT], at=at, by=actor.username):
                raise BadBlock(detail="mục này đã được chấm dứt trước đó")

    def load(self, unit_code: str, content: bytes, *, at: datetime, by: str, dry_run: bool) -> ImportedBlocks:
        """Enter the blocks of a table (CSV or Excel) on behalf of a unit; with a fault anywhere nothing is entered.

        A block that is there already is passed over, so a table may be loaded again. Raises `BadBlockFile`,
        `UnreadableTable`.
        """
        unit = self._office.units.by_code(unit_code)
        if not unit.is_active:
            raise BadBlockFile(detail=f"“{unit.name}” đã sắp xếp lại; hãy nhập cho đơn vị tiếp nhận")
        read, faults = self._read(content)
        fresh = {(*parcel.place, block.document): (parcel, block) for parcel, block in reversed(read)}
        with self._uow.read() if dry_run or faults else self._uow.write() as tx:
            for known in tx.parcels.barred({parcel.commune for parcel, _ in read}):
                fresh.pop(known, None)
            if not dry_run and not faults:
                tx.parcels.add_blocks(unit.id, [_row(*each) for each in reversed(fresh.values())], at=at, by=by)
        return ImportedBlocks(len(fresh), len(read) - len(fresh), tuple(faults))

    def may_keep(self, actor: Actor) -> bool:
        """Whether the person may enter blocks."""
        return bool(self._units(actor))

    def _units(self, actor: Actor) -> frozenset[int]:
        return block_units(actor, self._office.units, desk_of(self._office).block_keepers)

    def _keeps(self, actor: Actor) -> frozenset[int]:
        units = self._units(actor)
        if not units:
            raise Refused(detail="sổ ngăn chặn thửa đất do cơ quan đăng ký, quản lý đất đai hoặc quản trị ghi")
        return units

    def _read(self, content: bytes) -> tuple[list[tuple[Parcel, Block]], list[tuple[int, str]]]:
        heads, *rows = read_table(content) or [[]]
        places = {name.strip(): place for place, name in enumerate(heads)}
        if missing := [name for name in COLUMNS if name not in places]:
            raise BadBlockFile(detail=f"dòng đầu thiếu cột {', '.join(missing)}; cần {', '.join(COLUMNS)}")
        read, faults = [], []
        for number, row in enumerate(rows, start=2):
            told = {name: row[places[name]].strip() if places[name] < len(row) else "" for name in COLUMNS}
            if not any(told.values()):
                continue
            try:
                block = _block_of(told)
                read.append((_checked(block, self.communes), block))
            except MotCuaError as error:
                faults.append((number, error.message))
        return read, faults

    def _line(self, actor: Actor, block: BlockRecord, at: datetime) -> BlockLine:
        unit = self._office.units.get(block.unit_id)
        may_lift = block.lifted_at is None and block.unit_id in self._units(actor)
        return BlockLine(block, unit.name, block.holds_on(self._office.local_day(at)), may_lift)


def _block_of(told: Mapping[str, str]) -> Block:
    try:
        kind, effect = BlockKind(told["kind"] or "other"), BlockEffect(told["effect"])
    except ValueError:
        raise BadBlock(detail=f"kind thuộc {', '.join(BlockKind)}; effect thuộc {', '.join(BlockEffect)}") from None
    try:
        starts = date.fromisoformat(told["from"])
        ends = date.fromisoformat(told["to"]) if told["to"] else None
    except ValueError:
        raise BadBlock(detail="ngày ghi dạng 2026-03-31 (cột to để trống nếu chưa có ngày hết)") from None
    return Block(
        told["commune"], told["sheet"], told["parcel"], kind, effect, told["document"], starts, ends, told["reason"]
    )


def _checked(block: Block, communes: Communes) -> Parcel:
    """The parcel that a block bars; raises what is wrong with it."""
    if not 0 < len(block.document.strip()) <= LONGEST_DOCUMENT:
        raise BadBlock(detail=f"hãy ghi số, ngày, nơi ban hành văn bản (không quá {LONGEST_DOCUMENT} ký tự)")
    if not 0 < len(block.reason.strip()) <= LONGEST_REASON:
        raise BadBlock(detail=f"hãy ghi lý do (không quá {LONGEST_REASON} ký tự)")
    if block.to_on is not None and block.to_on < block.from_on:
        raise BadBlock(detail="ngày hết trước ngày bắt đầu")
    return communes.resolve(ParcelName(block.commune, block.sheet, block.number))


def _row(parcel: Parcel, block: Block) -> tuple[Parcel, dict[str, object]]:
    facts: dict[str, object] = {
        "kind": block.kind.value,
        "effect": block.effect.value,
        "document": block.document.strip(),
        "reason": block.reason.strip(),
        "from_on": block.from_on,
        "to_on": block.to_on,
    }
    return parcel, facts
