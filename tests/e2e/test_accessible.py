"""CASE 46: axe finds no fault on any page, and every page fits a small phone and can be used by keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.flows.contact_desk.definition import ContactFlow
from core.flows.password.definition import ForgotPasswordAnswer, SignInWithPasswordAnswer
from core.forms import errors
from core.forms.flow_model import MailOrSmsText
from core.policy.policy import Policy
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language
from core.text.translation import translate
from core.text.urls import CONTACT_PATH, HELP_PATH
from tests import gallery
from tests.e2e.visitor import (
    PASSWORD,
    PROFILE,
    SPACE,
    STOP,
    PageVisitor,
    act_of,
    mail_of,
    new_page,
    path_of,
)
from tests.support.axe import faults, watched
from tests.support.product import DemoVoter
from tests.support.torn_words import torn_words

SMALLEST = {"width": 320, "height": 640}
MOST_TABS = 20


def check(page: Page, name: str) -> None:
    """Check that a page is accessible.

    It must have one first-level heading, a language and a title, no fault in either theme, no overflow, and no address
    that is broken.
    """
    found = page.evaluate("""() => ({
        headings: document.querySelectorAll("h1").length,
        language: document.documentElement.lang,
        title: document.title.trim() !== "",
        width: document.documentElement.scrollWidth,
    })""")
    assert found.pop("language") in set(Language), name
    assert found == {"headings": 1, "title": True, "width": SMALLEST["width"]}, name
    assert faults(page) == {}, name
    assert torn_words(page) == [], name


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a browser profile of the smallest phone, with scripts and transitions."""
    made = browser.new_context(**{**PROFILE, "viewport": SMALLEST, "reduced_motion": "reduce"})
    yield watched(made)
    made.close()


# ── The pages of the running product ─────────────────────────────────────────────────────────────────────


def test_every_step_is_accessible(visitor: PageVisitor) -> None:
    """Every page from the front page to the voter space and back is accessible, and so is the demo's mailbox."""
    visitor.goes("/")
    assert visitor.page.locator(f"a[href^='{HELP_PATH}']").count() > 1
    seen = [_seen(visitor)]
    visitor.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": visitor.person.email})
    seen.append(_seen(visitor))
    for act in (act_of(PASSWORD.choose_way, ForgotPasswordAnswer), PASSWORD.confirm.actions[0]):
        visitor.presses(act)
        seen.append(_seen(visitor))
    link = visitor.link(PASSWORD.mail.message)
    visitor.goes(f"/demo?to={visitor.person.email}")
    check(visitor.page, "the mailbox")
    visitor.goes(link)
    seen.append(_seen(visitor))
    visitor.chooses("Orage calme 2018")
    seen.append(_seen(visitor))
    visitor.presses(PASSWORD.done.actions[0])
    visitor.types({"password": "Orage calme 2018"})
    visitor.presses(act_of(PASSWORD.choose_way, SignInWithPasswordAnswer))
    seen.append(_seen(visitor))
    visitor.goes(visitor.link(PASSWORD.notice))
    seen.append(_seen(visitor))
    visitor.presses(STOP.confirm.actions[1])
    seen.append(_seen(visitor))
    visitor.presses(STOP.recognised.actions[0])
    visitor.presses(STOP.confirm.actions[0])
    seen.append(_seen(visitor))
    assert sorted(filter(None, seen)) == sorted(
        step.code
        for flow in (PASSWORD, SPACE, STOP)
        for step in flow.flow.steps
        if step is not PASSWORD.mail  # this step is read in a mailbox
    )


def _seen(visitor: PageVisitor) -> str | None:
    check(visitor.page, str(visitor.code))
    return visitor.code


@pytest.mark.parametrize("message", [PASSWORD.mail.message, PASSWORD.notice], ids=["link", "notice"])
def test_the_mails_are_accessible(
    visitor: PageVisitor, with_password: Callable[[DemoVoter], str], message: MailOrSmsText
) -> None:
    """The mails are accessible in the form in which a mail program shows them."""
    with_password(visitor.person)
    visitor.page.set_content(mail_of(visitor.product, visitor.person, message).part("html"))
    check(visitor.page, visitor.say(message.subject))


