"""Files that people bring: what is refused and why, that nothing of it stays, and what becomes of what is kept."""

from __future__ import annotations

import io
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from engine.domain.answers import FormRefused
from engine.domain.attachments import FileKind, FileRefused, ScanState
from engine.domain.errors import MotCuaError, NotAllowedNow, NotFound, Refused
from engine.files.store import Store
from engine.services.attachments import REASON
from engine.services.opinions import OpinionRefused
from tests.builders import DEPARTMENT, ROOT, Office, prepare_office
from tests.support.files import (
    Endless,
    archive,
    docx,
    left_on_disk,
    locked_pdf,
    office_with_files,
    pdf,
    picture,
    vast_png,
)

SCRIPT = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
LAUNCH = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
BOMB = docx(**{"word/media/a.bin": b"\0" * 30_000_000})

BAD = {
    "a wrong kind under a right name": ("đơn.pdf", b"MZ\x90\0" + b"\0" * 400, "kind"),
    "a picture that calls itself a document": ("đơn.pdf", picture(), "extension"),
    "an archive": ("đơn.zip", archive(a=b"a"), "kind"),
    "a web page": ("đơn.jpg", b"<!doctype html><script>alert(1)</script>", "kind"),
    "nothing at all": ("đơn.pdf", b"", "empty"),
    "a document that is an archive as well": ("đơn.pdf", pdf() + archive(a=b"a"), "polyglot"),
    "a document with something behind its end": ("đơn.pdf", pdf() + b"#!/bin/sh\nrm", "polyglot"),
    "a document with a web page in it": ("đơn.pdf", pdf().replace(b"\n", b"\n%<script>x\n", 1), "polyglot"),
    "a picture with an archive behind it": ("ảnh.jpg", picture() + archive(a=b"a"), "polyglot"),
    "a picture with a program behind it": ("ảnh.jpg", picture() + b"<?php system($_GET[0]);", "polyglot"),
    "a picture with a program in its comment": ("ảnh.jpg", picture(comment=b"<?php x();"), "polyglot"),
    "a picture with a document behind it": ("ảnh.png", picture("PNG") + pdf(), "polyglot"),
    "a document with a script": ("đơn.pdf", pdf(OpenAction=SCRIPT), "active"),
    "a document that opens a program": ("đơn.pdf", pdf(OpenAction=LAUNCH), "active"),
    "a document behind a password": ("đơn.pdf", locked_pdf(user="x"), "encrypted"),
    "a document that hides what it holds": ("đơn.pdf", locked_pdf(), "encrypted"),
    "half a document": ("đơn.pdf", pdf()[:-200], "broken"),
    "half a picture": ("ảnh.jpg", picture()[:-40], "broken"),
    "half a picture with an end": ("ảnh.png", picture("PNG")[:60] + picture("PNG")[-12:], "broken"),
    "a document that is only a head": ("đơn.pdf", b"%PDF-1.7\nhello\n%%EOF", "broken"),
    "a picture of a billion points": ("ảnh.png", vast_png(30_000, 30_000), "bomb"),
    "a package that swells three hundred times": ("đơn.docx", BOMB, "bomb"),
    "a package with macros": ("đơn.docx", docx(**{"word/vbaProject.bin": b"x"}), "polyglot"),
    "a package that climbs out": ("đơn.docx", docx(**{"../../etc/cron.d/x": b"x"}), "broken"),
    "XML with entities": ("đơn.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "broken"),
    "XML that nobody signed": ("đơn.xml", b'<?xml version="1.0"?><a/>', "broken"),
    "a path": ("../../../etc/passwd.pdf", pdf(), "name"),
    "a path of another system": ("C:\\Windows\\đơn.pdf", pdf(), "name"),
    "a name with an end in its middle": ("đơn.pdf\0.exe", pdf(), "name"),
    "a name that reads backwards": ("đơn\u202efdp.exe.pdf", pdf(), "name"),
    "a name without end": ("a" * 300 + ".pdf", pdf(), "name"),
    "no name": (" ", pdf(), "name"),
}
GOOD = {
    "đơn.pdf": (pdf(3), FileKind.PDF, 3),
    "Ảnh chụp.JPG": (picture(), FileKind.JPEG, 1),
    "ảnh.png": (picture("PNG"), FileKind.PNG, 1),
    "quét.tif": (picture("TIFF", save_all=True, append_images=[Image.new("RGB", (320, 240))]), FileKind.TIFF, 2),
    "đơn.docx": (docx(), FileKind.DOCX, 0),
}


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str], tmp_path: Path) -> Iterator[Office]:
    with office_with_files(database_copy(prepare_office), tmp_path / "files", kinds=list(FileKind)) as office:
        yield office


