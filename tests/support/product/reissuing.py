"""A voter's way to a new voting identifier: signed in, identified, with a telephone in hand."""

import re
from dataclasses import dataclass, field

from core.adapters.telephone.store import Text
from core.phones import parse_phone
from core.policy import Policy
from tests.support.client import Page
from tests.support.product.browser import Browser
from tests.support.product.post import Voter
from tests.support.product.site import Product

PASSWORD = "Lavande bleue 2018"
SPACE, CODE, SENDING = "/espace/accueil", "/identifiant/code", "/identifiant/envoi"
SIX_DIGITS = re.compile(r"\b(\d{6})\b")
IDENTIFIER = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{5}\b")


@dataclass
class Reissuing:
    """One voter's browser and telephone; `number` is in E.164."""

    product: Product
    voter: Voter
    browser: Browser
    number: str
    case: str = field(default="", init=False)

    def ask_code(self, phone: str | None = None) -> Page:
        """From the voter space to ID-3, with another number than their own if they have one."""
        browser, voter = self.browser, self.voter
        browser.post(SPACE, {"choice": "new-identifier"})
        page = browser.post("/identifiant/demande", {"choice": "request"})
        year, month, day = voter.birth_date.split("-")
        typed = {"phone": phone or voter.phone, "numen": voter.numen}
        typed |= {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
        page = browser.post(page.url, typed)
        self.case = page.case or ""
        if phone is not None:
            self.number = e164(phone)
        return page

    def codes(self) -> list[Text]:
        """The SMS with a code that this telephone got."""
        return [
            text for text in self.product.texts(self.number) if text.report_to is None or "/code." in text.report_to
        ]

    def identifiers(self) -> list[str]:
        """Every identifier that this telephone got, as often as it came."""
        found = [IDENTIFIER.search(text.text) for text in self.product.texts(self.number)]
        self.product.secrets.update(each[0] for each in found if each is not None)
        return [each[0] for each in found if each is not None]

    def code(self, *, count: int = 1) -> str:
        """What the newest of the first `count` SMS says."""
        found = SIX_DIGITS.search(self.product.sms(self.number, count=count).text)
        assert found is not None
        return found[1]

    def type_code(self, code: str) -> Page:
        """At ID-3."""
        return self.browser.post(CODE, {"code": code})

    def look(self) -> Page:
        """Where the case stands now."""
        return self.browser.get(SENDING)


def reissuing(product: Product) -> Reissuing:
    """A new voter, signed in."""
    voter = product.new_voter()
    browser = product.give_password(voter, PASSWORD)
    browser.sign_in(voter.email, PASSWORD)
    return Reissuing(product, voter, browser, e164(voter.phone))


def e164(phone: str) -> str:
    """As an operator writes it."""
    return parse_phone(phone, Policy().phone_codes).e164
