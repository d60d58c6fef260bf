"""A voter in a browser, who compares each page with its definition in core.

This file contains no step, label or limit, because all of them come from the flow. A page that differs fails the test.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.flows.account.stop_change_definition import STOP_CHANGE, StopChangeFlow
from core.flows.account.voter_space_definition import (
    VOTER_SPACE,
    SignOutAnswer,
    StartIdentifierRequestAnswer,
    VoterSpaceFlow,
)
from core.flows.identifier.definition import IdentifierFlow, IdentityAnswer, RequestReissueAnswer
from core.flows.password.definition import ForgotPasswordAnswer, PasswordFlow, SignInWithPasswordAnswer
from core.forms.flow_model import Action, MailOrSmsText, Step
from core.policy.policy import Policy
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from core.text.translation import translate
from guides.pictures.definition_check import fold_spaces, read_page, sentence_pattern
from tests.support.product import DemoMail, DemoVoter, RunningProduct, SiteBrowser, e164, eventually

PASSWORD: PasswordFlow = PasswordFlow(Policy())
SPACE: VoterSpaceFlow = VOTER_SPACE
IDENTIFIER: IdentifierFlow = IdentifierFlow(Policy())
STOP: StopChangeFlow = STOP_CHANGE
PROFILE: Mapping[str, Any] = {"viewport": {"width": 360, "height": 740}, "timezone_id": "Europe/Paris"}
"""Browser profile of a small phone in Paris."""
PATIENCE = 180_000
"""Maximum number of milliseconds until a page has moved on."""


@dataclass(frozen=True)
class PageVisitor:
    """A person at one page of a browser."""

    product: RunningProduct
    page: Page
    person: DemoVoter
    language: Language

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, text: Text) -> str:
        """Return a sentence in the visitor's language."""
        return fold_spaces(translate(text, self.language))

    def text(self, selector: str) -> str:
        """Return the visible text of an element."""
        return fold_spaces(self.page.locator(selector).inner_text())

    def reads(self, text: Text, where: str = "body") -> bool:
        """Return whether the page shows a sentence."""
        return sentence_pattern(text, self.language).search(self.text(where)) is not None

    # ── The present page ─────────────────────────────────────────────────────────────────────────────────

    @property
    def code(self) -> str | None:
        """Code of the step that the page shows."""
        return self._meta("step")

    @property
    def refusal(self) -> str | None:
        """Id of the refusal that the page shows."""
        return self._meta("refusal")

    @property
    def case(self) -> str | None:
        """Case number that the page shows."""
        return self._meta("case")

    def _meta(self, name: str) -> str | None:
        found = self.page.locator(f"meta[name={name}]")
        return found.get_attribute("content") if found.count() else None

    def sees(self, step: Step) -> None:
        """Compare the page with the definition of a step: code, title, sentences, labels, hints, rules and buttons."""
        screen = read_page(self.page, self.language)
        screen.check(step)
        assert screen.words["stamp"].endswith(step.code)

    # ── Actions on a page ────────────────────────────────────────────────────────────────────────────────

    def button(self, act: Action[object]) -> Locator:
        """Return the button of an action, which is found by its label."""
        return self.page.get_by_role("button", name=self.say(act.label), exact=True)

    def types(self, typed: Mapping[str, str]) -> None:
        """Type each value into the input with its name."""
        for name, text in typed.items():
            self.page.locator(f"#{name}").fill(text)

    def does(self, step: Step, answers: type[object], typed: Mapping[str, str] | None = None) -> None:
        """Fill in the form of a step, and press the button that gives the answer."""
        self.sees(step)
        self.types(typed or {})
        self.presses(act_of(step, answers))

    def presses(self, act: Action[object]) -> None:
        """Press the button of an action, and wait for the next page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.button(act).click()

    def goes(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(path if path.startswith("http") else self.product.site + path)

    def switches_language(self) -> None:
        """If the page is in another language, switch to the visitor's language with the link on the page."""
        if self.page.locator("html").get_attribute("lang") != self.language.value:
            with self.page.expect_navigation():
                self.page.get_by_role("link", name=words.AUTONYMS[self.language], exact=True).click()

    def alone(self, page: Page) -> "PageVisitor":
        """Return the same person at another page of the browser."""
        return replace(self, page=page)

    # ── Ways through several pages ───────────────────────────────────────────────────────────────────────

    def asks_for_a_message(self) -> None:
        """Request a mail, from the front page to the waiting page."""
        self.goes("/")
        self.switches_language()
        self.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": self.person.email})
        self.does(PASSWORD.choose_way, ForgotPasswordAnswer)
        self.does(PASSWORD.confirm, PASSWORD.confirm.actions[0].answers)
        self.sees(PASSWORD.message_asked)

    def link(self, message: MailOrSmsText, *, count: int = 1) -> str:
        """Return the only link in a mail."""
        return link_in(self.product, self.person, message, count=count)

    def opens_the_mail(self, message: MailOrSmsText) -> None:
        """Open a mail on the demo's page, and follow its link."""
        mail = mail_of(self.product, self.person, message)
        self.goes("/demo")
        self.page.locator(f'a[href*="mail={mail.id}#"]').click()
        frame = self.page.frame_locator(f'iframe[src*="/{mail.id}.html"]')
        action = fold_spaces(translate(message.action, self.person.language)) if message.action else ""
        for sentence in (*message.body, *message.after):
            shown = fold_spaces(frame.locator("body").inner_text())
            assert sentence_pattern(sentence, self.person.language).search(shown), sentence
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            frame.get_by_role("link", name=action, exact=True).click()

    def chooses(self, password: str) -> None:
        """Type a new password twice, and submit it."""
        self.does(PASSWORD.choose_password, PASSWORD.choose_password.actions[0].answers, twice(password))

    def can_sign_in(self, password: str) -> None:
        """Sign in, from the front page to the voter space."""
        self.goes("/")
        self.does(PASSWORD.identify, PASSWORD.identify.actions[0].answers, {"email": self.person.email})
        self.does(PASSWORD.choose_way, SignInWithPasswordAnswer, {"password": password})

    def asks_for_an_identifier(self, flow: IdentifierFlow = IDENTIFIER) -> None:
        """Request an identifier, from the voter space to the step that asks for the code."""
        self.does(SPACE.home, StartIdentifierRequestAnswer)
        self.does(flow.begin, RequestReissueAnswer)
        year, month, day = self.person.birth_date.split("-")
        born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
        self.does(IDENTIFIER.identity, IdentityAnswer, {**born, "phone": self.person.phone, "numen": self.person.numen})
        self.sees(IDENTIFIER.code)

    def reads_the_code(self) -> str:
        """Return the code that the demo's telephone shows."""
        return self.product.sms(e164(self.person.phone)).text[-6:]

    def waits_for(self, step: Step) -> None:
        """Wait until the page moves on to a step by itself."""
        # Unlike reading the page, this works even if the page moves on meanwhile.
        expect(self.page.locator("meta[name=step]")).to_have_attribute("content", step.code, timeout=PATIENCE)
        self.page.wait_for_load_state("domcontentloaded")  # the code is in the page's header, before the rest is loaded
        self.sees(step)

    def signs_out(self) -> None:
        """Sign out. The site then shows the front page."""
        self.does(SPACE.home, SignOutAnswer)
        self.sees(PASSWORD.identify)


