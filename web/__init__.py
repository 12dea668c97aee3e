"""The web interface of Một Cửa: pages for the counter, the offices behind it, and the citizen in front of it.

A handler parses, makes one call to the engine and renders. Rules live in the engine; words and colours live here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

from engine.bootstrap import Engine
from web import (
    accounts,
    admin,
    apologies,
    attachments,
    auth,
    beside,
    calendar,
    changes,
    citizen,
    clerk,
    designer,
    drawings,
    errors,
    external,
    feedback,
    fees,
    forecast,
    handing_over,
    heat,
    i18n,
    indicators,
    inspection,
    intake_drafts,
    language,
    late_records,
    leader,
    letter_table,
    letter_templates,
    letters,
    look,
    messages,
    moves,
    officer,
    once,
    operations,
    orders,
    papers,
    parcels,
    posting,
    posting_records,
    presenters,
    profile,
    protection,
    quality,
    read_only,
    reauth,
    registers,
    reorganisation,
    reports,
    results_told,
    samples,
    scanning,
    simulations,
    slips,
    survey,
    verification,
    wall,
    worklist,
)
from web.context import EXTENSION

STATIC = Path(__file__).parent / "static"


class _Pages(Flask):
    jinja_environment = i18n.Words


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


class _Number(IntegerConverter):
    """The number of a row in an address; a longer one is none of ours, and no database would take it."""

    regex = r"\d{1,9}"


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep the file for a year."""
    return url_for("static", filename=name, v=_fingerprint(name))


def create_app(engine: Engine) -> Flask:
    """Build the web application over an engine that is already built."""
    app = _Pages(__name__)
    app.url_map.converters["int"] = _Number
    app.extensions[EXTENSION] = engine
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, office=engine.settings.name)
    protection.configure(app, engine.settings)
    i18n.configure(app, engine.settings.timezone)
    presenters.register(app, engine.settings)
    attachments.register(app)
    look.register(app)
    drawings.register(app)
    operations.measure(app)
    calendar.keep_up(app)
    auth.protect(app)
    once.protect(app)
    inspection.note_looks(app)
    officer.show_undo(app)
    errors.register(app)
    read_only.register(app)
    reauth.register(app)
    for module in (
        operations,
        auth,
        external,
        profile,
        accounts,
        citizen,
        clerk,
        intake_drafts,
        slips,
        parcels,
        worklist,
        attachments,
        apologies,
        leader,
        letter_table,
        letters,
        letter_templates,
        quality,
        orders,
        wall,
        late_records,
        admin,
        designer,
        moves,
        calendar,
        changes,
        posting,
        posting_records,
        results_told,
        papers,
        registers,
        reports,
        messages,
        verification,
        survey,
        feedback,
        forecast,
        heat,
        simulations,
        indicators,
        inspection,
        samples,
        reorganisation,
        look,
        language,
        scanning,
        fees,
        handing_over,
        beside,
    ):
        app.register_blueprint(module.blueprint)
    return app
