"""Tests the pages of steps in a browser: their script, small screens and large letters."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markupsafe import Markup
from playwright.sync_api import Browser, Page, Route

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.contact_desk.contact_requests import CALLS
from core.flows.contact_desk.definition import ASKED
from core.flows.password.definition import PasswordFlow
from core.flows.password_rules import password_criteria
from core.forms.field_parsers import is_criterion_met
from core.forms.flow_model import ShownStep
from core.policy.policy import Policy
from core.text.faces import page_frame_texts as words
from core.text.text import Day, Language, TimeOfDay
from tests import gallery
from tests.support.chromium import running_chromium
from tests.support.layout_shift import MOST_SHIFT, layout_shift
from tests.support.torn_words import torn_words
from webhook.page_context import SignOutButton
from webhook.step_rendering import draw_step

FLOW = PasswordFlow(Policy())
PAGES: dict[str, str] = gallery.pages()
AROUND = gallery.around()
CASE = gallery.CASE
WAITING = {**gallery.FACTS, "address": gallery.ADDRESS}
TRICKY_PASSWORDS = [
    "",
    "a",
    "Abcdef1",
    "Abcdefg1",
    "Abcdefghijklmnopqrstuvw1",
    "Abcdefghijklmnopqrstuvwx1",
    "Lavande bleue 2018",
    "motdepassé",
    "ÉTÉ",
    "éÉ1éÉ1éÉ",
    unicodedata.normalize("NFD", "éÉ1éÉ1éÉ"),
    unicodedata.normalize("NFD", "Éternité"),
    "A\u0301a\u03011",
    "😀" * 8,
    "😀" * 24 + "x",
    "👩‍👩‍👧‍👦Aa1",
    "𝒜𝒷𝒸1𝟙",
    "ǅǈǋ",  # title case, neither upper nor lower
    "ªºʰ",  # letters like lower case ones that are not Ll
    "١٢٣٤٥٦٧٨",
    "ßẞſﬁ",
    "Ω\u2126K\u212a",  # NFC turns OHM SIGN and KELVIN SIGN into letters
    "가각\u1112\u1161\u11ab",
    "a\u0323\u0307A\u0307\u0323",
    " \u00a0\u2003\u202f ",
    "𐐀𐐨",
    "Ⅷⅷ",
    "nul\u200bb\ufeffA1",
    "🇫🇷Ab1🇫🇷cd",
]


browser = pytest.fixture(scope="module", name="browser")(running_chromium)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the pages of all steps, written once."""
    made = tmp_path_factory.mktemp("gallery")
    gallery.write(made, PAGES)
    unicode = replace(Policy(), password_unicode_letters=True)
    gallery.write(made, {"unicode": gallery.pages(unicode)["MP-6"]})
    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page on a small telephone screen."""
    opened = browser.new_page(viewport={"width": 320, "height": 640})
    yield opened
    opened.close()


def test_the_script_ticks_what_the_parser_counts(page: Page, folder: Path) -> None:
    """The script and the parser count characters in the same way."""
    for name, unicode in (("MP-6", False), ("unicode", True)):
        rules = password_criteria(replace(Policy(), password_unicode_letters=unicode))
        page.goto((folder / f"{name}.html").as_uri())
        field = page.locator("#new_password")
        for typed in TRICKY_PASSWORDS:
            field.fill(typed)
            ticked = [page.locator(f"#new_password-{rule.name}").get_attribute("data-ticked") for rule in rules]
            assert ticked == [str(is_criterion_met(rule, typed)).lower() for rule in rules], ascii(typed)
            assert (
                page.locator("#new_password-digit")
                .inner_text()
                .endswith(
                    words.CRITERION_MET.msgid if is_criterion_met(rules[-1], typed) else words.CRITERION_UNMET.msgid
                )
            )


def test_passwords_can_be_shown_and_are_hidden_again_when_sent(page: Page, folder: Path) -> None:
    """Both inputs change together. They are hidden again before the form is sent, so that browsers do not save them."""
    page.goto((folder / "MP-6.html").as_uri())
    page.get_by_role("button", name=words.SHOW_PASSWORD.msgid).click()
    assert page.locator("#new_password_again").get_attribute("type") == "text"
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    assert page.locator("#new_password").get_attribute("type") == "password"
    assert page.get_by_role("button", name=words.SHOW_PASSWORD.msgid).is_visible()


def test_a_form_is_sent_once(page: Page, folder: Path) -> None:
    """However often the button is pressed, the form is sent only once."""
    page.goto((folder / "MP-3.html").as_uri())
    page.evaluate("""
        window.sent = 0;
        addEventListener('submit', (event) => { if (!event.defaultPrevented) sent += 1; event.preventDefault(); });
    """)
    button = page.get_by_role("button", name="Envoyer le message")
    button.dblclick()
    assert page.evaluate("sent") == 1
    assert button.is_enabled()


def test_enter_in_the_password_signs_in(page: Page, folder: Path) -> None:
    """The Enter key does not choose "forgotten password"."""
    page.goto((folder / "MP-2.html").as_uri())
    page.evaluate("""
        addEventListener('submit', (event) => { window.chosen = event.submitter.value; event.preventDefault(); });
    """)
    page.locator("#password").press("Enter")
    assert page.evaluate("chosen") == "sign-in"


def test_the_list_of_problems_takes_the_focus_and_leads_to_the_input(page: Page, folder: Path) -> None:
    """So a voter with a keyboard is at once where the problem is."""
    page.goto((folder / "MP-1-problem.html").as_uri())
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.locator(".summary a").click()
    assert page.evaluate("document.activeElement.id") == "email"


def test_every_page_fits_a_small_screen(browser: Browser, folder: Path) -> None:
    """Without a script, no page is wider than 320 px or breaks a word, and every link and button is large enough."""
    opened = browser.new_page(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    for name in PAGES:
        opened.goto((folder / f"{name}.html").as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth") <= 320, name
        small = opened.evaluate("""
            [...document.querySelectorAll('button:not([hidden]), input:not([hidden]):not([type=hidden]), .button, nav a, summary')]
                .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44).map((each) => each.outerHTML)
        """)
        assert small == [], name
        assert torn_words(opened) == [], name
    opened.close()


def test_the_service_has_its_name_on_one_line_beside_the_sign_out(browser: Browser, tmp_path: Path) -> None:
    """This holds for a signed-in voter, in both languages, on a screen wider than a telephone's. The header is one row."""
    button = SignOutButton(posts_to="/espace/accueil", name="sign-out", label=Markup("Se déconnecter"))
    opened = browser.new_page(viewport={"width": 768, "height": 640})
    for language in Language:
        around = replace(gallery.around(language=language), sign_out=button)
        gallery.write(tmp_path, {language.value: draw_step(ShownStep(step=FLOW.identify), around)})
        opened.goto((tmp_path / f"{language.value}.html").as_uri())
        name = opened.locator(".brand b")
        assert (
            name.evaluate("each => Math.round(each.offsetHeight / parseFloat(getComputedStyle(each).lineHeight))") == 1
        )
        parts = [each.bounding_box() for each in opened.locator(".masthead .narrow > *").all()]
        middles = [part["y"] + part["height"] / 2 for part in parts if part is not None]
        assert max(middles) - min(middles) < 3
    opened.close()


