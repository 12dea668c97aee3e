"""What a unit says in its letters, in versions: data of the unit.

Letterhead, signers with the days from which they sign, recipients, first and last sentence of each form, reasons, who
approves, how letters are numbered.

What a unit leaves empty it has from the units above it (recipients, sentences, reasons, approval, numbering), or from
the configuration (letterhead, signer). Text is text: `{procedure}` and the other names of `PLACES` are filled in by
plain replacement, everything else is printed as it stands. A letter freezes the words it was issued with.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.domain.answers import FormRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

AUTOMATIC, BY_LEADER = "automatic", "leader"
APPROVALS = (AUTOMATIC, BY_LEADER)
HOLDERS = ("unit", "counter", "other_agency", "applicant")
PLACES = MappingProxyType(
    {
        "applicant": "tên người nộp, tổ chức",
        "agency": "tên cơ quan ban hành",
        "desk": "nơi tiếp nhận hồ sơ",
        "procedure": "tên thủ tục",
        "dossier_code": "mã hồ sơ",
        "phone": "số điện thoại liên hệ của cơ quan",
    }
)
REASON_PLACES = MappingProxyType({"step": "bước đang làm", "unit": "nơi đang giữ hồ sơ"})
NUMBER_PLACES = MappingProxyType(
    {"number": "số thứ tự", "year": "năm", "code": "ký hiệu mẫu", "suffix": "ký hiệu đơn vị"}
)
LONGEST_SENTENCE, LONGEST_LINE, LONGEST_REASON, MOST_RECIPIENTS, MOST_REASONS, MOST_SIGNERS = 400, 200, 500, 8, 30, 20
LARGEST_FIRST_NUMBER = 1_000_000
USUAL_RECIPIENTS = ("Như trên", "{desk}", "Lưu: VT, hồ sơ")
_PLACE = re.compile(r"\{([a-z_]*)\}")
_NUMBER = re.compile(r"\{number(?::0([1-9])d)?\}")


@dataclass(frozen=True, slots=True)
class SignerRule:
    """Who signs, from which day on and up to which; `forms` empty: every form that the head of the unit signs."""

    title: str
    name: str = ""
    authority: str = ""
    from_on: date | None = None
    until_on: date | None = None
    forms: tuple[str, ...] = ()

    def signs(self, form: str, on: date) -> bool:
        """Whether this person signs letters of a form on a day."""
        in_time = (self.from_on is None or self.from_on <= on) and (self.until_on is None or on <= self.until_on)
        return in_time and (not self.forms or form in self.forms)


@dataclass(frozen=True, slots=True)
class TemplateReason:
    """A reason that an apology may give; `{step}`, `{unit}`: where the dossier is held; `holder`: whose time it was."""

    id: str
    text: str
    holder: str = "unit"


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """One version of what a unit says. Everything may be left empty."""

    agency: str = ""
    parent_agency: str = ""
    place: str = ""
    phone: str = ""
    signers: tuple[SignerRule, ...] = ()
    recipients: tuple[str, ...] = ()
    openings: Mapping[str, str] = field(default_factory=dict)
    closings: Mapping[str, str] = field(default_factory=dict)
    approval: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[TemplateReason, ...] = ()
    number: str = ""
    first_numbers: Mapping[str, int] = field(default_factory=dict)
    """Where a series begins in the year in which the unit came to the system: ``"apology/2026": 58``."""

    def signer(self, form: str, on: date) -> SignerRule | None:
        """Who signs on a day; of several the one who is named for the form, then the one who began last."""
        signing = [rule for rule in self.signers if rule.signs(form, on)]
        return max(signing, key=lambda rule: (bool(rule.forms), rule.from_on or date.min), default=None)


@dataclass(frozen=True, slots=True)
class HeldTemplate:
    """What holds for one unit on one day: its own version, and what it has from the units above it.

    `template_id` is its own version, None where it has none.
    """

    own: LetterTemplate = LetterTemplate()
    above: tuple[LetterTemplate, ...] = ()
    template_id: int | None = None

    @property
    def _nearest_first(self) -> tuple[LetterTemplate, ...]:
        return (self.own, *self.above)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The list under "Nơi nhận"; the usual one where nobody says otherwise."""
        return next((each.recipients for each in self._nearest_first if each.recipients), USUAL_RECIPIENTS)

    @property
    def reasons(self) -> tuple[TemplateReason, ...]:
        """The reasons for lateness; empty: those of the installation."""
        return next((each.reasons for each in self._nearest_first if each.reasons), ())

    @property
    def number(self) -> str:
        """How numbers are written; empty: as the installation does."""
        return next((each.number for each in self._nearest_first if each.number), "")

    def opening(self, form: str) -> str:
        """The sentence with which letters of a form begin."""
        return next((each.openings[form] for each in self._nearest_first if each.openings.get(form)), "")

    def closing(self, form: str) -> str:
        """The sentence with which letters of a form end."""
        return next((each.closings[form] for each in self._nearest_first if each.closings.get(form)), "")

    def approval(self, form: str) -> str:
        """Who lets a letter of a form go out; empty where nobody has said so."""
        return next((each.approval[form] for each in self._nearest_first if each.approval.get(form)), "")

    def first_number(self, form: str, year: int) -> int:
        """The number with which the unit's series of a form begins in a year."""
        return self.own.first_numbers.get(f"{form}/{year}", 1)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put facts into the places of a text; what the facts hold is not looked at again."""
    return _PLACE.sub(lambda found: facts.get(found.group(1), found.group()), text)


def write_template(template: LetterTemplate) -> str:
    """The template as canonical JSON."""

    def plain(value: object) -> str:
        assert isinstance(value, date)
        return value.isoformat()

    return json.dumps(asdict(template), ensure_ascii=False, sort_keys=True, default=plain)


def read_template(text: str) -> LetterTemplate:
    """Read what `write_template` wrote."""
    facts: dict[str, Any] = json.loads(text)
    signers = tuple(_read_signer(each) for each in facts.pop("signers", ()))
    reasons = tuple(TemplateReason(**each) for each in facts.pop("reasons", ()))
    recipients = tuple(facts.pop("recipients", ()))
    return LetterTemplate(**facts, signers=signers, reasons=reasons, recipients=recipients)


def _read_signer(facts: dict[str, Any]) -> SignerRule:
    days = {name: date.fromisoformat(facts[name]) if facts.get(name) else None for name in ("from_on", "until_on")}
    return SignerRule(**{**facts, **days, "forms": tuple(facts.get("forms", ()))})


def check_template(template: LetterTemplate, forms: Iterable[str]) -> None:
    """Raise `FormRefused` with one sentence for each field that no letter could print, or that says nothing clear."""
    faults: dict[str, str] = {}
    for name, fault in _faults(template, frozenset(forms)):
        faults.setdefault(name, fault)
    if faults:
        raise FormRefused(faults)


def _faults(template: LetterTemplate, forms: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name in ("agency", "parent_agency", "place", "phone"):
        yield from _text(name, getattr(template, name), LONGEST_LINE, {})
    yield from _signer_faults(template.signers, forms)
    yield from _many("recipients", template.recipients, MOST_RECIPIENTS)
    for line in template.recipients:
        yield from _text("recipients", line, LONGEST_LINE, PLACES)
    for kind, sentences in (("opening", template.openings), ("closing", template.closings)):
        for form, sentence in sentences.items():
            yield from _text(f"{kind}-{form}", sentence, LONGEST_SENTENCE, PLACES)
    for form, way in template.approval.items():
        if form not in forms or way not in APPROVALS:
            yield f"approval-{form}", f"Không có cách duyệt “{way}” cho mẫu “{form}”"
    yield from _reason_faults(template.reasons)
    yield from _number_faults(template, forms)


def _signer_faults(signers: tuple[SignerRule, ...], forms: frozenset[str]) -> Iterator[tuple[str, str]]:
    yield from _many("signers", signers, MOST_SIGNERS)
    for rule in signers:
        if not rule.title:
            yield "signers", "Mỗi người ký phải có chức vụ"
        if rule.from_on and rule.until_on and rule.until_on < rule.from_on:
            yield "signers", f"“{rule.name or rule.title}”: ngày thôi ký phải sau ngày bắt đầu"
        if unknown := set(rule.forms) - forms:
            yield "signers", f"“{rule.name or rule.title}”: không có mẫu {', '.join(sorted(unknown))}"
        for text in (rule.title, rule.name, rule.authority):
            yield from _text("signers", text, 120, {})


def _reason_faults(reasons: tuple[TemplateReason, ...]) -> Iterator[tuple[str, str]]:
    yield from _many("reasons", reasons, MOST_REASONS)
    if len({reason.id for reason in reasons}) < len(reasons):
        yield "reasons", "Mỗi lý do một mã riêng"
    for reason in reasons:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", reason.id) or reason.holder not in HOLDERS or not reason.text:
            yield "reasons", f"Lý do “{reason.id}”: cần mã (chữ thường không dấu), thời gian của ai, và câu lý do"
        yield from _text("reasons", reason.text, LONGEST_REASON, REASON_PLACES)


def _number_faults(template: LetterTemplate, forms: frozenset[str]) -> Iterator[tuple[str, str]]:
    if template.number:
        if not _NUMBER.search(template.number):
            yield "number", "Cách đánh số phải có {number} (hoặc {number:02d})"
        yield from _text("number", _NUMBER.sub("", template.number), 60, NUMBER_PLACES)
        if "{code}" not in template.number:
            yield "number", "Cách đánh số phải có {code}, nếu không hai mẫu sẽ trùng số ký hiệu"
    for series, first in template.first_numbers.items():
        form, _, year = series.partition("/")
        if form not in forms or not re.fullmatch(r"20\d\d", year):
            yield "first_numbers", f"“{series}” không phải một dãy số: hãy ghi mẫu/năm, ví dụ apology/2026"
        if not 1 <= first <= LARGEST_FIRST_NUMBER:
            yield "first_numbers", f"Số bắt đầu của “{series}” phải từ 1 đến {LARGEST_FIRST_NUMBER}"


def _many(name: str, entries: tuple[object, ...], most: int) -> Iterator[tuple[str, str]]:
    if len(entries) > most:
        yield name, f"Nhiều nhất {most} dòng"


def _text(name: str, text: str, longest: int, places: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if len(text) > longest:
        yield name, f"Dài {len(text)} ký tự, tối đa {longest}"
    unknown = set(_PLACE.findall(text)) - places.keys()
    if unknown or re.search(r"[{}]", _PLACE.sub("", text)):
        allowed = ", ".join(f"{{{place}}}" for place in places) or "không có ô nào"
        yield name, f"Ô điền chỉ được là: {allowed}"


def number_text(pattern: str, *, number: int, year: int, code: str, suffix: str) -> str:
    """A number as it is written: ``{number:02d}/{code}-{suffix}``."""
    padded = _NUMBER.sub(lambda found: f"{number:0{int(found.group(1) or 1)}d}", pattern)
    return fill(padded, {"year": str(year), "code": code, "suffix": suffix})
