"""What every report has to say, counted in plain SQL over the ledger of the truth: nothing of the product is asked.

    Answers(ledger, world).of("monthly", Asked(first, last, root))   → tables by key: rows and totals by column

The rules are those that the reports themselves print under their figures; holidays are read from the calendar's file.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from benchmarks.known.files import NOW_S, ZONE, midnight

VIEW = """
CREATE TEMP VIEW v AS SELECT *, CASE WHEN first IS NULL OR done IS NULL THEN NULL WHEN done > first THEN 'late'
  WHEN (done + 25200) / 86400 < (first + 25200) / 86400 THEN 'early' ELSE 'on_time' END AS t,
  date(done + 25200, 'unixepoch') AS day FROM f
"""
FIGURES = ("online", "direct", "carried", "early", "on_time", "late", "without_date", "refused", "open", "open_late")
_PROGRESS = """
SELECT {by}, sum(received BETWEEN :s AND :e AND channel = 'online'),
  sum(received BETWEEN :s AND :e AND channel <> 'online'),
  sum(received < :s AND (done IS NULL OR done >= :s)), {done},
  sum(done BETWEEN :s AND :x AND result = 'refused'), sum(received <= :x AND (done IS NULL OR done > :x)),
  sum(received <= :x AND (done IS NULL OR done > :x) AND due IS NOT NULL AND first <= :x)
FROM v WHERE proc NOT IN ('0.000002', '0.000003') AND {within} GROUP BY 1
"""
_DONE = ", ".join(
    f"sum(done BETWEEN :s AND :x AND result <> 'refused' AND t {said})"
    for said in ("= 'early'", "= 'on_time'", "= 'late'", "IS NULL")
)
ENDED = "ended IS NOT NULL AND done BETWEEN :s AND :e"
FINISHED = f"{ENDED} AND result <> 'refused'"
ANSWERED = f"{ENDED} AND result IN ('delivered', 'rejected')"


@dataclass(frozen=True, slots=True)
class Asked:
    """Local days from `first` to `last`, and the unit (`root`, empty: all) with everything below it."""

    first: date
    last: date
    root: str = ""

    @property
    def moments(self) -> dict[str, int]:
        """First second, last second, and the last one that has come."""
        end = midnight(self.last + timedelta(days=1)) - 1
        return {"s": midnight(self.first), "e": end, "x": min(end, NOW_S - 1)}


@dataclass(frozen=True, slots=True)
class World:
    """Names: units by id (code, name), the ids below each, procedures (name, sector), and what is printed beside."""

    units: Mapping[int, tuple[str, str]]
    below: Mapping[str, frozenset[int]]
    procedures: Mapping[str, tuple[str, tuple[str, str]]]
    paid: Mapping[tuple[int, str], float]
    entered: Mapping[tuple[int, str], Mapping[int, int]]
    grades: Sequence[tuple[int, str]]
    items: Sequence[tuple[str, str, float | None, float | None]]
    criterion: Sequence[tuple[str, float, float]]
    levels: Mapping[str, str]
    criteria: Sequence[tuple[str, float, float | None]]


@dataclass
class Wanted:
    """A table that is expected."""

    rows: list[dict[str, Any]]
    totals: dict[str, Any] = field(default_factory=dict)


def share(part: float, whole: float) -> float | None:
    """A fraction to four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None


def local(second: int) -> datetime:
    """An instant as clocks on the wall show it."""
    return datetime.fromtimestamp(second, ZONE)


def moment(second: int | None) -> str | None:
    """An instant as reports write it."""
    return None if second is None else datetime.fromtimestamp(second, ZONE).isoformat()


