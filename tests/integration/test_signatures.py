"""An office that signs: letters wait for their signer, are signed once, and any file is held against the register."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.domain.errors import NotFound
from engine.domain.verification import VerifiedFile
from engine.effects.signing import SignedLetter
from engine.services.verification import NoPdf, Verification
from engine.settings.signing import SigningSettings, UnitSigning
from letters import Rendered, from_json
from letters.render import Renderer
from letters.signing import Finding
from letters.signing.examine import examine
from letters.signing.trial import PASSWORD_FILE, Authority, make_trial_keys
from tests.builders import DESK, MONDAY, Office, an_office, books_are_sound, prepare_office
from tests.support.command import motcua
from tests.support.databases import SqliteMaker

UNITS = {DESK: "TTPVHCC tỉnh"}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office-keys")
    make_trial_keys(folder, UNITS, MONDAY)
    return folder


@pytest.fixture(scope="session")
def render() -> Callable[..., Rendered]:
    return Renderer().render


@pytest.fixture
def url(database_copy: Callable[[Callable[[str], object]], str]) -> str:
    return database_copy(prepare_office)


@pytest.fixture
def one_url(_sqlite_maker: SqliteMaker) -> Iterator[str]:
    """An office on SQLite, where nothing hangs on the database."""
    yield _sqlite_maker.copy_of(prepare_office)
    _sqlite_maker.drop_all()


@dataclass(frozen=True)
class Signing:
    """The settings of a unit that signs with a file."""

    folder: Path

    def __call__(self, *, file: str = f"{DESK}.p12", visible: bool = True, **more: object) -> SigningSettings:
        line = UnitSigning(
            unit=DESK,
            method="pkcs12",
            file=self.folder / file,
            password_file=self.folder / PASSWORD_FILE,
            visible=visible,
        )
        return SigningSettings(units=(line,), trust=self.folder / "trust", **more)


@pytest.fixture
def signing(keys: Path) -> Signing:
    return Signing(keys)


@pytest.fixture
def office(url: str, render, signing: Signing) -> Iterator[Office]:
    with an_office(url, render=render, signing=signing()) as office:
        yield office
        books_are_sound(office)


class Here:
    """Examines files in this process: that the child finds the same is proven where it is tested itself."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def check(self, pdf: bytes, *, known_moment: datetime | None = None) -> Finding:
        return examine(pdf, self._office.engine.signatures.trust, known_moment=known_moment)


def verified(office: Office, pdf: bytes) -> VerifiedFile:
    engine = office.engine
    return Verification(engine.uow, engine.office, lambda: Here(office)).file(pdf)  # type: ignore[arg-type,return-value]


def receipt_of(office: Office, code: str):
    (letter,) = office.letters(code, "receipt")
    return letter


def file_of(office: Office, code: str) -> bytes:
    with office.engine.uow.read() as tx:
        pdf = tx.letters.document(receipt_of(office, code).id)
    assert pdf is not None
    return pdf


def test_a_letter_of_a_signing_unit_is_signed_before_it_goes_out_and_the_register_knows(office: Office, render):
    code = office.receive()
    office.engine.outbox.run(office.now)
    letter, pdf = receipt_of(office, code), file_of(office, code)
    assert letter.signed_at is not None
    assert timedelta() <= letter.signed_at - office.now < timedelta(minutes=5)
    assert letter.signed_at.microsecond == 0
    assert letter.signed_by is not None
    assert "THỬ NGHIỆM" in letter.signed_by
    assert letter.signed_sha256 == hashlib.sha256(pdf).hexdigest()
    assert [row[0] for row in office.rows("SELECT topic FROM outbox ORDER BY id")] == ["render", "sign", "deliver"]
    again = render(from_json(letter.form, letter.data))
    assert again.sha256 == letter.sha256, "the frozen data make the unsigned file again, its visible block included"
    assert pdf.startswith(again.pdf)
    assert office.engine.lookup.pdf(letter.token).content == pdf
    assert office.engine.outbox.waiting() == 0


