"""Merging and splitting units: what people order and see, and what then is done in the background."""

from engine.services.reorganisation.orders import Reorganisation

__all__ = ["Reorganisation"]
