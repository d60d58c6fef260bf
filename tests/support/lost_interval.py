"""An election whose database lost the data of some minutes, and its repair as docs/incidents.md describes.

Voters, the electoral board and the voting platform still know what happened in these minutes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from cli import main
from cli.init import upgrade_folder
from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql.tables import events
from core.app.election_folder import open_services
from core.desk.attention import AttentionReason
from core.desk.authorisation import AgentSession
from core.forms.flow_model import FormErrors
from core.security.voting_identifiers import clean_identifier
from tests.support.air import Air
from tests.support.desk import signed_in_agent
from tests.support.election import CAMILLE, GOOD, ElectionClock, dependencies, visit
from tests.support.folders import copied_folder
from tests.support.platform_server import KEY, PlatformServer
from tests.support.post import Post
from tests.support.reissues import Reissuer, line, pseudonym
from tests.support.stores import KeptStore
from tests.support.worlds import World

BOARD, OTHER, LOST = "bureau@ac-lumiere.example", "other@ac-lumiere.example", "Montagne claire 77"
FAILED = "2018-11-30T12:05"


@dataclass
class Election:
    """An election on PostgreSQL with a voting platform. Sent mails and SMS are stored outside the database."""

    folder: Path
    platform: PlatformServer
    clock: ElectionClock = field(default_factory=ElectionClock)
    post: Post = field(default_factory=Post)
    air: Air = field(default_factory=Air)

    @contextmanager
    def opened(self) -> Iterator[World]:
        """Open the election in its present state."""
        services = open_services(self.folder)
        assert services.engine is not None
        parts = dependencies(
            services.dependencies.store,
            vault=services.dependencies.vault,
            entropy=SystemRandomSource(),
            clock=self.clock,
        )
        found = World(KeptStore(services.dependencies.store, services.engine), parts, self.post, self.air)
        found.__dict__["services"] = replace(services, dependencies=parts)
        self.platform.clock = self.clock
        try:
            yield found
        finally:
            services.close()

    def run(self, *words: str) -> Result:
        """Run an operator's command with the clock of the machine."""
        self.platform.clock = DatabaseSyncedClock()  # type: ignore[assignment]  # its requests are signed with today's time
        return CliRunner().invoke(main, [*words, "--dir", str(self.folder)], catch_exceptions=False)

    def board_files(self) -> list[str]:
        """Write the mails that the board received to files. Returns the command-line options that name the files."""
        options = []
        for number, mail in enumerate(self.post.to(BOARD)):
            file = self.folder.parent / f"{number}.eml"
            file.write_bytes(mail.envelope.content)
            options += ["--checkpoint", str(file)]
        return options


def new_election(folder: Path, database: str, platform: PlatformServer, monkeypatch: pytest.MonkeyPatch) -> Election:
    """Make an election in the subfolder "election", with an empty database."""
    (folder / "platform.key").write_bytes(KEY)
    (folder / "platform.key").chmod(0o600)
    for name, value in {
        "DATABASE_URL": database,
        "BOARD__EMAIL": BOARD,
        "PLATFORM__URL": platform.url,
        "PLATFORM__KEY_FILE": str(folder / "platform.key"),
    }.items():
        monkeypatch.setenv(f"RETROUVE_{name}", value)
    made = copied_folder(folder / "election")
    upgrade_folder(made)
    return Election(made, platform)


def can_sign_in(world: World, password: str, email: str) -> bool:
    try:
        return world.sessions.sign_in(email, password, visit()).session is not None
    except FormErrors:
        return False


@dataclass(frozen=True)
class LostResults:
    """What voters and an agent saw before and during the lost minutes."""

    session: AgentSession
    identifier: str
    """The identifier that was sent by SMS in the lost minutes."""
    pseudonym: str
    """Pseudonym, on the voting platform, of the voter who received the identifier."""


def before(election: Election) -> tuple[AgentSession, Reissuer]:
    """Do the actions that the database still has afterwards."""
    with election.opened() as world:
        world.add(line(world), line(world, OTHER))
        session = signed_in_agent(world)
        camille = Reissuer(world).sign_in()
        world.with_password(GOOD, OTHER)
        world.work(at_once=True)
    return session, camille


def lost_interval(election: Election, session: AgentSession, camille: Reissuer) -> LostResults:
    """Do the actions that the database loses."""
    with election.opened() as world:
        election.clock.move(minutes=2)
        results = LostResults(session, replace(camille, world=world).receive(), pseudonym(world))
        world.with_password(LOST, OTHER)
        assert can_sign_in(world, LOST, OTHER)
        world.work(at_once=True)
    return results


def declare(election: Election, kind: str) -> None:
    """Declare the loss to the board, and let the courier send the declaration."""
    said = election.run("journal", "declare", kind, "--cause", "host-lost", "--when", FAILED, *election.board_files())
    assert said.exit_code == 0, said.output
    with election.opened() as world:
        world.work(at_once=True)


def declare_verify_repair(election: Election, results: LostResults, kind: str) -> None:
    """Declare the loss, and repair the election.

    This imports the platform's state, and checks the list of unknown results and the helpdesk's list of calls.
    """
    with election.opened() as world:
        election.clock.move(minutes=8)
        assert not can_sign_in(world, LOST, OTHER)
        assert can_sign_in(world, GOOD, OTHER)
        world.work(at_once=True)
    assert election.run("journal", "verify", *election.board_files()).exit_code == 1

    declare(election, kind)

    mail = " ".join(election.post.to(BOARD)[-1].part("plain").split())
    assert "Perte déclarée pour le vendredi 30 novembre 2018 à 12 h 05" in mail
    assert "ne peuvent pas être connus" in mail
    verified = election.run("journal", "verify", *election.board_files())
    assert verified.exit_code == 0, verified.output
    assert "leur perte est déclarée" in verified.output

    former = change_first_line(election, "other")
    assert election.run("journal", "verify", *election.board_files()).exit_code == 1
    change_first_line(election, former)

    assert election.run("platform", "reconcile").exit_code == 1
    repaired = election.run("platform", "reconcile", "--apply")
    assert "À rappeler : électeur 1, dossier" in repaired.output
    assert election.run("platform", "reconcile").exit_code == 0

    with election.opened() as world:
        attention = world.services.desk.home.overview(results.session).attention
        (call,) = (each for each in attention if each.reason is AttentionReason.CALL)
        assert call.voter == world.voter(CAMILLE).id
        assert f"dossier {call.case}." in repaired.output
        again = Reissuer(world).sign_in()
        assert again.left() == world.dependencies.policy.reissues - 1
        assert votes(election, results, results.identifier)
        assert votes(election, results, again.receive())
        assert not votes(election, results, results.identifier)


def change_first_line(election: Election, reason: str | None) -> str | None:
    """Change the reason in the journal's first entry. Returns the old reason."""
    first = events.c.id == select(func.min(events.c.id)).scalar_subquery()
    with election.opened() as world, world.kept.engine.begin() as connection:
        former: str | None = connection.execute(select(events.c.reason).where(first)).scalar_one()
        connection.execute(update(events).where(first).values(reason=reason))
    return former


def votes(election: Election, results: LostResults, identifier: str) -> bool:
    """Return whether the voting platform accepts an identifier now."""
    symbols = clean_identifier(identifier)
    assert symbols is not None
    return election.platform.registry.is_in_force(results.pseudonym, symbols, KEY)
