"""Tables of the end at the counter: who took a result home, and the tokens with which citizens rate the service."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class HandOverRow(Base):
    """That a result left the desk: to whom, how, and what was shown for it. One for each dossier, written once.

    Of the receiver's identity number only the last digits are kept: enough to ask back, nothing to steal.
    """

    __tablename__ = "hand_overs"
    __table_args__ = (
        Index("ix_hand_overs_unit", "unit_id", "at"),
        CheckConstraint("signed OR method <> 'in_person'", name="signed"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    method: Mapped[str] = mapped_column(String(20))
    receiver_kind: Mapped[str] = mapped_column(String(20))
    receiver_name: Mapped[str]
    identity_tail: Mapped[str] = mapped_column(String(8))
    authorisation: Mapped[str]
    result_number: Mapped[str] = mapped_column(String(80))
    result_on: Mapped[date | None]
    signed: Mapped[bool]
    postal_code: Mapped[str] = mapped_column(String(40))


class SurveyToken(Base):
    """A right to rate the service once, printed on the slip of a hand-over. Only the hash of the token is kept.

    It leads to the dossier, never to a name: what is answered is kept without either (see the survey).
    """

    __tablename__ = "survey_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(String(20))
