"""The index of Decision 766/QĐ-TTg as we compute it ourselves: by unit and day, every share with its denominator."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.evaluation import Index, Said
from engine.domain.index766 import Measured, score
from engine.domain.months import first_day, month_of
from engine.domain.permissions import supervised_units
from engine.domain.results_rights import check_can_evaluate, reported_units
from engine.domain.survey import add as add_tally
from engine.domain.survey import figure, percent
from engine.effects.counted_files import count_files
from engine.effects.unit_entries import put_entry
from engine.persistence.queries.ended import feedback_counts
from engine.rule_files.evaluation import load_index, load_questionnaire

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

CODE = "qd766:"
_FULL = 100


class Indices:
    """The index."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def enter_share(
        self, actor: Actor, unit_code: str, month: str, code: str, share: Decimal, evidence: str, *, at: datetime
    ) -> None:
        """Enter the share (0–100 %) of a component that nobody measures here.

        Raises `FormRefused`, `Refused`, `NoMonth`.
        """
        faults = {}
        if code not in {each.code for each in load_index(self._office.settings.procedures).entered}:
            faults["code"] = "Thành phần này không nhập tay"
        if not 0 <= share <= _FULL:
            faults["share"] = "Tỷ lệ từ 0 đến 100 %"
        if not evidence.strip():
            faults["evidence"] = "Hãy ghi căn cứ: số liệu, văn bản hoặc biên bản nào cho thấy điều đó"
        if faults:
            raise FormRefused(faults)
        first_day(month)
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        with self._uow.write() as tx:
            put_entry(tx, unit.id, month, Said(CODE + code, share, evidence), actor, at)

    def index(self, actor: Actor | None, unit_code: str, on: date, *, at: datetime) -> Index:
        """The index of a unit with everything below it, from the first of the month of `on` until then.

        Raises `Refused`, `NotFound`. The survey is counted by months: its part is that of the whole month.
        """
        unit = self._office.units.by_code(unit_code)
        unit_ids = reported_units(actor, self._office.units, unit_code)
        assert unit_ids is not None
        rules, month = load_index(self._office.settings.procedures), month_of(on)
        first = first_day(month)
        with self._uow.read() as tx:
            found = self._measured(tx, unit_ids, first, on, at)
            for entry in tx.surveys.latest_entries({unit.id}, month, month):
                if entry.code.startswith(CODE):
                    measured = Measured(entry.value, None, None, "entered", entry.evidence)
                    found[entry.code.removeprefix(CODE)] = measured
        return Index(
            rules,
            unit.code,
            unit.name,
            first,
            on,
            score(rules, found),
            actor is not None and unit.id in supervised_units(actor, self._office.units),
        )

    def _measured(
        self, tx: Transaction, unit_ids: frozenset[int], first: date, on: date, at: datetime
    ) -> dict[str, Measured]:
        """What the product itself measures, by the code of the component."""
        files = count_files(tx, self._office, first, on, unit_ids)
        counts = feedback_counts(tx.connection, first, on, unit_ids, at, self._office.settings.zone).values()
        handled, prolonged = (sum(getattr(each, name) for each in counts) for name in ("ended", "prolonged"))
        shares = {
            "on_time_share": (files.punctual, files.counted),
            "online_share": (files.online, files.received),
            "feedback_share": (sum(each.on_time for each in counts), handled + prolonged),
        }
        by_figure = {
            name: Measured(share, part, whole, "log")
            for name, (part, whole) in shares.items()
            if (share := percent(part, whole)) is not None
        }
        satisfied = self._satisfied(tx, unit_ids, month_of(on))
        if satisfied is not None:
            by_figure["satisfaction_share"] = satisfied
        components = [
            each for group in load_index(self._office.settings.procedures).groups for each in group.components
        ]
        return {each.code: by_figure[each.figure] for each in components if each.figure in by_figure}

    def _satisfied(self, tx: Transaction, unit_ids: frozenset[int], month: str) -> Measured | None:
        questionnaire = load_questionnaire(self._office.settings.procedures)
        tally: dict[str, dict[int, int]] = {}
        ballots = 0
        for row in tx.surveys.months(month, month, unit_ids):
            add_tally(tally, row["tally"])
            ballots += row["ballots"]
        value = figure(questionnaire, tally, ballots).value
        return (
            Measured(value, None, ballots, "survey")
            if value is not None and ballots >= questionnaire.least_ballots
            else None
        )
