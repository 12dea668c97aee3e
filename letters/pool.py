"""Several rendering processes behind one door: threads that ask for letters at once are served side by side."""

from __future__ import annotations

import os
import queue
from types import TracebackType
from typing import Self

from letters.data import Letter
from letters.posters import Poster
from letters.rendered import Rendered
from letters.template_sets import TemplateSet
from letters.worker import MEMORY_LIMIT, TIME_LIMIT, RenderWorker

MOST_BY_DEFAULT = 2


def usual_size() -> int:
    """Return how many processes to use where nobody says: one a core, two at most, for the office works on beside."""
    return max(1, min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT))


class RenderPool:
    """Renders in up to `size` child processes; each is started when it is first needed."""

    def __init__(self, size: int = 0, *, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> None:
        """Set the number of processes (0: `usual_size`), and the limits of one letter in seconds and bytes."""
        self.size = size or usual_size()
        self._workers = [RenderWorker(time_limit=time_limit, memory_limit=memory_limit) for _ in range(self.size)]
        self._free: queue.LifoQueue[RenderWorker] = queue.LifoQueue()
        for worker in reversed(self._workers):
            self._free.put(worker)

    @property
    def pids(self) -> list[int]:
        """Process ids of the children that run."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def render(self, letter: Letter | Poster, templates: TemplateSet | None = None) -> Rendered:
        """Render as `RenderWorker.render` does, in whichever process is free, waiting for one if none is.

        The process that was free last goes first: whoever asks for one letter after another keeps one warm.
        """
        worker = self._free.get()
        try:
            return worker.render(letter, templates)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the children. The pool may be used again: it starts new ones."""
        for worker in self._workers:
            worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