def bring(office: Office, code: str, name: str, content: bytes, *, by: str = "lan", item: str = "") -> int:
    return office.engine.attachments.add(office.person(by), code, item, io.BytesIO(content), name, office.now)


def folder_of(office: Office) -> Path:
    return office.engine.settings.files.folder


@pytest.mark.any_database
def test_what_may_not_come_in_is_refused_with_a_reason_and_leaves_nothing(office: Office) -> None:
    code = office.receive()
    for what, (name, content, why) in BAD.items():
        with pytest.raises(FileRefused) as refused:
            bring(office, code, name, content)
        assert refused.value.why == why, f"{what}: {refused.value.message}"
        assert refused.value.message.startswith("Không nhận tệp “"), what
    assert left_on_disk(folder_of(office)) == []
    assert office.count("attachments") == office.count("stored_files") == 0
    assert office.events(code, "attachment_added") == []


@pytest.mark.any_database
def test_two_gigabytes_are_turned_away_after_the_first_bytes_too_many(office: Office) -> None:
    code, stream = office.receive(), Endless(2 << 30)
    with pytest.raises(FileRefused, match="lớn hơn 25 MB"):
        office.engine.attachments.add(office.person("lan"), code, "", stream, "đơn.pdf", office.now)  # type: ignore[arg-type]
    assert stream.read_bytes <= 27 << 20
    assert left_on_disk(folder_of(office)) == []


def test_what_is_kept_is_listed_by_item_shown_and_written_in_the_history(office: Office) -> None:
    code = office.receive()
    item = office.dossier(code).items[0].id
    version = office.dossier(code).act_version
    for name, (content, _kind, _pages) in GOOD.items():
        bring(office, code, name, content, item=item)
    found = office.engine.attachments.of(office.person("minh"), code)
    assert {line.name: (line.kind, line.pages) for line in found.places[0].files} == {
        name: (kind, pages) for name, (_content, kind, pages) in GOOD.items()
    }
    assert office.dossier(code).act_version == version, "whoever has a form of the dossier open may still send it"
    assert [event["name"] for event in office.events(code, "attachment_added")] == list(GOOD)
    first = found.places[0].files[0]
    opened = office.engine.attachments.open(office.person("minh"), code, first.id)
    assert opened.path.read_bytes() == GOOD["đơn.pdf"][0]
    assert opened.path.stat().st_mode & 0o777 == 0o400
    for line in found.places[0].files[:4]:
        shown = office.engine.attachments.picture(office.person("minh"), code, line.id, 1, 900)
        assert shown.startswith(b"\x89PNG")
        assert shown == office.engine.attachments.picture(office.person("minh"), code, line.id, 1, 900)
    with pytest.raises(NotFound):
        office.engine.attachments.picture(office.person("minh"), code, first.id, 4, 900)


@pytest.mark.any_database
def test_a_preview_tells_nothing_of_what_the_camera_noted(office: Office) -> None:
    code, noted = office.receive(), Image.Exif()
    noted[0x010E] = "nhà riêng của chủ hồ sơ"
    noted[0x0112] = 6  # lies on its side
    number = bring(office, code, "ảnh.jpg", picture(size=(400, 200), exif=noted))
    shown = Image.open(io.BytesIO(office.engine.attachments.picture(office.person("lan"), code, number, 1, 900)))
    assert (shown.size, dict(shown.getexif()), shown.info.get("exif")) == ((200, 400), {}, None)


