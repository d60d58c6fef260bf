"""The site as its readers get it: sound, light, reachable, printable, and the same place in each language."""

import gzip
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from lxml import html
from mkdocs.exceptions import Abort
from playwright.sync_api import Browser, Page
from tinyhtml5.parser import HTMLParser

from core import words
from core.places import HELP_FRONT, HELP_MESSAGES, field_anchor, help_handout, help_page, step_anchor
from core.text import Language
from guides.entries import entries_of
from guides.handouts import Kind
from guides.hook import UNASKED
from guides.pages import Page as Written
from guides.site import Shelf, build_site
from tests.support.axe import faults, watched
from tests.support.guides import BOOK

NAMES = (HELP_FRONT, *(flow.slug for flow in BOOK.flows), HELP_MESSAGES)
PAGES = [help_page(name, language) for language in Language for name in NAMES]
HEAVIEST = 15 * 1024
"""Bytes of a page with its styles and scripts, compressed."""
HANDOUTS = [help_handout(flow.slug, language, kind) for flow in BOOK.flows for language in Language for kind in Kind]


def document(site: Path, page: str) -> html.HtmlElement:
    """A page, read."""
    return html.fromstring((site / page).read_text("utf-8"))


def test_the_site_is_made_of_the_pages_and_what_they_need(site: Path) -> None:
    """Nothing else: the forms' script and MkDocs's own additions stay out."""
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    beside = {"retrouve.css", "help.css", "help.js", "search-fr.js", "search-en.js", "logo.svg", "favicon.svg"}

    assert files == {*PAGES, *beside, "pictures/phone.webp", "pictures/desktop.webp", *HANDOUTS}
    assert not files & set(UNASKED)


def test_the_stylesheet_is_that_of_the_forms(site: Path) -> None:
    """Byte for byte, and the first that a page loads."""
    shared = Path(__file__).parents[2] / "templates" / "static" / "retrouve.css"

    assert (site / "retrouve.css").read_bytes() == shared.read_bytes()
    assert document(site, PAGES[0]).xpath("//link[@rel='stylesheet']/@href") == ["retrouve.css", "help.css"]


@pytest.mark.parametrize("page", PAGES)
def test_the_html_has_no_fault(site: Path, page: str) -> None:
    """No parse error of the HTML standard, no id twice, one heading of the first rank and none left out below it."""
    parser = HTMLParser()
    parser.parse((site / page).read_text("utf-8"))
    read = document(site, page)
    ranks = [int(heading.tag[1]) for heading in read.iter("h1", "h2", "h3", "h4")]

    assert parser.errors == []
    assert [each for each, count in Counter(read.xpath("//@id")).items() if count > 1] == []
    assert ranks.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(ranks))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(site: Path, page: str) -> None:
    """Within the site to a file and an anchor that are there; outside it, only to the voters' site and the desk."""
    for address in document(site, page).xpath("//@href | //@src | //@srcset"):
        place, anchor = urldefrag(address)
        if urlsplit(address).scheme:
            assert address.startswith((f"{BOOK.election.site}/", "tel:")), address
            continue
        found = site / page if not place else (site / page).parent / place
        assert found.is_file(), address
        assert not anchor or document(found.parent, found.name).xpath(f"//*[@id='{anchor}']"), address


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strictly: half a help is none."""
    shelf = Shelf(BOOK)
    broken = Written(name=HELP_FRONT, language=Language.FRENCH, title="…", markdown="# …\n\n[…](nulle-part.md)")
    monkeypatch.setitem(shelf.pages, broken.source, broken)  # type: ignore[arg-type]  # a mapping made by a comprehension

    with pytest.raises(Abort):
        build_site(shelf, tmp_path / "site")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light(site: Path, page: str) -> None:
    """HTML, styles and scripts; what is found by searching is loaded only when one searches."""
    read = document(site, page)
    parts = [
        page,
        *(f"{(Path(page).parent / part)}" for part in read.xpath("//link[@rel='stylesheet']/@href | //script/@src")),
    ]
    index = read.xpath("//form/@data-index")[0]

    assert sum(len(gzip.compress((site / part).read_bytes())) for part in parts) <= HEAVIEST
    assert len(gzip.compress((site / Path(page).parent / index).read_bytes())) <= HEAVIEST


@pytest.mark.parametrize("language", Language)
def test_each_step_has_its_code_as_anchor_and_each_field_its_own(site: Path, language: Language) -> None:
    """What the forms, the agents and the search lead to; likewise each error by its id."""
    for flow in BOOK.flows:
        anchors = set(document(site, help_page(flow.slug, language)).xpath("//@id"))
        steps = {step_anchor(step.code) for step in flow.steps}
        fields = {field_anchor(step.code, each.name) for step in flow.steps for act in step.acts for each in act.fields}
        assert steps | fields <= anchors
    errors = set(document(site, help_page(HELP_MESSAGES, language)).xpath("//@id"))
    assert {entry.id for entry in entries_of(BOOK, language)} <= errors


@pytest.mark.parametrize("page", PAGES)
def test_the_other_language_is_the_same_page(site: Path, page: str) -> None:
    """Under its own name, marked as that language; each leads back to the other."""
    (switch,) = document(site, page).xpath("//nav[@class='tongues']/a")
    there = ((site / page).parent / switch.get("href")).resolve()
    (back,) = document(there.parent, there.name).xpath("//nav[@class='tongues']/a")

    assert switch.text == words.AUTONYMS[Language(switch.get("hreflang"))]
    assert document(there.parent, there.name).get("lang") == switch.get("hreflang") != document(site, page).get("lang")
    assert (there.parent / back.get("href")).resolve() == (site / page).resolve()


@pytest.mark.parametrize("flow", BOOK.flows, ids=[flow.slug for flow in BOOK.flows])
def test_every_picture_says_what_it_shows_and_how_large_it_is(site: Path, flow: object) -> None:
    """In the reader's colours and width, none of the four left out; no page jumps while it loads."""
    read = document(site, help_page(flow.slug, Language.FRENCH))  # type: ignore[attr-defined]  # a Flow
    pictures = read.xpath("//picture")

    assert len(pictures) == len(flow.steps)  # type: ignore[attr-defined]
    for picture in pictures:
        (image,) = picture.xpath(".//img")
        media = [source.get("media") for source in picture.xpath(".//source")]
        assert [bool(re.search("dark", each)) for each in media] == [True, False, True]
        assert image.get("alt")
        assert all(each.get("width") and each.get("height") for each in picture.xpath(".//img | .//source"))


