"""When nothing can be written: how a database says so, and what this process remembers of it.

Nobody asks the database beforehand. The first write that it refuses puts this process into its read-only mode, and the
first one that it takes again ends it; between the two each write begins with one small statement that would be refused.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from engine.domain.errors import CannotRun

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_SQLITE = {8: "tệp cơ sở dữ liệu không ghi được", 13: "đĩa đã đầy"}
_POSTGRES = {"25006": "máy chủ cơ sở dữ liệu chỉ cho đọc", "53100": "đĩa của máy chủ cơ sở dữ liệu đã đầy"}
_BASE_CODE = 0xFF
# What nobody waits for (that a session is in use) is tried so seldom while nothing can be written.
PAUSE_SECONDS = 5.0


class ReadOnlyNow(CannotRun):
    """Hệ thống đang ở chế độ chỉ đọc: {detail}. Việc này chưa được ghi; hãy giữ trang này và thử lại sau ít phút."""

    code = "read_only"


def why_read_only(error: DBAPIError) -> str:
    """Why a database refused to write anything at all, in Vietnamese; empty for any other failure."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & _BASE_CODE, "")
    return _POSTGRES.get(str(getattr(error.orig, "sqlstate", "")), "")


class Writability:
    """Whether this process can write, as far as it knows; threads share it."""

    def __init__(self) -> None:
        """Begin in good faith."""
        self._lock = Lock()
        self._why = ""
        self._tried = 0.0

    @property
    def why(self) -> str:
        """Why nothing can be written; empty while writing works."""
        return self._why

    def lost(self, why: str) -> None:
        """Remember that a write was refused."""
        with self._lock:
            self._why, self._tried = why, monotonic()

    def found(self) -> None:
        """Remember that writing works."""
        with self._lock:
            self._why = ""

    def is_worth_trying(self) -> bool:
        """Whether something that nobody waits for should be tried: always, or once in a while."""
        with self._lock:
            if self._why and monotonic() - self._tried < PAUSE_SECONDS:
                return False
            self._tried = monotonic()
            return True
