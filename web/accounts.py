"""For the administrator: the people who work here, their roles, what was done about their accounts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from engine.domain.accounts import FirstPassword
from engine.domain.errors import BadInput, NotAllowedNow, NotFound, Refused
from engine.domain.people import Membership, Role
from web import reauth
from web.context import actor, engine, now, page_asked
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("accounts", __name__)

MOST_LIST_BYTES = 512 * 1024
KINDS = {
    "signed_in": lazy_gettext("Đăng nhập"),
    "sign_in_failed": lazy_gettext("Nhập sai mật khẩu"),
    "code_failed": lazy_gettext("Nhập sai mã xác thực"),
    "password_change_failed": lazy_gettext("Đổi mật khẩu không thành"),
    "locked": lazy_gettext("Tạm khóa do nhập sai nhiều lần"),
    "unlocked": lazy_gettext("Mở khóa"),
    "confirmed": lazy_gettext("Xác nhận lại danh tính"),
    "password_changed": lazy_gettext("Đổi mật khẩu"),
    "password_reset": lazy_gettext("Cấp lại mật khẩu"),
    "codes_begun": lazy_gettext("Bắt đầu đặt mã xác thực"),
    "codes_set_up": lazy_gettext("Bật mã xác thực"),
    "codes_removed": lazy_gettext("Bỏ mã xác thực"),
    "codes_reset": lazy_gettext("Đặt lại mã xác thực"),
    "recovery_code_used": lazy_gettext("Dùng một mã dự phòng"),
    "recovery_codes_renewed": lazy_gettext("Cấp mã dự phòng mới"),
    "session_ended": lazy_gettext("Kết thúc một phiên"),
    "sessions_ended": lazy_gettext("Kết thúc các phiên"),
    "account_opened": lazy_gettext("Mở tài khoản"),
    "account_changed": lazy_gettext("Sửa tên, vai trò"),
    "account_closed": lazy_gettext("Đóng tài khoản"),
    "account_reopened": lazy_gettext("Mở lại tài khoản"),
    "delegated": lazy_gettext("Ghi ủy quyền khi vắng mặt"),
    "delegation_revoked": lazy_gettext("Chấm dứt ủy quyền"),
    "chains_asked": lazy_gettext("Yêu cầu kiểm tra chuỗi băm"),
    "sample_drawn": lazy_gettext("Lập mẫu kiểm tra"),
    "finding_noted": lazy_gettext("Ghi kết luận kiểm tra"),
    "ballots_imported": lazy_gettext("Nhập tệp phiếu khảo sát"),
    "ballots_undone": lazy_gettext("Hoàn tác tệp phiếu khảo sát"),
    "reorganised": lazy_gettext("Sắp xếp đơn vị"),
    "reorganisation_reverted": lazy_gettext("Hoàn tác sắp xếp đơn vị"),
}


@blueprint.route("/admin/accounts", methods=["GET", "POST"])
def table() -> str:
    """The accounts of the administrator's units; a search goes by POST, names stay out of addresses."""
    search = request.form.get("search", "").strip()[:100]
    number = page_asked()
    page = engine().accounts.page(actor(), search, number)
    return render_template("admin/accounts.html", page=page, search=search, units=engine().office.units, at=now())


@blueprint.get("/admin/accounts/new")
def new() -> str:
    """The form for a new account."""
    return _form_page({}, {})


@blueprint.post("/admin/accounts/new")
def open_account() -> tuple[str, int] | str:
    """Open an account; the first password is shown this once."""
    reauth.require()
    form = request.form
    try:
        first = engine().accounts.open(
            actor(), form.get("username", ""), form.get("full_name", ""), _memberships(), at=now()
        )
    except (BadInput, Refused) as error:
        return _form_page(form, field_messages(error) or {"": said(error)}), status_of(error)
    return _passwords((first,))


@blueprint.get("/admin/accounts/<int:person_id>")
def one(person_id: int) -> str:
    """One account: roles, state, history."""
    return _one_page(person_id, {})


@blueprint.post("/admin/accounts/<int:person_id>")
def change(person_id: int) -> Response | tuple[str, int]:
    """Another name, other roles."""
    reauth.require()
    try:
        engine().accounts.change(actor(), person_id, request.form.get("full_name", ""), _memberships(), at=now())
    except (BadInput, Refused, NotAllowedNow) as error:
        return _one_page(person_id, field_messages(error) or {"": said(error)}), status_of(error)
    flash(_("Đã ghi tên và vai trò."))
    return redirect(url_for("accounts.one", person_id=person_id), 303)


