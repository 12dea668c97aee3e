"""Tables of the work lists: words by which dossiers are found, kept filters, choices of people, acts on many rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

# Compared letter by letter, whatever language the database sorts in: a search is a range of words.
Word = String(80).with_variant(String(80, collation="C"), "postgresql")


class DossierWord(Base):
    """A folded word under which a dossier is found: of its name, its code, its numbers. The key is the index.

    The other index says whether a dossier has a word, where the dossiers are known already.
    """

    __tablename__ = "dossier_words"
    __table_args__ = (Index("ix_dossier_words_dossier", "dossier_id", "word"), {"sqlite_with_rowid": False})

    word: Mapped[str] = mapped_column(Word, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True, autoincrement=False)


class SavedFilterRow(Base):
    """A list that somebody keeps under a name, as the parameters of its address; shared with the people of a unit."""

    __tablename__ = "saved_filters"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_saved_filters_unit_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(String(60))
    asked: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime]


class WorkChoice(Base):
    """What a person has chosen for all their lists."""

    __tablename__ = "work_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    opens_next: Mapped[bool] = mapped_column(default=False, server_default=false())
    sort: Mapped[str] = mapped_column(String(20), default="due", server_default="due")


class BulkOrder(Base):
    """One act on many steps. The `key` came with the page: sent twice, it is still one order."""

    __tablename__ = "bulk_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class BulkRow(Base):
    """What became of one step of an order: written in the transaction of the act itself, so it is never a guess."""

    __tablename__ = "bulk_rows"

    order_id: Mapped[int] = mapped_column(ForeignKey("bulk_orders.id"), primary_key=True, autoincrement=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    said: Mapped[str]
