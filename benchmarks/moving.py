"""What it costs to move running dossiers to another version of their procedure, beside completing one step.

Run it with a number of dossiers (default 1000). All figures are ratios of one run on one machine: a look, a move and
taking it back, each per dossier, against one completed step of the same dossiers.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.bootstrap import build
from engine.clock import SetClock
from engine.domain.people import OPERATOR
from engine.services.moving import MoveOrder
from tests.builders import MONDAY, REISSUE, Office, an_office, copy_procedures, local, prepare_office, settings_of

FACTS = "land/reissue_certificate.yaml"


def main(how_many: int) -> None:
    """Print one JSON document of ratios."""
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(measure(Path(scratch), how_many), indent=2))


def measure(scratch: Path, how_many: int) -> dict[str, float]:
    """Receive, complete a step of each, publish a version, look, move, take back."""
    url = f"sqlite:///{scratch / 'moving.db'}"
    prepare_office(url)
    with an_office(url) as office:
        codes = [office.receive(REISSUE) for _ in range(how_many)]
        step = timed(lambda: forward(office, codes))
    publish_next(url, scratch / "bpmn")
    order = MoveOrder(REISSUE, "2")
    with an_office(url, clock=local("2026-03-04 08:00")) as office:
        service, at = office.engine.moving, office.now
        look = timed(lambda: service.look(OPERATOR, order, at=at, on_progress=nothing))
        move = timed(lambda: service.move(OPERATOR, order, at=at, on_progress=nothing))
        (batch,) = service.orders()
        assert batch.counts == {"moved": how_many}
        back = timed(lambda: service.revert(OPERATOR, batch.id, at=at, on_progress=nothing))
    return {
        "dossiers": how_many,
        "look_per_step": round(look / step, 2),
        "move_per_step": round(move / step, 2),
        "revert_per_step": round(back / step, 2),
        "seconds_to_move_all": round(move, 1),
    }


def forward(office: Office, codes: list[str]) -> None:
    """Complete the open step of each."""
    for code in codes:
        office.do(code)


def nothing() -> None:
    """Nobody watches the progress of a benchmark."""


def publish_next(url: str, folder: Path) -> None:
    """Publish version 2 with another name, in force from 4 March."""
    facts = copy_procedures(folder) / FACTS
    content = facts.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"')
    facts.write_text(content.replace("effective_from: 2025-12-05", "effective_from: 2026-03-04"), encoding="utf-8")
    engine = build(settings_of(url), clock=SetClock(MONDAY))
    engine.publication.publish(OPERATOR, facts, at=MONDAY)
    engine.close()
    shutil.rmtree(folder)


def timed(act: Callable[[], object]) -> float:
    """How many seconds an act takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
