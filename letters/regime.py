"""Which set of official forms a letter follows, chosen by its date; the table is data and grows with the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Regime:
    """One set of official forms: its short name in data, the first day it applies, and its legal source."""

    name: str
    since: date
    source: str


REGIMES = (
    Regime("2018", date(2018, 6, 21), "Thông tư số 01/2018/TT-VPCP (Nghị định số 61/2018/NĐ-CP)"),
    Regime("2025", date(2025, 7, 1), "Thông tư số 03/2025/TT-VPCP (Nghị định số 118/2025/NĐ-CP)"),
)
"""Oldest first. Decree 118/2025 replaced Decree 61/2018 on 2025-07-01 and brought the new name of form 04."""


def regime_on(day: date) -> str:
    """Return the name of the forms in force on `day`; before the first of them, the first (the nearest there is)."""
    in_force = [regime for regime in REGIMES if regime.since <= day]
    return (in_force or REGIMES[:1])[-1].name


def source_of(name: str) -> str:
    """Return the legal source of a regime, as printed in a document's properties."""
    return next(regime.source for regime in REGIMES if regime.name == name)
