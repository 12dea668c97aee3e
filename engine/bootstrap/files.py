"""Files that people bring, and dossiers that are carried out of the house."""

from __future__ import annotations

from functools import cached_property

from engine.bootstrap.foundation import Foundation
from engine.effects.attaching import Gate
from engine.files.checker import Checker
from engine.files.scanners import open_scanner
from engine.files.store import Store
from engine.services.attachments import Attachments
from engine.services.exporting import Exporting
from engine.services.file_keeping import FileKeeping
from engine.services.opinions import Opinions


class WithFiles(Foundation):
    """Files that people bring, and dossiers that are carried out of the house."""

    @cached_property
    def gate(self) -> Gate:
        """What every file goes through before it is kept."""
        settings = self.settings.files
        checker = Checker(
            settings.limits,
            seconds=settings.check_seconds,
            megabytes=settings.check_memory_mb,
            hands=settings.checkers,
        )
        return Gate(settings, Store(settings.folder), checker, open_scanner(settings.scanner))

    @cached_property
    def attachments(self) -> Attachments:
        """Files of dossiers."""
        return Attachments(self.uow, self.office, self.gate)

    @cached_property
    def opinions(self) -> Opinions:
        """What units ask each other; an answer may bring files."""
        return Opinions(self.uow, self.office, self.gate)

    @cached_property
    def file_keeping(self) -> FileKeeping:
        """The store looked after."""
        return FileKeeping(self.uow, self.gate)

    @cached_property
    def exporting(self) -> Exporting:
        """Whole dossiers for readers outside the house."""
        return Exporting(self.uow, self.office, self.gate.store)
