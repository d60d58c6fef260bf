"""MP is walked in Chromium by voters who compare the screen with the definitions."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import assert_never

import pytest
from playwright.sync_api import Browser, Request

from core.flows.account.stop_change import FreezeAccount
from core.flows.account.voter_space import StartPasswordChange
from core.flows.password.definition import ForgotPassword, SignInWithPassword
from core.flows.password_rules import password_criteria
from core.forms import errors
from core.forms.model import AskStep, ChooseStep, TellStep, WaitStep
from core.forms.parsers import is_met, mask_address
from core.policy.policy import Policy
from core.text.faces import page_words as words
from core.text.text import Language
from guides.pictures.page_definition_check import closed_action_sentence
from tests.e2e.visitor import (
    PASSWORD,
    PROFILE,
    SPACE,
    STOP,
    PageVisitor,
    act_of,
    fold_spaces,
    mail_of,
    new_page,
    path_of,
    set_password,
    twice,
)
from tests.support.product import Demo, DemoVoter, RunningProduct, installation

LONGEST_NAME = 15
NEW_PASSWORD = "Orage calme 2018"
FLOW = PASSWORD.flow
WAYS: dict[str, type[object]] = {PASSWORD.choose_way.code: ForgotPassword}
"""The answer that a voter without a password chooses where there are several."""
Later = Callable[[timedelta], RunningProduct]


def walk(visitor: PageVisitor) -> list[str]:
    """Walk every step of the flow in order with the definition's examples, and return the codes seen."""
    typed = {**PASSWORD.identify.action.fields[0].example, "email": visitor.person.email}
    seen = []
    for step in FLOW.steps:
        match step:
            case AskStep():
                fields = {
                    name: typed.get(name, text) for each in step.action.fields for name, text in each.example.items()
                }
                visitor.does(step, step.action.answers, fields)
            case ChooseStep():
                visitor.does(step, WAYS[step.code])
            case WaitStep() if step is PASSWORD.mail:
                visitor.opens_the_mail(step.message)
            case WaitStep():
                visitor.sees(step)
                assert visitor.reads(step.message.subject)
            case TellStep():
                visitor.does(step, step.actions[0].answers)
            case _:
                assert_never(step)
        seen.append(step.code)
    return seen


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_whole_way(demo: Demo, browser: Browser, language: Language, *, script: bool) -> None:
    """CASES 8, 22, 23, 46: a voter gets a password and signs in and out in both languages, also without JavaScript."""
    with browser.new_context(**PROFILE, java_script_enabled=script) as context:
        visitor = PageVisitor(demo, new_page(context), demo.new_voter(language), language)
        visitor.goes("/")
        visitor.switches_language()

        assert walk(visitor) == ["MP-1", "MP-2", "MP-3", "MP-4", "MP-5", "MP-6", "MP-7"]

        password = PASSWORD.choose_password.action.fields[0].example["new_password"]
        visitor.does(PASSWORD.choose_way, SignInWithPassword, {"password": password})
        visitor.sees(SPACE.home)
        assert visitor.text("h1").endswith(f"{visitor.person.first_name} {visitor.person.last_name}")
        visitor.signs_out()
        notice = mail_of(demo, visitor.person, PASSWORD.notice)
        assert password not in notice.part("plain") + notice.part("html")
        visitor.goes(path_of(SPACE.home))
        assert visitor.refusal == errors.SignInNeeded.id


def test_the_voter_space_leads_to_a_new_password(
    visitor: PageVisitor, with_password: Callable[[DemoVoter], str]
) -> None:
    """A signed-in voter requests a message without typing the address again."""
    visitor.can_sign_in(with_password(visitor.person))
    visitor.does(SPACE.home, StartPasswordChange)
    visitor.sees(PASSWORD.confirm)
    assert visitor.person.email in visitor.text("main")


# ── The new password ─────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_password_keeps_the_link_usable(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """CASE 20: each refusal names the rule in a list that gets the focus, and the link accepts the next password."""
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
        assert fold_spaces(summary.get_by_role("link").inner_text()) == visitor.say(rejected.reason)
        assert fold_spaces(visitor.page.title()).startswith("Erreur : ")
        assert visitor.page.locator("#new_password").input_value() == ""
    summary.get_by_role("link").click()
    assert visitor.page.evaluate("document.activeElement.id") == "new_password"
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)


