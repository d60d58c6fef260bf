"""A voter in a browser who knows the definitions: what the screen shows is held against what core says.

Nothing here names a step, a label or a limit: all of it comes from the flow. A screen that differs fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

from core import words
from core.flows.identifier import IdentifierFlow, IdentityGiven, NewIdentifierWanted, identifier_flow
from core.flows.password import Forgotten, PasswordFlow, SignIn, password_flow
from core.flows.space import IdentifierLost, SignOut, SpaceFlow, space_flow
from core.flows.stop import StopFlow, stop_flow
from core.i18n import say
from core.policy import Policy
from core.steps import Act, Message, Step
from core.text import Language, Text
from guides.pictures.screen import pattern, plain, read_screen
from tests.support.client import Client
from tests.support.product import Mail, Product, Voter, e164, eventually

PASSWORD: PasswordFlow = password_flow(Policy())
SPACE: SpaceFlow = space_flow()
IDENTIFIER: IdentifierFlow = identifier_flow(Policy())
STOP: StopFlow = stop_flow()
PROFILE: Mapping[str, Any] = {"viewport": {"width": 360, "height": 740}, "timezone_id": "Europe/Paris"}
"""A small telephone in Paris."""


@dataclass(frozen=True)
class Visitor:
    """One person at one page of a browser."""

    product: Product
    page: Page
    person: Voter
    language: Language

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, text: Text) -> str:
        """As this visitor reads it."""
        return plain(say(text, self.language))

    def text(self, selector: str) -> str:
        """What stands there on the screen."""
        return plain(self.page.locator(selector).inner_text())

    def reads(self, text: Text, where: str = "body") -> bool:
        """Whether that sentence is on the screen."""
        return pattern(text, self.language).search(self.text(where)) is not None

    # ── Where one is ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def code(self) -> str | None:
        """The code of the step on screen, as the page's head tells it."""
        return self._meta("step")

    @property
    def refusal(self) -> str | None:
        """The refusal on screen."""
        return self._meta("refusal")

    @property
    def case(self) -> str | None:
        """The case on screen."""
        return self._meta("case")

    def _meta(self, name: str) -> str | None:
        found = self.page.locator(f"meta[name={name}]")
        return found.get_attribute("content") if found.count() else None

    def sees(self, step: Step) -> None:
        """Holds the screen against the definition: code, title, sentences, labels, hints, rules and buttons."""
        screen = read_screen(self.page, self.language)
        screen.hold(step)
        assert screen.words["stamp"].endswith(step.code)

    # ── What one does ────────────────────────────────────────────────────────────────────────────────────

    def button(self, act: Act[object]) -> Locator:
        """The button of an act, by the words on it."""
        return self.page.get_by_role("button", name=self.say(act.label), exact=True)

    def types(self, typed: Mapping[str, str]) -> None:
        """Types into the inputs of those names."""
        for name, text in typed.items():
            self.page.locator(f"#{name}").fill(text)

    def does(self, step: Step, answers: type[object], typed: Mapping[str, str] | None = None) -> None:
        """At that step, types and presses the button that makes this answer."""
        self.sees(step)
        self.types(typed or {})
        self.presses(act_of(step, answers))

    def presses(self, act: Act[object]) -> None:
        """The button of an act, and is at the next page when it returns."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.button(act).click()

    def goes(self, path: str) -> None:
        """Opens a place of the site."""
        self.page.goto(path if path.startswith("http") else self.product.site + path)

    def switches_language(self) -> None:
        """By its link on the page, where that is not the language shown."""
        if self.page.locator("html").get_attribute("lang") != self.language.value:
            with self.page.expect_navigation():
                self.page.get_by_role("link", name=words.AUTONYMS[self.language], exact=True).click()

    def alone(self, page: Page) -> "Visitor":
        """The same person at another page."""
        return replace(self, page=page)

    # ── The ways one goes ────────────────────────────────────────────────────────────────────────────────

    def asks_for_a_message(self) -> None:
        """From the front page to the waiting page."""
        self.goes("/")
        self.switches_language()
        self.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": self.person.email})
        self.does(PASSWORD.choose_way, Forgotten)
        self.does(PASSWORD.confirm, PASSWORD.confirm.act.answers)
        self.sees(PASSWORD.message_asked)

    def link(self, message: Message, *, count: int = 1) -> str:
        """The one link of that mail."""
        return link_in(self.product, self.person, message, count=count)

    def opens_the_mail(self, message: Message) -> None:
        """On the demo's page, and follows its link from there."""
        mail = mail_of(self.product, self.person, message)
        self.goes("/demo")
        self.page.locator(f'a[href*="mail={mail.id}#"]').click()
        frame = self.page.frame_locator(f'iframe[src*="/{mail.id}.html"]')
        action = plain(say(message.action, self.person.language)) if message.action else ""
        for sentence in (*message.body, *message.after):
            shown = plain(frame.locator("body").inner_text())
            assert pattern(sentence, self.person.language).search(shown), sentence
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            frame.get_by_role("link", name=action, exact=True).click()

    def chooses(self, password: str) -> None:
        """A new password, twice."""
        self.does(PASSWORD.choose_password, PASSWORD.choose_password.act.answers, twice(password))

    def signs_in(self, password: str) -> None:
        """From the front page into the voter space."""
        self.goes("/")
        self.does(PASSWORD.identify, PASSWORD.identify.act.answers, {"email": self.person.email})
        self.does(PASSWORD.choose_way, SignIn, {"password": password})

    def asks_for_an_identifier(self) -> None:
        """From the voter space to where the code is awaited."""
        self.does(SPACE.home, IdentifierLost)
        self.does(IDENTIFIER.begin, NewIdentifierWanted)
        year, month, day = self.person.birth_date.split("-")
        born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
        self.does(IDENTIFIER.identity, IdentityGiven, {**born, "phone": self.person.phone, "numen": self.person.numen})
        self.sees(IDENTIFIER.code)

    def reads_the_code(self) -> str:
        """On the telephone."""
        return self.product.sms(e164(self.person.phone)).text[-6:]

    def waits_for(self, step: Step) -> None:
        """The page moves on by itself."""
        eventually(lambda: self.code == step.code, step.code)
        self.sees(step)

    def signs_out(self) -> None:
        """And is at the front page again."""
        self.does(SPACE.home, SignOut)
        self.sees(PASSWORD.identify)


