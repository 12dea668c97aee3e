"""Whose time a dossier took, what a pause was proved by, which of its steps were late: on record when it ends."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.domain.answers import FormRefused
from engine.domain.time_shares import office_seconds
from tests.builders import REISSUE, an_office, copy_procedures, prepare_office
from tests.scenario import Scenario

HOUR = 3600


def pauses(s: Scenario) -> list[tuple[object, ...]]:
    return s.office.rows("SELECT ground, ground_name, charged_to, document FROM clock_entries WHERE kind = 'paused'")


def shares(s: Scenario) -> dict[str, int]:
    ((kept,),) = s.office.rows("SELECT time_shares FROM outcomes")
    found: dict[str, int] = kept if isinstance(kept, dict) else json.loads(str(kept))
    return found


def test_the_time_of_a_dossier_is_charged_to_the_last_minute(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").on("2026-03-02 11:00").forward()
    s.on("2026-03-03 10:00").appraise("supplement", missing_items="Bản đồ", reason="Thiếu")
    s.on("2026-03-05 10:00").bring_supplement().on("2026-03-06 10:00").appraise().review()
    s.on("2026-03-06 15:00").register().sign().on("2026-03-20 09:00").deliver()
    registry = s.dossier.deciding_unit_id
    assert shares(s) == {"counter": 2 * HOUR, f"unit:{registry}": 19 * HOUR, "applicant": 16 * HOUR}
    assert office_seconds(shares(s)) == 21 * HOUR, "two weeks on the shelf are nobody's time"
    row = s.office.engine.reports.results(date(2026, 3, 1), date(2026, 3, 31)).rows[0]
    assert (row["counter_days"], row["unit_days"], row["applicant_days"]) == (0.25, 2.38, 2.0)


def test_a_pause_keeps_whose_time_it_is_and_the_letter_that_ordered_it(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-03 10:00").appraise("supplement", missing_items="Bản đồ", reason="Thiếu")
    document = "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ số 01/PBS-CNVPĐKĐĐ"
    assert pauses(s) == [("supplement", "chờ bổ sung hồ sơ", "applicant", document)]


def test_a_step_that_may_pause_the_clock_asks_for_the_document_and_goes_no_further_without(s: Scenario):
    s.receive("1.013831", on="2026-03-02 09:00").forward().on("2026-03-03 10:00")
    (task,) = s.office.open_tasks(s.code)
    view = s.office.engine.dossiers.view(s.office.whose_turn(task), s.code, at=s.office.now)
    assert [field.id for field in view.steps[0].fields][-1] == "pause_document"
    before = s.dossier
    with pytest.raises(FormRefused, match="theo văn bản của Tòa án") as refused:
        s.do(task.step_id, appraisal="hold")
    assert (list(refused.value.fields), s.dossier) == (["pause_document"], before)
    s.do(task.step_id, appraisal="hold", pause_document="15/CV-THADS")
    assert [row[2:] for row in pauses(s)] == [("other_agency", "15/CV-THADS")]


def test_a_late_step_does_not_hide_in_a_dossier_that_is_on_time(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").on("2026-03-03 16:00").forward()
    s.appraise().review().register().sign()
    rows = s.office.rows("SELECT step_id, late_minutes, slack_minutes FROM tasks ORDER BY id")
    late = {str(step): (minutes, slack) for step, minutes, slack in rows}
    assert late["forward_dossier"][0] == 10 * 60, "it had half a day, until 14:00, and took until 16:00 next day"
    assert late["appraise_dossier"][1] == -3 * 60, "half of the first day that counts was planned, it took until 16:00"
    report = s.office.engine.reports.steps(date(2026, 3, 1), date(2026, 3, 31))
    row = next(row for row in report.rows if row["step_id"] == "forward_dossier")
    assert (row["done"], row["late_steps"], row["late_steps_share"], row["mean_late_hours"]) == (1, 1, 1.0, 10.0)
    assert row["late_in_time"] == 0, "nobody knows yet"
    s.deliver()
    report = s.office.engine.reports.steps(date(2026, 3, 1), date(2026, 3, 31), unit_code="BS-TTPVHCC")
    assert {row["unit_code"] for row in report.rows} == {"BS-TTPVHCC"}
    assert next(row for row in report.rows if row["step_id"] == "forward_dossier")["late_in_time"] == 1


def test_an_office_changes_its_grounds_and_no_pause_of_before_is_told_otherwise(tmp_path: Path):
    database_url = f"sqlite:///{tmp_path / 'office.db'}"
    prepare_office(database_url)
    folder = copy_procedures(tmp_path)
    with an_office(database_url, procedures=folder) as office:
        office.engine.migrate(office.now)
        s = Scenario(office)
        s.receive(REISSUE, on="2026-03-02 09:00").forward()
        s.on("2026-03-03 10:00").appraise("supplement", missing_items="Bản đồ", reason="Thiếu")
        file = folder / "shared" / "grounds.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("name: chờ bổ sung hồ sơ", "name: chờ giấy tờ"), encoding="utf-8")
        office.clock.advance(timedelta(days=2))
        view = office.engine.dossiers.view(office.person("minh"), s.code, at=office.now)
        assert any("chờ bổ sung hồ sơ" in line.what for line in view.clock)
        assert office.engine.office.grounds.get("supplement").name == "chờ giấy tờ"
