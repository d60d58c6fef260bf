"""The positions of a picture's callouts are computed before anything is drawn."""

from itertools import pairwise

import pytest
from PIL import Image

from guides.pictures.callouts import (
    GUTTER,
    LEAST_NUMBER_DISTANCE,
    RADIUS,
    Box,
    CalloutAnchor,
    CalloutColours,
    CalloutOverlapsText,
    draw_callouts,
    place_callouts,
)

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
HEIGHT = 400


def box(top: float, *, left: float = 80, height: float = 40) -> Box:
    """Return the box of an element to which a callout points."""
    return Box(left, top, left + 200, top + height)


def test_a_line_ends_just_before_the_thing_and_goes_round_a_text() -> None:
    """A line leads to the middle of its element, or goes round a text. If it cannot, the picture is refused."""
    (callout,) = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [], HEIGHT)
    assert (callout.y, callout.level) == (120, 120)
    assert GUTTER < callout.end < 80

    text = Box(50, 112, 75, 132)
    (callout,) = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [text], HEIGHT)
    assert not any(each.overlaps(text) for each in callout.boxes())

    text = Box(50, 90, 75, 150)
    with pytest.raises(CalloutOverlapsText, match="Continuer"):
        place_callouts([CalloutAnchor(1, "Continuer", box(100))], [text], HEIGHT)


def test_numbers_do_not_touch() -> None:
    """Even if their elements are close together, numbers do not touch, keep their order and stay inside the picture."""
    wanted = [CalloutAnchor(number, "…", box(380 - 12 * number, height=10)) for number in range(1, 6)]

    heights = [callout.y for callout in place_callouts(wanted, [], HEIGHT)]
    assert all(lower - upper >= LEAST_NUMBER_DISTANCE for upper, lower in pairwise(heights))
    assert all(RADIUS <= y <= HEIGHT - RADIUS for y in heights)


def test_the_screenshot_is_unchanged_outside_the_line() -> None:
    """Every pixel of the screenshot outside the line and its border is unchanged."""
    page = Image.effect_noise((300, HEIGHT), 90).convert("RGB")
    (callout,) = callouts = place_callouts([CalloutAnchor(1, "Continuer", box(100))], [], HEIGHT)

    whole = draw_callouts(page, callouts, CalloutColours(mark=BLACK, paper=WHITE), 1)

    line = callout.boxes()[2]
    for kept in (Box(GUTTER, 0, 300, line.top - 5), Box(GUTTER, line.bottom + 5, 300, HEIGHT), Box(90, 0, 300, HEIGHT)):
        area = tuple(int(side) for side in kept)
        assert whole.crop(area).tobytes() == page.crop((area[0] - GUTTER, area[1], area[2] - GUTTER, area[3])).tobytes()
