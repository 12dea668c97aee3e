"""The command group, and how failures become exit codes and one clear line on standard error."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

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
@click.version_option(package_name="motcua", message="motcua %(version)s")
def group() -> None:
    """Một Cửa: workflow of the one-stop counter, from receipt to result."""


def main() -> None:
    """Run the command line."""
    try:
        group.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except CannotRun as error:
        click.echo(f"motcua: {error}", err=True)
        sys.exit(3)
    except MotCuaError as error:
        click.echo(f"motcua: {error}", err=True)
        sys.exit(2)
    sys.exit(0)
