"""The sentences of the help are short, plain and complete."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import html
from markupsafe import Markup

from core.flows.example_facts import UNKNOWN
from core.forms import errors
from core.forms.error_catalogue import REFUSALS
from core.forms.flow_model import FieldMistakeExample, FieldRejected, Flow
from core.policy.policy import PRESETS, Policy
from core.text.text import N_, Language
from guides.chapter_builder import ChapterBuilder
from guides.easy_pages import easy_to_read_chapter
from guides.help_entries import all_error_help_entries
from guides.help_pages import escape_markdown
from guides.help_source import HelpSource, help_source_of
from guides.readability import (
    LONGEST,
    count_syllables,
    easy_to_read_sentences,
    measure_readability,
    sentences_of,
    split_words,
)
from templates.jinja_environment import html_with_unbreakable_parts, turn_addresses_into_links
from tests.support.guides import BOOK
from tests.support.stores import until_exit
from tests.support.worlds import world

EASY_LONGEST = 12
"""Maximum number of words in an easy-to-read sentence."""
EXPLAINED = {"SMS", "NUMEN"}
"""Abbreviations that the easy-to-read guides explain."""
BOOKS: dict[str, HelpSource] = {
    preset: help_source_of(world(until_exit(), policy=policy).services)
    for preset, policy in {**PRESETS, "calls": Policy(code_call_after_seconds=120)}.items()
}
"""The content of the help under each preset."""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("preset", BOOKS)
def test_sentences_are_short_and_no_word_scolds(language: Language, preset: str) -> None:
    """Sentences have at most twenty words, and twelve on average. Their readability score is that of plain language."""
    wording = measure_readability(BOOKS[preset], language)

    assert wording.too_long == ()
    assert wording.banned == ()
    assert wording.average <= 12
    assert wording.ease >= 60
    assert wording.sentences > 150


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("preset", BOOKS)
def test_the_easy_guides_keep_to_the_rules_for_easy_reading(language: Language, preset: str) -> None:
    """Both easy-to-read guides use short sentences, numbers as digits, and no unexplained abbreviation."""
    book = BOOKS[preset]
    chapters = [each for each in ChapterBuilder(book, language).chapters() if each.slug in book.easy_to_read_guides]
    said = [sentence for chapter in chapters for sentence in easy_to_read_sentences(chapter, book)]

    for chapter in chapters:
        guide = easy_to_read_chapter(chapter, book)
        assert guide is not None
        told = [section.step.code for section in guide.sections if section.step is not None]
        for section in guide.sections:
            numbers = [number for number, _ in section.sentences if number is not None]
            assert numbers == list(range(1, len(numbers) + 1)), section.title
        beside = {step.code for flow in book.flows for step in flow.beside}
        assert set(told) >= {each.code for each in chapter.sections} - beside
        assert told == [each.code for each in chapter.sections if each.code in told]
    assert len(chapters) == 2
    assert [line for line in said if re.search(r"[.?!] ", line)] == []
    assert [each for line in said for each in sentences_of(line) if len(split_words(each)) > EASY_LONGEST] == []
    assert [each for each in said if re.search(r"\b(deux|trois|quatre|cinq|six|two|three|four|five)\b", each)] == []
    assert {short for each in said for short in re.findall(r"\b[A-Z]{2,}\b(?!-)", each)} <= EXPLAINED
    assert UNKNOWN not in str(said)


def test_long_and_scolding_sentences_are_found() -> None:
    """A sentence of twenty-one words and a sentence with the word "invalide" are found."""
    long, scolding = " ".join(["mot"] * (LONGEST + 1)), "Adresse invalide."
    step = BOOK.flows[0].steps[0]
    worse = replace(step, copy=replace(step.copy, voter=(N_(long), N_(scolding))))
    wording = measure_readability(
        replace(BOOK, flows=(replace(BOOK.flows[0], steps=(worse,)),), easy_to_read_guides={}), Language.FRENCH
    )

    assert wording.too_long == (long,)
    assert wording.banned == (scolding,)


def test_words_sentences_and_syllables_are_counted() -> None:
    """An address is one word, a guillemet is no word, a colon ends a sentence, and a silent ending is no syllable."""
    assert split_words("Choisissez « Mot de passe oublié », s'il vous plaît.") == [
        "Choisissez",
        "Mot",
        "de",
        "passe",
        "oublié",
        "s'il",
        "vous",
        "plaît.",
    ]
    assert len(split_words("Par exemple camille.martin@ac-lumiere.example")) == 3
    assert sentences_of("Lisez : c'est court. Recommencez !") == ("Lisez :", "c'est court.", "Recommencez !")
    assert [count_syllables(word, Language.FRENCH) for word in ("passe", "messagerie", "lu", "oublié")] == [1, 4, 1, 2]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("preset", BOOKS)
def test_every_message_has_its_entry_its_cause_and_its_remedy(language: Language, preset: str) -> None:
    """Every possible refusal and field error has an entry with a cause and a remedy, without unfilled values."""
    book = BOOKS[preset]
    entries = {entry.id: entry for entry in all_error_help_entries(book, language)}
    steps = [step for flow in book.flows for step in flow.steps]
    fields = [each for step in steps for act in step.actions for each in act.fields]
    met = {refusal for step in steps for refusal in step.copy.refusals}
    refusals = {
        each.id for each in REFUSALS if not issubclass(each, errors.PolicyDependentStepRefusal) or each.id in met
    }

    assert entries.keys() == {slip.error.id for each in fields for slip in each.mistakes} | refusals
    assert [entry.id for entry in entries.values() if entry.cause is None or not entry.remedies] == []
    assert [entry.id for entry in entries.values() if UNKNOWN in str(entry)] == []


def test_every_error_says_its_cause() -> None:
    """Every error has a cause and an entry in the help, including errors of other policies and flows."""
    desk = (errors.DeskFieldRejected, errors.DeskRefusal)
    every = [each for each in vars(errors).values() if isinstance(each, type) and "id" in vars(each)]
    told = [each for each in every if not issubclass(each, desk)]

    assert [each.__name__ for each in told if each.cause is None] == []
    assert len(told) > 40
    explained = {entry.id for book in BOOKS.values() for entry in all_error_help_entries(book, Language.FRENCH)}
    assert {each.id for each in told} <= explained


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("preset", BOOKS)
def test_no_sentence_of_a_chapter_has_an_open_value(language: Language, preset: str) -> None:
    """All values in the sentences of a chapter are filled in.

    The names of the values that a flow uses are in `core.flows.example_facts`.
    """
    assert [
        chapter.slug for chapter in ChapterBuilder(BOOKS[preset], language).chapters() if UNKNOWN in str(chapter)
    ] == []


class UnknownFlowError(FieldRejected):
    """An error that belongs to a flow of no election."""

    id = "throwaway-spilt"
    sentence = N_("C'est tombé à côté.")


class AdvisedError(UnknownFlowError):
    id = "throwaway-advised"
    remedy = N_("Essuyez.")


@pytest.mark.parametrize("language", Language)
def test_an_error_of_another_flow_has_its_entry_too(language: Language) -> None:
    """If an example mistake names an error of an unknown flow, the error has an entry with the parser's numbers."""
    first = BOOK.flows[0].steps[0]
    field = first.actions[0].fields[0]
    unknown = (UnknownFlowError, AdvisedError)
    slips = tuple(FieldMistakeExample(typed={"email": "x@y.example"}, error=error) for error in unknown)
    spilt = replace(field, mistakes=slips)
    step = replace(first, actions=(replace(first.actions[0], fields=(spilt,)),))
    book = HelpSource(
        election=BOOK.election,
        flows=(Flow(slug="autre", title=N_("Autre"), steps=(step,)),),
        example=BOOK.example,
        scenarios=BOOK.scenarios,
    )
    entry, advised = (
        next(entry for entry in all_error_help_entries(book, language) if entry.id == error.id) for error in unknown
    )

    assert (entry.stops, [place.chapter for place in entry.places]) == (False, ["autre"])
    assert len(entry.remedies) == 1
    assert advised.remedies == ("Essuyez.",)


