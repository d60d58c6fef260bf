"""The places of a picture's callout numbers are decided before anything is drawn."""

from itertools import pairwise

import pytest
from PIL import Image

from guides.pictures.callouts import (
    APART,
    GUTTER,
    MOST,
    RADIUS,
    CalloutAnchor,
    CalloutColours,
    CalloutOnText,
    ContrastTooLow,
    TooManyMarks,
    contrast,
    draw_callouts,
    place_callouts,
)
from guides.pictures.rectangles import Box

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (150, 150, 150)
HEIGHT = 400


def box(top: float, *, left: float = 80, height: float = 40) -> Box:
    """Return a box to point to."""
    return Box(left, top, left + 200, top + height)


def test_a_line_ends_just_before_the_thing_and_goes_round_a_text() -> None:
    """A line comes from the margin to half the height of the thing, from a side without text; a picture without one is refused."""
    (callout,) = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [], HEIGHT)
    assert (callout.y, callout.level) == (120, 120)
    assert GUTTER < callout.end < 80

    text = Box(50, 112, 75, 132)
    (callout,) = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [text], HEIGHT)
    assert not any(each.overlaps(text) for each in callout.boxes())

    text = Box(50, 90, 75, 150)
    with pytest.raises(CalloutOnText, match="Continuer"):
        place_callouts([CalloutAnchor(1, "Continuer", box(100))], [text], HEIGHT)


def test_at_most_five_numbers_do_not_touch() -> None:
    """Numbers do not touch however near the things are, and stay in page order inside the picture; a sixth is refused."""
    wanted = [CalloutAnchor(number, "…", box(380 - 12 * number, height=10)) for number in range(1, MOST + 1)]
    heights = [callout.y for callout in place_callouts(wanted, [], HEIGHT)]
    assert all(lower - upper >= APART for upper, lower in pairwise(heights))
    assert all(RADIUS <= y <= HEIGHT - RADIUS for y in heights)

    with pytest.raises(TooManyMarks):
        place_callouts([CalloutAnchor(number, "…", box(60 * number)) for number in range(MOST + 1)], [], 1000)


def test_marks_of_low_contrast_are_refused() -> None:
    """The contrast is computed as in WCAG; a picture whose digit or disc has too little is refused."""
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.01)

    callouts = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [], HEIGHT)
    with pytest.raises(ContrastTooLow):
        draw_callouts(Image.new("RGB", (300, HEIGHT)), callouts, CalloutColours(mark=GREY, paper=WHITE), 1)


def test_the_screenshot_is_unchanged_outside_the_line() -> None:
    """Outside the line and its outline every pixel of the screenshot is unchanged."""
    page = Image.effect_noise((300, HEIGHT), 90).convert("RGB")
    (callout,) = callouts = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [], HEIGHT)

    whole = draw_callouts(page, callouts, CalloutColours(mark=BLACK, paper=WHITE), 1)

    line = callout.boxes()[2]
    for kept in (Box(GUTTER, 0, 300, line.top - 5), Box(GUTTER, line.bottom + 5, 300, HEIGHT), Box(90, 0, 300, HEIGHT)):
        area = tuple(int(side) for side in kept)
        assert whole.crop(area).tobytes() == page.crop((area[0] - GUTTER, area[1], area[2] - GUTTER, area[3])).tobytes()
