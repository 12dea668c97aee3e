"""Filling the applicant in: from a scanned card, and from earlier files at the desks of the clerk."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.intake_desk import PersonFound
from engine.domain.intake_identity import doubts, read_card
from web.context import actor, engine, now, zone

_FILLED = ("full_name", "address", "phone", "email")


@dataclass(frozen=True, slots=True)
class Known:
    """What the page says about who was looked up: what was filled in, from where, and what looks wrong."""

    found: PersonFound
    filled: tuple[str, ...] = ()
    from_card: bool = False
    doubts: tuple[str, ...] = ()
    asked: bool = True


def fill_person(values: dict[str, str]) -> Known:
    """Fill in what is known of the person and not typed yet; what somebody typed is never replaced."""
    typed = values.get("identity_number", "")
    card = read_card(typed)
    filled: list[str] = []
    if card is not None:
        values["identity_number"] = card.number
        for name, told in (("full_name", card.full_name), ("address", card.address)):
            if told and values.get(name) != told:
                values[name] = told
                filled.append(name)
    elif "|" in typed:
        values["identity_number"] = typed.split("|")[0].strip()[:20]
    desk = engine().intake_people
    found = desk.find(actor(), values.get("identity_number", ""))
    for name in _FILLED:
        told = getattr(found, name)
        if told and not values.get(name):
            values[name] = told
            filled.append(name)
    today = now().astimezone(zone()).date()
    wrong = doubts(values.get("identity_number", ""), desk.desk.identity_places, on=today, card=card)
    return Known(found, tuple(filled), card is not None, wrong, asked=bool(values.get("identity_number")))
