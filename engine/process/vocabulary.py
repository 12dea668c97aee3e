"""The words a diagram may use towards the engine: effects and their arguments, messages, variables, roles.

Two lists are not here because an installation or a procedure brings them: the kinds of units (config.yaml) and the
names of phases and cases (the YAML file beside the diagram).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.domain.people import WORKING_ROLES
from engine.domain.rungs import RUNG_PREFIX

# The kind of unit that receives dossiers and gives results back.
ONE_STOP = "one_stop"
# In place of a phase: the one that follows the running one.
NEXT_PHASE = "next"

# Variables that the engine itself sets when an instance starts.
VARIABLES = frozenset({"case", "channel"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an effect. Without `values` any text is taken; `needed_for` lists the actions that need it.

    `is_field`: it names a field of a form of the procedure.
    """

    values: frozenset[str] | None = None
    is_required: bool = False
    is_phase: bool = False
    is_field: bool = False
    needed_for: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class MessageRule:
    """How a message of the engine is caught. `is_interrupting` None: as the diagram likes."""

    is_interrupting: bool | None = None
    is_required: bool = False


EFFECTS: Mapping[str, Mapping[str, Argument]] = MappingProxyType(
    {
        "order_letter": {
            "form": Argument(
                frozenset(
                    {"receipt", "supplement_request", "refusal", "apology", "discontinuation"}
                    | {"routing_slip", "result_cover", "feedback_answer", "error_apology"}
                ),
                is_required=True,
            )
        },
        "move_clock": {
            "action": Argument(
                frozenset({"start_phase", "join_phase", "finish_phase", "pause", "resume", "restart"}),
                is_required=True,
            ),
            "phase": Argument(is_phase=True, needed_for=frozenset({"start_phase"})),
            # Which grounds there are is for the office to say: `checks.grounds` holds diagrams to its file.
            "ground": Argument(needed_for=frozenset({"pause"})),
        },
        "notify": {
            "audience": Argument(frozenset({"assignee", "leader", "applicant"}), is_required=True),
            "message": Argument(is_required=True),
        },
        "record_outcome": {
            "result": Argument(
                frozenset({"delivered", "refused", "rejected", "discontinued", "withdrawn"}), is_required=True
            )
        },
        # Ends another dossier of the same applicant, named by its code in an answer (form 05 is issued there).
        "withdraw_dossier": {
            "code_field": Argument(is_required=True, is_field=True),
            "reason_field": Argument(is_field=True),
        },
    }
)

# The fields whose answers a letter prints: a diagram that orders the letter has to ask them before.
LETTER_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"feedback_answer": ("answer",), "error_apology": ("error", "correction")}
)

# What the engine throws into an instance.
MESSAGES: Mapping[str, MessageRule] = MappingProxyType(
    {
        "overdue": MessageRule(is_interrupting=False, is_required=True),
        "due_soon": MessageRule(is_interrupting=False, is_required=True),
        "withdrawal": MessageRule(is_interrupting=True),
        "closed": MessageRule(),
    }
)


def message_rule(message: str) -> MessageRule | None:
    """How a message is caught: one of `MESSAGES`, or a rung of the office's own warning ladder (``rung_<name>``)."""
    if message.startswith(RUNG_PREFIX) and message != RUNG_PREFIX:
        return MessageRule(is_interrupting=False)
    return MESSAGES.get(message)


ROLES = frozenset(str(role) for role in WORKING_ROLES)


def listed(words: object) -> str:
    """Write a set of words for a sentence, in a fixed order."""
    return ", ".join(sorted(str(word) for word in words)) if words else "–"  # type: ignore[attr-defined]
