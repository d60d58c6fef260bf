"""Creates the folder of a demo. Uses the same functions as the operator's commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cli.init import make_election_folder
from cli.roll import import_roll
from core.adapters.random_source import SystemRandomSource
from core.app.election_folder import open_services
from core.ports import AgentRole, RandomSource
from core.security.key_roles import ProgramKeyRole
from demo import agents
from demo.fictional_voters import FictionalPerson, fictional_people
from demo.folder import ROLL_FILE, fill_demo_folder, write_demo_settings, write_voters

SEED = 2018


def make_demo(folder: Path, voters: int, now: datetime) -> None:
    """Create a demo's folder, or complete an unfinished one. Raises CommandRefused, DemoRefused."""
    people = list(fictional_people(voters, SEED))
    fill_demo_folder(folder, lambda fresh: make_demo_with(people, fresh, now))


def make_demo_with(
    people: Sequence[FictionalPerson],
    folder: Path,
    now: datetime,
    entropy: RandomSource | None = None,
    desk: Mapping[str, AgentRole] = agents.AGENTS,
) -> None:
    make_election_folder(folder, entropy or SystemRandomSource())
    write_demo_settings(folder, people, now)
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    import_roll(
        folder / ROLL_FILE,
        services.dependencies,
        services.platform_pseudonyms,
        scratch=folder,
        wanted=True,
        echo=lambda _line: None,
    )
    agents.add_agents(services, folder, desk)
    services.close()
    write_voters(folder, people)