def test_one_content_lies_on_the_disk_once_and_leaves_with_its_last_place(office: Office) -> None:
    code, other = office.receive(), office.receive()
    numbers = [bring(office, each, f"{n}.pdf", pdf()) for n, each in enumerate((code, code, other))]
    assert len(left_on_disk(folder_of(office))) == 1
    assert office.rows("SELECT refs FROM stored_files") == [(3,)]
    attachments, keeping = office.engine.attachments, office.engine.file_keeping
    with pytest.raises(FormRefused) as wrong:
        attachments.remove(office.person("lan"), code, numbers[0], " ", at=office.now)
    assert REASON in wrong.value.fields
    for each, number in zip((code, code, other), numbers, strict=True):
        attachments.remove(office.person("lan"), each, number, "Quét nhầm hồ sơ khác", at=office.now)
    with pytest.raises(NotAllowedNow):
        attachments.open(office.person("lan"), code, numbers[0])
    assert attachments.of(office.person("lan"), code).removed[0].removed_reason == "Quét nhầm hồ sơ khác"
    later = office.now + timedelta(days=364)
    assert keeping.tidy(later).wiped == 0
    assert keeping.tidy(later + timedelta(days=2)).wiped == 1
    assert left_on_disk(folder_of(office)) == []
    assert office.count("attachments", "wiped_at IS NOT NULL") == 3
    bring(office, code, "lại.pdf", pdf())
    assert keeping.check(office.now).ok


def test_only_who_has_to_do_with_a_dossier_reads_brings_and_removes(office: Office) -> None:
    code = office.receive()
    number = bring(office, code, "đơn.pdf", pdf(), by="minh")
    attachments = office.engine.attachments
    strangers = [person for person in _cast(office) if not _sees(office, person, code)]
    assert strangers, "somebody of the cast has nothing to do with the dossier"
    for person in strangers:
        for act in (
            lambda who: attachments.of(who, code),
            lambda who: attachments.open(who, code, number),
            lambda who: attachments.picture(who, code, number, 1, 900),
            lambda who: attachments.add(who, code, "", io.BytesIO(pdf()), "a.pdf", office.now),
            lambda who: attachments.remove(who, code, number, "x", at=office.now),
        ):
            with pytest.raises(NotFound):
                act(office.person(person))
    with pytest.raises(Refused):
        bring(office, code, "a.pdf", pdf(), by="giam")
    with pytest.raises(Refused):
        attachments.remove(office.person("lan"), code, number, "không phải của tôi", at=office.now)
    with pytest.raises(NotFound):
        attachments.open(office.person("lan"), office.receive(), number)
    attachments.remove(office.person("thanh"), code, number, "lãnh đạo gỡ", at=office.now)


def test_an_answer_of_another_unit_brings_files_or_is_not_given(office: Office) -> None:
    code, opinions = office.receive(), office.engine.opinions
    office.do(code, by="lan")
    minh, khue = office.person("minh"), office.person("khue")
    opinions.ask(minh, code, DEPARTMENT, "Thửa đất có trong quy hoạch không?", 2, at=office.now)
    (asked,) = opinions.waiting(khue, at=office.now)[0]
    map_, wrong = ("Trích lục.pdf", io.BytesIO(pdf())), ("Bản đồ.pdf", io.BytesIO(b"MZ"))
    with pytest.raises(OpinionRefused) as refused:
        opinions.answer(khue, code, asked.id, "agree", "Phù hợp", [map_, wrong], at=office.now)
    assert "Bản đồ.pdf" in refused.value.fields["opinion_files"]
    assert (office.count("attachments"), left_on_disk(folder_of(office))) == (0, [])
    assert opinions.waiting(khue, at=office.now)[0], "the answer was not given without its file"
    with pytest.raises(Refused):
        opinions.answer(minh, code, asked.id, "agree", "Tự trả lời", [map_], at=office.now)
    map_[1].seek(0)
    opinions.answer(khue, code, asked.id, "agree", "Phù hợp", [map_], at=office.now)
    files = office.engine.attachments.of(minh, code)
    assert [line.name for line in files.of_opinion(asked.id)] == ["Trích lục.pdf"]
    assert [event["name"] for event in office.events(code, "attachment_added")] == ["Trích lục.pdf"]


