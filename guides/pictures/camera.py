"""Looks at a page as a telephone or a desk shows it, measures what is there, and photographs a part of it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor
from typing import Any

from PIL import Image, ImageColor
from playwright.sync_api import CDPSession, Frame, Page

from guides.pictures.callouts import Ink
from guides.pictures.pointing import Pointed
from guides.pictures.shapes import Box
from guides.shots import Theme, Width

ACROSS: Mapping[Width, int] = {Width.PHONE: 360, Width.DESKTOP: 1024}
"""CSS pixels."""
ENOUGH_TO_WALK = 300
BOXES = ("texts", "whole", "pointed")
MARGIN = 14
"""Of the paper around the sheet."""
CONTEXT = 30
"""Of the sheet, below the last thing that is pointed to."""
WORTH_CUTTING = 120
"""What is less than that is left on."""
INK = """() => {
    const root = getComputedStyle(document.documentElement);
    return [root.getPropertyValue("--rust").trim(), root.getPropertyValue("--paper").trim()];
}"""
PLACE = """frame => {
    const box = frame.getBoundingClientRect();
    return [box.left + frame.clientLeft + scrollX, box.top + frame.clientTop + scrollY];
}"""
MEASURE = """wordsOnly => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    const flat = each => [each.left, each.top, each.right, each.bottom];
    const box = each => flat(each.getBoundingClientRect());
    const seen = selector => [...document.querySelectorAll(selector)].filter(each => each.checkVisibility());
    const lines = node => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].filter(each => each.width > 1 && each.height > 1).map(flat);
    };
    const texts = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
        const {data, parentElement} = nodes.currentNode;
        if (data.trim() && parentElement.checkVisibility()) texts.push(...lines(nodes.currentNode));
    }
    const typed = seen("input:not([type=hidden])").filter(each => each.value);
    const inner = ([left, top, right, bottom]) => [left + 4, top + 4, right - 4, bottom - 4];
    // A box that the eye takes for one thing: framed or coloured, and not so tall that all the rest is in it.
    const framed = each => {
        const {height} = each.getBoundingClientRect(), {borderBottomWidth, backgroundColor} = getComputedStyle(each);
        return height > 0 && height < 320 && (borderBottomWidth !== "0px" || !/, 0\\)$/.test(backgroundColor));
    };
    return {
        sheet: seen(".sheet").map(box)[0] ?? [0, 0, 0, 0],
        texts: [...texts, ...typed.map(each => inner(box(each)))],
        whole: [...seen("li"), ...seen("body *").filter(framed)].map(box),
        pointed: wordsOnly.map((words, index) => words ? lines(pointedAt[index])[0] : box(pointedAt[index])),
    };
}"""


@dataclass(frozen=True)
class Sight:
    """What was measured on a page: the sheet, the lines of text, what must not be cut in two, what is pointed to."""

    sheet: Box
    texts: tuple[Box, ...]
    whole: tuple[Box, ...]
    pointed: tuple[Box, ...]

    @property
    def region(self) -> Box:
        """What is worth showing, in whole pixels: the sheet, down to a little below the last thing pointed to."""
        sheet, bottom = self.sheet, self.sheet.bottom + MARGIN
        if self.pointed:
            bottom = self._cut(max(each.bottom for each in self.pointed) + CONTEXT, bottom)
        return Box(
            max(0, floor(sheet.left - MARGIN)), floor(sheet.top - MARGIN), ceil(sheet.right + MARGIN), ceil(bottom)
        )

    def _cut(self, wanted: float, bottom: float) -> float:
        """The height of a cut that goes through nothing; all the rest where little is left."""
        cut = wanted
        for each in sorted((*self.texts, *self.whole), key=lambda box: box.top):
            if each.top - 2 < cut < each.bottom + 2:
                cut = each.bottom + CONTEXT / 3
        return cut if bottom - cut >= WORTH_CUTTING else bottom


class Camera:
    """One page's."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._inks: dict[Theme, Ink] = {}
        """Of the one stylesheet that all pages share."""
        self.theme: Theme | None = None
        self.put_down()

    def hold(self, width: Width, scale: float, down: float = ENOUGH_TO_WALK) -> None:
        """As wide as that, `scale` device pixels a CSS pixel; the page is laid out anew.

        `down` is how much of it is drawn: to measure takes nothing, to photograph takes all that is to be seen.
        """
        self._see(ACROSS[width], ceil(down) + 1, scale)  # a scale that is no whole number draws a part of a line more

    def put_down(self) -> None:
        """A page that is only walked through is small: to draw each one large costs a tenth of the whole work."""
        self._see(ACROSS[Width.PHONE], ENOUGH_TO_WALK, 1)

    def _see(self, width: int, height: int, scale: float) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self._session.send("Emulation.setDeviceMetricsOverride", metrics)

    def light(self, theme: Theme) -> Ink:
        """In those colours; what marks are drawn with in them."""
        if theme is not self.theme:
            self._page.emulate_media(color_scheme=theme.value)  # the mail's frame, a process of its own, hears it too
            self.theme = theme
        if theme not in self._inks:
            mark, paper = self._page.evaluate(INK)
            self._inks[theme] = Ink(ImageColor.getrgb(mark)[:3], ImageColor.getrgb(paper)[:3])
        return self._inks[theme]

    def look(self, pointed: Sequence[Pointed]) -> Sight:
        """Measures the page, and the mail in it."""
        frames = [_measured(frame, [each for each in pointed if each.frame is frame]) for frame in self._page.frames]
        sheet = frames[0].sheet
        if len(frames) > 1 and not pointed:  # the frame is higher than its mail
            sheet = sheet._replace(bottom=max(text.bottom for text in frames[1].texts) + CONTEXT)
        return Sight(
            sheet=sheet,
            texts=tuple(box for each in frames for box in each.texts),
            whole=tuple(box for each in frames for box in each.whole),
            pointed=tuple(box for each in frames for box in each.pointed),
        )

    def photograph(self, region: Box) -> Image.Image:
        """That part of the page."""
        clip = {"x": region.left, "y": region.top, "width": region.right - region.left, "scale": 1}
        clip["height"] = region.bottom - region.top
        asked = {"format": "png", "optimizeForSpeed": True, "clip": clip}
        taken = self._session.send("Page.captureScreenshot", asked)
        return Image.open(BytesIO(base64.b64decode(taken["data"]))).convert("RGB")


def _measured(frame: Frame, pointed: Sequence[Pointed]) -> Sight:
    """In the whole page's coordinates."""
    found: dict[str, Any] = frame.evaluate(MEASURE, [each.by_words for each in pointed])
    right, down = (0, 0) if frame.parent_frame is None else frame.frame_element().evaluate(PLACE)
    boxes = {name: tuple(Box(*box).moved(right, down) for box in found[name]) for name in BOXES}
    return Sight(sheet=Box(*found["sheet"]), **boxes)
