"""A slide deck can be shown, edited and read aloud, and its notes contain the full text."""

from dataclasses import replace
from io import BytesIO
from itertools import cycle
from typing import Any

import pytest
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.shapes.picture import Picture
from pptx.slide import Slide
from pptx.util import Pt

from core.text.text import Language
from guides.chapter_builder import StepSection
from guides.deck import build_deck
from guides.handout_content import HandoutContent
from guides.picture_manifest import ScreenWidth
from tests.support.guides import BOOK, SIZES

TALL = SIZES[ScreenWidth.PHONE][1]
LANGUAGES = {Language.FRENCH: "fr-FR", Language.ENGLISH: "en-GB"}


SHOWN = [(flow.slug, language) for flow, language in zip(BOOK.flows, cycle(Language), strict=False)]
"""One handout for each flow. tests/test_faces.py checks that the decks contain each sentence in both languages."""


@pytest.fixture(scope="module", params=SHOWN, ids="-".join)
def handout(request: pytest.FixtureRequest, handouts: list[HandoutContent]) -> HandoutContent:
    """Return one handout after the other."""
    return next(each for each in handouts if (each.chapter.slug, each.language) == request.param)


@pytest.fixture(scope="module")
def deck(handout: HandoutContent) -> Deck:
    """Return the slide deck of the handout, opened from its bytes."""
    return Presentation(BytesIO(build_deck(handout)))


def texts(slide: Slide) -> list[str]:
    """Return the text of each box on a slide."""
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def steps(deck: Deck, handout: HandoutContent) -> list[tuple[StepSection, list[Slide]]]:
    """Return each step of the handout with its slides."""
    around = [*text_slides(deck, handout, "before_beginning"), *text_slides(deck, handout, "if_it_goes_wrong")]
    slides = [slide for slide in list(deck.slides)[1:] if title_of(slide) not in map(title_of, around)]
    told = [
        (
            section,
            [slide for slide in slides if title_of(slide).startswith(f"{section.numbered_code}  {section.title}")],
        )
        for section in handout.chapter.sections
    ]
    assert [slide.slide_id for _, of_step in told for slide in of_step] == [slide.slide_id for slide in slides]
    return told


def text_slides(deck: Deck, handout: HandoutContent, name: str) -> list[Slide]:
    """Return the slides before the steps, or those about common problems after the steps, by the name of their title."""
    title = f"{handout.step_code_range}  {handout.words[name]}"
    return [slide for slide in deck.slides if title_of(slide).startswith(title)]


def title_of(slide: Slide) -> str:
    assert slide.shapes.title is not None
    return slide.shapes.title.text_frame.text


def test_each_step_has_titled_slides(deck: Deck, handout: HandoutContent) -> None:
    """The slides of each step come in order. Their titles begin with the step code, and no two are the same."""
    titles = [title_of(slide) for slide in deck.slides]

    assert titles[0] == handout.chapter.title
    assert text_slides(deck, handout, "before_beginning")
    assert all(slides for _, slides in steps(deck, handout))
    assert len(set(titles)) == len(deck.slides)


def test_the_slides_of_a_step_say_what_to_do_with_the_numbers_of_their_pictures(
    deck: Deck, handout: HandoutContent
) -> None:
    """A slide gives its instructions in a list with automatic numbers, and its picture shows the same numbers."""
    for section, slides in steps(deck, handout):
        actions = [action for way in section.ways for action in way.actions]
        marks = {mark.number: mark for mark in handout.pictures[section.code, ScreenWidth.PHONE].marks}
        told = list[str]()
        for slide in slides:
            body = slide.placeholders[1]
            numbers = [int(number) for number in body.element.xpath(".//a:buAutoNum/@startAt")]
            told += [actions[len(told) + place].sentence for place in range(len(numbers))]
            (picture,) = [shape for shape in slide.shapes if isinstance(shape, Picture)]
            top, bottom = picture.crop_top * TALL, (1 - picture.crop_bottom) * TALL
            seen = [number for number, mark in marks.items() if top <= mark.top and mark.bottom <= bottom + 1]

            assert [
                sentence for sentence in told[len(told) - len(numbers) :] if sentence not in body.text_frame.text
            ] == []
            assert numbers == seen
            assert actions or [said for said in section.says if said not in body.text_frame.text] == []
        assert told == [action.sentence for action in actions]


