"""What holds: procedures, their versions and designs, calendars, and what a change of them moves."""

from __future__ import annotations

from functools import cached_property

from engine.bootstrap.foundation import Foundation
from engine.services.calendar_pages import CalendarPages
from engine.services.calendars import CalendarBooks, CalendarTrial
from engine.services.catalogue import Catalogue
from engine.services.designing import Designing
from engine.services.moving import Moving
from engine.services.posting import Posting
from engine.services.publication import Publication
from engine.services.rehearsing import Rehearsing
from engine.services.reprojection import Reprojection
from engine.services.what_if import WhatIfs


class InTheLaw(Foundation):
    """What holds: procedures, their versions and designs, calendars, and what a change of them moves."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """Procedures, their diagrams, the desks."""
        return Catalogue(self.uow, self.office)

    @cached_property
    def posting(self) -> Posting:
        """What is posted of procedures, printed by a process of its own so that no letter waits for a poster."""
        return Posting(self.uow, self.office, self._presses.paper)

    @cached_property
    def publication(self) -> Publication:
        """Versions of procedures."""
        return Publication(self.uow, self.office)

    @cached_property
    def designing(self) -> Designing:
        """Procedures that are being designed."""
        return Designing(self.uow, self.settings, self.publication.publish)

    @cached_property
    def rehearsing(self) -> Rehearsing:
        """Drafts are tried out."""
        return Rehearsing(self.settings)

    @cached_property
    def moving(self) -> Moving:
        """Running dossiers move to another version."""
        return Moving(self.uow, self.office)

    @cached_property
    def calendar_books(self) -> CalendarBooks:
        """What people enter into the calendars."""
        return CalendarBooks(self.uow, self.office)

    @cached_property
    def reprojection(self) -> Reprojection:
        """Dates are worked out anew when calendars or rules change."""
        return Reprojection(self.uow, self.office)

    @cached_property
    def what_if(self) -> WhatIfs:
        """What a change of calendars would do."""
        return WhatIfs(self.uow, self.office, lambda: CalendarTrial(self.uow, self.office))

    @cached_property
    def calendar_pages(self) -> CalendarPages:
        """The calendars, to look at."""
        return CalendarPages(self.office)
