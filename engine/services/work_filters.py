"""What people keep for their lists: named filters, shared with a unit or not, and choices."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.people import WORKING_ROLES, Actor
from engine.domain.permissions import units_of
from engine.domain.worklists import LONGEST_NAME, SORTS, Facets, Listing, SavedFilter, WorkChoices, read_listing
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.queries.worklist import Worklists
from engine.persistence.repositories.worklists import SavedFilterRecord
from engine.persistence.unit_of_work import Transaction, UnitOfWork

# So many of a person's own, so many shown: each is counted with every page.
MOST_KEPT, MOST_SHOWN = 12, 24


class WorkFilters:
    """Kept filters, the choices they are made of, and what a person has chosen for all lists."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def saved(self, actor: Actor, *, at: datetime) -> tuple[SavedFilter, ...]:
        """The person's filters and those shared with their units, by name, each with how many rows it holds now.

        A shared filter is counted, as it is opened, within what this person may see.
        """
        if actor.id is None:
            return ()
        with self._uow.read() as tx:
            rows = tx.work_book.filters(actor.id, units_of(actor, WORKING_ROLES))[:MOST_SHOWN]
            listings = [_listing(row) for row in rows]
            counts = self._lists(tx, actor, at).totals(listings) if rows else ()
        return tuple(
            SavedFilter(row.id, row.name, listing, row.unit_id, row.owner_id == actor.id, row.owner_name, number)
            for row, listing, number in zip(rows, listings, counts, strict=True)
        )

    def keep(self, actor: Actor, name: str, listing: Listing, unit_code: str = "", *, at: datetime) -> None:
        """Keep a list under a name, replacing the person's own of that name; `unit_code`: share it with a unit.

        Raises `BadInput` for a name that is empty or too long, `Refused` for a unit that is not the person's.
        """
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME:
            raise BadInput(detail=f"hãy đặt cho bộ lọc một tên không quá {LONGEST_NAME} ký tự")
        unit_id = self._unit(actor, unit_code)
        with self._uow.write() as tx:
            known = [row.name for row in tx.work_book.filters(_id(actor), ()) if row.owner_id == actor.id]
            if name not in known and len(known) >= MOST_KEPT:
                raise BadInput(detail=f"bạn đã có {MOST_KEPT} bộ lọc; hãy xóa bớt một bộ lọc không còn dùng")
            tx.work_book.keep_filter(_id(actor), name, urlencode(listing.query()), unit_id, at=at)

    def drop(self, actor: Actor, filter_id: int) -> None:
        """Forget a filter; raises `NotFound` if it is not the person's own."""
        with self._uow.write() as tx:
            if not tx.work_book.drop_filter(_id(actor), filter_id):
                raise NotFound(what="bộ lọc này trong các bộ lọc của bạn")

    def facets(self, actor: Actor, view: str, *, at: datetime) -> Facets:
        """What the rows of a view can be narrowed to, with how many rows each."""
        with self._uow.read() as tx:
            return self._lists(tx, actor, at).facets(view)

    def choices(self, actor: Actor) -> WorkChoices:
        """What the person has chosen for all their lists."""
        if actor.id is None:
            return WorkChoices()
        with self._uow.read() as tx:
            found = tx.work_book.choices(actor.id)
        return WorkChoices(*found) if found else WorkChoices()

    def choose(self, actor: Actor, *, opens_next: bool | None = None, sort: str = "") -> None:
        """Keep whether the next dossier opens after one is done, or the order of lists; the other stays as it was."""
        if sort and sort.removeprefix("-") not in SORTS:
            raise BadInput(detail="không sắp xếp được theo cột này")
        with self._uow.write() as tx:
            found = tx.work_book.choices(_id(actor))
            was = WorkChoices(*found) if found else WorkChoices()
            tx.work_book.choose(
                _id(actor),
                opens_next=was.opens_next if opens_next is None else opens_next,
                sort=sort or was.sort,
            )

    def _unit(self, actor: Actor, unit_code: str) -> int | None:
        if not unit_code:
            return None
        unit = self._office.units.by_code(unit_code)
        if unit.id not in units_of(actor, WORKING_ROLES):
            raise Refused(detail=f"bạn không làm việc tại “{unit.name}” nên không chia sẻ bộ lọc ở đó được")
        return unit.id

    def _lists(self, tx: Transaction, actor: Actor, at: datetime) -> Worklists:
        return Worklists(tx.connection, lens_at(self._office, at), actor, self._office.settings.zone)


def _listing(row: SavedFilterRecord) -> Listing:
    return read_listing(dict(parse_qsl(row.asked)))


def _id(actor: Actor) -> int:
    if actor.id is None:
        raise Refused(detail="chỉ cán bộ có tài khoản có danh sách việc của mình")
    return actor.id
