"""A story that is not true is told with its line; a story file that cannot be read is told and never a traceback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from engine.cli.checking import check
from engine.cli.stories.check import check_stories
from engine.cli.stories.files import story_files
from engine.cli.stories.model import Looked
from engine.cli.stories.reading import read_stories
from engine.config import load_settings
from engine.domain.process import Severity
from tests.builders import ROOT, ZONE

STEM = "wastewater_fee_commune"
SETTINGS = load_settings(ROOT / "config.yaml")
RECEIVED = "2026-03-02T09:00"
REFUSED = {"do": "check_dossier", "answers": {"intake": "refused", "reason": "Không thuộc thẩm quyền"}}
ACCEPTED = {"do": "check_dossier", "answers": {"intake": "accepted"}}
REFUSED_END = {
    "status": "REFUSED", "result": "refused", "outcome": None, "due": [], "letters": ["refusal"], "end": "end_refused",
}  # fmt: skip


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """One procedure with what it calls, and room for its stories."""
    folder = tmp_path / "bpmn"
    shutil.copytree(ROOT / "bpmn" / "shared", folder / "shared")
    (folder / "environment").mkdir()
    (folder / "tests").mkdir()
    for suffix in (".bpmn", ".yaml"):
        shutil.copy(ROOT / "bpmn" / "environment" / f"{STEM}{suffix}", folder / "environment")
    return folder


def story(name: str, *steps: object, **facts: object) -> dict[str, object]:
    return {"name": name, "received": RECEIVED, "steps": list(steps), "expect": REFUSED_END, **facts}


def write(models: Path, *stories: object, stem: str = STEM, **head: object) -> Path:
    content = {"procedure": "1.008603", "process": stem, "stories": list(stories), **head}
    path = models / "tests" / f"{stem}.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")  # JSON is YAML
    return path


def problems(path: Path) -> list[tuple[str, str, str]]:
    (report,) = check_stories(SETTINGS, [path]).files
    return [
        (problem.element_name, problem.code, problem.message)
        for problem in report.problems
        if problem.severity is Severity.ERROR
    ]


# --- what is written ---

HEAD = """
    procedure: "1.008603"
    process: a
    stories:
      - name: Một
        received: "2026-03-02T09:00"
"""
ENDING = """
        expect: {status: REFUSED, result: refused, outcome: null, due: [], letters: [refusal], end: end_refused}
"""
STEP = """
        steps:
          - {do: check_dossier}
