"""Vietnamese first, English beside it: which language a request speaks, and what the engine's words are in it.

The words of `web/` go through gettext. The engine speaks Vietnamese only; what pages show of it is looked up here, at
the edge: whole words, and sentences by the pattern they were built with. What is data (names of procedures, steps,
units and people, what somebody typed, the law) stays as it is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask.templating import Environment
from flask_babel import Babel, Domain, get_locale

from engine.domain.errors import MotCuaError
from web.context import known_actor
from web.doors import ACCESS, PUBLIC

SOURCE_LANGUAGE = "vi"
ENGLISH = "en"
# Each by the name its own readers know.
LANGUAGES = {SOURCE_LANGUAGE: "Tiếng Việt", ENGLISH: "English"}
COOKIE = "motcua_language"
CATALOGUE = Path(__file__).parent / "translations" / ENGLISH / "LC_MESSAGES" / "messages.po"
# What templates read of the engine's views in words; what people typed has other names (reason, remark, note).
SPOKEN = frozenset(
    {
        "label",
        "text",
        "message",
        "detail",
        "what",
        "why",
        "words",
        "title",
        "by_name",
        "standing",
        "said",
        "basis",
        "source",
        "summary",
        "told",
    }
)
# Sign-in belongs to the staff, though anybody may open it.
_STAFF_DOORS = ("account.", "external.")
_INSTANT = re.compile(r"(\d\d:\d\d) ngày (\d\d/\d\d/\d{4})")
_HOLE = "(.+?)"
_DAY = re.compile(r"(thứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)|[Cc]hủ nhật)(?=, \d\d/\d\d/\d{4})")
_BRACKETS = re.compile(r"( ?\()(.+)(\))")
_NAMED = re.compile(r"\{(\w+)[^{}]*\}")
_SPEC = re.compile(r"\{(\w*):[^{}]*\}")  # how to write a value that has long been written


@cache
def catalogue() -> Catalog:
    """The English catalogue as it is committed; nothing is compiled beforehand."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale=ENGLISH)


@cache
def english() -> Translations:
    """The same, as gettext asks it."""
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    return Translations(compiled)


class _Words(Domain):
    """The catalogue of the language of the request."""

    def get_translations(self) -> NullTranslations:
        return english() if is_english() else NullTranslations()


def language() -> str:
    """The language of this request: chosen at this browser; on public pages else what the browser clearly prefers."""
    if not has_request_context():
        return SOURCE_LANGUAGE
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return ENGLISH if _is_public() and _prefers_english() else SOURCE_LANGUAGE


def _is_public() -> bool:
    endpoint = request.endpoint or ""
    return not ACCESS.get(endpoint, PUBLIC) and not endpoint.startswith(_STAFF_DOORS) and known_actor() is None


def _prefers_english() -> bool:
    # Many a Vietnamese machine came set up in English with Vietnamese behind it: its user reads Vietnamese.
    wanted = [name.lower().split("-")[0] for name in request.accept_languages.values()]
    return wanted[:1] == [ENGLISH] and SOURCE_LANGUAGE not in wanted


