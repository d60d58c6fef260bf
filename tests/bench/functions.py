"""`python -m tests.bench.functions`: list the functions of ours that run for a recovery mail, a new password and a freeze.

Each list is traced with `sys.setprofile` on SQLite, on a second run, so that what is cached once a process is left out. The
number of functions is how much code a newcomer must read to follow one act from the form to its effect.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from structlog.testing import capture_logs

from core.flows.password.definition import ForgotPasswordAnswer
from core.flows.password.plugin import PasswordFlowPlugin
from tests.support.desk import add_known, signed_in_agent, verified_caller
from tests.support.election import CAMILLE
from tests.support.stores import sqlite
from tests.support.worlds import World, world
from webhook.site_application import create_site

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("cli", "core", "demo", "guides", "templates", "tui", "webhook"))
EXPRESSION = re.compile(r"<(listcomp|dictcomp|setcomp|genexpr|lambda)>$")
"""What is part of the function around it: a comprehension, a generator expression, a lambda."""
HOST = {"Host": "127.0.0.1"}


@contextmanager
def traced(found: list[str]) -> Iterator[None]:
    """Add each function of ours that is entered inside the block to `found`, once, in the order of the first call."""
    known = set(found)

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(OURS) or EXPRESSION.search(frame.f_code.co_name):
            return
        module = Path(frame.f_code.co_filename).relative_to(ROOT).with_suffix("")
        name = f"{'.'.join(module.parts)}.{frame.f_code.co_qualname}"
        if name not in known:
            known.add(name)
            found.append(name)

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def recovery_mail(election: World) -> list[str]:
    """Trace MP-1's and MP-3's forms and the courier's round that sends the mail."""
    steps = election.services.flows[PasswordFlowPlugin].steps
    forgotten = next(act.name for act in steps.choose_way.actions if act.answers is ForgotPasswordAnswer)
    courier = election.courier()
    functions: list[str] = []
    election.add()
    browser = create_site(election.services).test_client()
    for _ in range(2):
        del functions[:]
        with traced(functions):
            browser.post("/", data={"email": CAMILLE}, headers=HOST)
        browser.post(f"/{steps.flow.slug}/{steps.choose_way.slug}", data={"choice": forgotten}, headers=HOST)
        with traced(functions):
            browser.post(f"/{steps.flow.slug}/{steps.confirm.slug}", headers=HOST)
            courier.run_once()
        election.clock.move(minutes=5)
    return functions


def new_password(election: World) -> list[str]:
    """Trace MP-6's form."""
    steps = election.services.flows[PasswordFlowPlugin].steps
    election.add()
    browser = create_site(election.services).test_client()
    functions: list[str] = []
    for password in ("Trois chevaux bleus 41", "Quatre sabots verts 17"):
        token = election.link()
        browser.get(f"/lien/{token}", headers=HOST)
        typed = {"new_password": password, "new_password_again": password}
        del functions[:]
        with traced(functions):
            answer = browser.post(f"/{steps.flow.slug}/{steps.choose_password.slug}", data=typed, headers=HOST)
        assert answer.location == f"/{steps.flow.slug}/{steps.done.slug}", answer.text
        election.clock.move(minutes=5)
    return functions


def freeze(election: World) -> list[str]:
    """Trace the desk's freeze of an account, from the use case that the terminal calls."""
    functions: list[str] = []
    session = signed_in_agent(election)
    for email, numen in (("a@ac-lumiere.example", "12A1234567BCD"), ("b@ac-lumiere.example", "13A1234567BCD")):
        caller = verified_caller(election, session, add_known(election, email, numen), numen)
        del functions[:]
        with traced(functions):
            election.services.desk.freezing.freeze(session, caller)
    return functions


SUBJECTS: dict[str, tuple[Callable[[World], list[str]], int]] = {
    "recovery mail": (recovery_mail, 120),
    "new password": (new_password, 100),
    "freeze": (freeze, 70),
}


@click.command()
def main() -> None:
    """Print each list, and its length beside the most that it may have."""
    for name, (trace, most) in SUBJECTS.items():
        with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder)) as kept, capture_logs():
            election = world(kept)
            functions = trace(election)
        click.echo(f"── {name}: {len(functions)} functions, at most {most}")
        for place, function in enumerate(functions, 1):
            click.echo(f"{place:4} {function}")


if __name__ == "__main__":
    main()
