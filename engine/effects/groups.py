"""The groups of linked procedures that the office offers, and what each is made of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, MotCuaError
from engine.process.groups import group_files, read_group

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.domain.linked import LinkedGroup, LinkedMember
    from engine.domain.procedure import ProcedureCase
    from engine.effects.library import Library
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


def parts_of(group: LinkedGroup, library: Library, level: str = "") -> tuple[LinkedPart, ...]:
    """What a group is made of, received at a desk of `level`; raises what the library says of a member it lacks."""
    return tuple(_part(member, library.of_procedure(member.procedure, level)) for member in group.members)


def _part(member: LinkedMember, definition: Definition) -> LinkedPart:
    return LinkedPart(member, definition, definition.procedure.case(member.case))


def is_whole(group: LinkedGroup, library: Library) -> bool:
    """Whether the installation has every member of a group in its case: only then it can be offered."""
    try:
        parts_of(group, library)
    except (MotCuaError, LookupError):
        return False
    return True
