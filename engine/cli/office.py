"""`motcua migrate`, `demo`, `serve`: put an office in order, fill it for a demonstration, open its doors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from engine.cli.shared import opened, with_config

if TYPE_CHECKING:
    from engine.bootstrap import Engine
    from engine.config import Settings


@click.command()
@with_config
def migrate(settings: Settings) -> None:
    """Tạo hoặc nâng cấp cơ sở dữ liệu; nhập cây đơn vị và công bố các thủ tục."""
    with opened(settings, check=False) as engine:
        before, after, installed = engine.migrate(engine.clock.now())
    click.echo(
        f"cơ sở dữ liệu: {before or 'trống'} → {after}; {installed.units} đơn vị; "
        f"{installed.new_versions} phiên bản thủ tục mới",
        err=True,
    )
    for warning in installed.warnings:
        click.echo(f"motcua: cảnh báo: {warning}", err=True)


@click.command()
@with_config
def demo(settings: Settings) -> None:
    """Lập một văn phòng trình diễn trong cơ sở dữ liệu trống, qua chính các nghiệp vụ thật."""
    from tqdm import tqdm

    from engine.cli.demo import fill

    with opened(settings) as engine, tqdm(unit="bước", file=sys.stderr, disable=None, leave=False) as bar:
        keys = _trial_keys(engine)
        filled = fill(engine, engine.clock.now(), bar.update)
    if keys:
        click.echo(f"đã tạo {keys} chứng thư THỬ NGHIỆM trong {settings.signing.test_keys}", err=True)
    click.echo(f"đã lập {filled} hồ sơ trình diễn" if filled else "đã có dữ liệu, không lập thêm", err=True)


def _trial_keys(engine: Engine) -> int:
    """Make certificates that are worth nothing for the units of a demonstration; answers how many were missing."""
    from letters.signing.trial import make_trial_keys

    folder = engine.settings.signing.test_keys
    if folder is None:
        return 0
    names = {unit.code: unit.short_name or unit.name for unit in engine.units}
    return make_trial_keys(folder, names, engine.clock.now())


@click.command()
@click.option("--host", help="Địa chỉ lắng nghe (mặc định theo cấu hình).")
@click.option("--port", type=int, help="Cổng (mặc định theo cấu hình).")
@click.option("--no-scheduler", is_flag=True, help="Không chạy bộ hẹn giờ trong tiến trình này.")
@with_config
def serve(settings: Settings, host: str | None, port: int | None, no_scheduler: bool) -> None:
    """Mở trang web, kèm bộ hẹn giờ trừ khi --no-scheduler."""
    import signal
    from threading import Thread

    from waitress import create_server

    from engine import charts
    from engine.cli.logs import configure_logs
    from engine.scheduler import start_scheduler
    from web import create_app

    configure_logs()
    for number in (signal.SIGTERM, signal.SIGINT):  # the first is what managers of services send
        signal.signal(number, signal.default_int_handler)
    with opened(settings) as engine:
        server = create_server(
            create_app(engine),
            host=host or settings.web.host,
            port=settings.web.port if port is None else port,
            threads=settings.web.threads,
            max_request_body_size=settings.files.largest_request + 1,
            ident=None,
        )
        running = None if no_scheduler else start_scheduler(engine)
        Thread(target=charts.warm, name="charts", daemon=True).start()
        _greet(engine, f"http://{server.effective_host}:{server.effective_port}")
        try:
            server.run()
        finally:
            server.close()
            if running is not None:
                running.shutdown()


def _greet(engine: Engine, address: str) -> None:
    click.echo(f"{engine.settings.name}\n{address}", err=True)
    accounts = engine.access.demo_accounts()
    if accounts:
        from engine.cli.demo.cast import PASSWORD

        click.echo(f"\nTài khoản trình diễn (mật khẩu chung: {PASSWORD}):", err=True)
        for username, full_name, role, unit in accounts:
            click.echo(f"  {username:<8} {full_name:<22} {role}, {unit}", err=True)
