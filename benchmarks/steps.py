"""What a step costs when everything is written: through the services, beside the plain ways to write it, in one run.

    .venv/bin/python benchmarks/steps.py [rounds]

Each round takes one dossier of 1.012783 from receipt to delivery on SQLite. The ways take turns, so that whatever else
the machine does falls on all of them alike; the figure of a way is the median CPU time of a step. Trust the ratios.

  services      `processing.complete`: lock, permission, clock, steps, audit event, version, commit
  stock in ORM  the plain way: the state as stock SpiffWorkflow's JSON in a column, read and written by a session;
                no history, no steps, no clock, no permissions
  bare commit   one UPDATE of one row and its commit: what nothing can be cheaper than
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from engine.persistence.base import open_database
from tests.builders import ANSWERS, REISSUE, ROOT, Office, an_office, prepare_office

ROUNDS = 30
STRAIGHT = {"appraisal": "qualified", "financial_obligation": "none", "decision": "approve", "intake": "accepted"}
Way = Callable[[], Iterator[Callable[[], object]]]


class Base(DeclarativeBase):
    """The table of the plain way."""


class File(Base):
    """A dossier of the plain way."""

    __tablename__ = "plain_files"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text)


class Order(BpmnTaskSpec):
    """An order to our engine: the plain way passes through it."""


class StockParser(BpmnParser):
    """The parser of the library."""

    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, Order)}  # noqa: RUF012 - the library's way


def through_services(office: Office) -> Iterator[Callable[[], object]]:
    """Receive a dossier (not measured), then yield the work of each step."""
    code = office.receive(REISSUE)
    complete = office.engine.processing.complete
    while tasks := office.open_tasks(code):
        (task,) = tasks
        actor, version = office.whose_turn(task), office.dossier(code).version
        answers = STRAIGHT | ANSWERS.get(task.step_id, {})
        yield lambda task=task, actor=actor, version=version, answers=answers: complete(
            actor, code, task.id, version, answers, at=office.now
        )


def stock_in_orm(database: Path) -> Way:
    """Parse once; then each dossier is loaded, moved and saved through a session."""
    parser = StockParser()
    parser.add_bpmn_files([str(path) for path in (ROOT / "bpmn/shared").glob("*.bpmn")])
    parser.add_bpmn_file(str(ROOT / "bpmn/land/reissue_certificate.bpmn"))
    spec = parser.get_spec("reissue_certificate")
    inner = parser.get_subprocess_specs("reissue_certificate")
    known = {**DEFAULT_CONFIG, Order: BpmnTaskSpecConverter}
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(known))
    engine = open_database(f"sqlite:///{database}")
    Base.metadata.create_all(engine)

    def step(file_id: int) -> None:
        with Session(engine) as session, session.begin():
            file = session.get_one(File, file_id)
            workflow = serializer.deserialize_json(file.state)
            move(workflow)
            file.state = serializer.serialize_json(workflow)

    def move(workflow: BpmnWorkflow) -> None:
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
        task.data.update(STRAIGHT | ANSWERS.get(task.task_spec.name, {}))
        task.run()
        workflow.do_engine_steps()

    def walk() -> Iterator[Callable[[], object]]:
        workflow = BpmnWorkflow(spec, inner)
        workflow.do_engine_steps()
        move(workflow)  # the receipt, which the services do before the first step that is measured
        with Session(engine) as session, session.begin():
            file = File(state=serializer.serialize_json(workflow))
            session.add(file)
            session.flush()
            file_id = file.id
        for _step in range(6):
            yield lambda: step(file_id)
        with Session(engine) as session:
            finished = serializer.deserialize_json(session.get_one(File, file_id).state)
        assert not finished.get_tasks(state=TaskState.READY, manual=True), "the plain way did not come to the end"

    return walk


def bare_commit(database: Path) -> Way:
    """One row, one UPDATE, one commit."""
    engine = open_database(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (id integer primary key, state blob)"))
        connection.execute(text("INSERT INTO bare VALUES (1, x'00')"))
    statement = text("UPDATE bare SET state = :state WHERE id = 1")

    def update() -> None:
        with engine.begin() as connection:
            connection.execute(statement, {"state": b"0" * 60})

    def walk() -> Iterator[Callable[[], object]]:
        for _step in range(6):
            yield update

    return walk


def main(rounds: int) -> None:
    """Run every way in turn and print the table."""
    logging.disable()  # the library builds texts for its log at every task
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        url = f"sqlite:///{folder}/office.db"
        prepare_office(url)
        with an_office(url) as office:
            ways: dict[str, Way] = {
                "services": lambda: through_services(office),
                "stock in ORM": stock_in_orm(Path(folder) / "plain.db"),
                "bare commit": bare_commit(Path(folder) / "bare.db"),
            }
            costs: dict[str, list[float]] = {name: [] for name in ways}
            for _round in range(rounds):
                for name, way in ways.items():
                    for step in way():
                        began = time.process_time()
                        step()
                        costs[name].append(time.process_time() - began)
    ours = median(costs["services"])
    print(f"{'':14}{'ms/step':>9}{'steps/s':>9}{'beside services':>17}")
    for name, figures in costs.items():
        cost = median(figures)
        print(f"{name:14}{cost * 1000:9.2f}{1 / cost:9.0f}{cost / ours:16.2f}x")
    print(f"{rounds} dossiers of {len(costs['services']) // rounds} steps each way, interleaved; median CPU time")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
