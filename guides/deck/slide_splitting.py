"""Splits a long step into several slides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from PIL import Image, ImageChops

from guides.chapter_builder import ActionInstructions, NumberedInstruction, StepSection
from guides.deck.slide_design import ACTION, ACTIONS, HINT, LEAD, RULE, WHOLE
from guides.picture_manifest import CalloutMark, Picture

ABOVE, BELOW = 110, 56
CUT_DISTANCE = 6
QUIET = (9, 4)
CHARACTERS, CHARACTERS_WITHOUT_PICTURE = 38, 80
"""Characters per line on slides with and without a picture."""
LINE, BETWEEN = 23, 5
"""Height of a line, and height of the space between two paragraphs, in points."""

Line = tuple[int, str]
"""A line on a slide, as a tuple (outline level, text)."""
ActionOfWay = tuple[ActionInstructions, NumberedInstruction]


@dataclass(frozen=True, slots=True)
class SlidePart:
    """The content of one slide. `top` and `bottom` are the edges of its cropped picture, in CSS pixels."""

    ways: tuple[ActionInstructions, ...]
    top: int = 0
    bottom: int = 0


def slide_parts(section: StepSection, picture: Picture | None, tallest: int, criteria: str) -> Iterator[SlidePart]:
    """Divide a step among slides. Each picture is at most `tallest` CSS pixels high."""
    marks = {} if picture is None else {mark.number: mark for mark in picture.marks}
    actions = [(way, action) for way in section.ways for action in way.actions]
    groups = list(_groups(actions, marks, tallest, criteria)) or [[]]
    tops = [[marks[action.number].top for _, action in group if action.number in marks][:1] for group in groups]
    above, height = 0, 0 if picture is None else picture.height
    for group, following in zip(groups, [*tops[1:], []], strict=True):
        last = max((marks[action.number].bottom for _, action in group if action.number in marks), default=0)
        limit = max(last, following[0] - CUT_DISTANCE) if following else height
        before_label = following[0] - ABOVE if following else height
        bottom = min(max(last + BELOW, min(above + tallest, before_label)), limit)
        yield SlidePart(_ways(group), max(above, bottom - tallest), bottom)
        above = last + CUT_DISTANCE if last else above


def _groups(
    actions: Sequence[ActionOfWay], marks: Mapping[int, CalloutMark], tallest: int, criteria: str
) -> Iterator[list[ActionOfWay]]:
    group: list[ActionOfWay] = []
    for each in actions:
        more = [*group, each]
        seen = [marks[action.number] for _, action in more if action.number in marks]
        shown = seen[-1].bottom + BELOW // 2 - max(0, seen[0].top - ABOVE) if seen else 0
        if group and (shown > tallest or _height(slide_lines(_ways(more), criteria)) > ACTIONS.height * 72):
            yield group
            more = [each]
        group = more
    if group:
        yield group


def _ways(group: Sequence[ActionOfWay]) -> tuple[ActionInstructions, ...]:
    return tuple(
        replace(way, actions=tuple(action for _, action in of_way))
        for way, of_way in groupby(group, lambda each: each[0])
    )


def _height(lines: Iterable[Line], characters: int = CHARACTERS) -> int:
    return sum(LINE * ceil(len(text) / characters) + BETWEEN for _, text in lines)


def lines_by_slide(paragraphs: Iterable[Sequence[Line]]) -> Iterator[list[Line]]:
    """Distribute paragraphs over slides that have no pictures. Yields the lines of each slide."""
    lines: list[Line] = []
    for each in paragraphs:
        if lines and _height([*lines, *each], CHARACTERS_WITHOUT_PICTURE) > WHOLE.height * 72:
            yield lines
            lines = []
        lines = [*lines, *each]
    yield lines


def slide_lines(ways: Sequence[ActionInstructions], criteria: str) -> Iterator[Line]:
    for way in ways:
        if way.lead:
            yield LEAD, way.lead
        for action in way.actions:
            yield ACTION, action.sentence
            if action.hint:
                yield HINT, action.hint
            if action.rules:
                yield HINT, criteria
                yield from ((RULE, rule) for rule in action.rules)


def cut_between_lines(photograph: Image.Image, picture: Picture, part: SlidePart) -> SlidePart:
    """Move the edges of a cropped picture so that they do not cut through text."""
    marks = [mark for mark in picture.marks if part.top < mark.top and mark.bottom < part.bottom]
    first, last = (marks[0].top, marks[-1].bottom) if marks else (part.bottom // 2, part.bottom // 2)
    photograph = photograph.convert("RGB")

    def quiet_height(heights: range, end: int) -> int:
        if heights.start == end:
            return end
        scale = photograph.height / picture.height
        return next(
            (y for half in QUIET for y in heights if _is_quiet(photograph, y * scale, half * scale)), heights.start
        )

    return replace(
        part,
        top=quiet_height(range(part.top, min(first, part.top + BELOW)), 0),
        bottom=quiet_height(range(part.bottom, max(last, part.bottom - BELOW), -1), picture.height),
    )


def _is_quiet(photograph: Image.Image, y: float, half: float) -> bool:
    rows = photograph.crop((photograph.width // 8, int(y - half), photograph.width, int(y + half)))
    return ImageChops.difference(rows, ImageChops.offset(rows, 0, 1)).getbbox() is None
