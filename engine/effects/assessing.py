"""Which case a submission falls under and what is due for it: by the tables of its procedure where it has any.

The answers and the fee are kept with the dossier, under these names of its details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.answers import answered
from engine.domain.assessment import Assessment
from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.dossier import Submission
    from engine.domain.procedure import Procedure
    from engine.process.definitions import Definition

ANSWERS = "answers"
FEE_DUE = "fee_due"


class CaseContradicts(BadInput):
    """Trường hợp “{named}” không khớp với câu trả lời khi tiếp nhận (theo bảng quyết định: “{found}”)."""

    code = "case_contradicts"


def assess_submission(definition: Definition, submission: Submission) -> Assessment:
    """Answer case and fee. Who names the case and answers nothing (an import, a group) is believed, without a fee.

    Raises `FormRefused`, `DecisionFailed`, `CaseContradicts`, `LookupError` for an unknown case.
    """
    procedure = definition.procedure
    if submission.case and procedure.questions and not submission.answers:
        return Assessment(procedure.case(submission.case).id)
    found = definition.assess(submission.answers, submission.channel, submission.case)
    if submission.case and submission.case != found.case_id:
        raise CaseContradicts(named=procedure.case(submission.case).name, found=procedure.case(found.case_id).name)
    return found


def kept(assessment: Assessment) -> dict[str, Any]:
    """What the details of a dossier keep of an assessment; empty where no table was asked."""
    answers = {ANSWERS: dict(assessment.answers)} if assessment.answers is not None else {}
    return {**answers, **({FEE_DUE: assessment.fee} if assessment.fee is not None else {})}


def answers_told(procedure: Procedure, details: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The questions of the desk with the answers that a dossier keeps, both in words."""
    answers: Mapping[str, str] | None = details.get(ANSWERS)
    if answers is None:
        return ()
    told = ((question.label, answered(question, answers)) for question in procedure.questions)
    return tuple((label, answer) for label, answer in told if answer)
