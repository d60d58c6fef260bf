"""`retrouve bounces`: notes in their cases the mails that came back."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.adapters import logs
from core.adapters.dsn import Returned, read_head
from core.adapters.maildir import Maildir
from core.bootstrap import letters_of
from core.ports import Unready
from core.service.bouncing import Bouncing, Outcome
from core.words import bounces as words

log = structlog.get_logger()


@click.command(help=tell(words.HELP))
@IN_FOLDER
@click.option(
    "--maildir",
    "path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=tell(words.MAILDIR_HELP),
)
@click.option("--recipient", "recipients", metavar="ADDRESS", multiple=True, help=tell(words.RECIPIENT_HELP))
def bounces(directory: Path, path: Path | None, recipients: tuple[str, ...]) -> None:
    """All of a Maildir, or the one on standard input."""
    if path is not None:
        _read_all(directory, Maildir(path))
        return
    mail = Returned(read_head(sys.stdin.buffer), recipients)
    with _kept_by_the_server():
        _bouncing(directory).receive(mail)


def _read_all(directory: Path, maildir: Maildir) -> None:
    if not maildir.exists:
        raise click.UsageError(tell(words.NOT_A_MAILDIR.fill({"path": str(maildir.path)})))
    bouncing, outcomes = _bouncing(directory), Counter[Outcome]()
    try:
        for mail, head in maildir.waiting():
            outcomes[bouncing.receive(Returned(head))] += 1
            maildir.put_away(mail)
    except Unready as unready:
        log.warning("store-unready", reason=str(unready))
        sys.exit(os.EX_TEMPFAIL)
    finally:
        _tell(outcomes)


def _bouncing(directory: Path) -> Bouncing:
    house = open_house(directory)
    logs.configure(house.settings.log_level, process="bounces")
    return Bouncing(house.tools, letters_of(house).case_of_bounce)


def _tell(outcomes: Counter[Outcome]) -> None:
    read, noted, before = outcomes.total(), outcomes[Outcome.NOTED], outcomes[Outcome.NOTED_BEFORE]
    facts = {"read": read, "noted": noted, "noted_before": before, "left_aside": read - noted - before}
    click.echo(tell(words.DONE.fill(facts)))


@contextmanager
def _kept_by_the_server() -> Iterator[None]:
    """Whatever goes wrong, settings and keys included, the server keeps the mail and tries again later (sysexits(3))."""
    try:
        yield
    except SystemExit:
        sys.exit(os.EX_TEMPFAIL)
    except Unready as unready:
        log.warning("store-unready", reason=str(unready))
        sys.exit(os.EX_TEMPFAIL)
    except Exception:
        log.exception("bounce-not-noted")
        sys.exit(os.EX_TEMPFAIL)
