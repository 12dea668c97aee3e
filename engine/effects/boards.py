"""The part of the board that a person may look at: what boards, lists and orders over many dossiers begin with."""

from __future__ import annotations

from datetime import datetime

from engine.domain.board import Choice
from engine.domain.people import Actor
from engine.domain.permissions import board_scope
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.queries.board import BoardReader
from engine.persistence.unit_of_work import Transaction


def open_board(tx: Transaction, office: Office, actor: Actor, choice: Choice, at: datetime) -> BoardReader:
    """What a person oversees, or the part of it that a choice names.

    Raises `Refused` for people who oversee no unit, `NotFound` for a unit that they do not oversee.
    """
    return BoardReader(tx.connection, lens_at(office, at), board_scope(actor, office.units, choice.scope))
