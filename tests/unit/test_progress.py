"""The main road of a procedure, and where a dossier stands on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.domain.process import WaitsFor
from engine.domain.progress import MainStep, OpenPlace, Road, Visit, progress, waits_for
from engine.domain.status import DossierStatus
from engine.process.definitions import Definition
from engine.process.outline import outline

ROOT = Path(__file__).resolve().parents[2]


def step(name: str, *further: str, road: Road = Road.ALWAYS) -> MainStep:
    return MainStep(name, name, road, frozenset(further))


def at(hour: int) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)


def visit(element: str, opened: int, closed: int | None = None, *, is_interrupted: bool = False) -> Visit:
    return Visit(element, at(opened), None if closed is None else at(closed), is_interrupted)


def shown(*visits: Visit, steps: tuple[MainStep, ...], is_finished: bool = False) -> dict[str, str]:
    return {each.name: each.state for each in progress(steps, visits, is_finished=is_finished)}


STRAIGHT = (
    step("a", "b", "fix", "tax", "c"),
    step("fix", road=Road.ASIDE),
    step("b", "tax", "c"),
    step("tax", "c", road=Road.PERHAPS),
    step("c"),
)


def test_what_may_fall_away_says_so_until_it_is_passed_by() -> None:
    assert shown(visit("a", 0), steps=STRAIGHT) == {"a": "current", "b": "ahead", "tax (nếu có)": "ahead", "c": "ahead"}
    passed = shown(visit("a", 0, 1), visit("b", 1, 2), visit("c", 2), steps=STRAIGHT)
    assert passed == {"a": "done", "b": "done", "c": "current"}
    taken = shown(
        visit("a", 0, 1), visit("b", 1, 2), visit("tax", 2, 3), visit("c", 3, 4), steps=STRAIGHT, is_finished=True
    )
    assert taken == {"a": "done", "b": "done", "tax": "done", "c": "done"}


def test_what_was_sent_back_has_to_be_done_again() -> None:
    assert shown(visit("a", 0, 1), visit("b", 1, 2), visit("a", 2), steps=STRAIGHT) == {
        "a": "current",
        "b": "ahead",
        "tax (nếu có)": "ahead",
        "c": "ahead",
    }


def test_what_lies_aside_is_shown_once_it_happened() -> None:
    seen = shown(visit("a", 0, 1), visit("fix", 1, 2), visit("a", 2), steps=STRAIGHT)
    assert list(seen.items())[:2] == [("a", "current"), ("fix", "done")]


def test_a_branch_beside_does_not_hide_what_is_still_to_come() -> None:
    parallel = (step("s", "x", "y", "j"), step("x", "x2", "j"), step("x2", "j"), step("y", "j"), step("j"))
    assert shown(visit("s", 0, 1), visit("x", 1), visit("y", 1, 2), steps=parallel) == {
        "s": "done",
        "x": "current",
        "x2": "ahead",
        "y": "done",
        "j": "ahead",
    }


def test_an_interrupted_step_was_not_done_and_an_end_leaves_nothing_ahead() -> None:
    ended = shown(visit("a", 0, 1), visit("b", 1, 2, is_interrupted=True), steps=STRAIGHT, is_finished=True)
    assert ended == {"a": "done"}


def test_nothing_began_yet() -> None:
    assert set(shown(steps=STRAIGHT).values()) == {"ahead"}
    assert progress((), (), is_finished=False) == ()


def roads(path: str) -> dict[str, str]:
    return {each.element: each.road.value for each in outline(Definition.load(ROOT / "bpmn" / path))}


def test_the_road_of_each_procedure_is_read_off_its_diagram() -> None:
    reissue = roads("land/reissue_certificate.bpmn")
    assert list(reissue) == [
        "receive_dossier",
        "forward_dossier",
        "appraise_dossier",
        "request_supplement",
        "review_dossier",
        "settle_obligation",
        "update_register",
        "sign_certificate",
        "return_result",
    ]
    assert {name: road for name, road in reissue.items() if road != "always"} == {
        "request_supplement": "aside",
        "settle_obligation": "perhaps",
    }
    split = roads("land/split_merge_parcel.bpmn")
    assert (split["confirm_drawing"], split["request_supplement"], split["register_parcels"]) == (
        "perhaps",
        "aside",
        "always",
    )


def test_parallel_branches_and_loops_are_told_apart() -> None:
    desk = roads("environment/receipt_desk.bpmn")
    assert {desk[name] for name in ("determine_advice", "check_confirmation", "send_confirmation", "close_file")} == {
        "always"
    }
    assert {desk[name] for name in ("adjust_confirmation", "adjust_notice", "draft_internal_advice")} == {"aside"}
    assert {desk[name] for name in ("draft_notice", "print_notice")} == {"perhaps"}


def test_whose_turn_it_is_is_told_in_plain_words() -> None:
    unit = OpenPlace("Chi nhánh", "Ký", DossierStatus.IN_PROGRESS)
    tax = OpenPlace("Một cửa", "Nhận chứng từ", DossierStatus.PAYMENT_REQUESTED, WaitsFor.OTHER_AGENCY)
    opinion = OpenPlace("Một cửa", "Nhận ý kiến", DossierStatus.IN_PROGRESS, WaitsFor.OTHER_AGENCY)
    own = OpenPlace("Một cửa", "Ký biên bản", DossierStatus.IN_PROGRESS, WaitsFor.APPLICANT)
    assert waits_for([unit, unit], "Một cửa") == "Chi nhánh"
    assert waits_for([tax], "Một cửa") == "Cơ quan thuế, rồi đến lượt ông/bà: nộp tiền theo thông báo"
    assert waits_for([opinion], "Một cửa") == "Cơ quan khác: nhận ý kiến"
    assert waits_for([own, unit], "Một cửa") == "Đến lượt ông/bà: ký biên bản; Chi nhánh"
    assert waits_for([], "Một cửa") == ""
