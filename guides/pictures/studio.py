"""Photographs one state of one page, in both widths and both colours, or finds that it has not changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from core.steps import Flow, Step
from guides.pictures import PictureRefused
from guides.pictures.alt import alt_of
from guides.pictures.cache import Cache, Kept
from guides.pictures.callouts import GUTTER, CallOut, Wanted, placed
from guides.pictures.camera import Camera, Sight
from guides.pictures.darkroom import HEAVIEST, developed
from guides.pictures.pointing import Pointed, pointed_at
from guides.pictures.walk import Walk
from guides.shots import Mark, Picture, Shot, Theme, Width

SCALES: Mapping[Width, tuple[float, ...]] = {Width.PHONE: (2.0, 1.5, 1.0), Width.DESKTOP: (1.5, 1.0)}
"""Device pixels a CSS pixel: the sharpest that is light enough. What a telephone shows is looked at from nearer."""
SHARPEST = 2.0
TALL = 1000
"""CSS pixels: what is taller would not be light enough at the sharpest, and is not tried."""


class TooHeavy(PictureRefused):
    """A picture weighs more than may be asked of a telephone's connection, even at its coarsest; its name."""


@dataclass(frozen=True)
class Look:
    """A state of a page that is to be photographed."""

    walk: Walk
    camera: Camera
    step: Step
    pointed: tuple[Pointed, ...]
    alt: str


@dataclass
class Studio:
    """Writes pictures into a folder, and counts those that had to be taken."""

    folder: Path
    cache: Cache
    darkroom: Executor
    pictures: list[Picture] = field(default_factory=list)
    taken: int = 0

    def show(self, walk: Walk, camera: Camera, flow: Flow, step: Step, state: str) -> None:
        """The page as it is now. Raises PictureRefused."""
        pointed = pointed_at(walk, step, walk.screen())
        look = Look(walk, camera, step, pointed, alt_of(walk, step, pointed))
        plain = Shot(
            flow=flow.slug,
            step=step.code,
            state=state,
            language=walk.language,
            theme=Theme.LIGHT,
            width=Width.DESKTOP,
        )
        contents = walk.contents()
        for width in Width:
            shots = {theme: structs.replace(plain, theme=theme, width=width) for theme in Theme}
            self._show(look, width, shots, contents)
        camera.put_down()

    def _show(self, look: Look, width: Width, shots: dict[Theme, Shot], contents: Sequence[str]) -> None:
        keys = {theme: self.cache.key(look.alt, width, theme, *contents) for theme in Theme}
        missing = [theme for theme in Theme if self.cache.find(keys[theme]) is None]
        for theme, (kept, picture) in self._taken(look, width, missing).items():
            if len(picture) > HEAVIEST:
                raise TooHeavy(shots[theme].name)
            self.cache.keep(keys[theme], kept, picture)
        for theme in Theme:
            self._keep(shots[theme], keys[theme])

    def _taken(self, look: Look, width: Width, themes: Sequence[Theme]) -> dict[Theme, tuple[Kept, bytes]]:
        taken: dict[Theme, tuple[Kept, bytes]] = {}
        for scale in SCALES[width]:
            heavy = [theme for theme in themes if theme not in taken or len(taken[theme][1]) > HEAVIEST]
            if heavy:
                taken |= self._at(look, width, heavy, scale)
        self.taken += len(taken)
        return taken

    def _at(self, look: Look, width: Width, themes: Sequence[Theme], scale: float) -> dict[Theme, tuple[Kept, bytes]]:
        """None where the picture is too tall for that scale."""
        look.camera.hold(width, scale)
        sight = look.camera.look(look.pointed)
        if scale == SHARPEST and sight.region.bottom - sight.region.top > TALL:
            return {}
        look.camera.hold(width, scale, sight.region.bottom)
        kept, callouts = _arranged(look, sight)
        pictures: dict[Theme, Future[bytes]] = {}
        lit_first = sorted(themes, key=lambda theme: theme is not look.camera.theme)
        for theme in lit_first:  # one is developed while the other is taken
            ink = look.camera.light(theme)
            photograph = look.camera.photograph(sight.region)
            pictures[theme] = self.darkroom.submit(developed, photograph, callouts, ink, scale)
        return {theme: (kept, picture.result()) for theme, picture in pictures.items()}

    def _keep(self, shot: Shot, key: str) -> None:
        found = self.cache.find(key)
        if found is None:
            raise LookupError(shot.name)
        kept, picture = found
        (self.folder / shot.name).write_bytes(picture)
        marks = tuple(Mark(*mark) for mark in kept.marks)
        self.pictures.append(
            Picture(shot=shot, path=shot.name, alt=kept.alt, width=kept.width, height=kept.height, marks=marks)
        )


def _arranged(look: Look, sight: Sight) -> tuple[Kept, tuple[CallOut, ...]]:
    """Where the numbers go, and what will be known of the picture."""
    region = sight.region
    gutter = GUTTER if look.pointed else 0
    right, down = gutter - region.left, -region.top
    wanted = [
        Wanted(each.marked.number, each.label, box.moved(right, down))
        for each, box in zip(look.pointed, sight.pointed, strict=True)
    ]
    texts = [text.moved(right, down) for text in sight.texts if text.meets(region)]
    height = int(region.bottom - region.top)
    kept = Kept(
        alt=look.alt,
        width=int(region.right - region.left) + gutter,
        height=height,
        marks=tuple((each.number, each.label) for each in wanted),
    )
    return kept, placed(wanted, texts, height)
