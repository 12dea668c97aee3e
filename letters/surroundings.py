"""What the child processes of this package may know of their parent: where the code is, and none of its settings."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = str(Path(__file__).parents[1])


def environment() -> dict[str, str]:
    """Return the variables of this process without those that hold settings: keys and passwords are among them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))}
