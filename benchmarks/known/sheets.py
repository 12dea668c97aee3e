"""The reports on quality and the board, counted over the ledger: sheets, survey, live figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.known.answers import FINISHED, Asked, Wanted, index_of, margin, mean_of, percent, whole_months
from benchmarks.known.files import NOW_S
from benchmarks.known.finished import MoreAnswers
from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel

_COUNTS = ("files", "early", "on_time", "late", "corrected", "returned", "supplemented_again", "upheld")
_POINTS = (1, 2, 3, 4, 7)
_SHEET = """
SELECT {by}, count(*), sum(t IS 'early'), sum(t IS 'on_time'), sum(t IS 'late'), sum(corrected), sum(returns > 0),
  sum(supplements > 1), sum(upheld > 0), count(p1), sum(p1), count({own}), sum({own}), count(p3), sum(p3), count(p4),
  sum(p4), count(p7), sum(p7)
FROM v WHERE ended IS NOT NULL AND result IN ('delivered', 'rejected') AND done BETWEEN :s AND :e AND {within}
GROUP BY 1
"""
_CLEAN = """
SELECT unit, proc, sum(result IN ('delivered', 'rejected')),
  sum(result IN ('delivered', 'rejected') AND t IN ('early', 'on_time') AND NOT corrected)
