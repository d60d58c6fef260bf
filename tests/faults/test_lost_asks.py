"""PostgreSQL is killed right after it acknowledged asks: none of them is lost."""

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
"""Settings that keep everybody else from writing the log: only the asks themselves do."""
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
    """Return whether that process writes the server's log; other processes of the server may have ended meanwhile."""
    try:
        return b"walwriter" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.fixture
def product(tmp_path: Path) -> Iterator[tuple[Installation, Postgres]]:
    """A site and a mailbox without a courier, on a server of their own."""
    with postgresql(durable=True) as server, hosts(tmp_path, f"{server.url}/postgres", places=(HERE,)) as (made,):
        made.start("mailbox")
        made.start("serve")
        yield made, server


def ask(product: Installation) -> list[tuple[str, SiteBrowser, HtmlPage]]:
    """Let voters ask; return their addresses, their browsers and what these show."""
    browsers = [(product.take_unused_voter().email, product.browser()) for _ in range(ASKS)]
    return [(email, browser, browser.ask_for_link_mail(email)) for email, browser in browsers]


def look_again(browser: SiteBrowser, page: HtmlPage) -> HtmlPage:
    """Open the page again, until it is not the error page of a database that is just starting."""
    return eventually(lambda: shown if (shown := browser.get(page.url)).refusal is None else None, "a page")


def test_no_ask_that_was_answered_is_lost(product: tuple[Installation, Postgres]) -> None:
    """Every ask that led to MP-4 is on the disk: it has its case number after the kill, and sends one mail."""
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
