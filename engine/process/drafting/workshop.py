"""A draft laid out in a folder of its own, as an office would have it, for as long as somebody looks at it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.process.drafting.model import Files
from engine.process.sources import pack, unpack

_SHARED, _OWN = "shared", ".own"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a draft lies: its folder, its diagram, the shared diagrams it may call, its stories."""

    folder: Path
    stem: str
    shared: Path

    @property
    def diagram(self) -> Path:
        """The diagram of the draft."""
        return self.folder / f"{self.stem}.bpmn"

    @property
    def stories(self) -> Path:
        """The stories of the draft, which need not be there."""
        return self.folder / "tests" / f"{self.stem}.yaml"


@contextmanager
def laid_out(files: Files, stem: str, shared: Path) -> Iterator[Bench]:
    """Lay a draft out beside the installation's shared diagrams; its own shared diagrams hide none of those."""
    with tempfile.TemporaryDirectory(prefix="motcua-draft-") as scratch:
        folder = Path(scratch) / "draft"
        folder.mkdir()
        near = Path(scratch) / _SHARED
        own = {name: text for name, text in files.items() if name.startswith(f"{_SHARED}/")}
        _lay_shared(near, own, shared)
        for name, text in files.items():
            if name not in own:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
        yield Bench(folder, stem, near if own else shared)


def _lay_shared(near: Path, own: Files, shared: Path) -> None:
    if not own:
        near.symlink_to(shared.absolute(), target_is_directory=True)
        return
    near.mkdir()
    (near / _OWN).touch()
    for path in shared.iterdir():
        (near / path.name).symlink_to(path.absolute())
    for name, text in own.items():
        path = near / Path(name).name
        if not path.exists():
            path.write_text(text, "utf-8")


def packed(files: Files) -> bytes:
    """The files as one archive: the same bytes for the same files."""
    return pack({name: text.encode() for name, text in files.items()})


def unpacked(content: bytes) -> dict[str, str]:
    """The files of an archive that `packed` made."""
    return {name: content.decode() for name, content in unpack(content).items()}