def _cast(office: Office) -> list[str]:
    return [str(row[0]) for row in office.rows("SELECT username FROM people ORDER BY id")]


def _sees(office: Office, username: str, code: str) -> bool:
    try:
        office.engine.dossiers.view(office.person(username), code, at=office.now)
    except NotFound:
        return False
    return True


@pytest.mark.any_database
def test_the_scan_folder_of_a_desk_is_emptied_into_its_dossiers_only(
    database_copy: Callable[[Callable[[str], object]], str], tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "quét 1.pdf").write_bytes(pdf())
    (scans / "quét 2.pdf").write_bytes(b"MZ")
    (scans / ".half.pdf").write_bytes(pdf())
    (scans / "secret.pdf").symlink_to(ROOT / "config.yaml")
    folders = {"BS-TTPVHCC": str(scans)}
    with office_with_files(database_copy(prepare_office), tmp_path / "files", scan_folders=folders) as office:
        code, attachments, lan = office.receive(), office.engine.attachments, office.person("lan")
        assert {scan.name for scan in attachments.scans(lan, "BS-TTPVHCC")} == {"quét 1.pdf", "quét 2.pdf"}
        with pytest.raises(NotFound):
            attachments.scans(office.person("minh"), "BS-TTPVHCC")
        names = ["quét 1.pdf", "quét 2.pdf", "../files/x", "secret.pdf"]
        taken = attachments.take_scans(lan, code, "", "BS-TTPVHCC", names, at=office.now)
        assert [each.attachment_id is not None for each in taken] == [True, False, False, False]
        assert sorted(path.name for path in scans.iterdir()) == [".half.pdf", "quét 2.pdf", "secret.pdf"]


@pytest.mark.any_database
def test_disk_and_books_are_compared(office: Office) -> None:
    code = office.receive()
    for number in range(3):
        bring(office, code, f"{number}.pdf", pdf(number + 1))
    folder, keeping = folder_of(office), office.engine.file_keeping
    kept = left_on_disk(folder)
    assert keeping.check(office.now).ok
    kept[0].unlink()
    kept[1].chmod(0o600)
    kept[1].write_bytes(b"changed")
    stray = folder / "ab" / "cd" / ("abcd" + "0" * 60)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"stray")
    told = keeping.check(office.now, repair=True)
    assert not told.ok
    assert (told.missing, told.corrupted, told.orphaned, told.removed) == (
        (kept[0].name,), (kept[1].name,), (stray.name,), 1,
    )  # fmt: skip
    assert not stray.exists()
    assert keeping.check(office.now).orphaned == ()
    assert not next(check for check in office.engine.health(office.now).checks if check.name == "Kho tệp").ok


