"""The folder of a demo: what `init` makes, with a fictional election and fictional voters in it."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import pyotp

from cli.exclusive_lock import take_lock
from cli.init import make_election_folder
from cli.roll import import_roll
from cli.terminal_translation import CommandRefused
from core.adapters.random_source import SystemRandomSource
from core.app.open_election_folder import open_services
from core.app.services import Services
from core.ports import AgentRole, RandomSource
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces import demo_cli_sentences as words
from core.text.faces.init_cli_sentences import FOLDER_IMPOSSIBLE
from demo import agents as demo_agents
from demo.demo_election_settings import demo_election_toml
from demo.fictional_voters import FictionalPerson, fictional_people, write_roll
from demo.read_demo_voters import VOTERS_FILE

ROLL_FILE = "roll.csv"
MAILBOX_FILE = "mailbox.sqlite3"
TELEPHONE_FILE = "telephones.sqlite3"
SMS_SECRET_FILE = "sms.secret"
LOG_FOLDER = "logs"
LOCK_FILE = "demo.lock"
UNDER_WAY, COMPLETE = ".retrouve-demo-preparing", ".retrouve-demo-prepared"
"""The folder in which a demo is made, and its name when nothing is missing in it; nobody else gives these names."""
SECONDS_TO_END = 10.0
SEED = 2018
SECRET_BYTES = 16
AGENTS = {"camille": AgentRole.AGENT, "dominique": AgentRole.SUPERVISOR, "claude": AgentRole.AUDITOR}
AGENT_PASSWORD = "Quatre sabots verts 17"
"""A password that opens demos only."""


@contextmanager
def locked_demo_folder(folder: Path) -> Iterator[None]:
    """Make the folder, keep another demo out of it inside the block, and wait for one that is ending. Raises CommandRefused."""
    if folder.exists() and not (folder / LOCK_FILE).exists():
        require_no_other_files(folder)
    with _folder_written(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("a")  # it empties nobody's file
    with lock:
        take_lock(lock, words.RUNS_ALREADY, seconds=SECONDS_TO_END, folder=str(folder))
        yield


@contextmanager
def _folder_written(folder: Path) -> Iterator[None]:
    """Say that the folder cannot be written, if that is so. Raises CommandRefused."""
    try:
        yield
    except OSError as refused:
        raise CommandRefused(FOLDER_IMPOSSIBLE, folder=str(folder), detail=refused.strerror) from None


def require_no_other_files(folder: Path) -> None:
    """Refuse a folder that holds something else than a demo, complete or begun. Raises CommandRefused."""
    if is_demo_folder(folder):
        return
    complete, names = folder / COMPLETE, {each.name for each in folder.iterdir()}
    # Of a complete demo a part may have been moved up already; what it still holds must find its place free.
    others = names & {each.name for each in complete.iterdir()} if complete.exists() else names - {LOCK_FILE, UNDER_WAY}
    if others:
        raise CommandRefused(words.NOT_A_DEMO, folder=str(folder))


def is_demo_folder(folder: Path) -> bool:
    """Tell whether the folder holds a complete demo; its voters are written last."""
    return (folder / VOTERS_FILE).exists()


def make_demo(folder: Path, voters: int, now: datetime) -> None:
    """Make a demo of that many people, or go on with one whose making was cut short. Raises CommandRefused.

    `now` is the local time of the election's calendar.
    """
    under_way, complete = folder / UNDER_WAY, folder / COMPLETE
    if not complete.exists():
        shutil.rmtree(under_way, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _folder_written(folder):
            make_demo_with(list(fictional_people(voters, SEED)), under_way, now)
        under_way.rename(complete)
    for each in sorted(complete.iterdir(), key=lambda each: each.name == VOTERS_FILE):  # they say that all is there
        each.rename(folder / each.name)
    complete.rmdir()


def make_demo_with(
    people: Sequence[FictionalPerson],
    folder: Path,
    now: datetime,
    entropy: RandomSource | None = None,
    agents: Mapping[str, AgentRole] = AGENTS,
) -> None:
    """Make a demo of these people and agents, with a key drawn from `entropy`. Raises CommandRefused."""
    make_election_folder(folder, entropy or SystemRandomSource())
    (folder / LOG_FOLDER).mkdir()
    (folder / SMS_SECRET_FILE).touch(mode=0o600)  # our password at the gateway, and its own for inbound messages
    (folder / SMS_SECRET_FILE).write_text(secrets.token_hex(SECRET_BYTES) + "\n", encoding="utf-8")
    settings = demo_election_toml(now, mailbox=MAILBOX_FILE, telephones=TELEPHONE_FILE, secret=SMS_SECRET_FILE)
    (folder / "election.toml").write_text(settings, encoding="utf-8")
    write_roll(people, folder / ROLL_FILE)
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    import_roll(
        folder / ROLL_FILE,
        services.dependencies,
        services.platform_pseudonyms,
        scratch=folder,
        wanted=True,
        echo=lambda _line: None,
    )
    demo_agents.write(folder, [_agent(services, name, role) for name, role in agents.items()])
    services.close()
    # one voter a line, so that the demo's page reads only as many as it shows
    (folder / VOTERS_FILE).write_bytes(msgspec.json.Encoder().encode_lines(people))


def _agent(services: Services, name: str, role: AgentRole) -> demo_agents.DemoAgent:
    """Someone at the desk who has chosen a password already, without a code used up: the demo's clock may be another."""
    given = services.desk.accounts.add(name, role)
    assert given is not None  # noqa: S101  # the folder is new
    with services.dependencies.store.write() as transaction:
        agent = transaction.agents.by_name(name)
        assert agent is not None  # noqa: S101  # likewise
        hashed = services.dependencies.hasher.hash(AGENT_PASSWORD)
        transaction.agents.set_password_hash(agent.id, hashed, epoch=agent.epoch)
    secret = pyotp.parse_uri(given.secret_uri).secret
    return demo_agents.DemoAgent(name=name, role=role, password=AGENT_PASSWORD, secret=secret)


def first_voter(folder: Path) -> dict[str, str]:
    """Return the data of the voter to try first."""
    with (folder / VOTERS_FILE).open("rb") as file:
        return msgspec.json.decode(file.readline(), type=dict[str, str])
