"""Accounts are opened and read from a list: one place for the page, the command line and the import."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.accounts import BadAccount, FirstPassword, check_can_give, check_username
from engine.domain.errors import MotCuaError
from engine.domain.people import ROLE_LABELS, Membership, Role
from engine.effects.credentials import first_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.domain.units import UnitTree
    from engine.effects.credentials import Credentials
    from engine.persistence.unit_of_work import Transaction

COLUMNS = ("username", "full_name", "roles")
MOST_LINES = 2000
_HEADS = {
    "username": "username", "tên đăng nhập": "username", "ten dang nhap": "username", "full_name": "full_name",
    "họ tên": "full_name", "họ và tên": "full_name", "ho ten": "full_name", "roles": "roles", "vai trò": "roles",
    "vai tro": "roles",
}  # fmt: skip


class BadList(BadAccount):
    """Danh sách tài khoản chưa dùng được: {detail}."""

    code = "bad_list"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be hired."""

    username: str
    full_name: str
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One line of a list: what it says, and what is wrong with it."""

    number: int
    username: str
    full_name: str
    roles: str
    error: str = ""
    person: NewPerson | None = None


def hire(tx: Transaction, credentials: Credentials, actor: Actor, new: NewPerson, *, at: datetime) -> FirstPassword:
    """Open an account with a first password that has to be changed; raises `BadAccount`."""
    check_new(tx, new)
    password = first_password()
    person_id = tx.people.add(
        username=new.username,
        full_name=new.full_name,
        password_hash=credentials.hash(password),
        memberships=new.memberships,
        must_change_password=True,
        password_changed_at=at,
    )
    roles = [f"{each.role.value}@{each.unit_id}" for each in new.memberships]
    tx.proofs.record("account_opened", by=actor.username, at=at, person_id=person_id, roles=roles)
    return FirstPassword(person_id, new.username, new.full_name, password)


def check_new(tx: Transaction, new: NewPerson) -> None:
    """Raise `BadAccount` for a name that cannot be given, or is."""
    check_username(new.username)
    if not new.full_name:
        raise BadAccount("full_name", "hãy ghi họ tên")
    if tx.people.by_username(new.username) is not None:
        raise BadAccount("username", f"đã có tài khoản “{new.username}”")


def read_places(text: str, tree: UnitTree) -> tuple[Membership, ...]:
    """Read roles in units as a list says them: ``clerk@AP-TTPVHCC; officer@BS-CNAP``. Raises `BadAccount`."""
    found: list[Membership] = []
    by_code = {unit.code.lower(): unit for unit in tree}
    words = {str(role): role for role in Role} | {label.lower(): role for role, label in ROLE_LABELS.items()}
    for part in filter(None, (each.strip() for each in text.replace("\n", ";").split(";"))):
        role_word, _, code = (each.strip().lower() for each in part.partition("@"))
        if role_word not in words or code not in by_code:
            known = ", ".join(Role)
            raise BadAccount("roles", f"“{part}”: hãy viết vai_trò@MÃ_ĐƠN_VỊ, vai trò là một trong {known}")
        found.append(Membership(by_code[code].id, words[role_word]))
    return tuple(dict.fromkeys(found))


def read_list(tx: Transaction, actor: Actor, tree: UnitTree, content: str) -> tuple[ListedPerson, ...]:
    """Read a list of people (CSV with a heading line, comma or semicolon); what is wrong stands in its line.

    Raises `BadList` for a list that cannot be read at all.
    """
    lines = tuple(_lines(content))
    if not lines:
        raise BadList("file", "danh sách không có dòng nào sau dòng tiêu đề")
    seen: set[str] = set()
    return tuple(_read_line(tx, actor, tree, line, seen) for line in lines)


def _lines(content: str) -> Iterator[ListedPerson]:
    heading = content.lstrip("\ufeff").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(content.lstrip("\ufeff")), delimiter=";" if ";" in heading else ",")
    try:
        heads = [_HEADS.get(head.strip().lower(), "") for head in next(reader, [])]
        if not set(COLUMNS) <= set(heads):
            raise BadList("file", "dòng đầu phải có các cột username, full_name, roles")
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if reader.line_num > MOST_LINES:
                raise BadList("file", f"mỗi lần không quá {MOST_LINES} dòng")
            cells = dict(zip(heads, (cell.strip() for cell in row), strict=False))
            username, full_name, roles = (cells.get(column, "") for column in COLUMNS)
            yield ListedPerson(reader.line_num, username, full_name, roles)
    except csv.Error as error:
        raise BadList("file", f"không đúng dạng CSV ({error})") from None


def _read_line(tx: Transaction, actor: Actor, tree: UnitTree, line: ListedPerson, seen: set[str]) -> ListedPerson:
    said = (line.number, line.username, line.full_name, line.roles)
    username = line.username.lower()
    try:
        new = NewPerson(username, " ".join(line.full_name.split()), read_places(line.roles, tree))
        if not new.memberships:
            raise BadAccount("roles", "hãy ghi ít nhất một vai trò")
        check_can_give(actor, new.memberships, tree)
        if username in seen:
            raise BadAccount("username", f"“{username}” đã có ở dòng trên")
        check_new(tx, new)
    except MotCuaError as error:
        return ListedPerson(*said, error=str(error.facts.get("detail", error.message)))
    seen.add(username)
    return ListedPerson(*said, person=new)


def hire_all(
    tx: Transaction, credentials: Credentials, actor: Actor, people: Iterable[ListedPerson], *, at: datetime
) -> tuple[FirstPassword, ...]:
    """Open the accounts of a list; all of them or, if one line is wrong, none (`BadList`)."""
    lines = tuple(people)
    wrong = [line for line in lines if line.person is None]
    if wrong:
        raise BadList("file", f"dòng {wrong[0].number}: {wrong[0].error}")
    return tuple(hire(tx, credentials, actor, line.person, at=at) for line in lines if line.person is not None)