class Answers:
    """Counts."""

    def __init__(self, ledger: sqlite3.Connection, world: World) -> None:
        self._db, self._world = ledger, world
        ledger.execute(VIEW)

    def of(self, name: str, asked: Asked) -> dict[str, Wanted]:
        """The tables of a report."""
        found: dict[str, Wanted] = getattr(self, f"_{name}")(asked)
        return found

    def rows(self, query: str, asked: Asked, unit: str = "unit") -> list[tuple[Any, ...]]:
        """What the ledger answers; `{within}` keeps to the units asked for."""
        within = "1 = 1"
        if asked.root:
            ids = ", ".join(map(str, sorted(self._world.below[asked.root])))
            within = f"{unit} IN ({ids})"
        return self._db.execute(query.replace("{within}", within), asked.moments).fetchall()

    # --- progress ---

    def _counted(self, asked: Asked, by: str) -> dict[Any, dict[str, int]]:
        found = self.rows(_PROGRESS.replace("{by}", by).replace("{done}", _DONE), asked)
        return {key: dict(zip(FIGURES, counts, strict=True)) for key, *counts in found if any(counts)}

    def _lines(self, groups: Mapping[tuple[str, str], dict[str, int]]) -> Wanted:
        rows = [{"name": name, **_whole(line)} for (_code, name), line in sorted(groups.items())]
        return Wanted(rows, _whole(add_up(groups.values(), FIGURES)))

    def _progress(self, asked: Asked) -> dict[str, Wanted]:
        sectors: defaultdict[tuple[str, str], list[dict[str, int]]] = defaultdict(list)
        for code, line in self._counted(asked, "proc").items():
            sectors[self._world.procedures[code][1]].append(line)
        return {"sectors": self._lines({key: add_up(lines, FIGURES) for key, lines in sectors.items()})}

    def _units(self, asked: Asked) -> dict[str, Wanted]:
        units = {self._world.units[key]: line for key, line in self._counted(asked, "unit").items()}
        named = {(key, self._world.procedures[key][0]): line for key, line in self._counted(asked, "proc").items()}
        return {"units": self._lines(units), "procedures": self._lines(named)}

    def _monthly(self, asked: Asked) -> dict[str, Wanted]:
        names = (
            "resolved",
            "late",
            "open_late",
            "ended_late",
            "apologised",
            "feedback",
            "feedback_late",
            "feedback_open",
        )
        lines: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
        for unit, line in self._counted(asked, "unit").items():
            resolved = line["early"] + line["on_time"] + line["late"]
            lines[unit].update(resolved=resolved, late=line["late"], open_late=line["open_late"])
        query = f"""SELECT unit, sum(apology IS NOT NULL), sum(apology <> 'never') FROM v
            WHERE {FINISHED} AND proc NOT IN ('0.000002', '0.000003') AND {{within}} GROUP BY 1"""
        for unit, late, written in self.rows(query, asked):
            lines[unit].update(ended_late=late, apologised=written or 0)
        for unit, said in self.feedback(asked).items():
            late = said["ended"] - said["on_time"] + said["prolonged"]
            whole = said["ended"] + said["prolonged"]
            lines[unit].update(feedback=whole, feedback_late=late, feedback_open=said["open"])

        def shares(line: Mapping[str, int]) -> dict[str, Any]:
            return {
                "late_share": share(line["late"], line["resolved"]),
                "coverage": share(line["apologised"], line["ended_late"]),
                "feedback_late_share": share(line["feedback_late"], line["feedback"]),
            }

        kept = [(self._world.units[key], line) for key, line in lines.items() if any(line.values())]
        rows = [
            {"unit": name, **line, **shares(line)} for (_code, name), line in sorted(kept, key=lambda each: each[0])
        ]
        total = add_up([line for _key, line in kept], names)
        return {"units": Wanted(rows, {**total, **shares(total)})}

    def feedback(self, asked: Asked) -> dict[int, dict[str, int]]:
        """Feedback by the unit that it is about; what was open, when the period ended."""
        still = f"(ended_on IS NULL OR ended_on > '{asked.last}') AND received < min({NOW_S}, :e + 1)"
        query = f"""SELECT about, sum(ended_on BETWEEN '{asked.first}' AND '{asked.last}'),
              sum(ended_on BETWEEN '{asked.first}' AND '{asked.last}' AND NOT w.late),
              sum(ended_on BETWEEN '{asked.first}' AND '{asked.last}' AND w.upheld), sum({still}),
              sum({still} AND coalesce(first, due) < min({NOW_S}, :e + 1))
            FROM w JOIN f ON f.id = w.file WHERE {{within}} GROUP BY 1"""
        names = ("ended", "on_time", "upheld", "open", "prolonged")
        found = self.rows(query, asked, "about")
        return {unit: {n: c or 0 for n, c in zip(names, counts, strict=True)} for unit, *counts in found}

    def _feedback(self, asked: Asked) -> dict[str, Wanted]:
        def figures(line: Mapping[str, int]) -> dict[str, Any]:
            whole = line["ended"] + line["prolonged"]
            return {**line, "on_time_share": percent(line["on_time"], whole)}

        found = {key: line for key, line in self.feedback(asked).items() if line["ended"] or line["open"]}
        rows = [{"unit": self._world.units[key][1], **figures(line)} for key, line in found.items()]
        names = ("ended", "on_time", "upheld", "open", "prolonged")
        return {"feedback": Wanted(rows, figures(add_up(found.values(), names)))}

    def _land_lateness(self, asked: Asked) -> dict[str, Wanted]:
        land = [code for code, (_name, sector) in self._world.procedures.items() if sector[0] == "land"]
        codes = ", ".join(f"'{code}'" for code in land)

        def against(answered: int, late: int) -> dict[str, Any]:
            part = share(late, answered)
            return {
                "answered": answered,
                "late": late,
                "late_share": part,
                "keeps": None if part is None else part < 0.02,
            }

        query = f"""SELECT {{by}}, sum(t IS NOT NULL), sum(t IS 'late') FROM v
            WHERE {FINISHED} AND proc IN ({codes}) AND {{within}} GROUP BY 1"""
        units = [
            (self._world.units[key], n, late) for key, n, late in self.rows(query.replace("{by}", "unit"), asked) if n
        ]
        rows = [{"unit": name, **against(n, late)} for (_code, name), n, late in sorted(units)]
        year = Asked(date(asked.last.year - 1, asked.last.month, 1), asked.last, asked.root)
        found = self.rows(query.replace("{by}", "substr(day, 1, 7)"), year)[-12:]
        months = [{"month": month, **against(n, late)} for month, n, late in found]
        whole = against(sum(n for _key, n, _late in units), sum(late for _key, _n, late in units))
        return {"units": Wanted(rows, whole), "months": Wanted(months)}