def mails_of(product: RunningProduct, person: DemoVoter, message: MailOrSmsText) -> list[DemoMail]:
    """Return the mails of one kind to a person, newest first."""
    subject = translate(message.subject, person.language)
    return [mail for mail in reversed(product.mails(person.email)) if mail.subject == subject]


def mail_of(product: RunningProduct, person: DemoVoter, message: MailOrSmsText, *, count: int = 1) -> DemoMail:
    """Wait until a person has `count` mails of one kind, and return the newest."""

    def newest() -> DemoMail | None:
        found = mails_of(product, person, message)
        return found[0] if len(found) >= count else None

    return eventually(newest, f"{count} mail(s) « {message.subject.msgid} » to {person.email}")


def link_in(product: RunningProduct, person: DemoVoter, message: MailOrSmsText, *, count: int = 1) -> str:
    """Return the only link in a mail."""
    found = re.findall(r"https?://\S+/\S{20,}", mail_of(product, person, message, count=count).part("plain"))
    assert len(found) == 1, found
    return str(found[0])


def link_for(product: RunningProduct, person: DemoVoter) -> str:
    """Request a link without a browser, and return it."""
    client, before = SiteBrowser(product.site), len(mails_of(product, person, PASSWORD.mail.message))
    client.post("/", {"email": person.email})
    client.post(path_of(PASSWORD.choose_way), {"choice": act_of(PASSWORD.choose_way, ForgotPasswordAnswer).name})
    client.post(path_of(PASSWORD.confirm))
    return link_in(product, person, PASSWORD.mail.message, count=before + 1)


def set_password(product: RunningProduct, person: DemoVoter, password: str) -> str:
    """Set a password without a browser, and return the link that was used."""
    link, client = link_for(product, person), SiteBrowser(product.site)
    client.get(link)
    page = client.post(path_of(PASSWORD.choose_password), twice(password))
    assert page.step == PASSWORD.done.code, page.text
    return link


def path_of(step: Step) -> str:
    """Return the address of a step on the site. It must not be the front page."""
    flow = next(each.flow for each in (PASSWORD, SPACE, STOP) if step in each.flow.steps)
    return f"/{flow.slug}/{step.slug}"


def twice(password: str) -> dict[str, str]:
    """Return the values of the two inputs for a new password."""
    return dict.fromkeys(PASSWORD.choose_password.actions[0].fields[0].example, password)


def act_of(step: Step, answers: type[object]) -> Action[object]:
    """Return the action of a step that gives an answer."""
    return next(act for act in step.actions if act.answers is answers)


def new_page(context: BrowserContext) -> Page:
    """Return a new page, which waits as long as a busy machine needs."""
    context.set_default_timeout(90_000)
    return context.new_page()
