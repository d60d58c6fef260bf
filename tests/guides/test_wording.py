"""The help can be read by someone in a hurry."""

from dataclasses import replace

import pytest

from core import errors
from core.catalogue import REFUSALS
from core.example import UNKNOWN
from core.flows.password import password_flow
from core.policy import PRESETS
from core.steps import Flow, Rejected, Slip
from core.text import N_, Language
from guides.book import Book
from guides.chapters import Chapters
from guides.entries import entries_of
from guides.wording import AVERAGE, LONGEST, split, syllables_of, wording_of, words_of
from tests.support.guides import BOOK


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("preset", PRESETS)
def test_sentences_are_short_and_no_word_scolds(language: Language, preset: str) -> None:
    """At most twenty words, twelve on average, under each policy; plain by the measure of that language."""
    flow = password_flow(PRESETS[preset]).flow
    wording = wording_of(replace(BOOK, flows=(flow, *BOOK.flows[1:])), language)

    assert wording.too_long == ()
    assert wording.banned == ()
    assert wording.average <= AVERAGE
    assert wording.ease >= 60
    assert wording.sentences > 150


def test_what_is_too_long_or_scolds_is_found() -> None:
    """A sentence of twenty-one words, and one that says "invalide"."""
    long, scolding = " ".join(["mot"] * (LONGEST + 1)), "Adresse invalide."
    step = BOOK.flows[0].steps[0]
    worse = replace(step, copy=replace(step.copy, voter=(N_(long), N_(scolding))))
    wording = wording_of(replace(BOOK, flows=(replace(BOOK.flows[0], steps=(worse,)),)), Language.FRENCH)

    assert wording.too_long == (long,)
    assert wording.banned == (scolding,)


def test_what_counts_as_a_word_a_sentence_and_a_syllable() -> None:
    """Addresses are one word, guillemets none; a colon ends a sentence; a mute ending is not heard."""
    assert words_of("Choisissez « Mot de passe oublié », s'il vous plaît.") == [
        "Choisissez",
        "Mot",
        "de",
        "passe",
        "oublié",
        "s'il",
        "vous",
        "plaît.",
    ]
    assert len(words_of("Par exemple camille.martin@ac-lumiere.example")) == 3
    assert split("Lisez : c'est court. Recommencez !") == ("Lisez :", "c'est court.", "Recommencez !")
    assert [syllables_of(word, Language.FRENCH) for word in ("passe", "messagerie", "lu", "oublié")] == [1, 4, 1, 2]


@pytest.mark.parametrize("language", Language)
def test_every_message_has_its_entry_its_cause_and_its_remedy(language: Language) -> None:
    """Every refusal, and all that a field can tell; nothing in it is left open."""
    entries = {entry.id: entry for entry in entries_of(BOOK, language)}
    fields = [each for flow in BOOK.flows for step in flow.steps for act in step.acts for each in act.fields]

    assert entries.keys() == {slip.told.id for each in fields for slip in each.slips} | {each.id for each in REFUSALS}
    assert [entry.id for entry in entries.values() if entry.cause is None or not entry.remedies] == []
    assert [entry.id for entry in entries.values() if UNKNOWN in str(entry)] == []


def test_every_error_says_its_cause() -> None:
    """Also those that only another policy, or another flow, can tell."""
    desk = (errors.DeskRejected, errors.DeskRefusal)
    every = [each for each in vars(errors).values() if isinstance(each, type) and "id" in vars(each)]
    told = [each for each in every if not issubclass(each, desk)]

    assert [each.__name__ for each in told if each.cause is None] == []
    assert len(told) > 40


@pytest.mark.parametrize("language", Language)
def test_no_sentence_of_a_chapter_is_left_open(language: Language) -> None:
    """The fictional voter has a value for each name; a flow with another name gives it to `core.example`."""
    assert [chapter.slug for chapter in Chapters(BOOK, language).all() if UNKNOWN in str(chapter)] == []


class Spilt(Rejected):
    """An error of a flow that no election has."""

    id = "throwaway-spilt"
    sentence = N_("C'est tombé à côté.")


@pytest.mark.parametrize("language", Language)
def test_an_error_of_another_flow_has_its_entry_too(language: Language) -> None:
    """By its slip alone; the numbers of its sentence are those of the parser."""
    first = BOOK.flows[0].steps[0]
    field = first.acts[0].fields[0]
    spilt = replace(field, slips=(Slip(typed={"email": "x@y.example"}, told=Spilt),))
    step = replace(first, act=replace(first.acts[0], fields=(spilt,)))
    book = Book(
        election=BOOK.election, flows=(Flow(slug="autre", title=N_("Autre"), steps=(step,)),), example=BOOK.example
    )
    entry = next(entry for entry in entries_of(book, language) if entry.id == Spilt.id)

    assert (entry.stops, [place.chapter for place in entry.places]) == (False, ["autre"])
    assert len(entry.remedies) == 1


def test_a_chapter_without_a_brief_still_says_where_to_call() -> None:
    """A flow need not say what it is for."""
    bare = replace(BOOK.flows[0], brief=None)
    chapter = Chapters(replace(BOOK, flows=(bare,)), Language.FRENCH).of(bare)

    assert chapter.lets_you is None
    assert [value for fact in chapter.facts for value in fact.values][:2] == [
        BOOK.election.site,
        BOOK.election.desk_phone,
    ]
