"""The monthly sheet of a unit and its officials by the nine indicators, and the yearly roll-up.

Points come from sums that are kept while dossiers end. What a supervisor enters keeps every earlier entry; a sheet that
was confirmed is frozen as it was, and only a correction with a reason makes another one, beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow
from engine.domain.evaluation import COUNTS, Entry, Said, Sheet, SheetLine, YearLine, frozen, nothing_counted, thawed
from engine.domain.indicators import (
    ENTERED,
    NUMBERS,
    PER_FILE,
    Score,
    add_up,
    feedback_points,
    mean_points,
    online_points,
    yearly,
)
from engine.domain.months import first_day, last_day, month_of, months_between
from engine.domain.permissions import supervised_units
from engine.domain.results_reports import sheets_report
from engine.domain.results_rights import check_can_evaluate, reported_units
from engine.effects.counted_files import count_files
from engine.effects.unit_entries import put_entry
from engine.persistence.queries.ended import FeedbackCount, feedback_counts, month_points, units_of_official
from engine.rule_files.evaluation import load_nine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from engine.domain.indicators import NineRules
    from engine.domain.people import Actor, Unit
    from engine.domain.report import Report
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

NINE_CODE = "tt01:{}"
_MOST_POINTS = 2


class SheetConfirmed(NotAllowedNow):
    """Bảng đánh giá tháng {month} của “{unit}” đã xác nhận. Muốn sửa phải ghi lý do; bản đã xác nhận vẫn được giữ."""

    code = "sheet_confirmed"


class SheetIncomplete(NotAllowedNow):
    """Chưa xác nhận được bảng đánh giá tháng {month}: {detail}."""

    code = "sheet_incomplete"


_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What sheets are made of, by unit and month: feedback, points, what was entered, what was confirmed."""

    feedback: Mapping[str, Mapping[int, FeedbackCount]]
    points: defaultdict[_Key, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    kept: defaultdict[_Key, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    entered: defaultdict[_Key, dict[str, tuple[Decimal, str]]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def keys(self) -> list[_Key]:
        """Where anything was counted or confirmed, in order."""
        return sorted({*self.points, *self.kept})


class Indicators:
    """Sheets of units and officials."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def rules(self) -> NineRules:
        """The nine indicators; raises `BadRuleFile`."""
        return load_nine(self._office.settings.procedures)

    def units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Code and name of the units whose sheets the person may see; raises `Refused`."""
        own = reported_units(actor, self._office.units, "") or frozenset()
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in own)

    # --- the monthly sheet ---

    def sheet(self, actor: Actor | None, unit_code: str, month: str, *, at: datetime) -> Sheet:
        """The sheet of a unit and of its officials; raises `Refused`, `NotFound`, `NoMonth`.

        A confirmed sheet says what was confirmed, whatever has been counted since.
        """
        unit = self._office.units.by_code(unit_code)
        reported_units(actor, self._office.units, unit_code)
        with self._uow.read() as tx:
            found = self._sheet(tx, unit, month, at)
        return replace(found, may_enter=actor is not None and unit.id in supervised_units(actor, self._office.units))

    def own(self, actor: Actor, month: str, *, at: datetime) -> tuple[Sheet, ...]:
        """The person's own sheet of a month in each unit where they had a hand in files, and nobody else's.

        Raises `NoMonth`.
        """
        first_day(month)
        with self._uow.read() as tx:
            units = units_of_official(tx.connection, actor.username, month, month)
            sheets = [self._sheet(tx, self._office.units.get(each), month, at) for each in units]
        return tuple(
            replace(sheet, lines=tuple(line for line in sheet.lines if line.username == actor.username), entries=())
            for sheet in sheets
        )

    def own_year(self, actor: Actor, year: int) -> tuple[tuple[str, YearLine], ...]:
        """The person's own year in each unit, by its name, from the months that were confirmed."""
        with self._uow.read() as tx:
            units = units_of_official(tx.connection, actor.username, f"{year}-01", f"{year}-12")
            lines = [(self._office.units.get(each).name, self._year(tx, each, year)) for each in units]
        return tuple((unit, line) for unit, each in lines for line in each if line.username == actor.username)

    def _sheet(self, tx: Transaction, unit: Unit, month: str, at: datetime) -> Sheet:
        entries = (_entry(dict(row)) for row in tx.surveys.entries(unit.id, month) if row["code"].startswith("tt01:"))
        found = self._made(self._known(tx, {unit.id}, (month,), at), unit, month)
        return replace(found, entries=tuple(entries), hint_9=self._hint(tx, unit.id, month))

    def enter(
        self, actor: Actor, unit_code: str, month: str, number: int, points: int, evidence: str, *, at: datetime
    ) -> None:
        """Enter indicator 5, 6 or 9 of a unit with its evidence; raises `FormRefused`, `Refused`, `SheetConfirmed`."""
        faults = {}
        if number not in ENTERED:
            faults["number"] = "Chỉ nhập các chỉ số 5, 6 và 9; các chỉ số khác tính từ hồ sơ và phản ánh"
        if not 0 <= points <= _MOST_POINTS:
            faults["points"] = "Điểm là 0, 1 hoặc 2"
        said = Said(NINE_CODE.format(number), Decimal(points), evidence)
        self._enter(actor, unit_code, month, said, faults, at)

    def _enter(
        self, actor: Actor, unit_code: str, month: str, said: Said, faults: dict[str, str], at: datetime
    ) -> None:
        first_day(month)
        if not said.evidence.strip():
            faults["evidence"] = "Hãy ghi căn cứ: số liệu, văn bản hoặc biên bản nào cho thấy điều đó"
        if faults:
            raise FormRefused(faults)
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        with self._uow.write() as tx:
            if said.code.startswith("tt01:") and tx.surveys.sheets({unit.id}, month, month):
                raise SheetConfirmed(month=month, unit=unit.name)
            put_entry(tx, unit.id, month, said, actor, at)

    def confirm(self, actor: Actor, unit_code: str, month: str, *, at: datetime, reason: str = "") -> None:
        """Freeze the sheets of a unit and its officials as they are now.

        A month that is confirmed needs a `reason` to be confirmed again: what was confirmed before stays on record.
        Raises `SheetIncomplete` before the month is over or while an entry is missing, `SheetConfirmed`, `Refused`.
        """
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        with self._uow.write() as tx:
            self._confirm(tx, actor, unit, month, at, reason)

    def _confirm(self, tx: Transaction, actor: Actor, unit: Unit, month: str, at: datetime, reason: str) -> None:
        if self._office.local_day(at) <= last_day(month):
            raise SheetIncomplete(month=month, detail="tháng chưa kết thúc")
        kept = tx.surveys.sheets({unit.id}, month, month)
        if kept and not reason.strip():
            raise SheetConfirmed(month=month, unit=unit.name)
        lines = self._lines(self._known(tx, {unit.id}, (month,), at), unit, month)
        if missing := set(lines[0].total.missing) & set(ENTERED):
            numbers = ", ".join(map(str, sorted(missing)))
            raise SheetIncomplete(month=month, detail=f"chưa nhập chỉ số {numbers}")
        seq = max((row["seq"] for row in kept), default=0) + 1
        for line in lines:
            tx.surveys.put_sheet(
                unit_id=unit.id,
                month=month,
                username=line.username,
                seq=seq,
                figures=frozen(line),
                reason=reason.strip(),
                confirmed_at=at,
                confirmed_by=actor.username,
            )

    def correct(self, actor: Actor, unit_code: str, month: str, number: int, said: Said, *, at: datetime) -> None:
        """Enter an indicator of a confirmed month anew, with the reason, and confirm it again as another version.

        `said.code` may be left empty. Raises as `enter` and `confirm`.
        """
        if not said.reason.strip():
            raise FormRefused({"reason": "Hãy ghi lý do sửa; lý do được giữ cùng bản trước"})
        if number not in ENTERED or not 0 <= said.value <= _MOST_POINTS or not said.evidence.strip():
            raise FormRefused({"points": "Chỉ số 5, 6 hoặc 9; điểm 0, 1 hoặc 2; phải có căn cứ"})
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        with self._uow.write() as tx:
            if not tx.surveys.sheets({unit.id}, month, month):
                raise SheetIncomplete(month=month, detail="bảng chưa xác nhận lần nào; hãy nhập như thường")
            put_entry(tx, unit.id, month, replace(said, code=NINE_CODE.format(number)), actor, at)
            self._confirm(tx, actor, unit, month, at, said.reason)

    def year(self, actor: Actor | None, unit_code: str, year: int) -> tuple[YearLine, ...]:
        """Each sheet of a unit over a year, from the months that were confirmed; raises `Refused`, `NotFound`."""
        unit = self._office.units.by_code(unit_code)
        reported_units(actor, self._office.units, unit_code)
        with self._uow.read() as tx:
            return self._year(tx, unit.id, year)

    def _year(self, tx: Transaction, unit_id: int, year: int) -> tuple[YearLine, ...]:
        newest: dict[str, dict[str, SheetLine]] = {}
        for row in _that_hold(tx.surveys.sheets({unit_id}, f"{year}-01", f"{year}-12")):
            newest.setdefault(row["username"], {})[row["month"]] = thawed(row["figures"], self.rules)
        found = []
        for username, months in sorted(newest.items()):
            points = {month: {s.number: s.points for s in line.scores} for month, line in months.items()}
            means = yearly(points)
            basis = f"trung bình của {len(months)} tháng đã xác nhận"
            scores = tuple(Score(number, means[number], basis) for number in NUMBERS)
            name = next(reversed(months.values())).name
            found.append(YearLine(username, name, tuple(sorted(months)), scores, add_up(scores, self.rules)))
        return tuple(found)

    def evaluation(
        self, from_on: date, to_on: date, unit_code: str = "", within: Collection[int] | None = None, *, at: datetime
    ) -> Report:
        """The sheets of units for the months of a period; `within`: the units that may be shown (None: all)."""
        sheets = self._sheets(from_on, to_on, self._office.units.counted(unit_code, within), at)
        return sheets_report(sheets, self.rules, from_on, to_on, officials=False)

    def officials(
        self, from_on: date, to_on: date, unit_code: str = "", within: Collection[int] | None = None, *, at: datetime
    ) -> Report:
        """The sheets of officials for the months of a period; `within`: the units that may be shown (None: all)."""
        sheets = self._sheets(from_on, to_on, self._office.units.counted(unit_code, within), at)
        return sheets_report(sheets, self.rules, from_on, to_on, officials=True)

    def _sheets(self, from_on: date, to_on: date, unit_ids: Collection[int] | None, at: datetime) -> list[Sheet]:
        months = months_between(month_of(from_on), month_of(to_on))
        with self._uow.read() as tx:
            known = self._known(tx, unit_ids, months, at)
        return [self._made(known, self._office.units.get(unit_id), month) for unit_id, month in known.keys]

    # --- how a sheet is made ---

    def _known(self, tx: Transaction, unit_ids: Collection[int] | None, months: Sequence[str], at: datetime) -> _Known:
        """What sheets of units (None: of all) and months are made of: as many statements however many units."""
        zone, span = self._office.settings.zone, (months[0], months[-1])
        found = _Known(
            {m: feedback_counts(tx.connection, first_day(m), last_day(m), unit_ids, at, zone) for m in months}
        )
        for row in month_points(tx.connection, unit_ids, *span):
            found.points[row["unit_id"], row["month"]].append(row)
        for kept in tx.surveys.sheets(unit_ids, *span):
            found.kept[kept["unit_id"], kept["month"]].append(kept)
        for entry in tx.surveys.latest_entries(unit_ids, *span):
            found.entered[entry.unit_id, entry.month][entry.code] = entry.value, entry.evidence
        return found

    def _made(self, known: _Known, unit: Unit, month: str) -> Sheet:
        """A sheet as it was confirmed, or as the sums are now."""
        kept = known.kept.get((unit.id, month), [])
        held = [thawed(row["figures"], self.rules) for row in _that_hold(kept)]
        unit_versions = [row for row in kept if not row["username"]]
        return Sheet(
            unit_code=unit.code,
            unit=unit.name,
            month=month,
            rules=self.rules,
            lines=tuple(held or self._lines(known, unit, month)),
            confirmed=tuple((r["seq"], r["confirmed_at"], r["confirmed_by"], r["reason"]) for r in unit_versions),
        )

    def _lines(self, known: _Known, unit: Unit, month: str) -> list[SheetLine]:
        """The sheets as the sums are now, the unit's own first."""
        key = (unit.id, month)
        rows = known.points.get(key, [])
        shared = self._shared(known.feedback[month].get(unit.id, FeedbackCount(unit.id)), known.entered.get(key, {}))
        own = next((row for row in rows if not row["username"]), nothing_counted())
        lines = [self._line("", unit.name, own, shared)]
        return lines + [self._line(row["username"], row["full_name"], row, shared) for row in rows if row["username"]]

    def _hint(self, tx: Transaction, unit_id: int, month: str) -> int | None:
        """What the log alone says of indicator 9."""
        files = count_files(tx, self._office, first_day(month), last_day(month), {unit_id})
        return online_points(files.received, files.online, files.late, self.rules)

    def _shared(self, feedback: FeedbackCount, entered: Mapping[str, tuple[Decimal, str]]) -> dict[int, Score]:
        points = feedback_points(feedback.ended, feedback.on_time, feedback.prolonged, self.rules)
        said = f"{feedback.on_time}/{feedback.ended} phản ánh xong đúng hạn, {feedback.prolonged} đang kéo dài"
        found = {8: Score(8, Decimal(points), said)}
        for number in ENTERED:
            value, evidence = entered.get(NINE_CODE.format(number), (None, "chưa nhập"))
            found[number] = Score(number, value, evidence)
        return found

    def _line(self, username: str, name: str, row: Mapping[str, Any], shared: Mapping[int, Score]) -> SheetLine:
        scores = []
        for number in NUMBERS:
            if number in PER_FILE:
                files, points = row[f"files_{number}"], row[f"points_{number}"]
                basis = f"{points} điểm ÷ {files} hồ sơ" if files else "chưa có hồ sơ nào để chấm"
                scores.append(Score(number, mean_points(points, files), basis))
            else:
                scores.append(shared[number])
        counts = {count: row[count] for count in COUNTS}
        return SheetLine(username, name, **counts, scores=tuple(scores), total=add_up(scores, self.rules))


def _that_hold(kept: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The sheets of the last version of each month: who is not on it any more has none."""
    last: dict[str, int] = {}
    for row in kept:
        last[row["month"]] = max(row["seq"], last.get(row["month"], 0))
    return [row for row in kept if row["seq"] == last[row["month"]]]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(row["code"], row["value"], row["evidence"], row["reason"], row["entered_by"], row["entered_at"])
