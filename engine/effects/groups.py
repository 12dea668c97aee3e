"""The groups of linked procedures that the office has, what each is made of, and how the counter offers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, MotCuaError
from engine.domain.linked import limits_text, total_text
from engine.domain.views import ProcedureItem, ProcedureLine
from engine.process.groups import group_files, read_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.domain.linked import LinkedGroup, LinkedMember
    from engine.domain.procedure import Procedure, ProcedureCase
    from engine.process.definitions import Definition


class GroupInvalid(BadInput):
    """Nhóm thủ tục liên thông {file} chưa dùng được: {problems}. Hãy sửa rồi chạy lại `motcua check`."""

    code = "group_invalid"


@dataclass(frozen=True, slots=True)
class LinkedPart:
    """One member of a group with the definition and the case that it starts with."""

    member: LinkedMember
    definition: Definition
    case: ProcedureCase


class Groups:
    """Groups by code."""

    def __init__(self, groups: tuple[LinkedGroup, ...] = ()) -> None:
        """Hold groups."""
        self._by_code = {group.code: group for group in groups}

    @classmethod
    def open(cls, folder: Path) -> Groups:
        """Read the groups among the procedures of a folder; raises `GroupInvalid`."""
        groups = []
        for path in group_files(folder):
            group, problems = read_group(path.read_bytes(), path.stem)
            if group is None:
                raise GroupInvalid(file=path.name, problems=" ".join(problem.message for problem in problems))
            groups.append(group)
        return cls(tuple(groups))

    def __iter__(self) -> Iterator[LinkedGroup]:
        """Every group, by code."""
        return (self._by_code[code] for code in sorted(self._by_code))

    def find(self, code: str) -> LinkedGroup | None:
        """The group of a code, None if it is no group."""
        return self._by_code.get(code)


def parts_of(group: LinkedGroup, choose: Callable[[str], Definition]) -> tuple[LinkedPart, ...]:
    """What a group is made of; `choose` answers the definition of a procedure code and says so if there is none."""
    return tuple(_part(member, choose(member.procedure)) for member in group.members)


def _part(member: LinkedMember, definition: Definition) -> LinkedPart:
    return LinkedPart(member, definition, definition.procedure.case(member.case))


def group_line(
    group: LinkedGroup, choose: Callable[[str], Definition], line_of: Callable[[Procedure], ProcedureLine]
) -> ProcedureLine | None:
    """A group as the counter offers it, beside the procedures; None where a member is not in force here."""
    try:
        parts = parts_of(group, choose)
    except (MotCuaError, LookupError):
        return None
    lines = [(part, line_of(part.definition.procedure)) for part in parts]
    asked = group.asked_items({part.member.id: part.definition.procedure for part in parts})
    return ProcedureLine(
        code=group.code,
        name=group.name,
        sector=group.sector,
        sector_name=group.sector_name,
        limits=(
            f"Cả nhóm: {total_text([part.case for part in parts])}, không kể thời gian chờ giữa các lần hẹn",
            *(f"{part.member.name}: {limits_text(part.case)}" for part in parts),
        ),
        cases=(),
        items=tuple(
            ProcedureItem(
                id=item.id,
                name=item.name,
                form=item.form,
                originals=item.originals,
                copies=item.copies,
                is_required=item.is_required,
                from_database=item.from_database,
            )
            for item in asked
        ),
        fees=tuple(f"{part.member.name}: {fee}" for part, line in lines for fee in line.fees),
        result="; ".join(dict.fromkeys(line.result for _, line in lines)),
        needs_agreed_date=False,
        levels=group.levels,
        linked=tuple(part.member.name for part in parts),
    )