def is_english() -> bool:
    """Whether this request speaks English."""
    locale = get_locale()
    return locale is not None and locale.language == ENGLISH


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A sentence with holes: how to recognise it, and what it is in English."""

    found: re.Pattern[str]
    ended: re.Pattern[str] | None  # of what only follows something else: the same at the end of a longer text
    begun: re.Pattern[str]  # the same before a colon and more
    needle: str  # its longest part without a hole: a text without it need not be tried
    holes: tuple[str, ...]
    english: str

    def filled(self, parts: Iterable[str | Any]) -> str:
        """The English sentence, its holes filled with what stood in the Vietnamese one."""
        known = {name: _said(part) for name, part in zip(self.holes, parts, strict=True)}
        return _NAMED.sub(lambda hole: known[hole[1]], self.english)


def _pattern(template: str, english_text: str) -> _Pattern:
    parts = list(Formatter().parse(template))
    regex = "".join(re.escape(text) + (_HOLE if name is not None else "") for text, name, _spec, _how in parts)
    return _Pattern(
        found=re.compile(regex, re.DOTALL),
        ended=re.compile(f"(.+?){regex}", re.DOTALL) if template[0] in " ,;." else None,
        begun=re.compile(f"{regex}(: .+)", re.DOTALL),
        needle=max((text for text, *_rest in parts), key=len),
        holes=tuple(name for _text, name, _spec, _how in parts if name is not None),
        english=_SPEC.sub(r"{\1}", english_text),
    )


class _Engine:
    """The engine's words and sentences, for lookups by what they say."""

    @cached_property
    def words(self) -> dict[str, str]:
        """Whole texts."""
        return {m.id: m.string for m in catalogue() if isinstance(m.id, str) and isinstance(m.string, str) and m.id}

    @cached_property
    def small_words(self) -> dict[str, str]:
        """The same as they stand inside a sentence."""
        return {text.lower(): said[:1].lower() + said[1:] for text, said in self.words.items()}

    @cached_property
    def patterns(self) -> tuple[_Pattern, ...]:
        """Sentences with holes, those that say most first."""
        templates = [(text, said) for text, said in self.words.items() if said and "{" in text]
        return tuple(_pattern(*each) for each in sorted(templates, key=lambda each: -len(_NAMED.sub("", each[0]))))


_ENGINE = _Engine()


@lru_cache(maxsize=8192)
def _said(text: str) -> str:
    if known := _known(text):
        return known
    text = _DAY.sub(lambda day: _known(day[1]) or day[1], _INSTANT.sub(r"\1 on \2", text))
    return _counted(text) or _by_pattern(text) or _of_two(text) or text


def _known(text: str) -> str:
    return _ENGINE.words.get(text) or _ENGINE.small_words.get(text) or ""


def _counted(text: str) -> str:
    number, _space, what = text.partition(" ")
    known = _known(what) if number.replace(".", "").replace(",", "").isdigit() else ""
    return f"{number} {known}" if known else ""


def _by_pattern(text: str) -> str:
    likely = [pattern for pattern in _ENGINE.patterns if pattern.needle in text]
    for pattern in likely:
        if match := pattern.found.fullmatch(text):
            return pattern.filled(match.groups())
    for pattern in likely:
        if pattern.ended and (match := pattern.ended.fullmatch(text)):
            before, *parts = match.groups()
            return _said(before) + pattern.filled(parts)
    for pattern in likely:
        if match := pattern.begun.fullmatch(text):
            *parts, after = match.groups()
            return pattern.filled(parts) + after
    return ""


def _of_two(text: str) -> str:
    """A verb before what it is about, or a word in brackets."""
    if inside := _BRACKETS.fullmatch(text):
        return f"{inside[1]}{_said(inside[2])}{inside[3]}"
    for space in re.finditer(" ", text):
        head, tail = _ENGINE.words.get(text[: space.start()]), _known(text[space.end() :])
        if head and tail:
            return f"{head} {tail}"
    return ""


def told(text: object) -> Any:
    """A text of the engine in the language of the request; any other text, and what is no text, as it is."""
    return _said(text) if isinstance(text, str) and text and is_english() else text


def said(error: MotCuaError) -> str:
    """What a failure of the engine says, in the language of the request."""
    if not is_english():
        return error.message
    template = inspect.cleandoc(type(error).__doc__ or "")
    facts = {name: told(value) for name, value in error.facts.items()}
    return (_ENGINE.words.get(template) or template).format(**facts)


class Words(Environment):
    """Templates that read the engine's words in the language of the request."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute; one that holds words of the engine comes in the language of the request."""
        value = super().getattr(obj, attribute)
        return told(value) if attribute in SPOKEN and type(value) is str else value


def configure(app: Flask, timezone: str) -> None:
    """Let pages speak the language of their request."""
    babel = Babel(app, default_locale=SOURCE_LANGUAGE, default_timezone=timezone, locale_selector=language)
    babel.domain_instance = _Words()
    app.jinja_env.filters["told"] = told
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
