"""Letters for people of the office: the file of one letter, and the register that they stand in."""

from __future__ import annotations

from engine.domain.errors import NotFound
from engine.domain.people import Actor
from engine.domain.permissions import can_see_dossier, check_can_see_register, register_units
from engine.domain.views import LetterPdf, RegisterPage
from engine.effects.office import Office
from engine.persistence.queries.dossier_page import DossierPage
from engine.persistence.queries.register import Register
from engine.persistence.unit_of_work import UnitOfWork

__all__ = ["Correspondence", "LetterPdf"]

PAGE_SIZE = 50
LARGEST_PAGE = 500


class Correspondence:
    """Reads the register of letters and their documents."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def pdf(self, actor: Actor, letter_id: int) -> LetterPdf:
        """A letter as a file; raises `NotFound` also when its dossier is none of the person's business."""
        with self._uow.read() as tx:
            letter = tx.letters.find(letter_id)
            dossier = tx.dossiers.by_id(letter.dossier_id)
            involved = DossierPage(tx.connection).involved_units(dossier)
            if not can_see_dossier(actor, involved, self._office.units):
                raise NotFound(what="văn bản")
            return Register(tx.connection, self._office.units).as_file(letter, dossier.code)

    def register(self, actor: Actor, form: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> RegisterPage:
        """A page of the letters that the person's units issued, newest first; `form` keeps one form only.

        Raises `Refused` for people without a register to look at.
        """
        units = self._office.units
        check_can_see_register(actor, units)
        unit_ids = register_units(actor, units)
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        with self._uow.read() as tx:
            register = Register(tx.connection, units)
            return RegisterPage(
                letters=register.page(unit_ids, form, limit=page_size, offset=(page - 1) * page_size),
                total=register.total(unit_ids, form),
                page=page,
                page_size=page_size,
            )
