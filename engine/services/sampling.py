"""Samples for inspections: drawn so that they can be drawn again, kept, and noted file by file by the inspector."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.deadline import Timeliness
from engine.domain.errors import NotFound, Refused
from engine.domain.outcome import Result
from engine.domain.people import Role
from engine.domain.permissions import overseen_units, units_of
from engine.domain.report import Definition
from engine.domain.report_model import Cell, Col, Document, Kind, Table
from engine.domain.sampling import (
    METHOD,
    OUTCOMES,
    PERCENTS,
    STRATA,
    BadSample,
    Candidate,
    Finding,
    SampledLine,
    SampleView,
    digest,
    draw,
    sizes,
)
from engine.persistence.repositories.samples import Samples

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_STRATUM_NAMES = {"procedure": "thủ tục", "unit": "đơn vị", "outcome": "kết quả"}
FINDING_NAMES = {Finding.NONE: "Chưa kiểm tra", Finding.PASS: "Đạt", Finding.FAULT: "Có sai sót"}
_MOST_WORDS = 2000
_ENDED_BADLY = {Result.REFUSED.value, Result.REJECTED.value, Result.DISCONTINUED.value}


@dataclass(frozen=True, slots=True)
class Groups:
    """By what a sample is stratified, and of which procedure it is (empty: of all)."""

    strata: Collection[str] = STRATA
    procedure_code: str = ""


ALL = Groups()


class Sampling:
    """Samples of finished dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def draw(
        self,
        actor: Actor,
        name: str,
        unit_code: str,
        days: tuple[date, date],
        *,
        percent: int,
        seed: str,
        groups: Groups = ALL,
        at: datetime,
    ) -> int:
        """Draw a sample of what a unit and everything below it finished; answers its number.

        Raises `BadSample`, `NotFound`, and `Refused` for whoever neither supervises nor inspects the unit.
        """
        unit = self._office.units.by_code(unit_code)
        if unit.id not in overseen_units(actor, self._office.units):
            raise Refused(detail="mẫu kiểm tra do người giám sát hoặc thanh tra của đơn vị lập")
        if percent not in PERCENTS or not seed.strip() or not name.strip():
            raise BadSample(detail="Hãy ghi tên đợt kiểm tra, mã gieo, và chọn tỷ lệ 10% hoặc 30%")
        by, procedure_code = tuple(each for each in STRATA if each in groups.strata), groups.procedure_code
        facts = {"from_on": min(days), "to_on": max(days), "procedure_code": procedure_code, "percent": percent}
        with self._uow.write() as tx:
            found = self._candidates(tx, unit.id, min(days), max(days), procedure_code)
            drawn = draw(found, percent=percent, seed=seed.strip(), strata=by)
            if not drawn:
                raise BadSample(detail="Không có hồ sơ nào kết thúc trong kỳ; hãy chọn kỳ hoặc đơn vị khác")
            rows = [{"dossier_id": d.id, "stratum": d.stratum[:200], "rank": d.rank} for d in drawn]
            number = Samples(tx.connection).add(
                rows,
                unit_id=unit.id,
                name=name.strip()[:200],
                seed=seed.strip()[:60],
                strata=list(by),
                counts=[list(each) for each in sizes(found, drawn, by)],
                digest=digest(drawn),
                drawn_at=at,
                drawn_by=actor.username,
                **facts,
            )
            tx.proofs.record("sample_drawn", by=actor.username, at=at, number=number)
        return number

    def draws_the_same(self, actor: Actor, number: int) -> bool:
        """Draw a sample again from the dossiers of now: whether it is the same. Raises `NotFound`."""
        with self._uow.read() as tx:
            row = self._find(tx, actor, number)
            found = self._candidates(tx, row.unit_id, row.from_on, row.to_on, row.procedure_code)
        again = digest(draw(found, percent=row.percent, seed=row.seed, strata=tuple(row.strata)))
        return again == str(row.digest)

    def note(self, actor: Actor, number: int, line_id: int, finding: Finding, remark: str, *, at: datetime) -> None:
        """Write down what an inspector found in a dossier. Raises `BadSample`, `NotFound`, `Refused`."""
        with self._uow.write() as tx:
            row = self._find(tx, actor, number)
            if not self._may_note(actor, row.unit_id):
                raise Refused(detail="kết luận kiểm tra do thanh tra của đơn vị ghi")
            if finding is Finding.FAULT and not remark.strip():
                raise BadSample(detail="Hãy ghi sai sót đã thấy")
            if len(remark) > _MOST_WORDS:
                raise BadSample(detail=f"Nhận xét dài quá {_MOST_WORDS} chữ cái")
            facts = {"finding": finding.value, "remark": remark.strip(), "noted_at": at, "noted_by": actor.username}
            if not Samples(tx.connection).note(number, line_id, **facts):
                raise NotFound(what=f"hồ sơ trong mẫu số {number}")
            code = next(each.code for each in Samples(tx.connection).lines(number) if each.id == line_id)
            tx.proofs.record("finding_noted", by=actor.username, at=at, code=code, number=number)

    def latest(self, actor: Actor) -> tuple[SampleView, ...]:
        """The latest samples of the units that the person oversees; raises `Refused`."""
        units = overseen_units(actor, self._office.units)
        if not units:
            raise Refused(detail="mẫu kiểm tra dành cho người giám sát và thanh tra")
        with self._uow.read() as tx:
            return tuple(self._view(actor, row) for row in Samples(tx.connection).latest(units))

    def see(self, actor: Actor, number: int) -> SampleView:
        """A sample with its dossiers; raises `NotFound`."""
        with self._uow.read() as tx:
            row = self._find(tx, actor, number)
            lines = tuple(self._line(each) for each in Samples(tx.connection).lines(number))
        return self._view(actor, row, lines)

    def document(self, actor: Actor, number: int, *, at: datetime) -> Document:
        """A sample as the paper and the Excel file of it say it."""
        sample = self.see(actor, number)
        columns = (
            Col("code", "Mã hồ sơ", Kind.TEXT),
            Col("procedure", "Thủ tục", Kind.TEXT),
            Col("unit", "Đơn vị giải quyết", Kind.TEXT),
            Col("stratum", "Nhóm", Kind.TEXT),
            Col("finding", "Kết luận", Kind.TEXT),
            Col("remark", "Nhận xét", Kind.TEXT),
        )
        rows = tuple(
            {
                "code": line.code,
                "procedure": line.procedure_name,
                "unit": line.unit_name,
                "stratum": line.stratum,
                "finding": FINDING_NAMES[line.finding],
                "remark": line.remark,
            }
            for line in sample.lines
        )
        groups = (Col("stratum", "Nhóm", Kind.TEXT), Col("all", "Hồ sơ trong kỳ"), Col("drawn", "Hồ sơ chọn"))
        counted: tuple[dict[str, Cell], ...] = tuple(
            {"stratum": name, "all": count, "drawn": drawn} for name, count, drawn in sample.counts
        )
        by = ", ".join(_STRATUM_NAMES[each] for each in sample.strata) or "không phân nhóm"
        return Document(
            name="inspection_sample",
            title=f"Mẫu kiểm tra: {sample.name}",
            scope=sample.unit_name,
            unit_code=sample.unit_code,
            period_code=f"sample-{sample.id}",
            period=f"Mẫu số {sample.id}",
            first=sample.from_on,
            last=sample.to_on,
            as_of=at,
            tables=(
                Table("files", "Hồ sơ trong mẫu", columns, rows),
                Table("groups", "Các nhóm", groups, counted),
            ),
            definitions=(Definition("drawn", METHOD, "hồ sơ kết thúc trong kỳ của nhóm"),),
            notes=(
                f"Tỷ lệ {sample.percent}%, mã gieo “{sample.seed}”, phân nhóm theo {by}",
                f"Dấu của mẫu (SHA-256 các mã hồ sơ): {sample.digest}",
            ),
        )

    # --- inside ---

    def _find(self, tx: Transaction, actor: Actor, number: int) -> Any:
        row = Samples(tx.connection).find(number)
        if row is None or row.unit_id not in overseen_units(actor, self._office.units):
            raise NotFound(what=f"mẫu kiểm tra số {number}")
        return row

    def _may_note(self, actor: Actor, unit_id: int) -> bool:
        tops = units_of(actor, {Role.INSPECTOR})
        return any(unit_id in self._office.units.under(top) for top in tops)

    def _candidates(self, tx: Transaction, unit_id: int, first: date, last: date, procedure: str) -> list[Candidate]:
        zone, units = self._office.settings.zone, self._office.units
        moments = (datetime.combine(first, time.min, zone), datetime.combine(last, time.min, zone) + timedelta(days=1))
        theirs = units.with_predecessors(units.under(unit_id))
        return [
            Candidate(row.id, row.code, row.procedure_code, units.get(row.deciding_unit_id).name, _outcome(row))
            for row in Samples(tx.connection).finished(theirs, moments, procedure)
        ]

    def _view(self, actor: Actor, row: Any, lines: tuple[SampledLine, ...] = ()) -> SampleView:
        unit = self._office.units.get(row.unit_id)
        return SampleView(
            id=row.id,
            name=row.name,
            unit_code=unit.code,
            unit_name=unit.name,
            from_on=row.from_on,
            to_on=row.to_on,
            percent=row.percent,
            seed=row.seed,
            strata=tuple(row.strata),
            procedure_code=row.procedure_code,
            counts=tuple((name, count, drawn) for name, count, drawn in row.counts),
            digest=row.digest,
            drawn_at=row.drawn_at,
            drawn_by=row.drawn_by,
            may_note=self._may_note(actor, row.unit_id),
            lines=lines,
        )

    def _line(self, row: Any) -> SampledLine:
        return SampledLine(
            row.id,
            row.code,
            row.procedure_name,
            self._office.units.get(row.deciding_unit_id).name,
            row.stratum,
            Finding(row.finding),
            row.remark,
            row.noted_at,
            row.noted_by,
        )


def _outcome(row: Any) -> str:
    """The one of `OUTCOMES` that says most of why a dossier is looked at."""
    if row.result in _ENDED_BADLY:
        return "refused"
    if row.timeliness == Timeliness.LATE.value:
        return "late"
    name = "returned" if row.return_count else "plain"
    assert name in OUTCOMES
    return name
