"""A printed guide can be read aloud and navigated, and is complete."""

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

from core.text.text import Language
from guides.chapter_builder import StepSection
from guides.handout_content import HandoutContent, PosterContent, easy_to_read_handout_contents, posters
from guides.handout_files import HandoutFormat
from guides.handout_pdf import render_pdf, render_poster
from guides.picture_manifest import ScreenWidth
from tests.support.guides import BOOK, EDITION

FRENCH, ENGLISH = Language
FOOT = 62
"""Height of the footer of a page, in points."""
PRINTED = [(0, FRENCH), (2, ENGLISH), (3, FRENCH)]
"""One printed handout for each flow, because laying out a handout takes seconds."""


def folded(text: str) -> str:
    """Return the text without the line breaks, including those after a hyphen."""
    return " ".join(text.split()).replace("- ", "-")


@pytest.fixture(scope="module", params=PRINTED, ids=lambda param: f"{BOOK.flows[param[0]].slug}-{param[1]}")
def handout(request: pytest.FixtureRequest, handouts: list[HandoutContent]) -> HandoutContent:
    """Return the content of one printed handout after the other."""
    index, language = request.param
    slug = BOOK.flows[index].slug
    return next(each for each in handouts if (each.chapter.slug, each.language) == (slug, language))


@pytest.fixture(scope="module")
def pdf(handout: HandoutContent) -> PdfReader:
    """Return the PDF file of the handout, opened."""
    return PdfReader(BytesIO(render_pdf(handout)))


@pytest.fixture(scope="module")
def texts(pdf: PdfReader) -> list[str]:
    """Return the text of each page. It is extracted once, because this takes as long as the layout of the file."""
    return [folded(page.extract_text()) for page in pdf.pages]


def structure(pdf: PdfReader) -> list[Any]:
    """Return every element of the PDF's structure tree, in reading order."""
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


def page_of(pdf: PdfReader, section: StepSection) -> int:
    """Return the page to which the outline of the PDF leads for a step."""
    (entry,) = [each for each in pdf.outline if each.title.startswith(section.code)]  # type: ignore[union-attr]  # flat
    number = pdf.get_destination_page_number(entry)  # type: ignore[arg-type]  # flat
    assert number is not None
    return number


def test_the_pdf_is_tagged_for_screen_readers(pdf: PdfReader, handout: HandoutContent) -> None:
    """The file is tagged, has a language and a title, and declares PDF/UA."""
    root = pdf.trailer["/Root"]
    kinds = {each.get("/S") for each in structure(pdf)}

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == handout.language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == handout.title
    assert {"/Document", "/Sect", "/H1", "/H2", "/P", "/L", "/LI", "/LBody", "/Link", "/Figure"} <= kinds


def test_every_picture_is_described(pdf: PdfReader, handout: HandoutContent) -> None:
    """The file contains the QR code and then one picture for each step, each with its alternative text."""
    figures = [each for each in structure(pdf) if each.get("/S") == "/Figure"]
    wanted = [handout.pictures[section.code, ScreenWidth.PHONE].alt for section in handout.chapter.sections]

    assert f"/{handout.slug}.html" in figures[0]["/Alt"]
    assert [each["/Alt"] for each in figures[1:]] == wanted


def test_no_heading_level_is_skipped(pdf: PdfReader) -> None:
    """There is one title, and no heading level is skipped (ISO 14289-1, 7.4)."""
    kinds = [each["/S"] for each in structure(pdf) if "/S" in each]
    levels = [int(kind.removeprefix("/H")) for kind in kinds if re.fullmatch(r"/H\d", kind)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def test_every_link_has_one_element_and_a_name(pdf: PdfReader, handout: HandoutContent) -> None:
    """Each row of the contents is a link with the step code and title, and each link has one element (ISO 14289-1)."""
    links = [link.get_object() for page in pdf.pages for link in page.get("/Annots", [])]
    elements = [each for each in structure(pdf) if each.get("/S") == "/Link"]
    names = [link["/Contents"] for link in links]

    assert len(elements) == len(links) == len({link["/StructParent"] for link in links})
    assert all(kinds_in(each).count("/OBJR") == 1 and "/Link" not in kinds_in(each)[1:] for each in elements)
    for section in handout.chapter.sections:
        assert f"{section.numbered_code}, {section.title}" in names
    assert not {section.anchor for section in handout.chapter.sections} & set(names)
    assert {page["/Tabs"] for page in pdf.pages} == {"/S"}


def kinds_in(element: Any) -> list[str]:  # noqa: ANN401  # pypdf's own objects
    """Return the kinds of an element and of all its descendants."""
    kids = element.get("/K", [])
    inside = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]
    own = str(element.get("/S", element.get("/Type")))
    return [own, *(kind for kid in inside if isinstance(kid, dict) for kind in kinds_in(kid))]


