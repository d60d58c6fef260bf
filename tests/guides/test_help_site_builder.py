"""The built site is valid, small, accessible and printable, and has the same pages in each language."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from subprocess import run
from urllib.parse import urldefrag, urlsplit

import msgspec
import pytest
from lxml import html
from mkdocs.exceptions import Abort
from playwright.sync_api import Browser, Page
from tinyhtml5.parser import HTMLParser

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms.flow_model import AwaitMessageStep
from core.text.faces import page_frame_texts as words
from core.text.text import Language
from core.text.urls import (
    CONTACT_PATH,
    FINGERPRINT,
    HELP_FRONT,
    HELP_LAST_RESORTS,
    HELP_MESSAGES,
    HELP_SEARCH,
    HELP_SITUATIONS,
    easy_to_read_page_name,
    field_anchor,
    handout_file,
    help_file_fingerprint,
    help_page_file,
    step_anchor,
    tel_link,
)
from guides.built_site_files import CHECKSUMS, MANIFEST
from guides.chapter_builder import ChapterBuilder
from guides.handout_files import POSTER, HandoutFormat
from guides.help_entries import all_error_help_entries, error_help_groups
from guides.help_pages import HelpPage as Written
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from guides.mkdocs_hook import UNWANTED_FILES
from guides.picture_manifest import ANSWER, MESSAGE, pictured_messages, pictured_step_states
from guides.pictures.definition_check import fold_spaces
from guides.search_index import index_file_name
from tests.support.axe import faults, watched
from tests.support.guides import BOOK
from tests.support.layout_shift import MOST_SHIFT, layout_shift
from tests.support.nginx import nginx
from tests.support.product import free_port
from tests.support.torn_words import torn_words

ABORTED = "net::ERR_ABORTED"
MESSAGE_GROUPS = tuple(error_help_groups(BOOK, Language.FRENCH))
NAMES = (
    HELP_FRONT,
    *(flow.slug for flow in BOOK.flows),
    *map(easy_to_read_page_name, BOOK.easy_to_read_guides),
    HELP_SITUATIONS,
    HELP_LAST_RESORTS,
    HELP_MESSAGES,
    *(group.page for group in MESSAGE_GROUPS),
    HELP_SEARCH,
)
PAGES = [help_page_file(name, language) for language in Language for name in NAMES]
HEAVIEST = 18 * 1024
"""Maximum compressed size of a page with its styles and scripts, in bytes. The largest page is a fifth smaller."""
HANDOUTS = [
    handout_file(flow.slug, language, kind) for flow in BOOK.flows for language in Language for kind in HandoutFormat
]
POSTERS = [handout_file(POSTER, language, HandoutFormat.PRINT) for language in Language]


@cache
def document(site: Path, page: str) -> html.HtmlElement:
    """Return a page of the site as a parsed document. Each page is parsed once."""
    return html.fromstring((site / page).read_text("utf-8"))


def sqlite_file_of(address: str) -> str:
    """Return the address of a file without its fingerprint."""
    return address.partition("?")[0]


def test_the_site_is_made_of_the_pages_and_what_they_need(site: Path) -> None:
    """The site contains only its pages and the files that they load, without files that MkDocs adds."""
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    beside = {
        "retrouve.css",
        "help.css",
        "help.js",
        "search.js",
        "search-fr.js",
        "search-en.js",
        "logo.svg",
        "favicon.svg",
    }

    assert files == {
        *PAGES,
        *beside,
        MANIFEST,
        CHECKSUMS,
        "pictures/phone.webp",
        "pictures/desktop.webp",
        *HANDOUTS,
        *POSTERS,
    }
    assert not files & set(UNWANTED_FILES)


def test_the_stylesheet_is_that_of_the_forms(site: Path) -> None:
    """The first style sheet of a page is exactly the style sheet of the voters' site."""
    shared = Path(__file__).parents[2] / "templates" / "static" / "retrouve.css"

    assert (site / "retrouve.css").read_bytes() == shared.read_bytes()
    styles = document(site, PAGES[0]).xpath("//link[@rel='stylesheet']/@href")
    assert list(map(sqlite_file_of, styles)) == ["retrouve.css", "help.css"]
    assert styles[0] == f"retrouve.css?{FINGERPRINT}={help_file_fingerprint(shared.read_bytes())}"


class ManifestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as the manifest describes it."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest as other programs expect it."""

    version: str
    election: str
    site: str
    files: tuple[ManifestFile, ...]