def test_a_waiting_page_looks_again_as_soon_as_it_is_visible(page: Page) -> None:
    """A voter who comes back from another page sees what is possible now, however long the pause is."""
    fetched = list[str]()

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=Path(str(files("templates"))) / path[1:])
        else:
            fetched.append(path)
            route.fulfill(
                body=PAGES["waiting"].replace("<body", '<body data-refresh-seconds="600"'), content_type="text/html"
            )

    page.route("**", answer)
    page.goto("http://site.example/waiting")
    for hidden in ("true", "false"):
        page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(300)
        assert len(fetched) == (1 if hidden == "true" else 2)


def test_the_question_above_the_first_form_opens_the_advice(page: Page, folder: Path) -> None:
    """A link opens its advice, which is hidden at first. It works again after the voter has closed the advice."""
    page.goto((folder / "start.html").as_uri())
    assert [each.get_attribute("id") for each in page.locator("details.asked").all() if each.is_visible()] == []
    for _ in range(2):
        page.locator(".question a").nth(1).click()
        assert page.locator("details[open]").get_attribute("id") == "lost-identifier"
        page.locator("#lost-identifier summary").click()


DRAWN = "() => document.querySelector('footer') && performance.getEntriesByName('first-contentful-paint').length"


def test_nothing_moves_when_the_script_comes_late(browser: Browser, folder: Path) -> None:
    """Nothing on a page moves, because there is room for local times and for the script's button."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, timezone_id="Pacific/Noumea")
    opened = context.new_page()
    held = list[Route]()
    opened.route("**/retrouve.js*", lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks it, which a method refuses
    names = [name for name, page in PAGES.items() if ("<time" in page or "reveal" in page) and "refusal" not in name]
    for name in names:
        opened.goto((folder / f"{name}.html").as_uri(), wait_until="commit")
        opened.wait_for_function(DRAWN, polling=50, timeout=180_000)
        for _ in range(3_600):
            if held:
                break
            opened.wait_for_timeout(50)
        hours = opened.locator(".yours").count()
        held.pop().continue_()
        opened.wait_for_load_state()
        assert layout_shift(opened) <= MOST_SHIFT, name
        ranges = len(re.findall(r"</time> [^(.<]+<time", PAGES[name]))  # the local times of a range are together
        assert opened.locator(".yours").count() == hours == PAGES[name].count("<time") - ranges, name
    assert {"MP-2", "MP-6", "ID-3", "EV-1", "start", "waiting"} <= set(names)
    context.close()


def test_a_range_of_hours_is_followed_by_both_local_hours(browser: Browser, tmp_path: Path) -> None:
    """The hours of a promised call stay together, for readers in another time zone too."""
    at = gallery.TWO_O_CLOCK.replace(hour=18, minute=0)
    hours = {"day": Day(at), "begins": TimeOfDay(at), "ends": TimeOfDay(at.replace(hour=19))}
    facts = {**WAITING, "answer": CALLS.fill(hours)}
    gallery.write(tmp_path, {"DA-2": draw_step(ShownStep(step=ASKED, facts=facts, case=CASE), AROUND)})
    opened = browser.new_page(timezone_id="Europe/Lisbon")
    opened.goto((tmp_path / "DA-2.html").as_uri())
    assert "entre 18 h et 19 h (heure de Paris), 17 h et 18 h chez vous." in opened.inner_text("main").replace(
        "\u00a0", " "
    )
    opened.close()


LARGE_LETTERS = ((390, 100), (320, 100), (320, 130), (390, 200), (320, 200))
TITLES_IN_PIECES = r"""() => [...document.querySelectorAll("h1")].flatMap(title => {
    const texts = document.createTreeWalker(title, NodeFilter.SHOW_TEXT), torn = [];
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) for (const word of text.data.matchAll(/\S+/gu)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(each => Math.round(each.top))).size > 1) torn.push(word[0]);
    }
    return torn;
})"""


@pytest.mark.parametrize("script", [True, False], ids=["script", "without"])
def test_an_address_wider_than_the_screen_is_not_torn(browser: Browser, tmp_path: Path, *, script: bool) -> None:
    """On any telephone, a part of the address, a name or a title that fits on a line is not broken."""
    facts = {
        **WAITING,
        "address": "raymond.lenoir@ac-grand-pre.example",
        "first_name": "Marie-Ève",
        "last_name": "Lefèvre",
    }
    steps = (FLOW.confirm, FLOW.message_asked, VOTER_SPACE.home)
    for step in steps:
        gallery.write(tmp_path, {step.code: draw_step(ShownStep(step=step, facts=facts, case=CASE), AROUND)})
    sizes = dict[tuple[int, int], float]()
    for width, letters in LARGE_LETTERS:
        opened = browser.new_page(viewport={"width": width, "height": 640}, java_script_enabled=script)
        for step in steps:
            opened.goto((tmp_path / f"{step.code}.html").as_uri())
            opened.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{letters}%")
            assert torn_words(opened) == [], (step.code, width, letters)
            assert opened.evaluate(TITLES_IN_PIECES) == [], (step.code, width, letters)
            assert step not in steps[:2] or facts["address"] in opened.inner_text("main")
            assert opened.evaluate("document.documentElement.scrollWidth") <= width, (step.code, width, letters)
            if step is steps[0]:
                sizes[width, letters] = opened.evaluate(
                    "parseFloat(getComputedStyle(document.querySelector('.typed')).fontSize)"
                )
        opened.close()
    assert sizes[320, 200] >= 1.95 * sizes[320, 100], sizes  # WCAG 2.2, 1.4.4
