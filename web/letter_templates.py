"""What a unit says in its letters, for its administrator: change, look at it on a real letter, publish with a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.errors import BadInput, MotCuaError
from engine.domain.letter_templates import (
    APPROVALS,
    HOLDERS,
    NUMBER_PLACES,
    PLACES,
    REASON_PLACES,
    LetterTemplate,
    SignerRule,
    TemplateReason,
)
from engine.services.letter_templates import VALID_FROM
from web.context import actor, engine, now
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("letter_templates", __name__)

_LINES = ("agency", "parent_agency", "place", "phone", "number")
_SEPARATOR = "|"


@blueprint.get("/admin/letters")
def page() -> str:
    """The template of a unit, its versions, and what holds where it is empty."""
    return _page()


@blueprint.post("/admin/letters/preview.pdf")
def preview() -> Response | tuple[str, int]:
    """The latest real letter of a form in these words; nothing is written."""
    try:
        template = _template(request.form)
        pdf = engine().letter_templates.preview(
            actor(), request.form.get("unit", ""), template, request.form.get("preview_form", ""), at=now()
        )
    except MotCuaError as error:
        return _page(request.form, error), status_of(error)
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="xem-thu.pdf")
    return answer


@blueprint.post("/admin/letters")
def publish() -> AnyResponse | tuple[str, int]:
    """Publish these words from a day on."""
    unit = request.form.get("unit", "")
    try:
        version = engine().letter_templates.publish(
            actor(),
            unit,
            _template(request.form),
            valid_from=_day(request.form.get(VALID_FROM, "")),
            note=request.form.get("note", ""),
            at=now(),
        )
    except BadInput as error:
        return _page(request.form, error), status_of(error)
    flash(_("Đã công bố bản mẫu số %(n)s. Văn bản đã ban hành giữ nguyên lời của ngày ban hành.", n=version))
    return redirect(url_for("letter_templates.page", unit=unit), 303)


def _template(form: Mapping[str, str]) -> LetterTemplate:
    forms = [name.removeprefix("approval-") for name in form if name.startswith("approval-")]
    return LetterTemplate(
        **{name: form.get(name, "").strip() for name in _LINES},
        signers=tuple(_signer(line) for line in _lines(form.get("signers", ""))),
        recipients=tuple(_lines(form.get("recipients", ""))),
        openings=_said(form, "opening", forms),
        closings=_said(form, "closing", forms),
        approval=_said(form, "approval", forms),
        reasons=tuple(_reason(line) for line in _lines(form.get("reasons", ""))),
        first_numbers=dict(_first(line) for line in _lines(form.get("first_numbers", ""))),
    )


def _said(form: Mapping[str, str], kind: str, forms: list[str]) -> dict[str, str]:
    return {name: text for name in forms if (text := form.get(f"{kind}-{name}", "").strip())}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _signer(line: str) -> SignerRule:
    """One signer a line: title | name | authority | from | until | forms."""
    parts = [part.strip() for part in line.split(_SEPARATOR)] + [""] * 6
    title, name, authority, from_on, until_on, forms = parts[:6]
    days = {}
    for key, typed in (("from_on", from_on), ("until_on", until_on)):
        days[key] = _day(typed)
        if typed and days[key] is None:
            raise FormRefused({"signers": f"“{typed}” không phải một ngày; hãy ghi như 2026-11-24"})
    names = tuple(form for form in (each.strip() for each in forms.split(",")) if form)
    return SignerRule(title, name, authority, days["from_on"], days["until_on"], names)


def _reason(line: str) -> TemplateReason:
    """One reason a line: id | whose time | words."""
    identifier, _, rest = line.partition(_SEPARATOR)
    holder, _, text = rest.partition(_SEPARATOR)
    return TemplateReason(identifier.strip(), text.strip(), holder.strip())


def _first(line: str) -> tuple[str, int]:
    series, _, typed = line.partition("=")
    if not typed.strip().isdigit():
        raise FormRefused({"first_numbers": f"“{line}”: hãy ghi như apology/2026 = 58"})
    return series.strip(), int(typed)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def written(template: LetterTemplate) -> dict[str, str]:
    """A template as the fields of the form hold it."""
    values = {name: str(getattr(template, name)) for name in _LINES}
    values["signers"] = "\n".join(_signer_line(rule) for rule in template.signers)
    values["recipients"] = "\n".join(template.recipients)
    values["reasons"] = "\n".join(f"{each.id} | {each.holder} | {each.text}" for each in template.reasons)
    values["first_numbers"] = "\n".join(f"{name} = {first}" for name, first in sorted(template.first_numbers.items()))
    said = (("opening", template.openings), ("closing", template.closings), ("approval", template.approval))
    return values | {f"{kind}-{form}": text for kind, texts in said for form, text in texts.items()}


def _signer_line(rule: SignerRule) -> str:
    parts = [
        rule.title,
        rule.name,
        rule.authority,
        rule.from_on.isoformat() if rule.from_on else "",
        rule.until_on.isoformat() if rule.until_on else "",
        ", ".join(rule.forms),
    ]
    return f" {_SEPARATOR} ".join(parts).rstrip(f" {_SEPARATOR}")


def _page(typed: Mapping[str, str] | None = None, error: MotCuaError | None = None) -> str:
    version = request.args.get("version", type=int)
    found = engine().letter_templates.page(actor(), request.values.get("unit", ""), version, at=now())
    faults = field_messages(error) if error else {}
    return render_template(
        "admin/letters.html",
        found=found,
        typed=typed or written(found.template),
        defaults=written(found.defaults),
        faults=faults,
        problem=said(error) if error and not faults else "",
        approvals=APPROVALS,
        holders=HOLDERS,
        places=PLACES,
        reason_places=REASON_PLACES,
        number_places=NUMBER_PLACES,
    )
