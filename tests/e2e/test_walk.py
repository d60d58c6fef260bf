"""MP walked in Chromium by voters who hold the screen against the definitions."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import assert_never

import pytest
from playwright.sync_api import Browser, Request

from core import errors, words
from core.answers import masked, met
from core.flows.password import Forgotten, SignIn, criteria
from core.flows.space import NewPasswordWanted
from core.flows.stop import NotMe
from core.policy import Policy
from core.steps import Ask, Choose, Tell, Wait
from core.text import Language
from guides.pictures.screen import not_yet
from tests.e2e.visitor import (
    PASSWORD,
    PROFILE,
    SPACE,
    STOP,
    Visitor,
    act_of,
    mail_of,
    new_page,
    path_of,
    plain,
    set_password,
    twice,
)
from tests.support.product import Demo, Product, Voter, installation

LONGEST_NAME = 15
NEW_PASSWORD = "Orage calme 2018"
FLOW = PASSWORD.flow
WAYS: dict[str, type[object]] = {PASSWORD.choose_way.code: Forgotten}
"""Which way a voter without a password takes, where there are several."""
Later = Callable[[timedelta], Product]


def walk(visitor: Visitor) -> list[str]:
    """Every step of the flow in its order, typing what the definition gives as an example; returns the codes seen."""
    typed = {**PASSWORD.identify.act.fields[0].example, "email": visitor.person.email}
    seen = []
    for step in FLOW.steps:
        match step:
            case Ask():
                fields = {
                    name: typed.get(name, text) for each in step.act.fields for name, text in each.example.items()
                }
                visitor.does(step, step.act.answers, fields)
            case Choose():
                visitor.does(step, WAYS[step.code])
            case Wait() if step is PASSWORD.mail:
                visitor.opens_the_mail(step.message)
            case Wait():
                visitor.sees(step)
                assert visitor.reads(step.message.subject)
            case Tell():
                visitor.does(step, step.acts[0].answers)
            case _:
                assert_never(step)
        seen.append(step.code)
    return seen


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_whole_way(demo: Demo, browser: Browser, language: Language, *, script: bool) -> None:
    """A voter finds a password, signs in and out, with and without JavaScript, in both languages (CASES 8, 22, 23, 46)."""
    with browser.new_context(**PROFILE, java_script_enabled=script) as context:
        visitor = Visitor(demo, new_page(context), demo.new_voter(language), language)
        visitor.goes("/")
        visitor.switches_language()

        assert walk(visitor) == ["MP-1", "MP-2", "MP-3", "MP-4", "MP-5", "MP-6", "MP-7"]

        password = PASSWORD.choose_password.act.fields[0].example["new_password"]
        visitor.does(PASSWORD.choose_way, SignIn, {"password": password})
        visitor.sees(SPACE.home)
        assert visitor.text("h1").endswith(f"{visitor.person.first_name} {visitor.person.last_name}")
        visitor.signs_out()
        notice = mail_of(demo, visitor.person, PASSWORD.notice)
        assert password not in notice.part("plain") + notice.part("html")
        visitor.goes(path_of(SPACE.home))
        assert visitor.refusal == errors.SignInNeeded.id


def test_the_voter_space_leads_to_a_new_password(visitor: Visitor, with_password: Callable[[Voter], str]) -> None:
    """Whoever is signed in asks for a message without typing the address again."""
    visitor.signs_in(with_password(visitor.person))
    visitor.does(SPACE.home, NewPasswordWanted)
    visitor.sees(PASSWORD.confirm)
    assert visitor.person.email in visitor.text("main")


# ── The new password ─────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_password_keeps_the_link_usable(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """Each refusal names the rule in a list that takes the focus; the next password goes through (CASE 20)."""
    visitor.goes(a_link(visitor.person))
    tried = {
        "Court1": errors.NewPasswordTooShort(minimum=Policy().password_minimum_length),
        "Azerty123": errors.NewPasswordCommon(),
        f"{_name_of(visitor.person)} Aa12018": errors.NewPasswordPersonal(),
        "MINUSCULES 2018": errors.NewPasswordWithoutLower(),
    }
    for password, rejected in tried.items():
        visitor.chooses(password)
        visitor.sees(PASSWORD.choose_password)
        summary = visitor.page.locator("[data-summary]")
        assert visitor.page.evaluate("document.activeElement.hasAttribute('data-summary')")
        assert plain(summary.get_by_role("link").inner_text()) == visitor.say(rejected.reason)
        assert plain(visitor.page.title()).startswith("Erreur : ")
        assert visitor.page.locator("#new_password").input_value() == ""
    summary.get_by_role("link").click()
    assert visitor.page.evaluate("document.activeElement.id") == "new_password"
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)


def _name_of(person: Voter) -> str:
    """A part of their name or address that is long enough to mean them, and short enough for a password."""
    local = person.email.partition("@")[0]
    words = (local, *re.split(r"\W+", f"{person.first_name} {person.last_name}"))
    return max((word for word in words if len(word) <= LONGEST_NAME), key=len)


def test_two_different_passwords(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """A slip in the second input is told, not taken."""
    visitor.goes(a_link(visitor.person))
    typed = {**twice(NEW_PASSWORD), "new_password_again": "Orage calme 2019"}
    visitor.does(PASSWORD.choose_password, PASSWORD.choose_password.act.answers, typed)
    assert visitor.reads(errors.NewPasswordDiffers.sentence, "[data-summary]")


def test_the_rules_tick_while_one_types(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """Key by key, as the parser counts (CASE 21)."""
    visitor.goes(a_link(visitor.person))
    field, typed = visitor.page.locator("#new_password"), ""
    for key in "é été 2018 À L'École":
        field.press_sequentially(key)
        typed += key
        for rule in criteria(Policy()):
            item = visitor.page.locator(f"#new_password-{rule.name}")
            assert item.get_attribute("data-ticked") == str(met(rule, typed)).lower(), (typed, rule.name)


def test_a_password_can_be_shown_and_hidden(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """Both inputs at once."""
    visitor.goes(a_link(visitor.person))
    kinds = visitor.page.locator("#new_password, #new_password_again")
    for name, kind in ((words.SHOW_PASSWORD, "text"), (words.HIDE_PASSWORD, "password")):
        visitor.page.get_by_role("button", name=visitor.say(name), exact=True).click()
        assert kinds.evaluate_all("inputs => inputs.map(input => input.type)") == [kind, kind]


def test_password_managers_find_their_way(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """The tokens of WHATWG, the account beside the password, and the well-known address."""

    def tokens() -> list[tuple[str, str]]:
        return [
            tuple(each)
            for each in visitor.page.locator("form input[autocomplete]").evaluate_all(
                "all => all.map(i => [i.autocomplete, i.value])"
            )
        ]

    visitor.goes("/.well-known/change-password")
    assert tokens() == [("username", "")]
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": visitor.person.email})
    assert tokens() == [("username", visitor.person.email), ("current-password", "")]
    visitor.goes(a_link(visitor.person))
    assert tokens() == [("username", visitor.person.email), ("new-password", ""), ("new-password", "")]


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_link_opened_in_another_browser(
    visitor: Visitor, browser: Browser, with_password: Callable[[Voter], str]
) -> None:
    """It completes there, signs nobody in, and the first browser still shows what it showed (CASES 14, 16, 22)."""
    visitor.signs_in(with_password(visitor.person))
    visitor.sees(SPACE.home)
    visitor.asks_for_a_message()
    with browser.new_context(**PROFILE) as elsewhere:
        other = visitor.alone(new_page(elsewhere))
        other.goes(other.link(PASSWORD.mail.message, count=2))
        other.chooses(NEW_PASSWORD)
        other.sees(PASSWORD.done)
        other.goes(path_of(SPACE.home))
        assert other.refusal == errors.SignInNeeded.id
    visitor.page.reload()
    visitor.sees(PASSWORD.message_asked)
    visitor.goes(path_of(SPACE.home))
    assert visitor.refusal == errors.SignInNeeded.id
    visitor.signs_in(NEW_PASSWORD)
    visitor.sees(SPACE.home)


def test_a_link_opened_while_someone_else_is_signed_in(
    visitor: Visitor, demo: Demo, a_link: Callable[[Voter], str], with_password: Callable[[Voter], str]
) -> None:
    """The page says whose password it is and whose session ends; the other's password stays (CASE 18)."""
    guest, old = visitor, with_password(visitor.person)
    guest.signs_in(old)
    owner = replace(visitor, person=demo.new_voter())
    owner.goes(a_link(owner.person))
    notice = PASSWORD.signed_in_as_another.fill(
        {"masked_address": masked(owner.person.email), "other_address": masked(guest.person.email)}
    )
    assert owner.text("main .notice") == owner.say(notice)
    owner.goes(path_of(SPACE.home))
    guest.sees(SPACE.home)
    owner.goes(path_of(PASSWORD.choose_password))
    owner.chooses(NEW_PASSWORD)
    owner.sees(PASSWORD.done)
    owner.goes(path_of(SPACE.home))
    assert owner.refusal == errors.SignInNeeded.id
    guest.signs_in(old)
    guest.sees(SPACE.home)


