"""The processes that print: letters side by side, papers in one of their own, long registers in another.

Each is started when it is first asked for and none of them keeps another waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from letters.pool import RenderPool
from letters.worker import RenderWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.services.outbox import Rendered as Document
    from engine.settings.letters import LetterSettings
    from letters import Letter
    from letters.posters import Poster
    from letters.rendered import Rendered
    from letters.template_sets import TemplateSet


class Presses:
    """Where documents are printed. `pretended` stands in for the processes that print letters and registers."""

    def __init__(self, settings: LetterSettings, pretended: Callable[[Letter], Document] | None = None) -> None:
        """Start nothing yet."""
        self._pretended = pretended
        self._pool = RenderPool(settings.workers, time_limit=settings.render_timeout_seconds)
        self._papers = RenderWorker(time_limit=settings.render_timeout_seconds)
        self._registers = RenderWorker(time_limit=settings.print_timeout_seconds)

    @property
    def hands(self) -> int:
        """How many letters may be printed at once."""
        return 1 if self._pretended else self._pool.size

    @property
    def pids(self) -> list[int]:
        """Process ids of those that print letters now."""
        return self._pool.pids

    def letter(self, letter: Letter, templates: TemplateSet | None = None) -> Document:
        """Print a letter, with a set of templates or (None) with those of today."""
        return self._pretended(letter) if self._pretended else self._pool.render(letter, templates)

    def paper(self, poster: Poster) -> Rendered:
        """Print what is posted or listed."""
        return self._papers.render(poster)

    def register(self, printed: Letter | Poster) -> Rendered:
        """Print what may be long: it may take minutes."""
        if self._pretended:
            return cast("Rendered", self._pretended(cast("Letter", printed)))
        return self._registers.render(printed)

    def close(self) -> None:
        """End every process. They start again when they are asked."""
        for press in (self._pool, self._papers, self._registers):
            press.close()
