"""What the house promises of messages: told at once, once, by the channel that was chosen, and never lost silently."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from engine.channels import Message, Receipt
from engine.clock import SystemClock
from engine.domain.dossier import Applicant
from engine.domain.errors import NotAllowedNow, Refused
from engine.domain.messages import NoticeChannel as Way
from engine.domain.status import DossierStatus
from engine.settings.channels import ChannelSettings
from tests.builders import Office, an_office
from tests.support.command import start_motcua
from tests.support.sinks import GatewaySink, MailSink

SECRET = "khóa thử"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def gateway() -> Iterator[GatewaySink]:
    with GatewaySink(SECRET) as sink:
        yield sink


def live(mail: MailSink, gateway: GatewaySink, **changes: object) -> ChannelSettings:
    email = {"host": "127.0.0.1", "port": mail.port, "security": "none", "sender": "motcua@binhson.example"}
    door = {"url": gateway.url, "key_id": "k1", "secret": SECRET, "timeout_seconds": 60}
    return ChannelSettings.model_validate(
        {"mode": "live", "email": {**email, "timeout_seconds": 60}, "sms": door, "zalo": door, **changes}
    )


@contextmanager
def connected(office: Office, mail: MailSink, gateway: GatewaySink, **changes: object) -> Iterator[Office]:
    url = office.engine.settings.database_url
    with an_office(url, clock=office.now, channels=live(mail, gateway, **changes)) as other:
        yield other


def somebody(number: int = 1, **changes: str) -> Applicant:
    facts = {"phone": f"09120000{number:02d}", "email": f"dan{number}@example.vn", "address": "12 đường Trần Phú"}
    return Applicant(f"Nguyễn Thị Số {number}", "001099123456", **(facts | changes))


def receive(office: Office, *ways: Way, number: int = 1, **changes: str) -> str:
    return office.receive(applicant=somebody(number, **changes), notify_by=ways)


def states(office: Office) -> dict[str, str]:
    return {str(key): str(state) for key, state in office.rows("SELECT key, state FROM deliveries ORDER BY id")}


def in_list(office: Office, view: str, who: str = "lan") -> list[int]:
    page = office.engine.messages.page(office.person(who), view, at=office.now)
    assert page.counts[view] == page.total == len(page.lines)
    return [line.id for line in page.lines]


def test_mail_that_was_down_for_an_hour_refuses_some_and_is_slow_arrives_once_each(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    with connected(office, mail, gateway) as busy:
        mail.down()
        for number in range(8):
            receive(busy, Way.EMAIL, number=number)
        receive(busy, Way.SMS, number=50)
        for _ in range(12):  # an hour
            busy.engine.outbox.run(busy.now)
            busy.clock.advance(5 * MINUTE)
        assert len(in_list(busy, "machine")) == 8, "the page shows what waits"
        assert len(gateway.accepted) == 1, "a dead mail server holds up no short message"
        assert busy.count("letters", "rendered_at IS NULL") == 0, "nor any letter"
        ((tries,),) = busy.rows("SELECT sum(attempts) FROM deliveries WHERE channel = 'email'")
        assert int(str(tries)) <= 20, "a dead server is left to rest, not asked for every message"
        mail.moods["dan1@example.vn"] = [451, 450]
        mail.moods["dan2@example.vn"] = [421]
        mail.data_moods = [452]
        mail.seconds = 0.05
        mail.up()
        for _ in range(30):
            busy.engine.outbox.run(busy.now)
            busy.clock.advance(10 * MINUTE)
        assert sorted(mail.recipients) == sorted(f"dan{number}@example.vn" for number in range(8))
        assert len({mail["Message-ID"] for mail in mail.mails}) == 8
        assert in_list(busy, "machine") == []
        assert set(states(busy).values()) == {"sent"}


def test_whoever_is_killed_between_sending_and_noting_it_sends_nothing_twice(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    receive(office, Way.EMAIL, number=1)
    receive(office, Way.SMS, number=2)
    office.engine.outbox.keep_letters(office.now)
    both = threading.Barrier(2)
    process = start_motcua(
        "outbox",
        database_url=office.engine.settings.database_url,
        channels__mode="live",
        channels__offered='["email", "sms"]',
        channels__email__host="127.0.0.1",
        channels__email__port=str(mail.port),
        channels__email__security="none",
        channels__email__sender="motcua@binhson.example",
        channels__sms__url=gateway.url,
        channels__sms__secret=SECRET,
    )

    def die() -> None:
        both.wait(60)
        os.kill(process.pid, signal.SIGKILL)

    mail.on_mail = gateway.on_message = die
    process.communicate(timeout=90)
    mail.on_mail = gateway.on_message = lambda: None
    assert set(states(office).values()) == {"sending"}, "the other sides have it, and we do not know"
    with connected(office, mail, gateway) as later:  # the program that was killed kept the time of the machine
        later.clock.move_to(SystemClock().now() + timedelta(minutes=7))
        later.engine.outbox.run(later.now)
        assert states(later) == {"letter:1:email": "unknown", "letter:2:sms": "sent"}
        assert len(mail.raw) == 1, "SMTP knows no keys: a person decides"
        assert [message["key"] for message in gateway.posted] == ["letter:2:sms"] * 2
        assert len(gateway.accepted) == 1, "the gateway knew the key again"
        (stuck,) = in_list(later, "stuck")
        assert later.count("notices", "message = 'message_unknown'") == 1
        later.engine.messages.retry(later.person("lan"), stuck, "Người dân báo chưa nhận được", at=later.now)
        later.engine.outbox.run(later.now)
        assert len({str(each["Message-ID"]) for each in mail.mails}) == 1, "a second copy is known by its Message-ID"


def test_a_line_that_breaks_after_the_content_leaves_the_message_in_doubt(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    mail.drops_after_data = 1
    with connected(office, mail, gateway) as broken:
        receive(broken, Way.EMAIL, Way.SMS)
        for _ in range(3):
            broken.engine.outbox.run(broken.now)
            broken.clock.advance(timedelta(hours=3))
        assert states(broken) == {"letter:1:email": "unknown"}
        assert len(mail.raw) == 1
        (stuck,) = in_list(broken, "stuck")
        broken.engine.messages.use_other(broken.person("lan"), stuck, "sms", "Gửi lại qua SMS", at=broken.now)
        broken.engine.outbox.run(broken.now)
        assert states(broken) == {"letter:1:email": "cancelled", "letter:1:sms": "sent"}


def test_what_is_refused_for_good_takes_the_next_channel_and_the_desk_is_told(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    mail.moods["dan1@example.vn"] = [550]
    with connected(office, mail, gateway) as refused:
        receive(refused, Way.EMAIL, Way.ZALO, Way.SMS)
        worked = refused.engine.outbox.run(refused.now)
        assert worked.failed == 1
        refused.clock.advance(MINUTE)
        refused.engine.outbox.run(refused.now)
        assert states(refused) == {"letter:1:email": "failed", "letter:1:zalo": "sent"}
        assert refused.count("notices", "message = 'message_failed' AND role = 'clerk'") == 1
        assert in_list(refused, "stuck") == [], "another channel has taken over"


def test_a_gateway_that_is_away_is_tried_with_growing_pauses_and_then_given_up_loudly(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    gateway.moods = [503] * 1000
    with connected(office, mail, gateway, retry={"attempts": 4}) as away:
        receive(away, Way.SMS)
        away.engine.outbox.keep_letters(away.now)
        tried = []
        for _ in range(60):
            away.engine.outbox.run(away.now)
            tried.append(len(gateway.posted))
            away.clock.advance(MINUTE)
        waits = [number for number, count in enumerate(tried) if number and count > tried[number - 1]]
        assert len(gateway.posted) == 4
        assert waits == sorted(waits)
        assert waits[-1] - waits[-2] > waits[1] - waits[0]
        assert states(away) == {"letter:1:sms": "failed"}
        assert len(in_list(away, "stuck")) == 1
        assert in_list(away, "stuck", "giam") == in_list(away, "stuck"), "the supervisor sees it too"
        with pytest.raises(Refused):
            away.engine.messages.cancel(away.person("minh"), 1, "không phải việc của tôi", at=away.now)


def test_a_channel_that_is_dead_for_a_day_lets_even_untried_messages_take_another_way(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    mail.down()
    with connected(office, mail, gateway) as dead:
        for number in range(4):
            receive(dead, Way.EMAIL, Way.SMS, number=number)
        for _ in range(14):
            dead.engine.outbox.run(dead.now)
            dead.clock.advance(timedelta(hours=2))
        dead.engine.outbox.run(dead.now)
        assert sorted(gateway.accepted) == [f"letter:{number}:sms" for number in range(1, 5)]
        assert dead.count("deliveries", "channel = 'email' AND state = 'failed'") == 4


def test_a_message_that_is_stopped_while_somebody_sends_it_is_not_sent(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    receive(office, Way.SMS)
    office.engine.outbox.keep_letters(office.now)
    with connected(office, mail, gateway) as busy:
        with busy.engine.uow.write() as tx:
            claimed = tx.deliveries.claim(Way.SMS, busy.now, busy.now + MINUTE)
        assert claimed is not None
        busy.engine.messages.cancel(busy.person("lan"), claimed.id, "Người dân đã đến nhận", at=busy.now)
        assert not busy.engine.dispatcher._try(claimed, lambda: busy.now)
        assert gateway.posted == []
        assert states(busy) == {"letter:1:sms": "cancelled"}


def test_a_fault_of_ours_after_the_door_leaves_the_message_in_doubt_and_the_others_go_on(
    office: Office, mail: MailSink, gateway: GatewaySink
):
    class Broken:
        is_idempotent, takes_attachments, tries = False, True, 0

        def send(self, message: Message, at_the_door: Callable[[], object]) -> Receipt:
            self.tries += 1
            if self.tries == 1:
                at_the_door()
            if self.tries < 3:
                raise RuntimeError(message.to)
            at_the_door()
            return Receipt("r")

    for number in range(3):
        receive(office, Way.EMAIL, number=number)
    vars(office.engine).update(channels={**office.engine.channels, Way.EMAIL: Broken()})
    office.engine.outbox.run(office.now)
    assert list(states(office).values()) == ["unknown", "failed", "sent"]
    assert office.count("deliveries", "last_error LIKE '%@%'") == 0, "no address in what is told of a failure"


def test_two_senders_at_once_send_each_message_once(office: Office, mail: MailSink, gateway: GatewaySink):
    for number in range(6):
        receive(office, Way.EMAIL, number=number)
    office.engine.outbox.keep_letters(office.now)
    with connected(office, mail, gateway) as one, connected(office, mail, gateway) as two:
        mail.seconds = 0.02
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda each: each.engine.dispatcher.run(Way.EMAIL, each.now), (one, two)))
    assert sum(each.sent for each in done) == len(mail.raw) == 6
    assert len(set(mail.recipients)) == 6


def test_what_waits_longer_than_two_working_days_is_an_alarm(office: Office):
    office.engine.overdue.sweep(office.now)
    receive(office, Way.POST)
    office.do("000.01.00.H99-260302-0001", "forward_dossier")
    office.clock.advance(timedelta(days=3, hours=9))  # Thursday 18:00: overdue, the apology goes by post
    office.sweep()
    office.engine.outbox.run(office.now)
    assert len(in_list(office, "post")) == 1
    office.clock.advance(timedelta(days=3))  # Sunday: one working day and an hour of the evening
    assert in_list(office, "late") == []
    office.clock.advance(timedelta(days=2))
    assert len(in_list(office, "late")) == 1
    checks = {check.name: check for check in office.engine.health(office.now).checks}
    assert not checks["Thư, tin nhắn chờ gửi"].ok
    assert "Bưu chính 1" in checks["Thư, tin nhắn chờ gửi"].detail


def test_where_no_channel_was_chosen_the_desk_telephones_about_what_must_reach_people(office: Office):
    code = receive(office)
    assert in_list(office, "call") == [], "a receipt was handed over at the counter"
    office.do(code, "forward_dossier")
    office.do(code, appraisal="supplement", missing_items="Bản sao Giấy chứng nhận")
    while office.dossier(code).status is not DossierStatus.SUPPLEMENT_REQUESTED:
        office.do(code)
    office.engine.outbox.run(office.now)
    (call,) = in_list(office, "call")
    lan = office.person("lan")
    office.engine.messages.called(lan, call, "Máy bận", reached=False, at=office.now)
    assert in_list(office, "call") == [call]
    office.engine.messages.called(lan, call, "Đã báo bà Hoa, sẽ nộp thứ Năm", reached=True, at=office.now)
    assert in_list(office, "call") == []
    told = office.events(code, "message_handled")
    assert [event["what"] for event in told] == ["not_reached", "called"]
    with pytest.raises(NotAllowedNow):
        office.engine.messages.called(lan, call, "lần nữa", reached=True, at=office.now)


def test_one_act_is_told_once_and_a_status_by_itself_is_told_too(office: Office):
    code = receive(office, Way.SMS)
    office.do(code, "forward_dossier")
    assert [str(event) for (event,) in office.rows("SELECT event FROM deliveries ORDER BY id")] == [
        "receipt",
        "status_changed",
    ]
    ((body,),) = office.rows("SELECT body FROM deliveries WHERE event = 'status_changed'")
    assert "Đang xử lý" in str(body)
    assert code in str(body)
    assert "Nguyễn" not in str(body)
    assert "001099123456" not in str(body)