def test_a_link_serves_once(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """In two tabs, and opened again: the second one is told that it has served (CASE 11)."""
    link = a_link(visitor.person)
    tab = visitor.alone(visitor.page.context.new_page())
    for each in (visitor, tab):
        each.goes(link)
        each.sees(PASSWORD.choose_password)
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)
    tab.types(twice("Autre orage 2018"))
    tab.presses(PASSWORD.choose_password.act)
    assert tab.refusal == errors.LinkUsed.id
    tab.goes(link)
    assert tab.refusal == errors.LinkUsed.id
    visitor.page.reload()
    visitor.sees(PASSWORD.done)
    visitor.signs_in(NEW_PASSWORD)
    visitor.sees(SPACE.home)


def test_the_token_leaves_the_address(visitor: Visitor, demo: Demo, a_link: Callable[[Voter], str]) -> None:
    """It is in one request and no other, in no Referer, page or log (CASE 19)."""
    link = a_link(visitor.person)
    token = link.rpartition("/")[2]
    asked: list[Request] = []
    visitor.page.context.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # playwright marks what it is given
    visitor.goes(link)
    visitor.sees(PASSWORD.choose_password)
    pages = [visitor.page.content()]
    visitor.page.reload()
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)
    pages.append(visitor.page.content())
    visitor.presses(PASSWORD.done.acts[0])
    visitor.sees(PASSWORD.choose_way)
    pages.append(visitor.page.content())
    assert [each.url for each in asked if token in each.url] == [link]
    assert not [each.url for each in asked if token in str(each.all_headers().get("referer"))]
    assert not [each for each in pages if token in each]
    assert token not in demo.logs()
    assert visitor.page.evaluate("performance.getEntries().filter(e => e.name.includes('/lien/')).length") == 0


