"""docs/drawing.md, followed to the letter: its files are what its forms write, its stories are true, it publishes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from werkzeug.datastructures import MultiDict

from engine.cli.stories.check import check_stories
from engine.config import load_settings
from engine.domain.people import OPERATOR
from engine.process.drafting.workshop import laid_out
from tests.builders import ROOT, Office
from tests.support.designs import DRAWN, FACTS, STEM, WORK
from web.design_forms import read_facts, read_work

GUIDE = ROOT / "docs/drawing.md"
EXAMPLES = ROOT / "docs/examples"
TEXT = GUIDE.read_text("utf-8")


def test_every_file_and_picture_that_the_guide_names_is_there() -> None:
    named = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]
    assert len(named) > 10
    assert [link for link in named if not (GUIDE.parent / link).exists()] == []


def test_the_forms_of_the_guide_write_its_files_and_they_are_published(office: Office) -> None:
    designing, admin, at = office.engine.designing, office.person("admin"), office.now
    number = designing.upload(admin, {DRAWN.name: DRAWN.read_bytes()}, at=at)
    bare = {found.problem.code for found in designing.view(admin, number).look.problems}
    assert all(f"`{code}`" in TEXT for code in bare)
    designing.fill_in(admin, number, 1, {"standard": True}, at=at)
    designing.fill_in(admin, number, 2, read_facts(MultiDict(FACTS)), at=at)
    look = designing.view(admin, number).look
    designing.fill_in(admin, number, 3, read_work(MultiDict(WORK), look.lanes, look.steps), at=at)
    files = designing.view(admin, number).files
    assert files == {path.name: path.read_text("utf-8") for path in EXAMPLES.glob(f"{STEM}.*")}
    (published,) = office.engine.publication.publish(OPERATOR, EXAMPLES / f"{STEM}.bpmn", at=at)
    assert (published.procedure, published.is_new) == ("1.900001", True)


def test_the_stories_of_the_guide_are_true_and_enter_everything() -> None:
    names = (f"{STEM}.bpmn", f"{STEM}.yaml", f"tests/{STEM}.yaml")
    files = {name: (EXAMPLES / name).read_text("utf-8") for name in names}
    with laid_out(files, STEM, ROOT / "bpmn/shared") as bench:
        told = check_stories(load_settings(ROOT / "config.yaml"), [bench.stories])
    assert [problem.message for report in told.files for problem in report.problems] == []
    (block,) = re.findall(r"```yaml\n(procedure:.*?)```", TEXT, re.DOTALL)
    shown = yaml.safe_load(block)["stories"][0]
    written = yaml.safe_load((EXAMPLES / "tests" / f"{STEM}.yaml").read_text("utf-8"))["stories"]
    assert shown in written


def test_the_commands_of_the_guide_are_commands_of_ours(tmp_path: Path) -> None:
    from engine.cli.main import COMMANDS  # noqa: PLC0415

    (block,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    lines = block.strip().splitlines()
    assert {line.split()[1] for line in lines} == {"check", "publish"} <= set(COMMANDS)
    named = {word for line in lines for word in line.split() if word.endswith((".bpmn", ".yaml"))}
    assert [word for word in named if not (EXAMPLES / Path(word).name).is_file()] == []
