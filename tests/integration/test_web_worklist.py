"""The pages of the work list in a browser without scripts: filters, kept lists, many rows, what is next."""

from __future__ import annotations

import re

from flask import Flask

from engine.bootstrap import Engine
from engine.domain.people import Actor
from engine.domain.worklists import Listing
from tests.support.web import NOW, Person


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1].replace("&amp;", "&")


def actor_of(engine: Engine, username: str) -> Actor:
    with engine.uow.read() as tx:
        found = tx.people.by_username(username)
        assert found is not None
        return tx.people.actor(found.id, found.username, found.full_name)


def test_a_list_is_narrowed_kept_and_worked_through_without_scripts(app: Flask, engine: Engine) -> None:
    person = Person(app, "minh")
    page = person.read("/work?view=unit&filter=1")
    assert 'name="received_from"' in page
    assert "data-open" in page

    # narrowed by the address alone; the choice can be taken back; the list is kept and shown with its count
    narrowed = person.read("/work?view=unit&channel=in_person&holder=none")
    assert "Trực tiếp" in narrowed
    # what it is narrowed to is named in words, whether rows are left or not
    for more in ("", "&received_to=2001-01-01"):
        named = person.read(f"/work?view=unit&procedure=1.012783{more}")
        assert re.search(r"Thủ tục: <b>Cấp đổi Giấy chứng nhận", named), more
    list_field = hidden(narrowed, "list")
    kept = person.send("/work/filters", {"list": list_field, "name": "Tại quầy", "share": ""})
    assert kept.status_code == 303
    assert "Tại quầy" in person.read(kept.location)
    stranger = Person(app, "hoa")
    assert "Tại quầy" not in stranger.read("/work?view=unit")

    # the order and what opens next are kept
    person.send("/work/sort", {"list": list_field, "sort": "-received"})
    assert 'value="-received" selected' in person.read("/work?view=unit")
    person.send("/work/sort", {"list": list_field, "opens_next_asked": "1", "opens_next": "1"})
    choices = engine.work_filters.choices(actor_of(engine, "minh"))
    assert (choices.opens_next, choices.sort) == (True, "-received")


def test_many_rows_are_looked_at_confirmed_and_told_one_by_one(app: Flask, engine: Engine) -> None:
    minh = actor_of(engine, "minh")
    items = engine.worklist.page(minh, listing=Listing("unassigned"), at=NOW).items
    person = Person(app, "minh")
    nothing = person.send("/work/many", {"list": "view=unassigned", "act": "advance"})
    assert nothing.status_code == 303
    assert "Chưa chọn hồ sơ nào" in person.read(nothing.location)

    rows = [str(item.task_id) for item in items]
    preview = person.client.post(
        "/work/many", data={"list": "view=unassigned", "act": "advance", "row": rows, "csrf_token": person.token()}
    )
    assert "Chưa có gì được ghi" in preview.text
    chosen = re.findall(r'name="row" value="(\d+:\d+)"', preview.text)
    # as the page sends it, with every field that it hides
    (form,) = re.findall(r'<form action="/work/many/advance".*?</form>', preview.text, re.DOTALL)
    hides = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent = hides | {"row": chosen, "remark": "Cùng đợt"}
    radios = re.findall(r'type="radio" name="(answer-[^"]+)" id="[^"]+" value="([^"]*)"', preview.text)
    sent |= dict(reversed(radios))  # the first choice of each
    first = person.client.post("/work/many/advance", data=sent | {"csrf_token": person.token()})
    again = person.client.post("/work/many/advance", data=sent | {"csrf_token": person.token()})
    assert first.status_code == again.status_code == 200
    told = re.findall(r'class="many-(\w+)"', first.text)
    assert len([each for each in told if each in {"done", "refused", "changed"}]) == len(chosen)
    assert re.findall(r'class="many-(\w+)"', again.text) == told

    # another unit's rows cannot be touched by their numbers
    foreign = Person(app, "hoa")
    answer = foreign.client.post("/work/many/advance", data=sent | {"csrf_token": foreign.token()})
    assert answer.status_code != 200
    assert not any(item.dossier.applicant_name in answer.text for item in items)
