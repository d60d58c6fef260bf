"""Tests that every sentence exists in both languages and follows the typography of each."""

import ast
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from markupsafe import escape

from core.text import translation
from core.text.text import N_, NN_, Language, Moment, ShortMoment, Text, TimeOfDay
from core.text.translation import translate, with_no_break_spaces, wrap_unbreakable_parts

FRENCH, ENGLISH = Language
ROOT = Path(__file__).parents[3]
ON_DISK = ROOT / "core/locale/en/LC_MESSAGES/retrouve.po"
PRODUCT = sorted(folder.parent for folder in ROOT.glob("*/__init__.py"))
MARKED = {"N_": 1, "NN_": 2}
"""The functions that create a sentence, and the number of msgids that each takes."""
FRENCH_QUOTE = re.compile(r"« (.+?) »")
ENGLISH_QUOTE = re.compile(r"“(.+?)”")
LABEL = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]")
"""Matches the first word of a button, but not a command (`retrouve init`) or a file format (CSV UTF-8)."""
BANNED = re.compile(r"\b(invalides?|veuillez|erreur générale|invalid|please|general error)\b", re.IGNORECASE)
FRENCH_HABITS = re.compile(r"[«»\u00a0\u202f]| [:;?!]")

FIVE = datetime(2018, 12, 6, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))


# ── The catalogue ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def new_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue that `make translations` would write now."""
    copy = tmp_path_factory.mktemp("locale") / "retrouve.po"
    copy.write_bytes(ON_DISK.read_bytes())
    # A test installs nothing, and takes no options from a `make` that runs it.
    order = ["make", "--old-file=install", "translations", f"ENGLISH={copy}", f"BIN={sysconfig.get_path('scripts')}"]
    subprocess.run(order, cwd=ROOT, env={**os.environ, "MAKEFLAGS": ""}, check=True)  # our own Makefile
    return copy


@pytest.fixture(scope="module")
def messages(new_catalogue: Path) -> list[Message]:
    """Every sentence of core/, with its English translation if there is one."""
    with new_catalogue.open("rb") as file:
        return [message for message in read_po(file, locale="en") if message.id]


@pytest.fixture(scope="module")
def pairs(messages: list[Message]) -> list[tuple[str, str]]:
    """Each French form with its English form. A sentence with a count has two pairs."""
    return [pair for message in messages for pair in zip(_forms(message.id), _forms(message.string), strict=True)]


def _forms(either: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (either,) if isinstance(either, str) else tuple(either)


def _names(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence)} - {None}


def test_the_catalogue_on_disk_is_what_make_translations_writes(new_catalogue: Path) -> None:
    assert ON_DISK.read_text("utf-8") == new_catalogue.read_text("utf-8"), "run `make translations`, then translate"


def test_every_sentence_is_translated(messages: list[Message]) -> None:
    assert [message.id for message in messages if message.fuzzy or not all(_forms(message.string))] == []
    assert messages


def test_both_languages_name_the_same_values(pairs: list[tuple[str, str]]) -> None:
    """The French and the English sentence have the same placeholders."""
    assert [pair for pair in pairs if _names(pair[0]) != _names(pair[1])] == []


def test_a_button_quoted_in_a_sentence_is_a_button(pairs: list[tuple[str, str]]) -> None:
    said = {french for french, _ in pairs}
    quoted = {words for french, _ in pairs for words in FRENCH_QUOTE.findall(french) if LABEL.match(words)}
    assert quoted - said == set()


def test_no_sentence_scolds_or_has_french_signs_in_english(pairs: list[tuple[str, str]]) -> None:
    """No sentence says "invalid" or "please". English sentences have no « guillemets » and no space before a colon."""
    assert [form for pair in pairs for form in pair if BANNED.search(form)] == []
    assert [english for _, english in pairs if FRENCH_HABITS.search(english)] == []


