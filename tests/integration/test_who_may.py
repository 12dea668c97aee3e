"""What somebody of one unit can see or do of another by changing an address, an id, a form field: nothing.

Every route is attacked by every persona whose door it is; a route that is added later is attacked without a line here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from flask import Flask

from engine.bootstrap import Engine
from engine.domain.people import Role
from tests.support.attack import (
    World,
    address,
    build_world,
    damage,
    endpoints,
    fields_of_forms,
    form,
    shown,
    snapshot,
    text_of,
)
from tests.support.web import Person, application
from web.doors import ACCESS, PUBLIC

PERSONAS = {
    "ap-clerk": ("AP-TTPVHCC", Role.CLERK),
    "ap-officer": ("AP-KT", Role.OFFICER),
    "ap-leader": ("AP-KT", Role.LEADER),
    "ap-records": ("AP-KT", Role.RECORDS),
    "ap-supervisor": ("AP", Role.SUPERVISOR),
    "ap-admin": ("AP", Role.ADMIN),
}
# What a route shows or does that belongs to the whole installation, with the reason.
COMMON = {
    "account.sign_in": "counts a wrong password against the name that was typed: that is its work",
    "account.sign_out": "ends the session of who asks: nothing else to attack",
}
# What is everybody's to know, with the reason.
COMMON_KNOWLEDGE = {
    "parcels.table": "blocks of parcels hold at every desk of the province, and say by which document",
    "parcels.enter": "shows the same register again beside what was refused",
    "parcels.lift": "shows the same register again beside what was refused",
}
# Public forms that work where cookies are refused: they change nothing, or a key of their own gives the right.
WITHOUT_TOKEN = {
    "citizen.lookup",
    "verification.check",
    "survey.enter",
    "survey.rate",
    "survey.kiosk",
    "feedback.public",
}
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@pytest.fixture
def world(engine: Engine) -> World:
    return build_world(engine, "AP", PERSONAS)


def attacks(app: Flask, world: World, role: Role | None) -> Iterator[tuple[str, str, str, int]]:
    """Endpoint, method, address and turn of everything that somebody with a role (None: a stranger) may knock at."""
    for rule in endpoints(app):
        roles = ACCESS[rule.endpoint]
        if rule.endpoint in COMMON or (role not in roles if role else roles != PUBLIC):
            continue
        for turn, method in enumerate(sorted((rule.methods or set()) & METHODS)):
            yield rule.endpoint, method, address(world, rule, turn), turn


class Attacker:
    """Somebody who knocks everywhere, and what they found open."""

    def __init__(self, app: Flask, world: World, who: str) -> None:
        self._world = world
        self._person = Person(app, who if who in PERSONAS else "")
        self._names = fields_of_forms()
        self._before = snapshot(world)
        self._watch = sqlite3.connect(str(world.engine.settings.database_url).removeprefix("sqlite:///"))
        self._version = self._data_version()
        self.holes: list[str] = []

    def knock(self, endpoint: str, method: str, path: str, turn: int) -> None:
        """Ask once, and look at what is shown and what changed."""
        sent = form(self._world, self._names, turn)
        client = self._person.client
        asked = client.get(path, query_string=sent) if method == "GET" else None
        answer = asked or client.open(path, method=method, data=sent)
        where = f"{endpoint}: {method} {path} → {answer.status_code}"
        if answer.status_code >= 500 and answer.status_code != 503:
            self.holes.append(f"{where}: fails")
        text = text_of(answer.data, answer.mimetype or "")
        if answer.status_code in {302, 303}:  # what the next page would tell
            with self._person.client.session_transaction() as session:
                text += str(session.pop("_flashes", ""))
        given_away = shown(self._world, text, f"{path} {' '.join(value for _, value in sent.items(multi=True))}")
        if given_away and endpoint not in COMMON_KNOWLEDGE:
            self.holes.append(f"{where}: shows {given_away[:3]}")
        if self._version != self._data_version():
            self._compare(where)

    def _compare(self, where: str) -> None:
        after = snapshot(self._world)
        self.holes += [f"{where}: {each}" for each in damage(self._world, self._before, after)[:3]]
        self._before, self._version = after, self._data_version()

    def _data_version(self) -> int:
        """A number that becomes another whenever anybody has written into the database."""
        ((version,),) = self._watch.execute("PRAGMA data_version").fetchall()
        return int(version)


@pytest.mark.parametrize("who", [*PERSONAS, "a stranger"])
def test_nothing_of_another_unit_is_shown_and_nothing_changes(engine: Engine, world: World, who: str):
    app = application(engine)
    app.config["WTF_CSRF_ENABLED"] = False
    attacker = Attacker(app, world, who)
    for attack in attacks(app, world, PERSONAS[who][1] if who in PERSONAS else None):
        attacker.knock(*attack)
    assert not attacker.holes, "\n".join(attacker.holes)


def test_a_form_without_its_token_is_taken_by_no_route_but_those_for_people_without_cookies(app: Flask):
    person, taken = Person(app, "admin"), set()
    for rule in endpoints(app):
        for method in sorted((rule.methods or set()) & METHODS - {"GET"}):
            path = re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>", "1", rule.rule))
            if person.client.open(path, method=method, data={"code": "x"}).status_code != 400:
                taken.add(rule.endpoint)
    assert taken == WITHOUT_TOKEN
    assert all(ACCESS[endpoint] == PUBLIC for endpoint in taken)
