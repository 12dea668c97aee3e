"""The register of documents that bar parcels: looked at, looked up, entered and lifted."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, MotCuaError
from engine.domain.parcels import Block, BlockEffect, BlockKind, ParcelName
from engine.services.parcels import PAGE_SIZE, BlockLine
from web.context import actor, engine, now, page_asked
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("parcels", __name__)


@blueprint.get("/parcels")
def table() -> str:
    """What is barred now, or everything that ever was; one place where it is asked for."""
    place = {name: request.args.get(name, "").strip() for name in ("commune", "sheet", "number")}
    try:
        return _page(place=place if place["sheet"] or place["number"] else None)
    except BadInput as error:
        return _page(errors={"": said(error)})


@blueprint.post("/parcels")
def enter() -> tuple[str, int] | Response:
    """Enter a block."""
    errors: dict[str, str] = {}
    block = _block(errors)
    if block is not None:
        try:
            engine().parcel_register.enter(actor(), block, at=now())
        except MotCuaError as error:
            return _page(errors={"": said(error)}, typed=dict(request.form)), status_of(error)
        flash(_("Đã ghi mục ngăn chặn."))
        return redirect(url_for("parcels.table"), 303)
    return _page(errors=errors, typed=dict(request.form)), 422


@blueprint.post("/parcels/<int:block_id>/lift")
def lift(block_id: int) -> tuple[str, int] | Response:
    """Lift a block by a document."""
    try:
        engine().parcel_register.lift(actor(), block_id, request.form.get("document", ""), at=now())
    except MotCuaError as error:
        return _page(errors={"": said(error)}), status_of(error)
    flash(_("Đã chấm dứt mục ngăn chặn."))
    return redirect(url_for("parcels.table"), 303)


def _page(
    errors: dict[str, str] | None = None, typed: dict[str, str] | None = None, place: dict[str, str] | None = None
) -> str:
    register, page = engine().parcel_register, page_asked()
    everything = "all" in request.args
    lines: tuple[BlockLine, ...]
    if place is not None:
        lines = register.at_place(actor(), ParcelName(**place), at=now())
    else:
        lines = register.blocks(actor(), only_held=not everything, page=page, at=now())
    return render_template(
        "clerk/parcels.html",
        lines=lines[:PAGE_SIZE],
        has_more=place is None and len(lines) > PAGE_SIZE,
        page=page,
        everything=everything,
        place=place,
        may_keep=register.may_keep(actor()),
        kinds=[(kind.value, kind.label) for kind in BlockKind],
        effects=[(effect.value, effect.label) for effect in BlockEffect],
        communes=register.communes.names,
        errors=errors or {},
        typed=typed or {},
    )


def _block(errors: dict[str, str]) -> Block | None:
    form = {name: value.strip() for name, value in request.form.items()}
    days: dict[str, date | None] = {}
    for name in ("from_on", "to_on"):
        try:
            days[name] = date.fromisoformat(form[name]) if form.get(name) else None
        except ValueError:
            errors[name] = _("Hãy nhập ngày, ví dụ 27/02/2026.")
    if not form.get("from_on"):
        errors["from_on"] = _("Hãy nhập ngày bắt đầu ngăn chặn.")
    if form.get("kind") not in set(BlockKind):
        errors["kind"] = _("Hãy chọn lý do ngăn chặn.")
    if form.get("effect") not in set(BlockEffect):
        errors["effect"] = _("Hãy chọn hiệu lực tại quầy.")
    starts = days.get("from_on")
    if errors or starts is None:
        return None
    return Block(
        form.get("commune", ""), form.get("sheet", ""), form.get("number", ""), BlockKind(form["kind"]),
        BlockEffect(form["effect"]), form.get("document", ""), starts, days["to_on"], form.get("reason", ""),
    )  # fmt: skip
