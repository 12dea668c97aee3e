"""Which dossiers are carried out together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_D = table_of(Dossier).c


def codes_received(connection: Connection, unit_ids: Collection[int], since: datetime | None) -> list[str]:
    """The codes of what units received from a moment on, the oldest first."""
    chosen = [_D.unit_id.in_(sorted(unit_ids)), *([_D.received_at >= since] if since else [])]
    return list(connection.scalars(select(_D.code).where(*chosen).order_by(_D.received_at, _D.id)))
