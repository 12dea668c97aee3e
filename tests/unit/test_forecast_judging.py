"""The judge of forecasts: on a log whose truth is known, and never with what was not known yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.forecast import forecast
from engine.cli.forecast.judging import Judgement, TooShort, judge
from engine.cli.replay.log import Case, Event
from engine.domain.calendar import WorkingCalendar

START = datetime(2026, 1, 5, 2, tzinfo=UTC)
END = START + timedelta(days=200)
HEAD = "ho_so,buoc,luc,nguoi,nhom,nhan,hen,tra,kenh"
MAPPING = Path(__file__).parents[1] / "data" / "small_log.mapping.yaml"


def a_case(number: int) -> Case:
    """Received one a day with 28 days to go; every third is sent to a slow desk after a week, and is late."""
    received = START + timedelta(days=number)
    is_slow = number % 3 == 0
    seen = Event("Xem xét" if is_slow else "Kiểm tra", received + timedelta(days=7), "a", "", number)
    ended = received + timedelta(days=40 if is_slow else 20)
    return Case(str(number), received, received + timedelta(days=28), ended, "quay", (seen,))


CASES = [a_case(number) for number in range(120)]


def judged(cases: list[Case]) -> Judgement:
    return judge(cases, WorkingCalendar(), END)


def test_where_a_step_gives_lateness_away_the_forecast_knows_and_the_rules_do_not() -> None:
    found = judged(CASES)
    briers = {score.name: score.brier for score in found.scores}
    assert briers["product"] < min(brier for name, brier in briers.items() if name.startswith(("rule", "base")))
    assert briers["product"] < 0.1
    assert found.late_share > 0.3
    assert found.mornings == sum(each.count for each in found.bins)


def test_what_happens_after_the_cut_is_not_learned_before_it() -> None:
    """Files received after the cut end otherwise: only what was told of them later may differ, not what was learned."""
    cut_at = judged(CASES).cut_at
    changed = [
        replace(case, delivered_at=case.received_at + timedelta(days=20)) if case.received_at > cut_at else case
        for case in CASES
    ]
    before, after = judged(CASES), judged(changed)
    assert (before.cut_at, before.learned) == (after.cut_at, after.learned)
    assert after.late_share < before.late_share
    with pytest.raises(TooShort):
        judged(CASES[:2])


def test_the_command_prints_the_score_and_the_table(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [
        f"{case.id},{event.name},{event.at.isoformat()},{event.actor},,{case.received_at.isoformat()},"
        f"{case.due_at.isoformat()},{case.delivered_at.isoformat() if case.delivered_at else ''},quay"
        for case in CASES
        for event in case.events
    ]
    log.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    answer = CliRunner().invoke(forecast, ["evaluate", "--log", str(log), "--mapping", str(MAPPING)])
    assert answer.exit_code == 0, answer.output
    assert "tỷ lệ trễ chung" in answer.output
    assert "thực tế trễ" in answer.output
