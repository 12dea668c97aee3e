"""A dossier told as a story: who does what, when, and what the office then expects to find.

    s.receive(REISSUE, on="2026-03-02 09:00").expect_due("2026-03-05 17:00")
    s.forward().appraise().working_days_pass(4).sweep().expect_overdue().expect_letter("apology")

Verbs are done by whoever of the cast has the turn, at the moment at which the clock stands. Moments are local.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

from engine.domain.status import DossierStatus
from engine.persistence.records import DossierRecord, LetterRecord
from letters import Letter, from_json
from tests.builders import REISSUE, ZONE, Office, local

# What a verb means in each procedure: the first of its steps that is open.
APPRAISE = ("appraise_dossier", "check_conditions")
REVIEW = ("review_dossier", "review_conditions", "review_appraisal")
REGISTER = ("update_register", "register_parcels")


class Scenario:
    """One dossier of an office, from the counter to its end."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.code = ""

    # --- the clock ---

    def on(self, moment: str) -> Self:
        """Come to a moment; nothing happens on the way."""
        self.office.clock.move_to(local(moment))
        return self

    def days_pass(self, days: int) -> Self:
        """Let days go by, of whatever kind, up to the same hour."""
        self.office.clock.advance(timedelta(days=days))
        return self

    # --- at the counter ---

    def receive(self, procedure: str = REISSUE, *, on: str = "2026-03-02 09:00", **facts: object) -> Self:
        """A complete dossier is received."""
        self.on(on)
        self.code = self.office.receive(procedure, at=self.office.now, by="lan", **facts)
        return self

    def receive_incomplete(self, procedure: str = REISSUE, *, on: str = "2026-03-02 09:00", missing: str) -> Self:
        """A dossier lacks papers."""
        self.on(on)
        intake, office = self.office.engine.intake, self.office
        received = intake.ask_supplement(
            office.person("lan"), office.submission(procedure), missing=missing, at=office.now
        )
        self.code = received.code
        return self

    def refuse(self, procedure: str = REISSUE, *, on: str = "2026-03-02 09:00", reason: str) -> Self:
        """A dossier is not received."""
        self.on(on)
        intake, office = self.office.engine.intake, self.office
        refused = intake.refuse(office.person("lan"), office.submission(procedure), reason=reason, at=office.now)
        self.code = refused.code
        return self

    # --- steps ---

    def do(self, *steps: str, by: str = "", **answers: str) -> Self:
        """Complete the first of `steps` that is open, or the only open one."""
        open_steps = {task.step_id for task in self.office.open_tasks(self.code)}
        step_id = next((step for step in steps if step in open_steps), "")
        assert step_id or not steps, f"open are {sorted(open_steps)}, not {steps}"
        self.office.do(self.code, step_id, by=by, **answers)
        return self

    def forward(self) -> Self:
        """The desk sends the dossier to those who decide."""
        return self.do("forward_dossier")

    def appraise(self, appraisal: str = "qualified", **answers: str) -> Self:
        """The officer says what the dossier is worth."""
        return self.do(*APPRAISE, appraisal=appraisal, **answers)

    def review(self, decision: str = "approve", **answers: str) -> Self:
        """The leader looks at the appraisal."""
        return self.do(*REVIEW, decision=decision, **answers)

    def bring_supplement(self) -> Self:
        """The applicant brings what was missing."""
        return self.do("receive_supplement", "receive_missing_items", supplement_note="Đã nộp đủ")

    def pay(self, proof: str = "0012345", paid_on: str = "2026-03-10") -> Self:
        """The proof arrives that the financial obligation was met."""
        return self.do("receive_payment_proof", proof_number=proof, paid_on=paid_on)

    def register(self) -> Self:
        """The register is brought up to date."""
        return self.do(*REGISTER)

    def sign(self, decision: str = "approve") -> Self:
        """The leader signs the certificate."""
        return self.do("sign_certificate", decision=decision)

    def deliver(self) -> Self:
        """The applicant is handed the result."""
        return self.do("deliver_result")

    def withdraw(self, reason: str = "Tôi xin rút hồ sơ", by: str = "lan") -> Self:
        """The applicant takes the dossier back."""
        office = self.office
        version = office.dossier(self.code).version
        office.engine.delivery.withdraw(office.person(by), self.code, version, reason, at=office.now)
        return self

    # --- the heartbeat ---

    def sweep(self) -> Self:
        """The scheduler ticks."""
        self.office.sweep()
        return self

    def sweep_finds(self, *, due_soon: int = 0, overdue: int = 0, letters: int = 0) -> Self:
        """The scheduler ticks and finds exactly this."""
        assert self.office.sweep() == (due_soon, overdue, letters)
        return self

    # --- what is expected ---

    @property
    def dossier(self) -> DossierRecord:
        """The dossier as it stands in its row."""
        return self.office.dossier(self.code)

    def expect_status(self, status: DossierStatus) -> Self:
        assert self.dossier.status is status
        return self

    def expect_steps(self, *step_ids: str) -> Self:
        """These steps are open, and no other."""
        assert sorted(task.step_id for task in self.office.open_tasks(self.code)) == sorted(step_ids)
        return self

    def expect_due(self, moment: str, *, first: str = "") -> Self:
        """The appointment is `moment`; its first date was `first` where it was moved by an apology."""
        assert _said(self.dossier.due_at) == moment
        assert _said(self.dossier.first_due_at) == (first or moment)
        return self

    def expect_no_due_date(self, *, paused: bool) -> Self:
        """No clock of the office runs."""
        assert self.dossier.due_at is None
        assert self.dossier.is_paused is paused
        return self

    def expect_overdue(self, times: int = 1) -> Self:
        """So many due dates were missed, each known once."""
        assert self.dossier.overdue_count == times
        assert self._facts("overdue") == times
        return self

    def expect_warned(self, times: int) -> Self:
        """So many due dates were warned of, each once."""
        assert self._facts("due_soon") == times
        return self

    def expect_letters(self, *forms: str) -> Self:
        """These letters were issued, in this order, and no other."""
        assert [letter.form for letter in self.office.letters(self.code)] == list(forms)
        return self

    def letter(self, form: str) -> LetterRecord:
        """The only letter of a form."""
        (found,) = self.office.letters(self.code, form)
        return found

    def printed(self, form: str) -> Letter:
        """What the only letter of a form says."""
        letter = self.letter(form)
        return from_json(letter.form, letter.data)

    def expect_apology(self, *, number: str, missed: str, new: str) -> Self:
        """There is exactly one apology: so numbered, for this date, with that new one."""
        letter = self.letter("apology")
        assert (letter.number_text, _said(letter.missed_due_at), _said(letter.new_due_at)) == (number, missed, new)
        return self

    def notices(self, role: str) -> list[str]:
        """What the people of a role were told of this dossier."""
        query = "SELECT message FROM notices WHERE dossier_id = :id AND role = :role ORDER BY id"
        return [str(message) for (message,) in self.office.rows(query, id=self.dossier.id, role=role)]

    def outcome(self) -> Mapping[str, object]:
        """What the dossier counts as."""
        names = ("result", "timeliness", "days", "is_apologised", "supplement_rounds", "return_count")
        query = f"SELECT {', '.join(names)} FROM outcomes WHERE dossier_id = :id"  # noqa: S608 - the names above
        (row,) = self.office.rows(query, id=self.dossier.id)
        return dict(zip(names, row, strict=True))

    def expect_ended(self, status: DossierStatus, **outcome: object) -> Self:
        """The dossier has ended, nobody has a step of it, and it counts as this."""
        self.expect_status(status).expect_steps()
        assert self.dossier.ended_at is not None
        found = self.outcome()
        assert {name: found[name] for name in outcome} == outcome
        return self

    def _facts(self, kind: str) -> int:
        return self.office.count("overdue_facts", "dossier_id = :id AND kind = :kind", id=self.dossier.id, kind=kind)


def _said(at: datetime | None) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" if at else "no date"
