"""The guide to print: a file that can be read aloud, found one's way in, and handed to somebody who has nothing else."""

import logging
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from msgspec import structs
from pypdf import PageObject, PdfReader

from core.text import Language
from guides.chapters import Section
from guides.leaflets import Leaflet
from guides.print import printed
from guides.shots import Width
from tests.support.guides import BOOK, EDITION

FRENCH, ENGLISH = Language
PRINTED = [(0, FRENCH), (2, ENGLISH), (3, FRENCH)]
"""Of each flow only once: laying one out takes seconds."""


def folded(text: str) -> str:
    """As one reads it: the ends of lines are no part of a sentence."""
    return " ".join(text.split())


@pytest.fixture(scope="module", params=PRINTED, ids=lambda param: f"{BOOK.flows[param[0]].slug}-{param[1]}")
def leaflet(request: pytest.FixtureRequest, leaflets: list[Leaflet]) -> Leaflet:
    """What is printed."""
    index, language = request.param
    slug = BOOK.flows[index].slug
    return next(each for each in leaflets if (each.chapter.slug, each.language) == (slug, language))


@pytest.fixture(scope="module")
def pdf(leaflet: Leaflet) -> PdfReader:
    """The file, opened."""
    return PdfReader(BytesIO(printed(leaflet)))


@pytest.fixture(scope="module")
def texts(pdf: PdfReader) -> list[str]:
    """What each page says; read once, for finding it takes as long as laying it out."""
    return [folded(page.extract_text()) for page in pdf.pages]


def structure(pdf: PdfReader) -> list[Any]:
    """Every element of the file's structure, in the order it is read aloud."""
    found: list[Any] = []

    def visit(element: Any) -> None:  # noqa: ANN401  # pypdf's own objects
        read = element.get_object()
        if isinstance(read, dict):
            found.append(read)
            kids = read.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                visit(kid)

    visit(pdf.trailer["/Root"]["/StructTreeRoot"])
    return found


def page_of(pdf: PdfReader, section: Section) -> int:
    """Where the outline leads for a step."""
    (entry,) = [each for each in pdf.outline if each.title.startswith(section.code)]  # type: ignore[union-attr]  # flat
    number = pdf.get_destination_page_number(entry)  # type: ignore[arg-type]  # likewise
    assert number is not None
    return number


def test_it_can_be_read_aloud(pdf: PdfReader, leaflet: Leaflet) -> None:
    """It is tagged, says its language and its title, and claims what it is (PDF/UA)."""
    root = pdf.trailer["/Root"]
    kinds = {each.get("/S") for each in structure(pdf)}

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == leaflet.language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == leaflet.title
    assert {"/Document", "/Sect", "/H1", "/H2", "/P", "/L", "/LI", "/LBody", "/Link", "/Figure"} <= kinds


def test_every_picture_is_described(pdf: PdfReader, leaflet: Leaflet) -> None:
    """One a step, in order, with the alternative text of the site."""
    figures = [each for each in structure(pdf) if each.get("/S") == "/Figure"]
    wanted = [leaflet.pictures[section.code, Width.PHONE].alt for section in leaflet.chapter.sections]

    assert [each["/Alt"] for each in figures] == wanted


