"""The channels by themselves: what a hostile name can do to a mail, what is posted and signed, what settings refuse."""

from __future__ import annotations

import http.server
import json
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from engine.channels import (
    Attachment,
    Message,
    PermanentFailure,
    ServiceAway,
    TemporaryFailure,
    UncertainFailure,
)
from engine.channels.gateway import Gateway, GatewayChannel, signature
from engine.channels.mail import MailChannel, MailServer, compose, message_id
from engine.config import ConfigError, load_settings
from engine.domain.dossier import Applicant
from engine.domain.messages import (
    AUTOMATIC,
    DeliveryState,
    LetterReach,
    NoticeChannel,
    address_on,
    item_digits,
    item_of,
    letter_reach,
    one_line,
    pause_before,
    without_accents,
    world_phone,
)
from tests.builders import MONDAY
from tests.support.sinks import GatewaySink, MailSink

HOSTILE = (
    "Lan\r\nBcc: ai-do@example.com\r\n\r\nnội dung giả",
    "Nguyễn " + "Rất Dài " * 60,
    "\u202egnôc\u200b <script>",
    '"Ngoặc", kép; <a@b.vn>',
    "",
)


def message(**changes: object) -> Message:
    facts = {
        "key": "letter:1:email",
        "to": "dan@example.vn",
        "name": "Trần Thị Hoa",
        "subject": "Hồ sơ 1: đã tiếp nhận",
        "text": "Hồ sơ đã được tiếp nhận.\n",
        "at": MONDAY,
    }
    return Message(**(facts | changes))  # type: ignore[arg-type] # the fields of a message


def server(port: int = 25) -> MailServer:
    return MailServer("127.0.0.1", port, "motcua@binhson.example", "Một Cửa Bình Sơn", security="none", timeout=60)


def nothing() -> None:
    """Nobody at the door."""


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_and_no_subject_can_write_a_header_of_its_own(name: str):
    raw = compose(message(name=name, subject=name or "x"), server()).as_bytes(policy=policy.SMTP)
    read = message_from_bytes(raw, policy=policy.default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert [address.addr_spec for address in read["To"].addresses] == ["dan@example.vn"]
    assert read.get_content().splitlines() == ["Hồ sơ đã được tiếp nhận."]


def test_an_address_that_is_none_is_refused_before_anything_is_connected():
    with MailSink() as sink, pytest.raises(PermanentFailure):
        MailChannel(server(sink.port)).send(message(to="a@b.vn>\r\nRCPT TO:<c@d.vn"), nothing)
    assert sink.raw == []


def test_a_mail_carries_its_letter_and_the_same_key_the_same_id():
    letter = Attachment("apology-2026-0001.pdf", b"%PDF-1.7 \x00\xff")
    with MailSink() as sink:
        for _ in range(2):
            MailChannel(server(sink.port)).send(message(attachment=letter), nothing)
    first, second = sink.mails
    (attached,) = first.iter_attachments()
    assert attached.get_filename() == "apology-2026-0001.pdf"
    assert attached.get_content() == b"%PDF-1.7 \x00\xff"
    assert first["Subject"] == "Hồ sơ 1: đã tiếp nhận"
    assert first["Message-ID"] == second["Message-ID"] == message_id("letter:1:email", "motcua@binhson.example")


@pytest.mark.parametrize(("answer", "failure"), [(451, TemporaryFailure), (421, ServiceAway), (550, PermanentFailure)])
def test_what_the_server_answers_says_whom_to_blame(answer: int, failure: type[Exception]):
    came = []
    with MailSink() as sink:
        sink.moods["dan@example.vn"] = [answer]
        with pytest.raises(failure):
            MailChannel(server(sink.port)).send(message(), lambda: came.append(1))
    assert came == [], "nothing was handed over"


def test_a_line_that_breaks_after_the_content_says_so():
    with MailSink() as sink:
        sink.drops_after_data = 1
        with pytest.raises(UncertainFailure):
            MailChannel(server(sink.port)).send(message(), nothing)


def test_a_server_that_offers_no_encryption_gets_no_mail_where_it_is_wanted():
    with MailSink() as sink:
        asked = MailServer("127.0.0.1", sink.port, "a@b.vn", "x", security="starttls", timeout=60)
        with pytest.raises(ServiceAway):
            MailChannel(asked).send(message(), nothing)
    assert sink.raw == []


def test_a_short_message_is_posted_signed_with_its_key():
    with GatewaySink("s") as sink:
        gateway = Gateway("sms", sink.url, "k1", "s", sender="MOTCUA", timeout=60)
        receipt = GatewayChannel(gateway).send(message(key="event:1:2:sms", to="+84912345678"), nothing)
        assert receipt.reference == "g1"
        assert sink.posted == [
            {"channel": "sms", "key": "event:1:2:sms", "sender": "MOTCUA", "text": message().text, "to": "+84912345678"}
        ]
        assert GatewayChannel(gateway).send(message(key="event:1:2:sms"), nothing).reference == "g1", "409 is a yes"
        wrong = Gateway("sms", sink.url, "k1", "khác", timeout=60)
        with pytest.raises(ServiceAway):
            GatewayChannel(wrong).send(message(), nothing)


def test_the_signature_is_the_one_that_the_documents_show():
    body = json.dumps({"a": 1}).encode()
    assert signature("s", "1", body) != signature("s", "2", body)
    assert len(signature("s", "1", body)) == 64


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(400, PermanentFailure), (429, TemporaryFailure), (503, ServiceAway), (302, PermanentFailure)],
)
def test_what_the_gateway_answers_says_whom_to_blame(answer: int, failure: type[Exception]):
    with GatewaySink("s") as sink:
        sink.moods = [answer]
        with pytest.raises(failure):
            GatewayChannel(Gateway("zalo", sink.url, "k", "s", timeout=60)).send(message(), nothing)


