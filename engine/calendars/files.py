"""A calendar file → `WorkingCalendar`. Whatever is not right in it is one error with file, line, place and remedy.

A special day names its document by a key of `sources`. A day bound to a switch counts only where the installation has
turned that switch on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, NoReturn
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.domain.calendar import DayKind, OfficeHours, SpecialDay, WorkingCalendar
from engine.domain.calendar_book import Frame
from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from engine.config import Settings


VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_Loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class BadCalendarFile(BadInput):
    """{path}{line}: {place}{detail}."""

    code = "bad_calendar_file"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Source(_Strict):
    document: str = Field(min_length=1)
    issued_on: date | None = None


class _SpecialDay(_Strict):
    date: date
    kind: DayKind
    name: str = Field(min_length=1)
    source: str
    mark: Literal["R", "M", "D"]
    switch: str = ""


class _CalendarFile(_Strict):
    name: str
    weekly_rest_source: str
    years: dict[int, Literal["confirmed", "draft"]]
    switches: dict[str, str] = Field(default_factory=dict)
    sources: dict[str, _Source]
    special_days: tuple[_SpecialDay, ...]


@dataclass(frozen=True)
class CalendarSource:
    """What a calendar file says: the seed of the book of calendars.

    `days` are all special days, each with the switch on which it depends (empty: none); `switches` name each switch in
    words. `frame` is what stands around the days: hours and switches of the settings, the names of the file.
    """

    file_name: str
    frame: Frame
    years: Mapping[int, str]
    switches: Mapping[str, str]
    days: tuple[tuple[SpecialDay, str], ...]


def read_source(settings: Settings) -> CalendarSource:
    """Read the calendar file that the settings name. Raises `BadCalendarFile`."""
    path, switches = settings.calendar.file, settings.calendar.switches
    document, content = _open(path, switches)
    hours = OfficeHours(tuple((session.opens, session.closes) for session in settings.calendar.office_hours))
    frame = Frame(hours, settings.zone, switches, content.name, content.weekly_rest_source)
    return CalendarSource(path.name, frame, content.years, content.switches, _special_days(document, content))


def load_calendar(
    path: Path,
    *,
    switches: Mapping[str, bool],
    office_hours: OfficeHours | None = None,
    timezone: ZoneInfo = VIETNAM,
) -> WorkingCalendar:
    """Read the calendar at `path` for an office with these hours. Raises `BadCalendarFile`."""
    document, content = _open(path, switches)
    days = _special_days(document, content)
    return WorkingCalendar(
        special_days=tuple(day for day, switch in days if not switch or switches.get(switch, False)),
        hours=office_hours or OfficeHours(),
        timezone=timezone,
        confirmed_years=frozenset(year for year, state in content.years.items() if state == "confirmed"),
        draft_years=frozenset(year for year, state in content.years.items() if state == "draft"),
        name=content.name,
        weekly_rest_source=content.weekly_rest_source,
    )


def _open(path: Path, switches: Mapping[str, bool]) -> tuple[_Document, _CalendarFile]:
    document = _Document(path)
    content = document.read()
    for switch in switches:
        if switch not in content.switches:
            known = ", ".join(content.switches) or "không có công tắc nào"
            document.fail(("switches",), f"không có công tắc “{switch}”; tệp này có: {known}")
    return document, content


def _special_days(document: _Document, content: _CalendarFile) -> tuple[tuple[SpecialDay, str], ...]:
    days: dict[date, tuple[SpecialDay, str]] = {}
    for number, day in enumerate(content.special_days):
        place = ("special_days", number)
        if day.source not in content.sources:
            document.fail((*place, "source"), f"chưa khai báo văn bản “{day.source}” trong sources")
        if day.date.year not in content.years:
            document.fail((*place, "date"), f"chưa khai báo năm {day.date.year} trong years")
        if day.switch and day.switch not in content.switches:
            document.fail((*place, "switch"), f"chưa khai báo công tắc “{day.switch}” trong switches")
        if day.date in days:
            document.fail((*place, "date"), f"ngày {day.date} đã khai báo: “{days[day.date][0].name}”; hãy giữ lại một")
        source = content.sources[day.source]
        special = SpecialDay(day.date, day.kind, day.name, source.document, source.issued_on, day.mark)
        days[day.date] = (special, day.switch)
    return tuple(days.values())


def calendar_of(settings: Settings, office_hours: str | None = None) -> WorkingCalendar:
    """Read the calendar that the settings name; `office_hours` (``07:00-11:00,13:00-17:00``) overrides theirs."""
    hours = settings.calendar.office_hours
    text = office_hours or ",".join(f"{session.opens:%H:%M}-{session.closes:%H:%M}" for session in hours)
    return load_calendar(
        settings.calendar.file,
        switches=settings.calendar.switches,
        office_hours=OfficeHours.parse(text),
        timezone=settings.zone,
    )


class _Document:
    """A YAML file that remembers on which line everything stands. All scalars are read as text: `on` stays `on`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root: yaml.Node | None = None
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            self._root = loader.get_single_node()
        except FileNotFoundError:
            self.fail((), "không có tệp lịch này; hãy sửa calendar.file trong config.yaml")
        except (OSError, UnicodeDecodeError) as error:
            self.fail((), f"không đọc được tệp ({error})")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            fault = getattr(error, "problem", error)
            self.fail((), f"không đúng cú pháp YAML ({fault})", mark.line + 1 if mark else None)
        self._content = loader.construct_document(self._root) if self._root else {}
        self._refuse_repeated_keys(self._root, ())

    def read(self) -> _CalendarFile:
        """The content, checked; raises `BadCalendarFile` for the first fault."""
        try:
            return _CalendarFile.model_validate(self._content)
        except ValidationError as error:
            fault = error.errors()[0]
            remedy = _REMEDIES.get(fault["type"], "{msg}").format(**fault)
            self.fail(fault["loc"], remedy.replace(" or ", " hoặc "))

    def fail(self, place: Sequence[int | str], detail: str, line: int | None = None) -> NoReturn:
        """Raise `BadCalendarFile` for the thing at `place`."""
        line = line or self._line(place)
        raise BadCalendarFile(
            path=self._path,
            line=f", dòng {line}" if line else "",
            place=".".join(map(str, place)) + ": " if place else "",
            detail=detail,
        )

    def _line(self, place: Sequence[int | str]) -> int | None:
        """The line of the deepest node on the way to `place`."""
        node, line = self._root, None
        for step in place:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            elif isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(step)]
                if not found:
                    break
                line, node = found[0][0].start_mark.line + 1, found[0][1]
        return line

    def _refuse_repeated_keys(self, node: yaml.Node | None, place: tuple[int | str, ...]) -> None:
        if isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                self._refuse_repeated_keys(item, (*place, number))
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    self.fail(
                        (*place, key.value), "khóa này được ghi hai lần; hãy giữ lại một", key.start_mark.line + 1
                    )
                seen.add(key.value)
                self._refuse_repeated_keys(value, (*place, key.value))


_DATE = "“{input}” không phải một ngày; hãy ghi theo dạng 2026-01-31"
_REMEDIES = {
    "extra_forbidden": "không có khóa này; hãy xóa hoặc sửa tên khóa",
    "missing": "thiếu khóa này; hãy ghi thêm",
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_type": _DATE,
    "enum": "“{input}” không dùng được; hãy ghi một trong: {ctx[expected]}",
    "literal_error": "“{input}” không dùng được; hãy ghi một trong: {ctx[expected]}",
    "int_parsing": "“{input}” không phải một năm; hãy ghi theo dạng 2026",
    "string_too_short": "đang để trống; hãy ghi nội dung",
    "model_type": "phải là các cặp “khóa: giá trị”",
    "model_attributes_type": "phải là các cặp “khóa: giá trị”",
    "dict_type": "phải là các cặp “khóa: giá trị”",
    "tuple_type": "phải là một danh sách",
    "string_type": "phải là một dòng chữ",
}
