"""Every sentence exists in both languages, and is said as its language writes it."""

import ast
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from core import i18n
from core.i18n import say, typeset
from core.text import N_, NN_, Language, Moment, Text, TimeOfDay

FRENCH, ENGLISH = Language
ROOT = Path(__file__).parents[2]
ON_DISK = ROOT / "core/locale/en/LC_MESSAGES/retrouve.po"
PRODUCT = sorted(folder.parent for folder in ROOT.glob("*/__init__.py"))
MARKED = {"N_": 1, "NN_": 2}
"""The functions that mark a sentence, and how many msgids each takes."""
FRENCH_QUOTE = re.compile(r"« (.+?) »")
ENGLISH_QUOTE = re.compile(r"“(.+?)”")
LABEL = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]")
"""How the words of a button begin, unlike those of a command (`retrouve init`) or a format (CSV UTF-8)."""
BANNED = re.compile(r"\b(invalides?|veuillez|erreur générale|invalid|please|general error)\b", re.IGNORECASE)
FRENCH_HABITS = re.compile(r"[«»\u00a0\u202f]| [:;?!]")

FIVE = datetime(2018, 12, 6, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))


# ── The catalogue ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as `make translations` would write it now, from the sentences of core/."""
    copy = tmp_path_factory.mktemp("locale") / "retrouve.po"
    copy.write_bytes(ON_DISK.read_bytes())
    # Nothing is installed from inside a test, and a `make` above this one gives no orders.
    order = ["make", "--old-file=install", "translations", f"ENGLISH={copy}", f"BIN={sysconfig.get_path('scripts')}"]
    subprocess.run(order, cwd=ROOT, env={**os.environ, "MAKEFLAGS": ""}, check=True)  # our own Makefile
    return copy


@pytest.fixture(scope="module")
def messages(refreshed: Path) -> list[Message]:
    """Every sentence found in core/, with its English as far as there is one."""
    with refreshed.open("rb") as file:
        return [message for message in read_po(file, locale="en") if message.id]


@pytest.fixture(scope="module")
def pairs(messages: list[Message]) -> list[tuple[str, str]]:
    """Each French form beside its English one: one pair for a sentence, two where it counts."""
    return [pair for message in messages for pair in zip(_forms(message.id), _forms(message.string), strict=True)]


def _forms(either: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (either,) if isinstance(either, str) else tuple(either)


def _names(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence)} - {None}


def test_the_catalogue_on_disk_is_what_make_translations_writes(refreshed: Path) -> None:
    """The catalogue holds the sentences of core/ and no others: none missing, obsolete, reworded or moved."""
    assert ON_DISK.read_text("utf-8") == refreshed.read_text("utf-8"), "run `make translations`, then translate"


def test_every_sentence_is_translated(messages: list[Message]) -> None:
    """Each sentence, and each plural, has an English form that its translator has finished."""
    assert [message.id for message in messages if message.fuzzy or not all(_forms(message.string))] == []
    assert messages


def test_both_languages_name_the_same_values(pairs: list[tuple[str, str]]) -> None:
    """A `{name}` of the French form is in the English form, and the other way round."""
    assert [pair for pair in pairs if _names(pair[0]) != _names(pair[1])] == []


def test_a_button_quoted_in_a_sentence_is_a_button(pairs: list[tuple[str, str]]) -> None:
    """Words quoted as one reads them on a button are words of the product, letter for letter."""
    said = {french for french, _ in pairs}
    quoted = {words for french, _ in pairs for words in FRENCH_QUOTE.findall(french) if LABEL.match(words)}
    assert quoted - said == set()


def test_english_quotes_what_french_quotes(pairs: list[tuple[str, str]]) -> None:
    """A quoted button has its exact English label; nothing else is quoted but what French quotes too, as it is."""
    english_of = dict(pairs)
    astray = []
    for french, english in pairs:
        quoted, in_english = set(FRENCH_QUOTE.findall(french)), set(ENGLISH_QUOTE.findall(english))
        buttons = {english_of[words] for words in quoted & english_of.keys()}
        if not buttons <= in_english <= buttons | (quoted - english_of.keys()):
            astray.append((french, english))
    assert astray == []


def test_no_sentence_scolds_or_fills(pairs: list[tuple[str, str]]) -> None:
    """No sentence says "invalid", "please" or "general error", in either language."""
    assert [form for pair in pairs for form in pair if BANNED.search(form)] == []


def test_english_is_typeset_as_english(pairs: list[tuple[str, str]]) -> None:
    """English has no « guillemets » and no space before a colon or a question mark."""
    assert [english for _, english in pairs if FRENCH_HABITS.search(english)] == []


def _marked(folder: Path) -> Iterator[tuple[str, ast.Call, int]]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKED:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, MARKED[node.func.id]


