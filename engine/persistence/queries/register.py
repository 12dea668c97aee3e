"""The register of letters, and what a letter found by itself belongs to."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, func, select, true

from engine.domain.units import UnitTree
from engine.domain.views import LetterPdf, RegisterLine
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, Letter, LetterDocument, OutboxEntry
from engine.persistence.queries.criteria import UNITS
from engine.persistence.queries.lines import LETTER_COLUMNS, count, letter_line
from engine.persistence.records import LetterRecord

_D = table_of(Dossier).c
_L = table_of(Letter).c
_O = table_of(OutboxEntry).c
_P = table_of(LetterDocument).c

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


@cache
def _conditions(*, by_form: bool, everything: bool) -> tuple[ColumnElement[bool], ...]:
    units = true() if everything else _L.unit_id.in_(UNITS)
    return (units, _L.form == _FORM) if by_form else (units,)


@cache
def _page(*, by_form: bool, everything: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(*LETTER_COLUMNS, _L.unit_id, _D.code, _D.applicant_name)
        .select_from(_WITH_DOSSIER)
        .where(*_conditions(by_form=by_form, everything=everything))
        .order_by(_L.issued_at.desc(), _L.id.desc())
    )


@cache
def _total(*, by_form: bool, everything: bool) -> Select[int]:
    conditions = _conditions(by_form=by_form, everything=everything)
    return select(func.count()).select_from(table_of(Letter)).where(*conditions)


class Register:
    """Letters in the order in which they were issued, the newest first."""

    def __init__(self, connection: Connection, units: UnitTree) -> None:
        """Read over an open transaction."""
        self._connection = connection
        self._units = units

    def page(self, unit_ids: Collection[int], form: str, *, limit: int, offset: int) -> tuple[RegisterLine, ...]:
        """The letters that `unit_ids` issued, of one form or (empty) of all."""
        statement = _page(**self._variant(unit_ids, form)).limit(limit).offset(offset)
        rows = self._connection.execute(statement, {"units": sorted(unit_ids), "form": form}).mappings()
        return tuple(
            RegisterLine(
                letter=letter_line(row),
                dossier_code=row["code"],
                applicant_name=row["applicant_name"],
                unit_name=self._units.get(row["unit_id"]).name,
            )
            for row in rows
        )

    def total(self, unit_ids: Collection[int], form: str) -> int:
        """How many letters those are."""
        statement = _total(**self._variant(unit_ids, form))
        return count(self._connection, statement, {"units": sorted(unit_ids), "form": form})

    def as_file(self, letter: LetterRecord, dossier_code: str) -> LetterPdf:
        """A letter as a file; without a document it says whether one is still coming."""
        content = self._connection.scalars(_DOCUMENT, {"key": letter.id}).one_or_none()
        is_coming = content is None and self._connection.scalar(_GIVEN_UP, {"key": letter.id}) is None
        return LetterPdf(
            filename=f"{_FILE_NAMES.get(letter.form, letter.form)}_{dossier_code}_{letter.number:02d}.pdf",
            content=None if content is None else bytes(content),
            sha256=letter.sha256 or "",
            waiting=is_coming,
        )

    def _variant(self, unit_ids: Collection[int], form: str) -> dict[str, bool]:
        return {"by_form": bool(form), "everything": len(set(unit_ids)) >= len(self._units)}