def test_a_spoilt_link(visitor: Visitor, a_link: Callable[[Voter], str]) -> None:
    """Cut, wrapped or closed by a mail program: a page that says what to do, and the whole one works after (CASE 15)."""
    link = a_link(visitor.person)
    for spoilt in (link[:-5], f"{link}.", f"{link}%3E", f"{link[:60]}={link[60:]}"):
        visitor.goes(spoilt)
        assert visitor.refusal == errors.LinkDamaged.id
    visitor.goes(link[:-6] + "AAAAAA")
    assert visitor.refusal == errors.LinkUnknown.id
    visitor.goes(link)
    visitor.sees(PASSWORD.choose_password)


# ── "Ce n'était pas moi" ─────────────────────────────────────────────────────────────────────────────────


def test_it_was_not_me(visitor: Visitor, browser: Browser, with_password: Callable[[Voter], str]) -> None:
    """From the notice: opening shows and moves nothing, pressing freezes the account and ends its sessions (CASE 23)."""
    password = with_password(visitor.person)
    visitor.signs_in(password)
    with browser.new_context(**PROFILE) as elsewhere:
        owner = visitor.alone(new_page(elsewhere))
        owner.opens_the_mail(PASSWORD.notice)
        owner.sees(STOP.confirm)
        visitor.page.reload()
        visitor.sees(SPACE.home)
        owner.does(STOP.confirm, NotMe)
        owner.sees(STOP.stopped)
        owner.page.reload()
        owner.sees(STOP.stopped)
    visitor.page.reload()
    assert visitor.refusal == errors.SignInNeeded.id
    visitor.signs_in(password)
    assert visitor.refusal == errors.AccountFrozen.id


def test_an_ended_session_is_not_called_open(
    visitor: Visitor, demo: Demo, with_password: Callable[[Voter], str]
) -> None:
    """The masthead says "session open" only where one is (CASE 16)."""
    visitor.signs_in(with_password(visitor.person))
    assert visitor.reads(words.SIGNED_IN, "header")
    set_password(demo, visitor.person, NEW_PASSWORD)
    visitor.page.reload()
    assert visitor.refusal == errors.SignInNeeded.id
    assert not visitor.reads(words.SIGNED_IN, "header")


# ── Ways people go that nobody drew ──────────────────────────────────────────────────────────────────────


def test_back_from_the_confirmation_to_sign_in(visitor: Visitor, with_password: Callable[[Voter], str]) -> None:
    """Whoever remembers the password after all goes back and signs in."""
    password = with_password(visitor.person)
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": visitor.person.email})
    visitor.does(PASSWORD.choose_way, Forgotten)
    visitor.sees(PASSWORD.confirm)
    visitor.page.go_back()
    visitor.does(PASSWORD.choose_way, SignIn, {"password": password})
    visitor.sees(SPACE.home)


def test_back_after_the_message_was_asked(visitor: Visitor) -> None:
    """Pages gone stale lead to where the case stands; nothing is sent twice."""
    visitor.asks_for_a_message()
    case = visitor.case
    visitor.page.go_back()
    visitor.sees(PASSWORD.message_asked)
    visitor.goes(path_of(PASSWORD.choose_way))
    visitor.sees(PASSWORD.message_asked)
    assert visitor.case == case
    mail_of(visitor.product, visitor.person, PASSWORD.mail.message)
    assert len(visitor.product.mails(visitor.person.email)) == 1


