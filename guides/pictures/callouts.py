"""Adds a margin with numbers (the gutter) on the left of a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from guides.pictures import PictureRefused

GUTTER = 44
RADIUS = 14
LEAST_NUMBER_DISTANCE = 2 * RADIUS + 6
GAP = 5
"""Distance between an element and the line that points to it, in CSS pixels."""
LINE = 2
CASING = 2
"""Width of the light border on each side of a line, in CSS pixels."""
DOT = 4
DIGIT = 17
SMOOTH = 4
"""To look smooth, curves are drawn this many times larger and then scaled down."""

HEAVIEST = 60_000
"""Maximum size of a picture file, in bytes."""
COLOURS = 256
"""Number of colours in a picture."""
EFFORT = {"quality": 20, "method": 1}
"""Pillow's settings for lossless WebP."""

Colour = tuple[int, int, int]


class Box(NamedTuple):
    """A rectangle in CSS pixels. The origin is at the top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def vertical_middle(self) -> float:
        return (self.top + self.bottom) / 2

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def moved(self, right: float, down: float) -> "Box":
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)


class CalloutOverlapsText(PictureRefused):
    pass


@dataclass(frozen=True, slots=True)
class CalloutColours:
    mark: Colour
    paper: Colour


@dataclass(frozen=True, slots=True)
class CalloutAnchor:
    """An element that a callout points to. `box` is measured from the left edge of the gutter."""

    number: int
    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Callout:
    """A numbered disc at height `y` in the gutter. A line leads from the disc to (`end`, `level`)."""

    number: int
    label: str
    y: float
    level: float
    end: float

    def boxes(self) -> tuple[Box, ...]:
        centre, thick = GUTTER / 2, LINE / 2 + CASING
        disc = Box(centre - RADIUS, self.y - RADIUS, centre + RADIUS, self.y + RADIUS)
        slope = Box(centre, min(self.y, self.level) - thick, GUTTER, max(self.y, self.level) + thick)
        line = Box(GUTTER, self.level - thick, self.end + DOT, self.level + thick)
        return disc, slope, line


def place_callouts(anchors: Sequence[CalloutAnchor], text_boxes: Sequence[Box], height: float) -> tuple[Callout, ...]:
    levelled = sorted(((_level(each, text_boxes), each) for each in anchors), key=lambda pair: pair[0])
    heights = _spread([level for level, _ in levelled], height)
    made = tuple(
        Callout(each.number, each.label, y, level, each.box.left - GAP)
        for y, (level, each) in zip(heights, levelled, strict=True)
    )
    for callout in made:
        if any(box.overlaps(text) for box in callout.boxes() for text in text_boxes):
            raise CalloutOverlapsText(callout.label)
    return made


def _level(each: CalloutAnchor, texts: Sequence[Box]) -> float:
    """Choose a y coordinate at which the callout's line crosses no text, if possible."""
    box = each.box
    steps = sorted(
        (box.top + (box.bottom - box.top) * part / 8 for part in range(1, 8)),
        key=lambda y: abs(y - box.vertical_middle),
    )
    return next((y for y in steps if _free(y, box, texts)), box.vertical_middle)


def _free(y: float, box: Box, texts: Sequence[Box]) -> bool:
    line = Box(GUTTER, y - LINE / 2 - CASING, box.left - GAP + DOT, y + LINE / 2 + CASING)
    return not any(line.overlaps(text) for text in texts)


def _spread(levels: Sequence[float], height: float) -> list[float]:
    """Move `levels` apart so that the numbers do not overlap."""
    spread: list[float] = []
    for level in levels:
        spread.append(max(level, spread[-1] + LEAST_NUMBER_DISTANCE if spread else RADIUS + 1))
    ceiling = height - RADIUS - 1
    for index in reversed(range(len(spread))):
        spread[index] = min(spread[index], ceiling)
        ceiling = spread[index] - LEAST_NUMBER_DISTANCE
    return spread


def encode_picture(
    photograph: Image.Image, callouts: Sequence[Callout], callout_colours: CalloutColours, scale: float
) -> bytes:
    numbered = draw_callouts(photograph, callouts, callout_colours, scale)
    written = BytesIO()
    few_colours = numbered.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few_colours.save(written, "WEBP", lossless=True, **EFFORT)
    return written.getvalue()


def draw_callouts(
    picture: Image.Image, callouts: Sequence[Callout], callout_colours: CalloutColours, scale: float
) -> Image.Image:
    """Return the picture with callouts. `scale` is in device pixels per CSS pixel."""
    if not callouts:
        return picture
    whole = Image.new("RGB", (picture.width + round(GUTTER * scale), picture.height), callout_colours.paper)
    whole.paste(picture, (round(GUTTER * scale), 0))
    whole.paste(_gutter(callouts, callout_colours, scale, picture.height), (0, 0))
    for callout in callouts:
        _draw_line(whole, callout, callout_colours, scale)
    return whole


def _gutter(callouts: Sequence[Callout], ink: CalloutColours, scale: float, height: int) -> Image.Image:
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


def _draw_line(whole: Image.Image, each: Callout, ink: CalloutColours, scale: float) -> None:
    draw = ImageDraw.Draw(whole)
    start, end, level = GUTTER * scale, each.end * scale, each.level * scale
    for colour, thick in ((ink.paper, LINE / 2 + CASING), (ink.mark, LINE / 2)):
        top, bottom = round(level - thick * scale), round(level + thick * scale)
        draw.rectangle((start, top, end, bottom - 1), fill=colour)
    _dot(whole, (end, level), ink, scale)


def _dot(whole: Image.Image, centre: tuple[float, float], ink: CalloutColours, scale: float) -> None:
    reach = round((DOT + CASING) * scale)
    left, top = round(centre[0]) - reach, round(centre[1]) - reach
    patch = whole.crop((left, top, left + 2 * reach, top + 2 * reach))
    large = patch.resize((patch.width * SMOOTH, patch.height * SMOOTH), Image.Resampling.NEAREST)
    ImageDraw.Draw(large).circle((reach * SMOOTH, reach * SMOOTH), DOT * scale * SMOOTH, fill=ink.mark)
    whole.paste(large.reduce(SMOOTH), (left, top))
