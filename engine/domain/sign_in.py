"""Rules of sign-in that need no database: what a password may be, what a session still owes, where somebody sits."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from engine.domain.errors import BadInput, Refused
from engine.domain.people import Actor, Role

# What people choose when they are made to choose; compared without accents, digits at the ends and signs.
OBVIOUS = frozenset(
    {
        "password", "passw", "matkhau", "qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbnm", "abc", "abcd",
        "abcdef", "abcdefgh", "admin", "administrator", "quantri", "quantrivien", "welcome", "letmein", "iloveyou",
        "yeuem", "anhyeuem", "emyeuanh", "matkhaumoi", "motcua", "dichvucong", "hanhchinh", "hanhchinhcong", "vietnam",
        "hochiminh", "hanoi", "ubnd", "uybannhandan", "chinhquyen", "congchuc", "canbo", "changeme", "default",
        "dragon", "football", "monkey", "master", "secret", "test", "tester", "guest", "user",
    }
)  # fmt: skip
LONGEST_PASSWORD = 200
_FEWEST_LETTERS = 5
_SHORTEST_PART = 4


class WeakPassword(BadInput):
    """Mật khẩu mới chưa dùng được: {detail}."""

    code = "weak_password"

    def __init__(self, detail: str) -> None:
        """Say what is wrong with it, at the field of the new password."""
        self.fields = {"new_password": f"{detail[:1].upper()}{detail[1:]}."}
        super().__init__(detail=detail)


class SignInRefused(Refused):
    """Tên đăng nhập hoặc mật khẩu không đúng."""

    code = "sign_in_refused"


class SignInElsewhere(Refused):
    """Tài khoản này đăng nhập qua nơi cấp tài khoản chung; hãy dùng nút đăng nhập của nơi đó."""

    code = "sign_in_elsewhere"


class AccountLocked(Refused):
    """Tài khoản tạm khóa đến {until} vì nhập sai mật khẩu nhiều lần. Hãy chờ hoặc liên hệ quản trị viên."""

    code = "account_locked"


class FirstPasswordTooOld(Refused):
    """Mật khẩu cấp lần đầu đã quá hạn dùng. Hãy nhờ quản trị viên cấp lại."""

    code = "first_password_too_old"


class SessionEnded(Refused):
    """Phiên làm việc đã kết thúc. Hãy đăng nhập lại; nội dung đang nhập trên trang này chưa được gửi."""

    code = "session_ended"


class ConfirmRefused(BadInput):
    """Mật khẩu hoặc mã xác thực không đúng."""

    code = "confirm_refused"

    def __init__(self, field: str = "confirm_secret") -> None:
        """Say it at the field where it was typed."""
        super().__init__()
        self.fields = {field: self.message}


class ConfirmNeeded(Refused):
    """Việc này cần xác nhận lại danh tính: hãy nhập mật khẩu hoặc mã xác thực của bạn."""

    code = "confirm_needed"


class Need(StrEnum):
    """What a session still owes before it opens any page."""

    NOTHING = ""
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    ENROLMENT = "enrolment"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a browser, and what they still owe."""

    actor: Actor
    need: Need = Need.NOTHING
    method: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, the secret that their browser keeps, and what they still owe."""

    actor: Actor
    token: str
    need: Need = Need.NOTHING


@dataclass(frozen=True, slots=True)
class Browser:
    """From where somebody signs in, as far as they said."""

    device: str = ""
    address: str = ""


NOT_TOLD = Browser()


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One signed-in browser of a person. `ref` names it, and opens nothing."""

    ref: str
    started_at: datetime
    seen_at: datetime
    method: str
    device: str
    address: str
    is_this: bool = False


def check_password(password: str, *, shortest: int, names: tuple[str, ...]) -> None:
    """Raise `WeakPassword` for what anybody guesses: short, common, made of `names` (of the person, of the office)."""
    if len(password) < shortest:
        raise WeakPassword(f"cần ít nhất {shortest} ký tự, ví dụ bốn từ không liên quan đến nhau")
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"không được dài quá {LONGEST_PASSWORD} ký tự")
    if len(set(password.lower())) < _FEWEST_LETTERS or _is_run(password.lower()):
        raise WeakPassword("lặp lại vài ký tự hoặc một dãy phím thì ai cũng đoán được")
    rest = _plain(password)
    for name in sorted({_plain(word) for whole in names for word in (whole, *whole.split())}, key=len, reverse=True):
        if len(name) >= _SHORTEST_PART:
            rest = rest.replace(name, "")
    if (
        any(rest == word * (len(rest) // len(word)) for word in OBVIOUS)
        or sum(letter.isalpha() for letter in rest) < _FEWEST_LETTERS
    ):
        raise WeakPassword("dễ đoán: chỉ gồm từ thông dụng, tên đăng nhập, họ tên hoặc tên cơ quan")


def _is_run(password: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return len(steps) == 1


def _plain(text: str) -> str:
    """Letters only, without accents; the digits between letters are dropped too: mat1khau is no better than matkhau."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if letter.isalpha() and letter.isascii())


def need_of(actor: Actor, *, owes_code: bool, must_change: bool, has_codes: bool, wanted: frozenset[Role]) -> Need:
    """What a session still owes: first the code, then a password of one's own, then to set codes up."""
    if owes_code:
        return Need.CODE
    if must_change:
        return Need.PASSWORD
    is_wanted = any(membership.role in wanted for membership in actor.own_memberships)
    return Need.ENROLMENT if is_wanted and not has_codes else Need.NOTHING