def test_a_refused_browser_sees_an_accessible_page(visitor: PageVisitor) -> None:
    """A browser without cookies and a form of another site are refused. The gallery has all refusals and errors."""
    for refusal, goes in (
        (errors.CookiesMissing, _goes_on_without_cookies),
        (errors.CrossSiteRequest, _posts_from_another_site),
    ):
        goes(visitor)
        assert visitor.refusal == refusal.id
        check(visitor.page, refusal.id)


def _goes_on_without_cookies(visitor: PageVisitor) -> None:
    """Go from one page of the site to the next, as a redirect does in a browser without cookies."""
    visitor.goes("/")
    visitor.page.context.clear_cookies()
    with visitor.page.expect_navigation():
        visitor.page.evaluate(
            "path => document.body.appendChild(Object.assign(document.createElement('a'),"
            " {href: path, referrerPolicy: 'no-referrer'})).click()",
            path_of(PASSWORD.choose_way),
        )


def _posts_from_another_site(visitor: PageVisitor) -> None:
    """Send a form from another site to ours."""
    site = urlsplit(visitor.product.site)
    page = f'<form method="post" action="http://{site.netloc}/"><button>Go</button></form>'
    visitor.page.route("http://elsewhere.example/", lambda route: route.fulfill(body=page, content_type="text/html"))
    visitor.goes("http://elsewhere.example/")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button").click()


# ── The gallery of all pages ─────────────────────────────────────────────────────────────────────────────


def test_every_page_of_the_gallery_is_accessible(context: BrowserContext, tmp_path: Path) -> None:
    """Every page of the gallery is accessible in English and with long names. A demo does not show all of them."""
    drawn = gallery.pages(language=Language.ENGLISH)
    gallery.write(tmp_path, drawn)
    page = new_page(context)
    for name in drawn:
        page.goto((tmp_path / f"{name}.html").as_uri())
        check(page, name)


# ── The keyboard ─────────────────────────────────────────────────────────────────────────────────────────


CONTACT = ContactFlow(Policy())


def _tabs_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus. Each element on the way must show its focus and have a name."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "([selector]) => { const at = document.activeElement, style = getComputedStyle(at);"
            "return { there: at.matches(selector), outlined: style.outlineStyle !== 'none', tag: at.outerHTML } }",
            [selector],
        )
        assert seen["outlined"], seen["tag"]
        if seen["there"]:
            return
    pytest.fail(f"{selector} is out of the keyboard's reach")


def _enter(page: Page) -> None:
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press("Enter")


def test_a_keyboard_is_enough(visitor: PageVisitor) -> None:
    """Tab and Enter lead from the front page to the waiting page. The skip link is first, and leads to the content."""
    page = visitor.page
    visitor.goes("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    _tabs_to(page, "#email")
    page.keyboard.type("pas une adresse")
    _enter(page)
    _tabs_to(page, ".summary a")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'email'")
    page.keyboard.press("Control+A")
    page.keyboard.type(visitor.person.email)
    _enter(page)
    visitor.sees(PASSWORD.choose_way)
    _tabs_to(page, f"button[value={act_of(PASSWORD.choose_way, ForgotPasswordAnswer).name}]")
    _enter(page)
    visitor.sees(PASSWORD.confirm)
    _tabs_to(page, "form button")
    _enter(page)
    visitor.sees(PASSWORD.message_asked)


def test_the_desk_is_asked_by_keyboard_alone(visitor: PageVisitor) -> None:
    """A request to the helpdesk can be typed and sent by keyboard alone, from the bottom of the front page."""
    page = visitor.page
    visitor.goes("/")
    _tabs_to(page, f"footer a[href$='{CONTACT_PATH}']")
    _enter(page)
    visitor.sees(CONTACT.ask)
    _tabs_to(page, "#email")
    page.keyboard.type(visitor.person.email)
    _tabs_to(page, "#subject")
    page.keyboard.type(translate(ContactReason.MAILBOX.sentence, Language.FRENCH)[:12])
    assert page.locator("#subject").input_value() == ContactReason.MAILBOX
    _tabs_to(page, "#answer_time")
    page.keyboard.type("Appelez")  # an answer to a closed mailbox could not be read
    _tabs_to(page, "main form button")
    _enter(page)
    visitor.sees(CONTACT.asked)