def test_a_copy_of_the_site_can_be_checked(site: Path) -> None:
    """The manifest lists every other file, and `sha256sum` accepts every checksum."""
    manifest = msgspec.json.decode((site / MANIFEST).read_bytes(), type=Manifest)
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}

    assert (manifest.version, manifest.election, manifest.site) == (
        version("retrouve"),
        BOOK.election.name,
        BOOK.election.site,
    )
    assert {each.path for each in manifest.files} == files - {MANIFEST, CHECKSUMS}
    for each in manifest.files:
        content = (site / each.path).read_bytes()
        assert (each.bytes, each.sha256) == (len(content), sha256(content).hexdigest()), each.path
    checked = run(["sha256sum", "--check", "--strict", CHECKSUMS], cwd=site, capture_output=True, text=True, check=True)
    assert len(checked.stdout.splitlines()) == len(files) - 1


SERVED = """
include /etc/nginx/mime.types;
access_log off;
server {{
    listen 127.0.0.1:{port};
    location {path} {{ alias {site}/; }}
}}
"""
ELSEWHERE = "/elections/2018/aide-du-vote/"


@pytest.fixture(params=["nginx", "file"])
def base(request: pytest.FixtureRequest, site: Path, tmp_path: Path) -> Iterator[str]:
    """Yield the address of the site, first served by nginx below a path, and then as a folder."""
    if request.param == "file":
        yield f"{site.as_uri()}/"
        return
    port = free_port()
    with nginx(tmp_path, SERVED.format(port=port, path=ELSEWHERE, site=site), port):
        yield f"http://127.0.0.1:{port}{ELSEWHERE}"


def test_the_site_works_on_any_host_and_from_a_folder(browser: Browser, base: str) -> None:
    """No page requests a missing file. Pictures, links and the search work in both languages."""
    page, failed, asked = browser.new_page(), list[str](), list[str]()
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= HTTPStatus.BAD_REQUEST else None)
    # Enter may leave a page before the search's scripts have come: they are asked for when the field is entered.
    page.on("requestfailed", lambda each: None if each.failure == ABORTED else failed.append(each.url))
    page.on("request", lambda request: asked.append(request.url))
    for language in Language:
        page.goto(base + help_page_file(HELP_FRONT, language))
        page.locator(f"main a[href*='{BOOK.flows[0].slug}.html#']").first.click()
        page.wait_for_url(f"{base}{help_page_file(BOOK.flows[0].slug, language)}#*")
        first = page.locator(".shot img").first
        first.scroll_into_view_if_needed()
        page.wait_for_function("each => each.complete && each.naturalWidth > 0", arg=first.element_handle())
        page.locator("#search").fill("password")
        page.locator("#search").press("Enter")
        page.wait_for_url(f"{base}{help_page_file(HELP_SEARCH, language)}?q=password")
        page.locator("#results a").first.click()
        page.wait_for_url(f"{base}{help_page_file(BOOK.flows[0].slug, language)}*")
    page.close()

    assert [address for address in failed if "favicon" not in address] == []
    assert [address for address in asked if not address.startswith(base) and "favicon" not in address] == []


