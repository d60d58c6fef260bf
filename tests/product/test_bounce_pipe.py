"""A bounce mail reaches its case through a real Postfix that is configured as docs/install.md says."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import chown, copyfile
from smtplib import SMTP
from tempfile import TemporaryDirectory

import pytest

from core.app.election_folder import mail_composer_of, open_services
from demo.folder import SMS_SECRET_FILE
from tests.support.postfix import NOBODY, Postfix, postfix
from tests.support.postgres import Postgres, postgresql
from tests.support.product import HERE, Installation, eventually, free_port, hosts, relay
from tests.support.returned import postfix as returned

ROOT = Path(__file__).parents[2]
DEPLOYED = ROOT / "deploy/postfix/master.cf"
INSTALLATION = ROOT / "docs/install.md"
BOUNCES = "vote.example"


@dataclass(frozen=True)
class Service:
    """An election that sends its mails through the Postfix."""

    product: Installation
    database: Postgres
    server: Postfix
    port: int

    def reasons(self, case: str) -> list[str | None]:
        """Return the reasons of the bounces that a case has received."""
        return [reason for act, reason in self.product.events(case) if act == "mail-bounced"]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Run the service. The account of the pipe can read only a folder with the settings and the key."""
    port = free_port()
    with (
        TemporaryDirectory(prefix="retrouve-pipe-") as folder,
        postgresql() as database,
        hosts(tmp_path, f"{database.url}/postgres", places=(HERE,)) as (product,),
    ):
        readable(Path(folder), product)
        domain = product.voters[0].email.rpartition("@")[2]
        with postfix(port, local=domain, pipe=deployed(folder), main=routed()) as server:
            product.variables["RETROUVE_MAIL__RELAYS"] = json.dumps([relay(port)])
            product.start("serve")
            product.start("courier")
            yield Service(product, database, server, port)


def readable(folder: Path, product: Installation) -> None:
    """Copy the settings and the key for the pipe's account, as on a second host.

    Also write the environment file of the election.
    """
    for name in ("election.toml", "master.key", SMS_SECRET_FILE):
        copyfile(product.folder / name, folder / name)
    (folder / "master.key").chmod(0o600)
    variables = f"RETROUVE_DIR={folder}\nRETROUVE_DATABASE_URL='{product.database}'\n"
    (folder / "election.env").write_text(variables, encoding="utf-8")
    for path in (folder, *folder.iterdir()):
        chown(path, NOBODY, NOBODY)


def routed() -> str:
    """Return the lines of main.cf from docs/install.md, with the domain of this test."""
    lines = re.findall(
        r"^# postconf -e '((?:relay|transport|retrouve)_.+)'$", INSTALLATION.read_text("utf-8"), re.MULTILINE
    )
    assert len(lines) == 3
    return "\n".join(lines).replace("bounces.vote.example", BOUNCES)


def deployed(folder: str) -> str:
    """Return the line of deploy/postfix/master.cf, with the paths of this test."""
    told = (
        DEPLOYED.read_text(encoding="utf-8")
        .replace("/etc/retrouve/election.env", f"{folder}/election.env")
        .replace("user=retrouve-bounces", "user=nobody")
    )
    return told.replace("/usr/bin/retrouve", str(Path(sys.executable).parent / "retrouve"))


def test_case_40_a_bounce_reaches_its_case_through_the_pipe_and_waits_for_the_database(service: Service) -> None:
    """CASE 40: a bounce from an unknown mailbox is recorded at its case.

    If the database is unavailable, the mail server keeps the bounce, and it is later recorded once.
    """
    case = str(service.product.browser().ask_for_link_mail(service.product.take_unused_voter().email).case)
    eventually(lambda: service.reasons(case), "the bounce in its case")
    assert service.reasons(case) == ["unknown-mailbox"]
    eventually(lambda: "status=sent (delivered via retrouve service" in service.server.log, "the end of the pipe")
    service.database.kill()

    with SMTP("127.0.0.1", service.port) as line:
        line.sendmail("", [address_of(service, case)], returned("5.2.2", to=address_of(service, case)))
    eventually(lambda: "status=deferred (temporary failure" in service.server.log, "a bounce put off")
    service.database.start()

    def noted() -> bool:
        service.server.try_again()
        return len(service.reasons(case)) > 1

    eventually(noted, "the bounce in its case")

    assert service.reasons(case) == ["unknown-mailbox", "mailbox-full"]


def address_of(service: Service, case: str) -> str:
    """Return the address to which bounces of a case are sent."""
    return mail_composer_of(open_services(service.product.folder)).bounces.address_of_case(case)
