"""Move running dossiers to another version, in bulk: look first, go on after a stop, take it back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, MotCuaError, NotAllowedNow, NotFound
from engine.domain.limits_look import LimitsLook, limit_line, limits_look
from engine.domain.permissions import check_can_publish
from engine.effects.moving import LimitRule, Mover, Order, bring_back, cannot_go_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.moving import Plan
    from engine.effects.office import Office
    from engine.persistence.repositories.versions import MoveRecord, VersionRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.process.moving import Obstacle

_LOG = logging.getLogger(__name__)
# A look writes nothing, so its document is never cited; an order to move dossiers needs a real one.
LOOK = "chỉ xem trước"
CAN, CANNOT, MOVED, REVERTED, FAILED = "can", "cannot", "moved", "reverted", "failed"


class DocumentMissing(BadInput):
    """Đổi thời hạn của hồ sơ đang giải quyết thì phải ghi văn bản làm căn cứ (số, ngày, cơ quan ban hành)."""

    code = "document_missing"


class VersionAmbiguous(BadInput):
    """Thủ tục {procedure} có nhiều phiên bản “{version}” ({found}); hãy nêu thêm cấp giải quyết."""

    code = "version_ambiguous"


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """What is asked for. `from_version` empty: every other version; `level` where one code is done at several."""

    code: str
    to_version: str
    from_version: str = ""
    level: str = ""
    rule: LimitRule = LimitRule.KEEP
    document: str = ""
    allows_later: bool = False


@dataclass(frozen=True, slots=True)
class MoveLine:
    """What becomes of one dossier, and why not: reasons are a stable code and a sentence."""

    code: str
    from_version: str
    result: str
    steps: tuple[str, ...] = ()
    due_before: datetime | None = None
    due_after: datetime | None = None
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MoveReport:
    """All dossiers of an order. `batch` is its number, for taking it back; None for a dry run and where nothing ran."""

    procedure: str
    to_version: str
    batch: int | None
    lines: tuple[MoveLine, ...]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every dossier moved, or could."""
        return not (self.counts.get(CANNOT) or self.counts.get(FAILED))


