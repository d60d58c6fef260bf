"""What every page owes its readers: axe finds nothing, it fits a small telephone, and a keyboard is enough (CASE 46)."""

from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core import errors
from core.flows.password import Forgotten
from core.flows.stop import NotMe
from core.policy import Policy
from core.steps import Act, Message
from core.text import Language
from tests.e2e.visitor import (
    PASSWORD,
    PROFILE,
    SPACE,
    STOP,
    Visitor,
    link_for,
    mail_of,
    new_page,
    path_of,
    set_password,
    twice,
)
from tests.support.axe import faults, watched
from tests.support.product import Demo, Voter

SMALLEST = {"width": 320, "height": 640}
MOST_TABS = 20


def check(page: Page, name: str) -> None:
    """One heading of the first rank, a language, a title; no violation in either theme; nothing wider than the screen."""
    found = page.evaluate("""() => ({
        headings: document.querySelectorAll("h1").length,
        language: document.documentElement.lang,
        title: document.title.trim() !== "",
        width: document.documentElement.scrollWidth,
    })""")
    assert found.pop("language") in set(Language), name
    assert found == {"headings": 1, "title": True, "width": SMALLEST["width"]}, name
    assert faults(page) == {}, name


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """The smallest telephone; scripts and transitions as they are."""
    made = browser.new_context(**{**PROFILE, "viewport": SMALLEST, "reduced_motion": "reduce"})
    yield watched(made)
    made.close()


# ── The pages of the running product ─────────────────────────────────────────────────────────────────────


def test_every_step(visitor: Visitor) -> None:
    """From the front page to the voter space and back, the mailbox of the demo included."""
    visitor.goes("/")
    seen = [_seen(visitor)]
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": visitor.person.email})
    seen.append(_seen(visitor))
    for act in (PASSWORD.choose_way.acts[1], PASSWORD.confirm.act):
        visitor.presses(act)
        seen.append(_seen(visitor))
    link = visitor.link(PASSWORD.mail.message)
    visitor.goes(f"/demo?to={visitor.person.email}")
    check(visitor.page, "the mailbox")
    visitor.goes(link)
    seen.append(_seen(visitor))
    visitor.chooses("Orage calme 2018")
    seen.append(_seen(visitor))
    visitor.presses(PASSWORD.done.acts[0])
    visitor.types({"password": "Orage calme 2018"})
    visitor.presses(PASSWORD.choose_way.acts[0])
    seen.append(_seen(visitor))
    visitor.goes(visitor.link(PASSWORD.notice))
    seen.append(_seen(visitor))
    visitor.presses(STOP.confirm.act)
    seen.append(_seen(visitor))
    assert seen == [
        step.code
        for flow in (PASSWORD, SPACE, STOP)
        for step in flow.flow.steps
        if step is not PASSWORD.mail  # it is read in a mailbox
    ]


def _seen(visitor: Visitor) -> str | None:
    check(visitor.page, str(visitor.code))
    return visitor.code


@pytest.mark.parametrize("message", [PASSWORD.mail.message, PASSWORD.notice], ids=["link", "notice"])
def test_the_mails(visitor: Visitor, with_password: Callable[[Voter], str], message: Message) -> None:
    """As a mail program shows them."""
    with_password(visitor.person)
    visitor.page.set_content(mail_of(visitor.product, visitor.person, message).part("html"))
    check(visitor.page, visitor.say(message.subject))


