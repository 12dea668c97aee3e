"""The command group, and how failures become exit codes and one clear line on standard error."""

from __future__ import annotations

import sys

import click

from engine.cli import checking, clock, jobs, office, replay, reporting
from engine.domain.errors import CannotRun, MotCuaError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="motcua", message="motcua %(version)s")
def group() -> None:
    """Một Cửa: workflow of the one-stop counter, from receipt to result."""


for module in (office, jobs, clock, checking, replay, reporting):
    for command in module.COMMANDS:
        group.add_command(command)


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
