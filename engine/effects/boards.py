"""The part of the board that a person may look at: what boards, lists and orders over many dossiers begin with."""

from __future__ import annotations

from datetime import datetime

from engine.domain.board import Choice
from engine.domain.errors import NotFound
from engine.domain.people import Actor
from engine.domain.permissions import board_units, check_can_see_board
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.queries.board import BoardReader
from engine.persistence.unit_of_work import Transaction


def open_board(tx: Transaction, office: Office, actor: Actor, choice: Choice, at: datetime) -> BoardReader:
    """What a person oversees, or the part of it that a choice names.

    Raises `Refused` for people who oversee no unit, `NotFound` for a unit that they do not oversee.
    """
    units = office.units
    check_can_see_board(actor, units)
    overseen = board_units(actor, units)
    if choice.scope:
        chosen = overseen.intersection(units.under(units.by_code(choice.scope).id))
        if not chosen:
            raise NotFound(what=f"đơn vị có mã “{choice.scope}”")
        overseen = chosen
    return BoardReader(tx.connection, lens_at(office, at), overseen)