def test_what_a_killed_process_was_receiving_is_swept_and_what_a_living_one_receives_is_not(tmp_path: Path) -> None:
    program = (
        "import sys, io, pathlib\nfrom engine.files.store import Store\n"
        "class Slow(io.RawIOBase):\n"
        "    def read(self, size=-1):\n"
        "        print('reading', flush=True); sys.stdin.readline(); return b''\n"
        "with Store(pathlib.Path(sys.argv[1])).receiving(Slow(), 10): pass\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"reading\n"
        store = Store(tmp_path)
        assert (store.sweep(), len(left_on_disk(tmp_path))) == (0, 1)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert (store.sweep(), left_on_disk(tmp_path)) == (1, [])


def test_two_at_once_bring_the_same_content_and_it_is_kept_once(office: Office) -> None:
    codes = [office.receive() for _each in range(4)]
    office.person("lan")
    faults: list[MotCuaError] = []

    def act(code: str) -> None:
        try:
            bring(office, code, "đơn.pdf", pdf())
        except MotCuaError as error:
            faults.append(error)

    threads = [threading.Thread(target=act, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert office.rows("SELECT refs FROM stored_files") == [(4,)]
    assert len(left_on_disk(folder_of(office))) == 1


# --- the virus scanner ------------------------------------------------------------------------------------------------


@contextmanager
def clamd(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon that speaks the words of clamd: reads the pieces of a file, says its verdict."""
    seen: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    line, _address = server.accept()
                except OSError:
                    return
                with line, line.makefile("rb") as words:
                    assert words.read(10) == b"zINSTREAM\0"
                    content = b""
                    while size := struct.unpack("!L", words.read(4))[0]:
                        content += words.read(size)
                    seen.append(content)
                    line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}", seen
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def scanner(address: str, when_away: str = "wait") -> dict[str, object]:
    return {"kind": "clamd", "address": address, "timeout_seconds": 60, "when_away": when_away}


@pytest.mark.any_database
def test_a_scanner_says_what_comes_in_and_while_it_is_away_nobody_opens_what_waits(
    database_copy: Callable[[Callable[[str], object]], str], tmp_path: Path
) -> None:
    url, folder = database_copy(prepare_office), tmp_path / "files"
    with clamd(b"stream: Eicar-Test-Signature FOUND\0") as (address, seen):  # noqa: SIM117 - the scanner, then the house
        with office_with_files(url, folder, scanner=scanner(address)) as office:
            code = office.receive()
            with pytest.raises(FileRefused, match="Eicar-Test-Signature"):
                bring(office, code, "đơn.pdf", pdf())
            assert seen == [pdf()]
            assert left_on_disk(folder) == []
    away = "tcp:127.0.0.1:9"
    with (
        office_with_files(url, folder, scanner=scanner(away, "refuse")) as office,
        pytest.raises(FileRefused) as refused,
    ):
        bring(office, code, "đơn.pdf", pdf())
    assert refused.value.why == "unscanned"
    with office_with_files(url, folder, scanner=scanner(away)) as office:
        clean, bad = bring(office, code, "đơn.pdf", pdf()), bring(office, code, "xấu.pdf", pdf(2))
        with pytest.raises(NotAllowedNow, match="chưa được quét"):
            office.engine.attachments.open(office.person("lan"), code, clean)
        assert office.engine.file_keeping.tidy(office.now).scanner_away
        assert office.engine.file_keeping.look().waiting == 2
    with clamd(b"stream: OK\0") as (address, seen):  # noqa: SIM117 - the scanner, then the house
        with office_with_files(url, folder, scanner=scanner(address)) as office:
            office.engine.attachments.remove(office.person("lan"), code, bad, "thôi", at=office.now)
            assert office.engine.file_keeping.tidy(office.now).scanned == 2
            line = office.engine.attachments.of(office.person("lan"), code).find(clean)
            assert line is not None
            assert (line.scan, line.may_open) == (ScanState.CLEAN, True)
    with office_with_files(url, folder, scanner=scanner(away)) as office:
        later = bring(office, code, "sau.pdf", pdf(4))
    with clamd(b"stream: Bad FOUND\0") as (address, seen):  # noqa: SIM117 - the scanner, then the house
        with office_with_files(url, folder, scanner=scanner(address)) as office:
            assert office.engine.file_keeping.tidy(office.now).infected == 1
            assert office.events(code, "attachment_infected")[0]["virus"] == "Bad"
            with pytest.raises(NotAllowedNow, match="mã độc"):
                office.engine.attachments.open(office.person("lan"), code, later)
            assert office.engine.audit.verify().ok
