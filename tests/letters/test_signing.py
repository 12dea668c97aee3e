"""Signatures of letters: made with any key of a unit, invisible, and found out when anything is not as it was.

Keys are made once in a session. What pyHanko signed is examined in the child that hostile files are examined in, and
poppler, where it is installed, is asked for a second opinion.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp

from letters import ApologyLetter, Rendered
from letters.signing import (
    CertificateOutOfDate,
    FileUnreadable,
    Pkcs12Keys,
    Problem,
    SignerAway,
    SignerLocked,
    SigningFacts,
    Trust,
)
from letters.signing.block import with_block
from letters.signing.checker import Checker
from letters.signing.examine import ATTACHMENT, examine
from letters.signing.pades import PadesSigner
from letters.signing.trial import MARK, PASSWORD_FILE, ROOT_NAME, Authority, make_trial_keys
from tests.letters.reading import fonts_in, opened, text_of
from tests.letters.samples import ORDINARY

AT = datetime(2026, 3, 2, 2, 15, 7, tzinfo=UTC)
YEAR = timedelta(days=365)
PASSWORD = "mật khẩu của khóa"
UNIT = "Chi nhánh VPĐKĐĐ An Phú"


@dataclass(frozen=True)
class Office:
    """An authority, where its certificate lies, and the key files that it has issued."""

    authority: Authority
    folder: Path

    @property
    def trust(self) -> Trust:
        return Trust(roots=(self.folder / "trust",), revocation=(self.folder / "revocation",))

    def signer(self, name: str = "ec") -> PadesSigner:
        return PadesSigner(Pkcs12Keys(self.folder / f"{name}.p12", lambda: PASSWORD))

    def certificate(self, name: str = "ec") -> x509.Certificate:
        content = (self.folder / f"{name}.p12").read_bytes()
        _, certificate, _ = pkcs12.load_key_and_certificates(content, PASSWORD.encode())
        assert certificate is not None
        return certificate


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("signing")
    authority = Authority.founded(AT)
    (folder / "trust").mkdir()
    (folder / "trust" / "root.pem").write_bytes(authority.pem)
    keys: dict[str, tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, datetime, datetime]] = {
        "ec": (ec.generate_private_key(ec.SECP256R1()), AT - YEAR, AT + YEAR),
        "rsa": (rsa.generate_private_key(65537, 2048), AT - YEAR, AT + YEAR),
        "expired": (ec.generate_private_key(ec.SECP384R1()), AT - YEAR, AT - timedelta(days=1)),
        "later": (ec.generate_private_key(ec.SECP256R1()), AT + timedelta(days=1), AT + YEAR),
    }
    for name, (key, begins, ends) in keys.items():
        (folder / f"{name}.p12").write_bytes(authority.pkcs12(UNIT, PASSWORD, begins, ends, key=key))
    return Office(authority, folder)


@pytest.fixture(scope="session")
def letter(rendered: dict[str, Rendered]) -> bytes:
    return rendered["apology"].pdf


@pytest.fixture(scope="session")
def signed(office: Office, letter: bytes) -> bytes:
    return office.signer().sign(letter, SigningFacts(at=AT, reason="Ban hành văn bản", place="An Phú"))


def without_asking_when(signer: PadesSigner, pdf: bytes, at: datetime, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Sign as somebody would whose program does not look at its certificate."""
    monkeypatch.setattr("letters.signing.keys.Certificate.check_valid_at", lambda _self, _at: None)
    try:
        return signer.sign(pdf, SigningFacts(at=at))
    finally:
        monkeypatch.undo()


# --- what is signed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_signed_letter_is_found_signed_intact_and_trusted(office: Office, letter: bytes, kind: str):
    done = office.signer(kind).sign(letter, SigningFacts(at=AT))
    found = examine(done, office.trust, known_moment=None)
    assert (found.signed, found.intact, found.trusted, found.problem) == (True, True, True, Problem.NONE)
    assert (found.signer, found.issuer, found.moment) == (UNIT, ROOT_NAME, AT)
    assert not found.is_proven
    assert found.claimed_number == "12/2026/PXL-VPĐKĐĐ"
    assert "/xac-minh/" in found.claimed_url


def test_the_unsigned_letter_is_the_beginning_of_the_signed_file(letter: bytes, signed: bytes):
    assert signed.startswith(letter)
    assert len(signed) - len(letter) < 16_000


def test_signing_breaks_neither_archive_nor_accessibility(letter: bytes, signed: bytes):
    before, after = opened(letter), opened(signed)
    with before, after:
        assert _standards(after) == _standards(before) == ("3", "A", "1")
        for name in ("/Lang", "/MarkInfo", "/StructTreeRoot", "/OutputIntents", "/AF", "/ViewerPreferences"):
            assert name in after.Root
        assert after.pdf_version == before.pdf_version
        (field,) = after.Root.AcroForm.Fields
        assert field.FT == "/Sig"
        assert [float(side) for side in field.Rect] == [0, 0, 0, 0], "the signature has no picture"
        assert "/AP" not in field or not len(field.AP.N.read_bytes())
        assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"
        assert str(field.V.Reason) == "Ban hành văn bản"
    assert fonts_in(signed) == fonts_in(letter)
    assert all(fonts_in(signed).values())
    assert text_of(signed) == text_of(letter)


