"""The words and stylesheets that letters are made of, as one value with a digest.

A letter names the digest of the set it was issued with. Whoever keeps the set (`to_json`) can print the letter again as
it was, byte for byte, whatever has become of the templates of the package since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from letters.errors import LetterDataUnreadable

_HERE = Path(__file__).parent
_PLACES = (("templates", "*.html"), ("assets", "*.css"))


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """All templates (`templates/apology.html`) and stylesheets (`assets/a4.css`) by path, and their SHA-256."""

    files: Mapping[str, str]
    digest: str

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Self:
        """Make a set of these files."""
        kept = MappingProxyType(dict(sorted(files.items())))
        return cls(kept, hashlib.sha256(_canonical(kept).encode()).hexdigest())

    @classmethod
    def from_json(cls, text: str, digest: str) -> Self:
        """Read what `to_json` wrote; raises `LetterDataUnreadable` where it is not the set of that digest."""
        try:
            found = cls.of(json.loads(text))
        except (ValueError, TypeError, AttributeError) as fault:
            raise LetterDataUnreadable(f"Bộ mẫu «{digest[:12]}» không đọc được: {fault}.") from fault
        if found.digest != digest:
            raise LetterDataUnreadable(f"Bộ mẫu «{digest[:12]}» đã bị thay đổi: dấu băm không khớp.")
        return found

    def to_json(self) -> str:
        """Return the files as canonical JSON: what to keep, so that letters of this set can be printed for good."""
        return _canonical(self.files)

    def changed(self, changes: Mapping[str, str]) -> Self:
        """Return a set with some files changed or added."""
        return self.of({**self.files, **changes})

    def templates(self) -> dict[str, str]:
        """Return the templates by the name that other templates use for them."""
        return {path.removeprefix("templates/"): text for path, text in self.files.items() if path.endswith(".html")}

    def stylesheet(self, name: str) -> str:
        """Return the text of a stylesheet, named without its folder and ending."""
        return self.files[f"assets/{name}.css"]


@cache
def packaged() -> TemplateSet:
    """Return the set that this version of the package brings."""
    paths = [path for folder, pattern in _PLACES for path in (_HERE / folder).glob(pattern)]
    return TemplateSet.of({f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in paths})


def _canonical(files: Mapping[str, str]) -> str:
    return json.dumps(dict(files), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
