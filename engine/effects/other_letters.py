"""What the letters without an official number say, and the routing slip: builders for `effects.correspondence`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.fees import dong
from engine.effects.answers import latest_answer
from engine.effects.routing import RoutingLog
from letters import (
    ErrorApology,
    FeedbackAnswer,
    FeeDue,
    Item,
    Party,
    ResultCover,
    RoutingSlip,
    Signer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.effects.journey import Journey
    from letters import Letter

_LONGEST_NAME = 250


def routing_slip(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    """Form 06 as the log stands now."""
    log = RoutingLog(journey.tx, journey.office, journey.dossier)
    return RoutingSlip(
        **common,
        received_at=journey.dossier.received_at,
        due_at=journey.clock.view.due_at or journey.dossier.due_at,
        deciding_agency=journey.deciding_unit.name,
        other_agencies=log.other_units(),
        hand_overs=log.hand_overs(),
        counter_digits=journey.counter_digits,
    )


def result_cover(journey: Journey, common: dict[str, Any], facts: Mapping[str, Any]) -> Letter:
    """What goes with the result: by default the result that the procedure promises."""
    dossier = journey.dossier
    results: Sequence[str] = facts.get("results") or _lines(latest_answer(journey, "results"))
    returned: Sequence[str] = facts.get("returned") or _lines(latest_answer(journey, "returned_papers"))
    promised = journey.definition.procedure.result or "Kết quả giải quyết thủ tục hành chính"
    submitter, channel = dossier.submitter, dossier.result_channel
    place = journey.unit.name if channel.value == "in_person" else dossier.applicant.address
    return ResultCover(
        **{**common, "signer": Signer(title="NGƯỜI TRẢ KẾT QUẢ", name=journey.by.full_name)},
        received_at=dossier.received_at,
        resolved_at=journey.changes.get("resolved_at") or dossier.resolved_at or journey.at,
        results=_items(results or [promised[:_LONGEST_NAME]]),
        returned_items=_items(returned),
        channel=": ".join(filter(None, (channel.label, place)))[:300],
        submitter=Party(name=submitter.full_name, identifier=submitter.identity_number, phone=submitter.phone)
        if submitter
        else None,
    )


def feedback_answer(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    """What the unit answers: the words that the officer drafted and the leader approved."""
    return FeedbackAnswer(
        **common,
        received_at=journey.dossier.received_at,
        feedback=journey.dossier.content or journey.dossier.procedure_name,
        finding=_option(journey, "verification"),
        answer=latest_answer(journey, "answer"),
    )


def error_apology(journey: Journey, common: dict[str, Any], facts: Mapping[str, Any]) -> Letter:
    """What was wrong in a result and what was done about it."""
    return ErrorApology(
        **common,
        received_at=journey.dossier.received_at,
        error=facts.get("error") or latest_answer(journey, "error"),
        correction=facts.get("correction") or latest_answer(journey, "correction"),
        corrected_result=facts.get("corrected_result") or latest_answer(journey, "corrected_result"),
    )


BUILDERS: dict[str, Callable[[Journey, dict[str, Any], Mapping[str, Any]], Letter]] = {
    "routing_slip": routing_slip,
    "result_cover": result_cover,
    "feedback_answer": feedback_answer,
    "error_apology": error_apology,
}


def fee_due(amount: int | None, taken: str, *, is_online: bool) -> FeeDue | None:
    """The fee of a dossier, as the receipt prints it; `taken` tells in words what was paid at the desk already."""
    if amount is None:
        return None
    if amount == 0:
        return FeeDue(amount="0 đồng", state="không thu")
    rate = "mức nộp trực tuyến" if is_online else "mức nộp trực tiếp"
    return FeeDue(amount=dong(amount), rate=rate, state=taken[:120] or "chưa thu")


def _option(journey: Journey, field_id: str) -> str:
    """The words of a choice that was made in an earlier step; empty if it was not asked."""
    value = latest_answer(journey, field_id)
    fields = (field for step in journey.definition.steps.values() for field in step.form if field.id == field_id)
    words = {option.value: option.label for field in fields for option in field.options}
    return words.get(value, value)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _items(names: Sequence[str]) -> tuple[Item, ...]:
    return tuple(Item(name=name, original=1) for name in names)
