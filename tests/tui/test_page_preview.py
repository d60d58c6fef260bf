"""CASE 60: the terminal shows a voter's page with the same state, times and language as the site."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import msgspec
import pytest
from textual.widgets import Static

from core.desk.authorisation import AgentSession
from core.forms.field_parsers import mask_address
from core.text.faces import page_frame_texts
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import add_known
from tests.support.election import CAMILLE, visit
from tests.support.reissues import Reissuer, identity, line
from tests.support.terminal import HUGE, Terminal, terminal
from tests.support.worlds import World
from tui.page_preview import StepPagePreview
from tui.plain_text_line import GLUE
from webhook.site_application import create_site

BLOCKS = {"p", "h1", "h2", "li", "button", "label", "legend", "summary"}
CLERICAL = {"stamp", "case", "ticket", "reveal"}
"""CSS classes of lines that the site and the terminal word differently, and of a button that needs JavaScript."""
TIME = re.compile(r"\b(\d{1,2}) h\b(?: (\d\d)\b)?")
POSITION = re.compile(r"(?:étape|step) \d+ (?:sur|of) \d+")
"""The sentence on the site that says which step of how many is shown."""
BOTH = pytest.mark.parametrize("language", list(Language))


class MainText(HTMLParser):
    """Collects the texts inside the element `main`, each with its tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.open: list[tuple[str, str]] = []
        self.within = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = self.within or tag == "main"
        if self.within and tag in BLOCKS:
            self.open.append((tag, dict(attrs).get("class") or ""))
            self.found.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """End a block, and drop its text if its class is in CLERICAL."""
        self.within = self.within and tag != "main"
        if self.open and self.open[-1][0] == tag and self.open.pop()[1] in CLERICAL:
            self.found.pop()

    def handle_data(self, data: str) -> None:
        if self.within and self.open:
            tag, text = self.found[-1]
            self.found[-1] = tag, text + data


def _short_time(time: re.Match[str]) -> str:
    return f"{int(time[1]):02}:{time[2] or '00'}"


def site_page(world: World, place: str, language: Language, **cookies: str | None) -> tuple[set[str], set[str]]:
    """Return the sentences and the buttons of a page on the site. Addresses and times are written as in the terminal."""
    client = create_site(world.services).test_client(use_cookies=False)
    cookie_header = "; ".join(f"__Host-{name}={value}" for name, value in {"lang": language.value, **cookies}.items())
    answer = client.get(place, base_url=world.services.settings.election.site, headers={"Cookie": cookie_header})
    assert answer.status_code == 200, answer.text
    found = MainText(answer.text.replace(CAMILLE, mask_address(CAMILLE))).found
    plain = [(tag, TIME.sub(_short_time, " ".join(text.split()))) for tag, text in found]
    told = {text for tag, text in plain if tag != "button" and text and not POSITION.fullmatch(text)}
    return told, {text for tag, text in plain if tag == "button"}


def desk_page(at: Terminal) -> tuple[set[str], set[str]]:
    """Return the sentences and the buttons of the page in the terminal, without the awaited message."""
    lines = list(_page_lines(at))
    buttons = {text for kind, text in lines if kind == "drawn-button"}
    return {text for kind, text in lines if kind not in {"drawn-button", "stamp"}}, buttons


def _page_lines(at: Terminal) -> Iterator[tuple[str, str]]:
    for widget in at.app.screen.query_one(StepPagePreview).walk_children(Static):
        kind = " ".join(widget.classes)
        if kind == "heading":
            return
        yield kind, " ".join(str(widget.visual).replace(GLUE, " ").split()).removeprefix("▼ ").removeprefix("▶ ")


def alike(at: Terminal, page: tuple[set[str], set[str]], language: Language) -> bool:
    """Return whether the site and the terminal show the same sentences and buttons."""
    if not at.app.screen.query(StepPagePreview):
        return False
    sentences, buttons = page
    drawn, pressed = desk_page(at)
    whole, site = " ".join(drawn), " ".join(sentences)
    refresh = translate(page_frame_texts.REFRESH, language)
    missing = [
        each for each in sentences if each.removesuffix(refresh).strip() not in whole and not _parts(each, drawn)
    ]
    added = [each for each in drawn if each and each not in site and not set(each) <= {"•", " "}]
    return pressed == buttons and not missing and not added


def _parts(sentence: str, drawn: set[str]) -> bool:
    """Return whether a line on the site consists of several lines in the terminal, such as a label and its value."""
    rest = sentence
    for each in sorted(drawn, key=len, reverse=True):
        rest = rest.replace(each, "") if each else rest
    return not rest.strip()


@BOTH
async def test_60_the_page_that_waits_for_the_mail(world: World, session: AgentSession, language: Language) -> None:
    """CASE 60: the terminal shows page MP-4 as the site does, in the language in which the mail was requested."""
    on_roll = next(each for each in Language if each is not language)
    voter = add_known(world, "other@ac-lumiere.example", "12A1234567BCE", language=on_roll, last_name="Autre")
    handle = world.ask(voter.email, language=language)
    world.courier().run_once()
    async with terminal(world, session, size=HUGE) as at:
        await at.open_file("autre", "Autre")
        await at.press("f4")
        for minutes in (0, 5):
            world.clock.move(minutes=minutes)
            page = site_page(world, "/mot-de-passe/message", language, case=handle)
            page = ({each.replace(voter.email, mask_address(voter.email)) for each in page[0]}, page[1])
            await at.until(lambda: alike(at, page, language), f"the site's page {page}")  # noqa: B023  # at once


@BOTH
async def test_60_the_page_of_the_code(world: World, session: AgentSession, language: Language) -> None:
    """CASE 60: the terminal and the site show the same page ID-3, in the voter's language."""
    world.add(line(world, "dominique@ac-lumiere.example", language=language, last_name="Neuve"))
    voter = Reissuer(world, "dominique@ac-lumiere.example").sign_in()
    voter.request()
    here = msgspec.structs.replace(visit(session=voter.session), language=language)
    world.at(voter.steps.identity, "validate", here, **identity(voter.email))
    world.courier().run_once()
    page = site_page(world, "/identifiant/code", language, session=voter.session)
    async with terminal(world, session, size=HUGE) as at:
        await at.open_file("neuve", "Neuve")
        await at.press("f4")
        await at.until(lambda: alike(at, page, language), f"the site's page {page}")


async def test_60_the_file_says_in_which_language_the_voter_reads(world: World, session: AgentSession) -> None:
    """CASE 60: the terminal says in which language the voter reads, and quotes the mail's subject in it."""
    add_known(world, "other@ac-lumiere.example", "12A1234567BCE", language=Language.ENGLISH, last_name="Autre")
    world.ask("other@ac-lumiere.example", language=Language.ENGLISH)
    world.courier().run_once()
    async with terminal(world, session, size=HUGE) as at:
        await at.open_file("autre", "Autre")
        await at.sees("Lit ses messages en anglais")
        await at.press("f4")
        await at.sees("chercher le message « Your link to choose a password »", "Ce qu'elle attend · MP-5", "Hello")