def test_english_quotes_what_french_quotes(pairs: list[tuple[str, str]]) -> None:
    """In English, a quoted button has its English label. Every other quotation is the same in both languages."""
    english_of = dict(pairs)
    astray = []
    for french, english in pairs:
        quoted, in_english = set(FRENCH_QUOTE.findall(french)), set(ENGLISH_QUOTE.findall(english))
        buttons = {english_of[words] for words in quoted & english_of.keys()}
        if not buttons <= in_english <= buttons | (quoted - english_of.keys()):
            astray.append((french, english))
    assert astray == []


def _marked(folder: Path) -> Iterator[tuple[str, ast.Call, int]]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKED:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, MARKED[node.func.id]


def test_every_marked_sentence_is_a_literal() -> None:
    """Only literal strings are found by the extraction."""
    written = {
        where: [isinstance(words, ast.Constant) and isinstance(words.value, str) for words in call.args] == [True] * n
        for where, call, n in _marked(ROOT / "core")
    }
    assert [where for where, whole in written.items() if not whole] == []
    assert written


def test_only_the_core_has_sentences() -> None:
    """Sentences are extracted from core/ only, so the site and the terminal must not contain any."""
    faces = [folder for folder in PRODUCT if folder.name != "core"]
    assert [where for face in faces for where, _, _ in _marked(face)] == []
    assert faces


# ── Saying ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalogue that contains this test's sentences instead of the product's."""
    catalogue = Catalog(locale="en")
    monkeypatch.setattr(translation, "read_translations", lambda _: translation.forms_by_sentence(catalogue))
    return catalogue


def test_the_product_is_said_in_english() -> None:
    assert translate(N_("Continuer"), FRENCH) == "Continuer"
    assert translate(N_("Continuer"), ENGLISH) == "Continue"


def test_a_known_value_is_kept() -> None:
    """Filling a sentence does not replace values that are already set."""
    assert translate(N_("{first} {last}", first="Camille").fill({"first": "Dominique", "last": "Martin"}), FRENCH) == (
        "Camille Martin"
    )


def test_zero_is_singular_in_french_and_plural_in_english(own_catalogue: Catalog) -> None:
    own_catalogue.add(("{count} clé", "{count} clés"), ("{count} key", "{count} keys"))
    for count, french, english in ((0, "0 clé", "0 keys"), (1, "1 clé", "1 key"), (2, "2 clés", "2 keys")):
        keys = NN_("{count} clé", "{count} clés", count=count)
        assert (translate(keys, FRENCH), translate(keys, ENGLISH)) == (french, english), count


def test_values_are_written_as_the_language_writes_them() -> None:
    """Times, dates and numbers follow the language. Times stay in their own time zone, and words are unchanged."""
    for value, french, english in (
        (TimeOfDay(FIVE), "17 h", "17:00"),
        (Moment(FIVE), "jeudi 6 décembre 2018 à 17 h", "Thursday 6 December 2018 at 17:00"),
        (Moment(FIVE.replace(hour=8, minute=5)), "jeudi 6 décembre 2018 à 8 h 05", "Thursday 6 December 2018 at 08:05"),
        (TimeOfDay(FIVE.astimezone(ZoneInfo("Indian/Reunion"))), "20 h", "20:00"),
        (TimeOfDay(FIVE.replace(hour=1, minute=2)), "1 h 02", "01:02"),
        (Moment(FIVE.replace(day=1, hour=1)), "samedi 1er décembre 2018 à 1 h", "Saturday 1 December 2018 at 01:00"),
        (ShortMoment(FIVE), "6\xa0déc.\xa017:00", "6\xa0Dec\xa017:00"),
        (ShortMoment(FIVE.replace(day=1)), "1er\xa0déc.\xa017:00", "1\xa0Dec\xa017:00"),
        (12345, "12\u202f345", "12,345"),
        ("l'assistance", "l'assistance", "l'assistance"),
    ):
        text = Text("{value}", None, {"value": value})
        assert (translate(text, FRENCH), translate(text, ENGLISH)) == (french, english), value
    expires = N_("expire à {at}", at=Text("{at}", None, {"at": TimeOfDay(FIVE)}))
    assert translate(expires, FRENCH, short_times=True) == "expire à 17:00"


