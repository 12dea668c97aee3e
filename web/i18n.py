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
SPOKEN = frozenset({"label", "text", "message", "detail", "what", "why", "words", "title", "basis", "summary", "told"})
# Sign-in belongs to the staff, though anybody may open it.
_STAFF_DOORS = ("account.", "external.")
_INSTANT = re.compile(r"(\d\d:\d\d) ngày (\d\d/\d\d/\d{4})")
_HOLE = "(.+?)"
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
    ended: re.Pattern[str]  # the same at the end of a longer text
    holes: tuple[str, ...]
    english: str
    weight: int

    def filled(self, parts: Iterable[str | Any]) -> str:
        """The English sentence, its holes filled with what stood in the Vietnamese one."""
        known = {name: _said(part) for name, part in zip(self.holes, parts, strict=True)}
        return Formatter().vformat(self.english, (), known)


def holes_of(template: str) -> tuple[str, ...]:
    """The names of the holes of a template, in order."""
    return tuple(name for _text, name, _spec, _how in Formatter().parse(template) if name is not None)


def _pattern(template: str, english_text: str) -> _Pattern:
    regex, weight = "", 0
    for text, name, _spec, _how in Formatter().parse(template):
        regex, weight = regex + re.escape(text) + (_HOLE if name is not None else ""), weight + len(text)
    found, ended = re.compile(regex, re.DOTALL), re.compile(f"(.+?){regex}", re.DOTALL)
    return _Pattern(found, ended, holes_of(template), _SPEC.sub(r"{\1}", english_text), weight)


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
        made = [_pattern(text, said) for text, said in self.words.items() if said and "{" in text]
        return tuple(sorted(made, key=lambda each: -each.weight))


_ENGINE = _Engine()


@lru_cache(maxsize=4096)
def _said(text: str) -> str:
    return (
        _ENGINE.words.get(text)
        or _ENGINE.small_words.get(text)
        or _by_pattern(text)
        or _in_two_words(text)
        or _INSTANT.sub(r"\1 on \2", text)
    )


def _by_pattern(text: str) -> str:
    for pattern in _ENGINE.patterns:
        if match := pattern.found.fullmatch(text):
            return pattern.filled(match.groups())
    for pattern in _ENGINE.patterns:
        if match := pattern.ended.fullmatch(text):
            before, *parts = match.groups()
            return _said(before) + pattern.filled(parts)
    return ""


def _in_two_words(text: str) -> str:
    words = _ENGINE.words
    for space in re.finditer(" ", text):
        head, tail = text[: space.start()], text[space.end() :]
        if words.get(head) and (known := words.get(tail) or _ENGINE.small_words.get(tail)):
            return f"{words[head]} {known}"
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
