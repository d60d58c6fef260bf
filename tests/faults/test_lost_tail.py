"""CASE 57: an older copy of a real PostgreSQL is put back, and what was told meanwhile is declared, found and repaired."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine

from cli import main
from cli.init import upgrade_folder
from core.adapters.database_synced_clock import DatabaseSyncedClock
from core.adapters.random_source import SystemRandomSource
from core.app.services import open_services
from core.desk.attention_items import AttentionReason
from core.desk.authorisation import AgentSession
from core.forms.flow_model import FormErrors
from core.security.voting_identifiers import clean_identifier
from tests.support.air import Air
from tests.support.desk import signed_in_agent
from tests.support.election import CAMILLE, GOOD, ElectionClock, dependencies, visit
from tests.support.folders import copied_folder
from tests.support.platform_server import KEY, PlatformServer, platform_server
from tests.support.post import Post
from tests.support.postgres import Postgres, postgresql
from tests.support.reissues import Reissuer, line, pseudonym
from tests.support.stores import KeptStore
from tests.support.worlds import World

BOARD, OTHER, LOST = "bureau@ac-lumiere.example", "other@ac-lumiere.example", "Montagne claire 77"
FAILED = "2018-11-30T12:05"


@dataclass
class Election:
    """An election on a PostgreSQL server and a voting platform of its own; mails and SMS that were sent stay sent."""

    folder: Path
    server: Postgres
    platform: PlatformServer
    clock: ElectionClock = field(default_factory=ElectionClock)
    post: Post = field(default_factory=Post)
    air: Air = field(default_factory=Air)

    @contextmanager
    def opened(self) -> Iterator[World]:
        """Open the election as it is now."""
        services = open_services(self.folder)
        assert services.engine is not None
        parts = dependencies(services.store, vault=services.vault, entropy=SystemRandomSource(), clock=self.clock)
        found = World(KeptStore(services.store, services.engine), parts, self.post, self.air)
        found.__dict__["services"] = replace(services, dependencies=parts)
        self.platform.clock = self.clock
        try:
            yield found
        finally:
            services.close()

    def keep_copy(self, name: str) -> None:
        """Copy the stopped server's files."""
        subprocess.run(["cp", "-a", self.server.cluster, self.server.cluster.with_name(name)], check=True)

    def put_back(self, name: str) -> None:
        """Replace the stopped server's files by a copy."""
        self.server.cluster.rename(self.server.cluster.with_name("lost"))
        self.server.cluster.with_name(name).rename(self.server.cluster)

    def run(self, *words: str) -> Result:
        """Run a command as the operator does, on the machine's clock."""
        self.platform.clock = DatabaseSyncedClock()  # type: ignore[assignment]  # its requests are signed with today's time
        return CliRunner().invoke(main, [*words, "--dir", str(self.folder)], catch_exceptions=False)

    def board_files(self) -> list[str]:
        """Write the board's mails to files, and return the options that name them."""
        options = []
        for number, mail in enumerate(self.post.to(BOARD)):
            file = self.folder.parent / f"{number}.eml"
            file.write_bytes(mail.envelope.content)
            options += ["--checkpoint", str(file)]
        return options


@pytest.fixture
def election(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Election]:
    """A new election on a server of its own."""
    with postgresql() as server, platform_server() as platform:
        engine = create_engine(f"{server.url}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE election")
        engine.dispose()
        (tmp_path / "platform.key").write_bytes(KEY)
        (tmp_path / "platform.key").chmod(0o600)
        for name, value in {
            "DATABASE_URL": f"{server.url}/election",
            "BOARD__EMAIL": BOARD,
            "PLATFORM__URL": platform.url,
            "PLATFORM__KEY_FILE": str(tmp_path / "platform.key"),
        }.items():
            monkeypatch.setenv(f"RETROUVE_{name}", value)
        folder = copied_folder(tmp_path / "election")
        upgrade_folder(folder)
        yield Election(folder, server, platform)


def work(world: World) -> None:
    """Let a courier send, seal and attest everything."""
    courier = world.courier()
    for _ in range(3):
        courier.run_once()
        courier.sealer.seal()
        courier.sealer.publish_checkpoint(at_once=True)
    courier.run_once()


def can_sign_in(world: World, password: str, email: str) -> bool:
    """Tell whether the password is right."""
    try:
        return world.sessions.sign_in(email, password, visit()).session is not None
    except FormErrors:
        return False


@dataclass(frozen=True)
class Told:
    """Answers given to voters and an agent, some before the lost interval and some within it."""

    session: AgentSession
    identifier: str
    """The identifier received by SMS in the lost interval."""
    whose: str
    """The voter's pseudonym on the platform."""


@pytest.fixture
def told(election: Election) -> Told:
    """Put an older copy back after two voters and the board were told of what it does not have."""
    with election.opened() as world:
        world.add(line(world), line(world, OTHER))
        session = signed_in_agent(world)
        camille = Reissuer(world).sign_in()
        world.with_password(GOOD, OTHER)
        work(world)
    election.server.stop()
    election.keep_copy("older")
    election.server.start()
    with election.opened() as world:
        election.clock.move(minutes=2)
        told = Told(session, replace(camille, world=world).receive(), pseudonym(world))
        world.with_password(LOST, OTHER)
        assert can_sign_in(world, LOST, OTHER)
        work(world)
    election.server.stop()
    election.put_back("older")
    election.server.start()
    return told


def declare(election: Election) -> None:
    """Declare the loss with the board, and let the courier tell it."""
    said = election.run(
        "journal", "declare", "failover", "--cause", "host-lost", "--when", FAILED, *election.board_files()
    )
    assert said.exit_code == 0, said.output
    with election.opened() as world:
        work(world)


def test_case_57_a_lost_tail_is_declared_verified_repaired_and_called(election: Election, told: Told) -> None:
    """The loss is declared, the platform's knowledge is taken over, the unknown is stated, and the desk has the list of calls."""
    with election.opened() as world:
        election.clock.move(minutes=8)
        assert not can_sign_in(world, LOST, OTHER)
        assert can_sign_in(world, GOOD, OTHER)
        work(world)
    assert election.run("journal", "verify", *election.board_files()).exit_code == 1

    declare(election)

    mail = " ".join(election.post.to(BOARD)[-1].part("plain").split())
    assert "Perte déclarée pour le vendredi 30 novembre 2018 à 12:05" in mail
    assert "ne peuvent pas être connus" in mail
    verified = election.run("journal", "verify", *election.board_files())
    assert verified.exit_code == 0, verified.output
    assert "leur perte est déclarée" in verified.output

    assert election.run("platform", "reconcile").exit_code == 1
    repaired = election.run("platform", "reconcile", "--apply")
    assert "À rappeler : électeur 1, dossier" in repaired.output
    assert election.run("platform", "reconcile").exit_code == 0

    with election.opened() as world:
        attention = world.services.desk.home.overview(told.session).attention
        (call,) = (each for each in attention if each.reason is AttentionReason.CALL)
        assert call.voter == world.voter(CAMILLE).id
        assert f"dossier {call.case}." in repaired.output
        again = Reissuer(world).sign_in()
        assert again.left() == world.dependencies.policy.reissues - 1
        assert votes(election, told, told.identifier)
        assert votes(election, told, again.receive())
        assert not votes(election, told, told.identifier)


def votes(election: Election, told: Told, identifier: str) -> bool:
    """Tell whether the platform takes that identifier now."""
    symbols = clean_identifier(identifier)
    assert symbols is not None
    return election.platform.registry.is_in_force(told.whose, symbols, KEY)