@blueprint.post("/admin/accounts/<int:person_id>/<act>")
def act_on(person_id: int, act: str) -> Response | tuple[str, int] | str:
    """Close, reopen, unlock, give a new password, reset codes, end sessions."""
    reauth.require()
    accounts, who, at = engine().accounts, actor(), now()
    try:
        match act:
            case "reopen":
                return _passwords((accounts.reopen(who, person_id, at=at),))
            case "password":
                return _passwords((accounts.reset_password(who, person_id, at=at),))
            case "close":
                accounts.close(who, person_id, at=at)
                flash(_("Đã đóng tài khoản và kết thúc các phiên của người này."))
            case "unlock":
                accounts.unlock(who, person_id, at=at)
                flash(_("Đã mở khóa: người này thử đăng nhập lại được ngay."))
            case "codes":
                accounts.reset_codes(who, person_id, at=at)
                flash(_("Đã bỏ mã xác thực cũ; lần đăng nhập tới người này đặt lại."))
            case "sessions":
                ended = accounts.end_sessions(who, person_id, at=at)
                flash(ngettext("Đã kết thúc %(num)s phiên.", "Đã kết thúc %(num)s phiên.", ended))
            case _:
                raise NotFound(what=_("việc này"))
    except NotAllowedNow as error:
        return _one_page(person_id, {"": said(error)}), status_of(error)
    return redirect(url_for("accounts.one", person_id=person_id), 303)


@blueprint.route("/admin/accounts/list", methods=["GET", "POST"])
def from_list() -> tuple[str, int] | str:
    """Open many accounts from a list: first what each line would do, then all of them at once."""
    if request.method == "GET":
        return render_template("admin/accounts_list.html", lines=(), content="", faults={})
    content = request.form.get("content", "")
    upload = request.files.get("file")
    try:
        if upload is not None and upload.filename:
            content = upload.stream.read(MOST_LIST_BYTES).decode("utf-8-sig")
        if request.form.get("act") == "open":
            reauth.require()
            return _passwords(engine().accounts.open_list(actor(), content, at=now()))
        lines = engine().accounts.read_list(actor(), content)
    except UnicodeDecodeError:
        faults = {"file": _("Tệp phải là văn bản UTF-8 (CSV).")}
        return render_template("admin/accounts_list.html", lines=(), content="", faults=faults), 422
    except BadInput as error:
        faults = field_messages(error)
        return render_template("admin/accounts_list.html", lines=(), content=content, faults=faults), 422
    return render_template("admin/accounts_list.html", lines=lines, content=content, faults={})


@blueprint.get("/admin/accounts/history")
def history() -> str:
    """What was done about accounts, the latest first."""
    number = page_asked()
    moments = engine().accounts.history(actor(), page=number)
    return render_template("admin/accounts_history.html", moments=moments, kinds=KINDS, page=number)


def _memberships() -> tuple[Membership, ...]:
    """The roles of the form: one line a role, ``role@unit_id``; empty lines are no roles."""
    found = []
    for word in request.form.getlist("role"):
        role, _sign, unit_id = word.partition("@")
        if role in set(Role) and unit_id.isdigit():
            found.append(Membership(int(unit_id), Role(role)))
    for role, unit_id in zip(request.form.getlist("new_role"), request.form.getlist("new_unit"), strict=False):
        if role in set(Role) and unit_id.isdigit():
            found.append(Membership(int(unit_id), Role(role)))
    return tuple(found)


def _passwords(first: tuple[FirstPassword, ...]) -> str:
    days = engine().settings.sign_in.first_password_days
    return render_template("admin/first_passwords.html", first=first, days=days)


def _choices() -> dict[str, object]:
    units = engine().office.units
    return {
        "roles": [(role.value, role.label) for role in Role],
        "places": [(str(unit.id), unit.name) for unit in units if unit.is_active],
        "units": units,
    }


def _form_page(values: object, faults: dict[str, str]) -> str:
    return render_template("admin/account_new.html", values=values, faults=faults, **_choices())


def _one_page(person_id: int, faults: dict[str, str]) -> str:
    accounts = engine().accounts
    return render_template(
        "admin/account.html",
        account=accounts.view(actor(), person_id),
        moments=accounts.history(actor(), person_id),
        kinds=KINDS,
        faults=faults,
        at=now(),
        **_choices(),
    )
