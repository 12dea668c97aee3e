"""What a person asks a work list for: which view, which of its rows, in which order. Travels in the address of a page.

Nothing here names a citizen: what is searched for (names, numbers) never stands in an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from engine.domain.dossier import Channel, fold
from engine.domain.views import Urgency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OPEN_VIEWS = ("mine", "unit", "unassigned", "supplement", "payment", "results")
VIEWS = (*OPEN_VIEWS, "done")
SORTS = ("due", "step", "opened", "received", "code", "procedure")
ME, NOBODY = "me", "none"
# What stands in a row that has no date to keep: behind every date, and equal among themselves.
NO_DATE = datetime(9000, 1, 1, tzinfo=UTC)
# What a person has done is counted so far with every page; the list of it alone tells the whole number.
MOST_DONE = 1000
LONGEST_VALUE = 80
LONGEST_NAME = 60
PERSON, ORGANISATION = "person", "organisation"
APPLICANTS = (PERSON, ORGANISATION)
_TAX_CODE = frozenset({10, 13})
_CODE_TAIL = re.compile(r"(?:^|[.\-])(\d{6}-\d+)$")
_NUMBER_LENGTHS = range(9, 14)


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which rows of a view. An empty field asks for nothing; days are those of the office, both ends included.

    `holder`: ``me``, ``none``, or the id of a colleague's account. `band`: how the due date stands.
    """

    procedure: str = ""
    step: str = ""
    unit: str = ""
    band: str = ""
    channel: str = ""
    applicant: str = ""
    received_from: date | None = None
    received_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    holder: str = ""
    draft: bool = False
    returned: bool = False

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != WorkFilter()


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: a view, its filter, its order. `is_reversed` turns the order of `sort` round."""

    view: str = "mine"
    filter: WorkFilter = field(default_factory=WorkFilter)
    sort: str = "due"
    is_reversed: bool = False

    def query(self) -> dict[str, str]:
        """The parameters of the address that opens this list; reading them again gives the same list."""
        asked: dict[str, str] = {"view": self.view}
        for each in fields(WorkFilter):
            value = getattr(self.filter, each.name)
            if value:
                asked[each.name] = "1" if value is True else str(value)
        return asked | {"sort": f"-{self.sort}" if self.is_reversed else self.sort}


def read_listing(asked: Mapping[str, str], *, view: str = "mine", sort: str = "due") -> Listing:
    """Read the parameters of an address; what makes no sense is left out, as if it had not been asked for."""
    order = asked.get("sort") or sort
    name = order.removeprefix("-")
    wanted = asked.get("view", view)
    return Listing(
        view=wanted if wanted in VIEWS else view,
        filter=_read_filter(asked),
        sort=name if name in SORTS else "due",
        is_reversed=name in SORTS and order.startswith("-"),
    )


def _read_filter(asked: Mapping[str, str]) -> WorkFilter:
    values: dict[str, Any] = {}
    for name in ("procedure", "step", "unit", "holder"):
        values[name] = asked.get(name, "").strip()[:LONGEST_VALUE]
    if values["holder"] not in {ME, NOBODY} and not _NUMBER.fullmatch(values["holder"]):
        values["holder"] = ""
    for name, known in _KNOWN.items():
        values[name] = asked[name] if asked.get(name) in known else ""
    for name in ("received_from", "received_to", "due_from", "due_to"):
        values[name] = _day(asked.get(name, ""))
    for name in ("draft", "returned"):
        values[name] = asked.get(name) == "1"
    return WorkFilter(**values)


_YEARS = range(1900, 3000)
# As long as a number of an account can be.
_NUMBER = re.compile(r"[0-9]{1,9}")
_KNOWN: dict[str, frozenset[str]] = {
    "band": frozenset(each.value for each in Urgency),
    "channel": frozenset(each.value for each in Channel),
    "applicant": frozenset(APPLICANTS),
}


def _day(typed: str) -> date | None:
    """A day of use: the ends of the calendar have no day before or after them, and no moment in another zone."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def without(listing: Listing, name: str) -> Listing:
    """The same list without one thing that was asked for."""
    return replace(listing, filter=replace(listing.filter, **{name: getattr(WorkFilter(), name)}))


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A list that somebody keeps under a name; with a `unit_id`, the colleagues of that unit see it too."""

    id: int
    name: str
    listing: Listing
    unit_id: int | None
    is_own: bool
    owner_name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class WorkChoices:
    """What a person has chosen for all their lists."""

    opens_next: bool = False
    sort: str = "due"


@dataclass(frozen=True, slots=True)
class Facets:
    """What the rows of a view can be narrowed to, each with how many rows there are: (value, words, number)."""

    procedures: tuple[tuple[str, str, int], ...]
    steps: tuple[tuple[str, str, int], ...]
    units: tuple[tuple[str, str, int], ...]
    holders: tuple[tuple[str, str, int], ...]


def applicant_kind(identity_number: str) -> str:
    """Whether a person or an organisation hands in: a tax code has ten or thirteen digits, a card has not."""
    digits = sum(letter.isdigit() for letter in identity_number)
    return ORGANISATION if digits in _TAX_CODE else PERSON


def search_words(search_key: str) -> frozenset[str]:
    """The words under which a dossier is found, of its folded search text.

    A code is found by its day and number (``260302-0002``) too; a number that was written in groups, by all its digits.
    """
    words = set(search_key.split())
    found = {word[:LONGEST_VALUE] for word in words}
    found |= {tail[1] for word in words if (tail := _CODE_TAIL.search(word))}
    found |= set(_whole_numbers(search_key.split()))
    return frozenset(found)


def asked_words(text: str, most: int = 8) -> tuple[str, ...]:
    """The words of a search, folded as the words of dossiers are; each is the beginning of one of theirs."""
    words = fold(text).split()[:most]
    if len(words) > 1 and all(_digits(word).isdigit() for word in words):
        words = ["".join(map(_digits, words))]
    read = (_number(word) if _digits(word).isdigit() else word for word in words)
    return tuple(dict.fromkeys(tail[1] if (tail := _CODE_TAIL.search(word)) else word for word in read if word))


def _digits(word: str) -> str:
    return re.sub(r"[.+()]", "", word)


def _number(word: str) -> str:
    """A number as people of Việt Nam write it: no country code, no dots. A day with a number keeps its hyphen."""
    plain = _digits(word)
    return "0" + plain[2:] if word.startswith("+84") else plain


def _whole_numbers(words: Iterable[str]) -> Iterable[str]:
    """Numbers written in groups: every run of neighbouring groups that is as long as a number of a card or a phone."""
    run: list[str] = []
    for word in words:
        plain = _number(word)
        run = [*run, plain] if plain.isdigit() else []
        for first in range(len(run)):
            whole = "".join(run[first:])
            if len(whole) in _NUMBER_LENGTHS:
                yield whole
