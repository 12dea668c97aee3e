"""config.yaml → frozen `Settings`. An unknown key is a start-up error that names it.

Secrets come from the environment only.
Every key can be overridden by an environment variable: ``MOTCUA_DATABASE_URL``, ``MOTCUA_OVERDUE__BATCH`` …
"""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from engine.domain.errors import BadInput
from engine.plain_yaml import plain
from engine.settings.channels import SECRETS, ChannelSettings
from engine.settings.files import FileSettings
from engine.settings.letters import LetterSettings
from engine.settings.overdue import OverdueSettings
from engine.settings.sign_in import OidcSettings, SignInSettings
from engine.settings.signing import SigningSettings
from engine.settings.strict import Strict
from engine.settings.working import WorkingSettings


class ConfigError(BadInput):
    """{path}: {detail}."""

    code = "config"


def _clock_time(value: object) -> object:
    # YAML reads 08:00 as the number 480 (sexagesimal) unless it is quoted.
    if isinstance(value, int):
        return time(value // 60, value % 60)
    return value


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class Session(Strict):
    """One stretch of office hours."""

    opens: ClockTime
    closes: ClockTime


class CalendarSettings(Strict):
    """The working calendar: which file of special days, which switches, which office hours.

    From `warn_from_month` on the doctor asks for the days of next year. Every process looks so many seconds apart
    whether somebody has changed a calendar.
    """

    file: Path = Path("bpmn/calendars/vietnam.yaml")
    warn_from_month: int = Field(10, ge=1, le=12)
    look_again_seconds: float = Field(2, ge=0)
    switches: dict[str, bool] = Field(default_factory=dict)
    office_hours: tuple[Session, ...] = (
        Session(opens=time(8), closes=time(12)),
        Session(opens=time(13), closes=time(17)),
    )


class CounterSettings(Strict):
    """How the desk works: so many days a begun form is kept untouched, so often a page keeps it by itself."""

    keep_drafts_days: int = Field(7, ge=1, le=60)
    autosave_seconds: int = Field(4, ge=1, le=60)


class WebSettings(Strict):
    """The address of the product and the limits of its public pages."""

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    session_idle_minutes: int = Field(30, ge=1)
    lookup_tries_per_quarter_hour: int = Field(10, ge=1)
    threads: int = Field(8, ge=1)
    secure_cookies: bool = False

    def address(self, path: str) -> str:
        """The public address of a page."""
        return self.public_url.rstrip("/") + path


class PublicationSettings(Strict):
    """How versions of procedures that were designed on the pages are published.

    `second_person`: whoever designed lays the draft before another administrator, who publishes it.
    """

    second_person: bool = False


class UnitSettings(Strict):
    """One unit of the tree. `level` is of the unit and of everything below it; the tree begins at the province."""

    code: str
    name: str
    kind: str
    level: Literal["province", "commune"] | None = None
    short_name: str = ""
    identifier: str = ""
    address: str = ""
    phone: str = ""
    place: str = ""
    letterhead_parent: str = ""
    letter_suffix: str = ""
    head_title: str = "THỦ TRƯỞNG ĐƠN VỊ"
    head_name: str = ""
    units: tuple[UnitSettings, ...] = ()


class Settings(BaseSettings):
    """One installation of Một Cửa."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="MOTCUA_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    name: str = "Một Cửa"
    timezone: str = "Asia/Ho_Chi_Minh"
    database_url: str = "sqlite:///var/motcua.db"
    secret_key: str = ""
    province: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$")
    procedures: Path = Path("bpmn")
    same_day_cutoff: ClockTime = time(15)
    calendar: CalendarSettings = CalendarSettings()
    overdue: OverdueSettings = OverdueSettings()
    letters: LetterSettings = LetterSettings()
    counter: CounterSettings = CounterSettings()
    web: WebSettings = WebSettings()
    sign_in: SignInSettings = SignInSettings()
    oidc: OidcSettings = OidcSettings()
    publication: PublicationSettings = PublicationSettings()
    signing: SigningSettings = SigningSettings()
    channels: ChannelSettings = ChannelSettings()
    files: FileSettings = FileSettings()
    working: WorkingSettings = WorkingSettings()
    units: tuple[UnitSettings, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which offices live and dates are printed."""
        return ZoneInfo(self.timezone)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, as secrets and tests need."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def _read(path: Path) -> dict[str, Any]:
    try:
        content = plain(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(path=path, detail="không có tệp này; hãy chỉ tệp cấu hình bằng --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path=path, detail=f"không đọc được tệp ({error})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"dòng {mark.line + 1}, cột {mark.column + 1}" if mark else "không rõ vị trí"
        raise ConfigError(
            path=path, detail=f"{place}: không đúng cú pháp YAML ({getattr(error, 'problem', error)})"
        ) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(path=path, detail="nội dung phải là các cặp “khóa: giá trị”")
    return content


def _explain(error: ValidationError) -> str:
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            faults.append(f"{where}: không có khóa này; hãy xóa hoặc sửa tên khóa")
        else:
            faults.append(f"{where}: {fault['msg']} (giá trị đang có: {fault['input']!r})")
    return "; ".join(faults)


def _check_no_secrets(content: dict[str, Any], path: Path) -> None:
    """A file is copied, printed and sent along: keys of channels come from the environment only."""
    oidc = content.get("oidc")
    if isinstance(oidc, dict) and "client_secret" in oidc:
        detail = "oidc.client_secret: khóa không đặt trong tệp; hãy đặt biến môi trường MOTCUA_OIDC__CLIENT_SECRET"
        raise ConfigError(path=path, detail=detail)
    channels = content.get("channels")
    for channel, name in SECRETS:
        told = channels.get(channel) if isinstance(channels, dict) else None
        if isinstance(told, dict) and name in told:
            variable = f"MOTCUA_CHANNELS__{channel.upper()}__{name.upper()}"
            detail = f"channels.{channel}.{name}: khóa không đặt trong tệp; hãy đặt biến môi trường {variable}"
            raise ConfigError(path=path, detail=detail)


def _check(settings: Settings, path: Path) -> None:
    try:
        _ = settings.zone
    except (KeyError, ValueError):
        raise ConfigError(path=path, detail=f"timezone: không có múi giờ “{settings.timezone}”") from None
    codes, kinds = set[str](), set[str]()
    waiting = list(settings.units)
    while waiting:
        unit = waiting.pop()
        if unit.code in codes:
            raise ConfigError(path=path, detail=f"units: mã đơn vị “{unit.code}” bị trùng")
        codes.add(unit.code)
        kinds.add(unit.kind)
        waiting.extend(unit.units)
    _check_overdue(settings.overdue, codes | {""}, kinds | {""}, path)
    _check_names(settings, codes, path)


def _check_names(settings: Settings, codes: set[str], path: Path) -> None:
    """Whether every unit that other parts name is one of `units`."""
    for mapped in settings.oidc.roles:
        if mapped.unit not in codes:
            raise ConfigError(path=path, detail=f"oidc.roles: không có đơn vị mã “{mapped.unit}” trong units")
    for code in settings.files.scan_folders:
        if code not in codes:
            raise ConfigError(path=path, detail=f"files.scan_folders: không có đơn vị mã “{code}” trong units")
    signers = [each.unit for each in settings.signing.units]
    for code in signers:
        if code not in codes or signers.count(code) > 1:
            raise ConfigError(path=path, detail=f"signing.units: đơn vị mã “{code}” không có trong units hoặc bị trùng")


def _check_overdue(overdue: OverdueSettings, codes: set[str], kinds: set[str], path: Path) -> None:
    for exception in overdue.exceptions:
        if exception.unit not in codes or exception.kind not in kinds:
            named = exception.unit or exception.kind
            raise ConfigError(path=path, detail=f"overdue.exceptions: không có đơn vị mã, loại “{named}” trong units")
    ids = [reason.id for reason in overdue.reasons]
    if not ids or len(set(ids)) != len(ids):
        raise ConfigError(path=path, detail="overdue.reasons: cần ít nhất một lý do, mỗi lý do một id riêng")
    for reason in overdue.reasons:
        try:
            reason.text.format(step="", unit="")
        except (KeyError, IndexError, ValueError):
            detail = f"overdue.reasons: “{reason.id}” chỉ được dùng {{step}} và {{unit}}"
            raise ConfigError(path=path, detail=detail) from None


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings of `path` (default ``./config.yaml``); relative paths inside are relative to the file.

    Raises `ConfigError`, with the file, the place and the remedy, for anything that is not right.
    """
    explicit = path is not None
    path = path or Path("config.yaml")
    content = _read(path) if explicit or path.exists() else {}
    _check_no_secrets(content, path)
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise ConfigError(path=path, detail=_explain(error)) from None
    _check(settings, path)
    base = path.resolve().parent
    return settings.model_copy(
        update={
            "procedures": base / settings.procedures,
            "calendar": settings.calendar.model_copy(update={"file": base / settings.calendar.file}),
            "database_url": _anchor(settings.database_url, base),
            "signing": settings.signing.anchored(base),
            "files": settings.files.anchored(base),
            "secret_key": settings.secret_key or os.environ.get("MOTCUA_SECRET_KEY", ""),
        }
    )


def _anchor(url: str, base: Path) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/") and url != prefix + ":memory:":
        return prefix + str(base / url.removeprefix(prefix))
    return url