def test_the_html_has_no_fault(site: Path) -> None:
    """A page has no HTML error and no duplicate id, and its headings have one first level and no skipped level."""
    for page in PAGES:
        parser = HTMLParser()
        parser.parse((site / page).read_text("utf-8"))
        read = document(site, page)
        ranks = [int(heading.tag[1]) for heading in read.iter("h1", "h2", "h3", "h4")]

        assert parser.errors == [], page
        assert [each for each, count in Counter(read.xpath("//@id")).items() if count > 1] == []
        assert ranks.count(1) == 1, page
        assert all(after - before <= 1 for before, after in pairwise(ranks)), page


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(site: Path, page: str) -> None:
    """Internal links lead to existing files and anchors. External links lead to the voters' site or the helpdesk."""
    for address in document(site, page).xpath("//@href | //@src | //@srcset | //@action"):
        place, anchor = urldefrag(address)
        place = sqlite_file_of(place)
        if urlsplit(address).scheme:
            assert address.startswith((f"{BOOK.election.site}/", "tel:")), address
            continue
        found = site / page if not place else (site / page).parent / place
        assert found.is_file(), address
        assert not anchor or document(found.parent, found.name).xpath(f"//*[@id='{anchor}']"), address


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken link stops the build of the site."""
    shelf = HelpSiteBuildInputs(BOOK)
    broken = Written(name=HELP_FRONT, language=Language.FRENCH, title="…", markdown="# …\n\n[…](nulle-part.md)")
    monkeypatch.setitem(shelf.pages, broken.markdown_file, broken)  # type: ignore[arg-type]  # a mapping made by a comprehension

    with pytest.raises(Abort):
        build_site(shelf, tmp_path / "site")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light(site: Path, page: str) -> None:
    """A page with its styles and scripts is small, and the search index is loaded only for a search."""
    read = document(site, page)
    parts = [
        page,
        *(
            f"{Path(page).parent / sqlite_file_of(part)}"
            for part in read.xpath("//link[@rel='stylesheet']/@href | //script/@src")
        ),
    ]
    index = sqlite_file_of(read.xpath("//form/@data-index")[0])

    assert sum(len(gzip.compress((site / part).read_bytes())) for part in parts) <= HEAVIEST
    assert len(gzip.compress((site / Path(page).parent / index).read_bytes())) <= HEAVIEST


@pytest.mark.parametrize("language", Language)
def test_each_step_has_its_code_as_anchor_and_each_field_its_own(site: Path, language: Language) -> None:
    """The code of each step, the name of each field and the id of each error is an anchor.

    The list of all messages still has the ids of older addresses, whose links lead to the pages of the steps.
    """
    for flow in BOOK.flows:
        anchors = set(document(site, help_page_file(flow.slug, language)).xpath("//@id"))
        steps = {step_anchor(step.code) for step in flow.steps}
        fields = {
            field_anchor(step.code, each.name) for step in flow.steps for act in step.actions for each in act.fields
        }
        assert steps | fields <= anchors
    for group in MESSAGE_GROUPS:
        anchors = document(site, help_page_file(group.page, language)).xpath("//section[@class='entry']/h2/@id")
        assert anchors == [entry.id for entry in group.entries]
    older = document(site, help_page_file(HELP_MESSAGES, language)).xpath("//a[@id]")
    assert {link.get("id") for link in older} == {entry.id for entry in all_error_help_entries(BOOK, language)}
    assert all(link.get("href").endswith(f".html#{link.get('id')}") for link in older)


@pytest.mark.parametrize("page", PAGES)
def test_the_other_language_is_the_same_page(site: Path, page: str) -> None:
    """Each page has a link to its translation, which has the other language's name and is marked as that language."""
    (switch,) = document(site, page).xpath("//nav[@class='languages']/a")
    there = ((site / page).parent / switch.get("href")).resolve()
    (back,) = document(there.parent, there.name).xpath("//nav[@class='languages']/a")

    assert switch.text == words.AUTONYMS[Language(switch.get("hreflang"))]
    assert document(there.parent, there.name).get("lang") == switch.get("hreflang") != document(site, page).get("lang")
    assert (there.parent / back.get("href")).resolve() == (site / page).resolve()


def test_every_message_that_a_guide_names_has_its_picture() -> None:
    """If a guide tells the voter to look for a message, a picture of its flow shows the message."""
    for flow in BOOK.flows:
        waits = [step.message for step in flow.steps if isinstance(step, AwaitMessageStep)]
        mails = [*waits, *(mail for step in flow.steps for _, mail in pictured_messages(step))]
        pictured = {fold_spaces(BOOK.fill_and_translate(mail.subject, Language.FRENCH)) for mail in mails}
        for section in ChapterBuilder(BOOK, Language.FRENCH).chapter_of(flow).sections:
            named = re.findall(r"le message « (.+?) »", fold_spaces(repr(section).replace("\\xa0", " ")))
            assert {*named} <= pictured, section.code


@pytest.mark.parametrize("flow", BOOK.flows, ids=[flow.slug for flow in BOOK.flows])
def test_every_picture_has_alternative_text_and_size(site: Path, flow: object) -> None:
    """Every picture has an alternative text, and a size in both themes and widths, so that the page does not jump."""
    read = document(site, help_page_file(flow.slug, Language.FRENCH))  # type: ignore[attr-defined]  # a Flow
    pictures = read.xpath("//picture")

    states = [pictured_step_states(step) for step in flow.steps]  # type: ignore[attr-defined]
    assert len(pictures) == sum(len({MESSAGE, ANSWER} & {*each}) + 1 for each in states)
    for picture in pictures:
        (image,) = picture.xpath(".//img")
        media = [source.get("media") for source in picture.xpath(".//source")]
        assert [bool(re.search("dark", each)) for each in media] == [True, False, True]
        assert image.get("alt")
        assert all(each.get("width") and each.get("height") for each in picture.xpath(".//img | .//source"))


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_can_call_each_number_of_the_desk(site: Path, page: str) -> None:
    """The desk's number is a link wherever a page shows it. The header has it, and a link back to the site."""
    phone = BOOK.election.desk_phone
    shown = [text for text in document(site, page).xpath("//body//text()") if phone in fold_spaces(text)]

    assert shown
    assert {text.getparent().get("href") for text in shown} == {tel_link(phone)}
    header = document(site, page).xpath("//header//p[@class='reach']//a/@href")
    assert header == [f"{BOOK.election.site}/", tel_link(phone)]


