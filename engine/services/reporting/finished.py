"""Reports whose every figure says what it is and what it is divided by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from statistics import median

from engine.domain.deadline import Timeliness
from engine.domain.errors import BadInput
from engine.domain.grounds import Holder
from engine.domain.lateness_report import Missed, apologies_report, overdue_report
from engine.domain.outcome import Rate, Result, on_time_share
from engine.domain.report import Definition, Report
from engine.domain.sipas import RESULTS, SipasTable
from engine.domain.step_report import step_report
from engine.domain.time_shares import office_seconds
from engine.effects.office import Office
from engine.persistence.queries.finished import Finished, finished_between
from engine.persistence.queries.missed import missed_between
from engine.persistence.queries.steps import steps_between
from engine.persistence.unit_of_work import UnitOfWork
from engine.rule_files.evaluation import load_published

COLUMNS = (
    *("unit", "procedure", "month"),
    *("finished", "early", "on_time", "late", "without_date", "on_time_share"),
    *("overdue", "apologised", "apology_coverage", "corrected", "median_days", "mean_days", "refused"),
    *("counter_days", "unit_days", "other_agency_days", "applicant_days"),
)
DEFINITIONS = (
    Definition("unit", "Cơ quan, đơn vị giải quyết hồ sơ."),
    Definition("procedure", "Thủ tục hành chính."),
    Definition("month", "Tháng mà việc giải quyết xong, hoặc hồ sơ dừng, theo giờ địa phương."),
    Definition(
        "finished",
        "Hồ sơ đã kết thúc trong kỳ: đã trả kết quả, từ chối giải quyết, dừng giải quyết hoặc rút."
        " Bằng tổng của trước hạn, đúng hạn, quá hạn và không có hạn.",
    ),
    Definition("early", "Xong trước ngày hẹn."),
    Definition("on_time", "Xong trong ngày hẹn, không muộn hơn giờ hẹn."),
    Definition(
        "late",
        "Xong sau thời điểm hẹn. Hồ sơ có nhiều lần hẹn tính theo lần hẹn bị lỡ; đã hẹn lại vẫn tính theo hẹn ban đầu,"
        " trừ khi cấu hình của cơ quan cho tính theo hẹn mới.",
    ),
    Definition("without_date", "Không có ngày hẹn để so: kết thúc khi chưa tính hoặc đang tạm dừng tính thời hạn."),
    Definition(
        "on_time_share",
        "Tỷ lệ hồ sơ trước hạn và đúng hạn (từ 0 đến 1; trống khi mẫu số bằng 0)."
        " Hồ sơ dừng hoặc rút khi còn trong hạn không tính vào tử số, cũng không tính vào mẫu số.",
        "hồ sơ có ngày hẹn và đã trả lời (trả kết quả, từ chối giải quyết), cộng hồ sơ dừng hoặc rút khi đã quá hạn",
    ),
    Definition("overdue", "Hồ sơ từng quá hạn, dù ở lần hẹn nào và dù sau đó kết thúc ra sao."),
    Definition("apologised", "Hồ sơ từng quá hạn đã có văn bản xin lỗi (Mẫu 04) vào sổ."),
    Definition(
        "apology_coverage",
        "Tỷ lệ hồ sơ từng quá hạn đã có văn bản xin lỗi (từ 0 đến 1; trống khi mẫu số bằng 0).",
        "hồ sơ từng quá hạn",
    ),
    Definition("corrected", "Hồ sơ có kết quả phải đính chính, sửa lại."),
    Definition(
        "median_days",
        "Trung vị số ngày làm việc tính cho Bộ phận Một cửa và các đơn vị,"
        " không kể thời gian của người nộp và của cơ quan khác.",
        "hồ sơ đã được tính thời hạn",
    ),
    Definition("mean_days", "Trung bình cộng của cùng số ngày đó.", "hồ sơ đã được tính thời hạn"),
    Definition("refused", "Từ chối tiếp nhận ngay khi nộp (Mẫu 03); không nằm trong số đã kết thúc."),
    *(
        Definition(
            f"{holder.value}_days",
            f"Trung bình số ngày làm việc tính cho {holder.label[0].lower()}{holder.label[1:]};"
            " bốn số cộng lại là toàn bộ thời gian từ khi nộp đến khi xong.",
            "hồ sơ đã được tính thời hạn",
        )
        for holder in Holder
    ),
)
BESIDE_NOTE = (
    "Đặt cạnh để tham khảo. Số liệu của phần mềm đếm hồ sơ đã giải quyết; SIPAS do Bộ Nội vụ và địa phương đo bằng"
    " điều tra xã hội học. Đây không phải là chỉ số SIPAS chính thức và không thay cho chỉ số đó."
)


# The ids of the units that may be counted; None: all.
Within = Collection[int] | None


class PeriodBackwards(BadInput):
    """Kỳ báo cáo từ {from_on:%d/%m/%Y} đến {to_on:%d/%m/%Y}: ngày đầu phải không sau ngày cuối."""

    code = "period_backwards"


class Reports:
    """Counts what finished dossiers came to."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def results(self, from_on: date, to_on: date, unit_code: str = "", within: Within = None) -> Report:
        """What dossiers that ended from `from_on` to `to_on` (both included, local days) counted as.

        One row for each deciding unit, procedure and month; `unit_code` keeps a unit and everything below it, `within`
        the units that may be counted (None: all). Shares are fractions, None where there is nothing to divide by.
        `Report.beside` holds the published SIPAS criterion IV where the installation has its file. Raises
        `PeriodBackwards`, `NotFound` for an unknown unit.
        """
        if from_on > to_on:
            raise PeriodBackwards(from_on=from_on, to_on=to_on)
        unit_ids = self._office.units.counted(unit_code, within)
        with self._uow.read() as tx:
            start, end = self._midnight(from_on), self._midnight(to_on + timedelta(days=1))
            dossiers = list(finished_between(tx.connection, start, end, unit_ids))
        return Report(
            name="results",
            title="Kết quả giải quyết hồ sơ",
            from_on=from_on,
            to_on=to_on,
            columns=COLUMNS,
            rows=self._rows(dossiers),
            totals=self._figures(dossiers),
            definitions=DEFINITIONS,
            beside=self._beside(dossiers),
        )

    def overdue(self, from_on: date, to_on: date, unit_code: str = "", within: Within = None) -> Report:
        """Every appointment whose date from `from_on` to `to_on` was missed, with its letter; second lateness too.

        Raises what `results` raises.
        """
        return overdue_report(self._office, self._missed(from_on, to_on, unit_code, within), from_on, to_on)

    def apologies(self, from_on: date, to_on: date, unit_code: str = "", within: Within = None) -> Report:
        """What each unit wrote about the appointments that it missed, how soon, and what was missed a second time.

        Raises what `results` raises.
        """
        return apologies_report(self._office, self._missed(from_on, to_on, unit_code, within), from_on, to_on)

    def _missed(self, from_on: date, to_on: date, unit_code: str, within: Within) -> list[Missed]:
        if from_on > to_on:
            raise PeriodBackwards(from_on=from_on, to_on=to_on)
        unit_ids = self._office.units.counted(unit_code, within)
        with self._uow.read() as tx:
            start, end = self._midnight(from_on), self._midnight(to_on + timedelta(days=1))
            return list(missed_between(tx.connection, start, end, unit_ids))

    def steps(self, from_on: date, to_on: date, unit_code: str = "", within: Within = None) -> Report:
        """Which steps were late from `from_on` to `to_on` (local days), also in files on time; a row a step.

        Raises what `results` raises.
        """
        if from_on > to_on:
            raise PeriodBackwards(from_on=from_on, to_on=to_on)
        unit_ids = self._office.units.counted(unit_code, within)
        with self._uow.read() as tx:
            start, end = self._midnight(from_on), self._midnight(to_on + timedelta(days=1))
            counts = steps_between(tx.connection, start, end, unit_ids)
        return step_report(counts, self._office.units, from_on, to_on)

    def _midnight(self, on: date) -> datetime:
        return datetime.combine(on, time.min, tzinfo=self._office.settings.zone)

    def _rows(self, dossiers: Sequence[Finished]) -> tuple[Mapping[str, object], ...]:
        groups: defaultdict[tuple[int, str, str], list[Finished]] = defaultdict(list)
        for dossier in dossiers:
            month = f"{dossier.finished_at.astimezone(self._office.settings.zone):%Y-%m}"
            groups[dossier.deciding_unit_id, dossier.procedure_code, month].append(dossier)
        rows = []
        for (unit_id, procedure_code, month), members in groups.items():
            unit = self._office.units.get(unit_id)
            names = {"unit": unit.name, "procedure": members[-1].procedure_name, "month": month}
            codes = {"unit_code": unit.code, "procedure_code": procedure_code}
            rows.append({**names, **codes, **self._figures(members)})
        return tuple(sorted(rows, key=lambda row: (row["unit_code"], row["procedure_code"], row["month"])))

    def _figures(self, dossiers: Sequence[Finished]) -> dict[str, object]:
        finished = [dossier for dossier in dossiers if dossier.result != Result.REFUSED]
        timeliness = [dossier.timeliness for dossier in finished]
        overdue = [dossier for dossier in finished if _was_overdue(dossier)]
        apologised = sum(dossier.is_apologised for dossier in overdue)
        days = self._office_days(finished)
        return {
            "finished": len(finished),
            "early": timeliness.count(Timeliness.EARLY),
            "on_time": timeliness.count(Timeliness.ON_TIME),
            "late": timeliness.count(Timeliness.LATE),
            "without_date": timeliness.count(None),
            "on_time_share": _share(on_time_share(finished)),
            "overdue": len(overdue),
            "apologised": apologised,
            "apology_coverage": _share(Rate(apologised, len(overdue))),
            "corrected": sum(dossier.is_corrected for dossier in finished),
            "median_days": round(median(days), 2) if days else None,
            "mean_days": self._mean_office_days(finished),
            "refused": len(dossiers) - len(finished),
            **self._days_by_holder(finished),
        }

    def _days_by_holder(self, dossiers: Sequence[Finished]) -> dict[str, float | None]:
        """Whose time it was, in mean office days: the four add up to the mean of the whole."""
        counted = [(dossier.time_shares, self._one_day(dossier)) for dossier in dossiers if dossier.time_shares]
        sums = {holder.value: Counter[float]() for holder in Holder}
        for shares, one_day in counted:
            for key, seconds in shares.items():
                sums[key.split(":")[0]][one_day] += seconds
        return {f"{holder}_days": _mean_days(sums[holder], len(counted)) for holder in sums}

    def _mean_office_days(self, dossiers: Sequence[Finished]) -> float | None:
        """The mean office time of a dossier, in office days."""
        sums, counted = Counter[float](), [dossier for dossier in dossiers if dossier.time_shares]
        for dossier in counted:
            sums[self._one_day(dossier)] += office_seconds(dossier.time_shares)
        return _mean_days(sums, len(counted))

    def _office_days(self, dossiers: Sequence[Finished]) -> list[float]:
        """The office time that each dossier took, in office days."""
        counted = (dossier for dossier in dossiers if dossier.time_shares)
        return [office_seconds(dossier.time_shares) / self._one_day(dossier) for dossier in counted]

    def _one_day(self, dossier: Finished) -> float:
        """The seconds of a standard day of the deciding unit, as it was when the dossier ended."""
        calendar = self._office.calendar_of(dossier.deciding_unit_id)
        return calendar.period_on(calendar.local(dossier.finished_at).date()).hours.length.total_seconds()

    def _beside(self, dossiers: Sequence[Finished]) -> Mapping[str, object]:
        table = load_published(self._office.settings.procedures)
        return _sipas_results(table, self._figures(dossiers), dossiers) if table else {}


