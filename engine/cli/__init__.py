"""The `motcua` command. Exit codes: 0 fine, 1 faults were found, 2 unusable input, 3 cannot run here."""

from engine.cli.main import main

__all__ = ["main"]
