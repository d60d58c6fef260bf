"""The desk of a demo: an agent already at work, in the terminal where the demo was started."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from cli.demo_folder import LOG_FOLDER, first_voter_name
from cli.desk import LOG_FILE, open_terminal
from core import bootstrap
from core.adapters import demo_agents
from core.adapters.demo_agents import DemoAgent
from core.bootstrap import House
from core.errors import AgentCodeUsed
from core.i18n import NO_BREAK_SPACE
from core.service.desk.agents import CODE_SECONDS
from core.service.desk.proofs import Duty
from core.text import Text
from core.words import demo_run as words

AGENT = "camille"


def at_a_terminal() -> bool:
    """Whether there is one to draw on."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_demo_desk(folder: Path, variables: Mapping[str, str], go_on: Callable[[], bool]) -> None:
    """Until the agent quits, or `go_on` says no."""
    os.environ.update(variables)
    house = bootstrap.open_house(folder)
    agent = next(agent for agent in demo_agents.read(folder) if agent.name == AGENT)
    tips, duty = what_to_try(house, folder, agent), begin_duty(house, agent)
    open_terminal(house, folder / LOG_FOLDER / LOG_FILE, duty=duty, tips=tips, go_on=go_on)
    house.close()


def begin_duty(house: House, agent: DemoAgent) -> Duty | None:
    """The demo's agent, signed in as anybody is; at the sign-in, when both codes of the moment have served already."""
    for step in (timedelta(), timedelta(seconds=CODE_SECONDS)):
        try:
            entered = house.desk.agents.sign_in(agent.name, agent.password, agent.code(house.clock.now() + step))
        except AgentCodeUsed:
            continue
        return entered if isinstance(entered, Duty) else None
    return None


def what_to_try(house: House, folder: Path, agent: DemoAgent) -> tuple[Text, ...]:
    """For the home."""
    whole = agent.password.replace(" ", NO_BREAK_SPACE)  # on one line
    facts = {"site": house.election.site, "name": first_voter_name(folder), "password": whole}
    return tuple(tip.fill(facts) for tip in words.TRY_AT_DESK)
