"""A PostgreSQL server for one test session, from Debian's programs, in a temporary folder.

PostgreSQL refuses to run as root, so there the server runs as the unprivileged user that Debian's package makes.
It dies with the session, also when the session is killed (`setpriv --pdeathsig`); what a killed session leaves on disk
is removed by the next one.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support.network import LOOPBACK, free_port

FOLDER_PREFIX = "motcua-postgres-"
SUPERUSER = "motcua"
START_LIMIT_SECONDS = 60
UNPRIVILEGED_USERS = ("postgres", "nobody")
# The data of a test is worth nothing after it: no flush to disk, and no work behind the back of a measurement.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


class PostgresUnavailableError(Exception):
    """PostgreSQL is not installed here, or did not start; the message says which."""


def find_programs() -> Path | None:
    """Return the folder with the newest `initdb` and `postgres`, or nothing where PostgreSQL is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    folder = Path(found).resolve().parent if found else None
    return folder if folder and (folder / "postgres").exists() else None


class PostgresServer:
    """One running server. Use it as a context manager; databases are made and dropped through it."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _unprivileged_user()
        self._password = secrets.token_urlsafe(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._created = 0
        self.port = 0

    def __enter__(self) -> Self:
        _remove_abandoned_folders()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=_open_folder(self._user)))
        try:
            self._initialise()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": disconnect the clients and end
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://{SUPERUSER}:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, template: str | None = None) -> str:
        """Create a database, a copy of the database `template` where one is given, and return its name."""
        self._created += 1
        name = f"test_{self._created}"
        with self._connect() as connection:
            if template is not None:  # a database with a visitor cannot be copied
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
                )
            # Copying files is a third of the work of copying pages through the log; before 15 there was no other way.
            strategy = sql.SQL(" STRATEGY file_copy" if connection.info.server_version >= 150000 else "")
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}{}").format(
                    sql.Identifier(name), sql.Identifier(template or "template0"), strategy
                )
            )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, with whoever is still connected to it."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _initialise(self) -> None:
        password_file = self._folder / "password"
        password_file.write_text(self._password, encoding="utf-8")
        self._give_to_user(self._folder, password_file)
        command = [
            *(str(self._programs / "initdb"), "--pgdata", str(self._folder / "data"), "--username", SUPERUSER),
            *("--pwfile", str(password_file), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ]
        done = subprocess.run(self._as_user(command), capture_output=True, text=True, check=False, cwd=self._folder)
        if done.returncode != 0:
            raise PostgresUnavailableError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _start(self) -> None:
        log = self._folder / "log"
        for _ in range(3):  # another program may take the port between our look and the server's
            self.port = free_port()
            settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self._folder)}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    self._as_user(command), stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=self._folder
                )
            if self._is_answering(self._process):
                return
        raise PostgresUnavailableError(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")

    def _is_answering(self, process: subprocess.Popen[bytes]) -> bool:
        give_up = time.monotonic() + START_LIMIT_SECONDS
        while process.poll() is None and time.monotonic() < give_up:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _as_user(self, command: list[str]) -> list[str]:
        """Run as the unprivileged user, and be stopped at once (SIGQUIT) when this process ends in any way."""
        demotion = []
        if self._user is not None:
            demotion = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return ["setpriv", *demotion, "--pdeathsig", "QUIT", "--", *command]

    def _give_to_user(self, *paths: Path) -> None:
        if self._user is not None:
            for path in paths:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom the server runs as, or nothing where we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED_USERS:
        if name in known:
            return known[name]
    raise PostgresUnavailableError(f"no unprivileged user to run it as (looked for {', '.join(UNPRIVILEGED_USERS)})")


def _open_folder(user: pwd.struct_passwd | None) -> Path:
    """Return the folder for temporary files; where the server is another user, one that others may walk into."""
    chosen = Path(tempfile.gettempdir()).resolve()
    if user is None or all(folder.stat().st_mode & 0o001 for folder in (chosen, *chosen.parents)):
        return chosen
    return Path("/tmp")  # noqa: S108  mkdtemp makes the private folder in it


def _remove_abandoned_folders() -> None:
    """Remove the folders of sessions that were killed before they could."""
    for parent in {Path(tempfile.gettempdir()).resolve(), Path("/tmp")}:  # noqa: S108  the two places of `_open_folder`
        for folder in parent.glob(f"{FOLDER_PREFIX}*"):
            owner = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(folder, ignore_errors=True)
