"""Who looks for viruses: the protocol, clamd over its own words (INSTREAM), and nobody."""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from engine.settings.files import ScannerSettings

_SIZE = struct.Struct("!L")
_CHUNK = 1 << 16
_LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner does not answer, or says something that is no verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner says of a file: the name of what it found, or nothing."""

    virus: str = ""


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, path: Path) -> Verdict | None:
        """Look into a file; None: nobody looks here. Raises `ScannerAway`."""
        ...


class NoScanner:
    """The office has no scanner."""

    def scan(self, _path: Path) -> Verdict | None:
        """Look at nothing."""
        return None


class Clamd:
    """ClamAV's daemon, over TCP or a socket of this machine."""

    def __init__(self, address: str, timeout_seconds: float) -> None:
        """`address`: ``unix:/path`` or ``tcp:host:port``."""
        self._address, self._timeout = address, timeout_seconds

    def scan(self, path: Path) -> Verdict | None:
        """Send a file in pieces and read the verdict; raises `ScannerAway`."""
        try:
            with closing(self._connect()) as line, path.open("rb") as file:
                line.sendall(b"zINSTREAM\0")
                while chunk := file.read(_CHUNK):
                    line.sendall(_SIZE.pack(len(chunk)) + chunk)
                line.sendall(_SIZE.pack(0))
                return _verdict(_read(line))
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error

    def _connect(self) -> socket.socket:
        way, _colon, place = self._address.partition(":")
        if way == "tcp":
            host, _colon, port = place.rpartition(":")
            return socket.create_connection((host, int(port)), self._timeout)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(self._timeout)
        try:
            line.connect(place)
        except OSError:
            line.close()
            raise
        return line


def _read(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER and (chunk := line.recv(_LONGEST_ANSWER)):
        answer += chunk
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return Verdict()
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND"))
    raise ScannerAway(said or "no answer")


def open_scanner(settings: ScannerSettings) -> Scanner:
    """The scanner that the settings name."""
    return NoScanner() if settings.kind == "none" else Clamd(settings.address, settings.timeout_seconds)
