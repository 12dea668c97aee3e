"""Find the story files beside the models, live every story, and report as the checker does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.stories.coverage import Covered, Trace, diagrams_of
from engine.cli.stories.faults import fault
from engine.cli.stories.files import models_of
from engine.cli.stories.life import Life
from engine.cli.stories.reading import read_stories
from engine.cli.stories.stage import desk_level, open_stage, settings_for
from engine.domain.errors import MotCuaError
from engine.domain.process import FileReport
from engine.domain.versions import in_force
from engine.process.catalogue import filed
from engine.process.checks.files import FACTS, SHARED
from engine.process.definitions import Definition
from engine.process.facts import read_procedure
from engine.process.reading import read_diagram

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cli.stories.model import Story, StoryFile
    from engine.cli.stories.stage import Stage
    from engine.config import Settings
    from engine.domain.process import Problem
    from engine.process.diagram import Diagram


@dataclass(frozen=True, slots=True)
class Told:
    """What came of all stories: a report a file, and what of each diagram was entered."""

    files: tuple[FileReport, ...]
    coverage: tuple[Covered, ...]


def check_stories(
    settings: Settings,
    files: Sequence[Path],
    *,
    models: Sequence[Path] = (),
    faulty: frozenset[Path] = frozenset(),
    on_progress: Callable[[], object] = lambda: None,
) -> Told:
    """Live through the stories of `files`; those of models that are `faulty` (resolved paths) are not begun.

    Files of different model folders are told apart: each folder has an office of its own. `models` are the diagrams
    that ought to have stories: one without any is wholly uncovered.
    """
    reports: dict[Path, FileReport] = {}
    coverage: list[Covered] = []
    for folder in dict.fromkeys(path.absolute().parent for path in files):
        troupe = Troupe(settings, faulty)
        for path in files:
            if path.absolute().parent == folder:
                troupe.take_in(path)
        told = troupe.play(on_progress)
        reports |= {Path(report.path): report for report in told.files}
        coverage += told.coverage
    begun = {covered.process for covered in coverage}
    coverage += (covered for covered in map(_untold, models) if covered is not None and covered.process not in begun)
    return Told(tuple(reports[path] for path in files), tuple(coverage))


class Troupe:
    """The stories of one folder of models, read first and then lived in one office."""

    def __init__(self, settings: Settings, faulty: frozenset[Path] = frozenset()) -> None:
        """Take in no stories yet."""
        self._settings, self._faulty = settings, faulty
        self._problems: dict[Path, list[Problem]] = {}
        self._ready: list[tuple[StoryFile, Path, Definition]] = []
        self._traces: dict[str, Trace] = {}

    def take_in(self, path: Path) -> None:
        """Read a story file and the versions it is about."""
        stories, problems = read_stories(path, self._settings.zone)
        self._problems[path] = list(problems)
        if stories is None:
            return
        models = models_of(path)
        if not models:
            facts = {"process": stories.process, "root": path.absolute().parent.parent}
            self._problems[path].append(fault("story_model_missing", facts, line=1))
        ready = [(stories, model, definition) for model in models if (definition := self._sound(path, model))]
        for _, _, definition in ready:
            self._problems[path] += _against(stories, definition)
        if not self._problems[path]:
            self._ready += ready

    def _sound(self, path: Path, model: Path) -> Definition | None:
        """The definition of a model; None, told of at the story file, if it has faults."""
        faults = {model.resolve(), model.with_suffix(FACTS).resolve()} & self._faulty
        definition = None if faults else _definition(model)
        if definition is None:
            named = sorted(file.name for file in faults) or [model.name]
            self._problems[path].append(fault("story_model_faulty", {"file": ", ".join(named)}))
        return definition

    def play(self, on_progress: Callable[[], object] = lambda: None) -> Told:
        """Live through everything that was taken in."""
        home = self._settings.province
        # A version of another province is lived in an office of that province, with the units that it has besides.
        provinces = dict.fromkeys(definition.procedure.province or home for _, _, definition in self._ready)
        for province in provinces:
            played = [each for each in self._ready if (each[-1].procedure.province or home) == province]
            offered = {model: definition for _, model, definition in played}
            with open_stage(settings_for(self._settings, province, offered.values()), offered) as stage:
                for stories, _, definition in played:
                    self._problems[stories.path] += self.live(stage, stories, definition)
                    on_progress()
        coverage = tuple(self._coverage())
        self._tell_holes(coverage)
        return Told(tuple(FileReport(str(path), tuple(found)) for path, found in self._problems.items()), coverage)

    def live(self, stage: Stage, stories: StoryFile, definition: Definition) -> list[Problem]:
        """Live through the stories of one version; answers what was not as it should be."""
        desk = stage.desk(definition)
        if desk is None:
            return [fault("story_desk_missing", {"level": desk_level(definition)})]
        problems: list[Problem] = []
        for story in self._stories_of(stories, definition):
            life = Life(stage, definition, desk, stories.usual_answers, story)
            life.live()
            problems += life.problems
            for moved, advance in life.moves:
                self._traces.setdefault(moved.ref, Trace()).follow(moved, advance)
        return problems

    def _stories_of(self, stories: StoryFile, definition: Definition) -> list[Story]:
        """The stories whose dossier is received under this version; those of no version's days go to the first."""
        versions = [filed(other) for told, _, other in self._ready if told is stories]
        if len(versions) == 1:
            return list(stories.stories)
        mine = []
        for story in stories.stories:
            day = story.received_at.astimezone(self._settings.zone).date()
            found = in_force(versions, day, definition.procedure.province) or versions
            if found[0].found == definition:
                mine.append(story)
        return mine

    def _coverage(self) -> Iterator[Covered]:
        shared: dict[str, tuple[Diagram, int]] = {}
        for stories, _, definition in self._ready:
            own, *called = diagrams_of(definition).values()
            count = len(self._stories_of(stories, definition))
            trace = self._traces.get(definition.ref, Trace())
            yield trace.of(own, procedure=definition.procedure.code, stories=count)
            for diagram in called:
                told = shared.get(diagram.stem, (diagram, 0))[1]
                shared[diagram.stem] = (diagram, told + count)
        together = Trace({entered for trace in self._traces.values() for entered in trace.entered})
        for diagram, told in (shared[stem] for stem in sorted(shared)):
            yield together.of(diagram, procedure="", stories=told)

    def _tell_holes(self, coverage: Iterable[Covered]) -> None:
        files = {definition.procedure.process: stories.path for stories, _, definition in self._ready}
        for covered in coverage:
            if covered.process in files:
                self._problems[files[covered.process]] += _holes(covered)


