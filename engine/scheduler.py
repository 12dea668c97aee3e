"""The heartbeat: a table of what is repeated how often. No logic, no memory: the truth is rows, keys and claims.

APScheduler's stores are never shared between processes and its missed runs are merged into one; whatever a tick
finds to do it finds in the database, so a tick that never came only means that the next one finds more.
"""

from __future__ import annotations

import logging
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.persistence.read_only import ReadOnlyNow

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.bootstrap import Engine
    from engine.domain.messages import NoticeChannel

_log = logging.getLogger(__name__)
# What comes rarely has time at the start as well: late dossiers and letters that wait go first.
RARE, LATER = 600, timedelta(seconds=30)
# A tick that comes while the last one still works is passed over: that is meant, and no news for anybody.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def start_scheduler(engine: Engine) -> BackgroundScheduler:
    """Start the heartbeat of an engine in this process and return it; `shutdown()` stops it."""
    seconds = engine.settings.overdue.sweep_every_seconds
    jobs: tuple[tuple[str, int, Callable[[], object]], ...] = (
        ("sweep", seconds, lambda: engine.overdue.sweep(engine.clock.now())),
        ("reprojection", seconds, lambda: engine.reprojection.run(engine.clock.now())),
        ("intake_drafts", 3600, lambda: engine.intake_drafts.expire(engine.clock.now())),
        ("what_if", min(seconds, 10), lambda: engine.what_if.run(engine.clock.now())),
        ("orders", min(seconds, 5), lambda: engine.orders.run(engine.clock.now())),
        ("reorganisation", min(seconds, 10), lambda: engine.reorganisation.run(engine.clock.now())),
        ("chains", min(seconds, 10), lambda: engine.audit.run(engine.clock.now())),
        ("exports", min(seconds, 5), lambda: engine.exports.run(engine.clock.now())),
        ("simulations", min(seconds, 10), lambda: engine.simulations.run(engine.clock.now())),
        ("forecast", 900, lambda: engine.forecasts.run(engine.clock.now())),
        ("reports", 3600, lambda: engine.reporting.remind(engine.clock.now())),
        ("tidy", 600, lambda: engine.beside.tidy(engine.clock.now())),
        ("files", max(seconds, 30), lambda: engine.file_keeping.tidy(engine.clock.now())),
        ("outbox", min(seconds, 10), lambda: engine.outbox.keep_letters(engine.clock.now())),
        *((channel, min(seconds, 10), _sender(engine, channel)) for channel in engine.dispatcher.automatic),
    )
    # One thread a job: the render process is used by the outbox alone, and no channel waits for another.
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, every, work in jobs:
        tick = _guarded(name, work, engine.calendars.look_again, lambda: _can_write(engine))
        first = engine.clock.now() + (LATER if every >= RARE else timedelta())
        scheduler.add_job(tick, "interval", seconds=every, id=name, next_run_time=first)
    scheduler.start()
    return scheduler


def _sender(engine: Engine, channel: NoticeChannel) -> Callable[[], object]:
    return lambda: engine.dispatcher.run(channel, engine.clock.now())


def _can_write(engine: Engine) -> bool:
    """Whether there is any use in working: asked of the database only after it refused to write something."""
    if not engine.uow.read_only:
        return True
    if not engine.uow.probe(engine.clock.now()):
        return False
    _log.warning("the database takes writes again: the heartbeat goes on")
    return True


def _guarded(
    name: str,
    work: Callable[[], object],
    look_again: Callable[[], object],
    can_write: Callable[[], bool] = lambda: True,
) -> Callable[[], None]:
    """A tick that fails is logged and comes again; a dead database must not kill the heartbeat.

    It first looks whether anything can be written, then whether somebody has changed a calendar. While nothing can be
    written the heartbeat rests, and says so once.
    """

    def tick() -> None:
        try:
            if can_write():
                look_again()
                work()
        except ReadOnlyNow as error:
            _log.warning(
                "nothing can be written: the heartbeat rests until it can", extra={"job": name, "why": str(error)}
            )
        except Exception:  # noqa: BLE001 - the next tick tries again
            _log.exception("a tick failed and will be repeated", extra={"job": name})

    return tick
