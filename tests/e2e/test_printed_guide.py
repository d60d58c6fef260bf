"""A reader who has only the printed guide gets a new password.

The test reads the address, the fields, the buttons and the mail's subject in the PDF, and uses nothing of `core`. The
reader knows only their own mail address and a password.
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

from core.app.election_folder import open_services
from guides.handout_content import handout_contents
from guides.handout_files import EditionStamp
from guides.handout_pdf import render_pdf
from guides.help_source import help_source_of
from tests.e2e.visitor import PageVisitor
from tests.support.product import Demo, eventually

PASSWORD = "Sentier calme 2018"
ADDRESS = re.compile(r"L'adresse du site (\S+)")
CODE = re.compile(r"\b[A-Z]{2}-\d\b")
TO_DO = re.compile(r"\b\d (Remplissez le champ|Choisissez|Ouvrez le lien|Cherchez le message) « (.+?) »\.")
NOT_OF_ME = re.compile("Ce que dit la page|Vous connaissez votre mot de passe|Le message n'est toujours pas là")
"""The headings after which nothing concerns a reader who lost the password and gets the mail."""


@pytest.fixture
def paper(demo: Demo) -> list[str]:
    """Return the text of each page in the French guide to a forgotten password."""
    services = open_services(demo.folder)
    there = replace(services.dependencies, election=replace(services.dependencies.election, site=demo.site))
    book = help_source_of(replace(services, dependencies=there))
    services.close()
    leaflet = next(handout_contents(book, {}, Path(), EditionStamp(version="1", day=date(2018, 11, 29))))
    pages = PdfReader(BytesIO(render_pdf(leaflet))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


@dataclass(frozen=True)
class Reader:
    """A person with a browser and the printed guide."""

    page: Page
    email: str

    def follow(self, sheet: str) -> None:
        """Follow all instructions on one page of the guide."""
        for verb, name in instructions(sheet):
            match verb:
                case "Remplissez le champ":
                    self.page.get_by_label(name, exact=True).fill(self.knows(name))
                case "Choisissez" | "Ouvrez le lien":
                    self.choose(name)
                case "Cherchez le message":
                    self.look_for(name)

    def knows(self, box: str) -> str:
        """Return the value that the reader types into a field, by the name of the field."""
        return self.email if "adresse" in box.lower() else PASSWORD

    def choose(self, name: str) -> None:
        """Press a button of the site, or follow the link in the open mail."""
        mail = next((frame for frame in self.page.frames if frame.parent_frame), None)
        place = (mail or self.page).get_by_role("button" if mail is None else "link", name=name, exact=True)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            place.click()

    def look_for(self, subject: str) -> None:
        """Wait for a mail in the mailbox."""

        def found() -> bool:
            self.page.goto(urljoin(self.page.url, f"/demo?to={self.email}"))
            return self.page.get_by_role("heading", name=subject, exact=True).count() > 0

        assert eventually(found, subject)


def instructions(sheet: str) -> Iterator[tuple[str, str]]:
    """Return the instructions on a page that concern this reader."""
    yield from TO_DO.findall(NOT_OF_ME.split(sheet)[0])


def test_with_the_printed_guide_alone_one_gets_a_password(paper: list[str], demo: Demo, visitor: PageVisitor) -> None:
    """The guide leads from the address on its first page to the last step, and has the step codes of the pages."""
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
