"""Acts on many steps at once: what was chosen, what it would do, what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.process import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.process import FormField
    from engine.domain.views import FieldView, WorkItem

MOST_ROWS = 100
# What can be said of many dossiers in one breath; a number, a day or a name belongs to one of them.
COMMON_TYPES = frozenset({FieldType.CHOICE, FieldType.BOOLEAN, FieldType.LONG_TEXT})


class TooManyRows(BadInput):
    """Chỉ xử lý được tối đa {most} hồ sơ một lần; bạn đã chọn {chosen}. Hãy bỏ bớt rồi làm tiếp."""

    code = "too_many_rows"


class NothingChosen(BadInput):
    """Chưa chọn hồ sơ nào. Hãy đánh dấu các hồ sơ cần xử lý rồi bấm lại."""

    code = "nothing_chosen"


class RowState(StrEnum):
    """What became of one row."""

    DONE = "done"
    REFUSED = "refused"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A step that was chosen, and the version of its dossier that the person saw."""

    task_id: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: `said` is where the dossier went, or why nothing was done."""

    task_id: int
    code: str
    state: RowState
    said: str


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What an act on many steps would do. `left_out`: chosen rows that it cannot touch, with the reason."""

    step_name: str
    items: tuple[WorkItem, ...]
    fields: tuple[FieldView, ...]
    left_out: tuple[tuple[WorkItem, str], ...]


def needs_own_words(form: Iterable[FormField]) -> bool:
    """Whether a form asks for something that belongs to one dossier alone."""
    return any((each.is_required or each.required_when) and each.type not in COMMON_TYPES for each in form)


def common_fields(form: Iterable[FormField]) -> tuple[FormField, ...]:
    """The fields of a form that many dossiers may share."""
    return tuple(each for each in form if each.type in COMMON_TYPES)
