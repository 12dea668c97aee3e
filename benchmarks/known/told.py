"""What everybody is told about a period, and which way files went, counted over the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.known.answers import FINISHED, Asked, Wanted, index_of, local, moment, share, whole_months
from benchmarks.known.citizens import CitizenAnswers

_MOST = 500


class ToldAnswers(CitizenAnswers):
    """Counts what the page for everybody tells."""

    def _public(self, asked: Asked) -> dict[str, Wanted]:
        named = {unit: name for unit, (_code, name) in self._world.units.items()}
        issued = "FROM m JOIN f ON f.id = m.file WHERE NOT m.second AND m.issued BETWEEN :s AND :x AND {within}"
        letters = [
            {"unit": named[unit], "letters": n, "for_delay": n, "for_error": 0}
            for unit, n in self.rows(f"SELECT f.unit, count(*) {issued} GROUP BY 1", asked)
        ]
        listed = f"SELECT f.unit, f.proc, m.issued, m.missed, m.new_due {issued}"
        apologies = [
            {
                "issued_on": local(at).date().isoformat(),
                "unit": named[unit],
                "procedure": self._world.procedures[code][0],
                "about": "quá hạn",
                "missed_due_at": moment(missed),
                "new_due_at": moment(new_due),
            }
            for unit, code, at, missed, new_due in self.rows(
                f"{listed} ORDER BY m.issued DESC, f.id DESC LIMIT {_MOST}", asked
            )
        ]
        ended = (
            f"FROM w JOIN f ON f.id = w.file WHERE w.ended_on BETWEEN '{asked.first}' AND '{asked.last}' AND {{within}}"
        )
        answered = [
            {"unit": named[unit], "answered": n, "in_time": n - late, "share": share(n - late, n), "upheld": upheld}
            for unit, n, late, upheld in self.rows(
                f"SELECT about, count(*), sum(w.late), sum(w.upheld) {ended} GROUP BY 1", asked, "about"
            )
        ]
        feedback = [
            {
                "ended_on": on,
                "received_on": local(received).date().isoformat(),
                "unit": named[unit],
                "kind": "Chậm giải quyết hồ sơ",
                "finding": "Phản ánh đúng" if upheld else "Không đúng",
                "is_in_time": not late,
            }
            for on, received, unit, upheld, late in self.rows(
                f"SELECT ended_on, f.received, about, w.upheld, w.late {ended}"
                f" ORDER BY ended_on DESC, file DESC LIMIT {_MOST}",
                asked,
                "about",
            )
        ]
        return {
            "units": self._units(asked)["units"],
            "apologies_by_unit": Wanted(letters),
            "apologies": Wanted(apologies),
            "feedback_by_unit": Wanted(answered),
            "feedback": Wanted(feedback),
            "grades": Wanted([]),
            "satisfaction": Wanted(self._criteria(asked)),
        }

    # --- the way that files went ---

    def _conformance(self, asked: Asked) -> dict[str, Wanted]:
        names = ("finished", "answered", "recorded_late", "returned", "supplemented", "supplemented_again", "corrected")
        query = f"""SELECT unit, proc, count(*), sum(result IN ('delivered', 'rejected')), sum(late_records > 0),
            sum(returns > 0), sum(supplements > 0), sum(supplements > 1), sum(corrected), sum(result = 'rejected')
            FROM v WHERE {FINISHED} AND proc NOT IN ('0.000002', '0.000003') AND {{within}} GROUP BY 1, 2"""
        found = {(unit, code): counts for unit, code, *counts in self.rows(query, asked)}

        def line(members: list[list[int]]) -> dict[str, Any]:
            sums = [sum(counts) for counts in zip(*members, strict=True)] if members else [0] * 8
            said: dict[str, Any] = dict(zip((*names, "rejected"), sums, strict=True))
            return {
                **said,
                "in_order_share": share(said["finished"] - said["recorded_late"], said["finished"]),
                "returned_share": share(said["returned"], said["finished"]),
                "supplemented_share": share(said["supplemented"], said["finished"]),
                "rejected_share": share(said["rejected"], said["answered"]),
            }

        whole = line(list(found.values()))
        units = [
            {"name": self._world.units[unit][1], **line([counts for key, counts in found.items() if key[0] == unit])}
            for unit in {unit for unit, _code in found}
        ]
        procedures = [
            {"name": self._world.procedures[code][0], **line([n for key, n in found.items() if key[1] == code])}
            for code in {code for _unit, code in found}
        ]
        return {"units": Wanted(units, whole), "procedures": Wanted(procedures, whole)}

    def _criteria(self, asked: Asked) -> list[dict[str, Any]]:
        """The five criteria from January to the last whole month of the period, and the whole."""
        months = [month for month in whole_months(asked) if month[:4] == str(asked.last.year)]
        since = Asked(date(asked.last.year, 1, 1), asked.last, asked.root)
        ballots, items = (
            self._said(since, "1", f"{asked.last.year}-01", months[-1]).get(1, (0, {})) if months else (0, {})
        )
        rows = []
        for name, published, target in self._world.criteria:
            code = name.split(".")[0]
            value = index_of(items, f"{code}." if code in {"I", "II", "III", "IV", "V"} else "")
            told = value if ballots >= 5 else None
            rows.append({"name": name, "value": told, "published": published, "target": target})
        return rows