class Moving:
    """Orders to move dossiers. Each dossier is a transaction of its own: a stop loses nothing, a repetition goes on."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def look(self, actor: Actor, order: MoveOrder, *, at: datetime, on_progress: Callable[[], object]) -> MoveReport:
        """Say of every running dossier whether it can move and what its date would be; nothing is written."""
        decided, running, names = self._prepare(actor, order, at)
        lines = []
        for _, code in running:
            with self._uow.read() as tx:
                dossier = tx.dossiers.find(code)
                plan = Mover(tx, self._office, dossier, decided, by=actor, at=at).plan()
            lines.append(_line(code, names[dossier.definition_ref], plan, CAN))
            on_progress()
        return _report(order, lines, None)

    def foresee_limits(
        self, actor: Actor, procedure: str, version: str, *, level: str = "", at: datetime
    ) -> LimitsLook:
        """What the limits of a version would do to running dossiers: what moving them under the new limits then does.

        Raises `NotFound`, `VersionAmbiguous`, `NotAllowedNow`, `Refused`.
        """
        order = MoveOrder(procedure, version, level=level, rule=LimitRule.NEW, document=LOOK, allows_later=True)
        report = self.look(actor, order, at=at, on_progress=lambda: None)
        lines = [
            limit_line(line.code, line.due_before, line.due_after, "; ".join(text for _, text in line.reasons), at)
            for line in report.lines
        ]
        return limits_look(procedure, version, lines)

    def count(self, actor: Actor, order: MoveOrder, *, at: datetime) -> int:
        """How many dossiers an order is about."""
        return len(self._prepare(actor, order, at)[1])

    def move(self, actor: Actor, order: MoveOrder, *, at: datetime, on_progress: Callable[[], object]) -> MoveReport:
        """Move every running dossier that can; an order that was stopped goes on under its number.

        Raises `NotFound`, `VersionAmbiguous`, `DocumentMissing`, `NotAllowedNow` before anything is written.
        """
        decided, running, _ = self._prepare(actor, order, at)
        if not running:
            return _report(order, [], None)
        batch = self._begin(actor, order, decided, at)
        lines = []
        for _, code in running:
            lines.append(
                self._one(code, partial(self._move, actor=actor, code=code, decided=decided, batch=batch, at=at))
            )
            on_progress()
        report = _report(order, lines, batch)
        with self._uow.write() as tx:
            tx.versions.finish_move(batch, at=at, counts=dict(report.counts))
            tx.versions.note(
                decided.target.ref, "moved", at=at, by=actor.username, data={"move": batch, **report.counts}
            )
        return report

    def revert(self, actor: Actor, batch: int, *, at: datetime, on_progress: Callable[[], object]) -> MoveReport:
        """Put every dossier of an order back that has not moved on since; says which cannot and why."""
        check_can_publish(actor, self._office.units)
        with self._uow.read() as tx:
            move = tx.versions.move(batch)
            if move is None:
                raise NotFound(what=f"đợt chuyển số {batch}")
            versions = {version.ref: version.version for version in tx.versions.index()}
            waiting = [(dossier_id, tx.dossiers.by_id(dossier_id).code) for dossier_id in tx.versions.moved(batch)]
        lines = []
        for dossier_id, code in waiting:
            act = partial(
                self._bring_back,
                actor=actor,
                dossier_id=dossier_id,
                code=code,
                move=move,
                was=versions[move.to_ref],
                at=at,
            )
            lines.append(self._one(code, act))
            on_progress()
        order = MoveOrder(move.code, versions[move.to_ref])
        report = _report(order, lines, batch)
        with self._uow.write() as tx:
            tx.versions.note(move.to_ref, "reverted", at=at, by=actor.username, data={"move": batch, **report.counts})
        return report

    def orders(self) -> tuple[MoveRecord, ...]:
        """The latest orders."""
        with self._uow.read() as tx:
            return tuple(tx.versions.moves())

    # --- one order ---

    def _prepare(
        self, actor: Actor, order: MoveOrder, at: datetime
    ) -> tuple[Order, Sequence[tuple[int, str]], dict[str, str]]:
        check_can_publish(actor, self._office.units)
        if order.rule is LimitRule.NEW and not order.document.strip():
            raise DocumentMissing
        with self._uow.read() as tx:
            versions = self._office.library.versions(tx)
            target = _target(versions, order)
            if target.starts_on > self._office.local_day(at):
                raise NotAllowedNow(detail=f"phiên bản {target.version} chưa đến ngày áp dụng")
            sources = [
                version.ref
                for version in versions
                if version.ref != target.ref
                and version.code == target.code
                and version.shares_level(target)
                and order.from_version in {"", version.version}
            ]
            definition = self._office.library.get(tx, target.ref)
            decided = Order(definition, order.rule, order.document.strip(), order.allows_later)
            names = {version.ref: version.version for version in versions}
            return decided, tx.versions.running(sources), names

    def _begin(self, actor: Actor, order: MoveOrder, decided: Order, at: datetime) -> int:
        same = {
            "code": order.code,
            "from_version": order.from_version,
            "to_ref": decided.target.ref,
            "limit_rule": order.rule.value,
            "document": decided.document,
            "allows_later": order.allows_later,
        }
        with self._uow.write() as tx:
            begun = tx.versions.open_move(**same)
            return begun.id if begun else tx.versions.start_move(**same, started_at=at, by=actor.username)

    def _one(self, code: str, act: Callable[[Transaction], MoveLine]) -> MoveLine:
        """One dossier in a transaction of its own; its failure stops no other."""
        try:
            with self._uow.write() as tx:
                return act(tx)
        except MotCuaError as error:
            return MoveLine(code, "", FAILED, reasons=((error.code, error.message),))
        except Exception as error:  # noqa: BLE001 - one dossier must not stop the others; the log has the trace
            _LOG.exception("dossier %s could not be moved", code)
            return MoveLine(code, "", FAILED, reasons=(("error", type(error).__name__),))

    def _move(self, tx: Transaction, *, actor: Actor, code: str, decided: Order, batch: int, at: datetime) -> MoveLine:
        dossier = tx.dossiers.lock(code)
        was = self._office.library.get(tx, dossier.definition_ref).procedure.version
        if dossier.ended_at is not None or dossier.definition_ref == decided.target.ref:
            return MoveLine(
                code, was, CANNOT, reasons=(("moved_meanwhile", "hồ sơ vừa kết thúc hoặc vừa được chuyển"),)
            )
        mover = Mover(tx, self._office, dossier, decided, by=actor, at=at)
        plan = mover.plan()
        if not plan.obstacles:
            mover.carry_out(plan, batch)
        return _line(code, was, plan, MOVED)

    def _bring_back(
        self,
        tx: Transaction,
        *,
        actor: Actor,
        dossier_id: int,
        code: str,
        move: MoveRecord,
        was: str,
        at: datetime,
    ) -> MoveLine:
        dossier = tx.dossiers.lock(code)
        kept = tx.versions.moved_dossier(move.id, dossier_id)
        if kept is None:
            return MoveLine(code, was, CANNOT, reasons=(("reverted", "hồ sơ vừa được trả về"),))
        obstacles = cannot_go_back(tx, dossier, kept, move.to_ref)
        if obstacles:
            return MoveLine(code, was, CANNOT, reasons=_reasons(obstacles))
        document = f"Thu hồi đợt chuyển phiên bản số {move.id}"
        bring_back(tx, self._office, dossier, kept, by=actor, at=at, document=document)
        return MoveLine(code, was, REVERTED, due_before=dossier.due_at, due_after=tx.dossiers.find(code).due_at)


def _target(versions: Iterable[VersionRecord], order: MoveOrder) -> VersionRecord:
    found = [
        version
        for version in versions
        if version.code == order.code
        and version.version == order.to_version
        and version.is_published
        and (not order.level or not version.levels or order.level in version.levels)
    ]
    if not found:
        raise NotFound(what=f"phiên bản {order.to_version} đã công bố của thủ tục {order.code}")
    if len(found) > 1:
        names = ", ".join(version.process for version in found)
        raise VersionAmbiguous(procedure=order.code, version=order.to_version, found=names)
    return found[0]


def _line(code: str, was: str, plan: Plan, result: str) -> MoveLine:
    reasons = _reasons(plan.obstacles)
    return MoveLine(code, was, CANNOT if reasons else result, plan.steps, plan.due_before, plan.due_after, reasons)


def _reasons(obstacles: Iterable[Obstacle]) -> tuple[tuple[str, str], ...]:
    return tuple((obstacle.code, obstacle.message) for obstacle in obstacles)


def _report(order: MoveOrder, lines: Sequence[MoveLine], batch: int | None) -> MoveReport:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.result] = counts.get(line.result, 0) + 1
    return MoveReport(order.code, order.to_version, batch, tuple(lines), counts)
