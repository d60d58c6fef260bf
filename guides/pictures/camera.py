"""Measures pages at phone and desktop width, and takes screenshots."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor
from typing import Any

from PIL import Image, ImageColor
from playwright.sync_api import Frame, Page

from guides.picture_manifest import ScreenWidth, Theme
from guides.pictures.callouts import Box, CalloutColours
from guides.pictures.locate_elements import LocatedElement

WINDOW_WIDTHS: Mapping[ScreenWidth, int] = {ScreenWidth.PHONE: 360, ScreenWidth.DESKTOP: 1024}
"""Widths of the browser window, in CSS pixels."""
ENOUGH_TO_MEASURE = 300
BOXES = ("texts", "whole", "pointed")
MARGIN = 14
"""Space around the page's main box, in CSS pixels."""
SPACE_BELOW = 30
"""Space below the last numbered element, in CSS pixels."""
WORTH_CUTTING = 120
# READ_ON in tests/webhook/test_step_rendering.py checks the contrast of rust on paper.
COLOURS_SCRIPT = """() => {
    const root = getComputedStyle(document.documentElement);
    return [root.getPropertyValue("--rust").trim(), root.getPropertyValue("--paper").trim()];
}"""
FRAME_PLACE_SCRIPT = """() => {
    const frame = document.querySelector("iframe"), box = frame.getBoundingClientRect();
    return [box.left + frame.clientLeft + scrollX, box.top + frame.clientTop + scrollY, box.bottom + scrollY];
}"""
"""JavaScript that returns the position of the iframe that shows an email."""
MEASURE_SCRIPT = """wordsOnly => {
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
    // A box looks like one unit if it has a border or a background and does not contain most of the page.
    const framed = each => {
        const {height} = each.getBoundingClientRect(), {borderBottomWidth, backgroundColor} = getComputedStyle(each);
        return height > 0 && height < 320 && (borderBottomWidth !== "0px" || !/, 0\\)$/.test(backgroundColor));
    };
    return {
        sheet: seen(".sheet, .handset").map(box)[0] ?? [0, 0, 0, 0],
        texts: [...texts, ...typed.map(each => inner(box(each)))],
        whole: [...seen("li"), ...seen("body *").filter(framed)].map(box),
        pointed: wordsOnly.map((words, index) => words ? lines(pointedAt[index])[0] : box(pointedAt[index])),
    };
}"""

FRAMES_UNTIL_DRAWN = 4
WAIT_FOR_DRAWING_SCRIPT = """frames => new Promise(resolve => {
    const draw = left => left ? requestAnimationFrame(() => draw(left - 1)) : resolve();
    draw(frames);
})"""
"""JavaScript that waits until Chromium has drawn an email."""


@dataclass(frozen=True)
class MeasuredPage:
    """Positions of elements on a page. A picture must not cut through elements in `whole`."""

    sheet: Box
    texts: tuple[Box, ...]
    whole: tuple[Box, ...]
    pointed: tuple[Box, ...]

    @property
    def region_to_photograph(self) -> Box:
        sheet, bottom = self.sheet, self.sheet.bottom + MARGIN
        if self.pointed:
            bottom = self._cut(max(each.bottom for each in self.pointed) + SPACE_BELOW, bottom)
        return Box(
            max(0, floor(sheet.left - MARGIN)), floor(sheet.top - MARGIN), ceil(sheet.right + MARGIN), ceil(bottom)
        )

    def last_paragraph_before(self, bottom: float) -> float:
        boxes = sorted((*self.texts, *self.whole), key=lambda box: box.top)
        last = end = boxes[0].bottom
        for each in boxes[1:]:
            if each.top - end > MARGIN and end + MARGIN <= bottom:
                last = end
            end = max(end, each.bottom)
        return last

    def _cut(self, wanted: float, bottom: float) -> float:
        cut = wanted
        for each in sorted((*self.texts, *self.whole), key=lambda box: box.top):
            if each.top - 2 < cut < each.bottom + 2:
                cut = each.bottom + SPACE_BELOW / 3
        return cut if bottom - cut >= WORTH_CUTTING else bottom


class PageCamera:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._devtools = page.context.new_cdp_session(page)
        self.set_size(ScreenWidth.PHONE, 1)

    def set_size(self, width: ScreenWidth, scale: float, drawn_height: float = ENOUGH_TO_MEASURE) -> None:
        """Set the size of the browser window, and the device pixels per CSS pixel."""
        metrics = {
            "width": WINDOW_WIDTHS[width],
            "height": ceil(drawn_height) + 1,  # a fractional scale draws part of one more row of pixels
            "deviceScaleFactor": scale,
            "mobile": False,
        }
        self._devtools.send("Emulation.setDeviceMetricsOverride", metrics)

    def set_theme(self, theme: Theme) -> CalloutColours:
        self._page.emulate_media(color_scheme=theme.value)
        mark, paper = self._page.evaluate(COLOURS_SCRIPT)
        return CalloutColours(ImageColor.getrgb(mark)[:3], ImageColor.getrgb(paper)[:3])

    def measure(self, elements: Sequence[LocatedElement]) -> MeasuredPage:
        """Measure the page, and the email if the page shows one."""
        main = self._page.main_frame
        frames = [
            self._measured(frame, [each for each in elements if each.frame is frame])
            for frame in (main, *main.child_frames)
        ]
        sheet = frames[0].sheet
        if len(frames) > 1 and not elements:  # the email may be longer than its frame, or shorter
            ends, frame_ends = (
                max(text.bottom for text in frames[1].texts) + SPACE_BELOW,
                main.evaluate(FRAME_PLACE_SCRIPT)[2],
            )
            sheet = sheet._replace(bottom=ends if ends <= frame_ends else frames[1].last_paragraph_before(frame_ends))
        return MeasuredPage(
            sheet=sheet,
            texts=tuple(box for each in frames for box in each.texts),
            whole=tuple(box for each in frames for box in each.whole),
            pointed=tuple(box for each in frames for box in each.pointed),
        )

    def photograph(self, region: Box) -> Image.Image:
        """Take a screenshot of a region of the page."""
        if self._page.main_frame.child_frames:
            self._page.evaluate(WAIT_FOR_DRAWING_SCRIPT, FRAMES_UNTIL_DRAWN)
        clip = {"x": region.left, "y": region.top, "width": region.right - region.left, "scale": 1}
        clip["height"] = region.bottom - region.top
        taken = self._devtools.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, "clip": clip})
        return Image.open(BytesIO(base64.b64decode(taken["data"]))).convert("RGB")

    def _measured(self, frame: Frame, pointed: Sequence[LocatedElement]) -> MeasuredPage:
        """Measure one frame. The coordinates in the result are relative to the whole page."""
        found: dict[str, Any] = frame.evaluate(MEASURE_SCRIPT, [each.points_to_words for each in pointed])
        right, down, _ = self._page.evaluate(FRAME_PLACE_SCRIPT) if frame.parent_frame else (0, 0, 0)
        boxes = {name: tuple(Box(*box).moved(right, down) for box in found[name]) for name in BOXES}
        return MeasuredPage(sheet=Box(*found["sheet"]), **boxes)
