"""What was found in a file that says it is a letter, as values: asking for it needs none of the libraries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Problem(StrEnum):
    """What is wrong with a signature; the first that was found."""

    NONE = ""
    UNSIGNED = "unsigned"
    ALTERED = "altered"
    UNKNOWN_SIGNER = "unknown_signer"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    BAD_TIMESTAMP = "bad_timestamp"

    @property
    def label(self) -> str:
        """What people are told."""
        return _LABELS[self]


_LABELS = {
    Problem.NONE: "",
    Problem.UNSIGNED: "Tệp không có chữ ký số",
    Problem.ALTERED: "Tệp đã bị sửa sau khi ký",
    Problem.UNKNOWN_SIGNER: "Người ký không thuộc danh sách được tin cậy",
    Problem.EXPIRED: "Chứng thư số đã hết hạn tại thời điểm ký",
    Problem.NOT_YET_VALID: "Chứng thư số chưa có hiệu lực tại thời điểm ký",
    Problem.REVOKED: "Chứng thư số đã bị thu hồi",
    Problem.BAD_TIMESTAMP: "Dấu thời gian kèm chữ ký không hợp lệ",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to trust: a folder of certificates of roots (PEM or DER) and one of CRLs and OCSP answers (.crl, .ocsp).

    A folder that is not there is an empty one. Nothing is fetched from anywhere.
    """

    roots: tuple[Path, ...] = ()
    revocation: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one file says. `claims` are the words of its own data (number, address of its page): not proven by itself.

    `moment` is when it was signed: by its time stamp, by what the asker knows, or (`is_proven` false) by its own word.
    """

    signed: bool
    intact: bool
    trusted: bool
    problem: Problem
    signer: str = ""
    issuer: str = ""
    moment: datetime | None = None
    is_proven: bool = False
    has_timestamp: bool = False
    claimed_number: str = ""
    claimed_url: str = ""
