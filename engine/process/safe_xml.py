"""Reading XML that a stranger may have written: no DTD, no entities, no network, bounded size and depth."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from lxml import etree

from engine.domain.process import Problem
from engine.process.problems import report

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 60
MAX_ELEMENTS = 60_000

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
MOTCUA = "urn:motcua:bpmn:1"
MAX_LINE = 65_535  # libxml2 keeps sixteen bits of a line number: the last one means "here or later"


class Name(NamedTuple):
    """The name of an element or attribute, split."""

    namespace: str
    local: str


class XmlRefused(Exception):
    """The bytes are no XML that may be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message_en)
        self.problem = problem


def read_xml(content: bytes, *, any_namespace: bool = False) -> etree._Element:
    """Parse `content`; `XmlRefused` if it is broken, too large, too deep, or holds a DTD; `MemoryError`.

    `any_namespace`: take names of namespaces that are no addresses, and prefixes that were never declared.
    """
    if len(content) > MAX_BYTES:
        raise XmlRefused(report("too_large", limit=f"{MAX_BYTES // 1024 // 1024} MB"))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=any_namespace,
    )
    try:
        root = etree.fromstring(content, parser)
        _check_recovered(root, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise XmlRefused(_broken(error.msg, error.lineno)) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype or docinfo.internalDTD is not None:
        raise XmlRefused(report("forbidden_dtd", line=1))
    _check_shape(root)
    return root


def _check_recovered(root: etree._Element | None, parser: etree.XMLParser) -> None:
    """A parser that goes on after an error may only have gone on after names of namespaces."""
    for entry in parser.error_log:
        if entry.domain != etree.ErrorDomains.NAMESPACE and entry.level >= etree.ErrorLevels.ERROR:
            raise XmlRefused(_broken(entry.message, entry.line))
    if root is None:
        raise XmlRefused(_broken("", 1))


def _broken(message: str | None, line: int | None) -> Problem:
    text = (message or "không phải XML").partition(", line ")[0]
    if "entity" in text.lower() or "doctype" in text.lower():
        return report("forbidden_dtd", line=line or 1)
    if "depth" in text.lower() or "huge" in text.lower():
        return report("too_large", limit=f"{MAX_DEPTH}", line=line)
    return report("xml_broken", reason=text.partition("\n")[0], line=line or 1)


def _check_shape(root: etree._Element) -> None:
    level, depth, count = [root], 0, 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            limit = f"{MAX_DEPTH} tầng, {MAX_ELEMENTS} phần tử"
            raise XmlRefused(report("too_large", limit=limit, line=line_of(level[0])))
        level = [child for element in level for child in element]


def name_of(tag: object) -> Name:
    """Split ``{namespace}local``; both parts empty for what is no element."""
    if not isinstance(tag, str):
        return Name("", "")
    namespace, _, local = tag.rpartition("}")
    return Name(namespace.removeprefix("{"), local)


def line_of(element: etree._Element) -> int | None:
    """Answer the line on which an element stands, None when the file is too long to know."""
    line = cast("int | None", element.sourceline)
    return line if line and line < MAX_LINE else None


def canonical(content: bytes) -> bytes:
    """Write XML in the canonical form (C14N 2.0), so that two spellings of one document are the same bytes."""
    return cast("str", etree.canonicalize(etree.tostring(read_xml(content), encoding="unicode"))).encode()
