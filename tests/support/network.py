"""Addresses for what a test session starts: always loopback, always a port that nobody holds."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port of the loopback address that is free at this moment."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port
