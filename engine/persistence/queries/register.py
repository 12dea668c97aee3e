"""The register of letters, and what a letter found by itself belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)

from engine.domain.letter_views import RegisterQuestion, RegisterState
from engine.domain.units import UnitTree
from engine.domain.views import LetterPdf, RegisterLine
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, Letter, LetterDocument, OutboxEntry, OverdueFact
from engine.persistence.queries.criteria import MOST_WORDS, UNITS, matches
from engine.persistence.queries.lines import LETTER_COLUMNS, count, letter_line
from engine.persistence.records import LetterRecord

_D = table_of(Dossier).c
_L = table_of(Letter).c
_O = table_of(OutboxEntry).c
_P = table_of(LetterDocument).c
_F = table_of(OverdueFact).c
_ROWS_AT_ONCE = 1000

_WITH_DOSSIER = table_of(Letter).join(table_of(Dossier), _D.id == _L.dossier_id)
_FORM: BindParameter[Any] = bindparam("form")
_DOCUMENT = select(_P.pdf).where(_P.letter_id == bindparam("key"))
_FILE_NAMES = {
    "receipt": "giay-tiep-nhan",
    "supplement_request": "phieu-yeu-cau-bo-sung",
    "refusal": "phieu-tu-choi",
    "apology": "van-ban-xin-loi",
    "discontinuation": "thong-bao-dung-giai-quyet",
    "routing_slip": "phieu-kiem-soat",
    "result_cover": "phieu-tra-ket-qua",
    "feedback_answer": "tra-loi-phan-anh",
    "error_apology": "thu-xin-loi-sai-sot",
}
_GIVEN_UP = select(_O.id).where(
    _O.letter_id == bindparam("key"), _O.topic == "render", _O.given_up_at.is_not(None), _O.done_at.is_(None)
)


_STATES = {
    RegisterState.WAITING: ("issued", "rendered", "signed"),
    RegisterState.FAILED: ("broken", "failed", "returned"),
}
# The new date that an apology offered was missed too.
_IS_SECOND = and_(
    _L.form == "apology",
    _L.cancelled_at.is_(None),
    exists(
        select(_F.id).where(
            _F.dossier_id == _L.dossier_id,
            _F.kind == "overdue",
            _F.recorded_late.is_(False),
            _F.moved_at.is_(None),
            _F.missed_due_at == _L.new_due_at,
        )
    ).correlate(table_of(Letter)),
)
_UNDELIVERED = and_(_L.delivered_at.is_(None), _L.cancelled_at.is_(None))


def _conditions(question: RegisterQuestion, *, everything: bool) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = [true() if everything else _L.unit_id.in_(UNITS)]
    if question.form:
        found.append(_L.form == _FORM)
    if question.year is not None:
        found.append(_L.year == bindparam("year"))
    if question.state in _STATES:
        found.append(_L.state.in_(_STATES[question.state]))
    elif question.state is RegisterState.UNDELIVERED:
        found.append(_UNDELIVERED)
    elif question.state is RegisterState.SECOND:
        found.append(_IS_SECOND)
    elif question.state is RegisterState.CANCELLED:
        found.append(_L.cancelled_at.is_not(None))
    words = question.search.split()[:MOST_WORDS]
    return (*found, *(or_(_L.number_text.icontains(word, autoescape=True), *matches(word)) for word in words))


_COLUMNS = (
    *LETTER_COLUMNS,
    _L.unit_id,
    _L.year,
    _L.number,
    _L.cancel_reason,
    _L.failure,
    _D.code,
    _D.applicant_name,
)


class Register:
    """Letters in the order of the register: the newest first on a page, by unit, form and number in a book."""

    def __init__(self, connection: Connection, units: UnitTree) -> None:
        """Read over an open transaction."""
        self._connection = connection
        self._units = units

    def page(
        self, unit_ids: Collection[int], question: RegisterQuestion, *, limit: int, offset: int
    ) -> tuple[RegisterLine, ...]:
        """The letters that `unit_ids` issued and that the question asks for, the newest first."""
        statement = self._select(unit_ids, question).order_by(_L.issued_at.desc(), _L.id.desc())
        rows = self._connection.execute(statement.limit(limit).offset(offset), _facts(unit_ids, question)).mappings()
        return tuple(self._line(row) for row in rows)

    def book(self, unit_ids: Collection[int], question: RegisterQuestion, *, most: int) -> Iterator[RegisterLine]:
        """The same letters as a book has them: unit by unit, form by form, in the order of their numbers."""
        statement = self._select(unit_ids, question).order_by(_L.unit_id, _L.form, _L.year, _L.number).limit(most)
        options = statement.execution_options(yield_per=_ROWS_AT_ONCE)
        for row in self._connection.execute(options, _facts(unit_ids, question)).mappings():
            yield self._line(row)

    def total(self, unit_ids: Collection[int], question: RegisterQuestion, *, most: int | None = None) -> int:
        """How many letters those are. Beyond `most` they are not counted on: the answer is one more."""
        conditions = _conditions(question, everything=self._is_everything(unit_ids))
        place = _WITH_DOSSIER if question.search else table_of(Letter)
        found = select(_L.id).select_from(place).where(*conditions)
        some = (found if most is None else found.limit(most + 1)).subquery()
        return count(self._connection, select(func.count()).select_from(some), _facts(unit_ids, question))

    def years(self) -> tuple[int, ...]:
        """From the year of the latest letter back to that of the first, whoever issued them: two rows of an index."""
        ends = (select(_L.year).order_by(order).limit(1) for order in (_L.issued_at.desc(), _L.issued_at))
        last, first = (self._connection.scalar(end) or 0 for end in ends)
        return tuple(range(last, first - 1, -1)) if last else ()

    def _select(self, unit_ids: Collection[int], question: RegisterQuestion) -> Select[Any]:
        conditions = _conditions(question, everything=self._is_everything(unit_ids))
        return select(*_COLUMNS).select_from(_WITH_DOSSIER).where(*conditions)

    def _is_everything(self, unit_ids: Collection[int]) -> bool:
        return len(set(unit_ids)) >= len(self._units)

    def _line(self, row: RowMapping) -> RegisterLine:
        return RegisterLine(
            letter=letter_line(row),
            dossier_code=row["code"],
            applicant_name=row["applicant_name"],
            unit_name=self._units.get(row["unit_id"]).name,
            year=row["year"],
            number=row["number"],
            note=row["cancel_reason"] or row["failure"] or "",
        )

    def as_file(self, letter: LetterRecord, dossier_code: str) -> LetterPdf:
        """A letter as a file; without a document it says whether one is still coming."""
        content = self._connection.scalars(_DOCUMENT, {"key": letter.id}).one_or_none()
        is_coming = content is None and self._connection.scalar(_GIVEN_UP, {"key": letter.id}) is None
        return LetterPdf(
            filename=f"{_FILE_NAMES.get(letter.form, letter.form)}_{dossier_code}_{letter.number:02d}.pdf",
            content=None if content is None else bytes(content),
            sha256=letter.signed_sha256 or letter.sha256 or "",
            waiting=is_coming,
        )


def _facts(unit_ids: Collection[int], question: RegisterQuestion) -> dict[str, Any]:
    facts: dict[str, Any] = {"units": sorted(unit_ids)}
    if question.form:
        facts["form"] = question.form
    if question.year is not None:
        facts["year"] = question.year
    return facts
