"""The desk of a demo: an agent already signed in, in the terminal where the demo was started."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from cli.demo_folder import LOG_FOLDER, first_voter_name
from cli.demo_help import DemoHelp
from cli.desk import LOG_FILE, open_terminal
from core.app.services import Services, open_services
from core.desk.agent_sessions import CODE_SECONDS
from core.desk.authorisation import AgentSession
from core.forms.errors import AgentCodeUsed
from core.security.key_roles import KeyRole
from core.text.faces import demo_sentences as words
from core.text.translation import NO_BREAK_SPACE
from demo import agents
from demo.agents import DemoAgent

AGENT = "camille"


def is_terminal() -> bool:
    """Tell whether there is a terminal to draw on."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_demo_desk(
    folder: Path, variables: Mapping[str, str], help_: DemoHelp, keep_running: Callable[[], bool]
) -> None:
    """Open the terminal until the agent quits, or until `keep_running` returns False."""
    os.environ.update(variables)
    services = open_services(folder, KeyRole.DESK)
    agent = next(agent for agent in agents.read(folder) if agent.name == AGENT)
    password = agent.password.replace(" ", NO_BREAK_SPACE)  # on one line
    facts = {"site": services.election.site, "name": first_voter_name(folder), "password": password}
    open_terminal(
        services,
        folder / LOG_FOLDER / LOG_FILE,
        session=sign_in_demo_agent(services, agent),
        pictures=partial(help_.picture_line, services),
        tips=tuple(tip.fill(facts) for tip in words.TRY_AT_DESK),
        keep_running=keep_running,
    )
    services.close()


def sign_in_demo_agent(services: Services, agent: DemoAgent) -> AgentSession | None:
    """Sign in as anybody does; return None when both codes of the moment have been used already."""
    for step in (timedelta(), timedelta(seconds=CODE_SECONDS)):
        code = agent.code(services.clock.now() + step)
        try:
            entered = services.desk.sessions.sign_in(agent.name, agent.password, code)
        except AgentCodeUsed:
            continue
        return entered if isinstance(entered, AgentSession) else None
    return None
