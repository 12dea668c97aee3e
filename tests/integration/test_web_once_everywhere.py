"""Every form of the staff that changes something is carried out once: no template may forget the key."""

from __future__ import annotations

import re
from pathlib import Path

from web import STATIC

TEMPLATES = STATIC.parent / "templates"
FORM = re.compile(r'<form\b[^>]*\bmethod="post".*?</form>', re.DOTALL)
ACTION = re.compile(r"url_for\('([\w.]+)'")
HELPER = re.compile(r"{% macro (\w+)\(.*?endmacro %}|{% set (token)\b.*?%}", re.DOTALL)

# Forms without a key, by where they lead, and why.
WITHOUT = {
    **dict.fromkeys(("officer.open_by_code", "officer.search", "scanning.open_scanned"), "looks for something"),
    **dict.fromkeys(("accounts.table", "messages.scan", "letters.register"), "looks for something"),
    **dict.fromkeys(("inspection.trail", "inspection.table", "reports.reconciled"), "looks for something"),
    **dict.fromkeys(("orders.new", "leader.preview", "officer.many", "clerk.check"), "shows what will be done"),
    **dict.fromkeys(("attachments.export", "letters.reprint", "clerk.paper"), "hands paper out, as often as asked"),
    "officer.advance_many": "has a key of its own: a repetition is told what became of each row, and does the others",
    "handing_over.slip": "prints again, with a new code, as often as asked",
    **dict.fromkeys(
        ("look.choose", "language.choose", "officer.keep_order"), "a taste: the last choice counts, also the same one"
    ),
    **dict.fromkeys(("account.sign_in", "account.code", "account.sign_out"), "the session is what it is afterwards"),
    **dict.fromkeys(("citizen.lookup", "verification.check", "survey.enter"), "a citizen looks for something"),
    "feedback.public": "nobody is signed in: there is no person to remember a key for",
}
# Forms whose address is not written in the template, and why they need no key of their own.
WITHOUT_BY_TEMPLATE = {
    "account/confirm.html": "sends again what was kept, with the key of the form that it came from",
    "account/continue.html": "sends again what was kept, with the key of the form that it came from",
    "read_only.html": "sends again what was kept, with the key of the form that it came from",
    "results/survey.html": "a citizen rates with a code that counts once",
}


def _keyless(template: Path) -> list[str]:
    text = template.read_text(encoding="utf-8")
    parents = [TEMPLATES / name for name in re.findall(r"{% extends '([\w/]+\.html)'", text)]
    everything = text + "".join(parent.read_text(encoding="utf-8") for parent in parents)
    helpers = [found for found in HELPER.finditer(everything) if "once()" in found.group()]
    holders = [f"{found.group(1)}(" if found.group(1) else f"{{{{ {found.group(2)} }}}}" for found in helpers]
    name = template.relative_to(TEMPLATES).as_posix()
    found = []
    for form in FORM.findall(text):
        action = ACTION.search(form.split(">", 1)[0])
        where = action.group(1) if action else ""
        is_excused = where in WITHOUT or (not where and name in WITHOUT_BY_TEMPLATE)
        if not is_excused and not any(holder in form for holder in ("once()", "once_key", *holders)):
            found.append(f"{name}: {where or form[:80]}")
    return found


def test_every_form_that_changes_something_carries_the_key_that_lets_it_happen_once():
    templates = sorted(TEMPLATES.rglob("*.html"))
    keyless = [fault for template in templates for fault in _keyless(template)]
    assert not keyless, "put {{ fields.once() }} beside {{ fields.token() }}, or say in WITHOUT why not"


def test_no_excuse_outlives_its_form():
    written = "".join(template.read_text(encoding="utf-8") for template in TEMPLATES.rglob("*.html"))
    assert not [excused for excused in WITHOUT if f"url_for('{excused}'" not in written]