def test_a_sentence_inside_a_sentence_is_in_the_same_language(own_catalogue: Catalog) -> None:
    """A `Text` that is the value of a placeholder is translated too, with its own values."""
    own_catalogue.add("valable {validity}", "works for {validity}")
    own_catalogue.add(("{count} heure", "{count} heures"), ("{count} hour", "{count} hours"))
    text = N_("valable {validity}", validity=NN_("{count} heure", "{count} heures", count=4))
    assert (translate(text, FRENCH), translate(text, ENGLISH)) == ("valable 4 heures", "works for 4 hours")


def test_a_sentence_without_a_translation_is_shown_in_french(own_catalogue: Catalog) -> None:
    """The translation is missing or empty."""
    own_catalogue.add("Jour", "")
    assert (translate(N_("Jour"), ENGLISH), translate(N_("Mois"), ENGLISH)) == ("Jour", "Mois")


def test_an_unused_value_is_ignored() -> None:
    """A value without a placeholder is ignored and not even formatted."""
    for language, unused in product(Language, (None, object(), ["a"], {"a": 1}, FIVE, N_("{unknown}"))):
        text = Text("repère {case}", None, {"case": "7F3K-92QD", "unused": unused})
        assert translate(text, language) == "repère 7F3K-92QD", (language, unused)


@pytest.mark.parametrize("language", Language)
def test_a_missing_value_raises(language: Language) -> None:
    with pytest.raises(KeyError, match="case"):
        translate(N_("repère {case}"), language)


def test_french_high_signs_stay_on_the_line_of_their_word() -> None:
    """In French, a line does not break at the spaces before : ; ? ! and inside « ». English sentences are unchanged."""
    sentence = "Choisissez « Continuer » : tout va bien ; vraiment ? Oui !"
    expected = "Choisissez «~Continuer~»~: tout va bien~; vraiment~? Oui~!".replace("~", "\u00a0")
    assert with_no_break_spaces(sentence, FRENCH) == expected
    assert with_no_break_spaces(sentence, ENGLISH) == sentence


def test_the_number_of_an_apostrophe_in_html_begins_no_number_of_the_sentence() -> None:
    """The digits of an escaped apostrophe, &#39;, are not joined with the number that follows."""
    written = str(escape(with_no_break_spaces("On répond jusqu'à 20 h au 01 23 45 67 89.", FRENCH)))
    kept = 'On répond jusqu&#39;à\u00a020\u00a0h au <span class="whole">01 23 45 67 89.</span>'
    assert wrap_unbreakable_parts(written) == kept


def test_guillemets_stay_with_the_part_that_they_quote() -> None:
    """A browser breaks a line beside an inline block even at a no-break space, so the block contains the guillemets."""
    written = with_no_break_spaces("Copiez « https://vote.example » ou « 7F3K-92QD ».", FRENCH)
    parts = (
        f'<span class="whole">«~<span class="whole">{part}</span>~»' for part in ("https://vote.example", "7F3K-92QD")
    )
    kept = "Copiez {}</span> ou {}.</span>".format(*parts).replace("~", "\u00a0")
    assert wrap_unbreakable_parts(written) == kept


def test_an_address_of_the_web_is_parted_after_the_slashes_of_its_path_only() -> None:
    """A part of a path never breaks at a hyphen, on pages and in mails. A host without a path is one part."""
    for opening in ('<span class="whole">', '<b style="x">'):
        parts = "".join(f"{opening}{part}</span>" for part in ("https://vote.example/", "a-b/", "c-d."))
        kept = wrap_unbreakable_parts("Lisez https://vote.example/a-b/c-d. Ou https://vote.example/", opening)
        assert kept == f"Lisez {opening}{parts}</span> Ou {opening}https://vote.example/</span>"
