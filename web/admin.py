"""For the administrator: do all parts work, and what to do about the one that does not."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from engine.domain.people import OPERATOR
from web.context import engine, now

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def health() -> str:
    """The checks of `motcua doctor`, on a page."""
    at = now()
    return render_template("admin/health.html", health=engine().health(at), at=at)


@blueprint.get("/admin/versions")
def versions() -> str:
    """What of each procedure is in force, coming and past, where the folder differs, and what was done lately."""
    service = engine().publication
    return render_template(
        "admin/versions.html",
        lines=service.overview(at=now()),
        unpublished=service.unpublished(),
        changes=service.changes(most=12),
        people={OPERATOR.username: OPERATOR.full_name},
        levels={"province": _("cấp tỉnh"), "commune": _("cấp xã")},
        words={
            "moved": _("đã chuyển"),
            "reverted": _("đã trả về"),
            "cannot": _("không chuyển được"),
            "failed": _("lỗi"),
        },
    )
