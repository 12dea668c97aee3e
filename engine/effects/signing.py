"""Signatures of units: which key signs for whom, and a letter before and after it is signed.

A key is opened when the first letter needs it and kept; a file that was changed is opened anew. Nothing is written
here: whoever signs keeps the signed file, once, in a transaction of its own.
"""

from __future__ import annotations

import hashlib
import stat
import threading
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from engine.settings.signing import PasswordMissing, UnitSigning
from letters import from_json, to_json
from letters.signing import Pkcs11Keys, Pkcs12Keys, SignerAway, SigningFacts, SigningFailed, Trust
from letters.signing.block import with_block
from letters.signing.trial import PASSWORD_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from engine.config import Settings
    from engine.domain.people import Unit
    from engine.domain.units import UnitTree
    from engine.persistence.records import LetterRecord
    from letters import Letter
    from letters.signing import KeyStore, Signer

REASON = "Ban hành văn bản"
REST_SECONDS = 20.0
"""How long a signer that was away is not asked again."""


class HasPdf(Protocol):
    """A rendered document."""

    @property
    def pdf(self) -> bytes:
        """Its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class SignedLetter:
    """A letter after signing. `data` and `sha256` are of the unsigned file, which may have got its visible block."""

    pdf: bytes
    sha256: str
    data: str
    at: datetime
    signer: str
    signed_sha256: str

    @property
    def columns(self) -> dict[str, Any]:
        """What the register keeps of it."""
        return {
            "sha256": self.sha256,
            "data": self.data,
            "signed_at": self.at,
            "signed_by": self.signer,
            "signed_sha256": self.signed_sha256,
        }


@dataclass(frozen=True, slots=True)
class SignerState:
    """Whether one unit could sign now; `detail` says who, until when, or what is in the way."""

    unit: str
    ok: bool
    detail: str
    is_test: bool


class Signatures:
    """The signers of one installation. May be used from several threads."""

    def __init__(self, settings: Settings, units: Callable[[], UnitTree]) -> None:
        """Look keys up by the settings; nothing is opened before it is needed."""
        self._settings = settings
        self._units = units
        self._signers: dict[tuple[str, float], Signer] = {}
        self._resting: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    @property
    def trust(self) -> Trust:
        """Whose signatures are believed: those of the settings, and of the demonstration where there is one."""
        signing = self._settings.signing
        test = signing.test_keys / "trust" if signing.test_keys else None
        return Trust(
            roots=tuple(filter(None, (signing.trust, test))), revocation=tuple(filter(None, (signing.revocation,)))
        )

    def signs(self, unit_id: int) -> bool:
        """Whether letters of a unit are signed before they go out."""
        return self._rule_of(self._units().get(unit_id)) is not None

    def sign(
        self, letter: LetterRecord, pdf: bytes, *, at: datetime, render: Callable[[Letter], HasPdf]
    ) -> SignedLetter:
        """Sign a rendered letter with the key of its unit, at `at`; everything is as before where that fails.

        Where the unit shows its signature, the letter is first set anew with the block in it. Raises `SigningFailed`,
        and what rendering raises.
        """
        unit = self._units().get(letter.unit_id)
        rule = self._rule_of(unit)
        if rule is None:
            raise SignerAway(f"Đơn vị “{unit.name}” không khai báo chữ ký số.")
        until, why = self._resting.get(rule.unit, (0.0, ""))
        if monotonic() < until:
            raise SignerAway(why)  # without waiting for it again: other units' letters stand behind this one
        try:
            return self._signed(letter, pdf, rule, at=at, render=render)
        except SignerAway as fault:
            self._resting[rule.unit] = (monotonic() + REST_SECONDS, str(fault))
            raise

    def _signed(
        self, letter: LetterRecord, pdf: bytes, rule: UnitSigning, *, at: datetime, render: Callable[[Letter], HasPdf]
    ) -> SignedLetter:
        signer = self._signer(rule)
        moment, data = at.replace(microsecond=0), letter.data
        certificate = signer.certificate
        certificate.check_valid_at(moment)
        if rule.visible:
            shown = with_block(from_json(letter.form, letter.data), certificate, moment)
            pdf, data = render(shown).pdf, to_json(shown)
        signed = signer.sign(pdf, SigningFacts(at=moment, reason=REASON, place=self._units().get(letter.unit_id).place))
        return SignedLetter(
            pdf=signed,
            sha256=hashlib.sha256(pdf).hexdigest(),
            data=data,
            at=moment,
            signer=certificate.subject,
            signed_sha256=hashlib.sha256(signed).hexdigest(),
        )

    def states(self, at: datetime) -> tuple[SignerState, ...]:
        """Every key that some unit signs with, once, as it would do at `at`; opening a key asks for its password."""
        found: dict[str, SignerState] = {}
        for unit in self._units():
            rule = self._rule_of(unit)
            if rule is not None and rule.unit not in found:
                found[rule.unit] = self._state(rule, at)
        return tuple(found.values())

    def _state(self, rule: UnitSigning, at: datetime) -> SignerState:
        is_test = not any(rule is line for line in self._settings.signing.units)
        try:
            certificate = self._signer(rule).certificate
            certificate.check_valid_at(at)
        except SigningFailed as fault:
            return SignerState(rule.unit, ok=False, detail=str(fault), is_test=is_test)
        if rule.file is not None and rule.file.stat().st_mode & stat.S_IROTH:
            detail = f"ai trên máy này cũng đọc được {rule.file}; hãy chạy “chmod 600 {rule.file}”"
            return SignerState(rule.unit, ok=False, detail=detail, is_test=is_test)
        ends = certificate.valid_to.astimezone(self._settings.zone)
        if certificate.valid_to - at < timedelta(days=self._settings.signing.warn_days):
            detail = f"chứng thư «{certificate.subject}» hết hạn {ends:%d/%m/%Y}; hãy xin gia hạn ngay"
            return SignerState(rule.unit, ok=False, detail=detail, is_test=is_test)
        return SignerState(rule.unit, ok=True, detail=f"«{certificate.subject}» đến {ends:%d/%m/%Y}", is_test=is_test)

    def _rule_of(self, unit: Unit) -> UnitSigning | None:
        """A unit's own line of the settings, the nearest one above, else its test key; None where it does not sign."""
        lines = {line.unit: line for line in self._settings.signing.units}
        for each in _upwards(self._units(), unit):
            if each.code in lines:
                found = lines[each.code]
                return None if found.method == "none" else found
        return self._test_rule(unit.code)

    def _test_rule(self, code: str) -> UnitSigning | None:
        folder = self._settings.signing.test_keys
        if folder is None or not (folder / f"{code}.p12").exists():
            return None
        return UnitSigning(
            unit=code, method="pkcs12", file=folder / f"{code}.p12", password_file=folder / PASSWORD_FILE
        )

    def _signer(self, rule: UnitSigning) -> Signer:
        """The signer of a rule, made once; a key file that has changed since is opened anew."""
        key = (rule.unit, _changed_at(rule))
        with self._lock:
            if key not in self._signers:
                self._signers = {known: each for known, each in self._signers.items() if known[0] != rule.unit}
                self._signers[key] = self._made(rule)
            return self._signers[key]

    def _made(self, rule: UnitSigning) -> Signer:
        from letters.signing.pades import PadesSigner, timestamps_of  # noqa: PLC0415 - a heavy library, for who signs

        def password() -> str:
            try:
                return rule.password()
            except PasswordMissing as missing:
                raise SignerAway(f"Không mở được khóa ký của đơn vị {rule.unit}: {missing}.") from missing

        keys: KeyStore
        if rule.method == "pkcs12":
            assert rule.file is not None, "the settings were checked"
            keys = Pkcs12Keys(rule.file, password)
        else:
            assert rule.module is not None, "the settings were checked"
            keys = Pkcs11Keys(rule.module, rule.token, rule.key, password)
        url = self._settings.signing.timestamp_url
        return PadesSigner(keys, timestamps=timestamps_of(url) if url else None)


def _changed_at(rule: UnitSigning) -> float:
    try:
        return rule.file.stat().st_mtime if rule.file else 0.0
    except OSError:
        return 0.0


def _upwards(units: UnitTree, unit: Unit) -> Iterator[Unit]:
    yield unit
    while unit.parent_id is not None:
        unit = units.get(unit.parent_id)
        yield unit
