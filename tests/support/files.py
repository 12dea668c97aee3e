"""Files that people bring, good and bad ones, and an office whose store lies in a folder of the test."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from engine.config import load_settings
from engine.settings.files import FileSettings
from tests.builders import ROOT, Office, an_office


def files_in(folder: Path, **changes: Any) -> FileSettings:
    """The settings of the demonstration province with a store of one's own."""
    of_house = load_settings(ROOT / "config.yaml").files.model_dump()
    return FileSettings(**(of_house | {"folder": folder, "checkers": 1} | changes))


@contextmanager
def office_with_files(url: str, folder: Path, **changes: Any) -> Iterator[Office]:
    with an_office(url, files=files_in(folder, **changes)) as office:
        yield office


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    return saved(Image.new("RGB", size, (180, 40, 40)), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def pdf(pages: int = 1, **root: Any) -> bytes:
    document = pikepdf.new()
    for _page in range(pages):
        document.add_blank_page(page_size=(595, 842))
    for name, value in root.items():
        document.Root[f"/{name}"] = value
    written = io.BytesIO()
    document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return written.getvalue()


def locked_pdf(user: str = "") -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    written = io.BytesIO()
    document.save(written, encryption=pikepdf.Encryption(owner="x", user=user))
    return written.getvalue()


def vast_png(width: int, height: int) -> bytes:
    """A small file that says it is a picture of so many points."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def archive(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()


def docx(**more: bytes) -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>", **more})


class Endless(io.RawIOBase):
    """So many bytes of a PDF that nobody wrote; counts how many were asked for."""

    def __init__(self, size: int) -> None:
        self.left, self.read_bytes = size, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        many = min(self.left, size if size > 0 else self.left)
        self.left -= many
        self.read_bytes += many
        return b"%PDF-1.7 " + b"x" * (many - 9) if many > 9 else b"x" * many


def left_on_disk(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
