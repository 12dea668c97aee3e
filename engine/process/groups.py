"""Reading groups of linked procedures: `groups/<name>.yaml` becomes a `LinkedGroup`, or problems with key and line.

Whether the members, their cases and papers exist can only be said beside the procedures: `check_group` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.domain.linked import HandOver, ItemPlace, LinkedGroup, LinkedMember, Receipts, SharedItem, StartsAfter
from engine.domain.procedure import Procedure, Source
from engine.domain.process import Problem
from engine.process.sheet import Part, Sheet, load, refuse_twice
from engine.process.vocabulary import listed

GROUPS = "groups"
_FEWEST_MEMBERS = 2

# key -> is it required
_GROUP = {
    "group": True, "code": True, "name": True, "version": True, "sector": True, "sector_name": True, "members": True,
    "levels": False, "shared_items": False, "hand_over": False, "receipts": False, "legal_basis": False,
    "sources": False,
}  # fmt: skip
_MEMBER = {"id": True, "name": True, "procedure": True, "case": False, "starts_after": False}
_SHARED = {"asked_in": True, "serves": True}

Ways = Mapping[str, Sequence[Procedure]]


def group_files(folder: Path) -> list[Path]:
    """The groups among the procedures of a folder."""
    return sorted((folder / GROUPS).glob("*.yaml"))


def read_group(content: bytes, stem: str, ways: Ways | None = None) -> tuple[LinkedGroup | None, tuple[Problem, ...]]:
    """Read a group; no group if anything is wrong with it. With `ways` (procedures by code) its members are checked."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return None, tuple(sheet.problems)
    part = Part(sheet, value, "", _GROUP)
    if not sheet.problems:
        group = _group(part, stem)
        if not sheet.problems and ways is not None:
            check_group(sheet, group, ways)
        if not sheet.problems:
            return group, ()
    return None, tuple(sheet.problems)


def _group(part: Part, stem: str) -> LinkedGroup:
    if part.text("group") != stem:
        part.sheet.fault("group", f"phải là “{stem}”, trùng tên tệp", f"must be “{stem}”, the name of the file")
    members = tuple(_members(part))
    group = LinkedGroup(
        code=part.text("code"),
        name=part.text("name"),
        version=part.text("version"),
        sector=part.text("sector"),
        sector_name=part.text("sector_name"),
        members=members,
        levels=part.texts("levels"),
        shared_items=tuple(_shared(part)),
        hand_over=part.word("hand_over", HandOver, HandOver.TOGETHER),
        receipts=part.word("receipts", Receipts, Receipts.ONE),
        legal_basis=part.texts("legal_basis"),
        sources=tuple(
            Source(source.text("text"), source.mark()) for source in part.parts("sources", {"text": True, "mark": True})
        ),
    )
    for number, member in enumerate(members, start=1):
        if group.hand_over is HandOver.TOGETHER and member.starts_after is StartsAfter.DELIVERED:
            vietnamese = "không thể chờ trả kết quả trước khi cả nhóm trả cùng một lần (hand_over: together)"
            part.sheet.fault(
                f"members.{number}.starts_after", vietnamese, "cannot wait for a hand-over that comes last"
            )
    return group


def _members(part: Part) -> Iterable[LinkedMember]:
    written = part.parts("members", _MEMBER)
    refuse_twice(written, "id")
    if len(written) < _FEWEST_MEMBERS:
        part.sheet.fault("members", "một nhóm liên thông có ít nhất hai thủ tục", "a group has two members or more")
    for number, member in enumerate(written):
        starts_after = member.word("starts_after", StartsAfter, StartsAfter.APPROVED)
        if number == 0 and member.text("starts_after"):
            member.sheet.fault(member.at("starts_after"), "thủ tục đầu bắt đầu khi tiếp nhận", "the first just starts")
        if "-" in member.text("id"):
            member.sheet.fault(member.at("id"), "không được có dấu “-”", "must not hold a “-”")
        yield LinkedMember(
            id=member.text("id"),
            name=member.text("name"),
            procedure=member.text("procedure"),
            case=member.text("case"),
            starts_after=starts_after if number else None,
        )


def _shared(part: Part) -> Iterable[SharedItem]:
    for shared in part.parts("shared_items", _SHARED):
        places = [_place(shared, "asked_in", shared.text("asked_in"))]
        places += [_place(shared, f"serves.{n}", text) for n, text in enumerate(shared.texts("serves"), start=1)]
        yield SharedItem(places[0], tuple(places[1:]))


def _place(part: Part, key: str, text: str) -> ItemPlace:
    member, slash, item = text.partition("/")
    if not (member and slash and item):
        part.sheet.fault(part.at(key), f"“{text}” phải có dạng thành_viên/giấy_tờ", f"“{text}” must be member/item")
    return ItemPlace(member, item)


# --- beside the procedures --------------------------------------------------------------------------------------------


def check_group(sheet: Sheet, group: LinkedGroup, ways: Ways) -> None:
    """Tell of members that are no procedures here, of cases, papers and levels that they do not have."""
    if group.code in ways:
        sheet.fault("code", "là mã của một thủ tục", "is the code of a procedure")
    for number, member in enumerate(group.members, start=1):
        _check_member(sheet, f"members.{number}", group, member, ways)
    served: set[ItemPlace] = set()
    for number, shared in enumerate(group.shared_items, start=1):
        path = f"shared_items.{number}"
        _check_place(sheet, f"{path}.asked_in", group, shared.asked_in, ways)
        for place_number, place in enumerate(shared.serves, start=1):
            where = f"{path}.serves.{place_number}"
            _check_place(sheet, where, group, place, ways)
            if place in served or place == shared.asked_in:
                sheet.fault(where, "đã được giấy tờ khác phục vụ", "is served already")
            served.add(place)
    for number, shared in enumerate(group.shared_items, start=1):
        if shared.asked_in in served:
            reason = "giấy tờ này lại do giấy tờ khác phục vụ: hãy nêu nơi hỏi đầu tiên"
            sheet.fault(f"shared_items.{number}.asked_in", reason, "is itself served by another item")


def _check_member(sheet: Sheet, path: str, group: LinkedGroup, member: LinkedMember, ways: Ways) -> None:
    found = ways.get(member.procedure, ())
    if not found:
        facts = {"reason": member.procedure, "allowed": listed(ways)}
        sheet.tell("group_member_unknown", f"{path}.procedure", **facts)
        return
    for level in group.levels:
        if not any(level in procedure.levels for procedure in found):
            levels = listed({each for procedure in found for each in procedure.levels})
            sheet.tell("group_level_differs", f"{path}.procedure", reason=level, allowed=levels)
    for procedure in found:
        cases = {case.id for case in procedure.cases}
        if member.case and member.case not in cases:
            sheet.tell("group_case_unknown", f"{path}.case", reason=member.case, allowed=listed(cases))


def _check_place(sheet: Sheet, path: str, group: LinkedGroup, place: ItemPlace, ways: Ways) -> None:
    member = next((member for member in group.members if member.id == place.member), None)
    items = {item.id for way in ways.get(member.procedure, ()) for item in way.items} if member else set()
    if place.item not in items:
        reason = f"{place.member}/{place.item}"
        sheet.tell("group_item_unknown", path, reason=reason, allowed=listed(items))
