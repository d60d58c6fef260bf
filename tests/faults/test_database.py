"""CASE 48 on PostgreSQL: gone, read-only or without room, it gets a clear 503, nothing half done, and no restart is needed."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.support.disks import fill, small_disk
from tests.support.postgres import USER, Postgres, postgresql
from tests.support.product import CHOOSE, HERE, Answer, Browser, Installation, Voter, eventually, exchange, hosts

PASSWORD = "Nuage violet 2018"
TWICE = dict.fromkeys(("new_password", "new_password_again"), PASSWORD)
EVERYTHING = "SELECT (SELECT count(*) FROM recoveries), (SELECT count(*) FROM events), (SELECT sum(epoch) FROM voters)"
VISITS = 60


@dataclass
class Service:
    """A site and a courier on PostgreSQL, with a voter about to choose a password and one about to ask."""

    server: Postgres
    product: Installation
    choosing: Browser
    confirming: Browser
    chooser: Voter
    asker: Voter
    parts: list[int] = field(default_factory=list)

    def administer(self, *commands: str) -> None:
        """As the database's administrator, on a connection of their own."""
        with psycopg.connect(f"{self.server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
            for command in commands:
                connection.execute(command.encode())

    def acts(self) -> list[Answer]:
        """What each kind of act gets now."""
        site = self.product.site
        return [
            exchange(site, "POST", "/", {"email": self.asker.email}),
            exchange(site, "POST", "/mot-de-passe/confirmation", {}, {"Cookie": self.confirming.cookie}),
            exchange(site, "POST", CHOOSE, TWICE, {"Cookie": self.choosing.cookie}),
        ]

    def refuses_clearly(self) -> None:
        """A 503 that says when to come back, that nothing is lost, and whom to call; and what needs no database is there."""
        for answer in self.acts():
            assert (answer.status, answer.page.refusal) == (503, "unavailable")
            assert int(str(answer.header("Retry-After"))) > 0
            assert "Rien n'a été perdu ni changé" in answer.page.text
            assert "01 99 00 12 34" in answer.page.text
        assert [exchange(self.product.site, "GET", path).status for path in ("/", "/healthz")] == [200, 200]

    def works_again(self) -> None:
        """Both acts go through, in the processes that were there before."""
        eventually(lambda: exchange(self.product.site, "GET", "/readyz").status == 200, "a ready site")
        # Each of the server's processes hears of a changed setting at a moment of its own.
        eventually(lambda: self.product.browser().ask(self.asker.email).step == "MP-4", "an ask")
        eventually(lambda: self.choosing.choose(PASSWORD).step == "MP-7", "a new password")
        eventually(lambda: self.product.mails(self.asker.email), "a mail, from the courier that saw all this", 30)
        assert [part.pid for part in self.product.parts.values() if part.poll() is None] == self.parts


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """All of it, at work."""
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        (product,) = stack.enter_context(hosts(tmp_path, f"{server.url}/postgres", places=(HERE,)))
        for name in ("mailbox", "courier", "serve"):
            product.start(name)
        chooser, asker = product.new_voter(), product.new_voter()
        confirming, choosing = product.browser(), product.at_choice(chooser)
        confirming.confirm(asker.email)
        product.settled()
        parts = [part.pid for part in product.parts.values()]
        yield Service(server, product, choosing, confirming, chooser, asker, parts)


def test_case_48_database_that_is_gone(service: Service) -> None:
    """CASE 48: killed, it is told at once by each process; started again, all goes on."""
    service.administer("CHECKPOINT")  # a crash may forget the last asks (DESIGN section 7), which is not looked at here
    before = service.product.rows(EVERYTHING)
    service.server.kill()

    service.refuses_clearly()
    assert exchange(service.product.site, "GET", "/readyz").status == 503

    service.server.start()
    assert service.product.rows(EVERYTHING) == before
    service.works_again()


@pytest.mark.parametrize("restart", [Postgres.stop, Postgres.kill], ids=["stopped", "killed"])
def test_case_48_database_that_restarts(service: Service, restart: Callable[[Postgres], None]) -> None:
    """CASE 48: nobody notices one that is back already: no page is lost to a connection that died meanwhile."""
    restart(service.server)
    service.server.start()

    assert [answer.status for answer in service.acts()] == [303] * 3


def test_case_48_database_that_takes_no_writes(service: Service) -> None:
    """CASE 48: read-only, as a standby is: acts are refused, and pages that only read are there."""
    before = service.product.rows(EVERYTHING)
    service.administer("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    eventually(lambda: service.product.rows("SHOW default_transaction_read_only") == [("on",)], "a read-only database")

    service.refuses_clearly()
    assert (
        exchange(service.product.site, "GET", CHOOSE, headers={"Cookie": service.choosing.cookie}).page.step == "MP-6"
    )
    assert service.product.rows(EVERYTHING) == before

    service.administer("SET default_transaction_read_only = off", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    service.works_again()


def test_case_48_database_without_room(service: Service) -> None:
    """CASE 48: its tables are on a full disk; each act is whole or refused, and with room again all goes on."""
    tables = [name for (name,) in service.product.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    with small_disk(service.server.cluster.with_name("disk")) as disk:
        subprocess.run(["chown", USER, disk], check=True)
        moved = (f"ALTER TABLE {name} SET TABLESPACE small" for name in tables)
        service.administer(f"CREATE TABLESPACE small LOCATION '{disk}'", *moved)
        ballast = fill(disk)

        answers = [exchange(service.product.site, "POST", "/", {"email": service.asker.email}) for _ in range(VISITS)]
        refused = [answer for answer in answers if answer.status != 303]
        assert len(refused) > VISITS // 10, "the disk was not full"
        assert {(answer.status, answer.page.refusal) for answer in refused} == {(503, "unavailable")}

        ballast.unlink()
        service.works_again()
        service.server.kill()  # while its disk is still there
