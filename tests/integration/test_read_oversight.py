from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import pytest

from engine.domain.board import KINDS, Choice
from engine.domain.errors import NotFound, Refused
from engine.domain.views import DossierLine, Urgency
from engine.settings.overdue import OverdueSettings
from tests.support.read_office import COMMUNE_DESK, DESK, REGISTRY, ReadOffice, on, prepare, read_office

INCOMPLETE = {"appraisal": "supplement", "financial_obligation": "none", "missing_items": "Bản gốc"}
OWED = {"appraisal": "qualified", "financial_obligation": "owed"}
NOTHING = dict.fromkeys(KINDS, 0)


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


@pytest.fixture
def cases(office: ReadOffice) -> Mapping[str, str]:
    """One dossier of each kind, as they stand on Tuesday 10/03/2026 at 09:00."""
    made = {
        "apologised": office.receive("Đã xin lỗi", at=on(3, 2)),
        "paused": office.receive("Tạm dừng", at=on(3, 4)),
        "between": office.receive("Giữa hai hẹn", at=on(3, 4)),
        "resolved": office.receive("Có kết quả", at=on(3, 4)),
        "delivered": office.receive("Đã trả", at=on(3, 4)),
        "forgotten": office.receive("Quá hạn, chưa có thư", at=on(3, 4)),
        "soon": office.receive("Sắp đến hạn", at=on(3, 6)),
        "calm": office.receive("Trong hạn", at=on(3, 9)),
        "commune": office.receive("Ở phường", at=on(3, 9), by="hoa"),
    }
    for name, answers in (("paused", INCOMPLETE), ("between", OWED)):
        office.do(made[name], at=on(3, 4, 10))
        office.do(made[name], at=on(3, 4, 11), answers=answers)
    office.do(made["between"], at=on(3, 4, 13))
    office.resolve(made["resolved"], at=on(3, 4, 14))
    office.deliver(made["delivered"], at=on(3, 4, 15))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    return made


NOW = on(3, 10, 9)


def figures(office: ReadOffice, at: datetime = NOW, by: str = "giam") -> Mapping[str, int]:
    return office.engine.boards.look(office.actor(by), Choice(), at=at).counts


def behind(
    office: ReadOffice, kind: str, at: datetime = NOW, by: str = "giam", scope: str = ""
) -> tuple[DossierLine, ...]:
    lines, total = office.engine.boards.page(office.actor(by), Choice(kind=kind, scope=scope), at=at)
    assert total == len(lines)
    return lines


def queue(office: ReadOffice, kind: str, by: str = "giam", scope: str = "") -> list[str]:
    return [line.code for line in behind(office, kind, by=by, scope=scope)]


def test_every_figure_is_the_length_of_its_queue(office: ReadOffice, cases: Mapping[str, str]) -> None:
    counts = figures(office)
    assert counts == {
        "overdue": 2,
        "due_soon": 1,
        "due_today": 0,
        "drafts": 0,
        "open": 8,
        "without_letter": 1,
        "paused": 1,
        "second_lateness": 0,
        "no_date": 1,
        "results": 1,
    }
    for kind, count in counts.items():
        assert len(queue(office, kind)) == count, kind
    assert queue(office, "overdue") == [cases["apologised"], cases["forgotten"]]
    assert queue(office, "without_letter") == [cases["forgotten"]]
    assert queue(office, "due_soon") == [cases["soon"]]
    assert queue(office, "paused") == [cases["paused"]]
    assert queue(office, "no_date") == [cases["between"]]
    assert queue(office, "results") == [cases["resolved"]]
    assert queue(office, "open")[:3] == [cases["apologised"], cases["forgotten"], cases["soon"]]


