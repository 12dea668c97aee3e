"""The only fonts a letter may use: four faces of Tinos (metrics of Times New Roman, TCVN 6909), never the system's.

Fontconfig is pointed at them through a file written at run time into a private cache folder, and only while a font
configuration is made: the rest of the process keeps its own fonts.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from letters.errors import LettersCannotRun

FACES = ("Tinos-Regular.ttf", "Tinos-Italic.ttf", "Tinos-Bold.ttf", "Tinos-BoldItalic.ttf")
FOLDER = Path(__file__).parent / "assets" / "fonts"
_CONFIGURATION = Path(__file__).parent / "assets" / "fonts.conf.in"
_environment_lock = threading.Lock()


def require() -> None:
    """Raise `LettersCannotRun` when a face is missing."""
    missing = [face for face in FACES if not (FOLDER / face).is_file()]
    if missing:
        raise LettersCannotRun(
            f"Thiếu phông chữ {', '.join(missing)} trong letters/assets/fonts: hãy chạy `make setup` rồi thử lại."
        )


@contextmanager
def only_ours() -> Iterator[None]:
    """Let fontconfig see our faces and nothing else inside the block."""
    with _environment_lock:
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(_configuration_file())
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


@cache
def coverage() -> frozenset[int]:
    """Return the code points that every face can draw."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a fifth of a second that only a renderer should pay

    require()
    covered: set[int] | None = None
    for face in FACES:
        with TTFont(FOLDER / face, lazy=True) as font:
            points = set(font.getBestCmap())
        covered = points if covered is None else covered & points
    return frozenset(covered or ())


@cache
def _configuration_file() -> Path:
    """Write fonts.conf for this installation: the same for every process, so writing it twice does no harm."""
    folder = _cache_folder()
    places = {"fonts": escape(str(FOLDER)), "cache": escape(str(folder / "fontconfig"))}
    text = Template(_CONFIGURATION.read_text(encoding="utf-8")).substitute(places)
    target = folder / "fonts.conf"
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as draft:
            draft.write(text)
        Path(draft.name).replace(target)
    return target


def _cache_folder() -> Path:
    """Return a folder that only we write to; a temporary one where the home folder is read-only."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    installation = hashlib.sha256(str(FOLDER).encode()).hexdigest()[:12]
    folder = Path(home) / "motcua" / f"letters-{installation}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "fontconfig").mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="motcua-letters-"))
    return folder
