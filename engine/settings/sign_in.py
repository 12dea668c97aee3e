"""How people prove who they are: passwords, one-time codes, sessions, and accounts that another house keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.domain.people import Role
from engine.settings.strict import Strict


def _single(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Roles = Annotated[tuple[Role, ...], BeforeValidator(_single)]


class Argon2Settings(Strict):
    """What one guess costs. The default is OWASP's setting for small machines: 19 MiB, two passes, one lane."""

    memory_kib: int = Field(19 * 1024, ge=8)
    passes: int = Field(2, ge=1)
    lanes: int = Field(1, ge=1)


class SignInSettings(Strict):
    """Passwords, locks, one-time codes and sessions.

    After every `free_tries` wrong passwords in a row an account rests: `lock_minutes`, then twice as long, up to
    `longest_lock_minutes`. Accounts of a demonstration need neither a change of password nor codes.
    """

    local: Literal["everybody", "admins"] = "everybody"
    password_min_length: int = Field(12, ge=8, le=128)
    argon2: Argon2Settings = Argon2Settings()
    free_tries: int = Field(5, ge=1)
    lock_minutes: int = Field(15, ge=1)
    longest_lock_minutes: int = Field(240, ge=1)
    first_password_days: int = Field(7, ge=1)
    session_hours: float = Field(12, gt=0)
    second_factor_roles: Roles = ()
    confirm_minutes: int = Field(10, ge=0)

    def lock_after(self, wrong_tries: int) -> timedelta | None:
        """How long an account rests after so many wrong tries in a row; None while it does not."""
        if wrong_tries % self.free_tries:
            return None
        doublings = min(wrong_tries // self.free_tries - 1, 16)
        return timedelta(minutes=min(self.lock_minutes * 2**doublings, self.longest_lock_minutes))


class GroupRole(Strict):
    """What the members of a group of the other house are here."""

    group: str = Field(min_length=1)
    role: Role
    unit: str = Field(min_length=1)


class OidcSettings(Strict):
    """Sign-in at another house by OpenID Connect. Without `issuer` there is none. The secret: environment only.

    Accounts are matched by `username_claim`. With `create` an account is opened for whoever belongs to a group of
    `roles`, and the roles of such accounts follow the groups at every sign-in.
    """

    issuer: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    client_id: str = ""
    client_secret: str = Field("", repr=False)
    label: str = Field("Đăng nhập bằng tài khoản của tỉnh", max_length=80)
    scopes: str = "openid profile"
    username_claim: str = "preferred_username"
    name_claim: str = "name"
    groups_claim: str = "groups"
    create: bool = False
    roles: tuple[GroupRole, ...] = ()
    timeout_seconds: float = Field(10, gt=0, le=60)

    @property
    def is_set(self) -> bool:
        """Whether people may sign in at the other house."""
        return bool(self.issuer)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:  # noqa: N804 - a validator of the whole has an instance
        if self.issuer and not self.client_id:
            message = "cần thêm client_id của hệ thống này tại nơi cấp tài khoản"
            raise ValueError(message)
        if self.issuer.startswith("http://") and not self.issuer.startswith(("http://127.0.0.1", "http://localhost")):
            message = "issuer phải bắt đầu bằng https://"
            raise ValueError(message)
        if self.create and not self.roles:
            message = "create cần roles: nhóm nào giữ vai trò nào ở đơn vị nào"
            raise ValueError(message)
        return self