def test_a_file_is_found_whole_and_in_the_register_and_one_byte_tells(office: Office):
    code = office.receive()
    office.engine.outbox.run(office.now)
    letter, pdf = receipt_of(office, code), file_of(office, code)
    found = verified(office, pdf)
    assert (found.ok, found.signed, found.intact, found.trusted, found.registered) == (True,) * 5
    assert (found.number, found.issued_at, found.reason) == (letter.number_text, letter.issued_at, "")
    assert found.is_time_proven, "the register remembers when it signed"
    changed = bytearray(pdf)
    changed[len(pdf) // 3] ^= 1
    found = verified(office, bytes(changed))
    assert (found.ok, found.intact, found.trusted, found.problem) == (False, False, False, "altered")
    unsigned = pdf[: pdf.index(b"%%EOF") + len(b"%%EOF\n")]
    found = verified(office, unsigned)
    assert (found.ok, found.signed, found.registered) == (False, False, True)
    assert "có chữ ký số, tệp này thì không" in found.reason
    with pytest.raises(NoPdf):
        verified(office, b"no letter at all")
    (other,) = office.rows("SELECT count(*) FROM letters")
    assert other == (1,)


def test_a_cancelled_letter_is_told_even_with_its_own_file(url: str, render):
    with an_office(url, render=render) as office:
        code = office.receive()
        office.engine.outbox.keep_letters(office.now)
        pdf = file_of(office, code)
        found = verified(office, pdf)
        assert (found.ok, found.signed, found.intact, found.registered) == (True, False, True, True)
        with office.engine.uow.write() as tx:
            tx.connection.exec_driver_sql(
                "UPDATE letters SET cancelled_at = issued_at, state = 'cancelled', cancel_reason = 'sai họ tên'"
            )
        found = verified(office, pdf)
        assert (found.ok, found.is_cancelled, found.reason) == (False, True, "Văn bản đã bị hủy")
        with pytest.raises(NotFound):
            office.engine.lookup.pdf(receipt_of(office, code).token)


def test_a_letter_whose_signer_is_away_waits_unsigned_is_told_and_is_signed_when_it_is_back(
    url: str, render, signing: Signing, tmp_path: Path
):
    _waits(url, render, signing, tmp_path, "away")


@pytest.mark.parametrize("fault", ["locked", "expired"])
def test_a_letter_waits_as_well_for_a_key_that_is_locked_or_out_of_date(
    one_url: str, render, signing: Signing, tmp_path: Path, fault: str
):
    _waits(one_url, render, signing, tmp_path, fault)


def _waits(url: str, render, signing: Signing, tmp_path: Path, fault: str):
    folder = _spoilt(tmp_path, signing, fault)
    spoilt = Signing(folder)
    with an_office(url, render=render, signing=spoilt()) as office:
        code = office.receive()
        at = office.now
        for _ in range(office.engine.settings.letters.give_up_after_attempts + 1):
            assert office.engine.outbox.keep_letters(at).failed == 1
            at += timedelta(hours=1)
        worked = office.engine.outbox.keep_letters(at)
        assert (worked.sent, worked.failed, worked.waiting) == (0, 1, 1), "it is never given up"
        letter = receipt_of(office, code)
        assert (letter.signed_at, letter.state, letter.delivered_at) == (None, "rendered", None)
        assert office.engine.lookup.pdf(letter.token).waiting, "nobody outside gets it unsigned"
        health = {check.name: check for check in office.engine.health(at).checks}["Chữ ký số"]
        assert not health.ok
        assert "1 văn bản đang chờ ký" in health.detail
        assert DESK in health.detail
    with an_office(url, render=render, signing=signing()) as office:
        office.engine.outbox.keep_letters(at + timedelta(hours=1))
        assert receipt_of(office, code).signed_at is not None
        assert office.count("letter_documents") == 1
        assert not office.engine.lookup.pdf(letter.token).waiting


def _spoilt(folder: Path, signing: Signing, fault: str) -> Path:
    if fault == "expired":
        password = (signing.folder / PASSWORD_FILE).read_text()
        begins, ends = MONDAY - timedelta(days=90), MONDAY - timedelta(days=1)
        (folder / f"{DESK}.p12").write_bytes(Authority.founded(MONDAY).pkcs12("Hết hạn", password, begins, ends))
        (folder / PASSWORD_FILE).write_text(password)
    if fault == "locked":
        (folder / f"{DESK}.p12").write_bytes((signing.folder / f"{DESK}.p12").read_bytes())
        (folder / PASSWORD_FILE).write_text("sai")
    for file in folder.glob("*"):
        file.chmod(0o600)
    return folder


def test_who_dies_between_signing_and_keeping_leaves_one_signed_letter(office: Office, monkeypatch):
    code = office.receive()
    with monkeypatch.context() as patched:
        patched.setattr(SignedLetter, "columns", property(_die))
        with pytest.raises(KeyboardInterrupt):
            office.engine.outbox.run(office.now)
    assert receipt_of(office, code).signed_at is None
    assert office.engine.outbox.waiting() == 1
    office.engine.outbox.run(office.now + timedelta(minutes=5))
    assert receipt_of(office, code).signed_at is not None
    assert office.count("letter_documents") == 1
    assert office.count("letter_events", "what = 'signed'") == 1
    assert verified(office, file_of(office, code)).ok


def _die(_signed: SignedLetter) -> object:
    raise KeyboardInterrupt


def test_units_sign_as_the_nearest_line_says_and_with_a_hidden_block_the_page_is_as_it_was(
    one_url: str, render, signing: Signing
):
    with an_office(one_url, render=render, signing=signing(visible=False)) as office:
        units, signs = office.engine.units, office.engine.signatures.signs
        assert signs(units.by_code(DESK).id)
        assert not signs(units.by_code("BS").id)
        code = office.receive()
        before = receipt_of(office, code).data
        office.engine.outbox.run(office.now)
        assert receipt_of(office, code).data == before
    lines = signing().units
    below = SigningSettings(units=(lines[0].model_copy(update={"unit": "BS"}), UnitSigning(unit="AP", method="none")))
    with an_office(one_url, render=render, signing=below) as office:
        units, signs = office.engine.units, office.engine.signatures.signs
        assert signs(units.by_code(DESK).id)
        assert not signs(units.by_code("AP-TTPVHCC").id)


def test_the_doctor_warns_thirty_days_ahead_and_of_a_key_that_anybody_reads(one_url: str, render, signing: Signing):
    with an_office(one_url, render=render, signing=signing()) as office:
        (state,) = office.engine.signatures.states(MONDAY)
        assert state.ok
        ends = MONDAY + timedelta(days=1100)
        (late,) = office.engine.signatures.states(ends - timedelta(days=29))
        assert not late.ok
        assert "hết hạn" in late.detail
        assert office.engine.signatures.states(ends - timedelta(days=31))[0].ok
        key = signing.folder / f"{DESK}.p12"
        key.chmod(0o644)
        try:
            (read,) = office.engine.signatures.states(MONDAY)
        finally:
            key.chmod(0o600)
        assert not read.ok
        assert "chmod 600" in read.detail


def test_the_command_answers_by_contract(one_url: str, render, signing: Signing, tmp_path: Path):
    file = tmp_path / "letter.pdf"
    with an_office(one_url, render=render, signing=signing()) as office:
        code = office.receive()
        office.engine.outbox.run(office.now)
        file.write_bytes(file_of(office, code))
        letter = receipt_of(office, code)
    trust = str(signing.folder / "trust")
    ran = motcua("letters", "verify", file, "--json", database_url=one_url, signing__trust=trust)
    assert ran.code == 0
    told = {name: ran.json[name] for name in ("signed", "intact", "trusted", "registered")}
    assert told == dict.fromkeys(told, True)
    assert ran.json["number"] == letter.number_text
    assert ran.json["issued_at"].endswith("+07:00")
    spoilt = bytearray(file.read_bytes())
    spoilt[500] ^= 1
    file.write_bytes(spoilt)
    ran = motcua("letters", "verify", file, database_url=one_url, signing__trust=trust)
    assert ran.code == 1
    assert "đã bị sửa sau khi ký" in ran.out
    assert motcua("letters", "verify", tmp_path / "gone.pdf", database_url=one_url, signing__trust=trust).code == 2


def test_a_password_never_stands_in_the_settings(tmp_path: Path):
    config = tmp_path / "config.yaml"
    line = "{unit: A, method: pkcs12, file: a.p12, password: bí mật, password_env: MOTCUA_A}"
    config.write_text(f"units: [{{code: A, name: A, kind: commune}}]\nsigning: {{units: [{line}]}}\n")
    ran = motcua("migrate", config=config)
    assert ran.code == 2
    assert "signing.units.0.password: không có khóa này" in ran.err
    assert "bí mật" not in ran.err + ran.out
    assert "MOTCUA_A" not in os.environ
