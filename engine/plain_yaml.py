"""The one door to YAML: its safe loader, which makes plain values and calls nothing."""

from __future__ import annotations

from typing import Any

import yaml

# The same loader in C, ten times faster, where PyYAML was built with it.
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def plain(text: str) -> Any:
    """Return what a YAML document says; raises `yaml.YAMLError` with the place of a fault."""
    return yaml.load(text, SafeLoader)  # noqa: S506 - it is the safe one
