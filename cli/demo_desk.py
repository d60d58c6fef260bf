"""The desk of a demo: an agent already at work, in the terminal where the demo was started."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pyotp

from cli.demo_folder import LOG_FOLDER, first_voter_name
from cli.desk import LOG_FILE, open_terminal
from core import bootstrap
from core.bootstrap import House
from core.ports import Role
from core.service.desk.proofs import Duty, Newcomer
from core.text import Text
from core.words import demo_run as words

AGENT = "camille"
PASSWORD = "Sabot lavande brouette 17"
"""Opens a demo and nothing else: its voters, too, are fictional."""


def at_a_terminal() -> bool:
    """Whether there is one to draw on."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_demo_desk(folder: Path, variables: Mapping[str, str], go_on: Callable[[], bool]) -> None:
    """Until the agent quits, or `go_on` says no."""
    os.environ.update(variables)
    house = bootstrap.open_house(folder)
    tips = what_to_try(house, folder)
    open_terminal(house, folder / LOG_FOLDER / LOG_FILE, duty=begin_duty(house), tips=tips, go_on=go_on)
    house.close()


def begin_duty(house: House) -> Duty:
    """The demo's agent, signed in as anybody is: with a new first password, a code, and then a password of their own."""
    roster, agents = house.desk.roster, house.desk.agents
    given = roster.add(AGENT, Role.AGENT) or roster.renew(AGENT)
    assert given is not None  # noqa: S101  # one of the two makes an account
    codes = pyotp.parse_uri(given.secret_uri)
    assert isinstance(codes, pyotp.TOTP)  # noqa: S101  # that is what agents have
    entered = agents.sign_in(AGENT, given.first_password, codes.at(house.clock.now()))
    return agents.choose_password(entered, PASSWORD) if isinstance(entered, Newcomer) else entered


def what_to_try(house: House, folder: Path) -> tuple[Text, ...]:
    """For the home."""
    facts = {"site": house.election.site, "name": first_voter_name(folder), "password": PASSWORD}
    return tuple(tip.fill(facts) for tip in words.TRY_AT_DESK)
