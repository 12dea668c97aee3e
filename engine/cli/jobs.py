"""`motcua sweep`, `outbox`, `scheduler`, `doctor`, `audit verify`: the jobs of the house, by hand."""

from __future__ import annotations

import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, opened, parse_instant, print_json, with_config

if TYPE_CHECKING:
    from engine.bootstrap import Engine
    from engine.config import Settings


@click.command()
@click.option("--at", help="Quét như đang ở thời điểm này (mặc định: bây giờ).", metavar="T")
@json_option
@with_config
def sweep(settings: Settings, at: str | None, as_json: bool) -> None:
    """Tìm hồ sơ sắp đến hạn và quá hạn một lần; chạy lại không sinh thêm gì."""
    with opened(settings) as engine:
        swept = engine.overdue.sweep(parse_instant(at, settings.zone, "--at") if at else engine.clock.now())
    if as_json:
        print_json(swept, settings.zone)
    else:
        click.echo(
            f"sắp đến hạn {swept.due_soon}, quá hạn {swept.overdue}, "
            f"văn bản xin lỗi {swept.letters}, lỗi {swept.failed}"
        )
    if swept.failed:
        sys.exit(1)


@click.command()
@click.option(
    "--once", is_flag=True, help="Làm một lượt rồi dừng (mặc định: làm hết, kể cả việc một tiến trình đã chết còn giữ)."
)
@json_option
@with_config
def outbox(settings: Settings, once: bool, as_json: bool) -> None:
    """Dựng và gửi các văn bản đã được ghi nhận mà chưa làm xong."""
    from tqdm import tqdm

    with opened(settings) as engine:
        waiting = engine.outbox.waiting()
        with tqdm(total=waiting, unit="văn bản", disable=as_json or None, file=sys.stderr) as bar:
            worked = engine.outbox.run(engine.clock.now(), on_progress=bar.update, most=1 if once else None)
            while not once and _others_hold(engine):
                # What a dead worker held is free when its lease ends: whoever asks for everything waits for that.
                time.sleep(1)
                worked = worked + engine.outbox.run(engine.clock.now(), on_progress=bar.update)
        channels = engine.dispatcher.counts()
    if as_json:
        print_json({**asdict(worked), "channels": channels}, settings.zone)
    else:
        click.echo(f"đã dựng {worked.rendered}, đã gửi {worked.sent}, lỗi {worked.failed}, còn chờ {worked.waiting}")
    if worked.failed:
        sys.exit(1)


def _others_hold(engine: Engine) -> bool:
    held_until = engine.outbox.leased_until()
    return held_until is not None and held_until >= engine.clock.now()


@click.command()
@with_config
def scheduler(settings: Settings) -> None:
    """Chạy bộ hẹn giờ, không kèm trang web."""
    from engine.cli.logs import configure_logs
    from engine.scheduler import start_scheduler

    configure_logs()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(settings) as engine:
        running = start_scheduler(engine)
        click.echo("bộ hẹn giờ đang chạy", err=True)
        stop.wait()
        running.shutdown()


@click.command()
@json_option
@with_config
def doctor(settings: Settings, as_json: bool) -> None:
    """Khám hệ thống: cơ sở dữ liệu, phông chữ, lịch năm sau, bộ hẹn giờ, văn bản bị kẹt."""
    with opened(settings, check=False) as engine:
        health = engine.health(engine.clock.now())
    if as_json:
        checks = [{"name": name, "ok": ok, "detail": detail} for name, ok, detail in health.checks]
        print_json({"ok": health.ok, "checks": checks}, settings.zone)
    else:
        for name, ok, detail in health.checks:
            click.echo(f"{'đạt' if ok else 'LỖI'}  {name}: {detail}")
    if not health.ok:
        sys.exit(1)


@click.group()
def audit() -> None:
    """Nhật ký xử lý."""


@audit.command()
@json_option
@with_config
def verify(settings: Settings, as_json: bool) -> None:
    """Kiểm tra chuỗi băm: nhật ký có bị sửa không."""
    with opened(settings) as engine:
        verified = engine.audit.verify()
    if as_json:
        print_json(verified, settings.zone)
    else:
        state = "nguyên vẹn" if verified.ok else f"bị sửa tại {verified.first_broken}"
        click.echo(f"{verified.events} sự kiện, {state}")
    if not verified.ok:
        sys.exit(1)
