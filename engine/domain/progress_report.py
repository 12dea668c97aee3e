"""Forms 06 and 07: what came in, what was done, what is still open, by sector or by unit; and whether it adds up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from engine.domain.report import Definition
from engine.domain.report_model import Check, Col, Drawing, Kind, Line, Table, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

RECEIVED = ("received", "online", "direct", "carried", "moved")
DONE = ("done", "early", "on_time", "late", "without_date")
OPEN = ("open", "open_in_time", "open_late")
FIGURES = (*RECEIVED, *DONE, "refused", *OPEN)
ONLINE = "online"
COLUMNS = (
    Col("received", "Tổng số", group="Tiếp nhận"),
    Col("online", "Trực tuyến", group="Tiếp nhận"),
    Col("direct", "Trực tiếp, bưu chính", group="Tiếp nhận"),
    Col("carried", "Kỳ trước chuyển qua", group="Tiếp nhận"),
    Col("moved", "Chuyển từ đơn vị khác", group="Tiếp nhận"),
    Col("done", "Tổng số", group="Đã giải quyết"),
    Col("early", "Trước hạn", group="Đã giải quyết"),
    Col("on_time", "Đúng hạn", group="Đã giải quyết"),
    Col("late", "Quá hạn", group="Đã giải quyết"),
    Col("without_date", "Không có hạn", group="Đã giải quyết"),
    Col("refused", "Từ chối tiếp nhận"),
    Col("open", "Tổng số", group="Đang giải quyết"),
    Col("open_in_time", "Trong hạn", group="Đang giải quyết"),
    Col("open_late", "Quá hạn", group="Đang giải quyết"),
)
DEFINITIONS = (
    Definition(
        "received",
        "Hồ sơ phải giải quyết trong kỳ: trực tuyến + trực tiếp, bưu chính + kỳ trước chuyển qua + chuyển đến.",
    ),
    Definition("online", "Hồ sơ nộp trực tuyến, nhận trong kỳ (ngày nhận theo giờ địa phương, kể cả hai đầu kỳ)."),
    Definition("direct", "Hồ sơ nộp trực tiếp hoặc qua bưu chính, nhận trong kỳ."),
    Definition("carried", "Hồ sơ nhận trước kỳ và đến đầu kỳ chưa giải quyết xong."),
    Definition("moved", "Hồ sơ đang mở nhận từ đơn vị khác trừ hồ sơ chuyển đi trong kỳ (sắp xếp lại đơn vị)."),
    Definition(
        "done",
        "Hồ sơ xong trong kỳ: có kết quả (kể cả đang chờ người dân nhận), từ chối giải quyết, dừng hoặc rút.",
    ),
    Definition("early", "Xong trước ngày hẹn."),
    Definition("on_time", "Xong trong ngày hẹn, không muộn hơn giờ hẹn."),
    Definition(
        "late",
        "Xong sau thời điểm hẹn ban đầu, dù đã hẹn lại, trừ khi cấu hình của cơ quan cho tính hẹn mới.",
    ),
    Definition(
        "without_date", "Xong khi không có ngày hẹn để so (dừng, rút khi chưa tính hoặc đang tạm dừng tính thời hạn)."
    ),
    Definition("refused", "Từ chối tiếp nhận (Mẫu 03) trong kỳ: có nộp nhưng không thành hồ sơ phải giải quyết."),
    Definition(
        "open", "Hồ sơ đến cuối kỳ chưa giải quyết xong, đếm từ từng hồ sơ; kỳ chưa hết thì tính đến lúc lập báo cáo."
    ),
    Definition(
        "open_late", "Trong số đó, đã qua thời điểm hẹn ban đầu. Đang tạm dừng tính thời hạn thì không tính là quá hạn."
    ),
    Definition("open_in_time", "Trong số đó, còn trong hạn, đang tạm dừng hoặc chưa có hạn."),
    Definition(
        "late_share",
        "Tỷ lệ quá hạn trong số đã giải quyết.",
        "hồ sơ đã giải quyết có ngày hẹn (trước hạn + đúng hạn + quá hạn)",
    ),
)
SOURCES = (
    "Biểu II.06a/VPCP/KSTT và II.07b/VPCP/KSTT.",
    "Cột “không có hạn”, “từ chối tiếp nhận”, “chuyển từ đơn vị khác” thêm vào để tổng cộng khớp.",
)
Key = tuple[int, str]


class Dossier(Protocol):
    """What is asked of a dossier that had not ended at the end of the period."""

    @property
    def unit_id(self) -> int: ...
    @property
    def home_id(self) -> int: ...
    @property
    def procedure_code(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def first_due_at(self) -> datetime | None: ...
    @property
    def resolved_at(self) -> datetime | None: ...
    @property
    def overdue_count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """The moments of a period: its first, the one after its last (or now, if sooner); whether new dates count."""

    start: datetime
    end: datetime
    zone: tzinfo
    extension_counts: bool

    def judged(self, each: Dossier) -> datetime | None:
        """The date that a dossier is held against; None while none runs."""
        if each.due_at is None:
            return None
        return each.due_at if self.extension_counts else each.first_due_at or each.due_at

    def timeliness(self, each: Dossier) -> str:
        """What a dossier whose work is done counts as before it has ended: early, on_time, late, without_date."""
        due, done = self.judged(each), each.resolved_at
        if each.overdue_count:
            return "late"
        if due is None or done is None:
            return "without_date"
        if done > due:
            return "late"
        return "early" if done.astimezone(self.zone).date() < due.astimezone(self.zone).date() else "on_time"


@dataclass(frozen=True, slots=True)
class Sums:
    """The kept sums that a report is made of, by unit and procedure: in the period, and from its start until now."""

    received: Sequence[Mapping[str, Any]]
    received_since: Sequence[Mapping[str, Any]]
    ended: Sequence[Mapping[str, Any]]
    ended_since: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many dossiers of a unit and procedure were not done at the end of a period: all, come in by then, late."""

    unit_id: int
    procedure_code: str
    carried: int
    open: int
    open_late: int


