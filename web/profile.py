"""One's own account: password, one-time codes, where one is signed in, who stands in while one is away."""

from __future__ import annotations

from datetime import date

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.domain.accounts import BadDelegation
from engine.domain.errors import BadInput, NotAllowedNow, Refused
from engine.domain.people import Membership, Role
from engine.domain.sign_in import Need
from engine.services.delegations import Absence
from web import reauth
from web.auth import home_of_actor, take_seat
from web.context import actor, browser_token, engine, known_seat, now, zone
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("profile", __name__)

_BROWSERS = tuple(
    {"Edg": "Edge", "coc_coc": "Cốc Cốc", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}.items()
)
_MACHINES = tuple(
    {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }.items()
)


@blueprint.get("/account")
def page() -> str:
    """What belongs to the person: roles, password, codes, sessions."""
    who = actor()
    return render_template(
        "account/profile.html",
        who=who,
        units=engine().office.units,
        codes=engine().second_factor.state(who),
        sessions=engine().access.sessions(who, browser_token(), at=now()),
        shortest=engine().settings.sign_in.password_min_length,
    )


@blueprint.app_template_filter("browser_name")
def browser_name(device: str) -> str:
    """What browser on what machine, as people call them; most of what a browser says of itself helps nobody."""
    known = next((name for sign, name in _BROWSERS if sign in device), _("Trình duyệt khác"))
    machine = next((name for sign, name in _MACHINES if sign in device), "")
    return _("%(browser)s trên %(machine)s", browser=known, machine=machine) if machine else known


# --- password ---


@blueprint.get("/account/password")
def password() -> str:
    """The form for another password; the first one has to be changed here."""
    return _password_page({})


@blueprint.post("/account/password")
def change_password() -> Response | tuple[str, int]:
    """Take another password; every other session ends."""
    new = request.form.get("new_password", "")
    if new != request.form.get("repeated", ""):
        return _password_page({"repeated": _("Hai lần nhập mật khẩu mới không giống nhau.")}), 422
    try:
        signed_in = engine().access.change_password(
            browser_token(), actor(), request.form.get("old_password", ""), new, at=now()
        )
    except (BadInput, Refused) as error:
        return _password_page(field_messages(error) or {"": said(error)}), status_of(error)
    take_seat(signed_in)
    flash(_("Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc."))
    if signed_in.need is Need.ENROLMENT:
        return redirect(url_for("profile.codes"), 303)
    return redirect(home_of_actor(), 303)


def _password_page(faults: dict[str, str]) -> str:
    seat = known_seat()
    return render_template(
        "account/password.html",
        faults=faults,
        is_first=seat is not None and seat.need is Need.PASSWORD,
        shortest=engine().settings.sign_in.password_min_length,
    )


# --- one-time codes ---


@blueprint.get("/account/codes")
def codes() -> str:
    """Set codes up, or see how they stand."""
    return _codes_page({})


@blueprint.post("/account/codes")
def change_codes() -> Response | tuple[str, int] | str:
    """Begin to set codes up, make new recovery codes, or ask for codes no longer."""
    service, act = engine().second_factor, request.form.get("act", "")
    if act == "begin":
        service.begin(actor(), at=now())
        return redirect(url_for("profile.codes"), 303)
    reauth.require()
    if act == "renew":
        return render_template("account/recovery.html", recovery=service.renew_recovery_codes(actor(), at=now()))
    try:
        service.remove(actor(), at=now())
    except NotAllowedNow as error:
        return _codes_page({"": said(error)}), status_of(error)
    flash(_("Từ nay đăng nhập không hỏi mã xác thực."))
    return redirect(url_for("profile.page"), 303)


@blueprint.post("/account/codes/confirm")
def confirm_codes() -> Response | tuple[str, int] | str:
    """Ask for codes from now on: the first one was right. The recovery codes are shown this once."""
    try:
        recovery = engine().second_factor.confirm(actor(), request.form.get("code", ""), at=now())
    except (BadInput, NotAllowedNow) as error:
        return _codes_page(field_messages(error) or {"": said(error)}), status_of(error)
    return render_template("account/recovery.html", recovery=recovery)


