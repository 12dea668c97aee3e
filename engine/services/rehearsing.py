"""Trying drafts out, in a child process on a scratch database: by hand and by their stories."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput
from engine.domain.permissions import check_can_design
from engine.process.checks.guard import Guard
from engine.process.drafting.workshop import laid_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.config import Settings, UnitSettings
    from engine.domain.people import Actor

SECONDS, MEGABYTES = 60.0, 768


class CannotRehearse(BadInput):
    """Chưa chạy thử được: {detail}."""

    code = "cannot_rehearse"


class _Stage(Guard):
    module = "engine.cli.rehearsal.worker"


class Rehearsing:
    """The stage of one installation."""

    def __init__(self, settings: Settings) -> None:
        """Start nothing yet: the first trial does."""
        self._settings = settings
        self._stage = _Stage(seconds=SECONDS, megabytes=MEGABYTES)
        self._lock = Lock()

    def play(self, actor: Actor, stem: str, files: Mapping[str, str], trial: Mapping[str, Any]) -> dict[str, Any]:
        """Walk through one dossier of a draft; answers how it stands, and what refused the last act."""
        check_can_design(actor)
        return self._request(stem, files, act="play", trial=trial)

    def tell(self, actor: Actor, stem: str, files: Mapping[str, str]) -> dict[str, Any]:
        """Live through the stories of a draft; answers what was not as told, and what no story enters."""
        check_can_design(actor)
        if f"tests/{stem}.yaml" not in files:
            raise CannotRehearse(detail="bản nháp chưa có câu chuyện (tests/*.yaml)")
        return self._request(stem, files, act="tell")

    def close(self) -> None:
        """Let the child process go."""
        with self._lock:
            self._stage.stop()

    def _request(self, stem: str, files: Mapping[str, str], **request: Any) -> dict[str, Any]:
        with laid_out(files, stem, self._settings.procedures / "shared") as bench:
            asked = {
                "diagram": str(bench.diagram),
                "stories": str(bench.stories),
                "shared": str(bench.shared.absolute()),
                "settings": _needed(self._settings),
                **request,
            }
            with self._lock:
                answer = self._stage.ask(asked)
        if answer is None:
            raise CannotRehearse(detail=f"quá {SECONDS:g} giây hoặc quá {MEGABYTES} MB bộ nhớ nên đã dừng")
        found: dict[str, Any] = answer
        if "failed" in found:
            raise CannotRehearse(detail=str(found["failed"]).rstrip("."))
        return found


def _needed(settings: Settings) -> dict[str, Any]:
    """What a stage needs to know of an installation; no secret, no database."""
    return {
        "name": settings.name,
        "timezone": settings.timezone,
        "province": settings.province,
        "procedures": str(settings.procedures.absolute()),
        "calendar": {"file": str(settings.calendar.file.absolute())},
        "units": [_unit(unit) for unit in settings.units],
    }


def _unit(unit: UnitSettings) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(unit.model_dump_json())
    return values
