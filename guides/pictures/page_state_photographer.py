"""Photograph one state of a page in both widths and both themes, unless it has not changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import product
from math import ceil, floor, inf

from msgspec import structs

from core.forms.flow_model import Flow, Step
from guides.picture_manifest import LATER, PLAIN, CalloutMark, Picture, PictureRequest, ScreenWidth, Theme
from guides.pictures import PictureRefused
from guides.pictures.browser_walk import BrowserWalk
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
from guides.pictures.locate_elements import LocatedElement, alt_text, locate_elements
from guides.pictures.picture_folder import PictureFolder

SCALES: Mapping[ScreenWidth, tuple[tuple[float, float], ...]] = {
    ScreenWidth.PHONE: ((2.0, 1000), (1.5, 1560), (1.0, inf)),
    ScreenWidth.DESKTOP: ((1.5, 1210), (1.0, inf)),
}
"""Device pixels a CSS pixel, the sharpest first, since a phone is looked at from near; and the height in CSS pixels above which
no picture of that scale was small enough."""

TOLD_WITH_NUMBERS = (PLAIN, LATER)
"""The states whose alternative text lists the numbers, because the text beside the picture has them too."""


class PictureTooLarge(PictureRefused):
    """A picture is too large for a mobile connection even at the coarsest scale; the message names it."""


@dataclass(frozen=True)
class PageState:
    """A state of a page to be photographed; `shot` is the request of its light picture on a desktop."""

    camera: PageCamera
    shot: PictureRequest
    pointed: tuple[LocatedElement, ...]
    alt: str


@dataclass(frozen=True)
class PicturesBeingEncoded:
    """The pictures of a page at one width, which are being encoded. `scale` is the place of their scale in `SCALES`."""

    scale: int
    picture: Picture
    """The facts that they share; the theme is that of any."""
    encodings: Mapping[Theme, Future[bytes]]


@dataclass
class PageStatePhotographer:
    """Writes pictures into a folder and counts those that had to be taken."""

    folder: PictureFolder
    encoders: Executor
    themes: Sequence[Theme] = tuple(Theme)
    pictures: list[Picture] = field(default_factory=list)
    taken: int = 0

    def photograph_current_page(
        self, walk: BrowserWalk, camera: PageCamera, flow: Flow, step: Step, state: str
    ) -> None:
        """Photograph the page as it is now. Raises PictureRefused."""
        pointed = locate_elements(walk, step, walk.page_words_in_browser())
        for each in pointed:
            each.require_name_equals_label(step.code)
        told = pointed if state in TOLD_WITH_NUMBERS else ()
        plain = PictureRequest(
            flow=flow.slug,
            step=step.code,
            state=state,
            language=walk.language,
            theme=Theme.LIGHT,
            width=ScreenWidth.DESKTOP,
        )
        page = PageState(camera, plain, pointed, alt_text(walk, step, told))
        contents = walk.visual_state()
        keys = {
            structs.replace(plain, width=width, theme=theme): self.folder.key(page.alt, width, theme, *contents)
            for width, theme in product(ScreenWidth, self.themes)
        }
        unchanged = {shot: picture for shot, key in keys.items() if (picture := self.folder.find(shot, key))}
        self.pictures += unchanged.values()
        missing = {
            width: [shot.theme for shot in keys if shot.width is width and shot not in unchanged]
            for width in ScreenWidth
        }
        tried = [
            self._try(page, width, 0, themes) for width, themes in missing.items() if themes
        ]  # the pictures of one width are encoded while those of the other are taken
        for pictures in tried:
            self._keep_light_ones(page, pictures, keys)
        camera.set_size(ScreenWidth.PHONE, SCALES[ScreenWidth.PHONE][0][0])  # as the next page is looked at first

    def _keep_light_ones(
        self, page: PageState, pictures: PicturesBeingEncoded, keys: Mapping[PictureRequest, str]
    ) -> None:
        """Keep the pictures that are small enough, and take the others again at the next scale. Raises PictureTooLarge."""
        heavy = list[PictureRequest]()
        for theme, encoding in pictures.encodings.items():
            content, shot = encoding.result(), structs.replace(pictures.picture.shot, theme=theme)
            if len(content) > HEAVIEST:
                heavy.append(shot)
            else:
                self.taken += 1
                picture = structs.replace(pictures.picture, shot=shot, path=shot.name)
                self.pictures.append(self.folder.keep(picture, keys[shot], content))
        if not heavy:
            return
        width, scale = pictures.picture.shot.width, pictures.scale + 1
        if scale == len(SCALES[width]):
            raise PictureTooLarge(heavy[0].name)
        self._keep_light_ones(page, self._try(page, width, scale, [shot.theme for shot in heavy]), keys)

    def _try(self, page: PageState, width: ScreenWidth, first: int, themes: Sequence[Theme]) -> PicturesBeingEncoded:
        """Photograph those themes at the first scale, from that one on, for which the page is not too tall."""
        scale = first
        while True:
            page.camera.set_size(width, SCALES[width][scale][0])
            measured = page.camera.measure(page.pointed)
            height = measured.region_to_photograph.bottom - measured.region_to_photograph.top
            fits = next(place for place, (_, tallest) in enumerate(SCALES[width]) if height <= tallest)
            if fits <= scale:
                return self._at(page, width, scale, measured, themes)
            scale = fits

    def _at(
        self, page: PageState, width: ScreenWidth, scale: int, measured: MeasuredPage, themes: Sequence[Theme]
    ) -> PicturesBeingEncoded:
        pixels = SCALES[width][scale][0]
        page.camera.set_size(width, pixels, measured.region_to_photograph.bottom)
        picture, callouts = _arranged(page, structs.replace(page.shot, width=width), measured)
        encodings: dict[Theme, Future[bytes]] = {}
        lit_first = sorted(themes, key=lambda theme: theme is not page.camera.theme)
        for theme in lit_first:
            ink = page.camera.set_theme(theme)
            photograph = page.camera.photograph(measured.region_to_photograph)
            encodings[theme] = self.encoders.submit(encode_picture, photograph, callouts, ink, pixels)
        return PicturesBeingEncoded(scale, picture, encodings)


def _arranged(page: PageState, shot: PictureRequest, measured: MeasuredPage) -> tuple[Picture, tuple[Callout, ...]]:
    """Place the numbers and describe the picture."""
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
    """Return the mark of an element, with the place of the smallest box around it that the eye takes for one thing."""
    around = [box for box in whole if box.top <= anchor.box.top and anchor.box.bottom <= box.bottom]
    box = min(around, key=lambda each: each.bottom - each.top, default=anchor.box)
    return CalloutMark(anchor.number, anchor.label, floor(box.top), ceil(box.bottom))
