"""Vietnamese first, English complete: no word of a page without gettext, no word of the catalogue without English."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Message
from jinja2 import Environment

import engine.domain
from engine.domain.errors import MotCuaError
from web.i18n import _said

ROOT = Path(__file__).resolve().parents[2]
VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
# What stands in English sentences as it is: names, the money, words that are data, examples of what to type.
KEPT = (
    "Một Cửa|đồng|NĐ-CP|Kết quả thẩm định|Bản in lại|Mã hồ sơ|GIÁM ĐỐC|PHÓ|tách thửa|mất sổ|sang tên|Hà Nội"
    "|[Đđ]$|Tiếng Việt"
)
HOLES = re.compile(r"%\(\w+\)s|%%|\{\w*[^{}]*\}")
HOW = "say it in English in web/translations (`make words` brings the catalogue up to date): "
# What templates hold that is not for translation: the name of the product, a value that is data, how the subject of a
# message that was sent begins.
NOT_WORDS = "Một Cửa|Không quy định mẫu|^'Hồ sơ '$"


@pytest.fixture(scope="module")
def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", ROOT / ".ci/words.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts(words: ModuleType) -> dict[str | tuple[str, str], list[str]]:
    found: dict[str | tuple[str, str], list[str]] = words.found()
    return found


@pytest.fixture(scope="module")
def messages(words: ModuleType) -> list[Message]:
    return [message for message in words.committed() if message.id]


def _pairs(message: Message) -> list[tuple[str, str]]:
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[0], str(text)) for text in message.string or ()]


def test_every_word_that_people_read_has_english(words: ModuleType, texts):
    missing = words.lacking(words.committed(), texts)
    assert not missing, HOW + "; ".join(missing)


def test_the_catalogue_holds_these_words_and_no_others_in_the_order_of_the_command(words: ModuleType, texts):
    assert words.CATALOGUE.read_bytes() == words.written(words.updated(words.committed(), texts)), "run `make words`"


def test_english_fills_the_same_holes_has_its_plurals_and_is_never_a_guess(messages: list[Message]):
    wrong = [
        (vietnamese, english)
        for message in messages
        for vietnamese, english in _pairs(message)
        if sorted(set(HOLES.findall(vietnamese))) != sorted(set(HOLES.findall(english)))
        or (vietnamese[:1].isspace(), vietnamese[-1:].isspace()) != (english[:1].isspace(), english[-1:].isspace())
    ]
    assert not wrong
    assert not [message.id for message in messages if message.fuzzy]
    assert all(len(_pairs(message)) == 2 for message in messages if isinstance(message.id, tuple))


def test_english_is_english(messages: list[Message]):
    left = [
        english for each in messages for _vi, english in _pairs(each) if VIETNAMESE.search(re.sub(KEPT, "", english))
    ]
    assert not left


def test_failures_and_names_of_kinds_have_english(words: ModuleType):
    for found in pkgutil.walk_packages(engine.domain.__path__, "engine.domain."):
        import_module(found.name)
    known = {each.id for each in words.committed()}
    failures = {cleandoc(kind.__doc__ or "") for kind in _below(MotCuaError) if kind.__module__.startswith("engine.")}
    failures = {text for text in failures if not any(kind.__doc__ == text for kind in _of_commands())}
    kinds: set[Any] = {kind for kind in _below(Enum) if _is_ours(kind)}
    labels = {str(member.label) for kind in kinds for member in kind}
    assert len(failures) > 50
    assert len(labels) > 80
    lacking = {
        text for text in failures | labels if VIETNAMESE.search(text) and text not in known and _said(text) == text
    }
    assert not lacking


def _below(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {kind} | {each for child in children for each in _below(child)}


def _of_commands() -> set[type]:
    return {kind for kind in _below(MotCuaError) if kind.__module__.startswith("engine.cli")}


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("engine.domain.") and hasattr(kind, "label")


def test_no_template_says_anything_outside_gettext():
    templates = sorted((ROOT / "web/templates").rglob("*.html"))
    outside = [found for path in templates for found in _outside_gettext(path)]
    assert len(templates) > 100
    assert not outside, "put it into _(): " + "; ".join(outside)


def _outside_gettext(path: Path) -> Iterator[str]:
    calls: list[bool] = []  # of each open bracket, whether gettext is called
    before = ""
    for line, kind, value in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(path.read_text("utf-8")):
        is_said = kind == "string" and any(calls)
        if kind in {"data", "string"} and not is_said and VIETNAMESE.search(re.sub(NOT_WORDS, "", value)):
            yield f"{path.relative_to(ROOT)}:{line}: {' '.join(value.split())}"
        if kind == "operator" and value in "([{":
            calls.append(before in {"_", "gettext", "ngettext"})
        elif kind == "operator" and value in ")]}":
            calls.pop()
        before = before if kind == "whitespace" else value


@pytest.mark.parametrize(
    ("vietnamese", "english"),
    [
        ("Được tiếp nhận", "Received"),
        (
            "Tiếp nhận hồ sơ (trực tiếp), hẹn trả lúc 17:00 ngày 01/12/2026",
            "The file was received (in person), due 17:00 on 01/12/2026",
        ),
        ("Báo cho người đang xử lý: mốc nhắc hạn “Gấp”", "Told whoever holds the task: reminder “Gấp”"),
        ("Hoàn thành bước “Ký”: Đồng ý", "Completed step “Ký”: Đồng ý"),
        (
            "Thời hạn 20 ngày làm việc, tính từ 08:00 thứ Hai, 23/02/2026.",
            "Time limit 20 working days, counted from 08:00 Monday, 23/02/2026.",
        ),
        ("Nguyễn Thị Hồ Sơ", "Nguyễn Thị Hồ Sơ"),
    ],
)
def test_sentences_of_the_engine_are_recognised_by_their_pattern(vietnamese: str, english: str):
    assert _said(vietnamese) == english
