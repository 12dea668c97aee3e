"""The reports on our own survey, on whom it should ask, and on online services, counted over the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.known.answers import FINISHED, Asked, Wanted, index_of, margin, mean_of, percent, share, whole_months
from benchmarks.known.sheets import AllAnswers

GOAL, LEAST = 90.0, 5
_OUR_OWN = "proc NOT IN ('0.000002', '0.000003')"
_OF_WAY = ("finished", "late", "dated", "supplemented", "minutes")
_ONLINE = (
    *("received", "online", "payments", "paid_online"),
    *(f"{name}_{way}" for way in ("online", "direct") for name in _OF_WAY),
)
# item → answers, satisfied
_Items = Mapping[str, tuple[int, int]]


class CitizenAnswers(AllAnswers):
    """Counts what citizens said and how many there were to ask."""

    def _standing(self, asked: Asked) -> dict[str, Wanted]:
        months = whole_months(asked)
        year = int(months[-1][:4])
        years = {
            each: self._said(asked, "1", _back(months[0], year - each), _back(months[-1], year - each)).get(1, (0, {}))
            for each in range(year - 3, year + 1)
        }
        shown = _told(years)
        value, before = shown[year], shown[year - 1]
        whole = {
            "scope": "Tất cả",
            "ballots": years[year][0],
            "value": value,
            "margin": None if value is None else _margin(years[year][1]),
            **_against(value),
            "before": before,
            "change": _less(value, before),
        }
        lines = [
            {
                "year": str(each),
                "ballots": years[each][0],
                "value": shown[each],
                "change": _less(shown[each], shown.get(each - 1)),
                **_against(shown[each]),
            }
            for each in years
        ]
        within = (months[0], months[-1])
        sectors = {code: sector for code, (_name, sector) in self._world.procedures.items()}
        return {
            "whole": Wanted([whole]),
            "years": Wanted(lines),
            "months": self._year_of_months(asked, months[-1]),
            "sectors": self._groups(asked, "proc", *within, sectors),
            "units": self._groups(asked, "unit", *within, self._world.units),
            "items": self._ranked(*years[year]),
        }

    def _said(self, asked: Asked, by: str, first: str, last: str) -> dict[Any, tuple[int, dict[str, tuple[int, int]]]]:
        """Ballots and answers by item, in groups."""
        where = f"FROM b WHERE month BETWEEN '{first}' AND '{last}' AND {{within}} GROUP BY 1"
        found = {key: (n, {}) for key, n in self.rows(f"SELECT {by}, count(DISTINCT ballot) {where}", asked)}
        for key, item, n, good in self.rows(f"SELECT {by}, item, count(*), sum(level >= 4) {where}, 2", asked):
            found[key][1][item] = (n, good)
        return found

    def _year_of_months(self, asked: Asked, last: str) -> Wanted:
        months = [_earlier(last, number) for number in range(24)][::-1]
        found = self._said(asked, "month", months[0], last)
        shown = _told({month: found.get(month, (0, {})) for month in months})
        rows = []
        for month in months[12:]:
            before = shown[_back(month, 1)]
            line = {"month": month, "ballots": found.get(month, (0, {}))[0], "value": shown[month]}
            rows.append({**line, "before": before, "change": _less(shown[month], before)})
        return Wanted(rows)

    def _groups(self, asked: Asked, by: str, first: str, last: str, names: Mapping[Any, tuple[str, str]]) -> Wanted:
        groups: defaultdict[tuple[str, str], tuple[int, dict[str, tuple[int, int]]]] = defaultdict(lambda: (0, {}))
        for key, (ballots, items) in self._said(asked, by, first, last).items():
            many, old = groups[names[key]]
            added = {
                item: tuple(map(sum, zip(old.get(item, (0, 0)), items.get(item, (0, 0)), strict=True)))
                for item in {*old, *items}
            }
            groups[names[key]] = (many + ballots, added)  # type: ignore[assignment]
        shown = _told({code: line for (code, _name), line in groups.items()})
        rows = []
        for (code, name), (ballots, items) in groups.items():
            criteria = {
                f"criterion_{each}": None if shown[code] is None else index_of(items, f"{each}.")
                for each in ("I", "II", "III", "IV", "V")
            }
            rows.append({"name": name, "ballots": ballots, "value": shown[code], **_against(shown[code]), **criteria})
        return Wanted(rows)

    def _ranked(self, ballots: int, items: _Items) -> Wanted:
        rows: list[dict[str, Any]] = []
        for code, name, published, target in self._world.items:
            n, good = items.get(code, (0, 0))
            value = percent(good, n) if ballots >= LEAST and n >= LEAST else None
            row = {"code": code, "name": name, "n": n, "value": value, "target": target, "published": published}
            rows.append({**row, "distance": _less(value, target), "rank": None})
        known = sorted((row for row in rows if row["value"] is not None), key=lambda row: row["value"])
        for place, row in enumerate(known, 1):
            row["rank"] = place
        return Wanted(rows)

    # --- online ---

    def _online(self, asked: Asked) -> dict[str, Wanted]:
        lines: defaultdict[tuple[int, str], dict[str, float]] = defaultdict(lambda: dict.fromkeys(_ONLINE, 0))
        ways = "CASE channel WHEN 'online' THEN 'online' ELSE 'direct' END"
        ended = f"SELECT unit, proc, {ways}, count(*), sum(t IS 'late'), count(t), sum(supplements > 0),"
        ended += (
            f" sum((s_unit + s_counter) / 60) FROM v WHERE {FINISHED} AND {_OUR_OWN} AND {{within}} GROUP BY 1, 2, 3"
        )
        came = f"""SELECT unit, proc, count(*), sum(channel = 'online') FROM v
            WHERE received BETWEEN :s AND :e AND {_OUR_OWN} AND {{within}} GROUP BY 1, 2"""
        paid = f"""SELECT unit, proc, count(*), sum(method = 'online') FROM p JOIN v ON v.id = p.file
            WHERE taken BETWEEN :s AND :e AND NOT undone AND method <> 'exempt' AND {_OUR_OWN} AND {{within}}
            GROUP BY 1, 2"""
        for names, query in ((("received", "online"), came), (("payments", "paid_online"), paid)):
            for unit, code, *counts in self.rows(query, asked):
                lines[unit, code].update(zip(names, counts, strict=True))
        for unit, code, way, *counts in self.rows(ended, asked):
            for name, count in zip(_OF_WAY, counts, strict=True):
                lines[unit, code][f"{name}_{way}"] = count
        units: defaultdict[int, list[Mapping[str, float]]] = defaultdict(list)
        codes: defaultdict[str, list[Mapping[str, float]]] = defaultdict(list)
        for (unit, code), line in lines.items():
            units[unit].append(line)
            codes[code].append(line)
        whole = _online_of(lines.values())
        by_unit = [
            {"unit": self._world.units[unit][1], **line, "target": 0.3, "reached": _reached(line["online_share"], 0.3)}
            for unit, line in ((unit, _online_of(members)) for unit, members in units.items())
        ]
        by_code = [
            {
                "code": code,
                "procedure": self._world.procedures[code][0],
                "level": self._world.levels[code],
                **_online_of(m),
            }
            for code, m in codes.items()
        ]
        taking = [line for line in by_code if line["payments"]]
        levels = [level for code, level in self._world.levels.items() if level != "chưa rõ" and code[0] != "0"]
        figures = (
            ("Hồ sơ trực tuyến", whole["online_share"], 0.3),
            ("Hồ sơ trực tuyến", whole["online_share"], 0.8),
            ("Thanh toán trực tuyến", whole["paid_share"], 0.3),
            ("Thủ tục có thanh toán trực tuyến", share(sum(r["paid_online"] > 0 for r in taking), len(taking)), 0.6),
            (
                "Thủ tục cung cấp trực tuyến",
                share(sum(not each.startswith("Chưa") for each in levels), len(levels)),
                1.0,
            ),
        )
        targets = [
            {"figure": name, "value": value, "target": goal, "reached": _reached(value, goal)}
            for name, value, goal in figures
        ]
        return {"targets": Wanted(targets), "units": Wanted(by_unit, whole), "procedures": Wanted(by_code, whole)}

    # --- whom to ask ---

    def _sample_frame(self, asked: Asked) -> dict[str, Wanted]:
        query = f"SELECT unit, proc, count(*) FROM v WHERE {FINISHED} AND {_OUR_OWN} AND {{within}} GROUP BY 1, 2"
        served = {(self._world.units[unit], code): n for unit, code, n in self.rows(query, asked)}
        whole = sum(served.values())
        wanted = _shared_out(served, _sample(whole))
        rows = [
            {
                "unit": unit[1],
                "code": code,
                "procedure": self._world.procedures[code][0],
                "served": n,
                "share": share(n, whole),
                "wanted": wanted[unit, code],
            }
            for (unit, code), n in served.items()
        ]
        months = whole_months(asked)
        said = self._said(asked, "unit", months[0], months[-1])
        ballots = {self._world.units[unit]: n for unit, (n, _items) in said.items()}
        units = []
        for unit in {unit for unit, _code in served} | set(ballots):
            n = sum(each for key, each in served.items() if key[0] == unit)
            allotted = sum(each for key, each in wanted.items() if key[0] == unit)
            line = {"unit": unit[1], "served": n, "share": share(n, whole), "wanted": allotted}
            units.append({**line, "alone": _sample(n), "ballots": ballots.get(unit, 0)})
        total = {"served": whole, "wanted": _sample(whole)}
        return {"units": Wanted(units, {**total, "ballots": sum(ballots.values())}), "strata": Wanted(rows, total)}


def _online_of(lines: Iterable[Mapping[str, float]]) -> dict[str, Any]:
    """Counts that add up, and the shares that follow."""
    found: dict[str, Any] = dict.fromkeys(_ONLINE, 0)
    for line in lines:
        for name in _ONLINE:
            found[name] += line[name]
    found["online_share"] = share(found["online"], found["received"])
    found["paid_share"] = share(found["paid_online"], found["payments"])
    for way in ("online", "direct"):
        finished, minutes = found[f"finished_{way}"], found[f"minutes_{way}"]
        found[f"late_share_{way}"] = share(found[f"late_{way}"], found[f"dated_{way}"])
        found[f"supplemented_share_{way}"] = share(found[f"supplemented_{way}"], finished)
        found[f"hours_{way}"] = round(minutes / 60 / finished, 2) if finished else None
    return found


def _reached(value: float | None, goal: float) -> bool | None:
    return None if value is None else value >= goal


def _back(month: str, years: int) -> str:
    return f"{int(month[:4]) - years}{month[4:]}"


def _earlier(month: str, months: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - months
    return f"{number // 12}-{number % 12 + 1:02d}"


def _told(groups: Mapping[Any, tuple[int, _Items]]) -> dict[Any, float | None]:
    """The index of each group that may be told: one that would be hidden alone hides the smallest of the others."""
    few = {key for key, (n, _items) in groups.items() if 0 < n < LEAST}
    enough = sorted((n, key) for key, (n, _items) in groups.items() if n >= LEAST)
    if len(few) == 1 and enough:
        few.add(enough[0][1])
    return {key: index_of(items) if n >= LEAST and key not in few else None for key, (n, items) in groups.items()}


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 2)


def _against(value: float | None) -> dict[str, Any]:
    return {"goal": GOAL, "distance": _less(value, GOAL), "reached": None if value is None else value >= GOAL}


def _margin(items: _Items) -> float | None:
    return mean_of(margin(good, n) for n, good in items.values())


def _sample(served: int) -> int:
    # N / (1 + N · 0,0025) = 400 N / (400 + N), to the nearest whole
    return (800 * served + 400 + served) // (2 * (400 + served))


def _shared_out(served: Mapping[Any, int], sample: int) -> dict[Any, int]:
    whole = sum(served.values())
    found = {key: n * sample // whole for key, n in served.items()}
    rest = sorted(served, key=lambda key: (-(served[key] * sample % whole), key))
    for key in rest[: sample - sum(found.values())]:
        found[key] += 1
    return found
