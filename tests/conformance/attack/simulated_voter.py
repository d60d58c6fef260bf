"""A voter with a browser, who goes from page to page as the product's description says."""

from collections.abc import Mapping
from urllib.parse import urljoin

from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import Held, RecordingBrowser
from tests.conformance.html_page import HtmlForm, HtmlPage
from tests.conformance.product import FictionalVoter, Product
from tests.conformance.raw_http import PreparedRequest, path_of
from tests.conformance.waiting import SECONDS_FOR_A_MAIL

LAST = "last"
"""Key of the current page among the pages of a voter."""


class VoterDisturbed(Exception):
    """Raised when the attack has changed something for an honest voter. The message says what."""


class SimulatedVoter:
    """A voter, with the pages that the voter has visited and the values to type."""

    def __init__(
        self, product: Product, adapter: ProductSiteDescription, voter: FictionalVoter, phone: str, password: str
    ) -> None:
        self.product, self.adapter, self.voter, self.phone = product, adapter, voter, phone
        self.password, self.patience = password, float(SECONDS_FOR_A_MAIL)
        self.client = RecordingBrowser(product.url)
        self.cases: list[str] = []
        self.pages: dict[str, HtmlPage] = {}
        """The last page of each step that the voter has visited."""
        self.tries: dict[str, str] = {}
        """For each step, the sentence about the attempts left after a wrong attempt."""

    @property
    def page(self) -> HtmlPage:
        return self.pages[LAST]

    @property
    def form_action_by_step(self) -> dict[str, str]:
        """Path of the form of each step that the voter has visited."""
        pages = {step: page for step, page in self.pages.items() if step != LAST}
        actions = {step: page.forms[0].action if page.forms else "" for step, page in pages.items()}
        return {step: path_of(urljoin(pages[step].url, action)) for step, action in actions.items()}

    @property
    def _values(self) -> dict[str, str]:
        return typed_values_of(self.voter, self.password, self.phone) | {"new_password": self.password}

    def _open(self, path: str) -> HtmlPage:
        return self.client.exchange("honest", PreparedRequest("GET", path)).page

    def _take(self, page: HtmlPage) -> HtmlPage:
        self.pages[LAST] = self.pages[self.adapter.step(page)] = page
        if (case := self.adapter.case_of(page)) is not None and case not in self.cases:
            self.cases.append(case)
        return page

    def _walk(self, way: Mapping[str, Mapping[str, str]], until: str) -> None:
        self._take(self._open(self.adapter.first))
        self._go_on(way, until)

    def _go_on(self, way: Mapping[str, Mapping[str, str]], until: str) -> None:
        for _ in way:
            if self.adapter.step(self.page) == until:
                return
            self.answer(way)
        self._expect(until)

    def guess_password(self) -> None:
        """Try the password in a new browser, whatever the answer is."""
        self._walk(self.adapter.identifier_way, self.adapter.sign_in_step)
        self.answer(self.adapter.identifier_way)

    def answer(self, way: Mapping[str, Mapping[str, str]], more: Mapping[str, str] = {}) -> None:
        step = self.adapter.step(self.page)
        if step not in way:
            raise VoterDisturbed(f"{self.page.url} ({self.page.status}, {step}) is no step on the way")
        self._send(way[step], self._values | dict(more))

    def _mistype(self, values: Mapping[str, str]) -> None:
        step = self.adapter.step(self.page)
        self._send(self.adapter.identifier_way[step], values)
        self._expect(step)
        self.tries[step] = self.adapter.attempts_sentence(self.page)

    def _send(self, template: Mapping[str, str], values: Mapping[str, str]) -> None:
        typed = {name: text.format_map(values) for name, text in template.items()}
        form = self.page.find_form(typed)
        if form is None:
            raise VoterDisturbed(f"{self.page.url} ({self.page.status}) has no form for {sorted(typed)}")
        self._submit(form, typed)

    def _submit(self, form: HtmlForm, typed: Mapping[str, str]) -> Held:
        request = PreparedRequest(
            "POST", path_of(urljoin(self.page.url, form.action)), {**form.inputs, **typed}, {"Origin": self.product.url}
        )
        done = self.client.exchange("honest", request)
        self._take(done.page)
        return done.ended

    def _expect(self, *steps: str) -> None:
        if self.adapter.step(self.page) not in steps:
            page = self.page
            raise VoterDisturbed(
                f"{page.url} ({page.status}, {page.refusal}) is {self.adapter.step(page)} and not {steps}"
            )


def typed_values_of(voter: FictionalVoter, password: str, phone: str) -> dict[str, str]:
    year, month, day = voter.birth_date.split("-")
    return {
        "email": voter.email,
        "password": password,
        "phone": phone,
        "day": day,
        "month": month,
        "year": year,
        "numen": voter.numen,
    }