def test_a_term_labels_its_values(pdf: PdfReader, handout: HandoutContent) -> None:
    """Each line of the overview is one list item whose label is the term (ISO 14289-1, 7.6)."""
    facts = next(each for each in structure(pdf) if each.get("/S") == "/L")
    items = [[str(kid.get_object()["/S"]) for kid in item.get_object()["/K"]] for item in facts["/K"]]

    assert items == [["/Lbl", *["/LBody"] * len(fact.values)] for fact in handout.chapter.facts]
    assert facts["/A"]["/ListNumbering"] == "/None"


def test_what_repeats_on_every_page_is_an_artifact(pdf: PdfReader) -> None:
    """All text is in the structure or an artifact, and headers and footers are artifacts (ISO 14289-1, 7.1 and 7.8)."""
    parents = iter(pdf.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"])
    elements = dict(zip(parents, parents, strict=True))
    for number, page in enumerate(pdf.pages):
        contents = page.get_contents()
        assert contents is not None
        opened: list[Any] = []
        artifacts = 0
        for operands, operator in contents.operations:
            if operator in {b"BDC", b"BMC"}:
                opened.append(operands)
            elif operator == b"EMC":
                opened.pop()
            elif operator in {b"Tj", b"TJ"}:
                assert opened, (number, operands)
                tag, *properties = opened[-1]
                artifacts += tag == "/Artifact"
                mcid = next((each["/MCID"] for each in properties if "/MCID" in each), None)
                assert (mcid is None) == (tag == "/Artifact")
                assert mcid is None or elements[number][mcid].get_object()["/S"]
        assert artifacts >= (4 if number else 2)


def test_the_outline_lists_the_codes(pdf: PdfReader, handout: HandoutContent) -> None:
    """The outline lists the code and title of each step, and then the error messages."""
    steps = [f"{section.numbered_code} {section.title}" for section in handout.chapter.sections]

    assert [each.title for each in pdf.outline] == [*steps, handout.words["messages"]]  # type: ignore[union-attr]  # flat


def test_each_page_has_code_site_desk_version_and_number(texts: list[str], handout: HandoutContent) -> None:
    """Each page shows the step code, the site, the helpdesk, the version, the date and the page number."""
    for number, text in enumerate(texts, start=1):
        assert f"{handout.words['page']} {number} / {len(texts)}" in text
        assert EDITION.version in handout.dated
        for said in (handout.election.site, handout.election.desk_phone, handout.dated):
            assert folded(said) in text
        assert any(section.code in text for section in handout.chapter.sections)


def test_a_step_is_on_one_page(pdf: PdfReader, texts: list[str], handout: HandoutContent) -> None:
    """The text and the picture of a step are on one page, whose header shows only the code of this step."""
    for section in handout.chapter.sections:
        number = page_of(pdf, section)
        text = texts[number]
        ways = [text for way in section.ways for action in way.actions for text in (action.sentence, action.hint or "")]
        troubles = [text for each in section.troubles for text in each]

        assert [said for said in (section.title, *ways, *section.says, *troubles) if folded(said) not in text] == []
        assert picture_count(pdf.pages[number]) == 1
        assert sum(each.code in text for each in handout.chapter.sections) == 1


def picture_count(page: PageObject) -> int:
    """Return the number of pictures on a page."""
    contents = page.get_contents()
    assert contents is not None
    return contents.get_data().count(b" Do")


def test_requirements_come_before_the_first_step(texts: list[str], handout: HandoutContent) -> None:
    """The duration, the requirements, the tries, the address and the helpdesk's number come before the first step."""
    for fact in handout.chapter.facts:
        assert [said for said in (fact.label, *fact.values) if folded(said) not in texts[0]] == []


def test_every_message_is_explained(texts: list[str], handout: HandoutContent) -> None:
    """The last pages give the cause and the remedy of every error message, and each step refers to its messages."""
    text = " ".join(texts)

    for entry in handout.entries:
        assert [said for said in (entry.sentence, entry.cause or "", *entry.remedies) if folded(said) not in text] == []
    assert handout.entries


def test_text_is_extracted_in_reading_order(pdf: PdfReader, texts: list[str], handout: HandoutContent) -> None:
    """The text is extracted in reading order, which copying and programs that ignore tags need."""
    for section in handout.chapter.sections:
        text = texts[page_of(pdf, section)]
        actions = [text.index(folded(action.sentence)) for way in section.ways for action in way.actions]
        says = [text.index(folded(said)) for said in section.says]

        assert actions + says == sorted(actions + says)


def half_empty(pdf: PdfReader) -> bool:
    """Return whether the last line above the footer of the last page is in the upper half of the page."""
    last, places = pdf.pages[-1], []

    def place(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            places.append(inner[4] * outer[1] + inner[5] * outer[3] + outer[5])

    last.extract_text(visitor_text=place)
    return min(height for height in places if height > FOOT) > last.mediabox.height / 2


def test_its_last_page_is_not_half_empty(pdf: PdfReader) -> None:
    """The last line of the guide is below the middle of its page."""
    assert not half_empty(pdf)


def test_no_last_page_is_half_empty(handouts: list[HandoutContent]) -> None:
    """The error messages of the other guides, in both languages, end below the middle of the last page."""
    printed = {(BOOK.flows[index].slug, language) for index, language in PRINTED}
    others = [each for each in handouts if (each.slug, each.language) not in printed]
    assert {each.language for each in others} == set(Language)
    for each in others:
        end = replace(each, chapter=replace(each.chapter, sections=each.chapter.sections[-1:]))
        assert not half_empty(PdfReader(BytesIO(render_pdf(end)))), (each.slug, each.language)


def test_the_easy_guide_has_each_sentence_beside_its_picture(handouts: list[HandoutContent]) -> None:
    """Each part of the easy-to-read guide is on one page, with its sentences in order and the numbered picture."""
    easy = list(easy_to_read_handout_contents(handouts, BOOK))
    assert [each.slug for each in easy] == ["mot-de-passe-facile", "identifiant-facile"] * len(Language)
    for each in easy:
        assert each.easy is not None
        assert each.handout_formats == (HandoutFormat.PRINT,)
        pdf = PdfReader(BytesIO(render_pdf(each)))
        assert not half_empty(pdf), (each.slug, each.language)
        texts = [folded(page.extract_text()) for page in pdf.pages]
        assert each.words["easy_untested"] in texts[0]
        shown, pictures = [], [0] * len(texts)
        for section in each.easy.sections:
            told = [f"{number or ''} {said}" for number, said in section.sentences]
            part = folded(" ".join([section.title, *told]))
            (place,) = [number for number, text in enumerate(texts) if part in text] or pytest.fail(part)
            if section.step is not None:
                picture = each.pictures[section.step.code, ScreenWidth.PHONE]
                assert {number for number, _ in section.sentences} - {None} <= {mark.number for mark in picture.marks}
                shown.append(picture.alt)
                pictures[place] += 1
        assert [figure["/Alt"] for figure in structure(pdf) if figure.get("/S") == "/Figure"][1:] == shown
        assert [picture_count(page) for page in pdf.pages] == pictures


ON_THIS_MACHINE = replace(BOOK, election=replace(BOOK.election, site="http://127.0.0.1:8000"))


@pytest.mark.parametrize("poster", list(posters(ON_THIS_MACHINE, EDITION)), ids=lambda poster: poster.language)
def test_the_poster_is_one_page_with_the_commonest_cases(poster: PosterContent) -> None:
    """The poster has one page, with the most frequent problems, the mailbox, a QR code, the helpdesk and the dates."""
    pdf = PdfReader(BytesIO(render_poster(poster)))
    (page,) = pdf.pages
    assert not half_empty(pdf)
    text = folded(page.extract_text())

    assert len(poster.cases) == len({case.title for case in poster.cases}) == 3
    for said in (*(case.title for case in poster.cases), *poster.desk, *poster.dates, poster.dated):
        assert folded(said) in text
    assert sum(each.get("/S") == "/Figure" for each in structure(pdf)) == 1
    links = [each.get_object()["/A"]["/URI"] for each in page["/Annots"]]
    assert links == [f"{poster.election.site}/", *(case.address for case in poster.cases)]
    assert all(link.startswith(f"{poster.election.site}/") for link in links)


def test_the_same_content_gives_the_same_bytes(
    handouts: list[HandoutContent], caplog: pytest.LogCaptureFixture
) -> None:
    """The same content gives the same bytes on every machine and day.

    Another date gives other bytes. WeasyPrint logs no unknown CSS rule, no missing picture and no missing link target.
    """
    short = handouts[3]
    with caplog.at_level(logging.WARNING, "weasyprint"):
        first = render_pdf(short)
    assert [record.getMessage() for record in caplog.records] == []
    later = replace(short, edition=structs.replace(EDITION, day=date(2018, 11, 6)))

    assert render_pdf(short) == first
    assert str(short.folder).encode() not in first
    assert render_pdf(later) != first
