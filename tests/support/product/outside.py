"""Runs the demo's mail server or SMS gateway as a separate process, which tests can kill.

The first argument is `mailbox` or `telephone`.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event

from core.adapters.database_clock import DatabaseSyncedClock
from core.text.urls import sms_answer_url
from demo.folder import MAILBOX_FILE, SMS_SECRET_FILE, TELEPHONE_FILE
from demo.mailbox import DemoMailFile, start_mail_server
from demo.sms_gateway import DemoGatewayAccount, start_gateway
from demo.telephones import DemoSmsStore


def main(arguments: Sequence[str]) -> None:
    """Run the server until a signal ends the process."""
    parser = ArgumentParser()
    parser.add_argument("part", choices=["mailbox", "telephone"])
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--site", required=True)
    given = parser.parse_args(arguments)
    if given.part == "mailbox":
        start_mail_server(DemoMailFile(given.dir / MAILBOX_FILE), given.host, given.port)
    else:
        ahead = timedelta(seconds=int(os.environ.get("RETROUVE_CLOCK_OFFSET_SECONDS", "0")))
        telephones = DemoSmsStore(given.dir / TELEPHONE_FILE, DatabaseSyncedClock(ahead))
        secret = (given.dir / SMS_SECRET_FILE).read_text("utf-8").strip()
        inbound = sms_answer_url(given.site)
        account = DemoGatewayAccount(username="retrouve", password=secret, inbound=inbound, secret=secret)
        start_gateway(telephones, account, given.host, given.port)
    Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
