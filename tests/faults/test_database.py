"""If PostgreSQL is stopped, read-only or full, the site answers 503, and later recovers by itself."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.support.disks import fill, small_disk
from tests.support.postgres import USER, Postgres, postgresql
from tests.support.product import (
    CHOOSE,
    CONFIRM,
    HERE,
    DemoVoter,
    HtmlPage,
    Installation,
    SiteBrowser,
    eventually,
    exchange,
    hosts,
)

PASSWORD = "Nuage violet 2018"
TWICE = dict.fromkeys(("new_password", "new_password_again"), PASSWORD)
EVERYTHING = (
    "SELECT (SELECT count(*) FROM recoveries),"
    # The event of a checkpoint is left out, because the courier makes it at any time.
    " (SELECT count(*) FROM events WHERE act != 'checkpoint-made'),"
    " (SELECT sum(epoch) FROM voters)"
)
VISITS = 60


@dataclass
class DatabaseService:
    """A site and a courier on PostgreSQL.

    One voter is about to choose a password, and another is about to request a link.
    """

    server: Postgres
    product: Installation
    choosing: SiteBrowser
    confirming: dict[str, str]
    """Headers of the request that a browser sends at MP-3."""
    chooser: DemoVoter
    asker: DemoVoter
    parts: list[int] = field(default_factory=list)

    def administer(self, *commands: str) -> None:
        """Connect to the database as its administrator."""
        with psycopg.connect(f"{self.server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
            for command in commands:
                connection.execute(command.encode())

    def acts(self) -> list[HtmlPage]:
        """Return the present answer of the site to each kind of action."""
        site = self.product.site
        return [
            exchange(site, "POST", CONFIRM, {}, self.confirming),
            exchange(site, "POST", CHOOSE, TWICE, {"Cookie": self.choosing.cookie_header}),
        ]

    def assert_unavailable(self) -> None:
        """Check that the site answers 503 with a time and the helpdesk's number, and that static pages still work.

        The page must say that nothing is lost.
        """
        for answer in self.acts():
            assert (answer.status, answer.refusal) == (503, "unavailable")
            assert int(str(answer.header("Retry-After"))) > 0
            assert "Rien n'a été perdu ni changé" in answer.text
            assert "01 99 00 12 34" in answer.text
        assert [exchange(self.product.site, "GET", path).status for path in ("/", "/healthz")] == [200, 200]

    def assert_working(self) -> None:
        """Check that both actions succeed, and that no process was restarted."""
        eventually(lambda: exchange(self.product.site, "GET", "/readyz").status == 200, "a ready site")
        # Each process of the server reads a changed setting at its own time.
        eventually(lambda: self.product.browser().ask_for_link_mail(self.asker.email).step == "MP-4", "an ask")
        eventually(lambda: self.choosing.submit_new_password(PASSWORD).step == "MP-7", "a new password")
        eventually(lambda: self.product.mails(self.asker.email), "a mail, from the courier that saw all this")
        assert [part.pid for part in self.product.parts.values() if part.poll() is None] == self.parts


def said_when_to_look_again(site: str) -> bool:
    """Return whether the web process that answers is not ready and says when to try again."""
    probe = exchange(site, "GET", "/readyz")
    return probe.status == 503 and probe.header("Retry-After") == "60"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Installation]]:
    """Run a product with a database server of its own."""
    folder = tmp_path_factory.mktemp("database")
    with postgresql() as server, hosts(folder, f"{server.url}/postgres", places=(HERE,)) as (product,):
        product.start_product()
        yield server, product


@pytest.fixture
def service(running: tuple[Postgres, Installation]) -> DatabaseService:
    """Return a service with two voters who have done nothing yet."""
    server, product = running
    chooser, asker = product.take_unused_voter(), product.take_unused_voter()
    confirming, choosing = product.browser().confirming(asker.email), product.browser_at_new_password(chooser)
    product.settled()
    parts = [part.pid for part in product.parts.values()]
    return DatabaseService(server, product, choosing, confirming, chooser, asker, parts)


def test_killed_database(service: DatabaseService) -> None:
    """If the database is killed, each process reports this at once, and works again when the database is back."""
    service.administer("CHECKPOINT")  # a crash may lose the last requests, which this test does not examine
    before = service.product.rows(EVERYTHING)
    service.server.kill()

    service.assert_unavailable()
    # A worker repeats its former answer for a second.
    eventually(lambda: said_when_to_look_again(service.product.site), "a site that is not ready")
    # This may be the page after a completed action, which does not mention the action.
    shown = exchange(service.product.site, "GET", CHOOSE, headers={"Cookie": service.choosing.cookie_header})
    assert (shown.status, shown.refusal) == (503, "page-unavailable")
    assert "ni changé" not in shown.text

    service.server.start()
    assert service.product.rows(EVERYTHING) == before
    service.assert_working()


@pytest.mark.parametrize("restart", [Postgres.stop, Postgres.kill], ids=["stopped", "killed"])
def test_restarted_database(service: DatabaseService, restart: Callable[[Postgres], None]) -> None:
    """After a restart of the database, no page fails because of an old connection."""
    restart(service.server)
    service.server.start()

    assert [answer.status for answer in service.acts()] == [303] * 2


def test_read_only_database(service: DatabaseService) -> None:
    """If the database is read-only, such as a standby, actions are refused, and pages can still be read."""
    before = service.product.rows(EVERYTHING)
    service.administer("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    eventually(lambda: service.product.rows("SHOW default_transaction_read_only") == [("on",)], "a read-only database")

    service.assert_unavailable()
    assert (
        exchange(service.product.site, "GET", CHOOSE, headers={"Cookie": service.choosing.cookie_header}).step == "MP-6"
    )
    assert service.product.rows(EVERYTHING) == before

    service.administer("SET default_transaction_read_only = off", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    service.assert_working()


def test_full_database_disk(service: DatabaseService) -> None:
    """If the database's disk is full, each action is done completely or refused. With free space, all work again."""
    tables = [name for (name,) in service.product.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    with small_disk(service.server.cluster.with_name("disk")) as disk:
        subprocess.run(["chown", USER, disk], check=True)
        moved = (f"ALTER TABLE {name} SET TABLESPACE small" for name in tables)
        service.administer(f"CREATE TABLESPACE small LOCATION '{disk}'", *moved)
        strangers = [f"personne{number}@ac-lumiere.example" for number in range(VISITS)]
        asking = [service.product.browser().confirming(stranger) for stranger in strangers]
        ballast = fill(disk)

        answers = [exchange(service.product.site, "POST", CONFIRM, {}, held) for held in asking]
        refused = [answer for answer in answers if answer.status != 303]
        assert len(refused) > VISITS // 10, "the disk was not full"
        assert {(answer.status, answer.refusal) for answer in refused} == {(503, "unavailable")}

        ballast.unlink()
        service.assert_working()
        service.server.kill()  # before its disk is unmounted
