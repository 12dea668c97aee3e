"""The product behind its pages, for tests: a filled demonstration office, an application over it, a server.

The office is filled once in a session, through the real services, at one moment; each test works on a copy of it.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from waitress import create_server
from waitress.server import BaseWSGIServer, MultiSocketServer

from engine.bootstrap import Engine, build
from engine.cli.demo import fill, story
from engine.cli.demo.cast import PASSWORD
from engine.clock import SetClock
from engine.config import load_settings
from tests.builders import read_once
from web import create_app

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class _CompiledOnce(BytecodeCache):
    """Templates in their compiled form, kept for the session: every test has an application of its own."""

    _kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key + bucket.checksum in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def open_office(database: Path) -> Engine:
    """The engine of the demonstration office kept in `database`; its clock stands at `NOW`."""
    settings = load_settings(ROOT / "config.yaml")
    files = settings.files.model_copy(update={"folder": database.parent / "files"})
    changed = {"database_url": f"sqlite:///{database}", "secret_key": "only for tests", "files": files}
    engine = build(settings.model_copy(update=changed), clock=SetClock(NOW))
    read_once(engine)
    return engine


def fill_office(database: Path) -> Path:
    """Fill a new office and write its letters."""
    engine = open_office(database)
    engine.migrate(NOW)
    story.DAYS, story.DOSSIERS = 12, 40  # enough of everything, and filled in half a minute
    fill(engine, NOW)
    engine.outbox.run(NOW)
    engine.close()
    return database


@contextmanager
def copy_of_office(filled: Path, folder: Path) -> Iterator[Engine]:
    """An office of one's own: what a test does to it nobody else sees."""
    engine = open_office(Path(shutil.copyfile(filled, folder / "office.db")))
    yield engine
    engine.close()


def _run(server: BaseWSGIServer | MultiSocketServer) -> None:
    with suppress(OSError):  # its sockets are closed under it when the test ends
        server.run()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application at an address of this machine."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4, ident=None)
    thread = threading.Thread(target=_run, args=(server,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=5)


def application(engine: Engine) -> Flask:
    """The application as it is served, but for the limit on guesses, which tests reach when they want to."""
    app = create_app(engine)
    app.jinja_env.bytecode_cache = _CompiledOnce()
    app.testing = True
    return app


class Person:
    """Somebody at a browser without scripts: signs in, reads pages, sends forms with their hidden token."""

    def __init__(self, app: Flask, username: str = "") -> None:
        self.client: FlaskClient = app.test_client()
        if username:
            answer = self.send("/dang-nhap", {"username": username, "password": PASSWORD})
            assert answer.status_code == 303, answer.text

    def read(self, path: str, **options: object) -> str:
        answer = self.client.get(path, follow_redirects=True, **options)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def send(self, path: str, fields: dict[str, str], *, headers: dict[str, str] | None = None):
        return self.client.post(path, data=fields | {"csrf_token": self.token()}, headers=headers)

    def token(self) -> str:
        found = _TOKEN.search(self.client.get("/dang-nhap").text)
        assert found
        return found.group(1)


# --- fixtures: `from tests.support.web import app, engine, filled_office` in a conftest ---


@pytest.fixture(scope="session")
def filled_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demonstration office, filled once."""
    return fill_office(tmp_path_factory.mktemp("office") / "filled.db")


@pytest.fixture
def engine(filled_office: Path, tmp_path: Path) -> Iterator[Engine]:
    with copy_of_office(filled_office, tmp_path) as engine:
        yield engine


@pytest.fixture
def app(engine: Engine) -> Flask:
    return application(engine)