def test_every_sentence_is_written_out() -> None:
    """A sentence is marked with its words, not with a value, so that extraction finds it."""
    written = {
        where: [isinstance(words, ast.Constant) and isinstance(words.value, str) for words in call.args] == [True] * n
        for where, call, n in _marked(ROOT / "core")
    }
    assert [where for where, whole in written.items() if not whole] == []
    assert written


def test_only_the_core_has_sentences() -> None:
    """No face writes a sentence of its own: extraction reads core/ alone."""
    faces = [folder for folder in PRODUCT if folder.name != "core"]
    assert [where for face in faces for where, _, _ in _marked(face)] == []
    assert faces


# ── Saying ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pocket(monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalogue of this test's own sentences, instead of the product's."""
    catalogue = Catalog(locale="en")
    monkeypatch.setattr(i18n, "catalogue", lambda _: catalogue)
    return catalogue


def test_the_product_is_said_in_english() -> None:
    """The catalogue of the package is the one that is read."""
    assert say(N_("Continuer"), FRENCH) == "Continuer"
    assert say(N_("Continuer"), ENGLISH) == "Continue"


@pytest.mark.parametrize(
    ("count", "french", "english"), [(0, "0 clé", "0 keys"), (1, "1 clé", "1 key"), (2, "2 clés", "2 keys")]
)
def test_each_language_counts_its_own_way(pocket: Catalog, count: int, french: str, english: str) -> None:
    """Nought is singular in French and plural in English."""
    pocket.add(("{count} clé", "{count} clés"), ("{count} key", "{count} keys"))
    keys = NN_("{count} clé", "{count} clés", count=count)
    assert (say(keys, FRENCH), say(keys, ENGLISH)) == (french, english)


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (TimeOfDay(FIVE), "17:00", "17:00"),
        (Moment(FIVE), "jeudi 6 décembre 2018 à 17:00", "Thursday 6 December 2018 at 17:00"),
        (Moment(FIVE.replace(hour=8, minute=5)), "jeudi 6 décembre 2018 à 08:05", "Thursday 6 December 2018 at 08:05"),
        (TimeOfDay(FIVE.astimezone(ZoneInfo("Indian/Reunion"))), "20:00", "20:00"),
        (12345, "12\u202f345", "12,345"),
        ("l'assistance", "l'assistance", "l'assistance"),
    ],
)
def test_values_are_written_as_the_language_writes_them(value: object, french: str, english: str) -> None:
    """Times, days and numbers follow the language, in the zone they carry; words stay as they are."""
    text = Text("{value}", None, {"value": value})
    assert (say(text, FRENCH), say(text, ENGLISH)) == (french, english)


def test_a_sentence_inside_a_sentence_is_in_the_same_language(pocket: Catalog) -> None:
    """A Text given as a value is said in the language of the whole, with its own values."""
    pocket.add("valable {validity}", "works for {validity}")
    pocket.add(("{count} heure", "{count} heures"), ("{count} hour", "{count} hours"))
    text = N_("valable {validity}", validity=NN_("{count} heure", "{count} heures", count=4))
    assert (say(text, FRENCH), say(text, ENGLISH)) == ("valable 4 heures", "works for 4 hours")


@pytest.mark.parametrize("unused", [None, object(), ["a"], {"a": 1}, FIVE, N_("{unknown}")], ids=type)
@pytest.mark.parametrize("language", Language)
def test_a_fact_without_a_place_is_ignored(unused: object, language: Language) -> None:
    """Facts are given to every sentence of a step: one that a sentence does not name is not even looked at."""
    assert say(Text("dossier {case}", None, {"case": "7F3K-92QD", "unused": unused}), language) == "dossier 7F3K-92QD"


@pytest.mark.parametrize("language", Language)
def test_a_missing_fact_is_a_defect(language: Language) -> None:
    """A name without a value is never shown to a reader: it raises KeyError."""
    with pytest.raises(KeyError, match="case"):
        say(N_("dossier {case}"), language)


def test_a_missing_translation_shows_french(pocket: Catalog) -> None:
    """A reader gets the French sentence rather than none."""
    pocket.add("Jour", "")
    assert (say(N_("Jour"), ENGLISH), say(N_("Mois"), ENGLISH)) == ("Jour", "Mois")


def test_a_known_value_stays() -> None:
    """Filling a sentence adds what is unknown and changes nothing that is known."""
    assert say(N_("{first} {last}", first="Camille").fill({"first": "Dominique", "last": "Martin"}), FRENCH) == (
        "Camille Martin"
    )


def test_french_high_signs_stay_on_the_line_of_their_word() -> None:
    """On a page, the spaces of « : ; ? ! » do not break in French; English is left alone."""
    sentence = "Choisissez « Continuer » : tout va bien ; vraiment ? Oui !"
    expected = "Choisissez «~Continuer~»~: tout va bien~; vraiment~? Oui~!".replace("~", "\u00a0")
    assert typeset(sentence, FRENCH) == expected
    assert typeset(sentence, ENGLISH) == sentence
