"""The child process in which drafts are tried out: one JSON request a line in, one JSON answer a line out.

It runs under a limit of memory, and whoever started it kills it when it takes too long. The office of the draft that
was tried last is kept, so that the next act of a person is quick.
"""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.child import serve
from engine.cli.rehearsal.play import Play
from engine.cli.stories.check import check_stories
from engine.cli.stories.stage import open_stage, settings_for
from engine.config import Settings
from engine.domain.errors import MotCuaError
from engine.process.definitions import Definition

if TYPE_CHECKING:
    from engine.cli.stories.stage import Stage


def main(megabytes: int) -> None:
    """Answer requests until the input ends."""
    logging.disable(logging.CRITICAL)
    with Theatre() as theatre:
        serve(partial(_answer, theatre), megabytes)


def _answer(theatre: Theatre, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return theatre.play(request) if request["act"] == "play" else theatre.tell(request)
    except MemoryError:
        raise
    except MotCuaError as error:
        return {"failed": error.message}
    except Exception as error:  # noqa: BLE001 - a fault of ours is told on the page, never a traceback
        return {"failed": f"{type(error).__name__}: {error}"}


class Theatre:
    """The office of the draft that was tried last."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._open = ExitStack()
        self._held: tuple[str, Stage] | None = None

    def __enter__(self) -> Self:
        """Be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the office that is held."""
        self._open.close()

    def play(self, request: dict[str, Any]) -> dict[str, Any]:
        """Walk through a dossier as far as it was walked."""
        definition = Definition.load(Path(request["diagram"]), Path(request["shared"]))
        return Play(self._stage(definition, request), definition).walk(request["trial"])

    def _stage(self, definition: Definition, request: dict[str, Any]) -> Stage:
        if self._held is None or self._held[0] != definition.ref:
            self._open.close()
            self._held = None
            settings = settings_of(request["settings"])
            province = definition.procedure.province or settings.province
            stage = self._open.enter_context(
                open_stage(settings_for(settings, province, [definition]), {Path(request["diagram"]): definition})
            )
            self._held = (definition.ref, stage)
        return self._held[1]

    def tell(self, request: dict[str, Any]) -> dict[str, Any]:
        """Live through the stories of a draft."""
        told = check_stories(settings_of(request["settings"]), [Path(request["stories"])])
        covered = next((covered for covered in told.coverage if covered.procedure), None)
        return {
            "problems": [asdict(problem) for report in told.files for problem in report.problems],
            "stories": covered.stories if covered else 0,
            "parts": covered.nodes + covered.flows if covered else 0,
            "holes": [{"id": hole.id, "name": hole.name} for hole in covered.holes] if covered else [],
        }


def settings_of(values: dict[str, Any]) -> Settings:
    """The settings that an office on a stage needs, from plain values."""
    return Settings.model_validate(values)


if __name__ == "__main__":
    main(int(sys.argv[1]))
