"""How good the forecast of lateness is on an event log: learned from the earlier part, judged on the later.

    .venv/bin/python benchmarks/forecast.py LOG.csv.gz [MAPPING.yaml]

The same as `motcua forecast evaluate`, with the bounds of what came.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.cli.forecast.judging import judge
from engine.cli.replay.log import latest_instant, read_log
from engine.cli.replay.mapping import load_mapping
from engine.domain.calendar import WorkingCalendar

MAPPING = Path(__file__).parent.parent / "bpmn/environment/receipt_desk.mapping.yaml"


def main() -> None:
    log = Path(sys.argv[1])
    mapping_path = Path(sys.argv[2]) if len(sys.argv) > 2 else MAPPING
    mapping = load_mapping(mapping_path)
    cases = read_log(log, mapping)
    found = judge(cases, WorkingCalendar(timezone=ZoneInfo(mapping.timezone)), latest_instant(cases))
    print(f"{len(cases)} cases, cut {found.cut_at:%Y-%m-%d}, learned {found.learned}, ", end="")
    print(f"judged {found.mornings} mornings of {found.files} files, late {found.late_share:.3f}")
    for score in found.scores:
        ranking = f"{score.ranking:.3f}" if score.ranking is not None else "-"
        print(f"{score.name:<16} Brier {score.brier:.4f}  once each {score.once_each or 0:.4f}  ranking {ranking}")
    for each in found.bins:
        if each.told is not None:
            low, high = each.bounds
            print(
                f"{each.low:.1f}-{each.high:.1f} n {each.count:>5} told {each.told:.3f} came {each.came:.3f} ", end=""
            )
            print(f"[{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
