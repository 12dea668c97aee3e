"""What somebody uploaded becomes the files of a draft, or the reason why it does not. Runs in the child process."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from engine.archives import BROKEN_ZIP
from engine.domain.process import Problem
from engine.process.drafting.model import TakenIn
from engine.process.importing.examine import examine_import
from engine.process.problems import Place, report
from engine.process.safe_xml import BPMN, MAX_BYTES, XmlRefused, name_of, read_xml

MAX_FILES = 40
MAX_UNPACKED = 8 * 1024 * 1024
_CHUNK = 65_536
_ZIP = b"PK\x03\x04"
_DIAGRAMS, _FACTS, _TABLES = (".bpmn", ".bpmn2", ".xml"), (".yaml", ".yml"), (".dmn",)
_OWN = b"urn:motcua:bpmn:1"
_STORIES = re.compile(rb"^stories:", re.MULTILINE)
_PROCESS = re.compile(rb"^process:\s*[\"']?([A-Za-z0-9_.-]+)", re.MULTILINE)
_DECLARATION, _UTF_8 = re.compile(r"^\s*<\?xml[^>]*\?>"), '<?xml version="1.0" encoding="UTF-8"?>'
_CALLED = re.compile(rb'calledElement="([^"]+)"')


class UploadRefused(Exception):
    """The upload cannot become a draft."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message_en)
        self.problem = problem


def take_in(folder: Path, shared: Collection[str]) -> TakenIn:
    """Take apart what lies in `folder`; `shared` are the diagrams of the installation that one may call."""
    try:
        return _sort(dict(_contents(folder)), frozenset(shared))
    except UploadRefused as refused:
        return TakenIn(problems=(refused.problem,))


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every uploaded file by its bare name, archives opened, nothing read beyond its limit."""
    for path in sorted(folder.iterdir()):
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path.name, f"{MAX_BYTES // 1024 // 1024} MB")
        content = path.read_bytes()
        if content.startswith(_ZIP):
            yield from _unpacked(path)
        else:
            yield path.name, content


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES:
                raise _too_large(path.name, f"{MAX_FILES} tệp")
            for entry in entries:
                content = b""
                with archive.open(entry) as stream:
                    while chunk := stream.read(_CHUNK):
                        content += chunk
                        left -= len(chunk)
                        if left < 0:
                            raise _too_large(path.name, f"{MAX_UNPACKED // 1024 // 1024} MB sau khi giải nén")
                place = PurePosixPath(entry.filename.replace("\\", "/"))
                inner = f"shared/{place.name}" if place.parent.name == "shared" else place.name
                yield inner, content
    except BROKEN_ZIP as error:
        problem = report("file_unreadable", Place(path.name), reason=f"{path.name}: {type(error).__name__}")
        raise UploadRefused(problem) from error


def _too_large(name: str, limit: str) -> UploadRefused:
    return UploadRefused(report("too_large", Place(name), limit=f"{name}: {limit}"))


def _sort(contents: dict[str, bytes], shared: frozenset[str]) -> TakenIn:
    def of(suffixes: tuple[str, ...]) -> dict[str, bytes]:
        return {name: content for name, content in contents.items() if name.lower().endswith(suffixes)}

    sheets = of(_FACTS)
    stories = {name: content for name, content in sheets.items() if _STORIES.search(content)}
    facts = {name: content for name, content in sheets.items() if name not in stories and _PROCESS.search(content)}
    diagrams: dict[str, bytes] = {}
    called: dict[str, bytes] = {}
    for name, content in of(_DIAGRAMS).items():
        (called if name.startswith("shared/") else diagrams)[name] = content
    known = {*sheets, *diagrams, *called, *of(_TABLES)}
    strange = sorted(set(contents) - known)
    if strange and not diagrams:
        raise UploadRefused(report("not_text", Place(strange[0])))
    if len(facts) > 1 or len(stories) > 1 or len(diagrams) > 1:
        raise UploadRefused(report("draft_several", files=", ".join(sorted({*facts, *diagrams}))))
    if not diagrams:
        raise UploadRefused(report("draft_without_diagram"))
    ((name, content),) = diagrams.items()
    parts = {"yaml": facts, "tests": stories, "dmn": of(_TABLES), "shared": called}
    if _is_own(content, shared):
        return _own(name, content, parts)
    return _imported(content, parts)


def _is_own(content: bytes, shared: frozenset[str]) -> bool:
    """Whether a drawing speaks our language already: it has our extension, or calls diagrams that lie here."""
    return _OWN in content or any(found.decode("utf-8", "replace") in shared for found in _CALLED.findall(content))


def _own(name: str, content: bytes, parts: dict[str, dict[str, bytes]]) -> TakenIn:
    stem = Path(name).stem
    try:
        root = read_xml(content)
    except XmlRefused as refused:
        return TakenIn(problems=(refused.problem,))
    processes = [child for child in root if name_of(child.tag) == (BPMN, "process")]
    stem = (processes[0].get("id") or stem) if len(processes) == 1 else stem
    return _named(stem, {f"{stem}.bpmn": content}, parts)


def _imported(content: bytes, parts: dict[str, dict[str, bytes]]) -> TakenIn:
    """A drawing of another tool, rewritten; what it calls in its own file becomes a shared diagram of the draft."""
    found = examine_import(content)
    if not found.written:
        return TakenIn(problems=found.problems, changes=found.changes)
    called = {name.encode() for text in found.written.values() for name in _called_in(text)}
    mains = [name for name in found.written if name.encode() not in called] or list(found.written)
    if len(mains) > 1:
        raise UploadRefused(report("draft_several", files=", ".join(mains)))
    stem = mains[0]
    files = {f"{stem}.bpmn": found.written[stem].encode()}
    files |= {f"shared/{name}.bpmn": text.encode() for name, text in found.written.items() if name != stem}
    taken = _named(stem, files, parts)
    return TakenIn(taken.stem, taken.files, (*found.problems, *taken.problems), found.changes)


def _called_in(text: str) -> list[str]:
    return re.findall(r'calledElement="([^"]+)"', text)


def _named(stem: str, files: dict[str, bytes], parts: dict[str, dict[str, bytes]]) -> TakenIn:
    """Give every file the name of the process."""
    for content in parts["yaml"].values():
        files[f"{stem}.yaml"] = content
    for content in parts["tests"].values():
        files[f"tests/{stem}.yaml"] = content
    for content in parts["dmn"].values():
        files[f"{stem}.dmn"] = content
    files |= parts["shared"]
    texts = {}
    for name, content in files.items():
        try:
            texts[name] = _DECLARATION.sub(_UTF_8, content.decode("utf-8-sig"), count=1)
        except UnicodeDecodeError:
            return TakenIn(problems=(report("unknown_encoding", Place(name), found=name),))
    return TakenIn(stem, texts)