@pytest.mark.parametrize("print_html", [html_with_unbreakable_parts, escape_markdown])
def test_a_mail_address_in_a_sentence_is_linked_without_the_signs_around_it(
    print_html: Callable[[str], Markup],
) -> None:
    """Only the address itself becomes a link, in HTML and in Markdown. Punctuation around it stays outside the link."""
    linked = turn_addresses_into_links(print_html('Écrivez à secours@vote.example, ou (à "o\'brien@vote-2.example").'))

    paragraph = html.fromstring(f"<p>{linked}</p>")
    links = [(each.get("href"), each.text_content().replace("\\", "")) for each in paragraph.iter("a")]
    assert links == [(f"mailto:{address}", address) for address in ("secours@vote.example", "o'brien@vote-2.example")]
    read = paragraph.text_content().replace("\\", "")
    assert read == 'Écrivez à secours@vote.example, ou (à "o\'brien@vote-2.example").'

    (link,) = html.fromstring(
        f"<p>{turn_addresses_into_links(print_html('Lisez https://vote.example/a-b/c.'))}</p>"
    ).iter("a")
    assert (link.get("href"), link.tail.replace("\\", "")) == ("https://vote.example/a-b/c", ".")
    assert [part.text_content().replace("\\", "") for part in link] == ["https://vote.example/", "a-b/", "c"]


@pytest.mark.parametrize("print_html", [html_with_unbreakable_parts, escape_markdown])
@pytest.mark.parametrize("colon", [": ", "\xa0: "])
@pytest.mark.parametrize("address", ["https://vote.example/a-b", "o'brien@vote-2.example"])
def test_words_before_an_address_are_the_link(print_html: Callable[[str], Markup], colon: str, address: str) -> None:
    """If a sentence ends with a colon and an address, its words are the link, and the address is not shown."""
    (link,) = html.fromstring(f"<p>{turn_addresses_into_links(print_html(f'Par écrit{colon}{address}'))}</p>")

    assert (link.tag, link.text_content()) == ("a", "Par écrit")
    assert link.get("href").removeprefix("mailto:") == address


def test_a_chapter_without_an_overview_gives_the_desks_number() -> None:
    """The chapter of a flow without an overview still gives the helpdesk's number."""
    bare = replace(BOOK.flows[0], overview=None)
    chapter = ChapterBuilder(replace(BOOK, flows=(bare,)), Language.FRENCH).chapter_of(bare)

    assert chapter.lets_you is None
    assert [value for fact in chapter.facts for value in fact.values][:2] == [
        BOOK.election.site,
        BOOK.election.desk_phone,
    ]
