"""The work list: views, filters, order, search, and acts on many rows. Its pages belong to the officer's blueprint.

What a list is narrowed to stands in the address; whom somebody searches for (names, numbers) comes in the body only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from engine.domain.bulk import BulkPreview, ChosenRow, RowResult, RowState
from engine.domain.dossier import Channel
from engine.domain.errors import BadInput, MotCuaError
from engine.domain.people import ROLE_LABELS, WORKING_ROLES
from engine.domain.permissions import can_do_step, units_of
from engine.domain.views import URGENCY_LABELS, Urgency, WorkItem
from engine.domain.worklists import (
    ME,
    MOST_DONE,
    NOBODY,
    ORGANISATION,
    PERSON,
    Facets,
    Listing,
    WorkFilter,
    read_listing,
    without,
)
from web.context import actor, engine, now, page_asked
from web.errors import status_of
from web.forms import ANSWER, read_answers
from web.i18n import said
from web.officer import blueprint
from web.once import once_key
from web.work_list_place import last_list, list_address, remember_list

VIEWS = {
    "mine": lazy_gettext("Việc của tôi"),
    "unit": lazy_gettext("Cả đơn vị"),
    "unassigned": lazy_gettext("Chưa ai nhận"),
    "supplement": lazy_gettext("Chờ bổ sung"),
    "payment": lazy_gettext("Chờ nộp tiền"),
    "results": lazy_gettext("Chờ trả kết quả"),
    "done": lazy_gettext("Đã xong"),
}
# What a column is sorted by; the first word heads it, the second says it in a list of choices.
SORTS = {
    "due": (lazy_gettext("Còn lại"), lazy_gettext("Giờ làm việc còn lại của hồ sơ")),
    "step": (lazy_gettext("Hạn bước"), lazy_gettext("Hạn của bước")),
    "opened": (lazy_gettext("Chờ từ"), lazy_gettext("Chờ ở bước từ")),
    "received": (lazy_gettext("Ngày nhận"), lazy_gettext("Ngày tiếp nhận")),
    "code": (lazy_gettext("Mã hồ sơ"), lazy_gettext("Mã hồ sơ")),
    "procedure": (lazy_gettext("Thủ tục"), lazy_gettext("Thủ tục")),
}
FILTER_NAMES = {
    "procedure": lazy_gettext("Thủ tục"),
    "step": lazy_gettext("Bước"),
    "unit": lazy_gettext("Đơn vị đang giữ"),
    "band": lazy_gettext("Tình trạng hạn"),
    "channel": lazy_gettext("Hình thức nộp"),
    "applicant": lazy_gettext("Chủ hồ sơ"),
    "received_from": lazy_gettext("Nhận từ ngày"),
    "received_to": lazy_gettext("Nhận đến ngày"),
    "due_from": lazy_gettext("Hẹn trả từ ngày"),
    "due_to": lazy_gettext("Hẹn trả đến ngày"),
    "holder": lazy_gettext("Người giữ"),
    "draft": lazy_gettext("Có thư xin lỗi chờ ký"),
    "returned": lazy_gettext("Đã bị trả lại"),
}
APPLICANT_WORDS = {PERSON: lazy_gettext("Cá nhân"), ORGANISATION: lazy_gettext("Tổ chức")}
HOLDER_WORDS = {ME: lazy_gettext("Tôi giữ"), NOBODY: lazy_gettext("Chưa ai nhận")}
ROW_LOOKS = {
    RowState.DONE: ("good", "check", lazy_gettext("Đã xong")),
    RowState.REFUSED: ("late", "cross", lazy_gettext("Không làm được")),
    RowState.CHANGED: ("soon", "back", lazy_gettext("Đã thay đổi")),
}
PAGE_SIZE = 50


@blueprint.get("/work")
def worklist() -> str:
    """One list of the work: a view, narrowed and sorted as the address says."""
    choices = engine().work_filters.choices(actor())
    listing = read_listing(request.args, sort=choices.sort)
    page = page_asked()
    found = engine().worklist.page(actor(), listing=listing, page=page, page_size=PAGE_SIZE, at=now())
    remember_list(listing)
    wants_filter = request.args.get("filter") == "1"
    # What the list is narrowed to is named by its own rows; only a list without rows asks all rows of the view.
    asks_all = wants_filter or (listing.filter and not found.items)
    facets = engine().work_filters.facets(actor(), listing.view, at=now()) if asks_all else None
    return render_template(
        "officer/worklist.html",
        **_words(listing),
        work=found,
        facets=facets,
        wants_filter=wants_filter,
        narrowed=_narrowed(listing, found.items, facets),
        saved=engine().work_filters.saved(actor(), at=now()),
        choices=choices,
        notices=engine().worklist.notices(actor(), at=now()),
        put_back=engine().letter_table.put_back_to(actor()),
        doable={item.task_id for item in found.items if may_do(item)} if listing.view != "done" else set(),
    )


@blueprint.post("/work/search")
def search() -> str | Response:
    """Dossiers of the person's units that have every word; what was typed stays out of the address.

    Without a word there is nothing to search for: the list comes back.
    """
    text, page = request.form.get("q", "").strip(), page_asked()
    listing = read_listing({"view": request.form.get("view", "")})
    if not text:
        return redirect(list_address(last_list(listing.view) or listing), 303)
    found = engine().worklist.search(actor(), text, page=page, page_size=PAGE_SIZE, at=now())
    return render_template("officer/search.html", **_words(listing), found=found, search=text)


@blueprint.post("/work/open")
def open_by_code() -> Response:
    """Open the dossier whose code was typed or scanned."""
    return redirect(url_for("officer.dossier", code=request.form.get("code", "").strip()), 303)


# --- what a person keeps ----------------------------------------------------------------------------------------------


@blueprint.post("/work/sort")
def keep_order() -> Response:
    """Keep the order of the lists, and whether the next dossier opens."""
    listing = _listing()
    engine().work_filters.choose(
        actor(),
        opens_next=request.form.get("opens_next") == "1" if "opens_next_asked" in request.form else None,
        sort=request.form.get("sort", ""),
    )
    order = request.form.get("sort") or ""
    if order:
        listing = replace(listing, sort=order.removeprefix("-"), is_reversed=order.startswith("-"))
    return redirect(list_address(listing), 303)


@blueprint.post("/work/filters")
def keep_filter() -> Response:
    """Keep the list under a name, for oneself or for a unit."""
    listing = _listing()
    try:
        name, unit = request.form.get("name", ""), request.form.get("share", "")
        engine().work_filters.keep(actor(), name, listing, unit, at=now())
        flash(_("Đã lưu bộ lọc. Bộ lọc nằm ở đầu danh sách việc."))
    except MotCuaError as error:
        flash(said(error), "problem")
    return redirect(list_address(listing), 303)


@blueprint.post("/work/filters/<int:filter_id>/drop")
def drop_filter(filter_id: int) -> Response:
    """Forget a filter of one's own."""
    engine().work_filters.drop(actor(), filter_id)
    flash(_("Đã xóa bộ lọc."))
    return redirect(list_address(_listing()), 303)


