"""Which files people may bring, how large, where they are kept, and who looks for viruses in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from engine.domain.attachments import FileKind, Limits
from engine.settings.strict import Strict

MEGABYTE = 1024 * 1024
Verdict = Literal["refuse", "flag"]


class ScannerSettings(Strict):
    """Who looks for viruses.

    `clamd` is asked at `address`: ``unix:/run/clamav/clamd.ctl`` or ``tcp:127.0.0.1:3310``. While it does not answer,
    files are refused, or (`wait`) kept where nobody can open them until it does.
    """

    kind: Literal["none", "clamd"] = "none"
    address: str = Field("unix:/run/clamav/clamd.ctl", pattern=r"^(unix:/.+|tcp:[^:\s]+:\d{1,5})$")
    timeout_seconds: float = Field(20, gt=0, le=600)
    when_away: Literal["refuse", "wait"] = "wait"


class FileSettings(Strict):
    """Files that people bring to a dossier.

    `folder` is outside everything that is served. `scan_folders` are the folders into which the scanner of a desk
    drops what it reads, by the code of the unit. What was removed is kept `keep_removed_days` more, then wiped.
    """

    folder: Path = Path("var/files")
    kinds: tuple[FileKind, ...] = (FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF)
    largest_file_mb: int = Field(25, ge=1, le=500)
    largest_request_mb: int = Field(100, ge=1, le=1000)
    largest_dossier_mb: int = Field(300, ge=1, le=10_000)
    most_pages: int = Field(2000, ge=1, le=20_000)
    most_megapixels: int = Field(120, ge=1, le=400)
    pdf_scripts: Verdict = "refuse"
    pdf_embedded: Verdict = "flag"
    check_seconds: float = Field(20, gt=0, le=300)
    check_memory_mb: int = Field(1024, ge=256, le=8192)
    checkers: int = Field(2, ge=1, le=16)
    keep_removed_days: int = Field(365, ge=0, le=36_500)
    scan_folders: dict[str, Path] = Field(default_factory=dict)
    scanner: ScannerSettings = ScannerSettings()

    @model_validator(mode="before")
    @classmethod
    def _kinds_once(cls, value: Any) -> Any:
        kinds = value.get("kinds") if isinstance(value, dict) else None
        if isinstance(kinds, list | tuple) and (not kinds or len(set(kinds)) != len(kinds)):
            message = "kinds: cần ít nhất một loại tệp, mỗi loại ghi một lần"
            raise ValueError(message)
        return value

    @property
    def largest_file(self) -> int:
        """Bytes that one file may have."""
        return self.largest_file_mb * MEGABYTE

    @property
    def largest_request(self) -> int:
        """Bytes that may be sent at once: at least one file and the form around it."""
        return max(self.largest_request_mb, self.largest_file_mb + 1) * MEGABYTE

    @property
    def largest_dossier(self) -> int:
        """Bytes that all files of one dossier may have together."""
        return self.largest_dossier_mb * MEGABYTE

    @property
    def limits(self) -> Limits:
        """What a person is told before they choose a file, and what the check obeys."""
        return Limits(
            kinds=self.kinds,
            largest_file=self.largest_file,
            largest_dossier=self.largest_dossier,
            most_pages=self.most_pages,
            most_pixels=self.most_megapixels * 1_000_000,
            refuses_scripts=self.pdf_scripts == "refuse",
            refuses_embedded=self.pdf_embedded == "refuse",
        )

    def anchored(self, base: Path) -> FileSettings:
        """Return the same with relative paths read from the folder of the settings' file."""
        folders = {code: base / path for code, path in self.scan_folders.items()}
        return self.model_copy(update={"folder": base / self.folder, "scan_folders": folders})
