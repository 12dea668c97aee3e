"""Letters: written, approved, printed, sent, verified."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.bootstrap.foundation import Foundation
from engine.channels.opening import open_channels
from engine.effects.dispatch import Dispatcher
from engine.services.apologies import Apologies
from engine.services.correspondence import Correspondence
from engine.services.letter_acts import LetterActs
from engine.services.letter_table import LetterTable
from engine.services.letter_templates import LetterTemplates
from engine.services.messages import Messages
from engine.services.outbox import Outbox
from engine.services.post import Post
from engine.services.prints import Prints
from engine.services.verification import Verification
from letters.signing.checker import Checker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.channels import Channel
    from engine.domain.messages import NoticeChannel


class InTheMail(Foundation):
    """Letters: written, approved, printed, sent, verified."""

    @cached_property
    def apologies(self) -> Apologies:
        """Drafts on the leader's table."""
        return Apologies(self.uow, self.office, self._presses.letter)

    @cached_property
    def outbox(self) -> Outbox:
        """Work after commit."""
        presses = self._presses
        return Outbox(self.uow, self.office, presses.letter, self.dispatcher, self.signatures, hands=presses.hands)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Messages go out on their channels."""
        return Dispatcher(self.uow, self.office, lambda: self.channels)

    @cached_property
    def channels(self) -> Mapping[NoticeChannel, Channel]:
        """The channels on which a machine sends, as the settings have them."""
        return open_channels(self.settings.channels, house=self.settings.name)

    @cached_property
    def messages(self) -> Messages:
        """Messages on their way, for people."""
        return Messages(self.uow, self.office)

    @cached_property
    def post(self) -> Post:
        """Bags for the post office."""
        return Post(self.uow, self.office, self._presses.paper)

    @cached_property
    def prints(self) -> Prints:
        """Registers, lists and slips, printed by a process of its own that may take minutes over a long one."""
        return Prints(self.uow, self.office, self._presses.register)

    @cached_property
    def correspondence(self) -> Correspondence:
        """The register of letters."""
        return Correspondence(self.uow, self.office, self._presses.register)

    @cached_property
    def letter_table(self) -> LetterTable:
        """Letters that wait for their leader."""
        return LetterTable(self.uow, self.office, self._presses.letter)

    @cached_property
    def letter_acts(self) -> LetterActs:
        """One letter: its life, cancelling, replacing, printing again."""
        return LetterActs(self.uow, self.office, self._presses.letter)

    @cached_property
    def letter_templates(self) -> LetterTemplates:
        """What units say in their letters."""
        return LetterTemplates(self.uow, self.office, self._presses.letter)

    @cached_property
    def verification(self) -> Verification:
        """Whether a file is a letter of ours."""
        return Verification(self.uow, self.office, lambda: Checker(self.signatures.trust))
