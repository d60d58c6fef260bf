"""The desk of a demo: an agent already signed in, in the terminal where the demo was started."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from cli.demo_folder import first_voter
from cli.demo_help_builder import DemoHelpBuilder
from cli.program_version import program_version
from core.desk.agent_sessions import CODE_SECONDS, AgentSessions
from core.desk.desk import TerminalServices
from core.desk.sessions_callers_and_approvals import AgentSession
from core.forms.errors import AgentCodeUsed
from core.ports import StoreUnavailable
from core.remote_desk.client import RemoteTerminalServices, connect_to_daemon
from core.remote_desk.sockets import DESK_SOCKET
from core.text.faces import demo_cli_sentences as words
from core.text.translation import NO_BREAK_SPACE
from demo import agents
from demo.agents import DemoAgent

AGENT = "camille"
LOOK_SECONDS = 0.05


def open_demo_desk(help_: DemoHelpBuilder, keep_running: Callable[[], bool]) -> None:
    """Open the terminal until the agent quits, or until `keep_running` returns False."""
    from cli.open_terminal import open_terminal  # noqa: PLC0415  # a demo without a terminal loads none

    folder = help_.folder
    access = _reach(folder / DESK_SOCKET, keep_running)
    if access is None:
        return
    agent = next(agent for agent in agents.read(folder) if agent.name == AGENT)
    password, voter = agent.password.replace(" ", NO_BREAK_SPACE), first_voter(folder)  # on one line
    name = f"{voter['first_name']} {voter['last_name']}"
    facts = {"site": access.election.site, "name": name, "password": password}
    with help_.services() as services:
        open_terminal(
            access,
            session=sign_in_demo_agent(access, agent),
            tips=tuple(tip.fill(facts) for tip in words.TRY_AT_DESK),
            pictures=partial(help_.picture_count_sentence, services),
            keep_running=keep_running,
            sheets=Path.home(),
        )


def _reach(socket: Path, keep_running: Callable[[], bool]) -> RemoteTerminalServices | None:
    """Wait for the daemon, which starts with the site."""
    while keep_running():
        try:
            return connect_to_daemon(socket, program_version())
        except StoreUnavailable:
            time.sleep(LOOK_SECONDS)
    return None


def sign_in_demo_agent(access: TerminalServices, agent: DemoAgent) -> AgentSession | None:
    """Sign in as anybody does; return None when both codes of the moment have been used already."""
    for step in (timedelta(), timedelta(seconds=CODE_SECONDS)):
        code = agent.totp_code(access.clock.now() + step)
        try:
            entered = access.desk.call(AgentSessions.sign_in, agent.name, agent.password, code)
        except AgentCodeUsed:
            continue
        return entered if isinstance(entered, AgentSession) else None
    return None