def _untold(model: Path) -> Covered | None:
    """A procedure whose stories were not lived; None for a diagram that is no procedure or cannot be read."""
    if model.parent.name == SHARED or not model.with_suffix(FACTS).is_file():
        return None
    diagram, _ = read_diagram(model.read_bytes(), model.stem)
    procedure, _ = read_procedure(model.with_suffix(FACTS).read_bytes(), model.stem)
    if diagram is None or procedure is None or not diagram.scopes:
        return None
    return Trace().of(diagram, procedure=procedure.code, stories=0)


def _definition(model: Path) -> Definition | None:
    try:
        return Definition.load(model)
    except MotCuaError:
        return None


def _against(stories: StoryFile, definition: Definition) -> Iterator[Problem]:
    """What a story file says of its procedure that is not so."""
    code = definition.procedure.code
    if stories.procedure != code:
        facts = {"found": stories.procedure, "expected": code, "process": stories.process}
        yield fault("story_procedure_differs", facts, line=1, element="procedure")
    for step in stories.usual_answers:
        if step not in definition.steps:
            yield fault("story_step_unknown", {"step": step}, element=step)


def _holes(covered: Covered) -> Iterator[Problem]:
    for hole in covered.holes:
        kind = "luồng" if hole.is_flow else "phần tử"
        what = f"{kind} “{hole.name}” ({hole.id})" if hole.name else f"{kind} “{hole.id}”"
        yield fault("story_never_entered", {"what": what, "process": covered.process}, element=hole.id)
