"""Reading what is posted beside the bare facts: conditions, ways in and out, sets, forms of results, doubts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import TypedDict

from engine.domain.deadline import LimitUnit, ProcessingTime
from engine.domain.dossier import Channel
from engine.domain.errors import MotCuaError
from engine.domain.posted import Doubt, OnlineLevel, OnlineOffer, ResultForm, Sets, Statement, StatutoryLimit, Way
from engine.process.sheet import Part

# key -> is it required (of the procedure: none is; what is not known is left out, and the report says so)
POSTED_KEYS = dict.fromkeys(
    ("audience", "conditions", "submission", "delivery", "online", "sets", "result_forms", "doubts"), False
)
_STATEMENT = {"text": True, "mark": True}
_WAY = {"channel": True, "where": True, "mark": True}
_RESULT_FORM = {"name": True, "form": False, "mark": True}
_DOUBT = {"about": True, "text": True, "ask": True}
_STATUTORY = {"limit": True, "unit": True, "basis": True, "mark": True}


class Posted(TypedDict):
    """The keys of `Procedure` that this module reads."""

    audience: tuple[Statement, ...]
    conditions: tuple[Statement, ...]
    submission: tuple[Way, ...]
    delivery: tuple[Way, ...]
    online: OnlineOffer | None
    sets: Sets | None
    result_forms: tuple[ResultForm, ...]
    doubts: tuple[Doubt, ...]


def posted_of(part: Part) -> Posted:
    """Read these facts of a procedure; faults go to its sheet."""
    return Posted(
        audience=tuple(_statements(part, "audience")),
        conditions=tuple(_statements(part, "conditions")),
        submission=tuple(_ways(part, "submission")),
        delivery=tuple(_ways(part, "delivery")),
        online=_online(part),
        sets=_sets(part),
        result_forms=tuple(
            ResultForm(result.text("name"), result.text("form"), result.mark())
            for result in part.parts("result_forms", _RESULT_FORM)
        ),
        doubts=tuple(
            Doubt(doubt.text("about"), doubt.text("text"), doubt.text("ask")) for doubt in part.parts("doubts", _DOUBT)
        ),
    )


def limit_of(part: Part) -> ProcessingTime | None:
    """Read `limit` and `unit`; None, with a fault told, where they make no limit."""
    unit = part.word("unit", LimitUnit, LimitUnit.WORKING_DAYS)
    value = part.values.get("limit", 0)
    try:
        return ProcessingTime(Decimal(str(value)), unit)
    except InvalidOperation:
        part.sheet.fault(part.at("limit"), f"“{value}” không phải một số", f"“{value}” is no number")
    except MotCuaError as error:
        part.sheet.fault(part.at("limit"), error.message.rstrip("."), f"“{value}” cannot be a limit of {unit}")
    return None


def statutory_of(case: Part) -> StatutoryLimit | None:
    """Read the limit of the law that stands beside the posted one."""
    part = case.part("statutory", _STATUTORY)
    limit = limit_of(part) if part is not None and part.values else None
    if part is None or limit is None:
        return None
    return StatutoryLimit(limit, part.text("basis"), part.mark())


def _statements(part: Part, key: str) -> Iterable[Statement]:
    for statement in part.parts(key, _STATEMENT):
        yield Statement(statement.text("text"), statement.mark())


def _ways(part: Part, key: str) -> Iterable[Way]:
    for way in part.parts(key, _WAY):
        yield Way(way.word("channel", Channel, Channel.IN_PERSON), way.text("where"), way.mark())


def _online(part: Part) -> OnlineOffer | None:
    offer = part.part("online", {"level": True, "mark": True})
    return None if offer is None else OnlineOffer(offer.word("level", OnlineLevel, OnlineLevel.NONE), offer.mark())


def _sets(part: Part) -> Sets | None:
    sets = part.part("sets", {"count": True, "mark": True})
    return None if sets is None else Sets(sets.number("count"), sets.mark())
