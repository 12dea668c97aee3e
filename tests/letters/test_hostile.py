"""Text from strangers: printed as text or refused, never interpreted, never a way out of the building."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import jinja2
import pikepdf
import pytest

from letters import LetterNotRenderable, Party
from letters.render import ATTACHMENT, Renderer
from letters.template_sets import packaged
from tests.letters.reading import opened, squeezed, text_of
from tests.letters.samples import ORDINARY, apology, everywhere, receipt

SECRET = "mat-khau-cua-co-quan-khong-duoc-lo-ra"


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and the list of what anybody asked it for."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET)
    return path


def attacks(address: str, secret: str) -> list[str]:
    return [
        f'<img src="{address}/a"><link rel=stylesheet href="{address}/b">',
        f"<link rel=attachment href={secret}>",
        f'<a rel="attachment" href="{secret}">x</a>',
        f"</p></body><style>@import url({address}/c)</style>",
        f'"><svg><image href="{address}/d"/></svg>',
        "<script>alert(1)</script>&lt;b&gt; &amp; <!-- -->",
        "{{7*7}} {% include '/etc/passwd' %} ${7*7} #{7*7}",
        "</title><h1>Quyết định</h1> (\\)) \\u202e %PDF",
        "Nguyễn\u202eA gnôhK\u202c\u0000\u0007 Văn\u200b\u200d A",
    ]


@pytest.mark.parametrize(
    ("form", "number"),
    [*((form, number) for form in ("receipt", "apology") for number in range(9)), *((form, 1) for form in ORDINARY)],
)
def test_markup_in_every_field_is_printed_as_text(renderer, asked, secret_file, form, number):
    address, seen = asked
    text = attacks(address, secret_file.as_uri())[number]
    letter = everywhere(ORDINARY[form], text)
    done = renderer.render(letter)
    assert seen == []
    assert squeezed(letter.applicant.name) in squeezed(text_of(done.pdf))
    with opened(done.pdf) as document:
        assert list(document.attachments) == [ATTACHMENT]
        assert not any("/Annots" in page for page in document.pages)
        streams = [thing.read_bytes() for thing in document.objects if isinstance(thing, pikepdf.Stream)]
    assert not any(SECRET.encode() in stream for stream in streams)


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("An 🙂", "U+1F642"),
        ("阮文安", "U+962E"),
        ("محمد", "U+0645"),
        ("\ue000", "U+E000"),
        ("ꨣ", "U+AA23"),
        ("a\ufffd", "ký tự hỏng"),
    ],
)
def test_what_the_font_lacks_is_refused_by_field_and_character(renderer, text, character):
    with pytest.raises(LetterNotRenderable) as refusal_of:
        renderer.render(apology(applicant=Party(name=text)))
    assert character in str(refusal_of.value)
    assert "«Họ tên, tên tổ chức»" in str(refusal_of.value)


class _Careless(Renderer):
    """A renderer whose template somebody got wrong."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self._markup = f'<html lang="vi"><head><title>x</title></head><body>{markup}</body></html>'

    def markup(self, letter, templates=None):
        return self._markup


@pytest.mark.parametrize(
    "markup",
    [
        '<img alt="x" src="{address}/a">',
        '<link rel="stylesheet" href="{address}/b">',
        "<style>@import url({address}/c)</style>",
        "<style>@font-face {{ font-family: x; src: url({address}/d) }}</style>",
        '<link rel="attachment" href="{secret}">',
        '<a rel="attachment" href="{secret}">x</a>',
        '<img alt="x" src="{secret}">',
        '<base href="{address}"><img alt="x" src="e.png">',
        '<p style="background: url({address}/f)">x</p>',
        '<object data="{address}/g">x</object>',
    ],
)
def test_even_a_careless_template_cannot_fetch(asked, secret_file, markup):
    address, seen = asked
    with pytest.raises(LetterNotRenderable):
        _Careless(markup.format(address=address, secret=secret_file.as_uri())).render(apology())
    assert seen == []


@pytest.mark.parametrize("markup", ['<p style="colour: red">x</p>', "<p>🙂</p>", "<style>p { widht: 1mm }</style>"])
def test_whatever_weasyprint_warns_of_fails_the_letter(markup):
    with pytest.raises(LetterNotRenderable):
        _Careless(markup).render(apology())


def test_a_warning_of_one_letter_does_not_stick_to_the_next(renderer):
    with pytest.raises(LetterNotRenderable):
        _Careless('<p style="colour: red">x</p>').render(apology())
    assert renderer.render(apology()).pages == 1


def test_a_hole_in_the_data_is_an_error_and_no_blank(renderer):
    with pytest.raises(jinja2.UndefinedError):
        renderer.wording(packaged()).from_string("{{ letter.nickname }}").render(letter=apology())


def test_templates_escape_by_their_real_names(renderer):
    wording = renderer.wording(packaged())
    for name in wording.list_templates():
        assert name.endswith(".html")
        assert wording.get_template(name).environment.autoescape
    assert "&lt;b&gt;" in renderer.markup(receipt(collect_at="<b>"))