def _mean_days(seconds: Mapping[float, float], dossiers: int) -> float | None:
    """Seconds by the length of the day that they are counted in, as mean days of so many dossiers.

    Added up and rounded as fractions: in floating point, what lies half-way is rounded by chance.
    """
    if not dossiers:
        return None
    days = sum((Fraction(total) / Fraction(one_day) for one_day, total in seconds.items()), Fraction(0))
    return float(round(days / dossiers, 2))


def _was_overdue(dossier: Finished) -> bool:
    return dossier.overdue_count > 0 or dossier.timeliness == Timeliness.LATE


def _share(rate: Rate) -> float | None:
    return None if rate.value is None else round(rate.value, 4)


def _sipas_results(
    table: SipasTable, figures: Mapping[str, object], dossiers: Sequence[Finished]
) -> Mapping[str, object]:
    criterion = table.criterion(RESULTS)
    answered = [dossier for dossier in dossiers if Result(dossier.result).is_answer]
    uncorrected = Rate(sum(not dossier.is_corrected for dossier in answered), len(answered))
    return {
        "title": f"{table.name}: tiêu chí {criterion.code} “{criterion.name}”",
        "note": BESIDE_NOTE,
        "is_official_sipas": False,
        "source": table.source,
        "unit": "%",
        "year": table.year,
        "target_year": table.target_year,
        "criterion": {
            "code": criterion.code,
            "name": criterion.name,
            "value": float(criterion.value),
            "target": float(criterion.target),
            "items": [
                {"code": item.code, "name": item.name, "value": float(item.value), "target": float(item.target)}
                for item in criterion.items
            ],
        },
        "own": {
            "on_time_share": figures["on_time_share"],
            "apology_coverage": figures["apology_coverage"],
            "uncorrected_share": _share(uncorrected),
        },
        "own_definitions": {
            "uncorrected_share": "Kết quả không phải đính chính ÷ hồ sơ đã trả kết quả hoặc từ chối giải quyết.",
        },
    }
