"""What a unit says in its letters, kept by its administrator: looked at on a real letter, then published with a day.

Versions are only ever added. A letter that is issued freezes the words of its day, so no publication changes a letter
that is out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotFound
from engine.domain.letter_permissions import check_can_keep_templates, template_units
from engine.domain.letter_templates import (
    HeldTemplate,
    LetterTemplate,
    SignerRule,
    check_template,
    read_template,
    write_template,
)
from engine.domain.letter_views import TemplatePage, TemplateVersion
from engine.effects.letter_templates import (
    HEAD,
    held_template,
    letterhead_of,
    said_by,
    signer_of,
    usual_reasons,
    written_number,
)
from engine.effects.registering import LetterRefused, series
from engine.persistence.queries.letter_templates import latest_letter, letters_by_template
from letters import LetterNotRenderable, check, from_json
from letters.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.services.outbox import Rendered
    from letters import Letter

VALID_FROM = "valid_from"


class LetterTemplates:
    """Reads, previews and publishes the templates of units."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter], Rendered]) -> None:
        """Work on one installation; `render` turns the data of a letter into a document, in another process."""
        self._uow = uow
        self._office = office
        self._render = render

    def page(self, actor: Actor, unit_code: str = "", version_id: int | None = None, *, at: datetime) -> TemplatePage:
        """The template of a unit as it would be edited: the newest version, or an earlier one to begin with again."""
        mine = template_units(actor, self._office.units)
        units = [unit for unit in self._office.units if unit.id in mine]
        unit = self._unit(actor, unit_code or (units[0].code if units else ""))
        day = self._office.local_day(at)
        with self._uow.read() as tx:
            versions = tx.letter_templates.of(unit.id)
            held = held_template(tx, self._office, unit, day)
            used = letters_by_template(tx.connection, unit.id)
            chosen = next((each for each in versions if version_id in (None, each.id)), None)
            above = replace(held, own=LetterTemplate())
            return TemplatePage(
                unit_code=unit.code,
                unit_name=unit.name,
                units=tuple((each.code, each.name) for each in units),
                template=read_template(chosen.content) if chosen else LetterTemplate(),
                held=held,
                versions=tuple(
                    TemplateVersion(
                        each.id,
                        each.version,
                        each.valid_from,
                        each.note,
                        each.published_at,
                        each.published_by,
                        is_in_force=each.id == held.template_id,
                        letters=used.get(each.id, 0),
                    )
                    for each in versions
                ),
                forms=tuple((form, FORMS[form].form_number) for form in FORMS),
                defaults=self._defaults(unit, above),
            )

    def preview(self, actor: Actor, unit_code: str, template: LetterTemplate, form: str, *, at: datetime) -> bytes:
        """The latest real letter of a form that the unit issued, in the words of `template`: nothing is written.

        Raises `FormRefused` for a template that no letter could print, `NotFound` while the unit has issued none,
        `LetterRefused`.
        """
        unit = self._unit(actor, unit_code)
        check_template(template, FORMS)
        day = self._office.local_day(at)
        with self._uow.read() as tx:
            record = latest_letter(tx.connection, unit.id, form)
            if record is None:
                raise NotFound(what=f"văn bản nào theo mẫu này mà “{unit.name}” đã ban hành để xem thử")
            held = replace(held_template(tx, self._office, unit, day), own=template)
            dossier = tx.dossiers.by_id(record.dossier_id)
            desk = self._office.units.get(dossier.unit_id)
        letter = from_json(form, record.data)
        letterhead = letterhead_of(self._office, unit, template)
        is_of_head = letter.signer.title == self._signer_then(unit, letter)
        number = written_number(self._office, unit, held, form, number=record.number, year=record.year)
        shown = replace(
            letter,
            letterhead=letterhead,
            number=number,
            signer=signer_of(unit, template, form, day) if is_of_head or template.signer(form, day) else letter.signer,
            **said_by(
                held,
                form,
                letterhead,
                applicant=letter.applicant.name,
                desk=desk.short_name or desk.name,
                procedure=letter.procedure_name,
                dossier_code=letter.dossier_code,
            ),
        )
        try:
            check(shown)
        except LetterNotRenderable as error:
            raise LetterRefused(detail="; ".join(error.problems)) from error
        return self._render(shown).pdf

    def publish(
        self,
        actor: Actor,
        unit_code: str,
        template: LetterTemplate,
        *,
        valid_from: date | None,
        note: str,
        at: datetime,
    ) -> int:
        """Publish a version that holds from a day on; answers its number.

        Raises `FormRefused`: for what could not be printed, a day that is past, a series that is beyond its new start.
        """
        unit, day = self._unit(actor, unit_code), self._office.local_day(at)
        check_template(template, FORMS)
        if valid_from is None or valid_from < day:
            raise FormRefused({VALID_FROM: "Hãy chọn ngày có hiệu lực từ hôm nay trở đi"})
        with self._uow.write() as tx:
            self._check_first_numbers(tx, unit, template)
            return tx.letter_templates.add(
                unit.id,
                valid_from=valid_from,
                content=write_template(template),
                note=note.strip(),
                published_at=at,
                published_by=actor.username,
            )

    # --- inside ---

    def _unit(self, actor: Actor, unit_code: str) -> Unit:
        unit = self._office.units.by_code(unit_code)
        check_can_keep_templates(actor, unit.id, self._office.units)
        return unit

    def _check_first_numbers(self, tx: Transaction, unit: Unit, template: LetterTemplate) -> None:
        """A series that has given numbers goes on from them: another start would make a gap, or give one twice."""
        before = tx.letter_templates.of(unit.id)
        known = read_template(before[0].content).first_numbers if before else {}
        for name, first in template.first_numbers.items():
            form, _, year = name.partition("/")
            last = tx.letter_templates.last_number(series(unit, form, int(year)))
            if last and known.get(name) != first:
                raise FormRefused({"first_numbers": f"Dãy {name} đã cấp đến số {last}; không đổi được số bắt đầu nữa"})

    def _signer_then(self, unit: Unit, letter: Letter) -> str:
        """The title of the head of the unit, if the letter bears it; what a clerk signs is left to the clerk."""
        titles = {unit.head_title or HEAD, HEAD}
        return letter.signer.title if letter.signer.title in titles else ""

    def _defaults(self, unit: Unit, above: HeldTemplate) -> LetterTemplate:
        return LetterTemplate(
            agency=unit.name,
            parent_agency=unit.letterhead_parent,
            place=unit.place or unit.name,
            phone=unit.phone,
            signers=(SignerRule(unit.head_title or HEAD, unit.head_name),),
            recipients=above.recipients,
            openings={form: above.opening(form) for form in FORMS},
            closings={form: above.closing(form) for form in FORMS},
            approval={form: above.approval(form) for form in FORMS},
            reasons=above.reasons or usual_reasons(self._office),
            number=above.number or self._office.settings.letters.number,
        )
