"""If PostgreSQL is killed right after it has confirmed requests, none of the requests is lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Postgres, postgresql
from tests.support.product import HERE, HtmlPage, Installation, SiteBrowser, eventually, hosts

ASKS = 12
QUIET = ("autovacuum = off", "bgwriter_lru_maxpages = 0", "checkpoint_timeout = '1h'")
"""Settings with which only the requests themselves write to the log of the database."""
CASES = "SELECT count(*) FROM recoveries"


@contextmanager
def forgetful(server: Postgres) -> Iterator[None]:
    """Make the server write its log to the disk only when a transaction waits for this."""
    with psycopg.connect(f"{server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        for setting in QUIET:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    (writer,) = (pid for pid in server.processes if is_log_writer(pid))
    os.kill(writer, signal.SIGSTOP)
    yield
    assert is_log_writer(writer), "the log may have been written meanwhile"


def is_log_writer(pid: int) -> bool:
    """Return whether a process writes the log of the server. The process may have ended."""
    try:
        return b"walwriter" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.fixture
def product(tmp_path: Path) -> Iterator[tuple[Installation, Postgres]]:
    """Run a site and a mail server with a database server of their own, but without a courier."""
    with postgresql(durable=True) as server, hosts(tmp_path, f"{server.url}/postgres", places=(HERE,)) as (made,):
        made.start("mailbox")
        made.start("serve")
        yield made, server


def ask(product: Installation) -> list[tuple[str, SiteBrowser, HtmlPage]]:
    """Let voters request a mail. Returns their addresses, their browsers and the pages that they see."""
    browsers = [(product.take_unused_voter().email, product.browser()) for _ in range(ASKS)]
    return [(email, browser, browser.ask_for_link_mail(email)) for email, browser in browsers]


def look_again(browser: SiteBrowser, page: HtmlPage) -> HtmlPage:
    """Open the page again, until it is no longer the error page of a database that is starting."""
    return eventually(lambda: shown if (shown := browser.get(page.url)).refusal is None else None, "a page")


def test_no_ask_that_was_answered_is_lost(product: tuple[Installation, Postgres]) -> None:
    """Every request that led to MP-4 is on the disk. After the kill it has its case number, and one mail is sent."""
    site, server = product
    ((before,),) = site.rows(CASES)
    with forgetful(server):
        asked = ask(site)
    server.kill()
    server.start()

    assert site.rows(CASES) == [(before + ASKS,)]
    assert [look_again(browser, page).case for _, browser, page in asked] == [page.case for _, _, page in asked]
    site.start("courier")
    site.settled()
    assert [len(site.mails(email)) for email, _, _ in asked] == [1] * ASKS