def mails_of(product: Product, person: Voter, message: Message) -> list[Mail]:
    """The mails of that message in someone's mailbox, the newest first."""
    subject = say(message.subject, person.language)
    return [mail for mail in reversed(product.mails(person.email)) if mail.subject == subject]


def mail_of(product: Product, person: Voter, message: Message, *, count: int = 1) -> Mail:
    """The newest of them, once `count` are there."""

    def newest() -> Mail | None:
        found = mails_of(product, person, message)
        return found[0] if len(found) >= count else None

    return eventually(newest, f"{count} mail(s) « {message.subject.msgid} » to {person.email}")


def link_in(product: Product, person: Voter, message: Message, *, count: int = 1) -> str:
    """The one link of that mail."""
    found = re.findall(r"https?://\S+/\S{20,}", mail_of(product, person, message, count=count).part("plain"))
    assert len(found) == 1, found
    return str(found[0])


def link_for(product: Product, person: Voter) -> str:
    """Asks for a link in someone's name, without a browser, and reads it in their mailbox."""
    client, before = Client(product.site), len(mails_of(product, person, PASSWORD.mail.message))
    client.post("/", {"email": person.email})
    client.post(path_of(PASSWORD.choose_way), {"choice": act_of(PASSWORD.choose_way, Forgotten).name})
    client.post(path_of(PASSWORD.confirm))
    return link_in(product, person, PASSWORD.mail.message, count=before + 1)


def set_password(product: Product, person: Voter, password: str) -> str:
    """Takes the whole way in someone's name, without a browser; returns the link, which has served now."""
    link, client = link_for(product, person), Client(product.site)
    client.get(link)
    page = client.post(path_of(PASSWORD.choose_password), twice(password))
    assert page.step == PASSWORD.done.code, page.text
    return link


def path_of(step: Step) -> str:
    """A step's place on the site, for the steps behind the front page."""
    flow = next(each.flow for each in (PASSWORD, SPACE, STOP) if step in each.flow.steps)
    return f"/{flow.slug}/{step.slug}"


def twice(password: str) -> dict[str, str]:
    """What is typed into both inputs of the new password."""
    return dict.fromkeys(PASSWORD.choose_password.act.fields[0].example, password)


def act_of(step: Step, answers: type[object]) -> Act[object]:
    """The act of a step that makes that answer."""
    return next(act for act in step.acts if act.answers is answers)


def new_page(context: BrowserContext) -> Page:
    """A page that gives up soon: everything is on this machine."""
    context.set_default_timeout(10_000)
    return context.new_page()