FROM v WHERE ended IS NOT NULL AND done BETWEEN :s AND :e AND {within} GROUP BY 1, 2
"""


class AllAnswers(MoreAnswers):
    """Counts everything."""

    # --- sheets ---

    def _evaluation(self, asked: Asked) -> dict[str, Wanted]:
        rows = []
        for month, days in _months(asked):
            lines = {(unit, ""): line for unit, line in self._sheet(days, "unit", "p2", "unit").items()}
            # the desk has a hand in it too; nothing is scored of its own steps here
            for unit, line in self._sheet(days, "desk", "NULL", "desk").items():
                lines[unit, ""] = line
            rows += self._sheet_rows(days, month, lines)
        return {"evaluation": Wanted(rows)}

    def _officials(self, asked: Asked) -> dict[str, Wanted]:
        rows = []
        for month, days in _months(asked):
            lines: dict[tuple[int, str], list[int]] = {}
            for column, who, own in (("unit", "officer", "p2_own"), ("desk", "clerk", "NULL")):
                for key, line in self._sheet(days, f"{column} || ' ' || {who}", own, column).items():
                    unit, name = str(key).split(" ")
                    lines[int(unit), name] = line
            rows += self._sheet_rows(days, month, lines)
        return {"officials": Wanted(rows)}

    def _sheet(self, days: Asked, by: str, own: str, unit: str) -> dict[Any, list[int]]:
        found = self.rows(_SHEET.replace("{by}", by).replace("{own}", own), days, unit)
        return {key: [number or 0 for number in numbers] for key, *numbers in found}

    def _sheet_rows(self, days: Asked, month: str, lines: Mapping[tuple[int, str], list[int]]) -> list[dict[str, Any]]:
        feedback = self.feedback(days)
        rows = []
        for (unit, who), numbers in lines.items():
            said = feedback.get(unit, {"ended": 0, "on_time": 0, "prolonged": 0})
            points: dict[int, Decimal | None] = {}
            for place, number in enumerate(_POINTS):
                files, got = numbers[8 + 2 * place : 10 + 2 * place]
                points[number] = (Decimal(got) / files).quantize(Decimal("0.01"), ROUND_HALF_UP) if files else None
            enough = said["on_time"] * 100 >= 90 * said["ended"]
            points[8] = Decimal(0 if said["prolonged"] else 2 if said["on_time"] == said["ended"] else int(enough))
            for number in (5, 6, 9):
                entered = self._world.entered.get((unit, month), {}).get(number)
                points[number] = None if entered is None else Decimal(entered)
            known = [each for each in points.values() if each is not None]
            total = sum(known, Decimal(0))
            grade = next(name for least, name in self._world.grades if total >= least) if len(known) == 9 else ""
            rows.append(
                {
                    "unit": self._world.units[unit][1],
                    "month": month,
                    **({"official": who} if who else {}),
                    **dict(zip(_COUNTS, numbers, strict=False)),
                    **{f"indicator_{n}": None if p is None else float(p) for n, p in points.items()},
                    "points": float(total),
                    "of": 2 * len(known),
                    "grade": grade,
                    "confirmed": False,
                }
            )
        return rows

    # --- survey ---

    def _satisfaction(self, asked: Asked) -> dict[str, Wanted]:
        months = whole_months(asked)
        within = f"month BETWEEN '{months[0]}' AND '{months[-1]}' AND {{within}}"
        ((ballots,),) = self.rows(f"SELECT count(DISTINCT ballot) FROM b WHERE {within}", asked)
        query = f"SELECT item, count(*), sum(level >= 4) FROM b WHERE {within} GROUP BY 1"
        found = {item: (n, satisfied) for item, n, satisfied in self.rows(query, asked)}
        rows = []
        for code, name, published, target in self._world.items:
            n, satisfied = found.get(code, (0, 0))
            hidden = ballots < 5
            rows.append(
                {
                    "code": code,
                    "name": name,
                    "n": n,
                    "satisfied": None if hidden else satisfied,
                    "value": None if hidden else percent(satisfied, n),
                    "margin": None if hidden or not n else margin(satisfied, n),
                    "published": published,
                    "target": target,
                }
            )
        criteria = [name.split(". ", 1) for name, _value, _target in self._world.criteria if ". " in name]
        return {
            "satisfaction": Wanted(rows),
            "criteria": Wanted([_criterion(code, name, found, ballots) for code, name in criteria]),
            "sources": self._sources(asked, within, ballots),
            "answered": self._answered(asked, within, ballots),
        }

    def _sources(self, asked: Asked, within: str, ballots: int) -> Wanted:
        """What citizens say of results beside what files show, by unit, procedure and month."""
        said: defaultdict[tuple[int, str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
        where = f"FROM b WHERE {within} GROUP BY unit, proc, month"
        query = f"SELECT unit, proc, month, item, count(*), sum(level >= 4) {where}, item"
        for unit, code, month, item, n, good in self.rows(query, asked):
            said[unit, code, month][item] = (n, good)
        counted = self.rows(f"SELECT unit, proc, month, count(DISTINCT ballot) {where}", asked)
        many = {(unit, code, month): n for unit, code, month, n in counted}
        files: dict[tuple[int, str, str], tuple[int, int]] = {}
        for month, days in _months(asked):
            for unit, code, answered, clean in self.rows(_CLEAN, days):
                files[unit, code, month] = (answered, clean)
        few = [key for key, n in many.items() if n < 5]
        told = {key for key, n in many.items() if n >= 5}
        if len(few) == 1 and told:
            told.remove(min(told, key=lambda key: (many[key], key)))
        rows = [
            {
                "unit": self._world.units[key[0]][1],
                "procedure": self._world.procedures[key[1]][0],
                "month": key[2],
                **_both(said[key], *counts, is_told=key in told),
            }
            for key, counts in files.items()
            if any(item.startswith("IV.") for item in said.get(key, {}))
        ]
        every: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for items in said.values():
            for item, (n, good) in items.items():
                every[item] = [every[item][0] + n, every[item][1] + good]
        sums = (sum(answered for answered, _clean in files.values()), sum(clean for _answered, clean in files.values()))
        whole = _both({item: (n, good) for item, (n, good) in every.items()}, *sums, is_told=ballots >= 5)
        return Wanted([{"unit": "Tất cả", "procedure": "", "month": "", **whole}, *rows])

    def _answered(self, asked: Asked, within: str, ballots: int) -> Wanted:
        """Who was served beside who answered, by procedure, way of filing and time."""
        rows: list[dict[str, Any]] = []
        months = whole_months(asked)
        days = Asked(date.fromisoformat(f"{months[0]}-01"), _months(asked)[-1][1].last, asked.root)
        for title, column, names in (
            ("Theo thủ tục", "proc", {code: name for code, (name, _sector) in self._world.procedures.items()}),
            ("Theo hình thức nộp", "channel", {each.value: each.label for each in Channel}),
            ("Theo thời hạn", "timeliness", {each.value: each.label for each in Timeliness}),
        ):
            by = "t" if column == "timeliness" else column
            served = dict(self.rows(f"SELECT {by}, count(*) FROM v WHERE {FINISHED} AND {{within}} GROUP BY 1", days))
            served.pop(None, None)
            if column == "timeliness":
                served = {each.value: served.get(each.value, 0) for each in Timeliness}
            query = f"FROM b WHERE {within} AND {column} <> '' GROUP BY 1"
            many = dict(self.rows(f"SELECT {column}, count(DISTINCT ballot) {query}", asked))
            items: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
            for key, item, n, good in self.rows(f"SELECT {column}, item, count(*), sum(level >= 4) {query}, 2", asked):
                items[key][item] = (n, good)
            hidden = {key for key, n in many.items() if n < 5}
            enough = sorted((n, key) for key, n in many.items() if n >= 5)
            hidden |= {enough[0][1]} if len(hidden) == 1 and enough else set()
            for key in served.keys() | many.keys():
                answered = None if key in hidden else many.get(key, 0)
                value = None if key in hidden else index_of(items[key])
                line = {"served": served.get(key, 0), "answered": answered, "value": value}
                rows.append({"trait": title, "name": names[key], **line})
        return Wanted(rows if ballots >= 5 else [])

    # --- the board ---

    def board(self, soon: int, today_ends: int) -> dict[tuple[str, str], dict[str, int]]:
        """Every figure of the board now: of all (by ''), by unit and by procedure."""
        unresolved, late = "ended IS NULL AND done IS NULL", f"coalesce(first, due) < {NOW_S} AND due IS NOT NULL"
        judged = f"{unresolved} AND due IS NOT NULL AND coalesce(first, due)"
        figures = {
            "open": "ended IS NULL",
            "overdue": f"{unresolved} AND {late}",
            "second_lateness": f"{unresolved} AND first < due AND due < {NOW_S}",
            "without_letter": f"{unresolved} AND {late} AND issued IS NULL",
            "due_today": f"{judged} BETWEEN {NOW_S} AND {today_ends - 1}",
            "due_soon": f"{judged} BETWEEN {NOW_S} AND {soon - 1}",
            "paused": f"{unresolved} AND paused",
            "no_date": f"{unresolved} AND due IS NULL AND NOT paused",
            "drafts": "ended IS NULL AND draft",
            "results": "ended IS NULL AND done IS NOT NULL",
        }
        sums = ", ".join(f"sum({said})" for said in figures.values())
        found: dict[tuple[str, str], dict[str, int]] = {}
        for by, key in (("", "''"), ("unit", "unit"), ("procedure", "proc")):
            for name, *numbers in self._db.execute(f"SELECT {key}, {sums} FROM v WHERE ended IS NULL GROUP BY 1"):
                found[by, str(name)] = {kind: n or 0 for kind, n in zip(figures, numbers, strict=True)}
        return found


def _criterion(code: str, name: str, items: Mapping[str, tuple[int, int]], ballots: int) -> dict[str, Any]:
    own = {item: said for item, said in items.items() if item.startswith(f"{code}.")}
    hidden = ballots < 5
    margins = None if hidden else mean_of(margin(good, n) for n, good in own.values())
    return {"code": code, "name": name, "value": None if hidden else index_of(own), "margin": margins}


def _both(items: Mapping[str, tuple[int, int]], files: int, clean: int, *, is_told: bool) -> dict[str, Any]:
    own = {item: said for item, said in items.items() if item.startswith("IV.")}
    said, n = index_of(own) if is_told else None, max((n for n, _good in own.values()), default=0)
    shown = percent(clean, files)
    if said is None or shown is None or n < 5 or files < 5:
        verdict = "chưa so được: quá ít, hoặc lộ nhóm quá ít"
    elif abs(said - shown) < 10:
        verdict = "khớp"
    else:
        verdict = "lệch: hồ sơ tốt hơn cảm nhận" if said < shown else "lệch: cảm nhận tốt hơn hồ sơ"
    return {"citizens_say": said, "n": n, "files_show": shown, "files": files, "verdict": verdict}


def _months(asked: Asked) -> list[tuple[str, Asked]]:
    found: defaultdict[str, Asked] = defaultdict()
    for month in whole_months(asked):
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        found[month] = Asked(first, last, asked.root)
    return list(found.items())
