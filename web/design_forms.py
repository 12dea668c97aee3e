"""What was typed into the forms of a draft, as the plain values that the drafting process writes into its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from engine.domain.dossier import Channel
from engine.domain.limits import LimitUnit
from engine.domain.people import ROLE_LABELS, WORKING_ROLES
from engine.domain.process import WaitsFor
from engine.domain.status import DossierStatus
from web.forms import ANSWER

Form = MultiDict[str, str]
MAX_ROWS = 60
# How many phases of a case a form shows.
PHASES = 2
_TEXTS = (
    "code", "name", "version", "sector", "sector_name", "deciding_unit", "effective_from", "effective_to", "result",
    "legal_basis",
)  # fmt: skip
_ROWS = {
    "items": ("was", "id", "name", "form", "original", "copies", "required"),
    "fees": ("was", "name", "case", "direct", "online", "unit", "note"),
    "cases": ("was", "id", "name", "default"),
}
_PHASE = ("name", "label", "limit", "unit", "starts_on")

ROLES = {role.value: ROLE_LABELS[role] for role in sorted(WORKING_ROLES, key=lambda role: role.value)}
UNITS = {
    LimitUnit.WORKING_DAYS: lazy_gettext("ngày làm việc"),
    LimitUnit.WORKING_HOURS: lazy_gettext("giờ làm việc"),
    LimitUnit.CALENDAR_DAYS: lazy_gettext("ngày"),
    LimitUnit.SAME_DAY: lazy_gettext("trong ngày"),
    LimitUnit.AGREED: lazy_gettext("theo thỏa thuận"),
}
STATUSES = {
    status.name: status.label
    for status in (
        DossierStatus.RECEIVED,
        DossierStatus.IN_PROGRESS,
        DossierStatus.SUPPLEMENT_REQUESTED,
        DossierStatus.PAYMENT_REQUESTED,
        DossierStatus.RESOLVED,
    )
}
CHANNELS = {channel.value: channel.label for channel in Channel}
WAITS = {
    WaitsFor.APPLICANT.value: lazy_gettext("người nộp hồ sơ"),
    WaitsFor.OTHER_AGENCY.value: lazy_gettext("cơ quan khác"),
    WaitsFor.DESK.value: lazy_gettext("quầy Một cửa"),
}


class Blank(dict[str, Any]):
    """Facts as far as they are written; what is not written is an empty field."""

    def __missing__(self, key: str) -> str:
        """Answer nothing for what is not written."""
        del key
        return ""

    @classmethod
    def of(cls, value: Any) -> Any:
        """Facts in which nothing is missing, however deep."""
        if isinstance(value, dict):
            return cls({key: cls.of(inner) for key, inner in value.items()})
        return [cls.of(inner) for inner in value] if isinstance(value, list) else value


def usual_case() -> Blank:
    """The case with which most procedures begin."""
    phase = Blank(name="resolution", label=_("Giải quyết"), unit="working_days", starts_on="receipt")
    return Blank(id="standard", name=_("Trường hợp thông thường"), default=True, phases=[phase])


def read_facts(form: Form) -> dict[str, Any]:
    """The form of the posted facts: texts, the decision, and the rows of its tables that say something."""
    facts: dict[str, Any] = {name: form.get(name, "") for name in _TEXTS}
    facts["decision"] = {name: form.get(f"decision-{name}", "") for name in ("number", "issued_on", "issuer")}
    facts["levels"] = [level for level in ("province", "commune") if f"level-{level}" in form]
    facts["channels"] = [channel for channel in CHANNELS if f"channel-{channel}" in form]
    for table, names in _ROWS.items():
        facts[table] = list(_rows(form, table, names))
    for number, case in zip(_numbers(form, "cases"), facts["cases"], strict=True):
        case["phases"] = [
            {name: form.get(f"cases-{number}-phase-{place}-{name}", "") for name in _PHASE} for place in range(PHASES)
        ]
        for phase in case["phases"]:
            if phase["unit"] in {LimitUnit.SAME_DAY, LimitUnit.AGREED}:
                phase["limit"] = ""
    change = {"facts": facts}
    return change | {"stem": form["stem"].strip()} if form.get("stem") else change


def _numbers(form: Form, table: str) -> list[int]:
    """The rows of a table in which somebody wrote a name."""
    return [number for number in range(MAX_ROWS) if form.get(f"{table}-{number}-name", "").strip()]


def _rows(form: Form, table: str, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number in _numbers(form, table):
        row: dict[str, Any] = {name: form.get(f"{table}-{number}-{name}", "") for name in names}
        for flag in {"required", "default"} & set(names):
            row[flag] = bool(row[flag])
        if "id" in names and not row["id"].strip():
            row["id"] = f"{table[:-1]}_{number + 1}"
        yield row


def read_work(form: Form, lanes: tuple[Mapping[str, Any], ...], steps: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """The form of lanes and steps; a box that is not ticked is an answer too."""
    return {
        "lanes": {
            lane["id"]: {name: form.get(f"lane-{lane['id']}-{name}", "") for name in ("name", "role", "unit")}
            for lane in lanes
        },
        "steps": {step["id"]: _step(form, f"step-{step['id']}-") for step in steps},
    }


def _step(form: Form, prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {name: form.get(prefix + name, "").strip() for name in ("name", "phase", "status")}
    is_outside = form.get(f"{prefix}clock") == "outside"
    values["clock"] = "outside" if is_outside else ""
    values["waits_for"] = form.get(f"{prefix}waits_for", "") if is_outside else ""
    values["limit"] = "" if is_outside else _decimal(form.get(f"{prefix}limit", ""))
    values["phase"] = "" if is_outside else values["phase"]
    limits = {name.removeprefix(f"{prefix}limit-"): name for name in form if name.startswith(f"{prefix}limit-")}
    values["limits"] = {} if is_outside else {case: _decimal(form[name]) for case, name in limits.items()}
    values["asks"] = [name.removeprefix(f"{prefix}asks-") for name in form if name.startswith(f"{prefix}asks-")]
    return values


def _decimal(typed: str) -> str:
    """A number as diagrams write it: ``0,5`` is 0.5."""
    return typed.strip().replace(",", ".")


def read_setup(form: Form) -> dict[str, Any]:
    """How a walk by hand begins."""
    return {
        "received": form.get("received", "").strip(),
        "case": form.get("case", ""),
        "channel": form.get("channel", ""),
        "agreed": form.get("agreed", "").strip(),
        "answers": {name.removeprefix(ANSWER): value for name, value in form.items() if name.startswith(ANSWER)},
    }


def read_act(form: Form) -> dict[str, Any]:
    """What happens next in a walk by hand."""
    act = {"kind": form.get("kind", "do"), "at": form.get("at", "").strip()}
    if act["kind"] == "event":
        return act | {"reason": form.get("reason", "").strip()}
    if act["kind"] == "sweep":
        return act
    answers = {name.removeprefix(ANSWER): value for name, value in form.items() if name.startswith(ANSWER)}
    return act | {"kind": "do", "step": form.get("step", ""), "answers": answers}


def moment_fault(text: str) -> str:
    """What is wrong with a moment that was typed; empty if nothing is."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return _("Hãy nhập ngày và giờ, ví dụ 2026-12-01T09:00.")
    return ""
