"""Files of a dossier on its page: brought several at once, shown as pictures, handed out, removed with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.attachments import AttachmentList, safe_name
from engine.domain.errors import BadInput, MotCuaError, NotFound
from engine.services.attachments import PREVIEW_WIDTHS, Taken
from web.auth import safe_path
from web.context import actor, engine, now, page_asked
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("attachments", __name__)

_MEGABYTE = 1 << 20
_CHUNK = 1 << 16
_PLACE = "files"


class NoFileChosen(BadInput):
    """Chưa chọn tệp nào; hãy chọn, kéo thả hoặc chụp rồi gửi lại."""

    code = "no_file_chosen"


@blueprint.get("/work/<code>/attachments")
def listed(code: str) -> str:
    """The part of the page that lists the files, by itself."""
    files = engine().attachments.of(actor(), code)
    return render_template("officer/attachments_alone.html", files=files, next_path=_asked_back())


@blueprint.post("/work/<code>/attachments")
def add(code: str) -> AnyResponse:
    """Take in what was chosen; each file by itself, so that one that is refused stops no other."""
    item = request.form.get("item_id", "")
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        return _answer(code, [Taken("", error=NoFileChosen())])
    taken = []
    for file in sent:
        name = file.filename or ""
        try:
            number = engine().attachments.add(actor(), code, item, file.stream, name, now())
        except NotFound:
            raise
        except MotCuaError as error:
            taken.append(Taken(name, error=error))
        else:
            taken.append(Taken(name, number))
    return _answer(code, taken)


@blueprint.get("/work/<code>/scans/<unit>")
def scans(code: str, unit: str) -> str:
    """What the scanner of a desk has dropped, to choose from."""
    return render_template(
        "officer/scans.html",
        files=engine().attachments.of(actor(), code),
        unit=unit,
        next_path=_asked_back(),
        scans=engine().attachments.scans(actor(), unit),
    )


@blueprint.post("/work/<code>/scans/<unit>")
def take_scans(code: str, unit: str) -> AnyResponse:
    """Move what was chosen into the dossier."""
    names = request.form.getlist("name")
    if not names:
        return _answer(code, [Taken("", error=NoFileChosen())])
    return _answer(
        code,
        engine().attachments.take_scans(actor(), code, request.form.get("item_id", ""), unit, names, at=now()),
    )


@blueprint.get("/work/<code>/attachments/<int:attachment_id>")
def show(code: str, attachment_id: int) -> str:
    """All pages of a file as pictures."""
    files = engine().attachments.of(actor(), code)
    line = files.find(attachment_id)
    if line is None:
        raise NotFound(what="tệp đính kèm này")
    page = page_asked()
    return render_template("officer/attachment.html", files=files, file=line, page=min(page, max(line.pages, 1)))


@blueprint.get("/work/<code>/attachments/<int:attachment_id>/page/<int:page>.png")
def picture(code: str, attachment_id: int, page: int) -> Response:
    """A page as a picture."""
    width = request.args.get("width", PREVIEW_WIDTHS[-1], type=int) or PREVIEW_WIDTHS[-1]
    return Response(engine().attachments.picture(actor(), code, attachment_id, page, width), mimetype="image/png")


@blueprint.get("/work/<code>/attachments/<int:attachment_id>/file")
def download(code: str, attachment_id: int) -> Response:
    """The file as it was brought, to keep; never shown by the browser itself."""
    opened = engine().attachments.open(actor(), code, attachment_id)

    def pieces() -> Iterator[bytes]:
        with opened.path.open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece

    answer = Response(pieces(), mimetype=opened.kind.mimetype)
    answer.content_length = opened.size
    # A header is Latin-1: the name as it is goes beside a plain one, as RFC 6266 has it.
    plain = safe_name(opened.name, opened.kind, attachment_id)
    named = {"filename": plain, "filename*": f"UTF-8''{quote(opened.name, safe='')}"}
    answer.headers.set("Content-Disposition", "attachment", **named)
    return answer


@blueprint.post("/work/<code>/export.zip")
def export(code: str) -> Response:
    """The whole dossier as a ZIP that is read without this program; who took it stands in its history."""
    answer = Response(engine().exporting.archive(actor(), code, at=now()), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{code}.zip")
    return answer


@blueprint.post("/work/<code>/attachments/<int:attachment_id>/remove")
def remove(code: str, attachment_id: int) -> AnyResponse:
    """Take a file out of the list."""
    try:
        engine().attachments.remove(actor(), code, attachment_id, request.form.get("reason", ""), at=now())
    except NotFound:
        raise
    except MotCuaError as error:
        flash(said(error), "problem")
    else:
        flash(_("Đã gỡ tệp. Dòng của tệp và lý do vẫn còn trong danh sách."))
    return redirect(_back(code), 303)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> AnyResponse | tuple[str, int]:
    """Say how much may be sent at once."""
    most = engine().settings.files.largest_request // _MEGABYTE
    words = _(
        "Nội dung gửi lên lớn hơn %(most)s MB nên chưa nhận gì. Hãy gửi từng tệp, hoặc quét ở độ phân giải thấp hơn.",
        most=most,
    )
    if _wants_json():
        return _json([{"name": "", "ok": False, "message": words}], 413)
    return render_template(
        "error.html", status=413, title=_("Tệp quá lớn"), message=words, advice="", reference=""
    ), 413


def _answer(code: str, taken: list[Taken] | tuple[Taken, ...]) -> AnyResponse:
    kept = [each for each in taken if each.error is None]
    refused = [each for each in taken if each.error is not None]
    if _wants_json():
        told = [
            {"name": each.name, "ok": each.error is None, "message": said(each.error) if each.error else ""}
            for each in taken
        ]
        status = status_of(refused[0].error) if refused and not kept and refused[0].error else 200
        return _json(told, status)
    if kept:
        flash(ngettext("Đã nhận %(num)s tệp.", "Đã nhận %(num)s tệp.", len(kept)))
    for each in refused:
        assert each.error is not None
        flash(said(each.error), "problem")
    return redirect(_back(code), 303)


def _json(told: list[dict[str, object]], status: int) -> Response:
    answer = jsonify(files=told)
    answer.status_code = status
    return answer


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _back(code: str) -> str:
    """Where the person was: the end of a receipt, or the page of the file."""
    return _asked_back() or url_for("officer.dossier", code=code, _anchor=_PLACE)


def _asked_back() -> str:
    return safe_path(request.values.get("next", ""))


def _size(size: int) -> str:
    """Bytes as people say them."""
    if size < _MEGABYTE:
        return f"{max(round(size / 1024), 1)} kB"
    return f"{size / _MEGABYTE:.1f}".removesuffix(".0").replace(".", ",") + " MB"


def _files_of(code: str) -> AttachmentList:
    return engine().attachments.of(actor(), code)


def register(app: Flask) -> None:
    """Give templates the files of a dossier, and sizes in words."""
    app.jinja_env.globals.update(files_of=_files_of)
    app.jinja_env.filters.update(file_size=_size)