def test_every_error(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """What can be typed wrong at each field: told in a list, at the input, and announced."""
    visitor.goes("/")
    for typed in ("", "camille", "a@b@c", f"{'a' * 300}@x.example", "camillé@ac-lumiere.example"):
        _wrong(visitor, PASSWORD.identify.act, {"email": typed})
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": visitor.person.email})
    for typed in ("", "pas le bon"):
        _wrong(visitor, PASSWORD.choose_way.acts[0], {"password": typed})
    visitor.goes(a_link(visitor.person))
    for typed in ("", "court", "x" * 30, "SANS MINUSCULE 1", "sans majuscule 1", "Sans chiffre", "Azerty123"):
        _wrong(visitor, PASSWORD.choose_password.act, twice(typed))
    _wrong(visitor, PASSWORD.choose_password.act, {**twice("Orage calme 2018"), "new_password_again": "autre"})


def _wrong(visitor: Visitor, act: Act[object], typed: dict[str, str]) -> None:
    visitor.types(typed)
    visitor.presses(act)
    assert visitor.page.locator("[aria-invalid=true]").count() >= 1, typed
    for described in visitor.page.locator("[aria-describedby]").evaluate_all(
        "all => all.flatMap(each => each.getAttribute('aria-describedby').split(' '))"
    ):
        assert visitor.page.locator(f"#{described}").count() == 1, described
    check(visitor.page, str(typed))


def test_every_refusal_one_can_meet(visitor: Visitor, demo: Demo) -> None:
    """Each by the way on which a visitor of a demo meets it."""
    person, password = visitor.person, "Encore un orage 2018"
    older = link_for(demo, person)
    used = set_password(demo, person, password)

    def identified() -> None:
        visitor.goes("/")
        visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": person.email})

    def frozen() -> None:
        visitor.goes(visitor.link(PASSWORD.notice))
        visitor.does(STOP.confirm, NotMe)
        visitor.signs_in(password)

    def too_often() -> None:
        for _ in range(Policy().sign_in_tries):
            visitor.signs_in("pas le bon")

    def too_large() -> None:
        visitor.goes("/")
        _sends_a_changed_form(visitor, "form.elements.email.value = 'a'.repeat(20000)")

    def unreadable() -> None:
        identified()
        _sends_a_changed_form(visitor, "form.querySelector('[name=choice]').value = 'neither'")

    ways: dict[type[errors.Refusal], Callable[[], None]] = {
        errors.PageNotFound: lambda: visitor.goes("/nulle-part"),
        errors.LinkDamaged: lambda: visitor.goes("/lien/court"),
        errors.LinkUnknown: lambda: visitor.goes(f"/lien/{'A' * 43}"),
        errors.LinkReplaced: lambda: visitor.goes(older),
        errors.LinkUsed: lambda: visitor.goes(used),
        errors.StopLinkUnknown: lambda: visitor.goes("/pas-moi/court"),
        errors.SignInNeeded: lambda: visitor.goes(path_of(SPACE.home)),
        errors.TooLarge: too_large,
        errors.CameFromElsewhere: lambda: _posts_from_another_site(visitor),
        errors.Unreadable: unreadable,
        errors.AccountFrozen: frozen,
        errors.TooManySignIns: too_often,
    }
    for refusal, goes in ways.items():
        goes()
        assert visitor.refusal == refusal.id
        check(visitor.page, refusal.id)


def _sends_a_changed_form(visitor: Visitor, change: str) -> None:
    visitor.page.evaluate(f"() => {{ const form = document.forms[0]; {change} }}")
    with visitor.page.expect_navigation():
        visitor.page.locator("form button:not([type=button])").first.click()


def _posts_from_another_site(visitor: Visitor) -> None:
    """A page elsewhere that posts to ours."""
    site = urlsplit(visitor.product.site)
    page = f'<form method="post" action="http://{site.netloc}/"><button>Go</button></form>'
    visitor.page.route("http://elsewhere.example/", lambda route: route.fulfill(body=page, content_type="text/html"))
    visitor.goes("http://elsewhere.example/")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button").click()


# ── Every page that can be drawn ─────────────────────────────────────────────────────────────────────────


def _gallery() -> ModuleType:
    """tests/gallery.py, which is a script and not a package's module."""
    spec = spec_from_file_location("gallery", Path(__file__).parents[1] / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_of_the_gallery(context: BrowserContext, tmp_path: Path) -> None:
    """Also those that no visitor of a demo can meet, with long names; in English; test_drawing measures the French."""
    gallery = _gallery()
    drawn = gallery.pages(language=Language.ENGLISH)
    gallery.write(tmp_path, drawn)
    page = new_page(context)
    for name in drawn:
        page.goto((tmp_path / f"{name}.html").as_uri())
        check(page, name)


# ── The keyboard ─────────────────────────────────────────────────────────────────────────────────────────


def _tabs_to(page: Page, selector: str) -> None:
    """By the tabulator alone; whatever has the focus on the way shows it and has a name."""
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


def test_a_keyboard_is_enough(visitor: Visitor) -> None:
    """From the front page to the waiting page by Tab and Enter; the skip link comes first and leads to the content."""
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
    _tabs_to(page, f"button[value={next(a.name for a in PASSWORD.choose_way.acts if a.answers is Forgotten)}]")
    _enter(page)
    visitor.sees(PASSWORD.confirm)
    _tabs_to(page, "form button")
    _enter(page)
    visitor.sees(PASSWORD.message_asked)