@pytest.mark.parametrize("language", Language)
def test_no_list_of_steps_names_the_example(site: Path, language: Language) -> None:
    """In a list, a page that greets the voter has a general title, because its reader is someone else."""
    listed = document(site, help_page_file(HELP_MESSAGES, language)).text_content()
    listed += (site / index_file_name(language)).read_text("utf-8")
    assert " ".join(str(BOOK.example.everywhere[name]) for name in ("first_name", "last_name")) not in listed


@pytest.mark.parametrize("language", Language)
def test_the_front_page_leads_to_a_missing_message(site: Path, language: Language) -> None:
    """The front page begins with the most frequent problems, and the second is that the mail does not arrive."""
    problems = document(site, help_page_file(HELP_FRONT, language)).xpath("//ul[@class='ways']/li")
    step = next(step for step in BOOK.flows[0].steps if isinstance(step, AwaitMessageStep))
    mailbox, *_, evening = BOOK.situations

    assert [link for each in problems for link in each.xpath("a/@href")][:6] == [
        f"{BOOK.flows[0].slug}.html",
        f"{BOOK.flows[0].slug}.html#{step_anchor(step.code)}-aide",
        f"{IdentifierFlowPlugin.slug}.html",
        f"{HELP_SITUATIONS}.html#{mailbox.id}",
        f"{HELP_LAST_RESORTS}.html",
        f"{HELP_LAST_RESORTS}.html#{evening.id}",
    ]
    assert "spam" in problems[1].text_content()
    assert all(each.xpath("span") for each in problems)


@pytest.mark.parametrize("page", PAGES)
def test_a_link_says_words(site: Path, page: str) -> None:
    """Links are words, except for the address of the site, which readers type or compare."""
    shown = [link.text_content() for link in document(site, page).iter("a")]

    assert {text for text in shown if "://" in text} <= {BOOK.election.site}


def test_the_button_of_a_guide_opens_its_first_page(site: Path) -> None:
    """A guide leads to the page at which the voter begins. If only a message leads there, it has no button."""
    buttons = {
        flow.slug: document(site, help_page_file(flow.slug, Language.FRENCH)).xpath("//a[@class='button']/@href")
        for flow in BOOK.flows
    }

    assert buttons.pop(STOP_CHANGE.flow.slug) == []
    assert buttons.pop(ContactFlowPlugin.slug) == [f"{BOOK.election.site}{CONTACT_PATH}"]
    assert set(map(tuple, buttons.values())) == {(f"{BOOK.election.site}/",)}


def test_the_parts_of_an_error_message_have_labels(site: Path) -> None:
    """The reason and the advice stand below their labels."""
    for group in MESSAGE_GROUPS:
        page = document(site, help_page_file(group.page, Language.FRENCH))
        for entry, shown in zip(group.entries, page.xpath("//section[@class='entry']"), strict=True):
            labels = [*(["Pourquoi"] if entry.cause else []), "Que faire"]
            assert [label.text for label in shown.iter("dt")] == labels
            assert len(shown.xpath(".//dd")) == len(entry.remedies) + bool(entry.cause)


@pytest.mark.parametrize("language", Language)
def test_a_flow_page_links_its_handouts(site: Path, language: Language) -> None:
    """The page of a flow links to its handouts before the first step, and the front page links to the poster."""
    for name in NAMES:
        offered = document(site, help_page_file(name, language)).xpath("//ul[@class='handouts']//a")
        flow = POSTER if name == HELP_FRONT else name
        wanted = {handout_file(flow, language, kind) for kind in HandoutFormat} & {*HANDOUTS, *POSTERS}

        assert {str(Path(help_page_file(name, language)).parent / link.get("href")) for link in offered} == wanted
        assert all("124" in link.text and link.get("type") for link in offered)


