"""A bar code is scanned at the counter: what paper it is, and whether the person may open what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import NotFound, Refused
from engine.domain.people import WORKING_ROLES
from engine.domain.permissions import can_do_step, message_units, units_of
from engine.domain.scans import Scan, ScanKind, Scanned, read_scan
from engine.effects.hand_over import is_hand_over_step
from engine.effects.seeing import may_see

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork


class UnknownScan(NotFound):
    """Không có giấy tờ nào mang mã vừa quét. Hãy quét lại, hoặc tìm theo tên người nộp."""

    code = "unknown_scan"


class OtherUnit(Refused):
    """{what} thuộc {unit_name}, không phải đơn vị của bạn; hãy hướng dẫn người dân đến đó."""

    code = "other_unit"


class Scanning:
    """Finds what a bar code is on."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def find(self, actor: Actor, digits: str) -> Scanned:
        """Where a bar code leads; raises `UnknownScan`, and `OtherUnit` for what the person's units have no part in.

        Whoever holds a paper of ours is told whose it is: the name of the unit, and nothing of what is in it.
        """
        scan = read_scan(digits)
        if scan is None:
            raise UnknownScan
        with self._uow.read() as tx:
            if scan.kind is ScanKind.DOSSIER:
                return self._dossier(tx, actor, scan)
            if scan.kind is ScanKind.ENVELOPE:
                return self._envelope(tx, actor, scan, digits.strip())
        return self._slip(actor, scan, digits.strip())

    def _dossier(self, tx: Transaction, actor: Actor, scan: Scan) -> Scanned:
        try:
            dossier = tx.dossiers.by_id(scan.number)
        except NotFound:
            raise UnknownScan from None
        if not may_see(tx, self._office, actor, dossier):
            raise OtherUnit(what="Hồ sơ này", unit_name=self._office.units.get(dossier.unit_id).name)
        waits = self._waits_for_hand_over(tx, actor, dossier)
        return Scanned(ScanKind.DOSSIER, code=dossier.code, is_waiting_for_hand_over=waits)

    def _waits_for_hand_over(self, tx: Transaction, actor: Actor, dossier: DossierRecord) -> bool:
        if dossier.resolved_at is None or dossier.ended_at is not None:
            return False
        steps = self._office.library.get(tx, dossier.definition_ref).steps
        open_steps = tx.tasks.open_of(dossier.id)
        return any(can_do_step(actor, task) and is_hand_over_step(steps[task.step_id]) for task in open_steps)

    def _envelope(self, tx: Transaction, actor: Actor, scan: Scan, digits: str) -> Scanned:
        try:
            delivery = tx.deliveries.find(scan.number)
        except NotFound:
            raise UnknownScan from None
        if delivery.unit_id not in message_units(actor, self._office.units):
            raise OtherUnit(what="Thư này", unit_name=self._office.units.get(delivery.unit_id).name)
        return Scanned(ScanKind.ENVELOPE, number=scan.number, digits=digits)

    def _slip(self, actor: Actor, scan: Scan, digits: str) -> Scanned:
        try:
            unit = self._office.units.get(scan.unit_id)
        except (NotFound, KeyError):
            raise UnknownScan from None
        if unit.id not in units_of(actor, WORKING_ROLES):
            raise OtherUnit(what="Phiếu này", unit_name=unit.name)
        return Scanned(ScanKind.SLIP, code=unit.code, number=scan.number, digits=digits)
