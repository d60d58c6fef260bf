"""The command `retrouve bounces`, which records bounced emails."""

import logging
import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, option, say, translate_for_terminal
from core.adapters import logs
from core.adapters.bounce_parser import MOST_BYTES, BounceMailParser, read_mail_beginning
from core.app.election_folder import mail_composer_of
from core.delivery.bounce_recording import BounceOutcome, BounceRecorder
from core.ports import StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.faces import bounce_sentences as words

SEEN_SUFFIX = ":2,S"
log = logging.getLogger("retrouve")


@click.command(help=translate_for_terminal(words.HELP))
@IN_FOLDER
@option("--maildir", "path", type=click.Path(exists=True, file_okay=False, path_type=Path), help=words.MAILDIR_HELP)
@option("--recipient", "recipients", metavar="ADDRESS", multiple=True, help=words.RECIPIENT_HELP)
def bounces(directory: Path, path: Path | None, recipients: tuple[str, ...]) -> None:
    if path is not None:
        _read_all(directory, path)
        return
    mail = BounceMailParser(read_mail_beginning(sys.stdin.buffer), recipients)
    try:
        _bouncing(directory).record_returned_mail(mail)
    except SystemExit:
        pass
    except StoreUnavailable as unready:
        log.warning("store-unready", extra={"reason": str(unready), "cause": unready})
    except Exception:
        log.exception("bounce-not-noted")
    else:
        return
    sys.exit(os.EX_TEMPFAIL)  # tells the mail server to keep the email and try again later (sysexits(3))


def _read_all(directory: Path, maildir: Path) -> None:
    """Record each unread email in a maildir, and then mark it as read."""
    if not (maildir / "new").is_dir():
        raise click.UsageError(translate_for_terminal(words.NOT_A_MAILDIR.fill({"path": str(maildir)})))
    bouncing, outcomes = _bouncing(directory), Counter[BounceOutcome]()
    try:
        for mail in sorted((maildir / "new").iterdir()):
            with suppress(FileNotFoundError):  # another process has moved it
                with mail.open("rb") as file:
                    head = file.read(MOST_BYTES)
                outcomes[bouncing.record_returned_mail(BounceMailParser(head))] += 1
                mail.rename(maildir / "cur" / f"{mail.name}{SEEN_SUFFIX}")
    except StoreUnavailable as unready:
        log.warning("store-unready", extra={"reason": str(unready), "cause": unready})
        sys.exit(os.EX_TEMPFAIL)
    finally:
        read, noted, before = outcomes.total(), outcomes[BounceOutcome.NOTED], outcomes[BounceOutcome.NOTED_BEFORE]
        say(words.DONE, read=read, noted=noted, noted_before=before, left_aside=read - noted - before)


def _bouncing(directory: Path) -> BounceRecorder:
    services = open_services_or_exit(directory, ProgramKeyRole.BOUNCES)
    logs.configure_logs(services.settings.log_level, process="bounces")
    return BounceRecorder(services.dependencies, mail_composer_of(services).bounces.case_of)