# ── In a browser ─────────────────────────────────────────────────────────────────────────────────────────


SCREEN = 900
"""Height of the browser window, in CSS pixels."""


def opened(browser: Browser, site: Path, page: str, width: int = 1280, **more: object) -> Page:
    """Open a page of the site from its local file."""
    made = browser.new_page(viewport={"width": width, "height": SCREEN}, reduced_motion="reduce", **more)  # type: ignore[arg-type]  # by name
    made.goto((site / page).as_uri())
    return made


LARGE = 1280
EASY = tuple(map(easy_to_read_page_name, BOOK.easy_to_read_guides))
NAMES_OF_EACH_KIND = (
    set(NAMES) - {flow.slug for flow in BOOK.flows[1:]} - set(EASY[1:]) - {group.page for group in MESSAGE_GROUPS[1:]}
)
"""One page of each kind. On a large screen, the other pages have the same elements as on a small one."""


@pytest.mark.parametrize(("language", "width"), [(Language.FRENCH, 320), (Language.ENGLISH, LARGE)])
def test_axe_finds_nothing(browser: Browser, site: Path, language: Language, width: int) -> None:
    """Axe finds no fault in either theme on a phone and a desktop. Nothing overflows, and no address is broken."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = watched(context).new_page()
    judged = NAMES if width < LARGE else NAMES_OF_EACH_KIND
    for name in NAMES:
        page.goto((site / help_page_file(name, language)).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert name not in judged or faults(page) == {}, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert torn_words(page) == [], name
    context.close()


def test_a_page_requests_only_files_of_the_site(browser: Browser, site: Path) -> None:
    """A page and a search request only files of the site."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / PAGES[1]).as_uri())
    page.locator("#search").fill("mdp")
    page.locator("#found a").first.wait_for()

    assert len(asked) > 5
    assert all(address.startswith(site.as_uri()) for address in asked)
    page.close()


def test_without_scripts_two_links_stand_in_place_of_the_search(browser: Browser, site: Path) -> None:
    """Without scripts, everything can be read, and links to the situations and the messages replace the search."""
    page = opened(browser, site, PAGES[1], java_script_enabled=False)
    assert page.locator(".step").count() == len(BOOK.flows[0].steps)
    assert not page.locator("form.search").is_visible()

    for name in (HELP_SITUATIONS, HELP_MESSAGES):
        page.locator(".bar a[href]").nth((HELP_SITUATIONS, HELP_MESSAGES).index(name)).click()
        page.wait_for_url(f"**/{help_page_file(name, Language.FRENCH)}")
    page.goto((site / help_page_file(HELP_SEARCH, Language.FRENCH)).as_uri())
    assert page.locator(".notice").is_visible()
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_loads(browser: Browser, site: Path, width: int) -> None:
    """Neither a page nor the answers of a search move anything that is already visible."""
    page = opened(browser, site, PAGES[0], width)
    for address in (*PAGES[: len(NAMES)], f"{help_page_file(HELP_SEARCH, Language.FRENCH)}?q=mdp"):
        page.goto(f"{site.as_uri()}/{address}", wait_until="load")
        assert layout_shift(page) <= MOST_SHIFT, address
    page.close()


def test_a_picture_stays_beside_its_text(browser: Browser, site: Path) -> None:
    """On a desktop, the picture of a step stays in view beside the text. On a phone, it follows the text."""
    page = opened(browser, site, PAGES[1])
    text, picture = page.locator(".step .do").first, page.locator(".step .shot").first
    assert text.bounding_box()["x"] < picture.bounding_box()["x"]  # type: ignore[index]  # both are visible
    page.evaluate(
        "document.querySelector('.more').style.height = '4000px'; document.querySelector('.more').scrollIntoView()"
    )
    page.mouse.wheel(0, 1500)
    page.wait_for_function("document.querySelector('.shot').getBoundingClientRect().top >= 0")

    page.set_viewport_size({"width": 999, "height": 900})
    assert text.bounding_box()["y"] < picture.bounding_box()["y"]  # type: ignore[index]
    page.close()


MOST_TABS = 300
FOCUSED = """selector => {
    const at = document.activeElement;
    return [at.matches(selector), getComputedStyle(at).outlineStyle, at.outerHTML];
}"""
REACHED = "id => location.hash === `#${id}` && document.getElementById(id).checkVisibility()"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus. Each element on the way must show that it has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        there, outline, tag = page.evaluate(FOCUSED, selector)
        assert outline != "none", tag
        if there:
            return
    pytest.fail(f"{selector} is out of the keyboard's reach")


