"""The press: what takes long to print is printed in the background, one piece after the other, and kept for a while."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from engine.domain.errors import CannotRun
from letters import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from letters import Letter
    from letters.posters import Poster
    from letters.rendered import Rendered as Document

Paper = TypeVar("Paper")
Written = TypeVar("Written", bound="Letter | Poster")
Printed = TypeVar("Printed")
# How long a request waits for a paper before it says that the paper is being printed.
PATIENCE_SECONDS = 2.0


class PressClosed(CannotRun):
    """Chương trình đang tắt, không in thêm."""

    code = "press_closed"


class Press:
    """Prints by jobs that are named by what goes into them: the same key, the same bytes."""

    def __init__(self, name: str, *, kept: int) -> None:
        """Start a press of one thread; it keeps the last `kept` pieces."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._lock = Lock()
        self._most = kept
        self._is_closed = False
        self._kept: OrderedDict[tuple[str, ...], Future[bytes]] = OrderedDict()

    def wanted(self, key: tuple[str, ...], job: Callable[[], bytes], patience: float | None = None) -> bytes | None:
        """The piece if it is kept or printed within `patience` seconds; None: ask again.

        Raises whatever the job raised; a job that failed is tried anew at the next request.
        """
        with self._lock:
            future = self._kept.get(key)
            if future is None:
                future = self._kept[key] = self._pool.submit(job)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        try:
            try:
                return future.result(timeout=PATIENCE_SECONDS if patience is None else patience)
            except TimeoutError:
                return future.result() if future.done() else None  # it was done in this moment, or failed so itself
        except Exception:
            self._forget(key)
            raise

    def paper(
        self, paper: Written, render: Callable[[Written], Document], patience: float | None = None
    ) -> bytes | None:
        """A paper that is named by its own data, so that nobody gets yesterday's; otherwise as `wanted`."""
        key = (paper.form, hashlib.sha256(to_json(paper).encode()).hexdigest())
        return self.wanted(key, lambda: render(paper).pdf, patience)

    def kept(self, key: tuple[str, ...]) -> bytes | None:
        """A piece that is printed already; None if it is not."""
        with self._lock:
            future = self._kept.get(key)
        return future.result() if future is not None and future.done() and future.exception() is None else None

    def until_closed(self, render: Callable[[Paper], Printed]) -> Callable[[Paper], Printed]:
        """The same `render`, which prints nothing more once the press is closed: not even the rest of a long job."""

        def checked(paper: Paper) -> Printed:
            if self._is_closed:
                raise PressClosed
            return render(paper)

        return checked

    def close(self) -> None:
        """Print nothing more; returns when the piece at hand is done."""
        self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, key: tuple[str, ...]) -> None:
        with self._lock:
            self._kept.pop(key, None)
