"""What the desk knows besides the procedures: words of people, where a parcel is asked, payments, authorisations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.domain.parcels import Communes


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the desk may choose, with what says so."""

    id: str
    name: str
    source: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a row of the fee table need not be paid; `fee` holds words of the row's name."""

    id: str
    name: str
    fee: str
    basis: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """The file of the desk, as values; everything empty where there is none."""

    nicknames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parcel_sectors: frozenset[str] = frozenset()
    authorisations: tuple[Choice, ...] = ()
    payments: tuple[Choice, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    identity_places: frozenset[str] = frozenset()
    block_keepers: frozenset[str] = frozenset()
    communes: Communes = field(default_factory=Communes)

    def exemptions_of(self, fees: tuple[str, ...]) -> tuple[Exemption, ...]:
        """The exemptions that touch a row of these fees."""
        return tuple(each for each in self.exemptions if any(each.fee in fee for fee in fees))


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """A dossier that a person handed in before, as the desk sees it."""

    code: str
    procedure_name: str
    state: str
    unit_name: str
    received_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class PersonFound:
    """What is known of whoever has an identity number, at the desks of the clerk who asks."""

    full_name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    files: tuple[EarlierFile, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftView:
    """A form of receipt that somebody has begun; `version` counts how often it was kept."""

    token: str
    procedure_code: str
    values: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def who(self) -> str:
        """The applicant, as far as the form says."""
        return self.values.get("full_name", "")
