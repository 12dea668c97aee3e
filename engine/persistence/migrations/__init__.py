"""The schema through time: create or upgrade a database, and refuse one that a newer program has written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError

from engine.domain.errors import BadInput
from engine.persistence.unit_of_work import DatabaseAway

if TYPE_CHECKING:
    from sqlalchemy import Engine


class DatabaseTooNew(BadInput):
    """Cơ sở dữ liệu ở phiên bản “{found}”, mới hơn chương trình (“{head}”). Hãy cập nhật; chưa có gì bị thay đổi."""

    code = "database_too_new"


class DatabaseNotMigrated(BadInput):
    """Cơ sở dữ liệu chưa được tạo hoặc chưa nâng cấp (đang ở “{found}”, cần “{head}”). Hãy chạy “motcua migrate”."""

    code = "database_not_migrated"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def head() -> str:
    """The revision that this program needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """The revision of a database; None for an empty one. Raises `DatabaseAway`."""
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:  # it is away, or it is no database at all
        raise DatabaseAway(detail=type(error.orig).__name__) from error


def check(engine: Engine) -> None:
    """Raise unless the database is exactly at the revision that this program needs."""
    found = current(engine)
    if found != head():
        _refuse_newer(found)
        raise DatabaseNotMigrated(found=found or "trống", head=head())


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Create or upgrade the tables; answers the revisions before and after. Raises `DatabaseTooNew`."""
    found = current(engine)
    _refuse_newer(found)
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return found, head()


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to an earlier revision; tests walk up, down and up again."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _refuse_newer(found: str | None) -> None:
    if found is None:
        return
    try:
        ScriptDirectory.from_config(_config()).get_revision(found)
    except CommandError:
        raise DatabaseTooNew(found=found, head=head()) from None
