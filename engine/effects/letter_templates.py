"""What a unit says in its letters on the day on which one is issued: its own template, those above it, the config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.letter_templates import (
    AUTOMATIC,
    BY_LEADER,
    HeldTemplate,
    LetterTemplate,
    TemplateReason,
    fill,
    number_text,
    read_template,
)
from engine.effects.lateness_rules import lateness_rules
from letters import Letterhead, Signer

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.people import Unit
    from engine.domain.procedure import Procedure
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction

APOLOGY = "apology"
HEAD = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"


def held_template(tx: Transaction, office: Office, unit: Unit, day: date) -> HeldTemplate:
    """What holds for letters of `unit` on a day."""
    *above, own = office.units.above(unit.id)
    found = {
        unit_id: (record.id, read_template(record.content))
        for unit_id, record in tx.letter_templates.in_force((own, *above), day).items()
    }
    template_id, template = found.get(own, (None, LetterTemplate()))
    return HeldTemplate(
        own=template,
        above=tuple(found[unit_id][1] for unit_id in reversed(above) if unit_id in found),
        template_id=template_id,
    )


def template_for(journey: Journey, unit: Unit) -> HeldTemplate:
    """What holds for letters that `unit` issues in this journey; read once in it."""
    held = journey.templates.get(unit.id)
    if held is None:
        held = journey.templates[unit.id] = held_template(
            journey.tx, journey.office, unit, journey.office.local_day(journey.at)
        )
    return held


def letterhead_on(tx: Transaction, office: Office, unit: Unit, at: datetime) -> Letterhead:
    """The letterhead of a unit as it was at `at`: for what is printed and is no letter."""
    return letterhead_of(office, unit, held_template(tx, office, unit, office.local_day(at)).own)


def letterhead_of(office: Office, unit: Unit, template: LetterTemplate) -> Letterhead:
    """The letterhead of a unit, with what its template says otherwise."""
    return Letterhead(
        agency=template.agency or unit.name,
        parent_agency=template.parent_agency or unit.letterhead_parent,
        place=template.place or unit.place or unit.name,
        contact_phone=template.phone or unit.phone,
        timezone=office.settings.timezone,
    )


def signer_of(unit: Unit, template: LetterTemplate, form: str, day: date) -> Signer:
    """Who signs letters of a form for a unit on a day; without a rule of the template the head of the unit."""
    rule = template.signer(form, day)
    if rule is None:
        return Signer(title=unit.head_title or HEAD, name=unit.head_name)
    return Signer(title=rule.title, name=rule.name, authority=rule.authority)


def said_by(held: HeldTemplate, form: str, head: Letterhead, **facts: str) -> dict[str, Any]:
    """What a unit says of its own in a letter: recipients, first and last sentence, its places filled in.

    `facts` are those of the dossier: `applicant`, `desk`, `procedure`, `dossier_code`.
    """
    places = {**facts, "agency": head.agency, "phone": head.contact_phone}
    return {
        "recipients": tuple(fill(line, places) for line in held.recipients),
        "opening": fill(held.opening(form), places),
        "closing": fill(held.closing(form), places),
    }


def written_number(office: Office, unit: Unit, held: HeldTemplate, form: str, *, number: int, year: int) -> str:
    """A number of the register as the unit writes it."""
    letters = office.settings.letters
    code, suffix = letters.code_of(form), unit.letter_suffix or unit.code
    if held.number:
        return number_text(held.number, number=number, year=year, code=code, suffix=suffix)
    return letters.number.format(number=number, year=year, code=code, suffix=suffix)


def usual_reasons(office: Office) -> tuple[TemplateReason, ...]:
    """The reasons for lateness of the installation."""
    return tuple(TemplateReason(each.id, each.text, each.holder) for each in office.settings.overdue.reasons)


def filled_reasons(journey: Journey, *, step: str, unit: str) -> tuple[TemplateReason, ...]:
    """The reasons for lateness that the deciding unit offers, filled in with where the dossier is held."""
    reasons = template_for(journey, journey.deciding_unit).reasons or usual_reasons(journey.office)
    where = {"step": step, "unit": unit}
    return tuple(TemplateReason(each.id, fill(each.text, where), each.holder) for each in reasons)


def is_by_leader(journey: Journey, unit: Unit, form: str) -> bool:
    """Whether a letter of a form that `unit` issues waits for its leader."""
    return _by_leader(journey.office, template_for(journey, unit), journey.definition.procedure, unit, form)


def keeps_apologies(tx: Transaction, office: Office, procedure: Procedure, unit: Unit, day: date) -> bool:
    """Whether an apology of `unit` waits for its leader when its date is missed."""
    return _by_leader(office, held_template(tx, office, unit, day), procedure, unit, APOLOGY)


def _by_leader(office: Office, held: HeldTemplate, procedure: Procedure, unit: Unit, form: str) -> bool:
    said = held.approval(form)
    if not said and form == APOLOGY:
        return lateness_rules(office, procedure, unit).signed_by_leader
    return (said or AUTOMATIC) == BY_LEADER
