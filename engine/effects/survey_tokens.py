"""A citizen is given the right to rate the service, once. Whoever tells a citizen of a result may give one along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.survey_tokens import VALID_FOR, SurveyChannel, digest_of, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from engine.persistence.unit_of_work import Transaction


def issue_token(tx: Transaction, dossier_id: int, *, at: datetime, channel: SurveyChannel) -> str | None:
    """Make a token for a dossier; None once somebody has rated it.

    The token is told here and nowhere else, so a slip that is printed again carries another one, and the one before
    it ends.
    """
    if any(token.used_at is not None for token in tx.survey_tokens.of(dossier_id)):
        return None
    tx.survey_tokens.expire(dossier_id, at)
    token = new_token()
    tx.survey_tokens.add(
        token_hash=digest_of(token),
        dossier_id=dossier_id,
        issued_at=at,
        expires_at=at + VALID_FOR,
        channel=channel.value,
    )
    return token