def test_an_overdue_dossier_stands_in_its_queue_with_its_letter_and_its_place(
    office: ReadOffice, cases: Mapping[str, str]
) -> None:
    first = behind(office, "overdue")[0]
    assert first.code == cases["apologised"]
    assert (first.urgency, first.first_due_at, first.due_at) == (Urgency.OVERDUE, on(3, 5, 17), on(3, 10, 17))
    assert [letter.form for letter in first.letters] == ["receipt", "apology"]
    assert first.letters[1].missed_due_at == on(3, 5, 17)
    assert first.step_name == "Số hóa, chuyển hồ sơ đến Chi nhánh VPĐKĐĐ"
    assert first.step_unit_name == "Trung tâm Phục vụ hành chính công tỉnh Bình Sơn"


def test_the_office_may_let_an_extension_count(database_copy: Callable[[Callable[[str], object]], str]) -> None:
    kind = OverdueSettings(extension_counts_as_on_time=True)
    with read_office(database_copy(prepare), overdue=kind) as office:
        code = office.receive(at=on(3, 2))
        office.engine.overdue.sweep(on(3, 5, 17, 1))
        counts = figures(office, on(3, 6, 9))
        assert (counts["overdue"], counts["due_soon"]) == (0, 0)
        assert [line.code for line in behind(office, "due_soon", on(3, 9, 8))] == [code]


def test_a_second_lateness_is_told_apart(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    office.engine.overdue.sweep(on(3, 10, 17, 1))
    (line,) = behind(office, "second_lateness", on(3, 11))
    assert (line.code, line.is_second_lateness) == (code, True)
    counts = figures(office, on(3, 11))
    assert (counts["overdue"], counts["without_letter"]) == (1, 0)


def test_each_appointment_is_apologised_for_by_itself(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    office.do(code, at=on(3, 6, 8))
    for hour, answers in ((9, OWED), (10, None), (11, None)):
        office.do(code, at=on(3, 6, hour), answers=answers)
    # the second appointment has begun: what was missed before is on record, nothing is late now
    counts = figures(office, on(3, 9, 9))
    assert (counts["overdue"], counts["without_letter"]) == (0, 0)
    late = figures(office, on(3, 10, 17, 1))
    assert (late["overdue"], late["without_letter"], late["second_lateness"]) == (1, 1, 0)
    office.engine.overdue.sweep(on(3, 10, 17, 1))
    told = figures(office, on(3, 10, 17, 1))
    assert (told["overdue"], told["without_letter"]) == (1, 0)
    (line,) = behind(office, "overdue", on(3, 10, 17, 1))
    assert [letter.form for letter in line.letters] == ["receipt", "apology", "apology"]
    assert not line.is_second_lateness


def test_people_see_what_their_units_have_to_do_with(office: ReadOffice, cases: Mapping[str, str]) -> None:
    assert queue(office, "open", by="nga") == [cases["commune"]]
    assert figures(office, by="nga")["open"] == 1
    # the leader of the land registry decides on all of them, those of the commune's desk too
    assert len(queue(office, "open", by="thanh")) == 8
    for username in ("lan", "minh", "admin"):
        with pytest.raises(Refused):
            queue(office, "open", by=username)


def test_a_unit_may_be_looked_at_alone(office: ReadOffice, cases: Mapping[str, str]) -> None:
    assert queue(office, "open", scope=COMMUNE_DESK) == [cases["commune"]]
    assert cases["commune"] not in queue(office, "open", scope=DESK)
    assert len(queue(office, "open", scope=REGISTRY)) == 8
    for by, scope in (("giam", "KHONG-CO"), ("nga", DESK)):
        with pytest.raises(NotFound):
            queue(office, "open", by=by, scope=scope)


def test_an_empty_office_counts_nothing(office: ReadOffice) -> None:
    assert figures(office) == NOTHING


def test_queues_are_paged(office: ReadOffice, cases: Mapping[str, str]) -> None:
    seen: list[str] = []
    for page in (1, 2, 3):
        lines, total = office.engine.boards.page(office.actor("giam"), Choice(), page=page, page_size=3, at=NOW)
        assert total == 8
        seen += [line.code for line in lines]
    assert seen == queue(office, "open")
