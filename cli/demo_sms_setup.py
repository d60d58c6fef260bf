"""The SMS of a demo: sent to a small gateway that speaks as Kannel does, or through Kannel itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.demo_folder import SMS_SECRET_FILE, TELEPHONE_FILE
from cli.demo_processes import free_port
from cli.local_kannel import SMPP_SMSC, LocalKannel, is_kannel_installed
from cli.terminal_translation import CommandRefused
from core.policy.urls import sms_answer_url
from core.text.faces import demo_cli_sentences as words
from demo.telephone.http_gateway import GATEWAY_USER, SENDSMS
from demo.telephone.smpp_operator import PASSWORD_LENGTH

USERNAME = "retrouve"
SENDER = "38000"
KANNEL_FOLDER = "kannel"
ENDED_WITH_THE_DEMO = ("setpriv", "--pdeathsig", "KILL")
"""The launcher that ends the boxes with a demo that is killed; their spool loses nothing then."""


@dataclass(frozen=True)
class DemoSmsSetup:
    """The telephones' command, the gateway's settings, and Kannel if it is used."""

    folder: Path
    site: str
    kannel: LocalKannel | None = None
    port: int = field(default_factory=free_port)

    @property
    def command(self) -> list[str]:
        """The telephones' command: an operator behind Kannel, otherwise the gateway itself."""
        files = ["--file", str(self.folder / TELEPHONE_FILE), "--secret-file", str(self.folder / SMS_SECRET_FILE)]
        place = ["telephone", *files, "--port", str(self.port)]
        if self.kannel is not None:
            return [*place, "--username", SENDER]
        return [*place, "--username", USERNAME, "--inbound", sms_answer_url(self.site)]

    @property
    def variables(self) -> dict[str, str]:
        """The settings of the gateway."""
        url = f"http://127.0.0.1:{self.port}{SENDSMS}" if self.kannel is None else self.kannel.sendsms_url
        gateway = {"url": url, "username": USERNAME, "password_file": SMS_SECRET_FILE, "sender": SENDER}
        return {"RETROUVE_SMS__GATEWAYS": json.dumps([gateway])}

    @contextmanager
    def run_kannel(self) -> Iterator[None]:
        """Run Kannel inside the block, if it is used."""
        if self.kannel is None:
            yield
            return
        self.kannel.configure()
        try:
            self.kannel.start()
            yield
        except TimeoutError:
            raise CommandRefused(words.KANNEL_NOT_READY, logs=str(self.kannel.folder)) from None
        finally:
            self.kannel.stop()


def choose_demo_sms_setup(folder: Path, site: str, *, kannel: bool) -> DemoSmsSetup:
    """Choose the setup. Raises CommandRefused where Kannel is asked for and not installed."""
    if not kannel:
        return DemoSmsSetup(folder, site)
    if not is_kannel_installed():
        raise CommandRefused(words.NO_KANNEL)
    secret = (folder / SMS_SECRET_FILE).read_text("utf-8").strip()
    operator_port = free_port()
    boxes = LocalKannel(
        folder=folder.resolve() / KANNEL_FOLDER,
        admin_port=free_port(),
        box_port=free_port(),
        send_port=free_port(),
        smsc=SMPP_SMSC.format(port=operator_port, password=secret[:PASSWORD_LENGTH]),
        username=USERNAME,
        password=secret,
        inbound=sms_answer_url(site.replace("//", f"//{GATEWAY_USER}:{secret}@")),
        launcher=ENDED_WITH_THE_DEMO,
    )
    return DemoSmsSetup(folder, site, boxes, operator_port)