def test_the_notes_hold_the_full_text(deck: Deck, handout: HandoutContent) -> None:
    """The notes contain the instructions, the sentences of the page, the possible problems and their remedies."""
    remedies = {entry.id: entry.remedies for entry in handout.entries}
    for section, slide in ((section, slide) for section, slides in steps(deck, handout) for slide in slides):
        notes = slide.notes_slide.notes_text_frame
        assert notes is not None
        wanted = [
            section.title,
            *(action.sentence for way in section.ways for action in way.actions),
            *section.says,
            *(text for each in section.troubles for text in each),
            *(text for each, told in section.mishaps.items() for text in (told, *remedies[each])),
        ]
        assert [text for text in wanted if text not in notes.text] == []
    assert all(slide.has_notes_slide for slide in deck.slides)


def test_requirements_come_before_the_first_step_and_problems_after_the_last(
    deck: Deck, handout: HandoutContent
) -> None:
    """The number of tries, the address of the site and the helpdesk's number come first, common problems last."""
    said, problems = (
        "\n".join(texts(slide)[1] for slide in text_slides(deck, handout, name))
        for name in ("before_beginning", "if_it_goes_wrong")
    )

    for fact in handout.chapter.facts:
        assert [text for text in (fact.label, *fact.values) if text not in said] == []
    told = [text for section in handout.chapter.sections for each in section.troubles for text in each]
    assert [text for text in told if text not in problems] == []
    assert not problems or title_of(list(deck.slides)[-1]) in map(
        title_of, text_slides(deck, handout, "if_it_goes_wrong")
    )


def test_each_slide_has_the_edition_and_the_desks_number(deck: Deck, handout: HandoutContent) -> None:
    """Each slide shows the edition and the helpdesk's number, because it may be copied into another deck."""
    for slide in deck.slides:
        said = " ".join(texts(slide))
        assert [each for each in (handout.election.site, handout.desk, handout.dated) if each not in said] == []
        assert any(section.code in said for section in handout.chapter.sections)
        assert slide.element.xpath(".//a:fld[@type='slidenum']")


def test_every_picture_is_described_not_stretched_and_readable(deck: Deck, handout: HandoutContent) -> None:
    """Every picture has an alternative text, is not stretched, and shows letters of 16 pixels in at least 18 points."""
    for section, slide in ((section, slide) for section, slides in steps(deck, handout) for slide in slides):
        (picture,) = [shape for shape in slide.shapes if isinstance(shape, Picture)]
        taken = handout.pictures[section.code, ScreenWidth.PHONE]
        shown = taken.height * (1 - picture.crop_top - picture.crop_bottom)

        assert picture.element.xpath("p:nvPicPr/p:cNvPr/@descr") == [taken.alt]
        assert picture.width / picture.height == pytest.approx(taken.width / shown, rel=0.01)
        assert picture.width / taken.width * 16 >= Pt(18) - 1


def test_letters_can_be_read_from_the_back_of_a_room(deck: Deck) -> None:
    """No letter in the slides, the layouts and the master is smaller than 18 points."""
    parts = [deck.slide_master, *deck.slide_layouts, *deck.slides]
    sizes = [int(size) for part in parts for size in part.element.xpath(".//@sz") if size.isdigit()]
    assert sizes
    assert min(sizes) >= 1800


def test_slides_are_wide_and_boxes_do_not_overlap(deck: Deck) -> None:
    """Slides have the format 16:9, and their boxes and pictures neither overlap nor leave the slide."""
    assert deck.slide_width is not None
    assert deck.slide_height is not None
    assert deck.slide_width * 9 == deck.slide_height * 16
    for slide in deck.slides:
        for shape in slide.shapes:
            assert 0 <= shape.left <= shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= deck.slide_height
        assert [pair for pair in pairs(list(slide.shapes)) if overlap(*pair)] == []


def pairs(shapes: list[Any]) -> list[tuple[Any, Any]]:
    """Return all pairs of shapes on a slide."""
    return [(one, other) for index, one in enumerate(shapes) for other in shapes[index + 1 :]]


def overlap(one: Any, other: Any) -> bool:  # noqa: ANN401  # any shape
    """Return whether two boxes share more than an edge."""
    return bool(
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )


def test_all_text_declares_its_language(deck: Deck, handout: HandoutContent) -> None:
    """The file, and every run of text in slides and notes, declare their language."""
    for slide in deck.slides:
        for part in (slide.element, slide.notes_slide.element):
            assert set(part.xpath(".//a:r[string(a:t)]/a:rPr/@lang")) == {LANGUAGES[handout.language]}
            assert part.xpath(".//a:r[string(a:t)][not(a:rPr/@lang)]") == []
    assert (deck.core_properties.language, deck.core_properties.title) == (handout.language, handout.title)


def test_the_same_content_gives_the_same_bytes(handouts: list[HandoutContent]) -> None:
    """The same content always gives the same bytes."""
    short = replace(handouts[3], entries=())

    assert build_deck(short) == build_deck(short)
