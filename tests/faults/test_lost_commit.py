"""CASES 53 and 54: the database's answers are lost.

What the pages say is nevertheless true, nothing is done twice, and the site continues.
"""

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count

import pytest

from core.text.urls import CONTACT_PATH
from tests.conformance import product as black_box
from tests.conformance.browser import VoterBrowser
from tests.conformance.html_page import HtmlPage
from tests.conformance.identifier_walk import IdentifierWalk
from tests.conformance.raw_http import send
from tests.support.lossy_proxy import Loss, LossyProxy, lossy_proxy
from tests.support.postgres import postgresql
from tests.support.product import CONFIRM, HERE, Installation, eventually, exchange, hosts
from tests.support.product.site import SENDING

UNAVAILABLE = "unavailable"
REQUESTS = "SELECT count(*) FROM events WHERE act = 'call-back-asked'"
REPORT = "SELECT count(*) FROM events WHERE act = 'sms-reported' AND reason = ?"
STYLES = "/static/retrouve.css"
PAUSE_SECONDS = 0.2
TRIES = re.compile(r"Il vous reste (\d+) essais?")
STORED = {"MP-3", "MP-6", "MP-2", "ID-1", "ID-2", "ID-3", "ID-9", "DA-1"}
"""Steps at which the answer to a form is stored."""


class UnluckyBrowser(VoterBrowser):
    """A browser in which, for each form, the answer to one COMMIT is lost and then the site's answer too.

    While the page says that nothing was changed, the form is sent again, and the answer to a later COMMIT is lost. At
    the end the form is sent once more, as if the voter had seen no page. The browser receives only the last answer.
    """

    def __init__(self, site: str, proxy: LossyProxy) -> None:
        super().__init__(site)
        self.proxy = proxy
        self.found_out: set[str] = set()
        """Steps at which the action was done although an answer was lost."""

    def submit(self, page: HtmlPage, typed: Mapping[str, str] | None = None) -> HtmlPage:
        """Send the form until the page no longer says "nothing was changed", and then send it once more."""
        request = self.prepare_request(page, typed)
        for spared in count():
            self.proxy.spared, self.proxy.loss = spared, Loss.COMMIT_ANSWER
            answer = send(self.site, request)
            if self.proxy.loss is Loss.NOTHING and answer.refusal is None:
                self.found_out.add(str(page.step))
            if answer.refusal != UNAVAILABLE:
                break
        self.proxy.loss = Loss.NOTHING
        repeated = super().submit(page, typed)
        if answer.step is not None:  # a page of the step was shown, and no redirect
            assert (repeated.step, TRIES.findall(repeated.text)) == (answer.step, TRIES.findall(answer.text))
        return repeated


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, LossyProxy]]:
    """Run a product whose site reaches the database through a proxy."""
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        (product,) = stack.enter_context(
            hosts(tmp_path_factory.mktemp("unlucky"), f"{server.url}/postgres", places=(HERE,))
        )
        proxy = stack.enter_context(lossy_proxy(server.port))
        product.variables["RETROUVE_POLICY__CONFIRM_IN_MAILBOX"] = "true"
        for name in ("mailbox", "telephone", "courier"):
            product.start(name)
        through = f"{server.url}/postgres".replace(str(server.port), str(proxy.port))
        product.start("serve", RETROUVE_DATABASE_URL=through)
        yield product, proxy


def test_case_53_all_flows_with_every_answer_to_commit_lost(unlucky: tuple[Installation, LossyProxy]) -> None:
    """CASE 53: each step is shown as done, because it was done, and sending the form again does nothing more.

    One mail, one code and one identifier arrive. A wrong NUMEN and a wrong code each use one attempt. The helpdesk gets
    one request.
    """
    product, proxy = unlucky
    judged = black_box.Product(url=product.site)
    browser = UnluckyBrowser(product.site, proxy)
    way = IdentifierWalk(judged, judged.take_unused_voter(), browser, judged.new_phone())

    way.go_to_step("ID-2")
    left = TRIES.findall(way.identify(way.current_page, numen="11A1111111AAA").text)
    way.go_to_step("ID-3", browser.get(way.current_page.url))
    wait_for_report(product, "code delivered")
    left += TRIES.findall(browser.submit(way.current_page, {"code": way.wrong_code()}).text)
    way.go_to_step("ID-10", browser.get(way.current_page.url))
    way.go_to_step("ID-5", browser.get(SENDING))
    wait_for_report(product, "identifier delivered")

    request = {"email": way.voter.email, "subject": "mailbox", "case_number": "", "answer_time": "afternoon"}
    asked = browser.submit(browser.get(CONTACT_PATH), request)

    assert (asked.step, product.rows(REQUESTS)) == ("DA-2", [(1,)])
    assert set(left) == {"4"}
    assert {page.status for page in way.pages} == {200}
    assert browser.found_out >= STORED
    product.settled()
    assert len(judged.mails(way.voter, "MP-5")) == len(way.codes()) == len(way.identifiers()) == 1


def wait_for_report(product: Installation, report: str) -> None:
    """Wait for the operator's report, so that the next lost answer belongs to the COMMIT of a form."""
    eventually(lambda: product.rows(REPORT, report) == [(1,)], report)


def test_case_54_database_that_falls_silent(unlucky: tuple[Installation, LossyProxy]) -> None:
    """CASE 54: while the database does not answer, forms are refused with a time, and probes and static files work.

    Afterwards everything works again by itself.
    """
    product, proxy = unlucky
    voters = [product.take_unused_voter() for _ in range(12)]
    asking = [product.browser().confirming(voter.email) for voter in voters]
    parts = product.workers
    proxy.loss = Loss.SILENCE
    with ThreadPoolExecutor(len(asking)) as visitors:
        asks = [visitors.submit(exchange, product.site, "POST", CONFIRM, {}, headers) for headers in asking]
        while not all(ask.done() for ask in asks):
            assert [exchange(product.site, "GET", path).status for path in ("/healthz", "/", STYLES)] == [200] * 3
            time.sleep(PAUSE_SECONDS)
    assert {(ask.result().status, ask.result().header("Retry-After")) for ask in asks} == {(503, "60")}
    assert {ask.result().refusal for ask in asks} <= {UNAVAILABLE, "not-known-yet"}

    proxy.loss = Loss.NOTHING

    eventually(lambda: product.browser().ask_for_link_mail(voters[0].email).step == "MP-4", "an ask")
    assert product.workers == parts
