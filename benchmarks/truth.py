"""Reports over a province of which everything is known: every cell against the truth, and what pages cost as it grows.

    .venv/bin/python benchmarks/truth.py [FILES …] [--seed N] [--log LOG.csv.gz] [--no-cells]

Each number of FILES (10000 if none is given) makes a province of its own on SQLite: three years, procedures and units
of the demonstration, how much of the promised time a file takes drawn from the log (`benchmarks/known/files.py`). The
truth lies in a database of its own and is counted there in plain SQL (`answers.py`, `sheets.py`). Printed are phases,
cells compared and different, statements and times of pages, and whether any page reads a whole table of files; with
several numbers, the growth from one to the next as ratios.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.known.files import LOG
from benchmarks.known.measure import scans, timed
from benchmarks.known.province import Compared, Province, a_province, compare_board, compare_reports

PERIODS = ("2026-03", "2026-04", "2026-Q1", "2025-11")
# a year of a million files is a list of a hundred thousand late ones: made once, for all units
YEAR = ("2025",)
ROOTS = ("", "BS-SNNMT")
SHOWN = 12
Times = dict[str, tuple[int, float, float]]


def main(files: list[int], seed: int, log: Path, *, cells: bool) -> int:
    """Measure each size; answers 1 if a cell differs or a page scans."""
    bad, before = 0, Times()
    for many in files:
        with a_province(many, seed=seed, log=log) as province:
            print(f"\n{many:,} files, durations of {province.whence}")
            print("  " + ", ".join(f"{phase} {took:.1f} s" for phase, took in province.took.items()))
            _say_size(province)
            if cells:
                bad += _compare(province)
            bad += _scans(province)
            before = _times(timed(province), before)
            print(f"  most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)
    return min(bad, 1)


def _say_size(province: Province) -> None:
    row = province.ledger.execute(
        "SELECT count(*), sum(ended IS NULL), sum(done IS NULL), sum(misses > 0), sum(issued IS NOT NULL) FROM f"
    ).fetchone()
    words = ("files", "open", "not done", "missed a date", "letters")
    print("  " + ", ".join(f"{number:,} {word}" for number, word in zip(row, words, strict=True)), flush=True)


def _compare(province: Province) -> int:
    begun = time.perf_counter()
    found = [
        compare_reports(province, PERIODS, ROOTS),
        compare_reports(province, YEAR, ("",)),
        compare_board(province),
    ]
    for each in found:
        _say(each)
    cells, different = sum(each.cells.total() for each in found), sum(len(each.different) for each in found)
    print(f"  {cells:,} cells compared, {different} differ ({time.perf_counter() - begun:.0f} s)", flush=True)
    return different


def _say(found: Compared) -> None:
    print("  " + ", ".join(f"{name} {cells:,}" for name, cells in found.cells.items()))
    for where, said, truth in found.different[:SHOWN]:
        print(f"    {where}: {said!r}, should be {truth!r}")


def _scans(province: Province) -> int:
    pages, plans, found = scans(province)
    print(f"  {pages} pages, {plans} different statements explained, {len(found)} read a whole table of files")
    for each in found:
        print(f"    {each}")
    return len(found)


def _times(now: Times, before: Times) -> Times:
    print(f"  {'':26}{'statements':>11}{'median ms':>11}{'p95 ms':>9}{'growth of p95':>15}")
    for title, (statements, middle, high) in now.items():
        growth = f"{high / before[title][2]:.2f}x" if title in before else ""
        print(f"  {title:26}{statements:11}{middle:11.1f}{high:9.1f}{growth:>15}", flush=True)
    return now


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=int, default=[10_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--no-cells", action="store_true")
    given = parser.parse_args()
    sys.exit(main(given.files, given.seed, given.log, cells=not given.no_cells))
