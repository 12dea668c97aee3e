"""What is remembered from letter to letter shows in the time only: never in the bytes, never in another's letter."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters import Letter, LetterNotRenderable, Party, Rendered, quick, warm
from letters.render import PLAIN, Renderer
from letters.template_sets import packaged
from tests.letters.reading import opened, squeezed, text_of
from tests.letters.samples import LONG, ORDINARY, OTHERS, apology

EVERY = {
    **ORDINARY,
    **{name: OTHERS[name] for name in ("apology of 2018", "receipt of a company", "refusal without a code")},
    **{f"long {form}": LONG[form] for form in ("receipt", "discontinuation")},
}
ALPHABET = "aăâđêôơưáạ ABCĐ0123456789.,;:-–“”()<>&\"'/\\{}%#"
NAMES = st.one_of(
    st.sampled_from(["Nguyễn Văn A", "Trần Thị Mỹ Duyên", "Lê <b>Hoàng</b> & Con", "W" * 300, "\"'&lt;&amp;#39;"]),
    st.text(ALPHABET, min_size=1, max_size=60).filter(str.strip),
)
REASONS = st.lists(NAMES, min_size=1, max_size=5).map(" ".join)


@pytest.fixture(scope="module")
def cold() -> Renderer:
    return Renderer(is_warm=False)


@pytest.fixture(scope="module")
def bytes_elsewhere() -> dict[str, str]:
    """SHA-256 of every sample, made one by one in a process in which nothing of WeasyPrint was changed."""
    program = (
        "from letters.render import Renderer\nfrom tests.letters.test_warm import EVERY\n"
        "renderer = Renderer(is_warm=False)\n"
        "for name, letter in EVERY.items(): print(name, renderer.render(letter).sha256, sep='=')\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    return dict(line.split("=") for line in done.stdout.splitlines())


def test_the_third_letter_of_a_form_has_the_bytes_of_one_made_with_nothing_remembered(renderer, bytes_elsewhere):
    for _ in range(3):
        assert {name: renderer.render(letter).sha256 for name, letter in EVERY.items()} == bytes_elsewhere


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, reason=REASONS, number=NAMES, regime=st.sampled_from(["2018", "2025"]), whose=st.booleans())
def test_any_words_come_out_as_without_memory(renderer, cold, name, reason, number, regime, whose):
    letter = apology(
        applicant=Party(name=name, is_organisation=whose, identifier=number),
        reason=reason,
        number=number,
        regime=regime,
        recipients=(name, reason[:200]),
    )
    assert outcome(renderer, letter) == outcome(cold, letter)


def outcome(one: Renderer, letter: Letter) -> Rendered | list[str]:
    try:
        return one.render(letter)
    except LetterNotRenderable as refused:
        return refused.problems


ODD = {
    "lines of every kind": "<p><u>gạch chân</u> <span class='a'>thưa ra</span> <span class='b'>dài quá dài quá</span> "
    "ngắt\u00admềm</p><p class='c'>một\nhai</p><p dir='rtl'>phải trái</p><ol><li>mục</li></ol>",
    "a table that goes over the page": "<table><thead><tr><th>A</th></tr></thead><tbody>"
    + "<tr><td>{{ letter.reason }}</td></tr>" * 40
    + "</tbody></table>",
    "words where only tags belong": "<table>{{ letter.reason }}<tr><td>x</td></tr></table>{{ letter.number }}",
    "a style of its own": "<style>p { color: red }</style><p>{{ letter.reason }}</p>",
    "words in an attribute": "<p title='{{ letter.reason }}' lang='{{ letter.number }}'>x</p>",
}
SHEET = """u { text-decoration: underline } .a { letter-spacing: 2pt; word-spacing: 3pt }
.b { display: inline-block; width: 20mm; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.c { white-space: pre-line } [dir=rtl] { direction: rtl } ol { display: block } li { display: list-item }"""


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("sheet", ["", SHEET])
def test_odd_forms_come_out_as_without_memory(renderer, cold, name, sheet):
    text = '<html lang="vi"><head><title>{{ title }}</title></head><body>' + ODD[name] + "</body></html>"
    base = packaged().files["assets/base.css"] + sheet
    forms = packaged().changed({"templates/apology.html": text, "assets/base.css": base})
    for reason in ("Một.", "Hai ba bốn.", "Năm.", "Hai ba bốn."):
        letter = apology(reason=reason, number=f"{len(reason)}/X")
        assert renderer.render(letter, forms) == cold.render(letter, forms)


def test_words_of_one_letter_are_not_in_the_next(renderer):
    for secret in ("Bí mật của người thứ nhất", "Chuyện riêng của người thứ hai") * 2:
        renderer.render(apology(reason=secret, applicant=Party(name=secret)))
    with opened(renderer.render(apology()).pdf) as document:
        assert "Bí mật" not in str(document.docinfo)
    words = squeezed(text_of(renderer.render(apology()).pdf))
    assert "Bímật" not in words
    assert "Chuyệnriêng" not in words


def test_a_letter_that_failed_leaves_nothing_behind(renderer, cold):
    body = '<p style="colour: red">{{ letter.reason }}</p>'
    wrong = f'<html lang="vi"><head><title>x</title></head><body>{body}</body></html>'
    forms = packaged().changed({"templates/apology.html": wrong})
    for _ in range(4):  # the warning comes with the first parsing of a style; it must come each time
        with pytest.raises(LetterNotRenderable):
            renderer.render(apology(), forms)
    assert renderer.render(apology()) == cold.render(apology())


def test_another_version_of_the_library_is_left_alone():
    class Fonts:
        pass

    fonts = Fonts()
    quick.prepare(fonts, "71.0")
    assert vars(fonts) == {}
    parsed: list[str] = []

    def parse(markup: str) -> str:
        parsed.append(markup)
        return markup

    skeletons = warm.Skeletons(parse, "71.0")
    for _ in range(3):
        assert skeletons.document_of("<p>a</p>") == ("<p>a</p>", None)
    assert parsed == ["<p>a</p>"] * 3


def test_few_skeletons_are_kept_however_many_forms_there_are():
    skeletons = warm.Skeletons(lambda markup: markup, warm.KNOWN_VERSION)
    for number in range(3 * warm.MOST_SKELETONS):
        skeletons.document_of(f"<p class=c{number}>a</p>")
    assert len(skeletons._kept) == warm.MOST_SKELETONS


def test_previews_without_the_archive_are_the_same_pages(renderer, rendered):
    done = Renderer(PLAIN).render(ORDINARY["apology"])
    assert text_of(done.pdf) == text_of(rendered["apology"].pdf)
    with opened(done.pdf) as document:
        assert not document.attachments
        assert "/StructTreeRoot" not in document.Root


def test_a_remembered_letter_costs_clearly_less(renderer, cold):
    """The ratio is what benchmarks/letters.py is about; here only that nobody has lost it."""

    def least(one: Renderer) -> float:
        spent = []
        for number in range(5):
            letter = apology(number=f"{number}/2026", applicant=Party(name=f"Nguyễn Văn {number}"))
            began = time.process_time()
            one.render(letter)
            spent.append(time.process_time() - began)
        return min(spent)

    assert least(renderer) < 0.8 * least(cold)


def test_eighty_letters_later_the_process_is_no_larger():
    program = """
from pathlib import Path
from letters import Party
from letters.render import Renderer
from tests.letters.samples import apology
renderer = Renderer()
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / (1 << 20)
def make(numbers):
    for number in numbers:
        renderer.render(apology(number=f"{number}/2026/PXL", applicant=Party(name=f"Nguyễn Thị Hoàng Oanh {number}")))
make(range(30))
before = held()
make(range(30, 110))
print(held() - before)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert float(done.stdout) < 4
