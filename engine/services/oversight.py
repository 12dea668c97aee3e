"""Oversight: how the office stands at a moment, and the dossiers behind every figure. Reads, decides nothing."""

from __future__ import annotations

from datetime import datetime

from engine.domain.board import KINDS
from engine.domain.errors import NotFound
from engine.domain.people import Actor
from engine.domain.permissions import board_units, check_can_see_board
from engine.domain.views import Board, DossierLine
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.queries.oversight import Queues
from engine.persistence.unit_of_work import Transaction, UnitOfWork

FIRST_LINES = 10
PAGE_SIZE = 50
LARGEST_PAGE = 500


class Oversight:
    """Figures and queues of open dossiers, limited to the units that a person oversees."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def board(self, actor: Actor, *, at: datetime, unit_code: str = "") -> Board:
        """The figures and the first lines of the two queues that cannot wait.

        `counts` holds one figure for each kind of `queue`. Every open dossier whose work is not done is in one of
        overdue, due_soon, paused, no_date or none of them (in time). Raises `Refused` for people who oversee no unit,
        `NotFound` for a unit that they do not oversee.
        """
        with self._uow.read() as tx:
            queues = self._queues(tx, actor, at, unit_code)
            counts = queues.counts()
            return Board(
                as_of=at,
                counts=counts,
                overdue=queues.page("overdue", limit=FIRST_LINES),
                due_soon=queues.page("due_soon", limit=FIRST_LINES),
                without_letter=counts["without_letter"],
            )

    def queue(
        self,
        actor: Actor,
        kind: str,
        page: int = 1,
        page_size: int = PAGE_SIZE,
        *,
        at: datetime,
        unit_code: str = "",
    ) -> tuple[tuple[DossierLine, ...], int]:
        """A page of the dossiers behind one figure, most urgent first, and how many there are in all.

        - ``overdue``: the first appointment has passed, made anew or not. ``without_letter``: those without an apology.
        - ``due_today``: the date is today and has not passed. ``due_soon``: the warning of the installation has come.
        - ``paused``, ``no_date``: no appointment runs. ``drafts``: an apology waits for its signature.
        - ``second_lateness``: missed again after the one new appointment that the law allows.
        - ``results``: done, waiting to be fetched. ``open``: everything that has not ended.

        Raises what `board` raises, and `NotFound` for another kind.
        """
        if kind not in KINDS:
            raise NotFound(what=f"danh sách “{kind}”")
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        with self._uow.read() as tx:
            queues = self._queues(tx, actor, at, unit_code)
            return queues.page(kind, limit=page_size, offset=(page - 1) * page_size), queues.total(kind)

    def _queues(self, tx: Transaction, actor: Actor, at: datetime, unit_code: str) -> Queues:
        units = self._office.units
        check_can_see_board(actor, units)
        overseen = board_units(actor, units)
        if unit_code:
            chosen = overseen.intersection(units.under(units.by_code(unit_code).id))
            if not chosen:
                raise NotFound(what=f"đơn vị có mã “{unit_code}”")
            overseen = chosen
        return Queues(tx.connection, lens_at(self._office, at), overseen)
