"""The help of the tests' election: its book without a database, and a site with small pictures in it."""

from pathlib import Path

from PIL import Image

from core.adapters.memory import MemoryStore
from core.bootstrap import House
from guides.book import Book, book_of
from guides.marks import marks_of
from guides.shots import Mark, Picture, Shot, Width, shots_of, write_manifest
from guides.site import Shelf, build_site
from tests.support.stores import Kept
from tests.support.worlds import world

HOUSE: House = world(Kept(MemoryStore())).house
BOOK: Book = book_of(HOUSE)
SIZES = {Width.PHONE: (360, 640), Width.DESKTOP: (760, 520)}


def site_in(folder: Path, book: Book = BOOK) -> Path:
    """The built site, with a plain grey picture for each shot."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True)
    taken = {shot: _taken(shot, book) for shot in shots_of(book.flows)}
    for width, size in SIZES.items():
        Image.new("L", size, 200).save(pictures / f"{width}.webp", lossless=True)
    write_manifest(pictures, taken.values())
    build_site(Shelf(book, taken, pictures), folder / "site")
    return folder / "site"


def _taken(shot: Shot, book: Book) -> Picture:
    """All of one width share a file: what stands in a picture is no matter here."""
    step = next(step for flow in book.flows for step in flow.steps if step.code == shot.step)
    width, height = SIZES[shot.width]
    marks = tuple(Mark(mark.number, book.said(mark.label, shot.language)) for mark in marks_of(step))
    return Picture(shot=shot, path=f"{shot.width}.webp", alt=shot.name, width=width, height=height, marks=marks)
