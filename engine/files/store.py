"""The store: files by the hash of their content, written once, never overwritten, outside everything that is served.

What is still being received lies in `tmp` under a lock that ends with its process, so that what a dead process left
behind is known and swept away, and what a living one writes is left alone. Any number of processes may share a store.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20


class TooLarge(Exception):
    """More bytes came than a file may have; none of them was kept."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in and is not kept yet."""

    path: Path
    sha256: str
    size: int


class Store:
    """Files under one folder."""

    def __init__(self, folder: Path) -> None:
        """Make no folder yet: the first file does."""
        self._folder = folder
        self._tmp = folder / "tmp"

    @contextmanager
    def receiving(self, stream: IO[bytes], most: int) -> Iterator[Received]:
        """Read a stream to its end and hold it until the block ends, whatever happens in it. Raises `TooLarge`."""
        path, handle = self._new_temporary()
        try:
            digest, size = hashlib.sha256(), 0
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise TooLarge
                digest.update(chunk)
                handle.write(chunk)
            handle.flush()
            os.fsync(handle.fileno())
            yield Received(path, digest.hexdigest(), size)
        finally:
            with suppress(FileNotFoundError):
                path.unlink()
            handle.close()

    def keep(self, received: Received) -> None:
        """Give a received file its place; the same content that is there already is left as it is."""
        target = self.path(received.sha256)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        received.path.chmod(0o400)
        with suppress(FileExistsError):
            os.link(received.path, target)
        _settle(target.parent)

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would lie."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256
            message = "not a SHA-256"
            raise ValueError(message)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def remove(self, sha256: str) -> None:
        """Wipe a content and the pictures of it."""
        with suppress(FileNotFoundError):
            self.path(sha256).unlink()
        shutil.rmtree(self._previews(sha256), ignore_errors=True)

    def is_sound(self, sha256: str) -> bool | None:
        """Whether a content is what it was when it came; None: it is not there."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return None

    def hashes(self) -> Iterator[str]:
        """The hash of everything that is kept, in order."""
        for first in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for second in sorted(first.glob("[0-9a-f][0-9a-f]")):
                yield from (file.name for file in sorted(second.iterdir()) if len(file.name) == 64)  # noqa: PLR2004

    # --- pictures of pages ---

    def preview(self, sha256: str, name: str) -> bytes | None:
        """A picture that was made before."""
        try:
            return (self._previews(sha256) / name).read_bytes()
        except FileNotFoundError:
            return None

    def keep_preview(self, sha256: str, name: str, picture: bytes) -> None:
        """Keep a picture for the next time; whoever reads meanwhile reads the whole of it or nothing."""
        folder = self._previews(sha256)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f".{secrets.token_hex(8)}"
        part.write_bytes(picture)
        part.replace(folder / name)

    def _previews(self, sha256: str) -> Path:
        return self._folder / "previews" / sha256[:2] / sha256

    # --- what dead processes left ---

    def sweep(self) -> int:
        """Remove what processes that are gone were receiving; answers how many files that were."""
        swept = 0
        for path in self._tmp.glob("*.part"):
            with suppress(FileNotFoundError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                path.unlink()
                swept += 1
        return swept

    def _new_temporary(self) -> tuple[Path, IO[bytes]]:
        self._tmp.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            path = self._tmp / f"{secrets.token_hex(16)}.part"
            handle = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.exists():  # a sweep may have come between the two
                return path, handle
            handle.close()


def _settle(folder: Path) -> None:
    """Let the name of a new file survive a loss of power."""
    for each in (folder, folder.parent):
        number = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
