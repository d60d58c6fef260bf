"""DESIGN section 7: PostgreSQL is killed right after it acknowledged asks; the browsers that asked make the lost ones anew."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Postgres, postgresql, synchronous_standby
from tests.support.product import HERE, HtmlPage, Installation, SiteBrowser, eventually, hosts

ASKS = 12
QUIET = ("autovacuum = off", "bgwriter_lru_maxpages = 0", "checkpoint_timeout = '1h'")
"""Settings that keep everybody else from writing the log that asks do not wait for."""
CASES = "SELECT count(*) FROM recoveries"


@contextmanager
def forgetful(server: Postgres) -> Iterator[None]:
    """Let the server write its log to the disk only when somebody waits for that."""
    with psycopg.connect(f"{server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        for setting in QUIET:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    (writer,) = (pid for pid in server.processes if is_log_writer(pid))
    os.kill(writer, signal.SIGSTOP)
    yield
    assert is_log_writer(writer), "the log may have been written meanwhile"


def is_log_writer(pid: int) -> bool:
    """Tell whether that process writes the server's log; other processes of the server may have ended meanwhile."""
    try:
        return b"walwriter" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Postgres]]:
    """A site and a mailbox, on a server of their own."""
    folder = tmp_path_factory.mktemp("asks")
    with postgresql() as server, hosts(folder, f"{server.url}/postgres", places=(HERE,)) as (made,):
        made.start("mailbox")
        made.start("serve")
        yield made, server


@pytest.fixture
def product(running: tuple[Installation, Postgres]) -> tuple[Installation, Postgres]:
    """The running product without a courier."""
    site, _ = running
    if "courier" in site.parts:
        site.stop("courier")
    return running


def ask(product: Installation) -> list[tuple[str, SiteBrowser, HtmlPage]]:
    """Let voters ask; return their addresses, their browsers and what these show."""
    browsers = [(product.take_unused_voter().email, product.browser()) for _ in range(ASKS)]
    return [(email, browser, browser.ask_for_link_mail(email)) for email, browser in browsers]


def look_again(browser: SiteBrowser, page: HtmlPage) -> HtmlPage:
    """Open the page again, until it is not the error page of a database that is just starting."""
    return eventually(lambda: shown if (shown := browser.get(page.url)).refusal is None else None, "a page")


def test_asks_that_a_synchronous_standby_has_are_not_lost(product: tuple[Installation, Postgres]) -> None:
    """An ask waits for the synchronous standby, as a password does."""
    site, server = product
    ((before,),) = site.rows(CASES)
    with synchronous_standby(server, server.cluster.with_name("standby")):
        with forgetful(server):
            asked = ask(site)
        server.kill()
        server.start()

        assert site.rows(CASES) == [(before + ASKS,)]
        assert [look_again(browser, page).case for _, browser, page in asked] == [page.case for _, _, page in asked]


def test_lost_asks_are_made_anew_by_the_browsers_that_asked(product: tuple[Installation, Postgres]) -> None:
    """Every ask keeps its case number and its hours, and sends one mail, however often its browser looks."""
    site, server = product
    before = site.rows(CASES)
    with forgetful(server):
        asked = ask(site)
    server.kill()
    server.start()
    assert site.rows(CASES) == before, "no ask was lost"

    again = [look_again(browser, page) for _ in range(2) for _, browser, page in asked]
    site.start("courier")
    site.settled()

    assert {page.step for _, _, page in asked} == {"MP-4"}
    assert [page.case for page in again] == [page.case for _, _, page in asked] * 2
    assert [page.text for page in again] == [page.text for _, _, page in asked] * 2
    assert [len(site.mails(email)) for email, _, _ in asked] == [1] * ASKS
