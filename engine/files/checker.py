"""Looks into files in child processes with limits: whatever a file does, it does it to a child that may be killed."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import asdict
from queue import LifoQueue
from typing import TYPE_CHECKING, Any

from engine.child import Child
from engine.domain.attachments import FileKind, FileRefused, Finding, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Looker(Child):
    module = "engine.files.worker"


class NoPicture(Exception):
    """There is no picture of this page."""


class Checker:
    """Some children, each looking into one file at a time; threads may share it."""

    def __init__(self, limits: Limits, *, seconds: float, megabytes: int, hands: int) -> None:
        """Allow each file so many seconds and megabytes; start nothing yet."""
        self._limits = limits
        self._free: LifoQueue[_Looker] = LifoQueue()
        self._all = [_Looker(seconds=seconds, megabytes=megabytes) for _each in range(hands)]
        for child in self._all:
            self._free.put(child)

    def inspect(self, path: Path, name: str) -> Finding:
        """What a file is; raises `FileRefused` with the reason, also where it cost more than it may."""
        with self._child() as child:
            answer = child.ask({"act": "inspect", "path": str(path), "name": name, "limits": asdict(self._limits)})
        if answer is None:
            raise FileRefused(name, "stopped")
        if "refused" in answer:
            raise FileRefused(name, answer["refused"], **answer["facts"])
        return _finding(answer)

    def picture(self, path: Path, kind: FileKind, page: int, width: int) -> bytes:
        """A page (from 1) as a PNG at most `width` wide, without anything that its camera wrote; `NoPicture`."""
        request = {
            "act": "picture",
            "path": str(path),
            "kind": kind.value,
            "page": page,
            "width": width,
            "limits": asdict(self._limits),
        }
        with self._child() as child:
            answer = child.ask(request)
        if answer is None or "picture" not in answer:
            raise NoPicture
        return base64.b64decode(answer["picture"])

    def close(self) -> None:
        """Let the children go."""
        for child in self._all:
            child.stop()

    @contextmanager
    def _child(self) -> Iterator[_Looker]:
        child = self._free.get()
        try:
            yield child
        finally:
            self._free.put(child)


def _finding(answer: dict[str, Any]) -> Finding:
    notes = tuple((str(code), int(count)) for code, count in answer["notes"])
    return Finding(**{**answer, "kind": FileKind(answer["kind"]), "notes": notes})
