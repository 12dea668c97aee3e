"""A letter of last year is printed again as it was issued, whatever has become of the forms since."""

from __future__ import annotations

import json

import jinja2
import pytest
from PIL import Image

from letters import LetterDataUnreadable, from_json, to_json
from letters.template_sets import TemplateSet, packaged
from tests.letters import golden
from tests.letters.samples import apology

BOOK = golden.book()
SAME_MAKERS = BOOK["makers"] == golden.makers()
LIKE = 20.0
"""A shift of a fifth of a millimetre is 17, one of a whole millimetre 27, another letter 35."""


@pytest.mark.parametrize("name", BOOK["letters"])
def test_a_letter_of_last_year_comes_out_as_it_was_issued(renderer, name):
    """The same bytes from the same makers; from newer libraries at least the same words on the same places."""
    entry = BOOK["letters"][name]
    assert to_json(golden.letter(entry)) == entry["data"], "what was frozen then is not what would be frozen now"
    done = renderer.render(golden.letter(entry), golden.forms())
    assert done.pages == entry["pages"]
    assert golden.words(done) == entry["words"]
    for page, picture in enumerate(golden.pictures(done), start=1):
        with Image.open(golden.FOLDER / f"{name}-{page}.png") as kept:
            assert golden.difference(picture, kept.convert("L")) < LIKE, f"page {page} looks different"
    if SAME_MAKERS:
        assert done.sha256 == entry["sha256"], "the same libraries and forms made other bytes: look at letters/*.py"
    else:
        changed = {name for name, value in golden.makers().items() if BOOK["makers"].get(name) != value}
        print(f"words and pictures compared, not bytes: other {sorted(changed)}")  # noqa: T201 - shown on failure


def test_an_upgrade_of_the_forms_changes_new_letters_and_no_old_one(renderer):
    then = golden.forms()
    text = then.files["templates/apology.html"].replace(
        "Mong nhận được sự thông cảm", "Kính mong nhận được sự thông cảm"
    )
    now = then.changed({"templates/apology.html": text, "assets/a4.css": then.files["assets/a4.css"] + "\nb {}"})
    assert now.digest != then.digest
    issued = renderer.render(apology(), then)
    assert renderer.render(apology(), now).sha256 != issued.sha256
    assert renderer.render(apology(), TemplateSet.from_json(then.to_json(), then.digest)) == issued


def test_a_kept_set_of_forms_that_somebody_changed_is_refused():
    then = golden.forms()
    with pytest.raises(LetterDataUnreadable, match="dấu băm không khớp"):
        TemplateSet.from_json(then.to_json().replace("Mong nhận", "Xin nhận"), then.digest)
    for broken in ("{", "[]", '"x"', "null"):
        with pytest.raises(LetterDataUnreadable):
            TemplateSet.from_json(broken, then.digest)


def test_the_set_of_the_package_holds_every_form_and_has_one_digest():
    again = TemplateSet.of(json.loads(packaged().to_json()))
    assert again == packaged()
    assert {"templates/apology.html", "templates/parts.html", "assets/base.css", "assets/a5.css"} <= set(again.files)


@pytest.mark.parametrize(
    "words",
    [
        "{{ letter.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ letter.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{{ cycler.__init__.__globals__.os.environ }}",
    ],
)
def test_a_form_that_somebody_wrote_reaches_nothing_but_its_letter(renderer, words):
    text = "<html lang='vi'><head><title>x</title></head><body><p>" + words + "</p></body></html>"
    written = packaged().changed({"templates/apology.html": text})
    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.TemplateNotFound, jinja2.UndefinedError)):
        renderer.render(apology(), written)


def test_a_letter_frozen_then_still_reads_and_says_the_same():
    for entry in BOOK["letters"].values():
        assert from_json(entry["form"], entry["data"]).number
