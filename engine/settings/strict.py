"""What every part of the settings is: frozen, and an unknown key is an error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)
