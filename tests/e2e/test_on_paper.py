"""Someone who holds the printed guide and nothing else gets a new password.

The address, the boxes, the buttons and the subject of the mail are read out of the PDF, as its reader would: nothing of
`core` is asked. What the reader knows by themselves is their address, a password of their own, and which of two
headings tells of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from core import bootstrap
from guides.book import book_of
from guides.handouts import Edition
from guides.leaflets import leaflets_of
from guides.print import printed
from tests.e2e.visitor import Visitor
from tests.support.product import Demo, eventually

PASSWORD = "Sentier calme 2018"
ADDRESS = re.compile(r"L'adresse du site (\S+)")
CODE = re.compile(r"\b[A-Z]{2}-\d\b")
TO_DO = re.compile(r"\b\d (Remplissez la case|Choisissez|Cherchez le message) « (.+?) »\.")
OF_ME, NOT_OF_ME = "Vous l'avez perdu", "Le message n'est toujours pas là"
"""The headings between which this reader chooses: a lost password, a mail that comes."""


@pytest.fixture
def paper(demo: Demo) -> list[str]:
    """The pages of the guide to a lost password, in French, as they are read."""
    house = bootstrap.open_house(demo.folder)
    there = replace(house.tools, election=replace(house.election, site=demo.site))
    book = book_of(replace(house, tools=there))
    house.close()
    leaflet = next(leaflets_of(book, {}, Path(), Edition(version="1", day=date(2018, 11, 29))))
    pages = PdfReader(BytesIO(printed(leaflet))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


@dataclass(frozen=True)
class Reader:
    """Somebody at a browser with the paper beside it."""

    page: Page
    email: str

    def follow(self, sheet: str) -> None:
        """One page of the guide, from its first instruction to its last."""
        for verb, name in instructions(sheet):
            match verb:
                case "Remplissez la case":
                    self.page.get_by_label(name, exact=True).fill(self.knows(name))
                case "Choisissez":
                    self.choose(name)
                case "Cherchez le message":
                    self.look_for(name)

    def knows(self, box: str) -> str:
        """What belongs into a box of that name."""
        return self.email if "adresse" in box.lower() else PASSWORD

    def choose(self, name: str) -> None:
        """A button of the site, or the link of the mail that is open."""
        mail = next((frame for frame in self.page.frames if frame.parent_frame), None)
        place = (mail or self.page).get_by_role("button" if mail is None else "link", name=name, exact=True)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            place.click()

    def look_for(self, subject: str) -> None:
        """In one's mailbox, until it is there."""

        def found() -> bool:
            self.page.goto(urljoin(self.page.url, f"/demo?to={self.email}"))
            return self.page.get_by_role("heading", name=subject, exact=True).count() > 0

        assert eventually(found, subject)


def instructions(sheet: str) -> Iterator[tuple[str, str]]:
    """What this reader has to do by that page: above what the site says, and only what is for them."""
    to_do = sheet.partition("Ce que dit la page")[0].partition(NOT_OF_ME)[0]
    if OF_ME in to_do:
        to_do = to_do.partition(OF_ME)[2]
    yield from TO_DO.findall(to_do)


def test_with_the_printed_guide_alone_one_gets_a_password(paper: list[str], demo: Demo, visitor: Visitor) -> None:
    """From the address on its first page to the page that says so; at each step the code on paper is that on screen."""
    first, *others = paper
    steps = list(takewhile(lambda sheet: len(set(CODE.findall(sheet))) == 1, others))
    address = ADDRESS.search(first)
    assert address is not None
    reader = Reader(visitor.page, visitor.person.email)

    visitor.page.goto(address[1])
    for sheet in steps:
        stamp = visitor.page.locator(".stamp")
        if stamp.count():
            assert stamp.inner_text().endswith(CODE.findall(sheet)[0])
        if sheet is not steps[-1]:
            reader.follow(sheet)

    assert len(steps) > 5
    assert demo.browser().sign_in(reader.email, PASSWORD).step.startswith("EV-")
