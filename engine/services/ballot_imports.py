"""Files of ballots that were read in, and how one of them is taken back: all of it, by whoever may read it in.

What was reported stays as it was reported: a file whose ballots stand in a report that was sent is not taken back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.people import name_of
from engine.domain.report_model import from_text
from engine.domain.report_registry import REPORTS
from engine.domain.results_rights import ballot_units, check_can_enter_ballots
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

LONGEST_REASON = 500
_MOST_SHOWN = 30


class BallotsReported(NotAllowedNow):
    """Không hoàn tác được: số liệu đã gửi tính cả các phiếu này ({detail}). Hãy nói rõ sai sót khi gửi lần sau."""

    code = "ballots_reported"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file of ballots: who read it in and when; of one that was taken back, who did that, when and why."""

    key: str
    file_name: str
    unit_name: str
    ballots: int
    imported_at: datetime
    imported_by: str
    undone_at: datetime | None = None
    undone_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Going:
    """How many ballots of a unit and month a file brought, and how many there are from everywhere."""

    unit_name: str
    month: str
    ballots: int
    whole: int

    @property
    def rest(self) -> int:
        """How many are left without the file."""
        return self.whole - self.ballots


@dataclass(frozen=True, slots=True)
class ImportLook:
    """What goes if a file is taken back; `reported`: the reports that speak against it, in words."""

    file: ImportedFile
    lines: tuple[Going, ...]
    comments: int
    reported: tuple[str, ...]


class BallotImports:
    """Imported files of ballots."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def files(self, actor: Actor) -> tuple[ImportedFile, ...]:
        """The latest files of the person's units, those that were taken back among them."""
        own = ballot_units(actor, self._office.units)
        with self._uow.read() as tx:
            rows = [*tx.surveys.imports(own, _MOST_SHOWN), *tx.surveys.undone_imports(own, _MOST_SHOWN)]
            found = self._files(tx, rows)
        return tuple(sorted(found, key=lambda file: file.imported_at, reverse=True)[:_MOST_SHOWN])

    def look(self, actor: Actor, key: str) -> ImportLook:
        """What goes if a file is taken back. Raises `NotFound`, and `Refused` for ballots of a unit of others."""
        with self._uow.read() as tx:
            row, sums = self._find(tx, actor, key)
            months = [line["month"] for line in sums]
            whole: Counter[tuple[int, str]] = Counter()
            for kept in tx.surveys.months(min(months), max(months), {line["unit_id"] for line in sums}):
                whole[kept["unit_id"], kept["month"]] += kept["ballots"]
            (file,) = self._files(tx, [row])
            reported = self._reported(tx, row, sums)
        lines = tuple(
            Going(
                self._office.units.get(line["unit_id"]).name,
                line["month"],
                line["ballots"],
                whole[line["unit_id"], line["month"]],
            )
            for line in sums
        )
        return ImportLook(file, lines, sum(line["comments"] for line in sums), reported)

    def undo(self, actor: Actor, key: str, reason: str, *, at: datetime) -> int:
        """Take back every ballot of a file, and what they added to the sums; answers how many. It may be read in again.

        Raises `FormRefused` without a reason, `BallotsReported`, `NotFound`, `Refused`.
        """
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise FormRefused({"reason": f"Hãy ghi lý do hoàn tác (tối đa {LONGEST_REASON} ký tự)"})
        with self._uow.write() as tx:
            row, sums = self._find(tx, actor, key)
            reported = self._reported(tx, row, sums)
            if reported:
                raise BallotsReported(detail="; ".join(reported))
            number = tx.surveys.undo_import(key, at=at, by=actor.username, reason=reason.strip())
            if number is None:
                raise _gone()
            unit = self._office.units.get(row["unit_id"]).name
            tx.proofs.record(
                "ballots_undone",
                by=actor.username,
                at=at,
                file=row["file_name"],
                number=number,
                unit=unit,
                reason=reason.strip(),
            )
        return number

    def _find(self, tx: Transaction, actor: Actor, key: str) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
        """A file that stands, and its ballots by unit and month, all of units for which the person enters ballots."""
        row = tx.surveys.found_import(key)
        if row is None:
            raise _gone()
        check_can_enter_ballots(actor, row["unit_id"], self._office.units)
        sums = tx.surveys.import_sums(key)
        for unit_id in {line["unit_id"] for line in sums}:
            check_can_enter_ballots(actor, unit_id, self._office.units)
        return row, sums

    def _reported(self, tx: Transaction, row: Mapping[str, Any], sums: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """The reports that were sent since a file was read in, and count a month and unit of its ballots."""
        kinds = {kind.name: kind for kind in REPORTS if kind.ballots_since is not None}
        found = []
        for sent in tx.report_book.sent_since(kinds, row["imported_at"]):
            report = from_text(sent["content"])
            months = kinds[sent["name"]].ballot_months(report.first, report.last)
            units = self._office.units.counted(sent["unit_code"])
            if months and any(
                months[0] <= line["month"] <= months[1] and (units is None or line["unit_id"] in units) for line in sums
            ):
                day = self._office.local_day(sent["sent_at"])
                found.append(f"“{report.title}” {report.period} của {report.scope}, gửi ngày {day:%d/%m/%Y}")
        return tuple(found)

    def _files(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[ImportedFile]:
        people = {str(row[name]) for row in rows for name in ("imported_by", "undone_by") if row.get(name)}
        names = DossierPage(tx.connection).names(people)
        return [
            ImportedFile(
                key=row["sha256"],
                file_name=row["file_name"],
                unit_name=self._office.units.get(row["unit_id"]).name,
                ballots=row["ballots"],
                imported_at=row["imported_at"],
                imported_by=name_of(row["imported_by"], names),
                undone_at=row.get("undone_at"),
                undone_by=name_of(row.get("undone_by", ""), names),
                reason=row.get("reason", ""),
            )
            for row in rows
        ]


def _gone() -> NotFound:
    return NotFound(what="tệp phiếu khảo sát này: tệp chưa được nhập hoặc đã được hoàn tác")
