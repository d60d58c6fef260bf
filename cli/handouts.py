"""What can be taken away from an election's help: made anew where something that decides it has changed."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import msgspec
from msgspec import structs

from cli.contents import contents
from core.bootstrap import House
from core.places import help_handout
from guides.book import book_of
from guides.deck import deck_of
from guides.handouts import Edition, Handout, Kind
from guides.leaflets import Leaflet, leaflets_of
from guides.print import printed
from guides.shots import read_manifest

MADE = "made.json"
MAKERS = {Kind.PRINT: printed, Kind.DECK: deck_of}
LIBRARIES = ("jinja2", "pillow", "python-pptx", "weasyprint")
OURS = ("deck", "leaflets.py", "print.py", "tokens.py")
DRAWN = ("deck", "print", "static")
FEW = 4
NO_DAY = date.min


class Made(msgspec.Struct, frozen=True):
    """A handout that stands in the folder, and the digest of what it was made of."""

    handout: Handout
    digest: str


@dataclass(frozen=True, slots=True)
class Order:
    """One to make, unless it stands there already."""

    leaflet: Leaflet
    kind: Kind
    folder: Path

    @property
    def path(self) -> str:
        """Its file, from the folder."""
        return help_handout(self.leaflet.chapter.slug, self.leaflet.language, self.kind)

    def digest(self) -> str:
        """Of all that decides it, but the day."""
        timeless = structs.replace(self.leaflet.edition, day=NO_DAY)
        said = repr(replace(self.leaflet, edition=timeless, dated="", folder=Path()))
        digest = sha256(f"{self.kind}\0{said}\0{_program()}".encode())
        for picture in self.leaflet.pictures.values():
            digest.update((self.leaflet.folder / picture.path).read_bytes())
        return digest.hexdigest()

    def make(self) -> Made:
        """Writes it."""
        content = MAKERS[self.kind](self.leaflet)
        path = self.folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        flow, language = self.leaflet.chapter.slug, self.leaflet.language
        return Made(Handout(flow=flow, language=language, kind=self.kind, weight=len(content)), self.digest())


def handouts_of(house: House, pictures: Path, folder: Path) -> tuple[tuple[Handout, ...], int]:
    """Every handout of that election's help, in that folder; and how many had to be made."""
    edition = Edition(version=version("retrouve"), day=house.calendar.local(house.clock.now()).date())
    leaflets = leaflets_of(book_of(house), read_manifest(pictures), pictures.resolve(), edition)
    return brought_up_to_date(leaflets, folder)


def brought_up_to_date(leaflets: Iterable[Leaflet], folder: Path) -> tuple[tuple[Handout, ...], int]:
    """Theirs. One that would say the same keeps its day."""
    orders = [Order(leaflet, kind, folder.resolve()) for leaflet in leaflets for kind in Kind]
    former = _made_before(folder)
    kept = {order.path: former[order.path] for order in orders if _stands(order, former)}
    missing = [order for order in orders if order.path not in kept]
    made = {each.handout.path: each for each in _made(missing)}
    every = [(kept | made)[order.path] for order in orders]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MADE).write_bytes(msgspec.json.format(msgspec.json.encode(every), indent=1))
    return tuple(each.handout for each in every), len(missing)


def _stands(order: Order, former: Mapping[str, Made]) -> bool:
    made = former.get(order.path)
    return made is not None and (order.folder / order.path).exists() and made.digest == order.digest()


def _made_before(folder: Path) -> Mapping[str, Made]:
    """What an earlier run says of the folder; an earlier version may have said it otherwise."""
    try:
        made = msgspec.json.decode((folder / MADE).read_bytes(), type=tuple[Made, ...])
    except (FileNotFoundError, msgspec.ValidationError):
        return {}
    return {each.handout.path: each for each in made}


def _made(orders: Sequence[Order]) -> Iterator[Made]:
    """A core each, where there are enough to be worth the seconds in which another process gets ready."""
    if len(orders) <= FEW:
        yield from map(Order.make, orders)
        return
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as makers:
        yield from makers.map(Order.make, orders)


@cache
def _program() -> str:
    """A digest of what lays them out."""
    digest = sha256("\0".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    places = [*(files("guides") / name for name in OURS), *(files("templates") / name for name in DRAWN)]
    for place in places:
        for content in contents(place):
            digest.update(content)
    return digest.hexdigest()
