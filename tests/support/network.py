"""Addresses for what a test session starts: always loopback, always a port that nobody holds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"


def held_socket() -> socket.socket:
    """A socket that keeps a port without listening on it: nobody is given the port, and whoever calls it is refused.

    A server that sets SO_REUSEADDR, as they do, may listen on the port all the same.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, 0))
    return held


@contextmanager
def held_port() -> Iterator[int]:
    """A port that stays ours while the block runs: for a server that is still to start, or for one that is away."""
    with held_socket() as held:
        yield held.getsockname()[1]


def free_port() -> int:
    """Return a port of the loopback address that is free at this moment."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port
