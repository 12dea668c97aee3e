"""Which dossiers an inspection looks at: a share of every stratum, by a hash that anybody can compute again.

A dossier's place is SHA-256 of the seed, a line and its code; of each stratum the first ones are taken, rounded up.
Neither the order of rows nor a random generator of some version has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from engine.domain.errors import BadInput

STRATA = ("procedure", "unit", "outcome")
OUTCOMES = {
    "refused": "Từ chối, dừng",
    "late": "Trễ hạn",
    "returned": "Có lần trả lại",
    "plain": "Đúng hạn, bình thường",
}
PERCENTS = (10, 30)
METHOD = (
    "Cách chọn: hồ sơ được xếp vào nhóm; trong mỗi nhóm, xếp theo SHA-256 của “mã gieo|mã hồ sơ” (UTF-8) và lấy "
    "tỷ lệ đã ghi từ đầu danh sách, làm tròn lên. Cùng mã gieo và cùng tập hồ sơ thì luôn ra cùng một mẫu."
)


class BadSample(BadInput):
    """{detail}."""

    code = "bad_sample"


class Finding(StrEnum):
    """What an inspector found in a dossier."""

    NONE = ""
    PASS = "pass"  # noqa: S105 - a finding
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finished dossier that may be drawn, with what it is stratified by."""

    id: int
    code: str
    procedure: str
    unit: str
    outcome: str

    def stratum(self, strata: Iterable[str]) -> str:
        """The stratum it belongs to, in words."""
        words = {"procedure": self.procedure, "unit": self.unit, "outcome": OUTCOMES[self.outcome]}
        return " · ".join(words[name] for name in strata) or "Tất cả"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A dossier that was drawn."""

    id: int
    code: str
    stratum: str
    rank: str


@dataclass(frozen=True, slots=True)
class SampledLine:
    """A dossier of a sample with what was found in it."""

    id: int
    code: str
    procedure_name: str
    unit_name: str
    stratum: str
    finding: Finding
    remark: str
    noted_at: datetime | None
    noted_by: str | None


@dataclass(frozen=True, slots=True)
class SampleView:
    """A sample: how it was drawn, from how many, and its dossiers."""

    id: int
    name: str
    unit_code: str
    unit_name: str
    from_on: date
    to_on: date
    percent: int
    seed: str
    strata: tuple[str, ...]
    procedure_code: str
    counts: tuple[tuple[str, int, int], ...]
    digest: str
    drawn_at: datetime
    drawn_by: str
    may_note: bool
    lines: tuple[SampledLine, ...] = ()

    @property
    def size(self) -> int:
        """How many dossiers were drawn."""
        return sum(drawn for _, _, drawn in self.counts)


def rank(seed: str, code: str) -> str:
    """The place of a dossier in the draw."""
    return sha256(f"{seed}|{code}".encode()).hexdigest()


def draw(candidates: Iterable[Candidate], *, percent: int, seed: str, strata: tuple[str, ...]) -> list[Drawn]:
    """Draw a share of every stratum, rounded up; in the order of strata and ranks."""
    groups: dict[str, list[Drawn]] = {}
    for each in candidates:
        name = each.stratum(strata)
        groups.setdefault(name, []).append(Drawn(each.id, each.code, name, rank(seed, each.code)))
    found: list[Drawn] = []
    for name in sorted(groups):
        group = sorted(groups[name], key=lambda drawn: drawn.rank)
        found += group[: -(-len(group) * percent // 100)]
    return found


def sizes(
    candidates: Iterable[Candidate], drawn: Iterable[Drawn], strata: tuple[str, ...]
) -> list[tuple[str, int, int]]:
    """Each stratum with how many dossiers it has and how many of them were drawn."""
    all_of, taken = _count(each.stratum(strata) for each in candidates), _count(each.stratum for each in drawn)
    return [(name, count, taken.get(name, 0)) for name, count in sorted(all_of.items())]


def digest(drawn: Iterable[Drawn]) -> str:
    """What two equal samples have in common, and no others."""
    return sha256("\n".join(sorted(each.code for each in drawn)).encode()).hexdigest()


def _count(names: Iterable[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found