def test_two_tabs_and_two_addresses(visitor: Visitor, demo: Demo) -> None:
    """A browser holds one case, the last: a button of the older tab does nothing, and shows whose case is held."""
    other = replace(visitor, page=visitor.page.context.new_page(), person=demo.new_voter())
    for each in (visitor, other):
        each.goes("/")
        each.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": each.person.email})
    visitor.presses(act_of(PASSWORD.choose_way, Forgotten))
    visitor.sees(PASSWORD.choose_way)
    assert other.person.email in visitor.text("main")
    assert visitor.person.email not in visitor.text("main")


def test_a_wrong_password_and_a_wrong_address(visitor: Visitor) -> None:
    """Each is told at its field, the address stays as typed, and unknown voters read the same as known ones (CASES 1, 5)."""
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": "camille.martin"})
    visitor.sees(PASSWORD.identify)
    assert visitor.page.locator("#email").input_value() == "camille.martin"
    assert visitor.page.locator("#email").get_attribute("aria-invalid") == "true"
    pages = []
    for address in (visitor.person.email, "personne.inconnue@ac-lumiere.example"):
        visitor.goes("/")
        visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": address})
        visitor.does(PASSWORD.choose_way, SignIn, {"password": "Pas le bon 2018"})
        assert visitor.reads(errors.WrongPassword.sentence, "[data-summary]")
        pages.append(visitor.text("body").replace(address, "…").replace(visitor.case or "", "…"))
    assert pages[0] == pages[1]


def test_an_accent_in_the_domain(visitor: Visitor) -> None:
    """Told like one before the @: a browser must not turn it into an address that nobody typed (CASE 6)."""
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": "camille.martin@ac-lumière.example"})
    visitor.sees(PASSWORD.identify)
    assert visitor.reads(errors.AddressOddCharacter.sentence, "[data-summary]")


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Later]:
    """A product of one's own, whose clocks are moved at each call; the site's address stays, and so do the browser's cookies."""
    with installation(tmp_path / "election") as made:
        made.start("mailbox")

        def at(passed: timedelta) -> Product:
            for name in ("serve", "courier"):
                if name in made.parts:
                    made.stop(name)
                made.start(name, RETROUVE_CLOCK_OFFSET_SECONDS=str(round(passed.total_seconds())))
            return made

        yield at


def test_a_voter_far_from_paris(demo: Demo, browser: Browser) -> None:
    """Reads the election's time and their own, wherever they are."""
    person, read = demo.new_voter(), dict[str, str]()
    for zone in ("Europe/Paris", "Indian/Reunion"):
        with browser.new_context(**{**PROFILE, "timezone_id": zone}) as context:
            visitor = Visitor(demo, new_page(context), person, Language.FRENCH)
            visitor.asks_for_a_message()
            read[zone] = visitor.text("main")
    assert visitor.say(words.YOUR_TIME) not in read["Europe/Paris"]
    found = re.search(
        rf"(\d\d):\d\d \(heure de Paris\), .*?(\d\d):\d\d {re.escape(visitor.say(words.YOUR_TIME))}",
        read["Indian/Reunion"],
    )
    assert found is not None
    paris, local = found.groups()
    assert (int(local) - int(paris)) % 24 in {2, 3}


def test_asking_again_and_an_old_link(browser: Browser, later: Later) -> None:
    """The button comes after the cool-down; an expired link says so and leaves the fresh one alone (CASES 13, 33)."""
    again = PASSWORD.message_asked.acts[0]
    with browser.new_context(**PROFILE) as context:
        product = later(timedelta())
        visitor = Visitor(product, new_page(context), product.new_voter(), Language.FRENCH)
        visitor.asks_for_a_message()
        assert visitor.reads(not_yet(again))
        assert not visitor.button(again).is_visible()
        old = visitor.link(PASSWORD.mail.message)
        later(timedelta(minutes=Policy().link_valid_minutes + 2))
        visitor.goes(old)
        assert visitor.refusal == errors.LinkExpired.id
        visitor.goes(path_of(PASSWORD.message_asked))
        visitor.does(PASSWORD.message_asked, again.answers)
        visitor.sees(PASSWORD.message_asked)
        assert not visitor.button(again).is_visible()
        visitor.goes(visitor.link(PASSWORD.mail.message, count=2))
        visitor.chooses(NEW_PASSWORD)
        visitor.sees(PASSWORD.done)
        later(timedelta(days=20))
        visitor.signs_in(NEW_PASSWORD)
        assert visitor.refusal == errors.VoteClosed.id