def _name_of(person: DemoVoter) -> str:
    """Return a part of the name or address long enough to count as theirs, and short enough for a password."""
    local = person.email.partition("@")[0]
    words = (local, *re.split(r"\W+", f"{person.first_name} {person.last_name}"))
    return max((word for word in words if len(word) <= LONGEST_NAME), key=len)


def test_different_passwords_are_refused(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """A difference between the two inputs is reported and the password is not accepted."""
    visitor.goes(a_link(visitor.person))
    typed = {**twice(NEW_PASSWORD), "new_password_again": "Orage calme 2019"}
    visitor.does(PASSWORD.choose_password, PASSWORD.choose_password.action.answers, typed)
    assert visitor.reads(errors.NewPasswordsDiffer.sentence, "[data-summary]")


def test_the_rules_tick_while_one_types(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """CASE 21: the rules are ticked with each key, as the parser counts."""
    visitor.goes(a_link(visitor.person))
    field, typed = visitor.page.locator("#new_password"), ""
    for key in "é été 2018 À L'École":
        field.press_sequentially(key)
        typed += key
        for rule in password_criteria(Policy()):
            item = visitor.page.locator(f"#new_password-{rule.name}")
            assert item.get_attribute("data-ticked") == str(is_met(rule, typed)).lower(), (typed, rule.name)


def test_a_password_can_be_shown_and_hidden(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """One button shows and hides both inputs."""
    visitor.goes(a_link(visitor.person))
    kinds = visitor.page.locator("#new_password, #new_password_again")
    for name, kind in ((words.SHOW_PASSWORD, "text"), (words.HIDE_PASSWORD, "password")):
        visitor.page.get_by_role("button", name=visitor.say(name), exact=True).click()
        assert kinds.evaluate_all("inputs => inputs.map(input => input.type)") == [kind, kind]


def test_inputs_are_marked_for_password_managers(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """Inputs have WHATWG's autocomplete tokens and the account beside them, and the well-known address works."""

    def tokens() -> list[tuple[str, str]]:
        return [
            tuple(each)
            for each in visitor.page.locator("form input[autocomplete]").evaluate_all(
                "all => all.map(i => [i.autocomplete, i.value])"
            )
        ]

    visitor.goes("/.well-known/change-password")
    assert tokens() == [("username", "")]
    visitor.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": visitor.person.email})
    assert tokens() == [("username", visitor.person.email), ("current-password", "")]
    visitor.goes(a_link(visitor.person))
    assert tokens() == [("username", visitor.person.email), ("new-password", ""), ("new-password", "")]


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_works_in_another_browser(
    visitor: PageVisitor, browser: Browser, with_password: Callable[[DemoVoter], str]
) -> None:
    """CASES 14, 16, 22: a link works in another browser, signs nobody in, and leaves the first browser's page."""
    visitor.can_sign_in(with_password(visitor.person))
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
    visitor.can_sign_in(NEW_PASSWORD)
    visitor.sees(SPACE.home)


def test_a_link_opened_while_someone_else_is_signed_in(
    visitor: PageVisitor, demo: Demo, a_link: Callable[[DemoVoter], str], with_password: Callable[[DemoVoter], str]
) -> None:
    """CASE 18: the page says whose password it sets and whose session ends, and the other's password stays."""
    guest, old = visitor, with_password(visitor.person)
    guest.can_sign_in(old)
    owner = replace(visitor, person=demo.new_voter())
    owner.goes(a_link(owner.person))
    notice = PASSWORD.signed_in_as_another.fill(
        {"masked_address": mask_address(owner.person.email), "other_address": mask_address(guest.person.email)}
    )
    assert owner.text("main .notice") == owner.say(notice)
    owner.goes(path_of(SPACE.home))
    guest.sees(SPACE.home)
    owner.goes(path_of(PASSWORD.choose_password))
    owner.chooses(NEW_PASSWORD)
    owner.sees(PASSWORD.done)
    owner.goes(path_of(SPACE.home))
    assert owner.refusal == errors.SignInNeeded.id
    guest.can_sign_in(old)
    guest.sees(SPACE.home)


def test_a_link_works_once(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """CASE 11: a link works once, and another tab or a second opening says that it was used."""
    link = a_link(visitor.person)
    tab = visitor.alone(visitor.page.context.new_page())
    for each in (visitor, tab):
        each.goes(link)
        each.sees(PASSWORD.choose_password)
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)
    tab.types(twice("Autre orage 2018"))
    tab.presses(PASSWORD.choose_password.action)
    assert tab.refusal == errors.LinkUsed.id
    tab.goes(link)
    assert tab.refusal == errors.LinkUsed.id
    visitor.page.reload()
    visitor.sees(PASSWORD.done)
    visitor.can_sign_in(NEW_PASSWORD)
    visitor.sees(SPACE.home)


def test_the_token_is_in_no_other_request_page_or_log(
    visitor: PageVisitor, demo: Demo, a_link: Callable[[DemoVoter], str]
) -> None:
    """CASE 19: the token is in one request, and in no other, no Referer, page or log."""
    link = a_link(visitor.person)
    token = link.rpartition("/")[2]
    asked: list[Request] = []
    visitor.page.context.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # playwright sets attributes
    visitor.goes(link)
    visitor.sees(PASSWORD.choose_password)
    pages = [visitor.page.content()]
    visitor.page.reload()
    visitor.chooses(NEW_PASSWORD)
    visitor.sees(PASSWORD.done)
    pages.append(visitor.page.content())
    visitor.presses(PASSWORD.done.actions[0])
    visitor.sees(PASSWORD.choose_way)
    pages.append(visitor.page.content())
    assert [each.url for each in asked if token in each.url] == [link]
    assert not [each.url for each in asked if token in str(each.all_headers().get("referer"))]
    assert not [each for each in pages if token in each]
    assert token not in demo.logs()
    assert visitor.page.evaluate("performance.getEntries().filter(e => e.name.includes('/lien/')).length") == 0


def test_a_link_cut_by_a_mail_program_gets_advice(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """CASE 15: a link that a mail program cut or wrapped gets a page with advice, and the whole link works."""
    link = a_link(visitor.person)
    for spoilt in (link[:-5], f"{link}.", f"{link}%3E", f"{link[:60]}={link[60:]}"):
        visitor.goes(spoilt)
        assert visitor.refusal == errors.LinkDamaged.id
    visitor.goes(link[:-6] + "AAAAAA")
    assert visitor.refusal == errors.LinkUnknown.id
    visitor.goes(link)
    visitor.sees(PASSWORD.choose_password)


# ── "Ce n'était pas moi" ─────────────────────────────────────────────────────────────────────────────────


def test_a_notices_link_freezes_the_account(
    visitor: PageVisitor, browser: Browser, with_password: Callable[[DemoVoter], str]
) -> None:
    """CASE 23: opening the notice's link changes nothing, and its button freezes the account and ends its sessions."""
    password = with_password(visitor.person)
    visitor.can_sign_in(password)
    with browser.new_context(**PROFILE) as elsewhere:
        owner = visitor.alone(new_page(elsewhere))
        owner.opens_the_mail(PASSWORD.notice)
        owner.sees(STOP.confirm)
        visitor.page.reload()
        visitor.sees(SPACE.home)
        owner.does(STOP.confirm, FreezeAccount)
        owner.sees(STOP.stopped)
        owner.page.reload()
        owner.sees(STOP.stopped)
    visitor.page.reload()
    assert visitor.refusal == errors.SignInNeeded.id
    visitor.can_sign_in(password)
    assert visitor.refusal == errors.AccountFrozen.id


def test_an_ended_session_is_not_shown_as_open(
    visitor: PageVisitor, demo: Demo, with_password: Callable[[DemoVoter], str]
) -> None:
    """CASE 16: the header says "session open" only while there is one."""
    visitor.can_sign_in(with_password(visitor.person))
    assert visitor.reads(words.SIGNED_IN, "header")
    set_password(demo, visitor.person, NEW_PASSWORD)
    visitor.page.reload()
    assert visitor.refusal == errors.SignInNeeded.id
    assert not visitor.reads(words.SIGNED_IN, "header")


# ── Ways people go that nobody drew ──────────────────────────────────────────────────────────────────────


def test_a_voter_goes_back_from_the_confirmation_and_signs_in(
    visitor: PageVisitor, with_password: Callable[[DemoVoter], str]
) -> None:
    """A voter who remembers the password goes back from the confirmation and signs in."""
    password = with_password(visitor.person)
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": visitor.person.email})
    visitor.does(PASSWORD.choose_way, ForgotPassword)
    visitor.sees(PASSWORD.confirm)
    visitor.page.go_back()
    visitor.does(PASSWORD.choose_way, SignInWithPassword, {"password": password})
    visitor.sees(SPACE.home)


def test_the_back_button_leads_to_the_current_step(visitor: PageVisitor) -> None:
    """After a request the Back button's pages lead to the current step, and nothing is sent twice."""
    visitor.asks_for_a_message()
    case = visitor.case
    visitor.page.go_back()
    visitor.sees(PASSWORD.message_asked)
    visitor.goes(path_of(PASSWORD.choose_way))
    visitor.sees(PASSWORD.message_asked)
    assert visitor.case == case
    mail_of(visitor.product, visitor.person, PASSWORD.mail.message)
    assert len(visitor.product.mails(visitor.person.email)) == 1


def test_an_older_tab_does_nothing(visitor: PageVisitor, demo: Demo) -> None:
    """A browser has one address, the last; a button of an older tab does nothing and shows which it is."""
    other = replace(visitor, page=visitor.page.context.new_page(), person=demo.new_voter())
    for each in (visitor, other):
        each.goes("/")
        each.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": each.person.email})
    visitor.presses(act_of(PASSWORD.choose_way, ForgotPassword))
    visitor.sees(PASSWORD.choose_way)
    assert other.person.email in visitor.text("main")
    assert visitor.person.email not in visitor.text("main")


def test_errors_are_the_same_for_unknown_voters(visitor: PageVisitor) -> None:
    """CASES 1, 5: each error is at its field, the address stays as typed, and unknown voters read the same."""
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": "camille.martin"})
    visitor.sees(PASSWORD.identify)
    assert visitor.page.locator("#email").input_value() == "camille.martin"
    assert visitor.page.locator("#email").get_attribute("aria-invalid") == "true"
    pages = []
    for address in (visitor.person.email, "personne.inconnue@ac-lumiere.example"):
        visitor.goes("/")
        visitor.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": address})
        visitor.does(PASSWORD.choose_way, SignInWithPassword, {"password": "Pas le bon 2018"})
        assert visitor.reads(errors.WrongPassword.sentence, "[data-summary]")
        pages.append(visitor.text("body").replace(address, "…"))
    assert pages[0] == pages[1]


def test_an_accent_in_the_domain_is_refused(visitor: PageVisitor) -> None:
    """CASE 6: an accent in the domain is refused, as the browser does not convert the address."""
    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.action.answers, {"email": "camille.martin@ac-lumière.example"})
    visitor.sees(PASSWORD.identify)
    assert visitor.reads(errors.AddressOddCharacter.sentence, "[data-summary]")


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Later]:
    """A product whose clocks move at each call, while its address and the browser's cookies stay."""
    with installation(tmp_path / "election") as made:
        made.start("mailbox")

        def at(passed: timedelta) -> RunningProduct:
            for name in ("serve", "courier"):
                if name in made.parts:
                    made.stop(name)
                made.start(name, RETROUVE_CLOCK_OFFSET_SECONDS=str(round(passed.total_seconds())))
            return made

        yield at


def test_a_voter_elsewhere_reads_both_times(demo: Demo, browser: Browser) -> None:
    """A voter in another time zone reads the election's time and their own."""
    person, read = demo.new_voter(), dict[str, str]()
    for zone in ("Europe/Paris", "Indian/Reunion"):
        with browser.new_context(**{**PROFILE, "timezone_id": zone}) as context:
            visitor = PageVisitor(demo, new_page(context), person, Language.FRENCH)
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


def test_a_second_request_leaves_the_new_link_alone(browser: Browser, later: Later) -> None:
    """CASES 13, 33: the button comes after the cool-down, and an expired link says so and leaves the new one alone."""
    again = PASSWORD.message_asked.actions[0]
    with browser.new_context(**PROFILE) as context:
        product = later(timedelta())
        visitor = PageVisitor(product, new_page(context), product.new_voter(), Language.FRENCH)
        visitor.asks_for_a_message()
        assert visitor.reads(closed_action_sentence(again))
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
        visitor.can_sign_in(NEW_PASSWORD)
        assert visitor.refusal == errors.VoteClosed.id
