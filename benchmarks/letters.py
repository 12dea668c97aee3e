"""What a letter costs, beside a plain `HTML(string=...).write_pdf()` of the same page and beside typst, in one run.

    .venv/bin/python benchmarks/letters.py [--rounds 20] [--json]
    .venv/bin/python benchmarks/letters.py --memory 1000      # growth of one process over so many letters
    .venv/bin/python benchmarks/letters.py --sweep 10000      # late dossiers -> letters, end to end, all processes

Rounds alternate between the ways, so that whatever else the machine does falls on all of them alike; the least CPU time
of each way is what it costs on a quiet core. Ratios are what to compare between machines, never milliseconds.

  plain          the same HTML with its stylesheet inside, rendered the way WeasyPrint's manual begins: no archive
                 standard, no data attached, no check
  plain_archive  the same with pdf_variant="pdf/a-3a" and the data attached, which is nearer to what we deliver
  ours_plain     `Renderer(PLAIN)`: the same pages as plain, checks included
  ours           `Renderer()`: checks, PDF/A-3a and PDF/UA-1, data attached
  ours_signed    that and an electronic signature (PAdES-B-B)
  ours_cold      `Renderer(is_warm=False)`: what nothing remembered from letter to letter would cost
  worker         `RenderWorker.render`: wall clock, the child process and its socket included
  typst          the floor: a compiled typesetter, archive grade as ours (group `bench` of pyproject.toml)

The sweep fills an office on SQLite through its services, lets one sweep find every dossier late, and runs the outbox
until nothing waits. It looks that numbers run without a gap and that each letter has its document.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._letter_ways import PlainLoop, Signed, as_json, letter, resident_mebibytes, typst_if_there
from letters import ApologyLetter
from letters.render import PLAIN, Renderer
from letters.worker import RenderWorker

WARM_UP = 3
Way = tuple[Callable[[ApologyLetter], object], Callable[[], float]]


def measure(rounds: int) -> dict[str, object]:
    """Return milliseconds of each way and the ratios between them."""
    loop, renderer = PlainLoop(), Renderer()
    with RenderWorker() as worker:
        ways: dict[str, Way] = {
            "plain": (loop.render, time.process_time),
            "plain_archive": (loop.render_archive, time.process_time),
            "ours_plain": (Renderer(PLAIN).render, time.process_time),
            "ours": (renderer.render, time.process_time),
            "ours_signed": (Signed(renderer).render, time.process_time),
            "ours_cold": (Renderer(is_warm=False).render, time.process_time),
            "worker": (worker.render, time.perf_counter),
        }
        if typst := typst_if_there():
            ways["typst"] = (typst.render, time.process_time)
        for number in range(WARM_UP):
            for work, _ in ways.values():
                work(letter(number))
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(WARM_UP, WARM_UP + rounds):
            one = letter(number)
            for name, (work, clock) in ways.items():
                before = clock()
                work(one)
                spent[name].append(clock() - before)
    least = {name: round(1000 * min(times), 1) for name, times in spent.items()}
    ratios = {f"plain_over_{name}": round(least["plain"] / least[name], 2) for name in least if "ours" in name}
    floor = {"ours_over_typst": round(least["ours"] / least["typst"], 1)} if "typst" in least else {}
    per_second = round(1000 / least["ours"], 1)
    return {"rounds": rounds, "milliseconds": least, **ratios, **floor, "letters_per_second_and_core": per_second}


def memory(letters: int) -> dict[str, object]:
    """Return how much one process grows while it renders, after it has met the form often enough to remember it."""
    renderer = Renderer()
    for number in range(letters // 5):
        renderer.render(letter(number))
    before = resident_mebibytes()
    for number in range(letters):
        renderer.render(letter(100_000 + number))
    after = resident_mebibytes()
    return {"letters": letters, "mebibytes": round(after, 1), "growth_in_mebibytes": round(after - before, 2)}


def sweep(dossiers: int) -> dict[str, object]:
    """Let one sweep find so many dossiers late, and make every letter of it."""
    from benchmarks._letter_sweep import run  # noqa: PLC0415 - the whole engine, and only this asks for it

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        return run(f"sqlite:///{folder}/office.db", dossiers)


def main() -> None:
    """Read the arguments, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--memory", type=int, metavar="LETTERS")
    arguments.add_argument("--sweep", type=int, metavar="DOSSIERS")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    found = sweep(given.sweep) if given.sweep else memory(given.memory) if given.memory else measure(given.rounds)
    if given.json:
        print(as_json(found))
        return
    for name, value in found.items():
        print(f"{name:30} {value}")


if __name__ == "__main__":
    main()
