"""Why a clock may stand still, as data: whose time it is then, what proves it, and how the clock goes on.

An office keeps its grounds in `shared/grounds.yaml` beside its shared diagrams (bpmn/README.md). A ledger keeps what
they said when the pause began, so a change of the file moves nothing that has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Under this name the form of a step that may pause the clock asks for the document that orders the pause.
PAUSE_DOCUMENT = "pause_document"


class UnknownGround(CannotRun):
    """Căn cứ tạm dừng “{ground}” chưa khai báo trong shared/grounds.yaml (có: {known}); hãy khai báo rồi làm lại."""

    code = "unknown_ground"


class Holder(StrEnum):
    """Whose time a stretch of office time is: exactly one of these four."""

    COUNTER = "counter"
    UNIT = "unit"
    OTHER_AGENCY = "other_agency"
    APPLICANT = "applicant"

    @property
    def label(self) -> str:
        return _HOLDER_LABELS[self]

    @property
    def is_office(self) -> bool:
        """Whether the office answers for the time, at its counter or in one of its units."""
        return self in {Holder.COUNTER, Holder.UNIT}


_HOLDER_LABELS = {
    Holder.COUNTER: "Bộ phận Một cửa",
    Holder.UNIT: "Đơn vị giải quyết",
    Holder.OTHER_AGENCY: "Cơ quan khác",
    Holder.APPLICANT: "Người nộp hồ sơ",
}


class PauseEnd(StrEnum):
    """What the clock does when a pause is over: goes on, counts from zero, or begins the next appointment."""

    RESUME = "resume"
    RESTART = "restart"
    NEXT_PHASE = "next_phase"


class PauseDocument(StrEnum):
    """What proves a pause: a document that must or may be named, the letter that orders it, or nothing."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    LETTER = "letter"
    NONE = "none"

    @property
    def is_asked(self) -> bool:
        return self in {PauseDocument.REQUIRED, PauseDocument.OPTIONAL}


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground. `name` continues “Tạm dừng tính thời hạn …”; `clock` holds unless a procedure says otherwise.

    `is_once`: the law lets the office pause a dossier on it once.
    """

    id: str
    name: str
    source: str
    mark: str
    whose: Holder
    document: PauseDocument = PauseDocument.NONE
    clock: PauseEnd = PauseEnd.RESUME
    is_once: bool = False


class Grounds:
    """The grounds of an office by their ids. Immutable."""

    def __init__(self, grounds: Iterable[Ground] = ()) -> None:
        """Index them; of two with one id the last holds."""
        self._by_id = {ground.id: ground for ground in grounds}

    def __iter__(self) -> Iterator[Ground]:
        """Every ground in the order of the file."""
        return iter(self._by_id.values())

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._by_id)

    def get(self, ground: str) -> Ground:
        """The ground of this id; raises `UnknownGround`."""
        if ground not in self._by_id:
            raise UnknownGround(ground=ground, known=", ".join(sorted(self._by_id)) or "–")
        return self._by_id[ground]