"""


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        ("", "yaml_broken", 1, "trống"),
        ("a: [", "yaml_broken", None, "YAML"),
        ("a: &x 1\nb: *x", "yaml_broken", 1, "bí danh"),
        ("- a", "bad_value", 1, "khóa: giá trị"),
        (HEAD + STEP + ENDING + "    note: x", "unknown_key", None, "“note”"),
        (HEAD + STEP + ENDING + "        extra: x", "unknown_key", None, "“stories.1.extra”"),
        (HEAD + STEP, "missing_field", 4, "“stories.1.expect”"),
        (HEAD + ENDING, "missing_field", 4, "“stories.1.steps”"),
        (HEAD.replace("process: a", "process: b") + STEP + ENDING, "bad_value", 2, "trùng tên tệp"),
        (HEAD.replace("2026-03-02T09:00", "2026-03-02") + STEP + ENDING, "bad_value", 5, "thời điểm"),
        (HEAD.replace("2026-03-02T09:00", "sáng thứ hai") + STEP + ENDING, "bad_value", 5, "“sáng thứ hai”"),
        (HEAD.replace("2026-03-02T09:00", "2026-02-30T09:00") + STEP + ENDING, "bad_value", 5, "thời điểm"),
        (HEAD + "        channel: fax\n" + STEP + ENDING, "bad_value", None, "“fax”"),
        (HEAD + STEP.replace("do:", "does:") + ENDING, "bad_value", 8, "đúng một mục"),
        (HEAD + STEP.replace("{do:", "{sweep: 2026-03-02T10:00, do:") + ENDING, "bad_value", 8, "đúng một mục"),
        (HEAD + STEP.replace("}", ", on: x}") + ENDING, "unknown_key", 8, "Được dùng: answers, at, do"),
        (HEAD + STEP.replace("}", ", at: 2026-03-02T08:59}") + ENDING, "bad_value", 8, "sớm hơn"),
        (HEAD + STEP.replace("}", ", answers: [a]}") + ENDING, "bad_value", 8, "khóa: giá trị"),
        (HEAD + STEP.replace("}", ", answers: {a: [b]}}") + ENDING, "bad_value", 8, "một giá trị"),
        (HEAD + STEP.replace("do: check_dossier", "event: overdue") + ENDING, "bad_value", 8, "closed, withdrawal"),
        (HEAD + STEP.replace("do: check_dossier", "expect: {opened: []}") + ENDING, "unknown_key", 8, "expect.opened”"),
        (HEAD + STEP.replace("do: check_dossier", "expect: {paused: 1}") + ENDING, "bad_value", 8, "true hoặc false"),
        (HEAD + STEP.replace("do: check_dossier", "expect: {due: mai}") + ENDING, "bad_value", 8, "thời điểm"),
        (HEAD + STEP.replace("do: check_dossier", "expect: {open: a}") + ENDING, "bad_value", 8, "danh sách"),
        (HEAD + STEP + ENDING.replace("REFUSED", "LOST"), "bad_value", None, "“LOST” phải thuộc"),
        (HEAD + STEP + ENDING.replace("[refusal]", "[receit]"), "bad_value", None, "“receit” phải thuộc"),
        (HEAD + STEP + ENDING.replace("outcome: null, ", ""), "missing_field", None, "outcome"),
        (HEAD + STEP + ENDING.replace("due: []", "due: null"), "bad_value", None, "ví dụ []"),
        (HEAD + STEP + ENDING + (HEAD.split("stories:")[1] + STEP + ENDING), "bad_value", None, "dùng hai lần"),
        (
            HEAD.replace("    stories:", "    usual_answers: 1\n    stories:") + STEP + ENDING,
            "bad_value",
            None,
            "usual",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, text: str, code: str, line: int | None, said: str):
    path = tmp_path / "a.yaml"
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    stories, found = read_stories(path, ZONE)
    assert stories is None
    telling = [problem for problem in found if problem.code == code and said in problem.message]
    assert telling, [problem.message for problem in found]
    assert telling[0].line is not None or code == "yaml_broken"
    assert line is None or telling[0].line in {line, line - 1}  # a key, or the nearest one above it that is written
    assert telling[0].message_en


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    stories, (problem,) = read_stories(tmp_path / "none.yaml", ZONE)
    assert (stories, problem.code) == (None, "file_unreadable")


def test_answers_are_read_as_they_are_typed_and_moments_follow_each_other(tmp_path: Path):
    path = tmp_path / "a.yaml"
    steps = """
        steps:
          - {do: check_dossier, answers: {area: 120.5, paid_on: 2026-03-10, is_new: true, note: null, name: "0123"}}
          - {do: forward_dossier, at: 2026-03-02T02:30:00+00:00}
          - {expect: {due: 2026-03-05T17:00, paused: false, open: [b, a]}}
    """
    path.write_text(dedent(HEAD + steps.rstrip() + ENDING).lstrip("\n"), encoding="utf-8")
    stories, found = read_stories(path, ZONE)
    assert stories is not None, found
    check_dossier, forward, look = stories.stories[0].entries
    assert check_dossier.answers == {
        "area": "120.5", "paid_on": "2026-03-10", "is_new": "true", "note": None, "name": "0123",
    }  # fmt: skip
    assert [entry.at.astimezone(ZONE).hour for entry in (check_dossier, forward, look)] == [9, 9, 9]
    assert look.expected[Looked.OPEN] == ("b", "a")


# --- what happens ---


def test_a_story_that_is_not_true_is_told_with_what_was_found(models: Path):
    late = {**REFUSED_END, "outcome": "late", "letters": [], "end": "end_done", "notified": ["result_ready"]}
    told = [
        story("đúng", REFUSED),
        story("sai kết cục", REFUSED, expect=late),
        story("chưa mở", {"do": "sign_notice"}),
        story("mục lạ", {"do": "check_dossier", "answers": {"intake": "accepted", "weather": "đẹp"}}),
        story("thiếu câu trả lời", {"do": "check_dossier"}),
        story("câu trả lời lạ", {"do": "check_dossier", "answers": {"intake": "maybe"}}),
        story("chưa kết thúc", ACCEPTED),
        story("đã kết thúc", REFUSED, {"event": "withdrawal", "reason": "Xin rút"}),
        story("không nghe", ACCEPTED, {"event": "closed"}),
        story("rút không lý do", ACCEPTED, {"event": "withdrawal"}),
        story("trường hợp lạ", REFUSED, case="mountain"),
        story("ngày hẹn thừa", REFUSED, agreed="2026-03-09T09:00"),
        story("nhìn sai", ACCEPTED, {"expect": {"open": ["x"], "due": None, "status": "RESOLVED"}}, REFUSED),
    ]
    found = problems(write(models, *told))
    assert [(name, code) for name, code, _ in found] == [
        ("sai kết cục", "story_differs"),
        ("sai kết cục", "story_differs"),
        ("sai kết cục", "story_differs"),
        ("sai kết cục", "story_differs"),
        ("chưa mở", "story_step_not_open"),
        ("mục lạ", "story_answer_unknown"),
        ("thiếu câu trả lời", "story_refused"),
        ("câu trả lời lạ", "story_refused"),
        ("chưa kết thúc", "story_not_ended"),
        ("đã kết thúc", "story_refused"),
        ("không nghe", "story_refused"),
        ("rút không lý do", "story_refused"),
        ("trường hợp lạ", "story_not_received"),
        ("ngày hẹn thừa", "story_not_received"),
        ("nhìn sai", "story_differs"),
        ("nhìn sai", "story_differs"),
        ("nhìn sai", "story_differs"),
        ("nhìn sai", "story_step_not_open"),
    ]
    said = {(name, code): message for name, code, message in found}
    assert [message.partition(": ")[2] for name, _, message in found if name == "sai kết cục"] == [
        "outcome phải là late, nhưng là null.",
        "letters phải là [], nhưng là [refusal].",
        "end phải là end_done, nhưng là end_refused.",
        "notified phải là [result_ready], nhưng là [].",
    ]
    assert "Đang mở: check_dossier" in said["chưa mở", "story_step_not_open"]
    assert "intake, missing_items, reason" in said["mục lạ", "story_answer_unknown"]
    assert "“Kết quả kiểm tra” chưa được nhập" in said["thiếu câu trả lời", "story_refused"]
    assert "2026-03-16T17:00+07:00" in next(text for name, _, text in found if name == "nhìn sai" and " due " in text)


def test_the_usual_answers_are_for_steps_that_there_are_and_give_way_to_the_story(models: Path):
    usual = {"check_dossier": {"intake": "refused", "reason": "Thường lệ", "missing_items": "x"}}
    plain = {"do": "check_dossier"}
    without = {"do": "check_dossier", "answers": {"missing_items": None, "reason": "Riêng"}}
    assert problems(write(models, story("một", plain), story("hai", without), usual_answers=usual)) == []
    ((_, code, message),) = problems(write(models, story("một", REFUSED), usual_answers={"dance": {}}))
    assert (code, "“dance”" in message) == ("story_step_unknown", True)


def test_a_sweep_that_fails_is_a_fault_of_the_story_and_no_traceback(
    models: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.services.overdue.notice_lateness", break_down)
    path = write(models, story("quét", ACCEPTED, {"sweep": "2026-05-04T08:00"}), story("sau đó", REFUSED))
    ((name, code, message),) = problems(path)
    assert (name, code, "ZeroDivisionError" in message) == ("quét", "story_crashed", True)
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("head", "code"),
    [({"procedure": "1.000001"}, "story_procedure_differs"), ({"stem": "nothing_drawn"}, "story_model_missing")],
)
def test_stories_are_about_the_diagram_beside_them(models: Path, head: dict[str, str], code: str):
    assert [found for _, found, _ in problems(write(models, story("một", REFUSED), **head))] == [code]


def test_without_a_desk_of_the_right_level_nothing_is_received(models: Path):
    path = write(models, story("một", REFUSED))
    told = check_stories(SETTINGS.model_copy(update={"units": ()}), [path])
    assert [problem.code for report in told.files for problem in report.problems if problem.line is None][:1] == [
        "story_desk_missing"
    ]


# --- which files, and the command ---


def test_the_stories_of_what_is_named_are_found(models: Path):
    path = write(models, story("một", REFUSED))
    model = models / "environment" / f"{STEM}.bpmn"
    for named in (models, models / "environment", models / "tests", model, model.with_suffix(".yaml"), path):
        assert story_files([named]) == [path], named
    assert story_files([models / "shared"]) == []


def run(*arguments: object) -> Result:
    return CliRunner().invoke(check, [*map(str, arguments), "--config", str(ROOT / "config.yaml")])


def test_the_command_tells_stories_and_what_none_of_them_enters(models: Path):
    path = write(models, story("một", REFUSED), story("hai", {"do": "sign_notice"}))
    ran = run(models, "--stories", "--json")
    assert ran.exit_code == 1
    document = json.loads(ran.stdout)
    files = {Path(file["path"]): file for file in document["files"]}
    assert [file for file, report in files.items() if not report["ok"]] == [path]
    codes = [problem["code"] for problem in files[path]["problems"]]
    assert (codes[0], set(codes[1:])) == ("story_step_not_open", {"story_never_entered"})
    assert files[path]["problems"][0]["line"] is not None
    own = next(covered for covered in document["coverage"] if covered["procedure"])
    assert (own["procedure"], own["process"], own["stories"]) == ("1.008603", STEM, 2)
    assert "sign_notice" in own["nodes"]["never_entered"]
    assert "end_refused" not in own["nodes"]["never_entered"]
    assert "flow_gateway_received_to_forward_dossier" in own["flows"]["never_entered"]
    assert "flow_gateway_received_to_end_refused" not in own["flows"]["never_entered"]


def test_holes_alone_do_not_fail_the_command(models: Path):
    write(models, story("một", REFUSED))
    ran = run(models, "--stories")
    assert ran.exit_code == 0, ran.output
    assert "chưa được đi qua" in ran.stderr


def test_a_diagram_with_faults_is_not_begun(models: Path):
    path = write(models, story("một", REFUSED))
    model = models / "environment" / f"{STEM}.bpmn"
    model.write_text(model.read_text(encoding="utf-8").replace('role="leader"', 'role="king"'), encoding="utf-8")
    ran = run(path, "--stories", "--json")
    codes = {Path(file["path"]).name: [p["code"] for p in file["problems"]] for file in json.loads(ran.stdout)["files"]}
    assert (ran.exit_code, codes[path.name]) == (1, ["story_model_faulty"])
    assert codes[model.name]


def test_a_story_file_is_named_only_with_stories(models: Path):
    ran = run(write(models, story("một", REFUSED)))
    assert ran.exit_code == 2
    assert "--stories" in ran.output
