"""What the history says of opinions that units ask each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.event_text import Telling

    Facts = Mapping[str, Any]


def _asked(data: Facts, telling: Telling) -> str:
    due = f", trả lời trước {telling.instant(data['due_at'])}" if data.get("due_at") else ""
    return f"Hỏi ý kiến {data.get('unit', '')}{due}: {data.get('question', '')}"


def _answered(data: Facts, _telling: Telling) -> str:
    late = " (muộn)" if data.get("is_late") else ""
    return f"{data.get('unit', '')} trả lời ý kiến{late}: {data.get('verdict', '')}. {data.get('answer', '')}".strip()


def _about(verb: str) -> Callable[[Facts, Telling], str]:
    def sentence(data: Facts, _telling: Telling) -> str:
        because = f"; lý do: {data['reason']}" if data.get("reason") else ""
        return f"{verb}: {data.get('unit', '')}{because}"

    return sentence


OPINION_SENTENCES: Mapping[str, Callable[[Facts, Telling], str]] = {
    "opinion_asked": _asked,
    "opinion_answered": _answered,
    "opinion_chased": _about("Nhắc trả lời ý kiến phối hợp"),
    "opinion_cancelled": _about("Thôi hỏi ý kiến phối hợp"),
}
