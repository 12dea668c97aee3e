"""Ballots that somebody enters: what one says, the columns of a file of them, and what a line of it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.survey import BadBallot, Questionnaire

DATE, UNIT, PROCEDURE, CHANNEL, TIMELINESS, COMMENT = "ngay", "don_vi", "thu_tuc", "hinh_thuc", "dung_han", "y_kien"
FIXED = (DATE, UNIT, PROCEDURE, CHANNEL, TIMELINESS)
BLANKS = frozenset({"", "-", "0", ".", "_"})
LONGEST_COMMENT = 1000


@dataclass(frozen=True, slots=True)
class Ballot:
    """One answer sheet, as it was typed, imported or tapped. Empty words: not said."""

    on: date
    unit_code: str
    answers: Mapping[str, int]
    procedure_code: str = ""
    channel: str = ""
    timeliness: str = ""
    comment: str = ""

    def check(self, questionnaire: Questionnaire, today: date) -> None:
        """Raise `BadBallot` for an answer or word that is not known, and for a day to come or long ago."""
        questionnaire.check(self.answers)
        _one_of(self.channel, [each.value for each in Channel], CHANNEL)
        _one_of(self.timeliness, [each.value for each in Timeliness], TIMELINESS)
        if self.on > today:
            raise BadBallot(detail=f"ngày {self.on:%d/%m/%Y} chưa đến")
        most = questionnaire.ballot_days
        if today - self.on > timedelta(days=most):
            raise BadBallot(detail=f"ngày {self.on:%d/%m/%Y} đã quá lâu (trước đây hơn {most} ngày)")

    def about(self, known: Collection[str]) -> Ballot:
        """The same with its procedure as one of `known` is written; raises `BadBallot` for one that is not there."""
        meant = [code for code in spellings(self.procedure_code) if code in known]
        if self.procedure_code and not meant:
            raise BadBallot(detail=f"không có thủ tục nào mã “{self.procedure_code[:40]}”")
        return replace(self, procedure_code=meant[0]) if meant else self


def spellings(code: str) -> tuple[str, ...]:
    """A procedure's code as it stands, and as it stood before a spreadsheet took it for a number (``1.00405``)."""
    try:
        return code, f"{float(code):.6f}"
    except ValueError:
        return (code,)


def fingerprint(ballots: Iterable[Ballot]) -> str:
    """What tells some ballots from others, however the file that holds them was saved and sorted."""
    lines = (
        json.dumps([each.on.isoformat(), *_words(each), each.comment, sorted(each.answers.items())]) for each in ballots
    )
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _words(ballot: Ballot) -> tuple[str, ...]:
    return ballot.unit_code, ballot.procedure_code, ballot.channel, ballot.timeliness


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong in a line of a file, counted from 1 with its heading."""

    line: int
    detail: str


def columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The heading that a file of ballots has."""
    return (*FIXED, *(item.code for item in questionnaire.items), COMMENT)


def read_digits(typed: str, questionnaire: Questionnaire) -> dict[str, int]:
    """``454-5…``: a digit an item, in the order in which they are asked; 0, - or _ for a blank; spaces do not matter.

    Raises `BadBallot`.
    """
    signs = [sign for sign in typed if not sign.isspace()]
    items = questionnaire.items
    if len(signs) != len(items):
        raise BadBallot(detail=f"cần {len(items)} ký hiệu, đã nhập {len(signs)}")
    answers = {}
    for item, sign in zip(items, signs, strict=True):
        if sign not in BLANKS:
            answers[item.code] = _level(item.code, sign)
    questionnaire.check(answers)
    return answers


def read_rows(
    rows: Sequence[Sequence[str]], questionnaire: Questionnaire
) -> tuple[list[tuple[int, Ballot]], list[LineFault]]:
    """Read a table with its heading; every fault is told with its line, and a line with a fault brings no ballot."""
    if not rows:
        return [], [LineFault(1, "tệp không có dòng nào")]
    heading = [cell.strip() for cell in rows[0]]
    known = set(columns(questionnaire))
    faults = [LineFault(1, f"không có cột nào tên “{name}”") for name in heading if name and name not in known]
    faults += [LineFault(1, f"thiếu cột “{name}”") for name in (DATE, UNIT) if name not in heading]
    faults += [LineFault(1, f"cột “{name}” có hai lần") for name in sorted(known) if heading.count(name) > 1]
    if faults:
        return [], faults
    ballots = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            ballots.append((number, _ballot(_cells(heading, cells), questionnaire)))
        except BadBallot as error:
            faults.append(LineFault(number, str(error.facts["detail"])))
    if not ballots and not faults:
        faults.append(LineFault(2, "tệp không có phiếu nào"))
    return ballots, faults


def _cells(heading: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(heading) :]):
        raise BadBallot(detail="có nhiều ô hơn hàng tên cột; ý kiến có dấu phân cách phải đặt trong ngoặc kép")
    return dict(zip(heading, (cell.strip() for cell in cells), strict=False))


def _ballot(cells: Mapping[str, str], questionnaire: Questionnaire) -> Ballot:
    answers = {
        item.code: _level(item.code, cells[item.code])
        for item in questionnaire.items
        if cells.get(item.code, "") not in BLANKS
    }
    return Ballot(
        on=_day(cells.get(DATE, "")),
        unit_code=cells.get(UNIT, ""),
        procedure_code=cells.get(PROCEDURE, ""),
        channel=cells.get(CHANNEL, ""),
        timeliness=cells.get(TIMELINESS, ""),
        answers=answers,
        comment=cells.get(COMMENT, ""),
    )


def _level(code: str, sign: str) -> int:
    try:
        return int(sign)
    except ValueError:
        raise BadBallot(detail=f"mục {code}: “{sign[:20]}” không phải là số") from None


def _day(text: str) -> date:
    try:
        if "/" in text:
            day, month, year = text.split("/")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadBallot(detail=f"ngày “{text[:20]}” không đọc được; viết 2026-03-02 hoặc 02/03/2026") from None


def _one_of(text: str, values: Sequence[str], column: str) -> None:
    if text and text not in values:
        raise BadBallot(detail=f"cột {column}: “{text[:20]}” không phải một trong {', '.join(values)}")
