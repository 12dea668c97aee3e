"""Which version holds on a day: one follows the other, the province's own goes before the national one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.versions import Version, at_level, clash, clashes, gaps, in_force, last_day

FIRST, SECOND = date(2026, 1, 1), date(2026, 7, 1)
OLD = Version("1.0", "1", effective_from=FIRST)
NEW = Version("1.0", "2", effective_from=SECOND)
DAYS = st.integers(0, 400).map(lambda days: FIRST + timedelta(days=days))


def test_the_next_version_ends_the_one_without_a_last_day():
    both = (OLD, NEW)
    assert last_day(OLD, both) == date(2026, 6, 30)
    assert in_force(both, date(2026, 6, 30)) == (OLD,)
    assert in_force(both, SECOND) == (NEW,)
    assert in_force(both, date(2025, 12, 31)) == ()
    assert not list(clashes(both))


def test_a_version_that_names_its_last_day_may_not_be_overtaken_before_it():
    until_august = Version("1.0", "1", effective_from=FIRST, effective_to=date(2026, 8, 31))
    assert clash(until_august, NEW) == SECOND == clash(NEW, until_august)
    assert clash(OLD, Version("1.0", "x", effective_from=FIRST)) == FIRST
    assert clash(OLD, Version("1.0", "x")) is None, "an old version without a first day is followed by one with"


def test_other_levels_and_provinces_never_clash():
    commune = Version("1.0", "1", ("commune",), effective_from=FIRST)
    assert clash(commune, Version("1.0", "1", ("province",), effective_from=FIRST)) is None
    assert clash(OLD, Version("1.0", "1", (), "ca_mau", FIRST)) is None
    assert clash(commune, OLD) == FIRST, "every level holds the commune too"


def test_the_provinces_own_version_goes_before_the_national_one_at_its_levels_and_on_its_days():
    own = Version("1.0", "1", ("province",), "ca_mau", SECOND, date(2026, 12, 31))
    commune = Version("1.0", "1", ("commune",), effective_from=FIRST)
    national = Version("1.0", "1", ("province",), effective_from=FIRST)
    everything = (own, commune, national)
    assert in_force(everything, SECOND, "ca_mau") == (own, commune)
    assert in_force(everything, SECOND, "binh_son") == (commune, national)
    assert in_force(everything, date(2027, 1, 1), "ca_mau") == (commune, national)
    wide = Version("1.0", "1", effective_from=FIRST)
    assert at_level(in_force((own, wide), SECOND, "ca_mau"), "province") == (own,)
    assert at_level(in_force((own, wide), SECOND, "ca_mau"), "commune") == (wide,)


def test_days_without_a_version_are_named():
    ended = Version("1.0", "1", effective_from=FIRST, effective_to=date(2026, 5, 31))
    assert list(gaps([ended, NEW])) == [(ended, NEW)]
    assert list(gaps([OLD, NEW])) == []


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6), DAYS)
def test_versions_that_do_not_clash_are_never_in_force_together(spans, day):
    versions: list[Version] = []
    for number, (starts, ends) in enumerate(spans):
        version = Version("1.0", str(number), effective_from=starts, effective_to=ends and max(starts, ends))
        if not any(clash(version, other) for other in versions):
            versions.append(version)
    assert len(in_force(versions, day)) <= 1
