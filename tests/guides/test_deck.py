"""The deck: slides that can be shown, changed, and read aloud, with everything that is to be said in their notes."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.shapes.picture import Picture
from pptx.slide import Slide

from core.text import Language
from guides.chapters import Section
from guides.deck import deck_of
from guides.leaflets import Leaflet
from guides.shots import Width
from tests.support.guides import BOOK

LANGUAGES = {Language.FRENCH: "fr-FR", Language.ENGLISH: "en-GB"}
BEFORE_THE_STEPS = 2
"""Slides."""


@pytest.fixture(
    scope="module", params=[(flow.slug, language) for flow in BOOK.flows for language in Language], ids="-".join
)
def leaflet(request: pytest.FixtureRequest, leaflets: list[Leaflet]) -> Leaflet:
    """Each in its turn."""
    return next(each for each in leaflets if (each.chapter.slug, each.language) == request.param)


@pytest.fixture(scope="module")
def deck(leaflet: Leaflet) -> Deck:
    """Its deck, opened as its users do."""
    return Presentation(BytesIO(deck_of(leaflet)))


def texts(slide: Slide) -> list[str]:
    """All that can be read on it, box by box."""
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def steps(deck: Deck, leaflet: Leaflet) -> list[tuple[Section, Slide]]:
    """Each step with its slide."""
    return list(zip(leaflet.chapter.sections, list(deck.slides)[BEFORE_THE_STEPS:], strict=True))


def test_one_step_a_slide_under_a_real_title(deck: Deck, leaflet: Leaflet) -> None:
    """None twice, none left out: a reader's program lists them, and each begins with its code."""
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides if slide.shapes.title is not None]
    codes = leaflet.codes

    assert titles[:BEFORE_THE_STEPS] == [leaflet.chapter.title, f"{codes}  {leaflet.words['before_beginning']}"]
    assert titles[BEFORE_THE_STEPS:] == [f"{section.code}  {section.title}" for section in leaflet.chapter.sections]
    assert len(set(titles)) == len(deck.slides)


def test_a_slide_says_what_to_do_with_the_numbers_of_its_picture(deck: Deck, leaflet: Leaflet) -> None:
    """In words that can be changed, as a list that counts by itself."""
    for section, slide in steps(deck, leaflet):
        actions = [action for way in section.ways for action in way.actions]
        body = slide.placeholders[1]
        numbers = body.element.xpath(".//a:buAutoNum/@startAt")

        assert [action.sentence for action in actions if action.sentence not in body.text_frame.text] == []
        assert numbers == [str(action.number) for action in actions]
        assert actions or [said for said in section.says if said not in body.text_frame.text] == []


def test_the_notes_hold_the_full_text(deck: Deck, leaflet: Leaflet) -> None:
    """What to do, what the page says, what goes wrong and what to do then."""
    remedies = {entry.id: entry.remedies for entry in leaflet.entries}
    for section, slide in steps(deck, leaflet):
        notes = slide.notes_slide.notes_text_frame
        assert notes is not None
        wanted = [
            section.title,
            *(action.sentence for way in section.ways for action in way.actions),
            *section.says,
            *(text for each in section.troubles for text in (each.sign, each.remedy)),
            *(text for each in section.mishaps for text in (each.sentence, *remedies[each.id])),
        ]
        assert [text for text in wanted if text not in notes.text] == []
    assert all(slide.has_notes_slide for slide in deck.slides)


def test_what_one_needs_to_know_comes_before_the_first_step(deck: Deck, leaflet: Leaflet) -> None:
    """How many tries, the site's whole address, the desk's number."""
    said = texts(deck.slides[1])[1]

    for fact in leaflet.chapter.facts:
        assert [text for text in (fact.label, *fact.values) if text not in said] == []


def test_each_slide_says_which_edition_it_is_of_and_whom_to_call(deck: Deck, leaflet: Leaflet) -> None:
    """Whichever slide is copied into another deck."""
    for slide in deck.slides:
        said = " ".join(texts(slide))
        assert [each for each in (leaflet.election.site, leaflet.desk, leaflet.dated) if each not in said] == []
        assert any(section.code in said for section in leaflet.chapter.sections)
        assert slide.element.xpath(".//a:fld[@type='slidenum']")


def test_every_picture_is_described_and_nothing_else_is_one(deck: Deck, leaflet: Leaflet) -> None:
    """By the alternative text of the site; as large as fits beside the words, never stretched."""
    for section, slide in steps(deck, leaflet):
        (picture,) = [shape for shape in slide.shapes if isinstance(shape, Picture)]
        taken = leaflet.pictures[section.code, Width.DESKTOP]

        assert picture.element.xpath("p:nvPicPr/p:cNvPr/@descr") == [taken.alt]
        assert picture.width / picture.height == pytest.approx(taken.width / taken.height, rel=0.01)


def test_it_is_wide_and_nothing_hangs_out_of_it(deck: Deck) -> None:
    """16:9; boxes and pictures do not lie on each other."""
    assert deck.slide_width is not None
    assert deck.slide_height is not None
    assert deck.slide_width * 9 == deck.slide_height * 16
    for slide in deck.slides:
        for shape in slide.shapes:
            assert 0 <= shape.left <= shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= deck.slide_height
        assert [pair for pair in pairs(list(slide.shapes)) if lie_on_each_other(*pair)] == []


def pairs(shapes: list[Any]) -> list[tuple[Any, Any]]:
    """Any two."""
    return [(one, other) for index, one in enumerate(shapes) for other in shapes[index + 1 :]]


def lie_on_each_other(one: Any, other: Any) -> bool:  # noqa: ANN401  # any shape
    """Whether two boxes share more than an edge."""
    return bool(
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )


def test_every_word_says_its_language(deck: Deck, leaflet: Leaflet) -> None:
    """The notes' too; so does the file."""
    for slide in deck.slides:
        for part in (slide.element, slide.notes_slide.element):
            assert set(part.xpath(".//a:r[string(a:t)]/a:rPr/@lang")) == {LANGUAGES[leaflet.language]}
            assert part.xpath(".//a:r[string(a:t)][not(a:rPr/@lang)]") == []
    assert (deck.core_properties.language, deck.core_properties.title) == (leaflet.language, leaflet.title)


def test_the_same_leaflet_gives_the_same_bytes(leaflets: list[Leaflet]) -> None:
    """Nothing of the moment is in it."""
    short = replace(leaflets[3], entries=())

    assert deck_of(short) == deck_of(short)
