"""The help of the tests' election: its book without a database, a site with small pictures in it, and its leaflets."""

from datetime import date
from itertools import product
from pathlib import Path

from PIL import Image

from core.adapters.memory import MemoryStore
from core.bootstrap import House
from core.text import Language
from guides.book import Book, book_of
from guides.handouts import Edition, Handout, Kind
from guides.leaflets import Leaflet, leaflets_of
from guides.marks import marks_of
from guides.shots import Mark, Picture, Shot, Width, shots_of, write_manifest
from guides.site import Shelf, build_site
from tests.support.stores import Kept
from tests.support.worlds import world

HOUSE: House = world(Kept(MemoryStore())).house
BOOK: Book = book_of(HOUSE)
SIZES = {Width.PHONE: (404, 1104), Width.DESKTOP: (744, 896)}
"""As tall as any that is taken."""
EDITION = Edition(version="1.2.3", day=date(2018, 11, 5))


def album_in(folder: Path, book: Book = BOOK) -> dict[Shot, Picture]:
    """A plain grey picture for each shot, in a new folder."""
    folder.mkdir(parents=True)
    taken = {shot: _taken(shot, book) for shot in shots_of(book.flows)}
    for width, size in SIZES.items():
        Image.new("L", size, 200).save(folder / f"{width}.webp", lossless=True)
    write_manifest(folder, taken.values())
    return taken


def leaflets_in(folder: Path, book: Book = BOOK) -> list[Leaflet]:
    """Every leaflet, with such pictures."""
    return list(leaflets_of(book, album_in(folder, book), folder, EDITION))


def site_in(folder: Path, book: Book = BOOK) -> Path:
    """The built site, with such pictures, and handouts that nobody could open."""
    pictures, handed_from = folder / "pictures", folder / "handouts"
    taken = album_in(pictures, book)
    handouts = [
        Handout(flow=flow.slug, language=language, kind=kind, weight=123_456)
        for flow, language, kind in product(book.flows, Language, Kind)
    ]
    for handout in handouts:
        (handed_from / handout.path).parent.mkdir(parents=True, exist_ok=True)
        (handed_from / handout.path).write_bytes(b"")
    build_site(Shelf(book, taken, pictures, handouts, handed_from), folder / "site")
    return folder / "site"


def _taken(shot: Shot, book: Book) -> Picture:
    """All of one width share a file: what stands in a picture is no matter here."""
    step = next(step for flow in book.flows for step in flow.steps if step.code == shot.step)
    width, height = SIZES[shot.width]
    marks = tuple(Mark(mark.number, book.said(mark.label, shot.language)) for mark in marks_of(step))
    return Picture(shot=shot, path=f"{shot.width}.webp", alt=shot.name, width=width, height=height, marks=marks)
