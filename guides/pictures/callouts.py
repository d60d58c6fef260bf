"""Numbers in a gutter beside a picture, each with a line to what it points to: never on a text, never too faint.

Where they stand is decided here in CSS pixels, before anything is drawn, so that it can be proved of every picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from guides.pictures import PictureRefused
from guides.pictures.shapes import Box

MOST = 5
GUTTER = 44
RADIUS = 14
APART = 2 * RADIUS + 6
GAP = 5
"""Between the end of a line and what it points to."""
LINE = 2
CASING = 2
"""On each side of a line, in the paper's colour: what it crosses never swallows it."""
DOT = 4
DIGIT = 17
SMOOTH = 4
"""How much larger the curves are drawn before they are reduced."""
MARK_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11: what one needs to see that is no text."""
DIGIT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3."""

Colour = tuple[int, int, int]


class MarkOnText(PictureRefused):
    """A number or its line would lie on a text; the words of what it points to."""


class TooFaint(PictureRefused):
    """The colours of the marks are too near each other: their contrast."""

    def __init__(self, found: float) -> None:
        super().__init__(f"{found:.2f}")


class TooManyMarks(PictureRefused):
    """More things to point to than a reader can hold."""


@dataclass(frozen=True, slots=True)
class Ink:
    """What marks are drawn with."""

    mark: Colour
    paper: Colour


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing to point to, in the picture's coordinates: the gutter is on its left already."""

    number: int
    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class CallOut:
    """A number at (GUTTER / 2, `y`), its line bending at the gutter's edge to (`end`, `level`)."""

    number: int
    label: str
    y: float
    level: float
    end: float

    def boxes(self) -> tuple[Box, ...]:
        """What it covers: the disc, the line in the gutter, the line in the picture."""
        centre, thick = GUTTER / 2, LINE / 2 + CASING
        disc = Box(centre - RADIUS, self.y - RADIUS, centre + RADIUS, self.y + RADIUS)
        slope = Box(centre, min(self.y, self.level) - thick, GUTTER, max(self.y, self.level) + thick)
        line = Box(GUTTER, self.level - thick, self.end + DOT, self.level + thick)
        return disc, slope, line


def placed(wanted: Sequence[Wanted], texts: Sequence[Box], height: float) -> tuple[CallOut, ...]:
    """Where each number stands in a picture of that height. Raises MarkOnText, TooManyMarks."""
    if len(wanted) > MOST:
        raise TooManyMarks(", ".join(each.label for each in wanted))
    levelled = sorted(((_level(each, texts), each) for each in wanted), key=lambda pair: pair[0])
    heights = _spread([level for level, _ in levelled], height)
    made = tuple(
        CallOut(each.number, each.label, y, level, each.box.left - GAP)
        for y, (level, each) in zip(heights, levelled, strict=True)
    )
    for callout in made:
        if any(box.meets(text) for box in callout.boxes() for text in texts):
            raise MarkOnText(callout.label)
    return made


def _level(each: Wanted, texts: Sequence[Box]) -> float:
    """The height at which the thing can be reached from the gutter: half-way down, or the nearest that is free."""
    box = each.box
    steps = sorted(
        (box.top + (box.bottom - box.top) * part / 8 for part in range(1, 8)), key=lambda y: abs(y - box.middle)
    )
    return next((y for y in steps if _free(y, box, texts)), box.middle)


def _free(y: float, box: Box, texts: Sequence[Box]) -> bool:
    line = Box(GUTTER, y - LINE / 2 - CASING, box.left - GAP + DOT, y + LINE / 2 + CASING)
    return not any(line.meets(text) for text in texts)


def _spread(levels: Sequence[float], height: float) -> list[float]:
    """The levels, moved apart just enough for their discs, inside the picture."""
    spread: list[float] = []
    for level in levels:
        spread.append(max(level, spread[-1] + APART if spread else RADIUS + 1))
    ceiling = height - RADIUS - 1
    for index in reversed(range(len(spread))):
        spread[index] = min(spread[index], ceiling)
        ceiling = spread[index] - APART
    return spread


def require_contrast(ink: Ink) -> None:
    """Raises TooFaint."""
    found = contrast(ink.mark, ink.paper)
    if found < max(MARK_CONTRAST, DIGIT_CONTRAST):  # the digit is of the paper's colour, on the disc
        raise TooFaint(found)


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB's own numbers


def drawn(picture: Image.Image, callouts: Sequence[CallOut], ink: Ink, scale: float) -> Image.Image:
    """The picture with a gutter on its left and the numbers in it. `scale` is device pixels a CSS pixel."""
    if not callouts:
        return picture
    require_contrast(ink)
    whole = Image.new("RGB", (picture.width + round(GUTTER * scale), picture.height), ink.paper)
    whole.paste(picture, (round(GUTTER * scale), 0))
    whole.paste(_gutter(callouts, ink, scale, picture.height), (0, 0))
    for callout in callouts:
        _draw_line(whole, callout, ink, scale)
    return whole


def _gutter(callouts: Sequence[CallOut], ink: Ink, scale: float, height: int) -> Image.Image:
    """The strip with the discs, drawn large and reduced so that its curves are smooth."""
    large = scale * SMOOTH
    width = round(GUTTER * scale)
    strip = Image.new("RGB", (width * SMOOTH, height * SMOOTH), ink.paper)
    draw, centre = ImageDraw.Draw(strip), GUTTER / 2 * large
    font = ImageFont.load_default(DIGIT * large)
    for each in callouts:
        bend = [(centre, each.y * large), (GUTTER * large, each.level * large)]
        draw.line(bend, fill=ink.mark, width=round(LINE * large))
    for each in callouts:
        draw.circle((centre, each.y * large), RADIUS * large, fill=ink.mark)
        draw.text((centre, each.y * large), str(each.number), ink.paper, font, anchor="mm", stroke_width=0.4 * large)
    return strip.reduce(SMOOTH)


def _draw_line(whole: Image.Image, each: CallOut, ink: Ink, scale: float) -> None:
    """From the gutter's edge to the thing, with its casing and the dot at its end."""
    draw = ImageDraw.Draw(whole)
    start, end, level = GUTTER * scale, each.end * scale, each.level * scale
    for colour, thick in ((ink.paper, LINE / 2 + CASING), (ink.mark, LINE / 2)):
        top, bottom = round(level - thick * scale), round(level + thick * scale)
        draw.rectangle((start, top, end, bottom - 1), fill=colour)
    _dot(whole, (end, level), ink, scale)


def _dot(whole: Image.Image, centre: tuple[float, float], ink: Ink, scale: float) -> None:
    reach = round((DOT + CASING) * scale)
    left, top = round(centre[0]) - reach, round(centre[1]) - reach
    patch = whole.crop((left, top, left + 2 * reach, top + 2 * reach))
    large = patch.resize((patch.width * SMOOTH, patch.height * SMOOTH), Image.Resampling.NEAREST)
    ImageDraw.Draw(large).circle((reach * SMOOTH, reach * SMOOTH), DOT * scale * SMOOTH, fill=ink.mark)
    whole.paste(large.reduce(SMOOTH), (left, top))
