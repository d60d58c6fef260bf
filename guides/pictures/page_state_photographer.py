"""Photograph one state of a page in both widths and both themes, unless it has not changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from core.forms.model import Flow, Step
from guides.picture_manifest import LATER, PLAIN, CalloutMark, Picture, PictureRequest, ScreenWidth, Theme
from guides.pictures import PictureRefused
from guides.pictures.alt_text import alt_text
from guides.pictures.browser_walk import BrowserWalk
from guides.pictures.callouts import GUTTER, Callout, CalloutAnchor, place_callouts
from guides.pictures.camera import Camera, MeasuredPage
from guides.pictures.image_encoding import HEAVIEST, encode_picture
from guides.pictures.locate_elements import LocatedElement, locate_elements
from guides.pictures.picture_cache import CachedPictureMetadata, PictureCache

SCALES: Mapping[ScreenWidth, tuple[float, ...]] = {ScreenWidth.PHONE: (2.0, 1.5, 1.0), ScreenWidth.DESKTOP: (1.5, 1.0)}
"""Device pixels a CSS pixel, the sharpest that is small enough; a phone is looked at from nearer."""
SHARPEST = 2.0
TALL = 1000
"""CSS pixels. A taller picture would be too large at the sharpest scale."""


TOLD_WITH_NUMBERS = (PLAIN, LATER)
"""The states whose alternative text lists the numbers, because the text beside the picture has them too."""


class PictureTooLarge(PictureRefused):
    """A picture is too large for a mobile connection even at the coarsest scale; the message names it."""


@dataclass(frozen=True)
class PageState:
    """A state of a page to be photographed."""

    walk: BrowserWalk
    camera: Camera
    step: Step
    pointed: tuple[LocatedElement, ...]
    alt: str


@dataclass
class PageStatePhotographer:
    """Writes pictures into a folder and counts those that had to be taken."""

    folder: Path
    cache: PictureCache
    darkroom: Executor
    themes: Sequence[Theme] = tuple(Theme)
    pictures: list[Picture] = field(default_factory=list)
    taken: int = 0

    def photograph_current_page(self, walk: BrowserWalk, camera: Camera, flow: Flow, step: Step, state: str) -> None:
        """Photograph the page as it is now. Raises PictureRefused."""
        pointed = locate_elements(walk, step, walk.page_under_check())
        for each in pointed:
            each.require_name()
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
        contents = walk.contents()
        for width in ScreenWidth:
            shots = {theme: structs.replace(plain, theme=theme, width=width) for theme in self.themes}
            self._show(look, width, shots, contents)
        camera.use_small_window()

    def _show(
        self, look: PageState, width: ScreenWidth, shots: dict[Theme, PictureRequest], contents: Sequence[str]
    ) -> None:
        keys = {theme: self.cache.key(look.alt, width, theme, *contents) for theme in shots}
        missing = [theme for theme in shots if self.cache.find(keys[theme]) is None]
        for theme, (kept, picture) in self._taken(look, width, missing).items():
            if len(picture) > HEAVIEST:
                raise PictureTooLarge(shots[theme].name)
            self.cache.keep(keys[theme], kept, picture)
        for theme, shot in shots.items():
            self._keep(shot, keys[theme])

    def _taken(
        self, look: PageState, width: ScreenWidth, themes: Sequence[Theme]
    ) -> dict[Theme, tuple[CachedPictureMetadata, bytes]]:
        taken: dict[Theme, tuple[CachedPictureMetadata, bytes]] = {}
        for scale in SCALES[width]:
            heavy = [theme for theme in themes if theme not in taken or len(taken[theme][1]) > HEAVIEST]
            if heavy:
                taken |= self._at(look, width, heavy, scale)
        self.taken += len(taken)
        return taken

    def _at(
        self, look: PageState, width: ScreenWidth, themes: Sequence[Theme], scale: float
    ) -> dict[Theme, tuple[CachedPictureMetadata, bytes]]:
        """Return the pictures at a scale, or None where they are too tall for it."""
        look.camera.set_size(width, scale)
        sight = look.camera.measure(look.pointed)
        if scale == SHARPEST and sight.region.bottom - sight.region.top > TALL:
            return {}
        look.camera.set_size(width, scale, sight.region.bottom)
        kept, callouts = _arranged(look, sight)
        pictures: dict[Theme, Future[bytes]] = {}
        lit_first = sorted(themes, key=lambda theme: theme is not look.camera.theme)
        for theme in lit_first:  # one is developed while the other is taken
            ink = look.camera.set_theme(theme)
            photograph = look.camera.photograph(sight.region)
            pictures[theme] = self.darkroom.submit(encode_picture, photograph, callouts, ink, scale)
        return {theme: (kept, picture.result()) for theme, picture in pictures.items()}

    def _keep(self, shot: PictureRequest, key: str) -> None:
        found = self.cache.find(key)
        if found is None:
            raise LookupError(shot.name)
        kept, picture = found
        (self.folder / shot.name).write_bytes(picture)
        marks = tuple(CalloutMark(*mark) for mark in kept.marks)
        self.pictures.append(
            Picture(shot=shot, path=shot.name, alt=kept.alt, width=kept.width, height=kept.height, marks=marks)
        )


def _arranged(look: PageState, sight: MeasuredPage) -> tuple[CachedPictureMetadata, tuple[Callout, ...]]:
    """Place the numbers and describe the picture."""
    region = sight.region
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
