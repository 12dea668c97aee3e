"""The words that people read, and their English: `make words` brings web/translations up to date, and says what lacks.

Words come from gettext calls in web/, and from the engine, which speaks Vietnamese only: every Vietnamese text in a
module whose words reach a page, f-strings as sentences with numbered holes. The catalogue holds neither dates nor line
numbers, so it changes only when words do.

    .venv/bin/python .ci/words.py            update the catalogue; list what is still without English
    .venv/bin/python .ci/words.py --check    change nothing; fail if it is not up to date and complete
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "web/translations/en/LC_MESSAGES/messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
# Modules of the engine whose Vietnamese is not looked up: it is read on the command line, is printed or sent (and stays
# Vietnamese whoever looks), is content of diagrams, or has its English beside it (the problems of a checker). Failures
# are words of a page wherever their class stands.
ELSEWHERE = (
    "cli/",
    "calendars/files.py",
    "charts/",
    "config.py",
    "domain/posted_page.py",
    "domain/print_views.py",
    "domain/rungs.py",
    "effects/apologies.py",
    "effects/correspondence.py",
    "effects/export_pages.py",
    "effects/forms.py",
    "effects/messages.py",
    "effects/other_letters.py",
    "effects/posting.py",
    "persistence/migrations/",
    "process/",
    "rule_files/",
    "services/exporting.py",
    "services/prints.py",
    "settings/",
)
VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
HOLE = re.compile(r"\{\w*\}")


def interface_words() -> Iterator[tuple[str | tuple[str, str], str]]:
    """Yield what web/ gives to gettext, and where."""
    options = {"templates/**.html": {"silent": "false"}}
    for name, line, text, _comments, _context in extract_from_dir(ROOT / "web", METHODS, options, keywords=KEYWORDS):
        yield text, f"web/{name}:{line}"


def engine_words() -> Iterator[tuple[str, str]]:
    """Yield what the engine says in Vietnamese, and where."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "engine").rglob("*.py"))}
    failures = _failures(trees.values())
    for path, tree in trees.items():
        name = path.relative_to(ROOT / "engine").as_posix()
        texts = [] if name.startswith("cli/") else list(_messages(tree, failures))
        if not name.startswith(ELSEWHERE):
            texts += _texts(tree)
        for text, line in texts:
            if VIETNAMESE.search(HOLE.sub("", text)):
                yield text, f"engine/{name}:{line}"


def _failures(trees: Iterable[ast.AST]) -> set[str]:
    """Return the names of the classes whose docstring is a message: all below MotCuaError."""
    bases: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(ast.unparse(base).rpartition(".")[2] for base in node.bases)
    found, more = {"MotCuaError"}, {"MotCuaError"}
    while more:
        more = {name for name, above in bases.items() if above & found} - found
        found |= more
    return found


def _messages(tree: ast.AST, failures: set[str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in failures:
            yield ast.get_docstring(node) or "", node.lineno


def _texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    passed_by = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            passed_by.add(node.value)  # a docstring
        if isinstance(node, ast.JoinedStr):
            yield _sentence(node), node.lineno
            passed_by.update(node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed_by:
            yield node.value, node.lineno


def _sentence(node: ast.JoinedStr) -> str:
    """Return an f-string with numbered holes; holes without a word between them are one."""
    parts: list[str] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value).replace("{", "{{").replace("}", "}}"))
        elif not parts or parts[-1] != "{}":
            parts.append("{}")
    numbers = iter(range(len(parts)))
    return "".join(f"{{{next(numbers)}}}" if part == "{}" else part for part in parts)


def found() -> dict[str | tuple[str, str], list[str]]:
    """Return every text that needs English, and its places."""
    places: dict[str | tuple[str, str], list[str]] = {}
    for text, place in (*interface_words(), *engine_words()):
        places.setdefault(text, []).append(place)
    singular = {text[0] for text in places if isinstance(text, tuple)}
    for text in singular & places.keys():
        del places[text]  # the plural entry answers for both
    return places


def committed() -> Catalog:
    """Return the catalogue as it is; an empty one if there is none."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def updated(known: Catalog, texts: dict[str | tuple[str, str], list[str]]) -> Catalog:
    """Return a catalogue of exactly these texts, with the English that is known of them."""
    catalog = Catalog(locale="en")
    for text in texts:
        message: Message | None = known.get(text)
        string = message.string if message and message.id == text else None
        catalog.add(text, string, flags=["python-format"] if _has_names(text) else [])
    return catalog


def _has_names(text: str | tuple[str, str]) -> bool:
    return "%(" in (text if isinstance(text, str) else text[0])


def written(catalog: Catalog) -> bytes:
    """Return the catalogue as it is committed."""
    out = BytesIO()
    write_po(out, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    return out.getvalue()


def lacking(catalog: Catalog, texts: dict[str | tuple[str, str], list[str]]) -> list[str]:
    """Return what has no English yet, each with its place."""
    lines = []
    for text, places in texts.items():
        message = catalog.get(text)
        strings = message.string if message else ""
        if not all(strings) if isinstance(strings, tuple | list) else not strings:
            lines.append(f"{places[0]}: {text!r}")
    return lines


def main() -> int:
    """Update or check the catalogue."""
    texts = found()
    catalog = updated(committed(), texts)
    text = written(catalog)
    is_current = CATALOGUE.exists() and CATALOGUE.read_bytes() == text
    if "--check" not in sys.argv[1:] and not is_current:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_bytes(text)
        is_current = True
    missing = lacking(catalog, texts)
    print(*missing, sep="\n")
    print(f"{len(texts)} texts, {len(missing)} without English: {CATALOGUE.relative_to(ROOT)}")
    return 0 if is_current and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
