"""Voters recover their password in Chromium, and compare each page with its definition."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

import pytest
from playwright.sync_api import Browser, Request

from core.flows.account.voter_space_definition import StartPasswordChangeAnswer
from core.flows.password.definition import ForgotPasswordAnswer, SignInWithPasswordAnswer
from core.forms import errors
from core.forms.flow_model import AskStep, AwaitMessageStep, ChooseStep, FinalStep
from core.text.faces import page_frame_texts as words
from core.text.text import Language
from tests.e2e.visitor import PASSWORD, PROFILE, SPACE, PageVisitor, act_of, mail_of, new_page, path_of, set_password
from tests.support.product import Demo, DemoVoter

NEW_PASSWORD = "Orage calme 2018"
FLOW = PASSWORD.flow
WAYS: dict[str, type[object]] = {PASSWORD.choose_way.code: ForgotPasswordAnswer}
"""Answer that a voter without a password chooses at a step with several answers."""


def walk(visitor: PageVisitor) -> list[str]:
    """Go through every step of the flow in order, with the examples of its definition. Returns the step codes."""
    typed = {**PASSWORD.identify.actions[0].fields[0].example, "email": visitor.person.email}
    seen = []
    for step in FLOW.steps:
        match step:
            case AskStep():
                fields = {
                    name: typed.get(name, text)
                    for each in step.actions[0].fields
                    for name, text in each.example.items()
                }
                visitor.does(step, step.actions[0].answers, fields)
            case ChooseStep():
                visitor.does(step, WAYS[step.code])
            case AwaitMessageStep() if step is PASSWORD.mail:
                visitor.opens_the_mail(step.message)
            case AwaitMessageStep():
                visitor.sees(step)
                assert visitor.reads(step.message.subject)
            case FinalStep():
                visitor.does(step, step.actions[0].answers)
            case _:
                assert_never(step)
        seen.append(step.code)
    return seen


@pytest.mark.parametrize(
    ("language", "script"), [(Language.FRENCH, True), (Language.ENGLISH, False)], ids=["script", "no-script"]
)
def test_the_whole_way(demo: Demo, browser: Browser, language: Language, *, script: bool) -> None:
    """A voter gets a password, signs in and signs out, in both languages and also without JavaScript."""
    with browser.new_context(**PROFILE, java_script_enabled=script) as context:
        visitor = PageVisitor(demo, new_page(context), demo.take_unused_voter(language), language)
        visitor.goes("/")
        visitor.switches_language()

        assert walk(visitor) == ["MP-1", "MP-2", "MP-3", "MP-4", "MP-5", "MP-6", "MP-7"]

        password = PASSWORD.choose_password.actions[0].fields[0].example["new_password"]
        visitor.does(PASSWORD.choose_way, SignInWithPasswordAnswer, {"password": password})
        visitor.sees(SPACE.home)
        assert visitor.text("h1").endswith(f"{visitor.person.first_name} {visitor.person.last_name}")
        visitor.signs_out()
        notice = mail_of(demo, visitor.person, PASSWORD.notice)
        assert password not in notice.part("plain") + notice.part("html")
        visitor.goes(path_of(SPACE.home))
        assert visitor.refusal == errors.SignInNeeded.id


# ── The new password ─────────────────────────────────────────────────────────────────────────────────────


def test_inputs_are_marked_for_password_managers(visitor: PageVisitor, a_link: Callable[[DemoVoter], str]) -> None:
    """Password managers find the inputs, the account and the well-known address.

    The inputs have the autocomplete tokens of the HTML standard. A domain with an accent is refused, because the
    browser does not convert it.
    """

    def tokens() -> list[tuple[str, str]]:
        return [
            tuple(each)
            for each in visitor.page.locator("form input[autocomplete]").evaluate_all(
                "all => all.map(i => [i.autocomplete, i.value])"
            )
        ]

    visitor.goes("/.well-known/change-password")
    assert tokens() == [("username", "")]
    visitor.does(
        PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": "camille.martin@ac-lumière.example"}
    )
    visitor.sees(PASSWORD.identify)
    assert visitor.reads(errors.AddressOddCharacter.sentence, "[data-summary]")
    visitor.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": visitor.person.email})
    assert tokens() == [("username", visitor.person.email), ("current-password", "")]
    visitor.goes(a_link(visitor.person))
    assert tokens() == [("username", visitor.person.email), ("new-password", ""), ("new-password", "")]


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_token_is_in_no_other_request_page_or_log(
    visitor: PageVisitor, demo: Demo, a_link: Callable[[DemoVoter], str]
) -> None:
    """The token of a link is in one request, and in no other request, Referer, page or log."""
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


# ── The session ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_voter_whose_session_ended_goes_back_signs_in_and_wants_another_password(
    visitor: PageVisitor, demo: Demo, with_password: Callable[[DemoVoter], str]
) -> None:
    """A voter whose session has ended can go back and sign in, and can then request a mail without typing the address."""
    visitor.can_sign_in(with_password(visitor.person))
    set_password(demo, visitor.person, NEW_PASSWORD)
    visitor.page.reload()
    assert visitor.refusal == errors.SignInNeeded.id

    visitor.goes("/")
    visitor.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": visitor.person.email})
    visitor.does(PASSWORD.choose_way, ForgotPasswordAnswer)
    visitor.sees(PASSWORD.confirm)
    visitor.page.go_back()
    visitor.does(PASSWORD.choose_way, SignInWithPasswordAnswer, {"password": NEW_PASSWORD})

    visitor.does(SPACE.home, StartPasswordChangeAnswer)
    visitor.sees(PASSWORD.confirm)
    assert visitor.person.email in visitor.text("main")


# ── Unusual ways through the flow ────────────────────────────────────────────────────────────────────────


def test_the_back_button_leads_to_the_current_step(visitor: PageVisitor) -> None:
    """After a request, the pages behind the Back button lead to the current step, and nothing is sent twice."""
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
    """A button in an older tab changes nothing, and the page shows which address the browser has now."""
    other = replace(visitor, page=visitor.page.context.new_page(), person=demo.take_unused_voter())
    for each in (visitor, other):
        each.goes("/")
        each.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": each.person.email})
    visitor.presses(act_of(PASSWORD.choose_way, ForgotPasswordAnswer))
    visitor.sees(PASSWORD.choose_way)
    assert other.person.email in visitor.text("main")
    assert visitor.person.email not in visitor.text("main")


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voter_elsewhere_reads_both_times(demo: Demo, browser: Browser) -> None:
    """A voter in another time zone sees the time of the election and their own time."""
    person, read = demo.take_unused_voter(), dict[str, str]()
    for zone in ("Europe/Paris", "Indian/Reunion"):
        with browser.new_context(**{**PROFILE, "timezone_id": zone}) as context:
            visitor = PageVisitor(demo, new_page(context), person, Language.FRENCH)
            visitor.asks_for_a_message()
            read[zone] = visitor.text("main")
    assert visitor.say(words.YOUR_TIME) not in read["Europe/Paris"]
    found = re.search(
        rf"(\d+) h[ \d]* \(heure de Paris\), .*?(\d+) h[ \d]* {re.escape(visitor.say(words.YOUR_TIME))}",
        read["Indian/Reunion"],
    )
    assert found is not None
    paris, local = found.groups()
    assert (int(local) - int(paris)) % 24 in {2, 3}
