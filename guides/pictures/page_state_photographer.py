"""Photograph one state of a page in both widths and both themes, unless it has not changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from msgspec import structs

from core.forms.flow_model import Flow, Step
from guides.picture_manifest import LATER, PLAIN, CalloutMark, Picture, PictureRequest, ScreenWidth, Theme
from guides.pictures import PictureRefused
from guides.pictures.alt_text import alt_text
from guides.pictures.browser_walk import BrowserWalk
from guides.pictures.callouts import GUTTER, Callout, CalloutAnchor, place_callouts
from guides.pictures.camera import MeasuredPage, PageCamera
from guides.pictures.image_encoding import HEAVIEST, encode_picture
from guides.pictures.locate_elements import LocatedElement, locate_elements
from guides.pictures.picture_cache import CachedPictureMetadata, PictureCache

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
    """A state of a page to be photographed."""

    walk: BrowserWalk
    camera: PageCamera
    step: Step
    pointed: tuple[LocatedElement, ...]
    alt: str


NO_FACTS = CachedPictureMetadata(alt="", width=0, height=0, marks=())


@dataclass(frozen=True)
class PicturesBeingEncoded:
    """The pictures of a page at one width, which are being encoded. `scale` is the place of their scale in `SCALES`."""

    width: ScreenWidth
    scale: int = 0
    facts: CachedPictureMetadata = NO_FACTS
    encodings: Mapping[Theme, Future[bytes]] = field(default_factory=dict)


@dataclass
class PageStatePhotographer:
    """Writes pictures into a folder and counts those that had to be taken."""

    folder: Path
    cache: PictureCache
    darkroom: Executor
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
        look = PageState(walk, camera, step, pointed, alt_text(walk, step, told))
        plain = PictureRequest(
            flow=flow.slug,
            step=step.code,
            state=state,
            language=walk.language,
            theme=Theme.LIGHT,
            width=ScreenWidth.DESKTOP,
        )
        contents = walk.visual_state()
        keys = {
            width: {theme: self.cache.key(look.alt, width, theme, *contents) for theme in self.themes}
            for width in ScreenWidth
        }
        tried = [
            self._try(look, width, 0, [theme for theme in self.themes if self.cache.find(of_width[theme]) is None])
            for width, of_width in keys.items()
        ]  # the pictures of one width are encoded while those of the other are taken
        for pictures in tried:
            self._keep_light_ones(look, pictures, plain, keys[pictures.width])
        for width, of_width in keys.items():
            for theme, key in of_width.items():
                self._keep(structs.replace(plain, theme=theme, width=width), key)
        camera.set_size(ScreenWidth.PHONE, SCALES[ScreenWidth.PHONE][0][0])  # as the next page is looked at first

    def _keep_light_ones(
        self, look: PageState, pictures: PicturesBeingEncoded, plain: PictureRequest, keys: Mapping[Theme, str]
    ) -> None:
        """Keep the pictures that are small enough, and take the others again at the next scale. Raises PictureTooLarge."""
        heavy = list[Theme]()
        for theme, encoding in pictures.encodings.items():
            picture = encoding.result()
            if len(picture) > HEAVIEST:
                heavy.append(theme)
            else:
                self.taken += 1
                self.cache.keep(keys[theme], pictures.facts, picture)
        if not heavy:
            return
        if pictures.scale + 1 == len(SCALES[pictures.width]):
            raise PictureTooLarge(structs.replace(plain, theme=heavy[0], width=pictures.width).name)
        again = self._try(look, pictures.width, pictures.scale + 1, heavy)
        self._keep_light_ones(look, again, plain, keys)

    def _try(self, look: PageState, width: ScreenWidth, first: int, themes: Sequence[Theme]) -> PicturesBeingEncoded:
        """Photograph those themes at the first scale, from that one on, for which the page is not too tall."""
        if not themes:
            return PicturesBeingEncoded(width)
        scale = first
        while True:
            look.camera.set_size(width, SCALES[width][scale][0])
            sight = look.camera.measure(look.pointed)
            height = sight.region_to_photograph.bottom - sight.region_to_photograph.top
            fits = next(place for place, (_, tallest) in enumerate(SCALES[width]) if height <= tallest)
            if fits <= scale:
                return self._at(look, width, scale, sight, themes)
            scale = fits

    def _at(
        self, look: PageState, width: ScreenWidth, scale: int, sight: MeasuredPage, themes: Sequence[Theme]
    ) -> PicturesBeingEncoded:
        pixels = SCALES[width][scale][0]
        look.camera.set_size(width, pixels, sight.region_to_photograph.bottom)
        facts, callouts = _arranged(look, sight)
        encodings: dict[Theme, Future[bytes]] = {}
        lit_first = sorted(themes, key=lambda theme: theme is not look.camera.theme)
        for theme in lit_first:
            ink = look.camera.set_theme(theme)
            photograph = look.camera.photograph(sight.region_to_photograph)
            encodings[theme] = self.darkroom.submit(encode_picture, photograph, callouts, ink, pixels)
        return PicturesBeingEncoded(width, scale, facts, encodings)

    def _keep(self, shot: PictureRequest, key: str) -> None:
        found = self.cache.find(key)
        if found is None:
            raise LookupError(shot.name)
        kept, picture = found
        fresh = self.folder / f"{shot.name}.new"
        fresh.write_bytes(picture)
        fresh.replace(self.folder / shot.name)  # at once: the help's pages may be built from the folder meanwhile
        marks = tuple(CalloutMark(*mark) for mark in kept.marks)
        self.pictures.append(
            Picture(shot=shot, path=shot.name, alt=kept.alt, width=kept.width, height=kept.height, marks=marks)
        )


def _arranged(look: PageState, sight: MeasuredPage) -> tuple[CachedPictureMetadata, tuple[Callout, ...]]:
    """Place the numbers and describe the picture."""
    region = sight.region_to_photograph
    gutter = GUTTER if look.pointed else 0
    right, down = gutter - region.left, -region.top
    wanted = [
        CalloutAnchor(each.marked.number, each.label, box.moved(right, down))
        for each, box in zip(look.pointed, sight.pointed, strict=True)
    ]
    texts = [text.moved(right, down) for text in sight.texts if text.overlaps(region)]
    height = int(region.bottom - region.top)
    kept = CachedPictureMetadata(
        alt=look.alt,
        width=int(region.right - region.left) + gutter,
        height=height,
        marks=tuple((each.number, each.label) for each in wanted),
    )
    return kept, place_callouts(wanted, texts, height)
