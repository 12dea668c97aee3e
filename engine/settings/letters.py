"""How letters are numbered and printed."""

from __future__ import annotations

from pydantic import Field

from engine.settings.strict import Strict

# What stands for each form in the numbers of its letters, unless the settings say otherwise.
USUAL_CODES = {
    "receipt": "TNHS",
    "supplement_request": "PBS",
    "refusal": "PTC",
    "apology": "PXL",
    "discontinuation": "TBD",
    "routing_slip": "PKS",
    "result_cover": "PTKQ",
    "feedback_answer": "TLPA",
    "error_apology": "TXL",
}


class LetterSettings(Strict):
    """How letters and dossiers are numbered and printed.

    `routing_slip_at_hand_over`: codes of the desks that send form 06 along with every dossier that they hand on.
    """

    dossier_code: str = "{identifier}-{yymmdd}-{number:04d}"
    number: str = "{number}/{code}-{suffix}"
    codes: dict[str, str] = Field(default_factory=lambda: dict(USUAL_CODES))
    routing_slip_at_hand_over: tuple[str, ...] = ()
    render_timeout_seconds: int = Field(20, ge=1)
    workers: int = Field(0, ge=0, le=32)
    """How many processes render letters; 0: one a core, two at most."""
    give_up_after_attempts: int = Field(8, ge=1)
    print_timeout_seconds: int = Field(180, ge=1)

    def code_of(self, form: str) -> str:
        """What stands for a form in its numbers: of the settings, or the usual one where they do not say."""
        return self.codes.get(form) or USUAL_CODES[form]
