"""A double click, a repeated sending, an answer that got lost on the line: the thing is done once, answered alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.persistence.once import DoneBefore, Sending, announce, current

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.persistence.repositories.done_once import Answered
    from engine.persistence.unit_of_work import UnitOfWork

__all__ = ["DoneBefore", "Once"]


class Once:
    """What was sent, and how it was answered."""

    def __init__(self, uow: UnitOfWork) -> None:
        """Work on one database."""
        self._uow = uow

    def begin(self, actor: Actor, key: str, endpoint: str, *, at: datetime) -> Answered | None:
        """Serve a sending of `actor` from here on in this thread; how it was answered if it was served before.

        `key` is a fingerprint of all that was sent, so that one form sent with other words is another sending.
        """
        announce(None)
        if actor.id is None:
            return None
        answered = self.answered(actor, key)
        if answered is None:
            announce(Sending(key, actor.id, endpoint, at))
        return answered

    def answered(self, actor: Actor, key: str) -> Answered | None:
        """How a sending was answered; None if nothing was written on its behalf."""
        assert actor.id is not None
        with self._uow.read() as tx:
            return tx.done_once.find(key, actor.id)

    def end(self, location: str, told: tuple[tuple[str, str], ...]) -> None:
        """Keep how the sending was answered that is being served, if anything was written on its behalf."""
        sending = current()
        announce(None)
        if sending is not None and sending.is_kept:
            self._uow.write_in_passing(lambda tx: tx.done_once.answer(sending.key, location, told))

    def drop(self) -> None:
        """Serve nothing any more: the thread goes on to something else."""
        announce(None)