def test_each_situation_is_walked_by_keyboard_to_its_end(browser: Browser, site: Path) -> None:
    """Tab and Enter lead from the list to each situation, and from there to every step where the voter can continue."""
    page = opened(browser, site, PAGES[0])
    page.set_default_timeout(180_000)
    for situation in BOOK.situations:
        start = help_page_file(situation.page, Language.FRENCH)
        page.goto((site / start).as_uri())
        tab_to(page, f".contents a[href='#{situation.id}']")
        page.keyboard.press("Enter")
        page.wait_for_function(REACHED, arg=situation.id)
        for anchor in (step_anchor(step.code) for step in situation.leads_to):
            page.goto(f"{(site / start).as_uri()}#{situation.id}")  # from where Tab goes on
            tab_to(page, f".entry a[href$='#{anchor}']")
            page.keyboard.press("Enter")
            page.wait_for_function(REACHED, arg=anchor)
    page.close()


PHONE, LONGEST_ON_A_PHONE = 360, 9_000


def test_a_page_on_a_phone_is_short(browser: Browser, site: Path) -> None:
    """No page of the help is longer than 9,000 pixels on a phone, because pictures are folded there."""
    page = opened(browser, site, PAGES[0], PHONE)
    heights = {}
    for address in PAGES:
        page.goto((site / address).as_uri())
        heights[address] = page.evaluate("document.documentElement.scrollHeight")
    assert {address: height for address, height in heights.items() if height > LONGEST_ON_A_PHONE} == {}
    page.goto((site / PAGES[1]).as_uri())
    page.locator(".shot summary").first.click()
    assert page.locator(".shot img").first.is_visible()
    page.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_older_address_of_a_message_leads_to_its_step(browser: Browser, site: Path, *, scripts: bool) -> None:
    """An address of the former page of all messages opens the page of the step. Without scripts, it takes a click."""
    group = MESSAGE_GROUPS[0]
    wanted = f"{help_page_file(group.page, Language.FRENCH)}#{group.entries[-1].id}"
    page = opened(browser, site, PAGES[0], java_script_enabled=scripts)
    page.goto(f"{(site / help_page_file(HELP_MESSAGES, Language.FRENCH)).as_uri()}#{group.entries[-1].id}")
    if not scripts:
        page.locator(f"#{group.entries[-1].id}").click()
    page.wait_for_url(f"**/{wanted}")
    page.close()


def test_the_language_link_keeps_the_step(browser: Browser, site: Path) -> None:
    """The link to the other language leads to the same step instead of the top of the page."""
    anchor = step_anchor(BOOK.flows[0].steps[3].code)
    page = opened(browser, site, f"{PAGES[1]}")
    page.goto(f"{(site / PAGES[1]).as_uri()}#{anchor}")
    page.locator("nav.languages a").click()

    assert page.url == f"{(site / help_page_file(NAMES[1], Language.ENGLISH)).as_uri()}#{anchor}"
    page.close()


TORN = """() => [...document.querySelectorAll(".step .shown")].map(each => [
    getComputedStyle(each).breakInside, getComputedStyle(each.closest(".step")).breakInside,
    each.querySelector(".shot").getBoundingClientRect().height + each.querySelector(".do").getBoundingClientRect().height,
])"""
A4_INSIDE = (297 - 16 - 18) / 25.4 * 96
"""Height between the margins of an A4 page, in CSS pixels."""


def test_on_paper_a_step_and_its_picture_stay_together(browser: Browser, site: Path) -> None:
    """In print, a step and its picture stay together and fit on one page, upright or across."""
    page = opened(browser, site, PAGES[1], 690)
    page.emulate_media(media="print")

    for inner, outer, height in page.evaluate(TORN):
        assert (inner, outer) == ("avoid", "avoid")
        assert height <= A4_INSIDE
    page.close()


def test_on_paper_the_dark_theme_is_printed_light(browser: Browser, site: Path) -> None:
    """A page in the dark theme is printed in black on white, with the light pictures."""
    page = opened(browser, site, PAGES[1], color_scheme="dark")
    assert page.locator("source[media*=dark]").count() > 0
    page.pdf()
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('.hint, .do p')).color") == "rgb(0, 0, 0)"
    assert page.locator("source[media*=dark]").count() == 0
    page.close()
