"""What the page of templates needs of the register: a real letter to look at, and how many came of each version."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, func, select

from engine.persistence.base import table_of
from engine.persistence.models import Letter, LetterTemplate
from engine.persistence.records import LetterRecord

_L = table_of(Letter).c
_T = table_of(LetterTemplate).c
_LATEST = (
    select(*(_L[name] for name in LetterRecord.__dataclass_fields__))
    .where(_L.unit_id == bindparam("unit"), _L.form == bindparam("form"))
    .order_by(_L.year.desc(), _L.number.desc())
    .limit(1)
)
_USED = (
    select(_L.template_id, func.count())
    .select_from(table_of(Letter).join(table_of(LetterTemplate), _T.id == _L.template_id))
    .where(_T.unit_id == bindparam("unit"))
    .group_by(_L.template_id)
)


def latest_letter(connection: Connection, unit_id: int, form: str) -> LetterRecord | None:
    """The letter of a form that a unit issued last."""
    row = connection.execute(_LATEST, {"unit": unit_id, "form": form}).mappings().one_or_none()
    return LetterRecord(**row) if row else None


def letters_by_template(connection: Connection, unit_id: int) -> Mapping[int, int]:
    """How many letters were issued with each version of a unit's template."""
    return {template_id: count for template_id, count in connection.execute(_USED, {"unit": unit_id})}  # noqa: C416