def test_a_gateway_that_talks_nonsense_is_away():
    class Nonsense(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"what?\r\n\r\n")

    with http.server.HTTPServer(("127.0.0.1", 0), Nonsense) as away:
        threading.Thread(target=away.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{away.server_address[1]}/"
        with pytest.raises(ServiceAway):
            GatewayChannel(Gateway("sms", url, "k", "s", timeout=60)).send(message(), nothing)


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [("0912 345 678", "+84912345678"), ("+84 912.345.678", "+84912345678"), ("02993811022", "+842993811022"),
     ("12345", ""), ("", ""), ("không có", "")],
)  # fmt: skip
def test_telephone_numbers_are_dialled_from_anywhere(typed: str, dialled: str):
    assert world_phone(typed) == dialled


@pytest.mark.parametrize("email", ["a@b.vn\r\nBcc: c@d.vn", "hoa@việt.vn", "không", "a@b", "a b@c.vn", ""])
def test_an_address_that_no_server_takes_is_no_address(email: str):
    assert address_on(NoticeChannel.EMAIL, Applicant("Hoa", email=email)) == ""


def test_one_line_holds_no_turning_and_no_breaking_letters():
    assert one_line("a\r\nb\u202e\u200b\x00c", 20) == "a b c"
    assert len(one_line("x" * 500, 80)) == 80
    assert without_accents("Đường số Mười, hẹn trả") == "Duong so Muoi, hen tra"


def test_bar_codes_of_letters_are_read_back_and_never_mistaken():
    assert item_of(item_digits(123)) == 123
    assert item_of(item_digits(123)[:-1] + "0") in {None, 123}
    assert item_of("0000000123") is None
    assert len({item_digits(number) for number in range(1000)}) == 1000


def test_pauses_double_and_are_spread_by_the_key():
    first, longest = timedelta(minutes=1), timedelta(hours=2)
    pauses = [pause_before(number, "k", first=first, longest=longest) for number in range(1, 12)]
    assert pauses[0] < pauses[2] < pauses[4] < pauses[6]
    assert all(pause <= longest * 1.2 for pause in pauses)
    assert len({pause_before(3, f"k{number}", first=first, longest=longest) for number in range(50)}) > 30


def test_the_best_channel_says_how_far_a_letter_has_come():
    state = DeliveryState
    assert letter_reach([]) is LetterReach.ON_PAGE
    assert letter_reach([state.FAILED, state.SENT]) is LetterReach.SENT
    assert letter_reach([state.RETURNED, state.WAITING]) is LetterReach.WAITING
    assert letter_reach([state.RETURNED, state.FAILED]) is LetterReach.RETURNED
    assert letter_reach([state.CANCELLED, state.DELIVERED]) is LetterReach.DELIVERED


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{mode: live}", "mode live cần đủ"),
        ("{offered: [telegram]}", "channels.offered"),
        ("{email: {password: x}}", "MOTCUA_CHANNELS__EMAIL__PASSWORD"),
        ("{sms: {secret: x}}", "MOTCUA_CHANNELS__SMS__SECRET"),
        ("{sms: {url: 'ftp://x'}}", "channels.sms.url"),
        ("{email: {sender: 'a@b.vn\\nBcc: c@d.vn'}}", "channels.email.sender"),
        ("{events: {birthday: {text: x}}}", "birthday"),
        ("{events: {receipt: {text: 'Chào {name}'}}}", "name"),
        ("{events: {receipt: {text: 'Chào {code'}}}", "channels.events"),
        ("{retry: {attempts: 0}}", "channels.retry.attempts"),
    ],
)
def test_settings_that_would_tell_nobody_or_too_much_stop_the_start(tmp_path: Path, written: str, said: str):
    file = tmp_path / "config.yaml"
    file.write_text(f"channels: {written}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(file)
    assert said in refused.value.message


def test_an_office_changes_the_words_of_one_event_and_keeps_the_others(tmp_path: Path):
    file = tmp_path / "config.yaml"
    file.write_text("channels: {events: {receipt: {text: 'Đã nhận {code}'}}}\n", encoding="utf-8")
    events = load_settings(file).channels.events
    assert events["receipt"].text == "Đã nhận {code}"
    assert events["receipt"].attach
    assert events["apology"].call
    assert all(set(words.channels) >= AUTOMATIC for words in events.values())
