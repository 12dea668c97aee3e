"""Our own satisfaction survey: asked of citizens, at kiosks, typed in from paper, imported; counted, never mixed up.

A ballot keeps unit, procedure, channel, timeliness and day, and no code, token or name: a token is used up without
saying to which ballot it led and keeps only the month of it, and ballots have no order.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.ballot_files import LONGEST_COMMENT, Ballot, LineFault, columns, fingerprint, read_rows, spellings
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.months import first_day, last_day, month_of
from engine.domain.results_reports import satisfaction_report
from engine.domain.results_rights import ballot_units, check_can_enter_ballots, reported_units
from engine.domain.survey import BadBallot
from engine.domain.survey_report import BY_TOKEN, SurveyReport, report_of
from engine.domain.survey_tokens import digest_of
from engine.persistence.queries.ended import ended_sums
from engine.rule_files.evaluation import load_published, load_questionnaire
from engine.tables.uploads import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.domain.people import Actor
    from engine.domain.report import Report
    from engine.domain.sipas import SipasTable
    from engine.domain.survey import Questionnaire
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_MOST_COMMENTS = 50


class SurveyNotOpen(NotFound):
    """Phiếu khảo sát không mở được: mã không đúng, đã được dùng hoặc đã hết hạn. Cảm ơn ông/bà đã quan tâm."""

    code = "survey_not_open"


class ImportedBefore(BadInput):
    """Những phiếu này đã được nhập từ một tệp trước đây; không phiếu nào được ghi lần nữa."""

    code = "imported_before"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a ballot is about, as far as the page may say it: no code, no name."""

    unit_name: str
    procedure_name: str = ""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A kiosk that is open."""

    id: int
    unit_name: str
    opened_by: str
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: nothing is written as long as a line has a fault, or while it is only tried."""

    read: int
    faults: tuple[LineFault, ...]
    written: int


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote, with the unit and the month. Hostile text is text."""

    on: date
    unit_name: str
    text: str


class Surveys:
    """Asks and counts."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def questionnaire(self) -> Questionnaire:
        """What is asked; raises `BadRuleFile`."""
        return load_questionnaire(self._office.settings.procedures)

    # --- citizens ---

    def ask(self, token: str, *, at: datetime) -> AskedFor:
        """What the ballot of a token is about; raises `SurveyNotOpen` for one that is unknown, used or expired."""
        with self._uow.read() as tx:
            dossier_id = _usable(tx, token, at)[1]
            dossier = tx.dossiers.by_id(dossier_id)
            return AskedFor(self._office.units.get(dossier.deciding_unit_id).name, dossier.procedure_name)

    def answer(self, token: str, answers: Mapping[str, int], comment: str = "", *, at: datetime) -> None:
        """Count a ballot and use its token up; raises `SurveyNotOpen`, `BadBallot`."""
        self.questionnaire.check(answers)
        day = self._office.local_day(at)
        with self._uow.write() as tx:
            token_id, dossier_id = _usable(tx, token, at)
            # the month is all that is kept of when: the minute or day would tell which ballot came with which token
            used_at = datetime.combine(day.replace(day=1), datetime.min.time(), tzinfo=self._office.settings.zone)
            if not tx.survey_tokens.use(token_id, used_at):
                raise SurveyNotOpen
            dossier, outcome = tx.dossiers.by_id(dossier_id), tx.results.outcome(dossier_id)
            timeliness = (outcome["timeliness"] if outcome else None) or ""
            ballot = Ballot(day, "", answers, dossier.procedure_code, dossier.channel.value, timeliness, comment)
            tx.surveys.put_ballots([self._row(ballot, dossier.deciding_unit_id, BY_TOKEN)])

    # --- kiosks ---

    def open_kiosk(self, actor: Actor, unit_code: str, *, at: datetime) -> str:
        """Open a kiosk at a unit; answers its key, which is told once. Raises `Refused`, `NotFound`."""
        unit = self._office.units.by_code(unit_code)
        check_can_enter_ballots(actor, unit.id, self._office.units)
        key = secrets.token_urlsafe(18)
        with self._uow.write() as tx:
            tx.surveys.open_kiosk(
                key_hash=_hash(key),
                unit_id=unit.id,
                opened_by=actor.username,
                opened_at=at,
                expires_at=at + timedelta(days=self.questionnaire.kiosk_days),
            )
        return key

    def kiosks(self, actor: Actor, *, at: datetime) -> tuple[Kiosk, ...]:
        """The open kiosks of the person's units."""
        units = self._office.units
        with self._uow.read() as tx:
            rows = tx.surveys.kiosks(ballot_units(actor, units), at)
        return tuple(
            Kiosk(row["id"], units.get(row["unit_id"]).name, row["opened_by"], row["opened_at"], row["expires_at"])
            for row in rows
        )

    def close_kiosk(self, actor: Actor, kiosk_id: int, *, at: datetime) -> None:
        """Close a kiosk for good; raises `NotFound`, `Refused`."""
        with self._uow.write() as tx:
            kiosk = tx.surveys.kiosk_by_id(kiosk_id)
            if kiosk is None:
                raise NotFound(what="màn hình khảo sát này")
            check_can_enter_ballots(actor, kiosk["unit_id"], self._office.units)
            tx.surveys.close_kiosk(kiosk_id, at=at, by=actor.username)

    def kiosk(self, key: str, *, at: datetime) -> AskedFor:
        """What a kiosk asks about; raises `SurveyNotOpen`."""
        with self._uow.read() as tx:
            return AskedFor(self._office.units.get(_open_kiosk(tx, key, at)).name)

    def answer_kiosk(self, key: str, answers: Mapping[str, int], once: str, *, at: datetime) -> None:
        """Count a ballot of a kiosk; the same answers of one page, which `once` names, are one ballot.

        Raises `SurveyNotOpen`, `BadBallot`.
        """
        self.questionnaire.check(answers)
        ballot = Ballot(self._office.local_day(at), "", answers)
        with self._uow.write() as tx:
            said = f"{key}:{once}:{sorted(answers.items())}"
            tx.surveys.put_once(said, self._row(ballot, _open_kiosk(tx, key, at), "kiosk"))

    # --- paper and files ---

    def ballot_units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Code and name of the units for which the person may enter ballots; raises `Refused` if there is none."""
        units = self._office.units
        own = ballot_units(actor, units)
        if not own:
            raise Refused(detail="phiếu khảo sát do cán bộ một cửa và người giám sát nhập")
        return tuple((unit.code, unit.name) for unit in units if unit.id in own)

    def type_in(self, actor: Actor, ballot: Ballot, *, at: datetime) -> None:
        """Count a paper ballot; raises `BadBallot`, `Refused`, `NotFound`."""
        row = self._entered(actor, ballot, "typed", self._procedures([ballot]), at)
        with self._uow.write() as tx:
            tx.surveys.put_ballots([row])

    def heading(self) -> tuple[str, ...]:
        """The columns that a file of ballots has."""
        return columns(self.questionnaire)

    def read_in(self, actor: Actor, content: bytes, file_name: str, *, is_trial: bool, at: datetime) -> Imported:
        """Try or read in a file of ballots, all or none; raises `UnreadableTable`, `ImportedBefore`, `Refused`.

        The same ballots are the same file, also where a spreadsheet has saved it anew.
        """
        self.ballot_units(actor)
        ballots, faults = read_rows(read_table(content), self.questionnaire)
        found = list(faults)
        rows: list[dict[str, Any]] = []
        batch = fingerprint(ballot for _number, ballot in ballots)
        known = self._procedures([ballot for _number, ballot in ballots])
        for number, ballot in ballots:
            try:
                rows.append(self._entered(actor, ballot, "import", known, at) | {"batch": batch})
            except BadBallot as error:
                found.append(LineFault(number, str(error.facts["detail"])))
            except (NotFound, Refused) as error:
                found.append(LineFault(number, error.message))
        if found:
            return Imported(len(ballots), tuple(sorted(found, key=lambda fault: fault.line)), 0)
        if is_trial:
            with self._uow.read() as tx:
                if tx.surveys.is_imported(batch):
                    raise ImportedBefore
            return Imported(len(ballots), (), 0)
        with self._uow.write() as tx:
            if not tx.surveys.note_import(
                sha256=batch,
                unit_id=rows[0]["unit_id"],
                file_name=file_name[:200],
                ballots=len(rows),
                imported_at=at,
                imported_by=actor.username,
            ):
                raise ImportedBefore
            tx.surveys.put_ballots(rows)
            unit = self._office.units.get(rows[0]["unit_id"]).name
            tx.proofs.record(
                "ballots_imported", by=actor.username, at=at, file=file_name[:200], number=len(rows), unit=unit
            )
        return Imported(len(ballots), (), len(rows))

    def _procedures(self, ballots: Sequence[Ballot]) -> Collection[str]:
        """The procedures of some ballots that there are, by their codes."""
        written = {ballot.procedure_code for ballot in ballots if ballot.procedure_code}
        with self._uow.read() as tx:
            return tx.results.procedure_names({code for each in written for code in spellings(each)})

    def _entered(
        self, actor: Actor, ballot: Ballot, source: str, known: Collection[str], at: datetime
    ) -> dict[str, Any]:
        """A ballot that somebody enters, checked; raises `BadBallot`, `Refused`, `NotFound`."""
        unit = self._office.units.by_code(ballot.unit_code)
        check_can_enter_ballots(actor, unit.id, self._office.units)
        ballot.check(self.questionnaire, self._office.local_day(at))
        return self._row(ballot.about(known), unit.id, source, entered_by=actor.username)

    def _row(self, ballot: Ballot, unit_id: int, source: str, *, entered_by: str = "") -> dict[str, Any]:
        return {
            "month": f"{ballot.on:%Y-%m}",
            "day": ballot.on,
            "unit_id": unit_id,
            "procedure_code": ballot.procedure_code,
            "channel": ballot.channel,
            "timeliness": ballot.timeliness,
            "source": source,
            "questionnaire": self.questionnaire.code,
            "answers": dict(ballot.answers),
            "comment": ballot.comment[:LONGEST_COMMENT].strip(),
            "batch": "",
            "entered_by": entered_by,
        }

    # --- what it came to ---

    def report(self, actor: Actor | None, first: str, last: str, unit_code: str = "") -> SurveyReport:
        """The survey of the months from `first` to `last` (YYYY-MM); raises `Refused`, `NotFound`."""
        return self._report(first, last, reported_units(actor, self._office.units, unit_code))

    def _report(self, first: str, last: str, unit_ids: Collection[int] | None) -> SurveyReport:
        units = self._office.units
        first_on, last_on = first_day(first), last_day(last)
        with self._uow.read() as tx:
            sums = tx.surveys.months(first, last, unit_ids)
            by = ("month", "unit_id", "procedure_code", "channel")
            served = ended_sums(tx.connection, first_on, last_on, unit_ids, *by)
            names = tx.results.procedure_names({str(row["procedure_code"]) for row in (*sums, *served)})

        def named(what: str, key: Any) -> str:
            return units.get(key).name if what == "unit" else names.get(key, key)

        return report_of(self.questionnaire, first, last, sums, served, named)

    def satisfaction(
        self, from_on: date, to_on: date, unit_code: str = "", within: Collection[int] | None = None
    ) -> Report:
        """The survey of the months of a period as a report; the published values stand beside it.

        `unit_code` keeps a unit and everything below it, `within` the units that may be counted (None: all).
        """
        found = self._report(month_of(from_on), month_of(to_on), self._office.units.counted(unit_code, within))
        return satisfaction_report(found, self.published(), from_on, to_on)

    def published(self) -> SipasTable | None:
        """The published SIPAS values of the same items, where the installation has their file."""
        return load_published(self._office.settings.procedures)

    def comments(self, actor: Actor, first: str, last: str, unit_code: str = "") -> tuple[Comment, ...]:
        """The latest of what people wrote, for those who may read the report."""
        unit_ids = reported_units(actor, self._office.units, unit_code)
        with self._uow.read() as tx:
            rows = tx.surveys.comments(first, last, unit_ids, _MOST_COMMENTS)
        return tuple(Comment(row["day"], self._office.units.get(row["unit_id"]).name, row["comment"]) for row in rows)

    def check(self) -> tuple[str, ...]:
        """Where the kept sums differ from the ballots, in words; nothing where all is well."""
        with self._uow.read() as tx:
            kept, anew = tx.surveys.kept(), tx.surveys.counted_anew()
        return tuple(
            " · ".join(map(str, key)) for key in sorted(kept.keys() | anew.keys()) if kept.get(key) != anew.get(key)
        )


def _usable(tx: Transaction, token: str, at: datetime) -> tuple[int, int]:
    """The id of a token that may still be used, and of its dossier."""
    found = tx.survey_tokens.find(digest_of(token))
    if found is None or found.used_at is not None or found.expires_at <= at:
        raise SurveyNotOpen
    return found.id, found.dossier_id


def _open_kiosk(tx: Transaction, key: str, at: datetime) -> int:
    found = tx.surveys.kiosk(_hash(key))
    if found is None or found["closed_at"] is not None or found["expires_at"] <= at:
        raise SurveyNotOpen
    return int(found["unit_id"])


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
