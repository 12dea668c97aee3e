"""One dossier as files that anybody can read without this program: a page without scripts, tables, JSON, a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date, datetime
from enum import Enum
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.tables.comma import csv_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_STYLE = (
    "body{font:16px/1.55 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2320}"
    "body{background:#fff}.drawing{overflow-x:auto}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #d7dcd6}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid #d7dcd6;overflow-wrap:anywhere}img{max-width:100%}small{color:#55605a}"
    ".ok{color:#175c36}.bad{color:#9b1c14;font-weight:700}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading: `name` is that of its file."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """A file of the dossier that is carried out as it is: a letter, something that was brought."""

    path: str
    title: str
    content: bytes | Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Telling:
    """All that is told of one dossier. `chain`: whether the history is as it was written, and what says so."""

    code: str
    applicant: str
    procedure: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    files: tuple[Carried, ...]
    missing: tuple[str, ...]
    diagram: str
    chain_ok: bool
    chain: str
    data: Mapping[str, Any] = field(default_factory=dict)


def files_of(telling: Telling, zone: ZoneInfo) -> dict[str, bytes | Path]:
    """Every file of the export by its path; the same dossier gives the same files, byte for byte."""
    files: dict[str, bytes | Path] = {
        "index.html": _page(telling).encode(),
        "data.json": _json(plain(telling.data, zone)),
        "diagram.svg": telling.diagram.encode(),
    }
    files |= {f"tables/{table.name}.csv": csv_text(table.columns, table.rows).encode() for table in telling.tables}
    files |= {carried.path: carried.content for carried in telling.files}
    lines = [f"{_digest(content)}  {path}" for path, content in sorted(files.items())]
    files["manifest.sha256"] = ("\n".join(lines) + "\n").encode()
    return files


def plain(value: Any, zone: ZoneInfo) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Values of the engine as JSON can hold them; instants with the offset of the office."""
    match value:
        case datetime():
            return value.astimezone(zone).isoformat()
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case Mapping():
            return {str(key): plain(each, zone) for key, each in value.items()}
        case list() | tuple():
            return [plain(each, zone) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value), zone)
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _digest(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _page(telling: Telling) -> str:
    parts = [
        '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(telling.code)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Hồ sơ {escape(telling.code)}</h1><p>{escape(telling.applicant)}<br>{escape(telling.procedure)}</p>",
        "<h2>Thông tin hồ sơ</h2>",
        _rows(("Mục", "Nội dung"), telling.facts),
    ]
    for table in telling.tables:
        parts += [f"<h2>{escape(table.title)}</h2>", _rows(table.columns, table.rows)]
    parts += ["<h2>Văn bản và tệp đính kèm</h2>", _links(telling)]
    parts += ["<h2>Hồ sơ đang ở đâu</h2>", f'<div class="drawing">{telling.diagram}</div>']
    parts += ["<h2>Kiểm chứng</h2>", _proof(telling), "</body></html>\n"]
    return "\n".join(parts)


def _rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>" if body else "<p>Không có.</p>"


def _links(telling: Telling) -> str:
    lines = [
        f'<li><a href="{escape(each.path)}">{escape(each.title)}</a><br><small>SHA-256 {each.sha256}</small></li>'
        for each in telling.files
    ]
    lines += [f'<li class="bad">{escape(each)}</li>' for each in telling.missing]
    return f"<ul>{''.join(lines)}</ul>" if lines else "<p>Không có.</p>"


def _proof(telling: Telling) -> str:
    look = "ok" if telling.chain_ok else "bad"
    return (
        f'<p class="{look}">{escape(telling.chain)}</p>'
        "<p>Mỗi dòng nhật ký mang mã băm SHA-256 của dòng trước nó (cột prev, hash trong data.json). "
        "Tệp manifest.sha256 ghi mã băm của mọi tệp trong thư mục này; kiểm tra bằng lệnh "
        "<code>sha256sum -c manifest.sha256</code>.</p>"
    )
