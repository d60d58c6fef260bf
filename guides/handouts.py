"""Makes the handouts, and keeps those whose content has not changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from msgspec import structs

from core.app.services import Services
from core.text.urls import handout_file
from guides.deck import build_deck
from guides.handout_content import (
    HandoutContent,
    PosterContent,
    easy_to_read_handout_contents,
    handout_contents,
    posters,
)
from guides.handout_files import (
    EditionStamp,
    Handout,
    HandoutFormat,
    WrittenHandout,
    read_handouts_of_earlier_run,
    write_handout_list,
)
from guides.handout_pdf import render_pdf, render_poster
from guides.help_source import help_source_of
from guides.interruption import raise_if_interrupted
from guides.package_files import read_package_files
from guides.picture_manifest import read_manifest

MAKERS = {HandoutFormat.PRINT: render_pdf, HandoutFormat.DECK: build_deck}
LIBRARIES = ("jinja2", "pillow", "python-pptx", "segno", "weasyprint")
LAYOUT_CODE = (
    "deck",
    "handout_content.py",
    "handout_pdf.py",
    "tagged_pdf_structure.py",
    "design_tokens.py",
)
LAYOUT_TEMPLATES = ("deck", "print", "static")
NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class HandoutToMake:
    leaflet: HandoutContent | PosterContent
    kind: HandoutFormat
    folder: Path

    @property
    def path(self) -> str:
        return handout_file(self.leaflet.slug, self.leaflet.language, self.kind)

    def digest(self) -> str:
        """Return a digest of the handout's content and layout. The edition's date is ignored."""
        timeless = structs.replace(self.leaflet.edition, day=NO_DAY)
        text = repr(replace(self.leaflet, edition=timeless, dated="", folder=Path()))
        digest = sha256(f"{self.kind}\0{text}\0{_layout_digest()}".encode())
        for picture in self.leaflet.pictures.values():
            digest.update((self.leaflet.folder / picture.path).read_bytes())
        return digest.hexdigest()

    def make(self) -> WrittenHandout:
        raise_if_interrupted()
        leaflet = self.leaflet
        content = render_poster(leaflet) if isinstance(leaflet, PosterContent) else MAKERS[self.kind](leaflet)
        path = self.folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(content)
        fresh.replace(path)  # atomic, because readers may be downloading the old file
        made = Handout(flow=leaflet.slug, language=leaflet.language, kind=self.kind, weight=len(content))
        return WrittenHandout(made, self.digest())


def update_all_handouts(services: Services, pictures: Path, folder: Path) -> tuple[tuple[Handout, ...], int]:
    """Regenerate all handouts that have changed. Returns all handouts, and how many were regenerated."""
    edition = EditionStamp(
        version=version("retrouve"),
        day=services.dependencies.calendar.to_local(services.dependencies.clock.now()).date(),
    )
    source = help_source_of(services)
    leaflets = list(handout_contents(source, read_manifest(pictures), pictures.resolve(), edition))
    return update_handouts(
        [*leaflets, *easy_to_read_handout_contents(leaflets, source), *posters(source, edition)], folder
    )


def update_handouts(
    handouts: Iterable[HandoutContent | PosterContent], folder: Path
) -> tuple[tuple[Handout, ...], int]:
    """Make new or changed handouts. Returns all given handouts, and how many were made."""
    orders = [
        HandoutToMake(leaflet, kind, folder.resolve()) for leaflet in handouts for kind in leaflet.handout_formats
    ]
    former = read_handouts_of_earlier_run(folder)
    kept = {
        order.path: old
        for order in orders
        if (old := former.get(order.path)) and (order.folder / order.path).exists() and old.digest == order.digest()
    }
    missing = [order for order in orders if order.path not in kept]
    made = {order.path: order.make() for order in missing}
    every = [(kept | made)[order.path] for order in orders]
    write_handout_list(folder, every)
    return tuple(each.handout for each in every), len(missing)


@cache
def _layout_digest() -> str:
    """Return a digest of everything that affects the layout of handouts."""
    digest = sha256("\0".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    places = [
        *(files("guides") / name for name in LAYOUT_CODE),
        *(files("templates") / name for name in LAYOUT_TEMPLATES),
    ]
    for place in places:
        for content in read_package_files(place):
            digest.update(content)
    return digest.hexdigest()
