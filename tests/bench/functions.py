"""`python -m tests.bench.functions`: lists our functions that run for a recovery mail, a new password and a freeze.

Each list is traced on SQLite in a second run, so that functions cached per process are left out. The number of functions
shows how much code a newcomer must read to follow one action from the form to its effect.
"""

import logging
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from core.desk.authorisation import AgentSession
from core.desk.freezing import AccountFreezing
from core.desk.sessions import AgentSessions
from core.desk.verification import CallerVerification
from core.flows.password.definition import ForgotPasswordAnswer
from core.flows.password.plugin import PasswordFlowPlugin
from tests.support.desk import AGENT_PASSWORD, BIRTH_DATE, add_known, new_agent
from tests.support.desk_daemon import remote_access
from tests.support.election import CAMILLE
from tests.support.stores import sqlite
from tests.support.worlds import World, world
from webhook.site_application import create_site

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("cli", "core", "demo", "guides", "templates", "tui", "webhook"))
EXPRESSION = re.compile(r"<(listcomp|dictcomp|setcomp|genexpr|lambda)>$")
"""Comprehensions, generator expressions and lambdas. They count as part of the function around them."""
HOST = {"Host": "127.0.0.1"}
SECONDS_TO_CLOSE = 0.5
"""The maximum time in seconds for the daemon to close a connection after its answer."""


class Trace:
    """Records each of our functions once, in the order of the first calls."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.notes = False

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Record a function. This is the hook for `sys.setprofile` and `threading.setprofile`."""
        code = frame.f_code
        if not self.notes or event != "call" or not code.co_filename.startswith(OURS):
            return
        module = Path(code.co_filename).relative_to(ROOT).with_suffix("")
        name = f"{'.'.join(module.parts)}.{code.co_qualname}"
        if name not in self.functions and not EXPRESSION.search(code.co_name):
            self.functions.append(name)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Record the functions of this thread and of threads started inside `threads`."""
        self.notes = True
        sys.setprofile(self.profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            self.notes = False

    @contextmanager
    def threads(self) -> Iterator[None]:
        """Trace the threads that the block starts."""
        threading.setprofile(self.profile)
        try:
            yield
        finally:
            threading.setprofile(None)


def recovery_mail(election: World) -> list[str]:
    """Trace the forms of MP-1 and MP-3 and the courier's round that sends the mail."""
    steps = election.services.flows[PasswordFlowPlugin].steps
    forgotten = next(act.name for act in steps.choose_way.actions if act.answers is ForgotPasswordAnswer)
    courier = election.courier()
    election.add()
    browser = create_site(election.services).test_client()
    for _ in range(2):
        trace = Trace()
        with trace.on():
            browser.post("/", data={"email": CAMILLE}, headers=HOST)
        browser.post(f"/{steps.flow.slug}/{steps.choose_way.slug}", data={"choice": forgotten}, headers=HOST)
        with trace.on():
            browser.post(f"/{steps.flow.slug}/{steps.confirm.slug}", headers=HOST)
            courier.run_once()
        election.clock.move(minutes=5)
    return trace.functions


def new_password(election: World) -> list[str]:
    """Trace MP-6's form."""
    steps = election.services.flows[PasswordFlowPlugin].steps
    election.add()
    browser = create_site(election.services).test_client()
    for password in ("Trois chevaux bleus 41", "Quatre sabots verts 17"):
        token = election.link()
        browser.get(f"/lien/{token}", headers=HOST)
        typed = {"new_password": password, "new_password_again": password}
        trace = Trace()
        with trace.on():
            answer = browser.post(f"/{steps.flow.slug}/{steps.choose_password.slug}", data=typed, headers=HOST)
        assert answer.location == f"/{steps.flow.slug}/{steps.done.slug}", answer.text
        election.clock.move(minutes=5)
    return trace.functions


def freeze(election: World) -> list[str]:
    """Trace a freeze without the terminal: client call, socket, daemon threads and use case."""
    agent = new_agent(election)
    agent.choose_password()
    for email, numen in (("a@ac-lumiere.example", "12A1234567BCD"), ("b@ac-lumiere.example", "13A1234567BCD")):
        trace, voter = Trace(), add_known(election, email, numen)
        with (
            tempfile.TemporaryDirectory() as folder,
            trace.threads(),
            remote_access(election.services, Path(folder)) as terminal,
        ):
            desk = terminal
            session = desk.call(AgentSessions.sign_in, agent.credentials.name, AGENT_PASSWORD, agent.code)
            assert isinstance(session, AgentSession)
            caller = desk.call(CallerVerification.verify, session, voter.id, BIRTH_DATE, numen)
            with trace.on():
                desk.call(AccountFreezing.freeze, session, caller)
                time.sleep(SECONDS_TO_CLOSE)
        election.clock.move(minutes=1)
    return trace.functions


SUBJECTS: dict[str, tuple[Callable[[World], list[str]], int]] = {
    "recovery mail": (recovery_mail, 120),
    "new password": (new_password, 100),
    "freeze": (freeze, 70),
}


@click.command()
def main() -> None:
    """Print each list with its length and goal."""
    logging.disable()  # our test's handler is not the product's
    for name, (trace, most) in SUBJECTS.items():
        with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder)) as kept:
            election = world(kept)
            functions = trace(election)
        click.echo(f"── {name}: {len(functions)} functions, at most {most}")
        for place, function in enumerate(functions, 1):
            click.echo(f"{place:4} {function}")


if __name__ == "__main__":
    main()