# --- many rows --------------------------------------------------------------------------------------------------------


@blueprint.post("/work/many")
def many() -> str | tuple[str, int] | Response:
    """Look at what was chosen before anything is done; or take it all at once."""
    chosen = request.form.getlist("row", type=int)
    try:
        if request.form.get("act") == "claim":
            return _told(engine().bulk.claim(actor(), once_key(), chosen, at=now()))
        return _preview(engine().bulk.preview(actor(), chosen, at=now()))
    except BadInput as error:
        flash(said(error), "problem")
        return redirect(list_address(_listing()), 303)


@blueprint.post("/work/many/advance")
def advance_many() -> str | tuple[str, int]:
    """Do the same with every chosen row; what became of each is told row by row."""
    rows = [_chosen(each) for each in request.form.getlist("row")]
    answers, remark = read_answers(request.form), request.form.get("remark", "")
    try:
        preview = engine().bulk.preview(actor(), [row.task_id for row in rows], at=now())
        problems = _problems(preview, answers)
        if problems and preview.items:
            return _preview(preview, typed=request.form, faults=problems), 422
        key = request.form.get("key", "")
        return _results(engine().bulk.advance(actor(), key, rows, answers, remark, at=now()))
    except MotCuaError as error:
        flash(said(error), "problem")
        return _results(()), status_of(error)


