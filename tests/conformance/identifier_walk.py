"""A voter who goes from page to page to get a new voting identifier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import pytest

from tests.conformance.browser import VoterBrowser, typed_twice
from tests.conformance.html_page import HtmlPage
from tests.conformance.product import ASKED, CODE, IDENTIFIER, PASSWORD, SPACE, TO_CONFIRM, FictionalVoter, Product
from tests.conformance.raw_http import exchange, path_of
from tests.conformance.waiting import SECONDS_FOR_A_MAIL, SECONDS_OF_A_PAUSE, eventually


@dataclass
class IdentifierWalk:
    """A voter with a browser and a telephone. The number of the telephone is in the form E.164."""

    product: Product
    voter: FictionalVoter
    browser: VoterBrowser
    phone: str
    pages: list[HtmlPage] = field(default_factory=list)
    """The pages that the voter has visited, in order."""
    has_password: bool = False
    confirmations: int = 0
    """Number of requests that the voter has confirmed by mail, if the product requires a confirmation."""

    @property
    def current_page(self) -> HtmlPage:
        return self.pages[-1]

    def go_to_step(self, target_step: str, page: HtmlPage | None = None) -> HtmlPage:
        """Go to a step, from the given page or from the first page."""
        self.pages.append(page or self.browser.get("/"))
        while self.current_page.step != target_step:
            self.pages.append(self.page_after(self.current_page))
        return self.current_page

    def page_after(self, page: HtmlPage) -> HtmlPage:
        """Return the page that follows a given page."""
        match page.step:
            case "MP-4":
                return self.browser.get(str(self.product.wait_for_mail(self.voter, ASKED).link))
            case "MP-7":
                self.has_password = True
                return self.browser.get("/")
            case "ID-3":
                return self.browser.submit(page, {"code": self.wait_for_code()})
            case "ID-7":
                self.confirmations += 1
                mail = self.product.wait_for_mail(self.voter, TO_CONFIRM, count=self.confirmations)
                return self.browser.get(str(mail.link))
            case "ID-4":
                return self.wait_for_next_step(page)
            case str() as step if step in self._typed:
                return self.browser.submit(page, self._typed[step])
            case _:
                pytest.fail(f"{page.url} ({page.status}, {page.step}, {page.refusal}) is no step on the way")

    @property
    def _typed(self) -> Mapping[str, Mapping[str, str]]:
        """The values to type at each step that needs no message."""
        way = {"choice": "sign-in", "password": PASSWORD} if self.has_password else {"choice": "forgotten"}
        return {
            "MP-1": {"email": self.voter.email},
            "MP-2": way,
            "MP-3": {},
            "MP-6": typed_twice(PASSWORD),
            "EV-1": {"choice": "new-identifier"},
            "ID-1": {"choice": "request"},
            "ID-2": self.voter.identity(self.phone),
            "ID-9": {},
        }

    def identify(self, page: HtmlPage, **mistyped: str) -> HtmlPage:
        """Submit the voter's identity at ID-2."""
        return self.browser.submit(page, self.voter.identity(self.phone, **mistyped))

    def wait_for_next_step(self, page: HtmlPage) -> HtmlPage:
        """Wait until a page that waits for something shows another step."""

        def moved() -> HtmlPage | None:
            now = self.browser.get(page.url)
            return now if now.step != page.step else None

        return eventually(moved, f"a step after {page.step}")

    def begin_anew(self) -> HtmlPage:
        """Request another identifier, up to ID-3."""
        return self.go_to_step("ID-3", self.browser.get(SPACE))

    # ── The telephone ────────────────────────────────────────────────────────────────────────────────────

    def codes(self) -> list[str]:
        """Return the codes that the voter's telephone has received, oldest first."""
        found = [CODE.search(each.text) for each in self.product.messages(self.phone)]
        return [each[0] for each in found if each is not None]

    def wait_for_code(self, *, count: int = 1) -> str:
        """Wait until the telephone has received `count` codes, and return the last of them.

        Later codes may have to wait for the pause between two codes.
        """
        seconds = SECONDS_FOR_A_MAIL + (SECONDS_OF_A_PAUSE if count > 1 else 0)
        return eventually(lambda: self.codes()[count - 1 : count], f"{count} codes to {self.phone}", seconds)[0]

    def wrong_code(self) -> str:
        """Return six digits that differ from the first code."""
        return f"{(int(self.wait_for_code()) + 1) % 10**6:06d}"

    def identifiers(self) -> list[str]:
        """Return the identifiers that the voter's telephone has received, including copies."""
        found = [IDENTIFIER.search(each.text) for each in self.product.messages(self.phone)]
        self.product.secrets.update(each[0] for each in found if each is not None)
        return [each[0] for each in found if each is not None]

    def reply_by_sms(self, text: str) -> None:
        where = urljoin(self.product.url, self.product.replies)
        assert exchange(where, "POST", path_of(where), {"number": self.phone, "text": text}).status < 400


def new_identifier_walk(product: Product, phone: str | None = None) -> IdentifierWalk:
    """Return a new voter at the first page. Without `phone`, the telephone number is also new."""
    return IdentifierWalk(product, product.take_unused_voter(), product.browser(), phone or product.new_phone())


def walker_at_code(product: Product, phone: str | None = None) -> IdentifierWalk:
    """Return a new voter at ID-3, which asks for a security code."""
    made = new_identifier_walk(product, phone)
    made.go_to_step("ID-3")
    return made