def test_headings_lead_down_one_level_at_a_time(pdf: PdfReader) -> None:
    """One title, then its parts (ISO 14289-1, 7.4): whoever jumps from heading to heading misses none."""
    kinds = [each["/S"] for each in structure(pdf) if "/S" in each]
    levels = [int(kind.removeprefix("/H")) for kind in kinds if re.fullmatch(r"/H\d", kind)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def test_every_link_says_where_it_leads(pdf: PdfReader) -> None:
    """To a screen reader too, which finds it where the text has it (ISO 14289-1, 7.18)."""
    links = [link.get_object() for page in pdf.pages for link in page.get("/Annots", [])]

    assert links
    assert all(link.get("/Contents") and "/StructParent" in link for link in links)
    assert {page["/Tabs"] for page in pdf.pages} == {"/S"}


def test_the_outline_is_the_codes(pdf: PdfReader, leaflet: Leaflet) -> None:
    """Each with its title, then the messages."""
    steps = [f"{section.code} {section.title}" for section in leaflet.chapter.sections]

    assert [each.title for each in pdf.outline] == [*steps, leaflet.words["messages"]]  # type: ignore[union-attr]  # flat


def test_each_page_says_where_one_is_and_what_one_holds(texts: list[str], leaflet: Leaflet) -> None:
    """The code, the site, the desk, the version, the day, and which page of how many."""
    for number, text in enumerate(texts, start=1):
        assert f"{leaflet.words['page']} {number} / {len(texts)}" in text
        assert EDITION.version in leaflet.dated
        for said in (leaflet.election.site, leaflet.election.desk_phone, leaflet.dated):
            assert folded(said) in text
        assert any(section.code in text for section in leaflet.chapter.sections)


def test_a_step_is_never_torn(pdf: PdfReader, texts: list[str], leaflet: Leaflet) -> None:
    """All it says and its picture stand on one page, whose head bears its code and no other."""
    for section in leaflet.chapter.sections:
        number = page_of(pdf, section)
        text = texts[number]
        ways = [text for way in section.ways for action in way.actions for text in (action.sentence, action.hint or "")]
        troubles = [text for each in section.troubles for text in (each.sign, each.remedy)]

        assert [said for said in (section.title, *ways, *section.says, *troubles) if folded(said) not in text] == []
        assert drawn_on(pdf.pages[number]) == 1
        assert sum(each.code in text for each in leaflet.chapter.sections) == 1


def drawn_on(page: PageObject) -> int:
    """How many pictures."""
    contents = page.get_contents()
    assert contents is not None
    return contents.get_data().count(b" Do")


def test_what_one_needs_to_know_stands_before_the_first_step(texts: list[str], leaflet: Leaflet) -> None:
    """How long, what, how many tries, how to begin, where, whom to call."""
    for fact in leaflet.chapter.facts:
        assert [said for said in (fact.label, *fact.values) if folded(said) not in texts[0]] == []


def test_every_message_is_explained(texts: list[str], leaflet: Leaflet) -> None:
    """At the end, with its cause and its remedy; each step that has some says where."""
    text = " ".join(texts)

    for entry in leaflet.entries:
        assert [said for said in (entry.sentence, entry.cause or "", *entry.remedies) if folded(said) not in text] == []
    assert leaflet.entries


def test_the_words_stand_in_the_order_they_are_read_in(pdf: PdfReader, texts: list[str], leaflet: Leaflet) -> None:
    """For who copies them, or whose program reads the page and not its tags."""
    for section in leaflet.chapter.sections:
        text = texts[page_of(pdf, section)]
        actions = [text.index(folded(action.sentence)) for way in section.ways for action in way.actions]
        says = [text.index(folded(said)) for said in section.says]

        assert actions + says == sorted(actions + says)


def test_the_same_leaflet_gives_the_same_bytes(leaflets: list[Leaflet]) -> None:
    """Nothing of the moment or the machine is in it; another day is."""
    short = replace(leaflets[3], entries=())
    first = printed(short)
    later = replace(short, edition=structs.replace(EDITION, day=date(2018, 11, 6)))

    assert printed(short) == first
    assert str(short.folder).encode() not in first
    assert printed(later) != first


def test_the_page_is_laid_out_as_it_is_written(leaflets: list[Leaflet], caplog: pytest.LogCaptureFixture) -> None:
    """WeasyPrint understands every rule, finds every picture and every place that is linked to."""
    with caplog.at_level(logging.WARNING, "weasyprint"):
        printed(leaflets[3])

    assert [record.getMessage() for record in caplog.records] == []
