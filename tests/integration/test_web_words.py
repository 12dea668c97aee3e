"""Domain values in Vietnamese words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel

from engine.domain.status import DossierStatus
from engine.domain.views import Urgency
from web.diagram import drawn_steps
from web.presenters import STATUS_LOOKS, TURNS, URGENCY_LOOKS, Presenter, number, short_code

BPMN = """
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">
  <process>
    <laneSet><lane name="Lãnh đạo"><flowNodeRef>sign</flowNodeRef></lane></laneSet>
    <userTask id="sign" name="Ký"/>
    <callActivity id="receive" name="Tiếp nhận"/>
  </process>
  <di:BPMNDiagram><di:BPMNPlane>
    <di:BPMNShape bpmnElement="sign"><dc:Bounds x="300"/></di:BPMNShape>
    <di:BPMNShape bpmnElement="receive"><dc:Bounds x="100"/></di:BPMNShape>
  </di:BPMNPlane></di:BPMNDiagram>
</definitions>"""


@pytest.fixture(autouse=True)
def _words() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield


@pytest.fixture
def presenter() -> Presenter:
    return Presenter(ZoneInfo("Asia/Ho_Chi_Minh"), minutes_a_day=480)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1140, "còn 2 ngày 3 giờ làm việc"),
        (480, "còn 1 ngày làm việc"),
        (95, "còn 1 giờ 35 phút làm việc"),
        (0, "còn dưới 1 phút làm việc"),
        (-485, "quá hạn 1 ngày làm việc"),
        (-30, "quá hạn 30 phút làm việc"),
        (None, ""),
    ],
)
def test_office_time_that_is_left_is_told_in_days_of_office_hours(
    presenter: Presenter, minutes: int | None, words: str
):
    assert presenter.remaining(minutes) == words


def test_an_instant_is_told_on_the_clock_of_the_office(presenter: Presenter):
    at = datetime(2026, 2, 27, 17, 30, tzinfo=UTC)
    assert presenter.moment(at) == "00:30 ngày 28/02/2026"
    assert presenter.when(at) == '<time datetime="2026-02-28T00:30+07:00">00:30 ngày 28/02/2026</time>'
    assert presenter.day(at) == "28/02/2026"
    assert presenter.day(date(2026, 2, 27)) == "27/02/2026"
    assert presenter.moment(None) == presenter.when(None) == presenter.day(None) == ""


@pytest.mark.parametrize(
    ("value", "words"), [(1234567, "1.234.567"), (1234.5, "1.234,5"), (None, "–"), ("Sở", "Sở"), (0, "0")]
)
def test_figures_are_written_as_vietnamese_readers_expect(value: object, words: str):
    assert number(value) == words


def test_a_code_is_shown_with_the_end_by_which_people_call_it():
    assert short_code("000.01.00.H99-260227-0001") == ("000.01.00.H99-", "260227-0001")
    assert short_code("4711") == ("", "4711")


def test_every_state_and_every_urgency_has_a_look_and_words():
    assert set(STATUS_LOOKS) == set(TURNS) == set(DossierStatus)
    assert set(URGENCY_LOOKS) == set(Urgency)


def test_the_steps_of_a_drawing_are_listed_from_left_to_right():
    steps = drawn_steps(BPMN, active=["sign"], done=["receive"])
    assert [(step.name, step.lane, step.state) for step in steps] == [
        ("Tiếp nhận", "", "done"),
        ("Ký", "Lãnh đạo", "current"),
    ]
