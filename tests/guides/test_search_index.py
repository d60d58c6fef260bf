"""The search finds the right page for more than thirty phrases in each language, as people type them."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from core.flows.account.plugins import StopChangeFlowPlugin, VoterSpaceFlowPlugin
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.text.text import Language
from core.text.urls import (
    HELP_FRONT,
    HELP_LAST_RESORTS,
    HELP_MESSAGES,
    HELP_SEARCH,
    HELP_SITUATIONS,
    help_page_file,
    tel_link,
)
from guides.search_index import index_file_name
from tests.support.guides import BOOK, HOUSE

PAGES = {
    "password": HOUSE.flows[PasswordFlowPlugin].steps.flow.slug,
    "identifier": HOUSE.flows[IdentifierFlowPlugin].steps.flow.slug,
    "stop": HOUSE.flows[StopChangeFlowPlugin].steps.flow.slug,
    "space": HOUSE.flows[VoterSpaceFlowPlugin].steps.flow.slug,
    "contact": HOUSE.flows[ContactFlowPlugin].steps.flow.slug,
    "front": HELP_FRONT,
    "situations": HELP_SITUATIONS,
    "last-resorts": HELP_LAST_RESORTS,
    "messages": HELP_MESSAGES,
}
PHRASES = {
    Language(language): {phrase: PAGES[page] for page, phrases in by_page.items() for phrase in phrases}
    for language, by_page in tomllib.loads(Path(__file__).with_name("search_phrases.toml").read_text("utf-8")).items()
}
"""For each language, phrases and the page that must be their first result."""


@pytest.fixture(scope="module", params=Language)
def front_page(request: pytest.FixtureRequest, browser: Browser, site: Path) -> Page:
    """Yield the front page of the help in each language, opened from its file, with the focus in the search field."""
    page = browser.new_page()
    page.goto((site / help_page_file(HELP_FRONT, request.param)).as_uri())
    page.locator("#search").fill("mdp")  # the search's scripts are asked for when the field is entered
    page.locator("#found p").wait_for()
    return page


SEARCH = """phrases => phrases.map(phrase => {
    const input = document.querySelector("#search");
    input.value = phrase;
    input.dispatchEvent(new Event("input"));
    return document.querySelector("#found a")?.href ?? document.querySelector("#found p").textContent;
})"""


def first_results(page: Page, *phrases: str) -> list[str]:
    """Return the address of the first result for each phrase, or the sentence that there is none."""
    found: list[str] = page.evaluate(SEARCH, list(phrases))
    return found


def test_the_right_page_comes_first(front_page: Page, site: Path) -> None:
    """The right page is the first result in spite of accents, capitals, typing errors and synonyms."""
    language = Language(front_page.evaluate("document.documentElement.lang"))
    phrases = PHRASES[language]
    answers = {
        phrase: re.sub(rf"{HELP_MESSAGES}-[^.]+", HELP_MESSAGES, address.partition("#")[0])  # any step's messages
        for phrase, address in zip(phrases, first_results(front_page, *phrases), strict=True)
    }

    assert answers == {phrase: (site / help_page_file(name, language)).as_uri() for phrase, name in phrases.items()}
    assert len(phrases) >= 30


def test_codes_and_sentences_find_their_places(front_page: Page) -> None:
    """The code of a step finds the step, and a quoted sentence finds its page."""
    language = Language(front_page.evaluate("document.documentElement.lang"))
    step = HOUSE.flows[PasswordFlowPlugin].steps.message_asked

    quoted = {Language.FRENCH: "Ce lien a déjà servi", Language.ENGLISH: "used link"}[language]
    of_code, of_sentence = first_results(front_page, step.code, quoted)
    assert of_code.endswith(f"#{step.code.lower()}")
    assert of_sentence.endswith("#link-used")


def test_no_word_of_the_search_stands_for_its_opposite(front_page: Page, site: Path) -> None:
    """A word that changes its meaning after a negation has no synonyms, because the search ignores the negation."""
    language = Language(front_page.evaluate("document.documentElement.lang"))
    index = msgspec.json.decode((site / index_file_name(language)).read_text("utf-8").partition(" = ")[2].rstrip(";\n"))
    same = {word.strip() for line in index["same"] for word in line.split(",")}
    turned = {
        Language.FRENCH: {"répond", "valable", "existe", "marche", "fonctionne", "accepté"},
        Language.ENGLISH: {"answer", "valid", "found", "exist", "works", "working", "accepted"},
    }
    questions = {Language.FRENCH: "quand répond l'assistance", Language.ENGLISH: "when does the helpdesk answer"}

    assert not same & turned[language]
    (answer,) = first_results(front_page, questions[language])
    assert not answer.endswith("#unavailable")


def test_nonsense_finds_nothing_and_says_so(front_page: Page) -> None:
    """If nothing is found, the page says so, and has the desk's number to call instead."""
    assert first_results(front_page, "xyzzyq") == [tel_link(BOOK.election.desk_phone)]
    assert front_page.locator("#found p").count() == 1


def test_return_opens_a_page_of_results(browser: Browser, site: Path) -> None:
    """Enter opens a page that keeps the query and lists each result once. Escape empties the field."""
    page = browser.new_page()
    page.goto((site / help_page_file(HELP_FRONT, Language.FRENCH)).as_uri())
    page.locator("#search").fill("mdp")
    page.locator("#search").press("Escape")
    assert page.locator("#found a").count() == 0

    page.locator("#search").fill("lien expiré")
    page.locator("#found a").first.wait_for()
    page.locator("#search").press("Enter")
    page.wait_for_url(f"**/{help_page_file(HELP_SEARCH, Language.FRENCH)}?q=*")
    page.locator("#results a").first.wait_for()
    answers = page.locator("#results a").all_inner_texts()
    assert page.locator("#search").input_value() == "lien expiré"
    assert "lien expiré" in page.title()
    assert len(answers) == len(set(answers)) > 1
    page.close()
