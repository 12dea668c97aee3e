"""People, receipt, work on dossiers, and what the public may see of it."""

from __future__ import annotations

from functools import cached_property

from engine.bootstrap.foundation import Foundation
from engine.services.access import Access
from engine.services.accounts import Accounts
from engine.services.aftercare import Aftercare
from engine.services.beside import BesideDossiers
from engine.services.bulk import BulkWork
from engine.services.delegations import Delegations
from engine.services.delivery import Delivery
from engine.services.dossiers import Dossiers
from engine.services.external_sign_in import ExternalSignIn
from engine.services.fees import Fees
from engine.services.handing_over import HandingOver
from engine.services.imports import Imports
from engine.services.intake import Intake
from engine.services.intake_drafts import IntakeDrafts
from engine.services.intake_people import IntakePeople
from engine.services.lookup import Lookup
from engine.services.once import Once
from engine.services.parcels import ParcelRegister
from engine.services.processing import Processing
from engine.services.scanning import Scanning
from engine.services.second_factor import SecondFactor
from engine.services.signing_table import SigningTable
from engine.services.slips import Slips
from engine.services.work_filters import WorkFilters
from engine.services.worklist import Worklist


class AtTheCounter(Foundation):
    """People, receipt, work on dossiers, and what the public may see of it."""

    @cached_property
    def access(self) -> Access:
        """Sign-in and accounts."""
        return Access(self.uow, self.office)

    @cached_property
    def second_factor(self) -> SecondFactor:
        """One-time codes."""
        return SecondFactor(self.uow, self.office)

    @cached_property
    def accounts(self) -> Accounts:
        """The people who work here."""
        return Accounts(self.uow, self.office)

    @cached_property
    def delegations(self) -> Delegations:
        """Who stands in for whom."""
        return Delegations(self.uow, self.office)

    @cached_property
    def external_sign_in(self) -> ExternalSignIn:
        """Sign-in at another house."""
        return ExternalSignIn(self.uow, self.office)

    @cached_property
    def intake(self) -> Intake:
        """Receipt."""
        return Intake(self.uow, self.office)

    @cached_property
    def intake_drafts(self) -> IntakeDrafts:
        """Forms of receipt that were begun."""
        return IntakeDrafts(self.uow, self.office)

    @cached_property
    def intake_people(self) -> IntakePeople:
        """Who was at a desk before."""
        return IntakePeople(self.uow, self.office)

    @cached_property
    def parcel_register(self) -> ParcelRegister:
        """Documents that bar parcels."""
        return ParcelRegister(self.uow, self.office)

    @cached_property
    def slips(self) -> Slips:
        """Numbered slips for a time without power."""
        return Slips(self.uow, self.office, self._presses.paper)

    @cached_property
    def processing(self) -> Processing:
        """Steps."""
        return Processing(self.uow, self.office)

    @cached_property
    def beside(self) -> BesideDossiers:
        """What stands beside the record of dossiers."""
        return BesideDossiers(self.uow, self.office)

    @cached_property
    def once(self) -> Once:
        """Forms are carried out once."""
        return Once(self.uow)

    @cached_property
    def delivery(self) -> Delivery:
        """Ends by an event."""
        return Delivery(self.uow, self.office)

    @cached_property
    def handing_over(self) -> HandingOver:
        """Results go out at the desk."""
        return HandingOver(self.uow, self.office)

    @cached_property
    def fees(self) -> Fees:
        """What was taken for dossiers."""
        return Fees(self.uow, self.office)

    @cached_property
    def signing_table(self) -> SigningTable:
        """Decisions of leaders."""
        return SigningTable(self.uow, self.office)

    @cached_property
    def scanning(self) -> Scanning:
        """What a bar code is on."""
        return Scanning(self.uow, self.office)

    @cached_property
    def worklist(self) -> Worklist:
        """Open work and notices."""
        return Worklist(self.uow, self.office)

    @cached_property
    def work_filters(self) -> WorkFilters:
        """What people keep for their lists."""
        return WorkFilters(self.uow, self.office)

    @cached_property
    def bulk(self) -> BulkWork:
        """One act on many steps."""
        return BulkWork(self.uow, self.office)

    @cached_property
    def dossiers(self) -> Dossiers:
        """The page of a dossier."""
        return Dossiers(self.uow, self.office)

    @cached_property
    def lookup(self) -> Lookup:
        """What the public may see."""
        return Lookup(self.uow, self.office)

    @cached_property
    def aftercare(self) -> Aftercare:
        """Letters about a result that there is already."""
        return Aftercare(self.uow, self.office)

    @cached_property
    def imports(self) -> Imports:
        """What was done elsewhere."""
        return Imports(self.uow, self.office)