def _standards(document: pikepdf.Pdf) -> tuple[str, ...]:
    with document.open_metadata() as told:
        return tuple(str(told[name]) for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part"))


def test_poppler_agrees(signed: bytes, tmp_path: Path):
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("poppler-utils is not installed: only pyHanko was asked")
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed)
    told = subprocess.run([program, "-nocert", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told


def test_the_visible_block_says_who_and_when_to_the_second_in_the_offices_zone(office: Office, renderer):
    shown = with_block(ORDINARY["apology"], office.signer().certificate, AT + timedelta(microseconds=5))
    assert isinstance(shown, ApologyLetter)
    text = text_of(renderer.render(shown).pdf)
    assert f"Ký bởi: {UNIT}" in text
    assert "Thời gian ký: 2026-03-02T09:15:07+07:00" in text
    assert ORDINARY["apology"].signer.name in text


# --- what is found out -----------------------------------------------------------------------------------------------


def test_one_byte_anywhere_makes_it_not_intact(office: Office, letter: bytes, signed: bytes):
    for place in (9, 1_000, len(letter) // 2, len(letter) - 20, len(letter) + 40, len(signed) - 10):
        changed = bytearray(signed)
        changed[place] ^= 1
        try:
            found = examine(bytes(changed), office.trust, known_moment=None)
        except FileUnreadable:
            continue
        assert not found.intact, f"byte {place}"
        assert not found.trusted
        assert found.problem in {Problem.ALTERED, Problem.UNSIGNED}


def test_what_is_added_after_the_signature_is_an_alteration(office: Office, signed: bytes):
    reader = pikepdf.open(io.BytesIO(signed))
    reader.docinfo["/Title"] = "Một văn bản khác"
    again = io.BytesIO()
    reader.save(again)
    assert not examine(again.getvalue(), office.trust, known_moment=None).intact
    assert examine(signed + b"\n% more\n", office.trust, known_moment=None).problem is Problem.ALTERED


def test_an_unsigned_letter_is_told_as_unsigned(office: Office, letter: bytes):
    found = examine(letter, office.trust, known_moment=None)
    assert (found.signed, found.intact, found.trusted, found.problem) == (False, False, False, Problem.UNSIGNED)
    assert found.claimed_number


def test_a_signer_whom_nobody_named_is_unknown(office: Office, letter: bytes, signed: bytes, tmp_path: Path):
    assert examine(signed, Trust(), known_moment=None).problem is Problem.UNKNOWN_SIGNER
    stranger = Authority.founded(AT)  # the same names, another key
    (tmp_path / "x.p12").write_bytes(stranger.pkcs12(UNIT, PASSWORD, AT - YEAR, AT + YEAR))
    forged = PadesSigner(Pkcs12Keys(tmp_path / "x.p12", lambda: PASSWORD)).sign(letter, SigningFacts(at=AT))
    found = examine(forged, office.trust, known_moment=None)
    assert (found.intact, found.trusted, found.problem) == (True, False, Problem.UNKNOWN_SIGNER)
    assert found.signer == UNIT


def test_a_certificate_that_did_not_hold_when_it_signed_is_told(office: Office, letter: bytes, monkeypatch):
    for name, problem in (("expired", Problem.EXPIRED), ("later", Problem.NOT_YET_VALID)):
        done = without_asking_when(office.signer(name), letter, AT, monkeypatch)
        found = examine(done, office.trust, known_moment=None)
        assert (found.intact, found.trusted, found.problem) == (True, False, problem)


def test_a_certificate_that_expired_since_still_proves_what_it_signed(office: Office, signed: bytes):
    """It is looked at as it was then: a letter does not turn false by growing old."""
    assert examine(signed, office.trust, known_moment=AT).trusted
    found = examine(signed, office.trust, known_moment=AT + 3 * YEAR)
    assert found.problem is Problem.EXPIRED
    assert found.is_proven


# --- revocation ------------------------------------------------------------------------------------------------------


def _list(office: Office, authority: Authority, revoked_at: datetime) -> bytes:
    entry = x509.RevokedCertificateBuilder().serial_number(office.certificate().serial_number)
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(office.authority.certificate.subject)
        .last_update(revoked_at)
        .next_update(revoked_at + YEAR)
        .add_revoked_certificate(entry.revocation_date(revoked_at).build())
        .sign(authority.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _answer(office: Office, revoked_at: datetime) -> bytes:
    issuer = office.authority.certificate
    return (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=office.certificate(),
            issuer=issuer,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED,
            this_update=revoked_at,
            next_update=None,
            revocation_time=revoked_at,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
        .sign(office.authority.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


@pytest.mark.parametrize("kind", ["crl", "ocsp"])
def test_a_revoked_signer_is_told_from_a_list_and_from_an_answer(
    office: Office, signed: bytes, tmp_path: Path, kind: str
):
    before, after = AT - timedelta(days=9), AT + timedelta(days=9)
    make = (lambda at: _list(office, office.authority, at)) if kind == "crl" else (lambda at: _answer(office, at))
    trust = Trust(roots=office.trust.roots, revocation=(tmp_path,))
    (tmp_path / f"known.{kind}").write_bytes(make(before))
    assert examine(signed, trust, known_moment=AT).problem is Problem.REVOKED
    (tmp_path / f"known.{kind}").write_bytes(make(after))
    assert examine(signed, trust, known_moment=AT).trusted, "it was signed before, and somebody knows when"
    assert examine(signed, trust, known_moment=None).problem is Problem.REVOKED, "the thief writes any date"


def test_a_list_that_the_issuer_did_not_sign_revokes_nothing(office: Office, signed: bytes, tmp_path: Path):
    stranger = Authority.founded(AT)
    (tmp_path / "forged.crl").write_bytes(_list(office, stranger, AT - YEAR))
    (tmp_path / "junk.crl").write_bytes(b"nothing of the kind")
    assert examine(signed, Trust(office.trust.roots, (tmp_path,)), known_moment=None).trusted


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_file_that_is_away_locked_or_out_of_date_says_so_and_signs_nothing(office: Office, letter: bytes):
    facts = SigningFacts(at=AT)
    with pytest.raises(SignerAway, match=r"gone\.p12"):
        office.signer("gone").sign(letter, facts)
    locked = PadesSigner(Pkcs12Keys(office.folder / "ec.p12", lambda: "sai"))
    with pytest.raises(SignerLocked, match="Mật khẩu") as told:
        locked.sign(letter, facts)
    assert "sai" not in str(told.value).replace("sai, hoặc", "")
    with pytest.raises(CertificateOutOfDate, match="đã hết hạn ngày 01/03/2026"):
        office.signer("expired").sign(letter, facts)
    with pytest.raises(CertificateOutOfDate, match="chỉ có hiệu lực từ 03/03/2026"):
        office.signer("later").sign(letter, facts)


def test_the_key_file_is_unlocked_once(office: Office, letter: bytes):
    asked: list[int] = []

    def password() -> str:
        asked.append(1)
        return PASSWORD

    signer = PadesSigner(Pkcs12Keys(office.folder / "ec.p12", password))
    for _ in range(3):
        signer.sign(letter, SigningFacts(at=AT))
    assert len(asked) == 1


def test_trial_certificates_name_themselves_and_are_for_their_owner_only(tmp_path: Path, letter: bytes):
    folder = tmp_path / "keys"
    assert make_trial_keys(folder, {"A": UNIT, "B": "Sở Nông nghiệp và Môi trường " * 4}, AT) == 2
    assert make_trial_keys(folder, {"A": UNIT, "B": "x"}, AT) == 0, "a second call changes nothing"
    assert make_trial_keys(folder, {"A": UNIT, "C": "Văn phòng"}, AT) == 1
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.glob("*.p12"), folder / PASSWORD_FILE)} == {0}
    password = (folder / PASSWORD_FILE).read_text()
    for code in "ABC":
        signer = PadesSigner(Pkcs12Keys(folder / f"{code}.p12", lambda: password))
        assert signer.certificate.subject.startswith(MARK)
        assert MARK in signer.certificate.issuer
        done = signer.sign(letter, SigningFacts(at=AT))
        assert examine(done, Trust(roots=(folder / "trust",)), known_moment=None).trusted


# --- the child -------------------------------------------------------------------------------------------------------


def test_the_child_finds_what_this_process_finds(office: Office, signed: bytes):
    checker = Checker(office.trust)
    assert checker.check(signed, known_moment=AT) == examine(signed, office.trust, known_moment=AT)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n" + b"[" * 9_000], ids=["empty", "text", "deep"])
def test_what_is_no_letter_is_refused(office: Office, content: bytes):
    with pytest.raises(FileUnreadable):
        Checker(office.trust).check(content)


def test_a_file_that_takes_too_long_or_too_much_is_ended(office: Office, signed: bytes):
    with pytest.raises(FileUnreadable, match="đã dừng"):
        Checker(office.trust, time_limit=0.05).check(signed)
    bomb = io.BytesIO()
    with opened(signed) as document:
        data = document.attachments[ATTACHMENT].get_file().obj
        data.write(zlib.compress(b" " * (128 << 20), 1), filter=pikepdf.Name.FlateDecode)
        document.save(bomb)
    assert len(bomb.getvalue()) < 2 << 20
    with pytest.raises(FileUnreadable):
        Checker(office.trust, memory_limit=128 << 20).check(bomb.getvalue())
