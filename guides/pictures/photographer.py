"""Takes the missing pictures of a page in all widths and themes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, inf

from msgspec import structs

from core.forms.flow_model import Step
from guides.interruption import raise_if_interrupted
from guides.picture_manifest import (
    LATER,
    PLAIN,
    CalloutMark,
    Picture,
    PictureRequest,
    ScreenWidth,
    Theme,
    picture_widths,
)
from guides.pictures import PictureRefused
from guides.pictures.callouts import (
    GUTTER,
    HEAVIEST,
    Box,
    Callout,
    CalloutAnchor,
    encode_picture,
    place_callouts,
)
from guides.pictures.camera import MeasuredPage, PageCamera
from guides.pictures.flow_walk import FlowWalk
from guides.pictures.locate_elements import LocatedElement, alt_text, locate_elements
from guides.pictures.picture_folder import PictureFolder

SCALES: Mapping[ScreenWidth, tuple[tuple[float, float], ...]] = {
    ScreenWidth.PHONE: ((2.0, 1000), (1.5, 1560), (1.0, inf)),
    ScreenWidth.DESKTOP: ((1.5, 1210), (1.0, inf)),
}
"""Scales to try, as (device pixels per CSS pixel, maximum height in CSS pixels) pairs."""

NUMBERED_STATES = (PLAIN, LATER)


class PictureTooLarge(PictureRefused):
    """Raised when a picture file exceeds HEAVIEST bytes even at the smallest scale."""


SHOWN_CONTENT_SCRIPT = """() => {
    const shown = document.querySelector("main :is(.sheet, .handset)") ?? document.documentElement;
    return [document.documentElement.lang, shown.outerHTML, ...[...shown.querySelectorAll("input, select")].map(each => each.value)];
}"""
"""JavaScript that returns the HTML and input values of a page's main box, or of the whole page."""


@dataclass(frozen=True)
class PageState:
    """A page in one state. `shot` requests its desktop picture in the light theme."""

    shot: PictureRequest
    pointed: tuple[LocatedElement, ...]
    alt: str


@dataclass
class PageStatePhotographer:
    """Writes pictures of pages to a folder. `taken` counts the new pictures."""

    folder: PictureFolder
    camera: PageCamera
    themes: Sequence[Theme] = tuple(Theme)
    pictures: list[Picture] = field(default_factory=list)
    taken: int = 0

    def photograph_current_page(self, walk: FlowWalk, step: Step, state: str) -> None:
        pointed = locate_elements(walk, step, walk.page_words())
        for each in pointed:
            each.require_name_equals_label(step.code)
        plain = PictureRequest(
            flow=walk.flow.slug,
            step=step.code,
            state=state,
            language=walk.language,
            theme=Theme.LIGHT,
            width=ScreenWidth.DESKTOP,
        )
        page = PageState(plain, pointed, alt_text(walk, step, pointed if state in NUMBERED_STATES else ()))
        contents = [words for frame in walk.page.frames for words in frame.evaluate(SHOWN_CONTENT_SCRIPT)]
        for width in picture_widths(state):
            shots = [structs.replace(plain, width=width, theme=theme) for theme in self.themes]
            keys = {shot: self.folder.key(page.alt, shot.width, shot.theme, *contents) for shot in shots}
            unchanged = [self.folder.find(shot, key) for shot, key in keys.items()]
            self.pictures += [each for each in unchanged if each is not None]
            missing = {shot: key for (shot, key), there in zip(keys.items(), unchanged, strict=True) if there is None}
            if missing:
                self._photograph(page, width, missing)
        self.camera.set_size(ScreenWidth.PHONE, 1)

    def _photograph(self, page: PageState, width: ScreenWidth, keys: Mapping[PictureRequest, str]) -> None:
        """Photograph a page at one width and the largest possible scale. Raises PictureTooLarge."""
        for scale, tallest in SCALES[width]:
            self.camera.set_size(width, scale)
            measured = self.camera.measure(page.pointed)
            region = measured.region_to_photograph
            if region.bottom - region.top > tallest:
                continue
            self.camera.set_size(width, scale, region.bottom)
            picture, callouts = _arranged(page, structs.replace(page.shot, width=width), measured)
            contents = dict[PictureRequest, bytes]()
            for shot in keys:
                raise_if_interrupted()
                colours = self.camera.set_theme(shot.theme)
                contents[shot] = encode_picture(self.camera.photograph(region), callouts, colours, scale)
            if max(map(len, contents.values())) <= HEAVIEST:
                break
        else:
            raise PictureTooLarge(page.shot.name)
        for shot, content in contents.items():
            self.taken += 1
            self.pictures.append(
                self.folder.keep(structs.replace(picture, shot=shot, path=shot.name), keys[shot], content)
            )


def _arranged(page: PageState, shot: PictureRequest, measured: MeasuredPage) -> tuple[Picture, tuple[Callout, ...]]:
    region = measured.region_to_photograph
    gutter = GUTTER if page.pointed else 0
    right, down = gutter - region.left, -region.top
    wanted = [
        CalloutAnchor(each.marked.number, each.label, box.moved(right, down))
        for each, box in zip(page.pointed, measured.pointed, strict=True)
    ]
    texts = [text.moved(right, down) for text in measured.texts if text.overlaps(region)]
    height = int(region.bottom - region.top)
    picture = Picture(
        shot=shot,
        path=shot.name,
        alt=page.alt,
        width=int(region.right - region.left) + gutter,
        height=height,
        marks=tuple(_mark(each, [box.moved(right, down) for box in measured.whole]) for each in wanted),
    )
    return picture, place_callouts(wanted, texts, height)


def _mark(anchor: CalloutAnchor, whole: Sequence[Box]) -> CalloutMark:
    around = [box for box in whole if box.top <= anchor.box.top and anchor.box.bottom <= box.bottom]
    box = min(around, key=lambda each: each.bottom - each.top, default=anchor.box)
    return CalloutMark(anchor.number, anchor.label, floor(box.top), ceil(box.bottom))