def _chosen(sent: str) -> ChosenRow:
    task_id, _colon, version = sent.partition(":")
    if not (task_id.isascii() and task_id.isdigit() and version.isascii() and version.isdigit()):
        raise BadInput(detail=_("dòng được chọn không đọc được; hãy quay lại danh sách và chọn lại"))
    return ChosenRow(int(task_id), int(version))


def _problems(preview: BulkPreview, answers: dict[str, str]) -> dict[str, str]:
    return {
        each.id: _("“%(label)s” chưa được nhập", label=each.label)
        for each in preview.fields
        if each.is_required and each.type != "boolean" and not answers.get(each.id, "").strip()
    }


def _preview(preview: BulkPreview, *, typed: object = None, faults: dict[str, str] | None = None) -> str:
    return render_template(
        "officer/many.html",
        **_words(_listing()),
        preview=preview,
        typed=typed or {},
        faults=faults or {},
        faults_named={f"{ANSWER}{name}": said for name, said in (faults or {}).items()},
    )


def _results(rows: tuple[RowResult, ...]) -> str:
    failed = [row.task_id for row in rows if row.state is not RowState.DONE]
    return render_template(
        "officer/many_done.html",
        **_words(_listing()),
        rows=rows,
        failed=failed,
        looks=ROW_LOOKS,
    )


def _told(rows: tuple[RowResult, ...]) -> str | Response:
    """After claiming: back to the list if all went well, else what became of each."""
    if all(row.state is RowState.DONE for row in rows):
        flash(ngettext("Đã nhận %(num)s việc.", "Đã nhận %(num)s việc.", len(rows)))
        return redirect(list_address(_listing()), 303)
    return _results(rows)


# --- words ------------------------------------------------------------------------------------------------------------


def may_do(item: WorkItem) -> bool:
    """Whether the person may choose the row: an open step that is theirs to do and that nobody else holds."""
    return not item.dossier.status.is_final and can_do_step(actor(), item)


def _words(listing: Listing) -> dict[str, object]:
    units = engine().units
    mine = [units.get(unit_id) for unit_id in sorted(units_of(actor(), WORKING_ROLES))]
    return {
        "views": VIEWS,
        "most_done": MOST_DONE,
        "view": listing.view,
        "listing": listing,
        "asked": urlencode(listing.query()),
        "query": listing.query(),
        "sorts": SORTS,
        "bands": {each.value: URGENCY_LABELS[each] for each in Urgency},
        "channels": {each.value: each.label for each in Channel},
        "applicants": APPLICANT_WORDS,
        "holders": HOLDER_WORDS,
        "filter_names": FILTER_NAMES,
        "my_units": mine,
        "role_labels": ROLE_LABELS,
    }


def _narrowed(listing: Listing, rows: Sequence[WorkItem], facets: Facets | None) -> list[tuple[str, object, str]]:
    """What the list is narrowed to: the name, the value in words, and the address without it."""
    every = facets or Facets((), (), (), ())
    found: dict[str, dict[str, object]] = {
        "procedure": {
            **{value: word for value, word, _many in every.procedures},
            **{each.dossier.procedure_code: each.dossier.procedure_name for each in rows},
        },
        "step": {
            **{value: word for value, word, _many in every.steps},
            **{each.step_id: each.step_name for each in rows},
        },
        "unit": {unit.code: unit.name for unit in engine().units},
        "holder": {
            **{value: word for value, word, _many in every.holders},
            **{str(each.claimed_by_id): each.claimed_by_name for each in rows},
            **HOLDER_WORDS,
        },
        "band": {each.value: each.label for each in Urgency},
        "channel": {each.value: each.label for each in Channel},
        "applicant": dict(APPLICANT_WORDS),
    }
    told: list[tuple[str, object, str]] = []
    for each in fields(WorkFilter):
        value = getattr(listing.filter, each.name)
        if value:
            known = found.get(each.name, {})
            said = "" if value is True else value if isinstance(value, date) else str(known.get(str(value), value))
            told.append((each.name, said, list_address(without(listing, each.name))))
    return told


def _listing() -> Listing:
    """The list from which a form was sent: its parameters travel along in one field."""
    return read_listing(dict(parse_qsl(request.form.get("list", ""))))