@pytest.mark.parametrize("language", Language)
def test_a_way_offers_its_handouts_with_their_type_and_weight(site: Path, language: Language) -> None:
    """Before one begins; the pages that are no way offer none."""
    for name in NAMES:
        offered = document(site, help_page(name, language)).xpath("//ul[@class='handouts']//a")
        wanted = {help_handout(name, language, kind) for kind in Kind} & set(HANDOUTS)

        assert {str(Path(help_page(name, language)).parent / link.get("href")) for link in offered} == wanted
        assert all("124" in link.text and link.get("type") for link in offered)


# ── In a browser ─────────────────────────────────────────────────────────────────────────────────────────


def opened(browser: Browser, site: Path, page: str, width: int = 1280, **more: object) -> Page:
    """A page of the site, from its file."""
    made = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce", **more)  # type: ignore[arg-type]  # by name
    made.goto((site / page).as_uri())
    return made


@pytest.mark.parametrize(("language", "width"), [(Language.FRENCH, 320), (Language.ENGLISH, 1280)])
def test_axe_finds_nothing(browser: Browser, site: Path, language: Language, width: int) -> None:
    """In both themes, on a small telephone and a desk; nothing is wider than the screen (CASE 46)."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = watched(context).new_page()
    for name in NAMES:
        page.goto((site / help_page(name, language)).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert faults(page) == {}, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    context.close()


def test_a_page_asks_nobody_else(browser: Browser, site: Path) -> None:
    """Every request is for a file of the site, also when one searches."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / PAGES[1]).as_uri())
    page.locator("#search").fill("mdp")
    page.locator("#found a").first.wait_for()

    assert len(asked) > 5
    assert all(address.startswith(site.as_uri()) for address in asked)
    page.close()


def test_without_scripts_all_is_read_and_no_box_is_dead(browser: Browser, site: Path) -> None:
    """The search, which needs one, is not shown."""
    page = opened(browser, site, PAGES[1], java_script_enabled=False)

    assert page.locator(".step").count() == len(BOOK.flows[0].steps)
    assert not page.locator("form.search").is_visible()
    page.close()


def test_the_language_is_changed_at_the_same_step(browser: Browser, site: Path) -> None:
    """Not at the top of the page."""
    anchor = step_anchor(BOOK.flows[0].steps[3].code)
    page = opened(browser, site, f"{PAGES[1]}")
    page.goto(f"{(site / PAGES[1]).as_uri()}#{anchor}")
    page.locator("nav.tongues a").click()

    assert page.url == f"{(site / help_page(NAMES[1], Language.ENGLISH)).as_uri()}#{anchor}"
    page.close()


TORN = """() => [...document.querySelectorAll(".step .shown")].map(each => [
    getComputedStyle(each).breakInside, getComputedStyle(each.closest(".step")).breakInside,
    each.querySelector(".shot").getBoundingClientRect().height + each.querySelector(".do").getBoundingClientRect().height,
])"""
A4_INSIDE = (297 - 16 - 18) / 25.4 * 96
"""CSS pixels between the margins of the sheet, top to bottom."""


def test_on_paper_a_step_is_never_torn_from_its_picture(browser: Browser, site: Path) -> None:
    """The two are kept together, and fit a sheet, whichever way they stand."""
    page = opened(browser, site, PAGES[1], 690)
    page.emulate_media(media="print")

    for inner, outer, height in page.evaluate(TORN):
        assert (inner, outer) == ("avoid", "avoid")
        assert height <= A4_INSIDE
    page.close()


def test_on_paper_all_is_ink_whatever_the_screen(browser: Browser, site: Path) -> None:
    """Who reads in the dark prints in black, the light pictures."""
    page = opened(browser, site, PAGES[1], color_scheme="dark")
    assert page.locator("source[media*=dark]").count() > 0
    page.pdf()
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('.hint, .do p')).color") == "rgb(0, 0, 0)"
    assert page.locator("source[media*=dark]").count() == 0
    page.close()
