"""Whether every part of the installation works. Each check answers by itself: one that fails hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from engine.config import Settings
from engine.domain.errors import MotCuaError
from engine.domain.health import Check, FilesLook, Health
from engine.domain.messages import AUTOMATIC, NoticeChannel
from engine.effects.calendar_file import differences, waiting_for_migrate
from engine.effects.calendars import Calendars
from engine.effects.message_acts import waiting_since
from engine.effects.signing import SignerState
from engine.persistence.unit_of_work import UnitOfWork
from letters import LetterError

SLOWEST_SWEEP = timedelta(minutes=5)
SWEEPS_MISSED = 10
LONGEST_WAIT = timedelta(minutes=15)


class Doctor:
    """Looks at an installation. Nothing is opened before it is looked at, so a broken part is found, not run into."""

    def __init__(
        self,
        uow: UnitOfWork,
        settings: Settings,
        *,
        calendars: Callable[[], Calendars],
        check_schema: Callable[[], None],
        check_fonts: Callable[[], None],
        unpublished: Callable[[], Sequence[str]] = tuple,
        signers: Callable[[datetime], Sequence[SignerState]] = lambda _at: (),
        files: Callable[[], FilesLook] = FilesLook,
    ) -> None:
        """`calendars` answers the working calendars; the checks raise what is wrong with schema and letter fonts.

        `unpublished` names the files of procedures that differ from what is published, `signers` every key that signs.
        """
        self._uow = uow
        self._settings = settings
        self._calendars = calendars
        self._check_schema = check_schema
        self._check_fonts = check_fonts
        self._unpublished = unpublished
        self._signers = signers
        self._files = files

    def look(self, at: datetime) -> Health:
        """Look at every part as it is at `at`."""
        checks = tuple(self._looked_at(name, probe) for name, probe in self._probes(at))
        return Health(all(check.ok for check in checks), checks)

    def _probes(self, at: datetime) -> Iterator[tuple[str, Callable[[], tuple[bool, str]]]]:
        yield "Cơ sở dữ liệu", self._database
        yield "Phiên bản cơ sở dữ liệu", self._schema
        yield "Ghi cơ sở dữ liệu", lambda: self._writes(at)
        yield "Lịch làm việc", lambda: self._years(at)
        yield "Tệp lịch", self._calendar_file
        yield "Thủ tục đã công bố", self._versions
        yield "Bộ hẹn giờ", lambda: self._heartbeat(at)
        yield "Văn bản chờ tạo", lambda: self._waiting(at)
        yield "Văn bản không tạo được", self._given_up
        yield "Chữ ký số", lambda: self._signatures(at)
        yield "Kênh gửi tin", lambda: self._channels(at)
        yield "Thư, tin nhắn chờ gửi", lambda: self._messages(at)
        yield "Phông chữ của văn bản", self._fonts
        yield "Kho tệp", self._store

    def _looked_at(self, name: str, probe: Callable[[], tuple[bool, str]]) -> Check:
        try:
            return Check(name, *probe())
        except MotCuaError as error:
            return Check(name, ok=False, detail=error.message)
        except LetterError as error:
            return Check(name, ok=False, detail=str(error))

    def _database(self) -> tuple[bool, str]:
        with self._uow.read() as tx:
            people = tx.people.count()
        kind = "PostgreSQL" if self._settings.database_url.startswith("postgresql") else "SQLite"
        return True, f"{kind}, {people} tài khoản"

    def _writes(self, at: datetime) -> tuple[bool, str]:
        """Whether anything can be written; told by trying."""
        if self._uow.probe(at):
            return True, "ghi được"
        return False, f"CHỈ ĐỌC: {self._uow.read_only}; trang web vẫn cho xem, bộ hẹn giờ tự tạm dừng và tự chạy lại"

    def _store(self) -> tuple[bool, str]:
        """Whether the newest files are where the books say, and none waits for the virus scanner."""
        look = self._files()
        if look.missing:
            return False, f"{look.missing} tệp mới nhất không có trên đĩa; hãy chạy “motcua files check”"
        if look.waiting:
            return False, f"{look.waiting} tệp chờ quét vi-rút nên chưa mở được; hãy xem chương trình diệt vi-rút"
        return True, "đủ" if look.scans else "đủ; không quét vi-rút (khai báo ở files.scanner của cấu hình)"

    def _schema(self) -> tuple[bool, str]:
        self._check_schema()
        return True, "đúng phiên bản mà chương trình cần"

    def _years(self, at: datetime) -> tuple[bool, str]:
        calendar, now = self._calendars().default, at.astimezone(self._settings.zone)
        this_year, next_year = now.year, now.year + 1
        missing = [year for year in (this_year, next_year) if year not in calendar.covered_years]
        if missing:
            years = ", ".join(str(year) for year in missing)
            remedy = f"hãy chạy “motcua calendar draft {missing[0]}” rồi xác nhận"
            return False, f"chưa có ngày nghỉ lễ năm {years}; {remedy}"
        drafts = [str(year) for year in (this_year, next_year) if not calendar.is_confirmed(year)]
        note = f" (năm {', '.join(drafts)} là dự kiến, chưa có văn bản chính thức)" if drafts else ""
        if now.month >= self._settings.calendar.warn_from_month and not calendar.is_confirmed(next_year):
            note = (
                f" (CẢNH BÁO: năm {next_year} chưa được xác nhận; hãy đối chiếu văn bản rồi xác nhận ở trang Lịch "
                f"hoặc chạy “motcua calendar confirm {next_year} --by … --document …”)"
            )
        return True, f"đủ ngày nghỉ lễ năm {this_year} và {next_year}{note}"

    def _calendar_file(self) -> tuple[bool, str]:
        """Whether the file and the book say the same, or who of the two has something new."""
        calendars = self._calendars()
        book, source = calendars.book, calendars.source
        waiting = waiting_for_migrate(book, source)
        if waiting:
            return False, f"{source.file_name} có {waiting} thay đổi chưa vào lịch; hãy chạy “motcua migrate”"
        own = differences(book, source)
        if own:
            days = ", ".join(f"{day:%d/%m/%Y}" for day in own)
            return True, f"người dùng ghi khác {source.file_name} ở {len(own)} ngày ({days}) và lịch đó được dùng"
        return True, f"khớp {source.file_name}"

    def _heartbeat(self, at: datetime) -> tuple[bool, str]:
        with self._uow.read() as tx:
            beat = tx.installation.heartbeat("sweep")
        if beat is None:
            return False, "chưa chạy lần nào; hãy chạy “motcua serve” hoặc “motcua scheduler”"
        age = at - beat[0]
        longest = max(SLOWEST_SWEEP, SWEEPS_MISSED * timedelta(seconds=self._settings.overdue.sweep_every_seconds))
        if age > longest:
            return False, f"đã dừng từ {self._local(beat[0])}; hãy khởi động lại “motcua serve” hoặc “motcua scheduler”"
        return True, f"chạy lần cuối lúc {self._local(beat[0])}"

    def _waiting(self, at: datetime) -> tuple[bool, str]:
        with self._uow.read() as tx:
            count, oldest = tx.outbox.count_waiting(), tx.outbox.oldest_waiting()
        if oldest is not None and at - oldest > LONGEST_WAIT:
            return False, f"{count} việc đang chờ, việc cũ nhất từ {self._local(oldest)}; hãy chạy “motcua outbox”"
        return True, f"{count} việc đang chờ"

    def _given_up(self) -> tuple[bool, str]:
        with self._uow.read() as tx:
            count = tx.outbox.count_given_up()
        if count:
            return False, f"{count} văn bản đã thử nhiều lần không được; lý do nằm trong sổ văn bản"
        return True, "không có"

    def _channels(self, at: datetime) -> tuple[bool, str]:
        """Whether the other sides of the channels answer."""
        channels = self._settings.channels
        if channels.mode == "trial":
            return True, "chế độ thử nghiệm: không gửi gì ra ngoài; xem “Hộp thư thử nghiệm”"
        with self._uow.read() as tx:
            rests = [(channel, tx.deliveries.rest(channel)) for channel in sorted(AUTOMATIC)]
        away = [
            f"{channel.label} từ {self._local(rest.since)}: {rest.last_error}"
            for channel, rest in rests
            if rest is not None and rest.since is not None and rest.until is not None and rest.until > at
        ]
        if away:
            return False, f"không trả lời: {'; '.join(away)}; kênh khác vẫn gửi, hệ thống tự thử lại"
        return True, ", ".join(channel.label for channel in channels.offered if channel.is_automatic) or "không có"

    def _messages(self, at: datetime) -> tuple[bool, str]:
        """Whether something still waits after the days that the office allows."""
        days = self._settings.channels.alarm_after_working_days
        before = waiting_since(self._calendars().default, at.astimezone(self._settings.zone), days)
        with self._uow.read() as tx:
            stuck = tx.deliveries.count_stuck(before)
        if stuck:
            told = ", ".join(f"{NoticeChannel(channel).label} {count}" for channel, count in stuck.items())
            return False, f"quá {days} ngày làm việc chưa gửi xong: {told}; hãy xem trang Thư đi"
        return True, f"không có việc nào chờ quá {days} ngày làm việc"

    def _signatures(self, at: datetime) -> tuple[bool, str]:
        """Whether every key can sign, and none ends soon; a letter whose key cannot waits for it without end."""
        states = self._signers(at)
        with self._uow.read() as tx:
            waiting = tx.outbox.count_waiting("sign")
        faults = [f"{state.unit}: {state.detail}" for state in states if not state.ok]
        if faults:
            return False, "; ".join([*faults, f"{waiting} văn bản đang chờ ký"])
        if not states:
            return True, "không đơn vị nào ký số (khai báo ở mục signing của cấu hình)"
        tests = [state.unit for state in states if state.is_test]
        note = f"; CHỨNG THƯ THỬ NGHIỆM, không có giá trị pháp lý: {', '.join(tests)}" if tests else ""
        real = [f"{state.unit} {state.detail}" for state in states if not state.is_test]
        return True, "; ".join([f"{len(states)} khóa dùng được, {waiting} văn bản đang chờ ký", *real]) + note

    def _versions(self) -> tuple[bool, str]:
        """What is published is in force, whatever the folder says: a difference is told, and stops nothing."""
        differing = self._unpublished()
        if differing:
            files = ", ".join(differing)
            return True, f"thư mục thủ tục khác với bản đã công bố: {files}; xem “motcua versions”"
        return True, "thư mục thủ tục đúng như đã công bố"

    def _fonts(self) -> tuple[bool, str]:
        self._check_fonts()
        return True, "đủ"

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._settings.zone):%H:%M %d/%m/%Y}"