def _codes_page(faults: dict[str, str]) -> str:
    state = engine().second_factor.state(actor())
    seat = known_seat()
    picture = segno.make(state.address, error="m").svg_data_uri(scale=5, border=3) if state.address else ""
    return render_template(
        "account/codes.html",
        codes=state,
        picture=picture,
        faults=faults,
        is_owed=seat is not None and seat.need is Need.ENROLMENT,
    )


# --- sessions ---


@blueprint.post("/account/sessions")
def end_sessions() -> Response:
    """End one of one's own sessions, or all but this one."""
    ref = request.form.get("ref", "")
    if ref:
        if engine().access.end_session(actor(), ref, at=now()):
            flash(_("Đã kết thúc phiên đăng nhập đó."))
    else:
        ended = engine().access.end_other_sessions(actor(), browser_token(), at=now())
        flash(ngettext("Đã kết thúc %(num)s phiên khác.", "Đã kết thúc %(num)s phiên khác.", ended))
    return redirect(url_for("profile.page"), 303)


# --- absence ---


@blueprint.get("/account/delegations")
def delegations() -> str:
    """Who stands in for whom: by me, to me, and in the units that I lead or administer."""
    return _delegations_page({})


@blueprint.post("/account/delegations")
def delegate() -> Response | tuple[str, int]:
    """Write an absence down."""
    try:
        added, told = engine().delegations.add(actor(), _absence(), at=now())
    except (BadInput, Refused) as error:
        return _delegations_page(field_messages(error) or {"": said(error)}), status_of(error)
    flash(
        _("Từ %(start)s đến %(end)s, %(delegate)s làm thay %(absent)s.", start=f"{added.starts_on:%d/%m/%Y}",
          end=f"{added.ends_on:%d/%m/%Y}", delegate=added.delegate_name, absent=added.absent_name)
    )  # fmt: skip
    if told:
        flash(told, "problem")
    return redirect(url_for("profile.delegations"), 303)


@blueprint.post("/account/delegations/<int:delegation_id>/revoke")
def revoke(delegation_id: int) -> Response:
    """End a delegation before its time."""
    try:
        found = engine().delegations.revoke(actor(), delegation_id, at=now())
        flash(
            _("Đã chấm dứt ủy quyền của %(absent)s cho %(name)s.", absent=found.absent_name, name=found.delegate_name)
        )
    except NotAllowedNow as error:
        flash(said(error), "problem")
    return redirect(url_for("profile.delegations"), 303)


def _absence() -> Absence:
    form = request.form
    username, _sign, rest = form.get("place", "").partition(":")
    role, _sign, unit_id = rest.partition("@")
    if role not in set(Role) or not unit_id.isdigit():
        raise BadDelegation("place", _("hãy chọn người vắng mặt và vai trò"))
    return Absence(
        absent=username,
        delegate=form.get("delegate", ""),
        place=Membership(int(unit_id), Role(role)),
        starts_on=_day("starts_on"),
        ends_on=_day("ends_on"),
        document=form.get("document", ""),
        authority=form.get("authority", "")[:120],
        title=form.get("title", "")[:120],
    )


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise BadDelegation(field, _("hãy ghi đủ ngày, tháng, năm")) from None


def _delegations_page(faults: dict[str, str]) -> str:
    service, who = engine().delegations, actor()
    mine = service.mine(who)
    seen = {each.id for each in mine}
    return render_template(
        "account/delegations.html",
        who=who,
        mine=mine,
        others=[each for each in service.of_my_units(who) if each.id not in seen],
        absentees=service.absentees(who),
        candidates=service.candidates(who),
        units=engine().office.units,
        today=now().astimezone(zone()).date(),
        values=request.form,
        faults=faults,
    )
