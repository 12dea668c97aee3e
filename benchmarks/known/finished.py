"""The reports on lateness, results, steps and ways in and out, counted over the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from statistics import median
from typing import Any

from benchmarks.known.answers import ANSWERED, ENDED, Answers, Asked, Wanted, add_up, moment, share, whole_months
from benchmarks.known.files import DAY, HOUR, SHIFT, days_off, days_on, local_day
from benchmarks.known.tables import STEPS
from engine.domain.report_words import WORDS


class MoreAnswers(Answers):
    """Counts what was late, what came of files, and how they came and went."""

    def _missed(self, asked: Asked) -> list[dict[str, Any]]:
        query = """SELECT f.unit, f.proc, f.code, m.missed, m.second, m.letter, m.issued, m.new_due, m.delivered,
              CASE WHEN f.result IN ('refused', 'withdrawn', 'discontinued') THEN NULL ELSE f.done END, f.draft
            FROM m JOIN f ON f.id = m.file WHERE m.missed BETWEEN :s AND :e AND {within}
              AND (m.found IS NOT NULL OR f.done IS NULL OR f.done > m.missed) ORDER BY m.missed, f.code"""
        names = (
            "unit",
            "proc",
            "code",
            "missed",
            "second",
            "letter",
            "issued",
            "new_due",
            "delivered",
            "resolved",
            "draft",
        )
        return [dict(zip(names, row, strict=True)) for row in self.rows(query, asked)]

    def _overdue(self, asked: Asked) -> dict[str, Wanted]:
        rows = [
            {
                "unit": self._world.units[each["unit"]][1],
                "procedure": self._world.procedures[each["proc"]][0],
                "dossier": each["code"],
                "missed_due_at": moment(each["missed"]),
                "lateness": 2 if each["second"] else 1,
                "announced": _announced(each),
                "letter": each["letter"],
                "issued_at": moment(each["issued"]),
                "days_to_letter": _days_to_letter(each),
                "new_due_at": moment(each["new_due"]),
                "resolved_at": moment(each["resolved"]),
            }
            for each in self._missed(asked)
        ]
        return {"overdue": Wanted(rows)}

    def _apologies(self, asked: Asked) -> dict[str, Wanted]:
        def figures(missed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
            first = [each for each in missed if not each["second"]]
            written = [each for each in first if each["letter"]]
            days = [_days_to_letter(each) or 0.0 for each in written]
            return {
                "missed": len(missed),
                "first_lateness": len(first),
                "second_lateness": len(missed) - len(first),
                "apologised": len(written),
                "announced": sum(map(_announced, written)),
                "without_letter": len(first) - len(written),
                "waiting_signature": sum(bool(each["draft"]) for each in first if not each["letter"]),
                "undelivered": sum(each["delivered"] is None for each in written),
                "apology_coverage": share(len(written), len(first)),
                "median_days_to_letter": round(median(days), 2) if days else None,
            }

        missed = self._missed(asked)
        groups: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for each in missed:
            groups[each["unit"]].append(each)
        rows = [{"unit": self._world.units[key][1], **figures(members)} for key, members in groups.items()]
        return {"apologies": Wanted(rows, figures(missed))}

    # --- results, steps, channels ---

    def _results(self, asked: Asked) -> dict[str, Wanted]:
        query = f"""SELECT unit, proc, substr(day, 1, 7), result, t, apology, misses, corrected, s_unit, s_counter,
            s_other, s_applicant FROM v WHERE {ENDED} AND {{within}}"""
        groups: defaultdict[tuple[int, str, str], list[tuple[Any, ...]]] = defaultdict(list)
        every = []
        for row in self.rows(query, asked):
            groups[row[:3]].append(row[3:])
            every.append(row[3:])
        rows = []
        for (unit, code, month), members in groups.items():
            names = {"unit": self._world.units[unit][1], "procedure": self._world.procedures[code][0], "month": month}
            rows.append({**names, **_results_of(members)})
        totals = _results_of(every)
        answered = [row for row in every if row[0] in {"delivered", "rejected"}]
        own = {name: totals[name] for name in ("on_time_share", "apology_coverage")}
        own["uncorrected_share"] = share(sum(not row[4] for row in answered), len(answered))
        published = [{"name": name, "value": value, "target": goal} for name, value, goal in self._world.criterion]
        return {
            "results": Wanted(rows, totals),
            "published": Wanted(published),
            "own": Wanted([{"name": WORDS[name], "share": value} for name, value in own.items()]),
        }

    def _steps(self, asked: Asked) -> dict[str, Wanted]:
        query = """SELECT s.unit, v.proc, step, count(*), count(s.late), sum(s.late > 0),
              sum(CASE WHEN s.late > 0 THEN s.late ELSE 0 END),
              sum(s.late > 0 AND v.ended IS NOT NULL AND v.t IN ('early', 'on_time')), sum(record <> ''),
              sum(record = 'approved')
            FROM s JOIN v ON v.id = s.file WHERE closed BETWEEN :s AND :e AND NOT interrupted AND step <> 3 AND {within}
            GROUP BY 1, 2, 3"""
        names = ("done", "with_limit", "late", "minutes", "late_in_time", "recorded_late", "recorded_late_approved")

        def figures(line: Mapping[str, int]) -> dict[str, Any]:
            kept = {name: line[name] for name in ("done", "late_in_time", "recorded_late", "recorded_late_approved")}
            hours = round(line["minutes"] / line["late"] / 60, 2) if line["late"] else None
            part = share(line["late"], line["with_limit"])
            return {**kept, "late_steps": line["late"], "late_steps_share": part, "mean_late_hours": hours}

        lines, rows = [], []
        for unit, code, step, *counts in self.rows(query, asked, "s.unit"):
            line = {name: count or 0 for name, count in zip(names, counts, strict=True)}
            lines.append(line)
            who = {"unit": self._world.units[unit][1], "procedure": self._world.procedures[code][0]}
            rows.append({**who, "step": STEPS[step][1], **figures(line)})
        return {"steps": Wanted(rows, figures(add_up(lines, names)))}

    def _channels(self, asked: Asked) -> dict[str, Wanted]:
        names = ("received", "online", "postal", "answered", "scanned", "by_post", "electronic")
        lines: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
        for columns, what, where in (
            (names[:3], "count(*), sum(channel = 'online'), sum(channel = 'postal')", "received BETWEEN :s AND :e"),
            (names[3:], "count(*), sum(scanned), sum(back = 'postal'), sum(back = 'online')", ANSWERED),
        ):
            query = f"""SELECT unit, {what} FROM v
                WHERE {where} AND proc NOT IN ('0.000002', '0.000003') AND {{within}} GROUP BY 1"""
            for unit, *counts in self.rows(query, asked):
                lines[unit].update(zip(columns, counts, strict=True))

        def shares(line: Mapping[str, int]) -> dict[str, Any]:
            return {
                **{f"{name}_share": share(line[name], line["received"]) for name in ("online", "postal")},
                **{
                    f"{name}_share": share(line[name], line["answered"])
                    for name in ("scanned", "by_post", "electronic")
                },
            }

        months = whole_months(asked)
        rows = []
        for unit, line in lines.items():
            said = [self._world.paid[unit, month] / 100 for month in months if (unit, month) in self._world.paid]
            paid = round(sum(said) / len(said), 4) if said else None
            rows.append({"unit": self._world.units[unit][1], **line, **shares(line), "paid_share": paid})
        total = add_up(lines.values(), names)
        return {"units": Wanted(rows, {**total, **shares(total), "paid_share": None})}


def _announced(each: Mapping[str, Any]) -> bool:
    return each["issued"] is not None and each["issued"] <= each["missed"]


def _days_to_letter(each: Mapping[str, Any]) -> float | None:
    if each["issued"] is None:
        return None
    return round(_office_seconds(each["missed"], max(each["issued"], each["missed"])) / 28_800, 2)


_OFF, _ON = days_off(), days_on()


@cache
def _office_seconds(start: int, end: int) -> int:
    """Seconds between two instants from 8 to 12 and from 13 to 17 on days on which offices work."""
    found, day = 0, (start + SHIFT) // DAY * DAY - SHIFT
    while day < end:
        on = local_day(day)
        if (on.weekday() < 5 and on not in _OFF) or on in _ON:
            for opens, closes in ((8, 12), (13, 17)):
                found += max(0, min(end, day + closes * HOUR) - max(start, day + opens * HOUR))
        day += DAY
    return found


def _results_of(members: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Result, timeliness, apology, misses, corrected, seconds of unit, counter, other agency, applicant."""
    finished = [row for row in members if row[0] != "refused"]
    answered = [
        row for row in finished if row[1] is not None and (row[0] in {"delivered", "rejected"} or row[1] == "late")
    ]
    overdue = [row for row in finished if row[3] or row[1] == "late"]
    apologised = sum(row[2] not in {None, "never"} for row in overdue)
    timed = [row[5:] for row in finished if any(row[5:])]
    days = [(unit + counter) / 28_800 for unit, counter, _other, _applicant in timed]
    sums = [sum(row[place] for row in timed) for place in range(4)]
    means = {
        f"{name}_days": float(round(Fraction(total, 28_800 * len(timed)), 2)) if timed else None
        for name, total in zip(("unit", "counter", "other_agency", "applicant"), sums, strict=True)
    }
    return {
        "finished": len(finished),
        **{name: sum(row[1] == name for row in finished) for name in ("early", "on_time", "late")},
        "without_date": sum(row[1] is None for row in finished),
        "on_time_share": share(sum(row[1] != "late" for row in answered), len(answered)),
        "overdue": len(overdue),
        "apologised": apologised,
        "apology_coverage": share(apologised, len(overdue)),
        "corrected": sum(row[4] for row in finished),
        "median_days": round(median(days), 2) if days else None,
        "mean_days": float(round(Fraction(sums[0] + sums[1], 28_800 * len(timed)), 2)) if timed else None,
        "refused": len(members) - len(finished),
        **means,
    }