def whole_months(asked: Asked) -> list[str]:
    """The calendar months that end within the days asked for, from that of the first day on."""
    found, day = [], asked.first.replace(day=1)
    while day <= asked.last:
        following = (day + timedelta(days=32)).replace(day=1)
        if following - timedelta(days=1) <= asked.last:
            found.append(f"{day:%Y-%m}")
        day = following
    return found


def add_up(lines: Iterable[Mapping[str, int]], names: Sequence[str]) -> dict[str, int]:
    total = dict.fromkeys(names, 0)
    for line in lines:
        for name in names:
            total[name] += line[name]
    return total


def _whole(line: Mapping[str, int]) -> dict[str, Any]:
    done = line["early"] + line["on_time"] + line["late"]
    return {
        **line,
        "received": line["online"] + line["direct"] + line["carried"],
        "moved": 0,
        "done": done + line["without_date"],
        "open_in_time": line["open"] - line["open_late"],
        "late_share": share(line["late"], done),
    }


def percent(part: int, whole: int) -> float | None:
    """Percent to two decimals, half up, in whole numbers."""
    return (part * 20_000 + whole) // (2 * whole) / 100 if whole else None


def margin(good: int, n: int) -> float:
    """Of one item of a survey of which nobody knows whom it asked: 1.96 standard errors, in points of percent."""
    p = good / n if min(good, n - good) >= 5 else 0.5
    return math.floor(min(1.0, 1.96 * math.sqrt(p * (1 - p) / n)) * 10_000 + 0.5) / 100


def mean_of(values: Iterable[float | None]) -> float | None:
    """The mean of percents to two decimals, half up, in whole hundredths."""
    known = [round(value * 100) for value in values if value is not None]
    return (2 * sum(known) + len(known)) // (2 * len(known)) / 100 if known else None


def index_of(items: Mapping[str, tuple[int, int]], of: str = "") -> float | None:
    """The mean of items (answers, satisfied), or of those of one criterion."""
    return mean_of(percent(good, n) for code, (n, good) in items.items() if code.startswith(of))
