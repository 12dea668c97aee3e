"""The command `motcua replay LOG --mapping M`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.replay.log import latest_instant, read_log
from engine.cli.replay.mapping import check_mapping, load_mapping
from engine.cli.shared import json_option, parse_instant, print_json, with_config
from engine.clock import SetClock
from engine.settings.signing import SigningSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.bootstrap import Engine
    from engine.cli.replay.log import Case
    from engine.cli.replay.mapping import Mapping
    from engine.cli.replay.run import Replay
    from engine.config import Settings


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    "mapping_path",
    required=True,
    type=click.Path(path_type=Path),
    help="Tệp ánh xạ cột và bước.",
    metavar="M.yaml",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Giữ cơ sở dữ liệu SQLite tại đây (mặc định: dùng tạm rồi xóa).",
    metavar="PATH",
)
@click.option("--until", help="Đồng hồ dừng ở thời điểm này (mặc định: việc cuối cùng trong nhật ký).", metavar="T")
@json_option
@with_config
def replay(
    settings: Settings, log: Path, mapping_path: Path, keep: Path | None, until: str | None, as_json: bool
) -> None:
    """Sống lại một nhật ký thật theo đồng hồ của chính nó, qua các nghiệp vụ thật, trong cơ sở dữ liệu tạm.

    Trễ tính theo thời điểm chính xác; quá hạn là trả trễ, hoặc còn mở khi đồng hồ dừng mà đã qua ngày hẹn.
    """
    mapping = load_mapping(mapping_path)
    cases = read_log(log, mapping)
    if keep is not None and keep.exists():
        raise click.BadParameter(f"{keep} đã có; hãy chọn tên khác để không ghi đè", param_hint="--keep")
    ends_at = parse_instant(until, settings.zone, "--until") if until else latest_instant(cases)
    with tempfile.TemporaryDirectory(prefix="motcua-replay-") as scratch:
        path = keep or Path(scratch) / "replay.db"
        scratch_settings = settings.model_copy(
            update={
                "timezone": mapping.timezone,
                "database_url": f"sqlite:///{path.resolve()}",
                "signing": SigningSettings(),  # what is relived is never signed with a real key
            }
        )
        with _opened(scratch_settings, cases[0].received_at) as engine:
            check_mapping(mapping, engine.library.of_procedure(mapping.procedure), mapping_path)
            document = _live(engine, mapping, cases, ends_at, quiet=as_json and not sys.stderr.isatty())
    if as_json:
        print_json(document, scratch_settings.zone)
    else:
        for name, value in document.items():
            click.echo(f"{name:<20} {', '.join(value) if isinstance(value, list) else value}")


@contextmanager
def _opened(settings: Settings, at: datetime) -> Iterator[Engine]:
    from engine.bootstrap import build

    engine = build(settings, clock=SetClock(at))
    try:
        yield engine
    finally:
        engine.close()


def _live(engine: Engine, mapping: Mapping, cases: list[Case], ends_at: datetime, *, quiet: bool) -> dict[str, Any]:
    from tqdm import tqdm

    from engine.cli.replay.run import Replay

    engine.migrate(cases[0].received_at)
    run = Replay(engine, mapping, cases)
    with tqdm(total=run.moments, desc="hồ sơ", unit="việc", file=sys.stderr, disable=quiet) as bar:
        run.run(ends_at, bar.update)
    promises = 2 * engine.outbox.waiting()  # each letter is rendered, then put within reach
    with tqdm(total=promises, desc="văn bản", unit="việc", file=sys.stderr, disable=quiet) as bar:
        worked = engine.outbox.run(ends_at, on_progress=bar.update)
    if worked.failed:
        click.echo(f"motcua: {worked.failed} văn bản không dựng được", err=True)
    return _count(engine, run, ends_at)


def _count(engine: Engine, run: Replay, ends_at: datetime) -> dict[str, Any]:
    """Count from the database, not from the log: what the office would report."""
    from engine.services.imports import Taken

    figures = engine.imports.figures()
    tally = run.tally
    return {
        "dossiers": figures.dossiers,
        "events": tally.events,
        "deviations": tally.taken[Taken.DEVIATION],
        "recorded_outside": tally.taken[Taken.RECORDED_OUTSIDE],
        "delivered": figures.delivered,
        "open": figures.dossiers - figures.delivered,
        "early": figures.early,
        "on_time": figures.on_time,
        "late": len(figures.late_ids),
        "overdue": len(figures.overdue_ids),
        "apology_letters": figures.apology_letters,
        "apology_pdfs": figures.apology_pdfs,
        "letter_coverage": figures.letter_coverage,
        "late_ids": figures.late_ids,
        "overdue_ids": figures.overdue_ids,
        "unknown_steps": dict(tally.unknown_names),
        "ends_at": ends_at,
    }
