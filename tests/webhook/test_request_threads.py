"""CASE 50: pages are drawn whatever forms do."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from typing import Any

import pytest

from core.ports import PasswordQueueFull
from tests.support.product import eventually
from webhook.request_concurrency import RequestConcurrencyLimit

LONG = 180.0


class Application:
    """A site whose forms compute, or wait for a password, until the test lets them go on."""

    def __init__(self, *, waiting: int) -> None:
        self.threads = RequestConcurrencyLimit(computing=2, waiting=waiting)
        self.computing: list[str] = []
        self.may_go_on = Semaphore(0)
        self.password_done = Event()
        self.limited = self.threads.limit_concurrency(self)

    def __call__(self, environ: dict[str, Any], _start: object) -> Iterable[bytes]:
        """Compute; wait for a password first where the path says so."""
        if environ["PATH_INFO"] == "/password":
            with self.threads.release_turn_while_waiting():
                assert self.password_done.wait(LONG)
        self.computing.append(environ["REQUEST_METHOD"])
        if environ["REQUEST_METHOD"] == "POST":
            assert self.may_go_on.acquire(timeout=LONG)
        return [b"done"]

    def ask(self, method: str, path: str = "/") -> bytes:
        """Return the answer to a request."""
        return b"".join(self.limited({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda *_: lambda _: None))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """More threads than may compute."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_case_50_pages_are_drawn_while_forms_compute_and_wait(threads: ThreadPoolExecutor) -> None:
    """CASE 50: two forms compute at once, others wait for them, and pages for neither."""
    site = Application(waiting=4)
    passwords = [threads.submit(site.ask, "POST", "/password") for _ in range(4)]
    forms = [threads.submit(site.ask, "POST") for _ in range(6)]
    eventually(lambda: len(site.computing) == 2, "two forms")

    assert [site.ask("GET") for _ in range(3)] == [b"done"] * 3

    site.password_done.set()
    assert site.computing == ["POST", "POST", "GET", "GET", "GET"]
    site.may_go_on.release(10)
    assert {each.result() for each in (*passwords, *forms)} == {b"done"}


def test_a_form_that_finds_no_place_to_wait_is_refused(threads: ThreadPoolExecutor) -> None:
    """The place of a refused form among those that compute is free again."""
    site = Application(waiting=1)
    first = threads.submit(site.ask, "POST", "/password")
    eventually(lambda: not site.threads._places._value, "a form that waits")  # type: ignore[attr-defined]  # nobody else needs to know

    for _ in range(3):
        with pytest.raises(PasswordQueueFull):
            site.ask("POST", "/password")

    site.password_done.set()
    site.may_go_on.release(2)
    assert site.ask("POST") == b"done"
    assert first.result() == b"done"
