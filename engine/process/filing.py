"""Where versions lie: a folder named by a day holds a version of its own, with files named as ever."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.process.problems import Place, report

if TYPE_CHECKING:
    from pathlib import Path

    from engine.domain.process import Problem
    from engine.domain.versions import Version


def where_of(path: Path) -> str:
    """Name the facts of a diagram so that versions of one stem are told apart."""
    facts = path.with_suffix(".yaml").name
    return f"{path.parent.name}/{facts}" if is_version_folder(path.parent.name) else facts


def is_version_folder(name: str) -> bool:
    """Whether a folder is named by a day, as those of versions are."""
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def span_text(version: Version) -> str:
    """From which day to which day a version holds, in words."""
    starts = f"từ {version.effective_from:%d/%m/%Y}" if version.effective_from else "không ghi ngày bắt đầu"
    return f"{starts} đến hết {version.effective_to:%d/%m/%Y}" if version.effective_to else starts


def repeated(other: Version, day: date) -> Problem:
    """The problem that two versions are in force together; `other` is the one that was there already."""
    since = f"{day:%d/%m/%Y}" if day > date.min else "–"
    return report(
        "procedure_repeated", Place("code"), procedure=other.code, other=other.where, version=other.version, since=since
    )