def count(
    frame: Frame, sums: Sums, standing: Iterable[Standing], held: Iterable[Dossier], gone: Iterable[Dossier]
) -> dict[Key, dict[str, int]]:
    """Every figure by unit and procedure.

    `standing`: what was not done at the end of the period, counted; besides, one by one, `held`: dossiers that have not
    ended; `gone`: those whose work was done after the period and that have ended. What is carried over is told with the
    help of sums, what is open by the dossiers themselves: so the check is a check. What was given to another unit since
    is open at its home of then; that it came from there the sums tell.
    """
    found: defaultdict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    _add_sums(found, sums)
    for some in standing:
        for name in ("carried", "open", "open_late"):
            found[some.unit_id, some.procedure_code][name] += getattr(some, name)
    for each in held:
        _hold(found, each, frame)
    for each in gone:
        _still_open(found[each.home_id, each.procedure_code], each, frame)
    for line in found.values():
        line["received"] = line["online"] + line["direct"] + line["carried"] + line["moved"]
        line["done"] = line["early"] + line["on_time"] + line["late"] + line["without_date"]
        line["open_in_time"] = line["open"] - line["open_late"]
    return {key: line for key, line in found.items() if any(line.values())}


def _add_sums(found: defaultdict[Key, dict[str, int]], sums: Sums) -> None:
    for row in sums.received:
        line = found[_key(row)]
        line["online" if row["channel"] == ONLINE else "direct"] += row["received"]
        line["moved"] += row["moved_in"] - row["moved_out"]
    for row in sums.ended:
        line = found[_key(row)]
        for name in ("early", "on_time", "late", "without_date", "refused"):
            line[name] += row[name]
    for row in sums.ended_since:
        found[_key(row)]["carried"] += row["finished"] + row["refused"]
    for row in sums.received_since:
        found[_key(row)]["carried"] -= row["received"] + row["moved_in"] - row["moved_out"]


def _key(row: Mapping[str, Any]) -> Key:
    return row["unit_id"], row["procedure_code"]


def _hold(found: defaultdict[Key, dict[str, int]], each: Dossier, frame: Frame) -> None:
    line = found[each.unit_id, each.procedure_code]
    if each.resolved_at is None or each.resolved_at >= frame.start:
        line["carried"] += 1  # open now, or done since the start: was open then or came since (taken off by the sums)
    if each.resolved_at is not None and frame.start <= each.resolved_at < frame.end:
        line[frame.timeliness(each)] += 1
    elif (each.resolved_at is None or each.resolved_at >= frame.end) and each.received_at < frame.end:
        _still_open(found[each.home_id, each.procedure_code], each, frame)


def _still_open(line: dict[str, int], each: Dossier, frame: Frame) -> None:
    line["open"] += 1
    due = frame.judged(each)
    line["open_late"] += due is not None and due < frame.end


def grouped(counts: Mapping[Key, Mapping[str, int]], name_of: Callable[[Key], tuple[str, str]]) -> list[dict[str, Any]]:
    """The figures added up by what `name_of` says of unit and procedure: a key to sort by, and a name."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for key, figures in counts.items():
        line = rows.setdefault(name_of(key), dict.fromkeys(FIGURES, 0))
        for name in FIGURES:
            line[name] += figures[name]
    return [
        {"code": code, "name": name, **line, "late_share": late_share(line)}
        for (code, name), line in sorted(rows.items())
    ]


def late_share(line: Mapping[str, int]) -> float | None:
    """Late ÷ done with a date."""
    return share(line["late"], line["early"] + line["on_time"] + line["late"])


def progress_table(key: str, title: str, head: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of form 06 or 07 with its totals."""
    totals: dict[str, Any] = {name: sum(row[name] for row in rows) for name in FIGURES}
    totals["late_share"] = late_share(totals)
    columns = (Col("name", head, Kind.TEXT), *COLUMNS, Col("late_share", "Tỷ lệ quá hạn", Kind.SHARE))
    return Table(key, title, columns, tuple(rows), totals)


def sum_checks(rows: Sequence[Mapping[str, Any]]) -> tuple[Check, ...]:
    """The whole has to add up, and so does every row."""
    said = "Tiếp nhận (kể cả kỳ trước chuyển qua) = đã giải quyết + từ chối tiếp nhận + đang giải quyết"
    left = sum(row["received"] for row in rows)
    right = sum(row["done"] + row["refused"] + row["open"] for row in rows)
    broken = [row["name"] for row in rows if row["received"] != row["done"] + row["refused"] + row["open"]]
    each = Check(f"{said}: số dòng không khớp{': ' + '; '.join(broken[:5]) if broken else ''}", len(broken), 0)
    return Check(said, left, right), each


def progress_drawings(what: str, head: str, rows: Sequence[Mapping[str, Any]], most: int = 12) -> tuple[Drawing, ...]:
    """What was done and what is open and late, of the rows with most."""
    found = []
    for key, title, tone in (("done", "Đã giải quyết", "good"), ("open_late", "Đang quá hạn", "late")):
        chosen = [row for row in sorted(rows, key=lambda row: -row[key])[:most] if row[key]]
        if chosen:
            line = Line(title, tone, tuple(row[key] for row in chosen))
            found.append(Drawing("bars", f"{title} {what}", head, tuple(str(row["name"]) for row in chosen), (line,)))
    return tuple(found)
