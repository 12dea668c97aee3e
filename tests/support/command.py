"""The command line as a person types it: in this process, since a new one takes seconds to start, or in its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from engine.cli import main

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config.yaml"
# The entry point that `pip install` puts on the path as `motcua`.
PROGRAM = "from engine.cli import main; main()"


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        return line


def motcua(*arguments: object, config: Path | None = CONFIG, **environment: str) -> Ran:
    """Run ``motcua`` in this process; `environment` in small letters: ``database_url`` for ``MOTCUA_DATABASE_URL``."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["motcua", *command_line(arguments, config)]),
        patch.dict(os.environ, settings_in(environment)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Ran(code, out.getvalue(), err.getvalue())


def start_motcua(
    *arguments: object, config: Path | None = CONFIG, program: str | None = None, **environment: str
) -> subprocess.Popen[str]:
    """Start ``motcua``, or another Python `program` that ends in it, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program or PROGRAM, *command_line(arguments, config)],
        cwd=ROOT,
        env={**os.environ, **settings_in(environment)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command_line(arguments: tuple[object, ...], config: Path | None) -> list[str]:
    """The arguments as text, with the settings of the demonstration province unless a test gives its own."""
    return [*map(str, arguments), *(["--config", str(config)] if config is not None else [])]


def settings_in(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings as variables of the environment."""
    return {f"MOTCUA_{name.upper()}": value for name, value in environment.items()}
