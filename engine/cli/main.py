"""The command group, and how failures become exit codes and one clear line on standard error."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from engine.cli.vietnamese import complaint, speak_vietnamese
from engine.domain.errors import CannotRun, MotCuaError

# Command: the module that holds it under the same name. A command is imported when it is called, so that the quick
# ones answer at once.
COMMANDS = {
    "accounts": "accounts",
    "audit": "jobs",
    "calendar": "calendar",
    "check": "checking",
    "demo": "office",
    "doctor": "jobs",
    "due": "clock",
    "export": "export",
    "facts": "posting",
    "files": "export",
    "forecast": "forecast",
    "letters": "letters",
    "migrate": "office",
    "move-dossiers": "versions",
    "outbox": "jobs",
    "parcels": "parcels",
    "outcomes": "outcomes",
    "posters": "posting",
    "publish": "versions",
    "reorganise": "reorganise",
    "replay": "replay",
    "report": "reporting",
    "reproject": "changes",
    "scheduler": "jobs",
    "serve": "office",
    "sweep": "jobs",
    "versions": "versions",
    "what-if": "changes",
    "withdraw": "versions",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the alphabet."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command that is called."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module: Any = importlib.import_module(f"engine.cli.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="mot-cua", message="motcua %(version)s")
def group() -> None:
    """Một Cửa: quy trình của bộ phận một cửa, từ tiếp nhận đến trả kết quả."""


def main() -> None:
    """Run the command line."""
    speak_vietnamese()
    try:
        group.main(prog_name="motcua", standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except (click.exceptions.Abort, click.ClickException, MotCuaError, OSError) as error:
        sys.exit(_failed(error))
    sys.exit(0)


def _failed(error: Exception) -> int:
    """Say what went wrong in one line; answers the exit code."""
    match error:
        case click.exceptions.Abort():
            return 130
        case BrokenPipeError():  # whoever read has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return 2
        case click.ClickException():
            words, code = complaint(error), 2
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            words, code = f"{where}hệ điều hành báo “{error.strerror or error}”", 3
        case _:
            words, code = str(error), 3 if isinstance(error, CannotRun) else 2
    click.echo(f"motcua: {words}", err=True)
    return code
