"""Where the numbers of a picture stand, decided before anything is drawn."""

from itertools import pairwise

import pytest
from PIL import Image

from guides.pictures.callouts import (
    APART,
    GUTTER,
    MOST,
    RADIUS,
    Ink,
    MarkOnText,
    TooFaint,
    TooManyMarks,
    Wanted,
    contrast,
    drawn,
    placed,
)
from guides.pictures.shapes import Box

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (150, 150, 150)
HEIGHT = 400


def box(top: float, *, left: float = 80, height: float = 40) -> Box:
    """Something to point to."""
    return Box(left, top, left + 200, top + height)


def test_a_line_ends_just_before_the_thing() -> None:
    """At half its height, coming from the gutter."""
    (callout,) = placed([Wanted(1, "Continuer", box(100))], [], HEIGHT)

    assert (callout.y, callout.level) == (120, 120)
    assert GUTTER < callout.end < 80


def test_a_number_never_lies_on_a_text() -> None:
    """Where the way to the thing is full of text, the picture is refused, and the thing is named."""
    text = Box(50, 90, 75, 150)

    with pytest.raises(MarkOnText, match="Continuer"):
        placed([Wanted(1, "Continuer", box(100))], [text], HEIGHT)


def test_a_line_goes_round_a_text() -> None:
    """It reaches the thing where its side is free."""
    text = Box(50, 112, 75, 132)

    (callout,) = placed([Wanted(1, "Continuer", box(100))], [text], HEIGHT)

    assert not any(each.meets(text) for each in callout.boxes())


def test_numbers_do_not_touch() -> None:
    """However near the things are; each in the order of the page, inside the picture."""
    wanted = [Wanted(number, "…", box(380 - 12 * number, height=10)) for number in range(1, MOST + 1)]

    heights = [callout.y for callout in placed(wanted, [], HEIGHT)]

    assert all(lower - upper >= APART for upper, lower in pairwise(heights))
    assert all(RADIUS <= y <= HEIGHT - RADIUS for y in heights)


def test_a_reader_is_not_asked_to_hold_more_than_five() -> None:
    """More is refused."""
    with pytest.raises(TooManyMarks):
        placed([Wanted(number, "…", box(60 * number)) for number in range(MOST + 1)], [], 1000)


def test_contrast_is_that_of_wcag() -> None:
    """Its two ends, and a value from its own examples."""
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.01)


def test_faint_marks_are_refused() -> None:
    """Both the digit on its disc and the disc on the paper must be seen."""
    callouts = placed([Wanted(1, "Continuer", box(100))], [], HEIGHT)

    with pytest.raises(TooFaint):
        drawn(Image.new("RGB", (300, HEIGHT)), callouts, Ink(mark=GREY, paper=WHITE), 1)


def test_nothing_of_the_page_is_dimmed_or_covered() -> None:
    """But for the line and its casing, every pixel of the photograph stays as it was."""
    page = Image.effect_noise((300, HEIGHT), 90).convert("RGB")
    (callout,) = callouts = placed([Wanted(1, "Continuer", box(100))], [], HEIGHT)

    whole = drawn(page, callouts, Ink(mark=BLACK, paper=WHITE), 1)

    line = callout.boxes()[2]
    for kept in (Box(GUTTER, 0, 300, line.top - 5), Box(GUTTER, line.bottom + 5, 300, HEIGHT), Box(90, 0, 300, HEIGHT)):
        area = tuple(int(side) for side in kept)
        assert whole.crop(area).tobytes() == page.crop((area[0] - GUTTER, area[1], area[2] - GUTTER, area[3])).tobytes()
