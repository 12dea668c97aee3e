"""The attack on every route: somebody of one unit puts the ids, codes and names of another unit everywhere they fit.

What belongs to the other unit is found in the tables themselves, and made up where a table is empty, so a table that is
added later is attacked too. `WHERE` says which table the parameter of an address means; a new parameter needs a line.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from pypdf import PdfReader
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
)
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from engine.domain.people import Membership, Role
from engine.persistence.models import Base

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("BÍ-MẬT", "bi-mat")  # what is made up for the other unit says so, and is looked for in every answer

# Parameter of an address → table.column of the other unit's rows, or words that are tried one after the other.
WHERE: dict[str, str | tuple[object, ...]] = {
    "code": "dossiers.code",
    "task_id": "tasks.id",
    "letter_id": "letters.id",
    "draft_id": "letter_drafts.id",
    "record_id": "late_records.id",
    "message_id": "deliveries.id",
    "delivery_id": "deliveries.id",
    "batch_id": "post_batches.id",
    "batch": (1, 2),
    "notice_id": "notices.id",
    "entry_id": "calendar_facts.id",
    "number": (1, 2),
    "design_id": (1, 2),  # designs are the whole installation's: no unit owns one
    "person_id": "people.id",
    "delegation_id": "delegations.id",
    "attachment_id": "attachments.id",
    "note_id": "dossier_notes.id",
    "opinion_id": "opinions.id",
    "link_id": "dossier_links.id",
    "filter_id": "saved_filters.id",
    "block_id": "parcel_blocks.id",
    "kiosk_id": "survey_kiosks.id",
    "import_key": "survey_imports.sha256",
    "screen_id": "wall_screens.id",
    "ballot_id": "survey_ballots.id",
    "sheet_id": "evaluation_sheets.id",
    "payment_id": "fee_entries.id",
    "order_id": "oversight_orders.id",
    "sample_id": "inspection_samples.id",
    "line_id": (1, 2),
    "key": ("1", "x" * 32),
    "token": ("1", "x" * 32),
    "unit": "units.code",
    "unit_id": "units.id",
    "procedure_code": ("1.012783", "1.012784"),
    "act": ("close", "password", "again", "cancel", "called", "handed"),
    "word": ("approve", "refuse"),
    "kind": ("overdue", "open"),
    "part": ("facts", "work"),
    "page": (1,),
    "name": ("progress", "units"),  # reports
}
# Fields of forms that mean something of the other unit; every other field gets a word.
FIELDS: dict[str, str] = {
    "code": "dossiers.code",
    "codes": "dossiers.code",
    "number": "dossiers.code",
    "other": "dossiers.code",
    "list": "dossiers.code",
    "task": "tasks.id",
    "task_id": "tasks.id",
    "letter": "letter_drafts.id",
    "draft": "intake_drafts.id",
    "person": "people.id",
    "username": "people.username",
    "unit": "units.code",
    "new_unit": "units.id",
    "note_unit": "units.id",
    "opinion_unit": "units.id",
    "filter": "saved_filters.id",
    "key": "intake_drafts.id",
    "entry": "calendar_facts.id",
}
_FIELD = re.compile(r'(?:form|values)(?:\.get(?:list)?\(|\[)\s*"(\w+)"')
_TAG = re.compile(r"<[^>]*>")
# Words of made-up rows that are read as one of a few.
MADE: dict[str, dict[str, object]] = {
    "parcel_blocks": {"kind": "dispute", "effect": "warn"},
    "attachments": {"kind": "pdf"},
    "late_records": {"state": "pending"},
    "survey_imports": {"sha256": "f" * 64},  # stands in its address; the name of the file is the secret
}
# What changes by asking at all, and says nothing of anybody's work.
FLEETING = frozenset({"web_sessions", "heartbeats", "access_events", "presences", "work_choices", "done_once"})


class NewParameter(AssertionError):
    """A route has a parameter that the attack does not know."""


def fields_of_forms() -> tuple[str, ...]:
    """The name of every field that some handler reads."""
    found = {name for file in (ROOT / "web").glob("*.py") for name in _FIELD.findall(file.read_text(encoding="utf-8"))}
    return tuple(sorted(found))


@dataclass
class World:
    """One office in which `ours` (units, people) attack everything else."""

    engine: Engine
    our_units: frozenset[int]
    our_people: frozenset[int]
    secrets: frozenset[str] = frozenset()
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, Table]:
        return {table.name: table for table in Base.metadata.sorted_tables}

    def dossier(self, turn: int) -> dict[str, Any]:
        """The dossier of the other unit that a turn is about."""
        return self.rows["dossiers"][turn % len(self.rows["dossiers"])]

    def theirs(self, place: str, turn: int, dossier_id: int | None = None) -> object:
        """A value of the other unit: of the dossier of this turn where the table has one of it."""
        table, column = place.split(".")
        rows = self.rows[table]
        assert rows, f"the other unit has nothing in the table {table}"
        own = [row for row in rows if dossier_id is not None and row.get("dossier_id") == dossier_id]
        return (own or rows)[turn % len(own or rows)][column]


# --- the world --------------------------------------------------------------------------------------------------------


def build_world(engine: Engine, ours: str, personas: dict[str, tuple[str, Role]]) -> World:
    """Open accounts of `ours` (username → unit code, role), and make up what the other units do not have yet."""
    tree = engine.office.units
    for username, (code, role) in personas.items():
        place = Membership(tree.by_code(code).id, role)
        engine.access.open_account(username, f"Người {username}", PASSWORD, [place])
    our_units = frozenset(tree.under(tree.by_code(ours).id))
    with engine.uow.write() as tx:
        people = Base.metadata.tables["people"].c
        names = tuple(tx.connection.scalars(select(people.id).where(people.username.in_(personas))))
        world = World(engine, our_units, frozenset(names))
        _fill_empty(tx.connection, world)
        _read(tx.connection, world)
    return world


def _fill_empty(connection: Connection, world: World) -> None:
    for place in {each for each in (*WHERE.values(), *FIELDS.values()) if isinstance(each, str)}:
        table = world.tables.get(place.split(".")[0])
        if table is not None and connection.execute(select(table).limit(1)).first() is None:
            connection.execute(insert(table).values(**_made_up(connection, table, world)))


def _made_up(connection: Connection, table: Table, world: World) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys and not (column.nullable and column.name not in {"dossier_id", "unit_id"}):
            target = next(iter(column.foreign_keys)).column
            found = list(connection.scalars(select(target).order_by(target)))
            ours = world.our_units if target.table.name == "units" else world.our_people
            row[column.name] = next(
                each for each in found if target.table.name not in {"units", "people"} or each not in ours
            )
        elif not column.nullable and column.server_default is None and not _counts_itself(column):
            row[column.name] = "officer" if column.name == "role" else _word(column.type)
    return row | MADE.get(table.name, {})


def _counts_itself(column: Column[Any]) -> bool:
    return column.primary_key and type(column.type) is Integer


def _word(kind: object) -> object:
    known: tuple[tuple[type, object], ...] = (
        (Boolean, False),
        (Integer, 1),
        (Float, 1.0),
        (LargeBinary, b""),
        (JSON, {}),
        (DateTime, datetime(2026, 11, 1, tzinfo=UTC)),
        (Date, date(2026, 11, 1)),
    )
    kind = getattr(kind, "impl_instance", kind)
    kind = getattr(kind, "impl", kind)
    return next((value for each, value in known if isinstance(kind, each)), WORDS[0][: getattr(kind, "length", None)])


def _read(connection: Connection, world: World) -> None:
    ours = {"units": world.our_units, "people": world.our_people}
    for name, table in world.tables.items():
        rows = [dict(row) for row in connection.execute(select(table).limit(400)).mappings()]
        mine = ours.get(name, frozenset())
        world.rows[name] = [row for row in rows if row.get("id") not in mine]
    secrets: set[str] = set(WORDS)
    for dossier in connection.execute(select(world.tables["dossiers"])).mappings():
        facts = (dossier["code"], dossier["receipt_token"], dossier["applicant_name"], dossier["identity_key"])
        secrets |= {str(fact) for fact in facts if fact}
    for letter in connection.execute(select(world.tables["letters"])).mappings():
        secrets |= {str(letter["number_text"]), str(letter["token"])}
    world.secrets = frozenset(secrets)


# --- the attack -------------------------------------------------------------------------------------------------------


def address(world: World, rule: Rule, turn: int) -> str:
    """The address of a route with what belongs to the other unit in it; raises `NewParameter`."""
    dossier = world.dossier(turn)
    values = {}
    for name in rule.arguments:
        if name not in WHERE:
            raise NewParameter(
                f"the route {rule.rule} has a parameter <{name}> that no attack knows: say in WHERE of"
                f" tests/support/attack.py which table and column it means (or which words it may be)"
            )
        known = WHERE[name]
        values[name] = world.theirs(known, turn, dossier["id"]) if isinstance(known, str) else known[turn % len(known)]
    values |= {"code": dossier["code"]} if "code" in values else {}
    built = rule.build(values)
    assert built is not None, rule.rule
    return built[1]


def form(world: World, names: tuple[str, ...], turn: int) -> MultiDict[str, str]:
    """A form in which every field says something of the other unit, if it can."""
    dossier = world.dossier(turn)
    unit = world.theirs("units.id", turn)
    task = world.theirs("tasks.id", turn, dossier["id"])
    sent: MultiDict[str, str] = MultiDict((name, "x") for name in names)
    for name, place in FIELDS.items():
        sent[name] = str(world.theirs(place, turn, dossier["id"]))
    if turn % 2:
        sent["unit"] = str(unit)
    sent["code"] = dossier["code"]
    version = dossier["act_version"]
    sent.setlist("row", [str(task), f"{task}:{version}"] if turn % 2 else [f"{task}:{version}"])
    sent.setlist("signed", [f"{dossier['code']}|{task}|{version}"])
    sent.setlist("role", [f"leader@{unit}"])
    sent |= {"new_role": "admin", "place": f"thanh:leader@{unit}", "delegate": "ap-officer", "version": str(version)}
    sent |= {"reason": "lý do", "document": "số 1", "starts_on": "2026-11-20", "ends_on": "2026-11-25", "q": "nguyen"}
    sent |= {"search": "nguyen", "act": "open", "decision": "approve", "verdict": "approve", "on": "2026-11-24"}
    sent |= {"year": "2026", "month": "2026-11", "act_trial": "x", "digits": "0000", "all": "1", "effect": "closed"}
    return sent


def text_of(content: bytes, mimetype: str) -> str:
    """What an answer says, whatever it is: pages, tables, papers, archives."""
    if mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    said = content.decode(errors="replace")
    return f"{html.unescape(said)}\n{html.unescape(_TAG.sub('', said))}"


def shown(world: World, text: str, told: str) -> list[str]:
    """What the answer gives away; what the person had typed themselves says nothing new."""
    return sorted(secret for secret in world.secrets if secret in text and secret not in told)


def snapshot(world: World) -> dict[str, dict[tuple[object, ...], dict[str, Any]]]:
    """Every row of every table by its key, as it stands."""
    found: dict[str, dict[tuple[object, ...], dict[str, Any]]] = {}
    with world.engine.uow.read() as tx:
        for name, table in world.tables.items():
            if name not in FLEETING:
                keys = [column.name for column in table.primary_key]
                rows = tx.connection.execute(select(table)).mappings()
                found[name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


def damage(
    world: World,
    before: dict[str, dict[tuple[object, ...], dict[str, Any]]],
    after: dict[str, dict[tuple[object, ...], dict[str, Any]]],
) -> list[str]:
    """What became different of what is not ours; our own rows may come, go and change."""
    found = []
    for name, rows in after.items():
        old = before[name]
        for key in (*rows, *(key for key in old if key not in rows)):
            was, now = old.get(key), rows.get(key)
            if was != now and not (_is_ours(world, name, was) and _is_ours(world, name, now)):
                change = "is new" if was is None else "is gone" if now is None else "changed"
                found.append(f"{name} {key} {change}")
    return found


def _is_ours(world: World, name: str, row: dict[str, Any] | None) -> bool:
    """Whether a row (or none) has to do with us alone: it names one of our units or people, and nothing of others."""
    if row is None:
        return True
    if name in {"people", "units"}:
        return row["id"] in (world.our_people if name == "people" else world.our_units)
    for column in world.tables[name].columns:
        value = row[column.name]
        if value is None or not column.foreign_keys:
            continue
        target = next(iter(column.foreign_keys)).column.table.name
        known = {"units": world.our_units, "people": world.our_people}.get(target)
        theirs = {each.get("id") for each in world.rows[target]} if known is None else set()
        if (known is not None and value not in known) or (known is None and value in theirs):
            return False
    return True


def endpoints(app: Flask) -> list[Rule]:
    """Every route but the static files."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
