"""Is this file a letter of ours? Asked by anybody, of any file: the file is examined in a process of its own."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, CannotRun, NotFound
from engine.domain.verification import VerifiedFile
from letters.signing import FileUnreadable, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.effects.office import Office
    from engine.persistence.records import LetterRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from letters.signing import Finding
    from letters.signing.checker import Checker

AT_ONCE = 2
PATIENCE_SECONDS = 10.0
_LETTER_PAGE, _RECEIPT_PAGE = "/xac-minh/", "/tra-cuu/"

NOT_REGISTERED = "Không có văn bản này trong sổ văn bản"
OTHER_BYTES = "Tệp khác với bản đã ban hành trong sổ văn bản"
SIGNATURE_TAKEN_OFF = "Bản đã ban hành có chữ ký số, tệp này thì không"


class NoPdf(BadInput):
    """{detail} Hãy chọn đúng tệp PDF của văn bản đã nhận."""

    code = "no_pdf"


class TooManyFiles(CannotRun):
    """Đang có nhiều tệp được kiểm tra cùng lúc. Hãy thử lại sau ít giây."""

    code = "too_many_files"


class Verification:
    """Examines files against the register."""

    def __init__(self, uow: UnitOfWork, office: Office, checker: Callable[[], Checker]) -> None:
        """Work on one installation; `checker` examines a file by itself."""
        self._uow = uow
        self._office = office
        self._checker = checker
        self._places = BoundedSemaphore(AT_ONCE)

    def file(self, pdf: bytes) -> VerifiedFile:
        """What a file is worth; raises `NoPdf`, and `TooManyFiles` while others are examined."""
        digest = hashlib.sha256(pdf).hexdigest()
        with self._uow.read() as tx:
            letter = tx.letters.by_hash(digest)
        with self._place():
            try:
                found = self._checker().check(pdf, known_moment=letter.signed_at if letter else None)
            except FileUnreadable as fault:
                raise NoPdf(detail=str(fault)) from fault
        is_exact = letter is not None
        with self._uow.read() as tx:
            letter = letter or _claimed(tx, found)
            replacement = tx.letters.replacement_of(letter.id) if letter else None
        return self._told(found, letter, replacement, digest, is_exact=is_exact)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            raise TooManyFiles
        try:
            yield
        finally:
            self._places.release()

    def _told(
        self,
        found: Finding,
        letter: LetterRecord | None,
        replacement: LetterRecord | None,
        digest: str,
        *,
        is_exact: bool,
    ) -> VerifiedFile:
        problem, reason = _judged(found, letter, digest, is_exact=is_exact)
        is_cancelled = letter is not None and letter.cancelled_at is not None
        if is_cancelled and replacement is not None:
            reason = f"{reason}, được thay bằng văn bản số {replacement.number_text}"
        return VerifiedFile(
            ok=not problem,
            signed=found.signed,
            intact=found.intact if found.signed else is_exact,
            trusted=found.trusted,
            registered=letter is not None,
            number=letter.number_text if letter else None,
            issued_at=letter.issued_at if letter else None,
            title=letter.title if letter else None,
            unit=self._office.units.get(letter.unit_id).name if letter else None,
            signer=found.signer or None,
            signed_at=found.moment,
            is_time_proven=found.is_proven,
            is_cancelled=is_cancelled,
            replaced_by=replacement.number_text if replacement else None,
            problem=problem,
            reason=reason,
        )


def _judged(found: Finding, letter: LetterRecord | None, digest: str, *, is_exact: bool) -> tuple[str, str]:
    """The code and the words of the first thing that is wrong; empty where nothing is."""
    if found.signed and found.problem:
        return found.problem.value, found.problem.label
    if letter is None:
        return "not_registered", NOT_REGISTERED
    if letter.cancelled_at is not None:
        return "cancelled", "Văn bản đã bị hủy"
    if is_exact:
        return "", ""
    if not found.signed and letter.signed_at is not None:
        is_the_text = digest == letter.sha256
        return Problem.UNSIGNED.value, SIGNATURE_TAKEN_OFF if is_the_text else OTHER_BYTES
    return "other_bytes", OTHER_BYTES


def _claimed(tx: Transaction, found: Finding) -> LetterRecord | None:
    """The entry that a file names: by the address of its own page, or (a receipt) of its dossier with its number."""
    url, number = found.claimed_url, found.claimed_number
    try:
        if _LETTER_PAGE in url:
            return tx.letters.by_token(url.rpartition("/")[2])
        if _RECEIPT_PAGE in url:
            dossier = tx.dossiers.by_receipt_token(url.rpartition("/")[2])
            return next((each for each in tx.letters.of(dossier.id) if each.number_text == number), None)
    except NotFound:
        pass
    return None
