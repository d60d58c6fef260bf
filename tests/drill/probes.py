"""Sends each host the same request again and again, to measure how long the host could not answer it."""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, Thread

from tests.conformance.html_page import HtmlPage
from tests.conformance.raw_http import exchange
from tests.drill.record import Record
from tests.drill.voters import BEGIN, IDENTITY
from tests.support.product import DemoVoter, SiteBrowser, eventually

PAUSE_SECONDS = 0.25
ANSWER_SECONDS = 60.0
ALWAYS = ("/healthz", "/static/retrouve.css")
"""Paths that the site serves without the database."""


@dataclass
class Probe:
    """A request that is sent to one host again and again.

    It records the times of good answers, and the number of other answers.
    """

    site: str
    ask: Callable[[], bool]
    good: list[float] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def run(self, over: Event) -> None:
        """Send the request until the end."""
        while not over.wait(PAUSE_SECONDS):
            began = time.monotonic()
            trouble = "refused"
            with suppress(OSError, http.client.HTTPException):
                if self.ask():
                    trouble = ""
                    self.good.append(time.monotonic())
            self.slowest = max(self.slowest, time.monotonic() - began)
            if trouble:
                self.bad.append(f"{self.site} after {time.monotonic() - began:.1f} s")

    def longest_gap(self, began: float, ended: float, others: Sequence[float] = ()) -> float:
        """Return the longest time in an interval without a good answer of the host.

        The times in `others` also count as good answers.
        """
        instants = [began, *sorted(each for each in [*self.good, *others] if began <= each <= ended), ended]
        return max(later - earlier for earlier, later in pairwise(instants))


def write_probe(site: str, voter: DemoVoter, session: str, record: Record) -> Probe:
    """Return a probe that writes. It submits a wrong identity, in a transaction that waits for the standby."""
    browser = SiteBrowser(site)
    browser.store_cookie(session)
    year, month, day = voter.birth_date.split("-")
    born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    other = f"{voter.numen[:3]}{(int(voter.numen[3:10]) + 1) % 10**7:07d}{voter.numen[10:]}"
    wrong = {**born, "phone": voter.phone, "numen": other}
    eventually(lambda: browser.post(BEGIN, {"choice": "request"}).step == "ID-2", "a form of a probe")

    def ask() -> bool:
        page = browser.post(IDENTITY, wrong)
        record.look([page])
        assert page.refusal != "sign-in-needed", page.text
        return page.status != 503

    return Probe(site, ask)


def static_probe(site: str) -> Probe:
    """Return a probe for pages that must never fail."""

    def ask() -> bool:
        return all(_get(site, path).status == 200 for path in ALWAYS)

    return Probe(site, ask)


def _get(site: str, path: str) -> HtmlPage:
    return exchange(site, "GET", path, seconds=ANSWER_SECONDS)


@contextmanager
def running(probes: Sequence[Probe]) -> Iterator[None]:
    """Run probes until the end of the block."""
    over = Event()
    threads = [Thread(target=probe.run, args=(over,)) for probe in probes]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
