"""A key in a token, at the interface of the library that speaks to tokens."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from letters import Rendered
from letters.signing import Pkcs11Keys, SignerAway, SignerLocked, SigningFacts, Trust
from letters.signing.examine import examine
from letters.signing.pades import PadesSigner
from letters.signing.trial import Authority

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
PIN, TOKEN, LABEL = "271828", "SNNMT", "con-dau"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Token:
    """What python-pkcs11 offers of one token, over a key in memory. It locks itself after three bad PINs."""

    def __init__(self, key: Key, authority: Authority) -> None:
        self._key = key
        self._certificate = authority.issue(
            "Sở NN&MT", key.public_key(), AT - timedelta(days=9), AT + timedelta(days=9)
        )
        self.is_plugged_in = True
        self.opened = self.refused = 0

    def get_token(self, *, token_label: str) -> Token:
        assert token_label == TOKEN
        if not self.is_plugged_in:
            raise pkcs11.exceptions.NoSuchToken
        return self

    def open(self, *, user_pin: str) -> Token:
        if self.refused >= 3:
            raise pkcs11.exceptions.PinLocked
        if user_pin != PIN:
            self.refused += 1
            raise pkcs11.exceptions.PinIncorrect
        self.opened += 1
        return self

    def get_key(self, *, object_class: pkcs11.ObjectClass, label: str) -> Token:
        assert (object_class, label) == (pkcs11.ObjectClass.PRIVATE_KEY, LABEL)
        return self

    def get_objects(self, wanted: dict[pkcs11.Attribute, object]) -> list[dict[pkcs11.Attribute, bytes]]:
        assert wanted[pkcs11.Attribute.CLASS] is pkcs11.ObjectClass.CERTIFICATE
        return [{pkcs11.Attribute.VALUE: self._certificate.public_bytes(Encoding.DER)}]

    def sign(self, data: bytes, *, mechanism: pkcs11.Mechanism) -> bytes:
        if not self.is_plugged_in:
            raise pkcs11.exceptions.DeviceRemoved
        if isinstance(self._key, rsa.RSAPrivateKey):
            assert mechanism is pkcs11.Mechanism.SHA256_RSA_PKCS
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        assert mechanism is pkcs11.Mechanism.ECDSA
        assert len(data) == hashlib.sha256().digest_size
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(Prehashed(hashes.SHA256()))))
        return r.to_bytes(32) + s.to_bytes(32)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.founded(AT)


@pytest.fixture
def plugged(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Callable[[Key], Token]:
    def plug(key: Key) -> Token:
        token = Token(key, authority)
        monkeypatch.setattr(pkcs11, "lib", lambda module: {"/usr/lib/token.so": token}[module])
        return token

    return plug


def keys(pin: str = PIN) -> Pkcs11Keys:
    return Pkcs11Keys(Path("/usr/lib/token.so"), TOKEN, LABEL, lambda: pin)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_token_signs_letters_and_stays_open(
    plugged, authority: Authority, rendered: dict[str, Rendered], tmp_path: Path, kind: str
):
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    token = plugged(key)
    signer = PadesSigner(keys())
    (tmp_path / "root.pem").write_bytes(authority.pem)
    for name in ("apology", "refusal"):
        done = signer.sign(rendered[name].pdf, SigningFacts(at=AT))
        found = examine(done, Trust(roots=(tmp_path,)), known_moment=None)
        assert (found.intact, found.trusted, found.signer) == (True, True, "Sở NN&MT")
    assert token.opened == 1


def test_a_token_that_was_pulled_out_is_away_and_opened_again_when_it_is_back(plugged):
    token = plugged(ec.generate_private_key(ec.SECP256R1()))
    store = keys()
    store.sign(b"x", "sha256")
    token.is_plugged_in = False
    for _ in range(2):
        with pytest.raises(SignerAway, match=TOKEN):
            store.sign(b"x", "sha256")
    token.is_plugged_in = True
    assert store.sign(b"x", "sha256")
    assert token.opened == 2


def test_a_refused_pin_is_not_tried_again_so_that_the_token_does_not_lock_itself(plugged):
    token = plugged(ec.generate_private_key(ec.SECP256R1()))
    store = keys("000000")
    for _ in range(5):
        with pytest.raises(SignerLocked, match="không thử lại") as told:
            store.sign(b"x", "sha256")
        assert "000000" not in str(told.value)
    assert token.refused == 1
    assert keys().sign(b"x", "sha256"), "a restart with the right one"


def test_a_module_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(SignerAway):
        keys().sign(b"x", "sha256")
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SignerAway, match="python-pkcs11"):
        keys().sign(b"x", "sha256")
