"""Letters that were issued once, with the forms of that day: what they were made of, and what came out.

`python -m tests.letters.golden` writes everything anew. Do that only when the change that made it necessary was meant,
and look at the pictures first: a letter of last year should not change.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from letters import Letter, Rendered, fonts, from_json, to_json
from letters.render import Renderer
from letters.template_sets import TemplateSet, packaged
from tests.letters.reading import picture_of, squeezed, text_of
from tests.letters.samples import LONG, ORDINARY, OTHERS

FOLDER = Path(__file__).parent
FORMS, BOOK = FOLDER / "forms.json", FOLDER / "letters.json"
DPI = 18
CHOSEN: dict[str, Letter] = {
    **ORDINARY,
    "apology-2018": OTHERS["apology of 2018"],
    "discontinuation-long": LONG["discontinuation"],
}
NEEDED = ("base", "parts", *ORDINARY)
SHEETS = ("base", "a4", "a4-close", "a4-slip", "a5")


def makers() -> dict[str, str]:
    """Whatever else decides about the bytes of a letter, by name and version."""
    from weasyprint.text.ffi import ffi, harfbuzz, pango

    found = {
        name: version(name) for name in ("weasyprint", "pydyf", "tinyhtml5", "tinycss2", "segno", "python-barcode")
    }
    found["pango"] = str(pango.pango_version())
    if hasattr(harfbuzz, "hb_version_string"):
        found["harfbuzz"] = ffi.string(harfbuzz.hb_version_string()).decode()
    faces = b"".join((fonts.FOLDER / face).read_bytes() for face in fonts.FACES)
    return {**found, "zlib": zlib.ZLIB_RUNTIME_VERSION, "fonts": hashlib.sha256(faces).hexdigest()[:16]}


def forms() -> TemplateSet:
    """The forms with which these letters were issued."""
    text = FORMS.read_text(encoding="utf-8")
    return TemplateSet.from_json(text, book()["forms"])


def book() -> dict[str, Any]:
    """What came out then: the digest of the forms, what made it, and each letter."""
    found = json.loads(BOOK.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def letter(entry: Mapping[str, Any]) -> Letter:
    """The letter of an entry, from its frozen data."""
    return from_json(entry["form"], entry["data"])


def pictures(done: Rendered) -> list[Image.Image]:
    """Its pages, small and grey."""
    return [picture_of(done.pdf, page, DPI).convert("L").point(_in_sixteen_greys) for page in range(done.pages)]


def _in_sixteen_greys(value: int) -> int:
    return round(value / 17) * 17


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart, 0 to 255, as the eye would say: a hair's shift of a line is little."""
    return 255.0 if one.size != other.size else float(ImageStat.Stat(ImageChops.difference(one, other)).rms[0])


def words(done: Rendered) -> str:
    """The digest of every letter that a reader copies out of it."""
    return hashlib.sha256(squeezed(text_of(done.pdf)).encode()).hexdigest()


def write() -> None:
    """Write everything anew."""
    packed = packaged().files
    paths = [f"templates/{name}.html" for name in NEEDED] + [f"assets/{name}.css" for name in SHEETS]
    kept = TemplateSet.of({path: packed[path] for path in paths})
    FORMS.write_text(kept.to_json(), encoding="utf-8")
    renderer, entries = Renderer(is_warm=False), {}
    for name, one in CHOSEN.items():
        done = renderer.render(one, kept)
        for page, picture in enumerate(pictures(done), start=1):
            target = io.BytesIO()
            picture.save(target, "PNG", optimize=True)
            (FOLDER / f"{name}-{page}.png").write_bytes(target.getvalue())
        entries[name] = {
            "form": one.form,
            "pages": done.pages,
            "sha256": done.sha256,
            "words": words(done),
            "data": to_json(one),
        }
    found = {"forms": kept.digest, "makers": makers(), "letters": entries}
    BOOK.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
