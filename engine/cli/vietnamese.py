"""What click itself says, in Vietnamese like everything else here: it asks gettext, and brings no catalogue of ours."""

from __future__ import annotations

from types import ModuleType

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.types

_SPEAKERS: tuple[ModuleType, ...] = (
    click.core,
    click.decorators,
    click.exceptions,
    click.formatting,
    click.parser,
    click.types,
)
# By the English words of click; what is not here stays as it is.
WORDS = {
    "Usage:": "Cách dùng:",
    "Options": "Tùy chọn",
    "Commands": "Lệnh",
    "Positional arguments": "Đối số",
    "Show this message and exit.": "In trang này.",
    "Show the version and exit.": "In phiên bản của chương trình.",
    "Missing command.": "Thiếu tên lệnh con.",
    "Missing argument": "Thiếu đối số",
    "Missing option": "Thiếu tùy chọn",
    "Missing parameter": "Thiếu tham số",
    "Choose from:\n\t{choices}": "Chọn một trong: {choices}",
    "Invalid value: {message}": "Giá trị không dùng được: {message}",
    "Invalid value for {param_hint}: {message}": "{param_hint}: {message}",
    "No such option {name!r}.": "Không có tùy chọn {name!r}.",
    "No such command {name!r}.": "Không có lệnh {name!r}.",
    "Did you mean {possibility}?": "Có phải là {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(Có phải là: {possibilities}?)",
    "Got unexpected extra argument ({args})": "Thừa đối số ({args})",
    "Got unexpected extra arguments ({args})": "Thừa đối số ({args})",
    "Option {name!r} requires an argument.": "Tùy chọn {name!r} cần một giá trị.",
    "Option {name!r} does not take a value.": "Tùy chọn {name!r} không nhận giá trị.",
    "{value!r} is not {choice}.": "{value!r} không phải là {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} không thuộc: {choices}.",
    "{value!r} does not match the format {format}.": "{value!r} không phải là ngày viết như 2026-11-21.",
    "{value!r} is not a valid {number_type}.": "{value!r} không phải là số.",
    "{value} is not in the range {range}.": "{value} không thuộc khoảng {range}.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} không có.",
    "{name} {filename!r} is a file.": "{filename!r} là một tệp.",
    "{name} {filename!r} is a directory.": "{filename!r} là một thư mục.",
    "{name} {filename!r} is not readable.": "{filename!r} không đọc được.",
    "{name} {filename!r} is not writable.": "{filename!r} không ghi được.",
    "file": "tệp",
    "directory": "thư mục",
    "path": "đường dẫn",
    "default: {default}": "mặc định: {default}",
    "required": "bắt buộc",
}


def _said(words: str) -> str:
    return WORDS.get(words, words)


def _counted(one: str, many: str, number: int) -> str:
    return _said(one if number == 1 else many)


def speak_vietnamese() -> None:
    """Let click say its words in Vietnamese from now on."""
    for module in _SPEAKERS:
        module.__dict__["_"] = _said
        if "ngettext" in module.__dict__:
            module.__dict__["ngettext"] = _counted


def complaint(error: click.ClickException) -> str:
    """What is wrong with what was typed, in one line that says where it is told how to type it."""
    words = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{words} (xem: {context.command_path} --help)" if context else words
