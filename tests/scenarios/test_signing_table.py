"""The signing table: only what waits for this leader, missed dates first, several at once and each by itself."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import DESK, Office


def to_leader(office: Office) -> str:
    """A dossier on the straight way as far as the first decision of a leader."""
    code = office.receive()
    while office.open_tasks(code)[0].role != "leader":
        office.do(code)
    return code


def test_several_are_signed_each_by_itself_and_what_is_refused_stays_and_says_why(office: Office):
    table = office.engine.signing_table
    first, second, third = (to_leader(office) for _ in range(3))
    office.receive()  # waits for somebody else
    task = office.open_tasks(first)[0]
    leader = office.whose_turn(task)
    waiting = table.waiting(leader, at=office.now)
    assert [item.dossier.code for item in waiting.items] == [first, second, third]
    assert waiting.total == 3
    assert table.waiting(office.person("duyen"), at=office.now).items == ()
    assert table.is_signature(leader, first, task.id)
    assert not table.is_signature(office.person("lan"), first, task.id)

    seen = [(item.dossier.code, item.task_id, item.version) for item in waiting.items]
    office.engine.processing.claim(leader, second, seen[1][1], at=office.now)  # the file moves after it was read
    clerks = office.open_tasks(office.receive())[0]
    with office.engine.uow.read() as tx:
        strange = tx.dossiers.by_id(clerks.dossier_id)
    results = table.sign_many(leader, [*seen, (strange.code, clerks.id, strange.version)], at=office.now)
    assert [result.is_done for result in results] == [True, False, True, False]
    assert "vừa được người khác xử lý" in results[1].said
    assert "không phải bước lãnh đạo" in results[-1].said
    again = table.sign_many(leader, seen[:1], at=office.now + timedelta(minutes=1))
    assert not again[0].is_done
    assert [item.dossier.code for item in table.waiting(leader, at=office.now).items] == [second]
    assert office.engine.units.by_code(DESK).id not in {task.unit_id for task in office.open_tasks(first)}
